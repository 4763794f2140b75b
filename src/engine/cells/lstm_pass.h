/* One LSTM pass over a sequence, forward or backward in time: what the cells lstm and bilstm are
 * made of. Names and gate order are those of torch.nn.LSTM:
 *
 *   [i f g o] = W_ih x + b_ih + W_hh h + b_hh
 *
 * and engine/lstm_gates.h from there. State of a pass: [h; c].
 *
 * All three terms are one product: with rows [h | x | 1] of K = H + I + 1 numbers,
 *
 *   [i f g o] = [h | x | 1] · [W_hh | W_ih | b_ih + b_hh]ᵀ
 *
 * and so are the gradients of all weights and biases. */
#ifndef ENGINE_CELLS_LSTM_PASS_H
#define ENGINE_CELLS_LSTM_PASS_H

#include "engine/cell.h"
#include "engine/isa.h"

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

#define lstm_memory           ISA_NAME(lstm_memory)
#define lstm_backward_scratch ISA_NAME(lstm_backward_scratch)
#define lstm_declare          ISA_NAME(lstm_declare)
#define lstm_init             ISA_NAME(lstm_init)
#define lstm_forward          ISA_NAME(lstm_forward)
#define lstm_backward         ISA_NAME(lstm_backward)
#define lstm_flops            ISA_NAME(lstm_flops)

/* Numbers of memory that a pass keeps, and of scratch that its backward pass needs. */
size_t lstm_memory(const struct cell *cell, int T, int B);
size_t lstm_backward_scratch(const struct cell *cell, int B);

void lstm_declare(struct cell *cell, struct param_list *list, struct lstm_pass pass);

/* As PyTorch: all U(±1/√H), peepholes too. */
void lstm_init(const struct cell *cell, real *params, gsl_rng *rng, struct lstm_pass pass,
               double forget_bias);

/* y [T][B][O], of which the pass writes its columns; final [B][S], its part, or NULL. */
void lstm_forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                  struct lstm_pass pass, real *y, real *final, real *memory);

/* gradient->x is written by pass 0 and added to by pass 1. */
void lstm_backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                   struct lstm_pass pass, const struct cell_gradient *gradient, real *memory,
                   real *scratch);

/* Of one pass. */
double lstm_flops(const struct cell *cell);

#endif
