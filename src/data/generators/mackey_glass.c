/* x'(t) = beta x(t - tau) / (1 + x(t - tau)^n) - gamma x(t): a delay differential equation. */
#include "data/generators/generator.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>

enum { TAU, BETA, GAMMA, EXPONENT, STEP };
enum { SUBSTEPS = 10, SETTLE = 500 }; /* steps between rows; rows before the first one */

static const struct generator_parameter parameters[] = {
    [TAU] = {"tau", "delay; chaotic above about 17", 17, 17, .min = 1e-6},
    [BETA] = {"beta", "rate of production", 0.2, 0.2, .min = 0},
    [GAMMA] = {"gamma", "rate of decay", 0.1, 0.1, .min = 0},
    [EXPONENT] = {"exponent", "steepness n of the feedback", 10, 10, .min = 0},
    [STEP] = {"step", "time between rows", 1, 1, .min = 1e-3, .is_fixed = true},
    {.name = NULL},
};

/* x at `steps` solver steps after the first known value, between known values along a line. Before
 * the first one x was constant. */
static double past(const double *x, double steps) {
    if (steps <= 0)
        return x[0];
    double whole = floor(steps), part = steps - whole;
    size_t k = (size_t)whole;
    return part > 0 ? x[k] + part * (x[k + 1] - x[k]) : x[k];
}

static double slope(const double *values, double now, double delayed) {
    return values[BETA] * delayed / (1 + pow(delayed, values[EXPONENT])) - values[GAMMA] * now;
}

/* One classical Runge-Kutta step; the delay spans at least one step, so its value is known. */
static double advance_series(const double *values, const double *x, size_t k, double h,
                             double lag) {
    double at = (double)k - lag;
    double d1 = past(x, at), d2 = past(x, at + 0.5), d3 = past(x, at + 1);
    double k1 = slope(values, x[k], d1);
    double k2 = slope(values, x[k] + h / 2 * k1, d2);
    double k3 = slope(values, x[k] + h / 2 * k2, d2);
    double k4 = slope(values, x[k] + h * k3, d3);
    return x[k] + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
}

/* The values in force between two solver steps: those of the row on the way to which they are. */
static const double *values_at(const double *values, size_t stride, size_t k) {
    size_t row = k / SUBSTEPS + 1;
    return values + (row > SETTLE ? row - SETTLE : 0) * stride;
}

static bool generate(const double *values, size_t stride, int *rows, gsl_rng *rng, double *out,
                     struct error *error) {
    double h = values[STEP] / SUBSTEPS;
    for (int row = 0; row < *rows && (row == 0 || stride > 0); row++)
        if (values[(size_t)row * stride + TAU] / h < 1)
            return error_set(error, "tau must be at least a tenth of step");
    size_t steps = ((size_t)SETTLE + (size_t)*rows - 1) * SUBSTEPS;
    double *x = mem_resize(NULL, (steps + 1) * sizeof *x);
    x[0] = gsl_ran_flat(rng, 0.5, 1.5);
    for (size_t k = 0; k < steps; k++) {
        const double *own = values_at(values, stride, k);
        x[k + 1] = advance_series(own, x, k, h, own[TAU] / h);
    }
    for (int row = 0; row < *rows; row++)
        out[row] = x[((size_t)SETTLE + (size_t)row) * SUBSTEPS];
    free(x);
    return true;
}

static const char *const columns[] = {"x", NULL};

const struct generator_type generator_mackey_glass = {
    .name = "mackey_glass",
    .title = "The Mackey-Glass equation: blood cells regulated with a delay, chaotic",
    .citation = "M. C. Mackey and L. Glass, Oscillation and chaos in physiological control "
                "systems, Science 197 (1977) 287-289",
    .columns = columns,
    .parameters = parameters,
    .task = "forecast",
    .inputs = columns,
    .targets = columns,
    .generate_drifting = generate,
};
