/* v' = v - v^3/3 - w + current, w' = (v + a - b w) / tau: a neuron that fires again and again, fast
 * in v and slow in w. Of a series only v is seen. */
#include "data/generators/generator.h"
#include "data/generators/ode.h"
#include "data/generators/rk45.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>
#include <stdlib.h>

enum { CURRENT, A, B, TAU, STEP, RK45 };
enum { VOLTAGE, RECOVERY, STATES };

static const struct generator_parameter parameters[] = {
    [CURRENT] = {"current", "stimulus", 0.5, 0.5, .min = -100},
    [A] = {"a", "offset of the recovery", 0.7, 0.7, .min = -100},
    [B] = {"b", "decay of the recovery", 0.8, 0.8, .min = 0},
    [TAU] = {"tau", "time scale of the recovery", 50, 50, .min = 1e-3},
    [STEP] = {"step", "time between rows", 0.4, 0.4, .min = 1e-6, .is_fixed = true},
    [RK45] = {"rk45", "1: with the solver and the tolerance of the release; 0: exactly", 0, 0, 0,
              .is_fixed = true},
    {.name = NULL},
};

static int motion(double t, const double y[], double dydt[], void *data) {
    const double *values = data;
    double v = y[VOLTAGE], w = y[RECOVERY];
    (void)t;
    dydt[VOLTAGE] = v - v * v * v / 3 - w + values[CURRENT];
    dydt[RECOVERY] = (v + values[A] - values[B] * w) / values[TAU];
    return GSL_SUCCESS;
}

static bool generate(const double *values, size_t stride, int *rows, gsl_rng *rng, double *out,
                     struct error *error) {
    double own[] = {values[CURRENT], values[A], values[B], values[TAU]};
    if (values[RK45] != 0 && stride > 0)
        return error_set(error, "rk45 solves with parameters that stay; set it to 0 where they "
                                "change");
    double y[STATES] = {gsl_ran_flat(rng, -1, 1), 0};
    double *states = mem_resize(NULL, (size_t)*rows * STATES * sizeof *states);
    bool solved =
        values[RK45] != 0
            ? rk45_sample(motion, own, STATES, y, values[STEP], *rows, states, error)
            : ode_sample(motion, values, stride, STATES, y, 0, values[STEP], *rows, states, error);
    for (int row = 0; solved && row < *rows; row++)
        out[row] = states[(size_t)row * STATES + VOLTAGE];
    free(states);
    return solved;
}

static const char *const columns[] = {"v", NULL};

const struct generator_type generator_fitzhugh_nagumo = {
    .name = "fitzhugh_nagumo",
    .title = "The FitzHugh-Nagumo neuron, which fires: fast in what is seen, slow in what is not",
    .citation = "T. K. Rusch, S. Mishra, N. B. Erichson and M. W. Mahoney, Long expressive memory "
                "for sequence modeling, ICLR 2022",
    .columns = columns,
    .parameters = parameters,
    .task = "forecast",
    .inputs = columns,
    .targets = columns,
    .generate_drifting = generate,
};
