/* Normalisation of each window by itself, around any network that forecasts some of its inputs:
 *
 *   revin:  m, s = mean and √(biased variance + 1e-5) of a channel over its window's present steps
 *           (Kim et al., ICLR 2022);      last:  m the last present value, s = 1
 *   the network reads (x − m)/s ⊙ w + b, and its output o for that channel becomes
 *   (o − b)/(w + 1e-10) ⊙ s + m
 *
 * w (`affine_weight`, 1) and b (`affine_bias`, 0) are learned where the kind is "revin"; m and s are
 * data, through which no gradient passes. A window must be seen as a whole: such a network neither
 * streams nor is checkpointed, and only its last output means something.
 *
 * C channels (the inputs but their observation flags), n = T·B rows. */
#ifndef MODEL_NORMALIZATION_H
#define MODEL_NORMALIZATION_H

#include "engine/cell.h"

/* From 1, as FIELD_CHOICE counts; 0: none. */
enum normalize { NORMALIZE_LAST = 1, NORMALIZE_REVIN, NORMALIZE_REVIN_FIXED };

const char *normalize_name(size_t position);

struct normalization {
    int kind;
    int inputs, channels;        /* I, C */
    size_t weight, bias;         /* among the parameters; of NORMALIZE_REVIN */
    int outputs, targets;        /* outputs are [horizon][targets] */
    const int *target_input;     /* [targets] the channel that a target is */
    const double *scale, *shift; /* [targets] target units = channel units · scale + shift */
};

/* Declares the parameters; and their initial values. */
void normalization_declare(struct normalization *normalization, struct param_list *list);
void normalization_init(const struct normalization *normalization, real *params);

static inline bool normalization_is_affine(const struct normalization *normalization) {
    return normalization->kind == NORMALIZE_REVIN;
}

/* What forward() leaves for the others: m and s [B][C] each. */
static inline size_t normalization_statistics(const struct normalization *normalization,
                                              int batch) {
    return 2 * (size_t)batch * (size_t)normalization->channels;
}

/* to [T][B][I] from sequence->x. */
void normalize(const struct normalization *normalization, const real *params,
               const struct sequence *sequence, real *statistics, real *to);

/* out [T][B][O] in place; leaves (o − b)/(w + 1e-10) in `kept` (NULL: not wanted). */
void denormalize(const struct normalization *normalization, const real *params, int steps,
                 int batch, const real *statistics, real *kept, real *out);

/* dnetwork [T][B][O] from dout, the gradient by the network's own outputs; w's and b's +=. */
void denormalize_backward(const struct normalization *normalization, const real *params, int steps,
                          int batch, const real *statistics, const real *kept, const real *dout,
                          real *dnetwork, real *gradient);

/* w's and b's gradients += from dx, that of what the network reads, `width` numbers a row. */
void normalize_backward(const struct normalization *normalization, const struct sequence *sequence,
                        const real *statistics, const real *dx, int width, real *gradient);

#endif
