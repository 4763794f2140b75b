#include "evaluate/perturbation.h"

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
    struct toy toy = {.task = TASK_FORECAST,
                      .rows = 4,
                      .inputs = 2,
                      .flags = 1,
                      .targets = 1,
                      .window = 1,
                      .stride = 1};
    struct dataset *dataset = toy_dataset(&toy, x, NULL, &arena);
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
    struct toy toy = {.task = TASK_FORECAST,
                      .rows = 4,
                      .inputs = 4,
                      .flags = 2,
                      .targets = 2,
                      .window = 1,
                      .stride = 1};
    struct dataset *dataset = toy_dataset(&toy, x, NULL, &arena);
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
        struct split other = perturbed(name, 0.4, 8, dataset, &arena);
        assert_true(same_inputs(dataset, &first, &again));
        assert_false(same_inputs(dataset, &first, &other));
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
        cmocka_unit_test(severity_zero_changes_nothing),
        cmocka_unit_test(targets_and_the_original_are_left_untouched),
        cmocka_unit_test(the_noise_depends_on_seed_and_severity_alone),
        cmocka_unit_test(standard_severities_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
