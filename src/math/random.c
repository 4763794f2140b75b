#include "math/random.h"

#include <gsl/gsl_randist.h>

/* Steele, Lea & Flood 2014 (SplitMix64): turns any difference of the input into a random one. */
static uint64_t mix(uint64_t z) {
    z += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

gsl_rng *random_stream(uint64_t seed, const char *purpose) {
    uint64_t hash = mix(seed);
    for (; *purpose != '\0'; purpose++)
        hash = mix(hash ^ (unsigned char)*purpose);
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, (uint32_t)hash);
    return rng;
}

/* NumPy's legacy bounded draw: the smallest mask of ones that covers `most`, rejecting above it. */
static size_t draw_at_most(gsl_rng *rng, size_t most) {
    size_t mask = most;
    for (int shift = 1; shift < 64; shift *= 2)
        mask |= mask >> shift;
    size_t value;
    do {
        value = gsl_rng_get(rng) & mask;
    } while (value > most);
    return value;
}

void random_numpy_permutation(uint32_t seed, size_t n, size_t *order) {
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, seed);
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    for (size_t i = n; i-- > 1;) {
        size_t j = draw_at_most(rng, i);
        size_t kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
    gsl_rng_free(rng);
}

void random_shuffle(gsl_rng *rng, size_t *order, size_t n) {
    gsl_ran_shuffle(rng, order, n, sizeof *order);
}
