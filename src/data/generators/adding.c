/* The adding problem (Hochreiter & Schmidhuber 1997): of a stream of random numbers two are marked;
 * what is their sum? A model that always says 1 has a squared error of 1/6. */
#include "data/generators/generator.h"

enum { HALVES };

static const struct generator_parameter parameters[] = {
    [HALVES] = {"halves", "1: one mark in each half; 0: at any two steps", 1, 1, .min = 0},
    {.name = NULL},
};

/* Two different steps of `rows`, in order. */
static void draw_marks(const double *values, int rows, gsl_rng *rng, int marks[2]) {
    unsigned long half = (unsigned long)(rows / 2), all = (unsigned long)rows;
    if (values[HALVES] != 0) {
        marks[0] = (int)gsl_rng_uniform_int(rng, half);
        marks[1] = (int)(half + gsl_rng_uniform_int(rng, all - half));
        return;
    }
    marks[0] = (int)gsl_rng_uniform_int(rng, all);
    marks[1] = (int)gsl_rng_uniform_int(rng, all - 1);
    marks[1] += marks[1] >= marks[0];
}

/* The third column is the sum so far, and at the end what is asked for. */
static bool generate(const double *values, int *rows, gsl_rng *rng, double *out,
                     struct error *error) {
    int marks[2];
    double sum = 0;
    if (*rows < 2)
        return error_set(error, "rows must be at least 2");
    draw_marks(values, *rows, rng, marks);
    for (int row = 0; row < *rows; row++, out += 3) {
        out[0] = gsl_rng_uniform(rng);
        out[1] = row == marks[0] || row == marks[1];
        sum += out[0] * out[1];
        out[2] = sum;
    }
    return true;
}

static const char *const columns[] = {"number", "mark", "sum", NULL};
static const char *const inputs[] = {"number", "mark", NULL};
static const char *const targets[] = {"sum", NULL};

const struct generator_type generator_adding = {
    .name = "adding",
    .title = "The sum of the two marked numbers in a stream of random ones",
    .citation = "S. Hochreiter and J. Schmidhuber, Long short-term memory, Neural Computation 9 "
                "(1997) 1735-1780",
    .columns = columns,
    .parameters = parameters,
    .task = "regression",
    .inputs = inputs,
    .targets = targets,
    .generate = generate,
};
