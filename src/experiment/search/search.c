#include "experiment/search/search_settings.h"

#include "base/file.h"
#include "base/log.h"
#include "config/match.h"
#include "evaluate/metric.h"
#include "record/record.h"

#include <math.h>
#include <stdio.h>

/* --- a rung ----------------------------------------------------------------------------------- */

/* One model of the rung's experiment. */
static cJSON *candidate_model(const struct search_model *model, const cJSON *entry, size_t rung,
                              size_t k) {
    char name[256];
    int epochs = model->rungs[rung].epochs;
    snprintf(name, sizeof name, "%s-search-%03zu-e%d", model->plan->name, k, epochs);
    cJSON *made = cJSON_Duplicate(entry, 1);
    apply_settings(made, model->candidates[k].settings);
    cJSON *changes = cJSON_CreateObject();
    cJSON_AddStringToObject(changes, "name", name);
    cJSON_AddNumberToObject(cJSON_AddObjectToObject(changes, "train"), "epochs", epochs);
    cJSON_AddNullToObject(changes, "search");
    json_merge(&made, changes);
    cJSON_Delete(changes);
    return made;
}

/* An experiment of the rung's trials alone, without all that is for the test. */
static cJSON *rung_config(const struct search *search, size_t rung) {
    cJSON *config = cJSON_Duplicate(search->experiment->source, 1);
    cJSON *models = cJSON_CreateArray();
    const cJSON *entry = cJSON_GetObjectItemCaseSensitive(config, "models")->child;
    for (size_t m = 0; m < search->model_count; m++, entry = entry->next) {
        const struct search_model *model = &search->models[m];
        for (size_t i = 0; rung < model->rung_count && i < model->alive_count; i++)
            cJSON_AddItemToArray(models, candidate_model(model, entry, rung, model->alive[i]));
    }
    cJSON *changes = cJSON_Parse("{\"search\": null, \"published\": null, \"reference\": null,"
                                 " \"hypotheses\": null, \"target\": null,"
                                 " \"baselines\": [], \"evaluate\": {\"noise\": null,"
                                 " \"ood\": null, \"latency_steps\": 0}}");
    char name[80];
    snprintf(name, sizeof name, "%.60s-rung-%zu", search->experiment->name, rung + 1);
    cJSON_AddStringToObject(changes, "name", name);
    cJSON_AddItemToObject(changes, "models", models);
    cJSON_AddItemToObject(changes, "seeds",
                          cJSON_CreateIntArray(&search->experiment->search.seed, 1));
    json_merge(&config, changes);
    cJSON_Delete(changes);
    return config;
}

static bool has_trials(const struct search *search, size_t rung) {
    for (size_t m = 0; m < search->model_count; m++)
        if (rung < search->models[m].rung_count && search->models[m].alive_count > 0)
            return true;
    return false;
}

static cJSON *trial_json(const struct trial_plan *trial, const struct candidate *candidate,
                         size_t k, const struct record_summary *summary) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "number", (double)k);
    cJSON_AddStringToObject(json, "trial", trial->stem);
    cJSON_AddStringToObject(json, "status", trial_status_name(summary->status));
    cJSON_AddNumberToObject(json, "epochs", summary->epochs);
    cJSON_AddNumberToObject(json, "valid", candidate->score);
    cJSON_AddItemToObject(json, "settings", cJSON_Duplicate(candidate->settings, 1));
    return json;
}

/* Reads the rung's scores back. The plan has its trials in the order of rung_config(). */
static bool take_scores(struct search *search, const struct plan *plan, const char *folder,
                        size_t rung, struct error *error) {
    const struct trial_plan *trial = plan->trials;
    for (size_t m = 0; m < search->model_count; m++) {
        struct search_model *model = &search->models[m];
        for (size_t i = 0; rung < model->rung_count && i < model->alive_count; i++, trial++) {
            struct candidate *candidate = &model->candidates[model->alive[i]];
            struct record_summary summary;
            if (!record_read(folder, plan, trial, &summary))
                return error_set(error, "%s/trials/%s.json: cannot be read back", folder,
                                 trial->stem);
            candidate->score = summary.status == TRIAL_OK ? summary.score : NAN;
            cJSON_AddItemToArray(model->trials,
                                 trial_json(trial, candidate, model->alive[i], &summary));
        }
    }
    return true;
}

/* Puts the better one first: without a score last, the first drawn among equals. */
static void rank(struct search_model *model, bool higher_is_better) {
    for (size_t i = 1; i < model->alive_count; i++) { /* by insertion, which is stable */
        size_t k = model->alive[i], place = i;
        double score = model->candidates[k].score;
        for (; place > 0; place--) {
            double other = model->candidates[model->alive[place - 1]].score;
            bool better = higher_is_better ? score > other : score < other;
            if (!better && !(isnan(other) && !isnan(score)))
                break;
            model->alive[place] = model->alive[place - 1];
        }
        model->alive[place] = k;
    }
}

/* The best go on, as many as the next rung has trials; never those without a score. In the last
 * rung one is left: the model's choice. */
static bool promote(struct search *search, size_t rung, struct error *error) {
    bool higher = metric_find(search->experiment->metric)->higher_is_better;
    for (size_t m = 0; m < search->model_count; m++) {
        struct search_model *model = &search->models[m];
        if (rung >= model->rung_count)
            continue;
        rank(model, higher);
        size_t max = rung + 1 < model->rung_count ? model->rungs[rung + 1].trials : 1, finite = 0;
        while (finite < model->alive_count && !isnan(model->candidates[model->alive[finite]].score))
            finite++;
        if (finite == 0)
            return error_set(error,
                             "search: no trial of %s has a validation score; search/trials says "
                             "why, and another space may help",
                             model->plan->name);
        model->alive_count = finite < max ? finite : max;
    }
    return true;
}

/* --- the search ------------------------------------------------------------------------------- */

static void begin(struct search *search) {
    for (size_t m = 0; m < search->model_count; m++) {
        struct search_model *model = &search->models[m];
        cJSON_Delete(model->trials);
        model->trials = cJSON_CreateArray();
        model->alive_count = model->rungs[0].trials;
        for (size_t k = 0; k < model->alive_count; k++)
            model->alive[k] = k;
    }
}

/* Operations of the rungs that follow, as this one's trials cost. The plan has them in the order of
 * rung_config(). */
static double later_work(const struct search *search, const struct plan *plan, size_t rung) {
    const struct trial_plan *trial = plan->trials;
    double sum = 0;
    for (size_t m = 0; m < search->model_count; m++) {
        const struct search_model *model = &search->models[m];
        if (rung >= model->rung_count)
            continue;
        double later = rungs_epochs(model->rungs + rung + 1, model->rung_count - rung - 1);
        double now = rungs_epochs(model->rungs + rung, 1);
        for (size_t i = 0; i < model->alive_count; i++, trial++)
            sum += trial->work * later / now;
    }
    return sum;
}

static bool run_rung(struct search *search, size_t rung, const struct dataset *dataset,
                     const struct run_options *options, struct run_result *result,
                     struct error *error) {
    struct arena arena = {0};
    struct experiment experiment;
    struct plan plan;
    log_info("Search, rung %zu of %zu", rung + 1, search->rung_count);
    bool ran = experiment_read(&experiment, search->experiment->config_path,
                               rung_config(search, rung), error);
    experiment.is_searching = true;
    ran = ran && match_models(&experiment, dataset, error) &&
          plan_make(&plan, &experiment, dataset, &arena, error);
    struct run_options inner = *options;
    if (ran)
        inner.later_work += later_work(search, &plan, rung);
    ran = ran && run_plan(&plan, &inner, result, error);
    bool is_complete = ran && result->signal == 0 && result->missing == 0;
    ran = ran && (!is_complete || take_scores(search, &plan, options->folder, rung, error));
    experiment_free(&experiment);
    arena_free(&arena);
    return ran;
}

static cJSON *model_json(const struct search_model *model) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "name", model->plan->name);
    cJSON_AddNumberToObject(json, "budget", rungs_epochs(model->rungs, model->rung_count));
    cJSON_AddNumberToObject(json, "chosen", (double)model->alive[0]);
    cJSON_AddItemToObject(json, "settings",
                          cJSON_Duplicate(model->candidates[model->alive[0]].settings, 1));
    cJSON_AddItemToObject(json, "space", cJSON_Duplicate(model->space_json, 1));
    cJSON_AddItemToObject(json, "trials", cJSON_Duplicate(model->trials, 1));
    return json;
}

static bool save(const struct search *search, const char *folder, struct error *error) {
    const struct experiment *experiment = search->experiment;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "method",
                            search_method_name((size_t)experiment->search.method - 1));
    const struct metric_type *metric = metric_find(experiment->metric);
    cJSON *info = cJSON_AddObjectToObject(json, "metric");
    cJSON_AddStringToObject(info, "name", metric->name);
    cJSON_AddStringToObject(info, "title", metric->title);
    cJSON_AddBoolToObject(info, "higher_is_better", metric->higher_is_better);
    cJSON_AddNumberToObject(json, "seed", experiment->search.seed);
    cJSON *models = cJSON_AddArrayToObject(json, "models");
    for (size_t m = 0; m < search->model_count; m++)
        cJSON_AddItemToArray(models, model_json(&search->models[m]));
    struct arena arena = {0};
    bool saved = json_save(json, path_join(&arena, folder, "search.json"), error);
    arena_free(&arena);
    cJSON_Delete(json);
    return saved;
}

static void tell(const struct search *search) {
    for (size_t m = 0; m < search->model_count; m++) {
        const struct search_model *model = &search->models[m];
        const struct candidate *best = &model->candidates[model->alive[0]];
        char *settings = cJSON_PrintUnformatted(best->settings);
        log_info("Search: %s gets %s: validation %s %.4g, the best of %zu", model->plan->name,
                 settings, search->experiment->metric, best->score, model->rungs[0].trials);
        cJSON_free(settings);
    }
}

bool search_run(struct search *search, const struct dataset *dataset,
                const struct run_options *options, struct run_result *result, struct error *error) {
    struct arena arena = {0};
    struct run_options inner = *options;
    inner.folder = path_join(&arena, options->folder, "search");
    inner.only = NULL;
    bool good = true, over = false;
    begin(search);
    for (size_t rung = 0; good && !over && has_trials(search, rung); rung++) {
        good = run_rung(search, rung, dataset, &inner, result, error);
        over = good && (result->signal != 0 || result->missing > 0);
        good = good && (over || promote(search, rung, error));
    }
    if (good && !over) {
        good = save(search, options->folder, error);
        tell(search);
    }
    arena_free(&arena);
    return good;
}

cJSON *search_outcome(const struct search *search) {
    struct arena arena = {0};
    size_t *choice = ARENA_NEW(&arena, size_t, search->model_count);
    for (size_t m = 0; m < search->model_count; m++)
        choice[m] = search->models[m].alive[0];
    cJSON *config = config_with(search, choice);
    arena_free(&arena);
    return config;
}
