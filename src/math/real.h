/* The number type of data, models and training: float in the program, double in the build that
 * checks gradients. Scores are always computed in double. */
#ifndef MATH_REAL_H
#define MATH_REAL_H

#ifdef LIQUIDBENCH_DOUBLE
typedef double real;
#define REAL(x) x
#else
typedef float real;
#define REAL(x) x##f
#endif

#endif
