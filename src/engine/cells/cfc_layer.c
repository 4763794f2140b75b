#include "engine/cells/cfc_layer.h"

#include "engine/activation.h"
#include "engine/dropout.h"
#include "engine/kernels.h"
#include "math/matmul.h"
#include "math/vector.h"

#include <math.h>
#include <stdio.h>

enum { MAX_STAGES = CFC_MAX_BACKBONE_LAYERS + 1 };

/* Tensors: the backbone's layers take 2·l and 2·l + 1 from BACKBONE on. */
enum {
    FF1_WEIGHT,
    FF2_WEIGHT,
    TIME_A_WEIGHT,
    TIME_B_WEIGHT,
    FF1_BIAS,
    FF2_BIAS,
    TIME_A_BIAS,
    TIME_B_BIAS,
    W_TAU,
    A,
    BACKBONE = CFC_LAYER_TENSORS
};

/* NULL: a plain cell, not a layer of a wired one. */
static const struct cfc_layer *layer_of(const struct cell *cell) {
    return cell->own;
}

static const struct backbone_options *backbone_of(const struct cell *cell) {
    static const struct backbone_options none = {.activation = TANH};
    return layer_of(cell) != NULL ? &none : &((const struct cfc_options *)cell->options)->backbone;
}

static bool has_mode(const struct cell *cell, enum cfc_mode mode) {
    return ((const struct cfc_options *)cell->options)->mode == (int)mode;
}

static bool is_hasani2022(const struct cell *cell) {
    return ((const struct cfc_options *)cell->options)->variant == CFC_HASANI2022;
}

/* The gated update's constants: both heads are scale · tanh(slope · x), and the gate is
 * σ(time_sign · time_a · Δ + time_b). Where all steps have the same Δ, the two time heads are one:
 * they are folded, time_sign · Δ · W_a + W_b, a quarter of the heads' products less. */
struct gating {
    bool has_gate, is_folded;
    real scale, slope, time_sign;
};

static struct gating gating_of(const struct cell *cell) {
    int head = ((const struct cfc_options *)cell->options)->head_activation;
    bool is_lecun = head != 0 ? head == LECUN_TANH : is_hasani2022(cell);
    return (struct gating){
        .has_gate = has_mode(cell, CFC_DEFAULT),
        .scale = is_lecun ? LECUN_SCALE : 1,
        .slope = is_lecun ? LECUN_SLOPE : 1,
        .time_sign = is_hasani2022(cell) ? -1 : 1,
    };
}

static int heads_of(const struct cell *cell) {
    return has_mode(cell, CFC_PURE) ? 1 : 4;
}

/* One linear map: out = W [width][reads] · in + b [width]. */
struct stage {
    int reads, width;
    size_t weight, bias; /* offsets in the cell's parameters */
};

/* The backbone's layers, then the heads; returns how many. */
static int stages_of(const struct cell *cell, struct stage stages[MAX_STAGES]) {
    const struct backbone_options *backbone = backbone_of(cell);
    int reads = cell->inputs + cell->hidden, count = 0;
    for (; count < backbone->layers; count++) {
        const size_t *offset = cell->offset + BACKBONE + 2 * count;
        stages[count] = (struct stage){reads, backbone->units, offset[0], offset[1]};
        reads = backbone->units;
    }
    stages[count++] = (struct stage){reads, heads_of(cell) * cell->hidden, cell->offset[FF1_WEIGHT],
                                     cell->offset[FF1_BIAS]};
    return count;
}

/* Whether the time heads are folded where the elapsed times allow it. Not for single steps: with the
 * next one's Δ the weights would have to be prepared again. */
static bool may_fold(const struct cell *cell, int steps) {
    return heads_of(cell) == 4 && steps > 1;
}

/* Stage k: what it puts out before its activation (in backward() the gradient of that) and after,
 * and its weight: the parameters themselves, or the heads' sparse ones spread out. */
struct pass {
    struct stage stages[MAX_STAGES];
    int count;
    real *linear[MAX_STAGES];    /* [T][B][width]; of the heads: activated in place */
    real *activated[MAX_STAGES]; /* [T][B][width]; not for the heads */
    const real *weight[MAX_STAGES];
    real *transposed[MAX_STAGES]; /* [reads][width] the weights transposed */
    real *dweight[MAX_STAGES];    /* backward only */
    struct gating gating;
    real *h;         /* [T+1][B][H] */
    real *heads;     /* [width][reads] spread out or folded */
    real *bias;      /* [width] of folded heads */
    real *time;      /* [1] time_sign · Δ that they are folded for; NaN: they are not */
    real *dh, *held; /* [B][H] backward only, as what follows */
    real *dstage;    /* [B][units] */
    real *dheads;    /* [width][reads] */
    real *dbias;     /* [width] */
    real *a;         /* [B][H] time_a(z), where gradients of Δ are wanted */
};

static bool is_sparse(const struct cell *cell) {
    return layer_of(cell) != NULL;
}

/* Gives the pass its memory, or counts it. */
static size_t lay_out(const struct cell *cell, int steps, int batch, enum phase phase, real *memory,
                      struct pass *pass) {
    size_t rows = (size_t)steps * (size_t)batch, row = (size_t)batch * (size_t)cell->hidden;
    struct scratch scratch = {.memory = memory};
    pass->count = stages_of(cell, pass->stages);
    const struct stage *heads = &pass->stages[pass->count - 1];
    bool may_fold_heads = may_fold(cell, steps);
    size_t width = may_fold_heads ? (size_t)heads->width : 0;
    size_t own_size =
        is_sparse(cell) || may_fold_heads ? (size_t)heads->width * (size_t)heads->reads : 0;
    pass->h = scratch_take(&scratch, rows * (size_t)cell->hidden + row);
    for (int k = 0; k < pass->count; k++) {
        size_t size = rows * (size_t)pass->stages[k].width;
        pass->linear[k] = scratch_take(&scratch, size);
        if (k < pass->count - 1)
            pass->activated[k] = scratch_take(&scratch, size);
    }
    for (int k = 0; k < pass->count; k++) {
        const struct stage *stage = &pass->stages[k];
        pass->transposed[k] = scratch_take(&scratch, (size_t)stage->reads * (size_t)stage->width);
    }
    pass->heads = scratch_take(&scratch, own_size);
    pass->bias = scratch_take(&scratch, width);
    pass->time = scratch_take(&scratch, 1);
    if (phase != PHASE_TRAIN)
        return scratch.size;
    pass->dh = scratch_take(&scratch, row);
    pass->held = scratch_take(&scratch, row);
    pass->dstage = scratch_take(&scratch, (size_t)batch * (size_t)backbone_of(cell)->units);
    pass->dheads = scratch_take(&scratch, own_size);
    pass->dbias = scratch_take(&scratch, width);
    pass->a = scratch_take(&scratch, may_fold_heads ? row : 0);
    return scratch.size;
}

static size_t workspace(const struct cell *cell, int steps, int batch, enum phase phase) {
    struct pass pass;
    return lay_out(cell, steps, batch, phase, NULL, &pass);
}

/* A sparse layer's ff1 and ff2 are packed in the parameters; time_a and time_b follow whole. Each
 * has its place in the spread heads [4H][I + H]. */
static const int *head_position(const struct cell *cell, int head) {
    return head < 2 ? layer_of(cell)->position : NULL;
}

static size_t head_size(const struct cell *cell, int head) {
    return head < 2 ? (size_t)layer_of(cell)->count
                    : (size_t)cell->hidden * (size_t)(cell->inputs + cell->hidden);
}

static void spread_heads(const struct cell *cell, const real *packed, real *heads) {
    size_t whole = (size_t)cell->hidden * (size_t)(cell->inputs + cell->hidden);
    zero((size_t)heads_of(cell) * whole, heads);
    for (int head = 0; head < heads_of(cell); head++, heads += whole) {
        const int *position = head_position(cell, head);
        for (size_t i = 0; i < head_size(cell, head); i++)
            heads[position != NULL ? (size_t)position[i] : i] = *packed++;
    }
}

/* The other way, adding: for gradients. */
static void collect_heads(const struct cell *cell, const real *heads, real *packed) {
    size_t whole = (size_t)cell->hidden * (size_t)(cell->inputs + cell->hidden);
    for (int head = 0; head < heads_of(cell); head++, heads += whole) {
        const int *position = head_position(cell, head);
        for (size_t i = 0; i < head_size(cell, head); i++)
            *packed++ += heads[position != NULL ? (size_t)position[i] : i];
    }
}

/* time_sign · Δ of all present steps; NaN where they differ. */
static real common_time(const struct cell *cell, const struct sequence *sequence) {
    real elapsed = (real)NAN;
    for (int t = 0; t < sequence->steps; t++)
        for (int b = 0; b < sequence->batch; b++) {
            real own = sequence->elapsed[t * sequence->batch + b];
            if (is_absent(sequence, t, b) || own == elapsed)
                continue;
            if (!isnan(elapsed))
                return (real)NAN;
            elapsed = own;
        }
    return gating_of(cell).time_sign * elapsed;
}

/* Settles whether the time heads of this forward pass are folded. Returns whether the weights that
 * the workspace holds, if any, were prepared so. */
static bool settle_folding(const struct cell *cell, const struct sequence *sequence, real *memory) {
    struct pass pass;
    lay_out(cell, sequence->steps, sequence->batch, sequence->phase, memory, &pass);
    real time = may_fold(cell, sequence->steps) ? common_time(cell, sequence) : (real)NAN;
    bool was_so = sequence->is_prepared && (isnan(time) ? isnan(*pass.time) : time == *pass.time);
    *pass.time = time;
    return was_so;
}

/* `gradient` NULL: forward. */
static struct pass begin_pass(const struct cell *cell, const real *params,
                              const struct sequence *sequence, real *gradient, real *memory) {
    struct pass pass = {.count = 0};
    lay_out(cell, sequence->steps, sequence->batch, sequence->phase, memory, &pass);
    for (int k = 0; k < pass.count; k++) {
        pass.weight[k] = params + pass.stages[k].weight;
        pass.dweight[k] = gradient == NULL ? NULL : gradient + pass.stages[k].weight;
    }
    pass.gating = gating_of(cell);
    pass.gating.is_folded = !isnan(*pass.time);
    if (pass.gating.is_folded)
        pass.stages[pass.count - 1].width = 3 * cell->hidden;
    if (is_sparse(cell) || pass.gating.is_folded) {
        pass.weight[pass.count - 1] = pass.heads;
        pass.dweight[pass.count - 1] = pass.dheads;
    }
    return pass;
}

static void declare(struct cell *cell, struct param_list *list) {
    static const char *const heads[] = {"ff1", "ff2", "time_a", "time_b"};
    const struct backbone_options *backbone = backbone_of(cell);
    int H = cell->hidden, reads = cell->inputs + H;
    const struct cfc_layer *layer = layer_of(cell);
    const char *prefix = layer != NULL ? layer->prefix : "";
    char name[64], mask[64];
    snprintf(mask, sizeof mask, "%ssparsity_mask", prefix);
    for (int l = 0; l < backbone->layers; l++) {
        /* Positions in torch.nn.Sequential: linear, activation and, after the second layer on when
         * there is dropout, a dropout module. */
        int position = 2 * l + (backbone->dropout > 0 && l > 1 ? l - 1 : 0);
        snprintf(name, sizeof name, "backbone.%d.weight", position);
        cell_param(cell, list, BACKBONE + 2 * l, name, backbone->units, reads);
        snprintf(name, sizeof name, "backbone.%d.bias", position);
        cell_param(cell, list, BACKBONE + 2 * l + 1, name, backbone->units, 0);
        reads = backbone->units;
    }
    /* All weights, then all biases: the heads are one matrix. */
    for (int head = 0; head < heads_of(cell); head++) {
        bool is_packed = is_sparse(cell) && head < 2;
        snprintf(name, sizeof name, "%s%s.weight", prefix, heads[head]);
        cell_param_sparse(cell, list, FF1_WEIGHT + head, name, H, reads,
                          is_packed ? layer->position : NULL, is_packed ? layer->count : 0,
                          is_packed && head == 0 ? mask : NULL);
    }
    for (int head = 0; head < heads_of(cell); head++) {
        snprintf(name, sizeof name, "%s%s.bias", prefix, heads[head]);
        cell_param(cell, list, FF1_BIAS + head, name, H, 0);
    }
    if (has_mode(cell, CFC_PURE)) {
        snprintf(name, sizeof name, "%sw_tau", prefix);
        cell_param(cell, list, W_TAU, name, 1, H);
        snprintf(name, sizeof name, "%sA", prefix);
        cell_param(cell, list, A, name, 1, H);
    }
}

/* Weights Glorot-uniform, each head by itself, and w_tau and A with them; biases as torch.nn.Linear draws
 * them. In the authors' release w_tau and the biases are 0, and A is 1. */
static void init(const struct cell *cell, real *params, gsl_rng *rng) {
    struct stage stages[MAX_STAGES];
    int count = stages_of(cell, stages);
    double gain = ((const struct cfc_options *)cell->options)->init_gain;
    for (int k = 0; k < count; k++) {
        int parts = k == count - 1 ? heads_of(cell) : 1;
        double reads = stages[k].reads, width = stages[k].width / parts;
        real glorot = (real)(gain * sqrt(6 / (reads + width))), bound = (real)(1 / sqrt(reads));
        size_t size = k == count - 1 ? cell->offset[FF1_BIAS] - cell->offset[FF1_WEIGHT]
                                     : (size_t)stages[k].reads * (size_t)stages[k].width;
        fill_uniform(rng, -glorot, glorot, size, params + stages[k].weight);
        if (is_hasani2022(cell))
            fill_constant(0, (size_t)stages[k].width, params + stages[k].bias);
        else
            fill_uniform(rng, -bound, bound, (size_t)stages[k].width, params + stages[k].bias);
    }
    if (!has_mode(cell, CFC_PURE))
        return;
    size_t hidden = (size_t)cell->hidden;
    if (is_hasani2022(cell)) {
        fill_constant(0, hidden, params + cell->offset[W_TAU]);
        fill_constant(1, hidden, params + cell->offset[A]);
    } else { /* to ncps they are matrices of one row, as all others */
        real glorot = (real)(gain * sqrt(6 / (double)(hidden + 1)));
        fill_uniform(rng, -glorot, glorot, hidden, params + cell->offset[W_TAU]);
        fill_uniform(rng, -glorot, glorot, hidden, params + cell->offset[A]);
    }
}

/* n units from j on, LANES or fewer, of one stream's gated update. */
static inline __attribute__((always_inline)) void
gated_part(int H, int j, int n, const struct gating *gating, real time, real *heads, real *h) {
    real *f1_j = heads + j, *f2_j = f1_j + H, *a_j = f2_j + H;
    real *b_j = gating->is_folded ? a_j : a_j + H;
    real scale = gating->scale, slope = gating->slope;
    vector t = vector_load_first(b_j, n);
    if (!gating->is_folded)
        t += vector_load_first(a_j, n) * time;
    vector gate = vector_sigmoid(t);
    vector f1 = scale * vector_tanh(slope * vector_load_first(f1_j, n));
    vector f2 = scale * vector_tanh(slope * vector_load_first(f2_j, n));
    vector_store_first(gate, b_j, n);
    vector_store_first(f1, f1_j, n);
    vector_store_first(f2, f2_j, n);
    vector_store_first(f1 + gate * (gating->has_gate ? f2 - f1 : f2), h + j, n);
}

/* One stream's gated update from the heads [f1 f2 a b], or [f1 f2 t] where the time heads are folded:
 * leaves the activated f1 and f2, a and in place of b or t the gate there for backward(), and writes
 * h [H]. */
static void gated_update(int H, const struct gating *gating, real elapsed, real *heads, real *h) {
    real time = gating->time_sign * elapsed;
    int j = 0;
    for (; j + LANES <= H; j += LANES)
        gated_part(H, j, LANES, gating, time, heads, h);
    if (j < H)
        gated_part(H, j, H - j, gating, time, heads, h);
}

/* The same back; adds the lanes' parts of d time. */
static inline __attribute__((always_inline)) void
gated_part_backward(int H, int j, int n, const struct gating *gating, real time, real *heads,
                    const real *dh, vector *dtime) {
    real *f1_j = heads + j, *f2_j = f1_j + H, *a_j = f2_j + H;
    real *b_j = gating->is_folded ? a_j : a_j + H;
    real rise = gating->slope * gating->scale;
    real bend = gating->slope / gating->scale; /* of slope · (scale − f²/scale) */
    vector f1 = vector_load_first(f1_j, n), f2 = vector_load_first(f2_j, n);
    vector gate = vector_load_first(b_j, n), dh_j = vector_load_first(dh + j, n);
    vector through = dh_j * gate;
    vector dgate = (gating->has_gate ? f2 - f1 : f2) * (through - through * gate);
    vector_store_first((gating->has_gate ? dh_j - through : dh_j) * (rise - bend * f1 * f1), f1_j,
                       n);
    vector_store_first(through * (rise - bend * f2 * f2), f2_j, n);
    vector_store_first(dgate, b_j, n);
    if (gating->is_folded)
        return;
    *dtime += dgate * vector_load_first(a_j, n);
    vector_store_first(dgate * time, a_j, n);
}

/* Replaces what gated_update() left by the gradients of the heads' inputs; returns d elapsed, or 0
 * where the time heads are folded. */
static real gated_update_backward(int H, const struct gating *gating, real elapsed, real *heads,
                                  const real *dh) {
    real time = gating->time_sign * elapsed;
    vector dtime = {0};
    int j = 0;
    for (; j + LANES <= H; j += LANES)
        gated_part_backward(H, j, LANES, gating, time, heads, dh, &dtime);
    if (j < H)
        gated_part_backward(H, j, H - j, gating, time, heads, dh, &dtime);
    return vector_sum(dtime) * gating->time_sign;
}

static real magnitude(real x) {
    return x < 0 ? -x : x;
}

static real sign(real x) {
    return x > 0 ? 1 : x < 0 ? -1 : 0;
}

static void pure_update(int H, real elapsed, const real *w_tau, const real *a, const real *f,
                        real *h) {
#pragma omp simd
    for (int j = 0; j < H; j++) {
        real decay = real_exp(-elapsed * (magnitude(w_tau[j]) + magnitude(f[j])));
        h[j] = a[j] - a[j] * decay * f[j];
    }
}

/* f holds ff1 z and receives its gradient; returns d elapsed. */
static real pure_update_backward(int H, real elapsed, const real *w_tau, const real *a, real *f,
                                 const real *dh, real *dw_tau, real *da) {
    real delapsed = 0;
#pragma omp simd reduction(+ : delapsed)
    for (int j = 0; j < H; j++) {
        real speed = magnitude(w_tau[j]) + magnitude(f[j]);
        real decay = real_exp(-elapsed * speed);
        real dexponent = dh[j] * a[j] * f[j] * decay; /* of Δ · speed */
        da[j] += dh[j] * (1 - decay * f[j]);
        dw_tau[j] += dexponent * elapsed * sign(w_tau[j]);
        f[j] = dexponent * elapsed * sign(f[j]) - dh[j] * a[j] * decay;
        delapsed += dexponent * speed;
    }
    return delapsed;
}

static void update(const struct cell *cell, const real *params, const struct gating *gating,
                   real elapsed, real *heads, real *h) {
    if (has_mode(cell, CFC_PURE))
        pure_update(cell->hidden, elapsed, params + cell->offset[W_TAU], params + cell->offset[A],
                    heads, h);
    else
        gated_update(cell->hidden, gating, elapsed, heads, h);
}

/* Returns d elapsed. */
static real update_backward(const struct cell *cell, const real *params,
                            const struct gating *gating, real elapsed, real *heads, const real *dh,
                            real *gradient) {
    if (has_mode(cell, CFC_PURE))
        return pure_update_backward(cell->hidden, elapsed, params + cell->offset[W_TAU],
                                    params + cell->offset[A], heads, dh,
                                    gradient + cell->offset[W_TAU], gradient + cell->offset[A]);
    return gated_update_backward(cell->hidden, gating, elapsed, heads, dh);
}

/* Drops units of backbone layer k at step t, forward or backward alike; in ncps's variant not those
 * of the first layer. */
static void drop(const struct cell *cell, const struct sequence *sequence, int k, int t,
                 real *values) {
    const struct backbone_options *backbone = backbone_of(cell);
    size_t size = (size_t)sequence->batch * (size_t)backbone->units;
    size_t before = (size_t)(sequence->earlier + t) * (size_t)backbone->layers + (size_t)k;
    if (k > 0 || is_hasani2022(cell))
        dropout(sequence->dropout, before * size, (real)backbone->dropout, size, values);
}

/* [f1 f2 a b] becomes [f1 f2 t], t = time · a + b; the parts have n numbers. */
static void fold(size_t n, real time, real *heads) {
    real *a = heads + 2 * n, *b = a + n;
    for (size_t i = 0; i < n; i++)
        a[i] = time * a[i] + b[i];
}

/* Of gradients the other way: [f1 f2 t] becomes [f1 f2 a b]. */
static void unfold_gradient(size_t n, real time, real *dheads) {
    real *a = dheads + 2 * n, *b = a + n;
    for (size_t i = 0; i < n; i++) {
        b[i] = a[i];
        a[i] *= time;
    }
}

/* Gets the weights ready for forward(). */
static void prepare(const struct cell *cell, const real *params, const struct pass *pass) {
    const struct stage *heads = &pass->stages[pass->count - 1];
    size_t H = (size_t)cell->hidden, size = H * (size_t)heads->reads;
    if (is_sparse(cell))
        spread_heads(cell, params + heads->weight, pass->heads);
    else if (pass->gating.is_folded)
        copy(4 * size, params + heads->weight, pass->heads);
    if (pass->gating.is_folded) {
        copy(4 * H, params + heads->bias, pass->bias);
        fold(H, *pass->time, pass->bias);
        fold(size, *pass->time, pass->heads);
    }
    for (int k = 0; k < pass->count; k++)
        matrix_transpose(pass->stages[k].width, pass->stages[k].reads, pass->weight[k],
                         pass->stages[k].reads, pass->transposed[k]);
}

static void forward_steps(const struct cell *cell, const real *params,
                          const struct sequence *sequence, int from, int to, real *y, real *final,
                          real *memory) {
    int B = sequence->batch, I = cell->inputs, H = cell->hidden, rows = (to - from) * B;
    bool is_prepared = from > 0 || settle_folding(cell, sequence, memory);
    struct pass work = begin_pass(cell, params, sequence, NULL, memory);
    const struct stage *stages = work.stages;
    int count = work.count;
    enum activation activation = (enum activation)backbone_of(cell)->activation;
    size_t row = (size_t)B * (size_t)H, first = (size_t)from * (size_t)B;

    if (!is_prepared)
        prepare(cell, params, &work);
    load_state(sequence, H, 0, H, work.h + first * (size_t)H);
    for (int k = 0; k < count; k++)
        fill_rows((size_t)rows, stages[k].width,
                  k == count - 1 && work.gating.is_folded ? work.bias : params + stages[k].bias,
                  work.linear[k] + first * (size_t)stages[k].width);
    matmul_nn(rows, stages[0].width, I, sequence->x + first * (size_t)I, I, work.transposed[0],
              stages[0].width, work.linear[0] + first * (size_t)stages[0].width, stages[0].width,
              true);
    for (int t = from; t < to; t++) {
        real *h = work.h + row * (size_t)t;
        const real *in = h, *transposed = work.transposed[0] + (size_t)I * (size_t)stages[0].width;
        int in_width = H;
        for (int k = 0; k < count; k++) {
            size_t size = (size_t)B * (size_t)stages[k].width;
            real *out = work.linear[k] + size * (size_t)t;
            matmul_nn(B, stages[k].width, in_width, in, in_width, transposed, stages[k].width, out,
                      stages[k].width, true);
            if (k == count - 1)
                break;
            real *activated = work.activated[k] + size * (size_t)t;
            activate(activation, size, out, activated);
            drop(cell, sequence, k, t, activated);
            in = activated;
            in_width = stages[k].width;
            transposed = work.transposed[k + 1];
        }
        size_t heads_width = (size_t)stages[count - 1].width;
        real *heads = work.linear[count - 1] + heads_width * (size_t)B * (size_t)t;
        for (int b = 0; b < B; b++) {
            size_t at = (size_t)b * (size_t)H;
            if (is_absent(sequence, t, b))
                copy((size_t)H, h + at, h + row + at);
            else
                update(cell, params, &work.gating, sequence->elapsed[t * B + b],
                       heads + heads_width * (size_t)b, h + row + at);
        }
    }
    copy((size_t)rows * (size_t)H, work.h + first * (size_t)H + row, y + first * (size_t)H);
    store_state(B, H, 0, H, work.h + row * (size_t)to, final);
}

/* Back through the stages of step t: from the gradient of the heads' inputs, which
 * linear[count - 1] holds, to those of every stage and of the state before the step: dh, where absent
 * streams have theirs already. */
static void stages_backward(const struct cell *cell, const struct sequence *sequence, int t,
                            const struct pass *work) {
    int B = sequence->batch, I = cell->inputs, H = cell->hidden;
    enum activation activation = (enum activation)backbone_of(cell)->activation;
    bool drops = sequence->dropout != 0 && backbone_of(cell)->dropout > 0;
    const struct stage *stages = work->stages;
    for (int k = work->count - 1; k > 0; k--) {
        int width = stages[k].width, reads = stages[k].reads;
        size_t size = (size_t)B * (size_t)reads;
        const real *dout = work->linear[k] + (size_t)B * (size_t)width * (size_t)t;
        real *linear = work->linear[k - 1] + size * (size_t)t;
        bool is_shown = !drops && activation_shows_slope(activation);
        real *din = is_shown ? linear : work->dstage;
        matmul_nn(B, reads, width, dout, width, work->weight[k], reads, din, reads, false);
        if (is_shown) {
            activate_backward_shown(activation, size, work->activated[k - 1] + size * (size_t)t,
                                    din);
        } else {
            drop(cell, sequence, k - 1, t, din);
            activate_backward(activation, size, linear, din);
            copy(size, din, linear);
        }
    }
    int width = stages[0].width;
    matmul_nn(B, H, width, work->linear[0] + (size_t)B * (size_t)width * (size_t)t, width,
              work->weight[0] + I, I + H, work->dh, H, sequence->mask != NULL);
}

/* delapsed [B] += of step t, from the gradient of the folded time heads. It takes time_a(z), which the
 * forward pass did without. */
static void folded_time_backward(const struct cell *cell, const real *params,
                                 const struct sequence *sequence, int t, const struct pass *work,
                                 real *delapsed) {
    int B = sequence->batch, I = cell->inputs, H = cell->hidden;
    const struct stage *heads = &work->stages[work->count - 1];
    const real *weight = params + cell->offset[TIME_A_WEIGHT];
    const real *bias = params + cell->offset[TIME_A_BIAS];
    real *a = work->a;
    if (work->count == 1) {
        const real *x = sequence->x + (size_t)(t * B) * (size_t)I;
        const real *h = work->h + (size_t)(t * B) * (size_t)H;
        matmul_nt(B, H, I, x, I, weight, heads->reads, a, H, false);
        matmul_nt(B, H, H, h, H, weight + I, heads->reads, a, H, true);
    } else {
        const real *z = work->activated[work->count - 2] + (size_t)(t * B) * (size_t)heads->reads;
        matmul_nt(B, H, heads->reads, z, heads->reads, weight, heads->reads, a, H, false);
    }
    const real *dt = work->linear[work->count - 1] + (size_t)(t * B) * (size_t)heads->width + 2 * H;
    for (int b = 0; b < B; b++, dt += heads->width, a += H)
        for (int j = 0; j < H; j++)
            delapsed[b] += work->gating.time_sign * dt[j] * (a[j] + bias[j]);
}

/* The weights' gradients, over all steps at once. */
static void weights_backward(const struct cell *cell, const struct sequence *sequence,
                             const struct pass *work, const struct cell_gradient *gradient) {
    int rows = sequence->steps * sequence->batch, I = cell->inputs, H = cell->hidden;
    const struct stage *stages = work->stages, *heads = &stages[work->count - 1];
    size_t head_size = (size_t)H * (size_t)heads->reads;
    bool is_folded = work->gating.is_folded;
    if (is_sparse(cell) || is_folded)
        zero((size_t)heads_of(cell) * head_size, work->dheads);
    if (is_folded)
        zero(4 * (size_t)H, work->dbias);
    for (int k = 0; k < work->count; k++) {
        int width = stages[k].width, reads = stages[k].reads;
        real *dweight = work->dweight[k];
        if (k == 0) {
            matmul_tn(width, I, rows, work->linear[0], width, sequence->x, I, dweight, reads, true);
            matmul_tn(width, H, rows, work->linear[0], width, work->h, H, dweight + I, reads, true);
        } else {
            matmul_tn(width, reads, rows, work->linear[k], width, work->activated[k - 1], reads,
                      dweight, reads, true);
        }
        add_column_sums((size_t)rows, width, work->linear[k],
                        k == work->count - 1 && is_folded ? work->dbias
                                                          : gradient->params + stages[k].bias);
    }
    if (is_folded) {
        unfold_gradient((size_t)H, *work->time, work->dbias);
        unfold_gradient(head_size, *work->time, work->dheads);
        add(4 * (size_t)H, work->dbias, gradient->params + heads->bias);
    }
    if (is_sparse(cell))
        collect_heads(cell, work->dheads, gradient->params + heads->weight);
    else if (is_folded)
        add(4 * head_size, work->dheads, gradient->params + heads->weight);
}

static void backward_steps(const struct cell *cell, const real *params,
                           const struct sequence *sequence, int from, int to,
                           const struct cell_gradient *gradient, real *memory) {
    int B = sequence->batch, I = cell->inputs, H = cell->hidden;
    struct pass work = begin_pass(cell, params, sequence, gradient->params, memory);
    int count = work.count, width = work.stages[0].width;
    size_t row = (size_t)B * (size_t)H, heads_width = (size_t)work.stages[count - 1].width;

    load_final_gradient(gradient, B, H, 0, H, work.dh);
    for (int t = to; t-- > from;) {
        real *heads = work.linear[count - 1] + heads_width * (size_t)B * (size_t)t;
        add(row, gradient->y + row * (size_t)t, work.dh);
        if (sequence->mask != NULL)
            zero(row, work.held);
        for (int b = 0; b < B; b++) {
            size_t at = (size_t)b * (size_t)H;
            real *heads_b = heads + heads_width * (size_t)b;
            if (is_absent(sequence, t, b)) {
                copy((size_t)H, work.dh + at, work.held + at);
                zero(heads_width, heads_b);
                continue;
            }
            real delapsed =
                update_backward(cell, params, &work.gating, sequence->elapsed[t * B + b], heads_b,
                                work.dh + at, gradient->params);
            if (gradient->elapsed != NULL)
                gradient->elapsed[t * B + b] += delapsed;
        }
        if (sequence->mask != NULL)
            copy(row, work.held, work.dh);
        if (gradient->elapsed != NULL && work.gating.is_folded)
            folded_time_backward(cell, params, sequence, t, &work, gradient->elapsed + t * B);
        stages_backward(cell, sequence, t, &work);
    }
    size_t first = (size_t)from * (size_t)B;
    if (gradient->x != NULL)
        matmul_nn((to - from) * B, I, width, work.linear[0] + first * (size_t)width, width,
                  work.weight[0], I + H, gradient->x + first * (size_t)I, I, false);
    if (from == 0)
        weights_backward(cell, sequence, &work, gradient);
    add_state(B, H, 0, H, work.dh, gradient->state);
}

static double flops(const struct cell *cell) {
    struct stage stages[MAX_STAGES];
    int count = stages_of(cell, stages);
    double total = 60.0 * cell->hidden;
    for (int k = 0; k < count; k++)
        total +=
            2.0 * stages[k].reads * stages[k].width + (k < count - 1 ? 15.0 : 0) * stages[k].width;
    return total;
}

/* A plain cell. */
static bool configure(struct cell *cell, struct error *error) {
    const struct wiring_options *wiring = &((const struct cfc_options *)cell->options)->wiring;
    int units = wiring->units > 0 ? wiring->units : cell->hidden;
    if (wiring->outputs > 0 && wiring->outputs != units)
        return error_set(error,
                         "wiring.outputs: all %d neurons of a fully connected CfC are its "
                         "outputs; remove it",
                         units);
    cell->hidden = cell->outputs = cell->state = units;
    return true;
}

const struct cell_type cfc_layer_type = {
    CFC_TYPE,
    .configure = configure,
    .declare = declare,
    .init = init,
    .workspace = workspace,
    .forward = cell_forward_all,
    .backward = cell_backward_all,
    .forward_steps = forward_steps,
    .backward_steps = backward_steps,
    .flops = flops,
};
