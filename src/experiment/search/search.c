#include "experiment/search/search.h"

#include "base/file.h"
#include "base/log.h"
#include "config/match.h"
#include "evaluate/metric.h"
#include "record/record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_halving(const struct search_options *options) {
    return options->method == SEARCH_HALVING;
}

static bool is_grid(const struct search_options *options) {
    return options->method == SEARCH_GRID;
}

/* --- budget ----------------------------------------------------------------------------------- */

size_t search_rungs(const struct search_options *options, size_t trials, int epochs,
                    struct rung *rungs) {
    size_t count = 1, rest = trials;
    int first = epochs;
    while (is_halving(options) && count < MAX_RUNGS && rest >= (size_t)options->factor &&
           first / options->factor >= options->min_epochs) {
        rest /= (size_t)options->factor;
        first /= options->factor;
        count++;
    }
    for (size_t r = count; r-- > 0; epochs /= options->factor)
        rungs[r].epochs = epochs;
    for (size_t r = 0; r < count; r++, trials /= (size_t)options->factor)
        rungs[r].trials = trials;
    return count;
}

double rungs_epochs(const struct rung *rungs, size_t count) {
    double epochs = 0;
    for (size_t r = 0; r < count; r++)
        epochs += (double)rungs[r].trials * rungs[r].epochs;
    return epochs;
}

/* The most trials that `budget` epochs are enough for. More of them may take less, with a rung
 * more: so all numbers are checked. */
static size_t affordable_trials(const struct search_options *options, int epochs) {
    struct rung rungs[MAX_RUNGS] = {{0}};
    size_t max = 0;
    for (size_t trials = 1; trials <= MAX_SEARCH_TRIALS; trials++)
        if (rungs_epochs(rungs, search_rungs(options, trials, epochs, rungs)) <= options->epochs)
            max = trials;
    return max;
}

/* All models have the same, in trials and in epochs. */
static bool check_equal_budgets(const struct search *search, struct error *error) {
    const struct search_model *first = &search->models[0];
    for (size_t m = 1; m < search->model_count; m++) {
        const struct search_model *model = &search->models[m];
        if (model->rungs[0].trials != first->rungs[0].trials)
            return error_set(
                error,
                "search: the grid of %s has %zu settings and that of %s %zu, but every "
                "model gets the same budget; use another method, or other \"points\"",
                first->plan->name, first->rungs[0].trials, model->plan->name,
                model->rungs[0].trials);
        if (model->plan->train.epochs != first->plan->train.epochs)
            return error_set(error,
                             "search: %s trains for %d epochs and %s for %d, so that the same "
                             "number of trials is not the same budget; give the budget in "
                             "search.epochs, or all models the same train.epochs",
                             first->plan->name, first->plan->train.epochs, model->plan->name,
                             model->plan->train.epochs);
    }
    return true;
}

static bool check_budget(const struct search_options *options, struct error *error) {
    bool in_trials = options->trials > 0, in_epochs = options->epochs > 0;
    if (is_grid(options) && (in_trials || in_epochs))
        return error_set(error,
                         "search: a grid has no other budget than its size; take \"%s\" away",
                         in_trials ? "trials" : "epochs");
    if (!is_grid(options) && in_trials == in_epochs)
        return error_set(error,
                         "search: give the budget of a model in \"trials\" or in \"epochs\"");
    return true;
}

/* --- plan ------------------------------------------------------------------------------------- */

static cJSON *draw_settings(const struct search_options *options, const struct space *space,
                            size_t trials, struct error *error) {
    if (is_grid(options))
        return space_grid(space, MAX_SEARCH_TRIALS, error);
    return space_draw(space, options->method == SEARCH_SOBOL ? SPACE_SOBOL : SPACE_RANDOM, trials,
                      (uint64_t)options->seed, error);
}

/* The space of all models with the model's own changes. */
static cJSON *merged_space(const struct search *search, const struct model_plan *plan) {
    const cJSON *shared = search->experiment->search.space;
    cJSON *merged = cJSON_IsObject(shared) ? cJSON_Duplicate(shared, 1) : cJSON_CreateObject();
    for (const cJSON *item = plan->space != NULL ? plan->space->child : NULL; item != NULL;
         item = item->next) {
        cJSON_DeleteItemFromObjectCaseSensitive(merged, item->string);
        if (!cJSON_IsNull(item))
            cJSON_AddItemToObject(merged, item->string, cJSON_Duplicate(item, 1));
    }
    return merged;
}

static bool read_space(struct search *search, struct search_model *model, struct error *error) {
    const cJSON *shared = search->experiment->search.space, *own = model->plan->space;
    if ((shared != NULL && !cJSON_IsObject(shared)) || (own != NULL && !cJSON_IsObject(own)))
        return error_set(error,
                         "must be an object, as in {\"train.learning_rate\": [0.001, 0.01]}");
    model->space_json = merged_space(search, model->plan);
    return space_read(&model->space, model->space_json, &search->arena, error);
}

static bool check_space(const struct search *search, const struct search_model *model,
                        struct error *error) {
    static const char *const sizes[] = {"hidden", "wiring.units"};
    enum { SIZES = sizeof sizes / sizeof sizes[0], LONGEST_NAME = 60 };
    if (strlen(model->plan->name) > LONGEST_NAME)
        return error_set(error,
                         "search: the name \"%s\" is longer than %d characters, too long for "
                         "names of trials",
                         model->plan->name, LONGEST_NAME);
    for (size_t d = 0; search->experiment->match.parameters > 0 && d < model->space.count; d++)
        for (size_t i = 0; i < SIZES; i++)
            if (strcmp(model->space.dimensions[d].path, sizes[i]) == 0)
                return error_set(
                    error,
                    "search.space of %s: %s: \"match\" decides it; take one of the two "
                    "away",
                    model->plan->name, sizes[i]);
    return true;
}

static bool plan_model(struct search *search, struct search_model *model, struct error *error) {
    const struct search_options *options = &search->experiment->search;
    struct arena *arena = &search->arena;
    int epochs = model->plan->train.epochs;
    if (!read_space(search, model, error))
        return error_prefix(error, "search.space of %s", model->plan->name);
    if (!check_space(search, model, error))
        return false;
    size_t trials =
        options->epochs > 0 ? affordable_trials(options, epochs) : (size_t)options->trials;
    if (!is_grid(options) && trials == 0)
        return error_set(error, "search.epochs: %d is too few for a trial of %s, which takes %d",
                         options->epochs, model->plan->name, epochs);
    if (is_halving(options) && options->min_epochs > epochs)
        return error_set(error, "search.min_epochs: %d is more than the train.epochs of %s, %d",
                         options->min_epochs, model->plan->name, epochs);
    model->settings = draw_settings(options, &model->space, trials, error);
    if (model->settings == NULL)
        return error_prefix(error, "search.space of %s", model->plan->name);
    trials = (size_t)cJSON_GetArraySize(model->settings);
    model->rungs = ARENA_NEW(arena, struct rung, MAX_RUNGS);
    model->rung_count = search_rungs(options, trials, epochs, model->rungs);
    model->candidates = ARENA_NEW(arena, struct candidate, trials);
    model->alive = ARENA_NEW(arena, size_t, trials);
    const cJSON *settings = model->settings->child;
    for (size_t k = 0; k < trials; k++, settings = settings->next)
        model->candidates[k].settings = settings;
    return true;
}

/* {"train.learning_rate": 0.1} over a model: {"train": {"learning_rate": 0.1}}. */
static void apply_settings(cJSON *model, const cJSON *settings) {
    for (const cJSON *setting = settings->child; setting != NULL; setting = setting->next) {
        cJSON *patch = cJSON_Duplicate(setting, 1);
        const char *path = setting->string, *end = path + strlen(path);
        while (end > path) { /* from the innermost name outwards */
            const char *start = end;
            while (start > path && start[-1] != '.')
                start--;
            char name[128];
            snprintf(name, sizeof name, "%.*s", (int)(end - start), start);
            cJSON *outer = cJSON_CreateObject();
            cJSON_AddItemToObject(outer, name, patch);
            patch = outer;
            end = start > path ? start - 1 : path;
        }
        json_merge(&model, patch);
        cJSON_Delete(patch);
    }
}

/* The config with the settings `choice[m]` in each model m. */
static cJSON *config_with(const struct search *search, const size_t *choice) {
    cJSON *config = cJSON_Duplicate(search->experiment->source, 1);
    cJSON *model = cJSON_GetObjectItemCaseSensitive(config, "models")->child;
    for (size_t m = 0; m < search->model_count; m++, model = model->next)
        apply_settings(model, search->models[m].candidates[choice[m]].settings);
    return config;
}

/* The settings are checked on the config itself, so that errors name places that its author knows. */
static bool check_settings(const struct search *search, struct error *error) {
    size_t max = 0;
    bool good = true;
    for (size_t m = 0; m < search->model_count; m++)
        max = search->models[m].rungs[0].trials > max ? search->models[m].rungs[0].trials : max;
    size_t *choice = mem_resize(NULL, search->model_count * sizeof *choice);
    for (size_t k = 0; good && k < max; k++) {
        for (size_t m = 0; m < search->model_count; m++)
            choice[m] = k < search->models[m].rungs[0].trials ? k : 0;
        struct experiment changed;
        good = experiment_read(&changed, search->experiment->config_path,
                               config_with(search, choice), error);
        experiment_free(&changed);
    }
    free(choice);
    return good;
}

bool search_plan(struct search *search, const struct experiment *experiment, struct error *error) {
    *search = (struct search){.experiment = experiment};
    const struct search_options *options = &experiment->search;
    const char *place = experiment->config_path;
    search->models = ARENA_NEW(&search->arena, struct search_model, experiment->model_count);
    if (!check_budget(options, error))
        return error_prefix(error, "%s", place);
    for (size_t m = 0; m < experiment->model_count && experiment->models[m].cell != NULL; m++) {
        struct search_model *model = &search->models[search->model_count++];
        model->plan = &experiment->models[m];
        if (!plan_model(search, model, error))
            return error_prefix(error, "%s", place);
        search->rung_count =
            model->rung_count > search->rung_count ? model->rung_count : search->rung_count;
    }
    if (search->model_count == 0)
        return error_set(error, "%s: search: there are only baselines", place);
    if (options->epochs == 0 && !check_equal_budgets(search, error))
        return error_prefix(error, "%s", place);
    return check_settings(search, error);
}

void search_free(struct search *search) {
    for (size_t m = 0; m < search->model_count; m++) {
        cJSON_Delete(search->models[m].settings);
        cJSON_Delete(search->models[m].space_json);
        cJSON_Delete(search->models[m].trials);
    }
    arena_free(&search->arena);
    *search = (struct search){0};
}

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
