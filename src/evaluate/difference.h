/* Is one model better than another when both its seeds and the test data are samples?
 *
 * The scores of two models differ by chance in two ways: trained again they would score otherwise, and so
 * they would on other test data. Let L_A(i, t) be the loss of seed i of model A at step t of the test,
 *
 *     L_A(i, t) = μ_A + a_i + τ_A(t) + ε_A(i, t)
 *
 * with a seed's own effect a, what the step does to all seeds τ, and what it does to one seed ε; τ and ε
 * depend on their past. The difference of the means over n seeds and T steps has the variance
 *
 *     σ²(a_A)/n + σ²(a_B)/n + Ω(τ_A - τ_B)/T + Ω(ε_A)/(nT) + Ω(ε_B)/(nT)          Ω: long-run variance
 *
 * The variance of the scores over seeds, V_S = s²_A/n + s²_B/n, estimates all but the third term. The
 * long-run variance of the mean loss differential (Diebold & Mariano 1995), V_T, estimates the third to
 * the fifth. What both count, V_I, is estimated from the differences between the seeds of one model,
 * and is taken away once, as in two-way clustering (Cameron, Gelbach & Miller 2011):
 *
 *     V = V_S + max(0, V_T - min(V_I, V_S))
 *
 * so that V is never below V_S or V_T. p and the interval are Student's, with Satterthwaite's degrees of
 * freedom (1946), and never smaller than those of either source alone: a difference is proved only if
 * both allow it. docs/statistics.md has the
 * measurements by which this was chosen. */
#ifndef EVALUATE_DIFFERENCE_H
#define EVALUATE_DIFFERENCE_H

#include "evaluate/statistics.h"

#include <stdbool.h>
#include <stddef.h>

/* Of an estimate whose distribution is value χ²(freedom) / freedom. */
struct variance {
    double value, freedom;
};

/* The variance of a sum, from its terms [count] in order of time: the mean of the squares of their
 * ν lowest cosines, times count (Müller 2007; Lazarus, Lewis, Stock & Watson 2018, with the weights of
 * their equation 10). The cosines are orthogonal to a constant, so that the mean that was taken from
 * the terms costs nothing; of independent terms the estimate is χ² with ν degrees of freedom, which is
 * what Harvey, Leybourne & Newbold's factor corrects for in sums of autocovariances.
 * ν = 2 ⌊count^(1/3)⌋ (Coroneo & Iacone 2020), at most 8. */
struct variance serial_variance(const double *terms, size_t count);

/* The same of terms that do not depend on each other: ν = count - 1, all cosines there are, which
 * makes it the sample variance. */
struct variance independent_variance(const double *terms, size_t count);

/* A model's scores, and how far each block of the test data moved each of them
 * (evaluate/influence.h). */
struct sampled_scores {
    const double *scores;            /* [seeds] */
    const double *const *influences; /* [seeds][blocks] */
    size_t seeds;
};

struct difference {
    double value;             /* mean score of a less that of b */
    struct interval interval; /* of the value, 95 % */
    double p;                 /* two-sided, of both sources together, */
    double seeds_p,
        data_p; /* of the seeds alone (Welch), of the test data alone (Diebold & Mariano) */
    double seeds_variance; /* V_S */
    double data_variance;  /* what the test data add to it: V - V_S */
    double freedom;        /* of V */
};

/* All NaN: not known. */
extern const struct difference UNKNOWN_DIFFERENCE;

/* All is NaN but the value with fewer than two seeds or blocks, or without any variance. */
struct difference compare_sampled(const struct sampled_scores *a, const struct sampled_scores *b,
                                  size_t blocks, bool independent);

#endif
