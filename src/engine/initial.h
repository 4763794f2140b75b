/* Initial values that several cells share. */
#ifndef ENGINE_INITIAL_H
#define ENGINE_INITIAL_H

#include "engine/kernels.h"

#include <gsl/gsl_randist.h>
#include <math.h>

/* U(±1/√hidden), as torch.nn.RNN, LSTM and GRU draw all their tensors. */
static inline void fill_torch(gsl_rng *rng, size_t hidden, size_t n, real *values) {
    real bound = (real)(1 / sqrt((double)hidden));
    fill_uniform(rng, -bound, bound, n, values);
}

/* Glorot & Bengio 2010: U(±√(6 / (in + out))), Keras' default for weights of inputs. */
static inline void fill_glorot(gsl_rng *rng, size_t in, size_t out, size_t n, real *weight) {
    real bound = (real)sqrt(6 / ((double)in + (double)out));
    fill_uniform(rng, -bound, bound, n, weight);
}

/* A random orthogonal matrix (Saxe et al. 2014), Keras' default for recurrent weights: normal
 * numbers, each row made orthogonal to those before it (modified Gram-Schmidt); where there are
 * more rows than columns, each column. */
static inline void fill_orthogonal_shaped(gsl_rng *rng, size_t rows, size_t columns, real *weight) {
    bool by_rows = rows <= columns;
    size_t vectors = by_rows ? rows : columns, length = by_rows ? columns : rows;
    size_t next = by_rows ? columns : 1, along = by_rows ? 1 : columns;
    for (size_t i = 0; i < vectors; i++) {
        real *own = weight + i * next;
        for (size_t j = 0; j < length; j++)
            own[j * along] = (real)gsl_ran_gaussian(rng, 1);
        for (size_t k = 0; k <= i; k++) { /* k = i: to unit length */
            const real *other = weight + k * next;
            double product = 0;
            for (size_t at = 0; at < length * along; at += along)
                product += (double)own[at] * (double)other[at];
            for (size_t at = 0; at < length * along; at += along)
                own[at] =
                    k < i ? own[at] - (real)product * other[at] : own[at] / (real)sqrt(product);
        }
    }
}

static inline void fill_orthogonal(gsl_rng *rng, size_t size, real *weight) {
    fill_orthogonal_shaped(rng, size, size, weight);
}

/* Weights as Keras draws them, in which most of the authors' releases are written: those of the
 * inputs [gates·H][I] Glorot-uniform, those of the state [gates·H][H] orthogonal gate by gate,
 * biases [gates·H] zero. */
static inline void fill_keras(gsl_rng *rng, size_t gates, size_t I, size_t H, real *weight_ih,
                              real *weight_hh, real *bias) {
    fill_glorot(rng, I, gates * H, gates * H * I, weight_ih);
    for (size_t gate = 0; gate < gates; gate++)
        fill_orthogonal(rng, H, weight_hh + gate * H * H);
    fill_constant(0, gates * H, bias);
}

/* The same for cells whose release applies Keras' dense layers to [x; h]: `out` outputs a layer,
 * both halves of the weight [rows][I], [rows][H] Glorot-uniform, bias [rows] zero. */
static inline void fill_dense(gsl_rng *rng, size_t I, size_t H, size_t out, size_t rows,
                              real *weight_ih, real *weight_hh, real *bias) {
    fill_glorot(rng, I + H, out, rows * I, weight_ih);
    fill_glorot(rng, I + H, out, rows * H, weight_hh);
    fill_constant(0, rows, bias);
}

#endif
