/* Suites of faults: each fault against the spec, with the same draws; who is hit, and how hard; the
 * worst fault and its interval. tests/reference/make_fault_fixtures.py writes the fixtures. */
#include "base/json.h"
#include "evaluate/metric.h"
#include "evaluate/mixture.h"
#include "evaluate/sensitivity.h"
#include "evaluate/worst_fault.h"
#include "math/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/near.h"
#include "support/toy_dataset.h"

/* ---- A generator that says what it is told ---- */

static const cJSON *next_draw;

static void set_nothing(void *state, unsigned long seed) {
    (void)state, (void)seed;
}

static const cJSON *take_draw(void) {
    const cJSON *draw = next_draw;
    assert_non_null(draw);
    next_draw = draw->next;
    return draw;
}

/* [j, n]: what makes gsl_rng_uniform_int(n) come out as j. */
static unsigned long get_told(void *state) {
    (void)state;
    const cJSON *draw = take_draw();
    unsigned long scale = 0xffffffffUL / (unsigned long)cJSON_GetArrayItem(draw, 1)->valueint;
    return (unsigned long)cJSON_GetArrayItem(draw, 0)->valueint * scale + scale / 2;
}

static double get_told_real(void *state) {
    (void)state;
    const cJSON *draw = take_draw();
    assert_true(cJSON_IsNumber(draw));
    return draw->valuedouble;
}

static const gsl_rng_type told = {
    "told", 0xffffffffUL, 0, sizeof(int), set_nothing, get_told, get_told_real,
};

/* ---- The spec ---- */

static real *numbers(const cJSON *list, struct arena *arena) {
    real *values = ARENA_NEW(arena, real, cJSON_GetArraySize(list));
    size_t count = 0;
    for (const cJSON *item = list->child; item != NULL; item = item->next)
        values[count++] = (real)item->valuedouble;
    return values;
}

static void check_fixture(const cJSON *fixture) {
    struct arena arena = {0};
    const char *type = json_string(fixture, "fault", "");
    struct toy toy = {.task = TASK_FORECAST,
                      .rows = (int)json_number(fixture, "rows", 0),
                      .inputs = (int)json_number(fixture, "inputs", 0),
                      .targets = 1,
                      .window = 4,
                      .stride = 1};
    struct dataset *dataset =
        toy_dataset(&toy, numbers(cJSON_GetObjectItem(fixture, "x"), &arena), NULL, &arena);
    struct fault fault = {.type = perturbation_find(type),
                          .suite = suite_named(json_string(fixture, "suite", "")),
                          .each = EACH_WINDOW,
                          .channels = {.reach = REACH_SEVERITY}};
    struct split split = split_copy(&dataset->test, dataset, &arena);
    const real *expected = numbers(cJSON_GetObjectItem(fixture, "expected"), &arena);
    gsl_rng *rng = gsl_rng_alloc(&told);
    next_draw = cJSON_GetObjectItem(fixture, "draws")->child;
    fault_apply(&fault, json_number(fixture, "severity", 0), NULL, dataset, split.series, rng);
    assert_null(next_draw);
    for (int i = 0; i < toy.rows * toy.inputs; i++)
        if (fabs((double)split.series->x[i] - (double)expected[i]) >
            1e-6 * fmax(1, fabs((double)expected[i])))
            fail_msg("%s at %g: row %d, input %d is %.9g, not %.9g", type,
                     json_number(fixture, "severity", 0), i / toy.inputs, i % toy.inputs,
                     (double)split.series->x[i], (double)expected[i]);
    gsl_rng_free(rng);
    arena_free(&arena);
}

static void faults_are_as_the_spec_has_them_with_the_same_draws(void **state) {
    (void)state;
    struct error error;
    cJSON *fixtures = json_load("tests/reference/faults.json", &error);
    assert_non_null(fixtures);
    assert_true(cJSON_GetArraySize(fixtures) >= 84);
    for (const cJSON *fixture = fixtures->child; fixture != NULL; fixture = fixture->next)
        check_fixture(fixture);
    cJSON_Delete(fixtures);
}

/* ---- Suites ---- */

enum { ROWS = 240, INPUTS = 7, WINDOW = 24 };

static struct dataset *wavy(struct arena *arena) {
    real *x = ARENA_NEW(arena, real, ROWS * INPUTS);
    for (int i = 0; i < ROWS * INPUTS; i++)
        x[i] = (real)(2 * sin(0.7 * i) + 0.001 * i);
    struct toy toy = {.task = TASK_FORECAST,
                      .rows = ROWS,
                      .inputs = INPUTS,
                      .targets = INPUTS,
                      .window = WINDOW,
                      .stride = 5,
                      .last_only = true};
    return toy_dataset(&toy, x, NULL, arena);
}

static const real *window_rows(const struct dataset *dataset, size_t w) {
    const struct window *window = &dataset->test.windows[w];
    return dataset->test.series[window->series].x + (size_t)window->start * INPUTS;
}

/* How many inputs of a window differ from the original. */
static int inputs_hit(const struct dataset *dataset, const struct split *split, size_t w) {
    const real *before = window_rows(dataset, w), *after = split->series[w].x;
    int hit = 0;
    for (int i = 0; i < INPUTS; i++) {
        bool same = true;
        for (int t = 0; t < WINDOW; t++)
            same = same && before[t * INPUTS + i] == after[t * INPUTS + i];
        hit += !same;
    }
    return hit;
}

static struct fault fault_in(const struct suite_type *suite, const char *type) {
    return (struct fault){.type = perturbation_find(type),
                          .suite = suite,
                          .each = EACH_WINDOW,
                          .channels = {.reach = REACH_SEVERITY}};
}

static void severity_zero_is_the_identity_in_every_suite(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = wavy(&arena);
    for (size_t s = 0; suite_at(s) != NULL; s++)
        for (const struct suite_fault *entry = suite_at(s)->faults; entry->type != NULL; entry++)
            for (int each = EACH_SERIES; each <= EACH_WINDOW; each++) {
                struct fault fault = fault_in(suite_at(s), entry->type);
                fault.each = (enum each)each;
                struct split split = fault_split(&fault, 0, 1, dataset, &dataset->test, &arena);
                for (size_t w = 0; w < split.window_count && each == EACH_WINDOW; w++)
                    assert_int_equal(inputs_hit(dataset, &split, w), 0);
                if (each == EACH_SERIES)
                    assert_memory_equal(split.series->x, dataset->test.series->x,
                                        ROWS * INPUTS * sizeof(real));
            }
    arena_free(&arena);
}

static void more_sensors_are_hit_the_harsher_a_fault_is(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = wavy(&arena);
    struct fault fault = fault_in(suite_named("sensorfault"), "bias");
    const double severities[] = {0.1, 0.34, 0.5, 0.67, 1};
    const int expected[] = {1, 2, 2, 3, 4}; /* 1 + floor(3 s) */
    for (int s = 0; s < 5; s++) {
        struct split split = fault_split(&fault, severities[s], 3, dataset, &dataset->test, &arena);
        for (size_t w = 0; w < split.window_count; w++)
            assert_int_equal(inputs_hit(dataset, &split, w), expected[s]);
    }
    fault.channels = (struct channel_share){.reach = REACH_SHARE, .share = 0.25};
    struct split share = fault_split(&fault, 0.1, 3, dataset, &dataset->test, &arena);
    for (size_t w = 0; w < share.window_count; w++)
        assert_int_equal(inputs_hit(dataset, &share, w), 2);
    arena_free(&arena);
}

/* A fault that a suite has of all inputs, or of a number of its own, is no exception. */
static void a_share_of_the_sensors_goes_for_every_fault_of_a_suite(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = wavy(&arena);
    for (size_t s = 0; suite_at(s) != NULL; s++)
        for (const struct suite_fault *entry = suite_at(s)->faults; entry->type != NULL; entry++) {
            struct fault fault = fault_in(suite_at(s), entry->type);
            fault.channels = (struct channel_share){.reach = REACH_SHARE, .share = 0.25};
            double severity = suite_at(s)->by_window ? 1 : fault.type->severities[4];
            struct split split = fault_split(&fault, severity, 3, dataset, &dataset->test, &arena);
            int most = 0;
            for (size_t w = 0; w < split.window_count; w++) {
                int hit = inputs_hit(dataset, &split, w);
                most = hit > most ? hit : most;
            }
            if (strcmp(entry->type, "dropout") != 0) /* that loses whole rows */
                assert_int_equal(most, 2);
        }
    arena_free(&arena);
}

/* Structural faults: 2 to 4 inputs, or 3 to 7, whatever else the share is; a shock or a regime hits all. */
static void structural_faults_hit_as_many_inputs_as_tsfault_has(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = wavy(&arena);
    const struct suite_type *suite = suite_named("tsfault");
    const struct {
        const char *type;
        int hit[5];
    } expected[] = {{"shock", {7, 7, 7, 7, 7}},
                    {"fracture", {2, 2, 3, 3, 4}},
                    {"regime", {7, 7, 7, 7, 7}},
                    {"cascade", {3, 3, 5, 5, 7}}};
    for (int f = 0; f < 4; f++)
        for (int s = 0; s < 5; s++) {
            struct fault fault = fault_in(suite, expected[f].type);
            struct split split =
                fault_split(&fault, suite->severities[s], 3, dataset, &dataset->test, &arena);
            int most = 0;
            for (size_t w = 0; w < split.window_count; w++) {
                int hit = inputs_hit(dataset, &split, w);
                most = hit > most ? hit : most;
            }
            assert_int_equal(most, expected[f].hit[s]);
        }
    arena_free(&arena);
}

/* The smallest windows that there are, and the only input. */
static void structural_faults_bear_short_windows_and_single_inputs(void **state) {
    (void)state;
    struct arena arena = {0};
    for (int rows = 1; rows < 30; rows++) {
        real x[30] = {0};
        for (int t = 1; t < rows; t += 2)
            x[t] = 1;
        struct toy toy = {.task = TASK_FORECAST,
                          .rows = rows,
                          .inputs = 1,
                          .targets = 1,
                          .window = 1,
                          .stride = 1};
        struct dataset *dataset = toy_dataset(&toy, x, NULL, &arena);
        const struct suite_type *suite = suite_named("tsfault");
        for (const struct suite_fault *entry = suite->faults; entry->type != NULL; entry++)
            for (int each = EACH_SERIES; each <= EACH_WINDOW; each++) {
                struct fault fault = fault_in(suite, entry->type);
                fault.each = (enum each)each;
                struct split split = fault_split(&fault, 1, 3, dataset, &dataset->test, &arena);
                for (int s = 0; s < split.series_count; s++)
                    for (int t = 0; t < split.series[s].rows; t++)
                        assert_true(isfinite(split.series[s].x[t]));
            }
    }
    arena_free(&arena);
}

static void structural_faults_leave_alone_what_was_not_observed(void **state) {
    (void)state;
    enum { LENGTH = 60, WIDTH = 4 }; /* a, b, a observed, b observed */
    struct arena arena = {0};
    real x[LENGTH * WIDTH], present[LENGTH];
    for (int t = 0; t < LENGTH; t++) {
        present[t] = t % 11 != 5;
        for (int i = 0; i < 2; i++) {
            x[t * WIDTH + i] = (real)(sin(0.5 * t + i) + 0.1 * (t % 4));
            x[t * WIDTH + 2 + i] = present[t] != 0 && t % (5 + i) != 2;
        }
    }
    struct toy toy = {.task = TASK_FORECAST,
                      .rows = LENGTH,
                      .inputs = WIDTH,
                      .flags = 2,
                      .targets = 2,
                      .window = 4,
                      .stride = 1};
    struct dataset *dataset = toy_dataset(&toy, x, NULL, &arena);
    dataset->test.series->present = present;
    const struct suite_type *suite = suite_named("tsfault");
    for (const struct suite_fault *entry = suite->faults; entry->type != NULL; entry++) {
        int changed = 0;
        for (uint64_t seed = 0; seed < 20; seed++) {
            struct split split =
                perturb(perturbation_find(entry->type), 1, seed, dataset, &dataset->test, &arena);
            assert_memory_equal(split.series->present, present, sizeof present);
            for (int t = 0; t < LENGTH; t++)
                for (int i = 0; i < WIDTH; i++) {
                    bool observed = i < 2 && x[t * WIDTH + 2 + i] != 0;
                    bool same = split.series->x[t * WIDTH + i] == x[t * WIDTH + i];
                    assert_true(observed || same);
                    changed += !same;
                }
        }
        assert_true(changed > 0);
    }
    arena_free(&arena);
}

/* Cut off and then rounded is not rounded and then cut off. */
static void a_compound_fault_strikes_in_its_order(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = wavy(&arena);
    const char *names[] = {"saturation+quantisation", "quantisation+saturation"};
    for (int n = 0; n < 2; n++) {
        struct fault fault = {.each = EACH_SERIES};
        assert_true(fault_read(names[n], &fault));
        assert_string_equal(fault_name(&fault), names[n]);
        struct split both = fault_split(&fault, 0.75, 3, dataset, &dataset->test, &arena);
        struct split first =
            perturb(fault_part(&fault, 0), 1.5, 3, dataset, &dataset->test, &arena);
        struct split then = perturb(fault_part(&fault, 1), 1.5, 3, dataset, &first, &arena);
        assert_memory_equal(both.series->x, then.series->x, ROWS * INPUTS * sizeof(real));
        struct split none = fault_split(&fault, 0, 3, dataset, &dataset->test, &arena);
        assert_memory_equal(none.series->x, dataset->test.series->x, ROWS * INPUTS * sizeof(real));
    }
    struct fault fault = {0};
    assert_false(fault_read("saturation+", &fault) || fault_read("", &fault) ||
                 fault_read("hum+hums", &fault) || fault_read("hum+hum+hum+hum+hum", &fault));
    assert_true(fault_read("hum+hum+hum+hum", &fault) && fault_part(&fault, 4) == NULL);
    assert_true(fault_read("hum", &fault) && fault_part(&fault, 1) == NULL);
    assert_string_equal(fault_name(&fault), "hum");
    arena_free(&arena);
}

/* In a suite each part hits its own inputs, in its own range. */
static void a_compound_fault_of_a_suite_has_the_ranges_of_its_parts(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = wavy(&arena);
    struct fault fault = fault_in(suite_named("sensorfault"), "gap");
    assert_true(fault_read("bias+gain", &fault));
    fault.channels = (struct channel_share){.reach = REACH_SHARE, .share = 1};
    struct split split = fault_split(&fault, 0.8, 3, dataset, &dataset->test, &arena);
    for (size_t w = 0; w < split.window_count; w++)
        for (int i = 0; i < WINDOW * INPUTS; i++) /* + 0.6 σ, × 0.4 */
            assert_near((double)split.series[w].x[i],
                        0.4 * ((double)window_rows(dataset, w)[i] + 0.6), 1e-5);
    arena_free(&arena);
}

static void a_seed_and_a_severity_give_the_same_faults_to_all(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = wavy(&arena);
    const struct suite_type *suite = suite_named("sensorfault");
    for (const struct suite_fault *entry = suite->faults; entry->type != NULL; entry++) {
        struct fault fault = fault_in(suite, entry->type);
        struct split one = fault_split(&fault, 0.9, 3, dataset, &dataset->test, &arena);
        struct split same = fault_split(&fault, 0.9, 3, dataset, &dataset->test, &arena);
        struct split other = fault_split(&fault, 0.9, 4, dataset, &dataset->test, &arena);
        size_t bytes = WINDOW * INPUTS * sizeof(real);
        bool differs = false;
        for (size_t w = 0; w < one.window_count; w++) {
            assert_memory_equal(one.series[w].x, same.series[w].x, bytes);
            differs = differs || memcmp(one.series[w].x, other.series[w].x, bytes) != 0;
        }
        assert_true(differs);
    }
    arena_free(&arena);
}

static void drawn_severities_lie_between_nothing_and_the_harshest(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = wavy(&arena);
    struct fault fault = fault_in(suite_named("sensorfault"), "bias");
    fault.is_drawn = true;
    struct split split = fault_split(&fault, 1, 3, dataset, &dataset->test, &arena);
    double min = 1, max = 0;
    for (size_t w = 0; w < split.window_count; w++) {
        double offset = 0;
        for (int i = 0; i < INPUTS; i++)
            offset = fmax(offset, (double)(split.series[w].x[i] - window_rows(dataset, w)[i]));
        min = fmin(min, offset);
        max = fmax(max, offset);
    }
    assert_true(min >= 0 && min < 0.2 && max > 0.5 && max <= 0.7501);
    arena_free(&arena);
}

/* What a seasonal baseline looks back to, and what is scored, stay where they are. */
static void a_window_cut_out_keeps_its_truth_time_and_past(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = wavy(&arena);
    struct split cut = split_cut(&dataset->test, dataset, &arena);
    assert_int_equal(cut.window_count, dataset->test.window_count);
    for (size_t w = 0; w < cut.window_count; w++) {
        const struct window *window = &dataset->test.windows[w];
        const struct series *series = &cut.series[w], *whole = dataset->test.series;
        assert_int_equal(series->rows, WINDOW);
        assert_ptr_equal(series->y, whole->y + (size_t)window->start * (size_t)dataset->width);
        assert_ptr_equal(series->time, whole->time + window->start);
        assert_int_equal(series->history.rows, window->start);
        assert_memory_equal(series->x, window_rows(dataset, w), WINDOW * INPUTS * sizeof(real));
    }
    arena_free(&arena);
}

static void a_suite_is_found_with_and_without_its_number(void **state) {
    (void)state;
    assert_string_equal(suite_named("sensorfault")->name, "sensorfault-1");
    assert_string_equal(suite_named("sensorfault-1")->name, "sensorfault-1");
    assert_string_equal(suite_named("tsfault")->name, "tsfault-1");
    assert_string_equal(suite_named("sensorfault-training")->name, "sensorfault-training-1");
    assert_null(suite_named("sensor"));
    assert_null(suite_named("sensorfault-9"));
    for (size_t s = 0; suite_at(s) != NULL; s++)
        for (const struct suite_fault *entry = suite_at(s)->faults; entry->type != NULL; entry++)
            assert_non_null(perturbation_find(entry->type));
}

/* ---- Places ---- */

/* Of a window: Σ_t (t - 9)² Σ_i (i + 1) x[t][i] */
static double weighted_sum(const real *x) {
    double sum = 0;
    for (int t = 0; t < WINDOW; t++)
        for (int i = 0; i < INPUTS; i++)
            sum += (t - 9) * (t - 9) * (i + 1) * (double)x[t * INPUTS + i];
    return sum;
}

/* Predicts that for every target. */
static void predict_weighted_sum(void *model, const struct batch *batch, real *out) {
    (void)model;
    for (int b = 0; b < batch->size; b++) {
        real x[WINDOW * INPUTS];
        for (int t = 0; t < WINDOW; t++)
            memcpy(x + t * INPUTS, batch->x + (t * batch->size + b) * INPUTS,
                   INPUTS * sizeof(real));
        for (int t = 0; t < WINDOW; t++)
            for (int o = 0; o < INPUTS; o++)
                out[(t * batch->size + b) * INPUTS + o] = (real)weighted_sum(x);
    }
}

static int compare_reals(const void *a, const void *b) {
    double x = (double)*(const real *)a, y = (double)*(const real *)b;
    return (x > y) - (x < y);
}

/* Two rows, a sixteenth of 24 rounded up, are replaced by the medians of the window's 24. */
static void sensitivity_is_how_much_predictions_change_without_rows(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = wavy(&arena);
    struct predictor predictor = {.batch = 5, .predict = predict_weighted_sum};
    const double *const *sensitivity =
        window_sensitivity(&predictor, dataset, &dataset->test, &arena);
    for (size_t w = 0; w < dataset->test.window_count; w++) {
        const real *x = window_rows(dataset, w);
        real medians[INPUTS];
        for (int i = 0; i < INPUTS; i++) {
            real column[WINDOW];
            for (int t = 0; t < WINDOW; t++)
                column[t] = x[t * INPUTS + i];
            qsort(column, WINDOW, sizeof(real), compare_reals);
            medians[i] = (column[WINDOW / 2 - 1] + column[WINDOW / 2]) / 2;
        }
        for (int first = 0; first < WINDOW; first += 2) {
            real without[WINDOW * INPUTS];
            memcpy(without, x, sizeof without);
            for (int k = 0; k < 2; k++)
                memcpy(without + (first + k) * INPUTS, medians, sizeof medians);
            double change = weighted_sum(without) - weighted_sum(x);
            double expected = INPUTS * change * change / 2;
            for (int k = 0; k < 2; k++)
                assert_near(sensitivity[w][first + k], expected, 1e-3 * expected + 1e-2);
        }
    }
    arena_free(&arena);
}

/* Rows of a window that differ from the original. */
static bool row_is_hit(const struct dataset *dataset, const struct split *split, size_t w, int t) {
    return memcmp(window_rows(dataset, w) + t * INPUTS, split->series[w].x + t * INPUTS,
                  INPUTS * sizeof(real)) != 0;
}

/* Of all rows where it could begin, a fault begins at that from which its rows add up to most. */
static void a_fault_begins_where_predictions_depend_most_on_its_rows(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = wavy(&arena);
    const struct {
        const char *type;
        double severity;
        int length;
    } faults[] = {{"spike", 1, 1},
                  {"gap", 0.5, 6},
                  {"stuck", 0.25, 6},
                  {"stretch", 1, 12},
                  {"compress", 0.5, 12}};
    size_t windows = dataset->test.window_count;
    double(*rows)[WINDOW] = arena_alloc_array(&arena, windows, sizeof *rows);
    const double **sensitivity = ARENA_NEW(&arena, const double *, windows);
    for (size_t w = 0; w < windows; w++) {
        for (int t = 0; t < WINDOW; t++)
            rows[w][t] = fabs(sin(3.7 * t * (double)(w + 1)));
        sensitivity[w] = rows[w];
    }
    for (size_t f = 0; f < sizeof faults / sizeof faults[0]; f++) {
        struct fault fault = fault_in(suite_named("sensorfault"), faults[f].type);
        fault.sensitivity = sensitivity;
        struct split split =
            fault_split(&fault, faults[f].severity, 3, dataset, &dataset->test, &arena);
        for (size_t w = 0; w < windows; w++) {
            int best = 1, hit = 0;
            double highest = -1;
            for (int first = 1; first + faults[f].length <= WINDOW; first++) {
                double sum = 0;
                for (int t = first; t < first + faults[f].length; t++)
                    sum += rows[w][t];
                if (sum > highest) {
                    highest = sum;
                    best = first;
                }
            }
            for (int t = 0; t < WINDOW; t++) {
                bool inside = t >= best && t < best + faults[f].length;
                hit += row_is_hit(dataset, &split, w, t);
                assert_true(inside || !row_is_hit(dataset, &split, w, t));
            }
            assert_true(hit >= faults[f].length - 1);
        }
        struct split none = fault_split(&fault, 0, 3, dataset, &dataset->test, &arena);
        for (size_t w = 0; w < windows; w++)
            assert_int_equal(inputs_hit(dataset, &none, w), 0);
    }
    arena_free(&arena);
}

/* Nothing else depends on the model: signs and inputs, and what happens to other windows. */
static void a_place_changes_nothing_else_about_a_fault(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = wavy(&arena);
    size_t windows = dataset->test.window_count;
    const double early[WINDOW] = {[1] = 1}, late[WINDOW] = {[WINDOW - 1] = 1};
    const double **sensitivity = ARENA_NEW(&arena, const double *, windows);
    for (int entry = 0; perturbation_at((size_t)entry) != NULL; entry++) {
        struct fault fault = {.type = perturbation_at((size_t)entry),
                              .each = EACH_WINDOW,
                              .channels = {.reach = REACH_SHARE, .share = 0.4},
                              .sensitivity = sensitivity,
                              .is_drawn = true};
        double severity = fault.type->severities[4];
        for (size_t w = 0; w < windows; w++)
            sensitivity[w] = early;
        struct split first = fault_split(&fault, severity, 3, dataset, &dataset->test, &arena);
        sensitivity[0] = late;
        struct split then = fault_split(&fault, severity, 3, dataset, &dataset->test, &arena);
        assert_int_equal(inputs_hit(dataset, &first, 0), inputs_hit(dataset, &then, 0));
        size_t bytes = WINDOW * INPUTS * sizeof(real);
        for (size_t w = 1; w < windows; w++)
            assert_memory_equal(first.series[w].x, then.series[w].x, bytes);
        if (!fault.type->has_place)
            assert_memory_equal(first.series[0].x, then.series[0].x, bytes);
    }
    struct fault spike = {
        .type = perturbation_find("spike"), .each = EACH_WINDOW, .sensitivity = sensitivity};
    struct split split = fault_split(&spike, 2, 3, dataset, &dataset->test, &arena);
    sensitivity[0] = early;
    struct split other = fault_split(&spike, 2, 3, dataset, &dataset->test, &arena);
    for (int i = 0; i < INPUTS; i++) {
        size_t at = INPUTS + (size_t)i, end = (WINDOW - 1) * INPUTS + (size_t)i;
        assert_near((double)(split.series[0].x[end] - window_rows(dataset, 0)[end]),
                    (double)(other.series[0].x[at] - window_rows(dataset, 0)[at]), 1e-5);
    }
    arena_free(&arena);
}

/* ---- Mixtures ---- */

static struct mixture mixture_of(const char *text, struct arena *arena, cJSON **json) {
    struct mixture mixture;
    struct error error;
    *json = cJSON_Parse(text);
    if (!mixture_read(*json, "train.perturb", &mixture, arena, &error))
        fail_msg("%s", error.text);
    return mixture;
}

static void a_mixture_disturbs_the_share_of_windows_that_is_asked_for(void **state) {
    (void)state;
    struct arena arena = {0};
    cJSON *json;
    struct dataset *dataset = wavy(&arena);
    struct mixture mixture =
        mixture_of("{\"suite\": \"sensorfault-training\", \"types\": [\"linear_drift\", \"gain\"], "
                   "\"probability\": 0.75}",
                   &arena, &json);
    size_t windows = dataset->test.window_count, hit = 0, most = 0, total = 0;
    size_t *order = ARENA_NEW(&arena, size_t, windows);
    for (size_t w = 0; w < windows; w++)
        order[w] = w;
    gsl_rng *rng = random_stream(1, "mixture");
    for (int epoch = 0; epoch < 20; epoch++) {
        struct split drawn =
            mixture_draw(&mixture, dataset, &dataset->test, order, 0, (int)windows, rng, &arena);
        for (size_t w = 0; w < windows; w++, total++) {
            int inputs = inputs_hit(dataset, &drawn, w);
            hit += inputs > 0;
            most = (size_t)inputs > most ? (size_t)inputs : most;
        }
    }
    assert_near(hit / (double)total, 0.75, 4 * sqrt(0.75 * 0.25 / (double)total));
    assert_int_equal(most, 3); /* severity below 1, of 7 inputs */
    gsl_rng_free(rng);
    cJSON_Delete(json);
    arena_free(&arena);
}

static void no_training_fault_of_sensorfault_is_scored(void **state) {
    (void)state;
    const struct suite_type *scored = suite_named("sensorfault");
    const struct suite_type *training = suite_named("sensorfault-training");
    for (const struct suite_fault *entry = training->faults; entry->type != NULL; entry++) {
        const struct suite_fault *same = suite_fault_of(scored, entry->type);
        assert_true(same == NULL ||
                    (same->direction == DIRECTION_DOWN && entry->direction == DIRECTION_UP));
    }
}

/* ---- The worst ---- */

enum { BLOCKS = 20 };

static void the_worst_fault_is_a_ratio_of_means_with_an_interval(void **state) {
    (void)state;
    double weights[BLOCKS], clean[BLOCKS], mild[BLOCKS], harsh[BLOCKS];
    for (int b = 0; b < BLOCKS; b++) {
        weights[b] = 1 + b % 3;
        clean[b] = 1 + 0.1 * (b % 5);
        mild[b] = 1.1 * clean[b];
        harsh[b] = 2 * clean[b] + (b % 2 == 0 ? 0.5 : -0.5);
    }
    struct test_blocks blocks = {.count = BLOCKS, .weights = weights};
    const double *faulted[] = {mild, harsh};
    struct worst_fault worst = worst_fault_of(&blocks, clean, faulted, 2, 1);
    double sum = 0, sum_clean = 0;
    for (int b = 0; b < BLOCKS; b++) {
        sum += weights[b] * harsh[b];
        sum_clean += weights[b] * clean[b];
    }
    assert_int_equal(worst.which, 1);
    assert_near(worst.ratio, sum / sum_clean, 1e-12);
    assert_true(worst.low < worst.ratio && worst.ratio < worst.high);
    /* standard error of the mean of ±0.5 over 20 blocks, over the mean clean error */
    double error = 0.5 / sqrt(BLOCKS) / 1.2;
    assert_near(worst.high - worst.low, 2 * 1.96 * error, 0.6 * error);
    /* A fault in proportion to the clean error leaves nothing to chance. */
    struct worst_fault sure = worst_fault_of(&blocks, clean, faulted, 1, 1);
    assert_near(sure.low, 1.1, 1e-9);
    assert_near(sure.high, 1.1, 1e-9);
    blocks.count = 7;
    assert_true(isnan(worst_fault_of(&blocks, clean, faulted, 2, 1).low));
}

static void blocks_add_up_to_the_error(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = wavy(&arena);
    size_t count = dataset->test.window_count, width = INPUTS;
    struct predictions predictions = {
        .dataset = dataset,
        .count = count,
        .output = ARENA_NEW(&arena, double, count *width),
        .truth = ARENA_NEW(&arena, double, count *width),
        .series = ARENA_NEW(&arena, const struct series *, count),
        .row = ARENA_NEW(&arena, int, count),
    };
    for (size_t i = 0; i < count; i++) {
        predictions.series[i] = dataset->test.series;
        predictions.row[i] = dataset->test.windows[i].start + WINDOW - 1;
        for (size_t k = 0; k < width; k++)
            predictions.truth[i * width + k] = (i + k) % 4 == 0 ? NAN : sin((double)(i * 3 + k));
    }
    const struct metric_type *mse = metric_find("mse");
    struct test_blocks blocks = test_blocks_of(&predictions, &arena);
    assert_int_equal(blocks.count, (count * 5 + WINDOW) / (WINDOW + 1));
    double errors[ROWS] = {0}, sum = 0, weight = 0;
    add_block_errors(&predictions, &blocks, mse, 1, errors);
    for (size_t b = 0; b < blocks.count; b++) {
        sum += blocks.weights[b] * errors[b];
        weight += blocks.weights[b];
    }
    assert_near(sum / weight, mse->score(&predictions), 1e-12);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_are_as_the_spec_has_them_with_the_same_draws),
        cmocka_unit_test(severity_zero_is_the_identity_in_every_suite),
        cmocka_unit_test(more_sensors_are_hit_the_harsher_a_fault_is),
        cmocka_unit_test(a_share_of_the_sensors_goes_for_every_fault_of_a_suite),
        cmocka_unit_test(structural_faults_hit_as_many_inputs_as_tsfault_has),
        cmocka_unit_test(structural_faults_bear_short_windows_and_single_inputs),
        cmocka_unit_test(structural_faults_leave_alone_what_was_not_observed),
        cmocka_unit_test(a_compound_fault_strikes_in_its_order),
        cmocka_unit_test(a_compound_fault_of_a_suite_has_the_ranges_of_its_parts),
        cmocka_unit_test(a_seed_and_a_severity_give_the_same_faults_to_all),
        cmocka_unit_test(drawn_severities_lie_between_nothing_and_the_harshest),
        cmocka_unit_test(a_window_cut_out_keeps_its_truth_time_and_past),
        cmocka_unit_test(a_suite_is_found_with_and_without_its_number),
        cmocka_unit_test(sensitivity_is_how_much_predictions_change_without_rows),
        cmocka_unit_test(a_fault_begins_where_predictions_depend_most_on_its_rows),
        cmocka_unit_test(a_place_changes_nothing_else_about_a_fault),
        cmocka_unit_test(a_mixture_disturbs_the_share_of_windows_that_is_asked_for),
        cmocka_unit_test(no_training_fault_of_sensorfault_is_scored),
        cmocka_unit_test(the_worst_fault_is_a_ratio_of_means_with_an_interval),
        cmocka_unit_test(blocks_add_up_to_the_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
