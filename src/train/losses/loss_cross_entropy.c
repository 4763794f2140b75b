#include "train/loss.h"

#include <math.h>

/* The loss of one step, −log softmax(out)_y, and its gradient softmax(out) − [class = y], both
 * times the weight of its class. */
static double one_step(size_t classes, size_t label, real weight, const real *out, real *gradient) {
    real largest = out[0];
    for (size_t k = 1; k < classes; k++)
        largest = out[k] > largest ? out[k] : largest;
    double total = 0;
    for (size_t k = 0; k < classes; k++)
        total += exp((double)(out[k] - largest));
    for (size_t k = 0; gradient != NULL && k < classes; k++)
        gradient[k] =
            weight * ((real)(exp((double)(out[k] - largest)) / total) - (k == label ? 1 : 0));
    return (double)weight * (log(total) - (double)(out[label] - largest));
}

static struct loss_sum evaluate(const struct dataset *dataset, size_t n, const real *out,
                                const real *y, real *gradient) {
    const struct real_list *weights = &dataset->task_options->class_weights;
    size_t classes = (size_t)dataset->outputs;
    struct loss_sum loss = {0, 0};
    for (size_t i = 0; i < n; i++, out += classes) {
        real *gradient_i = gradient != NULL ? gradient + i * classes : NULL;
        if (isnan(y[i])) {
            for (size_t k = 0; gradient_i != NULL && k < classes; k++)
                gradient_i[k] = 0;
            continue;
        }
        size_t label = (size_t)y[i];
        real weight = weights->count > 0 ? (real)weights->items[label] : 1;
        loss.sum += one_step(classes, label, weight, out, gradient_i);
        loss.weight += (double)weight;
    }
    return loss;
}

const struct loss_type loss_cross_entropy = {
    .name = "cross_entropy",
    .title = "cross entropy with class weights",
    .classifies = true,
    .evaluate = evaluate,
};
