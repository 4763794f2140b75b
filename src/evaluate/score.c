#include "evaluate/score.h"

#include <math.h>

/* The most steps that can be scored. */
static size_t step_limit(const struct dataset *dataset, const struct split *split) {
    size_t steps = 0;
    for (size_t i = 0; i < split->window_count; i++)
        steps += dataset->last_only ? 1 : (size_t)split->windows[i].length;
    return steps;
}

static bool is_scored(const real *truth, int width) {
    for (int k = 0; k < width; k++)
        if (!isnan(truth[k]))
            return true;
    return false;
}

/* output[O] and truth[Y] of one step are appended, in the units asked for. Both are [horizon]
 * [targets] for numbers; a class and its scores have no units. */
static void append(struct predictions *predictions, const struct series *series, int row,
                   const real *output, const real *truth) {
    const struct dataset *dataset = predictions->dataset;
    struct scaling scaling = series_scaling(dataset, series);
    bool rescale = predictions->data_units && dataset->task != TASK_CLASSIFICATION;
    double *outputs = predictions->output + predictions->count * (size_t)dataset->outputs;
    double *truths = predictions->truth + predictions->count * (size_t)dataset->width;
    for (int k = 0; k < dataset->outputs; k++) {
        int target = k % dataset->targets;
        outputs[k] = rescale ? (double)output[k] * scaling.target_scale[target] +
                                   scaling.target_offset[target]
                             : (double)output[k];
    }
    for (int k = 0; k < dataset->width; k++) {
        int target = k % dataset->targets;
        truths[k] = rescale ? (double)truth[k] * scaling.target_scale[target] +
                                  scaling.target_offset[target]
                            : (double)truth[k];
    }
    predictions->series[predictions->count] = series;
    predictions->row[predictions->count] = row;
    predictions->count++;
}

/* Window by window, so that the order of steps is that of the split. */
static void append_batch(struct predictions *predictions, const struct batch *batch,
                         const real *out) {
    int outputs = predictions->dataset->outputs, width = predictions->dataset->width;
    for (int b = 0; b < batch->size; b++) {
        for (int t = 0; t < batch->steps; t++) {
            size_t step = (size_t)t * (size_t)batch->size + (size_t)b;
            const real *truth = batch->y + step * (size_t)width; /* [Y] */
            if (is_scored(truth, width))
                append(predictions, batch->source[b], batch->start[b] + t,
                       out + step * (size_t)outputs, truth);
        }
    }
}

struct predictions predict_split(const struct predictor *predictor, const struct dataset *dataset,
                                 const struct split *split, bool data_units, struct arena *arena) {
    size_t limit = step_limit(dataset, split);
    struct predictions predictions = {
        .dataset = dataset,
        .data_units = data_units,
        .output = ARENA_NEW(arena, double, limit *(size_t)dataset->outputs),
        .truth = ARENA_NEW(arena, double, limit *(size_t)dataset->width),
        .series = ARENA_NEW(arena, const struct series *, limit),
        .row = ARENA_NEW(arena, int, limit),
    };
    struct arena scratch = {0};
    struct batch batch = batch_new(dataset, predictor->batch, &scratch);
    real *out = ARENA_NEW(&scratch, real,
                          (size_t)dataset->window * (size_t)predictor->batch *
                              (size_t)dataset->outputs); /* [T][B][O] */
    for (size_t first = 0; first < split->window_count; first += (size_t)predictor->batch) {
        size_t left = split->window_count - first;
        int count = left < (size_t)predictor->batch ? (int)left : predictor->batch;
        batch_fill(&batch, dataset, split, NULL, first, count);
        predictor->predict(predictor->model, &batch, out);
        append_batch(&predictions, &batch, out);
    }
    arena_free(&scratch);
    return predictions;
}

void score_predictions(const struct predictions *predictions,
                       const struct metric_type *const *metrics, size_t count, double *values) {
    for (size_t i = 0; i < count; i++)
        values[i] = metrics[i]->score(predictions);
}

bool score_is_undefined(const struct predictions *predictions, double score) {
    const struct dataset *dataset = predictions->dataset;
    size_t outputs = (size_t)dataset->outputs, numbers = predictions->count * outputs;
    bool classifies = dataset->task == TASK_CLASSIFICATION; /* several outputs for one truth */
    bool finite = true;
    for (size_t i = 0; isnan(score) && finite && i < numbers; i++)
        finite = isfinite(predictions->output[i]) ||
                 isnan(predictions->truth[classifies ? i / outputs : i]);
    return isnan(score) && finite;
}
