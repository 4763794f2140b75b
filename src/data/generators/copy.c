/* The copy memory task (Hochreiter & Schmidhuber 1997; Bai, Kolter & Koltun 2018): L digits, a
 * blank gap, and a mark that asks for them again,
 *
 *   digit    L digits of 1 ... S,   T − 1 zeros,   L + 1 marks of S + 1          T = rows − 2 L
 *   target   L + T zeros,                          the L digits
 *
 * A model without memory can do no better than a loss of L ln S / rows over all steps, which falls
 * with the gap. Without the blanks only the digits are scored, and that loss is ln S at any length. */
#include "data/generators/generator.h"

#include <math.h>

enum { LENGTH, SYMBOLS, BLANKS };

static const struct generator_parameter parameters[] = {
    [LENGTH] = {"length", "digits to be remembered, rounded down", 10, 10, .min = 1},
    [SYMBOLS] = {"symbols", "different digits, rounded down", 8, 8, .min = 2},
    [BLANKS] = {"blanks", "1: the blanks before the answer are scored, as published; 0: not", 1, 1,
                .min = 0},
    {.name = NULL},
};

static bool generate(const double *values, int *rows, gsl_rng *rng, double *out,
                     struct error *error) {
    unsigned long symbols = (unsigned long)values[SYMBOLS];
    if (*rows <= 2 * floor(values[LENGTH]))
        return error_set(error, "rows is %d, but remembering %g digits takes more than %g", *rows,
                         floor(values[LENGTH]), 2 * floor(values[LENGTH]));
    int length = (int)values[LENGTH], gap = *rows - 2 * length;
    double blank = values[BLANKS] > 0 ? 0 : NAN;
    for (int row = 0; row < *rows; row++) {
        double *own = out + 2 * row;
        own[0] = row < length             ? 1 + (double)gsl_rng_uniform_int(rng, symbols)
                 : row < length + gap - 1 ? 0
                                          : (double)symbols + 1;
        own[1] = row < length + gap ? blank : out[2 * (row - length - gap)];
    }
    return true;
}

static const char *const columns[] = {"digit", "target", NULL};
static const char *const inputs[] = {"digit", NULL};
static const char *const targets[] = {"target", NULL};

const struct generator_type generator_copy = {
    .name = "copy",
    .title = "Ten digits to be repeated after a long gap",
    .citation = "S. Bai, J. Z. Kolter and V. Koltun, An empirical evaluation of generic "
                "convolutional and recurrent networks for sequence modeling, arXiv:1803.01271, "
                "2018",
    .columns = columns,
    .parameters = parameters,
    .has_unscored = true,
    .task = "classification",
    .inputs = inputs,
    .targets = targets,
    .generate = generate,
};
