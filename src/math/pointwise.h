/* exp, sigmoid and its logarithm, tanh, sine and cosine as inline code that compilers vectorise
 * inside loops.
 *
 * In float, accurate to a few units in the last place over the whole range, and NaN stays NaN:
 * training must notice divergence. In double, the C library's functions. */
#ifndef MATH_POINTWISE_H
#define MATH_POINTWISE_H

#include "math/real.h"

#include <math.h>
#include <stdint.h>

#ifdef LIQUIDBENCH_DOUBLE

static inline real real_exp(real x) {
    return exp(x);
}

static inline real real_tanh(real x) {
    return tanh(x);
}

static inline real real_sigmoid(real x) {
    return 1 / (1 + exp(-x));
}

static inline real real_expm1(real x) {
    return expm1(x);
}

static inline real real_sin(real x) {
    return sin(x);
}

static inline real real_cos(real x) {
    return cos(x);
}

static inline real real_log_sigmoid(real x) {
    return (x < 0 ? x : 0) - log1p(exp(-fabs(x)));
}

static inline real real_normal_cdf(real x) {
    return erfc(-0.70710678118654752 * x) / 2;
}

#else
#include "math/pointwise_float.h"
#endif

static inline double real_softplus(double x) {
    return x > 20 ? x : log1p(exp(x));
}

#endif
