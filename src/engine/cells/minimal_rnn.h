/* What minGRU and minLSTM have in common (Feng et al. 2024, appendix B): gates and candidates see
 * the input alone, so that all of them are computed before the loop over the steps.
 *
 *   h ← (1 − z) ⊙ h + z ⊙ c
 *   c = W_h x + b_h   plain;     c = g(W_h x + b_h)   log,   g(a) = a + 1/2 for a >= 0, else σ(a)
 *
 * The log form is a model of its own, whose candidates are positive; its name comes from the scan
 * in log space by which a GPU computes it. How z follows from the gates is the cell's business.
 * Rows of the weights: W_h, then the gates. State: h.
 *
 * G blocks of H rows, n = T·B rows. */
#ifndef ENGINE_CELLS_MINIMAL_RNN_H
#define ENGINE_CELLS_MINIMAL_RNN_H

#include "engine/cell.h"
#include "engine/isa.h"

#define minimal_form_name ISA_NAME(minimal_form_name)
#define minimal_memory    ISA_NAME(minimal_memory)
#define minimal_declare   ISA_NAME(minimal_declare)
#define minimal_init      ISA_NAME(minimal_init)
#define minimal_forward   ISA_NAME(minimal_forward)
#define minimal_backward  ISA_NAME(minimal_backward)

struct minimal_options {
    int form;
    bool bias;
    double forget_bias;
};

enum { MINIMAL_LOG = 1, MINIMAL_PLAIN };

const char *minimal_form_name(size_t position);

#define MINIMAL_FIELDS                                                                             \
    {.name = "form",                                                                               \
     .type = FIELD_CHOICE,                                                                         \
     .offset = offsetof(struct minimal_options, form),                                             \
     .fallback = "\"log\"",                                                                        \
     .choices = minimal_form_name,                                                                 \
     .help = "The paper's log-space model, whose candidates are positive, or its plain one."},     \
    {                                                                                              \
        .name = "bias", .type = FIELD_BOOL, .offset = offsetof(struct minimal_options, bias),      \
        .fallback = "true", .help = "Give the linear maps a bias."                                 \
    }

/* One of the two cells. */
struct minimal {
    int blocks; /* G */
    const char *weight, *bias;
    /* z [n][H] from rows [n][G·H], whose gates are behind the first H columns. */
    void (*open)(int n, int H, const real *rows, real *z);
    /* The gates' columns of rows become gradients, from dgate [n][H] by the argument of σ in z. */
    void (*open_backward)(int n, int H, const real *dgate, real *rows);
};

enum { MINIMAL_WEIGHT, MINIMAL_BIAS };

static inline const struct minimal_options *minimal_options_of(const struct cell *cell) {
    return cell->options;
}

size_t minimal_memory(const struct cell *cell, const struct minimal *minimal, int T, int B,
                      enum phase phase);
void minimal_declare(struct cell *cell, const struct minimal *minimal, struct param_list *list);

/* As torch.nn.Linear. */
void minimal_init(const struct cell *cell, const struct minimal *minimal, real *params,
                  gsl_rng *rng);
void minimal_forward(const struct cell *cell, const struct minimal *minimal, const real *params,
                     const struct sequence *sequence, real *y, real *final, real *memory);
void minimal_backward(const struct cell *cell, const struct minimal *minimal, const real *params,
                      const struct sequence *sequence, const struct cell_gradient *gradient,
                      real *memory);

/* The functions of struct cell_type for `static const struct minimal minimal`. */
#define MINIMAL_FUNCTIONS                                                                          \
    static void declare(struct cell *cell, struct param_list *list) {                              \
        minimal_declare(cell, &minimal, list);                                                     \
    }                                                                                              \
    static size_t workspace(const struct cell *cell, int steps, int batch, enum phase phase) {     \
        return minimal_memory(cell, &minimal, steps, batch, phase);                                \
    }                                                                                              \
    static void forward(const struct cell *cell, const real *params,                               \
                        const struct sequence *sequence, real *y, real *final, real *memory) {     \
        minimal_forward(cell, &minimal, params, sequence, y, final, memory);                       \
    }                                                                                              \
    static void backward(const struct cell *cell, const real *params,                              \
                         const struct sequence *sequence, const struct cell_gradient *gradient,    \
                         real *memory) {                                                           \
        minimal_backward(cell, &minimal, params, sequence, gradient, memory);                      \
    }

#endif
