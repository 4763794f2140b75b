#include "experiment/trial/details.h"

#include "evaluate/classes.h"
#include "evaluate/influence.h"
#include "evaluate/parts.h"
#include "record/record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* --- errors ----------------------------------------------------------------------------------- */

int next_horizon(int step, int steps) {
    enum { MAX_HORIZONS = 64 };
    if (steps <= MAX_HORIZONS)
        return step + 1;
    int next = (int)ceil(step * pow(steps, 1.0 / (MAX_HORIZONS / 2)));
    return next > step && next < steps ? next : step < steps ? steps : step + 1;
}

/* One target (-1: all) at one step ahead from 1 (0: all). */
static void add_part(const struct predictions *predictions, const struct evaluate_options *options,
                     int target, int step, cJSON *list) {
    struct arena scratch = {0};
    struct dataset view;
    struct predictions part = predictions_part(predictions, target, step - 1, &view, &scratch);
    cJSON *entry = cJSON_CreateObject();
    if (target >= 0)
        cJSON_AddStringToObject(entry, "target", predictions->dataset->target_names[target]);
    else
        cJSON_AddNumberToObject(entry, "step", step);
    cJSON *metrics = cJSON_AddObjectToObject(entry, "metrics");
    for (size_t i = 0; i < options->metrics.count; i++) {
        const struct metric_type *metric = metric_find(options->metrics.items[i]);
        cJSON_AddNumberToObject(metrics, metric->name, metric->score(&part));
    }
    cJSON_AddItemToArray(list, entry);
    arena_free(&scratch);
}

static cJSON *errors_json(const struct predictions *predictions,
                          const struct evaluate_options *options) {
    const struct dataset *dataset = predictions->dataset;
    cJSON *errors = cJSON_CreateObject();
    cJSON *targets = cJSON_AddArrayToObject(errors, "targets");
    for (int target = 0; target < dataset->targets; target++)
        add_part(predictions, options, target, 0, targets);
    cJSON *horizon = cJSON_AddArrayToObject(errors, "horizon");
    for (int step = 1; step <= dataset->horizon; step = next_horizon(step, dataset->horizon))
        add_part(predictions, options, -1, step, horizon);
    return errors;
}

/* --- classes ---------------------------------------------------------------------------------- */

static cJSON *class_json(const char *name, const struct class_count *count) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "class", name);
    cJSON_AddNumberToObject(json, "support", (double)count->truths);
    cJSON_AddNumberToObject(json, "predicted", (double)count->predicted);
    cJSON_AddNumberToObject(json, "correct", (double)count->hits);
    cJSON_AddNumberToObject(json, "precision", class_precision(count));
    cJSON_AddNumberToObject(json, "recall", class_recall(count));
    cJSON_AddNumberToObject(json, "f1", class_f1(count));
    return json;
}

static cJSON *confusion_json(const struct predictions *predictions) {
    enum { MAX_MATRIX = 100 }; /* classes: a matrix of a thousand would be larger than all else */
    struct arena scratch = {0};
    const struct dataset *dataset = predictions->dataset;
    const struct class_count *counts = count_classes(predictions, &scratch);
    cJSON *confusion = cJSON_CreateObject();
    cJSON *classes = cJSON_AddArrayToObject(confusion, "classes");
    for (int c = 0; c < dataset->outputs; c++)
        cJSON_AddItemToArray(classes, class_json(dataset->class_names[c], &counts[c]));
    if (dataset->outputs > MAX_MATRIX) {
        cJSON_AddNullToObject(confusion, "counts");
    } else {
        const size_t *matrix = count_confusions(predictions, &scratch);
        cJSON *rows = cJSON_AddArrayToObject(confusion, "counts");
        for (int c = 0; c < dataset->outputs; c++) {
            cJSON *row = cJSON_CreateArray();
            for (int p = 0; p < dataset->outputs; p++)
                cJSON_AddItemToArray(row,
                                     cJSON_CreateNumber((double)matrix[c * dataset->outputs + p]));
            cJSON_AddItemToArray(rows, row);
        }
    }
    arena_free(&scratch);
    return confusion;
}

/* --- sampling --------------------------------------------------------------------------------- */

/* Five digits are more than a variance needs. */
static double rounded(double value) {
    char text[32];
    snprintf(text, sizeof text, "%.5g", value);
    return strtod(text, NULL);
}

static cJSON *sampling_json(const struct predictions *predictions,
                            const struct metric_type *metric) {
    struct arena scratch = {0};
    struct influence influence = influence_of(predictions, metric, &scratch);
    cJSON *sampling = NULL;
    if (influence.values != NULL) {
        sampling = cJSON_CreateObject();
        cJSON_AddStringToObject(sampling, "metric", metric->name);
        cJSON_AddStringToObject(sampling, "blocks", influence.by_series ? "series" : "time");
        cJSON *values = cJSON_AddArrayToObject(sampling, "influence");
        for (size_t k = 0; k < influence.count; k++)
            cJSON_AddItemToArray(values, cJSON_CreateNumber(rounded(influence.values[k])));
    }
    arena_free(&scratch);
    return sampling;
}

void record_details(const struct predictions *predictions, const struct evaluate_options *options,
                    cJSON *record) {
    if (predictions->count == 0)
        return;
    if (predictions->dataset->task == TASK_CLASSIFICATION)
        record_set(record, "confusion", confusion_json(predictions));
    else
        record_set(record, "errors", errors_json(predictions, options));
    cJSON *sampling = sampling_json(predictions, metric_find(options->metrics.items[0]));
    if (sampling != NULL)
        record_set(record, "sampling", sampling);
}
