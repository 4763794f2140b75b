/* NLinear and DLinear (Zeng, Chen, Zhang & Xu, AAAI 2023) in closed form: every target from the last L
 * steps of itself in the window to the next P, by the same weights for all targets,
 *
 *   nlinear:  o = W (x − x_L) + b + x_L         x_L the last value
 *   dlinear:  o = W x + b
 *
 * DLinear's two maps, of a moving average and of the rest, add up to one linear map of the window;
 * they differ from it in where gradient descent starts and ends only, and here nothing is trained.
 * The weights are those of ridge regression over all training steps and targets,
 *
 *   w = (X'X + λ s 1)⁻¹ X'y          s the mean diagonal of X'X; the intercept is not penalised
 *
 * with the λ of a few decades that does best on the validation data. Rows before a window repeat its
 * first one. */
#include "math/matmul.h"
#include "model/baselines/persistence.h"
#include "model/baselines/recursive.h"
#include "model/baselines/training_steps.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <string.h>

enum { MAX_LAGS = 1024, CHUNK = 512 };

/* Multiplications that the products of the samples may take. */
static const double MAX_PRODUCTS = 5e9;

static const double penalties[] = {1e-8, 1e-6, 1e-4, 1e-2, 1};
enum { PENALTIES = sizeof penalties / sizeof *penalties };

struct linear {
    bool subtracts; /* x_L */
    int lags;       /* L */
    int features;   /* F: L and 1; where x_L is subtracted, it is not one of them */
    int horizon;    /* P */
    real *weights;  /* [F][P]; the intercept's feature, 1, comes last */
    double penalty; /* λ */
};

static bool applies(const struct dataset *dataset) {
    bool applies = dataset->task == TASK_FORECAST && dataset->window > 1;
    for (int target = 0; applies && target < dataset->targets; target++)
        applies = dataset->target_input[target] >= 0;
    return applies;
}

/* The features of one target at one step, from `lags` rows of inputs that end there, `stride`
 * numbers apart, of which `known` are in the window. Returns x_L, or 0 where it is not subtracted. */
static double gather(const struct linear *linear, const struct dataset *dataset,
                     const struct series *series, int target, const real *last, size_t stride,
                     int known, double *to) {
    struct scaling scaling = series_scaling(dataset, series);
    double reference =
        linear->subtracts ? (double)target_of_inputs(dataset, &scaling, target, last) : 0;
    int first = linear->subtracts ? 1 : 0;
    for (int lag = first; lag < linear->lags; lag++) {
        int back = lag < known ? lag : known - 1;
        *to++ = (double)target_of_inputs(dataset, &scaling, target, last - (size_t)back * stride) -
                reference;
    }
    *to = 1;
    return reference;
}

/* --- fitting --------------------------------------------------------------------------------- */

/* What a split says: X'X [F][F] (lower half), X'Y [F][P], Y'Y summed over all. */
struct normal {
    gsl_matrix *square, *product;
    double target_square;
    size_t count;
};

static struct normal normal_new(const struct linear *linear) {
    size_t features = (size_t)linear->features;
    return (struct normal){
        .square = gsl_matrix_calloc(features, features),
        .product = gsl_matrix_calloc(features, (size_t)linear->horizon),
    };
}

static void normal_free(struct normal *normal) {
    gsl_matrix_free(normal->square);
    gsl_matrix_free(normal->product);
}

/* Samples on their way into the sums, one after the other in each feature and output. */
struct chunk {
    double *x, *y;  /* [F][CHUNK], [P][CHUNK] */
    double *sample; /* [F] */
    size_t count;
};

/* sums [4][4] of the products of rows a and b [4][CHUNK]. */
static void block_products(size_t count, const double *a, const double *b, double sums[16]) {
    const double *a1 = a + CHUNK, *a2 = a1 + CHUNK, *a3 = a2 + CHUNK;
    for (int j = 0; j < 4; j++, b += CHUNK) {
        double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
#pragma omp simd reduction(+ : s0, s1, s2, s3)
        for (size_t n = 0; n < count; n++) {
            s0 += a[n] * b[n];
            s1 += a1[n] * b[n];
            s2 += a2[n] * b[n];
            s3 += a3[n] * b[n];
        }
        sums[j] = s0, sums[4 + j] = s1, sums[8 + j] = s2, sums[12 + j] = s3;
    }
}

/* sum [m][n] += A B' over the chunk, a [m][CHUNK], b [n][CHUNK] (both padded to whole blocks of 4
 * rows); of a square only the lower half. GSL's own products are several times slower. */
static void add_products(size_t count, const double *a, const double *b, bool is_square,
                         gsl_matrix *sum) {
    double sums[16];
    for (size_t i = 0; i < sum->size1; i += 4)
        for (size_t j = 0; j < sum->size2 && !(is_square && j > i); j += 4) {
            block_products(count, a + i * CHUNK, b + j * CHUNK, sums);
            for (size_t at = 0; at < 16; at++)
                if (i + at / 4 < sum->size1 && j + at % 4 < sum->size2)
                    *gsl_matrix_ptr(sum, i + at / 4, j + at % 4) += sums[at];
        }
}

static void add_chunk(const struct linear *linear, struct chunk *chunk, struct normal *normal) {
    add_products(chunk->count, chunk->x, chunk->x, true, normal->square);
    add_products(chunk->count, chunk->x, chunk->y, false, normal->product);
    for (int p = 0; p < linear->horizon; p++)
        for (size_t n = 0; n < chunk->count; n++)
            normal->target_square += pow(chunk->y[(size_t)p * CHUNK + n], 2);
    normal->count += chunk->count;
    chunk->count = 0;
}

/* One target of one step as a sample of the chunk, unless a number is missing. */
static void add_sample(const struct linear *linear, const struct dataset *dataset,
                       const struct training_steps *step, int target, struct chunk *chunk) {
    size_t inputs = (size_t)dataset->inputs, width = (size_t)dataset->width;
    double sum = 0, *x = chunk->sample;
    const real *truth = step->series->y + (size_t)step->row * width; /* [P][targets] */
    double last =
        gather(linear, dataset, step->series, target, step->series->x + (size_t)step->row * inputs,
               inputs, step->row - step->first + 1, x);
    for (int f = 0; f < linear->features; f++)
        sum += chunk->x[(size_t)f * CHUNK + chunk->count] = x[f];
    for (int p = 0; p < linear->horizon; p++)
        sum += chunk->y[(size_t)p * CHUNK + chunk->count] =
            (double)truth[p * dataset->targets + target] - last;
    chunk->count += isfinite(sum) ? 1 : 0;
}

static struct normal sum_up(const struct linear *linear, const struct dataset *dataset) {
    struct normal normal = normal_new(linear);
    struct arena scratch = {0};
    enum { PADDING = 3 }; /* rows, for whole blocks */
    struct chunk chunk = {
        .x = ARENA_NEW(&scratch, double, (linear->features + PADDING) * CHUNK),
        .y = ARENA_NEW(&scratch, double, (linear->horizon + PADDING) * CHUNK),
        .sample = ARENA_NEW(&scratch, double, linear->features),
    };
    double features = linear->features;
    double limit = MAX_PRODUCTS / (features * features * dataset->targets);
    struct training_steps steps = training_steps(dataset, (size_t)fmax(limit, 4 * features));
    while (training_steps_next(&steps))
        for (int target = 0; target < dataset->targets; target++) {
            add_sample(linear, dataset, &steps, target, &chunk);
            if (chunk.count == CHUNK)
                add_chunk(linear, &chunk, &normal);
        }
    add_chunk(linear, &chunk, &normal);
    arena_free(&scratch);
    return normal;
}

/* s of the opening comment; 1 where all features are 0. */
static double mean_diagonal(const struct normal *normal) {
    size_t features = normal->square->size1;
    double trace = 0;
    for (size_t f = 0; f + 1 < features; f++)
        trace += gsl_matrix_get(normal->square, f, f) / (double)(features - 1);
    return trace > 0 ? trace : 1;
}

/* weights [F][P] of one penalty; false where the equations cannot be solved. */
static bool solve(const struct normal *normal, double penalty, gsl_matrix *factor,
                  gsl_matrix *weights) {
    size_t features = normal->square->size1;
    double added = penalty * mean_diagonal(normal);
    gsl_matrix_memcpy(factor, normal->square);
    for (size_t f = 0; f + 1 < features; f++)
        *gsl_matrix_ptr(factor, f, f) += added;
    if (gsl_linalg_cholesky_decomp1(factor) != GSL_SUCCESS)
        return false;
    gsl_matrix_memcpy(weights, normal->product);
    gsl_blas_dtrsm(CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, 1, factor, weights);
    gsl_blas_dtrsm(CblasLeft, CblasLower, CblasTrans, CblasNonUnit, 1, factor, weights);
    return true;
}

/* Sum of squared errors: Y'Y − 2 w'X'Y + w'X'X w. */
static double normal_squared_error(const struct normal *normal, const gsl_matrix *weights,
                                   gsl_matrix *scratch) {
    double error = normal->target_square;
    gsl_blas_dsymm(CblasLeft, CblasLower, 1, normal->square, weights, 0, scratch);
    for (size_t f = 0; f < weights->size1; f++)
        for (size_t p = 0; p < weights->size2; p++)
            error += gsl_matrix_get(weights, f, p) *
                     (gsl_matrix_get(scratch, f, p) - 2 * gsl_matrix_get(normal->product, f, p));
    return error;
}

/* The weights that do best on the validation data or, without any, with little penalty. */
static bool choose_weights(struct linear *linear, const struct normal *train,
                           const struct normal *valid) {
    size_t features = (size_t)linear->features, horizon = (size_t)linear->horizon;
    gsl_matrix *factor = gsl_matrix_alloc(features, features);
    gsl_matrix *weights = gsl_matrix_alloc(features, horizon);
    gsl_matrix *scratch = gsl_matrix_alloc(features, horizon);
    double best = INFINITY;
    bool solved = false;
    /* GSL's own handler would abort the program; its return codes say the same. */
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    for (int i = 0; i < PENALTIES && !(solved && valid->count == 0); i++) {
        if (!solve(train, penalties[i], factor, weights))
            continue;
        double error = valid->count > 0 ? normal_squared_error(valid, weights, scratch) : 0;
        if (!(error < best))
            continue;
        best = error;
        solved = true;
        linear->penalty = penalties[i];
        for (size_t at = 0; at < features * horizon; at++)
            linear->weights[at] = (real)weights->data[at];
    }
    gsl_set_error_handler(handler);
    gsl_matrix_free(factor);
    gsl_matrix_free(weights);
    gsl_matrix_free(scratch);
    return solved;
}

static bool fit_linear(struct baseline *baseline, bool subtracts, struct arena *arena,
                       struct error *error) {
    const struct dataset *dataset = baseline->dataset;
    struct dataset held_out = *dataset;
    struct linear *linear = ARENA_NEW(arena, struct linear, 1);
    linear->subtracts = subtracts;
    linear->lags = dataset->window < MAX_LAGS ? dataset->window : MAX_LAGS;
    linear->features = subtracts ? linear->lags : linear->lags + 1;
    linear->horizon = dataset->horizon;
    linear->weights = ARENA_NEW(arena, real, linear->features * linear->horizon);
    held_out.train = dataset->valid;
    struct normal train = sum_up(linear, dataset), valid = sum_up(linear, &held_out);
    bool fits = train.count > 0 && choose_weights(linear, &train, &valid);
    normal_free(&train);
    normal_free(&valid);
    baseline->fitted = linear;
    baseline->parameters = (size_t)linear->features * (size_t)linear->horizon;
    return fits || error_set(error,
                             "%s: no training step has all its inputs and targets; fill them "
                             "(dataset.missing) or leave the baseline out",
                             baseline->type->name);
}

static bool fit_nlinear(struct baseline *baseline, struct arena *arena, struct error *error) {
    return fit_linear(baseline, true, arena, error);
}

static bool fit_dlinear(struct baseline *baseline, struct arena *arena, struct error *error) {
    return fit_linear(baseline, false, arena, error);
}

/* --- learning on ----------------------------------------------------------------------------- */

static double gather_row(const struct baseline *baseline, const struct series *series, int row,
                         int target, double *x) {
    const struct linear *linear = baseline->fitted;
    size_t inputs = (size_t)baseline->dataset->inputs;
    return gather(linear, baseline->dataset, series, target, series->x + (size_t)row * inputs,
                  inputs, row + 1, x);
}

/* The sums of the fit, less their means; 1 is no feature any more. */
static void start_regression(const struct linear *linear, const struct normal *normal,
                             struct recursive_regression *regression) {
    size_t features = regression->features;
    double n = *regression->count = (double)normal->count;
    for (size_t i = 0; i < features; i++)
        regression->x_mean[i] = gsl_matrix_get(normal->square, features, i) / n;
    for (size_t i = 0; i < features; i++)
        for (size_t j = 0; j <= i; j++)
            regression->square[i * features + j] =
                gsl_matrix_get(normal->square, i, j) -
                n * regression->x_mean[i] * regression->x_mean[j];
    for (size_t p = 0; p < regression->outputs; p++) {
        double sum = gsl_matrix_get(normal->product, features, p);
        regression->y_mean[p] = sum / n;
        regression->penalty[p] = linear->penalty * mean_diagonal(normal);
        regression->intercept[p] = (double)linear->weights[features * regression->outputs + p];
        for (size_t f = 0; f < features; f++) {
            regression->product[p * features + f] =
                gsl_matrix_get(normal->product, f, p) - sum * regression->x_mean[f];
            regression->weights[p * features + f] =
                (double)linear->weights[f * regression->outputs + p];
        }
    }
}

static struct recursive *learner(const struct baseline *baseline, struct arena *arena) {
    const struct linear *linear = baseline->fitted;
    const struct dataset *dataset = baseline->dataset;
    struct recursive *learner = recursive_new(baseline, 1, dataset->targets, arena);
    learner->gather = gather_row;
    recursive_shape(learner->regressions, (size_t)linear->features - 1, (size_t)linear->horizon,
                    arena);
    for (int target = 0; target < dataset->targets; target++) {
        int *outputs = ARENA_NEW(arena, int, linear->horizon);
        for (int p = 0; p < linear->horizon; p++)
            outputs[p] = p * dataset->targets + target;
        learner->samples[target] = (struct recursive_sample){learner->regressions, outputs};
    }
    struct normal normal = sum_up(linear, dataset);
    start_regression(linear, &normal, learner->regressions);
    normal_free(&normal);
    recursive_begin(learner, arena);
    return learner;
}

/* --- predictions ----------------------------------------------------------------------------- */

/* out [T][B][P][targets]. */
static void predict(const struct baseline *baseline, const struct batch *batch, real *out) {
    const struct linear *linear = baseline->fitted;
    const struct dataset *dataset = baseline->dataset;
    int features = linear->features, horizon = linear->horizon, targets = dataset->targets;
    int rows = batch->size * targets;
    size_t size = (size_t)batch->size, inputs = (size_t)dataset->inputs;
    struct arena scratch = {0};
    double *sample = ARENA_NEW(&scratch, double, features);
    real *x = ARENA_NEW(&scratch, real, rows * features); /* [B][targets][F] */
    real *y = ARENA_NEW(&scratch, real, rows * horizon);  /* [B][targets][P] */
    for (int t = 0; t < batch->steps; t++) {
        if (!batch_asks_for(batch, dataset, t)) {
            memset(out, 0, (size_t)(rows * horizon) * sizeof *out);
            out += rows * horizon;
            continue;
        }
        for (int row = 0; row < rows; row++) {
            int b = row / targets;
            const real *last = batch->x + ((size_t)t * size + (size_t)b) * inputs;
            double reference = gather(linear, dataset, batch->source[b], row % targets, last,
                                      size * inputs, t + 1, sample);
            for (int f = 0; f < features; f++)
                x[row * features + f] = (real)sample[f];
            for (int p = 0; p < horizon; p++)
                y[row * horizon + p] = (real)reference;
        }
        matmul_nn(rows, horizon, features, x, features, linear->weights, horizon, y, horizon, true);
        for (int b = 0; b < batch->size; b++)
            for (int p = 0; p < horizon; p++)
                for (int k = 0; k < targets; k++)
                    *out++ = y[(b * targets + k) * horizon + p];
    }
    arena_free(&scratch);
}

const struct baseline_type baseline_nlinear = {
    .name = "nlinear",
    .title = "NLinear",
    .applies = applies,
    .fit = fit_nlinear,
    .predict = predict,
    .learner = learner,
};

const struct baseline_type baseline_dlinear = {
    .name = "dlinear",
    .title = "DLinear",
    .applies = applies,
    .fit = fit_dlinear,
    .predict = predict,
    .learner = learner,
};
