#include "engine/cells/complex_maps.h"

#include "math/matmul.h"

void complex_maps_take(struct complex_maps *maps, enum phase phase, struct scratch *scratch) {
    size_t size = 2 * (size_t)maps->channels * (size_t)maps->states;
    maps->packed_b = scratch_take(scratch, size);
    maps->packed_c = scratch_take(scratch, size);
    if (phase == PHASE_TRAIN)
        maps->dpacked = scratch_take(scratch, size);
}

void complex_maps_prepare(const struct complex_maps *maps, const real *params) {
    size_t H = (size_t)maps->channels, N = (size_t)maps->states;
    for (size_t i = 0; i < N * H; i++) {
        maps->packed_b[i] = params[maps->b.re + i * maps->b.stride];
        maps->packed_b[N * H + i] = params[maps->b.im + i * maps->b.stride];
    }
    for (size_t h = 0; h < H; h++)
        for (size_t i = 0; i < N; i++) {
            size_t at = (h * N + i) * maps->c.stride;
            maps->packed_c[2 * h * N + i] = params[maps->c.re + at];
            maps->packed_c[(2 * h + 1) * N + i] = -params[maps->c.im + at];
        }
}

void complex_drive(const struct complex_maps *maps, int n, const real *u, real *b) {
    int H = maps->channels, N = maps->states;
    matmul_nt(n, 2 * N, H, u, H, maps->packed_b, H, b, 2 * N, false);
}

void complex_read_out(const struct complex_maps *maps, const real *params, int n, const real *s,
                      const real *u, real *v) {
    int H = maps->channels, N = maps->states;
    const real *direct = params + maps->direct;
    for (int row = 0; row < n; row++)
        for (int h = 0; h < H; h++)
            v[row * H + h] = direct[h] * u[row * H + h];
    matmul_nt(n, H, 2 * N, s, 2 * N, maps->packed_c, 2 * N, v, H, true);
}

void complex_read_out_backward(const struct complex_maps *maps, const real *params, int n,
                               const real *s, const real *u, const real *dv, real *ds, real *du,
                               real *gradient) {
    int H = maps->channels, N = maps->states;
    const real *direct = params + maps->direct;
    real *ddirect = gradient + maps->direct;
    for (int row = 0; row < n; row++)
        for (int h = 0; h < H; h++) {
            ddirect[h] += dv[row * H + h] * u[row * H + h];
            du[row * H + h] = direct[h] * dv[row * H + h];
        }
    matmul_nn(n, 2 * N, H, dv, H, maps->packed_c, 2 * N, ds, 2 * N, false);
    matmul_tn(H, 2 * N, n, dv, H, s, 2 * N, maps->dpacked, 2 * N, false);
    for (int h = 0; h < H; h++)
        for (int i = 0; i < N; i++) {
            size_t at = (size_t)(h * N + i) * maps->c.stride;
            gradient[maps->c.re + at] += maps->dpacked[2 * h * N + i];
            gradient[maps->c.im + at] -= maps->dpacked[(2 * h + 1) * N + i];
        }
}

void complex_drive_backward(const struct complex_maps *maps, int n, const real *u, const real *db,
                            real *du, real *gradient) {
    int H = maps->channels, N = maps->states;
    size_t size = (size_t)N * (size_t)H;
    matmul_nn(n, H, 2 * N, db, 2 * N, maps->packed_b, H, du, H, true);
    matmul_tn(2 * N, H, n, db, 2 * N, u, H, maps->dpacked, H, false);
    for (size_t i = 0; i < size; i++) {
        gradient[maps->b.re + i * maps->b.stride] += maps->dpacked[i];
        gradient[maps->b.im + i * maps->b.stride] += maps->dpacked[size + i];
    }
}

double complex_maps_flops(double H, double N) {
    return 2 * 4 * H * N + 2 * H;
}
