/* Sampling the solution of an ordinary differential equation, with GSL's odeiv2. */
#ifndef DATA_GENERATORS_ODE_H
#define DATA_GENERATORS_ODE_H

#include "base/error.h"

#include <stddef.h>

/* dy/dt = f(t, y), as gsl_odeiv2_system wants it. */
typedef int ode_function(double t, const double y[], double dydt[], void *parameters);

/* Follows y from its value at t = 0 (overwritten) for the time `settle`, then writes it to `out`
 * [rows][dimension] every `step`. On the way to row r, and to row 0 from the start, f is given the
 * parameters values + r · stride; stride 0: always the same. Dormand-Prince 8(9) with adaptive
 * steps, error 1e-9. */
bool ode_sample(ode_function *f, const double *values, size_t stride, size_t dimension, double *y,
                double settle, double step, int rows, double *out, struct error *error);

#endif
