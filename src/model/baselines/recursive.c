#include "model/baselines/recursive.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <string.h>

/* ρ where training says nothing of how large S is. */
static const double PENALTY_WITHOUT_TRACE = 1e-6;

/* --- making ----------------------------------------------------------------------------------- */

struct recursive *recursive_new(const struct baseline *baseline, int regressions, int samples,
                                struct arena *arena) {
    struct recursive *learner = ARENA_NEW(arena, struct recursive, 1);
    *learner = (struct recursive){
        .baseline = baseline,
        .regressions = ARENA_NEW(arena, struct recursive_regression, regressions),
        .regression_count = regressions,
        .samples = ARENA_NEW(arena, struct recursive_sample, samples),
        .sample_count = samples,
    };
    return learner;
}

void recursive_shape(struct recursive_regression *regression, size_t features, size_t outputs,
                     struct arena *arena) {
    size_t size = 1 + features + 2 * outputs + features * (features + 2 * outputs);
    double *numbers = ARENA_NEW(arena, double, size);
    *regression = (struct recursive_regression){
        .features = features,
        .outputs = outputs,
        .numbers = numbers,
        .size = size,
        .start = ARENA_NEW(arena, double, size),
        .penalty = ARENA_NEW(arena, double, outputs),
        .order = ARENA_NEW(arena, size_t, outputs),
    };
    regression->count = numbers;
    regression->x_mean = regression->count + 1;
    regression->y_mean = regression->x_mean + features;
    regression->square = regression->y_mean + outputs;
    regression->product = regression->square + features * features;
    regression->weights = regression->product + outputs * features;
    regression->intercept = regression->weights + outputs * features;
}

static double trace(const struct recursive_regression *regression) {
    double sum = 0;
    for (size_t f = 0; f < regression->features; f++)
        sum += regression->square[f * (regression->features + 1)];
    return sum;
}

/* By insertion: equal penalties, whose outputs share a factorization, come one after the other. */
static void sort_by_penalty(struct recursive_regression *regression) {
    for (size_t k = 0; k < regression->outputs; k++) {
        size_t at = k;
        for (; at > 0 && regression->penalty[regression->order[at - 1]] > regression->penalty[k];
             at--)
            regression->order[at] = regression->order[at - 1];
        regression->order[at] = k;
    }
}

void recursive_begin(struct recursive *learner, struct arena *arena) {
    size_t features = 0, outputs = 0;
    for (int i = 0; i < learner->regression_count; i++) {
        struct recursive_regression *own = &learner->regressions[i];
        double size = trace(own);
        for (size_t k = 0; k < own->outputs; k++)
            own->penalty[k] = size > 0 ? own->penalty[k] / size : PENALTY_WITHOUT_TRACE;
        sort_by_penalty(own);
        memcpy(own->start, own->numbers, own->size * sizeof(double));
        features = own->features > features ? own->features : features;
        outputs = own->outputs > outputs ? own->outputs : outputs;
    }
    learner->x = ARENA_NEW(arena, double, features + 1);
    learner->y = ARENA_NEW(arena, double, outputs);
    learner->out = ARENA_NEW(arena, real, learner->baseline->dataset->outputs);
    learner->factor = ARENA_NEW(arena, double, features *features);
}

void recursive_reset(struct recursive *learner) {
    for (int i = 0; i < learner->regression_count; i++)
        memcpy(learner->regressions[i].numbers, learner->regressions[i].start,
               learner->regressions[i].size * sizeof(double));
}

/* --- predictions ------------------------------------------------------------------------------ */

void recursive_predict(const struct recursive *learner, const struct series *series, int row,
                       real *out) {
    for (int s = 0; s < learner->sample_count; s++) {
        const struct recursive_sample *sample = &learner->samples[s];
        const struct recursive_regression *own = sample->regression;
        double reference = learner->gather(learner->baseline, series, row, s, learner->x);
        for (size_t k = 0; k < own->outputs; k++) {
            const double *w = own->weights + k * own->features;
            double sum = 0;
            for (size_t f = 0; f < own->features; f++)
                sum += w[f] * learner->x[f];
            out[sample->outputs[k]] = (real)(reference + own->intercept[k] + sum);
        }
    }
}

/* --- learning --------------------------------------------------------------------------------- */

/* The equations of recursive.h; x [F] and y [O] are overwritten with d and e. */
static void add_sample(struct recursive_regression *own, double *x, double *y) {
    size_t features = own->features, outputs = own->outputs;
    double fading = own->fading, n = *own->count = fading * *own->count + 1, share = 1 - 1 / n;
    own->fading = 1;
    for (size_t f = 0; f < features; f++) {
        x[f] -= own->x_mean[f];
        own->x_mean[f] += x[f] / n;
    }
    for (size_t k = 0; k < outputs; k++) {
        y[k] -= own->y_mean[k];
        own->y_mean[k] += y[k] / n;
    }
    for (size_t i = 0; i < features; i++)
        for (size_t j = 0; j <= i; j++)
            own->square[i * features + j] =
                fading * own->square[i * features + j] + share * x[i] * x[j];
    for (size_t k = 0; k < outputs; k++)
        for (size_t f = 0; f < features; f++)
            own->product[k * features + f] =
                fading * own->product[k * features + f] + share * y[k] * x[f];
}

void recursive_add(struct recursive *learner, const struct series *series, int row,
                   double forgetting_factor) {
    const struct dataset *dataset = learner->baseline->dataset;
    const real *truth = series->y + (size_t)row * (size_t)dataset->width;
    for (int i = 0; i < learner->regression_count; i++)
        learner->regressions[i].fading = forgetting_factor;
    for (int s = 0; s < learner->sample_count; s++) {
        const struct recursive_sample *sample = &learner->samples[s];
        struct recursive_regression *own = sample->regression;
        double reference = learner->gather(learner->baseline, series, row, s, learner->x), sum = 0;
        for (size_t f = 0; f < own->features; f++)
            sum += learner->x[f];
        for (size_t k = 0; k < own->outputs; k++)
            sum += learner->y[k] = (double)truth[sample->outputs[k]] - reference;
        if (isfinite(sum))
            add_sample(own, learner->x, learner->y);
    }
}

/* factor: the lower half of S + ρ tr(S) 1 becomes L with L L' the same; false where it cannot. */
static bool factorize(const struct recursive_regression *own, double penalty,
                      gsl_matrix_view *factor) {
    double added = penalty * trace(own);
    memcpy(factor->matrix.data, own->square, own->features * own->features * sizeof(double));
    for (size_t f = 0; f < own->features; f++)
        *gsl_matrix_ptr(&factor->matrix, f, f) += added;
    return gsl_linalg_cholesky_decomp1(&factor->matrix) == GSL_SUCCESS;
}

/* Where the equations cannot be solved, or numbers overflow, the weights stay as they are. */
static void solve_regression(struct recursive_regression *own, double *factor, double *solution) {
    size_t features = own->features;
    gsl_matrix_view l = gsl_matrix_view_array(factor, features, features);
    gsl_vector_view w = gsl_vector_view_array(solution, features);
    bool good = false;
    for (size_t i = 0; i < own->outputs; i++) {
        size_t k = own->order[i];
        if (i == 0 || own->penalty[k] != own->penalty[own->order[i - 1]])
            good = factorize(own, own->penalty[k], &l);
        if (!good)
            continue;
        memcpy(solution, own->product + k * features, features * sizeof(double));
        gsl_linalg_cholesky_svx(&l.matrix, &w.vector);
        double intercept = own->y_mean[k];
        for (size_t f = 0; f < features; f++)
            intercept -= solution[f] * own->x_mean[f];
        if (!isfinite(intercept))
            continue;
        own->intercept[k] = intercept;
        memcpy(own->weights + k * features, solution, features * sizeof(double));
    }
}

void recursive_solve(struct recursive *learner) {
    /* GSL's own handler would abort the program; its return codes say the same. */
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    for (int i = 0; i < learner->regression_count; i++)
        if (learner->regressions[i].features > 0)
            solve_regression(&learner->regressions[i], learner->factor, learner->x);
    gsl_set_error_handler(handler);
}
