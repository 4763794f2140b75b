#include "math/softmax.h"
#include "model/baseline.h"
#include "model/baselines/training_steps.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_multimin.h>
#include <math.h>
#include <string.h>

/* Multinomial logistic regression on one row of inputs (Bishop, Pattern Recognition and Machine
 * Learning, 2006, equations 4.104 and 4.108), with the penalty of half the squared weights that is
 * scikit-learn's default:
 *
 *     p(c | x) = softmax(W x + b)_c,   E = -Σ_n log p(c_n | x_n) + ½ Σ W²
 *
 * fitted by BFGS to inputs of mean 0 and deviation 1; the b are not penalized. It sees no past: what
 * a network gains over it is what the sequence is worth. */
struct logistic {
    double *weights; /* [O][I + 1] of the inputs as they are; the last of a row is b */
};

/* Training steps with a class. */
struct labelled_rows {
    size_t count, features, classes; /* n, F = I + 1, O */
    double *x;                       /* [n][F], the last feature 1 */
    int *class;                      /* [n] */
    double *probability;             /* [n][O], of the weights last looked at; room */
};

enum { MAX_STEPS = 16384, MAX_ITERATIONS = 200 };
static const double MAX_NUMBERS = 1 << 22; /* of n F O: an iteration in some milliseconds */
static const double LINE_TOLERANCE = 0.1, FIRST_STEP = 0.1;
static const double CONVERGED = 1e-4; /* length of the gradient of E / n */

static bool applies(const struct dataset *dataset) {
    return dataset->task == TASK_CLASSIFICATION;
}

static void gather(const struct dataset *dataset, struct labelled_rows *rows, struct arena *arena) {
    size_t inputs = (size_t)dataset->inputs;
    double limit = MAX_NUMBERS / (double)(rows->features * rows->classes);
    struct training_steps steps =
        training_steps(dataset, (size_t)fmax(fmin(limit, MAX_STEPS), (double)rows->features));
    size_t room = 0;
    for (struct training_steps each = steps; training_steps_next(&each);)
        room++;
    rows->x = ARENA_NEW(arena, double, room * rows->features);
    rows->class = ARENA_NEW(arena, int, room);
    rows->probability = ARENA_NEW(arena, double, room * rows->classes);
    while (training_steps_next(&steps)) {
        double *x = rows->x + rows->count * rows->features;
        double sum = (double)steps.series->y[steps.row];
        for (size_t i = 0; i < inputs; i++)
            sum += x[i] = (double)steps.series->x[(size_t)steps.row * inputs + i];
        x[inputs] = 1;
        rows->class[rows->count] = isfinite(sum) ? (int)steps.series->y[steps.row] : 0;
        rows->count += isfinite(sum);
    }
}

/* Moves every input to mean 0 and deviation 1; one that is constant becomes 0. mean, scale [I]. */
static void standardize(struct labelled_rows *rows, double *mean, double *scale) {
    size_t width = rows->features;
    for (size_t i = 0; i + 1 < width; i++) {
        gsl_vector_view column = gsl_vector_view_array_with_stride(rows->x + i, width, rows->count);
        for (size_t n = 0; n < rows->count; n++)
            mean[i] += (rows->x[n * width + i] - mean[i]) / (double)(n + 1);
        gsl_vector_add_constant(&column.vector, -mean[i]);
        double deviation = gsl_blas_dnrm2(&column.vector) / sqrt((double)rows->count);
        scale[i] = deviation > 0 ? 1 / deviation : 0;
        gsl_vector_scale(&column.vector, scale[i]);
    }
}

/* Fills the probabilities [n][O]; returns E / n. w [O][F] */
static double fill_probabilities(const gsl_vector *w, struct labelled_rows *rows) {
    size_t classes = rows->classes, width = rows->features;
    gsl_matrix_const_view weights = gsl_matrix_const_view_array(w->data, classes, width);
    gsl_matrix_view x = gsl_matrix_view_array(rows->x, rows->count, width);
    gsl_matrix_view logits = gsl_matrix_view_array(rows->probability, rows->count, classes);
    gsl_blas_dgemm(CblasNoTrans, CblasTrans, 1, &x.matrix, &weights.matrix, 0, &logits.matrix);
    double error = 0;
    for (size_t n = 0; n < rows->count; n++) {
        double *row = rows->probability + n * classes, truth = row[rows->class[n]];
        error += softmax(row, (int)classes) - truth;
    }
    for (size_t k = 0; k < classes * width; k++)
        error += (k + 1) % width == 0 ? 0 : w->data[k] * w->data[k] / 2;
    return error / (double)rows->count;
}

static double error_at(const gsl_vector *w, void *rows) {
    return fill_probabilities(w, rows);
}

static void error_and_slope(const gsl_vector *w, void *of, double *error, gsl_vector *slope) {
    struct labelled_rows *rows = of;
    size_t classes = rows->classes, width = rows->features;
    *error = fill_probabilities(w, rows);
    for (size_t n = 0; n < rows->count; n++)
        rows->probability[n * classes + (size_t)rows->class[n]] -= 1;
    gsl_matrix_view x = gsl_matrix_view_array(rows->x, rows->count, width);
    gsl_matrix_view excess = gsl_matrix_view_array(rows->probability, rows->count, classes);
    gsl_matrix_view sum = gsl_matrix_view_array(slope->data, classes, width);
    gsl_blas_dgemm(CblasTrans, CblasNoTrans, 1 / (double)rows->count, &excess.matrix, &x.matrix, 0,
                   &sum.matrix);
    for (size_t k = 0; k < classes * width; k++)
        slope->data[k] += (k + 1) % width == 0 ? 0 : w->data[k] / (double)rows->count;
}

static void slope_at(const gsl_vector *w, void *rows, gsl_vector *slope) {
    double error;
    error_and_slope(w, rows, &error, slope);
}

/* weights [O][F] of the standardized inputs, from 0. */
static void minimize(struct labelled_rows *rows, double *weights) {
    size_t count = rows->classes * rows->features;
    gsl_multimin_function_fdf problem = {error_at, slope_at, error_and_slope, count, rows};
    gsl_multimin_fdfminimizer *search =
        gsl_multimin_fdfminimizer_alloc(gsl_multimin_fdfminimizer_vector_bfgs2, count);
    gsl_vector *start = gsl_vector_calloc(count);
    gsl_multimin_fdfminimizer_set(search, &problem, start, FIRST_STEP, LINE_TOLERANCE);
    for (int i = 0; i < MAX_ITERATIONS; i++)
        if (gsl_multimin_fdfminimizer_iterate(search) != GSL_SUCCESS ||
            gsl_multimin_test_gradient(search->gradient, CONVERGED) == GSL_SUCCESS)
            break;
    memcpy(weights, search->x->data, count * sizeof weights[0]);
    gsl_vector_free(start);
    gsl_multimin_fdfminimizer_free(search);
}

static bool fit(struct baseline *baseline, struct arena *arena, struct error *error) {
    const struct dataset *dataset = baseline->dataset;
    struct arena scratch = {0};
    struct labelled_rows rows = {.features = (size_t)dataset->inputs + 1,
                                 .classes = (size_t)dataset->outputs};
    gather(dataset, &rows, &scratch);
    if (rows.count == 0) {
        arena_free(&scratch);
        return error_set(error, "no training step has all its inputs and a class");
    }
    double *mean = ARENA_NEW(&scratch, double, rows.features);
    double *scale = ARENA_NEW(&scratch, double, rows.features);
    standardize(&rows, mean, scale);
    struct logistic *logistic = ARENA_NEW(arena, struct logistic, 1);
    logistic->weights = ARENA_NEW(arena, double, rows.classes *rows.features);
    minimize(&rows, logistic->weights);
    for (size_t c = 0; c < rows.classes; c++) {
        double *w = logistic->weights + c * rows.features;
        for (size_t i = 0; i + 1 < rows.features; i++) {
            w[i] *= scale[i];
            w[rows.features - 1] -= w[i] * mean[i];
        }
    }
    arena_free(&scratch);
    baseline->fitted = logistic;
    baseline->parameters = rows.classes * rows.features;
    return true;
}

static void predict(const struct baseline *baseline, const struct batch *batch, real *out) {
    const struct dataset *dataset = baseline->dataset;
    const struct logistic *logistic = baseline->fitted;
    size_t inputs = (size_t)dataset->inputs, outputs = (size_t)dataset->outputs;
    for (size_t step = 0; step < (size_t)batch->steps * (size_t)batch->size; step++)
        for (size_t c = 0; c < outputs; c++) {
            const double *w = logistic->weights + c * (inputs + 1);
            double logit = w[inputs];
            for (size_t i = 0; i < inputs; i++)
                logit += w[i] * (double)batch->x[step * inputs + i];
            out[step * outputs + c] = (real)logit;
        }
}

const struct baseline_type baseline_logistic = {
    .name = "logistic",
    .title = "Logistic regression",
    .applies = applies,
    .fit = fit,
    .predict = predict,
};
