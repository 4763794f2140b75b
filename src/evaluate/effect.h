/* The effect that a hypothesis is about: how the values of some models compare with those of others,
 * as the logarithm of a ratio, and what may be said of it.
 *
 * On one data set the effect is a contrast of the models' means over seeds: the mean over the claimed
 * models minus the mean over the others, with Welch's standard error and Satterthwaite's degrees of
 * freedom. Over several data sets their effects are the sample, each with the same weight, whatever
 * the number and the spread of its seeds: Student's t of their mean.
 *
 * What counts as a difference that matters is a margin m on the same scale, log(1 + by), and one
 * direction is claimed. With c the effect in that direction there are three one-sided t tests:
 *     supported      c > m
 *     no difference  -m < c < m  (Schuirmann 1987, two one-sided tests)
 *     refuted        c < 0, and not shown to be without a difference that matters
 * Each is made at half the level, so that all wrong verdicts together stay within it wherever the
 * true effect lies; this is the same as finding where the two-sided interval of that level lies. */
#ifndef EVALUATE_EFFECT_H
#define EVALUATE_EFFECT_H

#include <stdbool.h>
#include <stddef.h>

enum effect_units { EFFECT_OF_SEEDS, EFFECT_OF_DATASETS };

struct effect {
    double mean;    /* log ratio; NaN: nothing to compare */
    double error;   /* standard error of the mean; NaN: a single unit */
    double freedom; /* degrees of freedom */
    double min_p;   /* the smallest two-sided p that the units allow when they do not scatter */
    size_t count;   /* units: the fewest seeds of a model, or data sets */
    enum effect_units units;
};

/* The values of one model over its seeds. NaN: not measured, left out. Infinite: a trial that failed
 * or whose score is not finite. It counts as twice as bad as the worst finite value of all samples. */
struct sample {
    const double *values;
    size_t count;
    bool is_against;  /* one of the models that the claimed ones are compared with */
    bool is_constant; /* a baseline, which chance has no part in: its value is known exactly */
};

/* The effect on one data set. Where all values are positive it is the log of the ratio of geometric
 * means, else the difference of the means relative to their mean size, 2 (a - b) / (|a| + |b|). NaN
 * when a sample has no value or none of all is finite. `exact`: values that chance has no part in. */
struct effect effect_of_samples(const struct sample *samples, size_t count, bool higher_is_better,
                                bool exact);

/* The effect over several data sets from the means of theirs; NaN ones are left out. */
struct effect effect_of_datasets(const double *means, size_t count, bool exact);

enum decision { UNDECIDED, SUPPORTED, REFUTED, NO_DIFFERENCE };

/* A claim about an effect. */
struct claim {
    bool expects_higher; /* that the claimed models' values are */
    double by;           /* smallest relative difference that matters */
};

/* Two-sided p of the verdict that is nearest: a level from which on there is one. 1 without units
 * that scatter, NaN without an effect. */
double effect_p(const struct effect *effect, const struct claim *claim);

enum decision effect_decide(const struct effect *effect, const struct claim *claim, double level);

/* Two-sided interval of the mean at a level (0.05: 95 %); infinite with a single unit. */
void effect_interval(const struct effect *effect, double level, double *low, double *high);

/* Units (seeds of each model, or data sets) with which a verdict is found with that power, if the
 * effect is as it seems; INFINITY beyond 10 000, NaN when it is not known. */
double effect_needed(const struct effect *effect, const struct claim *claim, double level,
                     double power);

#endif
