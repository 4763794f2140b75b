/* Test, then train: a trained network on a stream, row by row. Each row is predicted and scored
 * first; every so many rows the weights take a gradient step over the last ones, as far as their
 * truths are due by then. The state is carried along.
 *
 * A forecast h rows ahead that was made at row t is learned from at row t + h + delay at the
 * earliest (each step of a horizon on its own), any other truth of row t at t + delay. Learning from
 * forecasts before they are due is the leak of earlier results (Lau et al., Fast and slow streams
 * for online time series forecasting without information leakage, ICLR 2025). */
#ifndef TRAIN_ONLINE_H
#define TRAIN_ONLINE_H

#include "evaluate/adaptation/stream.h"
#include "evaluate/predictor.h"
#include "model/baselines/recursive.h"
#include "model/network.h"

/* All memory of a learner; one for all series. */
struct online;

/* The rate is given with each run. Everything lives in the arena. */
struct online *online_begin(const struct network *network, const struct dataset *dataset,
                            const struct online_options *options, struct arena *arena);

/* error [series->rows]: of each row's prediction, before anything was learned from it; NaN where
 * nothing is scored. Starts from params [parameters], which stay as they are, and from a zero
 * state. learning_rate 0: frozen, no update is made. A network that reads windows as a whole sees
 * the last task.window rows at every step instead of a state. Returns how many updates were made.
 * Allocates nothing. */
long online_run(struct online *online, const real *params, double learning_rate,
                const struct series *series, double *error);

/* Of one row: the mean squared error over what is scored, in scaled units; for classes 0 or 1. NaN:
 * nothing is scored. */
double row_error(const struct dataset *dataset, const real *out, const real *y);

/* Likewise of a baseline that can learn (model/baselines/recursive.h): every `every` rows from all
 * truths that came due. A forecast is learned from when all of its horizon is there. Forgetting
 * factor 0: frozen. Returns how many updates were made. Allocates nothing. */
long recursive_run(struct recursive *learner, const struct online_options *options,
                   double forgetting_factor, const struct series *series, double *error);

/* Errors of a predictor without a state (a baseline), which sees the last task.window rows. */
void predictor_run(const struct predictor *predictor, const struct dataset *dataset,
                   const struct series *series, double *error);

#endif
