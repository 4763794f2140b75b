#include "train/adversary.h"

#include <math.h>

#define AT(member) .offset = offsetof(struct adversary, member)
static const struct field adversary_fields[] = {
    {"epsilon", FIELD_REAL, AT(epsilon), .required = true, .min = 0, .max = 100,
     .exclusive_min = true,
     .help = "How far a value may move, in its input's standard deviation in training."},
    {"rate", FIELD_REAL, AT(rate), .fallback = "0.02", .min = 0, .max = 100, .exclusive_min = true,
     .help = "Length of a step, in the same units."},
    {"steps", FIELD_INT, AT(steps), .fallback = "5", .min = 1, .max = 1000,
     .help = "Gradient steps before each update; each costs about as much as the update."},
    {0}};
#undef AT

bool adversary_read(const cJSON *json, const char *path, struct adversary *adversary,
                    struct arena *arena, struct error *error) {
    *adversary = (struct adversary){0};
    struct field_target target = {adversary_fields, adversary};
    return json == NULL || fields_read(&target, 1, json, path, arena, error);
}

/* Whether a value was observed, of step number `step` of [T][B]. */
static bool is_observed(const struct dataset *dataset, const struct batch *batch, size_t step,
                        int input) {
    int values = dataset->inputs - dataset->flags;
    const real *x = batch->x + step * (size_t)dataset->inputs; /* [I] */
    return batch->mask[step] != 0 && (input >= dataset->flags || x[values + input] != 0);
}

void adversary_start(const struct adversary *adversary, const struct dataset *dataset,
                     struct batch *batch, gsl_rng *rng) {
    size_t steps = (size_t)batch->steps * (size_t)batch->size;
    for (size_t step = 0; step < steps; step++)
        for (int i = 0; i < dataset->inputs - dataset->flags; i++) {
            double box = adversary->epsilon * dataset->input_std[i];
            double moved = (2 * gsl_rng_uniform(rng) - 1) * box;
            if (is_observed(dataset, batch, step, i))
                batch->x[step * (size_t)dataset->inputs + (size_t)i] += (real)moved;
        }
}

void adversary_step(const struct adversary *adversary, const struct dataset *dataset,
                    const real *clean, const real *gradient, int stride, struct batch *batch) {
    size_t steps = (size_t)batch->steps * (size_t)batch->size, inputs = (size_t)dataset->inputs;
    for (size_t step = 0; step < steps; step++)
        for (int i = 0; i < dataset->inputs - dataset->flags; i++) {
            double box = adversary->epsilon * dataset->input_std[i];
            double move = adversary->rate * dataset->input_std[i];
            double slope = (double)gradient[step * (size_t)stride + (size_t)i];
            real *x = &batch->x[step * inputs + (size_t)i];
            double origin = (double)clean[step * inputs + (size_t)i];
            if (!is_observed(dataset, batch, step, i))
                continue;
            double next = (double)*x + (slope > 0 ? move : slope < 0 ? -move : 0);
            *x = (real)fmin(fmax(next, origin - box), origin + box);
        }
}
