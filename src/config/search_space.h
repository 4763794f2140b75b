/* The space that a search looks through: for some fields of a model, the values they may take.
 *
 *   { "train.learning_rate": { "min": 1e-4, "max": 0.1, "scale": "log" },
 *     "hidden": { "min": 8, "max": 64, "integer": true },
 *     "train.optimizer": ["adam", "rmsprop"] }
 *
 * One draw from it is an object of the same paths, each with one value: "settings". */
#ifndef CONFIG_SEARCH_SPACE_H
#define CONFIG_SEARCH_SPACE_H

#include "base/arena.h"
#include "base/error.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dimension {
    const char *path;     /* of a field of the model: "train.learning_rate" */
    const cJSON *choices; /* the list, or NULL: a range */
    double min, max;      /* of the range, both included */
    bool is_logarithmic, is_integer;
    int points; /* of the range in a grid */
};

struct space {
    struct dimension *dimensions;
    size_t count;
};

enum space_sequence { SPACE_RANDOM, SPACE_SOBOL };

/* Reads a space. It points into `json`, which must live as long. */
bool space_read(struct space *space, const cJSON *json, struct arena *arena, struct error *error);

/* A value of a dimension from u in [0, 1]; reals have four significant digits, to be read and to be
 * written into a config by hand. cJSON_Delete() it. */
cJSON *dimension_value(const struct dimension *dimension, double u);

/* The list of all settings on the grid, in order, none twice. An error when there are more than
 * `max` of them. cJSON_Delete() it. */
cJSON *space_grid(const struct space *space, size_t max, struct error *error);

/* A list of `count` settings, none twice. Every path draws from a random stream of its own, so that
 * models get the same values for the fields that they share. A Sobol sequence (Sobol, 1967; GSL's)
 * is shifted by a random vector, modulo 1 (Cranley and Patterson, 1976), which keeps it even.
 * cJSON_Delete() it. */
cJSON *space_draw(const struct space *space, enum space_sequence sequence, size_t count,
                  uint64_t seed, struct error *error);

/* Completes the JSON Schema of a config's field that holds a space, or changes to one, in which
 * null takes a field out. */
void space_describe(cJSON *schema);

#endif
