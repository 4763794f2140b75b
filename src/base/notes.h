/* Notes: what the user should know about the data although nothing is wrong, one line each.
 *
 * Whoever reads or prepares data adds them ("column \"id\" is text and is not used"); they travel
 * with the table or the data set, and the command prints them once. The same note about several
 * files is one line that counts the others. */
#ifndef BASE_NOTES_H
#define BASE_NOTES_H

#include "base/arena.h"

struct note {
    const char *where; /* the file it is about, or NULL */
    const char *what;  /* a sentence without its place */
    size_t others;     /* more files with the same sentence */
};

struct notes {
    struct note *items; /* in an arena */
    size_t count;
};

void notes_add(struct notes *notes, struct arena *arena, const char *where, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Adds all of `more`, copied into the arena. */
void notes_join(struct notes *notes, struct arena *arena, const struct notes *more);

/* "data.csv (and 3 more files): <sentence>" */
const char *note_text(const struct note *note, struct arena *arena);

/* Each on a line of stderr. */
void notes_print(const struct notes *notes);

#endif
