#include "data/splits/scaling.h"

#include "data/pipeline/assembly.h"

#include <gsl/gsl_math.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The rows to fit on. */
struct fitted_rows {
    const struct parts *parts;
    bool **covered; /* [part][row]; NULL: all rows */
};

struct moments {
    size_t count;
    double mean, squares; /* sum of the squared deviations from the mean */
    double std, min, max;
    bool is_constant; /* but for rounding */
};

static const struct moments no_values = {.min = INFINITY, .max = -INFINITY};

typedef const double *column_of(const struct source *source, int column);

static void mark_covered(struct fitted_rows *training, const struct split *split,
                         struct arena *arena) {
    training->covered = ARENA_NEW(arena, bool *, training->parts->count);
    for (int i = 0; i < training->parts->count; i++)
        training->covered[i] = ARENA_NEW(arena, bool, training->parts->items[i].rows);
    for (size_t i = 0; i < split->window_count; i++) {
        const struct window *window = &split->windows[i];
        memset(training->covered[window->series] + window->start, true, (size_t)window->length);
    }
}

/* [rows] of one part; NULL: all. */
static const bool *covered_rows(const struct fitted_rows *training, int part) {
    return training->covered != NULL ? training->covered[part] : NULL;
}

static const double *part_values(const struct part *part, column_of *column_values, int column) {
    const struct whole *whole = part->whole;
    return column_values(whole->source, column) + whole->first + part->first;
}

/* --- summaries ------------------------------------------------------------------------------- */

/* What rounding can make of `count` values whose root mean square is `size`; no more than that of a
 * thousand, so that a deviation of 1 around 1e12 stays one in long series. */
static double rounding_of(size_t count, double size) {
    return (double)GSL_MIN(count, 1000) * GSL_DBL_EPSILON * fabs(size);
}

/* The deviation of the values, and whether it is one: a variance of no more than
 * n ε s² + (n ε mean)² is rounding, as in scikit-learn (_is_constant_feature). */
static void finish(struct moments *summary) {
    double variance = summary->count > 0 ? summary->squares / (double)summary->count : 0;
    summary->std = sqrt(variance);
    summary->is_constant = variance <= rounding_of(summary->count, 1) * variance +
                                           gsl_pow_2(rounding_of(summary->count, summary->mean));
}

/* Welford's recurrence for mean and variance; missing values are left out. */
static void add_values(struct moments *summary, const double *values, int rows,
                       const bool *covered) {
    for (int row = 0; row < rows; row++) {
        if (isnan(values[row]) || (covered != NULL && !covered[row]))
            continue;
        double before = values[row] - summary->mean;
        summary->mean += before / (double)++summary->count;
        summary->squares += before * (values[row] - summary->mean);
        summary->min = GSL_MIN(summary->min, values[row]);
        summary->max = GSL_MAX(summary->max, values[row]);
    }
}

/* Of one part. */
static struct moments summarise_part(const struct fitted_rows *training, int part,
                                     column_of *column_values, int column) {
    const struct part *of = &training->parts->items[part];
    struct moments summary = no_values;
    add_values(&summary, part_values(of, column_values, column), of->rows,
               covered_rows(training, part));
    finish(&summary);
    return summary;
}

static struct moments summarise(const struct fitted_rows *training, column_of *column_values,
                                int column) {
    struct moments summary = no_values;
    for (int i = 0; i < training->parts->count; i++) {
        const struct part *part = &training->parts->items[i];
        add_values(&summary, part_values(part, column_values, column), part->rows,
                   covered_rows(training, i));
    }
    finish(&summary);
    return summary;
}

/* The summary of two sets of values together, by the pairwise update of Chan, Golub & LeVeque
 * (1983): no difference of large squares, which would cancel. */
static struct moments combine(const struct moments *a, const struct moments *b) {
    if (a->count == 0 || b->count == 0)
        return a->count == 0 ? *b : *a;
    double n = (double)a->count, m = (double)b->count, between = b->mean - a->mean;
    struct moments both = {
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
static void pool(struct moments *summaries, int count) {
    struct moments all = summaries[0];
    for (int i = 1; i < count; i++)
        all = combine(&all, &summaries[i]);
    for (int i = 0; i < count; i++)
        if (summaries[i].count > 0)
            summaries[i] = all;
}

/* --- one scale for all series ---------------------------------------------------------------- */

/* scaled = (value - offset) / scale. A constant column is only shifted. */
static void choose_scale(enum scale_method method, const struct moments *summary, double *scale,
                         double *offset) {
    *scale = 1;
    *offset = 0;
    if (method == SCALE_NONE)
        return;
    bool is_range = method == SCALE_MINMAX;
    *offset = is_range ? summary->min : summary->mean;
    *scale = is_range ? summary->max - summary->min : summary->std;
    if (summary->is_constant)
        *scale = 1;
}

bool scale_of_values(const double *values, int count, double *scale, double *offset) {
    struct moments summary = no_values;
    add_values(&summary, values, count, NULL);
    finish(&summary);
    if (summary.count > 0)
        choose_scale(SCALE_STANDARD, &summary, scale, offset);
    return summary.count > 0;
}

static bool has_values(const struct moments *summary, const char *name, struct error *error) {
    return summary->count > 0 ||
           error_set(error, "dataset: column \"%s\" has no value in the training rows", name);
}

static bool fit_inputs(struct dataset *dataset, const struct fitted_rows *training,
                       struct arena *arena, struct error *error) {
    dataset->input_scale = ARENA_NEW(arena, double, dataset->inputs);
    dataset->input_offset = ARENA_NEW(arena, double, dataset->inputs);
    dataset->input_mean = ARENA_NEW(arena, double, dataset->inputs);
    dataset->input_std = ARENA_NEW(arena, double, dataset->inputs);
    dataset->input_missing = ARENA_NEW(arena, double, dataset->inputs);
    int columns = dataset->inputs - dataset->flags;
    struct moments *own = ARENA_NEW(arena, struct moments, columns);
    struct moments *scaling = ARENA_NEW(arena, struct moments, columns);
    for (int i = 0; i < columns; i++)
        own[i] = scaling[i] = summarise(training, input_column, i);
    if (dataset->options->scale == SCALE_GLOBAL)
        pool(scaling, columns);
    for (int i = 0; i < columns; i++) {
        double *scale = &dataset->input_scale[i], *offset = &dataset->input_offset[i];
        if (own[i].count == 0 && dataset->flags > 0) { /* its flag says all there is to say */
            *scale = 1;
            continue;
        }
        if (!has_values(&own[i], dataset->input_names[i], error))
            return false;
        choose_scale((enum scale_method)dataset->options->scale, &scaling[i], scale, offset);
        dataset->input_mean[i] = (own[i].mean - *offset) / *scale;
        dataset->input_missing[i] =
            missing_value(dataset->options->missing, *scale, *offset, dataset->input_mean[i]);
        dataset->input_std[i] = own[i].is_constant ? 0 : own[i].std / *scale;
    }
    for (int i = dataset->inputs - dataset->flags; i < dataset->inputs; i++) {
        dataset->input_scale[i] = 1;
        dataset->input_mean[i] = 1;
    }
    return true;
}

static bool fit_targets(struct dataset *dataset, const struct fitted_rows *training,
                        struct error *error) {
    if (dataset->task == TASK_CLASSIFICATION)
        return true;
    for (int k = 0; k < dataset->targets; k++) {
        struct moments summary = summarise(training, target_column, k);
        if (!has_values(&summary, dataset->target_names[k], error))
            return false;
        choose_scale((enum scale_method)dataset->options->scale, &summary,
                     &dataset->target_scale[k], &dataset->target_offset[k]);
    }
    return true;
}

/* --- a scale for each series ----------------------------------------------------------------- */

static bool is_of_series(const struct dataset *dataset) {
    return dataset->options->scale == SCALE_SERIES;
}

static struct scaling *scaling_new(const struct dataset *dataset, struct arena *arena) {
    struct scaling *scaling = ARENA_NEW(arena, struct scaling, 1);
    scaling->input_scale = ARENA_NEW(arena, double, dataset->inputs);
    scaling->input_offset = ARENA_NEW(arena, double, dataset->inputs);
    scaling->input_missing = ARENA_NEW(arena, double, dataset->inputs);
    scaling->target_scale = ARENA_NEW(arena, double, dataset->targets);
    scaling->target_offset = ARENA_NEW(arena, double, dataset->targets);
    return scaling;
}

/* Mean 0 and deviation 1 by a summary of each input; one without values keeps the scale of all
 * series. A target that is an input has its scale; any other that of all series, because `predict`
 * does not see its past. */
static struct scaling *scale_series(const struct dataset *dataset, const struct moments *inputs,
                                    struct arena *arena) {
    struct scaling *scaling = scaling_new(dataset, arena);
    for (int i = 0; i < dataset->inputs; i++) {
        bool has_own = i < dataset->inputs - dataset->flags && inputs[i].count > 0;
        scaling->input_scale[i] = dataset->input_scale[i];
        scaling->input_offset[i] = dataset->input_offset[i];
        scaling->input_missing[i] = dataset->input_missing[i];
        if (!has_own)
            continue;
        choose_scale(SCALE_STANDARD, &inputs[i], &scaling->input_scale[i],
                     &scaling->input_offset[i]);
        scaling->input_missing[i] = missing_value(
            dataset->options->missing, scaling->input_scale[i], scaling->input_offset[i], 0);
    }
    for (int k = 0; k < dataset->targets; k++) {
        int input = dataset->task == TASK_CLASSIFICATION ? -1 : dataset->target_input[k];
        scaling->target_scale[k] =
            input >= 0 ? scaling->input_scale[input] : dataset->target_scale[k];
        scaling->target_offset[k] =
            input >= 0 ? scaling->input_offset[input] : dataset->target_offset[k];
    }
    return scaling;
}

/* The deviation of the training inputs when each series has a scale of its own, for perturbations;
 * their mean is 0. */
static void fit_scaled_inputs(struct dataset *dataset, const struct fitted_rows *training) {
    for (int i = 0; i < dataset->inputs - dataset->flags; i++) {
        double squares = 0, count = 0;
        for (int part = 0; part < training->parts->count; part++) {
            struct moments own = summarise_part(training, part, input_column, i);
            count += (double)own.count;
            squares += own.is_constant ? 0 : (double)own.count;
        }
        dataset->input_mean[i] = 0;
        dataset->input_std[i] = count > 0 ? sqrt(squares / count) : 0;
    }
}

int first_window_rows(int rows, int window, int ahead) {
    int usable = GSL_MAX(rows - ahead, 1);
    return window > 0 ? GSL_MIN(window, usable) : usable;
}

int first_window(const struct dataset *dataset, const struct whole *whole) {
    return first_window_rows(whole->rows, dataset->task_options->window,
                             dataset->task == TASK_FORECAST ? dataset->horizon : 0);
}

/* Of a series that has no training rows. */
static struct scaling *scale_first_window(const struct dataset *dataset, const struct whole *whole,
                                          struct arena *arena) {
    struct moments *inputs = ARENA_NEW(arena, struct moments, dataset->inputs);
    for (int i = 0; i < dataset->inputs - dataset->flags; i++) {
        inputs[i] = no_values;
        add_values(&inputs[i], input_column(whole->source, i) + whole->first,
                   first_window(dataset, whole), NULL);
        finish(&inputs[i]);
    }
    return scale_series(dataset, inputs, arena);
}

void scaling_apply(const struct dataset *dataset, struct wholes *wholes, struct arena *arena) {
    for (int i = 0; i < wholes->count; i++) {
        struct whole *whole = &wholes->items[i];
        const struct series_fit *fit = whole->index >= 0 ? &dataset->fits[whole->index] : NULL;
        whole->has_training = fit != NULL && fit->name != NULL;
        whole->fit = whole->has_training ? fit : NULL;
        if (is_of_series(dataset))
            whole->scaling =
                whole->has_training ? fit->scaling : scale_first_window(dataset, whole, arena);
    }
}

/* --- naive errors ---------------------------------------------------------------------------- */

/* Sums of |y_t - y_(t-m)| and of y_t² over pairs of training rows. */
struct differences {
    double sum, square;
    size_t count;
};

static void add_differences(struct differences *differences, const struct fitted_rows *training,
                            int part, int target, int period) {
    const struct part *of = &training->parts->items[part];
    const double *values = part_values(of, target_column, target);
    const bool *covered = covered_rows(training, part);
    for (int row = period; row < of->rows; row++) {
        double difference = fabs(values[row] - values[row - period]);
        if (isnan(difference) || (covered != NULL && !(covered[row] && covered[row - period])))
            continue;
        differences->sum += difference;
        differences->square += gsl_pow_2(values[row]);
        differences->count++;
    }
}

/* The yardstick of MASE (Hyndman & Koehler 2006). NaN where it is not defined: no two such rows, or
 * none that differ by more than rounding. */
static double mean_difference(const struct differences *differences) {
    double count = (double)differences->count, mean = differences->sum / count;
    double size = sqrt(differences->square / count);
    return count > 0 && mean > rounding_of(differences->count, size) ? mean : NAN;
}

static double naive_error(const struct fitted_rows *training, int target, int period) {
    struct differences all = {0};
    for (int i = 0; i < training->parts->count; i++)
        add_differences(&all, training, i, target, period);
    return mean_difference(&all);
}

/* --- fits ------------------------------------------------------------------------------------ */

static bool has_rows(const struct fitted_rows *training, int part) {
    const bool *covered = covered_rows(training, part);
    int rows = training->parts->items[part].rows, row = 0;
    while (covered != NULL && row < rows && !covered[row])
        row++;
    return row < rows;
}

static void fit_series(struct dataset *dataset, const struct fitted_rows *training, int part,
                       struct series_fit *fit, struct arena *arena) {
    const struct whole *whole = training->parts->items[part].whole;
    /* The group's name is the table's, which does not stay. */
    *fit = (struct series_fit){.name = whole->name, .group = arena_strdup(arena, whole->group)};
    fit->naive_error = ARENA_NEW(arena, double, dataset->targets);
    for (int k = 0; k < dataset->targets; k++) {
        struct differences own = {0};
        add_differences(&own, training, part, k, dataset->period);
        fit->naive_error[k] = mean_difference(&own);
    }
    if (!is_of_series(dataset))
        return;
    struct moments *inputs = ARENA_NEW(arena, struct moments, dataset->inputs);
    for (int i = 0; i < dataset->inputs - dataset->flags; i++)
        inputs[i] = summarise_part(training, part, input_column, i);
    fit->scaling = scale_series(dataset, inputs, arena);
}

/* A series has one training part at most. */
static void fit_each(struct dataset *dataset, const struct fitted_rows *training, int count,
                     struct arena *arena) {
    dataset->fit_count = count;
    dataset->fits = ARENA_NEW(arena, struct series_fit, count);
    for (int i = 0; i < training->parts->count; i++)
        if (has_rows(training, i))
            fit_series(dataset, training, i, &dataset->fits[training->parts->items[i].whole->index],
                       arena);
    if (is_of_series(dataset))
        fit_scaled_inputs(dataset, training);
}

/* The median time between two training rows; 1 when there is no time column. */
static double median_step(const struct dataset *dataset, const struct fitted_rows *training) {
    if (dataset->options->time == NULL)
        return 1;
    size_t total = 0, count = 0;
    for (int i = 0; i < training->parts->count; i++)
        total += (size_t)training->parts->items[i].rows;
    double *steps = mem_resize(NULL, total * sizeof *steps);
    for (int i = 0; i < training->parts->count; i++) {
        const struct part *part = &training->parts->items[i];
        const struct whole *whole = part->whole;
        const struct column *times = &whole->source->table.columns[whole->source->time];
        size_t first = whole->first + (size_t)part->first;
        const bool *covered = covered_rows(training, i);
        for (int row = 1; row < part->rows; row++)
            if (covered == NULL || covered[row])
                steps[count++] = time_between(times, first + (size_t)row - 1, first + (size_t)row);
    }
    double median = count > 0 ? gsl_stats_median(steps, 1, count) : 1;
    free(steps);
    return median;
}

bool scaling_fit(struct dataset *dataset, const struct parts *parts, int count,
                 const struct split *covering, struct arena *arena, struct error *error) {
    struct arena scratch = {0};
    struct fitted_rows training = {.parts = parts};
    if (covering != NULL)
        mark_covered(&training, covering, &scratch);
    double unit = dataset->options->time_unit;
    dataset->time_unit = unit > 0 ? unit : median_step(dataset, &training);
    bool fitted =
        fit_inputs(dataset, &training, arena, error) && fit_targets(dataset, &training, error);
    dataset->naive_error = ARENA_NEW(arena, double, dataset->targets);
    for (int k = 0; fitted && k < dataset->targets; k++)
        dataset->naive_error[k] = naive_error(&training, k, dataset->period);
    if (fitted)
        fit_each(dataset, &training, count, arena);
    arena_free(&scratch);
    return fitted;
}
