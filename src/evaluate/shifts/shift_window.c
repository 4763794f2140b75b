#include "evaluate/shift.h"
#include "evaluate/shifts/shift_windows.h"

/* Longer windows than in training. */
static bool make(const struct shift_options *options, const struct dataset *dataset,
                 struct arena *arena, struct dataset *shifted, struct error *error) {
    if (dataset->task_options->window == 0 || options->window <= dataset->window)
        return error_set(error, "is %d, but models are trained on windows of up to %d",
                         options->window, dataset->window);
    if (dataset->options->split.method == SPLIT_RANDOM)
        return error_set(error, "longer windows reach into training rows of a random split");
    shifted->window = options->window;
    split_make_windows(&shifted->test, shifted, options->window, test_stride(dataset), arena);
    return shifted->test.window_count > 0 ||
           error_set(error, "no test series has %d rows", options->window);
}

const struct shift_type shift_window = {.name = "window", .make = make};
