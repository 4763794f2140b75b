#include "evaluate/score.h"

#include <math.h>

/* The scaled errors of one target of one series. */
struct series_error {
    double sum;
    size_t count;      /* of truths */
    bool is_undefined; /* there is nothing to scale by */
};

/* q: what an error of a target counts as 1, in the units of the predictions. A series without
 * training rows has that of all training series. */
static double unit_of(const struct predictions *predictions, const struct series *series,
                      int target) {
    const struct dataset *dataset = predictions->dataset;
    target += predictions->first_target;
    const struct series_fit *fit = series != NULL ? series->fit : NULL;
    double naive = fit != NULL ? fit->naive_error[target] : dataset->naive_error[target];
    if (predictions->data_units)
        return naive;
    return naive / (series != NULL ? series_scaling(dataset, series).target_scale[target]
                                   : dataset->target_scale[target]);
}

/* Adds the scaled errors |ŷ - y| / q of one step, to those of its series. */
static void add_step(const struct predictions *predictions, size_t step,
                     struct series_error *errors) {
    int width = predictions->dataset->width, targets = predictions->dataset->targets;
    const struct series *series = predictions->series != NULL ? predictions->series[step] : NULL;
    const double *output = predictions->output + step * (size_t)width; /* [Y] */
    const double *truth = predictions->truth + step * (size_t)width;   /* [Y] */
    if (series != NULL && series->fit != NULL) /* the first are for series without training rows */
        errors += (series->fit - predictions->dataset->fits + 1) * targets;
    for (int k = 0; k < width; k++) {
        double unit = unit_of(predictions, series, k % targets);
        if (isnan(truth[k]))
            continue;
        struct series_error *error = &errors[k % targets];
        error->count++;
        error->is_undefined = !(unit > 0);
        error->sum += fabs(output[k] - truth[k]) / unit;
    }
}

/* The mean over the series of one target; NaN when not one of them has a naive error. */
static void add_target(const struct dataset *dataset, const struct series_error *errors, int target,
                       double *sum, size_t *known) {
    size_t seen = 0, defined = 0;
    for (int i = 0; i <= dataset->fit_count; i++) {
        const struct series_error *error = &errors[i * dataset->targets + target];
        seen += error->count > 0;
        if (error->count == 0 || error->is_undefined)
            continue;
        *sum += error->sum / (double)error->count;
        defined++;
    }
    if (seen > 0 && defined == 0)
        *sum = NAN;
    *known += defined;
}

/* The mean over series (and targets) of each one's mean scaled error. A series that never changed
 * in training has nothing to scale by and is left out; when that holds for all series of a target,
 * the score is undefined. */
static double score(const struct predictions *predictions) {
    const struct dataset *dataset = predictions->dataset;
    struct arena scratch = {0};
    size_t size = (size_t)(dataset->fit_count + 1) * (size_t)dataset->targets, known = 0;
    struct series_error *errors = ARENA_NEW(&scratch, struct series_error, size);
    for (size_t step = 0; step < predictions->count; step++)
        add_step(predictions, step, errors);
    double sum = 0;
    for (int target = 0; target < dataset->targets; target++)
        add_target(dataset, errors, target, &sum, &known);
    arena_free(&scratch);
    return known > 0 ? sum / (double)known : NAN;
}

const struct metric_type metric_mase = {
    .name = "mase",
    .title = "MASE",
    .citation = "mean absolute scaled error: 1 is as good as the (seasonal) naive forecast one "
                "step ahead in the series' own training rows; the mean over series; Hyndman & "
                "Koehler 2006",
    .needs = "targets that change in training",
    .score = score,
};
