/* theta'' + damping theta' + sin(theta) = force cos(frequency t): a pendulum that is pushed. */
#include "data/generators/generator.h"
#include "data/generators/ode.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>

enum { DAMPING, FORCE, FREQUENCY, STEP };
enum { ANGLE, VELOCITY, DRIVE_PHASE, STATES };

static const struct generator_parameter parameters[] = {
    [DAMPING] = {"damping", "friction", 0.4, 0.6, .min = 0},
    [FORCE] = {"force", "amplitude of the torque; chaotic around 1.2", 0.5, 1.0, .min = 0},
    [FREQUENCY] = {"frequency", "angular frequency of the torque", 0.6, 0.7, .min = 0},
    [STEP] = {"step", "time between rows", 0.2, 0.2, .min = 1e-6, .is_fixed = true},
    {.name = NULL},
};

static int motion(double t, const double y[], double dydt[], void *data) {
    const double *values = data;
    (void)t;
    dydt[ANGLE] = y[VELOCITY];
    dydt[VELOCITY] =
        -values[DAMPING] * y[VELOCITY] - sin(y[ANGLE]) + values[FORCE] * cos(y[DRIVE_PHASE]);
    dydt[DRIVE_PHASE] = values[FREQUENCY];
    return GSL_SUCCESS;
}

/* The angle turns over and over, so it is given by its sine and cosine. */
static bool generate(const double *values, size_t stride, int *rows, gsl_rng *rng, double *out,
                     struct error *error) {
    double y[STATES] = {gsl_ran_flat(rng, -M_PI, M_PI), gsl_ran_flat(rng, -1, 1),
                        gsl_ran_flat(rng, 0, 2 * M_PI)};
    double *states = mem_resize(NULL, (size_t)*rows * STATES * sizeof *states);
    bool solved =
        ode_sample(motion, values, stride, STATES, y, 0, values[STEP], *rows, states, error);
    for (int row = 0; solved && row < *rows; row++) {
        const double *state = states + (size_t)row * STATES;
        double *columns = out + (size_t)row * 4;
        columns[0] = sin(state[ANGLE]);
        columns[1] = cos(state[ANGLE]);
        columns[2] = state[VELOCITY];
        columns[3] = values[(size_t)row * stride + FORCE] * cos(state[DRIVE_PHASE]);
    }
    free(states);
    return solved;
}

static const char *const columns[] = {"sine", "cosine", "velocity", "torque", NULL};
static const char *const targets[] = {"sine", "cosine", "velocity", NULL};

const struct generator_type generator_forced_pendulum = {
    .name = "forced_pendulum",
    .title = "A damped pendulum under a periodic torque, which is an input",
    .columns = columns,
    .parameters = parameters,
    .task = "forecast",
    .inputs = columns,
    .targets = targets,
    .generate_drifting = generate,
};
