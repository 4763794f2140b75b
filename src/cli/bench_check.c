/* `bench --check`: whether a program got slower than the machine explains. A time of the file is
 * scaled by how much slower this machine multiplies matrices or delivers memory, whichever is more:
 * a cell's step is bound by one of the two or lies between. */
#include "base/arena.h"
#include "cli/bench_timing.h"
#include "cli/command.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ATTEMPTS = 3 };
static const double tolerance = 1.1;

/* A row of the file. */
struct kept_row {
    struct bench_timing timing; /* what to measure */
    double training, streaming; /* ms and us; NaN where the cell does not stream */
    double peak, bandwidth;     /* GFLOP/s, GB/s */
    int threads;
};

/* A number of the row that is positive. */
static bool take(const cJSON *row, const char *key, double *value, struct error *error) {
    *value = json_number(row, key, NAN);
    return *value > 0 || error_set(error, "%s: expected a positive number", key);
}

static bool take_count(const cJSON *row, const char *key, int *count, struct error *error) {
    double value;
    if (!take(row, key, &value, error))
        return false;
    *count = value <= 1 << 20 ? (int)value : 0;
    return *count > 0 || error_set(error, "%s: expected a whole number up to %d", key, 1 << 20);
}

static bool read_kept_row(const cJSON *row, struct kept_row *kept, struct error *error) {
    struct bench_shape *shape = &kept->timing.shape;
    const char *name = json_string(row, "cell", "");
    kept->timing.cell = cell_type_find(name);
    kept->streaming = json_number(cJSON_GetObjectItemCaseSensitive(row, "step_us"), "p50", NAN);
    if (kept->timing.cell == NULL)
        return error_set(error, "cell: \"%s\" is no cell; see `liquidbench list models`", name);
    return take_count(row, "hidden", &shape->hidden, error) &&
           take_count(row, "batch", &shape->batch, error) &&
           take_count(row, "steps", &shape->steps, error) &&
           take_count(row, "inputs", &shape->inputs, error) &&
           take_count(row, "threads", &kept->threads, error) &&
           take(row, "training_step_ms", &kept->training, error) &&
           take(row, "peak_gflops", &kept->peak, error) &&
           take(row, "memory_gbs", &kept->bandwidth, error);
}

/* How many times as long as in the file: of the training step and of the streaming step the worse,
 * after what the machine explains. */
static double slowdown(const struct bench_request *request, const struct kept_row *kept) {
    const struct bench_timing *timing = &kept->timing;
    double machine =
        fmax(kept->peak / (request->peak * 1e-9), kept->bandwidth / (request->bandwidth * 1e-9));
    double training = timing->training.seconds * 1e3 / kept->training;
    double streaming = timing->streaming.steps > 0 ? timing->streaming.p50 / kept->streaming : 0;
    return fmax(training, streaming) / machine; /* fmax() passes over NaN */
}

/* Prints the row's line. False with an error when it cannot be measured. */
static bool check_row(struct bench_request *request, const cJSON *row, bool *is_slow,
                      struct error *error) {
    struct kept_row kept = {0};
    if (!read_kept_row(row, &kept, error))
        return false;
    cJSON *settings = request->settings, *set = cJSON_GetObjectItemCaseSensitive(row, "set");
    double least = INFINITY;
    int attempts = 0;
    bool measured = true;
    request->threads = kept.threads;
    request->settings = cJSON_IsObject(set) ? set : settings;
    while (measured && attempts < ATTEMPTS && !(least <= tolerance)) {
        bench_measure_machine(request);
        measured = bench_measure(request, &kept.timing, error);
        least = measured ? fmin(least, slowdown(request, &kept)) : least;
        attempts++;
    }
    request->settings = settings;
    if (!measured)
        return false;
    char shape[48];
    const struct bench_shape *of = &kept.timing.shape;
    snprintf(shape, sizeof shape, "%dx%dx%d", of->hidden, of->batch, of->steps);
    *is_slow = least > tolerance;
    printf("%-10s %-11s %8.3f %8.3f %6.2f %s\n", kept.timing.cell->name, shape, kept.training,
           kept.timing.training.seconds * 1e3, least, *is_slow ? "  slower" : "");
    fflush(stdout);
    return true;
}

int bench_check(struct bench_request *request, const char *path) {
    struct error error;
    cJSON *rows = json_load(path, &error), *row;
    if (rows == NULL)
        return fail(&error);
    int checked = 0, slow = 0;
    bool good = cJSON_IsArray(rows) && rows->child != NULL
                    ? true
                    : error_set(&error,
                                "%s: expected a list of rows, as `liquidbench bench --json` "
                                "prints it",
                                path);
    if (good)
        printf("%-10s %-11s %8s %8s %6s\n", "cell", "HxBxT", "ms then", "ms now", "change");
    cJSON_ArrayForEach(row, rows) {
        bool is_slow = false;
        if (good && !check_row(request, row, &is_slow, &error))
            good = error_prefix(&error, "%s: [%d]", path, checked);
        checked++;
        slow += is_slow;
    }
    cJSON_Delete(rows);
    if (!good)
        return fail(&error);
    if (slow > 0)
        printf("\n%d of %d got more than 10 %% slower than the machine explains, in %d attempts.\n",
               slow, checked, ATTEMPTS);
    else
        printf("\nNone of %d got more than 10 %% slower.\n", checked);
    return slow > 0 ? EXIT_CHECK_FAILED : EXIT_SUCCESS;
}
