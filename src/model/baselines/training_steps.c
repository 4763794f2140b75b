#include "model/baselines/training_steps.h"

/* Scored steps of a window. */
static size_t window_steps(const struct dataset *dataset, const struct window *window) {
    return dataset->last_only ? 1 : (size_t)window->length;
}

static size_t greatest_common_divisor(size_t a, size_t b) {
    return b == 0 ? a : greatest_common_divisor(b, a % b);
}

struct training_steps training_steps(const struct dataset *dataset, size_t limit) {
    size_t total = 0, longest = 1;
    for (size_t w = 0; w < dataset->train.window_count; w++) {
        size_t length = window_steps(dataset, &dataset->train.windows[w]);
        total += length;
        longest = length > longest ? length : longest;
    }
    size_t stride = total <= limit ? 1 : (total + limit - 1) / limit;
    while (stride > 1 && greatest_common_divisor(stride, longest) != 1)
        stride++;
    return (struct training_steps){.dataset = dataset, .stride = stride};
}

bool training_steps_next(struct training_steps *steps) {
    const struct dataset *dataset = steps->dataset;
    const struct split *train = &dataset->train;
    for (; steps->window < train->window_count; steps->window++) {
        const struct window *window = &train->windows[steps->window];
        size_t length = window_steps(dataset, window);
        if (steps->offset < length) {
            steps->series = &train->series[window->series];
            steps->first = window->start;
            steps->row = dataset->last_only ? window->start + window->length - 1
                                            : window->start + (int)steps->offset;
            steps->offset += steps->stride;
            return true;
        }
        steps->offset -= length;
    }
    return false;
}
