#include "train/training_step.h"

#include "train/optimizer.h"
#include "train/schedule.h"

#include <gsl/gsl_randist.h>
#include <math.h>

static void mark_decays(const struct network *network, real *decays) {
    for (int i = 0; i < network->params.count; i++) {
        const struct param *param = &network->params.items[i];
        for (size_t j = 0; j < param->size; j++)
            decays[param->offset + j] = param->is_matrix ? 1 : 0;
    }
}

struct updater updater_begin(const struct network *network, const struct train_options *options,
                             struct memory_cost *memory, struct arena *arena) {
    struct updater updater = {
        .network = network,
        .options = options,
        .optimizer = optimizer_find(options->optimizer),
    };
    size_t n = network->params.size, before = arena->allocated;
    updater.params = ARENA_NEW(arena, real, n);
    memory->parameters += arena->allocated - before;
    before = arena->allocated;
    updater.state = ARENA_NEW(arena, real, n * (size_t)updater.optimizer->slots);
    updater.decays = ARENA_NEW(arena, real, n);
    memory->optimizer += arena->allocated - before;
    mark_decays(network, updater.decays);
    return updater;
}

/* Scales n numbers to the norm `largest`, unless that is 0 or theirs is smaller; returns what theirs was. */
static double clip(real *gradient, size_t n, double largest) {
    double square = 0;
#pragma omp simd reduction(+ : square)
    for (size_t i = 0; i < n; i++)
        square += (double)gradient[i] * (double)gradient[i];
    double norm = sqrt(square);
    if (largest > 0 && norm > largest)
        for (size_t i = 0; i < n; i++)
            gradient[i] *= (real)(largest / norm);
    return norm;
}

double updater_apply(struct updater *updater, double learning_rate, real *gradient) {
    const struct train_options *options = updater->options;
    const struct param_list *params = &updater->network->params;
    size_t n = params->size;
    double norm = clip(gradient, n, options->clip_norm);
    for (int i = 0; i < params->count && options->clip_each > 0; i++)
        clip(gradient + params->items[i].offset, params->items[i].size, options->clip_each);
    updater->optimizer->update(options, learning_rate, ++updater->updates, n, updater->decays,
                               gradient, updater->state, updater->params);
    network_constrain(updater->network, updater->params);
    return norm;
}

/* The parameters with noise on them (Graves 2011, Practical variational inference for neural networks). */
static const real *add_noise(const struct training_step *step) {
    const struct updater *updater = &step->updater;
    if (step->weights == NULL)
        return updater->params;
    for (size_t i = 0; i < updater->network->params.size; i++)
        step->noisy[i] = updater->params[i] +
                         (real)gsl_ran_gaussian(step->weights, updater->options->weight_noise);
    network_constrain(updater->network, step->noisy);
    return step->noisy;
}

struct loss_sum training_step_run(struct training_step *step, const struct split *split,
                                  const size_t *order, size_t first, int count, double *norm) {
    struct updater *updater = &step->updater;
    struct loss_sum loss =
        passes_train(&step->passes, add_noise(step), split, order, first, count, step->dropout);
    if (loss.weight == 0 || !isfinite(loss.sum))
        return loss;
    double epochs = (double)(updater->updates + 1) / (double)step->updates_per_epoch;
    *norm = updater_apply(updater, schedule_rate(updater->options, epochs),
                          passes_gradient(&step->passes));
    return loss;
}

void training_step_end(struct training_step *step) {
    passes_end(&step->passes);
    gsl_rng_free(step->dropout);
    if (step->weights != NULL)
        gsl_rng_free(step->weights);
}
