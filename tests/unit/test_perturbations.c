#include "evaluate/fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/near.h"
#include "support/toy_dataset.h"

enum { ROWS = 4000, INPUTS = 3 };

/* Three inputs that count up, the second ten times as fast. */
static struct dataset *counting(struct arena *arena) {
    real *x = ARENA_NEW(arena, real, ROWS * INPUTS);
    for (int t = 0; t < ROWS; t++) {
        x[t * INPUTS] = (real)t;
        x[t * INPUTS + 1] = (real)(10 * t);
        x[t * INPUTS + 2] = (real)(t % 7);
    }
    struct toy toy = {.task = TASK_FORECAST,
                      .rows = ROWS,
                      .inputs = INPUTS,
                      .targets = INPUTS,
                      .window = 10,
                      .stride = 10};
    struct dataset *dataset = toy_dataset(&toy, x, NULL, arena);
    dataset->input_std[1] = 5;
    return dataset;
}

/* Values and, behind them in each row, whether each was observed: x is [rows][2 * values]. */
static struct dataset *flagged(int rows, int values, const real *x, struct arena *arena) {
    struct toy toy = {.task = TASK_FORECAST,
                      .rows = rows,
                      .inputs = 2 * values,
                      .flags = values,
                      .targets = values,
                      .window = 1,
                      .stride = 1};
    return toy_dataset(&toy, x, NULL, arena);
}

static struct split perturbed(const char *name, double severity, uint64_t seed,
                              const struct dataset *dataset, struct arena *arena) {
    return perturb(perturbation_find(name), severity, seed, dataset, &dataset->test, arena);
}

static bool same_inputs(const struct dataset *dataset, const struct split *a,
                        const struct split *b) {
    size_t bytes = (size_t)a->series->rows * (size_t)dataset->inputs * sizeof(real);
    return memcmp(a->series->x, b->series->x, bytes) == 0;
}

/* Mean and variance of the change of one input. */
static void change_of(const struct dataset *dataset, const struct split *split, int input,
                      double *mean, double *variance) {
    double sum = 0, squares = 0;
    for (int t = 0; t < ROWS; t++) {
        double change = (double)split->series->x[t * INPUTS + input] -
                        (double)dataset->test.series->x[t * INPUTS + input];
        sum += change;
        squares += change * change;
    }
    *mean = sum / ROWS;
    *variance = squares / ROWS - *mean * *mean;
}

static double share_missing(const struct split *split) {
    double missing = 0;
    for (int t = 0; t < split->series->rows; t++)
        missing += split->series->present[t] == 0;
    return missing / split->series->rows;
}

static void gaussian_noise_has_the_deviation_asked_for(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = counting(&arena);
    struct split split = perturbed("gaussian", 0.4, 1, dataset, &arena);
    for (int i = 0; i < INPUTS; i++) {
        double mean, variance, deviation = 0.4 * dataset->input_std[i];
        change_of(dataset, &split, i, &mean, &variance);
        /* four standard errors of mean and variance */
        assert_near(mean, 0, 4 * deviation / sqrt(ROWS));
        assert_near(variance, deviation * deviation, 4 * deviation * deviation * sqrt(2.0 / ROWS));
    }
    arena_free(&arena);
}

static void gaussian_noise_leaves_alone_what_was_not_observed(void **state) {
    (void)state;
    struct arena arena = {0};
    real x[] = {1, 1, 0, 0, 3, 1, 4, 1}; /* [4][value, flag] */
    struct dataset *dataset = flagged(4, 1, x, &arena);
    real present[] = {1, 1, 0, 1};
    dataset->test.series->present = present;
    struct split split = perturbed("gaussian", 1, 3, dataset, &arena);
    const real *noisy = split.series->x;
    assert_true(noisy[0] != 1 && noisy[6] != 4);
    assert_true(noisy[2] == 0 && noisy[4] == 3);
    assert_true(noisy[1] == 1 && noisy[3] == 0 && noisy[5] == 1 && noisy[7] == 1);
    arena_free(&arena);
}

static void dropout_loses_the_share_asked_for_and_never_the_first(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = counting(&arena);
    for (double severity = 0.2; severity < 1; severity += 0.3) {
        struct split split = perturbed("dropout", severity, 1, dataset, &arena);
        double error = sqrt(severity * (1 - severity) / ROWS);
        assert_near(share_missing(&split), severity, 4 * error);
        assert_true(split.series->present[0] == 1);
    }
    struct split all = perturbed("dropout", 1, 1, dataset, &arena);
    assert_near(share_missing(&all), (ROWS - 1.0) / ROWS, 1e-12);
    for (int t = 0; t < ROWS; t++)
        assert_true(all.series->x[t * INPUTS + 1] == 0);
    arena_free(&arena);
}

static void a_dropped_observation_repeats_the_last_one_that_is_left(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = counting(&arena);
    struct split split = perturbed("dropout", 0.5, 2, dataset, &arena);
    int last = 0;
    for (int t = 0; t < ROWS; t++) {
        if (split.series->present[t] != 0)
            last = t;
        assert_memory_equal(split.series->x + t * INPUTS, dataset->test.series->x + last * INPUTS,
                            INPUTS * sizeof(real));
    }
    arena_free(&arena);
}

/* Values filled forward from an observation must not survive its loss. */
static void dropout_takes_copies_of_a_lost_observation_along(void **state) {
    (void)state;
    struct arena arena = {0};
    /* [4][a, b, a observed, b observed]; a is filled forward in row 2, and row 3 is absent */
    real x[] = {1, 10, 1, 1, 2, 20, 1, 1, 2, 30, 0, 1, 2, 30, 0, 0};
    struct dataset *dataset = flagged(4, 2, x, &arena);
    real present[] = {1, 1, 1, 0};
    dataset->test.series->present = present;
    struct split split = perturbed("dropout", 1, 1, dataset, &arena);
    for (int t = 0; t < 4; t++) {
        const real *row = split.series->x + 4 * t;
        assert_true(row[0] == 1 && row[1] == 10);
        assert_true(row[2] == (t == 0) && row[3] == (t == 0));
        assert_true(split.series->present[t] == (t == 0));
    }
    arena_free(&arena);
}

static double mean_of(const double *values, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += values[i];
    return sum / count;
}

static real value_at(const struct split *split, int row, int input) {
    return split->series->x[row * INPUTS + input];
}

static void uniform_noise_is_bounded_and_as_wide_as_gaussian(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = counting(&arena);
    struct split split = perturbed("uniform", 0.4, 1, dataset, &arena);
    for (int i = 0; i < INPUTS; i++) {
        double mean, variance, deviation = 0.4 * dataset->input_std[i];
        change_of(dataset, &split, i, &mean, &variance);
        assert_near(mean, 0, 4 * deviation / sqrt(ROWS));
        assert_near(variance, deviation * deviation, 4 * deviation * deviation * sqrt(0.8 / ROWS));
        for (int t = 0; t < ROWS; t++) {
            double change = (double)(value_at(&split, t, i) - value_at(&dataset->test, t, i));
            assert_near(change, 0, deviation * sqrt(3) * 1.01);
        }
    }
    arena_free(&arena);
}

static void spikes_are_as_many_and_as_high_as_asked_for(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = counting(&arena);
    struct split split = perturbed("impulse", 0.1, 1, dataset, &arena);
    int up = 0, down = 0;
    for (int t = 0; t < ROWS; t++) {
        double change = (double)(value_at(&split, t, 2) - value_at(&dataset->test, t, 2));
        assert_true(change == 0 || fabs(change) == 5);
        up += change > 0;
        down += change < 0;
    }
    assert_near((up + down) / (double)ROWS, 0.1, 4 * sqrt(0.09 / ROWS));
    assert_near(up - down, 0, 4 * sqrt(up + down));
    arena_free(&arena);
}

/* Over many series: 0 at first, variance growing linearly, severity² at the end. */
static void drift_is_a_random_walk(void **state) {
    (void)state;
    enum { WALKS = 1000, STEPS = 41 };
    struct arena arena = {0};
    real x[STEPS] = {0};
    struct toy toy = {
        .task = TASK_FORECAST, .rows = STEPS, .inputs = 1, .targets = 1, .window = 4, .stride = 1};
    struct dataset *dataset = toy_dataset(&toy, x, NULL, &arena);
    double middle[WALKS], end[WALKS];
    for (int seed = 0; seed < WALKS; seed++) {
        struct split split = perturbed("drift", 3, (uint64_t)seed, dataset, &arena);
        const real *drift = split.series->x;
        assert_true(drift[0] == 0);
        middle[seed] = (double)drift[STEPS / 2] * (double)drift[STEPS / 2];
        end[seed] = (double)drift[STEPS - 1] * (double)drift[STEPS - 1];
    }
    double error = 4 * 9 * sqrt(2.0 / WALKS);
    assert_near(mean_of(end, WALKS), 9, error);
    assert_near(mean_of(middle, WALKS), 4.5, error / 2);
    arena_free(&arena);
}

static void bias_and_gain_are_constant_with_either_sign(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = counting(&arena);
    dataset->input_mean[1] = 100;
    int up = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct split bias = perturbed("bias", 0.5, seed, dataset, &arena);
        struct split gain = perturbed("gain", 0.2, seed, dataset, &arena);
        double offset = (double)value_at(&bias, 0, 1); /* was 0 */
        double growth = (double)(value_at(&gain, 0, 1) - 100) / -100 - 1;
        assert_near(fabs(offset), 2.5, 1e-5);
        assert_near(fabs(growth), 0.2, 1e-5);
        up += offset > 0;
        for (int t = 0; t < ROWS; t++) {
            assert_near((double)value_at(&bias, t, 1), 10 * t + offset, 0.01);
            assert_near((double)value_at(&gain, t, 1), 100 + (1 + growth) * (10 * t - 100), 0.01);
        }
    }
    assert_in_range(up, 8, 32);
    arena_free(&arena);
}

static void quantisation_rounds_to_a_grid_around_the_mean(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = counting(&arena);
    dataset->input_mean[2] = 0.5;
    struct split split = perturbed("quantisation", 2, 1, dataset, &arena);
    /* t % 7 on the grid ..., 0.5, 2.5, 4.5, 6.5 */
    const double expected[] = {0.5, 0.5, 2.5, 2.5, 4.5, 4.5, 6.5};
    for (int t = 0; t < ROWS; t++)
        assert_near((double)value_at(&split, t, 2), expected[t % 7], 1e-6);
    arena_free(&arena);
}

static void saturation_cuts_off_both_sides(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = counting(&arena);
    dataset->input_mean[2] = 3;
    struct split split = perturbed("saturation", 0.5, 1, dataset, &arena);
    for (int t = 0; t < ROWS; t++)
        assert_near((double)value_at(&split, t, 2), fmin(fmax(t % 7, 1), 5), 1e-6);
    arena_free(&arena);
}

static void hum_is_periodic_with_the_power_asked_for(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = counting(&arena);
    for (uint64_t seed = 0; seed < 10; seed++) {
        struct split split = perturbed("hum", 0.4, seed, dataset, &arena);
        double mean, variance;
        change_of(dataset, &split, 2, &mean, &variance);
        assert_near(sqrt(variance), 0.4, 0.01);
        /* a sine of period P: h(t-1) + h(t+1) = 2 cos(2π / P) h(t) */
        double change[ROWS];
        for (int t = 0; t < ROWS; t++)
            change[t] = (double)(value_at(&split, t, 2) - value_at(&dataset->test, t, 2));
        double max = 0;
        int peak = 1;
        for (int t = 1; t < ROWS - 1; t++)
            if (fabs(change[t]) > max) {
                max = fabs(change[t]);
                peak = t;
            }
        double factor = (change[peak - 1] + change[peak + 1]) / change[peak];
        assert_true(factor >= 2 * cos(2 * M_PI / 4) - 1e-3 &&
                    factor <= 2 * cos(2 * M_PI / 32) + 1e-3);
        for (int t = 1; t < ROWS - 1; t++)
            assert_near(change[t - 1] + change[t + 1], factor * change[t], 1e-4);
    }
    arena_free(&arena);
}

static void jitter_moves_the_moment_of_sampling(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = counting(&arena);
    struct split split = perturbed("jitter", 1.5, 1, dataset, &arena);
    double squares = 0;
    for (int t = 0; t < ROWS; t++) {
        /* inputs are straight lines, so that the moment can be read off */
        double moment = (double)value_at(&split, t, 0);
        assert_near((double)value_at(&split, t, 1), 10 * moment, 0.02);
        assert_true(moment >= 0 && moment <= ROWS - 1);
        squares += (moment - t) * (moment - t);
        assert_near(split.series->time[t], t, 0);
    }
    assert_near(squares / ROWS, 2.25, 4 * 2.25 * sqrt(2.0 / ROWS));
    arena_free(&arena);
}

static void one_sensor_alone_is_late(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = counting(&arena);
    const int lags[] = {3, 3, 4}; /* in rows, of delays 3, 2.5 and 3.2 */
    const double delays[] = {3, 2.5, 3.2};
    for (int d = 0; d < 3; d++) {
        struct split split = perturbed("delay", delays[d], 5, dataset, &arena);
        int late = 0;
        for (int i = 0; i < INPUTS; i++) {
            bool same = value_at(&split, 50, i) == value_at(&dataset->test, 50, i);
            late += !same;
            for (int t = 0; t < ROWS; t++) {
                int from = same ? t : t < lags[d] ? 0 : t - lags[d];
                assert_true(value_at(&split, t, i) == value_at(&dataset->test, from, i));
            }
        }
        assert_int_equal(late, 1);
    }
    arena_free(&arena);
}

/* Rows first..end-1 in which one input differs from the original; returns the input, or -1. */
static int find_outage(const struct dataset *dataset, const struct split *split, int *rows) {
    int found = -1;
    *rows = 0;
    for (int i = 0; i < INPUTS; i++) {
        int first = ROWS, last = -1;
        for (int t = 0; t < ROWS; t++) {
            if (value_at(split, t, i) == value_at(&dataset->test, t, i))
                continue;
            first = t < first ? t : first;
            last = t;
        }
        if (last < 0)
            continue;
        assert_int_equal(found, -1);
        found = i;
        *rows = last - first + 1;
    }
    return found;
}

static void one_sensor_is_lost_or_stuck_for_a_share_of_the_time(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = counting(&arena);
    for (int i = 0; i < INPUTS; i++)
        dataset->input_mean[i] = -7;
    int seen[INPUTS] = {0}, rows;
    for (uint64_t seed = 0; seed < 30; seed++) {
        struct split lost = perturbed("sensor_dropout", 0.25, seed, dataset, &arena);
        int input = find_outage(dataset, &lost, &rows);
        assert_in_range(input, 0, INPUTS - 1);
        assert_int_equal(rows, ROWS / 4);
        seen[input]++;
        struct split stuck = perturbed("stuck", 0.25, seed, dataset, &arena);
        input = find_outage(dataset, &stuck, &rows);
        assert_in_range(input, 0, INPUTS - 1);
        if (input != 2) /* the first value of the stretch is right */
            assert_int_equal(rows, ROWS / 4 - 1);
    }
    for (int i = 0; i < INPUTS; i++)
        assert_true(seen[i] > 2);
    struct split all = perturbed("sensor_dropout", 5, 1, dataset, &arena);
    assert_int_equal(find_outage(dataset, &all, &rows) >= 0 ? rows : 0, ROWS);
    arena_free(&arena);
}

/* [3][a, b, a observed, b observed] */
static void a_row_whose_only_sensor_is_lost_is_absent(void **state) {
    (void)state;
    struct arena arena = {0};
    real x[] = {1, 0, 1, 0, 0, 2, 0, 1, 3, 3, 1, 1};
    struct dataset *dataset = flagged(3, 2, x, &arena);
    for (uint64_t seed = 0; seed < 10; seed++) {
        struct split split = perturbed("sensor_dropout", 1, seed, dataset, &arena);
        const real *present = split.series->present, *left = split.series->x;
        bool first = left[2] == 0; /* that a is lost */
        assert_true(present[0] == !first && present[1] == first && present[2] == 1);
        assert_true(left[first ? 0 : 1] == 0 && left[first ? 8 : 9] == 0);
        assert_true(left[first ? 11 : 10] == 1 && left[first ? 10 : 11] == 0);
    }
    arena_free(&arena);
}

static void no_sensor_changes_what_it_did_not_observe(void **state) {
    (void)state;
    struct arena arena = {0};
    real x[] = {1, 1, 5, 0, 3, 1, 4, 1}; /* [4][value, flag] */
    struct dataset *dataset = flagged(4, 1, x, &arena);
    real present[] = {1, 1, 0, 1};
    dataset->test.series->present = present;
    static const char *const types[] = {"gaussian", "uniform",      "impulse",    "drift",  "bias",
                                        "gain",     "quantisation", "saturation", "jitter", "hum"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        struct split split = perturbed(types[i], 0.9, 3, dataset, &arena);
        const real *noisy = split.series->x;
        assert_true(noisy[2] == 5 && noisy[4] == 3);
        assert_true(noisy[1] == 1 && noisy[3] == 0 && noisy[5] == 1 && noisy[7] == 1);
    }
    arena_free(&arena);
}

/* Six rows of one sensor, filled in with 9 where it is not observed: [6][value, flag]. */
static struct dataset *gappy(real *x, struct arena *arena) {
    static const real rows[] = {9, 0, 1, 1, 9, 0, 9, 0, 4, 1, 5, 1};
    memcpy(x, rows, sizeof rows);
    struct dataset *dataset = flagged(6, 1, x, arena);
    static real present[] = {0, 1, 0, 0, 1, 1};
    dataset->test.series->present = present;
    return dataset;
}

static void a_row_is_absent_where_a_delay_leaves_nothing(void **state) {
    (void)state;
    struct arena arena = {0};
    real x[12];
    struct split split = perturbed("delay", 1, 1, gappy(x, &arena), &arena);
    /* Row 1 says what row 0 said: nothing. Row 4 what row 3 said: nothing. Row 5 what row 4 said.
     */
    static const real present[] = {0, 0, 0, 0, 0, 1};
    for (int t = 0; t < 6; t++) {
        assert_true(split.series->present[t] == present[t]);
        assert_true(split.series->x[2 * t + 1] == present[t]);
    }
    assert_true(split.series->x[10] == 4);
    arena_free(&arena);
}

static void a_stuck_sensor_repeats_what_it_said_last(void **state) {
    (void)state;
    struct arena arena = {0};
    real x[12];
    struct dataset *dataset = gappy(x, &arena);
    for (uint64_t seed = 0; seed < 20; seed++)
        for (double share = 0.2; share <= 1; share += 0.2) {
            struct split split = perturbed("stuck", share, seed, dataset, &arena);
            const real *left = split.series->x;
            for (int t = 0; t < 6; t++) {
                bool observed = x[2 * t + 1] != 0;
                assert_true(left[2 * t + 1] == x[2 * t + 1]);
                if (observed) /* never 9, which nobody observed */
                    assert_true(left[2 * t] == x[2 * t] || left[2 * t] == 1 || left[2 * t] == 4);
                else
                    assert_true(left[2 * t] == 9);
            }
        }
    struct split all = perturbed("stuck", 1, 3, dataset, &arena);
    assert_true(all.series->x[8] == 1 && all.series->x[10] == 1);
    arena_free(&arena);
}

static void dropout_spares_the_first_observation_and_what_was_filled_in(void **state) {
    (void)state;
    struct arena arena = {0};
    real x[12];
    struct dataset *dataset = gappy(x, &arena);
    struct split split = perturbed("dropout", 1, 1, dataset, &arena);
    static const real present[] = {0, 1, 0, 0, 0, 0};
    for (int t = 0; t < 6; t++)
        assert_true(split.series->present[t] == present[t]);
    /* [3][a, b, a observed, b observed]: row 1 is lost, row 2 stays and has b alone */
    real rows[] = {1, 10, 1, 1, 2, 20, 1, 1, 9, 30, 0, 1};
    dataset = flagged(3, 2, rows, &arena);
    int tried = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
        split = perturbed("dropout", 0.5, seed, dataset, &arena);
        if (split.series->present[1] != 0 || split.series->present[2] == 0)
            continue;
        assert_true(split.series->x[8] == 9 && split.series->x[9] == 30);
        tried++;
    }
    assert_in_range(tried, 1, 39);
    arena_free(&arena);
}

static void rows_at_the_same_moment_leave_numbers(void **state) {
    (void)state;
    struct arena arena = {0};
    real x[] = {1, 2, 3, 4};
    double together[] = {0, 0, 0, 0}, late[] = {0, 1, 2, 2};
    struct toy toy = {
        .task = TASK_REGRESSION, .rows = 4, .inputs = 1, .targets = 1, .window = 1, .stride = 1};
    struct dataset *dataset = toy_dataset(&toy, x, x, &arena);
    for (int which = 0; which < 2; which++)
        for (size_t i = 0; perturbation_name(i) != NULL; i++) {
            dataset->test.series->time = which == 0 ? together : late;
            struct split split = perturbed(perturbation_name(i), 1, 1, dataset, &arena);
            for (int t = 0; t < 4; t++)
                assert_true(isfinite(split.series->x[t]));
        }
    arena_free(&arena);
}

static void any_severity_and_any_length_leave_numbers(void **state) {
    (void)state;
    struct arena arena = {0};
    const double strengths[] = {1e-9, 0.3, 1, 7, 1e6};
    for (int rows = 1; rows <= 3; rows++) {
        real x[] = {1, 2, 3};
        struct toy toy = {.task = TASK_REGRESSION,
                          .rows = rows,
                          .inputs = 1,
                          .targets = 1,
                          .window = 1,
                          .stride = 1};
        struct dataset *dataset = toy_dataset(&toy, x, x, &arena);
        for (size_t i = 0; perturbation_name(i) != NULL; i++)
            for (int s = 0; s < 5; s++) {
                struct split split =
                    perturbed(perturbation_name(i), strengths[s], 1, dataset, &arena);
                for (int t = 0; t < rows; t++)
                    assert_true(isfinite(split.series->x[t]));
            }
    }
    arena_free(&arena);
}

static void severity_zero_changes_nothing(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = counting(&arena);
    for (size_t i = 0; perturbation_name(i) != NULL; i++) {
        struct split split = perturbed(perturbation_name(i), 0, 1, dataset, &arena);
        assert_true(same_inputs(dataset, &split, &dataset->test));
        assert_near(share_missing(&split), 0, 0);
    }
    arena_free(&arena);
}

static void targets_and_the_original_are_left_untouched(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = counting(&arena);
    size_t numbers = ROWS * INPUTS;
    real *before = ARENA_NEW(&arena, real, numbers);
    memcpy(before, dataset->test.series->x, numbers * sizeof(real));
    for (size_t i = 0; perturbation_name(i) != NULL; i++) {
        struct split split = perturbed(perturbation_name(i), 0.8, 1, dataset, &arena);
        assert_false(same_inputs(dataset, &split, &dataset->test));
        assert_memory_equal(split.series->y, dataset->test.series->y, numbers * sizeof(real));
        assert_memory_equal(dataset->test.series->x, before, numbers * sizeof(real));
        assert_null(dataset->test.series->present);
        assert_int_equal(split.window_count, dataset->test.window_count);
    }
    arena_free(&arena);
}

static void the_noise_depends_on_seed_and_severity_alone(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = counting(&arena);
    for (size_t i = 0; perturbation_name(i) != NULL; i++) {
        const char *name = perturbation_name(i);
        struct split first = perturbed(name, 0.4, 7, dataset, &arena);
        struct split again = perturbed(name, 0.4, 7, dataset, &arena);
        bool is_random = strcmp(name, "quantisation") != 0 && strcmp(name, "saturation") != 0 &&
                         strcmp(name, "soft_saturation") != 0;
        assert_true(same_inputs(dataset, &first, &again));
        bool differs = false; /* under any of a few other seeds: few sensors leave few choices */
        for (uint64_t seed = 8; seed < 12; seed++) {
            struct split other = perturbed(name, 0.4, seed, dataset, &arena);
            differs = differs || !same_inputs(dataset, &first, &other);
        }
        assert_int_equal(differs, is_random);
    }
    arena_free(&arena);
}

static void standard_severities_grow(void **state) {
    (void)state;
    const struct perturbation_type *type;
    for (size_t i = 0; (type = perturbation_at(i)) != NULL; i++) {
        assert_true(type->severities[0] > 0);
        for (int s = 1; s < 5; s++)
            assert_true(type->severities[s] > type->severities[s - 1]);
        assert_ptr_equal(perturbation_find(type->name), type);
    }
    assert_null(perturbation_find("gauss"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gaussian_noise_has_the_deviation_asked_for),
        cmocka_unit_test(gaussian_noise_leaves_alone_what_was_not_observed),
        cmocka_unit_test(dropout_loses_the_share_asked_for_and_never_the_first),
        cmocka_unit_test(a_dropped_observation_repeats_the_last_one_that_is_left),
        cmocka_unit_test(dropout_takes_copies_of_a_lost_observation_along),
        cmocka_unit_test(uniform_noise_is_bounded_and_as_wide_as_gaussian),
        cmocka_unit_test(spikes_are_as_many_and_as_high_as_asked_for),
        cmocka_unit_test(drift_is_a_random_walk),
        cmocka_unit_test(bias_and_gain_are_constant_with_either_sign),
        cmocka_unit_test(quantisation_rounds_to_a_grid_around_the_mean),
        cmocka_unit_test(saturation_cuts_off_both_sides),
        cmocka_unit_test(hum_is_periodic_with_the_power_asked_for),
        cmocka_unit_test(jitter_moves_the_moment_of_sampling),
        cmocka_unit_test(one_sensor_alone_is_late),
        cmocka_unit_test(one_sensor_is_lost_or_stuck_for_a_share_of_the_time),
        cmocka_unit_test(a_row_whose_only_sensor_is_lost_is_absent),
        cmocka_unit_test(no_sensor_changes_what_it_did_not_observe),
        cmocka_unit_test(a_row_is_absent_where_a_delay_leaves_nothing),
        cmocka_unit_test(a_stuck_sensor_repeats_what_it_said_last),
        cmocka_unit_test(dropout_spares_the_first_observation_and_what_was_filled_in),
        cmocka_unit_test(rows_at_the_same_moment_leave_numbers),
        cmocka_unit_test(any_severity_and_any_length_leave_numbers),
        cmocka_unit_test(severity_zero_changes_nothing),
        cmocka_unit_test(targets_and_the_original_are_left_untouched),
        cmocka_unit_test(the_noise_depends_on_seed_and_severity_alone),
        cmocka_unit_test(standard_severities_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
