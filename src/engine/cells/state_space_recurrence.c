#include "engine/cells/state_space_recurrence.h"

struct group_stream stream_take(int states, int degree, int T, struct scratch *scratch) {
    size_t steps = (size_t)T, row = complex_row(states), earlier = (size_t)degree - 1;
    return (struct group_stream){
        .u = scratch_take(scratch, (earlier + steps) * GROUP),
        .du = scratch_take(scratch, (earlier + steps) * GROUP),
        .elapsed = scratch_take(scratch, steps),
        .delapsed = scratch_take(scratch, steps * GROUP),
        .v = scratch_take(scratch, steps * GROUP),
        .dv = scratch_take(scratch, steps * GROUP),
        .step = scratch_take(scratch, steps * step_size(states)),
        .s = scratch_take(scratch, (steps + 1) * row),
        .ds = scratch_take(scratch, row),
        .kernels = scratch_take(scratch, earlier * steps * GROUP),
        .dkernels = scratch_take(scratch, earlier * steps * GROUP),
        .product = scratch_take(scratch, steps * GROUP),
    };
}

static struct liquid stream_liquid(const struct channels *channels,
                                   const struct group_stream *stream) {
    return (struct liquid){
        .rows = stream->steps,
        .width = 1,
        .degree = channels->degree,
        .per_row = true,
        .u = stream->u + (channels->degree - 1) * GROUP,
        .kernels = stream->kernels,
        .product = stream->product,
    };
}

/* after = Ā s + B̄ u */
static void channels_advance(int states, struct discrete_step step, const real *u, const real *s,
                             real *after) {
    int all = states * GROUP;
    for (int n = 0; n < states; n++, s += GROUP, after += GROUP) {
        const real *abar = step.abar + n * GROUP, *bbar = step.bbar + n * GROUP;
#pragma omp simd
        for (int l = 0; l < GROUP; l++) {
            after[l] = abar[l] * s[l] - abar[all + l] * s[all + l] + bbar[l] * u[l];
            after[all + l] = abar[l] * s[all + l] + abar[all + l] * s[l] + bbar[all + l] * u[l];
        }
    }
}

/* ds comes in as the gradient of `after` and leaves as that of s; du += ; leaves the gradients of
 * δA through Ā and of B̄, added, in channels->dz and channels->dbbar. */
static void channels_advance_backward(struct channels *channels, struct discrete_step step,
                                      const real *u, const real *s, real *ds, real *du) {
    int N = channels->states, all = N * GROUP;
    real du_sum[GROUP] = {0};
    for (int n = 0; n < N; n++) {
        int at = n * GROUP;
        const real *abar = step.abar + at, *bbar = step.bbar + at, *own = s + at;
        real *g = ds + at, *dz = channels->dz + at, *dbbar = channels->dbbar + at;
#pragma omp simd
        for (int l = 0; l < GROUP; l++) {
            real re = g[l], im = g[all + l];
            dbbar[l] += re * u[l];
            dbbar[all + l] += im * u[l];
            du_sum[l] += re * bbar[l] + im * bbar[all + l];
            real before_re = re * abar[l] + im * abar[all + l];
            real before_im = im * abar[l] - re * abar[all + l];
            dz[l] += before_re * own[l] + before_im * own[all + l];
            dz[all + l] += before_im * own[l] - before_re * own[all + l];
            g[l] = before_re;
            g[all + l] = before_im;
        }
    }
    add(GROUP, du_sum, du);
}

/* Whether step t is as long as the one before. */
static bool continues_run(const struct group_stream *stream, int t) {
    return t > 0 && stream->elapsed[t] == stream->elapsed[t - 1];
}

void stream_forward(const struct channels *channels, struct group_stream *stream) {
    size_t row = complex_row(channels->states), all = (size_t)stream->steps * GROUP;
    const real *u = stream->u + (channels->degree - 1) * GROUP;
    real *memory = stream->step;
    struct discrete_step step = {0};
    for (int t = 0; t < stream->steps; t++, u += GROUP) {
        real *s = stream->s + row * (size_t)t, *v = stream->v + t * GROUP;
        real *kernels = stream->kernels + t * GROUP;
        if (!continues_run(stream, t)) {
            step = discrete_step_at(channels->states, memory);
            memory += step_size(channels->states);
            channels_discretise(channels, stream->elapsed[t], step);
            liquid_kernels(channels, step, kernels, all);
        } else {
            for (int q = 2; q <= channels->degree; q++, kernels += all)
                copy(GROUP, kernels - GROUP, kernels);
        }
        channels_advance(channels->states, step, u, s, s + row);
        read_out(channels, s + row, v);
        for (int l = 0; l < GROUP; l++)
            v[l] += channels->direct[l] * u[l];
    }
    struct liquid liquid = stream_liquid(channels, stream);
    liquid_forward(&liquid, stream->v);
}

void stream_backward(struct channels *channels, struct group_stream *stream) {
    size_t row = complex_row(channels->states), all = (size_t)stream->steps * GROUP;
    int earlier = (channels->degree - 1) * GROUP, runs = 0;
    struct liquid liquid = stream_liquid(channels, stream);
    liquid_backward(&liquid, stream->dv, stream->du + earlier, stream->dkernels);
    for (int t = 0; t < stream->steps; t++)
        runs += !continues_run(stream, t);
    zero(row, channels->dz);
    zero(row, channels->dbbar);
    for (int t = stream->steps; t-- > 0;) {
        real *memory = stream->step + step_size(channels->states) * (size_t)(runs - 1);
        struct discrete_step step = discrete_step_at(channels->states, memory);
        const real *u = stream->u + earlier + t * GROUP, *s = stream->s + row * (size_t)t;
        const real *dv = stream->dv + t * GROUP;
        real *du = stream->du + earlier + t * GROUP, *dkernels = stream->dkernels + t * GROUP;
#pragma omp simd
        for (int l = 0; l < GROUP; l++) {
            channels->ddirect[l] += dv[l] * u[l];
            du[l] += dv[l] * channels->direct[l];
        }
        read_out_backward(channels, s + row, dv, stream->ds);
        channels_advance_backward(channels, step, u, s, stream->ds, du);
        if (continues_run(stream, t) && !stream->wants_elapsed) { /* the step's share waits */
            for (int q = 2; q <= channels->degree; q++, dkernels += all)
                add(GROUP, dkernels, dkernels - GROUP);
            continue;
        }
        liquid_kernels_backward(channels, step, dkernels, all);
        channels_discretise_backward(channels, stream->elapsed[t], step,
                                     stream->delapsed + t * GROUP);
        zero(row, channels->dz);
        zero(row, channels->dbbar);
        runs -= !continues_run(stream, t);
    }
}
