/* State-space systems as a convolution, for batches in which every step is present and all are
 * equally long. Equations in engine/cells/state_space.h.
 *
 * The sequence is cut into chunks of L steps. Within a chunk, v is u convolved with
 *
 *   K_j = 2 Re Σ_n C Ā^j B̄
 *
 * and from chunk to chunk a state goes on: it adds 2 Re Σ_n C Ā^(j+1) s to v, j steps into its
 * chunk, and becomes Ā^L s + Σ_j Ā^(L−1−j) B̄ u_j after it. No step waits for the one before, and no
 * states but those between chunks are kept.
 *
 * With 16 states this is two to three times faster than the recurrence, at 32 steps (one chunk) as
 * at 784. FFTs of the whole sequence do not pay: GSL's alone take longer than all of this at 32
 * steps, and several times as long at 784. */
#ifndef ENGINE_CELLS_STATE_SPACE_CONVOLUTION_H
#define ENGINE_CELLS_STATE_SPACE_CONVOLUTION_H

#include "engine/cells/state_space.h"

/* GROUP channels of a whole batch. */
struct convolution {
    int steps, batch, length;  /* T, B, L */
    bool has_state, has_after; /* the first chunk's state may be other than 0; the last one's is
                                  wanted */
    real *u, *du;              /* [p−1 + T][B][GROUP] */
    real *v, *dv;              /* [T][B][GROUP] */
    real *s, *ds;              /* [chunks + 1][2][N][B][GROUP], [2][N][B][GROUP] */
    real *step;                /* struct discrete_step of all steps */
    real *powers, *dpowers;    /* [L+1][2][N][GROUP] Ā^j */
    real *kernel, *dkernel;    /* [L][GROUP] K_j */
    real *read, *dread;     /* [L][2][N][GROUP]: what a state adds to v, j steps into its chunk */
    real *write, *dwrite;   /* [L][2][N][GROUP]: what u adds to the state after the chunk */
    real *liquid, *dliquid; /* [p−1][GROUP] κ_q */
    real *product;          /* [T][B][GROUP] */
};

#define convolution_take     ISA_NAME(convolution_take)
#define convolution_forward  ISA_NAME(convolution_forward)
#define convolution_backward ISA_NAME(convolution_backward)
#define chunks_of            ISA_NAME(chunks_of)

struct convolution convolution_take(int states, int degree, int T, int B, struct scratch *scratch);

/* Of the sequence: the states between them are s[0] .. s[chunks]. */
int chunks_of(const struct convolution *conv);

/* v of u, and the states, from the first chunk's. */
void convolution_forward(const struct channels *channels, real elapsed, struct convolution *conv);

/* From dv and the final state's ds to du +=, the channels' gradients and the initial state's ds,
 * which is computed if the state may be other than 0. Computes the states again. */
void convolution_backward(struct channels *channels, real elapsed, struct convolution *conv);

#endif
