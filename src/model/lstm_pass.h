/* One LSTM pass over a sequence, forward or backward in time: what the cells lstm and bilstm are
 * made of. Names and gate order are those of torch.nn.LSTM:
 *
 *   [i f g o] = W_ih x + b_ih + W_hh h + b_hh
 *
 * and model/lstm_gates.h from there. State of a pass: [h; c]. */
#ifndef MODEL_LSTM_PASS_H
#define MODEL_LSTM_PASS_H

#include "math/matmul.h"
#include "model/initial.h"
#include "model/linear.h"
#include "model/lstm_gates.h"

enum lstm_tensor {
    LSTM_WEIGHT_IH,
    LSTM_WEIGHT_HH,
    LSTM_BIAS_IH,
    LSTM_BIAS_HH,
    LSTM_PEEPHOLE_I,
    LSTM_PEEPHOLE_F,
    LSTM_PEEPHOLE_O,
    LSTM_TENSORS
};

/* A cell has one pass or two; pass p's part of the state is [p·2H, (p+1)·2H), its columns of the
 * output are [p·H, (p+1)·H) and its tensors begin at p·LSTM_TENSORS. */
struct lstm_pass {
    int number; /* p; 1 reads the sequence from its end */
    bool has_peepholes;
};

struct lstm_workspace {
    struct turned_weights turned; /* of 4H rows */
    real *gates; /* [T][B][4H] activated gates; in backward() the gradients of their inputs */
    real *h, *c; /* [T+1][B][H] in the order of time: before and after each step */
};

static inline size_t lstm_lay_out(const struct cell *cell, int T, int B, real *memory,
                                  struct lstm_workspace *work) {
    size_t row = (size_t)B * (size_t)cell->hidden;
    struct scratch scratch = {.memory = memory};
    *work = (struct lstm_workspace){
        .turned = turned_take(&scratch, 4 * cell->hidden, cell->inputs, cell->hidden),
        .gates = scratch_take(&scratch, 4 * row * (size_t)T),
        .h = scratch_take(&scratch, row * (size_t)(T + 1)),
        .c = scratch_take(&scratch, row * (size_t)(T + 1)),
    };
    return scratch.size;
}

/* Numbers of memory that a pass keeps, and of scratch that its way back needs. */
static inline size_t lstm_memory(const struct cell *cell, int T, int B) {
    struct lstm_workspace work;
    return lstm_lay_out(cell, T, B, NULL, &work);
}

static inline size_t lstm_backward_scratch(int H, int B) {
    return 2 * (size_t)B * (size_t)H;
}

static inline void lstm_declare(struct cell *cell, struct param_list *list, struct lstm_pass pass) {
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

/* As PyTorch: all U(±1/√H), peepholes too. */
static inline void lstm_init(const struct cell *cell, real *params, gsl_rng *rng,
                             struct lstm_pass pass, double forget_bias) {
    const size_t *offset = cell->offset + pass.number * LSTM_TENSORS;
    size_t H = (size_t)cell->hidden;
    /* The pass's tensors follow each other. */
    size_t size =
        4 * H * (size_t)(cell->inputs + cell->hidden + 2) + (pass.has_peepholes ? 3 * H : 0);
    fill_torch(rng, cell->hidden, size, params + offset[LSTM_WEIGHT_IH]);
    for (size_t j = 0; j < H; j++)
        params[offset[LSTM_BIAS_IH] + H + j] += (real)forget_bias;
}

/* y [T][B][O], of which the pass writes its columns; final [B][S], its part, or NULL. */
static inline void lstm_forward(const struct cell *cell, const real *params,
                                const struct sequence *sequence, struct lstm_pass pass, real *y,
                                real *final, real *memory) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden, S = cell->state;
    int I = cell->inputs;
    const size_t *offset = cell->offset + pass.number * LSTM_TENSORS;
    struct lstm_peepholes peepholes = {params + offset[LSTM_PEEPHOLE_I],
                                       params + offset[LSTM_PEEPHOLE_F],
                                       params + offset[LSTM_PEEPHOLE_O]};
    size_t row = (size_t)B * (size_t)H;
    struct lstm_workspace work;
    lstm_lay_out(cell, T, B, memory, &work);
    /* A step goes from position t to t + 1, or the other way. */
    size_t begin = pass.number == 0 ? 0 : row * (size_t)T, end = row * (size_t)T - begin;

    load_state(sequence, S, 2 * H * pass.number, H, work.h + begin);
    load_state(sequence, S, 2 * H * pass.number + H, H, work.c + begin);
    turned_fill(sequence, 4 * H, I, H, params + offset[LSTM_WEIGHT_IH],
                params + offset[LSTM_WEIGHT_HH], work.turned);
    linear_turned(T * B, I, 4 * H, sequence->x, work.turned.ih, params + offset[LSTM_BIAS_IH],
                  params + offset[LSTM_BIAS_HH], work.gates, 4 * H);
    for (int step = 0; step < T; step++) {
        int t = pass.number == 0 ? step : T - 1 - step;
        size_t before = row * (size_t)(pass.number == 0 ? t : t + 1);
        size_t after = row * (size_t)(pass.number == 0 ? t + 1 : t);
        real *gates = work.gates + 4 * row * (size_t)t;
        matmul_nn(B, 4 * H, H, work.h + before, H, work.turned.hh, 4 * H, gates, 4 * H, true);
        for (int b = 0; b < B; b++) {
            size_t at = (size_t)b * (size_t)H;
            const real *c_before = work.c + before + at;
            real *c = work.c + after + at, *h = work.h + after + at;
            struct lstm_gates gates_b = lstm_gates_at(H, gates + 4 * at);
            if (is_absent(sequence, t, b)) {
                copy((size_t)H, work.h + before + at, h);
                copy((size_t)H, c_before, c);
            } else if (pass.has_peepholes) {
                lstm_peephole_activate(H, gates_b, peepholes, c_before, c, h);
            } else {
                lstm_activate(H, gates_b, 0, c_before, c, h);
            }
        }
        store_state(B, cell->outputs, H * pass.number, H, work.h + after,
                    y + (size_t)t * (size_t)B * (size_t)cell->outputs);
    }
    store_state(B, S, 2 * H * pass.number, H, work.h + end, final);
    store_state(B, S, 2 * H * pass.number + H, H, work.c + end, final);
}

/* gradient->x is written by pass 0 and added to by pass 1. */
static inline void lstm_backward(const struct cell *cell, const real *params,
                                 const struct sequence *sequence, struct lstm_pass pass,
                                 const struct cell_gradient *gradient, real *memory,
                                 real *scratch) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden, S = cell->state;
    const size_t *offset = cell->offset + pass.number * LSTM_TENSORS;
    struct lstm_peepholes peepholes = {params + offset[LSTM_PEEPHOLE_I],
                                       params + offset[LSTM_PEEPHOLE_F],
                                       params + offset[LSTM_PEEPHOLE_O]};
    struct lstm_peephole_gradient dpeepholes = {gradient->params + offset[LSTM_PEEPHOLE_I],
                                                gradient->params + offset[LSTM_PEEPHOLE_F],
                                                gradient->params + offset[LSTM_PEEPHOLE_O]};
    size_t row = (size_t)B * (size_t)H;
    real *dh_rows = scratch, *dc_rows = scratch + row; /* [B][H] */
    struct lstm_workspace work;
    lstm_lay_out(cell, T, B, memory, &work);

    load_final_gradient(gradient, B, S, 2 * H * pass.number, H, dh_rows);
    load_final_gradient(gradient, B, S, 2 * H * pass.number + H, H, dc_rows);
    for (int step = T; step-- > 0;) {
        int t = pass.number == 0 ? step : T - 1 - step;
        size_t before = row * (size_t)(pass.number == 0 ? t : t + 1);
        size_t after = row * (size_t)(pass.number == 0 ? t + 1 : t);
        real *dgates = work.gates + 4 * row * (size_t)t;
        for (int b = 0; b < B; b++) {
            size_t at = (size_t)b * (size_t)H, out = (size_t)(t * B + b) * (size_t)cell->outputs;
            const real *c_before = work.c + before + at, *c = work.c + after + at;
            real *dh = dh_rows + at, *dc = dc_rows + at;
            struct lstm_gates gates_b = lstm_gates_at(H, dgates + 4 * at);
            add((size_t)H, gradient->y + out + (size_t)(H * pass.number), dh);
            if (is_absent(sequence, t, b)) {
                zero(4 * (size_t)H, dgates + 4 * at);
                continue;
            }
            if (pass.has_peepholes)
                lstm_peephole_activate_backward(H, gates_b, peepholes, c_before, c, dh, dc,
                                                dpeepholes);
            else
                lstm_activate_backward(H, gates_b, c_before, c, dh, dc);
            zero((size_t)H, dh); /* all of it has gone into the gates */
        }
        matmul_nn(B, H, 4 * H, dgates, 4 * H, params + offset[LSTM_WEIGHT_HH], H, dh_rows, H, true);
    }

    linear_backward(T * B, cell->inputs, 4 * H, sequence->x, params + offset[LSTM_WEIGHT_IH],
                    work.gates, 4 * H, gradient->params + offset[LSTM_WEIGHT_IH],
                    gradient->params + offset[LSTM_BIAS_IH], gradient->x, pass.number > 0);
    linear_bias_backward(T * B, 4 * H, work.gates, 4 * H, gradient->params + offset[LSTM_BIAS_HH]);
    matmul_tn(4 * H, H, T * B, work.gates, 4 * H, work.h + (pass.number == 0 ? 0 : row), H,
              gradient->params + offset[LSTM_WEIGHT_HH], H, true);
    add_state(B, S, 2 * H * pass.number, H, dh_rows, gradient->state);
    add_state(B, S, 2 * H * pass.number + H, H, dc_rows, gradient->state);
}

static inline double lstm_flops(const struct cell *cell) {
    double H = cell->hidden, I = cell->inputs;
    return 2 * 4 * H * (I + H) + 40 * H;
}

#endif
