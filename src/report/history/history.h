/* The results of many commits, one folder each: which scores made a step or drift from one to the next.
 *
 * A series is the mean test score of one model in one metric, over the folders in the order given. On it,
 * in logarithms where all values are positive, both tests of evaluate/change_point.h are made; all p
 * values of a history are adjusted together (Holm), so that a history without a change gives an alarm
 * with at most the level's probability. */
#ifndef REPORT_HISTORY_HISTORY_H
#define REPORT_HISTORY_HISTORY_H

#include "report/results/results.h"

#include <stdio.h>

enum history_change { HISTORY_SAME, HISTORY_STEP, HISTORY_DRIFT };

struct history_series {
    const char *dataset, *model, *metric; /* metric: its title */
    bool higher_is_better;
    double *scores; /* [folder_count], NaN where not measured */
    enum history_change change;
    size_t at; /* of a step: the first folder after it */
    double
        size; /* relative change at the step, or from one folder to the next; positive when worse */
    double p; /* adjusted; NaN with too few folders */
};

struct history {
    const char *const *folders;
    size_t folder_count;
    struct history_series *series;
    size_t series_count, changed;
    double level;
};

/* Fewer cannot show any change at the default level. */
enum { HISTORY_FEWEST = 8 };
#define HISTORY_LEVEL 0.005

/* results: [count], of the folders. */
struct history history_make(const struct results *results, const char *const *folders, size_t count,
                            double level, struct arena *arena);

void history_print(const struct history *history, FILE *out, bool colour);

/* Draws the series that changed, or the headline metrics when none did, each relative to its first value;
 * SVG, or PNG when the path ends so. */
bool history_plot(const struct history *history, const char *path, struct error *error);

#endif
