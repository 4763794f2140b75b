#include "base/json.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/json_place.h"
#include "base/text_stream.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_EXTENDS = 16 };

static void locate(const char *text, const char *place, int *line, int *column) {
    *line = 1;
    *column = 1;
    for (; text < place && *text != '\0'; text++) {
        *column = *text == '\n' ? 1 : *column + 1;
        *line += *text == '\n';
    }
}

static void *allocate(size_t size) {
    return mem_resize(NULL, size);
}

void json_exit_without_memory(void) {
    cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = allocate, .free_fn = free});
}

cJSON *json_load(const char *path, struct error *error) {
    struct arena arena = {0};
    size_t size = 0;
    char *text = file_read(path, &arena, &size, error);
    cJSON *json = NULL;
    if (text != NULL) {
        const char *end = text + utf8_valid(text, size);
        bool is_utf8 = end == text + size;
        if (is_utf8)
            json = cJSON_ParseWithOpts(text, &end, 1);
        if (json != NULL && strlen(text) < size) { /* the parser stops at a NUL byte */
            end = text + strlen(text);
            cJSON_Delete(json);
            json = NULL;
        }
        if (json == NULL && is_utf8) {
            json_syntax_error(path, text, end, error);
        } else if (json == NULL) {
            int line, column;
            locate(text, end, &line, &column);
            error_set(error, "%s:%d:%d: not UTF-8 here", path, line, column);
        }
    }
    arena_free(&arena);
    return json;
}

static cJSON *load_extended(const char *path, int depth, struct error *error) {
    cJSON *json = json_load(path, error);
    if (json == NULL)
        return NULL;
    cJSON *extends = cJSON_DetachItemFromObjectCaseSensitive(json, "extends");
    if (extends == NULL)
        return json;
    cJSON *base = NULL;
    struct arena arena = {0};
    if (!cJSON_IsString(extends))
        error_set(error, "%s: extends: must be the path of another config", path);
    else if (depth >= MAX_EXTENDS)
        error_set(error, "%s: extends: more than %d files deep; is there a circle?", path,
                  MAX_EXTENDS);
    else
        base = load_extended(path_join(&arena, path_directory(&arena, path), extends->valuestring),
                             depth + 1, error);
    arena_free(&arena);
    if (base != NULL && !cJSON_IsObject(base)) {
        error_set(error, "%s: extends: %s: must be an object", path, extends->valuestring);
        cJSON_Delete(base);
        base = NULL;
    }
    if (base != NULL)
        json_merge(&base, json);
    cJSON_Delete(extends);
    cJSON_Delete(json);
    return base;
}

cJSON *json_load_extended(const char *path, struct error *error) {
    return load_extended(path, 0, error);
}

void json_merge(cJSON **target, const cJSON *patch) {
    if (!cJSON_IsObject(patch)) {
        cJSON_Delete(*target);
        *target = cJSON_Duplicate(patch, 1);
        return;
    }
    if (!cJSON_IsObject(*target)) {
        cJSON_Delete(*target);
        *target = cJSON_CreateObject();
    }
    for (const cJSON *item = patch->child; item != NULL; item = item->next) {
        cJSON *merged = cJSON_DetachItemFromObjectCaseSensitive(*target, item->string);
        if (cJSON_IsNull(item)) {
            cJSON_Delete(merged);
            continue;
        }
        json_merge(&merged, item);
        cJSON_AddItemToObject(*target, item->string, merged);
    }
}

cJSON *json_merged(const cJSON *base, const cJSON *patch) {
    cJSON *merged = base != NULL ? cJSON_Duplicate(base, true) : cJSON_CreateObject();
    if (patch != NULL)
        json_merge(&merged, patch);
    return merged;
}

/* The member of `node` that the path names at `*part`, made when it is not there yet; moves `*part`
 * behind the name. */
static cJSON *descend_to_member(cJSON *node, const char **part, struct error *error) {
    char name[128];
    size_t length = strcspn(*part, ".[=");
    if (length >= sizeof name || length == 0) {
        error_set(error, "the path has an empty or overlong part");
        return NULL;
    }
    memcpy(name, *part, length);
    name[length] = '\0';
    *part += length;
    if (!cJSON_IsObject(node)) {
        error_set(error, "\"%s\" has no parent object", name);
        return NULL;
    }
    cJSON *item = cJSON_GetObjectItemCaseSensitive(node, name);
    return item != NULL ? item : cJSON_AddObjectToObject(node, name);
}

/* The same for the element that "[3]" means; elements are not made. */
static cJSON *descend_to_element(cJSON *node, const char **part, struct error *error) {
    const char *digits = *part + 1;
    size_t length = strspn(digits, "0123456789");
    if (length == 0 || (digits[length] != ']' && digits[length] != '=' && digits[length] != '.')) {
        error_set(error, "what stands in [] must be a position, counted from 0");
        return NULL;
    }
    if (digits[length] != ']') {
        error_set(error, "\"]\" is missing after [%.*s", (int)length, digits);
        return NULL;
    }
    long position = strtol(digits, NULL, 10);
    cJSON *item = NULL;
    if (cJSON_IsArray(node) && position < cJSON_GetArraySize(node))
        item = cJSON_GetArrayItem(node, (int)position);
    if (item == NULL)
        error_set(error, "there is no element [%.*s]", (int)length, digits);
    *part = digits + length + 1;
    return item;
}

/* The node that the path before the "=" leads to. */
static cJSON *descend(cJSON *node, const char *path, struct error *error) {
    const char *part = path;
    node = descend_to_member(node, &part, error);
    while (node != NULL && *part != '=') {
        if (*part == '[') {
            node = descend_to_element(node, &part, error);
        } else if (*part == '.') {
            part++;
            node = descend_to_member(node, &part, error);
        } else {
            error_set(error, "\".\" is missing before \"%s\"", part);
            node = NULL;
        }
    }
    return node;
}

bool json_assign(cJSON *root, const char *assignment, struct error *error) {
    const char *equals = strchr(assignment, '=');
    if (equals == NULL || equals == assignment)
        return error_set(error, "--set %s: expected path=value, as in train.epochs=5", assignment);
    if (!utf8_is_valid(assignment))
        return error_set(error, "--set %s: is not UTF-8", assignment);
    cJSON *node = descend(root, assignment, error);
    if (node == NULL)
        return error_prefix(error, "--set %s", assignment);

    cJSON *value = cJSON_ParseWithOpts(equals + 1, NULL, 1);
    if (value == NULL)
        value = cJSON_CreateString(equals + 1);
    /* The node keeps its place and name in its parent; only its content is exchanged. */
    cJSON_Delete(node->child);
    free(node->valuestring);
    node->child = value->child;
    node->valuestring = value->valuestring;
    node->valueint = value->valueint;
    node->valuedouble = value->valuedouble;
    node->type = value->type;
    value->child = NULL;
    value->valuestring = NULL;
    cJSON_Delete(value);
    return true;
}

double json_number(const cJSON *object, const char *key, double fallback) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNumber(item) ? item->valuedouble : fallback;
}

const char *json_string(const cJSON *object, const char *key, const char *fallback) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsString(item) ? item->valuestring : fallback;
}

/* ---- Writing ---- */

static bool is_container(const cJSON *json) {
    return cJSON_IsArray(json) || cJSON_IsObject(json);
}

static void put_scalar(FILE *out, const cJSON *json) {
    char *text = cJSON_PrintUnformatted(json);
    fputs(text == NULL ? "null" : text, out);
    cJSON_free(text);
}

static void put_key(FILE *out, const cJSON *member) {
    cJSON key = {.type = cJSON_String, .valuestring = member->string};
    put_scalar(out, &key);
    fputs(": ", out);
}

/* Whether the container, which holds scalars alone, is read better on one line: an array always, an
 * object where it is one of a list, such as an epoch of a learning curve, and short enough. */
static bool fits_one_line(const cJSON *json, bool listed) {
    enum { MAX_BYTES = 100 };
    size_t length = 0;
    for (const cJSON *item = json->child; item != NULL; item = item->next) {
        if (is_container(item) && item->child != NULL)
            return false;
        if (cJSON_IsArray(json))
            continue;
        char *text = cJSON_PrintUnformatted(item);
        length += strlen(item->string) + (text == NULL ? 0 : strlen(text)) + strlen("\"\": , ");
        cJSON_free(text);
    }
    return json->child == NULL || cJSON_IsArray(json) || (listed && length <= MAX_BYTES);
}

/* `listed`: the node is an element of an array. Recursion is safe: the parser limits depth. */
static void put_node(FILE *out, const cJSON *json, int depth, bool listed) {
    if (!is_container(json)) {
        put_scalar(out, json);
        return;
    }
    bool array = cJSON_IsArray(json), one_line = fits_one_line(json, listed);
    fputc(array ? '[' : '{', out);
    for (const cJSON *item = json->child; item != NULL; item = item->next) {
        if (!one_line)
            fprintf(out, "\n%*s", 2 * (depth + 1), "");
        if (!array)
            put_key(out, item);
        put_node(out, item, depth + 1, array);
        if (item->next != NULL)
            fputs(one_line ? ", " : ",", out);
    }
    if (!one_line)
        fprintf(out, "\n%*s", 2 * depth, "");
    fputc(array ? ']' : '}', out);
}

void json_print(const cJSON *json, FILE *out) {
    put_node(out, json, 0, false);
    fputc('\n', out);
}

const char *json_text(const cJSON *json, struct arena *arena) {
    if (json == NULL)
        return "";
    struct text_stream text;
    put_node(text_stream_open(&text), json, 0, false);
    return text_stream_close(&text, arena);
}

static void print_json(FILE *out, const void *json) {
    json_print(json, out);
}

bool json_save(const cJSON *json, const char *path, struct error *error) {
    return file_print(path, print_json, json, error);
}

/* --- parts of a large object ------------------------------------------------------------------ */

static void begin_member(struct json_stream *stream, const char *key) {
    fprintf(stream->out, "%s\n  ", stream->has_member ? "," : "{");
    stream->has_member = true;
    put_key(stream->out, &(cJSON){.string = (char *)key});
}

void json_stream_member(struct json_stream *stream, const char *key, cJSON *value) {
    begin_member(stream, key);
    put_node(stream->out, value, 1, false);
    cJSON_Delete(value);
}

void json_stream_list(struct json_stream *stream, const char *key) {
    begin_member(stream, key);
    fputc('[', stream->out);
    stream->has_item = false;
}

void json_stream_item(struct json_stream *stream, cJSON *value) {
    fprintf(stream->out, "%s\n    ", stream->has_item ? "," : "");
    stream->has_item = true;
    put_node(stream->out, value, 2, true);
    cJSON_Delete(value);
}

void json_stream_list_end(struct json_stream *stream) {
    fputs(stream->has_item ? "\n  ]" : "]", stream->out);
}

void json_stream_end(struct json_stream *stream) {
    fputs(stream->has_member ? "\n}\n" : "{}\n", stream->out);
}

/* --- differences ------------------------------------------------------------------------------ */

static const char *object_difference(const cJSON *before, const cJSON *after, const char *path,
                                     struct arena *arena);

/* The item of a list of one, which a string alone means in configs. */
static const cJSON *alone(const cJSON *json) {
    return cJSON_GetArraySize(json) == 1 && cJSON_IsArray(json) ? json->child : json;
}

static bool are_same(const cJSON *before, const cJSON *after) {
    bool one_string = cJSON_IsString(before) != cJSON_IsString(after);
    return one_string ? cJSON_Compare(alone(before), alone(after), true)
                      : cJSON_Compare(before, after, true);
}

static const char *difference_at(const cJSON *before, const cJSON *after, const char *path,
                                 struct arena *arena) {
    if (cJSON_IsObject(before) && cJSON_IsObject(after))
        return object_difference(before, after, path, arena);
    if (are_same(before, after))
        return NULL;
    return arena_printf(arena, "%s%s%s → %s", path, path[0] != '\0' ? " " : "",
                        json_text(before, arena), json_text(after, arena));
}

static const char *object_difference(const cJSON *before, const cJSON *after, const char *path,
                                     struct arena *arena) {
    const cJSON *item;
    cJSON_ArrayForEach(item, before) {
        const cJSON *other = cJSON_GetObjectItemCaseSensitive(after, item->string);
        const char *dot = path[0] != '\0' ? "." : "";
        const char *difference =
            other == NULL
                ? NULL
                : difference_at(item, other, arena_printf(arena, "%s%s%s", path, dot, item->string),
                                arena);
        if (difference != NULL)
            return difference;
    }
    return NULL;
}

const char *json_difference(const cJSON *before, const cJSON *after, struct arena *arena) {
    return difference_at(before, after, "", arena);
}
