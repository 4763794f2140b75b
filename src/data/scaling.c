#include "data/assembly.h"

#include <gsl/gsl_math.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The rows to fit on. */
struct training {
    const struct parts *parts;
    bool **covered; /* [part][row]; NULL: all rows */
};

struct summary {
    size_t count;
    double mean, std, least, most;
};

typedef const double *column_of(const struct source *source, int column);

static bool is_training_row(const struct training *training, int part, int row) {
    return training->covered == NULL || training->covered[part][row];
}

static void mark_covered(struct training *training, const struct split *split,
                         struct arena *arena) {
    training->covered = ARENA_NEW(arena, bool *, training->parts->count);
    for (int i = 0; i < training->parts->count; i++)
        training->covered[i] = ARENA_NEW(arena, bool, training->parts->items[i].rows);
    for (size_t i = 0; i < split->window_count; i++) {
        const struct window *window = &split->windows[i];
        memset(training->covered[window->series] + window->start, true, (size_t)window->length);
    }
}

/* Welford's recurrence for mean and variance; missing values are left out. */
static struct summary summarise(const struct training *training, column_of *column_values,
                                int column) {
    struct summary summary = {.least = INFINITY, .most = -INFINITY};
    double squares = 0;
    for (int i = 0; i < training->parts->count; i++) {
        const struct part *part = &training->parts->items[i];
        const double *values = column_values(part->source, column) + part->first;
        for (int row = 0; row < part->rows; row++) {
            if (isnan(values[row]) || !is_training_row(training, i, row))
                continue;
            double before = values[row] - summary.mean;
            summary.mean += before / (double)++summary.count;
            squares += before * (values[row] - summary.mean);
            summary.least = GSL_MIN(summary.least, values[row]);
            summary.most = GSL_MAX(summary.most, values[row]);
        }
    }
    summary.std = summary.count > 0 ? sqrt(squares / (double)summary.count) : 0;
    return summary;
}

/* scaled = (value - offset) / scale. A constant column is only shifted. */
static bool choose_scale(const char *method, const struct summary *summary, const char *name,
                         double *scale, double *offset, struct error *error) {
    if (summary->count == 0)
        return error_set(error, "dataset: column \"%s\" has no value in the training rows", name);
    *scale = 1;
    *offset = 0;
    if (strcmp(method, "standard") == 0 || strcmp(method, "global") == 0) {
        *offset = summary->mean;
        *scale = summary->std;
    } else if (strcmp(method, "minmax") == 0) {
        *offset = summary->least;
        *scale = summary->most - summary->least;
    }
    if (!(*scale > 0) || !isfinite(*scale))
        *scale = 1;
    return true;
}

/* Gives the summaries of all columns the mean and deviation of all their values together. */
static void pool(struct summary *summaries, int count) {
    double values = 0, mean = 0, square = 0;
    for (int i = 0; i < count; i++) {
        const struct summary *summary = &summaries[i];
        values += (double)summary->count;
        mean += (double)summary->count * summary->mean;
        square += (double)summary->count * (gsl_pow_2(summary->std) + gsl_pow_2(summary->mean));
    }
    mean /= values;
    for (int i = 0; i < count; i++) {
        summaries[i].mean = mean;
        summaries[i].std = sqrt(fmax(square / values - mean * mean, 0));
    }
}

static bool fit_inputs(struct dataset *dataset, const struct training *training,
                       struct arena *arena, struct error *error) {
    dataset->input_scale = ARENA_NEW(arena, double, dataset->inputs);
    dataset->input_offset = ARENA_NEW(arena, double, dataset->inputs);
    dataset->input_mean = ARENA_NEW(arena, double, dataset->inputs);
    dataset->input_std = ARENA_NEW(arena, double, dataset->inputs);
    dataset->input_missing = ARENA_NEW(arena, double, dataset->inputs);
    int columns = dataset->inputs - dataset->flags;
    bool missing_is_zero = strcmp(dataset->options->missing, "zero") == 0;
    struct summary *own = ARENA_NEW(arena, struct summary, columns);
    struct summary *scaling = ARENA_NEW(arena, struct summary, columns);
    for (int i = 0; i < columns; i++)
        own[i] = scaling[i] = summarise(training, input_column, i);
    if (strcmp(dataset->options->scale, "global") == 0)
        pool(scaling, columns);
    for (int i = 0; i < columns; i++) {
        double *scale = &dataset->input_scale[i], *offset = &dataset->input_offset[i];
        if (!choose_scale(dataset->options->scale, &scaling[i], dataset->input_names[i], scale,
                          offset, error))
            return false;
        dataset->input_mean[i] = (own[i].mean - *offset) / *scale;
        dataset->input_missing[i] = missing_is_zero ? -*offset / *scale : dataset->input_mean[i];
        dataset->input_std[i] = own[i].std / *scale;
    }
    for (int i = dataset->inputs - dataset->flags; i < dataset->inputs; i++) {
        dataset->input_scale[i] = 1;
        dataset->input_mean[i] = 1;
    }
    return true;
}

static bool fit_targets(struct dataset *dataset, const struct training *training,
                        struct error *error) {
    if (dataset->task == TASK_CLASSIFICATION)
        return true;
    for (int k = 0; k < dataset->targets; k++) {
        struct summary summary = summarise(training, target_column, k);
        if (!choose_scale(dataset->options->scale, &summary, dataset->target_names[k],
                          &dataset->target_scale[k], &dataset->target_offset[k], error))
            return false;
    }
    return true;
}

/* mean |y_t - y_(t-m)| over training rows: the yardstick of MASE (Hyndman & Koehler 2006). */
static double naive_error(const struct training *training, int target, int period) {
    double sum = 0;
    size_t count = 0;
    for (int i = 0; i < training->parts->count; i++) {
        const struct part *part = &training->parts->items[i];
        const double *values = target_column(part->source, target) + part->first;
        for (int row = period; row < part->rows; row++) {
            double difference = fabs(values[row] - values[row - period]);
            if (isnan(difference) || !is_training_row(training, i, row) ||
                !is_training_row(training, i, row - period))
                continue;
            sum += difference;
            count++;
        }
    }
    return count > 0 ? sum / (double)count : NAN;
}

/* The median time between two training rows; 1 when there is no time column. */
static double median_step(const struct dataset *dataset, const struct training *training) {
    if (dataset->options->time == NULL)
        return 1;
    size_t total = 0, count = 0;
    for (int i = 0; i < training->parts->count; i++)
        total += (size_t)training->parts->items[i].rows;
    double *steps = mem_resize(NULL, total * sizeof *steps);
    for (int i = 0; i < training->parts->count; i++) {
        const struct part *part = &training->parts->items[i];
        const double *times = part->source->table.columns[part->source->time].values + part->first;
        for (int row = 1; row < part->rows; row++)
            if (is_training_row(training, i, row))
                steps[count++] = times[row] - times[row - 1];
    }
    double median = count > 0 ? gsl_stats_median(steps, 1, count) : 1;
    free(steps);
    return median;
}

bool scaling_fit(struct dataset *dataset, const struct parts *parts, const struct split *covering,
                 struct arena *arena, struct error *error) {
    struct arena scratch = {0};
    struct training training = {.parts = parts};
    if (covering != NULL)
        mark_covered(&training, covering, &scratch);
    double unit = dataset->options->time_unit;
    dataset->time_unit = unit > 0 ? unit : median_step(dataset, &training);
    bool fitted =
        fit_inputs(dataset, &training, arena, error) && fit_targets(dataset, &training, error);
    dataset->naive_error = ARENA_NEW(arena, double, dataset->targets);
    for (int k = 0; fitted && k < dataset->targets; k++)
        dataset->naive_error[k] = naive_error(&training, k, dataset->period);
    arena_free(&scratch);
    return fitted;
}
