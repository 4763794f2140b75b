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
    double mean, squares; /* sum of the squared deviations from the mean */
    double std, min, max;
    bool is_constant; /* but for rounding */
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

/* What rounding can make of `count` values whose root mean square is `size`; no more than that of a
 * thousand, so that a deviation of 1 around 1e12 stays one in long series. */
static double rounding_of(size_t count, double size) {
    return (double)GSL_MIN(count, 1000) * GSL_DBL_EPSILON * fabs(size);
}

/* The deviation of the values, and whether it is one: a variance of no more than
 * n ε s² + (n ε mean)² is rounding, as in scikit-learn (_is_constant_feature). */
static void finish(struct summary *summary) {
    double variance = summary->count > 0 ? summary->squares / (double)summary->count : 0;
    summary->std = sqrt(variance);
    summary->is_constant = variance <= rounding_of(summary->count, 1) * variance +
                                           gsl_pow_2(rounding_of(summary->count, summary->mean));
}

/* Welford's recurrence for mean and variance; missing values are left out. */
static struct summary summarise(const struct training *training, column_of *column_values,
                                int column) {
    struct summary summary = {.min = INFINITY, .max = -INFINITY};
    for (int i = 0; i < training->parts->count; i++) {
        const struct part *part = &training->parts->items[i];
        const double *values = column_values(part->source, column) + part->first;
        for (int row = 0; row < part->rows; row++) {
            if (isnan(values[row]) || !is_training_row(training, i, row))
                continue;
            double before = values[row] - summary.mean;
            summary.mean += before / (double)++summary.count;
            summary.squares += before * (values[row] - summary.mean);
            summary.min = GSL_MIN(summary.min, values[row]);
            summary.max = GSL_MAX(summary.max, values[row]);
        }
    }
    finish(&summary);
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
        *offset = summary->min;
        *scale = summary->max - summary->min;
    }
    if (summary->is_constant)
        *scale = 1;
    return true;
}

/* The summary of two sets of values together, by the pairwise update of Chan, Golub & LeVeque
 * (1983): no difference of large squares, which would cancel. */
static struct summary combine(const struct summary *a, const struct summary *b) {
    if (a->count == 0 || b->count == 0)
        return a->count == 0 ? *b : *a;
    double n = (double)a->count, m = (double)b->count, between = b->mean - a->mean;
    struct summary both = {
        .count = a->count + b->count,
        .mean = a->mean + between * m / (n + m),
        .squares = a->squares + b->squares + gsl_pow_2(between) * n * m / (n + m),
        .min = GSL_MIN(a->min, b->min),
        .max = GSL_MAX(a->max, b->max),
    };
    finish(&both);
    return both;
}

/* Gives the summaries of all columns the mean and deviation of all their values together. */
static void pool(struct summary *summaries, int count) {
    struct summary all = summaries[0];
    for (int i = 1; i < count; i++)
        all = combine(&all, &summaries[i]);
    for (int i = 0; i < count; i++)
        if (summaries[i].count > 0)
            summaries[i] = all;
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
        dataset->input_std[i] = own[i].is_constant ? 0 : own[i].std / *scale;
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

/* mean |y_t - y_(t-m)| over training rows: the yardstick of MASE (Hyndman & Koehler 2006). NaN
 * where it is not defined: no two such rows, or none that differ by more than rounding. */
static double naive_error(const struct training *training, int target, int period) {
    double sum = 0, square = 0;
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
            square += gsl_pow_2(values[row]);
            count++;
        }
    }
    double mean = sum / (double)count, size = sqrt(square / (double)count);
    return count > 0 && mean > rounding_of(count, size) ? mean : NAN;
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
