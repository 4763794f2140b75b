#include "data/generators/rk45.h"

#include <float.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <string.h>

enum { MAX_DIMENSION = 8, STAGES = 7, POWERS = 4, MAX_STEPS = 1000000 };

static const double relative = 1e-3, absolute = 1e-6; /* SciPy's default tolerances */

/* Dormand & Prince 1980: where the stages are, what each takes of those before it; the last is the
 * step itself, of order 5. */
static const double nodes[STAGES] = {0, 1. / 5, 3. / 10, 4. / 5, 8. / 9, 1, 1};
static const double stages[STAGES][STAGES - 1] = {
    {0},
    {1. / 5},
    {3. / 40, 9. / 40},
    {44. / 45, -56. / 15, 32. / 9},
    {19372. / 6561, -25360. / 2187, 64448. / 6561, -212. / 729},
    {9017. / 3168, -355. / 33, 46732. / 5247, 49. / 176, -5103. / 18656},
    {35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84},
};
/* Difference to the step of order 4. */
static const double differences[STAGES] = {-71. / 57600,    0,          71. / 16695, -71. / 1920,
                                           17253. / 339200, -22. / 525, 1. / 40};
/* Dense output of order 4 (Shampine 1986): coefficients of x, x², x³, x⁴ for the share x of a
 * step. */
static const double dense[STAGES][POWERS] = {
    {1, -8048581381. / 2820520608, 8663915743. / 2820520608, -12715105075. / 11282082432},
    {0},
    {0, 131558114200. / 32700410799, -68118460800. / 10900136933, 87487479700. / 32700410799},
    {0, -1754552775. / 470086768, 14199869525. / 1410260304, -10690763975. / 1880347072},
    {0, 127303824393. / 49829197408, -318862633887. / 49829197408, 701980252875. / 199316789632},
    {0, -282668133. / 205662961, 2019193451. / 616988883, -1453857185. / 822651844},
    {0, 40617522. / 29380423, -110615467. / 29380423, 69997945. / 29380423},
};

struct solver {
    ode_function *f;
    void *parameters;
    size_t dimension;
    double t, y[MAX_DIMENSION];
    double slope[STAGES][MAX_DIMENSION]; /* of the stages; the first is f(t, y) */
    double length;                       /* of the next step */
    /* The last step: where it began and how long it was. */
    double old_t, old_y[MAX_DIMENSION], taken;
};

/* Root of the mean square of values in units of what is tolerated at a and b. */
static double size_of(const struct solver *solver, const double *values, const double *a,
                      const double *b) {
    double sum = 0;
    for (size_t i = 0; i < solver->dimension; i++) {
        double scale = absolute + relative * fmax(fabs(a[i]), fabs(b[i]));
        sum += values[i] / scale * (values[i] / scale);
    }
    return sqrt(sum / (double)solver->dimension);
}

/* Hairer, Nørsett & Wanner, Solving Ordinary Differential Equations I, section II.4. */
static double first_length(const struct solver *solver, double until) {
    const double *y = solver->y, *slope = solver->slope[0];
    double moved[MAX_DIMENSION], later[MAX_DIMENSION], change[MAX_DIMENSION];
    double d0 = size_of(solver, y, y, y), d1 = size_of(solver, slope, y, y);
    double h0 = fmin(d0 < 1e-5 || d1 < 1e-5 ? 1e-6 : 0.01 * d0 / d1, until);
    for (size_t i = 0; i < solver->dimension; i++)
        moved[i] = y[i] + h0 * slope[i];
    solver->f(h0, moved, later, solver->parameters);
    for (size_t i = 0; i < solver->dimension; i++)
        change[i] = later[i] - slope[i];
    double d2 = size_of(solver, change, y, y) / h0, largest = fmax(d1, d2);
    double h1 = largest <= 1e-15 ? fmax(1e-6, h0 * 1e-3) : pow(0.01 / largest, 0.2);
    return fmin(fmin(100 * h0, h1), until);
}

/* Tries a step of length h to y; its error in units of what is tolerated. */
static double attempt(struct solver *solver, double h, double *y) {
    double difference[MAX_DIMENSION];
    size_t n = solver->dimension;
    for (int stage = 1; stage < STAGES; stage++) {
        for (size_t i = 0; i < n; i++) {
            double sum = 0;
            for (int before = 0; before < stage; before++)
                sum += stages[stage][before] * solver->slope[before][i];
            y[i] = solver->y[i] + h * sum;
        }
        solver->f(solver->t + nodes[stage] * h, y, solver->slope[stage], solver->parameters);
    }
    for (size_t i = 0; i < n; i++) {
        difference[i] = 0;
        for (int stage = 0; stage < STAGES; stage++)
            difference[i] += h * differences[stage] * solver->slope[stage][i];
    }
    return size_of(solver, difference, solver->y, y);
}

/* One step, not beyond `until`; false when none is short enough. */
static bool advance(struct solver *solver, double until) {
    double y[MAX_DIMENSION], min = 10 * (nextafter(solver->t, INFINITY) - solver->t);
    bool was_rejected = false;
    for (;;) {
        double h = fmin(fmax(solver->length, min), until - solver->t);
        double error = attempt(solver, h, y);
        double factor = error == 0 ? 10 : 0.9 * pow(error, -0.2);
        if (error < 1) {
            memcpy(solver->old_y, solver->y, sizeof y);
            memcpy(solver->y, y, sizeof y);
            solver->old_t = solver->t;
            solver->taken = h;
            solver->t = h == until - solver->t ? until : solver->t + h;
            solver->length = h * fmin(was_rejected ? 1 : 10, factor);
            return true;
        }
        if (!(error < DBL_MAX) || h <= min)
            return false;
        was_rejected = true;
        solver->length = h * fmax(0.2, factor);
    }
}

/* y at time t of the last step. */
static void interpolate(const struct solver *solver, double t, double *y) {
    double x = (t - solver->old_t) / solver->taken;
    for (size_t i = 0; i < solver->dimension; i++) {
        double sum = 0;
        for (int stage = 0; stage < STAGES; stage++) {
            const double *c = dense[stage];
            sum += solver->slope[stage][i] * x * (c[0] + x * (c[1] + x * (c[2] + x * c[3])));
        }
        y[i] = solver->old_y[i] + solver->taken * sum;
    }
}

bool rk45_sample(ode_function *f, void *parameters, size_t dimension, const double *y, double step,
                 int rows, double *out, struct error *error) {
    double until = step * (rows - 1);
    struct solver solver = {.f = f, .parameters = parameters, .dimension = dimension};
    memcpy(solver.y, y, dimension * sizeof *y);
    memcpy(out, y, dimension * sizeof *y);
    f(0, solver.y, solver.slope[0], parameters);
    solver.length = rows > 1 ? first_length(&solver, until) : 0;
    int row = 1;
    for (long taken = 0; row < rows; taken++) {
        if (taken == MAX_STEPS || !advance(&solver, until))
            return error_set(error, "cannot be solved for these parameters (at time %g)", solver.t);
        for (; row < rows && row * step <= solver.t; row++)
            interpolate(&solver, row * step, out + (size_t)row * dimension);
        memcpy(solver.slope[0], solver.slope[STAGES - 1], sizeof solver.slope[0]);
    }
    return true;
}
