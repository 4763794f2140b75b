#include "evaluate/difference.h"

#include "base/arena.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_pow_int.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

enum { MAX_COSINES = 8 };

/* Λ_j = sqrt(2 / K) Σ_k u_k cos(j θ_k),   θ_k = π (k - 1/2) / K,   k = 1 ... K
 * K / ν Σ_(j <= ν) Λ_j²
 * with cos((j + 1) θ) = 2 cos θ cos(j θ) - cos((j - 1) θ): there are thousands of pairs to compare. */
static struct variance cosine_variance(const double *terms, size_t count, size_t cosines) {
    double sums[MAX_COSINES] = {0}, squares = 0;
    for (size_t k = 0; k < count; k++) {
        double first = cos(M_PI * ((double)k + 0.5) / (double)count), before = 1, now = first;
        for (size_t j = 0; j < cosines; j++) {
            sums[j] += terms[k] * now;
            double next = 2 * first * now - before;
            before = now;
            now = next;
        }
    }
    for (size_t j = 0; j < cosines; j++)
        squares += gsl_pow_2(sums[j]);
    return (struct variance){2 * squares / (double)cosines, (double)cosines};
}

struct variance serial_variance(const double *terms, size_t count) {
    size_t cosines = 2 * (size_t)floor(cbrt((double)count) + 1e-9);
    cosines = cosines > MAX_COSINES ? MAX_COSINES : cosines;
    return cosine_variance(terms, count, cosines < count ? cosines : count - 1);
}

struct variance independent_variance(const double *terms, size_t count) {
    return (struct variance){
        (double)count * gsl_stats_variance(terms, 1, count),
        (double)(count - 1),
    };
}

static struct variance variance_of(const double *terms, size_t count, bool independent) {
    return independent ? independent_variance(terms, count) : serial_variance(terms, count);
}

/* Mean influence of each block over the seeds. */
static double *mean_influence(const struct sampled_scores *model, size_t blocks,
                              struct arena *arena) {
    double *mean = ARENA_NEW(arena, double, blocks);
    for (size_t s = 0; s < model->seeds; s++)
        for (size_t k = 0; k < blocks; k++)
            mean[k] += model->influences[s][k] / (double)model->seeds;
    return mean;
}

/* Ω(ε) / (n T): from how far the seeds' influences are from their mean. */
static double interaction(const struct sampled_scores *model, const double *mean, size_t blocks,
                          bool independent) {
    struct arena scratch = {0};
    double *terms = ARENA_NEW(&scratch, double, blocks), sum = 0;
    for (size_t s = 0; s < model->seeds; s++) {
        for (size_t k = 0; k < blocks; k++)
            terms[k] = model->influences[s][k] - mean[k];
        sum += variance_of(terms, blocks, independent).value;
    }
    arena_free(&scratch);
    return sum / (double)(model->seeds * (model->seeds - 1));
}

static double two_sided(double value, double variance, double freedom) {
    double t = fabs(value) / sqrt(variance);
    return isinf(t) ? 0 : isnan(t) || isnan(freedom) ? NAN : 2 * gsl_cdf_tdist_Q(t, freedom);
}

/* Half of the interval of 95 %. */
static double reach(double variance, double freedom) {
    return isnan(freedom) ? NAN : gsl_cdf_tdist_Pinv(0.975, freedom) * sqrt(variance);
}

/* Satterthwaite: V² / Σ V_i² / ν_i */
static double joint_freedom(const struct variance *parts, size_t count) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        sum += parts[i].value;
        squares += parts[i].value * parts[i].value / parts[i].freedom;
    }
    return sum * sum / squares;
}

static struct variance mean_variance(const struct sampled_scores *model) {
    double n = (double)model->seeds;
    return (struct variance){gsl_stats_variance(model->scores, 1, model->seeds) / n, n - 1};
}

const struct difference UNKNOWN_DIFFERENCE = {NAN, {NAN, NAN}, NAN, NAN, NAN, NAN, NAN, NAN};

struct difference compare_sampled(const struct sampled_scores *a, const struct sampled_scores *b,
                                  size_t blocks, bool independent) {
    struct difference found = UNKNOWN_DIFFERENCE;
    found.value = gsl_stats_mean(a->scores, 1, a->seeds) - gsl_stats_mean(b->scores, 1, b->seeds);
    if (a->seeds < 2 || b->seeds < 2 || blocks < 2)
        return found;
    struct arena scratch = {0};
    double *a_mean = mean_influence(a, blocks, &scratch);
    double *b_mean = mean_influence(b, blocks, &scratch);
    double *terms = ARENA_NEW(&scratch, double, blocks);
    for (size_t k = 0; k < blocks; k++)
        terms[k] = a_mean[k] - b_mean[k];
    struct variance data = variance_of(terms, blocks, independent);
    double both =
        interaction(a, a_mean, blocks, independent) + interaction(b, b_mean, blocks, independent);
    struct variance parts[] = {mean_variance(a), mean_variance(b), data};
    double seeds = parts[0].value + parts[1].value;
    parts[2].value = fmax(0, data.value - fmin(both, seeds));
    found.seeds_variance = seeds;
    found.data_variance = parts[2].value;
    found.freedom = joint_freedom(parts, 3);
    found.seeds_p = two_sided(found.value, seeds, joint_freedom(parts, 2));
    found.data_p = two_sided(found.value, data.value, data.freedom);
    struct variance joint = {seeds + parts[2].value, found.freedom};
    /* More degrees of freedom must not make the two together claim what either alone does not. */
    found.p =
        fmax(two_sided(found.value, joint.value, joint.freedom), fmax(found.seeds_p, found.data_p));
    double width =
        fmax(reach(joint.value, joint.freedom),
             fmax(reach(seeds, joint_freedom(parts, 2)), reach(data.value, data.freedom)));
    found.interval = (struct interval){found.value - width, found.value + width};
    arena_free(&scratch);
    return found;
}
