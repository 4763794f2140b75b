/* Measures: paths to the numbers that a trial's record holds, or that follow from it, for hypotheses
 * to be about (config/hypothesis.h). A path with a part in <angle brackets> means one measure
 * for each metric, perturbation, shift or cost. One line in the table of measure.c adds one; a number
 * that is in the record as it is (MEASURE_RECORD) needs nothing else. */
#ifndef EVALUATE_MEASURE_H
#define EVALUATE_MEASURE_H

#include <stdbool.h>
#include <stddef.h>

enum measure_kind {
    MEASURE_METRIC,       /* of the split that the path begins with */
    MEASURE_ERROR,        /* the headline metric on the test split, as an error (robustness.h) */
    MEASURE_NOISE_ERROR,  /* mean over severities of that error */
    MEASURE_NOISE_GROWTH, /* mean over severities of error / clean error */
    MEASURE_NOISE_WORST,  /* the largest error / clean error */
    MEASURE_NOISE_CE,     /* the summed error / the reference's */
    MEASURE_SHIFT_ERROR,
    MEASURE_SHIFT_GROWTH,
    MEASURE_VALID_STEPS,
    MEASURE_COST,
    MEASURE_RUN_BYTES,
    MEASURE_TRAIN_BYTES,
    MEASURE_RECORD,
    /* Of the training curve; trials that failed never reach the target. */
    MEASURE_EPOCHS_TO_TARGET,
    MEASURE_SECONDS_TO_TARGET,
    MEASURE_OPERATIONS_TO_TARGET,
    MEASURE_GRADIENT_SPREAD,
    MEASURE_CLIPPED,
    MEASURE_EXPLODING,
    /* Of a family: models of several sizes or learning rates. */
    MEASURE_SIZES_PARAMETERS,
    MEASURE_SIZES_RUN_BYTES,
    MEASURE_SIZES_TRAIN_BYTES,
    MEASURE_SIZES_GAIN,
    MEASURE_SIZES_TIME,
    MEASURE_RATES_SHARE,
};

/* What the part in angle brackets means. */
enum measure_part { PART_NONE, PART_METRIC, PART_PERTURBATION, PART_SHIFT, PART_COST };

struct measure_type {
    const char *path; /* "noise.<perturbation>.growth" */
    enum measure_kind kind;
    enum measure_part part;
    bool higher_is_better; /* of metrics: theirs */
    bool exact;            /* chance has no part in it; of costs: theirs */
    const char *record;    /* MEASURE_RECORD: where it is, "stream.online.error" */
    bool null_is_worst;    /* MEASURE_RECORD: null is a number that is not finite */
    const char *help;      /* one sentence */
};

struct measure {
    const struct measure_type *type; /* NULL: no such measure */
    const char *part;                /* "dropout"; "all" for the mean over all; "" without one */
};

enum { MEASURE_PATH = 256 };

const struct measure_type *measure_at(size_t position); /* NULL after the last */
/* Whether it is about reaching the config's target; and whether about families, not models. */
bool measure_has_target(const struct measure_type *type);
bool measure_of_family(const struct measure_type *type);

size_t measure_position(const struct measure_type *type);

/* Reads a path; the part may be any text that its place allows. It is copied to `part`. */
struct measure measure_parse(const char *path, char part[MEASURE_PATH]);

/* Writes the path of a type with its part in place, as far as there is room. */
void measure_path(const struct measure_type *type, const char *part, char path[MEASURE_PATH]);

#endif
