/* Closed loop: a forecast continues from its own predictions, step after step. */
#ifndef EVALUATE_ROLLOUT_H
#define EVALUATE_ROLLOUT_H

#include "evaluate/score.h"

enum { ROLLOUT_STARTS = 16 }; /* windows that rollouts begin with, at most */

/* Whether the task can be rolled out for so many steps: a forecast whose targets are all of its
 * inputs, and a test series long enough. */
bool rollout_check(const struct dataset *dataset, int steps, struct error *error);

struct rollout {
    int steps, starts;
    double *error;      /* [steps] root mean square over starts of the normalised error, below */
    double valid_steps; /* mean over starts: steps before the normalised error exceeds 0.4 */
    double valid_time;  /* likewise in time units */
    double step_time;   /* mean time units of a step */
    struct predictions predictions; /* all steps of all starts, to be scored */
};

extern const double ROLLOUT_THRESHOLD;

/* From evenly spaced test windows: the last T rows are shown to the model, its prediction for the
 * next row becomes the next row, and so on. Only the first step of the horizon is used, and scored.
 *
 * The normalised error of a step is the distance of prediction and truth over the root of the
 * summed variances of the inputs in training (Pathak et al. 2018, Model-free prediction of large
 * spatiotemporally chaotic systems from data; there, of the test data). */
struct rollout rollout_run(const struct predictor *predictor, const struct dataset *dataset,
                           int steps, bool data_units, struct arena *arena);

#endif
