/* math/pointwise.h in float: plain C99 that needs no library. Exported models get these very functions
 * (experiment/export), so that they compute what the engine does. A blank line ends each. */
#ifndef MATH_POINTWISE_FLOAT_H
#define MATH_POINTWISE_FLOAT_H

#include <stdint.h>
#include <string.h>

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

/* |x|, and |y| with the sign of x. */
static inline float real_size(float x) {
    return real_from_bits(real_to_bits(x) & 0x7fffffff);
}

static inline float real_with_sign(float y, float x) {
    uint32_t sign = (uint32_t)real_to_bits(x) & 0x80000000u;
    return real_from_bits((int32_t)(((uint32_t)real_to_bits(y) & 0x7fffffffu) | sign));
}

/* e^x = 2^n · e^r with n = round(x / ln 2) and |r| <= ln 2 / 2; the polynomial interpolates e^r at
 * the Chebyshev nodes of that interval, to 3e-9. */
static inline float real_exp(float x) {
    const float round_by = 12582912.0f; /* 1.5 · 2^23: adding it leaves n in the low bits */
    float limited = x < -87.3f ? -87.3f : x;
    limited = limited > 88.3f ? 88.3f : limited;
    float shifted = limited * 1.44269504f + round_by;
    float n = shifted - round_by;
    float r = (limited - n * 0.693359375f) + n * 2.12194440e-4f; /* ln 2 in two parts */
    float p = 1.39411085e-3f;
    p = p * r + 8.37512594e-3f;
    p = p * r + 4.16663513e-2f;
    p = p * r + 1.66664153e-1f;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    uint32_t scaled = (uint32_t)real_to_bits(p) + ((uint32_t)real_to_bits(shifted) << 23);
    return x != x ? x : real_from_bits((int32_t)scaled);
}

/* 1 / x for 1 <= x < 2^100: a guess from the exponent, within 5.1 %, and three steps of Newton's
 * method, each of which squares the error. Multiplications are several times cheaper than a
 * division. */
static inline float real_reciprocal(float x) {
    float r = real_from_bits(0x7ef31000 - real_to_bits(x));
    r = r * (2.0f - x * r);
    r = r * (2.0f - x * r);
    r = r * (2.0f - x * r);
    return r;
}

static inline float real_sigmoid(float x) {
    float limited = x < -69.0f ? -69.0f : x; /* e^69 is within the reciprocal's range */
    return real_reciprocal(1.0f + real_exp(-limited));
}

/* e^x − 1 = 2^n (e^r − 1) + 2^n − 1, as real_exp(), without the cancellation near 0. */
static inline float real_expm1(float x) {
    const float round_by = 12582912.0f;
    float limited = x < -87.0f ? -87.0f : x;
    limited = limited > 88.0f ? 88.0f : limited;
    float shifted = limited * 1.44269504f + round_by;
    float n = shifted - round_by;
    float r = (limited - n * 0.693359375f) + n * 2.12194440e-4f;
    float p = 1.39411085e-3f;
    p = p * r + 8.37512594e-3f;
    p = p * r + 4.16663513e-2f;
    p = p * r + 1.66664153e-1f;
    p = p * r + 0.5f;
    float power = real_from_bits((int32_t)(((uint32_t)real_to_bits(shifted) << 23) + 0x3f800000u));
    return x != x ? x : power * (r + r * (r * p)) + (power - 1.0f);
}

/* With m = e^(−2|x|) − 1, tanh |x| = −m / (m + 2). */
static inline float real_tanh(float x) {
    float m = real_expm1(-2.0f * real_size(x));
    return real_with_sign(m * real_reciprocal(m + 2.0f), x);
}

/* ln σ(x) = min(x, 0) − ln(1 + u) with u = e^−|x|, and ln(1 + u) = 2 artanh(s) with s = u / (2 + u)
 * <= 1/3, whose series in s² is cut at 1.5e-8. */
static inline float real_log_sigmoid(float x) {
    float u = real_exp(-real_size(x));
    float s = u * real_reciprocal(2.0f + u), w = s * s;
    float p = 1.0f / 13;
    p = p * w + 1.0f / 11;
    p = p * w + 1.0f / 9;
    p = p * w + 1.0f / 7;
    p = p * w + 1.0f / 5;
    p = p * w + 1.0f / 3;
    return (x < 0 ? x : 0) - 2 * (s + s * w * p);
}

/* x = n·π + r with |r| <= π/2. Beyond ±1e5, where floats lie 0.008 apart, the sine and cosine are
 * those of the limit. */
static inline float real_half_turns(float x, float *rest) {
    const float round_by = 12582912.0f; /* as in real_exp() */
    float limited = x > 1e5f ? 1e5f : x;
    limited = limited < -1e5f ? -1e5f : limited;
    float shifted = limited * 0.318309886f + round_by;
    float n = shifted - round_by;
    /* π in three parts, the products of the first two with n exact. */
    *rest = ((limited - n * 3.140625f) - n * 9.6702576e-4f) - n * 6.2783296e-7f;
    return shifted;
}

/* Negates y for odd n, which the low bits of `shifted` hold. */
static inline float real_alternated(float y, float shifted) {
    uint32_t sign = (uint32_t)real_to_bits(shifted) << 31;
    return real_from_bits((int32_t)((uint32_t)real_to_bits(y) ^ sign));
}

/* Both polynomials in r² interpolate at the Chebyshev nodes, to 1e-8. */
static inline float real_sin(float x) {
    float r, shifted = real_half_turns(x, &r), z = r * r;
    float p = 2.63475639e-6f;
    p = p * z - 1.98227395e-4f;
    p = p * z + 8.33324214e-3f;
    p = p * z - 1.66666660e-1f;
    return real_alternated(r + r * (z * p), shifted);
}

static inline float real_cos(float x) {
    float r, shifted = real_half_turns(x, &r), z = r * r;
    float p = -2.60506574e-7f;
    p = p * z + 2.47601097e-5f;
    p = p * z - 1.38883603e-3f;
    p = p * z + 4.16666362e-2f;
    p = p * z - 0.5f;
    return real_alternated(1.0f + z * p, shifted);
}

/* The normal distribution function, to 5e-7 (Abramowitz & Stegun 1964, 7.1.26 for erf). */
static inline float real_normal_cdf(float x) {
    float size = x < 0 ? -x : x;
    size = size > 20.0f ? 20.0f : size; /* within the reciprocal's range */
    float t = real_reciprocal(1.0f + 0.231641888f * size);
    float p = 1.061405429f;
    p = p * t - 1.453152027f;
    p = p * t + 1.421413741f;
    p = p * t - 0.284496736f;
    p = p * t + 0.254829592f;
    float tail = 0.5f * t * p * real_exp(-0.5f * size * size);
    return x < 0 ? tail : 1.0f - tail;
}

#endif
