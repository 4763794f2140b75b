/* Baselines that are linear in their features go on learning: recursive least squares, the closed form
 * over all samples so far, each of which weighs the less the more rows with samples came after it
 * (exponential forgetting by a factor f; Haykin, Adaptive Filter Theory, on the RLS algorithm). With
 * n the sum of the weights, and d and e a sample's x and y less their means x̄ and ȳ,
 *
 *   n ← f n + 1        x̄ ← x̄ + d / n                    ȳ ← ȳ + e / n
 *                      S ← f S + (1 − 1/n) d d'         C ← f C + (1 − 1/n) d e'
 *   w = (S + ρ tr(S) 1)⁻¹ C
 *
 * The sums start as those of the training data and ρ stays what the fit chose, so that without a
 * new sample w is the fit. S is solved again where others update its inverse: an inverse grows
 * beyond all bounds when a signal moves in fewer directions than there are features, as that of an
 * oscillator without noise does. */
#ifndef MODEL_BASELINES_RECURSIVE_H
#define MODEL_BASELINES_RECURSIVE_H

#include "model/baseline.h"

/* One S, and the outputs that share it. */
struct recursive_regression {
    size_t features, outputs;    /* F, O */
    double *count;               /* n */
    double *x_mean, *y_mean;     /* [F], [O] */
    double *square;              /* [F][F] S, its lower half */
    double *product;             /* [O][F] C */
    double *weights, *intercept; /* [O][F], [O] */
    double *penalty;             /* [O] ρ */
    size_t *order;               /* [O] outputs by penalty */
    double *numbers, *start;     /* count to intercept in one piece, and as fitted */
    size_t size;                 /* of that */
    double fading;               /* f until a row's first sample is added, then 1 */
};

/* What is made of each row: features for a regression, and which outputs they predict. */
struct recursive_sample {
    struct recursive_regression *regression;
    const int *outputs; /* [O] places among the data set's outputs */
};

struct recursive {
    const struct baseline *baseline;
    struct recursive_regression *regressions;
    struct recursive_sample *samples;
    int regression_count, sample_count;
    /* x [F] of a sample at a row, and perhaps a number behind it. Returns what is subtracted from
     * its truths and added to its outputs. */
    double (*gather)(const struct baseline *baseline, const struct series *series, int row,
                     int sample, double *x);
    double *x, *y, *factor; /* workspace: [F + 1], [O], [F][F] of the largest */
    real *out;              /* [O] for whoever runs it */
};

/* For baselines: regressions and samples are to be filled in. */
struct recursive *recursive_new(const struct baseline *baseline, int regressions, int samples,
                                struct arena *arena);
void recursive_shape(struct recursive_regression *regression, size_t features, size_t outputs,
                     struct arena *arena);
/* After that: what is filled in is the start. `penalty` holds λ, which becomes a share of tr(S). */
void recursive_begin(struct recursive *learner, struct arena *arena);

/* For whoever runs it; none of these allocates. */
void recursive_reset(struct recursive *learner); /* to the fit */
/* out [O] of a row, from the weights as they are. */
void recursive_predict(const struct recursive *learner, const struct series *series, int row,
                       real *out);
/* Adds a row with all its truths; what has a number missing is left out. */
void recursive_add(struct recursive *learner, const struct series *series, int row,
                   double forgetting_factor);
/* The weights that follow from all that was added. */
void recursive_solve(struct recursive *learner);

#endif
