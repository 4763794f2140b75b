#include "config/search_space.h"

#include "base/fields.h"
#include "math/random.h"

#include <ctype.h>
#include <gsl/gsl_qrng.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SOBOL = 40 }; /* dimensions of GSL's sequence */

/* --- reading ---------------------------------------------------------------------------------- */

enum { SCALE_LINEAR = 1, SCALE_LOG };

static const char *scale_name(size_t position) {
    static const char *const names[] = {"linear", "log"};
    return position < sizeof names / sizeof names[0] ? names[position] : NULL;
}

struct range_options {
    double min, max;
    int scale; /* SCALE_LINEAR or SCALE_LOG */
    bool integer;
    int points;
};

#define AT(member) .offset = offsetof(struct range_options, member)
static const struct field range_fields[] = {
    {"min", FIELD_REAL, AT(min), .required = true, .former = "least",
     .help = "The smallest value, included."},
    {"max", FIELD_REAL, AT(max), .required = true, .former = "most",
     .help = "The largest value, included."},
    {"scale", FIELD_CHOICE, AT(scale), .fallback = "\"linear\"", .choices = scale_name,
     .help = "Whether differences or ratios count."},
    {"integer", FIELD_BOOL, AT(integer), .fallback = "false", .help = "Whole numbers alone."},
    {"points", FIELD_INT, AT(points), .fallback = "3", .min = 1, .max = 10000,
     .help = "Values of the range that a grid takes, evenly spaced."},
    {0},
};
#undef AT

static bool read_range(struct dimension *dimension, const cJSON *json, struct arena *arena,
                       struct error *error) {
    struct range_options range = {0};
    struct field_target target = {range_fields, &range};
    if (!fields_read(&target, 1, json, dimension->path, arena, error))
        return false;
    dimension->min = range.min;
    dimension->max = range.max;
    dimension->is_logarithmic = range.scale == SCALE_LOG;
    dimension->is_integer = range.integer;
    dimension->points = range.points;
    if (range.max <= range.min)
        return error_set(error, "%s: \"max\" must be greater than \"min\"", dimension->path);
    if (dimension->is_logarithmic && range.min <= 0)
        return error_set(error, "%s.min: must be greater than 0 on a logarithmic scale",
                         dimension->path);
    if (range.integer && (rint(range.min) != range.min || rint(range.max) != range.max))
        return error_set(error, "%s: \"min\" and \"max\" must be whole numbers", dimension->path);
    return true;
}

/* Names joined by dots, of a field that may differ between the trials of one model. */
static bool check_path(const char *path, struct error *error) {
    static const char *const refused[] = {"name", "cell", "search", "train"};
    bool good = isalpha((unsigned char)path[0]);
    for (const char *c = path; *c != '\0'; c++)
        good = good && (isalnum((unsigned char)*c) || *c == '_' ||
                        (*c == '.' && isalpha((unsigned char)c[1])));
    if (!good)
        return error_set(
            error, "\"%s\" is no path of a field, such as hidden or train.learning_rate", path);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (strcmp(path, refused[i]) == 0)
            return error_set(error,
                             "%s: cannot be searched; name a field such as hidden or "
                             "train.learning_rate",
                             path);
    if (strcmp(path, "train.epochs") == 0)
        return error_set(error, "%s: cannot be searched, because budgets are counted in it", path);
    return true;
}

bool space_read(struct space *space, const cJSON *json, struct arena *arena, struct error *error) {
    *space = (struct space){0};
    if (!cJSON_IsObject(json) || json->child == NULL)
        return error_set(error, "has nothing to search; name fields, as in "
                                "{\"train.learning_rate\": [0.001, 0.01]}");
    space->dimensions = ARENA_NEW(arena, struct dimension, cJSON_GetArraySize(json));
    for (const cJSON *item = json->child; item != NULL; item = item->next) {
        struct dimension *dimension = &space->dimensions[space->count++];
        dimension->path = item->string;
        if (!check_path(item->string, error))
            return false;
        if (cJSON_IsArray(item) && item->child != NULL)
            dimension->choices = item;
        else if (!cJSON_IsObject(item))
            return error_set(error,
                             "%s: must be a list of values or a range, as in {\"min\": 8, "
                             "\"max\": 64, \"integer\": true}",
                             item->string);
        else if (!read_range(dimension, item, arena, error))
            return false;
    }
    return true;
}

void space_describe(cJSON *schema) {
    cJSON_AddStringToObject(schema, "type", "object");
    cJSON *value = cJSON_AddObjectToObject(schema, "additionalProperties");
    cJSON *either = cJSON_AddArrayToObject(value, "anyOf");
    cJSON *list = cJSON_CreateObject(), *range = cJSON_CreateObject(), *none = cJSON_CreateObject();
    cJSON_AddItemToArray(either, list);
    cJSON_AddStringToObject(list, "type", "array");
    cJSON_AddNumberToObject(list, "minItems", 1);
    cJSON_AddItemToArray(either, range);
    cJSON_AddStringToObject(range, "type", "object");
    cJSON_AddFalseToObject(range, "additionalProperties");
    fields_schema(range_fields, cJSON_AddObjectToObject(range, "properties"));
    static const char *const required[] = {"min", "max"};
    cJSON_AddItemToObject(range, "required", cJSON_CreateStringArray(required, 2));
    cJSON_AddItemToArray(either, none);
    cJSON_AddStringToObject(none, "type", "null");
}

/* --- values ----------------------------------------------------------------------------------- */

static double four_digits(double value) {
    char text[32];
    snprintf(text, sizeof text, "%.4g", value);
    return strtod(text, NULL);
}

static double between(double u, double min, double max, bool is_logarithmic) {
    return is_logarithmic ? min * pow(max / min, u) : min + u * (max - min);
}

/* Each whole number n is what lies between n and n + 1. */
static double range_value(const struct dimension *dimension, double u) {
    double min = dimension->min, max = dimension->max;
    double value = dimension->is_integer
                       ? floor(between(u, min, max + 1, dimension->is_logarithmic))
                       : four_digits(between(u, min, max, dimension->is_logarithmic));
    return fmin(fmax(value, min), max);
}

cJSON *dimension_value(const struct dimension *dimension, double u) {
    if (dimension->choices == NULL)
        return cJSON_CreateNumber(range_value(dimension, u));
    int count = cJSON_GetArraySize(dimension->choices), position = (int)(u * count);
    return cJSON_Duplicate(
        cJSON_GetArrayItem(dimension->choices, position < count ? position : count - 1), 1);
}

/* The settings at a point of the unit cube. */
static cJSON *settings_at(const struct space *space, const double *point) {
    cJSON *settings = cJSON_CreateObject();
    for (size_t d = 0; d < space->count; d++)
        cJSON_AddItemToObject(settings, space->dimensions[d].path,
                              dimension_value(&space->dimensions[d], point[d]));
    return settings;
}

/* Takes the settings; leaves them out when the list has them already. */
static void add_new(cJSON *list, cJSON *settings) {
    for (const cJSON *item = list->child; item != NULL; item = item->next)
        if (cJSON_Compare(item, settings, 1)) {
            cJSON_Delete(settings);
            return;
        }
    cJSON_AddItemToArray(list, settings);
}

/* --- grid ------------------------------------------------------------------------------------- */

static size_t grid_points(const struct dimension *dimension) {
    return dimension->choices != NULL ? (size_t)cJSON_GetArraySize(dimension->choices)
                                      : (size_t)dimension->points;
}

/* Where value `position` of the dimension is in [0, 1]: a range from end to end, or its middle;
 * choices in the middle of their parts. */
static double grid_place(const struct dimension *dimension, size_t position) {
    size_t points = grid_points(dimension);
    if (dimension->choices != NULL || points == 1)
        return ((double)position + 0.5) / (double)points;
    return (double)position / (double)(points - 1);
}

cJSON *space_grid(const struct space *space, size_t max, struct error *error) {
    size_t total = 1;
    for (size_t d = 0; d < space->count; d++) {
        total *= grid_points(&space->dimensions[d]);
        if (total > max) {
            error_set(error, "the grid has more than %zu settings; give ranges fewer \"points\"",
                      max);
            return NULL;
        }
    }
    cJSON *list = cJSON_CreateArray();
    double *point = mem_resize(NULL, space->count * sizeof *point);
    for (size_t number = 0; number < total; number++) {
        size_t rest = number;
        for (size_t d = space->count; d-- > 0;) { /* the last one changes fastest */
            size_t points = grid_points(&space->dimensions[d]);
            point[d] = grid_place(&space->dimensions[d], rest % points);
            rest /= points;
        }
        add_new(list, settings_at(space, point));
    }
    free(point);
    return list;
}

/* --- random and quasi-random ------------------------------------------------------------------ */

struct drawn_settings {
    const struct space *space;
    gsl_qrng *sobol;   /* or NULL */
    gsl_rng **streams; /* one for each path */
    double *shift;     /* of the Sobol sequence */
    double *point;
};

static struct drawn_settings sequence_begin(const struct space *space, enum space_sequence kind,
                                            uint64_t seed, struct arena *arena) {
    struct drawn_settings sequence = {
        .space = space,
        .sobol =
            kind == SPACE_SOBOL ? gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)space->count) : NULL,
        .streams = ARENA_NEW(arena, gsl_rng *, space->count),
        .shift = ARENA_NEW(arena, double, space->count),
        .point = ARENA_NEW(arena, double, space->count),
    };
    for (size_t d = 0; d < space->count; d++) {
        const char *path = space->dimensions[d].path;
        sequence.streams[d] = random_stream(seed, arena_printf(arena, "search %s", path));
        sequence.shift[d] = gsl_rng_uniform(sequence.streams[d]);
    }
    return sequence;
}

static void sequence_next(struct drawn_settings *sequence) {
    if (sequence->sobol != NULL)
        gsl_qrng_get(sequence->sobol, sequence->point);
    for (size_t d = 0; d < sequence->space->count; d++)
        sequence->point[d] = sequence->sobol != NULL
                                 ? fmod(sequence->point[d] + sequence->shift[d], 1)
                                 : gsl_rng_uniform(sequence->streams[d]);
}

static void drawn_settings_end(struct drawn_settings *sequence) {
    for (size_t d = 0; d < sequence->space->count; d++)
        gsl_rng_free(sequence->streams[d]);
    if (sequence->sobol != NULL)
        gsl_qrng_free(sequence->sobol);
}

cJSON *space_draw(const struct space *space, enum space_sequence kind, size_t count, uint64_t seed,
                  struct error *error) {
    if (kind == SPACE_SOBOL && space->count > MAX_SOBOL) {
        error_set(error, "a Sobol sequence has at most %d fields; use \"random\"", MAX_SOBOL);
        return NULL;
    }
    enum { TRIES = 100 }; /* for each that is wanted */
    struct arena arena = {0};
    struct drawn_settings sequence = sequence_begin(space, kind, seed, &arena);
    cJSON *list = cJSON_CreateArray();
    for (size_t tries = 0; tries < TRIES * count; tries++) {
        if ((size_t)cJSON_GetArraySize(list) == count)
            break;
        sequence_next(&sequence);
        add_new(list, settings_at(space, sequence.point));
    }
    drawn_settings_end(&sequence);
    arena_free(&arena);
    int found = cJSON_GetArraySize(list);
    if ((size_t)found == count)
        return list;
    cJSON_Delete(list);
    error_set(error,
              "there are only about %d different settings, but the budget is for %zu trials; widen "
              "the space or lower the budget",
              found, count);
    return NULL;
}
