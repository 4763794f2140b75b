#include "base/text_stream.h"
#include "report/history/history.h"
#include "report/plots/plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SERIES = 12, KEY_LINE = 18 };

static const char *title_of(const struct history_series *series, struct arena *arena) {
    return arena_printf(arena, "%s · %s, %s", series->dataset, series->model, series->metric);
}

/* The changed ones; without any, the first metric of each model. */
static size_t choose(const struct history *history, const struct history_series **chosen) {
    size_t count = 0;
    for (size_t s = 0; s < history->series_count && count < MAX_SERIES; s++) {
        const struct history_series *series = &history->series[s];
        bool first_metric = s == 0 || strcmp(series[-1].model, series->model) != 0 ||
                            strcmp(series[-1].dataset, series->dataset) != 0;
        if (history->changed > 0 ? series->change != HISTORY_SAME : first_metric)
            chosen[count++] = series;
    }
    return count;
}

/* Lines of "position change": in per cent of the first score that is there. */
static void put_data(FILE *script, const struct history *history,
                     const struct history_series *series, size_t number) {
    double first = NAN;
    fprintf(script, "$series%zu << END\n", number);
    for (size_t f = 0; f < history->folder_count; f++) {
        double score = series->scores[f];
        if (isnan(first) && isfinite(score) && score != 0)
            first = score;
        if (isfinite(score) && isfinite(first))
            fprintf(script, "%zu %.9g\n", f + 1, 100 * (score - first) / fabs(first));
        else
            fputc('\n', script); /* a gap in the line */
    }
    fputs("END\n", script);
}

bool history_plot(const struct history *history, const char *path, struct error *error) {
    struct arena arena = {0};
    const struct history_series *chosen[MAX_SERIES];
    size_t count = choose(history, chosen);
    struct text_stream commands;
    FILE *script = text_stream_open(&commands);
    for (size_t s = 0; s < count; s++) {
        put_data(script, history, chosen[s], s);
        if (chosen[s]->change == HISTORY_STEP)
            fprintf(script,
                    "set arrow from %g, graph 0 to %g, graph 1 nohead linetype %zu dashtype 2\n",
                    (double)chosen[s]->at + 0.5, (double)chosen[s]->at + 0.5, s + 1);
    }
    fprintf(
        script,
        "set xlabel 'results folder, in the order given'\nset ylabel 'change of the score (%%)'\n"
        "set key below vertical maxcols 2\nset xrange [0.5:%g]\nplot ",
        (double)history->folder_count + 0.5);
    for (size_t s = 0; s < count; s++) {
        fprintf(script, "$series%zu using 1:2 with linespoints linetype %zu title ", s, s + 1);
        put_quoted(script, title_of(chosen[s], &arena));
        fputs(", ", script);
    }
    fputs("0 with lines linecolor rgb '#999999' notitle\n", script);
    bool drawn = plot_write(path, WIDE_PLOT, PLOT_HEIGHT + KEY_LINE * (int)(count + 1) / 2,
                            text_stream_close(&commands, &arena), error);
    arena_free(&arena);
    return drawn;
}
