#include "data/generators/ode.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>
#include <string.h>

enum { MAX_STEPS = 100000 }; /* between two rows: a stiff choice of parameters fails, not hangs */

bool ode_sample(ode_function *f, const double *values, size_t stride, size_t dimension, double *y,
                double settle, double step, int rows, double *out, struct error *error) {
    gsl_odeiv2_system system = {f, NULL, dimension, (void *)values}; /* f only reads them */
    gsl_odeiv2_driver *driver =
        gsl_odeiv2_driver_alloc_y_new(&system, gsl_odeiv2_step_rk8pd, step / 10, 1e-9, 1e-9);
    if (driver == NULL)
        return error_set(error, "cannot solve the equation with steps of %g", step);
    gsl_odeiv2_driver_set_nmax(driver, MAX_STEPS);
    double t = 0;
    int status = settle > 0 ? gsl_odeiv2_driver_apply(driver, &t, settle, y) : GSL_SUCCESS;
    for (int row = 0; row < rows && status == GSL_SUCCESS; row++) {
        system.params = (void *)(values + (size_t)row * stride);
        if (row > 0)
            status = gsl_odeiv2_driver_apply(driver, &t, settle + row * step, y);
        memcpy(out + (size_t)row * dimension, y, dimension * sizeof *y);
    }
    gsl_odeiv2_driver_free(driver);
    return status == GSL_SUCCESS ||
           error_set(error, "cannot be solved for these parameters (%s at time %g)",
                     gsl_strerror(status), t);
}
