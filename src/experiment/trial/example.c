#include "experiment/trial/example.h"

#include <math.h>
#include <string.h>

enum { MAX_POINTS = 200 };

struct example_point {
    double time, truth, prediction;
    int context; /* steps of the window up to this one; 0: no point here */
};

struct overlay {
    const struct dataset *dataset;
    int series, first_row; /* of the stretch */
    struct example_point points[MAX_POINTS];
};

/* The time at which the target of a row is due. */
static double due_time(const struct dataset *dataset, const struct series *series, int row) {
    return series_time(series, row, dataset->task == TASK_FORECAST);
}

/* The first target in data units. */
static double in_data_units(const struct dataset *dataset, const struct series *series,
                            real value) {
    struct scaling scaling = series_scaling(dataset, series);
    return (double)value * scaling.target_scale[0] + scaling.target_offset[0];
}

static double prediction_of(const struct dataset *dataset, const struct series *series,
                            const real *out) {
    if (dataset->task != TASK_CLASSIFICATION)
        return in_data_units(dataset, series, out[0]);
    int best = 0;
    for (int k = 1; k < dataset->outputs; k++)
        if (out[k] > out[best])
            best = k;
    return best;
}

/* Takes what window number `number` says about the stretch; out is [T][1][O]. */
static void add_window(struct overlay *overlay, size_t number, const struct batch *batch,
                       const real *out) {
    const struct dataset *dataset = overlay->dataset;
    const struct window *window = &dataset->test.windows[number];
    const struct series *series = &dataset->test.series[window->series];
    for (int t = 0; t < batch->steps; t++) {
        const real *y = batch->y + (size_t)t * (size_t)dataset->width;
        int row = window->start + t;
        long place = dataset->last_only ? (long)number : row - overlay->first_row;
        if (isnan(y[0]) || place < 0 || place >= MAX_POINTS || overlay->points[place].context > t)
            continue;
        overlay->points[place] = (struct example_point){
            .time = dataset->last_only ? (double)number + 1 : due_time(dataset, series, row),
            .truth = in_data_units(dataset, series, y[0]),
            .prediction =
                prediction_of(dataset, series, out + (size_t)t * (size_t)dataset->outputs),
            .context = t + 1,
        };
    }
}

static bool is_of_stretch(const struct overlay *overlay, size_t number) {
    const struct window *window = &overlay->dataset->test.windows[number];
    if (overlay->dataset->last_only)
        return number < MAX_POINTS;
    return window->series == overlay->series && window->start < overlay->first_row + MAX_POINTS;
}

static cJSON *overlay_json(const struct overlay *overlay) {
    const struct dataset *dataset = overlay->dataset;
    cJSON *json = cJSON_CreateObject();
    const char *series = dataset->test.series[overlay->series].name;
    cJSON_AddStringToObject(json, "name", dataset->last_only ? dataset->name : series);
    cJSON_AddStringToObject(json, "target", dataset->target_names[0]);
    cJSON *time = cJSON_AddArrayToObject(json, "time");
    cJSON *truth = cJSON_AddArrayToObject(json, "truth");
    cJSON *prediction = cJSON_AddArrayToObject(json, "prediction");
    for (int i = 0; i < MAX_POINTS; i++) {
        const struct example_point *point = &overlay->points[i];
        if (point->context == 0)
            continue;
        cJSON_AddItemToArray(time, cJSON_CreateNumber(point->time));
        cJSON_AddItemToArray(truth, cJSON_CreateNumber(point->truth));
        cJSON_AddItemToArray(prediction, cJSON_CreateNumber(point->prediction));
    }
    return json;
}

cJSON *example_json(const struct predictor *predictor, const struct dataset *dataset) {
    const struct split *test = &dataset->test;
    if (test->window_count == 0)
        return NULL;
    struct arena arena = {0};
    struct batch batch = batch_new(dataset, 1, &arena);
    real *out = ARENA_NEW(&arena, real, dataset->window * dataset->outputs); /* [T][1][O] */
    struct overlay *overlay = ARENA_NEW(&arena, struct overlay, 1);
    overlay->dataset = dataset;
    overlay->series = test->windows[0].series;
    overlay->first_row = test->windows[0].start;
    for (size_t i = 0; i < test->window_count; i++) {
        if (!is_of_stretch(overlay, i))
            continue;
        batch_fill(&batch, dataset, test, NULL, i, 1);
        predictor->predict(predictor->model, &batch, out);
        add_window(overlay, i, &batch, out);
    }
    cJSON *json = overlay_json(overlay);
    arena_free(&arena);
    return json;
}
