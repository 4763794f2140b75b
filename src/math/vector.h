/* Explicit vectors of reals, for the loops that compilers do not vectorise well enough by
 * themselves: the synapses of a liquid network (engine/cells/synapses.h) and an LSTM's gates. GNU C's
 * vector types, so that gcc and clang compile them for every instruction set. */
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

#define LOG2_E REAL(1.44269504088896341)

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

/* The first `count` numbers where fewer than LANES are left, zeros beyond. */
static inline vector vector_load_first(const real *from, int count) {
    if (count >= LANES)
        return vector_load(from);
#if VECTOR_BYTES == 64
    return _mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), from);
#else
    real padded[LANES] = {0};
    memcpy(padded, from, (size_t)count * sizeof(real));
    return vector_load(padded);
#endif
}

static inline void vector_store_first(vector stored, real *to, int count) {
    if (count >= LANES) {
        vector_store(stored, to);
        return;
    }
#if VECTOR_BYTES == 64
    _mm512_mask_storeu_ps(to, (__mmask16)((1u << count) - 1), stored);
#else
    memcpy(to, &stored, (size_t)count * sizeof(real));
#endif
}

static inline real vector_sum(vector terms) {
#if VECTOR_BYTES == 64
    return _mm512_reduce_add_ps(terms);
#else
    real sum = 0;
    for (int lane = 0; lane < LANES; lane++)
        sum += terms[lane];
    return sum;
#endif
}

/* vector_sigmoid2(t) = 1 / (1 + 2^t), the sigmoid of −t ln 2: within a few units in the last place
 * for |t| < 99, where it saturates. vector_tanh(): within a few units over the whole range. NaN
 * stays NaN. vector_reciprocal(x) = 1 / x for 2^-100 < x < 2^100, likewise. */
#if defined(LIQUIDBENCH_DOUBLE)

static inline vector vector_sigmoid2(vector t) {
    for (int lane = 0; lane < LANES; lane++)
        t[lane] = 1 / (1 + exp2(t[lane]));
    return t;
}

static inline vector vector_tanh(vector x) {
    for (int lane = 0; lane < LANES; lane++)
        x[lane] = tanh(x[lane]);
    return x;
}

static inline vector vector_reciprocal(vector x) {
    return 1 / x;
}

#else

typedef int32_t vector_mask __attribute__((vector_size(VECTOR_BYTES)));

#if defined(__AVX512F__)

static inline vector vector_min(vector x, real max) {
    return _mm512_min_ps(_mm512_set1_ps(max), x); /* of NaN, the second operand */
}

/* 2^t = 2^n 2^(i/32) 2^f with n = floor(t), i = 0 … 31 and 0 <= f < 1/32: by the exponent, by a
 * table that is two registers, by a polynomial of which 1 is the first term, to 7e-8. */
static inline vector vector_exp2(vector t) {
    static const float table[32] = {
        1.0f,       1.0218971f, 1.0442738f, 1.0671404f, 1.0905077f, 1.1143867f, 1.1387886f,
        1.1637249f, 1.1892071f, 1.2152474f, 1.2418578f, 1.269051f,  1.2968396f, 1.3252366f,
        1.3542555f, 1.3839099f, 1.4142136f, 1.4451808f, 1.4768261f, 1.5091644f, 1.5422108f,
        1.5759808f, 1.6104903f, 1.6457555f, 1.6817928f, 1.7186193f, 1.7562522f, 1.7947091f,
        1.8340081f, 1.8741676f, 1.9152066f, 1.9571441f};
    const __m512 round_by = _mm512_set1_ps(393216.0f); /* 1.5 · 2^18 leaves 32 t in the low bits */
    __m512 index = _mm512_add_round_ps(t, round_by, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
    __m512 root = _mm512_permutex2var_ps(_mm512_loadu_ps(table), _mm512_castps_si512(index),
                                         _mm512_loadu_ps(table + 16));
    vector f = _mm512_reduce_ps(t, 5 << 4 | _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
    vector p = (f * 0.24265569f + 0.69312365f) * f + 1.0f;
    return p * _mm512_scalef_ps(root, t); /* takes the floor of t itself */
}

static inline vector vector_reciprocal(vector x) {
    vector guess = _mm512_rcp14_ps(x);
    return guess * (2.0f - x * guess);
}

static inline vector vector_sigmoid2(vector t) {
    vector limited = _mm512_min_ps(_mm512_set1_ps(99.0f), t); /* NaN: its second operand */
    return vector_reciprocal(vector_exp2(limited) + 1.0f);
}

/* t = n + *f with n whole and |f| <= 1/2; returns 2^n. */
static inline vector vector_whole_exp2(vector t, vector *f) {
    *f = _mm512_reduce_ps(t, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    return _mm512_scalef_ps(_mm512_set1_ps(1.0f), t - *f);
}

#else

/* 2^f, by a polynomial that interpolates at the Chebyshev nodes of |f| <= 1/2, to 1e-7. */
static inline vector vector_exp2_fraction(vector f) {
    vector p = f * 1.33908634e-3f + 9.67603192e-3f;
    p = p * f + 5.55035711e-2f;
    p = p * f + 2.40221075e-1f;
    p = p * f + 6.93147188e-1f;
    return p * f + 1.0f;
}

static inline vector vector_min(vector x, real max) {
    vector_mask above = x > (vector){0} + max;
    return (vector)(((vector_mask)((vector){0} + max) & above) | ((vector_mask)x & ~above));
}

/* As real_reciprocal(). */
static inline vector vector_reciprocal(vector x) {
    vector guess = (vector)(0x7ef31000 - (vector_mask)x);
    guess = guess * (2.0f - x * guess);
    guess = guess * (2.0f - x * guess);
    return guess * (2.0f - x * guess);
}

static inline vector vector_sigmoid2(vector t) {
    vector limited = -vector_min(-vector_min(t, 99.0f), 99.0f);
    vector shifted = limited + 12582912.0f; /* as in real_exp() */
    vector n = shifted - 12582912.0f;
    vector_mask bits = (vector_mask)vector_exp2_fraction(limited - n);
    return vector_reciprocal((vector)(bits + ((vector_mask)shifted << 23)) + 1.0f);
}

/* t = n + *f with n whole and |f| <= 1/2; returns 2^n. |t| < 127. */
static inline vector vector_whole_exp2(vector t, vector *f) {
    vector shifted = t + 12582912.0f;
    *f = t - (shifted - 12582912.0f);
    return (vector)(((vector_mask)shifted << 23) + 0x3f800000);
}

#endif

/* As real_tanh(): with m = 2^t − 1 = 2^n (2^f − 1) + 2^n − 1 for t = −2 |x| log₂e, tanh |x| is
 * −m / (m + 2). (2^f − 1)/f is a polynomial that interpolates at the Chebyshev nodes, to 1e-8. */
static inline vector vector_tanh(vector x) {
    const vector_mask sign = (vector_mask)(-(vector){0});
    vector size = vector_min((vector)((vector_mask)x & ~sign), 20.0f), f;
    vector power = vector_whole_exp2(size * (-2 * LOG2_E), &f);
    vector p = f * 1.54531629e-4f + 1.33908634e-3f;
    p = p * f + 9.61808256e-3f;
    p = p * f + 5.55035711e-2f;
    p = p * f + 2.40226508e-1f;
    p = p * f + 6.93147188e-1f;
    vector m = power * (f * p) + (power - 1.0f);
    vector result = m * vector_reciprocal(m + 2.0f);
    return (vector)(((vector_mask)result & ~sign) | ((vector_mask)x & sign));
}

#endif

/* Beyond |x| = 8 the sigmoid's relative error grows as 1e-7 |x|. */
static inline vector vector_sigmoid(vector x) {
    return vector_sigmoid2(x * -LOG2_E);
}

#endif
