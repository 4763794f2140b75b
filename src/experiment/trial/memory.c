#include "experiment/trial/memory.h"

#include "evaluate/score.h"
#include "experiment/trial/evaluation.h"
#include "record/record.h"
#include "train/gradient_lag.h"
#include "train/network_predictor.h"
#include "train/segment.h"
#include "train/trainer.h"

#include <math.h>

/* --- ladders ---------------------------------------------------------------------------------- */

/* Score of the headline metric on the rung's test split. */
static double test_score(const struct plan *plan, const struct trial_plan *trial,
                         const struct dataset *rung, const real *params) {
    struct arena arena = {0};
    const struct network *network = trial->network;
    int segment = segment_steps(&trial->model->train, rung->window);
    int batch = evaluation_batch(rung->window);
    struct network_predictor trained = {
        .network = network,
        .params = params,
        .segment = segment,
        .state = ARENA_NEW(&arena, real, (size_t)batch * (size_t)network->state),
        .workspace =
            ARENA_NEW(&arena, real, network_workspace(network, segment, batch, PHASE_EVALUATE)),
    };
    struct predictor predictor = network_predictor(&trained, batch);
    bool data_units = evaluation_in_data_units(plan->experiment);
    struct predictions predictions =
        predict_split(&predictor, rung, &rung->test, data_units, &arena);
    const struct metric_type *metric = metric_find(plan->experiment->metric);
    double score;
    score_predictions(&predictions, &metric, 1, &score);
    arena_free(&arena);
    return score;
}

static cJSON *rung_json(const struct plan *plan, const struct trial_plan *trial, size_t rung,
                        double *score) {
    struct arena arena = {0};
    const struct dataset *dataset = &plan->rungs[rung];
    struct train_result result = train(trial->network, dataset, &trial->model->train,
                                       (uint64_t)trial->seed, NULL, NULL, &arena);
    *score = result.status == TRAIN_OK ? test_score(plan, trial, dataset, result.params) : NAN;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "value", plan->experiment->evaluate.ladder.values.items[rung]);
    cJSON_AddNumberToObject(json, "score", *score);
    cJSON_AddNumberToObject(json, "epochs", result.epochs);
    cJSON_AddNumberToObject(json, "best_epoch", result.best_epoch);
    arena_free(&arena);
    return json;
}

static void climb(const struct plan *plan, const struct trial_plan *trial, cJSON *record) {
    const struct ladder_options *ladder = &plan->experiment->evaluate.ladder;
    bool higher_is_better = metric_find(plan->experiment->metric)->higher_is_better;
    cJSON *json = cJSON_CreateObject(), *rungs = cJSON_CreateArray();
    double longest = 0, state = (double)((size_t)trial->network->state * sizeof(real));
    for (size_t i = 0; i < ladder->values.count; i++) {
        double score;
        cJSON_AddItemToArray(rungs, rung_json(plan, trial, i, &score));
        if (higher_is_better ? score >= ladder->solved : score <= ladder->solved)
            longest = ladder->values.items[i];
    }
    cJSON_AddStringToObject(json, "vary", ladder->vary);
    cJSON_AddStringToObject(json, "metric", plan->experiment->metric);
    cJSON_AddNumberToObject(json, "solved", ladder->solved);
    cJSON_AddItemToObject(json, "rungs", rungs);
    cJSON_AddNumberToObject(json, "longest", longest);
    cJSON_AddNumberToObject(json, "state_bytes", state);
    cJSON_AddNumberToObject(json, "longest_per_kib", longest / (state / 1024));
    record_set(record, "ladder", json);
}

/* --- gradients by lag ------------------------------------------------------------------------- */

static cJSON *gradient_json(const struct plan *plan, const struct trial_plan *trial,
                            const real *params) {
    struct arena arena = {0};
    struct gradient_lag measured = gradient_lag_measure(
        trial->network, plan->dataset, params, plan->experiment->evaluate.gradient_lags, &arena);
    cJSON *json = cJSON_CreateObject();
    cJSON *norm = cJSON_CreateArray();
    for (int k = 0; k < measured.lags; k++)
        cJSON_AddItemToArray(norm, cJSON_CreateNumber(measured.norm[k] / measured.largest));
    cJSON_AddNumberToObject(json, "largest", measured.largest);
    cJSON_AddNumberToObject(json, "lag_1pct", measured.lag_1pct);
    cJSON_AddNumberToObject(json, "growth", measured.growth);
    cJSON_AddItemToObject(json, "norm", norm);
    arena_free(&arena);
    return json;
}

static void measure_gradients(const struct plan *plan, const struct trial_plan *trial,
                              const real *params, cJSON *record) {
    struct arena arena = {0};
    real *fresh = ARENA_NEW(&arena, real, trial->network->params.size);
    network_init(trial->network, fresh, (uint64_t)trial->seed);
    cJSON *json = gradient_json(plan, trial, params);
    cJSON_AddNumberToObject(json, "lags", plan->experiment->evaluate.gradient_lags);
    cJSON_AddItemToObject(json, "fresh", gradient_json(plan, trial, fresh));
    record_set(record, "gradient_lag", json);
    arena_free(&arena);
}

void measure_memory(const struct plan *plan, const struct trial_plan *trial, const real *params,
                    cJSON *record) {
    const struct evaluate_options *evaluate = &plan->experiment->evaluate;
    if (plan->experiment->is_searching)
        return;
    if (evaluate->ladder.values.count > 0)
        climb(plan, trial, record);
    if (evaluate->gradient_lags > 0)
        measure_gradients(plan, trial, params, record);
}
