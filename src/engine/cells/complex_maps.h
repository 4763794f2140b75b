/* The complex maps around a diagonal recurrence over N states that several state-space layers share
 * (Gupta et al. 2022; Orvieto et al. 2023): H channels u to the states' drive, and states to H
 * channels,
 *
 *   b = B u            v = Re(C s) + D ⊙ u
 *
 * for all steps at once, n = T·B rows. A complex row [2N] holds the real parts, then the imaginary
 * ones, so that each map is one real matrix product with
 *
 *   packed_b [2N][H] = [Re B; Im B]            packed_c [H][2N] = [Re C, −Im C]
 *
 * Gradients of a complex row are those by its 2N real numbers. */
#ifndef ENGINE_CELLS_COMPLEX_MAPS_H
#define ENGINE_CELLS_COMPLEX_MAPS_H

#include "engine/isa.h"
#include "engine/kernels.h"

/* Where a complex matrix is among the parameters: its numbers `stride` apart, 2 where both
 * parts of a number are neighbours. */
struct complex_matrix {
    size_t re, im, stride;
};

struct complex_maps {
    int channels, states;       /* H, N */
    struct complex_matrix b, c; /* [N][H], [H][N] */
    size_t direct;              /* D [H] */
    real *packed_b, *packed_c;
    real *dpacked; /* [2NH] backward only */
};

#define complex_maps_take         ISA_NAME(complex_maps_take)
#define complex_maps_prepare      ISA_NAME(complex_maps_prepare)
#define complex_drive             ISA_NAME(complex_drive)
#define complex_read_out          ISA_NAME(complex_read_out)
#define complex_read_out_backward ISA_NAME(complex_read_out_backward)
#define complex_drive_backward    ISA_NAME(complex_drive_backward)
#define complex_maps_flops        ISA_NAME(complex_maps_flops)

void complex_maps_take(struct complex_maps *maps, enum phase phase, struct scratch *scratch);

void complex_maps_prepare(const struct complex_maps *maps, const real *params);

/* b [n][2N] from u [n][H]. */
void complex_drive(const struct complex_maps *maps, int n, const real *u, real *b);

/* v [n][H] from states s [n][2N] and u [n][H]. */
void complex_read_out(const struct complex_maps *maps, const real *params, int n, const real *s,
                      const real *u, real *v);

/* ds [n][2N] =, du [n][H] = its part through D, from dv [n][H]; gradients of C and D +=. */
void complex_read_out_backward(const struct complex_maps *maps, const real *params, int n,
                               const real *s, const real *u, const real *dv, real *ds, real *du,
                               real *gradient);

/* du [n][H] += from db [n][2N]; the gradient of B +=. */
void complex_drive_backward(const struct complex_maps *maps, int n, const real *u, const real *db,
                            real *du, real *gradient);

/* Of both maps, one step. */
double complex_maps_flops(double H, double N);

#endif
