/* Metrics: one file each in evaluate/metrics/, one line in the table of metric.c. */
#ifndef EVALUATE_METRIC_H
#define EVALUATE_METRIC_H

#include "base/suggest.h"
#include "data/pipeline/dataset.h"

struct predictions;

struct metric_type {
    const char *name;     /* "mse": in configs and results */
    const char *title;    /* "MSE": in tables */
    const char *citation; /* definition */
    const char *needs;    /* what the truths must be for it to be defined; NULL: only known */
    bool classifies;      /* for classes; otherwise for numbers */
    bool two_classes;     /* for two of them only */
    bool higher_is_better;
    bool is_mean; /* over the scored steps: that of several parts is their weighted mean */
    bool by_name; /* computed where the config names it, not by default */
    double (*score)(const struct predictions *predictions);
};

const struct metric_type *metric_find(const char *name); /* NULL when unknown */
const struct metric_type *metric_at(size_t position);    /* NULL after the last */
const char *metric_name(size_t position);

#endif
