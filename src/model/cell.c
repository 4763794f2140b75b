#include "model/cell.h"

#include "model/cells/table.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct instruction_set {
    const char *name;
    bool (*is_supported)(void);
    const struct cell_type *const *cells;
};

static bool is_always_supported(void) {
    return true;
}

extern const struct cell_type *const cell_table_portable[];

#ifdef __x86_64__
extern const struct cell_type *const cell_table_avx2[];
extern const struct cell_type *const cell_table_avx512[];

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
    {"avx512", has_avx512, cell_table_avx512},
    {"avx2", has_avx2, cell_table_avx2},
#endif
    {"portable", is_always_supported, cell_table_portable},
};

static const struct instruction_set *active(void) {
    size_t count = sizeof instruction_sets / sizeof instruction_sets[0];
    const char *forced = getenv("LIQUIDBENCH_ISA");
    if (forced != NULL)
        for (size_t i = 0; i < count; i++)
            if (strcmp(instruction_sets[i].name, forced) == 0 && instruction_sets[i].is_supported())
                return &instruction_sets[i];
    const struct instruction_set *set = instruction_sets;
    while (!set->is_supported())
        set++;
    return set;
}

const char *cell_isa(void) {
    return active()->name;
}

const struct cell_type *cell_type_at(size_t position) {
    const struct cell_type *const *cells = active()->cells;
    for (size_t i = 0; i < position && *cells != NULL; i++)
        cells++;
    return *cells;
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

bool cell_create(struct cell *cell, const struct cell_type *type, int layer, int inputs, int flags,
                 int hidden, const void *options, struct error *error) {
    *cell = (struct cell){
        .type = type,
        .inputs = inputs,
        .flags = flags,
        .hidden = hidden,
        .outputs = hidden,
        .state = hidden,
        .layer = layer,
        .options = options,
    };
    return type->configure == NULL || type->configure(cell, error);
}

void cell_param(struct cell *cell, struct param_list *list, int tensor, const char *name, int rows,
                int columns) {
    cell_param_suffixed(cell, list, tensor, name, "", rows, columns);
}

void cell_param_suffixed(struct cell *cell, struct param_list *list, int tensor, const char *name,
                         const char *suffix, int rows, int columns) {
    assert(tensor >= 0 && tensor < CELL_MOST_PARAMS);
    char full[128];
    if (cell->type->torch_names)
        snprintf(full, sizeof full, "%s_l%d%s", name, cell->layer, suffix);
    else if (cell->layer > 0)
        snprintf(full, sizeof full, "layers.%d.%s%s", cell->layer, name, suffix);
    else
        snprintf(full, sizeof full, "%s%s", name, suffix);
    cell->offset[tensor] = param_declare(list, full, rows, columns);
}
