#include "experiment/starter/estimate.h"

#include "experiment/trial/throughput.h"

#include <math.h>

double estimate_epoch(const struct plan *plan, const struct trial_plan *trial, double budget) {
    const double forward = 1.0 / 3; /* of a step: the backward pass is two products for one */
    if (trial->network == NULL)
        return 0;
    const struct dataset *dataset = plan->dataset;
    const struct train_options *options = &trial->model->train;
    double step = training_step_cost(trial->network, options, dataset->window, budget).seconds;
    return step * (ceil((double)dataset->train.window_count / options->batch) +
                   forward * ceil((double)dataset->valid.window_count / options->batch));
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
