/* Errors that travel upwards.
 *
 * A function that can fail takes a `struct error *`, returns false (or NULL), and leaves a sentence
 * that tells the user what is wrong and what to do about it. Callers on the way up put the place in
 * front of it: "hidden: must be at least 1" becomes "configs/x.json: models[1].hidden: must be
 * ...". Only main() turns an error into an exit code.
 *
 * Where a user can mend several things at once, an error holds a sentence for each on a line of its own; a line
 * that begins with a blank belongs to the one above it. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>

struct error {
    char text[4096]; /* empty while nothing has gone wrong */
};

/* Sets the sentence. Always returns false, so that `return error_set(...)` reads well. */
bool error_set(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts the place in front of every sentence: "<place>: <sentence>". Always returns false. */
bool error_prefix(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Moves the sentences of `one`, if it has any, to the end of `all`; both begin as {0}. What finds no room is left
 * out. Always returns false. */
bool error_add(struct error *all, struct error *one);

#endif
