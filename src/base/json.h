/* JSON files on top of cJSON: loading with the place of a syntax error, "extends", `--set`, and
 * text that is pleasant to read. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/arena.h"
#include "base/error.h"

#include <cjson/cJSON.h>
#include <stdio.h>

/* From now on, what finds no memory for JSON ends as an arena does that finds none. */
void json_exit_without_memory(void);

/* Parses a file. A syntax error names file, line and column. Free with cJSON_Delete(). */
cJSON *json_load(const char *path, struct error *error);

/* Like json_load(), then merges the object over the file that its "extends" names, if any
 * (a path relative to this file's folder; RFC 7396, and so on up). */
cJSON *json_load_extended(const char *path, struct error *error);

/* Merges `patch` over `*target` as RFC 7396 says. */
void json_merge(cJSON **target, const cJSON *patch);

/* A copy of `base`, merged with the patch; NULL counts as an empty object. */
cJSON *json_merged(const cJSON *base, const cJSON *patch);

/* Applies "train.epochs=5" or "models[0].hidden=64". The value is JSON; what is not JSON is taken
 * as a string, so that paths and names need no quotes. */
bool json_assign(cJSON *root, const char *assignment, struct error *error);

/* Convenience for reading files the program itself wrote; the fallback when absent. */
double json_number(const cJSON *object, const char *key, double fallback);
const char *json_string(const cJSON *object, const char *key, const char *fallback);

/* The first place where two values differ, as "train.epochs 60 → 80"; NULL when none does. What
 * only one of two objects has, such as a field that a newer version added, is no difference, and
 * neither is a string beside a list of this string alone. */
const char *json_difference(const cJSON *before, const cJSON *after, struct arena *arena);

/* For people to read: two spaces a level; arrays of scalars are on one line, and so are short
 * objects in arrays. json_print() ends with a newline; json_text() does not, and is "" for NULL. */
void json_print(const cJSON *json, FILE *out);
const char *json_text(const cJSON *json, struct arena *arena);

/* Writes what json_print() prints, whole or not at all. */
bool json_save(const cJSON *json, const char *path, struct error *error);

/* An object that is printed member by member, and lists of objects in it item by item, so that it
 * is never whole in memory. The text is json_print()'s. Values are printed at once and deleted. */
struct json_stream {
    FILE *out;
    bool has_member, has_item;
};

void json_stream_member(struct json_stream *stream, const char *key, cJSON *value);
void json_stream_list(struct json_stream *stream, const char *key);
void json_stream_item(struct json_stream *stream, cJSON *value);
void json_stream_list_end(struct json_stream *stream);
void json_stream_end(struct json_stream *stream);

#endif
