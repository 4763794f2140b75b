#include "engine/cells/state_space_convolution.h"

#include <stddef.h>

enum { LONGEST_CHUNK = 32 };

struct convolution convolution_take(int states, int degree, int T, int B, struct scratch *scratch) {
    int length = T < LONGEST_CHUNK ? T : LONGEST_CHUNK;
    size_t row = complex_row(states), L = (size_t)length, rows = (size_t)T * (size_t)B * GROUP;
    size_t all = rows + (size_t)(degree - 1) * (size_t)B * GROUP;
    size_t chunks = ((size_t)T + L - 1) / L, kernels = (size_t)(degree - 1) * GROUP;
    return (struct convolution){
        .steps = T,
        .batch = B,
        .length = length,
        .u = scratch_take(scratch, all),
        .du = scratch_take(scratch, all),
        .v = scratch_take(scratch, rows),
        .dv = scratch_take(scratch, rows),
        .s = scratch_take(scratch, (chunks + 1) * row * (size_t)B),
        .ds = scratch_take(scratch, row * (size_t)B),
        .step = scratch_take(scratch, step_size(states)),
        .powers = scratch_take(scratch, (L + 1) * row),
        .dpowers = scratch_take(scratch, (L + 1) * row),
        .kernel = scratch_take(scratch, L * GROUP),
        .dkernel = scratch_take(scratch, L * GROUP),
        .read = scratch_take(scratch, L * row),
        .dread = scratch_take(scratch, L * row),
        .write = scratch_take(scratch, L * row),
        .dwrite = scratch_take(scratch, L * row),
        .liquid = scratch_take(scratch, kernels),
        .dliquid = scratch_take(scratch, kernels),
        .product = scratch_take(scratch, rows),
    };
}

int chunks_of(const struct convolution *conv) {
    return (conv->steps + conv->length - 1) / conv->length;
}

static int chunk_length(const struct convolution *conv, int chunk) {
    int rest = conv->steps - chunk * conv->length;
    return rest < conv->length ? rest : conv->length;
}

/* Whether chunk number `chunk` begins with a state other than 0; chunk number chunks_of(): whether
 * the final state is wanted. */
static bool begins_with_state(const struct convolution *conv, int chunk) {
    return chunk == 0 ? conv->has_state : chunk == chunks_of(conv) ? conv->has_after : true;
}

static void convolution_tables(const struct channels *channels, real elapsed,
                               struct convolution *conv) {
    int N = channels->states, L = conv->length;
    size_t row = complex_row(N);
    struct discrete_step step = discrete_step_at(N, conv->step);
    channels_discretise(channels, elapsed, step);
    liquid_kernels(channels, step, conv->liquid, GROUP);
    fill_constant(1, row / 2, conv->powers);
    zero(row / 2, conv->powers + row / 2);
    for (int j = 0; j < L; j++) {
        real *power = conv->powers + row * (size_t)j, *read = conv->read + row * (size_t)j;
        real *write = conv->write + row * (size_t)(L - 1 - j);
        complex_product(N, power, step.bbar, write);
        read_out(channels, write, conv->kernel + j * GROUP);
        complex_product(N, power, step.abar, power + row);
        complex_product(N, power + row, channels->c, read);
#pragma omp simd
        for (size_t i = 0; i < row / 2; i++) {
            read[i] = 2 * read[i];
            read[row / 2 + i] = -2 * read[row / 2 + i];
        }
    }
}

/* Takes the tables' gradients back to the channels'. */
static void convolution_tables_backward(struct channels *channels, real elapsed,
                                        struct convolution *conv) {
    int N = channels->states, L = conv->length;
    size_t row = complex_row(N);
    struct discrete_step step = discrete_step_at(N, conv->step);
    real unused[GROUP];
    zero(row, channels->dz);
    zero(row, channels->dbbar);
    for (int j = 0; j < L; j++) {
        const real *power = conv->powers + row * (size_t)j;
        size_t at = row * (size_t)(L - 1 - j);
        real *dread = conv->dread + row * (size_t)j, *dpower = conv->dpowers + row * (size_t)j;
        read_out_backward(channels, conv->write + at, conv->dkernel + j * GROUP, conv->dwrite + at);
        complex_product_backward(N, 1, conv->dwrite + at, power, channels->dbbar);
        complex_product_backward(N, 1, conv->dwrite + at, step.bbar, dpower);
#pragma omp simd
        for (size_t i = 0; i < row / 2; i++) {
            dread[i] = 2 * dread[i];
            dread[row / 2 + i] = -2 * dread[row / 2 + i];
        }
        complex_product_backward(N, 1, dread, power + row, channels->dc);
        complex_product_backward(N, 1, dread, channels->c, dpower + row);
    }
    for (int j = 1; j <= L; j++) /* Ā^j = exp(j δA) */
        complex_product_backward(N, (real)j, conv->dpowers + row * (size_t)j,
                                 conv->powers + row * (size_t)j, channels->dz);
    liquid_kernels_backward(channels, step, conv->dliquid, GROUP);
    channels_discretise_backward(channels, elapsed, step, unused);
}

/* `count` arrays of rows of GROUP numbers, `stride` numbers apart. */
struct rows {
    const real *first;
    ptrdiff_t stride;
};

static struct rows rows_from(const struct rows *rows, int position) {
    return (struct rows){rows->first + position * rows->stride, rows->stride};
}

/* to [rows][GROUP] += Σ_k factor_k [GROUP] ⊙ from_k [rows][GROUP], for four k: more multiplications
 * for each number that is loaded and stored. */
static void add_four(int rows, struct rows factor, struct rows from, real *restrict to) {
    const real *x = from.first;
    const real *f0 = factor.first, *f1 = f0 + factor.stride, *f2 = f1 + factor.stride,
               *f3 = f2 + factor.stride;
    ptrdiff_t stride = from.stride;
    for (int row = 0; row < rows; row++, x += GROUP, to += GROUP) {
#pragma omp simd
        for (int l = 0; l < GROUP; l++)
            to[l] += (f0[l] * x[l] + f1[l] * x[stride + l]) +
                     (f2[l] * x[2 * stride + l] + f3[l] * x[3 * stride + l]);
    }
}

/* to [rows][GROUP] += Σ_k factor_k [GROUP] ⊙ from_k [rows][GROUP], k < count */
static void add_scaled(int count, int rows, struct rows factor, struct rows from,
                       real *restrict to) {
    int k = 0;
    for (; k + 4 <= count; k += 4)
        add_four(rows, rows_from(&factor, k), rows_from(&from, k), to);
    for (; k < count; k++) {
        const real *f = rows_from(&factor, k).first, *x = rows_from(&from, k).first;
        for (int row = 0; row < rows; row++) {
#pragma omp simd
            for (int l = 0; l < GROUP; l++)
                to[row * GROUP + l] += f[l] * x[row * GROUP + l];
        }
    }
}

/* sum_k [GROUP] += Σ_rows x ⊙ y_k, for four sums `stride` apart. */
static void sum_four(int rows, const real *x, struct rows y, real *sum, ptrdiff_t stride) {
    real own[4][GROUP] = {{0}};
    const real *from = y.first;
    for (int row = 0; row < rows; row++, x += GROUP, from += GROUP) {
#pragma omp simd
        for (int l = 0; l < GROUP; l++) {
            own[0][l] += x[l] * from[l];
            own[1][l] += x[l] * from[y.stride + l];
            own[2][l] += x[l] * from[2 * y.stride + l];
            own[3][l] += x[l] * from[3 * y.stride + l];
        }
    }
    for (int k = 0; k < 4; k++)
        add(GROUP, own[k], sum + k * stride);
}

/* sum_k [GROUP] += Σ_rows x [rows][GROUP] ⊙ y_k [rows][GROUP], k < count; sums `stride` apart. */
static void add_sums(int count, int rows, const real *x, struct rows y, real *sum,
                     ptrdiff_t stride) {
    int k = 0;
    for (; k + 4 <= count; k += 4)
        sum_four(rows, x, rows_from(&y, k), sum + k * stride, stride);
    for (; k < count; k++) {
        const real *own = rows_from(&y, k).first;
        for (int row = 0; row < rows; row++) {
#pragma omp simd
            for (int l = 0; l < GROUP; l++)
                sum[k * stride + l] += x[row * GROUP + l] * own[row * GROUP + l];
        }
    }
}

/* after [2][N][B][GROUP] += power [2][N][GROUP] s */
static void carry(int states, int batch, const real *power, const real *s, real *after) {
    size_t all = (size_t)states * GROUP, part = all * (size_t)batch;
    for (int n = 0; n < states; n++, power += GROUP) {
        for (int b = 0; b < batch; b++, s += GROUP, after += GROUP) {
#pragma omp simd
            for (int l = 0; l < GROUP; l++) {
                after[l] += power[l] * s[l] - power[all + l] * s[part + l];
                after[part + l] += power[l] * s[part + l] + power[all + l] * s[l];
            }
        }
    }
}

/* ds comes in as the gradient of carry()'s `after` and leaves as that of s; dpower += */
static void carry_backward(int states, int batch, const real *power, const real *s, real *ds,
                           real *dpower) {
    size_t all = (size_t)states * GROUP, part = all * (size_t)batch;
    for (int n = 0; n < states; n++, power += GROUP, dpower += GROUP) {
        for (int b = 0; b < batch; b++, s += GROUP, ds += GROUP) {
#pragma omp simd
            for (int l = 0; l < GROUP; l++) {
                real re = ds[l], im = ds[part + l];
                dpower[l] += re * s[l] + im * s[part + l];
                dpower[all + l] += im * s[l] - re * s[part + l];
                ds[l] = re * power[l] + im * power[all + l];
                ds[part + l] = im * power[l] - re * power[all + l];
            }
        }
    }
}

/* The state at the start of each chunk but the first, whose is given, and after the last one. */
static void convolution_states(const struct channels *channels, struct convolution *conv) {
    int N = channels->states, B = conv->batch, L = conv->length, width = B * GROUP;
    size_t row = complex_row(N), size = row * (size_t)B;
    const real *u = conv->u + (channels->degree - 1) * width;
    for (int chunk = 0; chunk < chunks_of(conv) && begins_with_state(conv, chunk + 1); chunk++) {
        int length = chunk_length(conv, chunk);
        real *s = conv->s + size * (size_t)chunk, *after = s + size;
        zero(size, after);
        if (begins_with_state(conv, chunk))
            carry(N, B, conv->powers + row * (size_t)length, s, after);
        for (int n = 0; n < 2 * N; n++) {
            const real *write = conv->write + row * (size_t)(L - length) + n * GROUP;
            add_scaled(length, B, (struct rows){write, (ptrdiff_t)row}, (struct rows){u, width},
                       after + n * width);
        }
        u += length * width;
    }
}

static struct liquid convolution_liquid(const struct channels *channels,
                                        const struct convolution *conv) {
    return (struct liquid){
        .rows = conv->steps * conv->batch,
        .width = conv->batch,
        .degree = channels->degree,
        .u = conv->u + (channels->degree - 1) * conv->batch * GROUP,
        .kernels = conv->liquid,
        .product = conv->product,
    };
}

void convolution_forward(const struct channels *channels, real elapsed, struct convolution *conv) {
    int N = channels->states, B = conv->batch, width = B * GROUP;
    size_t row = complex_row(N), all = (size_t)conv->steps * (size_t)width;
    const real *u = conv->u + (channels->degree - 1) * width, *s = conv->s;
    real *v = conv->v;
    convolution_tables(channels, elapsed, conv);
    convolution_states(channels, conv);
    zero(all, v);
    add_scaled(1, conv->steps * B, (struct rows){channels->direct, 0}, (struct rows){u, 0}, v);
    for (int chunk = 0; chunk < chunks_of(conv); chunk++, s += row * (size_t)B) {
        int length = chunk_length(conv, chunk);
        for (int j = 0; j < length; j++) {
            const real *read = conv->read + row * (size_t)j;
            add_scaled(j + 1, B, (struct rows){conv->kernel, GROUP},
                       (struct rows){u + j * width, -width}, v + j * width);
            if (begins_with_state(conv, chunk))
                add_scaled(2 * N, B, (struct rows){read, GROUP}, (struct rows){s, width},
                           v + j * width);
        }
        u += length * width;
        v += length * width;
    }
    struct liquid liquid = convolution_liquid(channels, conv);
    liquid_forward(&liquid, conv->v);
}

/* One chunk's part of convolution_backward(). */
static void chunk_backward(const struct channels *channels, int chunk, struct convolution *conv) {
    int N = channels->states, B = conv->batch, width = B * GROUP, L = conv->length;
    int length = chunk_length(conv, chunk);
    size_t row = complex_row(N), first = (size_t)(chunk * L) * (size_t)width;
    size_t earlier = (size_t)(channels->degree - 1) * (size_t)width;
    const real *u = conv->u + earlier + first, *dv = conv->dv + first;
    const real *s = conv->s + row * (size_t)B * (size_t)chunk;
    real *du = conv->du + earlier + first;
    for (int j = 0; j < length; j++) {
        add_sums(length - j, B, u + j * width, (struct rows){dv + j * width, width}, conv->dkernel,
                 GROUP);
        add_scaled(length - j, B, (struct rows){conv->kernel, GROUP},
                   (struct rows){dv + j * width, width}, du + j * width);
    }
    for (int j = 0; j < length && begins_with_state(conv, chunk + 1); j++) {
        size_t at = row * (size_t)(L - length + j);
        struct rows states = {conv->ds, width};
        add_scaled(2 * N, B, (struct rows){conv->write + at, GROUP}, states, du + j * width);
        add_sums(2 * N, B, u + j * width, states, conv->dwrite + at, GROUP);
    }
    if (!begins_with_state(conv, chunk))
        return;
    if (begins_with_state(conv, chunk + 1))
        carry_backward(N, B, conv->powers + row * (size_t)length, s, conv->ds,
                       conv->dpowers + row * (size_t)length);
    else
        zero(row * (size_t)B, conv->ds);
    for (int n = 0; n < 2 * N; n++)
        add_scaled(length, B, (struct rows){conv->read + n * GROUP, (ptrdiff_t)row},
                   (struct rows){dv, width}, conv->ds + n * width);
    for (int j = 0; j < length; j++)
        add_sums(2 * N, B, dv + j * width, (struct rows){s, width}, conv->dread + row * (size_t)j,
                 GROUP);
}

void convolution_backward(struct channels *channels, real elapsed, struct convolution *conv) {
    int rows = conv->steps * conv->batch, earlier = (channels->degree - 1) * conv->batch * GROUP;
    size_t row = complex_row(channels->states), L = (size_t)conv->length;
    convolution_tables(channels, elapsed, conv);
    convolution_states(channels, conv);
    zero((L + 1) * row, conv->dpowers);
    zero(L * GROUP, conv->dkernel);
    zero(L * row, conv->dread);
    zero(L * row, conv->dwrite);
    struct liquid liquid = convolution_liquid(channels, conv);
    liquid_backward(&liquid, conv->dv, conv->du + earlier, conv->dliquid);
    add_scaled(1, rows, (struct rows){channels->direct, 0}, (struct rows){conv->dv, 0},
               conv->du + earlier);
    add_sums(1, rows, conv->u + earlier, (struct rows){conv->dv, 0}, channels->ddirect, 0);
    for (int chunk = chunks_of(conv); chunk-- > 0;)
        chunk_backward(channels, chunk, conv);
    convolution_tables_backward(channels, elapsed, conv);
}
