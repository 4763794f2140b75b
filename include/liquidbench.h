/* libliquidbench: trained models, row by row, in other programs.
 *
 *     char message[LIQUIDBENCH_MESSAGE];
 *     liquidbench_model *model = liquidbench_load("model.safetensors", message);
 *     liquidbench_stream *stream = liquidbench_begin(model);
 *     while (next_row(inputs, &elapsed))
 *         if (liquidbench_step(stream, inputs, elapsed, outputs) == LIQUIDBENCH_ANSWERED)
 *             use(outputs);
 *     liquidbench_end(stream);
 *     liquidbench_free(model);
 *
 * A model is read only: any number of streams may be used by as many threads, each stream by one at
 * a time. Out of memory ends the process with exit code 99. Functions of version 1 of the interface
 * keep their meaning; new ones may join them. */
#ifndef LIQUIDBENCH_H
#define LIQUIDBENCH_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined __GNUC__
#define LIQUIDBENCH_PUBLIC __attribute__((visibility("default")))
#else
#define LIQUIDBENCH_PUBLIC
#endif

typedef struct liquidbench_model liquidbench_model;
typedef struct liquidbench_stream liquidbench_stream;

enum { LIQUIDBENCH_MESSAGE = 1024 };

/* What liquidbench_step() returns. */
enum {
    LIQUIDBENCH_ANSWERED = 0,
    LIQUIDBENCH_SILENT = 1,         /* nothing has been observed yet: the outputs are NaN */
    LIQUIDBENCH_MISSING_INPUT = -1, /* trained without missing values; the row did not count */
    LIQUIDBENCH_WRONG_ELAPSED = -2, /* negative or not a number; the row did not count */
    LIQUIDBENCH_TOO_LARGE = -3      /* a number beyond 1e15; the row did not count */
};

/* "0.1.0" */
LIQUIDBENCH_PUBLIC const char *liquidbench_version(void);

/* Reads a .safetensors file of `liquidbench run`. NULL when it cannot be read or its model cannot
 * stream: `message` (may be NULL) then says why. */
LIQUIDBENCH_PUBLIC liquidbench_model *liquidbench_load(const char *path,
                                                       char message[LIQUIDBENCH_MESSAGE]);
LIQUIDBENCH_PUBLIC void liquidbench_free(liquidbench_model *model);

/* How many numbers a row has and an answer, and what they are called: of a classifier the outputs
 * are probabilities of classes. NULL beyond the last. */
LIQUIDBENCH_PUBLIC size_t liquidbench_inputs(const liquidbench_model *model);
LIQUIDBENCH_PUBLIC size_t liquidbench_outputs(const liquidbench_model *model);
LIQUIDBENCH_PUBLIC const char *liquidbench_input_name(const liquidbench_model *model, size_t i);
LIQUIDBENCH_PUBLIC const char *liquidbench_output_name(const liquidbench_model *model, size_t k);
LIQUIDBENCH_PUBLIC int liquidbench_classifies(const liquidbench_model *model);

/* The column of times in the training data: elapsed time is in its unit, of dates in seconds. NULL:
 * rows were equally spaced, and elapsed time counts rows. */
LIQUIDBENCH_PUBLIC const char *liquidbench_time_name(const liquidbench_model *model);

/* One sensor, one series. The model must stay until the stream has ended. */
LIQUIDBENCH_PUBLIC liquidbench_stream *liquidbench_begin(const liquidbench_model *model);
LIQUIDBENCH_PUBLIC void liquidbench_end(liquidbench_stream *stream);

/* As if nothing had been fed. */
LIQUIDBENCH_PUBLIC void liquidbench_reset(liquidbench_stream *stream);

/* Of a model trained with "scale": "series": takes the scaling of a series of the training data, by
 * its group or name. 0, or -1 when there is no such series. */
LIQUIDBENCH_PUBLIC int liquidbench_scale_as(liquidbench_stream *stream, const char *series);

/* One row: inputs in units of the data, NaN where one is missing, and the time since the row before
 * (the first row's does not matter). Answers in units of the data. */
LIQUIDBENCH_PUBLIC int liquidbench_step(liquidbench_stream *stream, const double *inputs,
                                        double elapsed, double *outputs);

/* All that a stream remembers, as so many numbers: to be kept, and put back into a stream of the
 * same model. */
LIQUIDBENCH_PUBLIC size_t liquidbench_state_size(const liquidbench_model *model);
LIQUIDBENCH_PUBLIC void liquidbench_get_state(const liquidbench_stream *stream, double *state);
LIQUIDBENCH_PUBLIC void liquidbench_set_state(liquidbench_stream *stream, const double *state);

#ifdef __cplusplus
}
#endif

#endif
