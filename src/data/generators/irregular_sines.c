/* Two sines, sampled with noise at irregular times; the task is to recover their clean sum. A model
 * has to know how much time has passed to tell the signal from the noise. */
#include "data/generators/generator.h"

#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>

enum { FREQUENCY, RATIO, NOISE, GAP, REGULARITY };

static const struct generator_parameter parameters[] = {
    [FREQUENCY] = {"frequency", "cycles per unit of time of the slower sine", 0.02, 0.06, .min = 0},
    [RATIO] = {"ratio", "frequency of the faster sine over that of the slower", 1.5, 3, .min = 0},
    [NOISE] = {"noise", "standard deviation of the noise", 0.3, 0.3, .min = 0},
    [GAP] = {"gap", "mean time between samples", 1, 1, .min = 1e-6},
    [REGULARITY] = {"regularity", "share of each gap that is constant; 1 is regular sampling", 0.1,
                    0.1, .min = 0},
    {.name = NULL},
};

static bool generate(const double *values, size_t stride, int *rows, gsl_rng *rng, double *out,
                     struct error *error) {
    for (int row = 0; row < *rows && (row == 0 || stride > 0); row++)
        if (values[(size_t)row * stride + REGULARITY] > 1)
            return error_set(error, "regularity must be at most 1");
    double phases[] = {gsl_ran_flat(rng, 0, 2 * M_PI), gsl_ran_flat(rng, 0, 2 * M_PI)};
    double slow = 2 * M_PI * values[FREQUENCY], fast = slow * values[RATIO];
    double time = 0;
    for (int row = 0; row < *rows; row++, values += stride) {
        /* Another frequency goes on from the phase that the sine has. */
        double before_slow = slow, before_fast = fast, regular = values[REGULARITY];
        slow = 2 * M_PI * values[FREQUENCY], fast = slow * values[RATIO];
        phases[0] += (before_slow - slow) * time;
        phases[1] += (before_fast - fast) * time;
        double clean = sin(slow * time + phases[0]) + 0.5 * sin(fast * time + phases[1]);
        out[3 * (size_t)row] = time;
        out[3 * (size_t)row + 1] = clean + gsl_ran_gaussian(rng, values[NOISE]);
        out[3 * (size_t)row + 2] = clean;
        /* Gaps of zero would be two samples at one time. */
        double random = (1 - regular) * gsl_ran_exponential(rng, 1);
        time += values[GAP] * fmax(regular + random, 1e-3);
    }
    return true;
}

static const char *const columns[] = {"time", "noisy", "clean", NULL};
static const char *const inputs[] = {"noisy", NULL};
static const char *const targets[] = {"clean", NULL};

const struct generator_type generator_irregular_sines = {
    .name = "irregular_sines",
    .title = "Two sines sampled with noise at irregular times; recover the clean signal",
    .columns = columns,
    .parameters = parameters,
    .has_time = true,
    .task = "regression",
    .inputs = inputs,
    .targets = targets,
    .generate_drifting = generate,
};
