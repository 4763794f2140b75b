#include "evaluate/power_law.h"

#include "base/arena.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_fit.h>
#include <math.h>
#include <stdbool.h>

static bool is_usable(double value) {
    return value > 0 && isfinite(value);
}

struct power_law power_law_fit(const double *x, const double *y, size_t count) {
    struct power_law law = {.exponent = NAN, .factor = NAN, .low = NAN, .high = NAN};
    struct arena scratch = {0};
    double *log_x = ARENA_NEW(&scratch, double, count + 1);
    double *log_y = ARENA_NEW(&scratch, double, count + 1);
    bool differ = false;
    for (size_t i = 0; i < count; i++)
        if (is_usable(x[i]) && is_usable(y[i])) {
            log_x[law.count] = log(x[i]);
            log_y[law.count++] = log(y[i]);
            differ |= log_x[law.count - 1] != log_x[0];
        }
    if (differ) {
        double intercept, variance, ignored[3];
        gsl_fit_linear(log_x, 1, log_y, 1, law.count, &intercept, &law.exponent, &ignored[0],
                       &ignored[1], &variance, &ignored[2]);
        law.factor = exp(intercept);
        double half = law.count > 2 ? gsl_cdf_tdist_Qinv(0.025, (double)law.count - 2) *
                                          sqrt(fmax(variance, 0))
                                    : INFINITY;
        law.low = law.exponent - half;
        law.high = law.exponent + half;
    }
    arena_free(&scratch);
    return law;
}
