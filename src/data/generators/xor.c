/* Parity of a stream of random bits (Lechner & Hasani 2020): the exclusive or of all of them, which
 * a model can only tell when it forgets none.
 *
 * xor_bits sends every bit. xor_events sends only bits that differ from the one before, and the
 * last one: how many equal bits came before it, and with them the parity, is in the elapsed time
 * alone. */
#include "data/generators/generator.h"

#include <gsl/gsl_math.h>

static const struct generator_parameter parameters[] = {
    {"bits", "length of the stream, rounded down", 2, 32, 1, .is_fixed = true},
    {.name = NULL},
};

static int stream_length(const double *values, int rows) {
    return (int)GSL_MIN(values[0], (double)rows);
}

static bool generate_bits(const double *values, int *rows, gsl_rng *rng, double *out,
                          struct error *error) {
    (void)error;
    unsigned long parity = 0;
    *rows = stream_length(values, *rows);
    for (int i = 0; i < *rows; i++) {
        unsigned long bit = gsl_rng_uniform_int(rng, 2);
        parity ^= bit;
        *out++ = (double)bit;
        *out++ = (double)parity;
    }
    return true;
}

/* The bit at time t = 1, 2, ... is sent when it differs from the one before, or is the last. */
static bool generate_events(const double *values, int *rows, gsl_rng *rng, double *out,
                            struct error *error) {
    (void)error;
    unsigned long parity = 0, before = 2; /* neither bit: the first is always sent */
    int length = stream_length(values, *rows);
    *rows = 0;
    for (int t = 1; t <= length; t++) {
        unsigned long bit = gsl_rng_uniform_int(rng, 2);
        parity ^= bit;
        if (bit != before || t == length) {
            *out++ = t;
            *out++ = (double)bit;
            *out++ = (double)parity;
            (*rows)++;
        }
        before = bit;
    }
    return true;
}

static const char *const bit_columns[] = {"bit", "parity", NULL};
static const char *const event_columns[] = {"time", "bit", "parity", NULL};
static const char *const inputs[] = {"bit", NULL};
static const char *const targets[] = {"parity", NULL};

const struct generator_type generator_xor_bits = {
    .name = "xor_bits",
    .title = "Parity of a stream of random bits, one bit a step",
    .citation = "M. Lechner and R. Hasani, Learning long-term dependencies in "
                "irregularly-sampled time series, arXiv:2006.04418, 2020",
    .columns = bit_columns,
    .parameters = parameters,
    .task = "classification",
    .inputs = inputs,
    .targets = targets,
    .generate = generate_bits,
};

const struct generator_type generator_xor_events = {
    .name = "xor_events",
    .title = "Parity of a stream of random bits of which only changes are sent",
    .citation = "M. Lechner and R. Hasani, Learning long-term dependencies in "
                "irregularly-sampled time series, arXiv:2006.04418, 2020",
    .columns = event_columns,
    .parameters = parameters,
    .has_time = true,
    .task = "classification",
    .inputs = inputs,
    .targets = targets,
    .generate = generate_events,
};
