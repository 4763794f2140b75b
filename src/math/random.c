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

/* The smallest mask of ones that covers `most`, rejecting above it. */
size_t random_numpy_integer(gsl_rng *rng, size_t max) {
    size_t mask = max;
    for (int shift = 1; shift < 64; shift *= 2)
        mask |= mask >> shift;
    size_t value;
    do {
        value = gsl_rng_get(rng) & mask;
    } while (value > max);
    return value;
}

/* MT19937 as NumPy seeds it. GSL does the same, but takes seed 0 to mean 4357; for that one seed
 * the initial words (Matsumoto & Nishimura 2002) go straight into GSL's state, which begins with
 * them. */
gsl_rng *random_numpy_stream(uint32_t seed) {
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, seed);
    if (seed == 0) {
        unsigned long *words = gsl_rng_state(rng);
        uint32_t word = words[0] = 0;
        for (uint32_t i = 1; i < 624; i++)
            words[i] = word = 1812433253u * (word ^ (word >> 30)) + i;
    }
    return rng;
}

/* 53 bits of two words. */
double random_numpy_uniform(gsl_rng *rng) {
    unsigned long high = gsl_rng_get(rng) >> 5, low = gsl_rng_get(rng) >> 6;
    return ((double)high * 67108864 + (double)low) / 9007199254740992;
}

void random_numpy_shuffled(gsl_rng *rng, size_t n, size_t *order) {
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    for (size_t i = n; i-- > 1;) {
        size_t j = random_numpy_integer(rng, i);
        size_t kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
}

void random_numpy_permutation(uint32_t seed, size_t n, size_t *order) {
    gsl_rng *rng = random_numpy_stream(seed);
    random_numpy_shuffled(rng, n, order);
    gsl_rng_free(rng);
}

void random_shuffle(gsl_rng *rng, size_t *order, size_t n) {
    gsl_ran_shuffle(rng, order, n, sizeof *order);
}
