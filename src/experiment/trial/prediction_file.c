#include "experiment/trial/prediction_file.h"

#include "base/file.h"
#include "data/text/csv_write.h"
#include "evaluate/classes.h"
#include "evaluate/score.h"
#include "math/softmax.h"

#include <math.h>
#include <string.h>
#include <time.h>

static double time_of(const struct dataset *dataset, const struct series *series, int row,
                      int step) {
    return series->origin + series_time(series, row, step) * dataset->time_unit;
}

/* A date to 10 µs, more than the rounding of a sum of an origin and steps; false when no calendar reaches so
 * far. */
static bool put_date(FILE *out, double time) {
    const double far = 1e15; /* seconds */
    enum { PARTS = 100000 }; /* of a second */
    struct tm calendar;
    char text[32], fraction[16] = "";
    double whole = floor(time + 0.5 / PARTS);
    time_t seconds = fabs(time) < far ? (time_t)whole : 0;
    if (!(fabs(time) < far) || gmtime_r(&seconds, &calendar) == NULL ||
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &calendar) == 0)
        return false;
    long part = lround((time - whole) * PARTS);
    if (part > 0)
        snprintf(fraction, sizeof fraction, ".%05ld", part);
    for (size_t last = strlen(fraction); last > 0 && fraction[last - 1] == '0'; last--)
        fraction[last - 1] = '\0';
    fprintf(out, "%s%sZ", text, fraction);
    return true;
}

/* Times are sums of an origin and steps: the last digits of a double are rounding. */
static void put_time(FILE *out, const struct dataset *dataset, double time) {
    if (!dataset->has_dates || !put_date(out, time))
        fprintf(out, "%.15g", time);
    fputc(',', out);
}

/* With the digits of single precision, in which models compute. */
static void put_single(FILE *out, double value) {
    csv_write_single(out, (float)value);
}

static void put_series(FILE *out, const struct series *series) {
    csv_write_text(out, series->name != NULL ? series->name : "");
    fputc(',', out);
}

static void put_numbers(FILE *out, const struct predictions *predictions, size_t i) {
    const struct dataset *dataset = predictions->dataset;
    const struct series *series = predictions->series[i];
    for (int k = 0; k < dataset->width; k++) { /* [horizon][targets] */
        size_t place = i * (size_t)dataset->width + (size_t)k;
        int step = dataset->task == TASK_FORECAST ? k / dataset->targets + 1 : 0;
        if (isnan(predictions->truth[place]))
            continue;
        put_series(out, series);
        put_time(out, dataset, time_of(dataset, series, predictions->row[i], step));
        fprintf(out, "%d,", step);
        csv_write_text(out, dataset->target_names[k % dataset->targets]);
        fputc(',', out);
        put_single(out, predictions->truth[place]);
        fputc(',', out);
        put_single(out, predictions->output[place]);
        fputc('\n', out);
    }
}

static void put_class(FILE *out, const struct predictions *predictions, size_t i) {
    const struct dataset *dataset = predictions->dataset;
    const struct series *series = predictions->series[i];
    const double *scores = predictions->output + i * (size_t)dataset->outputs;
    int best = best_class(scores, dataset->outputs);
    double whole = log_sum_exp(scores, dataset->outputs, -1);
    put_series(out, series);
    put_time(out, dataset, time_of(dataset, series, predictions->row[i], 0));
    csv_write_text(out, dataset->class_names[(int)predictions->truth[i]]);
    fputc(',', out);
    csv_write_text(out, best < 0 ? "" : dataset->class_names[best]);
    for (int c = 0; c < dataset->outputs; c++) {
        fputc(',', out);
        put_single(out, exp(scores[c] - whole));
    }
    fputc('\n', out);
}

static void print_predictions(FILE *out, const void *context) {
    const struct predictions *predictions = context;
    const struct dataset *dataset = predictions->dataset;
    bool classifies = dataset->task == TASK_CLASSIFICATION;
    fputs(classifies ? "series,time,truth,prediction" : "series,time,step,target,truth,prediction",
          out);
    for (int c = 0; classifies && c < dataset->outputs; c++) {
        struct arena scratch = {0};
        fputc(',', out);
        csv_write_text(out, arena_printf(&scratch, "p(%s)", dataset->class_names[c]));
        arena_free(&scratch);
    }
    fputc('\n', out);
    for (size_t i = 0; i < predictions->count; i++)
        (classifies ? put_class : put_numbers)(out, predictions, i);
}

bool predictions_save(const struct predictor *predictor, const struct dataset *dataset,
                      const char *path, struct error *error) {
    struct arena scratch = {0};
    struct predictions predictions =
        predict_split(predictor, dataset, &dataset->test, true, &scratch);
    bool saved = file_print(path, print_predictions, &predictions, error);
    arena_free(&scratch);
    return saved;
}
