#include "evaluate/shift.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/near.h"
#include "support/toy_dataset.h"

enum { ROWS = 41 };

/* A forecast of squares, one row ahead. */
static struct dataset *squares(struct arena *arena) {
    real x[ROWS];
    for (int t = 0; t < ROWS; t++)
        x[t] = (real)(t * t);
    struct toy toy = {
        .task = TASK_FORECAST, .rows = ROWS, .inputs = 1, .targets = 1, .window = 4, .stride = 2};
    return toy_dataset(&toy, x, NULL, arena);
}

static struct split resampled(const struct dataset *dataset, double rate, struct arena *arena) {
    struct shift_options options = {.name = "rate", .resample = rate};
    struct split split;
    struct error error = {0};
    if (!shift_make(&options, dataset, arena, &split, &error))
        fail_msg("%s", error.text);
    return split;
}

static void half_the_rate_is_exactly_every_second_row(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = squares(&arena);
    struct split split = resampled(dataset, 0.5, &arena);
    const struct series *series = split.series, *old = dataset->test.series;
    assert_int_equal(series->rows, 21);
    for (int j = 0; j < series->rows; j++) {
        assert_true(series->x[j] == old->x[2 * j]);
        assert_true(series->time[j] == old->time[2 * j]);
        if (j < 20) /* the target stays the next value in the data's own time */
            assert_true(series->y[j] == old->y[2 * j]);
    }
    assert_true(isnan(series->y[20]));
    arena_free(&arena);
}

static void any_whole_part_of_the_rate_lands_on_rows(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = squares(&arena);
    for (int part = 1; part <= 8; part++) {
        struct split split = resampled(dataset, 1.0 / part, &arena);
        assert_int_equal(split.series->rows, (ROWS - 1) / part + 1);
        for (int j = 0; j < split.series->rows; j++)
            assert_true(split.series->x[j] == dataset->test.series->x[part * j]);
    }
    arena_free(&arena);
}

static void between_rows_values_and_times_are_interpolated(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = squares(&arena);
    struct split split = resampled(dataset, 4, &arena);
    assert_int_equal(split.series->rows, 4 * (ROWS - 1) + 1);
    for (int j = 0; j < split.series->rows; j++) {
        int row = j / 4;
        double share = j % 4 / 4.0, step = 2 * row + 1; /* to the next square */
        assert_near((double)split.series->x[j], row * row + share * step, 1e-4);
        assert_near(split.series->time[j], j / 4.0, 1e-12);
        if (row + 1 < ROWS - 1)
            assert_near((double)split.series->y[j], (row + 1) * (row + 1) + share * (step + 2),
                        1e-4);
    }
    arena_free(&arena);
}

static void an_unknown_truth_stays_unknown_and_spreads_to_no_known_one(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = squares(&arena);
    dataset->test.series->y[6] = (real)NAN;
    struct split split = resampled(dataset, 2, &arena);
    for (int j = 0; j < split.series->rows - 2; j++)
        assert_int_equal(isnan(split.series->y[j]) != 0, j >= 11 && j <= 13);
    arena_free(&arena);
}

static void windows_have_the_tasks_length_and_test_stride(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = squares(&arena);
    struct split split = resampled(dataset, 0.5, &arena);
    /* 21 rows, the last without a next one: starts 0, 2, ..., 16 */
    assert_int_equal(split.window_count, 9);
    struct task_options task = *dataset->task_options;
    task.test_stride = 8;
    dataset->task_options = &task;
    split = resampled(dataset, 0.5, &arena);
    assert_int_equal(split.window_count, 3);
    for (size_t i = 0; i < split.window_count; i++)
        assert_int_equal(split.windows[i].length, 4);
    arena_free(&arena);
}

/* With a random split the rows around a test window are training rows. */
static void windows_of_a_random_split_stay_where_they_were(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = squares(&arena);
    struct dataset_options options = {.split.method = "random"};
    struct window windows[] = {{0, 10, 4}, {0, 33, 4}};
    dataset->options = &options;
    dataset->test.windows = windows;
    dataset->test.window_count = 2;
    struct split split = resampled(dataset, 0.5, &arena);
    assert_int_equal(split.window_count, 2);
    assert_int_equal(split.windows[0].start, 5); /* rows 10 12 */
    assert_int_equal(split.windows[0].length, 2);
    assert_int_equal(split.windows[1].start, 17); /* rows 34 36 */
    assert_int_equal(split.windows[1].length, 2);
    split = resampled(dataset, 2, &arena); /* no room for more than T rows: the last ones */
    assert_int_equal(split.windows[0].start, 23);
    assert_int_equal(split.windows[0].length, 4);
    arena_free(&arena);
}

static void classes_come_from_the_nearest_row_and_flags_need_both(void **state) {
    (void)state;
    struct arena arena = {0};
    real x[] = {0, 1, 1, 1, 2, 0, 3, 1, 4, 1}; /* [5][value, observed] */
    real y[] = {0, 1, 2, 1, 0}, present[] = {1, 1, 1, 1, 0};
    struct toy toy = {.task = TASK_CLASSIFICATION,
                      .rows = 5,
                      .inputs = 2,
                      .flags = 1,
                      .targets = 1,
                      .classes = 3,
                      .window = 2,
                      .stride = 1};
    struct dataset *dataset = toy_dataset(&toy, x, y, &arena);
    dataset->test.series->present = present;
    struct split split = resampled(dataset, 4, &arena);
    for (int j = 0; j <= 16; j++) {
        int row = j / 4, share = j % 4;
        assert_true(split.series->y[j] == y[share < 2 ? row : row + 1]);
        assert_true(split.series->x[2 * j + 1] == (j <= 4 || j >= 12));
        assert_true(split.series->present[j] == (j <= 12));
    }
    arena_free(&arena);
}

static void one_row_alone_can_be_resampled(void **state) {
    (void)state;
    struct arena arena = {0};
    real x[] = {5}, y[] = {7};
    struct toy toy = {
        .task = TASK_REGRESSION, .rows = 1, .inputs = 1, .targets = 1, .window = 1, .stride = 1};
    struct dataset *dataset = toy_dataset(&toy, x, y, &arena);
    for (double rate = 0.25; rate < 10; rate *= 2) {
        struct split split = resampled(dataset, rate, &arena);
        assert_int_equal(split.series->rows, 1);
        assert_true(split.series->x[0] == 5 && split.series->y[0] == 7);
    }
    arena_free(&arena);
}

static void a_rate_that_leaves_no_window_is_an_error(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = squares(&arena);
    struct split split;
    struct error error = {0};
    struct shift_options options = {.name = "rare", .resample = 0.1};
    struct task_options task = *dataset->task_options;
    task.window = 10;
    dataset->task_options = &task;
    assert_false(shift_make(&options, dataset, &arena, &split, &error));
    assert_non_null(strstr(error.text, "resample"));
    assert_non_null(strstr(error.text, "window of 10"));
    arena_free(&arena);
}

static void a_shift_is_exactly_one_thing(void **state) {
    (void)state;
    const char *file = "other.csv";
    struct error error = {0};
    struct shift_options options = {.name = "nothing"};
    assert_false(shift_check(&options, &error));
    assert_non_null(strstr(error.text, "exactly one"));
    options.resample = 0.5;
    assert_true(shift_check(&options, &error));
    options.files = (struct string_list){1, &file};
    error = (struct error){0};
    assert_false(shift_check(&options, &error));
    assert_non_null(strstr(error.text, "exactly one"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_the_rate_is_exactly_every_second_row),
        cmocka_unit_test(any_whole_part_of_the_rate_lands_on_rows),
        cmocka_unit_test(between_rows_values_and_times_are_interpolated),
        cmocka_unit_test(an_unknown_truth_stays_unknown_and_spreads_to_no_known_one),
        cmocka_unit_test(windows_have_the_tasks_length_and_test_stride),
        cmocka_unit_test(windows_of_a_random_split_stay_where_they_were),
        cmocka_unit_test(classes_come_from_the_nearest_row_and_flags_need_both),
        cmocka_unit_test(one_row_alone_can_be_resampled),
        cmocka_unit_test(a_rate_that_leaves_no_window_is_an_error),
        cmocka_unit_test(a_shift_is_exactly_one_thing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
