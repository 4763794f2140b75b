#include "model/baselines/persistence.h"

#include "model/baselines/training_steps.h"

#include <math.h>
#include <stdint.h>

static bool applies(const struct dataset *dataset) {
    (void)dataset;
    return true;
}

/* Whether output k has no last value to repeat. */
static bool is_constant(const struct dataset *dataset, int k) {
    return dataset->task != TASK_FORECAST || dataset->target_input[k % dataset->targets] < 0;
}

/* Mean truth in training [O], in scaled units, of constant outputs; 0 without any. */
static void fit_means(const struct dataset *dataset, double *means) {
    int width = dataset->width;
    for (int k = 0; k < width; k++) {
        if (!is_constant(dataset, k))
            continue;
        size_t known = 0;
        struct training_steps steps = training_steps(dataset, SIZE_MAX);
        while (training_steps_next(&steps)) {
            double truth = (double)steps.series->y[(size_t)steps.row * (size_t)width + (size_t)k];
            if (!isnan(truth))
                means[k] += (truth - means[k]) / (double)++known;
        }
    }
}

/* Log frequency of each class in training [O], every class counted once more than it occurs
 * (Laplace's rule of succession), so that one that is new in the test has a finite log loss. */
static void fit_frequencies(const struct dataset *dataset, double *scores) {
    size_t known = 0;
    struct training_steps steps = training_steps(dataset, SIZE_MAX);
    while (training_steps_next(&steps)) {
        real truth = steps.series->y[steps.row];
        if (isnan(truth))
            continue;
        scores[(int)truth]++;
        known++;
    }
    for (int c = 0; c < dataset->outputs; c++)
        scores[c] = log((scores[c] + 1) / (double)(known + (size_t)dataset->outputs));
}

/* Fits what is put out wherever there is no last value to repeat. */
static bool fit(struct baseline *baseline, struct arena *arena, struct error *error) {
    (void)error;
    const struct dataset *dataset = baseline->dataset;
    double *constants = ARENA_NEW(arena, double, dataset->outputs);
    if (dataset->task == TASK_CLASSIFICATION)
        fit_frequencies(dataset, constants);
    else
        fit_means(dataset, constants);
    baseline->fitted = constants;
    for (int k = 0; k < dataset->outputs; k++)
        baseline->parameters += is_constant(dataset, k);
    return true;
}

real target_of_inputs(const struct dataset *dataset, const struct scaling *scaling, int target,
                      const real *inputs) {
    int i = dataset->target_input[target];
    double value = (double)inputs[i] * scaling->input_scale[i] + scaling->input_offset[i];
    return (real)((value - scaling->target_offset[target]) / scaling->target_scale[target]);
}

bool input_is_observed(const struct dataset *dataset, int input, const real *inputs) {
    return input >= dataset->flags || inputs[dataset->inputs - dataset->flags + input] != 0;
}

static bool is_observed(const struct dataset *dataset, int input, const real *inputs,
                        bool present) {
    return present && input_is_observed(dataset, input, inputs);
}

/* The inputs of the last of the `rows` rows that observed the input, not before `first`; NULL when
 * none did. x [rows][I], present [rows] or NULL. */
static const real *last_observed(const struct dataset *dataset, int input, const real *x,
                                 const real *present, int first, int rows) {
    for (int row = rows - 1; row >= first; row--) {
        const real *inputs = x + (size_t)row * (size_t)dataset->inputs; /* [I] */
        if (is_observed(dataset, input, inputs, present == NULL || present[row] != 0))
            return inputs;
    }
    return NULL;
}

/* The last observation before window b in its series, or NULL. Windows mostly follow each other:
 * `before` is what the window before this one had, so that no row is looked at twice. */
static const real *observed_before(const struct dataset *dataset, const struct batch *batch, int b,
                                   int target, const real *before) {
    const struct series *series = batch->source[b];
    int input = dataset->target_input[target], start = batch->start[b];
    if (dataset->flags == 0 || start > series->rows)
        return NULL; /* every row has a value */
    bool follows = b > 0 && batch->source[b - 1] == series && batch->start[b - 1] <= start;
    const real *found = last_observed(dataset, input, series->x, series->present,
                                      follows ? batch->start[b - 1] : 0, start);
    if (found != NULL || follows)
        return found != NULL ? found : before;
    const struct series_past *history = &series->history;
    return last_observed(dataset, input, history->x, history->present, 0, history->rows);
}

/* Repeats what window b last showed of a target, for every horizon; before it showed anything, the
 * last observation of the series before it or, without one, the imputed value. */
static void repeat_last(const struct dataset *dataset, const struct batch *batch, int b, int target,
                        const real *before, real *out) {
    int inputs = dataset->inputs, targets = dataset->targets, outputs = dataset->outputs;
    struct scaling scaling = series_scaling(dataset, batch->source[b]);
    bool seen = before != NULL;
    real last = seen ? target_of_inputs(dataset, &scaling, target, before) : 0;
    for (int t = 0; t < batch->steps; t++) {
        size_t step = (size_t)t * (size_t)batch->size + (size_t)b;
        const real *x = batch->x + step * (size_t)inputs; /* [I] */
        bool observed =
            is_observed(dataset, dataset->target_input[target], x, batch->mask[step] != 0);
        if (observed || !seen)
            last = target_of_inputs(dataset, &scaling, target, x);
        seen = seen || observed;
        for (int k = target; k < outputs; k += targets)
            out[step * (size_t)outputs + (size_t)k] = last;
    }
}

static void predict(const struct baseline *baseline, const struct batch *batch, real *out) {
    const struct dataset *dataset = baseline->dataset;
    const double *constants = baseline->fitted; /* [O] */
    int outputs = dataset->outputs;
    for (int step = 0; step < batch->steps * batch->size; step++)
        for (int k = 0; k < outputs; k++)
            out[(size_t)step * (size_t)outputs + (size_t)k] = (real)constants[k];
    if (dataset->task != TASK_FORECAST)
        return;
    for (int target = 0; target < dataset->targets; target++) {
        const real *before = NULL;
        for (int b = 0; b < batch->size && dataset->target_input[target] >= 0; b++) {
            before = observed_before(dataset, batch, b, target, before);
            repeat_last(dataset, batch, b, target, before, out);
        }
    }
}

/* Forecast: the last value seen; regression: the training mean; classification: the most frequent
 * class. */
const struct baseline_type baseline_persistence = {
    .name = "persistence",
    .title = "Persistence",
    .applies = applies,
    .fit = fit,
    .predict = predict,
};
