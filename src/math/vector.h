/* Explicit vectors of reals, for the one loop that compilers do not vectorise well enough by
 * themselves: the synapses of a liquid network (model/synapses.h). GNU C's vector types, so that
 * gcc and clang compile them for every instruction set. */
#ifndef MATH_VECTOR_H
#define MATH_VECTOR_H

#include "math/pointwise.h"

#include <string.h>

#if defined(__AVX512F__) && !defined(LIQUIDBENCH_DOUBLE)
#include <immintrin.h>
#define VECTOR_BYTES 64
#elif defined(__AVX__)
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif

enum { LANES = VECTOR_BYTES / sizeof(real) };

typedef real vector __attribute__((vector_size(VECTOR_BYTES)));

static inline vector vector_load(const real *from) {
    vector loaded;
    memcpy(&loaded, from, sizeof loaded);
    return loaded;
}

static inline void vector_store(vector stored, real *to) {
    memcpy(to, &stored, sizeof stored);
}

static inline real vector_sum(vector terms) {
    real sum = 0;
    for (int lane = 0; lane < LANES; lane++)
        sum += terms[lane];
    return sum;
}

/* 1 / (1 + 2^t): the sigmoid of −t ln 2. Within a few units in the last place for |t| < 99, where
 * it saturates; NaN stays NaN. 2^t = 2^n 2^f with n = round(t), by a polynomial that interpolates
 * 2^f at the Chebyshev nodes of |f| <= 1/2, to 1e-7. */
#if defined(LIQUIDBENCH_DOUBLE)

static inline vector vector_sigmoid2(vector t) {
    for (int lane = 0; lane < LANES; lane++)
        t[lane] = 1 / (1 + exp2(t[lane]));
    return t;
}

#else

static inline vector vector_exp2_fraction(vector f) {
    vector p = f * 1.33908634e-3f + 9.67603192e-3f;
    p = p * f + 5.55035711e-2f;
    p = p * f + 2.40221075e-1f;
    p = p * f + 6.93147188e-1f;
    return p * f + 1.0f;
}

#if defined(__AVX512F__)

static inline vector vector_sigmoid2(vector t) {
    __m512 limited = _mm512_min_ps(_mm512_set1_ps(99.0f), t); /* NaN: its second operand */
    __m512 n = _mm512_roundscale_ps(limited, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    vector power = _mm512_scalef_ps(vector_exp2_fraction(limited - n), n);
    vector below = power + 1.0f;
    vector guess = _mm512_rcp14_ps(below);
    return guess * (2.0f - below * guess);
}

#else

typedef int32_t vector_mask __attribute__((vector_size(VECTOR_BYTES)));

static inline vector vector_select(vector_mask mask, vector chosen, vector otherwise) {
    return (vector)(((vector_mask)chosen & mask) | ((vector_mask)otherwise & ~mask));
}

static inline vector vector_sigmoid2(vector t) {
    vector most = (vector){0} + 99.0f;
    vector limited = vector_select(t > most, most, t);
    limited = vector_select(limited < -most, -most, limited);
    vector shifted = limited + 12582912.0f; /* as in real_exp() */
    vector n = shifted - 12582912.0f;
    vector_mask bits = (vector_mask)vector_exp2_fraction(limited - n);
    vector below = (vector)(bits + ((vector_mask)shifted << 23)) + 1.0f;
    vector guess = (vector)(0x7ef31000 - (vector_mask)below); /* as in real_reciprocal() */
    guess = guess * (2.0f - below * guess);
    guess = guess * (2.0f - below * guess);
    return guess * (2.0f - below * guess);
}

#endif
#endif

#endif
