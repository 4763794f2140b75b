/* Denormal numbers, those below 1e-38 that floats still hold with fewer digits. */
#ifndef MATH_DENORMALS_H
#define MATH_DENORMALS_H

/* From now on this thread, and those that it starts, calculate with 0 in their place, if the
 * processor can. Gradients that vanish over many steps become such numbers by the million, and
 * processors take some hundred cycles for each: a training step may take 25 times as long. */
void denormals_are_zero(void);

#endif
