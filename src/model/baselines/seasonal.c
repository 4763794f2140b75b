#include "model/baselines/persistence.h"

#include <gsl/gsl_sort_double.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

/* Repeats the value one period before the time that is forecast, or two or more where that was not observed;
 * persistence where the series does not reach back so far. All earlier rows of the series are known, those before the split as well.
 * The period is a stretch of time and not a number of rows: so it holds for
 * resampled series, too. */
struct seasonal {
    struct baseline persistence;
    double season; /* time units; infinite when no training series has two rows */
    double step;   /* time units from one row to the next */
};

static bool applies(const struct dataset *dataset) {
    return dataset->task == TASK_FORECAST && dataset->has_period;
}

/* Median time that so many rows of the training series take; infinite when all are shorter. */
static double median_time(const struct split *train, int span) {
    struct arena scratch = {0};
    size_t rows = 0, count = 0;
    for (int s = 0; s < train->series_count; s++)
        rows += (size_t)train->series[s].rows;
    double *lengths = ARENA_NEW(&scratch, double, rows);
    for (int s = 0; s < train->series_count; s++) {
        const struct series *series = &train->series[s];
        for (int t = span; t < series->rows; t++)
            lengths[count++] = series->time[t] - series->time[t - span];
    }
    gsl_sort(lengths, 1, count);
    double median = count == 0 ? INFINITY : gsl_stats_median_from_sorted_data(lengths, 1, count);
    arena_free(&scratch);
    return median;
}

/* Where no training series is as long as a season, its rows are taken to be as far apart as any. */
static double season_length(const struct split *train, int period) {
    double season = median_time(train, period);
    return isinf(season) ? period * median_time(train, 1) : season;
}

static bool fit(struct baseline *baseline, struct arena *arena, struct error *error) {
    const struct dataset *dataset = baseline->dataset;
    struct seasonal *seasonal = ARENA_NEW(arena, struct seasonal, 1);
    seasonal->persistence = (struct baseline){.type = &baseline_persistence, .dataset = dataset};
    if (!baseline_persistence.fit(&seasonal->persistence, arena, error))
        return false;
    seasonal->season = season_length(&dataset->train, dataset->period);
    seasonal->step = seasonal->season / dataset->period;
    baseline->fitted = seasonal;
    baseline->parameters = seasonal->persistence.parameters + 1;
    return true;
}

/* The last of the rows up to `last` that is not later than a time; the first when all are. */
static int row_before(const double *times, int last, double time) {
    int low = 0, high = last; /* times[low] <= time, or low is 0; above high it is later */
    while (low < high) {
        int middle = low + (high - low + 1) / 2;
        if (times[middle] <= time)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/* The inputs of the row up to `last` that is nearest to a time, in the series or its history; NULL
 * when it begins later. */
static const real *nearest_row(const struct dataset *dataset, const struct series *series, int last,
                               double time, double step) {
    const struct series_past *history = &series->history;
    size_t inputs = (size_t)dataset->inputs;
    double begin = history->rows > 0 ? history->time[0] : series->time[0];
    if (!(time > begin - step / 2))
        return NULL;
    if (time < series->time[0] && history->rows > 0) {
        int row = row_before(history->time, history->rows - 1, time);
        bool ends = row == history->rows - 1;
        double after = ends ? series->time[0] : history->time[row + 1];
        if (!(after - time < time - history->time[row]))
            return history->x + (size_t)row * inputs;
        return ends ? series->x : history->x + (size_t)(row + 1) * inputs;
    }
    int row = row_before(series->time, last, time);
    if (row < last && series->time[row + 1] - time < time - series->time[row])
        row++;
    return series->x + (size_t)row * inputs;
}

/* The inputs so many seasons before a time, or of the first season before it in which the input was observed;
 * NULL when there is none. Filled values count as observed: without flags nobody knows. */
static const real *observed_season(const struct seasonal *seasonal, const struct series *series,
                                   int last, double time, int input) {
    const struct dataset *dataset = seasonal->persistence.dataset;
    for (;; time -= seasonal->season) {
        const real *inputs = nearest_row(dataset, series, last, time, seasonal->step);
        if (inputs == NULL || input_is_observed(dataset, input, inputs))
            return inputs;
    }
}

/* One step's outputs [O], from a row of the series and those before it. */
static void repeat_season(const struct seasonal *seasonal, const struct series *series, int row,
                          real *out) {
    const struct dataset *dataset = seasonal->persistence.dataset;
    struct scaling scaling = series_scaling(dataset, series);
    for (int h = 0; h < dataset->horizon; h++) {
        double ahead = (h + 1) * seasonal->step;
        double seasons = ceil(ahead / seasonal->season - 1e-9); /* that lie before this row */
        double time = series->time[row] + ahead - seasons * seasonal->season;
        for (int target = 0; target < dataset->targets; target++) {
            int input = dataset->target_input[target];
            const real *inputs =
                input >= 0 ? observed_season(seasonal, series, row, time, input) : NULL;
            if (inputs != NULL)
                out[h * dataset->targets + target] =
                    target_of_inputs(dataset, &scaling, target, inputs);
        }
    }
}

static void predict(const struct baseline *baseline, const struct batch *batch, real *out) {
    const struct seasonal *seasonal = baseline->fitted;
    baseline_persistence.predict(&seasonal->persistence, batch, out);
    if (isinf(seasonal->season))
        return;
    for (int t = 0; t < batch->steps; t++) {
        for (int b = 0; b < batch->size && batch_asks_for(batch, baseline->dataset, t); b++) {
            size_t step = (size_t)t * (size_t)batch->size + (size_t)b;
            int row = batch->start[b] + t;
            if (row < batch->source[b]->rows)
                repeat_season(seasonal, batch->source[b], row,
                              out + step * (size_t)baseline->dataset->outputs);
        }
    }
}

const struct baseline_type baseline_seasonal = {
    .name = "seasonal",
    .title = "Seasonal",
    .applies = applies,
    .fit = fit,
    .predict = predict,
};
