/* Where things stand in the text of a JSON file: the cause of a syntax error, and the line of a value. */
#ifndef BASE_JSON_PLACE_H
#define BASE_JSON_PLACE_H

#include "base/error.h"

#include <stddef.h>

/* Says where a text stops being JSON, what was expected there, and shows the line with a caret:
 *
 *     x.json:3:1: expected "," or "]" to go on with or close the list of line 2
 *       3 | }
 *         | ^
 *
 * `fallback`: the place to name where the fault is none that this finds. Always returns false. */
bool json_syntax_error(const char *path, const char *text, const char *fallback,
                       struct error *error);

/* The line of the value that a sentence begins with, as in `models[1].hidden: must be ...`; of one that is required,
 * the line of the innermost object around it. 0 when it is not there: it is a default, or is in the file that is
 * extended. */
int json_line_of(const char *text, const char *sentence);

/* Adds the line in the file `path` to each of the error's sentences that begins with the path and a value
 * of the file, and sorts these by line: "x.json: seeds: ..." becomes "x.json:4: seeds: ...". What `--set`
 * has `assigned` stands in no file. Always returns false. */
bool json_place_errors(const char *path, const char *const *assigned, size_t count,
                       struct error *error);

#endif
