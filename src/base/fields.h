/* Config objects described by tables.
 *
 * Each struct that a config fills has one table with a line per field: JSON name, type, default,
 * limits, one sentence. Everything follows from the table: strict reading with messages that name
 * the path and suggest the nearest name, the resolved config written into results, the JSON Schema,
 * and `liquidbench list config`. A new option is one line. */
#ifndef BASE_FIELDS_H
#define BASE_FIELDS_H

#include "base/arena.h"
#include "base/error.h"
#include "base/suggest.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

enum field_type {
    FIELD_BOOL,    /* bool */
    FIELD_INT,     /* int */
    FIELD_REAL,    /* double */
    FIELD_STRING,  /* const char *, NULL when absent */
    FIELD_CHOICE,  /* int: which of the `choices`, from 1; 0 when absent. In JSON its name */
    FIELD_INTS,    /* struct int_list */
    FIELD_REALS,   /* struct real_list */
    FIELD_STRINGS, /* struct string_list; in JSON, one string alone is a list of one */
    FIELD_OBJECT,  /* the struct that `fields` describes, in place; with has_short_form, a string
                      alone is the first of the fields */
    FIELD_OBJECTS, /* struct object_list of the structs that `fields` describes */
    FIELD_JSON,    /* const cJSON *, NULL when absent (no default); its owner checks it */
};

struct int_list {
    size_t count;
    int *items;
};
struct real_list {
    size_t count;
    double *items;
};
struct string_list {
    size_t count;
    const char **items;
};
struct object_list {
    size_t count;
    void *items; /* count structs of the table's element_size */
};

struct field {
    const char *name; /* NULL ends a table */
    enum field_type type;
    size_t offset;
    const char *fallback;       /* the default, as JSON text; NULL: absent (zero, NULL, empty) */
    double min, max;            /* numbers and the items of number lists; ignored when both are 0 */
    bool joined;                /* string lists: an item may be several choices, joined by + */
    name_list choices;          /* choices; strings and the items of string lists: NULL: any */
    const struct field *fields; /* FIELD_OBJECT, FIELD_OBJECTS */
    size_t element_size;        /* FIELD_OBJECTS */
    bool required;
    bool has_short_form; /* FIELD_OBJECT */
    bool exclusive_min;  /* the value must be greater than `min`, not equal to it */
    const char *former; /* what it was called before, which the message about that names; or NULL */
    const char *help;   /* one sentence, in words a user knows */
};

/* One table together with the struct it fills. A JSON object may fill several structs at once
 * (a model's own fields and those of its cell). */
struct field_target {
    const struct field *fields;
    void *target;
};

/* Reads `object` strictly into the targets. An error has a sentence for everything that is wrong; `path` is
 * where the object stands in its file ("models[1]"; "" for the root) and begins each of them. What cannot be
 * read keeps its default. Strings and lists go into the arena. */
bool fields_read(const struct field_target *targets, size_t count, const cJSON *object,
                 const char *path, struct arena *arena, struct error *error);

/* Adds every field's resolved value to `object` (absent strings and JSON are left out). */
void fields_write(const struct field *fields, const void *source, cJSON *object);

/* Adds a JSON Schema for every field to `properties`. */
void fields_schema(const struct field *fields, cJSON *properties);

#endif
