/* A trained network fed row by row, as a robot or a sensor would: one state, one step at a time. */
#ifndef EXPERIMENT_DEPLOY_FEED_H
#define EXPERIMENT_DEPLOY_FEED_H

#include "experiment/deploy/saved_model.h"

struct feed {
    const struct saved_model *model;
    double *scale, *offset, *missing;     /* [columns] in force */
    double *target_scale, *target_offset; /* [targets] */
    double now;                           /* time units since the stream began */
    double since;                         /* time units since the last row with an observation */
    bool is_prepared;                     /* the workspace, by the first step */
    bool has_rows, begun;                 /* a row, and an observation, have been seen */
    double *last;                         /* [columns] last observed values, for "forward" */
    real *x, *state, *out, *workspace;
};

/* False, and why, for a model that cannot be fed row by row. */
bool feed_check(const struct saved_model *model, struct error *error);

/* Memory in the arena; the model, which feed_check() finds good, must stay. Scaled as all series
 * of the training data are. */
void feed_begin(struct feed *feed, const struct saved_model *model, struct arena *arena);

/* Begins again: state zero, nothing observed. The scaling stays. */
void feed_reset(struct feed *feed);

/* Takes other scalings of the inputs [columns], and of the targets that are inputs. */
void feed_scale(struct feed *feed, const double *scale, const double *offset,
                const double *missing);

/* One row: inputs [columns] in units of the data, NaN where one is missing; `elapsed` time units
 * since the row before, not negative (the first row's does not matter: it counts as 1, as in
 * training). outputs [network.outputs]: predictions in units of the data, the targets of the first
 * step ahead first, or a probability for each class; NaN before the first observation. False, with
 * nothing changed, when an input is missing that must not be, or beyond LARGEST_VALUE: *refused says which. */
bool feed_step(struct feed *feed, const double *inputs, double elapsed, double *outputs,
               int *refused);

#endif
