#include "evaluate/shift.h"

#include "base/registry.h"

#include <stdio.h>

#define DECLARE(name, ...) extern const struct shift_type shift_##name;
SHIFTS(DECLARE)

#define ENTRY(name, ...) &shift_##name,
REGISTRY(shift, SHIFTS(ENTRY))

#define AT(member)                 .offset = offsetof(struct shift_options, member)
#define FIELD(name, c, field, ...) {#name, field, AT(name), __VA_ARGS__},
const struct field shift_fields[] = {
    {"name", FIELD_STRING, AT(name), .required = true, .help = "What reports call it."},
    SHIFTS(FIELD){0}};
#undef FIELD
#undef AT

/* Shifts have no flags and no choices: what is given is neither 0 nor empty. */
static bool is_given(const struct field *field, const struct shift_options *options) {
    const void *member = (const char *)options + field->offset;
    switch (field->type) {
    case FIELD_INT:
        return *(const int *)member != 0;
    case FIELD_REAL:
        return *(const double *)member != 0;
    case FIELD_REALS:
        return ((const struct real_list *)member)->count > 0;
    case FIELD_STRINGS:
        return ((const struct string_list *)member)->count > 0;
    default:
        return *(const cJSON *const *)member != NULL;
    }
}

/* How many are given; *last is the last of them. */
static int given_shifts(const struct shift_options *options, const struct shift_type **last) {
    int count = 0;
    const struct shift_type *type;
    for (size_t i = 0; (type = shift_at(i)) != NULL; i++)
        if (is_given(&shift_fields[1 + i], options)) {
            *last = type;
            count++;
        }
    return count;
}

const char *shift_kind(const struct shift_options *options) {
    const struct shift_type *type;
    return given_shifts(options, &type) == 1 ? type->name : NULL;
}

bool shift_check(const struct shift_options *options, struct error *error) {
    const struct shift_type *type;
    int count = given_shifts(options, &type);
    if (count == 1)
        return true;
    error_set(error, "%s; give exactly one of",
              count == 0 ? "says nothing about the shift" : "is more than one shift");
    const char *name;
    for (size_t i = 0; (name = shift_name(i)) != NULL; i++) {
        size_t used = strlen(error->text);
        snprintf(error->text + used, sizeof error->text - used, "%s \"%s\"", i > 0 ? "," : "",
                 name);
    }
    return false;
}

bool shift_make(const struct shift_options *options, const struct dataset *dataset,
                struct arena *arena, struct dataset *shifted, struct error *error) {
    const struct shift_type *type;
    if (!shift_check(options, error))
        return false;
    given_shifts(options, &type);
    *shifted = *dataset;
    return type->make(options, dataset, arena, shifted, error) ||
           error_prefix(error, "%s", type->name);
}
