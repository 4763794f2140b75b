/* Delay recall (Jaeger 2001): of a stream of independent random numbers, what were the last K?
 *
 *   u(t) ~ U(-1, 1)        lag_k(t) = u(t − k),   k = 1 ... K
 *
 * Nothing in u helps to predict u, so what a model answers it remembers. Before the series began
 * there was nothing to remember: lag_k is missing in the first k rows, and not scored. */
#include "data/generators/generator.h"

#include <math.h>

enum { LAGS };
enum { MAX_LAGS = GENERATOR_COLUMNS - 1 };

static const struct generator_parameter parameters[] = {
    [LAGS] = {"lags", "delays K to be recalled, at most 64, rounded down", 16, 16, .min = 1},
    {.name = NULL},
};

static size_t used_columns(const double *values) {
    return values[LAGS] > MAX_LAGS ? MAX_LAGS + 1 : (size_t)values[LAGS] + 1;
}

static bool generate(const double *values, int *rows, gsl_rng *rng, double *out,
                     struct error *error) {
    int columns = (int)used_columns(values);
    if (values[LAGS] > MAX_LAGS)
        return error_set(error, "lags is %g but must be at most %d", values[LAGS], MAX_LAGS);
    if (*rows <= columns - 1)
        return error_set(error, "rows is %d, but recalling a delay of %d takes more", *rows,
                         columns - 1);
    for (int row = 0; row < *rows; row++) {
        double *own = out + (size_t)row * (size_t)columns;
        own[0] = 2 * gsl_rng_uniform(rng) - 1;
        for (int k = 1; k < columns; k++)
            own[k] = k <= row ? own[-k * columns] : NAN;
    }
    return true;
}

static const char *const columns[] = {
    "input",  "lag_1",  "lag_2",  "lag_3",  "lag_4",  "lag_5",  "lag_6",  "lag_7",  "lag_8",
    "lag_9",  "lag_10", "lag_11", "lag_12", "lag_13", "lag_14", "lag_15", "lag_16", "lag_17",
    "lag_18", "lag_19", "lag_20", "lag_21", "lag_22", "lag_23", "lag_24", "lag_25", "lag_26",
    "lag_27", "lag_28", "lag_29", "lag_30", "lag_31", "lag_32", "lag_33", "lag_34", "lag_35",
    "lag_36", "lag_37", "lag_38", "lag_39", "lag_40", "lag_41", "lag_42", "lag_43", "lag_44",
    "lag_45", "lag_46", "lag_47", "lag_48", "lag_49", "lag_50", "lag_51", "lag_52", "lag_53",
    "lag_54", "lag_55", "lag_56", "lag_57", "lag_58", "lag_59", "lag_60", "lag_61", "lag_62",
    "lag_63", "lag_64", NULL};
static const char *const inputs[] = {"input", NULL};
static const char *const targets[] = {NULL}; /* all others */

const struct generator_type generator_delay_recall = {
    .name = "delay_recall",
    .title = "The last numbers of a random stream, each at its own output",
    .citation = "H. Jaeger, Short term memory in echo state networks, GMD report 152, 2001",
    .columns = columns,
    .used_columns = used_columns,
    .has_unscored = true,
    .delay = "lags",
    .parameters = parameters,
    .task = "regression",
    .inputs = inputs,
    .targets = targets,
    .generate = generate,
};
