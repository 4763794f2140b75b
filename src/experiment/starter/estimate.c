#include "experiment/starter/estimate.h"

#include "experiment/trial/throughput.h"

#include <math.h>

double estimate_trial(const struct plan *plan, const struct trial_plan *trial, double budget) {
    if (trial->network == NULL)
        return 0;
    const struct train_options *options = &trial->model->train;
    double step =
        training_step_cost(trial->network, options, plan->dataset->window, budget).seconds;
    double batches = ceil((double)plan->dataset->train.window_count / options->batch);
    return step * batches * options->epochs;
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
