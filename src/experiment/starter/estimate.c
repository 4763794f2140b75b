#include "experiment/starter/estimate.h"

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

double estimate_evaluation(const struct plan *plan) {
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

double estimate_trial(const struct plan *plan, const struct trial_plan *trial, double budget) {
    return estimate_epoch(plan, trial, budget) * trial->model->train.epochs;
}

double estimate_plan(const struct plan *plan, double budget) {
    double total = 0, seconds = 0;
    for (size_t i = 0; i < plan->trial_count; i++) { /* a model's trials follow each other */
        if (i == 0 || plan->trials[i].model != plan->trials[i - 1].model)
            seconds = estimate_trial(plan, &plan->trials[i], budget);
        total += seconds;
    }
    return total;
}
