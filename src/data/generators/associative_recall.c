/* Associative recall (after Graves, Wayne & Danihelka 2014; Ba et al. 2016): pairs of a key and a
 * value, a gap, and one of the keys again; what was its value?
 *
 *   rows 0 ... P−1     key and value of a pair, each as bits of −1 and 1; no key comes twice
 *   then               zeros
 *   last row           one of the keys, zeros for the value, query 1; target: its value
 *
 * In all rows but the last the target is 0: say "task": {"at": "last"}. Guessing is right in one of
 * eight. */
#include "data/generators/generator.h"

#include <gsl/gsl_randist.h>
#include <math.h>

enum { PAIRS };
enum { KEY_BITS = 4, VALUE_BITS = 3, KEYS = 1 << KEY_BITS, VALUES = 1 << VALUE_BITS };
enum { QUERY = KEY_BITS + VALUE_BITS, ANSWER, COLUMNS };

static const struct generator_parameter parameters[] = {
    [PAIRS] = {"pairs", "pairs to be remembered, at most 16, rounded down", 4, 4, .min = 1},
    {.name = NULL},
};

static void put_bits(int number, int bits, double *out) {
    for (int i = 0; i < bits; i++)
        out[i] = number >> i & 1 ? 1 : -1;
}

static bool generate(const double *values, int *rows, gsl_rng *rng, double *out,
                     struct error *error) {
    int keys[KEYS], answers[KEYS], pairs = values[PAIRS] > KEYS ? KEYS + 1 : (int)values[PAIRS];
    if (pairs > KEYS)
        return error_set(error, "pairs is %g, but there are no more than %d keys", values[PAIRS],
                         KEYS);
    if (*rows <= pairs)
        return error_set(error, "rows is %d, but %d pairs and a question take %d", *rows, pairs,
                         pairs + 1);
    for (int i = 0; i < KEYS; i++)
        keys[i] = i;
    gsl_ran_shuffle(rng, keys, KEYS, sizeof keys[0]);
    for (size_t i = 0; i < (size_t)*rows * COLUMNS; i++)
        out[i] = 0;
    for (int i = 0; i < pairs; i++) {
        answers[i] = (int)gsl_rng_uniform_int(rng, VALUES);
        put_bits(keys[i], KEY_BITS, out + (size_t)i * COLUMNS);
        put_bits(answers[i], VALUE_BITS, out + (size_t)i * COLUMNS + KEY_BITS);
    }
    int asked = (int)gsl_rng_uniform_int(rng, (unsigned long)pairs);
    double *last = out + (size_t)(*rows - 1) * COLUMNS;
    put_bits(keys[asked], KEY_BITS, last);
    last[QUERY] = 1;
    last[ANSWER] = answers[asked];
    return true;
}

static const char *const columns[] = {"key_1",   "key_2",   "key_3", "key_4",  "value_1",
                                      "value_2", "value_3", "query", "answer", NULL};
static const char *const inputs[] = {"key_1",   "key_2",   "key_3", "key_4", "value_1",
                                     "value_2", "value_3", "query", NULL};
static const char *const targets[] = {"answer", NULL};

const struct generator_type generator_associative_recall = {
    .name = "associative_recall",
    .title = "Pairs of a key and a value; then a key, whose value is asked for",
    .citation = "J. Ba, G. Hinton, V. Mnih, J. Z. Leibo and C. Ionescu, Using fast weights to "
                "attend to the recent past, NeurIPS 2016",
    .columns = columns,
    .parameters = parameters,
    .task = "classification",
    .inputs = inputs,
    .targets = targets,
    .generate = generate,
};
