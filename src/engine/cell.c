#include "engine/cell.h"

#include "engine/cells/cell_table.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct instruction_set {
    const char *name;
    bool (*is_supported)(void);
    const struct cell_table *table;
};

static bool is_always_supported(void) {
    return true;
}

extern const struct cell_table cell_table_portable;

#ifdef __x86_64__
extern const struct cell_table cell_table_avx2, cell_table_avx512;

static bool has_avx2(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           __builtin_cpu_supports("bmi2");
}

static bool has_avx512(void) {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
}
#endif

/* Best first. */
static const struct instruction_set instruction_sets[] = {
#ifdef __x86_64__
    {"avx512", has_avx512, &cell_table_avx512},
    {"avx2", has_avx2, &cell_table_avx2},
#endif
    {"portable", is_always_supported, &cell_table_portable},
};

enum { INSTRUCTION_SETS = sizeof instruction_sets / sizeof instruction_sets[0] };

/* The one that the environment asks for; NULL when it does not, or it is not to be had. */
static const struct instruction_set *forced(void) {
    const char *name = getenv("LIQUIDBENCH_ISA");
    for (size_t i = 0; name != NULL && i < INSTRUCTION_SETS; i++)
        if (strcmp(instruction_sets[i].name, name) == 0 && instruction_sets[i].is_supported())
            return &instruction_sets[i];
    return NULL;
}

static const struct instruction_set *active(void) {
    const struct instruction_set *set = forced();
    if (set != NULL)
        return set;
    set = instruction_sets;
    while (!set->is_supported())
        set++;
    return set;
}

bool cell_isa_check(struct error *error) {
    const char *name = getenv("LIQUIDBENCH_ISA");
    if (name == NULL || name[0] == '\0' || forced() != NULL)
        return true;
    char known[64] = "";
    for (size_t i = 0; i < INSTRUCTION_SETS; i++)
        if (instruction_sets[i].is_supported())
            snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s",
                     known[0] != '\0' ? ", " : "", instruction_sets[i].name);
    return error_set(error, "LIQUIDBENCH_ISA: there is no \"%s\" here; choose one of: %s", name,
                     known);
}

const char *cell_isa(void) {
    return active()->name;
}

const struct cell_type *cell_type_at(size_t position) {
    const struct cell_type *const *types = active()->table->types;
    for (size_t i = 0; i < position && *types != NULL; i++)
        types++;
    return *types;
}

readout_function cell_readout(void) {
    return active()->table->readout;
}

const struct cell_type *cell_type_find(const char *name) {
    const struct cell_type *type;
    for (size_t i = 0; (type = cell_type_at(i)) != NULL; i++)
        if (strcmp(type->name, name) == 0)
            return type;
    return NULL;
}

const char *cell_type_name(size_t position) {
    const struct cell_type *type = cell_type_at(position);
    return type == NULL ? NULL : type->name;
}

/* Makes the cell, else complete, one of a type. */
static bool become(struct cell *cell, const struct cell_type *type, struct error *error) {
    cell->type = type;
    cell->outputs = cell->hidden;
    cell->state = cell->hidden * (type->states > 0 ? type->states : 1);
    return type->configure == NULL || type->configure(cell, error);
}

bool cell_create(struct cell *cell, const struct cell_type *type, int layer, int layers, int inputs,
                 int flags, int hidden, const void *options, uint64_t seed, struct arena *arena,
                 struct error *error) {
    *cell = (struct cell){
        .inputs = inputs,
        .flags = flags,
        .hidden = hidden,
        .layer = layer,
        .layers = layers,
        .seed = seed,
        .arena = arena,
        .options = options,
    };
    return become(cell, type->choose != NULL ? type->choose(options) : type, error);
}

bool cell_create_inner(struct cell *cell, int inputs, struct error *error) {
    struct cell *inner = ARENA_NEW(cell->arena, struct cell, 1);
    *inner = *cell;
    inner->inputs = inputs;
    cell->inner = inner;
    cell->inner_count = 1;
    return become(inner, cell->type->inner, error);
}

void cell_forward_all(const struct cell *cell, const real *params, const struct sequence *sequence,
                      real *y, real *final, real *workspace) {
    cell->type->forward_steps(cell, params, sequence, 0, sequence->steps, y, final, workspace);
}

void cell_backward_all(const struct cell *cell, const real *params, const struct sequence *sequence,
                       const struct cell_gradient *gradient, real *workspace) {
    cell->type->backward_steps(cell, params, sequence, 0, sequence->steps, gradient, workspace);
}

/* The name of a tensor of this layer. */
static void layer_name(const struct cell *cell, const char *name, const char *suffix,
                       char full[128]) {
    if (cell->type->torch_names)
        snprintf(full, 128, "%s_l%d%s", name, cell->layer, suffix);
    else if (cell->layer > 0)
        snprintf(full, 128, "layers.%d.%s%s", cell->layer, name, suffix);
    else
        snprintf(full, 128, "%s%s", name, suffix);
}

void cell_param(struct cell *cell, struct param_list *list, int tensor, const char *name, int rows,
                int columns) {
    cell_param_suffixed(cell, list, tensor, name, "", rows, columns);
}

void cell_param_shaped(struct cell *cell, struct param_list *list, int tensor, const char *name,
                       const int *shape, bool is_matrix) {
    assert(tensor >= 0 && tensor < CELL_MAX_PARAMS);
    char full[128];
    layer_name(cell, name, "", full);
    cell->offset[tensor] = param_declare_shaped(list, full, shape, is_matrix);
}

void cell_param_suffixed(struct cell *cell, struct param_list *list, int tensor, const char *name,
                         const char *suffix, int rows, int columns) {
    assert(tensor >= 0 && tensor < CELL_MAX_PARAMS);
    char full[128];
    layer_name(cell, name, suffix, full);
    cell->offset[tensor] = param_declare(list, full, rows, columns);
}

void cell_param_sparse(struct cell *cell, struct param_list *list, int tensor, const char *name,
                       int rows, int columns, const int *position, int count, const char *mask) {
    assert(tensor >= 0 && tensor < CELL_MAX_PARAMS);
    char full[128], full_mask[128];
    layer_name(cell, name, "", full);
    layer_name(cell, mask != NULL ? mask : "", "", full_mask);
    size_t size = position != NULL ? (size_t)count : (size_t)rows * (size_t)columns;
    cell->offset[tensor] = param_declare_sparse(list, full, rows, columns, position, size,
                                                mask != NULL ? full_mask : NULL);
}
