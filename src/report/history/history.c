#include "report/history/history.h"

#include "evaluate/change_point.h"
#include "evaluate/significance.h"
#include "report/tables/format.h"
#include "report/tables/text_table.h"

#include <math.h>
#include <string.h>

/* ---- Collecting ---- */

static struct history_series *series_of(struct history *history, const char *dataset,
                                        const char *model, const struct metric_info *metric,
                                        struct arena *arena) {
    for (size_t s = 0; s < history->series_count; s++) {
        struct history_series *series = &history->series[s];
        if (strcmp(series->dataset, dataset) == 0 && strcmp(series->model, model) == 0 &&
            strcmp(series->metric, metric->title) == 0)
            return series;
    }
    struct history_series *added = &history->series[history->series_count++];
    *added = (struct history_series){
        .dataset = dataset,
        .model = model,
        .metric = metric->title,
        .higher_is_better = metric->higher_is_better,
        .scores = ARENA_NEW(arena, double, history->folder_count),
        .p = NAN,
    };
    for (size_t f = 0; f < history->folder_count; f++)
        added->scores[f] = NAN;
    return added;
}

static void collect(struct history *history, size_t folder, const struct dataset_results *dataset,
                    struct arena *arena) {
    for (size_t m = 0; m < dataset->model_count; m++)
        for (size_t i = 0; i < dataset->metric_count; i++) {
            const struct model_results *model = &dataset->models[m];
            struct history_series *series =
                series_of(history, dataset->title, model->name, &dataset->metrics[i], arena);
            series->scores[folder] = scores_at(dataset, model, dataset->test, i)->summary.mean;
        }
}

/* ---- Judging ---- */

/* The scores as they are tested: logarithms where all are positive, which *logarithms tells. */
static double *tested_values(const struct history_series *series, size_t count, bool *logarithms,
                             struct arena *arena) {
    double *values = ARENA_NEW(arena, double, count);
    *logarithms = true;
    for (size_t f = 0; f < count; f++)
        *logarithms &= isnan(series->scores[f]) || series->scores[f] > 0;
    for (size_t f = 0; f < count; f++)
        values[f] = *logarithms ? log(series->scores[f]) : series->scores[f];
    return values;
}

static double relative(double difference, double from, bool logarithms, bool higher_is_better) {
    double change = logarithms ? expm1(difference) : difference / fabs(from);
    return higher_is_better ? -change : change;
}

/* Of a step and a drift that are both significant, what leaves less unexplained. */
static void judge(struct history_series *series, size_t count, double step_p, double drift_p,
                  double level, struct arena *arena) {
    bool logarithms;
    double *values = tested_values(series, count, &logarithms, arena);
    struct change_point step = find_step(values, count);
    struct drift drift = find_drift(values, count);
    bool steps = step_p <= level, drifts = drift_p <= level;
    if (steps && drifts)
        steps = step_residual(values, count, &step) <= drift_residual(values, count, &drift);
    series->p = fmin(step_p, drift_p);
    if (steps) {
        series->change = HISTORY_STEP;
        series->at = step.at;
        series->p = step_p;
        series->size =
            relative(step.after - step.before, step.before, logarithms, series->higher_is_better);
    } else if (drifts) {
        series->change = HISTORY_DRIFT;
        series->p = drift_p;
        series->size =
            relative(drift.slope, series->scores[0], logarithms, series->higher_is_better);
    }
}

struct history history_make(const struct results *results, const char *const *folders, size_t count,
                            double level, struct arena *arena) {
    struct history history = {.folders = folders, .folder_count = count, .level = level};
    size_t room = 0;
    for (size_t f = 0; f < count; f++)
        for (size_t d = 0; d < results[f].dataset_count; d++)
            room += results[f].datasets[d].model_count * results[f].datasets[d].metric_count;
    history.series = ARENA_NEW(arena, struct history_series, room + 1);
    for (size_t f = 0; f < count; f++)
        for (size_t d = 0; d < results[f].dataset_count; d++)
            collect(&history, f, &results[f].datasets[d], arena);
    size_t tests = history.series_count;
    double *p = ARENA_NEW(arena, double, 2 * tests + 1);
    for (size_t s = 0; s < tests; s++) {
        bool ignored;
        double *values = tested_values(&history.series[s], count, &ignored, arena);
        p[2 * s] = find_step(values, count).p;
        p[2 * s + 1] = find_drift(values, count).p;
    }
    holm_adjust(p, 2 * tests);
    for (size_t s = 0; s < tests; s++) {
        judge(&history.series[s], count, p[2 * s], p[2 * s + 1], level, arena);
        history.changed += history.series[s].change != HISTORY_SAME;
    }
    return history;
}

/* The smallest p, corrected for all scores, of a step in the middle of so many folders: no order of their
 * scores is rarer. */
static double rarest_step(size_t folders, size_t scores) {
    double half = floor((double)folders / 2), rest = (double)folders - half;
    double p = 2 * exp(lgamma(half + 1) + lgamma(rest + 1) - lgamma((double)folders + 1));
    return 2 * (double)scores * p;
}

/* ---- Printing ---- */

static const char *change_text(const struct history *history, const struct history_series *series,
                               struct arena *arena) {
    const char *direction = series->size > 0 ? "worse" : "better";
    double percent = 100 * fabs(series->size);
    if (series->change == HISTORY_STEP)
        return arena_printf(arena, "%.2g %% %s from %s on", percent, direction,
                            history->folders[series->at]);
    return arena_printf(arena, "%.2g %% %s each time", percent, direction);
}

static struct report_table changes_table(const struct history *history, struct arena *arena) {
    enum { SUBJECT, METRIC, KIND, CHANGE, P, COLUMNS };
    static const char *const titles[COLUMNS] = {"data set · model", "metric", "", "change", "p"};
    struct report_table table = table_new("history", "History", history->changed, COLUMNS, arena);
    for (size_t c = 0; c < COLUMNS; c++)
        table_add_column(&table, titles[c], c != P);
    for (size_t s = 0; s < history->series_count; s++) {
        const struct history_series *series = &history->series[s];
        if (series->change == HISTORY_SAME)
            continue;
        struct report_cell *cells = table_add_row(&table);
        cells[SUBJECT].text = arena_printf(arena, "%s · %s", series->dataset, series->model);
        cells[METRIC].text = series->metric;
        cells[KIND].text = series->change == HISTORY_STEP ? "step" : "drift";
        cells[CHANGE].text = change_text(history, series, arena);
        cells[P].text = format_number(arena, series->p, 2);
    }
    table.baseline_row = table.row_count;
    return table;
}

static const char *nothing_text(const struct history *history, struct arena *arena) {
    size_t scores = history->series_count, needed = history->folder_count;
    const char *text = arena_printf(arena, "No step and no drift: %zu scores over %zu folders.",
                                    scores, history->folder_count);
    if (scores == 0 || rarest_step(needed, scores) <= history->level)
        return text;
    while (rarest_step(needed, scores) > history->level)
        needed++;
    return arena_printf(
        arena,
        "%s A step in the middle could not have been found: for so many scores that "
        "takes %zu folders.",
        text, needed);
}

void history_print(const struct history *history, FILE *out, bool colour) {
    struct arena arena = {0};
    if (history->folder_count < HISTORY_FEWEST)
        text_paragraph(out,
                       arena_printf(&arena,
                                    "%zu folders are too few: no change can be told from "
                                    "noise in fewer than %d.",
                                    history->folder_count, HISTORY_FEWEST),
                       "");
    else if (history->changed == 0)
        text_paragraph(out, nothing_text(history, &arena), "");
    if (history->changed > 0) {
        text_paragraph(out,
                       arena_printf(&arena, "%zu of %zu scores changed over %zu folders.",
                                    history->changed, history->series_count, history->folder_count),
                       "");
        fputc('\n', out);
        struct report_table table = changes_table(history, &arena);
        text_table(out, &table, colour);
    }
    arena_free(&arena);
}
