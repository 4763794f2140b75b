/* State-space systems step by step: one stream at a time over its present steps, for any elapsed
 * times and masks. Equations in engine/cells/state_space.h. */
#ifndef ENGINE_CELLS_STATE_SPACE_RECURRENCE_H
#define ENGINE_CELLS_STATE_SPACE_RECURRENCE_H

#include "engine/cells/state_space.h"

/* The present steps of one stream in GROUP channels. */
struct group_stream {
    int steps;                /* at most T */
    bool wants_elapsed;       /* whether stream_backward() is to fill delapsed */
    real *u, *du;             /* [p−1 + T][GROUP]: earlier inputs first, the oldest in front */
    real *elapsed, *delapsed; /* [T], [T][GROUP] */
    real *v, *dv;             /* [T][GROUP] */
    real *step;               /* struct discrete_step, one for each run of equal elapsed times */
    real *s, *ds;             /* [T+1][2][N][GROUP], [2][N][GROUP] */
    real *kernels, *dkernels; /* [p−1][steps][GROUP] */
    real *product;            /* [T][GROUP] */
};

#define stream_take     ISA_NAME(stream_take)
#define stream_forward  ISA_NAME(stream_forward)
#define stream_backward ISA_NAME(stream_backward)

struct group_stream stream_take(int states, int degree, int T, struct scratch *scratch);

/* v of all steps, from the state s[0]. */
void stream_forward(const struct channels *channels, struct group_stream *stream);

/* Follows stream_forward(): from dv and the final state's ds to du +=, delapsed = on request, the
 * channels' gradients and the initial state's ds. */
void stream_backward(struct channels *channels, struct group_stream *stream);

#endif
