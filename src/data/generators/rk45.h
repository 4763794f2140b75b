/* An ordinary differential equation as SciPy's solve_ivp() solves it with its defaults, for data
 * sets that carry that solver's error. Where the solution itself is wanted, see ode.h. */
#ifndef DATA_GENERATORS_RK45_H
#define DATA_GENERATORS_RK45_H

#include "data/generators/ode.h"

/* out [rows][dimension] = y every `step`, from y [dimension] at t = 0; at most 8 dimensions.
 * Dormand-Prince 5(4) with adaptive steps, errors 1e-3 relative or 1e-6 absolute, between them dense
 * output of order 4. */
bool rk45_sample(ode_function *f, void *parameters, size_t dimension, const double *y, double step,
                 int rows, double *out, struct error *error);

#endif
