/* What `bench` measures: one cell of one shape. */
#ifndef CLI_BENCH_TIMING_H
#define CLI_BENCH_TIMING_H

#include "base/error.h"
#include "base/json.h"
#include "engine/cell.h"
#include "experiment/trial/throughput.h"

enum { MAX_BENCH = 32 };

struct bench_shape {
    int hidden, batch, steps, inputs;
};

struct bench_request {
    const struct cell_type *cells[MAX_BENCH];
    size_t cell_count;
    cJSON *settings; /* of --set */
    struct bench_shape shapes[MAX_BENCH];
    size_t shape_count;
    int inputs, threads; /* 0: not given */
    double seconds;
    int turns; /* measurements of each row, of which the best counts */
    bool json, scale, large;
    double limit;     /* percent of --check; below 0: not given */
    const char *plot; /* a file for --scale, or NULL */
    double peak;      /* operations a second, in all threads */
    double bandwidth; /* bytes a second of the memory, in one thread */
};

struct bench_timing {
    const struct cell_type *cell;
    struct bench_shape shape;
    double peak, bandwidth; /* as the request's, when this was measured */
    size_t parameters;
    struct training_cost training;
    double operations; /* of a training step */
    struct latency streaming;
};

/* Measures the request's peak and bandwidth. */
void bench_measure_machine(struct bench_request *request);

/* Times the cell of the timing in its shape. */
bool bench_measure(const struct bench_request *request, struct bench_timing *timing,
                   struct error *error);

/* The machine and the cell once more: of each figure the best up to now stays, because other
 * processes only add time. */
bool bench_measure_again(struct bench_request *request, struct bench_timing *timing,
                         struct error *error);

/* Bytes that a training step works in. */
double bench_training_bytes(const struct bench_timing *timing);

/* Measures the rows of a file that `bench --json` wrote again, and says which got slower than the
 * machine explains (--check). Returns the exit code. */
int bench_check(struct bench_request *request, const char *path);

/* How time and memory grow as one dimension is doubled (--scale). Returns the exit code. */
int bench_scale(const struct bench_request *request);

#endif
