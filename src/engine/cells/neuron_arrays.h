/* Arrays of a liquid cell's neurons or inputs, and the maps that lead into and out of them.
 *
 * An array of W numbers a stream is [B][W]; where several streams share a sparse wiring it is
 * transposed, [W][P], as synapses.h wants it, and `transposed` is P, otherwise 0. A map
 * is entry by entry, w ⊙ rows + bias. */
#ifndef ENGINE_CELLS_NEURON_ARRAYS_H
#define ENGINE_CELLS_NEURON_ARRAYS_H

#include "engine/isa.h"
#include "engine/kernels.h"

/* Where number i of stream b is. */
static inline size_t neuron_place(int transposed, int width, int b, int i) {
    return transposed > 0 ? (size_t)i * (size_t)transposed + (size_t)b
                          : (size_t)b * (size_t)width + (size_t)i;
}

#define neurons_put              ISA_NAME(neurons_put)
#define neurons_get              ISA_NAME(neurons_get)
#define neurons_map_in           ISA_NAME(neurons_map_in)
#define neurons_map_out          ISA_NAME(neurons_map_out)
#define neurons_map_out_backward ISA_NAME(neurons_map_out_backward)
#define neurons_map_in_backward  ISA_NAME(neurons_map_in_backward)

/* array = rows [B][width]; columns beyond the last stream are 0. */
void neurons_put(int transposed, int B, int width, const real *rows, real *array);

/* rows [B][width] = array, or += with `added`. */
void neurons_get(int transposed, int B, int width, const real *array, bool added, real *rows);

/* array [width = n] = w ⊙ rows [B][n] + bias. */
void neurons_map_in(int transposed, int B, int n, const real *w, const real *bias, const real *rows,
                    real *array);

/* rows [B][n] = w ⊙ the first n of an array's numbers + bias; w NULL: as they are. */
void neurons_map_out(int transposed, int B, int width, int n, const real *w, const real *bias,
                     const real *array, real *rows);

/* Back through neurons_map_out(), from drows: += all. */
void neurons_map_out_backward(int transposed, int B, int width, int n, const real *w,
                              const real *drows, const real *array, real *darray, real *dw,
                              real *dbias);

/* Back through neurons_map_in(), from darray: dw, dbias +=, drows [B][n] =; NULL: not wanted. */
void neurons_map_in_backward(int transposed, int B, int n, const real *w, const real *rows,
                             const real *darray, real *dw, real *dbias, real *drows);

#endif
