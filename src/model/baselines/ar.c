#include "model/baseline.h"
#include "model/baselines/recursive.h"
#include "model/baselines/training_steps.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_eigen.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Linear autoregression: every output is a linear function of the last P rows of inputs in its
 * window, fitted by ridge regression (Hoerl & Kennard 1970) with the penalty that generalized
 * cross-validation chooses (Golub, Heath & Wahba 1979), one for each output:
 *
 *     w = (X'X + λ 1)⁻¹ X'y,   λ = argmin |y - X w|² / (n - 1 - tr X (X'X + λ 1)⁻¹ X')²
 *
 * with X [n][F] and y [n] centred, so that the intercept is not penalized. With X'X = V diag(e) V'
 * both are sums over the F eigenvalues for any λ. Rows before a window repeat its first one.
 *
 * The cost grows with F³, so F is bounded by dropping features: first the oldest lags. When a
 * single lag of all inputs is still too much, a target that is an input is forecast from its own
 * past alone, and any other from the inputs that correlate most with it. */
struct ar_block {
    int *inputs; /* [I'] that are seen */
    int input_count;
    int *outputs; /* [O'] that are predicted */
    int output_count;
    double *weights;   /* [O'][P][I'] = [O'][F] */
    double *intercept; /* [O'] */
    double *penalty;   /* [O'] λ */
};

struct autoregression {
    int lags; /* P */
    struct ar_block *blocks;
    int block_count;
};

enum {
    MAX_FEATURES = 256,
    MAX_INPUTS = 512, /* of one lag, for a target that has no past among the inputs */
    MAX_OWN_LAGS = 16,
    MAX_STEPS = 16384,
    MIN_STEPS = 1024,
    PENALTIES = 45
};

/* Numbers of all blocks' samples together. */
static const double MAX_NUMBERS = 1 << 26;

/* A sample of training steps and its normal equations, diagonalized. */
struct regression {
    const struct ar_block *block;
    int lags;
    size_t count;             /* n */
    gsl_matrix_view x;        /* [n][F], centred */
    gsl_matrix_view y;        /* [n][O'], centred */
    double *x_mean;           /* [F] */
    double *y_mean;           /* [O'] */
    gsl_vector_view eigen;    /* [F] e */
    gsl_matrix_view vectors;  /* [F][F] V, in columns */
    gsl_matrix_view products; /* [F][O'] V'X'y */
};

static gsl_matrix_view matrix_new(size_t rows, size_t columns, struct arena *arena) {
    return gsl_matrix_view_array(ARENA_NEW(arena, double, rows *columns), rows, columns);
}

static bool applies(const struct dataset *dataset) {
    return dataset->task != TASK_CLASSIFICATION;
}

/* x [F]: the rows that end at `row`, of which none is before `first`. Returns their sum. */
static double gather_rows(const struct dataset *dataset, const struct series *series, int first,
                          int row, const struct ar_block *block, int lags, double *x) {
    double sum = 0;
    for (int lag = 0; lag < lags; lag++) {
        int own = row - lag > first ? row - lag : first;
        const real *from = series->x + (size_t)own * (size_t)dataset->inputs;
        for (int i = 0; i < block->input_count; i++)
            sum += *x++ = (double)from[block->inputs[i]];
    }
    return sum;
}

/* One step as a row of the sample; false when some number is missing. */
static bool gather(const struct dataset *dataset, const struct training_steps *step,
                   const struct ar_block *block, int lags, double *x, double *y) {
    int width = dataset->width;
    double sum = gather_rows(dataset, step->series, step->first, step->row, block, lags, x);
    const real *truth = step->series->y + (size_t)step->row * (size_t)width;
    for (int k = 0; k < block->output_count; k++)
        sum += *y++ = (double)truth[block->outputs[k]];
    return isfinite(sum);
}

/* Subtracts the mean of each column. */
static void centre(gsl_matrix *matrix, double *means) {
    for (size_t i = 0; i < matrix->size1; i++)
        for (size_t j = 0; j < matrix->size2; j++)
            means[j] += (gsl_matrix_get(matrix, i, j) - means[j]) / (double)(i + 1);
    for (size_t i = 0; i < matrix->size1; i++)
        for (size_t j = 0; j < matrix->size2; j++)
            *gsl_matrix_ptr(matrix, i, j) -= means[j];
}

/* Steps of each sample: fewer when there are many outputs or blocks. */
static size_t step_limit(const struct dataset *dataset, const struct ar_block *block, int lags) {
    double features = (double)block->input_count * lags;
    double blocks = (double)dataset->outputs / block->output_count;
    double numbers = features * fmax(blocks, block->output_count / (double)MAX_FEATURES) *
                     fmax(features / MAX_FEATURES, 1);
    return (size_t)fmin(fmax(MAX_NUMBERS / numbers, MIN_STEPS), MAX_STEPS);
}

/* Fills x and y; n is 0 when no step has all its numbers. */
static void gather_sample(const struct dataset *dataset, struct regression *regression,
                          struct arena *arena) {
    const struct ar_block *block = regression->block;
    size_t features = (size_t)(regression->lags * block->input_count);
    size_t outputs = (size_t)block->output_count, limit = 0;
    struct training_steps steps =
        training_steps(dataset, step_limit(dataset, block, regression->lags));
    for (struct training_steps each = steps; training_steps_next(&each);)
        limit++;
    double *x = ARENA_NEW(arena, double, (limit + 1) * features);
    double *y = ARENA_NEW(arena, double, (limit + 1) * outputs);
    while (training_steps_next(&steps))
        regression->count +=
            gather(dataset, &steps, block, regression->lags, x + regression->count * features,
                   y + regression->count * outputs);
    if (regression->count == 0)
        return;
    regression->x = gsl_matrix_view_array(x, regression->count, features);
    regression->y = gsl_matrix_view_array(y, regression->count, outputs);
    regression->x_mean = ARENA_NEW(arena, double, features);
    regression->y_mean = ARENA_NEW(arena, double, outputs);
    centre(&regression->x.matrix, regression->x_mean);
    centre(&regression->y.matrix, regression->y_mean);
}

/* square [F][F] X'X, its lower half; product [F][O'] X'y. */
static void multiply(const struct regression *regression, gsl_matrix *square, gsl_matrix *product) {
    gsl_blas_dsyrk(CblasLower, CblasTrans, 1, &regression->x.matrix, 0, square);
    gsl_blas_dgemm(CblasTrans, CblasNoTrans, 1, &regression->x.matrix, &regression->y.matrix, 0,
                   product);
}

static void diagonalize(struct regression *regression, struct arena *arena) {
    size_t features = regression->x.matrix.size2, outputs = regression->y.matrix.size2;
    gsl_matrix_view square = matrix_new(features, features, arena);
    gsl_matrix_view product = matrix_new(features, outputs, arena);
    multiply(regression, &square.matrix, &product.matrix);
    /* GSL's iteration does not end where a diagonal is 0 beside rounding errors; this is far below
     * the smallest penalty. */
    double trace = 0;
    for (size_t j = 0; j < features; j++)
        trace += gsl_matrix_get(&square.matrix, j, j);
    for (size_t j = 0; j < features; j++)
        *gsl_matrix_ptr(&square.matrix, j, j) += 1e-20 * trace;
    regression->eigen = gsl_vector_view_array(ARENA_NEW(arena, double, features), features);
    regression->vectors = matrix_new(features, features, arena);
    regression->products = matrix_new(features, outputs, arena);
    gsl_eigen_symmv_workspace *workspace = gsl_eigen_symmv_alloc(features);
    gsl_eigen_symmv(&square.matrix, &regression->eigen.vector, &regression->vectors.matrix,
                    workspace);
    gsl_eigen_symmv_free(workspace);
    for (size_t j = 0; j < features; j++) /* rounding makes zeros negative */
        *gsl_vector_ptr(&regression->eigen.vector, j) =
            fmax(gsl_vector_get(&regression->eigen.vector, j), 0);
    gsl_blas_dgemm(CblasTrans, CblasNoTrans, 1, &regression->vectors.matrix, &product.matrix, 0,
                   &regression->products.matrix);
}

/* The criterion of one penalty for output k, given |y|²; infinite where so few degrees of freedom
 * are left that it means nothing. */
static double cross_validation(const struct regression *regression, size_t k, double square,
                               double penalty) {
    double residual = square, used = 1; /* the intercept */
    for (size_t j = 0; j < regression->eigen.vector.size; j++) {
        double e = gsl_vector_get(&regression->eigen.vector, j);
        double c = gsl_matrix_get(&regression->products.matrix, j, k);
        residual -= c * c * (e + 2 * penalty) / ((e + penalty) * (e + penalty));
        used += e / (e + penalty);
    }
    double n = (double)regression->count, left = n - used;
    if (left < 0.1 * n)
        return INFINITY;
    return fmax(residual, 1e-15 * square) / (left * left);
}

/* Ten decades and more of penalties, relative to the largest eigenvalue; the harshest on a tie. */
static double choose_penalty(const struct regression *regression, size_t k) {
    gsl_vector_const_view y = gsl_matrix_const_column(&regression->y.matrix, k);
    double square, best = INFINITY, chosen = 0;
    gsl_blas_ddot(&y.vector, &y.vector, &square);
    double largest = gsl_vector_max(&regression->eigen.vector);
    double unit = largest > 0 ? largest : 1;
    for (int i = 0; i < PENALTIES; i++) {
        double penalty = unit * pow(10, 1 - i / 4.0);
        double criterion = cross_validation(regression, k, square, penalty);
        if (i == 0 || criterion < best) {
            best = criterion;
            chosen = penalty;
        }
    }
    return chosen;
}

/* w = V (V'X'y / (e + λ)) of output k, and its intercept. */
static void solve(const struct regression *regression, size_t k, double *weights, double *intercept,
                  double penalty) {
    size_t features = regression->x.matrix.size2;
    for (size_t j = 0; j < features; j++) {
        double share = gsl_matrix_get(&regression->products.matrix, j, k) /
                       (gsl_vector_get(&regression->eigen.vector, j) + penalty);
        for (size_t f = 0; f < features; f++)
            weights[f] += share * gsl_matrix_get(&regression->vectors.matrix, f, j);
    }
    *intercept = regression->y_mean[k];
    for (size_t f = 0; f < features; f++)
        *intercept -= weights[f] * regression->x_mean[f];
}

static bool fit_block(const struct dataset *dataset, struct ar_block *block, int lags,
                      struct arena *arena, struct error *error) {
    struct arena scratch = {0};
    struct regression regression = {.block = block, .lags = lags};
    gather_sample(dataset, &regression, &scratch);
    if (regression.count == 0) {
        arena_free(&scratch);
        return error_set(error, "ar: no training step has all its inputs and targets; fill them "
                                "(dataset.missing) or leave the baseline out");
    }
    diagonalize(&regression, &scratch);
    size_t features = regression.x.matrix.size2, outputs = (size_t)block->output_count;
    block->weights = ARENA_NEW(arena, double, outputs *features);
    block->intercept = ARENA_NEW(arena, double, outputs);
    block->penalty = ARENA_NEW(arena, double, outputs);
    for (size_t k = 0; k < outputs; k++) {
        block->penalty[k] = choose_penalty(&regression, k);
        solve(&regression, k, block->weights + k * features, &block->intercept[k],
              block->penalty[k]);
    }
    arena_free(&scratch);
    return true;
}

/* --- which features -------------------------------------------------------------------------- */

static bool has_all_inputs(const struct dataset *dataset) {
    return dataset->inputs <= (dataset->task == TASK_FORECAST ? MAX_FEATURES : MAX_INPUTS);
}

static int count_lags(const struct dataset *dataset) {
    int max = has_all_inputs(dataset) ? MAX_FEATURES / dataset->inputs : MAX_OWN_LAGS;
    if (max < 1)
        max = 1;
    return max < dataset->window ? max : dataset->window;
}

static int *list_of(int first, int step, int count, struct arena *arena) {
    int *list = ARENA_NEW(arena, int, count);
    for (int i = 0; i < count; i++)
        list[i] = first + i * step;
    return list;
}

struct correlation {
    double size;
    int input;
};

static int by_size(const void *a, const void *b) {
    const struct correlation *one = a, *other = b;
    if (one->size != other->size)
        return one->size < other->size ? 1 : -1;
    return one->input - other->input;
}

/* The `count` inputs whose values correlate most with a target at the steps of training. */
static int *choose_inputs(const struct dataset *dataset, int target, int count,
                          struct arena *arena) {
    struct arena scratch = {0};
    size_t inputs = (size_t)dataset->inputs, n = 0;
    struct correlation *all = ARENA_NEW(&scratch, struct correlation, inputs);
    double *mean = ARENA_NEW(&scratch, double, inputs);    /* [I] */
    double *square = ARENA_NEW(&scratch, double, inputs);  /* [I] sums of squared deviations */
    double *product = ARENA_NEW(&scratch, double, inputs); /* [I] and of products with the target */
    double y_mean = 0;
    struct training_steps steps = training_steps(dataset, MIN_STEPS);
    while (training_steps_next(&steps)) {
        double y =
            (double)steps.series->y[(size_t)steps.row * (size_t)dataset->width + (size_t)target];
        if (isnan(y))
            continue;
        const real *x = steps.series->x + (size_t)steps.row * inputs;
        double from_y = y - y_mean;
        y_mean += from_y / (double)++n;
        for (size_t i = 0; i < inputs; i++) {
            double from_x = (double)x[i] - mean[i];
            mean[i] += from_x / (double)n;
            square[i] += from_x * ((double)x[i] - mean[i]);
            product[i] += from_y * ((double)x[i] - mean[i]);
        }
    }
    for (size_t i = 0; i < inputs; i++)
        all[i] =
            (struct correlation){square[i] > 0 ? fabs(product[i]) / sqrt(square[i]) : 0, (int)i};
    qsort(all, inputs, sizeof *all, by_size);
    int *chosen = ARENA_NEW(arena, int, count);
    for (int i = 0; i < count; i++)
        chosen[i] = all[i].input;
    arena_free(&scratch);
    return chosen;
}

/* One block of everything or, with too many inputs, one for each target. */
static void choose_blocks(const struct dataset *dataset, struct autoregression *ar,
                          struct arena *arena) {
    int targets = dataset->targets;
    ar->lags = count_lags(dataset);
    ar->block_count = has_all_inputs(dataset) ? 1 : targets;
    ar->blocks = ARENA_NEW(arena, struct ar_block, ar->block_count);
    if (has_all_inputs(dataset)) {
        ar->blocks[0] = (struct ar_block){
            .inputs = list_of(0, 1, dataset->inputs, arena),
            .input_count = dataset->inputs,
            .outputs = list_of(0, 1, dataset->outputs, arena),
            .output_count = dataset->outputs,
        };
        return;
    }
    for (int k = 0; k < targets; k++) {
        struct ar_block *block = &ar->blocks[k];
        int own = dataset->task == TASK_FORECAST ? dataset->target_input[k] : -1;
        block->input_count = own >= 0 ? 1 : MAX_FEATURES / ar->lags;
        block->inputs = own >= 0 ? list_of(own, 1, 1, arena)
                                 : choose_inputs(dataset, k, block->input_count, arena);
        block->output_count = dataset->horizon;
        block->outputs = list_of(k, targets, dataset->horizon, arena);
    }
}

static const char *note(const struct dataset *dataset, struct arena *arena) {
    int lags = count_lags(dataset);
    if (!has_all_inputs(dataset))
        return arena_printf(arena,
                            "baseline ar: %d inputs are too many for one regression; %d lags are "
                            "used, of a target's own past or, where it is no input, of the %d "
                            "inputs that correlate most with it",
                            dataset->inputs, lags, MAX_FEATURES / lags);
    if (lags == dataset->window)
        return NULL;
    return arena_printf(arena,
                        "baseline ar: uses %d of the window's %d lags, to bound its cost with %d "
                        "inputs",
                        lags, dataset->window, dataset->inputs);
}

static bool fit(struct baseline *baseline, struct arena *arena, struct error *error) {
    const struct dataset *dataset = baseline->dataset;
    struct autoregression *ar = ARENA_NEW(arena, struct autoregression, 1);
    choose_blocks(dataset, ar, arena);
    for (int i = 0; i < ar->block_count; i++) {
        struct ar_block *block = &ar->blocks[i];
        if (!fit_block(dataset, block, ar->lags, arena, error))
            return false;
        baseline->parameters +=
            (size_t)block->output_count * (size_t)(block->input_count * ar->lags + 1);
    }
    baseline->fitted = ar;
    return true;
}

/* --- learning on ----------------------------------------------------------------------------- */

static double gather_row(const struct baseline *baseline, const struct series *series, int row,
                         int sample, double *x) {
    const struct autoregression *ar = baseline->fitted;
    gather_rows(baseline->dataset, series, 0, row, &ar->blocks[sample], ar->lags, x);
    return 0;
}

/* The sums of the fit, and what came of them. */
static void start_regression(const struct dataset *dataset, const struct ar_block *block, int lags,
                             struct recursive_regression *to) {
    struct arena scratch = {0};
    struct regression regression = {.block = block, .lags = lags};
    size_t features = to->features, outputs = to->outputs;
    gsl_matrix_view square = gsl_matrix_view_array(to->square, features, features);
    gsl_matrix_view product = matrix_new(features, outputs, &scratch);
    gsl_matrix_view transposed = gsl_matrix_view_array(to->product, outputs, features);
    gather_sample(dataset, &regression, &scratch);
    multiply(&regression, &square.matrix, &product.matrix);
    gsl_matrix_transpose_memcpy(&transposed.matrix, &product.matrix);
    *to->count = (double)regression.count;
    memcpy(to->x_mean, regression.x_mean, features * sizeof(double));
    memcpy(to->y_mean, regression.y_mean, outputs * sizeof(double));
    memcpy(to->weights, block->weights, outputs * features * sizeof(double));
    memcpy(to->intercept, block->intercept, outputs * sizeof(double));
    memcpy(to->penalty, block->penalty, outputs * sizeof(double));
    arena_free(&scratch);
}

static struct recursive *learner(const struct baseline *baseline, struct arena *arena) {
    const struct autoregression *ar = baseline->fitted;
    struct recursive *learner = recursive_new(baseline, ar->block_count, ar->block_count, arena);
    learner->gather = gather_row;
    for (int i = 0; i < ar->block_count; i++) {
        const struct ar_block *block = &ar->blocks[i];
        struct recursive_regression *own = &learner->regressions[i];
        recursive_shape(own, (size_t)(block->input_count * ar->lags), (size_t)block->output_count,
                        arena);
        start_regression(baseline->dataset, block, ar->lags, own);
        learner->samples[i] = (struct recursive_sample){own, block->outputs};
    }
    recursive_begin(learner, arena);
    return learner;
}

/* --- predictions ----------------------------------------------------------------------------- */

/* x [B][P][I']: the rows t, t - 1, ... of every window. */
static void gather_lags(const struct batch *batch, int inputs, const struct ar_block *block,
                        int lags, int t, gsl_matrix *x) {
    for (int b = 0; b < batch->size; b++) {
        double *to = gsl_matrix_ptr(x, (size_t)b, 0);
        for (int lag = 0; lag < lags; lag++) {
            size_t row = t > lag ? (size_t)(t - lag) : 0;
            const real *from =
                batch->x + (row * (size_t)batch->size + (size_t)b) * (size_t)inputs; /* [I] */
            for (int i = 0; i < block->input_count; i++)
                *to++ = (double)from[block->inputs[i]];
        }
    }
}

/* out [T][B][O], of which the block's outputs are filled. */
static void predict_block(const struct dataset *dataset, const struct ar_block *block, int lags,
                          const struct batch *batch, real *out) {
    size_t features = (size_t)(lags * block->input_count), outputs = (size_t)block->output_count;
    size_t size = (size_t)batch->size;
    struct arena scratch = {0};
    gsl_matrix_const_view weights =
        gsl_matrix_const_view_array(block->weights, outputs, features); /* [O'][F] */
    gsl_matrix_view x = matrix_new(size, features, &scratch);           /* [B][F] */
    gsl_matrix_view y = matrix_new(size, outputs, &scratch);            /* [B][O'] */
    for (int t = 0; t < batch->steps; t++) {
        gather_lags(batch, dataset->inputs, block, lags, t, &x.matrix);
        gsl_blas_dgemm(CblasNoTrans, CblasTrans, 1, &x.matrix, &weights.matrix, 0, &y.matrix);
        for (size_t b = 0; b < size; b++, out += dataset->outputs)
            for (size_t k = 0; k < outputs; k++)
                out[block->outputs[k]] =
                    (real)(gsl_matrix_get(&y.matrix, b, k) + block->intercept[k]);
    }
    arena_free(&scratch);
}

static void predict(const struct baseline *baseline, const struct batch *batch, real *out) {
    const struct autoregression *ar = baseline->fitted;
    for (int i = 0; i < ar->block_count; i++)
        predict_block(baseline->dataset, &ar->blocks[i], ar->lags, batch, out);
}

const struct baseline_type baseline_ar = {
    .name = "ar",
    .title = "Linear AR",
    .applies = applies,
    .note = note,
    .fit = fit,
    .predict = predict,
    .learner = learner,
};
