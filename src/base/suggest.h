/* "did you mean ...?": the nearest known name to one that is not known. */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

#include <stddef.h>

/* A list of names as a function of position; NULL after the last. Registries (cells, metrics, ...)
 * each offer one, so that configs, messages and help all see the same names. */
typedef const char *(*name_list)(size_t position);

/* Tracks the nearest name offered so far. */
struct suggestion {
    const char *wanted;
    const char *nearest; /* NULL while nothing offered is near enough to suggest */
    size_t distance;
};

void suggestion_offer(struct suggestion *suggestion, const char *name);

#endif
