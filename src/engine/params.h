/* A model's parameters: one flat vector with a table of named views.
 *
 * Names are those of the reference implementations (PyTorch, ncps), so that a safetensors file
 * moves both ways without renaming. */
#ifndef ENGINE_PARAMS_H
#define ENGINE_PARAMS_H

#include "base/arena.h"
#include "math/real.h"

#include <stdbool.h>
#include <stddef.h>

enum { PARAM_MAX_DIMENSIONS = 4 };

struct param {
    const char *name;
    int dimensions, shape[PARAM_MAX_DIMENSIONS];
    bool is_matrix;      /* a map, which weight decay applies to; biases, time constants: not */
    size_t offset, size; /* the view: parameters[offset .. offset+size-1] */
    /* A sparse matrix: where its numbers stand in the whole one; NULL: they fill it. */
    const int *position;
    const char *mask; /* tensor of a file that is 1 where there is a number, else 0; or NULL */
};

struct param_list {
    struct param *items;
    int count;
    size_t size; /* length of the whole vector: the number of trainable parameters */
    struct arena *arena;
};

/* Appends a view and returns its offset in the flat vector. A matrix [rows][columns], which is
 * decayed, or with columns 0 a vector [rows], which is not. */
size_t param_declare(struct param_list *list, const char *name, int rows, int columns);

/* The same for a tensor of any shape, which 0 ends. */
size_t param_declare_shaped(struct param_list *list, const char *name, const int *shape,
                            bool is_matrix);

/* The same for a sparse matrix of `size` numbers. `mask` as in struct param. */
size_t param_declare_sparse(struct param_list *list, const char *name, int rows, int columns,
                            const int *position, size_t size, const char *mask);

/* Numbers of the whole tensor. */
size_t param_whole_size(const struct param *param);

#endif
