#include "evaluate/shift.h"

#include "base/json.h"
#include "evaluate/distance.h"
#include "evaluate/fault.h"
#include "evaluate/rollout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/loading.h"
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

static struct dataset shifted(const struct shift_options *options, const struct dataset *dataset,
                              struct arena *arena) {
    struct dataset result;
    struct error error = {0};
    if (!shift_make(options, dataset, arena, &result, &error))
        fail_msg("%s", error.text);
    return result;
}

static void assert_no_shift(const struct shift_options *options, const struct dataset *dataset,
                            struct arena *arena, const char *why) {
    struct dataset result;
    struct error error = {0};
    assert_false(shift_make(options, dataset, arena, &result, &error));
    if (strstr(error.text, why) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", error.text, why);
}

static struct split resampled(const struct dataset *dataset, double rate, struct arena *arena) {
    struct shift_options options = {.name = "rate", .resample = rate};
    return shifted(&options, dataset, arena).test;
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
    struct dataset_options options = {.split.method = SPLIT_RANDOM};
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
    struct shift_options options = {.name = "rare", .resample = 0.1};
    struct task_options task = *dataset->task_options;
    task.window = 10;
    dataset->task_options = &task;
    assert_no_shift(&options, dataset, &arena, "resample");
    assert_no_shift(&options, dataset, &arena, "window of 10");
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

static void every_kind_has_its_name(void **state) {
    (void)state;
    const struct shift_options rate = {.resample = 2}, loop = {.rollout = 3}, none = {0};
    const struct shift_options both = {.resample = 2, .rollout = 3};
    assert_string_equal(shift_kind(&rate), "resample");
    assert_string_equal(shift_kind(&loop), "rollout");
    assert_null(shift_kind(&none));
    assert_null(shift_kind(&both));
}

static void irregular_sampling_leaves_rows_out_and_tells_the_time(void **state) {
    (void)state;
    struct arena arena = {0};
    real x[2000];
    for (int t = 0; t < 2000; t++)
        x[t] = (real)t;
    struct toy toy = {
        .task = TASK_FORECAST, .rows = 2000, .inputs = 1, .targets = 1, .window = 4, .stride = 2};
    struct dataset *dataset = toy_dataset(&toy, x, NULL, &arena);
    struct shift_options options = {.name = "rare", .irregular = 0.3};
    const struct split split = shifted(&options, dataset, &arena).test;
    const struct series *series = split.series;
    assert_near(series->rows, 1400, 4 * sqrt(2000 * 0.21));
    assert_true(series->time[0] == 0);
    for (int j = 0; j < series->rows; j++) {
        assert_true((double)series->x[j] == series->time[j]);
        assert_true(series->time[j] == 1999 || (double)series->y[j] == series->time[j] + 1);
        assert_true(j == 0 || series->time[j] > series->time[j - 1]);
    }
    const struct split again = shifted(&options, dataset, &arena).test;
    assert_memory_equal(again.series->x, series->x, (size_t)series->rows * sizeof(real));
    arena_free(&arena);
}

static void irregular_windows_of_a_random_split_keep_to_their_rows(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = squares(&arena);
    struct dataset_options random = {.split.method = SPLIT_RANDOM};
    struct window windows[] = {{0, 10, 4}, {0, 33, 4}};
    dataset->options = &random;
    dataset->test.windows = windows;
    dataset->test.window_count = 2;
    struct shift_options options = {.name = "rare", .irregular = 0.4};
    const struct split split = shifted(&options, dataset, &arena).test;
    for (size_t i = 0; i < split.window_count; i++) {
        const struct window *window = &split.windows[i];
        double first = split.series->time[window->start];
        double last = split.series->time[window->start + window->length - 1];
        assert_true((first >= 10 && last <= 13) || (first >= 33 && last <= 36));
    }
    arena_free(&arena);
}

static void longer_windows_are_longer_than_in_training(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = squares(&arena);
    struct shift_options options = {.name = "long", .window = 10};
    const struct dataset longer = shifted(&options, dataset, &arena);
    assert_int_equal(longer.window, 10);
    assert_int_equal(dataset->window, 4);
    assert_int_equal(longer.test.window_count, 16); /* starts 0, 2, ..., 30 of 40 usable rows */
    assert_int_equal(longer.test.windows[3].length, 10);
    options.window = 4;
    assert_no_shift(&options, dataset, &arena, "up to 4");
    options.window = 1000;
    assert_no_shift(&options, dataset, &arena, "no test series has 1000 rows");
    arena_free(&arena);
}

static void inputs_can_be_perturbed_as_a_shift(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = squares(&arena);
    struct shift_options options = {.name = "noisy"};
    cJSON *json = cJSON_Parse("{\"type\": \"bias\", \"severity\": 2}");
    options.perturb = json;
    const struct split split = shifted(&options, dataset, &arena).test;
    for (int t = 0; t < ROWS; t++) {
        assert_near(fabs((double)split.series->x[t] - t * t), 2, 1e-3);
        assert_true(t == ROWS - 1 || (double)split.series->y[t] == (t + 1.0) * (t + 1));
    }
    cJSON_Delete(json);
    options.perturb = json = cJSON_Parse("{\"type\": \"bais\", \"severity\": 2}");
    assert_no_shift(&options, dataset, &arena, "did you mean \"bias\"");
    cJSON_Delete(json);
    arena_free(&arena);
}

/* --- the data set's own rest ------------------------------------------------------------------ */

static const char sines[] =
    "{\"generator\": \"damped_oscillator\", \"series\": 4, \"rows\": 200,"
    " \"split\": {\"method\": \"chronological\", \"train\": 0.5, \"valid\": 0.1, \"test\": 0.2}%s}";

static void a_later_period_is_of_the_same_series(void **state) {
    (void)state;
    char text[512];
    snprintf(text, sizeof text, sines, "");
    struct loaded loaded;
    load_good(&loaded, text, "{\"window\": 8}", ".");
    double ends[] = {0.6, 1};
    struct shift_options options = {.name = "later", .rows = {2, ends}};
    const struct split split = shifted(&options, &loaded.dataset, &loaded.arena).test;
    const struct split *test = &loaded.dataset.test;
    assert_int_equal(split.series_count, 4);
    assert_int_equal(split.series[0].rows, 80);
    assert_int_equal(test->series[0].rows, 40);
    /* what the test has, and goes on */
    assert_memory_equal(split.series[2].x, test->series[2].x, 40 * 2 * sizeof(real));
    ends[0] = 0.5;
    assert_no_shift(&options, &loaded.dataset, &loaded.arena, "reach to 0.6");
    ends[0] = 1;
    assert_no_shift(&options, &loaded.dataset, &loaded.arena, "from < to");
    unload(&loaded);
}

static void groups_held_out_are_only_in_the_shift(void **state) {
    (void)state;
    char text[512];
    snprintf(text, sizeof text, sines, ", \"hold_out\": [\"series 2\"]");
    struct loaded loaded;
    load_good(&loaded, text, "{\"window\": 8}", ".");
    assert_int_equal(loaded.dataset.train.series_count, 3);
    for (int s = 0; s < 3; s++)
        assert_string_not_equal(loaded.dataset.train.series[s].name, "series 2");
    const char *name = "series 2";
    struct shift_options options = {.name = "other", .groups = {1, &name}};
    const struct split split = shifted(&options, &loaded.dataset, &loaded.arena).test;
    assert_int_equal(split.series_count, 1);
    assert_int_equal(split.series[0].rows, 200);
    assert_string_equal(split.series[0].name, "series 2");
    name = "series 1";
    assert_no_shift(&options, &loaded.dataset, &loaded.arena, "dataset.hold_out");
    unload(&loaded);
    snprintf(text, sizeof text, sines, ", \"hold_out\": [\"series 9\"]");
    assert_load_fails(text, "{\"window\": 8}", ".", "hold_out", "series 9", NULL);
}

/* --- rollouts --------------------------------------------------------------------------------- */

/* Says that the next row is the last one plus 1. */
static void count_up(void *model, const struct batch *batch, real *out) {
    (void)model;
    size_t steps = (size_t)batch->steps * (size_t)batch->size;
    for (size_t i = 0; i < steps; i++)
        out[i] = batch->x[i] + 1;
}

static void a_rollout_goes_on_from_its_own_predictions(void **state) {
    (void)state;
    enum { STEPS = 20 };
    struct arena arena = {0};
    struct dataset *dataset = squares(&arena);
    dataset->input_std[0] = 100;
    struct predictor predictor = {.batch = 3, .predict = count_up};
    struct rollout rollout = rollout_run(&predictor, dataset, STEPS, true, &arena);
    /* windows of 4 from 0, 2, ..., 16: the last row seen is 3, 5, ..., 19 */
    assert_int_equal(rollout.starts, 9);
    double squares_sum = 0, valid_sum = 0;
    for (int s = 0; s < 9; s++) {
        int last = 3 + 2 * s, valid = STEPS;
        for (int k = STEPS; k >= 1; k--) {
            double error = ((last + k) * (last + k) - last * last - k) / 100.0;
            squares_sum += k == STEPS ? error * error : 0;
            valid = error > ROLLOUT_THRESHOLD ? k - 1 : valid;
        }
        valid_sum += valid;
    }
    assert_near(rollout.error[STEPS - 1], sqrt(squares_sum / 9), 1e-4);
    assert_near(rollout.valid_steps, valid_sum / 9, 1e-9);
    assert_near(rollout.valid_time, valid_sum / 9, 1e-9);
    assert_near(rollout.step_time, 1, 1e-12);
    assert_int_equal(rollout.predictions.count, 9 * STEPS);
    assert_near(rollout.predictions.truth[0], 16, 0);
    assert_near(rollout.predictions.output[0], 10, 0);
    assert_near((double)dataset->test.series->x[30], 900, 0);
    arena_free(&arena);
}

static void only_whole_forecasts_can_be_rolled_out(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = squares(&arena);
    struct shift_options options = {.name = "loop", .rollout = 36};
    assert_int_equal(shifted(&options, dataset, &arena).test.window_count,
                     dataset->test.window_count);
    options.rollout = 38;
    assert_no_shift(&options, dataset, &arena, "fewer steps");
    options.rollout = 10;
    dataset->target_input[0] = -1;
    assert_no_shift(&options, dataset, &arena, "no targets");
    dataset->task = TASK_REGRESSION;
    assert_no_shift(&options, dataset, &arena, "needs a forecast");
    arena_free(&arena);
}

/* --- distances -------------------------------------------------------------------------------- */

/* One window over all rows of a regression of x [rows]. */
static struct dataset *points(const double *values, int rows, struct arena *arena) {
    real *x = ARENA_NEW(arena, real, rows);
    for (int t = 0; t < rows; t++)
        x[t] = (real)values[t];
    struct toy toy = {.task = TASK_REGRESSION,
                      .rows = rows,
                      .inputs = 1,
                      .targets = 1,
                      .window = rows,
                      .stride = rows};
    return toy_dataset(&toy, x, x, arena);
}

static double distance_of(const struct dataset *a, const struct dataset *b, struct arena *arena) {
    struct point_sample first = sample_points(a, &a->test, arena);
    struct point_sample second = sample_points(b, &b->test, arena);
    return energy_distance(&first, &second);
}

static void the_energy_distance_agrees_with_scipy(void **state) {
    (void)state;
    struct arena arena = {0};
    struct error error;
    cJSON *json = json_load("tests/reference/statistics.json", &error);
    assert_non_null(json);
    const cJSON *energy = cJSON_GetObjectItemCaseSensitive(json, "energy");
    double values[2][64];
    int count[2] = {0};
    for (int side = 0; side < 2; side++) {
        const cJSON *list = cJSON_GetObjectItemCaseSensitive(energy, side == 0 ? "x" : "y");
        for (const cJSON *item = list->child; item != NULL; item = item->next)
            values[side][count[side]++] = item->valuedouble;
    }
    const struct dataset *a = points(values[0], count[0], &arena);
    const struct dataset *b = points(values[1], count[1], &arena);
    assert_near(distance_of(a, b, &arena), json_number(energy, "distance", NAN), 1e-6);
    assert_near(distance_of(a, a, &arena), 0, 0);
    cJSON_Delete(json);
    arena_free(&arena);
}

static void a_distance_grows_with_the_shift_and_sees_the_time(void **state) {
    (void)state;
    struct arena arena = {0};
    double values[1000];
    for (int t = 0; t < 1000; t++)
        values[t] = sin(t);
    struct dataset *dataset = points(values, 1000, &arena);
    struct point_sample clean = sample_points(dataset, &dataset->test, &arena);
    assert_int_equal(clean.count, DISTANCE_POINTS);
    double last = 0;
    for (double severity = 0.5; severity < 5; severity *= 2) {
        struct split split =
            perturb(perturbation_find("bias"), severity, 1, dataset, &dataset->test, &arena);
        struct point_sample sample = sample_points(dataset, &split, &arena);
        assert_true(energy_distance(&clean, &sample) > last);
        last = energy_distance(&clean, &sample);
    }
    /* nothing but the time between observations changes much */
    struct split split =
        perturb(perturbation_find("dropout"), 0.5, 1, dataset, &dataset->test, &arena);
    struct point_sample sample = sample_points(dataset, &split, &arena);
    assert_true(energy_distance(&clean, &sample) > 0.5);
    arena_free(&arena);
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
        cmocka_unit_test(every_kind_has_its_name),
        cmocka_unit_test(irregular_sampling_leaves_rows_out_and_tells_the_time),
        cmocka_unit_test(irregular_windows_of_a_random_split_keep_to_their_rows),
        cmocka_unit_test(longer_windows_are_longer_than_in_training),
        cmocka_unit_test(inputs_can_be_perturbed_as_a_shift),
        cmocka_unit_test(a_later_period_is_of_the_same_series),
        cmocka_unit_test(groups_held_out_are_only_in_the_shift),
        cmocka_unit_test(a_rollout_goes_on_from_its_own_predictions),
        cmocka_unit_test(only_whole_forecasts_can_be_rolled_out),
        cmocka_unit_test(the_energy_distance_agrees_with_scipy),
        cmocka_unit_test(a_distance_grows_with_the_shift_and_sees_the_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
