/* `bench --check`: whether a program got slower than the machine explains. A time of the file is
 * scaled by how much slower this machine multiplies matrices or, for what does not fit into the
 * cache, delivers memory. Other processes only add time, so all
 * rows are measured several times, seconds apart, each with the machine's two figures, and the best
 * of each counts (of the figures over all rows); what still seems too slow is measured again, longer each time. */
#include "base/arena.h"
#include "cli/bench_timing.h"
#include "cli/command.h"
#include "experiment/trial/provenance.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MIN_TURNS = 2, MAX_TURNS = 8 };

/* How much slower is too slow, in percent: other makes of processor execute a cell's exponentials and
 * reciprocals at other speeds beside its products, by up to a quarter. */
enum { LIMIT = 10, FOREIGN_LIMIT = 50 };

/* A row of the file. */
struct kept_row {
    struct bench_timing timing; /* what to measure, and what was measured */
    const cJSON *set;           /* its options */
    double training, streaming; /* ms on processors, us; NaN where the cell does not stream */
    double peak, bandwidth;     /* GFLOP/s, GB/s */
    int threads;
    bool is_foreign; /* of another processor model */
    double limit;    /* percent */
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

static bool read_kept_row(const cJSON *row, double limit, struct kept_row *kept,
                          struct error *error) {
    struct bench_shape *shape = &kept->timing.shape;
    char cpu[256];
    cpu_model(cpu, sizeof cpu);
    bool is_foreign = strcmp(json_string(row, "cpu", ""), cpu) != 0;
    *kept = (struct kept_row){
        .set = cJSON_GetObjectItemCaseSensitive(row, "set"),
        .is_foreign = is_foreign,
        .limit = limit >= 0   ? limit
                 : is_foreign ? FOREIGN_LIMIT
                              : LIMIT,
    };
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
           take(row, "training_step_cpu_ms", &kept->training, error) &&
           take(row, "peak_gflops", &kept->peak, error) &&
           take(row, "memory_gbs", &kept->bandwidth, error);
}

/* How many times as long as the file's this machine takes for a product, and for memory. */
struct machine {
    double product, memory;
};

/* By the best figures of all rows. */
static struct machine compare_machines(size_t count, const struct kept_row *rows) {
    double peak_then = 0, peak = 0, bandwidth_then = 0, bandwidth = 0;
    for (size_t i = 0; i < count; i++) {
        peak_then = fmax(peak_then, rows[i].peak / rows[i].threads);
        peak = fmax(peak, rows[i].timing.peak / rows[i].threads * 1e-9);
        bandwidth_then = fmax(bandwidth_then, rows[i].bandwidth);
        bandwidth = fmax(bandwidth, rows[i].timing.bandwidth * 1e-9);
    }
    return (struct machine){peak_then / peak, bandwidth_then / bandwidth};
}

/* How many times as long as in the file: of the training step and of the streaming step the worse,
 * after what the machine explains. */
static double slowdown(const struct kept_row *kept, struct machine machine) {
    const double cached = 4 << 20; /* bytes; what works in fewer waits little for the memory */
    const struct bench_timing *timing = &kept->timing;
    double explained = machine.product;
    if (bench_training_bytes(timing) > cached)
        explained = fmax(explained, machine.memory);
    double training = timing->training.cpu_seconds * 1e3 / kept->training;
    double streaming = timing->streaming.steps > 0 ? timing->streaming.p50 / kept->streaming : 0;
    return fmax(training, streaming) / explained; /* fmax() passes over NaN */
}

static bool is_slow(const struct kept_row *kept, struct machine machine) {
    return !(slowdown(kept, machine) <= 1 + kept->limit / 100);
}

static bool measure_row(struct bench_request *request, struct kept_row *kept, struct error *error) {
    cJSON *settings = request->settings, *set = cJSON_Duplicate(kept->set, true);
    request->threads = kept->threads;
    request->settings = cJSON_IsObject(set) ? set : settings;
    bool measured = bench_measure_again(request, &kept->timing, error);
    request->settings = settings;
    cJSON_Delete(set);
    return measured;
}

static void print_row(const struct kept_row *kept, struct machine machine) {
    char shape[48];
    const struct bench_shape *of = &kept->timing.shape;
    snprintf(shape, sizeof shape, "%dx%dx%d", of->hidden, of->batch, of->steps);
    printf("%-10s %-11s %8.3f %8.3f %6.2f %s\n", kept->timing.cell->name, shape, kept->training,
           kept->timing.training.cpu_seconds * 1e3, slowdown(kept, machine),
           is_slow(kept, machine) ? "  slower" : "");
}

/* All of them, and then those that seem too slow. */
static bool measure_rows(struct bench_request *request, size_t count, struct kept_row *rows,
                         const char *path, struct error *error) {
    for (int turn = 0; turn < MAX_TURNS; turn++) {
        struct machine machine = compare_machines(count, rows);
        for (size_t i = 0; i < count; i++)
            if ((turn < MIN_TURNS || is_slow(&rows[i], machine)) &&
                !measure_row(request, &rows[i], error))
                return error_prefix(error, "%s: [%zu]", path, i);
        request->seconds *= turn < MIN_TURNS ? 1 : 1.5;
    }
    return true;
}

static bool read_kept_rows(const cJSON *list, double limit, struct kept_row *rows, const char *path,
                           struct error *error) {
    const cJSON *row;
    size_t count = 0;
    if (!cJSON_IsArray(list) || list->child == NULL)
        return error_set(
            error, "%s: expected a list of rows, as `liquidbench bench --json` prints it", path);
    cJSON_ArrayForEach(row, list) {
        if (!read_kept_row(row, limit, &rows[count], error))
            return error_prefix(error, "%s: [%zu]", path, count);
        count++;
    }
    return true;
}

/* The instruction set of a row that was not measured with this program's, or NULL. */
static const char *other_instruction_set(const cJSON *list) {
    const cJSON *row;
    cJSON_ArrayForEach(row, list) {
        const char *set = json_string(row, "instruction_set", cell_isa());
        if (strcmp(set, cell_isa()) != 0)
            return set;
    }
    return NULL;
}

static int print_verdict(size_t count, const struct kept_row *rows) {
    struct machine machine = compare_machines(count, rows);
    size_t slow = 0, foreign = 0;
    double foreign_limit = 0;
    printf("%-10s %-11s %8s %8s %6s\n", "cell", "HxBxT", "ms then", "ms now", "change");
    for (size_t i = 0; i < count; i++) {
        print_row(&rows[i], machine);
        slow += is_slow(&rows[i], machine);
        if (rows[i].is_foreign) {
            foreign++;
            foreign_limit = rows[i].limit;
        }
    }
    printf("\nThe machine takes %.2f times as long for a product, %.2f times for memory.\n",
           machine.product, machine.memory);
    if (foreign > 0)
        printf("%zu of %zu rows are of another processor: only what is %.0f %% slower counts.\n",
               foreign, count, foreign_limit);
    if (slow > 0)
        printf("%zu of %zu got slower than the machine explains, in %d turns.\n", slow, count,
               MAX_TURNS);
    else
        printf("None of %zu got slower than the machine explains.\n", count);
    return slow > 0 ? EXIT_CHECK_FAILED : EXIT_SUCCESS;
}

int bench_check(struct bench_request *request, const char *path) {
    struct error error;
    cJSON *list = json_load(path, &error);
    if (list == NULL)
        return fail(&error);
    const char *other = other_instruction_set(list);
    if (other != NULL) {
        printf(
            "%s is of %s, and this program uses %s: how much slower that makes a cell, no figure "
            "of the machine tells. Nothing was compared.\n",
            path, other, cell_isa());
        cJSON_Delete(list);
        return EXIT_SUCCESS;
    }
    struct arena arena = {0};
    size_t count = (size_t)cJSON_GetArraySize(list);
    struct kept_row *rows = ARENA_NEW(&arena, struct kept_row, count);
    bool good = read_kept_rows(list, request->limit, rows, path, &error) &&
                measure_rows(request, count, rows, path, &error);
    int code = good ? print_verdict(count, rows) : fail(&error);
    cJSON_Delete(list);
    arena_free(&arena);
    return code;
}
