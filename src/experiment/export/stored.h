/* The parameters of a network as an exported file stores them: which arrays, in which order and
 * which type. Functions of parameters alone are applied before, so that no step recomputes them. */
#ifndef EXPERIMENT_EXPORT_STORED_H
#define EXPERIMENT_EXPORT_STORED_H

#include "base/error.h"
#include "model/network.h"

enum weight_type { WEIGHT_FLOAT32, WEIGHT_FLOAT16, WEIGHT_INT8 };

/* Names as --type has them; NULL after the last. */
const char *weight_type_name(size_t position);

/* One tensor. A matrix has `parts` of [rows][columns] each, one after the other, a vector one row in
 * float, whatever the type. */
struct stored {
    const struct param *param;
    const char *path;        /* of the member in the layer's struct: "weight_ih", "glu.w1.weight" */
    bool is_matrix, is_list; /* a list of parts, even if there is only one */
    int parts, rows, columns;
    size_t count;      /* numbers that there are: parts · rows · columns, fewer of a sparse one */
    int *row, *column; /* [count] of a sparse matrix, column by column; NULL otherwise */
    float *values;     /* [count] in that order, else row by row; rounded to the type */
    float *scale; /* [parts · rows] of int8, otherwise ones; value / scale is what is stored */
};

/* The tensors of layer l; of l = network->layers those of the readout. */
struct stored *stored_layer(const struct network *network, const real *params, int l,
                            enum weight_type type, struct arena *arena, int *count);

/* Gives the parameters the values that their stored ones stand for, so that the engine computes
 * what the exported file does. */
void stored_round(const struct network *network, real *params, enum weight_type type);

/* False when numbers are too large for float16. */
bool stored_check(const struct network *network, const real *params, enum weight_type type,
                  struct error *error);

/* Bits of a half-precision number, rounded to nearest, ties to even. */
unsigned half_bits(float value);

#endif
