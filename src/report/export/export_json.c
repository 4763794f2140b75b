/* report.json: everything the page says, for programs. What is not known is null, and so is what
 * cannot be written because a score is not finite (cJSON prints both as null): "not_finite" and
 * "seeds_not_finite" count those seeds. */
#include "report/export/exporter.h"

#include "base/json.h"
#include "evaluate/measure.h"
#include "report/results/breakdown.h"

#include <math.h>

static cJSON *put_object(cJSON *list) {
    cJSON *object = cJSON_CreateObject();
    cJSON_AddItemToArray(list, object);
    return object;
}

static void put_name(cJSON *object, const char *key, const struct model_results *model) {
    if (model == NULL)
        cJSON_AddNullToObject(object, key);
    else
        cJSON_AddStringToObject(object, key, model->name);
}

static cJSON *strings_json(const char *const *texts, size_t count) {
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++)
        cJSON_AddItemToArray(list, cJSON_CreateString(texts[i]));
    return list;
}

static void put_strings(cJSON *object, const char *key, const char *const *texts, size_t count) {
    cJSON_AddItemToObject(object, key, strings_json(texts, count));
}

/* JSON that was printed into the results, or null. */
static void put_parsed(cJSON *object, const char *key, const char *text) {
    cJSON *parsed = cJSON_Parse(text);
    cJSON_AddItemToObject(object, key, parsed == NULL ? cJSON_CreateNull() : parsed);
}

/* ---- Scores ---- */

static void put_scores(cJSON *parent, const char *key, const struct scores *scores) {
    const struct summary *summary = &scores->summary;
    cJSON *object = cJSON_AddObjectToObject(parent, key);
    cJSON_AddNumberToObject(object, "n", (double)summary->count);
    cJSON_AddNumberToObject(object, "not_finite", (double)summary->not_finite);
    cJSON_AddNumberToObject(object, "mean", summary->mean);
    cJSON_AddNumberToObject(object, "std", summary->count > 1 ? summary->deviation : NAN);
    cJSON_AddNumberToObject(object, "iqm", scores->interquartile_mean);
    cJSON_AddNumberToObject(object, "low95", scores->interval.low);
    cJSON_AddNumberToObject(object, "high95", scores->interval.high);
    cJSON_AddNumberToObject(object, "min", summary->min);
    cJSON_AddNumberToObject(object, "max", summary->max);
}

static void put_conditions(cJSON *parent, const struct dataset_results *dataset,
                           const struct model_results *model) {
    static const char *const kinds[] = {
        [CONDITION_SPLIT] = "split", [CONDITION_NOISE] = "noise", [CONDITION_OOD] = "ood"};
    cJSON *list = cJSON_AddArrayToObject(parent, "scores");
    for (size_t c = 0; c < dataset->condition_count; c++) {
        const struct condition *condition = &dataset->conditions[c];
        cJSON *object = put_object(list);
        cJSON_AddStringToObject(object, "condition", kinds[condition->kind]);
        cJSON_AddStringToObject(object, "name", condition->name);
        if (condition->kind == CONDITION_NOISE)
            cJSON_AddNumberToObject(object, "severity", condition->severity);
        if (condition->detail != NULL)
            cJSON_AddStringToObject(object, "detail", condition->detail);
        cJSON_AddNumberToObject(object, "distance", dataset->distances[c]);
        if (c != dataset->test && condition->kind != CONDITION_SPLIT)
            cJSON_AddNumberToObject(object, "ratio_to_clean", ratio_to_clean(dataset, model, c));
        cJSON *metrics = cJSON_AddObjectToObject(object, "metrics");
        for (size_t i = 0; i < dataset->metric_count; i++)
            put_scores(metrics, dataset->metrics[i].name, scores_at(dataset, model, c, i));
    }
}

static void put_degradation(cJSON *object, const struct degradation *degradation) {
    cJSON_AddNumberToObject(object, "area", degradation->area);
    cJSON_AddNumberToObject(object, "growth", degradation->mean);
    cJSON_AddNumberToObject(object, "ce", degradation->corruption);
    cJSON_AddNumberToObject(object, "relative_ce", degradation->relative);
    cJSON_AddNumberToObject(object, "worst_growth", degradation->worst);
    cJSON_AddStringToObject(object, "worst_under", degradation->worst_under);
    cJSON_AddNumberToObject(object, "seeds_not_finite", (double)degradation->not_finite);
}

static void put_robustness(cJSON *parent, const struct degradations *degradations, size_t m) {
    cJSON *object = cJSON_AddObjectToObject(parent, "robustness");
    put_degradation(object, &degradations->overall[m]);
    cJSON_AddNumberToObject(object, "ood_gap", degradations->shift_gap[m]);
    cJSON_AddNumberToObject(object, "ood_ratio", degradations->shift_ratio[m]);
    cJSON *list = cJSON_AddArrayToObject(object, "perturbations");
    for (size_t t = 0; t < degradations->type_count; t++) {
        cJSON *item = put_object(list);
        cJSON_AddStringToObject(item, "name", degradations->types[t]);
        put_degradation(item, &degradations->items[m * degradations->type_count + t]);
    }
}

static void put_summary(cJSON *parent, const char *key, struct summary summary) {
    cJSON *object = cJSON_AddObjectToObject(parent, key);
    cJSON_AddNumberToObject(object, "n", (double)summary.count);
    cJSON_AddNumberToObject(object, "mean", summary.mean);
    cJSON_AddNumberToObject(object, "std", summary.count > 1 ? summary.deviation : NAN);
}

/* The headline metric by target and step ahead. */
static void put_errors(cJSON *parent, const struct dataset_results *dataset,
                       const struct model_results *model) {
    struct arena scratch = {0};
    struct test_part *parts = ARENA_NEW(&scratch, struct test_part, part_limit(dataset) + 1);
    cJSON *errors = cJSON_AddObjectToObject(parent, "errors");
    cJSON *targets = cJSON_AddArrayToObject(errors, "targets");
    size_t count = list_targets(dataset, parts);
    for (size_t p = 0; p < count; p++) {
        cJSON *object = put_object(targets);
        cJSON_AddStringToObject(object, "target", parts[p].target);
        put_summary(object, "score", summarize_part(model, &parts[p]));
    }
    cJSON *horizon = cJSON_AddArrayToObject(errors, "horizon");
    count = list_steps(dataset, parts);
    for (size_t p = 0; p < count; p++) {
        cJSON *object = put_object(horizon);
        cJSON_AddNumberToObject(object, "step", parts[p].step);
        put_summary(object, "score", summarize_part(model, &parts[p]));
    }
    arena_free(&scratch);
}

/* Class-wise scores, and shares of each true class (rows) that each class was predicted for. */
static void put_classes(cJSON *parent, const struct trial *trial,
                        const struct model_results *model) {
    struct arena scratch = {0};
    size_t classes = trial->class_count;
    cJSON *list = cJSON_AddArrayToObject(parent, "classes");
    for (size_t c = 0; c < classes; c++) {
        cJSON *object = put_object(list);
        cJSON_AddStringToObject(object, "class", trial->classes[c].name);
        put_summary(object, "support", summarize_class(model, c, CLASS_SUPPORT));
        put_summary(object, "precision", summarize_class(model, c, CLASS_PRECISION));
        put_summary(object, "recall", summarize_class(model, c, CLASS_RECALL));
        put_summary(object, "f1", summarize_class(model, c, CLASS_F1));
    }
    const double *shares = confusion_shares(model, classes, &scratch);
    cJSON *rows = cJSON_AddArrayToObject(parent, "confusion");
    for (size_t c = 0; shares != NULL && c < classes; c++) {
        cJSON *row = cJSON_CreateArray();
        for (size_t p = 0; p < classes; p++)
            cJSON_AddItemToArray(row, cJSON_CreateNumber(shares[c * classes + p]));
        cJSON_AddItemToArray(rows, row);
    }
    arena_free(&scratch);
}

static void put_trials(cJSON *parent, const struct model_results *model) {
    cJSON *list = cJSON_AddArrayToObject(parent, "trials");
    for (size_t t = 0; t < model->trial_count; t++) {
        const struct trial *trial = model->trials[t];
        cJSON *object = put_object(list);
        cJSON_AddStringToObject(object, "trial", trial->stem);
        cJSON_AddNumberToObject(object, "seed", trial->seed);
        cJSON_AddStringToObject(object, "status", trial->status);
        cJSON_AddStringToObject(object, "error", trial->error);
    }
}

/* Means over the seeds of what records hold for hypotheses. */
static void put_recorded(cJSON *parent, const struct model_results *model) {
    cJSON *object = cJSON_AddObjectToObject(parent, "measures");
    const struct measure_type *type;
    for (size_t m = 0; (type = measure_at(m)) != NULL; m++) {
        double sum = 0, count = 0;
        for (size_t t = 0; t < model->trial_count; t++)
            if (model->trials[t]->ok && !isnan(model->trials[t]->recorded[m])) {
                sum += model->trials[t]->recorded[m];
                count++;
            }
        if (count > 0)
            cJSON_AddNumberToObject(object, type->path, sum / count);
    }
}

static void put_models(cJSON *parent, const struct section *section) {
    const struct dataset_results *dataset = section->results;
    cJSON *list = cJSON_AddArrayToObject(parent, "models");
    for (size_t m = 0; m < dataset->model_count; m++) {
        const struct model_results *model = &dataset->models[m];
        cJSON *object = put_object(list);
        cJSON_AddStringToObject(object, "name", model->name);
        cJSON_AddBoolToObject(object, "baseline", model->baseline);
        cJSON_AddNumberToObject(object, "finished", (double)model->finished);
        put_parsed(object, "options", model->trials[0]->options);
        put_conditions(object, dataset, model);
        cJSON *cost = cJSON_AddObjectToObject(object, "cost");
        for (size_t c = 0; c < COST_COUNT; c++)
            cJSON_AddNumberToObject(cost, cost_infos[c].name, model->costs[c].summary.mean);
        put_recorded(object, model);
        if (section->degradations.type_count > 0 || has_condition(dataset, CONDITION_OOD))
            put_robustness(object, &section->degradations, m);
        put_errors(object, dataset, model);
        const struct trial *classified = trial_with_classes(dataset);
        if (classified != NULL)
            put_classes(object, classified, model);
        put_trials(object, model);
    }
}

/* ---- Tests ---- */

static void put_comparisons(cJSON *parent, const struct pairs *pairs) {
    cJSON *list = cJSON_AddArrayToObject(parent, "comparisons");
    for (size_t p = 0; p < pairs->count; p++) {
        const struct pair *pair = &pairs->items[p];
        cJSON *object = put_object(list);
        put_name(object, "a", pair->a);
        put_name(object, "b", pair->b);
        cJSON_AddNumberToObject(object, "seeds", (double)pair->seeds);
        cJSON_AddNumberToObject(object, "p", pair->p);
        cJSON_AddNumberToObject(object, "holm_p", pair->adjusted);
        cJSON_AddNumberToObject(object, "wilcoxon_p", pair->signed_ranks);
        cJSON_AddNumberToObject(object, "permutation_p", pair->permutation);
        cJSON_AddNumberToObject(object, "cliff_delta", pair->delta);
        put_name(object, "better", pair->better);
        cJSON_AddNumberToObject(object, "seeds_needed", ceil(pair->needed));
        cJSON_AddNumberToObject(object, "difference", pair->difference.value);
        cJSON_AddNumberToObject(object, "low95", pair->difference.interval.low);
        cJSON_AddNumberToObject(object, "high95", pair->difference.interval.high);
        cJSON_AddNumberToObject(object, "seeds_p", pair->seeds_p);
        cJSON_AddNumberToObject(object, "data_p", pair->difference.data_p);
        cJSON_AddNumberToObject(object, "seeds_variance", pair->difference.seeds_variance);
        cJSON_AddNumberToObject(object, "data_variance", pair->difference.data_variance);
        cJSON_AddNumberToObject(object, "data_needed", pair->longer);
    }
}

static cJSON *across_json(const struct section *section) {
    const struct across *across = section->across;
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "headline", section->findings.headline);
    put_strings(object, "findings", section->findings.items, section->findings.count);
    cJSON *friedman = cJSON_AddObjectToObject(object, "friedman");
    cJSON_AddNumberToObject(friedman, "chi2", across->friedman.statistic);
    cJSON_AddNumberToObject(friedman, "p", across->friedman.p);
    cJSON_AddNumberToObject(friedman, "f", across->friedman.f_statistic);
    cJSON_AddNumberToObject(friedman, "f_p", across->friedman.f_p);
    cJSON_AddNumberToObject(object, "critical_difference", across->friedman.critical_difference);
    cJSON *list = cJSON_AddArrayToObject(object, "models");
    for (size_t m = 0; m < across->model_count; m++) {
        cJSON *model = put_object(list);
        put_name(model, "name", across->models[m]);
        cJSON_AddNumberToObject(model, "mean_rank", across->mean_ranks[m]);
        cJSON *ranks = cJSON_AddObjectToObject(model, "ranks");
        for (size_t d = 0; d < across->dataset_count; d++)
            cJSON_AddNumberToObject(ranks, across->datasets[d]->title,
                                    across->ranks[d * across->model_count + m]);
    }
    return object;
}

static void put_published(cJSON *dataset, const struct published *published) {
    if (published->row_count == 0)
        return;
    cJSON *object = cJSON_AddObjectToObject(dataset, "published");
    cJSON_AddStringToObject(object, "source", published->source);
    cJSON_AddStringToObject(object, "metric", published->metric);
    cJSON *scores = cJSON_AddArrayToObject(object, "scores");
    for (size_t r = 0; r < published->row_count; r++) {
        const struct published_row *row = &published->rows[r];
        cJSON *score = put_object(scores);
        cJSON_AddStringToObject(score, "model", row->model);
        if (row->measure[0] != '\0')
            cJSON_AddStringToObject(score, "measure", row->measure);
        cJSON_AddNumberToObject(score, "mean", row->mean);
        cJSON_AddNumberToObject(score, "std", row->deviation);
        cJSON_AddNumberToObject(score, "ours", row->ours != NULL ? row->ours->mean : NAN);
        cJSON_AddNumberToObject(score, "deviation", row->ours != NULL ? row->ours->deviation : NAN);
        cJSON_AddNumberToObject(score, "seeds", row->ours != NULL ? (double)row->ours->count : 0);
        if (row->verdict == NOT_RUN)
            cJSON_AddNullToObject(score, "reproduced");
        else
            cJSON_AddBoolToObject(score, "reproduced", row->verdict == REPRODUCED);
        cJSON_AddStringToObject(score, "outcome", reproduction_name(row->verdict));
    }
}

/* ---- Hypotheses ---- */

/* Effects are ratios of the models to the others. */
static void put_effect(cJSON *object, const struct effect *effect, double low, double high) {
    cJSON_AddNumberToObject(object, "ratio", exp(effect->mean));
    cJSON_AddNumberToObject(object, "low", exp(low));
    cJSON_AddNumberToObject(object, "high", exp(high));
}

static void put_units(cJSON *parent, const struct hypothesis *hypothesis) {
    cJSON *list = cJSON_AddArrayToObject(parent, "datasets");
    for (size_t u = 0; u < hypothesis->unit_count; u++) {
        const struct hypothesis_unit *unit = &hypothesis->units[u];
        cJSON *object = put_object(list);
        cJSON_AddStringToObject(object, "dataset", unit->dataset->name);
        cJSON_AddStringToObject(object, "experiment", unit->dataset->experiment);
        put_effect(object, &unit->effect, unit->low, unit->high);
        cJSON_AddNumberToObject(object, "seeds", (double)unit->effect.count);
        cJSON_AddNumberToObject(object, "failed", (double)unit->failed);
        if (unit->reason != NULL)
            cJSON_AddStringToObject(object, "reason", unit->reason);
    }
}

static cJSON *hypotheses_json(const struct hypotheses *hypotheses) {
    cJSON *list = cJSON_CreateArray();
    for (size_t h = 0; h < hypotheses->count; h++) {
        const struct hypothesis *hypothesis = &hypotheses->items[h];
        cJSON *object = put_object(list);
        fields_write(hypothesis_fields, &hypothesis->options, object);
        cJSON_AddStringToObject(object, "verdict", decision_name(hypothesis->verdict));
        put_effect(object, &hypothesis->effect, hypothesis->low, hypothesis->high);
        cJSON_AddNumberToObject(object, "level", hypothesis->level);
        cJSON_AddNumberToObject(object, "p", hypothesis->p);
        cJSON_AddNumberToObject(object, "holm_p", hypothesis->adjusted);
        cJSON_AddStringToObject(object, "units",
                                hypothesis->effect.units == EFFECT_OF_SEEDS ? "seeds" : "datasets");
        cJSON_AddNumberToObject(object, "count", (double)hypothesis->effect.count);
        cJSON_AddNumberToObject(object, "needed", hypothesis->needed);
        put_units(object, hypothesis);
    }
    return list;
}

/* ---- The whole ---- */

static cJSON *dataset_json(const struct section *section) {
    const struct dataset_results *dataset = section->results;
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "dataset", dataset->name);
    cJSON_AddStringToObject(object, "experiment", dataset->experiment);
    cJSON_AddStringToObject(object, "task", dataset->task);
    cJSON_AddStringToObject(object, "headline", section->findings.headline);
    put_strings(object, "findings", section->findings.items, section->findings.count);
    cJSON *metrics = cJSON_AddArrayToObject(object, "metrics");
    for (size_t i = 0; i < dataset->metric_count; i++) {
        cJSON *metric = put_object(metrics);
        cJSON_AddStringToObject(metric, "name", dataset->metrics[i].name);
        cJSON_AddStringToObject(metric, "title", dataset->metrics[i].title);
        cJSON_AddBoolToObject(metric, "higher_is_better", dataset->metrics[i].higher_is_better);
    }
    put_name(object, "reference", section->degradations.reference);
    put_models(object, section);
    put_comparisons(object, &section->pairs);
    put_published(object, &section->published);
    cJSON *plots = cJSON_AddArrayToObject(object, "plots");
    for (size_t p = 0; p < section->picture_count; p++) {
        cJSON *plot = put_object(plots);
        cJSON_AddStringToObject(plot, "file", section->pictures[p].file);
        cJSON_AddStringToObject(plot, "title", section->pictures[p].title);
        cJSON_AddStringToObject(plot, "description", section->pictures[p].description);
    }
    return object;
}

static cJSON *experiment_json(const struct experiment_results *experiment) {
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "name", experiment->name);
    cJSON_AddNumberToObject(object, "planned",
                            experiment->planned == 0 ? NAN : (double)experiment->planned);
    put_strings(object, "missing", experiment->missing, experiment->missing_count);
    put_parsed(object, "config", experiment->config);
    put_parsed(object, "provenance", experiment->provenance);
    return object;
}

static void write(const struct contents *contents, FILE *out) {
    struct json_stream stream = {.out = out};
    const struct results *results = contents->results;
    json_stream_member(&stream, "format", cJSON_CreateNumber(1));
    json_stream_member(&stream, "title", cJSON_CreateString(contents->title));
    json_stream_member(&stream, "notes", strings_json(contents->notes, contents->note_count));
    size_t first = 0;
    for (; first < contents->section_count && contents->sections[first].results == NULL; first++) {
        const struct section *section = &contents->sections[first];
        if (section->hypotheses != NULL)
            json_stream_member(&stream, "hypotheses", hypotheses_json(section->hypotheses));
        else
            json_stream_member(&stream, "across", across_json(section));
    }
    json_stream_list(&stream, "datasets");
    for (size_t s = first; s < contents->section_count; s++)
        json_stream_item(&stream, dataset_json(&contents->sections[s]));
    json_stream_list_end(&stream);
    json_stream_list(&stream, "experiments");
    for (size_t e = 0; e < results->experiment_count; e++)
        json_stream_item(&stream, experiment_json(&results->experiments[e]));
    json_stream_list_end(&stream);
    json_stream_end(&stream);
}

const struct exporter exporter_json = {"report.json", write};
