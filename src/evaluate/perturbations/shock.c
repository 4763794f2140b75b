#include "evaluate/perturbation.h"
#include "evaluate/perturbations/structural.h"

enum time_warp { WARP_DELAY, WARP_FASTER, WARP_WOBBLE, WARPS };

struct shock {
    double severity, sign;
    enum shock_shape shape;
    enum time_warp warp;
};

/* Which of `rows` rows, or what point between two, row `i` shows. */
static double shown_row(const struct shock *shock, int rows, int i, gsl_rng *rng) {
    double s = shock->severity, from = i;
    switch (shock->warp) {
    case WARP_DELAY:
        from -= 5 * s;
        break;
    case WARP_FASTER:
        from *= 1 + 0.6 * s;
        break;
    default:
        from += 5 * s * sin(2 * M_PI * i / rows) + gsl_ran_gaussian(rng, 0.3 * s);
    }
    return fmin(fmax(from, 0), rows - 1);
}

static void strike(const struct shock *shock, const struct disturbance *disturbance, int input,
                   const struct dataset *dataset, struct series *series, gsl_rng *rng) {
    struct outage place = draw_place(disturbance->sensitivity, series, rng);
    int rows = place.end - place.first;
    double before[PLACE_ROWS], shocked[PLACE_ROWS];
    for (int i = 0; i < rows; i++)
        before[i] =
            (double)series->x[(size_t)(place.first + i) * (size_t)dataset->inputs + (size_t)input];
    double height =
        shock->sign * shock_height(shock->severity) * population_deviation(before, rows);
    double width = floor(6 * (0.5 + shock->severity) + 1e-9) / 2;
    for (int i = 0; i < rows; i++)
        shocked[i] = before[i] + height * shock_at(shock->shape, 1, width, rows, i);
    for (int i = 0; i < rows; i++) {
        double from = shown_row(shock, rows, i, rng);
        int left = (int)floor(from), right = left + 1 < rows ? left + 1 : left;
        real *x = observed_value(dataset, series, place.first + i, input);
        if (x != NULL && observed_value(dataset, series, place.first + left, input) != NULL &&
            observed_value(dataset, series, place.first + right, input) != NULL)
            *x = (real)(shocked[left] + (from - left) * (shocked[right] - shocked[left]));
    }
}

/* A shock whose time is off, too: ±2 (0.3 + 1.7 s) deviations on three rows, in a burst or on all of 24
 * rows, each input's own; these are then 5 s rows late, faster by 0.6 s, or wobble. One shape, sign
 * and warp for all inputs. */
static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng) {
    struct shock shock = {.severity = fmin(disturbance->severity, 1)};
    if (shock.severity == 0)
        return;
    shock.shape = (enum shock_shape)gsl_rng_uniform_int(rng, SHOCK_SHAPES);
    shock.sign = draw_sign(disturbance, rng);
    shock.warp = (enum time_warp)gsl_rng_uniform_int(rng, WARPS);
    for (int k = 0; k < hit_count(dataset, disturbance); k++)
        strike(&shock, disturbance, hit_input(disturbance, k), dataset, series, rng);
}

const struct perturbation_type perturbation_shock = {
    .name = "shock",
    .title = "Time-warped shock",
    .citation = "24 rows of every input jump, and their time is off; Zhao et al. 2026 (TS-Fault)",
    .severity = "s, at most 1: the jump is 0.6 + 3.4 s standard deviations of those rows",
    .severities = {0.2, 0.4, 0.6, 0.8, 1},
    .has_place = true,
    .apply = apply,
};
