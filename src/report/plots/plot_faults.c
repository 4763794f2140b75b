/* The error under faults against the clean error, one point a model: right is worse when clean, up is
 * worse under faults. On the lower line faults cost nothing. A model far to the right and close to that
 * line is steady because it is wrong anyway. */
#include "report/plots/plot.h"

#include <math.h>

static bool draw(const struct section *section, struct drawing *drawing) {
    const struct dataset_results *dataset = section->results;
    const struct degradations *degradations = &section->degradations;
    FILE *script = drawing->script;
    struct shown shown = models_shown(dataset);
    struct range clean = EMPTY_RANGE, faulted = EMPTY_RANGE;
    size_t points = 0;
    if (degradations->type_count == 0)
        return false;
    for (size_t m = 0; m < shown.count; m++) {
        const struct degradation *overall =
            &degradations->overall[shown.models[m] - dataset->models];
        if (!isfinite(overall->clean) || !isfinite(overall->faulted))
            continue;
        fprintf(script, "$model%zu << END\n%.9g %.9g\nEND\n", shown.models[m]->position,
                overall->clean, overall->faulted);
        range_include(&clean, overall->clean);
        range_include(&faulted, overall->faulted);
        points++;
    }
    if (points < 2)
        return false;
    bool logarithmic = wants_logarithm(fmin(clean.min, faulted.min), faulted.max);
    drawing->width = WIDE_PLOT;
    drawing->height = 420 + key_height(&shown, drawing->width);
    fputs("set xlabel 'clean error'\nset ylabel 'error under faults'\n", script);
    put_axis_range(script, 'x', &clean, logarithmic);
    put_axis_range(script, 'y', &faulted, logarithmic);
    bool line_in_sight = clean.max > faulted.min; /* else the line is below all points */
    fprintf(script, "plot x linecolor rgb '#b0b0b0' dashtype 2 %s",
            line_in_sight ? "title 'faults cost nothing'" : "notitle");
    for (size_t m = 0; m < shown.count; m++) {
        const struct degradation *overall =
            &degradations->overall[shown.models[m] - dataset->models];
        if (!isfinite(overall->clean) || !isfinite(overall->faulted))
            continue;
        fprintf(script, ", $model%zu using 1:2", shown.models[m]->position);
        put_style(script, "points", shown.models[m]);
        fputs(" pointsize 1.4", script);
        put_title(script, shown.models[m]);
    }
    fputc('\n', script);
    drawing->description = arena_printf(
        drawing->arena,
        "Test error on %s under faults against the clean error, means over seeds, severities and "
        "perturbations%s. %s; a model far to the right is wrong without any.",
        dataset->title, shown_note(&shown, dataset, drawing->arena),
        line_in_sight ? "On the dashed line faults cost nothing"
                      : "All points are far above the line on which faults cost nothing");
    return true;
}

const struct plot_type plot_faults = {"faults", "Error under faults against clean error", "faults",
                                      draw};
