#include "experiment/trial/adaptation.h"

#include "evaluate/adaptation/prequential.h"
#include "record/record.h"
#include "train/online.h"

#include <math.h>

/* --- errors ----------------------------------------------------------------------------------- */

/* [series][rows], to be filled; what is not scored is NaN. */
static double *new_errors(const struct stream *stream, struct arena *arena) {
    size_t count = (size_t)stream->split.series_count * (size_t)stream->rows;
    double *errors = ARENA_NEW(arena, double, count);
    for (size_t i = 0; i < count; i++)
        errors[i] = NAN;
    return errors;
}

/* What goes on learning: a network or a baseline. */
struct subject {
    struct online *online; /* NULL: a baseline */
    const real *params;    /* the network's, as trained */
    struct recursive *baseline;
    const struct online_options *options;
};

/* On every series, each from what was trained; counts the updates. `rate` is a learning rate or a
 * forgetting factor; 0: frozen. */
static double *subject_errors(const struct subject *subject, const struct stream *stream,
                              double rate, long *updates, struct arena *arena) {
    double *errors = new_errors(stream, arena);
    *updates = 0;
    for (int s = 0; s < stream->split.series_count; s++) {
        const struct series *series = &stream->split.series[s];
        double *own = errors + (size_t)s * (size_t)stream->rows;
        *updates += subject->online != NULL
                        ? online_run(subject->online, subject->params, rate, series, own)
                        : recursive_run(subject->baseline, subject->options, rate, series, own);
    }
    return errors;
}

/* The one with the smallest mean error on the validation stream, the first of equal ones. */
static double choose_rate(const struct subject *subject, const struct real_list *rates,
                          const struct plan *plan) {
    const struct stream_options *options = &plan->experiment->evaluate.stream;
    double best = INFINITY, chosen = rates->items[0];
    for (size_t i = 0; i < rates->count && rates->count > 1; i++) {
        struct arena arena = {0};
        long updates;
        const double *errors =
            subject_errors(subject, plan->validation_stream, rates->items[i], &updates, &arena);
        double mean = prequential_measure(plan->validation_stream, options, errors, &arena).mean;
        if (mean < best) {
            best = mean;
            chosen = rates->items[i];
        }
        arena_free(&arena);
    }
    return chosen;
}

/* --- records ---------------------------------------------------------------------------------- */

/* "<key>" and "error" of at most `most` bins of equally many rows; bins where nothing is scored are
 * left out. */
static cJSON *curve_json(const char *key, const double *error, int rows, int max) {
    cJSON *json = cJSON_CreateObject();
    cJSON *places = cJSON_AddArrayToObject(json, key),
          *means = cJSON_AddArrayToObject(json, "error");
    int width = (rows + max - 1) / max;
    for (int first = 0; first < rows; first += width) {
        double sum = 0;
        int count = 0;
        for (int row = first; row < rows && row < first + width; row++) {
            sum += isnan(error[row]) ? 0 : error[row];
            count += !isnan(error[row]);
        }
        if (count == 0)
            continue;
        cJSON_AddItemToArray(places, cJSON_CreateNumber(first));
        cJSON_AddItemToArray(means, cJSON_CreateNumber(sum / count));
    }
    return json;
}

static cJSON *changes_json(const struct stream *stream, const struct prequential *result) {
    cJSON *list = cJSON_CreateArray();
    for (int c = 0; c < stream->visit_count - 1; c++) {
        cJSON *change = cJSON_CreateObject();
        cJSON_AddNumberToObject(change, "row", stream->visits[c + 1].start);
        cJSON_AddNumberToObject(change, "level", result->changes[c].level);
        cJSON_AddNumberToObject(change, "excess", result->changes[c].excess);
        cJSON_AddNumberToObject(change, "recovery", result->changes[c].recovery);
        cJSON_AddItemToArray(list, change);
    }
    return list;
}

enum { MAX_ROWS_SHOWN = 200, MAX_AGES_SHOWN = 100 };

static cJSON *policy_json(const struct stream *stream, const struct prequential *result) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "error", result->mean);
    cJSON_AddNumberToObject(json, "fading", result->fading);
    cJSON_AddNumberToObject(json, "level", result->level);
    cJSON_AddNumberToObject(json, "excess", result->excess);
    cJSON_AddNumberToObject(json, "relative_excess", result->relative_excess);
    cJSON_AddNumberToObject(json, "recovery", result->recovery);
    cJSON_AddNumberToObject(json, "never", result->never);
    cJSON_AddNumberToObject(json, "forgetting", result->forgetting);
    cJSON_AddItemToObject(json, "changes", changes_json(stream, result));
    cJSON_AddItemToObject(json, "curve",
                          curve_json("row", result->error, stream->rows, MAX_ROWS_SHOWN));
    cJSON_AddItemToObject(json, "since_change",
                          curve_json("rows", result->since, result->ages, MAX_AGES_SHOWN));
    return json;
}

static cJSON *visits_json(const struct plan *plan) {
    const struct regime_options *regimes = plan->experiment->evaluate.stream.regimes.items;
    cJSON *list = cJSON_CreateArray();
    for (int v = 0; v < plan->stream->visit_count; v++) {
        cJSON *visit = cJSON_CreateObject();
        cJSON_AddStringToObject(visit, "regime", regimes[plan->stream->visits[v].regime].name);
        cJSON_AddNumberToObject(visit, "row", plan->stream->visits[v].start);
        cJSON_AddItemToArray(list, visit);
    }
    return list;
}

/* How the weights went on learning. */
struct learning {
    double rate;              /* NaN: not by gradients */
    double forgetting_factor; /* NaN: not by least squares */
    long updates;
};

static void set_stream(const struct plan *plan, const double *frozen_errors,
                       const double *online_errors, const struct learning *learning,
                       cJSON *record) {
    struct arena arena = {0};
    const struct stream *stream = plan->stream;
    const struct stream_options *options = &plan->experiment->evaluate.stream;
    struct prequential frozen = prequential_measure(stream, options, frozen_errors, &arena);
    struct prequential online = prequential_measure(stream, options, online_errors, &arena);
    cJSON *json = cJSON_CreateObject(), *own = policy_json(stream, &online);
    cJSON_AddNumberToObject(own, "gain", prequential_gain(&online, &frozen));
    cJSON_AddNumberToObject(own, "learning_rate", learning->rate);
    cJSON_AddNumberToObject(own, "forgetting_factor", learning->forgetting_factor);
    cJSON_AddNumberToObject(own, "updates", (double)learning->updates);
    cJSON_AddNumberToObject(json, "rows", stream->rows);
    cJSON_AddNumberToObject(json, "series", stream->split.series_count);
    cJSON_AddNumberToObject(json, "warm_up", stream->warm_up);
    cJSON_AddNumberToObject(json, "scored", (double)frozen.scored);
    cJSON_AddItemToObject(json, "visits", visits_json(plan));
    cJSON_AddItemToObject(json, "frozen", policy_json(stream, &frozen));
    cJSON_AddItemToObject(json, "online", own);
    record_set(record, "stream", json);
    arena_free(&arena);
}

/* --- models ----------------------------------------------------------------------------------- */

void measure_adaptation(const struct plan *plan, const struct trial_plan *trial, const real *params,
                        cJSON *record) {
    if (plan->stream == NULL || plan->experiment->is_searching)
        return;
    struct arena arena = {0};
    const struct online_options *options = &plan->experiment->evaluate.stream.online;
    const struct subject network = {
        .online = online_begin(trial->network, plan->dataset, options, &arena),
        .params = params,
        .options = options,
    };
    long none;
    struct learning learning = {.rate = choose_rate(&network, &options->learning_rates, plan),
                                .forgetting_factor = NAN};
    const double *frozen = subject_errors(&network, plan->stream, 0, &none, &arena);
    const double *errors =
        subject_errors(&network, plan->stream, learning.rate, &learning.updates, &arena);
    set_stream(plan, frozen, errors, &learning, record);
    arena_free(&arena);
}

/* Of a baseline that has nothing to learn, both policies are the same. */
static const double *predictor_errors(const struct plan *plan, const struct predictor *predictor,
                                      struct arena *arena) {
    const struct stream *stream = plan->stream;
    double *errors = new_errors(stream, arena);
    for (int s = 0; s < stream->split.series_count; s++)
        predictor_run(predictor, plan->dataset, &stream->split.series[s],
                      errors + (size_t)s * (size_t)stream->rows);
    return errors;
}

void measure_baseline_adaptation(const struct plan *plan, const struct baseline *baseline,
                                 const struct predictor *predictor, cJSON *record) {
    if (plan->stream == NULL || plan->experiment->is_searching)
        return;
    struct arena arena = {0};
    const struct online_options *options = &plan->experiment->evaluate.stream.online;
    struct learning learning = {.rate = NAN, .forgetting_factor = NAN};
    const double *frozen, *errors;
    if (baseline->type->learner == NULL) {
        frozen = errors = predictor_errors(plan, predictor, &arena);
    } else {
        const struct subject subject = {.baseline = baseline->type->learner(baseline, &arena),
                                        .options = options};
        long none;
        double factor = choose_rate(&subject, &options->forgetting_factors, plan);
        learning.forgetting_factor = factor;
        frozen = subject_errors(&subject, plan->stream, 0, &none, &arena);
        errors = subject_errors(&subject, plan->stream, factor, &learning.updates, &arena);
    }
    set_stream(plan, frozen, errors, &learning, record);
    arena_free(&arena);
}
