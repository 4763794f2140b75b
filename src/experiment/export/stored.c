#include "experiment/export/stored.h"

#include "math/pointwise.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *weight_type_name(size_t position) {
    static const char *const names[] = {"float32", "float16", "int8", NULL};
    return names[position];
}

/* --- what is special about the tensors of a cell ---------------------------------------------- */

/* How a tensor becomes matrices. */
enum arrangement {
    PLAIN,           /* as its shape says: a vector, [rows][columns], [parts][rows][columns] */
    VECTOR,          /* in float, though it has the shape of a matrix */
    SYNAPSES,        /* [sources][targets], a row for each target */
    COMPLEX_ROWS,    /* [N][H][2]: N rows of real parts, N of imaginary ones */
    COMPLEX_COLUMNS, /* [H][N][2]: N columns of real parts, N of negated imaginary ones */
    TAPS,            /* [H][C][k]: k matrices [H][C], each row over the length of its v, times g */
    LEFT_OUT
};

/* What is computed once, when a model is exported. */
enum function { AS_IS, EXP, MINUS_EXP, EXP_MINUS, SIGMOID, SOFTPLUS, SOFTPLUS_IF_ASKED };

struct special_number {
    const char *cell, *tensor;
    enum arrangement layout;
    enum function function;
    int parts; /* of a matrix, whose rows they share; 0: 1 */
};

static const struct special_number specials[] = {
    {"grud", "weight_hh", PLAIN, AS_IS, 3},
    {"gruode", "weight_hh", PLAIN, AS_IS, 3},
    {"ctrnn", "log_tau", PLAIN, EXP_MINUS, 0},
    {"plstm", "raw_period", PLAIN, SOFTPLUS, 0},
    {"plstm", "raw_shift", PLAIN, SOFTPLUS, 0},
    {"plstm", "raw_open_ratio", PLAIN, SOFTPLUS, 0},
    {"cfc", "w_tau", VECTOR, AS_IS, 0},
    {"cfc", "A", VECTOR, AS_IS, 0},
    {"ltc", "gleak", PLAIN, SOFTPLUS_IF_ASKED, 0},
    {"ltc", "cm", PLAIN, SOFTPLUS_IF_ASKED, 0},
    {"ltc", "sigma", SYNAPSES, AS_IS, 0},
    {"ltc", "mu", SYNAPSES, AS_IS, 0},
    {"ltc", "w", SYNAPSES, SOFTPLUS_IF_ASKED, 0},
    {"ltc", "erev", SYNAPSES, AS_IS, 0},
    {"ltc", "sensory_sigma", SYNAPSES, AS_IS, 0},
    {"ltc", "sensory_mu", SYNAPSES, AS_IS, 0},
    {"ltc", "sensory_w", SYNAPSES, SOFTPLUS_IF_ASKED, 0},
    {"ltc", "sensory_erev", SYNAPSES, AS_IS, 0},
    {"lrc", "sigma", SYNAPSES, AS_IS, 0},
    {"lrc", "mu", SYNAPSES, AS_IS, 0},
    {"lrc", "h", SYNAPSES, AS_IS, 0},
    {"lrc", "w", SYNAPSES, AS_IS, 0},
    {"lrc", "sensory_sigma", SYNAPSES, AS_IS, 0},
    {"lrc", "sensory_mu", SYNAPSES, AS_IS, 0},
    {"lrc", "sensory_h", SYNAPSES, AS_IS, 0},
    {"lrc", "sensory_w", SYNAPSES, AS_IS, 0},
    {"lru", "nu_log", PLAIN, EXP, 0},
    {"lru", "theta_log", PLAIN, EXP, 0},
    {"lru", "gamma_log", PLAIN, EXP, 0},
    {"linoss", "steps", PLAIN, SIGMOID, 0},
    {"linoss", "B", COMPLEX_ROWS, AS_IS, 0},
    {"linoss", "C", COMPLEX_COLUMNS, AS_IS, 0},
    {"liquids4", "log_dt", PLAIN, EXP, 0},
    {"liquids4", "log_A_real", PLAIN, MINUS_EXP, 0},
    {"liquids4", "C", VECTOR, AS_IS, 0},
    {"tcn", "conv1.weight_g", LEFT_OUT, AS_IS, 0},
    {"tcn", "conv2.weight_g", LEFT_OUT, AS_IS, 0},
    {"tcn", "conv1.weight_v", TAPS, AS_IS, 0},
    {"tcn", "conv2.weight_v", TAPS, AS_IS, 0},
    {"tcn", "conv1.weight", TAPS, AS_IS, 0},
    {"tcn", "conv2.weight", TAPS, AS_IS, 0},
};

static struct special_number special_of(const char *cell, const char *tensor) {
    if (strncmp(tensor, "layer_", 6) == 0) /* of a wired CfC */
        tensor = strchr(tensor, '.') + 1;
    for (size_t i = 0; i < sizeof specials / sizeof specials[0]; i++)
        if (strcmp(specials[i].cell, cell) == 0 && strcmp(specials[i].tensor, tensor) == 0)
            return specials[i];
    return (struct special_number){.cell = cell, .tensor = tensor};
}

static bool asks_for_softplus(const struct cell *cell) {
    for (const struct field *field = cell->type->options; field != NULL && field->name; field++)
        if (strcmp(field->name, "constraint") == 0) {
            int choice = *(const int *)(const void *)((const char *)cell->options + field->offset);
            return choice > 0 && strcmp(field->choices((size_t)choice - 1), "softplus") == 0;
        }
    return false;
}

static float apply(enum function function, real x) {
    switch (function) {
    case EXP:
        return (float)real_exp(x);
    case MINUS_EXP:
        return (float)-real_exp(x);
    case EXP_MINUS:
        return (float)real_exp(-x);
    case SIGMOID:
        return (float)real_sigmoid(x);
    case SOFTPLUS:
        return (float)real_softplus((double)x);
    default:
        return (float)x;
    }
}

/* The parameter that the stored value stands for. Only a softplus is ever rounded. */
static real undo(enum function function, float value, real before) {
    if (function == AS_IS)
        return (real)value;
    if (function == SOFTPLUS)
        return (real)(value > 20 ? (double)value : value > 0 ? log(expm1((double)value)) : -87);
    return before;
}

/* --- names ------------------------------------------------------------------------------------ */

/* The tensor's name without its layer's prefix; NULL when it belongs to a different layer. */
static const char *own_name(const struct cell *cell, const char *name, struct arena *arena) {
    char mark[32];
    size_t length = strlen(name);
    if (cell->type->torch_names) {
        int size = snprintf(mark, sizeof mark, "_l%d", cell->layer);
        const char *end = name + length - size;
        return length > (size_t)size && strcmp(end, mark) == 0
                   ? arena_printf(arena, "%.*s", (int)(end - name), name)
                   : NULL;
    }
    int size = snprintf(mark, sizeof mark, "layers.%d.", cell->layer);
    bool is_above = strncmp(name, "layers.", 7) == 0;
    if (cell->layer == 0)
        return is_above ? NULL : name;
    return is_above && strncmp(name, mark, (size_t)size) == 0 ? name + size : NULL;
}

/* "backbone.2.bias" -> "backbone[2].bias", "layer_1.ff1.weight" -> "layer[1].ff1.weight"; the heads of
 * a CfC without a wiring are those of its layer 0. */
static const char *path_of(const struct cell *cell, const char *name, struct arena *arena) {
    char path[256] = "";
    bool is_head = strcmp(cell->type->name, "cfc") == 0 && strncmp(name, "layer_", 6) != 0 &&
                   strncmp(name, "backbone.", 9) != 0 && strncmp(name, "lstm.", 5) != 0;
    if (strncmp(name, "conv", 4) == 0 && strstr(name, "weight_v") != NULL)
        return arena_printf(arena, "%.6sweight", name);
    snprintf(path, sizeof path, "%s", is_head ? "layer[0]." : "");
    for (const char *part = name; *part != '\0';) {
        int length = (int)strcspn(part, ".");
        size_t used = strlen(path);
        if (isdigit((unsigned char)part[0]))
            snprintf(path + used - 1, sizeof path - used, "[%.*s]", length, part);
        else if (strncmp(part, "layer_", 6) == 0 && isdigit((unsigned char)part[6]))
            snprintf(path + used, sizeof path - used, "layer[%.*s]", length - 6, part + 6);
        else
            snprintf(path + used, sizeof path - used, "%.*s", length, part);
        part += length;
        if (*part == '.')
            part++, snprintf(path + strlen(path), sizeof path - strlen(path), ".");
    }
    return arena_strdup(arena, path);
}

/* --- values ----------------------------------------------------------------------------------- */

/* A tensor on its way between parameters and stored numbers. */
struct tensor_map {
    struct stored stored;
    enum arrangement layout;
    enum function function;
    size_t *source; /* [count] of each stored number, among the parameter's */
    float *sign;    /* [count] what the parameter's value is multiplied by */
};

/* Number of the whole tensor that stands at [part][row][column]. */
static size_t source_of(const struct tensor_map *map, int part, int row, int column) {
    const int *shape = map->stored.param->shape;
    size_t r = (size_t)row, c = (size_t)column, rows = (size_t)map->stored.rows;
    size_t columns = (size_t)map->stored.columns;
    switch (map->layout) {
    case SYNAPSES:
        return c * rows + r;
    case COMPLEX_ROWS:
        return (r % (rows / 2) * columns + c) * 2 + (r >= rows / 2);
    case COMPLEX_COLUMNS:
        return (r * (columns / 2) + c % (columns / 2)) * 2 + (c >= columns / 2);
    case TAPS:
        return (r * (size_t)shape[1] + c) * (size_t)shape[2] + (size_t)part;
    default:
        return ((size_t)part * rows + r) * columns + c;
    }
}

static void set_shape(struct tensor_map *map, int parts) {
    struct stored *stored = &map->stored;
    const struct param *param = stored->param;
    const int *shape = param->shape;
    int dimensions = param->dimensions;
    while (dimensions > 2 && shape[dimensions - 1] == 1 && map->layout == PLAIN)
        dimensions--;
    bool is_listed = dimensions == 3 && map->layout == PLAIN;
    stored->is_list = is_listed || parts > 0 || map->layout == TAPS;
    stored->is_matrix = dimensions > 1 && map->layout != VECTOR;
    stored->parts = parts > 0 ? parts : 1;
    stored->rows = 1;
    stored->columns = (int)param->size;
    if (!stored->is_matrix)
        return;
    stored->parts = is_listed ? shape[0] : stored->parts;
    stored->rows = is_listed ? shape[1] : shape[0] / stored->parts;
    stored->columns = is_listed ? shape[2] : shape[1];
    if (map->layout == SYNAPSES)
        stored->rows = shape[1], stored->columns = shape[0];
    else if (map->layout == COMPLEX_ROWS)
        stored->rows = 2 * shape[0];
    else if (map->layout == COMPLEX_COLUMNS)
        stored->columns = 2 * shape[1];
    else if (map->layout == TAPS)
        stored->parts = shape[2];
}

/* Lists where the numbers stand and which parameters they come from. */
static void list_numbers(struct tensor_map *map, struct arena *arena) {
    struct stored *stored = &map->stored;
    const struct param *param = stored->param;
    bool is_sparse = param->position != NULL;
    size_t whole = (size_t)stored->parts * (size_t)stored->rows * (size_t)stored->columns, at = 0;
    size_t *packed = ARENA_NEW(arena, size_t, whole); /* place among the packed numbers, from 1 */
    for (size_t i = 0; is_sparse && i < param->size; i++)
        packed[param->position[i]] = i + 1;
    stored->count = param->size;
    map->source = ARENA_NEW(arena, size_t, param->size);
    map->sign = ARENA_NEW(arena, float, param->size);
    if (is_sparse) {
        stored->row = ARENA_NEW(arena, int, param->size);
        stored->column = ARENA_NEW(arena, int, param->size);
    }
    int outer = is_sparse ? stored->columns : stored->rows;
    int inner = is_sparse ? stored->rows : stored->columns;
    for (int part = 0; part < stored->parts; part++)
        for (int i = 0; i < outer; i++)
            for (int j = 0; j < inner; j++) {
                int row = is_sparse ? j : i, column = is_sparse ? i : j;
                size_t source = source_of(map, part, row, column);
                if (is_sparse && packed[source] == 0)
                    continue;
                if (is_sparse)
                    stored->row[at] = row, stored->column[at] = column;
                map->source[at] = is_sparse ? packed[source] - 1 : source;
                map->sign[at++] =
                    map->layout == COMPLEX_COLUMNS && column >= stored->columns / 2 ? -1 : 1;
            }
}

/* The row of a tensor's scales that number i belongs to. */
static size_t scale_row(const struct stored *stored, size_t i) {
    return stored->row != NULL ? (size_t)stored->row[i] : i / (size_t)stored->columns;
}

/* Of a convolution whose weights are g v / |v|: g, before v among the parameters. */
static const real *lengths_of(const struct tensor_map *map, const real *params) {
    const struct param *param = map->stored.param;
    bool has_norm = map->layout == TAPS && strstr(param->name, "weight_v") != NULL;
    return has_norm ? params + param->offset - param->shape[0] : NULL;
}

static double length_of(const real *values, size_t n) {
    double square = 0;
    for (size_t i = 0; i < n; i++)
        square += (double)values[i] * (double)values[i];
    return sqrt(square);
}

static void fill_values(struct tensor_map *map, const real *params, struct arena *arena) {
    struct stored *stored = &map->stored;
    const real *values = params + stored->param->offset, *lengths = lengths_of(map, params);
    size_t per_row = (size_t)(stored->parts * stored->columns);
    stored->values = ARENA_NEW(arena, float, stored->count);
    for (size_t i = 0; i < stored->count; i++) {
        real factor = (real)map->sign[i];
        if (lengths != NULL) {
            size_t row = map->source[i] / per_row;
            factor = lengths[row] / (real)length_of(values + row * per_row, per_row);
        }
        stored->values[i] = apply(map->function, values[map->source[i]]) * (float)factor;
    }
}

static float half_value(unsigned bits) {
    float size = real_from_bits((int32_t)((bits & 0x7fffu) << 13)) * 5.192296858534828e33f;
    return bits & 0x8000u ? -size : size;
}

unsigned half_bits(float value) {
    unsigned sign = signbit(value) ? 0x8000u : 0;
    double size = fabs((double)value);
    if (size < 0x1p-14) /* denormal: a multiple of 2^-24 */
        return sign | (unsigned)rint(size * 0x1p24);
    int exponent;
    double fraction = frexp(size, &exponent); /* 0.5 .. 1 */
    unsigned bits = (unsigned)(exponent + 14) << 10;
    return sign | (bits + (unsigned)rint((fraction * 2 - 1) * 1024));
}

static void round_values(struct stored *stored, enum weight_type type, struct arena *arena) {
    size_t rows = (size_t)stored->parts * (size_t)stored->rows;
    stored->scale = ARENA_NEW(arena, float, rows);
    for (size_t i = 0; i < rows; i++)
        stored->scale[i] = type == WEIGHT_INT8 && stored->is_matrix ? 0 : 1;
    if (!stored->is_matrix || type == WEIGHT_FLOAT32)
        return;
    for (size_t i = 0; i < stored->count && type == WEIGHT_INT8; i++) {
        float *scale = &stored->scale[scale_row(stored, i)];
        *scale = fmaxf(*scale, fabsf(stored->values[i]) / 127);
    }
    for (size_t i = 0; i < stored->count; i++) {
        float scale = stored->scale[scale_row(stored, i)], *value = &stored->values[i];
        if (type == WEIGHT_FLOAT16)
            *value = half_value(half_bits(*value));
        else
            *value = scale > 0 ? scale * rintf(*value / scale) : 0;
    }
}

/* NULL param: it is not this layer's. */
static struct tensor_map map_tensor(const struct network *network, const struct param *param, int l,
                                    struct arena *arena) {
    struct tensor_map map = {.layout = PLAIN};
    const char *name = param->name;
    struct special_number special = {.layout = PLAIN};
    bool is_readout = param->offset >= network->readout_weight;
    if (is_readout != (l == network->layers))
        return map;
    if (!is_readout) {
        const struct cell *cell = &network->cells[l];
        name = own_name(cell, param->name, arena);
        if (name == NULL)
            return map;
        special = special_of(cell->type->name, name);
        if (special.function == SOFTPLUS_IF_ASKED)
            special.function = asks_for_softplus(cell) ? SOFTPLUS : AS_IS;
        map.stored.path = path_of(cell, name, arena);
    } else {
        map.stored.path = param->offset == network->readout_weight ? "weight" : "bias";
    }
    if (special.layout == LEFT_OUT)
        return map;
    map.stored.param = param;
    map.layout = special.layout;
    map.function = special.function;
    set_shape(&map, special.parts);
    list_numbers(&map, arena);
    return map;
}

struct stored *stored_layer(const struct network *network, const real *params, int l,
                            enum weight_type type, struct arena *arena, int *count) {
    const struct param_list *list = &network->params;
    struct stored *tensors = ARENA_NEW(arena, struct stored, list->count);
    *count = 0;
    for (int i = 0; i < list->count; i++) {
        struct tensor_map map = map_tensor(network, &list->items[i], l, arena);
        if (map.stored.param == NULL)
            continue;
        fill_values(&map, params, arena);
        round_values(&map.stored, type, arena);
        tensors[(*count)++] = map.stored;
    }
    return tensors;
}

static void write_back(const struct tensor_map *map, const real *before, real *params) {
    const struct stored *stored = &map->stored;
    const struct param *param = stored->param;
    real *values = params + param->offset;
    for (size_t i = 0; i < stored->count; i++)
        values[map->source[i]] = undo(map->function, stored->values[i] * map->sign[i],
                                      before[param->offset + map->source[i]]);
    real *lengths = params + param->offset - param->shape[0];
    size_t per_row = (size_t)(stored->parts * stored->columns);
    for (int row = 0; lengths_of(map, before) != NULL && row < stored->rows; row++)
        lengths[row] = (real)length_of(values + (size_t)row * per_row, per_row);
}

void stored_round(const struct network *network, real *params, enum weight_type type) {
    struct arena arena = {0};
    if (type == WEIGHT_FLOAT32)
        return;
    real *before = ARENA_NEW(&arena, real, network->params.size);
    memcpy(before, params, network->params.size * sizeof *before);
    for (int l = 0; l <= network->layers; l++)
        for (int i = 0; i < network->params.count; i++) {
            struct tensor_map map = map_tensor(network, &network->params.items[i], l, &arena);
            if (map.stored.param == NULL || !map.stored.is_matrix)
                continue;
            fill_values(&map, before, &arena);
            round_values(&map.stored, type, &arena);
            write_back(&map, before, params);
        }
    arena_free(&arena);
}

bool stored_check(const struct network *network, const real *params, enum weight_type type,
                  struct error *error) {
    struct arena arena = {0};
    bool good = true;
    for (int l = 0; type == WEIGHT_FLOAT16 && l <= network->layers; l++) {
        int count;
        struct stored *tensors = stored_layer(network, params, l, WEIGHT_FLOAT32, &arena, &count);
        for (int t = 0; t < count; t++)
            for (size_t i = 0; good && tensors[t].is_matrix && i < tensors[t].count; i++)
                if (!(fabsf(tensors[t].values[i]) < 65504))
                    good = error_set(error,
                                     "float16 holds numbers up to 65504, but \"%s\" has a %g; "
                                     "use --type float32 or int8",
                                     tensors[t].param->name, (double)tensors[t].values[i]);
    }
    arena_free(&arena);
    return good;
}
