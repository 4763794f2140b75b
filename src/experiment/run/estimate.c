#include "experiment/run/estimate.h"

#include "experiment/trial/throughput.h"

#include <math.h>

static const double FORWARD = 1.0 / 3; /* of a step: the backward pass is two products for one */

double estimate_epoch(const struct plan *plan, const struct trial_plan *trial, double budget) {
    if (trial->network == NULL)
        return 0;
    const struct dataset *dataset = plan->dataset;
    const struct train_options *options = &trial->model->train;
    double step = training_step_cost(trial->network, options, dataset->window, budget).cpu_seconds;
    return step * (ceil((double)dataset->train.window_count / options->batch) +
                   FORWARD * ceil((double)dataset->valid.window_count / options->batch));
}

/* What evaluating a trained model costs, in epochs, as the number of windows says that it has to predict. */
static double evaluation_epochs(const struct plan *plan) {
    const struct dataset *dataset = plan->dataset;
    const struct noise_options *noise = &plan->experiment->evaluate.noise;
    const size_t severities = noise->severities.count > 0 ? noise->severities.count : 5;
    double train = (double)dataset->train.window_count, valid = (double)dataset->valid.window_count;
    double passes = 1 + (double)(noise->types.count * severities);
    double windows = train + valid + passes * (double)dataset->test.window_count;
    for (size_t i = 0; plan->shifts != NULL && i < plan->experiment->evaluate.ood.count; i++)
        windows += (double)plan->shifts[i].test.window_count;
    return FORWARD * windows / (train + FORWARD * valid);
}

struct eta_model *estimate_models(const struct plan *plan, struct arena *arena) {
    const struct experiment *experiment = plan->experiment;
    struct eta_model *models = ARENA_NEW(arena, struct eta_model, experiment->model_count);
    double evaluation = evaluation_epochs(plan);
    for (size_t m = 0; m < experiment->model_count; m++) {
        const struct model_plan *model = &experiment->models[m];
        models[m] = (struct eta_model){
            .epochs = model->baseline == NULL ? model->train.epochs : 0,
            .epoch_seconds = NAN,
            .evaluation_epochs = evaluation,
        };
    }
    for (size_t i = 0; i < plan->trial_count; i++) {
        struct eta_model *model = &models[plan->trials[i].model - experiment->models];
        if (model->epochs > 0)
            model->epoch_work = plan->trials[i].work / model->epochs;
    }
    return models;
}

double estimate_work(const struct plan *plan) {
    double work = 0, evaluation = evaluation_epochs(plan);
    for (size_t i = 0; i < plan->trial_count; i++) {
        const struct trial_plan *trial = &plan->trials[i];
        if (trial->network != NULL)
            work += trial->work * (1 + evaluation / trial->model->train.epochs);
    }
    return work;
}

double estimate_trials(const struct plan *plan, const struct trial_plan *const *trials,
                       size_t count, size_t workers, double budget, double *each) {
    struct arena arena = {0};
    struct eta_model *models = estimate_models(plan, &arena);
    struct eta_trial *eta = ARENA_NEW(&arena, struct eta_trial, count);
    for (size_t i = 0; i < count; i++) {
        eta[i] = (struct eta_trial){.model = (size_t)(trials[i]->model - plan->experiment->models)};
        struct eta_model *model = &models[eta[i].model];
        if (model->epochs > 0 && isnan(model->epoch_seconds))
            model->epoch_seconds = estimate_epoch(plan, trials[i], budget);
        if (each != NULL)
            each[i] = model->epochs > 0
                          ? model->epoch_seconds * (model->epochs + model->evaluation_epochs)
                          : 0;
    }
    double seconds = eta_seconds(models, plan->experiment->model_count, eta, count, workers, 0);
    arena_free(&arena);
    return isfinite(seconds) ? seconds : 0;
}
