/* Picks from a text of C definitions those that another text uses. */
#ifndef EXPERIMENT_EXPORT_DEFINITIONS_H
#define EXPERIMENT_EXPORT_DEFINITIONS_H

#include "base/arena.h"

#include <stdbool.h>

/* `library` is a list of definitions, each ended by a blank line and with its comment in front. The
 * result are those whose names stand in `users`, or in a definition that is picked, in their
 * order. */
const char *definitions_used(const char *library, const char *users, struct arena *arena);

#endif
