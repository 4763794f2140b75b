/* Names that are not among those known: how to refuse them. */
#ifndef BASE_CHOICE_H
#define BASE_CHOICE_H

#include "base/error.h"
#include "base/suggest.h"

struct refusal_end {
    char text[256];
};

/* How a refusal ends: "; did you mean \"gru\"?", or where nothing is near "; " and what to do instead
 * ("" when that is empty). */
struct refusal_end suggestion_or(const struct suggestion *suggestion, const char *otherwise, ...)
    __attribute__((format(printf, 2, 3)));

/* The position of a name among the choices; otherwise an error says which is near, or names them all. */
bool choice_find(name_list choices, const char *wanted, int *position, struct error *error);

#endif
