/* exp, sigmoid and tanh as inline code that compilers vectorise inside loops.
 *
 * In float, accurate to a few units in the last place over the whole range, and NaN stays NaN:
 * training must notice divergence. In double, the C library's functions. */
#ifndef MATH_POINTWISE_H
#define MATH_POINTWISE_H

#include "math/real.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#ifdef LIQUIDBENCH_DOUBLE

static inline real real_exp(real x) {
    return exp(x);
}

static inline real real_tanh(real x) {
    return tanh(x);
}

#else

static inline int32_t real_to_bits(float number) {
    int32_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

static inline float real_from_bits(int32_t bits) {
    float number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

/* e^x = 2^n · e^r with n = round(x / ln 2) and |r| <= ln 2 / 2; the polynomial is the Taylor series
 * of e^r to degree 7, whose remainder is below 6e-9 there. */
static inline real real_exp(real x) {
    const real round_by = 12582912.0f; /* 1.5 · 2^23: adding it leaves n in the low bits */
    real limited = x < -87.3f ? -87.3f : x;
    limited = limited > 88.3f ? 88.3f : limited;
    real shifted = limited * 1.44269504f + round_by;
    real n = shifted - round_by;
    real r = (limited - n * 0.693359375f) + n * 2.12194440e-4f; /* ln 2 in two parts */
    real p = 1.0f / 5040.0f;
    p = p * r + 1.0f / 720.0f;
    p = p * r + 1.0f / 120.0f;
    p = p * r + 1.0f / 24.0f;
    p = p * r + 1.0f / 6.0f;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    uint32_t scaled = (uint32_t)real_to_bits(p) + ((uint32_t)real_to_bits(shifted) << 23);
    return x != x ? x : real_from_bits((int32_t)scaled);
}

/* Away from zero 1 − 2/(e^2x + 1); near zero the continued fraction of tanh, cut after x²/9, where
 * the difference from one would cancel. */
static inline real real_tanh(real x) {
    real far = 1.0f - 2.0f / (real_exp(2.0f * x) + 1.0f);
    real z = x * x;
    real near = x * ((z + 105.0f) * z + 945.0f) / ((15.0f * z + 420.0f) * z + 945.0f);
    return fabsf(x) < 0.5f ? near : far;
}

#endif

static inline real real_sigmoid(real x) {
    return 1 / (1 + real_exp(-x));
}

static inline real real_softplus(real x) {
    return x > 20 ? x : log1p(exp(x));
}

#endif
