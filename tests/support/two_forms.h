/* A cell's two ways to compute a regular sequence: as such, and as part of a batch in which another
 * stream misses a step, which is no regular sequence any more. */
#ifndef TESTS_SUPPORT_TWO_FORMS_H
#define TESTS_SUPPORT_TWO_FORMS_H

#include <stdbool.h>

/* Largest differences between the two, of the largest number: of outputs and final state, and of
 * the gradients of parameters, inputs and initial state. */
struct form_difference {
    double forward, backward;
};

/* `batch` streams of `steps` steps of equal length. Without `carried`, the initial state is zero
 * and the final one has no part in the loss. */
struct form_difference compare_forms(const char *model, int steps, int batch, bool carried);

#endif
