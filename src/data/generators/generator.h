/* Generators of synthetic series, on GSL's ODE solvers and random numbers. One file each in
 * data/generators/, one line in the table of generator.c. */
#ifndef DATA_GENERATORS_GENERATOR_H
#define DATA_GENERATORS_GENERATOR_H

#include "data/formats/table.h"

#include <cjson/cJSON.h>
#include <gsl/gsl_rng.h>

enum { GENERATOR_PARAMETERS = 16, GENERATOR_COLUMNS = 65 }; /* at most, without the ends */

/* A parameter has a default range; each series draws its own value uniformly from it. */
struct generator_parameter {
    const char *name, *help;
    double low, high;
    double min;    /* smaller values make no sense */
    bool is_fixed; /* it cannot change within a series: where one starts, how time is sampled */
};

struct generator_type {
    const char *name, *title, *citation;
    const char *const *columns;                   /* names of the columns; NULL ends */
    const struct generator_parameter *parameters; /* name NULL ends */
    /* How many of the columns there are with these values; NULL: all. */
    size_t (*used_columns)(const double *values);
    bool has_unscored; /* targets may be missing (NaN) where there is nothing to score */
    const char
        *delay;      /* the parameter that says how many rows back truths reach; NULL: none does */
    bool has_time;   /* column "time" carries irregular times */
    double exponent; /* largest Lyapunov exponent with the default parameters; 0: not chaotic, or
                        not known */
    /* The task for a config that names only the generator. */
    const char *task;                           /* "forecast" or "regression" */
    const char *const *inputs, *const *targets; /* NULL ends; no target: all that are no inputs */
    /* Writes *rows rows of the columns (row-major) from the drawn parameter values; a series that
     * has an end of its own may be shorter, and *rows then says how long it is. */
    bool (*generate)(const double *values, int *rows, gsl_rng *rng, double *out,
                     struct error *error);
    /* In the place of generate(), where parameters may change on the way: those of row r are
     * values + r * stride; stride 0: they stay. */
    bool (*generate_drifting)(const double *values, size_t stride, int *rows, gsl_rng *rng,
                              double *out, struct error *error);
    /* In the place of generate(), of a fixed set of series: the one with this number, from 0. */
    bool (*generate_numbered)(const double *values, int number, int *rows, double *out,
                              struct error *error);
};

const struct generator_type *generator_find(const char *name); /* NULL when unknown */
const struct generator_type *generator_at(size_t position);    /* NULL after the last */
const char *generator_name(size_t position);

/* The largest Lyapunov exponent per row, as far as it is known with these parameters (which may set
 * "step" alone); otherwise NaN. Its inverse is the Lyapunov time: how long two neighbouring states
 * take to part by a factor e. */
double generator_exponent(const struct generator_type *type, const cJSON *parameters);

/* How many rows back truths reach with these parameters; 0: they do not. */
int generator_delay(const struct generator_type *type, const cJSON *parameters);

/* One series as a table, the one with this number (from 0) of a data set. `parameters` (may be
 * NULL) overrides ranges:
 * {"damping": [0.1, 0.3], "mass": 1}. */
bool generator_run(const struct generator_type *type, const cJSON *parameters, int number, int rows,
                   gsl_rng *rng, struct table *table, struct error *error);

/* Several sets of parameters, and how much each counts at every row. */
struct generator_drift {
    int regimes;
    const cJSON *const *parameters; /* [regimes]; each may be NULL */
    const double *shares;           /* [rows][regimes], which add up to 1 in each row */
};

/* Whether a series can drift between them: the type can, and they agree on what is fixed. */
bool generator_can_drift(const struct generator_type *type, const struct generator_drift *drift);

/* One series whose parameters are, at each row, the regimes' by their shares. A range is drawn from
 * at the same place by all regimes, so that what they have in common stays. */
bool generator_run_drifting(const struct generator_type *type, const struct generator_drift *drift,
                            int rows, gsl_rng *rng, struct table *table, struct error *error);

#endif
