#include "engine/cells/state_space.h"

#include "math/pointwise.h"

struct channels channels_take(int states, int degree, struct scratch *scratch) {
    size_t row = complex_row(states);
    return (struct channels){
        .states = states,
        .degree = degree,
        .dt = scratch_take(scratch, GROUP),
        .direct = scratch_take(scratch, GROUP),
        .dlog_dt = scratch_take(scratch, GROUP),
        .ddirect = scratch_take(scratch, GROUP),
        .a = scratch_take(scratch, row),
        .inverse = scratch_take(scratch, row),
        .b = scratch_take(scratch, row),
        .c = scratch_take(scratch, row),
        .da = scratch_take(scratch, row),
        .db = scratch_take(scratch, row),
        .dc = scratch_take(scratch, row),
        .dz = scratch_take(scratch, row),
        .dbbar = scratch_take(scratch, row),
        .power = scratch_take(scratch, row),
        .next_power = scratch_take(scratch, row),
        .dpower = scratch_take(scratch, row),
    };
}

void channels_load(struct channels *channels, const struct state_space_params *from, int first,
                   int count) {
    int N = channels->states, all = N * GROUP;
    for (int l = 0; l < GROUP; l++) {
        bool used = l < count;
        channels->dt[l] = used ? real_exp(from->log_dt[first + l]) : 1;
        channels->direct[l] = used ? from->d[first + l] : 0;
        for (int n = 0; n < N; n++) {
            int i = n * GROUP + l, own = (first + l) * N + n;
            channels->a[i] = used ? -real_exp(from->log_a_real[own]) : -1;
            channels->a[all + i] = used ? from->a_imag[own] : 0;
            channels->b[i] = used ? from->b[2 * own] : 0;
            channels->b[all + i] = used ? from->b[2 * own + 1] : 0;
            channels->c[i] = used ? from->c[2 * own] : 0;
            channels->c[all + i] = used ? from->c[2 * own + 1] : 0;
        }
    }
#pragma omp simd
    for (int i = 0; i < all; i++) {
        real re = channels->a[i], im = channels->a[all + i], size = re * re + im * im;
        channels->inverse[i] = re / size;
        channels->inverse[all + i] = -im / size;
    }
    zero(GROUP, channels->dlog_dt);
    zero(GROUP, channels->ddirect);
    zero(complex_row(N), channels->da);
    zero(complex_row(N), channels->db);
    zero(complex_row(N), channels->dc);
}

void channels_add_gradient(const struct channels *channels, const struct state_space_gradient *to,
                           int first, int count) {
    int N = channels->states, all = N * GROUP;
    for (int l = 0; l < count; l++) {
        to->log_dt[first + l] += channels->dlog_dt[l];
        to->d[first + l] += channels->ddirect[l];
        for (int n = 0; n < N; n++) {
            int i = n * GROUP + l, own = (first + l) * N + n;
            to->log_a_real[own] += channels->da[i] * channels->a[i];
            to->a_imag[own] += channels->da[all + i];
            to->b[2 * own] += channels->db[i];
            to->b[2 * own + 1] += channels->db[all + i];
            to->c[2 * own] += channels->dc[i];
            to->c[2 * own + 1] += channels->dc[all + i];
        }
    }
}

void complex_product(int states, const real *x, const real *y, real *z) {
    int all = states * GROUP;
#pragma omp simd
    for (int i = 0; i < all; i++) {
        real re = x[i] * y[i] - x[all + i] * y[all + i];
        real im = x[i] * y[all + i] + x[all + i] * y[i];
        z[i] = re;
        z[all + i] = im;
    }
}

void complex_product_backward(int states, real factor, const real *dz, const real *y, real *dx) {
    int all = states * GROUP;
#pragma omp simd
    for (int i = 0; i < all; i++) {
        dx[i] += factor * (dz[i] * y[i] + dz[all + i] * y[all + i]);
        dx[all + i] += factor * (dz[all + i] * y[i] - dz[i] * y[all + i]);
    }
}

void read_out(const struct channels *channels, const real *x, real *values) {
    int N = channels->states, all = N * GROUP;
    real sum[GROUP] = {0};
    for (int n = 0; n < N; n++) {
        const real *c = channels->c + n * GROUP, *own = x + n * GROUP;
#pragma omp simd
        for (int l = 0; l < GROUP; l++)
            sum[l] += c[l] * own[l] - c[all + l] * own[all + l];
    }
#pragma omp simd
    for (int l = 0; l < GROUP; l++)
        values[l] = 2 * sum[l];
}

void read_out_backward(struct channels *channels, const real *x, const real *dvalues, real *dx) {
    int N = channels->states, all = N * GROUP;
    for (int n = 0; n < N; n++, x += GROUP, dx += GROUP) {
        const real *c = channels->c + n * GROUP;
        real *dc = channels->dc + n * GROUP;
#pragma omp simd
        for (int l = 0; l < GROUP; l++) {
            dc[l] += 2 * dvalues[l] * x[l];
            dc[all + l] -= 2 * dvalues[l] * x[all + l];
            dx[l] += 2 * dvalues[l] * c[l];
            dx[all + l] -= 2 * dvalues[l] * c[all + l];
        }
    }
}

/* --- zero-order hold ------------------------------------------------------------------------- */

void channels_discretise(const struct channels *channels, real elapsed, struct discrete_step step) {
    int N = channels->states, all = N * GROUP;
    for (int n = 0; n < N; n++) {
        const real *a = channels->a + n * GROUP, *inverse = channels->inverse + n * GROUP;
        const real *b = channels->b + n * GROUP;
        real *abar = step.abar + n * GROUP, *hold = step.hold + n * GROUP;
        real *bbar = step.bbar + n * GROUP;
#pragma omp simd
        for (int l = 0; l < GROUP; l++) {
            real delta = channels->dt[l] * elapsed, half = REAL(0.5) * delta * a[all + l];
            real sine = real_sin(half), cosine = real_cos(half);
            real grown = real_expm1(delta * a[l]), twice = 2 * sine * sine;
            real re = grown * (1 - twice) - twice, im = (1 + grown) * 2 * sine * cosine;
            real hold_re = re * inverse[l] - im * inverse[all + l];
            real hold_im = re * inverse[all + l] + im * inverse[l];
            abar[l] = 1 + re;
            abar[all + l] = im;
            hold[l] = hold_re;
            hold[all + l] = hold_im;
            bbar[l] = hold_re * b[l] - hold_im * b[all + l];
            bbar[all + l] = hold_re * b[all + l] + hold_im * b[l];
        }
    }
}

void channels_discretise_backward(struct channels *channels, real elapsed,
                                  struct discrete_step step, real *delapsed) {
    int N = channels->states, all = N * GROUP;
    real ddelta[GROUP] = {0};
    for (int n = 0; n < N; n++) {
        int at = n * GROUP;
        const real *a = channels->a + at, *inverse = channels->inverse + at, *b = channels->b + at;
        const real *dz = channels->dz + at, *g = channels->dbbar + at;
        const real *abar = step.abar + at, *hold = step.hold + at;
        real *da = channels->da + at, *db = channels->db + at;
#pragma omp simd
        for (int l = 0; l < GROUP; l++) {
            real delta = channels->dt[l] * elapsed;
            db[l] += g[l] * hold[l] + g[all + l] * hold[all + l];
            db[all + l] += g[all + l] * hold[l] - g[l] * hold[all + l];
            real h_re = g[l] * b[l] + g[all + l] * b[all + l];
            real h_im = g[all + l] * b[l] - g[l] * b[all + l];
            /* Of Ā − 1 in (Ā − 1)/A. */
            real e_re = h_re * inverse[l] + h_im * inverse[all + l];
            real e_im = h_im * inverse[l] - h_re * inverse[all + l];
            real z_re = dz[l] + e_re * abar[l] + e_im * abar[all + l];
            real z_im = dz[all + l] + e_im * abar[l] - e_re * abar[all + l];
            da[l] += delta * z_re - (e_re * hold[l] + e_im * hold[all + l]);
            da[all + l] += delta * z_im - (e_im * hold[l] - e_re * hold[all + l]);
            ddelta[l] += z_re * a[l] + z_im * a[all + l];
        }
    }
#pragma omp simd
    for (int l = 0; l < GROUP; l++) {
        channels->dlog_dt[l] += ddelta[l] * channels->dt[l] * elapsed;
        delapsed[l] = ddelta[l] * channels->dt[l];
    }
}

/* --- the liquid term ------------------------------------------------------------------------- */

void liquid_kernels(const struct channels *channels, struct discrete_step step, real *kernels,
                    size_t stride) {
    real *power = channels->power;
    copy(complex_row(channels->states), step.bbar, power);
    for (int q = 2; q <= channels->degree; q++, kernels += stride) {
        complex_product(channels->states, power, step.bbar, power);
        read_out(channels, power, kernels);
    }
}

void liquid_kernels_backward(struct channels *channels, struct discrete_step step,
                             const real *dkernels, size_t stride) {
    int N = channels->states;
    real *power = channels->power, *next = channels->next_power, *dnext = channels->dpower;
    copy(complex_row(N), step.bbar, power);
    for (int q = 2; q <= channels->degree; q++, dkernels += stride) {
        complex_product(N, power, step.bbar, next);
        zero(complex_row(N), dnext);
        read_out_backward(channels, next, dkernels, dnext);
        complex_product_backward(N, (real)q, dnext, power,
                                 channels->dbbar); /* dB̄^q = q B̄^(q−1) dB̄ */
        real *swapped = power;
        power = next;
        next = swapped;
    }
}

static size_t liquid_size(const struct liquid *liquid) {
    return (size_t)liquid->rows * GROUP;
}

/* product ⊙= the inputs `back` steps earlier */
static void multiply_earlier(const struct liquid *liquid, int back) {
    const real *earlier = liquid->u - back * liquid->width * GROUP;
    size_t n = liquid_size(liquid);
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        liquid->product[i] *= earlier[i];
}

/* to [rows][GROUP] (+)= from ⊙ κ_q */
static void multiply_kernel(const struct liquid *liquid, int q, const real *from, bool added,
                            real *to) {
    const real *kernel =
        liquid->kernels + (size_t)(q - 2) * (liquid->per_row ? liquid_size(liquid) : GROUP);
    for (int row = 0; row < liquid->rows; row++, from += GROUP, to += GROUP) {
#pragma omp simd
        for (int l = 0; l < GROUP; l++)
            to[l] = (added ? to[l] : 0) + from[l] * kernel[l];
        kernel += liquid->per_row ? GROUP : 0;
    }
}

void liquid_forward(const struct liquid *liquid, real *v) {
    copy(liquid_size(liquid), liquid->u, liquid->product);
    for (int q = 2; q <= liquid->degree; q++) {
        multiply_earlier(liquid, q - 1);
        multiply_kernel(liquid, q, liquid->product, true, v);
    }
}

void liquid_backward(const struct liquid *liquid, const real *dv, real *du, real *dkernels) {
    size_t n = liquid_size(liquid);
    for (int q = 2; q <= liquid->degree; q++) {
        for (int leave = 0; leave < q; leave++) {
            multiply_kernel(liquid, q, dv, false, liquid->product);
            for (int back = 0; back < q; back++)
                if (back != leave)
                    multiply_earlier(liquid, back);
            add(n, liquid->product, du - leave * liquid->width * GROUP);
        }
        copy(n, dv, liquid->product);
        for (int back = 0; back < q; back++)
            multiply_earlier(liquid, back);
        if (liquid->per_row) {
            copy(n, liquid->product, dkernels + (size_t)(q - 2) * n);
        } else {
            zero(GROUP, dkernels + (q - 2) * GROUP);
            add_column_sums((size_t)liquid->rows, GROUP, liquid->product,
                            dkernels + (q - 2) * GROUP);
        }
    }
}
