/* Parameters as the tensors of a file, and back. A sparse matrix is written whole, with 0 where it
 * has no number, next to its mask, as ncps has both; numbers that stand outside it are not read. */
#ifndef MODEL_WEIGHTS_H
#define MODEL_WEIGHTS_H

#include "engine/params.h"
#include "model/safetensors.h"

/* All parameters and masks, in the arena. */
struct tensor *weights_tensors(const struct param_list *list, const real *params,
                               struct arena *arena, size_t *count);

/* Reads every parameter from the tensor called `prefix` and its name. Errors name a tensor that is
 * missing, has the wrong shape or mask, or holds what is no finite number. A mask itself may be missing. */
bool weights_read(const struct param_list *list, const struct tensor_file *file, const char *prefix,
                  real *params, struct error *error);

#endif
