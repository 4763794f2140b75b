/* x' = sigma (y - x), y' = x (rho - z) - y, z' = x y - beta z: convection, and chaos. */
#include "data/generators/generator.h"
#include "data/generators/ode.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>

enum { SIGMA, RHO, BETA, STEP };
enum { SETTLE = 20 }; /* time to reach the attractor */

static const struct generator_parameter parameters[] = {
    [SIGMA] = {"sigma", "Prandtl number", 10, 10, .min = 0},
    [RHO] = {"rho", "Rayleigh number over its critical value; chaotic around 28", 28, 28, .min = 0},
    [BETA] = {"beta", "shape of the convection cells", 8.0 / 3, 8.0 / 3, .min = 0},
    [STEP] = {"step", "time between rows", 0.02, 0.02, .min = 1e-6, .is_fixed = true},
    {.name = NULL},
};

static int motion(double t, const double y[], double dydt[], void *data) {
    const double *values = data;
    (void)t;
    dydt[0] = values[SIGMA] * (y[1] - y[0]);
    dydt[1] = y[0] * (values[RHO] - y[2]) - y[1];
    dydt[2] = y[0] * y[1] - values[BETA] * y[2];
    return GSL_SUCCESS;
}

static bool generate(const double *values, size_t stride, int *rows, gsl_rng *rng, double *out,
                     struct error *error) {
    double y[] = {gsl_ran_flat(rng, -10, 10), gsl_ran_flat(rng, -10, 10),
                  gsl_ran_flat(rng, 10, 30)};
    return ode_sample(motion, values, stride, 3, y, SETTLE, values[STEP], *rows, out, error);
}

static const char *const columns[] = {"x", "y", "z", NULL};

const struct generator_type generator_lorenz = {
    .name = "lorenz",
    .title = "The Lorenz system: three variables of chaotic convection",
    .citation = "E. N. Lorenz, Deterministic nonperiodic flow, Journal of the Atmospheric Sciences "
                "20 (1963) 130-141",
    .columns = columns,
    .exponent = 0.9056, /* J. C. Sprott, Chaos and Time-Series Analysis (2003) */
    .parameters = parameters,
    .task = "forecast",
    .inputs = columns,
    .targets = columns,
    .generate_drifting = generate,
};
