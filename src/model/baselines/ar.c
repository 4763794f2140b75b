#include "model/baseline.h"
#include "model/baselines/training_steps.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_eigen.h>
#include <math.h>

/* Linear autoregression: every output is a linear function of the last P rows of inputs in its
 * window, fitted by ridge regression (Hoerl & Kennard 1970) with the penalty that generalized
 * cross-validation chooses (Golub, Heath & Wahba 1979), one for each output:
 *
 *     w = (X'X + λ 1)⁻¹ X'y,   λ = argmin |y - X w|² / (n - 1 - tr X (X'X + λ 1)⁻¹ X')²
 *
 * with X [n][F] and y [n] centred, so that the intercept is not penalized. With X'X = V diag(e) V'
 * both are sums over the F eigenvalues for any λ. Rows before a window repeat its first one. */
struct autoregression {
    int lags;          /* P */
    double *weights;   /* [O][P][I] = [O][F] */
    double *intercept; /* [O] */
};

enum { MOST_FEATURES = 256, MOST_STEPS = 16384, PENALTIES = 45 };

/* A sample of training steps and its normal equations, diagonalized. */
struct regression {
    int lags;
    size_t count;             /* n */
    gsl_matrix_view x;        /* [n][F], centred */
    gsl_matrix_view y;        /* [n][O], centred */
    double *x_mean;           /* [F] */
    double *y_mean;           /* [O] */
    gsl_vector_view eigen;    /* [F] e */
    gsl_matrix_view vectors;  /* [F][F] V, in columns */
    gsl_matrix_view products; /* [F][O] V'X'y */
};

static gsl_matrix_view matrix_new(size_t rows, size_t columns, struct arena *arena) {
    return gsl_matrix_view_array(ARENA_NEW(arena, double, rows *columns), rows, columns);
}

static bool applies(const struct dataset *dataset) {
    return dataset->task != TASK_CLASSIFICATION;
}

/* One step as a row of the sample; false when some number is missing. */
static bool gather(const struct dataset *dataset, const struct training_steps *step, int lags,
                   double *x, double *y) {
    int inputs = dataset->inputs, width = dataset->width;
    double sum = 0;
    for (int lag = 0; lag < lags; lag++) {
        int row = step->row - lag > step->first ? step->row - lag : step->first;
        for (int i = 0; i < inputs; i++)
            sum += *x++ = (double)step->series->x[(size_t)row * (size_t)inputs + (size_t)i];
    }
    for (int k = 0; k < width; k++)
        sum += *y++ = (double)step->series->y[(size_t)step->row * (size_t)width + (size_t)k];
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

/* Fills x and y; n is 0 when no step has all its numbers. */
static void gather_sample(const struct dataset *dataset, struct regression *regression,
                          struct arena *arena) {
    size_t features = (size_t)(regression->lags * dataset->inputs);
    size_t outputs = (size_t)dataset->outputs, limit = 0;
    struct training_steps steps = training_steps(dataset, MOST_STEPS);
    for (struct training_steps each = steps; training_steps_next(&each);)
        limit++;
    double *x = ARENA_NEW(arena, double, (limit + 1) * features);
    double *y = ARENA_NEW(arena, double, (limit + 1) * outputs);
    while (training_steps_next(&steps))
        regression->count +=
            gather(dataset, &steps, regression->lags, x + regression->count * features,
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

static void diagonalize(struct regression *regression, struct arena *arena) {
    size_t features = regression->x.matrix.size2, outputs = regression->y.matrix.size2;
    gsl_matrix_view square = matrix_new(features, features, arena); /* X'X */
    gsl_matrix_view product = matrix_new(features, outputs, arena); /* X'y */
    gsl_blas_dsyrk(CblasLower, CblasTrans, 1, &regression->x.matrix, 0, &square.matrix);
    gsl_blas_dgemm(CblasTrans, CblasNoTrans, 1, &regression->x.matrix, &regression->y.matrix, 0,
                   &product.matrix);
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
static void solve(const struct regression *regression, size_t k, double *weights,
                  double *intercept) {
    size_t features = regression->x.matrix.size2;
    double penalty = choose_penalty(regression, k);
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

static bool fit(struct baseline *baseline, struct arena *arena, struct error *error) {
    const struct dataset *dataset = baseline->dataset;
    int most = MOST_FEATURES / dataset->inputs;
    int lags = most < 1 ? 1 : (most < dataset->window ? most : dataset->window);
    struct arena scratch = {0};
    struct regression regression = {.lags = lags};
    gather_sample(dataset, &regression, &scratch);
    if (regression.count == 0) {
        arena_free(&scratch);
        return error_set(error, "ar: no training step has all its inputs and targets; fill them "
                                "(dataset.missing) or leave the baseline out");
    }
    diagonalize(&regression, &scratch);
    size_t features = regression.x.matrix.size2, outputs = (size_t)dataset->outputs;
    struct autoregression *ar = ARENA_NEW(arena, struct autoregression, 1);
    ar->lags = lags;
    ar->weights = ARENA_NEW(arena, double, outputs *features);
    ar->intercept = ARENA_NEW(arena, double, outputs);
    for (size_t k = 0; k < outputs; k++)
        solve(&regression, k, ar->weights + k * features, &ar->intercept[k]);
    baseline->fitted = ar;
    baseline->parameters = outputs * (features + 1);
    arena_free(&scratch);
    return true;
}

/* x [B][P][I]: the rows t, t - 1, ... of every window. */
static void gather_lags(const struct batch *batch, int inputs, int lags, int t, gsl_matrix *x) {
    for (int b = 0; b < batch->size; b++) {
        double *to = gsl_matrix_ptr(x, (size_t)b, 0);
        for (int lag = 0; lag < lags; lag++) {
            size_t row = t > lag ? (size_t)(t - lag) : 0;
            const real *from =
                batch->x + (row * (size_t)batch->size + (size_t)b) * (size_t)inputs; /* [I] */
            for (int i = 0; i < inputs; i++)
                *to++ = (double)from[i];
        }
    }
}

static void predict(const struct baseline *baseline, const struct batch *batch, real *out) {
    const struct autoregression *ar = baseline->fitted;
    int inputs = baseline->dataset->inputs;
    size_t features = (size_t)(ar->lags * inputs), outputs = (size_t)baseline->dataset->outputs;
    size_t size = (size_t)batch->size;
    struct arena scratch = {0};
    gsl_matrix_const_view weights =
        gsl_matrix_const_view_array(ar->weights, outputs, features); /* [O][F] */
    gsl_matrix_view x = matrix_new(size, features, &scratch);        /* [B][F] */
    gsl_matrix_view y = matrix_new(size, outputs, &scratch);         /* [B][O] */
    for (int t = 0; t < batch->steps; t++) {
        gather_lags(batch, inputs, ar->lags, t, &x.matrix);
        gsl_blas_dgemm(CblasNoTrans, CblasTrans, 1, &x.matrix, &weights.matrix, 0, &y.matrix);
        for (size_t b = 0; b < size; b++)
            for (size_t k = 0; k < outputs; k++)
                *out++ = (real)(gsl_matrix_get(&y.matrix, b, k) + ar->intercept[k]);
    }
    arena_free(&scratch);
}

const struct baseline_type baseline_ar = {
    .name = "ar",
    .title = "Linear AR",
    .applies = applies,
    .fit = fit,
    .predict = predict,
};
