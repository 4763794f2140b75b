/* Diagonal state-space systems with the liquid term of Liquid-S4 (Hasani et al., ICLR 2023). For
 * each channel, with N complex states s whose conjugates are implied (so 2 Re):
 *
 *   δ = exp(log_dt)·Δ           Ā = exp(δA)           B̄ = (Ā − 1)/A · B           zero-order hold
 *   s ← Ā s + B̄ u
 *   v = 2 Re Σ_n C s + D u + Σ_{q=2..p} κ_q · u_t u_(t−1) … u_(t−q+1),      κ_q = 2 Re Σ_n C B̄^q
 *
 * Unrolling s ← (Ā + B̄ u) s + B̄ u gives a term C Ā^j B̄^q for each product of q neighbouring inputs;
 * κ_q is that of the present step alone, the paper's PB kernel.
 *
 * Channels are independent, so they are computed GROUP at a time, side by side, in loops of fixed
 * length that are whole vectors on every processor. Below, a complex row is [2][N][GROUP], real
 * parts first, and the gradient of a complex number x is ∂/∂re + i ∂/∂im, so that z = x y gives x
 * the gradient dz·ȳ. state_space_recurrence.h and state_space_convolution.h compute v of whole
 * sequences. */
#ifndef ENGINE_CELLS_STATE_SPACE_H
#define ENGINE_CELLS_STATE_SPACE_H

#include "engine/isa.h"
#include "engine/kernels.h"

enum { GROUP = 16 };

/* GROUP channels: parameters, and their gradients. */
struct channels {
    int states, degree;                             /* N, p */
    real *dt, *direct, *dlog_dt, *ddirect;          /* [GROUP] exp(log_dt), D */
    real *a, *inverse, *b, *c;                      /* [2][N][GROUP] A, 1/A, B, C */
    real *da, *db, *dc;                             /* [2][N][GROUP] */
    real *dz, *dbbar, *power, *next_power, *dpower; /* [2][N][GROUP] scratch */
};

static inline size_t complex_row(int states) {
    return 2 * (size_t)states * GROUP;
}

/* Where the parameters of all H channels, or their gradients, are. */
struct state_space_params {
    const real *log_dt, *log_a_real, *a_imag, *b, *c,
        *d; /* [H], [H][N] twice, [H][N][2] twice, [H] */
};

struct state_space_gradient {
    real *log_dt, *log_a_real, *a_imag, *b, *c, *d;
};

/* What a step of a given length does: complex rows of Ā, (Ā − 1)/A and B̄. */
struct discrete_step {
    real *abar, *hold, *bbar;
};

static inline size_t step_size(int states) {
    return 3 * complex_row(states);
}

static inline struct discrete_step discrete_step_at(int states, real *memory) {
    size_t row = complex_row(states);
    return (struct discrete_step){memory, memory + row, memory + 2 * row};
}

/* Inputs u [rows][GROUP] and earlier ones in front; the input before one is `width` rows up. The
 * kernels κ_q are [p−1][GROUP] for all rows or [p−1][rows][GROUP], one for each. */
struct liquid {
    int rows, width, degree;
    bool per_row;
    const real *u, *kernels;
    real *product; /* [rows][GROUP] scratch */
};

#define channels_take                ISA_NAME(channels_take)
#define channels_load                ISA_NAME(channels_load)
#define channels_add_gradient        ISA_NAME(channels_add_gradient)
#define complex_product              ISA_NAME(complex_product)
#define complex_product_backward     ISA_NAME(complex_product_backward)
#define read_out                     ISA_NAME(read_out)
#define read_out_backward            ISA_NAME(read_out_backward)
#define channels_discretise          ISA_NAME(channels_discretise)
#define channels_discretise_backward ISA_NAME(channels_discretise_backward)
#define liquid_kernels               ISA_NAME(liquid_kernels)
#define liquid_kernels_backward      ISA_NAME(liquid_kernels_backward)
#define liquid_forward               ISA_NAME(liquid_forward)
#define liquid_backward              ISA_NAME(liquid_backward)

struct channels channels_take(int states, int degree, struct scratch *scratch);

/* Loads `count` channels from channel `first` on; the lanes that are left compute zeros. Gradients
 * become 0. */
void channels_load(struct channels *channels, const struct state_space_params *from, int first,
                   int count);

/* The backward pass: adds the gradients to those of the parameters. */
void channels_add_gradient(const struct channels *channels, const struct state_space_gradient *to,
                           int first, int count);

/* z = x y, complex rows */
void complex_product(int states, const real *x, const real *y, real *z);

/* dx += factor · dz ȳ */
void complex_product_backward(int states, real factor, const real *dz, const real *y, real *dx);

/* values [GROUP] = 2 Re Σ_n C x */
void read_out(const struct channels *channels, const real *x, real *values);

/* dc +=, dx += from dvalues */
void read_out_backward(struct channels *channels, const real *x, const real *dvalues, real *dx);

/* Ā − 1 comes from e^re − 1 and the half angle, because small steps leave little of it. */
void channels_discretise(const struct channels *channels, real elapsed, struct discrete_step step);

/* Takes channels->dz, the gradient of δA that came through Ā, and channels->dbbar, that of B̄, back
 * to A, B and log_dt; delapsed [GROUP] = what each channel says of the elapsed time. */
void channels_discretise_backward(struct channels *channels, real elapsed,
                                  struct discrete_step step, real *delapsed);

/* κ_q [GROUP] for q = 2 .. p, `stride` numbers apart. */
void liquid_kernels(const struct channels *channels, struct discrete_step step, real *kernels,
                    size_t stride);

/* dc +=, channels->dbbar += */
void liquid_kernels_backward(struct channels *channels, struct discrete_step step,
                             const real *dkernels, size_t stride);

/* v [rows][GROUP] += the liquid term. */
void liquid_forward(const struct liquid *liquid, real *v);

/* du +=, the earlier ones too; dkernels =, of the shape of the kernels. */
void liquid_backward(const struct liquid *liquid, const real *dv, real *du, real *dkernels);

#endif
