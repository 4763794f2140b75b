/* Prints the table of docs/statistics.md: how often each candidate for the test between two models
 * errs, and how often it finds a difference that is there.
 *
 *     calibrate SCORES.csv */
#include "evaluate/significance.h"
#include "math/random.h"
#include "support/calibration.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdio.h>

enum { MAX_SEEDS = 16, DRAWS = 200, RESAMPLES = 400 };

static double log_of(double error) {
    return log(fmax(error, 1e-12));
}

/* The test on the logarithms of the errors: on ratios rather than differences. */
static double on_logs(two_sample_test test, const double *a, const double *b, size_t n) {
    double x[MAX_SEEDS], y[MAX_SEEDS];
    for (size_t i = 0; i < n; i++) {
        x[i] = log_of(a[i]);
        y[i] = log_of(b[i]);
    }
    return test(x, y, n);
}

static double welch(const double *a, const double *b, size_t n) {
    return welch_test(a, n, b, n);
}

static double welch_of_logs(const double *a, const double *b, size_t n) {
    return on_logs(welch, a, b, n);
}

static double paired_t(const double *a, const double *b, size_t n) {
    return paired_t_test(a, b, n);
}

static double paired_t_of_logs(const double *a, const double *b, size_t n) {
    return on_logs(paired_t, a, b, n);
}

static double signed_ranks(const double *a, const double *b, size_t n) {
    return wilcoxon_signed_rank(a, b, n).p;
}

static double permutation(const double *a, const double *b, size_t n) {
    return paired_permutation(a, b, n).p;
}

static double resampled_mean(const double *values, size_t n, gsl_rng *rng) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += values[gsl_rng_uniform_int(rng, n)];
    return sum / (double)n;
}

/* Percentile bootstrap of the difference of the means: twice the share beyond 0. */
static double bootstrap(const double *a, const double *b, size_t n) {
    gsl_rng *rng = random_stream(0, "bootstrap test");
    double above = 0, below = 0;
    for (int i = 0; i < RESAMPLES; i++) {
        double difference = resampled_mean(a, n, rng) - resampled_mean(b, n, rng);
        above += difference >= 0;
        below += difference <= 0;
    }
    gsl_rng_free(rng);
    return fmin(1, 2 * fmin(above, below) / RESAMPLES);
}

static const struct {
    const char *title;
    two_sample_test test;
} candidates[] = {
    {"Welch's t", welch},           {"Welch's t, logarithms", welch_of_logs},
    {"paired t", paired_t},         {"paired t, logarithms", paired_t_of_logs},
    {"bootstrap", bootstrap},       {"paired permutation", permutation},
    {"signed ranks", signed_ranks},
};

int main(int argc, char **argv) {
    static const size_t groups[] = {3, 5, 8, 10};
    struct calibration calibration;
    struct error error;
    if (argc != 2 || !calibration_load(&calibration, argv[1], &error)) {
        fprintf(stderr, "calibrate: %s\n", argc != 2 ? "name the file of scores" : error.text);
        return 2;
    }
    printf("| seeds | test | same model | the worst | same mean | power | power at 0.5 %% |\n"
           "| --- | --- | --- | --- | --- | --- | --- |\n");
    for (size_t g = 0; g < sizeof groups / sizeof groups[0]; g++)
        for (size_t c = 0; c < sizeof candidates / sizeof candidates[0]; c++) {
            two_sample_test test = candidates[c].test;
            struct error_rates rates =
                calibration_measure(&calibration, test, groups[g], 0.05, DRAWS);
            double strict = calibration_measure(&calibration, test, groups[g], 0.005, DRAWS).power;
            printf("| %zu | %s | %.1f %% | %.1f %% | %.1f %% | %.0f %% | %.0f %% |\n", groups[g],
                   candidates[c].title, 100 * rates.same_model, 100 * rates.worst_model,
                   100 * rates.same_mean, 100 * rates.power, 100 * strict);
            fflush(stdout);
        }
    calibration_free(&calibration);
    return 0;
}
