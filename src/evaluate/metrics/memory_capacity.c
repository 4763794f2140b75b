#include "evaluate/score.h"

#include <math.h>

/* Moments of one column of truths y and outputs ŷ so far (Welford 1962). */
struct joint_moments {
    double count, y, output;            /* means */
    double y_spread, output_spread, co; /* Σ (y − ȳ)², Σ (ŷ − mean)², Σ of their product */
};

static void add_pair(struct joint_moments *moments, double output, double y) {
    double dy = y - moments->y, doutput = output - moments->output;
    moments->count++;
    moments->y += dy / moments->count;
    moments->output += doutput / moments->count;
    moments->y_spread += dy * (y - moments->y);
    moments->output_spread += doutput * (output - moments->output);
    moments->co += dy * (output - moments->output);
}

/* r² = cov(ŷ, y)² / (var ŷ · var y); of a constant output 0. */
static double squared_correlation(const struct joint_moments *moments) {
    double spreads = moments->y_spread * moments->output_spread;
    return spreads == 0 ? 0 : moments->co * moments->co / spreads;
}

/* MC = Σ_k r_k², k over the columns with two truths. */
static double score(const struct predictions *predictions) {
    size_t width = (size_t)predictions->dataset->width;
    struct arena scratch = {0};
    struct joint_moments *columns = ARENA_NEW(&scratch, struct joint_moments, width);
    for (size_t i = 0; i < predictions->count; i++)
        for (size_t k = 0; k < width; k++)
            if (!isnan(predictions->truth[i * width + k]))
                add_pair(&columns[k], predictions->output[i * width + k],
                         predictions->truth[i * width + k]);
    double sum = 0;
    int scored = 0;
    for (size_t k = 0; k < width; k++) {
        if (columns[k].count < 2)
            continue;
        sum += squared_correlation(&columns[k]);
        scored++;
    }
    arena_free(&scratch);
    return scored == 0 ? NAN : sum;
}

const struct metric_type metric_memory_capacity = {
    .name = "memory_capacity",
    .title = "MC",
    .citation = "H. Jaeger, Short term memory in echo state networks, GMD report 152, 2001: sum "
                "over targets of the squared correlation of output and truth",
    .higher_is_better = true,
    .by_name = true,
    .needs = "two truths of a target",
    .score = score,
};
