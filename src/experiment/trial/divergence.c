#include "experiment/trial/divergence.h"

#include <math.h>
#include <string.h>

/* Beyond these, in units of time and of scaled data, an ordinary network is likely to overflow. */
static const double LONG_STEP = 10, LARGE_VALUE = 100;

static double longest_step(const struct split *split) {
    double longest = 0;
    for (int s = 0; s < split->series_count; s++)
        for (int row = 1; row < split->series[s].rows; row++)
            longest = fmax(longest, split->series[s].time[row] - split->series[s].time[row - 1]);
    return longest;
}

/* The largest magnitude; NaN is passed over. */
static double largest(const real *values, size_t count, double so_far) {
    for (size_t i = 0; i < count; i++)
        so_far = fmax(so_far, fabs((double)values[i]));
    return so_far;
}

static double largest_value(const struct dataset *dataset) {
    const struct split *split = &dataset->train;
    double value = 0;
    for (int s = 0; s < split->series_count; s++) {
        const struct series *series = &split->series[s];
        size_t rows = (size_t)series->rows;
        value = largest(series->x, rows * (size_t)dataset->inputs, value);
        if (dataset->task != TASK_CLASSIFICATION)
            value = largest(series->y, rows * (size_t)dataset->width, value);
    }
    return value;
}

static bool takes_time(const struct network *network) {
    bool takes = network->time_input;
    for (int l = 0; l < network->layers; l++)
        takes = takes || network->cells[l].type->takes_time;
    return takes;
}

static const struct field *find_option(const struct network *network, const char *name) {
    const struct field *field = network->cells[0].type->options;
    while (field != NULL && field->name != NULL && strcmp(field->name, name) != 0)
        field++;
    return field == NULL || field->name == NULL ? NULL : field;
}

static bool has_choice(const struct field *field, const char *name) {
    const char *choice;
    for (size_t i = 0; field != NULL && (choice = field->choices(i)) != NULL; i++)
        if (strcmp(choice, name) == 0)
            return true;
    return false;
}

/* What of the model itself helps with long steps. */
static const char *model_remedies(const struct network *network, struct arena *arena) {
    return arena_printf(
        arena, "%s%s", find_option(network, "unfolds") != NULL ? "more \"unfolds\", " : "",
        has_choice(find_option(network, "solver"), "fused") ? "the solver \"fused\", " : "");
}

const char *divergence_reason(const struct network *network, const struct dataset *dataset,
                              const struct train_options *train, const struct train_result *result,
                              struct arena *arena) {
    double step = longest_step(&dataset->train), value = largest_value(dataset);
    const char *what =
        arena_printf(arena, "the %s was not finite in epoch %d",
                     result->by_validation ? "validation score" : "loss", result->epochs + 1);
    if (takes_time(network) && step > LONG_STEP)
        return arena_printf(
            arena,
            "%s; the longest step between training rows is %g units of time, too long for the %s "
            "here: %sseries that end at the gaps (a \"group\" column, or a file each) or a larger "
            "dataset.time_unit help",
            what, step, network->cells[0].type->name, model_remedies(network, arena));
    if (value > LARGE_VALUE)
        return arena_printf(arena,
                            "%s; inputs or targets reach %.3g in the units that the model sees: "
                            "dataset.scale \"standard\" helps, or a look at the outliers",
                            what, value);
    return arena_printf(
        arena, "%s; a smaller train.learning_rate (it is %g) or a train.clip_norm may help", what,
        train->learning_rate);
}
