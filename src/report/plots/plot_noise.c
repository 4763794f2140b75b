/* Degradation curves: the headline metric against the severity of each perturbation, one panel
 * each. Severities stand at equal distances, so that mild ones are not squeezed together. */
#include "report/plots/plot.h"

#include <math.h>
#include <string.h>

enum { FEW_PANELS = 6, MAX_BANDS = 8, MAX_TICKS = 7 };

static double lower_end(const struct summary *summary, const struct range *range) {
    return fmax(summary->mean - summary->deviation, range->min);
}

/* Lines of "position mean low high", the clean score at position 0. */
static bool put_data(FILE *script, const struct dataset_results *dataset,
                     const struct model_results *model, const size_t *conditions, size_t count,
                     const struct range *range, size_t panel) {
    size_t points = 0;
    fprintf(script, "$panel%zu_model%zu << END\n", panel, model->position);
    for (size_t s = 0; s <= count; s++) {
        size_t condition = s == 0 ? dataset->test : conditions[s - 1];
        struct summary summary = scores_at(dataset, model, condition, 0)->summary;
        if (summary.not_finite > 0)
            fprintf(script, "%zu NaN NaN NaN\n", s); /* a gap, where a line would tell a lie */
        if (!isfinite(summary.mean))
            continue;
        fprintf(script, "%zu %.9g %.9g %.9g\n", s, summary.mean, lower_end(&summary, range),
                fmin(summary.mean + summary.deviation, range->max));
        points++;
    }
    fputs("END\n", script);
    return points > 0;
}

/* The severities used, and 0 for clean. Too many for their labels: every second, third ... */
static void put_ticks(FILE *script, const struct dataset_results *dataset, const size_t *conditions,
                      size_t count) {
    size_t every = (count + MAX_TICKS - 1) / MAX_TICKS;
    fputs("set xtics (\"0\" 0", script);
    for (size_t s = 0; s < count; s++)
        if ((s + 1) % (every == 0 ? 1 : every) == 0)
            fprintf(script, ", \"%g\" %zu", dataset->conditions[conditions[s]].severity, s + 1);
    fprintf(script, ")\nset xrange [-0.2:%.1f]\n", (double)count + 0.2);
}

static void put_panel(const struct dataset_results *dataset, const struct panels *panels,
                      struct drawing *drawing, size_t panel, const char *type) {
    FILE *script = drawing->script;
    const struct shown *shown = panels->shown;
    bool drawn[sizeof shown->models / sizeof shown->models[0]];
    size_t *conditions = ARENA_NEW(drawing->arena, size_t, dataset->condition_count);
    size_t count = severities_of(dataset, type, conditions);
    for (size_t m = 0; m < shown->count; m++)
        drawn[m] =
            put_data(script, dataset, shown->models[m], conditions, count, &panels->range, panel);
    panels_next(panels, drawing, panel, type);
    put_ticks(script, dataset, conditions, count);
    fputs("plot ", script);
    for (size_t m = 0; m < shown->count && shown->count <= MAX_BANDS; m++)
        if (drawn[m] && shown->models[m]->finished > 1)
            fprintf(script,
                    "$panel%zu_model%zu using 1:3:4 with filledcurves fillcolor rgb '%s' "
                    "fillstyle transparent solid 0.16 noborder notitle, ",
                    panel, shown->models[m]->position, shown->models[m]->colour);
    for (size_t m = 0; m < shown->count; m++)
        if (drawn[m]) {
            fprintf(script, "$panel%zu_model%zu using 1:2", panel, shown->models[m]->position);
            put_style(script, "linespoints", shown->models[m]);
            fputs(" notitle, ", script);
        }
    fputs("NaN notitle\n", script);
}

/* Means with their deviations, as long as that leaves the axis as it is: linear or logarithmic. */
static struct range find_range(const struct dataset_results *dataset, const struct shown *shown) {
    struct range means = EMPTY_RANGE, wider = EMPTY_RANGE;
    for (size_t c = 0; c < dataset->condition_count; c++) {
        if (dataset->conditions[c].kind != CONDITION_NOISE && c != dataset->test)
            continue;
        for (size_t m = 0; m < shown->count; m++) {
            struct summary summary = scores_at(dataset, shown->models[m], c, 0)->summary;
            if (summary.count == 0)
                continue;
            range_include(&means, summary.mean);
            range_include(&wider, summary.mean - summary.deviation);
            range_include(&wider, summary.mean + summary.deviation);
        }
    }
    if (means.min > 0 && wider.min < 0.8 * means.min)
        wider.min = 0.8 * means.min;
    return wider;
}

static bool draw(const struct section *section, struct drawing *drawing) {
    const struct dataset_results *dataset = section->results;
    const struct degradations *degradations = &section->degradations;
    struct shown shown = models_shown(dataset);
    struct panels panels = {
        .count = degradations->type_count,
        .columns = degradations->type_count > FEW_PANELS ? 4 : 3,
        .panel_height = degradations->type_count > FEW_PANELS ? 170 : 230,
        .x_label = "severity",
        .shown = &shown,
    };
    if (panels.count == 0)
        return false;
    panels.columns = panels.count < panels.columns ? panels.count : panels.columns;
    panels.range = find_range(dataset, &shown);
    if (!isfinite(panels.range.min))
        return false;
    panels.y_label = score_label(&dataset->metrics[0], drawing->arena);
    panels_begin(&panels, drawing);
    for (size_t p = 0; p < panels.count; p++)
        put_panel(dataset, &panels, drawing, p, degradations->types[p]);
    panels_end(&panels, drawing);
    drawing->description = arena_printf(
        drawing->arena,
        "Test %s on %s against the severity of %s: mean over seeds, and a band of one standard "
        "deviation; severity 0 is the clean score%s.",
        dataset->metrics[0].title, dataset->title,
        panels.count == 1 ? degradations->types[0]
                          : arena_printf(drawing->arena, "%zu perturbations", panels.count),
        shown_note(&shown, dataset, drawing->arena));
    return true;
}

const struct plot_type plot_noise = {"noise", "Degradation under perturbations", "robustness",
                                     draw};
