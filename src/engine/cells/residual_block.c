#include "engine/cells/residual_block.h"

#include "engine/activation.h"
#include "engine/dropout.h"
#include "engine/initial.h"
#include "engine/layer_norm.h"
#include "engine/linear.h"

enum { ENCODER_WEIGHT, ENCODER_BIAS, WEIGHT_1, BIAS_1, WEIGHT_2, BIAS_2, NORM_SCALE, NORM_SHIFT };

enum { TYPE_NONE = 1, TYPE_LINOSS, TYPE_LRU, TYPE_LRCSSM };
enum { NORM_LAYER = 1, NORM_AFFINE, NORM_NONE };
enum { PLACE_PRE = 1, PLACE_POST, PLACE_BOTH };
enum { GATE_GLU = 1, GATE_MLP, GATE_NONE };

static const char *type_name(size_t position) {
    static const char *const names[] = {"none", "linoss", "lru", "lrcssm", NULL};
    return names[position];
}

static const char *norm_name(size_t position) {
    static const char *const names[] = {"layer", "layer_affine", "none", NULL};
    return names[position];
}

static const char *place_name(size_t position) {
    static const char *const names[] = {"pre", "post", "both", NULL};
    return names[position];
}

static const char *gate_name(size_t position) {
    static const char *const names[] = {"glu", "mlp", "none", NULL};
    return names[position];
}

#define AT(member) .offset = offsetof(struct block_options, member)
const struct field block_fields[] = {
    {"type", FIELD_CHOICE, AT(type), .fallback = "\"linoss\"", .choices = type_name,
     .help = "Preset that the other options change: none, or the block of the LinOSS, the "
             "minimal-LRU or the LrcSSM release, with layer norm."},
    {"norm", FIELD_CHOICE, AT(norm), .choices = norm_name,
     .help = "Normalisation over the channels, without or with a learned scale and shift; absent: "
             "the preset's."},
    {"place", FIELD_CHOICE, AT(place), .choices = place_name,
     .help = "Where it stands: before the layer, behind the sum, or (gate mlp) at both; absent: "
             "the preset's."},
    {"gate", FIELD_CHOICE, AT(gate), .choices = gate_name,
     .help = "What follows the layer: gelu and a gated linear unit, two linear layers, or gelu "
             "alone; absent: the preset's."},
    {"skip", FIELD_BOOL, AT(skip), .fallback = "true", .help = "Add the block's input."},
    {"dropout", FIELD_REAL, AT(dropout), .fallback = "-1", .min = -1, .max = 0.99,
     .help = "Share of the numbers dropped in training, before and after the gate; -1: the "
             "preset's."},
    {0},
};
#undef AT

/* The releases': LinOSS, minimal-LRU, LrcSSM. */
static const struct block_options presets[] = {
    [TYPE_LINOSS] = {0, NORM_LAYER, PLACE_PRE, GATE_GLU, true, 0.05},
    [TYPE_LRU] = {0, NORM_AFFINE, PLACE_PRE, GATE_GLU, true, 0.1},
    [TYPE_LRCSSM] = {0, NORM_LAYER, PLACE_BOTH, GATE_MLP, true, 0},
};

/* What configure() worked out. */
struct block {
    struct block_options options; /* nothing absent */
    bool encodes;
};

static const struct block *block_of(const struct cell *cell) {
    return cell->own;
}

/* M. */
static int width_of(const struct cell *cell) {
    return cell->inner->outputs;
}

static bool has_block(const struct cell *cell) {
    return block_of(cell)->options.type != TYPE_NONE;
}

static bool has_gate(const struct cell *cell, int gate) {
    return has_block(cell) && block_of(cell)->options.gate == gate;
}

static bool is_affine(const struct cell *cell) {
    return has_block(cell) && block_of(cell)->options.norm == NORM_AFFINE;
}

/* Whether there is a norm at the place. */
static bool norms(const struct cell *cell, int place) {
    const struct block_options *options = &block_of(cell)->options;
    return has_block(cell) && options->norm != NORM_NONE &&
           (options->place == place || options->place == PLACE_BOTH);
}

bool block_is_wanted(const struct block_options *options) {
    return options->type != TYPE_NONE;
}

static bool check(const struct cell *cell, const struct block *block, struct error *error) {
    const struct block_options *options = &block->options;
    if (options->type == TYPE_NONE)
        return true;
    if (options->gate == GATE_MLP &&
        (options->place != PLACE_BOTH || options->norm != NORM_LAYER || !options->skip))
        return error_set(error,
                         "block: gate \"mlp\" needs norm \"layer\", place \"both\" and skip");
    if (options->gate != GATE_MLP && options->place == PLACE_BOTH)
        return error_set(error, "block: place \"both\" needs gate \"mlp\"");
    if (options->gate == GATE_NONE && width_of(cell) != cell->hidden)
        return error_set(error, "block: gate \"none\" needs as many states as hidden units");
    return true;
}

bool block_configure(struct cell *cell, struct error *error) {
    const struct block_options *options = cell->options;
    if (!cell_create_inner(cell, cell->hidden, error))
        return false;
    struct block *block = ARENA_NEW(cell->arena, struct block, 1);
    *block = (struct block){
        .options = *options,
        .encodes = cell->layer == 0 || cell->inputs != cell->hidden,
    };
    if (options->type != TYPE_NONE) {
        const struct block_options *preset = &presets[options->type];
        block->options.norm = options->norm != 0 ? options->norm : preset->norm;
        block->options.place = options->place != 0 ? options->place : preset->place;
        block->options.gate = options->gate != 0 ? options->gate : preset->gate;
        block->options.dropout = options->dropout >= 0 ? options->dropout : preset->dropout;
    }
    cell->own = block;
    cell->outputs = has_block(cell) ? cell->hidden : width_of(cell);
    cell->state = cell->inner->state + cell->outputs;
    return check(cell, block, error);
}

void block_declare(struct cell *cell, struct param_list *list) {
    int H = cell->hidden, M = width_of(cell);
    if (block_of(cell)->encodes) {
        cell_param(cell, list, ENCODER_WEIGHT, "linear_encoder.weight", H, cell->inputs);
        cell_param(cell, list, ENCODER_BIAS, "linear_encoder.bias", H, 0);
    }
    cell->inner->type->declare(cell->inner, list);
    if (has_gate(cell, GATE_GLU) || has_gate(cell, GATE_MLP)) {
        bool glu = has_gate(cell, GATE_GLU);
        cell_param(cell, list, WEIGHT_1, glu ? "glu.w1.weight" : "mlps.0.weight", H, M);
        cell_param(cell, list, BIAS_1, glu ? "glu.w1.bias" : "mlps.0.bias", H, 0);
        cell_param(cell, list, WEIGHT_2, glu ? "glu.w2.weight" : "mlps.1.weight", H, glu ? M : H);
        cell_param(cell, list, BIAS_2, glu ? "glu.w2.bias" : "mlps.1.bias", H, 0);
    }
    if (is_affine(cell)) {
        cell_param(cell, list, NORM_SCALE, "norm.weight", H, 0);
        cell_param(cell, list, NORM_SHIFT, "norm.bias", H, 0);
    }
}

/* Linear layers as torch.nn.Linear. */
void block_init(const struct cell *cell, real *params, gsl_rng *rng) {
    const size_t *offset = cell->offset;
    size_t H = (size_t)cell->hidden, I = (size_t)cell->inputs, M = (size_t)width_of(cell);
    if (block_of(cell)->encodes)
        fill_torch(rng, cell->inputs, H * (I + 1), params + offset[ENCODER_WEIGHT]);
    cell->inner->type->init(cell->inner, params, rng);
    if (has_gate(cell, GATE_GLU)) {
        fill_torch(rng, (int)M, H * (M + 1), params + offset[WEIGHT_1]);
        fill_torch(rng, (int)M, H * (M + 1), params + offset[WEIGHT_2]);
    } else if (has_gate(cell, GATE_MLP)) {
        fill_torch(rng, (int)M, H * (M + 1), params + offset[WEIGHT_1]);
        fill_torch(rng, (int)H, H * (H + 1), params + offset[WEIGHT_2]);
    }
    if (is_affine(cell)) {
        fill_constant(1, H, params + offset[NORM_SCALE]);
        fill_constant(0, H, params + offset[NORM_SHIFT]);
    }
}

/* --- memory; n = T·B rows ----------------------------------------------------------------------
 */

struct workspace {
    real *u;                   /* [n][H] the encoder's output */
    real *pre, *pre_inverse;   /* [n][H], [n] the norm before the layer, as layer_norm.h says */
    real *r;                   /* [n][H] what the layer inside reads; pre where it is the same */
    real *v;                   /* [n][M] the layer inside */
    real *a;                   /* [n][M] what the gate reads */
    real *first, *second;      /* [n][H] glu: both its factors; mlp: relu(…), and its output */
    real *post, *post_inverse; /* the norm behind the sum */
    real *state, *final;       /* [B][inside] */
    real *inner;               /* workspace of the layer inside */
    real *dy, *dr, *dgate;     /* [n][H] backward only, as what follows */
    real *dv;                  /* [n][M] */
    real *dstate;              /* [B][inside] */
};

static size_t lay_out(const struct cell *cell, int T, int B, enum phase phase, real *memory,
                      struct workspace *work) {
    const struct cell *inner = cell->inner;
    size_t n = (size_t)T * (size_t)B, H = (size_t)cell->hidden, M = (size_t)width_of(cell);
    size_t states = (size_t)B * (size_t)inner->state;
    bool pre = norms(cell, PLACE_PRE), post = norms(cell, PLACE_POST), is_block = has_block(cell);
    struct scratch scratch = {.memory = memory};
    work->u = scratch_take(&scratch, block_of(cell)->encodes ? n * H : 0);
    work->pre = scratch_take(&scratch, pre ? n * H : 0);
    work->pre_inverse = scratch_take(&scratch, pre ? n : 0);
    work->r = pre && is_affine(cell) ? scratch_take(&scratch, n * H) : work->pre;
    work->v = scratch_take(&scratch, n * M);
    work->a = scratch_take(&scratch, is_block ? n * M : 0);
    work->first = scratch_take(&scratch, is_block ? n * H : 0);
    work->second = scratch_take(&scratch, is_block ? n * H : 0);
    work->post = scratch_take(&scratch, post ? n * H : 0);
    work->post_inverse = scratch_take(&scratch, post ? n : 0);
    work->state = scratch_take(&scratch, states);
    work->final = scratch_take(&scratch, states);
    work->inner = scratch_take(&scratch, inner->type->workspace(inner, T, B, phase));
    if (phase != PHASE_TRAIN)
        return scratch.size;
    work->dy = scratch_take(&scratch, n * (size_t)cell->outputs);
    work->dr = scratch_take(&scratch, n * H);
    work->dgate = scratch_take(&scratch, is_block ? n * H : 0);
    work->dv = scratch_take(&scratch, is_block ? n * M : 0);
    work->dstate = scratch_take(&scratch, states);
    return scratch.size;
}

size_t block_workspace(const struct cell *cell, int steps, int batch, enum phase phase) {
    struct workspace work;
    return lay_out(cell, steps, batch, phase, NULL, &work);
}

/* --- a pass ------------------------------------------------------------------------------------
 */

struct pass {
    const struct cell *cell;
    const real *params;
    const struct sequence *sequence;
    struct workspace work;
    int n, H, M;
    const real *x; /* [n][H] the block's input */
    const real *r; /* [n][H] what the layer inside reads */
};

static struct pass begin_pass(const struct cell *cell, const real *params,
                              const struct sequence *sequence, real *memory) {
    struct pass pass = {.cell = cell,
                        .params = params,
                        .sequence = sequence,
                        .n = sequence->steps * sequence->batch,
                        .H = cell->hidden,
                        .M = width_of(cell)};
    lay_out(cell, sequence->steps, sequence->batch, sequence->phase, memory, &pass.work);
    pass.x = block_of(cell)->encodes ? pass.work.u : sequence->x;
    pass.r = norms(cell, PLACE_PRE) ? pass.work.r : pass.x;
    return pass;
}

static struct layer_norm norm_of(const struct pass *pass, real *normed, real *inverse) {
    bool affine = is_affine(pass->cell);
    const size_t *offset = pass->cell->offset;
    return (struct layer_norm){
        .n = pass->n,
        .H = pass->H,
        .epsilon = affine ? REAL(1e-6) : REAL(1e-5), /* as the releases of the presets */
        .scale = affine ? pass->params + offset[NORM_SCALE] : NULL,
        .shift = affine ? pass->params + offset[NORM_SHIFT] : NULL,
        .normed = normed,
        .inverse = inverse,
    };
}

/* Drops numbers of rows [n][width], forward or backward alike; `place` 0: before the gate, 1:
 * after it. */
static void drop(const struct pass *pass, int place, int width, real *rows) {
    const struct sequence *sequence = pass->sequence;
    size_t size = (size_t)sequence->batch * (size_t)width;
    size_t max = (size_t)sequence->batch * (size_t)(pass->M > pass->H ? pass->M : pass->H);
    real probability = (real)block_of(pass->cell)->options.dropout;
    for (int t = 0; t < sequence->steps; t++) {
        size_t before = 2 * (size_t)(sequence->earlier + t) + (size_t)place;
        dropout(sequence->dropout, before * max, probability, size, rows + (size_t)t * size);
    }
}

/* to [n][H] = W a + b of one of the block's two maps. */
static void map(const struct pass *pass, int weight, int reads, const real *a, real *to) {
    const size_t *offset = pass->cell->offset;
    linear(pass->n, reads, pass->H, a, pass->params + offset[weight],
           pass->params + offset[weight + 1], NULL, to, pass->H);
}

static void map_backward(const struct pass *pass, real *gradient, int weight, int reads,
                         const real *a, const real *dto, real *da, bool add_da) {
    const size_t *offset = pass->cell->offset;
    linear_backward(pass->n, reads, pass->H, a, pass->params + offset[weight], dto, pass->H,
                    gradient + offset[weight], gradient + offset[weight + 1], da, add_da);
}

/* y [n][H] from v, with gelu and perhaps the gated linear unit. */
static void glu_forward(const struct pass *pass, real *y) {
    const struct workspace *work = &pass->work;
    size_t size = (size_t)pass->n * (size_t)pass->H;
    activate(GELU_TANH, (size_t)pass->n * (size_t)pass->M, work->v, work->a);
    drop(pass, 0, pass->M, work->a);
    if (has_gate(pass->cell, GATE_GLU)) {
        map(pass, WEIGHT_1, pass->M, work->a, work->first);
        map(pass, WEIGHT_2, pass->M, work->a, work->second);
#pragma omp simd
        for (size_t i = 0; i < size; i++) {
            work->second[i] = real_sigmoid(work->second[i]);
            y[i] = work->first[i] * work->second[i];
        }
        drop(pass, 1, pass->H, y);
    } else {
        copy(size, work->a, y);
    }
    if (block_of(pass->cell)->options.skip)
        add(size, pass->x, y);
    if (norms(pass->cell, PLACE_POST)) {
        struct layer_norm norm = norm_of(pass, work->post, work->post_inverse);
        layer_norm_forward(&norm, y, y);
    }
}

/* From dy [n][H], which is overwritten, to dv, and to dx [n][H] =. */
static void glu_backward(const struct pass *pass, real *gradient, real *dy, real *dx) {
    const struct workspace *work = &pass->work;
    size_t size = (size_t)pass->n * (size_t)pass->H, inner = (size_t)pass->n * (size_t)pass->M;
    if (norms(pass->cell, PLACE_POST)) {
        struct layer_norm norm = norm_of(pass, work->post, work->post_inverse);
        layer_norm_backward(&norm, dy, dy, gradient + pass->cell->offset[NORM_SCALE],
                            gradient + pass->cell->offset[NORM_SHIFT]);
    }
    if (block_of(pass->cell)->options.skip)
        copy(size, dy, dx);
    else
        zero(size, dx);
    if (has_gate(pass->cell, GATE_GLU)) {
        real *dsecond = work->dgate;
        drop(pass, 1, pass->H, dy);
#pragma omp simd
        for (size_t i = 0; i < size; i++) {
            real open = work->second[i];
            dsecond[i] = dy[i] * work->first[i] * open * (1 - open);
            dy[i] *= open;
        }
        map_backward(pass, gradient, WEIGHT_1, pass->M, work->a, dy, work->dv, false);
        map_backward(pass, gradient, WEIGHT_2, pass->M, work->a, dsecond, work->dv, true);
    } else {
        copy(size, dy, work->dv);
    }
    drop(pass, 0, pass->M, work->dv);
    activate_backward(GELU_TANH, inner, work->v, work->dv);
}

/* to [n][H] = M(a [n][reads]); leaves relu(…) in work.first. */
static void mlp(const struct pass *pass, int reads, const real *a, real *to) {
    real *inner = pass->work.first;
    map(pass, WEIGHT_1, reads, a, inner);
    activate(RELU, (size_t)pass->n * (size_t)pass->H, inner, inner);
    map(pass, WEIGHT_2, pass->H, inner, to);
}

static void mlp_backward(const struct pass *pass, real *gradient, int reads, const real *a,
                         const real *dto, real *da, bool add_da) {
    real *dinner = pass->work.dgate;
    const real *inner = pass->work.first;
    map_backward(pass, gradient, WEIGHT_2, pass->H, inner, dto, dinner, false);
    activate_backward(RELU, (size_t)pass->n * (size_t)pass->H, inner, dinner);
    map_backward(pass, gradient, WEIGHT_1, reads, a, dinner, da, add_da);
}

static void mlp_block_forward(const struct pass *pass, real *y) {
    const struct workspace *work = &pass->work;
    size_t size = (size_t)pass->n * (size_t)pass->H;
    struct layer_norm norm = norm_of(pass, work->post, work->post_inverse);
    if (pass->M == pass->H)
        copy(size, work->v, y);
    else
        mlp(pass, pass->M, work->v, y);
    add(size, pass->r, y);
    layer_norm_forward(&norm, y, y);
    if (pass->M == pass->H) {
        mlp(pass, pass->H, work->post, work->second);
        add(size, work->second, y);
    }
}

/* From dy [n][H], which is overwritten, to dv, and to dr [n][H] =. */
static void mlp_block_backward(const struct pass *pass, real *gradient, real *dy, real *dr) {
    const struct workspace *work = &pass->work;
    size_t size = (size_t)pass->n * (size_t)pass->H;
    struct layer_norm norm = norm_of(pass, work->post, work->post_inverse);
    copy(size, dy, dr);
    if (pass->M == pass->H)
        mlp_backward(pass, gradient, pass->H, work->post, dy, dr, true);
    layer_norm_backward(&norm, dr, dr, NULL, NULL);
    if (pass->M == pass->H)
        copy(size, dr, work->dv);
    else
        mlp_backward(pass, gradient, pass->M, work->v, dr, work->dv, false);
}

/* The sequence that the layer inside reads. */
static struct sequence inner_sequence(const struct pass *pass) {
    struct sequence own = *pass->sequence;
    own.x = pass->r;
    own.state = NULL;
    if (pass->sequence->state != NULL) {
        load_state(pass->sequence, pass->cell->state, 0, pass->cell->inner->state,
                   pass->work.state);
        own.state = pass->work.state;
    }
    return own;
}

/* An absent step repeats the output before it; y [T][B][O]. */
static void repeat_held(const struct pass *pass, real *y, real *final) {
    const struct sequence *sequence = pass->sequence;
    int B = sequence->batch, O = pass->cell->outputs, inner = pass->cell->inner->state;
    size_t row = (size_t)B * (size_t)O;
    for (int b = 0; b < B; b++)
        if (is_absent(sequence, 0, b)) {
            zero((size_t)O, y + b * O);
            if (sequence->state != NULL)
                copy((size_t)O, sequence->state + b * pass->cell->state + inner, y + b * O);
        }
    for (int t = 1; t < sequence->steps; t++)
        hold_absent(sequence, t, O, y + row * (size_t)(t - 1), y + row * (size_t)t);
    store_state(B, pass->cell->state, inner, O, y + row * (size_t)(sequence->steps - 1), final);
}

/* dy [T][B][O] of what was held goes to the step that it came from. */
static void gather_held(const struct pass *pass, const struct cell_gradient *gradient, real *dy) {
    const struct sequence *sequence = pass->sequence;
    int T = sequence->steps, B = sequence->batch, O = pass->cell->outputs;
    int inner = pass->cell->inner->state, S = pass->cell->state;
    size_t row = (size_t)B * (size_t)O;
    copy(row * (size_t)T, gradient->y, dy);
    for (int b = 0; b < B; b++) {
        if (gradient->final != NULL)
            add((size_t)O, gradient->final + b * S + inner, dy + row * (size_t)(T - 1) + b * O);
        for (int t = T; t-- > 0;) {
            real *own = dy + row * (size_t)t + b * O;
            if (!is_absent(sequence, t, b))
                continue;
            if (t > 0)
                add((size_t)O, own, own - row);
            else if (gradient->state != NULL)
                add((size_t)O, own, gradient->state + b * S + inner);
            zero((size_t)O, own);
        }
    }
}

void block_forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                   real *y, real *final, real *memory) {
    struct pass pass = begin_pass(cell, params, sequence, memory);
    const struct workspace *work = &pass.work;
    if (block_of(cell)->encodes)
        linear(pass.n, cell->inputs, pass.H, sequence->x, params + cell->offset[ENCODER_WEIGHT],
               params + cell->offset[ENCODER_BIAS], NULL, work->u, pass.H);
    if (norms(cell, PLACE_PRE)) {
        struct layer_norm norm = norm_of(&pass, work->pre, work->pre_inverse);
        layer_norm_forward(&norm, pass.x, work->r);
    }
    struct sequence own = inner_sequence(&pass);
    cell->inner->type->forward(cell->inner, params, &own, work->v, work->final, work->inner);
    if (!has_block(cell))
        copy((size_t)pass.n * (size_t)pass.M, work->v, y);
    else if (has_gate(cell, GATE_MLP))
        mlp_block_forward(&pass, y);
    else
        glu_forward(&pass, y);
    repeat_held(&pass, y, final);
    store_state(sequence->batch, cell->state, 0, cell->inner->state, work->final, final);
}

/* Back through the norm before the layer and the encoder, from dr and what the skip sent, dx. */
static void input_backward(const struct pass *pass, const struct cell_gradient *gradient, real *dr,
                           const real *dx) {
    const struct cell *cell = pass->cell;
    const size_t *offset = cell->offset;
    size_t size = (size_t)pass->n * (size_t)pass->H;
    if (norms(cell, PLACE_PRE)) {
        struct layer_norm norm = norm_of(pass, pass->work.pre, pass->work.pre_inverse);
        layer_norm_backward(&norm, dr, dr, gradient->params + offset[NORM_SCALE],
                            gradient->params + offset[NORM_SHIFT]);
    }
    if (dx != NULL)
        add(size, dx, dr);
    if (block_of(cell)->encodes)
        linear_backward(pass->n, cell->inputs, pass->H, pass->sequence->x,
                        pass->params + offset[ENCODER_WEIGHT], dr, pass->H,
                        gradient->params + offset[ENCODER_WEIGHT],
                        gradient->params + offset[ENCODER_BIAS], gradient->x, false);
    else if (gradient->x != NULL)
        copy(size, dr, gradient->x);
}

void block_backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    const struct cell_gradient *gradient, real *memory) {
    const struct cell *inner = cell->inner;
    struct pass pass = begin_pass(cell, params, sequence, memory);
    const struct workspace *work = &pass.work;
    size_t size = (size_t)pass.n * (size_t)pass.H,
           states = (size_t)sequence->batch * (size_t)inner->state;
    gather_held(&pass, gradient, work->dy);
    real *dskip = work->dgate; /* what goes to x or, in an mlp's block, to r past the layer */
    if (has_gate(cell, GATE_MLP)) {
        mlp_block_backward(&pass, gradient->params, work->dy, work->dr);
        copy(size, work->dr, dskip);
    } else if (has_block(cell)) {
        glu_backward(&pass, gradient->params, work->dy, work->dr);
        copy(size, work->dr, dskip);
    }
    struct sequence own = inner_sequence(&pass);
    load_final_gradient(gradient, sequence->batch, cell->state, 0, inner->state, work->final);
    zero(states, work->dstate);
    struct cell_gradient flow = {
        .y = has_block(cell) ? work->dv : work->dy,
        .final = work->final,
        .params = gradient->params,
        .x = work->dr,
        .state = work->dstate,
        .elapsed = gradient->elapsed,
    };
    inner->type->backward(inner, params, &own, &flow, work->inner);
    if (has_gate(cell, GATE_MLP))
        add(size, dskip, work->dr);
    input_backward(&pass, gradient, work->dr,
                   has_block(cell) && !has_gate(cell, GATE_MLP) ? dskip : NULL);
    add_state(sequence->batch, cell->state, 0, inner->state, work->dstate, gradient->state);
}

double block_flops(const struct cell *cell) {
    double H = cell->hidden, M = width_of(cell);
    double flops = cell->inner->type->flops(cell->inner);
    if (block_of(cell)->encodes)
        flops += 2 * H * cell->inputs;
    if (has_gate(cell, GATE_GLU))
        flops += 2 * 2 * H * M + 20 * H;
    else if (has_gate(cell, GATE_MLP))
        flops += 2 * H * (M + H);
    if (has_block(cell))
        flops += 20 * M + 10 * H;
    return flops;
}
