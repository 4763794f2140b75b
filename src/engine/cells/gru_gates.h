/* GRU gates whose reset acts on the state, before the recurrent product (Cho et al. 2014): what
 * grud and gruode have in common.
 *
 *   r = σ(W_r x + U_r h + b_r)     z = σ(W_z x + U_z h + b_z)     n = tanh(W_n x + U_n (r⊙h) + b_n)
 *   change = (1−z)⊙(n − h)
 *
 * The gated unit's new state z⊙h + (1−z)⊙n is h + change. Weights [3H] have rows r, z, n. A
 * stream's row of memory is [r z n q], 4H numbers: it comes in as W x + b in its first 3H, keeps
 * the activated gates and q = r⊙h, and in the end holds the gradients of the gates' inputs (q as it
 * was), so that all weight gradients are products over all rows. */
#ifndef ENGINE_CELLS_GRU_GATES_H
#define ENGINE_CELLS_GRU_GATES_H

#include "engine/isa.h"
#include "math/real.h"

#define gru_gates          ISA_NAME(gru_gates)
#define gru_gates_backward ISA_NAME(gru_gates_backward)
#define gru_gates_collect  ISA_NAME(gru_gates_collect)

/* rows [B][4H] as above; change [B][H] from h [B][H]. transposed_hh [H][3H] is the weight transposed.
 */
void gru_gates(int B, int H, const real *transposed_hh, const real *h, real *rows, real *change);

/* dh [B][H] += from dchange [B][H]; dq [B][H] is scratch. */
void gru_gates_backward(int B, int H, const real *weight_hh, const real *h, const real *dchange,
                        real *rows, real *dh, real *dq);

/* dweight_hh += after the backward passes over n rows, T·B or more: rows [n][4H], h [n][H]. */
void gru_gates_collect(int n, int H, const real *rows, const real *h, real *dweight_hh);

#endif
