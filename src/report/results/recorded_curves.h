/* Curves that a record holds: errors along a stream, scores along a ladder, gradients by lag. Tables,
 * plots and exporters take them from one list. */
#ifndef REPORT_RESULTS_RECORDED_CURVES_H
#define REPORT_RESULTS_RECORDED_CURVES_H

#include "base/arena.h"

#include <cjson/cJSON.h>
#include <stddef.h>

enum curve_kind {
    CURVE_STREAM_FROZEN,
    CURVE_STREAM_ONLINE,
    CURVE_CHANGE_FROZEN, /* error since a change */
    CURVE_CHANGE_ONLINE,
    CURVE_LADDER,
    CURVE_GRADIENT_TRAINED,
    CURVE_GRADIENT_FRESH,
    CURVE_KINDS
};

/* "stream.frozen": in CSV and JSON files. */
const char *curve_name(enum curve_kind kind);

struct recorded_curve {
    size_t count;  /* 0: not measured */
    double *x, *y; /* [count]; y NaN where it is not a finite number */
};

struct stream_visit {
    const char *regime;
    double row;
};

/* What is beside the curves. */
struct recorded_details {
    struct stream_visit *visits;
    size_t visit_count;
    double learning_rate;     /* with which a network went on learning; NaN: it did not */
    double forgetting_factor; /* the same of a baseline */
    const char *vary;         /* what a ladder varies; "" without one */
    double solved, state_bytes;
};

/* curves [CURVE_KINDS] of a trial record. */
void curves_read(const cJSON *record, struct recorded_curve *curves,
                 struct recorded_details *details, struct arena *arena);

#endif
