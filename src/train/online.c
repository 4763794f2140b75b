#include "train/online.h"

#include "data/pipeline/batch.h"
#include "train/loss.h"
#include "train/optimizer.h"
#include "train/training_step.h"

#include <math.h>
#include <string.h>

struct online {
    const struct network *network;
    const struct dataset *dataset;
    const struct online_options *options;
    const struct loss_type *loss;
    struct train_options training; /* for the updater */
    struct updater updater;
    bool carries; /* a state; otherwise windows are read as a whole */
    int window;   /* rows of such a window */
    real *gradient;
    real *states;     /* [steps + 1][network.state]: before row r at r modulo that */
    real *prediction; /* [longest][O]; of one row, or of the window that it ends */
    real *out;        /* [longest][O] of an update */
    real *y;          /* [longest][Y] truths that are due */
    real *dout;       /* [longest][O] */
    real *elapsed;    /* [longest] since the last present row, from the first of these rows on */
    double time;      /* before the first of them */
    real *step_workspace, *workspace;
};

static int longest(const struct online *online) {
    int steps = online->options->steps;
    return online->carries || steps > online->window ? steps : online->window;
}

struct online *online_begin(const struct network *network, const struct dataset *dataset,
                            const struct online_options *options, struct arena *arena) {
    struct online *online = ARENA_NEW(arena, struct online, 1);
    *online = (struct online){
        .network = network,
        .dataset = dataset,
        .options = options,
        .loss = loss_for(dataset),
        .training = {.optimizer = options->optimizer,
                     .clip_norm = options->clip_norm,
                     .beta1 = 0.9,
                     .beta2 = 0.999,
                     .rho = 0.9,
                     .epsilon = 1e-8},
        .carries = network_streams(network) && !network->averages,
        .window = dataset->window,
    };
    size_t n = network->params.size, rows = (size_t)longest(online);
    struct memory_cost memory = {0};
    online->updater = updater_begin(network, &online->training, &memory, arena);
    online->gradient = ARENA_NEW(arena, real, n);
    online->states = ARENA_NEW(arena, real, ((size_t)options->steps + 1) * (size_t)network->state);
    online->prediction = ARENA_NEW(arena, real, rows * (size_t)network->outputs);
    online->out = ARENA_NEW(arena, real, rows * (size_t)network->outputs);
    online->dout = ARENA_NEW(arena, real, rows * (size_t)network->outputs);
    online->y = ARENA_NEW(arena, real, rows * (size_t)dataset->width);
    online->elapsed = ARENA_NEW(arena, real, rows);
    online->step_workspace =
        ARENA_NEW(arena, real, network_workspace(network, 1, 1, PHASE_EVALUATE));
    size_t train = network_workspace(network, (int)rows, 1, PHASE_TRAIN);
    size_t evaluate = network_workspace(network, (int)rows, 1, PHASE_EVALUATE);
    online->workspace = ARENA_NEW(arena, real, train > evaluate ? train : evaluate);
    return online;
}

/* --- rows ------------------------------------------------------------------------------------- */

double row_error(const struct dataset *dataset, const real *out, const real *y) {
    if (dataset->task == TASK_CLASSIFICATION) {
        int best = 0;
        for (int k = 1; k < dataset->outputs; k++)
            if (!(out[k] <= out[best]))
                best = k;
        return isnan(y[0]) ? NAN : !isfinite(out[best]) || best != (int)y[0];
    }
    double sum = 0;
    int scored = 0;
    for (int k = 0; k < dataset->width; k++) {
        if (isnan(y[k]))
            continue;
        double difference = (double)out[k] - (double)y[k];
        sum += difference * difference;
        scored++;
    }
    /* What is not finite is the worst, not "not scored". */
    return scored == 0 ? NAN : isnan(sum) ? INFINITY : sum / scored;
}

static bool is_present(const struct series *series, int row) {
    return series->present == NULL || series->present[row] != 0;
}

/* Time since the last present row before `row`, not counting rows before `first`; 1 at `first`. */
static double elapsed_at(const struct series *series, int first, int row) {
    int last = row - 1;
    while (last >= first && !is_present(series, last))
        last--;
    return last >= first ? series->time[row] - series->time[last]
                         : 1 + series->time[row] - series->time[first];
}

/* The rows [first, end), whose time began to count at row `origin`. */
static struct sequence rows_of(struct online *online, const struct series *series, int origin,
                               int first, int end) {
    for (int row = first; row < end; row++)
        online->elapsed[row - first] = (real)elapsed_at(series, origin, row);
    online->time = series->time[first] + 1 - (double)online->elapsed[0];
    return (struct sequence){
        .steps = end - first,
        .batch = 1,
        .x = series->x + (size_t)first * (size_t)online->dataset->inputs,
        .elapsed = online->elapsed,
        .mask = series->present != NULL ? series->present + first : NULL,
        .time = &online->time,
    };
}

static real *state_before(const struct online *online, int row) {
    return online->states +
           (size_t)(row % (online->options->steps + 1)) * (size_t)online->network->state;
}

/* Leaves the row's outputs in prediction [O], and the state after it. An absent row holds both. */
static void predict_row(struct online *online, const struct series *series, int row,
                        bool is_prepared) {
    const struct network *network = online->network;
    if (!online->carries) {
        int first = row + 1 > online->window ? row + 1 - online->window : 0;
        struct sequence window = rows_of(online, series, first, first, row + 1);
        network_forward(network, online->updater.params, &window, PHASE_EVALUATE,
                        online->prediction, NULL, online->workspace);
        memmove(online->prediction,
                online->prediction + (size_t)(row - first) * (size_t)network->outputs,
                (size_t)network->outputs * sizeof(real));
        return;
    }
    real *next = state_before(online, row + 1);
    memcpy(next, state_before(online, row), (size_t)network->state * sizeof(real));
    if (row == 0 || is_present(series, row))
        network_step(network, online->updater.params,
                     series->x + (size_t)row * (size_t)network->inputs, series->time[row],
                     (real)elapsed_at(series, 0, row), is_prepared, next, online->prediction,
                     online->step_workspace);
}

/* --- updates ---------------------------------------------------------------------------------- */

/* y of the rows [first, end) as known at row `now`: what is not due yet is missing. */
static void take_due(struct online *online, const struct series *series, int first, int end,
                     int now) {
    const struct dataset *dataset = online->dataset;
    size_t width = (size_t)dataset->width;
    bool forecast = dataset->task == TASK_FORECAST;
    for (int row = first; row < end; row++)
        for (size_t k = 0; k < width; k++) {
            int ahead = forecast ? (int)k / dataset->targets + 1 : 0;
            bool due = row + ahead + online->options->delay <= now;
            online->y[(size_t)(row - first) * width + k] =
                due ? series->y[(size_t)row * width + k] : (real)NAN;
        }
}

/* One gradient step of the mean loss over the rows [first, end), from the state before them. */
static void step(struct online *online, const struct sequence *rows, double learning_rate) {
    const struct network *network = online->network;
    size_t n = network->params.size;
    network_forward(network, online->updater.params, rows, PHASE_TRAIN, online->out, NULL,
                    online->workspace);
    struct loss_sum loss = online->loss->evaluate(online->dataset, (size_t)rows->steps, online->out,
                                                  online->y, online->dout);
    if (loss.weight == 0 || !isfinite(loss.sum))
        return;
    memset(online->gradient, 0, n * sizeof(real));
    const struct network_gradient gradient = {.out = online->dout, .params = online->gradient};
    network_backward(network, online->updater.params, rows, &gradient, online->workspace);
    real mean = (real)(1 / loss.weight);
    for (size_t i = 0; i < n; i++)
        online->gradient[i] *= mean;
    updater_apply(&online->updater, learning_rate, online->gradient);
}

/* After row `now`. Of windows read as a whole it is the latest with a truth that is all due. */
static void learn(struct online *online, const struct series *series, int now,
                  double learning_rate) {
    const struct dataset *dataset = online->dataset;
    int end = now + 1, first = end - online->options->steps, origin = 0;
    if (!online->carries) {
        end -= online->options->delay + (dataset->task == TASK_FORECAST ? dataset->horizon : 0);
        first = origin = end > online->window ? end - online->window : 0;
        if (end <= 0)
            return;
    }
    struct sequence rows = rows_of(online, series, origin, first, end);
    take_due(online, series, first, end, now);
    if (!online->carries && dataset->last_only)
        for (size_t i = 0; i < (size_t)(end - 1 - first) * (size_t)dataset->width; i++)
            online->y[i] = (real)NAN;
    rows.state = online->carries ? state_before(online, first) : NULL;
    for (int i = 0; i < online->options->updates; i++)
        step(online, &rows, learning_rate);
}

long online_run(struct online *online, const real *params, double learning_rate,
                const struct series *series, double *error) {
    const struct online_options *options = online->options;
    size_t n = online->network->params.size, width = (size_t)online->dataset->width;
    memcpy(online->updater.params, params, n * sizeof(real));
    memset(online->updater.state, 0, n * (size_t)online->updater.optimizer->slots * sizeof(real));
    memset(online->states, 0, (size_t)online->network->state * sizeof(real));
    online->updater.updates = 0;
    bool is_prepared = false;
    for (int row = 0; row < series->rows; row++) {
        predict_row(online, series, row, is_prepared);
        error[row] =
            row_error(online->dataset, online->prediction, series->y + (size_t)row * width);
        is_prepared = true;
        if (learning_rate > 0 && row + 1 >= options->steps && (row + 1) % options->every == 0) {
            long before = online->updater.updates;
            learn(online, series, row, learning_rate);
            is_prepared = online->updater.updates == before;
        }
    }
    return online->updater.updates;
}

/* --- baselines -------------------------------------------------------------------------------- */

long recursive_run(struct recursive *learner, const struct online_options *options,
                   double forgetting_factor, const struct series *series, double *error) {
    const struct dataset *dataset = learner->baseline->dataset;
    int ahead = dataset->task == TASK_FORECAST ? dataset->horizon : 0, learned = 0;
    bool learns = forgetting_factor > 0 && options->updates > 0;
    long updates = 0;
    recursive_reset(learner);
    for (int row = 0; row < series->rows; row++) {
        recursive_predict(learner, series, row, learner->out);
        error[row] =
            row_error(dataset, learner->out, series->y + (size_t)row * (size_t)dataset->width);
        int due = row - ahead - options->delay; /* the last row whose truths are all there */
        if (!learns || (row + 1) % options->every != 0 || due < learned)
            continue;
        for (; learned <= due; learned++)
            recursive_add(learner, series, learned, forgetting_factor);
        recursive_solve(learner);
        updates++;
    }
    return updates;
}

void predictor_run(const struct predictor *predictor, const struct dataset *dataset,
                   const struct series *series, double *error) {
    struct arena arena = {0};
    size_t width = (size_t)dataset->width, outputs = (size_t)dataset->outputs;
    struct series own = *series; /* a split is not const */
    struct window *windows = ARENA_NEW(&arena, struct window, series->rows);
    const struct split split = {&own, 1, windows, (size_t)series->rows};
    struct batch batch = batch_new(dataset, predictor->batch, &arena);
    real *out =
        ARENA_NEW(&arena, real, (size_t)dataset->window * (size_t)predictor->batch * outputs);
    for (int row = 0; row < series->rows; row++) {
        int first = row + 1 > dataset->window ? row + 1 - dataset->window : 0;
        windows[row] = (struct window){0, first, row + 1 - first};
    }
    for (int row = 0; row < series->rows; row += predictor->batch) {
        int left = series->rows - row, count = left < predictor->batch ? left : predictor->batch;
        batch_fill(&batch, dataset, &split, NULL, (size_t)row, count);
        predictor->predict(predictor->model, &batch, out);
        for (int b = 0; b < count; b++) {
            size_t last = (size_t)(windows[row + b].length - 1) * (size_t)count + (size_t)b;
            error[row + b] =
                row_error(dataset, out + last * outputs, series->y + (size_t)(row + b) * width);
        }
    }
    arena_free(&arena);
}
