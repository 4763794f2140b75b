#include "engine/cells/lstm_pass.h"

#include "engine/initial.h"
#include "engine/kernels.h"
#include "engine/lstm_gates.h"
#include "math/weight_panels.h"

struct lstm_workspace {
    real *transposed; /* [K][4H] in panels: the weights and biases together, transposed */
    real *gates;      /* [T][B][4H] activated gates; in backward() the gradients of their inputs */
    real *rows;       /* [T+1][B][K] [h | x | 1] in the order of time: before and after each step */
    real *c;          /* [T+1][B][H] */
};

struct lstm_backward_workspace {
    real *dtransposed; /* [K][4H] */
    real *dweights;    /* [4H][K] dtransposed, transposed back */
    real *dh, *dc;     /* [B][H] */
    real *room;        /* for the panels of W_hh [4H][H] */
};

static int lstm_row(const struct cell *cell) {
    return cell->hidden + cell->inputs + 1;
}

/* Give a pass its memory and its backward pass the scratch that it needs, or count them. */
static size_t lstm_lay_out(const struct cell *cell, int T, int B, real *memory,
                           struct lstm_workspace *work) {
    size_t width = (size_t)lstm_row(cell), state = (size_t)B * (size_t)cell->hidden;
    struct scratch scratch = {.memory = memory};
    *work = (struct lstm_workspace){
        .transposed = scratch_take(&scratch, 4 * width * (size_t)cell->hidden),
        .gates = scratch_take(&scratch, 4 * state * (size_t)T),
        .rows = scratch_take(&scratch, (size_t)B * width * (size_t)(T + 1)),
        .c = scratch_take(&scratch, state * (size_t)(T + 1)),
    };
    return scratch.size;
}

static size_t lstm_lay_out_backward(const struct cell *cell, int B, real *memory,
                                    struct lstm_backward_workspace *work) {
    size_t transposed = 4 * (size_t)lstm_row(cell) * (size_t)cell->hidden;
    size_t state = (size_t)B * (size_t)cell->hidden;
    struct scratch scratch = {.memory = memory};
    *work = (struct lstm_backward_workspace){
        .dtransposed = scratch_take(&scratch, transposed),
        .dweights = scratch_take(&scratch, transposed),
        .dh = scratch_take(&scratch, state),
        .dc = scratch_take(&scratch, state),
        .room = scratch_take(&scratch, panels_room(cell->hidden, 4 * cell->hidden)),
    };
    return scratch.size;
}

size_t lstm_memory(const struct cell *cell, int T, int B) {
    struct lstm_workspace work;
    return lstm_lay_out(cell, T, B, NULL, &work);
}

size_t lstm_backward_scratch(const struct cell *cell, int B) {
    struct lstm_backward_workspace back;
    return lstm_lay_out_backward(cell, B, NULL, &back);
}

/* The step-th step that a pass makes is that of time t, between two of the T + 1 states. */
struct lstm_step {
    int t;
    size_t before, after;
};

static struct lstm_step lstm_step_at(struct lstm_pass pass, int T, int step) {
    int t = pass.number == 0 ? step : T - 1 - step;
    return (struct lstm_step){
        .t = t,
        .before = (size_t)(pass.number == 0 ? t : t + 1),
        .after = (size_t)(pass.number == 0 ? t + 1 : t),
    };
}

void lstm_declare(struct cell *cell, struct param_list *list, struct lstm_pass pass) {
    static const char *const names[] = {"weight_ih", "weight_hh", "bias_ih",  "bias_hh",
                                        "weight_ci", "weight_cf", "weight_co"};
    int H = cell->hidden, gates = 4 * H, first = pass.number * LSTM_TENSORS;
    const char *suffix = pass.number == 0 ? "" : "_reverse";
    for (int tensor = 0; tensor < (pass.has_peepholes ? LSTM_TENSORS : LSTM_PEEPHOLE_I); tensor++) {
        int columns = tensor == LSTM_WEIGHT_IH ? cell->inputs : tensor == LSTM_WEIGHT_HH ? H : 0;
        cell_param_suffixed(cell, list, first + tensor, names[tensor], suffix,
                            tensor < LSTM_PEEPHOLE_I ? gates : H, columns);
    }
}

void lstm_init(const struct cell *cell, real *params, gsl_rng *rng, struct lstm_pass pass,
               double forget_bias) {
    const size_t *offset = cell->offset + pass.number * LSTM_TENSORS;
    size_t H = (size_t)cell->hidden;
    /* The pass's tensors follow each other. */
    size_t size =
        4 * H * (size_t)(cell->inputs + cell->hidden + 2) + (pass.has_peepholes ? 3 * H : 0);
    fill_torch(rng, cell->hidden, size, params + offset[LSTM_WEIGHT_IH]);
    for (size_t j = 0; j < H; j++)
        params[offset[LSTM_BIAS_IH] + H + j] += (real)forget_bias;
}

static void lstm_transpose(const struct cell *cell, const real *params, const size_t *offset,
                           real *transposed) {
    int H = cell->hidden, I = cell->inputs, K = lstm_row(cell);
    panels_set_transposed(4 * H, K, 0, H, params + offset[LSTM_WEIGHT_HH], H, transposed);
    panels_set_transposed(4 * H, K, H, I, params + offset[LSTM_WEIGHT_IH], I, transposed);
    panels_set_row(4 * H, K, H + I, params + offset[LSTM_BIAS_IH], params + offset[LSTM_BIAS_HH],
                   transposed);
}

/* Adds dweights [4H][K] to the gradients of the parameters. */
static void lstm_add_gradient(const struct cell *cell, const real *dweights, const size_t *offset,
                              real *dparams) {
    size_t H = (size_t)cell->hidden, I = (size_t)cell->inputs;
    for (size_t j = 0; j < 4 * H; j++, dweights += H + I + 1) {
        add(H, dweights, dparams + offset[LSTM_WEIGHT_HH] + j * H);
        add(I, dweights + H, dparams + offset[LSTM_WEIGHT_IH] + j * I);
        dparams[offset[LSTM_BIAS_IH] + j] += dweights[H + I];
        dparams[offset[LSTM_BIAS_HH] + j] += dweights[H + I];
    }
}

/* Fills in rows [T+1][B][K]: inputs, ones and the first h. */
static void lstm_fill_rows(const struct cell *cell, const struct sequence *sequence,
                           struct lstm_pass pass, real *rows) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden, I = cell->inputs;
    size_t width = (size_t)lstm_row(cell), first = lstm_step_at(pass, T, 0).before;
    real *row = rows + (size_t)(B * pass.number) * width; /* before time 0 */
    const real *x = sequence->x;
    for (int n = 0; n < T * B; n++, row += width, x += I) {
        copy((size_t)I, x, row + H);
        row[H + I] = 1;
    }
    real *h = rows + first * (size_t)B * width;
    const real *state = sequence->state;
    for (int b = 0; b < B; b++, h += width) {
        if (state == NULL)
            zero((size_t)H, h);
        else
            copy((size_t)H, state + (size_t)b * (size_t)cell->state + 2 * H * pass.number, h);
    }
}

void lstm_forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                  struct lstm_pass pass, real *y, real *final, real *memory) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden, S = cell->state;
    int K = lstm_row(cell), part = 2 * H * pass.number;
    const size_t *offset = cell->offset + pass.number * LSTM_TENSORS;
    struct lstm_peepholes peepholes = {params + offset[LSTM_PEEPHOLE_I],
                                       params + offset[LSTM_PEEPHOLE_F],
                                       params + offset[LSTM_PEEPHOLE_O]};
    size_t state = (size_t)B * (size_t)H, row = (size_t)B * (size_t)K;
    struct lstm_workspace work;
    lstm_lay_out(cell, T, B, memory, &work);

    if (!sequence->is_prepared)
        lstm_transpose(cell, params, offset, work.transposed);
    lstm_fill_rows(cell, sequence, pass, work.rows);
    load_state(sequence, S, part + H, H, work.c + state * lstm_step_at(pass, T, 0).before);
    for (int n = 0; n < T; n++) {
        struct lstm_step step = lstm_step_at(pass, T, n);
        real *gates = work.gates + 4 * state * (size_t)step.t;
        const real *rows = work.rows + row * step.before, *c_before = work.c + state * step.before;
        real *h = work.rows + row * step.after, *c = work.c + state * step.after;
        real *out = y + (size_t)(step.t * B) * (size_t)cell->outputs + (size_t)(H * pass.number);
        matmul_panels(B, 4 * H, K, rows, K, work.transposed, gates, 4 * H, false);
        for (int b = 0; b < B; b++) {
            struct lstm_gates gates_b = lstm_gates_at(H, gates);
            if (is_absent(sequence, step.t, b)) {
                copy((size_t)H, rows, h);
                copy((size_t)H, c_before, c);
            } else if (pass.has_peepholes) {
                lstm_peephole_activate(H, gates_b, peepholes, c_before, c, h);
            } else {
                lstm_activate(H, gates_b, 0, c_before, c, h);
            }
            copy((size_t)H, h, out);
            gates += 4 * H, rows += K, c_before += H, h += K, c += H, out += cell->outputs;
        }
    }
    size_t end = T > 0 ? lstm_step_at(pass, T, T - 1).after : lstm_step_at(pass, T, 0).before;
    for (int b = 0; final != NULL && b < B; b++)
        copy((size_t)H, work.rows + end * row + (size_t)b * (size_t)K,
             final + (size_t)b * (size_t)S + part);
    store_state(B, S, part + H, H, work.c + end * state, final);
}

/* Turns the gates of a step into the gradients of their inputs, dh and dc from those of the state
 * after into those of the state before, except for what dh gets through the gates. */
static void lstm_step_backward(const struct cell *cell, const real *params,
                               const struct sequence *sequence, struct lstm_pass pass,
                               const struct cell_gradient *gradient, struct lstm_step step,
                               const struct lstm_workspace *work,
                               const struct lstm_backward_workspace *back) {
    int B = sequence->batch, H = cell->hidden;
    const size_t *offset = cell->offset + pass.number * LSTM_TENSORS;
    struct lstm_peepholes peepholes = {params + offset[LSTM_PEEPHOLE_I],
                                       params + offset[LSTM_PEEPHOLE_F],
                                       params + offset[LSTM_PEEPHOLE_O]};
    struct lstm_peephole_gradient dpeepholes = {gradient->params + offset[LSTM_PEEPHOLE_I],
                                                gradient->params + offset[LSTM_PEEPHOLE_F],
                                                gradient->params + offset[LSTM_PEEPHOLE_O]};
    size_t state = (size_t)B * (size_t)H;
    const real *c_before = work->c + state * step.before, *c = work->c + state * step.after;
    const real *h = work->rows + (size_t)(B * lstm_row(cell)) * step.after;
    const real *dy = gradient->y + (size_t)(step.t * B) * (size_t)cell->outputs;
    real *gates = work->gates + 4 * state * (size_t)step.t, *dh = back->dh, *dc = back->dc;
    for (int b = 0; b < B; b++) {
        struct lstm_gates gates_b = lstm_gates_at(H, gates);
        add((size_t)H, dy + H * pass.number, dh);
        if (is_absent(sequence, step.t, b)) {
            zero(4 * (size_t)H, gates);
        } else {
            if (pass.has_peepholes)
                lstm_peephole_activate_backward(H, gates_b, peepholes, c_before, c, dh, dc,
                                                dpeepholes);
            else
                lstm_activate_backward_shown(H, gates_b, c_before, h, dh, dc);
            zero((size_t)H, dh); /* all of it has gone into the gates */
        }
        gates += 4 * H, c_before += H, c += H, h += lstm_row(cell);
        dh += H, dc += H, dy += cell->outputs;
    }
}

void lstm_backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                   struct lstm_pass pass, const struct cell_gradient *gradient, real *memory,
                   real *scratch) {
    enum { ROWS_AT_ONCE = 256 }; /* of the weights' gradients, while they are in the cache */
    int T = sequence->steps, B = sequence->batch, H = cell->hidden, S = cell->state;
    int I = cell->inputs, K = lstm_row(cell), part = 2 * H * pass.number, waiting = 0;
    const size_t *offset = cell->offset + pass.number * LSTM_TENSORS;
    size_t state = (size_t)B * (size_t)H, row = (size_t)B * (size_t)K;
    struct lstm_workspace work;
    struct lstm_backward_workspace back;
    lstm_lay_out(cell, T, B, memory, &work);
    lstm_lay_out_backward(cell, B, scratch, &back);

    const real *weight_hh = panels_of(H, 4 * H, params + offset[LSTM_WEIGHT_HH], back.room);
    zero(4 * (size_t)H * (size_t)K, back.dtransposed);
    load_final_gradient(gradient, B, S, part, H, back.dh);
    load_final_gradient(gradient, B, S, part + H, H, back.dc);
    for (int n = T; n-- > 0;) {
        struct lstm_step step = lstm_step_at(pass, T, n);
        lstm_step_backward(cell, params, sequence, pass, gradient, step, &work, &back);
        const real *dgates = work.gates + 4 * state * (size_t)step.t;
        matmul_panels(B, H, 4 * H, dgates, 4 * H, weight_hh, back.dh, H, true);
        waiting++;
        if (waiting * B < ROWS_AT_ONCE && n > 0)
            continue;
        /* In the order of time the steps that wait begin here in a forward pass, else end here. */
        size_t first = pass.number == 0 ? 0 : (size_t)(waiting - 1);
        matmul_tn(K, 4 * H, waiting * B, work.rows + row * (step.before - first), K,
                  dgates - 4 * state * first, 4 * H, back.dtransposed, 4 * H, true);
        waiting = 0;
    }
    matrix_transpose(K, 4 * H, back.dtransposed, 4 * H, back.dweights);
    lstm_add_gradient(cell, back.dweights, offset, gradient->params);
    if (gradient->x != NULL)
        matmul_nn(T * B, I, 4 * H, work.gates, 4 * H, params + offset[LSTM_WEIGHT_IH], I,
                  gradient->x, I, pass.number > 0);
    add_state(B, S, part, H, back.dh, gradient->state);
    add_state(B, S, part + H, H, back.dc, gradient->state);
}

double lstm_flops(const struct cell *cell) {
    double H = cell->hidden, I = cell->inputs;
    return 2 * 4 * H * (I + H) + 40 * H;
}
