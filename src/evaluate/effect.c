#include "evaluate/effect.h"

#include "base/arena.h"
#include "evaluate/significance.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

static const struct effect no_effect = {.mean = NAN, .error = NAN, .freedom = NAN, .min_p = 1};

/* --- one data set ----------------------------------------------------------------------------- */

struct extent {
    double low, high; /* of the finite values */
    bool any;
};

static struct extent extent_of(const struct sample *samples, size_t count) {
    struct extent extent = {INFINITY, -INFINITY, false};
    for (size_t s = 0; s < count; s++)
        for (size_t i = 0; i < samples[s].count; i++)
            if (isfinite(samples[s].values[i])) {
                extent.low = fmin(extent.low, samples[s].values[i]);
                extent.high = fmax(extent.high, samples[s].values[i]);
                extent.any = true;
            }
    return extent;
}

/* What a value counts as that is not finite: beyond the worst one by a factor of two, or by the
 * width of all values where a ratio means nothing. */
static double worst_of(const struct extent *extent, bool higher_is_better, bool ratios) {
    double worst = higher_is_better ? extent->low : extent->high;
    if (ratios)
        return higher_is_better ? worst / 2 : worst * 2;
    double width = extent->high > extent->low ? extent->high - extent->low : fabs(worst);
    return higher_is_better ? worst - width : worst + width;
}

/* The values that are there, as logarithms if ratios mean something; returns their number. */
static size_t prepare(const struct sample *sample, double worst, bool ratios, double *values) {
    size_t kept = 0;
    for (size_t i = 0; i < sample->count; i++) {
        double value = sample->values[i];
        if (isnan(value))
            continue;
        value = isinf(value) ? worst : value;
        values[kept++] = ratios ? log(value) : value;
    }
    return kept;
}

/* Sums over the models of one side. */
struct side {
    double sum, models;
};

static void add_model(struct effect *effect, struct side *side, const double *values, size_t count,
                      double weight, double *terms) {
    double share =
        weight * weight * (count > 1 ? gsl_stats_variance(values, 1, count) : NAN) / (double)count;
    side->sum += gsl_stats_mean(values, 1, count);
    effect->error += share; /* of the squared error, until all are there */
    *terms += share * share / ((double)count - 1);
    effect->count = effect->count == 0 || count < effect->count ? count : effect->count;
}

/* How rarely two groups of n would be separated as these are by chance alone. */
static double separation_p(double n) {
    return fmin(1, 2 * exp(2 * gsl_sf_lngamma(n + 1) - gsl_sf_lngamma(2 * n + 1)));
}

struct effect effect_of_samples(const struct sample *samples, size_t count, bool higher_is_better,
                                bool exact) {
    struct effect effect = {.error = 0, .units = EFFECT_OF_SEEDS};
    struct extent extent = extent_of(samples, count);
    bool ratios = extent.low > 0;
    double worst = worst_of(&extent, higher_is_better, ratios), terms = 0;
    struct side sides[2] = {{0}};
    for (size_t s = 0; s < count; s++)
        sides[samples[s].is_against].models++;
    if (!extent.any || sides[0].models == 0 || sides[1].models == 0)
        return no_effect;
    for (size_t s = 0; s < count; s++) {
        struct arena scratch = {0};
        double *values = ARENA_NEW(&scratch, double, samples[s].count + 1);
        size_t kept = prepare(&samples[s], worst, ratios, values);
        struct side *side = &sides[samples[s].is_against];
        if (kept > 0 && samples[s].is_constant)
            side->sum += values[0];
        else if (kept > 0)
            add_model(&effect, side, values, kept, 1 / side->models, &terms);
        arena_free(&scratch);
        if (kept == 0)
            return no_effect;
    }
    double claimed = sides[0].sum / sides[0].models, against = sides[1].sum / sides[1].models;
    double scale = ratios ? 1 : (fabs(claimed) + fabs(against)) / 2;
    effect.mean = claimed == against ? 0 : (claimed - against) / scale;
    effect.freedom =
        terms > 0 ? effect.error * effect.error / terms : 2.0 * (double)effect.count - 2;
    effect.error = effect.error == 0 ? 0 : sqrt(effect.error) / scale;
    exact |= effect.count == 0;
    if (exact && isnan(effect.error))
        effect.error = 0;
    if (effect.count == 0)
        effect.count = 1;
    effect.min_p = exact ? 0 : separation_p((double)effect.count);
    return effect;
}

/* --- several data sets ------------------------------------------------------------------------ */

static double same_sign_p(double n) {
    return fmin(1, exp2(1 - n));
}

struct effect effect_of_datasets(const double *means, size_t count, bool exact) {
    struct arena scratch = {0};
    double *known = ARENA_NEW(&scratch, double, count + 1);
    struct effect effect = no_effect;
    effect.units = EFFECT_OF_DATASETS;
    for (size_t i = 0; i < count; i++)
        if (!isnan(means[i]))
            known[effect.count++] = means[i];
    if (effect.count > 0) {
        effect.mean = gsl_stats_mean(known, 1, effect.count);
        effect.freedom = (double)effect.count - 1;
        if (effect.count > 1)
            effect.error = gsl_stats_sd(known, 1, effect.count) / sqrt((double)effect.count);
        effect.min_p = exact ? 0 : same_sign_p((double)effect.count);
    }
    arena_free(&scratch);
    return effect;
}

/* --- verdicts --------------------------------------------------------------------------------- */

/* The effect is the same but for rounding in all units. */
static bool is_without_spread(const struct effect *effect) {
    return effect->error <= 1e-12 * fabs(effect->mean);
}

/* Two-sided p for a true effect on the other side of a bound that is `distance` away; 1 when the
 * effect itself is there. */
static double beyond_p(const struct effect *effect, double distance) {
    if (isnan(effect->error) || distance <= 0)
        return 1;
    if (is_without_spread(effect))
        return effect->min_p;
    return fmin(1, 2 * gsl_cdf_tdist_Q(distance / effect->error, effect->freedom));
}

/* How far inside each verdict's bounds the effect lies; negative: outside. */
struct distances {
    double supported, refuted, upper, lower;
};

static struct distances distances_of(const struct effect *effect, const struct claim *claim) {
    double claimed = claim->expects_higher ? effect->mean : -effect->mean;
    double margin = log1p(claim->by);
    return (struct distances){claimed - margin, -claimed, margin - claimed, margin + claimed};
}

static double no_difference_p(const struct effect *effect, const struct distances *distances) {
    return fmax(beyond_p(effect, distances->upper), beyond_p(effect, distances->lower));
}

double effect_p(const struct effect *effect, const struct claim *claim) {
    if (isnan(effect->mean))
        return NAN;
    struct distances distances = distances_of(effect, claim);
    return fmin(fmin(beyond_p(effect, distances.supported), beyond_p(effect, distances.refuted)),
                no_difference_p(effect, &distances));
}

enum decision effect_decide(const struct effect *effect, const struct claim *claim, double level) {
    if (isnan(effect->mean))
        return UNDECIDED;
    struct distances distances = distances_of(effect, claim);
    if (beyond_p(effect, distances.supported) <= level)
        return SUPPORTED;
    if (no_difference_p(effect, &distances) <= level)
        return NO_DIFFERENCE;
    return beyond_p(effect, distances.refuted) <= level ? REFUTED : UNDECIDED;
}

void effect_interval(const struct effect *effect, double level, double *low, double *high) {
    double half = INFINITY;
    if (is_without_spread(effect))
        half = 0;
    else if (effect->freedom > 0 && !isnan(effect->error))
        half = effect->error * gsl_cdf_tdist_Qinv(level / 2, effect->freedom);
    *low = effect->mean - half;
    *high = effect->mean + half;
}

/* --- power ------------------------------------------------------------------------------------ */

/* Whether n units find a distance with that power. */
static bool suffices(const struct effect *effect, double distance, double n, double level,
                     double power) {
    if (!(distance > 0))
        return false;
    double now = (double)effect->count;
    double freedom = effect->freedom * (n - 1) / (now - 1);
    double error = effect->error * sqrt(now / n);
    return distance / error >= detectable_difference(freedom, level, power);
}

/* The smallest number of units that finds all of the distances. */
static double units_for(const struct effect *effect, const double *distances, size_t count,
                        double level, double power) {
    enum { MAX = 10000 };
    double low = 1, high = 2; /* low does not suffice; from `reached` on it does */
    bool reached = false;
    while (!reached || high - low > 1) {
        double n = reached ? floor((low + high) / 2) : high;
        bool enough = true;
        for (size_t i = 0; enough && i < count; i++)
            enough = suffices(effect, distances[i], n, level, power);
        if (enough)
            high = n;
        else
            low = n;
        if (!enough && !reached)
            high = 2 * n;
        reached |= enough;
        if (low > MAX)
            return INFINITY;
    }
    return high;
}

/* Units that differ without scatter need only be so many that this is no chance. */
static double units_without_spread(const struct effect *effect, double level) {
    enum { MAX = 64 };
    double n = 2;
    while (n < MAX && (effect->units == EFFECT_OF_SEEDS ? separation_p(n) : same_sign_p(n)) > level)
        n++;
    return n;
}

double effect_needed(const struct effect *effect, const struct claim *claim, double level,
                     double power) {
    if (isnan(effect->mean) || isnan(effect->error) || effect->count < 2)
        return NAN;
    if (is_without_spread(effect))
        return units_without_spread(effect, level);
    struct distances distances = distances_of(effect, claim);
    /* Both bounds must be found at once: each misses at most half as often. */
    const double bounds[] = {distances.upper, distances.lower};
    double both = units_for(effect, bounds, 2, level, (1 + power) / 2);
    double supported = units_for(effect, &distances.supported, 1, level, power);
    double refuted = units_for(effect, &distances.refuted, 1, level, power);
    return fmin(both, fmin(supported, refuted));
}
