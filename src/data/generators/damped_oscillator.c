/* x'' + 2 zeta omega x' + omega^2 x = 0: a mass on a spring with friction, seen through noise. */
#include "data/generators/generator.h"
#include "data/generators/ode.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>

enum { DAMPING, FREQUENCY, AMPLITUDE, STEP, NOISE };

static const struct generator_parameter parameters[] = {
    [DAMPING] = {"damping", "damping ratio zeta; 1 and above no longer oscillates", 0.01, 0.05,
                 .min = 0},
    [FREQUENCY] = {"frequency", "angular frequency omega without damping", 0.8, 1.2, .min = 0},
    [AMPLITUDE] = {"amplitude", "largest displacement at the start", 0.5, 1.5, 0, .is_fixed = true},
    [STEP] = {"step", "time between rows", 0.1, 0.1, .min = 1e-6, .is_fixed = true},
    [NOISE] = {"noise", "standard deviation of the noise on both sensors", 0, 0, .min = 0},
    {.name = NULL},
};

static int motion(double t, const double y[], double dydt[], void *data) {
    const double *values = data;
    double zeta = values[DAMPING], omega = values[FREQUENCY];
    (void)t;
    dydt[0] = y[1];
    dydt[1] = -2 * zeta * omega * y[1] - omega * omega * y[0];
    return GSL_SUCCESS;
}

static bool generate(const double *values, size_t stride, int *rows, gsl_rng *rng, double *out,
                     struct error *error) {
    double phase = gsl_ran_flat(rng, 0, 2 * M_PI);
    double y[] = {values[AMPLITUDE] * cos(phase),
                  -values[AMPLITUDE] * values[FREQUENCY] * sin(phase)};
    if (!ode_sample(motion, values, stride, 2, y, 0, values[STEP], *rows, out, error))
        return false;
    for (int i = 0; i < 2 * *rows; i++)
        out[i] += gsl_ran_gaussian(rng, values[(size_t)(i / 2) * stride + NOISE]);
    return true;
}

static const char *const columns[] = {"position", "velocity", NULL};

const struct generator_type generator_damped_oscillator = {
    .name = "damped_oscillator",
    .title = "A mass on a spring with friction: oscillations that die away",
    .columns = columns,
    .parameters = parameters,
    .task = "forecast",
    .inputs = columns,
    .targets = columns,
    .generate_drifting = generate,
};
