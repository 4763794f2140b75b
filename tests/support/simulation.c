#include "support/simulation.h"

#include "base/arena.h"
#include "evaluate/difference.h"
#include "evaluate/influence.h"
#include "evaluate/significance.h"
#include "math/random.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

enum { HORIZON = 12, WARM_UP = 100 };

static double p_of(double t, double freedom) {
    return 2 * gsl_cdf_tdist_Q(fabs(t), freedom);
}

/* ---- Losses ---- */

const struct process processes[] = {
    {"independent", 0, false, false},
    {"AR(1), 0.5", 0.5, false, false},
    {"AR(1), 0.5, heavy tails", 0.5, false, true},
    {"AR(1), 0.8", 0.8, false, false},
    {"AR(1), 0.9", 0.9, false, false},
    {"squares of AR(1), 0.9", 0.9, true, false},
    {"squares, 12 steps ahead", NAN, true, false},
};
const size_t process_count = sizeof processes / sizeof processes[0];

static void draw_series(const struct process *process, gsl_rng *rng, double *values, size_t steps) {
    double state = 0, shocks[HORIZON] = {0};
    for (size_t t = 0; t < steps + WARM_UP; t++) {
        double shock = process->heavy ? gsl_ran_tdist(rng, 3) : gsl_ran_gaussian(rng, 1);
        if (isnan(process->correlation)) {
            state += shock - shocks[t % HORIZON];
            shocks[t % HORIZON] = shock;
        } else {
            state = process->correlation * state + shock;
        }
        if (t >= WARM_UP)
            values[t - WARM_UP] = state;
    }
}

static void draw_losses(const struct process *process, gsl_rng *rng, double *losses, double *other,
                        size_t steps) {
    draw_series(process, rng, losses, steps);
    if (!process->squares)
        return;
    draw_series(process, rng, other, steps);
    for (size_t t = 0; t < steps; t++)
        losses[t] = losses[t] * losses[t] - other[t] * other[t];
}

/* ---- Tests of one series of losses ---- */

/* The sums of (loss - mean) / steps over MAX_BLOCKS stretches at most: what a record keeps. */
static size_t cut(const double *losses, size_t steps, double blocks[MAX_BLOCKS]) {
    size_t count = steps < MAX_BLOCKS ? steps : MAX_BLOCKS;
    double mean = gsl_stats_mean(losses, 1, steps);
    for (size_t k = 0; k < count; k++)
        blocks[k] = 0;
    for (size_t t = 0; t < steps; t++)
        blocks[t * count / steps] += (losses[t] - mean) / (double)steps;
    return count;
}

static double by_rule(const double *losses, size_t steps) {
    double blocks[MAX_BLOCKS];
    struct variance variance = serial_variance(blocks, cut(losses, steps, blocks));
    return p_of(gsl_stats_mean(losses, 1, steps) / sqrt(variance.value), variance.freedom);
}

/* With another number of cosines. */
static double by_cosines(const double *losses, size_t steps, size_t cosines) {
    double blocks[MAX_BLOCKS], sum = 0;
    size_t count = cut(losses, steps, blocks);
    cosines = cosines < count ? cosines : count - 1;
    for (size_t j = 1; j <= cosines; j++) {
        double weight = 0;
        for (size_t k = 0; k < count; k++)
            weight += blocks[k] * cos(M_PI * (double)j * ((double)k + 0.5) / (double)count);
        sum += 2 * weight * weight / (double)cosines;
    }
    return p_of(gsl_stats_mean(losses, 1, steps) / sqrt(sum), (double)cosines);
}

static double by_4(const double *losses, size_t steps) {
    return by_cosines(losses, steps, 4);
}

static double by_16(const double *losses, size_t steps) {
    return by_cosines(losses, steps, 16);
}

/* Lazarus, Lewis, Stock & Watson 2018: 0.4 T^(2/3). */
static double by_two_thirds(const double *losses, size_t steps) {
    return by_cosines(losses, steps, (size_t)(0.4 * pow((double)steps, 2.0 / 3)));
}

static double autocovariance(const double *losses, size_t steps, double mean, size_t lag) {
    double sum = 0;
    for (size_t t = lag; t < steps; t++)
        sum += (losses[t] - mean) * (losses[t - lag] - mean);
    return sum / (double)steps;
}

/* Harvey, Leybourne & Newbold 1997: the autocovariances of h - 1 lags; where they add up to nothing, the
 * variance alone. */
static double modified(const double *losses, size_t steps, size_t h) {
    double mean = gsl_stats_mean(losses, 1, steps), n = (double)steps, lags = (double)h;
    double alone = autocovariance(losses, steps, mean, 0), variance = alone;
    for (size_t lag = 1; lag < h; lag++)
        variance += 2 * autocovariance(losses, steps, mean, lag);
    if (variance <= 0)
        variance = alone;
    double factor = (n + 1 - 2 * lags + lags * (lags - 1) / n) / n;
    return p_of(mean / sqrt(variance / n) * sqrt(factor), n - 1);
}

static double as_independent(const double *losses, size_t steps) {
    return modified(losses, steps, 1);
}

static double by_horizon(const double *losses, size_t steps) {
    return modified(losses, steps, HORIZON);
}

static double by_cube_root(const double *losses, size_t steps) {
    return modified(losses, steps, (size_t)cbrt((double)steps) + 1);
}

/* Coroneo & Iacone 2020: Bartlett's weights, T^(1/2) lags, and the quantile for a fixed share of the
 * lags (Kiefer & Vogelsang 2005). Below 5 % or not is all that is known of p. */
static double by_bartlett(const double *losses, size_t steps) {
    double mean = gsl_stats_mean(losses, 1, steps), lags = floor(sqrt((double)steps));
    double variance = autocovariance(losses, steps, mean, 0), b = lags / (double)steps;
    for (size_t lag = 1; (double)lag < lags; lag++)
        variance += 2 * (1 - (double)lag / lags) * autocovariance(losses, steps, mean, lag);
    double quantile = 1.96 + 2.9694 * b + 0.4160 * b * b - 0.5324 * b * b * b;
    return fabs(mean) / sqrt(variance / (double)steps) > quantile ? 0 : 1;
}

const struct serial_test serial_tests[] = {
    {"8 cosines", by_rule},
    {"4 cosines", by_4},
    {"16 cosines", by_16},
    {"0.4 T^(2/3) cosines", by_two_thirds},
    {"HLN, 11 lags", by_horizon},
    {"HLN, T^(1/3) lags", by_cube_root},
    {"Bartlett, T^(1/2) lags", by_bartlett},
    {"as independent", as_independent},
};
const size_t serial_test_count = sizeof serial_tests / sizeof serial_tests[0];

void simulate_serial(const struct process *process, size_t steps, int draws, size_t tests,
                     double *rates) {
    struct arena arena = {0};
    double *losses = ARENA_NEW(&arena, double, steps), *other = ARENA_NEW(&arena, double, steps);
    gsl_rng *rng = random_stream(steps, process->title);
    for (size_t test = 0; test < tests; test++)
        rates[test] = 0;
    for (int draw = 0; draw < draws; draw++) {
        draw_losses(process, rng, losses, other, steps);
        for (size_t test = 0; test < tests; test++)
            rates[test] += serial_tests[test].p(losses, steps) < 0.05 ? 1.0 / draws : 0;
    }
    gsl_rng_free(rng);
    arena_free(&arena);
}

/* ---- Seeds and test data ---- */

const struct scenario scenarios[] = {
    {1, 0, 0},     {0, 1, 0},       {0, 0, 1},       {0.5, 0.5, 0},   {0.5, 0, 0.5},
    {0, 0.5, 0.5}, {0.4, 0.3, 0.3}, {0.1, 0.8, 0.1}, {0.8, 0.1, 0.1}, {0.1, 0.1, 0.8},
};
const size_t scenario_count = sizeof scenarios / sizeof scenarios[0];

/* Its long-run variance is that of a mean over SIMULATED_STEPS which is 1. */
static void draw_unit(gsl_rng *rng, double *values) {
    static const struct process process = {"unit", 0.5, false, false};
    draw_series(&process, rng, values, SIMULATED_STEPS);
    for (size_t t = 0; t < SIMULATED_STEPS; t++)
        values[t] *= (1 - process.correlation) * sqrt(SIMULATED_STEPS);
}

/* The variance of the mean over seeds and steps is half of the scenario's. */
static void draw_model(const struct scenario *scenario, gsl_rng *rng, size_t seeds, double effect,
                       double *const *losses) {
    double common[SIMULATED_STEPS], own[SIMULATED_STEPS], n = (double)seeds;
    draw_unit(rng, common);
    for (size_t s = 0; s < seeds; s++) {
        double seed = gsl_ran_gaussian(rng, sqrt(n));
        draw_unit(rng, own);
        for (size_t t = 0; t < SIMULATED_STEPS; t++)
            losses[s][t] = effect + sqrt(scenario->seeds / 2) * seed +
                           sqrt(scenario->steps / 2) * common[t] +
                           sqrt(scenario->both / 2 * n) * own[t];
    }
}

/* What a report knows of it. */
static struct difference compare(const struct joint_sample *sample) {
    struct arena scratch = {0};
    const double *const *const losses[] = {sample->a, sample->b};
    struct sampled_scores models[2];
    for (size_t m = 0; m < 2; m++) {
        double *scores = ARENA_NEW(&scratch, double, sample->seeds);
        const double **influences = ARENA_NEW(&scratch, const double *, sample->seeds);
        for (size_t s = 0; s < sample->seeds; s++) {
            double *blocks = ARENA_NEW(&scratch, double, MAX_BLOCKS);
            scores[s] = gsl_stats_mean(losses[m][s], 1, SIMULATED_STEPS);
            cut(losses[m][s], SIMULATED_STEPS, blocks);
            influences[s] = blocks;
        }
        models[m] = (struct sampled_scores){scores, influences, sample->seeds};
    }
    struct difference difference = compare_sampled(&models[0], &models[1], SIMULATED_STEPS, false);
    arena_free(&scratch);
    return difference;
}

static double both(const struct joint_sample *sample) {
    return compare(sample).p;
}

static double seeds_alone(const struct joint_sample *sample) {
    return compare(sample).seeds_p;
}

static double data_alone(const struct joint_sample *sample) {
    return compare(sample).data_p;
}

static double larger_p(const struct joint_sample *sample) {
    struct difference difference = compare(sample);
    return fmax(difference.seeds_p, difference.data_p);
}

/* V_S + V_T, with what both count counted twice. */
static double sum_of_variances(const struct joint_sample *sample) {
    struct difference difference = compare(sample);
    double t = gsl_cdf_tdist_Qinv(difference.data_p / 2, 8);
    double data = difference.value * difference.value / (t * t), n = (double)sample->seeds;
    double sum = difference.seeds_variance + data;
    /* V_S as if it came from one sample of 2n - 2 degrees of freedom */
    double freedom =
        sum * sum /
        (difference.seeds_variance * difference.seeds_variance / (2 * n - 2) + data * data / 8);
    return p_of(difference.value / sqrt(sum), freedom);
}

const struct joint_test joint_tests[] = {
    {"both sources, what both count once", both},
    {"both sources, added up", sum_of_variances},
    {"the larger p of the two", larger_p},
    {"seeds alone (Welch)", seeds_alone},
    {"test data alone (Diebold-Mariano)", data_alone},
};
const size_t joint_test_count = sizeof joint_tests / sizeof joint_tests[0];

void simulate_joint(const struct scenario *scenario, size_t seeds, double effect, int draws,
                    size_t tests, double *rates) {
    struct arena arena = {0};
    double **a = ARENA_NEW(&arena, double *, seeds), **b = ARENA_NEW(&arena, double *, seeds);
    for (size_t s = 0; s < seeds; s++) {
        a[s] = ARENA_NEW(&arena, double, SIMULATED_STEPS);
        b[s] = ARENA_NEW(&arena, double, SIMULATED_STEPS);
    }
    const struct joint_sample sample = {(const double *const *)a, (const double *const *)b, seeds};
    gsl_rng *rng = random_stream(seeds, "seeds and test data");
    for (size_t test = 0; test < tests; test++)
        rates[test] = 0;
    for (int draw = 0; draw < draws; draw++) {
        draw_model(scenario, rng, seeds, effect, a);
        draw_model(scenario, rng, seeds, 0, b);
        for (size_t test = 0; test < tests; test++)
            rates[test] += joint_tests[test].p(&sample) < 0.05 ? 1.0 / draws : 0;
    }
    gsl_rng_free(rng);
    arena_free(&arena);
}
