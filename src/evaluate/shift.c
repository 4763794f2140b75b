#include "evaluate/shift.h"

#include "evaluate/perturbation.h"
#include "evaluate/rollout.h"
#include "evaluate/shifts/kinds.h"

#include <stdio.h>
#include <string.h>

#define AT(member) .offset = offsetof(struct shift_options, member)
const struct field shift_fields[] = {
    {"name", FIELD_STRING, AT(name), .required = true, .help = "What reports call it."},
    {"resample", FIELD_REAL, AT(resample), .max = 100, .exclusive_min = true,
     .help = "Sampling rate of the test data relative to the original; 0.5 sees every second row."},
    {"irregular", FIELD_REAL, AT(irregular), .max = 0.99, .exclusive_min = true,
     .help = "Share of the test rows that are left out at random, so that steps take different "
             "times."},
    {"parameters", FIELD_JSON, AT(parameters),
     .help = "Generator parameters merged over those of the training data."},
    {"files", FIELD_STRINGS, AT(files),
     .help = "Files or patterns to test on instead, read as the training files are."},
    {"groups", FIELD_STRINGS, AT(groups),
     .help = "Groups to test on instead, which dataset.hold_out keeps from training."},
    {"rows", FIELD_REALS, AT(rows), .min = 0, .max = 1,
     .help = "[from, to]: shares of every series to test on instead, a later period, as in [0.9, "
             "1]."},
    {"window", FIELD_INT, AT(window), .min = 1, .max = 1000000,
     .help = "Steps of a test window, more than task.window."},
    {"perturb", FIELD_JSON, AT(perturb),
     .help = "{\"type\", \"severity\"} of a perturbation of the test inputs."},
    {"rollout", FIELD_INT, AT(rollout), .min = 1, .max = 100000,
     .help = "Steps that a forecast goes on from its own predictions."},
    {0}};
#undef AT

/* --- kinds ------------------------------------------------------------------------------------ */

static bool shift_data(const struct shift_options *options, const struct dataset *dataset,
                       struct arena *arena, struct dataset *shifted, struct error *error) {
    return dataset_load_shifted(dataset, options->parameters, &options->files, arena,
                                &shifted->test, error);
}

static bool shift_groups(const struct shift_options *options, const struct dataset *dataset,
                         struct arena *arena, struct dataset *shifted, struct error *error) {
    const struct string_list *held = &dataset->options->hold_out;
    for (size_t i = 0; i < options->groups.count; i++) {
        bool known = false;
        for (size_t j = 0; j < held->count; j++)
            known = known || strcmp(options->groups.items[i], held->items[j]) == 0;
        if (!known)
            return error_set(error,
                             "\"%s\" is not held out from training; add it to dataset.hold_out",
                             options->groups.items[i]);
    }
    return dataset_load_rest(dataset, &options->groups, 0, 1, arena, &shifted->test, error);
}

static bool shift_rows(const struct shift_options *options, const struct dataset *dataset,
                       struct arena *arena, struct dataset *shifted, struct error *error) {
    const double *ends = options->rows.items;
    if (options->rows.count != 2 || ends[0] >= ends[1])
        return error_set(error, "must be [from, to] with from < to, as in [0.9, 1]");
    return dataset_load_rest(dataset, NULL, ends[0], ends[1], arena, &shifted->test, error);
}

static int test_stride(const struct dataset *dataset) {
    const struct task_options *task = dataset->task_options;
    return task->test_stride > 0 ? task->test_stride : task->stride;
}

static bool is_random(const struct dataset *dataset) {
    return dataset->options->split.method == SPLIT_RANDOM;
}

static bool shift_window(const struct shift_options *options, const struct dataset *dataset,
                         struct arena *arena, struct dataset *shifted, struct error *error) {
    if (dataset->task_options->window == 0 || options->window <= dataset->window)
        return error_set(error, "is %d, but models are trained on windows of up to %d",
                         options->window, dataset->window);
    if (is_random(dataset))
        return error_set(error, "longer windows reach into training rows of a random split");
    shifted->window = options->window;
    split_make_windows(&shifted->test, shifted, options->window, test_stride(dataset), arena);
    return shifted->test.window_count > 0 ||
           error_set(error, "no test series has %d rows", options->window);
}

static bool shift_perturb(const struct shift_options *options, const struct dataset *dataset,
                          struct arena *arena, struct dataset *shifted, struct error *error) {
    struct perturb_options perturbation;
    if (!perturb_read(options->perturb, "perturb", &perturbation, arena, error))
        return false;
    shifted->test = perturb(perturbation_find(perturbation.type), perturbation.severity, 0, dataset,
                            &dataset->test, arena);
    return true;
}

static bool shift_rollout(const struct shift_options *options, const struct dataset *dataset,
                          struct arena *arena, struct dataset *shifted, struct error *error) {
    (void)arena;
    (void)shifted;
    return rollout_check(dataset, options->rollout, error);
}

enum { KINDS = 9 };

/* The kinds in the order of their fields, and whether each is given. */
static const struct {
    const char *name;
    shift_function make;
} kinds[KINDS] = {
    {"resample", shift_resample}, {"irregular", shift_irregular}, {"parameters", shift_data},
    {"files", shift_data},        {"groups", shift_groups},       {"rows", shift_rows},
    {"window", shift_window},     {"perturb", shift_perturb},     {"rollout", shift_rollout},
};

/* How many kinds are given; *first is the first of them. */
static int given_kinds(const struct shift_options *options, int *first) {
    const bool given[KINDS] = {
        options->resample != 0,   options->irregular != 0,   options->parameters != NULL,
        options->files.count > 0, options->groups.count > 0, options->rows.count > 0,
        options->window != 0,     options->perturb != NULL,  options->rollout != 0,
    };
    int count = 0;
    for (int k = KINDS - 1; k >= 0; k--)
        if (given[k]) {
            *first = k;
            count++;
        }
    return count;
}

const char *shift_kind(const struct shift_options *options) {
    int kind;
    return given_kinds(options, &kind) == 1 ? kinds[kind].name : NULL;
}

bool shift_check(const struct shift_options *options, struct error *error) {
    int kind, count = given_kinds(options, &kind);
    if (count == 1)
        return true;
    error_set(error, "%s; give exactly one of",
              count == 0 ? "says nothing about the shift" : "is more than one shift");
    for (int k = 0; k < KINDS; k++) {
        size_t used = strlen(error->text);
        snprintf(error->text + used, sizeof error->text - used, "%s \"%s\"", k > 0 ? "," : "",
                 kinds[k].name);
    }
    return false;
}

bool shift_windows(const struct dataset *dataset,
                   struct window (*map)(const struct window *window, const void *context),
                   const void *context, struct arena *arena, struct split *split,
                   struct error *error) {
    const struct split *from = &dataset->test;
    int length = dataset->task_options->window;
    if (is_random(dataset)) {
        split->windows = ARENA_NEW(arena, struct window, from->window_count);
        for (size_t i = 0; i < from->window_count; i++) {
            struct window window = map(&from->windows[i], context);
            int excess = window.length - dataset->window;
            if (excess > 0)
                window = (struct window){window.series, window.start + excess, dataset->window};
            if (window.length > 0)
                split->windows[split->window_count++] = window;
        }
    } else {
        split_make_windows(split, dataset, length, test_stride(dataset), arena);
    }
    return split->window_count > 0 ||
           error_set(error,
                     "leaves too few rows for a window of %d; leave more of them or use a shorter "
                     "task.window",
                     length);
}

bool shift_make(const struct shift_options *options, const struct dataset *dataset,
                struct arena *arena, struct dataset *shifted, struct error *error) {
    int kind;
    if (!shift_check(options, error))
        return false;
    given_kinds(options, &kind);
    *shifted = *dataset;
    return kinds[kind].make(options, dataset, arena, shifted, error) ||
           error_prefix(error, "%s", kinds[kind].name);
}
