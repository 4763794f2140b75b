/* Dropout by counting: whether a unit is dropped is a hash of the pass's seed and the unit's
 * position, so that the backward pass finds the same units again without a stored mask. */
#ifndef ENGINE_DROPOUT_H
#define ENGINE_DROPOUT_H

#include "math/real.h"

#include <stddef.h>
#include <stdint.h>

/* values [n] ⊙= 0 with the given probability, else 1 / (1 − probability). `first` is the position
 * of values[0] among all that this seed drops. Seed 0 (evaluation) leaves them as they are. */
static inline void dropout(uint64_t seed, uint64_t first, real probability, size_t n,
                           real *values) {
    if (seed == 0 || probability == 0)
        return;
    uint32_t threshold = (uint32_t)((double)probability * 4294967295.0);
    uint32_t key = (uint32_t)(seed ^ seed >> 32), origin = (uint32_t)first;
    real scale = 1 / (1 - probability);
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        /* Two rounds of a 32-bit finalizer (multiply, xor-shift) over position and key. */
        uint32_t hash = (origin + (uint32_t)i) * 0x9e3779b9u ^ key;
        hash = (hash ^ hash >> 16) * 0x85ebca6bu;
        hash = (hash ^ hash >> 13) * 0xc2b2ae35u;
        hash ^= hash >> 16;
        values[i] *= hash < threshold ? 0 : scale;
    }
}

#endif
