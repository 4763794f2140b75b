#include "base/fields.h"

#include "base/choice.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const type_names[] = {
    [FIELD_BOOL] = "true or false",
    [FIELD_INT] = "a whole number",
    [FIELD_REAL] = "a number",
    [FIELD_STRING] = "a string",
    [FIELD_CHOICE] = "a string",
    [FIELD_INTS] = "a list of whole numbers",
    [FIELD_REALS] = "a list of numbers",
    [FIELD_STRINGS] = "a string or a list of strings",
    [FIELD_OBJECT] = "an object",
    [FIELD_OBJECTS] = "a list of objects",
    [FIELD_JSON] = "a value",
};

struct field_reader {
    struct arena *arena;
    struct error *error; /* of the value that is being read; empty when it is in `all` already */
    struct error *all;
};

/* Goes on after an error, to find the next one. Always returns false. */
static bool collect(const struct field_reader *reader) {
    return error_add(reader->all, reader->error);
}

/* The same, with the place in front. */
static bool collect_at(const struct field_reader *reader, const char *path) {
    if (reader->error->text[0] != '\0')
        error_prefix(reader->error, "%s", path);
    return collect(reader);
}

static bool read_object(const struct field_reader *reader, const struct field_target *targets,
                        size_t count, const cJSON *object, const char *path);

static void *member(void *target, const struct field *field) {
    return (char *)target + field->offset;
}

static const void *const_member(const void *source, const struct field *field) {
    return (const char *)source + field->offset;
}

static bool is_limited(const struct field *field) {
    return field->min != 0 || field->max != 0 || field->exclusive_min;
}

static bool in_limits(const struct field *field, double value, struct error *error) {
    if (!isfinite(value))
        return error_set(error, "must be a finite number");
    if (!is_limited(field))
        return true;
    if (field->exclusive_min && value <= field->min)
        return error_set(error, "is %.12g but must be greater than %.12g", value, field->min);
    if (value < field->min)
        return error_set(error, "is %.12g but must be at least %.12g", value, field->min);
    if (field->max > field->min && value > field->max)
        return error_set(error, "is %.12g but must be at most %.12g", value, field->max);
    return true;
}

static bool read_real(const struct field *field, const cJSON *json, double *value,
                      struct error *error) {
    if (!cJSON_IsNumber(json))
        return error_set(error, "must be %s", type_names[FIELD_REAL]);
    *value = json->valuedouble;
    return in_limits(field, *value, error);
}

static bool read_int(const struct field *field, const cJSON *json, int *value,
                     struct error *error) {
    if (!cJSON_IsNumber(json) || json->valuedouble != floor(json->valuedouble))
        return error_set(error, "must be %s", type_names[FIELD_INT]);
    if (fabs(json->valuedouble) > INT_MAX)
        return error_set(error, "is too large a number");
    *value = json->valueint;
    return in_limits(field, *value, error);
}

static bool read_choice(const struct field *field, const cJSON *json, int *value,
                        struct error *error) {
    if (!cJSON_IsString(json))
        return error_set(error, "must be %s", type_names[FIELD_CHOICE]);
    bool known = choice_find(field->choices, json->valuestring, value, error);
    *value += known; /* 0: not given */
    return known;
}

/* One choice, or several joined by + where the field takes these. */
static bool check_choices(const struct field_reader *reader, const struct field *field,
                          const char *text) {
    for (const char *rest = text; rest != NULL;) {
        size_t length = field->joined ? strcspn(rest, "+") : strlen(rest);
        int choice;
        if (!choice_find(field->choices, arena_printf(reader->arena, "%.*s", (int)length, rest),
                         &choice, reader->error))
            return false;
        rest = rest[length] == '+' ? rest + length + 1 : NULL;
    }
    return true;
}

static bool read_string(const struct field_reader *reader, const struct field *field,
                        const cJSON *json, const char **value) {
    if (!cJSON_IsString(json))
        return error_set(reader->error, "must be %s", type_names[FIELD_STRING]);
    if (field->choices != NULL && !check_choices(reader, field, json->valuestring))
        return false;
    *value = arena_strdup(reader->arena, json->valuestring);
    return true;
}

static bool read_list(const struct field_reader *reader, const struct field *field,
                      const cJSON *json, void *value, const char *path) {
    bool one_string = field->type == FIELD_STRINGS && cJSON_IsString(json);
    if (!cJSON_IsArray(json) && !one_string)
        return error_set(reader->error, "must be %s", type_names[field->type]);
    size_t count = one_string ? 1 : (size_t)cJSON_GetArraySize(json);
    const cJSON *item = one_string ? json : json->child;
    char item_path[256];

    /* The four list structs begin alike: a count, then a pointer to the items. */
    struct object_list *list = value;
    size_t size = field->type == FIELD_INTS      ? sizeof(int)
                  : field->type == FIELD_REALS   ? sizeof(double)
                  : field->type == FIELD_STRINGS ? sizeof(const char *)
                                                 : field->element_size;
    list->count = count;
    list->items = count > 0 ? arena_alloc(reader->arena, count * size) : NULL;
    bool all_read = true;
    for (size_t i = 0; i < count; i++, item = item->next) {
        void *slot = (char *)list->items + i * size;
        bool read = true;
        if (field->type == FIELD_OBJECTS) {
            snprintf(item_path, sizeof item_path, "%s[%zu]", path, i);
            struct field_target target = {field->fields, slot};
            read = read_object(reader, &target, 1, item, item_path);
        } else if (field->type == FIELD_INTS) {
            read = read_int(field, item, slot, reader->error);
        } else if (field->type == FIELD_REALS) {
            read = read_real(field, item, slot, reader->error);
        } else {
            read = read_string(reader, field, item, slot);
        }
        if (!read && !one_string && reader->error->text[0] != '\0')
            error_prefix(reader->error, "element %zu", i);
        all_read = read ? all_read : collect_at(reader, path);
    }
    list->count = all_read ? count : 0;
    return all_read;
}

/* Reads one value. Errors of nested objects and of elements are collected already, with their path; the
 * others here. */
static bool read_value(const struct field_reader *reader, const struct field *field,
                       const cJSON *json, void *target, const char *path) {
    void *value = member(target, field);
    bool read = false;
    switch (field->type) {
    case FIELD_BOOL:
        read = cJSON_IsBool(json) || error_set(reader->error, "must be true or false");
        *(bool *)value = cJSON_IsTrue(json);
        break;
    case FIELD_INT:
        read = read_int(field, json, value, reader->error);
        break;
    case FIELD_REAL:
        read = read_real(field, json, value, reader->error);
        break;
    case FIELD_STRING:
        read = read_string(reader, field, json, value);
        break;
    case FIELD_CHOICE:
        read = read_choice(field, json, value, reader->error);
        *(int *)value = read ? *(int *)value : 0;
        break;
    case FIELD_OBJECT: {
        struct field_target nested = {field->fields, value};
        if (!field->has_short_form || !cJSON_IsString(json))
            return read_object(reader, &nested, 1, json, path);
        cJSON *whole = cJSON_CreateObject();
        cJSON_AddItemToObject(whole, field->fields->name, cJSON_Duplicate(json, true));
        bool is_read = read_object(reader, &nested, 1, whole, path);
        cJSON_Delete(whole);
        return is_read;
    }
    case FIELD_OBJECTS:
        if (cJSON_IsArray(json))
            return read_list(reader, field, json, value, path);
        error_set(reader->error, "must be %s", type_names[field->type]);
        break;
    case FIELD_INTS:
    case FIELD_REALS:
    case FIELD_STRINGS:
        read = read_list(reader, field, json, value, path);
        break;
    case FIELD_JSON:
        *(const cJSON **)value = json;
        read = true;
        break;
    }
    return read || collect_at(reader, path);
}

static bool read_fallback(const struct field_reader *reader, const struct field *field,
                          void *target, const char *path) {
    if (field->required) {
        error_set(reader->error, "%s: is required: %s", path, field->help);
        return collect(reader);
    }
    const char *text = field->fallback;
    if (text == NULL && field->type != FIELD_OBJECT)
        return true;
    cJSON *json = cJSON_Parse(text != NULL ? text : "{}");
    bool read = read_value(reader, field, json, target, path);
    cJSON_Delete(json);
    return read;
}

/* What could not be read gets its default, so that reading can go on; objects have seen to their own fields. */
static void set_default(const struct field_reader *reader, const struct field *field,
                        const cJSON *json, void *target, const char *path) {
    struct error ignored = {0}, all = {0};
    struct field_reader silent = {reader->arena, &ignored, &all};
    if (!field->required && !(field->type == FIELD_OBJECT && cJSON_IsObject(json)))
        read_fallback(&silent, field, target, path);
}

static bool check_keys(const struct field_reader *reader, const struct field_target *targets,
                       size_t count, const cJSON *object, const char *path) {
    const char *dot = path[0] != '\0' ? "." : "";
    bool all_known = true;
    for (const cJSON *item = object->child; item != NULL; item = item->next) {
        struct suggestion nearest = {.wanted = item->string};
        const char *present = NULL; /* name of what had this one */
        bool known = false;
        for (size_t i = 0; i < count; i++) {
            for (const struct field *field = targets[i].fields; field->name != NULL; field++) {
                if (field->former != NULL && strcmp(field->former, item->string) == 0)
                    present = field->name;
                known = known || strcmp(field->name, item->string) == 0;
                suggestion_offer(&nearest, field->name);
            }
        }
        if (present != NULL)
            error_set(reader->error, "%s%s%s: is called \"%s\" now", path, dot, item->string,
                      present);
        else if (!known)
            error_set(
                reader->error, "%s%s%s: unknown key%s", path, dot, item->string,
                suggestion_or(&nearest, "`liquidbench list config` shows what is known").text);
        for (const cJSON *other = item->next; known && other != NULL; other = other->next)
            if (strcmp(other->string, item->string) == 0)
                known = error_set(reader->error, "%s%s%s: is given twice", path, dot, item->string);
        all_known = known ? all_known : collect(reader);
    }
    return all_known;
}

static bool read_object(const struct field_reader *reader, const struct field_target *targets,
                        size_t count, const cJSON *object, const char *path) {
    if (!cJSON_IsObject(object)) {
        error_set(reader->error, "%s%smust be an object", path, path[0] ? ": " : "");
        return collect(reader);
    }
    bool all_read = check_keys(reader, targets, count, object, path);
    for (size_t i = 0; i < count; i++) {
        for (const struct field *field = targets[i].fields; field->name != NULL; field++) {
            char field_path[256];
            snprintf(field_path, sizeof field_path, "%s%s%s", path, path[0] ? "." : "",
                     field->name);
            const cJSON *json = cJSON_GetObjectItemCaseSensitive(object, field->name);
            bool is_given = json != NULL && !cJSON_IsNull(json);
            bool read = is_given ? read_value(reader, field, json, targets[i].target, field_path)
                                 : read_fallback(reader, field, targets[i].target, field_path);
            if (is_given && !read)
                set_default(reader, field, json, targets[i].target, field_path);
            all_read = all_read && read;
        }
    }
    return all_read;
}

bool fields_read(const struct field_target *targets, size_t count, const cJSON *object,
                 const char *path, struct arena *arena, struct error *error) {
    struct error one = {0};
    struct field_reader reader = {arena, &one, error};
    error->text[0] = '\0';
    return read_object(&reader, targets, count, object, path);
}

static cJSON *value_json(const struct field *field, const void *value) {
    cJSON *json = NULL;
    /* The list structs begin alike. Of no items, cJSON would make NULL instead of an empty list. */
    const struct object_list *list = value;
    int choice;
    switch (field->type) {
    case FIELD_BOOL:
        return cJSON_CreateBool(*(const bool *)value);
    case FIELD_INT:
        return cJSON_CreateNumber(*(const int *)value);
    case FIELD_REAL:
        return cJSON_CreateNumber(*(const double *)value);
    case FIELD_STRING:
        return *(const char *const *)value ? cJSON_CreateString(*(const char *const *)value) : NULL;
    case FIELD_CHOICE:
        choice = *(const int *)value;
        return choice > 0 ? cJSON_CreateString(field->choices((size_t)choice - 1)) : NULL;
    case FIELD_INTS:
        return list->count > 0 ? cJSON_CreateIntArray(list->items, (int)list->count)
                               : cJSON_CreateArray();
    case FIELD_REALS:
        return list->count > 0 ? cJSON_CreateDoubleArray(list->items, (int)list->count)
                               : cJSON_CreateArray();
    case FIELD_STRINGS:
        return list->count > 0 ? cJSON_CreateStringArray(list->items, (int)list->count)
                               : cJSON_CreateArray();
    case FIELD_OBJECT:
        json = cJSON_CreateObject();
        fields_write(field->fields, value, json);
        return json;
    case FIELD_OBJECTS:
        json = cJSON_CreateArray();
        for (size_t i = 0; i < list->count; i++) {
            cJSON *item = cJSON_CreateObject();
            fields_write(field->fields, (const char *)list->items + i * field->element_size, item);
            cJSON_AddItemToArray(json, item);
        }
        return json;
    case FIELD_JSON:
        return *(const cJSON *const *)value ? cJSON_Duplicate(*(const cJSON *const *)value, 1)
                                            : NULL;
    }
    return NULL;
}

void fields_write(const struct field *fields, const void *source, cJSON *object) {
    for (const struct field *field = fields; field->name != NULL; field++) {
        cJSON *json = value_json(field, const_member(source, field));
        if (json != NULL)
            cJSON_AddItemToObject(object, field->name, json);
    }
}

static void add_limits(const struct field *field, cJSON *schema) {
    if (!is_limited(field))
        return;
    cJSON_AddNumberToObject(schema, field->exclusive_min ? "exclusiveMinimum" : "minimum",
                            field->min);
    if (field->max > field->min)
        cJSON_AddNumberToObject(schema, "maximum", field->max);
}

static void add_choices(const struct field *field, cJSON *schema) {
    if (field->choices == NULL)
        return;
    cJSON *names = cJSON_AddArrayToObject(schema, "enum");
    const char *name;
    for (size_t i = 0; (name = field->choices(i)) != NULL; i++)
        cJSON_AddItemToArray(names, cJSON_CreateString(name));
}

static cJSON *either_of(cJSON *one, cJSON *other) {
    cJSON *schema = cJSON_CreateObject(), *either = cJSON_AddArrayToObject(schema, "anyOf");
    cJSON_AddItemToArray(either, one);
    cJSON_AddItemToArray(either, other);
    return schema;
}

static cJSON *joined_choices(void) {
    cJSON *schema = cJSON_CreateObject();
    cJSON_AddStringToObject(schema, "type", "string");
    cJSON_AddStringToObject(schema, "pattern", "[+]");
    return schema;
}

static void add_object_schema(const struct field *fields, cJSON *schema) {
    cJSON_AddStringToObject(schema, "type", "object");
    cJSON_AddFalseToObject(schema, "additionalProperties");
    fields_schema(fields, cJSON_AddObjectToObject(schema, "properties"));
    cJSON *required = NULL;
    for (const struct field *field = fields; field->name != NULL; field++) {
        if (!field->required)
            continue;
        if (required == NULL)
            required = cJSON_AddArrayToObject(schema, "required");
        cJSON_AddItemToArray(required, cJSON_CreateString(field->name));
    }
}

static void add_type(const struct field *field, cJSON *schema) {
    cJSON *items = NULL;
    switch (field->type) {
    case FIELD_BOOL:
        cJSON_AddStringToObject(schema, "type", "boolean");
        return;
    case FIELD_INT:
    case FIELD_REAL:
        cJSON_AddStringToObject(schema, "type", field->type == FIELD_INT ? "integer" : "number");
        add_limits(field, schema);
        return;
    case FIELD_STRING:
    case FIELD_CHOICE:
        cJSON_AddStringToObject(schema, "type", "string");
        add_choices(field, schema);
        return;
    case FIELD_INTS:
    case FIELD_REALS:
        cJSON_AddStringToObject(schema, "type", "array");
        items = cJSON_AddObjectToObject(schema, "items");
        cJSON_AddStringToObject(items, "type", field->type == FIELD_INTS ? "integer" : "number");
        add_limits(field, items);
        return;
    case FIELD_STRINGS: {
        cJSON *either = cJSON_AddArrayToObject(schema, "anyOf");
        cJSON *one = cJSON_CreateObject(), *many = cJSON_CreateObject();
        cJSON_AddItemToArray(either, one);
        cJSON_AddItemToArray(either, many);
        cJSON_AddStringToObject(one, "type", "string");
        add_choices(field, one);
        cJSON_AddStringToObject(many, "type", "array");
        items = cJSON_Duplicate(one, 1);
        if (field->joined) {
            cJSON_AddItemToArray(either, joined_choices());
            items = either_of(items, joined_choices());
        }
        cJSON_AddItemToObject(many, "items", items);
        return;
    }
    case FIELD_OBJECT: {
        cJSON *whole = schema;
        if (field->has_short_form) {
            cJSON *either = cJSON_AddArrayToObject(schema, "anyOf"), *name = cJSON_CreateObject();
            whole = cJSON_CreateObject();
            cJSON_AddItemToArray(either, name);
            cJSON_AddItemToArray(either, whole);
            add_type(field->fields, name);
        }
        add_object_schema(field->fields, whole);
        return;
    }
    case FIELD_OBJECTS:
        cJSON_AddStringToObject(schema, "type", "array");
        add_object_schema(field->fields, cJSON_AddObjectToObject(schema, "items"));
        return;
    case FIELD_JSON:
        return;
    }
}

void fields_schema(const struct field *fields, cJSON *properties) {
    for (const struct field *field = fields; field->name != NULL; field++) {
        cJSON *schema = cJSON_AddObjectToObject(properties, field->name);
        cJSON_AddStringToObject(schema, "description", field->help);
        add_type(field, schema);
        if (field->fallback != NULL)
            cJSON_AddItemToObject(schema, "default", cJSON_Parse(field->fallback));
    }
}
