/* Random streams.
 *
 * Every use of randomness draws from a stream of its own, named by what it is for ("init",
 * "shuffle", "noise gaussian 0.1"), so that a new model or metric never shifts the numbers another
 * one sees. */
#ifndef MATH_RANDOM_H
#define MATH_RANDOM_H

#include <gsl/gsl_rng.h>
#include <stddef.h>
#include <stdint.h>

/* A GSL generator (MT19937) for one seed and purpose. Free with gsl_rng_free(). */
gsl_rng *random_stream(uint64_t seed, const char *purpose);

/* Fills order[0..n-1] with the very permutation that NumPy's legacy
 * RandomState(seed).permutation(n) draws, because published protocols split their data with it. */
void random_numpy_permutation(uint32_t seed, size_t n, size_t *order);

/* The stream of NumPy's legacy RandomState(seed), and its next rand(): uniform on [0, 1). Free it
 * with gsl_rng_free(). */
gsl_rng *random_numpy_stream(uint32_t seed);
double random_numpy_uniform(gsl_rng *rng);

/* Its bounded draw, from 0 to `max`, and its next permutation(n). */
size_t random_numpy_integer(gsl_rng *rng, size_t max);
void random_numpy_shuffled(gsl_rng *rng, size_t n, size_t *order);

/* Shuffles order[0..n-1] in place. */
void random_shuffle(gsl_rng *rng, size_t *order, size_t n);

#endif
