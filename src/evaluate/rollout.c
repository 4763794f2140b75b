#include "evaluate/rollout.h"

#include <math.h>
#include <string.h>

const double ROLLOUT_THRESHOLD = 0.4;

/* --- where rollouts begin --------------------------------------------------------------------- */

static bool has_room(const struct split *split, const struct window *window, int steps) {
    return window->start + window->length + steps <= split->series[window->series].rows;
}

static size_t count_rooms(const struct split *split, int steps) {
    size_t count = 0;
    for (size_t i = 0; i < split->window_count; i++)
        count += has_room(split, &split->windows[i], steps);
    return count;
}

bool rollout_check(const struct dataset *dataset, int steps, struct error *error) {
    bool predicted[1024] = {false};
    int values = dataset->inputs, missing = values;
    if (dataset->task != TASK_FORECAST || dataset->flags > 0 || values > 1024)
        return error_set(error, "needs a forecast without missing values");
    if (dataset->options->split.method == SPLIT_RANDOM)
        return error_set(error, "what follows a test window of a random split is training data");
    for (int k = 0; k < dataset->targets; k++) {
        int input = dataset->target_input[k];
        if (input < 0 || predicted[input])
            continue;
        predicted[input] = true;
        missing--;
    }
    if (missing > 0)
        return error_set(error, "needs a forecast of all inputs, and %d of them are no targets",
                         missing);
    if (count_rooms(&dataset->test, steps) == 0)
        return error_set(error, "no test window has %d rows after it; take fewer steps", steps);
    return true;
}

/* A series that ends with the rollout; rows after the window are still the truth. */
static struct series begin_series(const struct dataset *dataset, const struct window *window,
                                  int steps, struct arena *arena) {
    const struct series *from = &dataset->test.series[window->series];
    struct series series = *from;
    size_t inputs = (size_t)dataset->inputs;
    series.rows = window->start + window->length + steps;
    series.x = ARENA_NEW(arena, real, (size_t)series.rows * inputs);
    memcpy(series.x, from->x, (size_t)series.rows * inputs * sizeof(real));
    return series;
}

/* Series and windows of the rollouts, evenly spaced among the test windows with room. */
static struct split begin_rollouts(const struct dataset *dataset, int steps, struct arena *arena) {
    const struct split *test = &dataset->test;
    size_t rooms = count_rooms(test, steps), seen = 0;
    size_t starts = rooms < ROLLOUT_STARTS ? rooms : ROLLOUT_STARTS;
    struct split split = {
        .series = ARENA_NEW(arena, struct series, starts),
        .windows = ARENA_NEW(arena, struct window, starts),
    };
    for (size_t i = 0; i < test->window_count; i++) {
        const struct window *window = &test->windows[i];
        if (!has_room(test, window, steps) || seen++ != split.window_count * rooms / starts)
            continue;
        int s = split.series_count++;
        split.series[s] = begin_series(dataset, window, steps, arena);
        split.windows[split.window_count++] = (struct window){s, window->start, window->length};
    }
    return split;
}

/* --- one step --------------------------------------------------------------------------------- */

/* The row after the window becomes what the model says; out [O]. The truth [I] and what became of
 * it are one more step that can be scored. */
static void feed_back(const struct dataset *dataset, const struct series *series, int row,
                      const real *out, struct predictions *predictions) {
    struct scaling scaling = series_scaling(dataset, series);
    predictions->series[predictions->count] = series;
    size_t at = predictions->count++ * (size_t)dataset->outputs;
    for (int k = 0; k < dataset->outputs; k++)
        predictions->output[at + (size_t)k] = predictions->truth[at + (size_t)k] = NAN;
    real *x = series->x + (size_t)row * (size_t)dataset->inputs; /* [I], the truth as yet */
    for (int k = 0; k < dataset->targets; k++) {
        int input = dataset->target_input[k];
        double scale = scaling.input_scale[input], offset = scaling.input_offset[input];
        double target_scale = scaling.target_scale[k], target_offset = scaling.target_offset[k];
        double truth = (double)x[input] * scale + offset;
        double value = (double)out[k] * target_scale + target_offset;
        bool data_units = predictions->data_units;
        predictions->truth[at + (size_t)k] =
            data_units ? truth : (truth - target_offset) / target_scale;
        predictions->output[at + (size_t)k] = data_units ? value : (double)out[k];
        x[input] = (real)((value - offset) / scale);
    }
}

/* Distance of a row of the rollout from the truth, normalised. */
static double normalised_error(const struct dataset *dataset, const real *x, const real *truth) {
    double square = 0, variance = 0;
    for (int i = 0; i < dataset->inputs; i++) {
        double difference = (double)x[i] - (double)truth[i];
        square += difference * difference;
        variance += dataset->input_std[i] * dataset->input_std[i];
    }
    return sqrt(square / variance);
}

/* --- all of them ------------------------------------------------------------------------------ */

/* Moves every window one row on, its end being the prediction of the last. */
static void advance_rollout(const struct predictor *predictor, const struct dataset *dataset,
                            struct split *split, struct batch *batch, real *out,
                            struct predictions *predictions) {
    for (size_t first = 0; first < split->window_count; first += (size_t)predictor->batch) {
        size_t left = split->window_count - first;
        int count = left < (size_t)predictor->batch ? (int)left : predictor->batch;
        batch_fill(batch, dataset, split, NULL, first, count);
        predictor->predict(predictor->model, batch, out);
        for (int b = 0; b < count; b++) {
            struct window *window = &split->windows[first + (size_t)b];
            size_t last = (size_t)(window->length - 1) * (size_t)count + (size_t)b;
            feed_back(dataset, &split->series[window->series], window->start + window->length,
                      out + last * (size_t)dataset->outputs, predictions);
            window->start++;
        }
    }
}

/* Errors of one rollout, added to those of the others. */
static void add_errors(const struct dataset *dataset, const struct series *series,
                       const real *truth, int first, struct rollout *rollout) {
    size_t inputs = (size_t)dataset->inputs;
    int valid = rollout->steps;
    for (int k = rollout->steps - 1; k >= 0; k--) {
        size_t row = (size_t)(first + k);
        double error = normalised_error(dataset, series->x + row * inputs, truth + row * inputs);
        rollout->error[k] += error * error;
        if (!(error <= ROLLOUT_THRESHOLD))
            valid = k;
    }
    rollout->valid_steps += valid;
    rollout->valid_time += series->time[first - 1 + valid] - series->time[first - 1];
    rollout->step_time +=
        (series->time[first - 1 + rollout->steps] - series->time[first - 1]) / rollout->steps;
}

struct rollout rollout_run(const struct predictor *predictor, const struct dataset *dataset,
                           int steps, bool data_units, struct arena *arena) {
    struct arena scratch = {0};
    struct split split =
        begin_rollouts(dataset, steps, arena); /* the predictions name its series */
    struct split truth = begin_rollouts(dataset, steps, &scratch);
    size_t numbers = split.window_count * (size_t)steps * (size_t)dataset->outputs;
    struct rollout rollout = {
        .steps = steps,
        .starts = (int)split.window_count,
        .error = ARENA_NEW(arena, double, steps),
        .predictions = {.dataset = dataset,
                        .data_units = data_units,
                        .output = ARENA_NEW(arena, double, numbers),
                        .truth = ARENA_NEW(arena, double, numbers),
                        .series = ARENA_NEW(arena, const struct series *,
                                            split.window_count *(size_t)steps)},
    };
    struct batch batch = batch_new(dataset, predictor->batch, &scratch);
    real *out = ARENA_NEW(&scratch, real,
                          (size_t)dataset->window * (size_t)predictor->batch *
                              (size_t)dataset->outputs); /* [T][B][O] */
    for (int k = 0; k < steps; k++)
        advance_rollout(predictor, dataset, &split, &batch, out, &rollout.predictions);
    for (int s = 0; s < rollout.starts; s++)
        add_errors(dataset, &split.series[s], truth.series[s].x,
                   truth.windows[s].start + truth.windows[s].length, &rollout);
    for (int k = 0; k < steps; k++)
        rollout.error[k] = sqrt(rollout.error[k] / rollout.starts);
    rollout.valid_steps /= rollout.starts;
    rollout.valid_time /= rollout.starts;
    rollout.step_time /= rollout.starts;
    arena_free(&scratch);
    return rollout;
}
