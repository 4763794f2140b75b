/* Errors along a stream that changes, and since its changes: of the weights as trained, and as they
 * go on learning. Scores along a ladder, and gradients by lag, are drawn by the same lines. */
#include "report/plots/panels.h"

#include <math.h>

/* Gradients vanish by forty orders of magnitude; what is smaller than this runs out at the bottom. */
static const double MIN_SHOWN = 1e-6;

/* A panel of one kind of curve. */
struct curve_panel {
    enum curve_kind kind;
    const char *title;
    bool drawn[sizeof((struct shown *)0)->models / sizeof((struct shown *)0)->models[0]];
    struct range x, y;
};

/* Mean over the seeds of a model's curves; false when there is none. Not finite: left out. */
static bool put_curve(const struct model_results *model, struct curve_panel *own, size_t panel,
                      struct drawing *drawing) {
    enum curve_kind kind = own->kind;
    const struct recorded_curve *longest = NULL;
    for (size_t t = 0; t < model->trial_count; t++) {
        const struct recorded_curve *curve = &model->trials[t]->curves[kind];
        if (model->trials[t]->ok && curve->count > 0 &&
            (longest == NULL || curve->count > longest->count))
            longest = curve;
    }
    if (longest == NULL)
        return false;
    size_t points = 0;
    fprintf(drawing->script, "$panel%zu_model%zu << END\n", panel, model->position);
    for (size_t i = 0; i < longest->count; i++) {
        double sum = 0, count = 0;
        for (size_t t = 0; t < model->trial_count; t++) {
            const struct recorded_curve *curve = &model->trials[t]->curves[kind];
            if (model->trials[t]->ok && i < curve->count) {
                sum += curve->y[i];
                count++;
            }
        }
        if (!(sum > 0) || !isfinite(sum)) /* axes are logarithmic */
            continue;
        fprintf(drawing->script, "%.9g %.9g\n", longest->x[i], sum / count);
        if (sum / count >= MIN_SHOWN)
            range_include(&own->y, sum / count);
        range_include(&own->x, longest->x[i]);
        points++;
    }
    fputs("END\n", drawing->script);
    return points > 0;
}

/* Room at the right, so that the last label does not meet the first of the next panel. */
static void put_x_range(const struct curve_panel *own, FILE *script) {
    double width = own->x.max > own->x.min ? own->x.max - own->x.min : 1;
    if (own->kind == CURVE_LADDER && own->x.min > 0)
        fprintf(script, "set logscale x 2\nset xrange [%.9g:%.9g]\n", own->x.min / 1.1,
                own->x.max * 1.1);
    else
        fprintf(script, "set xrange [%.9g:%.9g]\n", own->x.min - 0.02 * width,
                own->x.max + 0.08 * width);
}

static void put_lines(const struct panels *panels, const struct curve_panel *own, size_t panel,
                      const char *style, struct drawing *drawing) {
    fputs("plot ", drawing->script);
    for (size_t m = 0; m < panels->shown->count; m++)
        if (own->drawn[m]) {
            fprintf(drawing->script, "$panel%zu_model%zu using 1:2", panel,
                    panels->shown->models[m]->position);
            put_style(drawing->script, style, panels->shown->models[m]);
            fputs(" notitle, ", drawing->script);
        }
    fputs("NaN notitle\n", drawing->script);
}

enum { FIRST_LABEL = 100 }; /* above those of the panels */

/* Dotted lines where regimes change, and their names at the top. */
static void put_changes(const struct dataset_results *dataset, FILE *script) {
    const struct recorded_details *details = NULL;
    for (size_t m = 0; details == NULL && m < dataset->model_count; m++)
        for (size_t t = 0; t < dataset->models[m].trial_count; t++)
            if (dataset->models[m].trials[t]->details.visit_count > 0)
                details = &dataset->models[m].trials[t]->details;
    for (size_t v = 0; details != NULL && v < details->visit_count; v++) {
        double row = details->visits[v].row;
        if (v > 0)
            fprintf(script,
                    "set arrow from %.9g, graph 0 to %.9g, graph 1 nohead back linecolor rgb "
                    "'#888888' dashtype (2,3)\n",
                    row, row);
        fprintf(script, "set label %zu ", FIRST_LABEL + v);
        put_quoted(script, details->visits[v].regime);
        fprintf(script, " at %.9g, graph 0.96 offset 0.4,0 font ',11' textcolor rgb '#666666'\n",
                row);
    }
}

/* Those of the models that have such a curve. */
static struct shown models_with(const struct dataset_results *dataset, enum curve_kind kind) {
    struct shown all = models_shown(dataset), with = {0};
    for (size_t m = 0; m < all.count; m++) {
        size_t count = 0;
        for (size_t t = 0; t < all.models[m]->trial_count; t++)
            count += all.models[m]->trials[t]->curves[kind].count;
        if (count > 0)
            with.models[with.count++] = all.models[m];
    }
    return with;
}

/* Draws those of the panels for which there are curves; how many. x_label NULL: titles say it. */
static size_t draw_panels(const struct dataset_results *dataset, const struct shown *shown,
                          struct curve_panel *all, size_t count, const char *x_label,
                          const char *y_label, const char *style, struct drawing *drawing) {
    struct panels panels = {.panel_height = 270,
                            .range = EMPTY_RANGE,
                            .x_label = x_label,
                            .y_label = y_label,
                            .shown = shown};
    for (size_t p = 0; p < count; p++) {
        bool any = false;
        struct curve_panel *own = &all[panels.count];
        *own = all[p];
        own->x = own->y = EMPTY_RANGE;
        for (size_t m = 0; m < shown->count; m++) {
            own->drawn[m] = put_curve(shown->models[m], own, panels.count, drawing);
            any = any || own->drawn[m];
        }
        range_include(&panels.range, own->y.min);
        range_include(&panels.range, own->y.max);
        panels.count += any;
    }
    if (panels.count == 0 || !isfinite(panels.range.min))
        return 0;
    panels.columns = panels.count < 2 ? 1 : 2;
    panels_begin(&panels, drawing);
    for (size_t p = 0; p < panels.count; p++) {
        FILE *script = drawing->script;
        panels_next(&panels, drawing, p, all[p].title);
        if (p > 0) /* the first has those of the panels */
            fputs("unset arrow\nunset label\n", script);
        put_x_range(&all[p], script);
        if (all[p].kind <= CURVE_STREAM_ONLINE)
            put_changes(dataset, script);
        put_lines(&panels, &all[p], p, style, drawing);
    }
    panels_end(&panels, drawing);
    return panels.count;
}

static bool draw_stream(const struct section *section, struct drawing *drawing) {
    const struct dataset_results *dataset = section->results;
    struct shown shown = models_with(dataset, CURVE_STREAM_FROZEN);
    struct curve_panel panels[] = {
        {.kind = CURVE_STREAM_FROZEN, .title = "weights as trained: row by row"},
        {.kind = CURVE_STREAM_ONLINE, .title = "learning on: row by row"},
        {.kind = CURVE_CHANGE_FROZEN, .title = "weights as trained: rows since a change"},
        {.kind = CURVE_CHANGE_ONLINE, .title = "learning on: rows since a change"},
    };
    if (draw_panels(dataset, &shown, panels, 4, NULL, "error (lower is better)", "lines",
                    drawing) == 0)
        return false;
    drawing->description = arena_printf(
        drawing->arena,
        "Prequential error on a stream of %s that changes: mean over series and seeds%s. Above "
        "along "
        "the stream, dotted where the regime changes; below since a change, mean over changes.",
        dataset->title, shown_note(&shown, dataset, drawing->arena));
    return true;
}

static bool draw_ladder(const struct section *section, struct drawing *drawing) {
    const struct dataset_results *dataset = section->results;
    if (dataset->metric_count == 0)
        return false;
    struct shown shown = models_with(dataset, CURVE_LADDER);
    const char *vary = "";
    for (size_t m = 0; vary[0] == '\0' && m < dataset->model_count; m++)
        vary = dataset->models[m].trials[0]->details.vary;
    struct curve_panel panels[] = {{.kind = CURVE_LADDER, .title = ""}};
    if (draw_panels(dataset, &shown, panels, 1, vary, score_label(dataset, drawing->arena),
                    "linespoints", drawing) == 0)
        return false;
    drawing->description =
        arena_printf(drawing->arena,
                     "Test %s on %s when \"%s\" grows, each from a training of its own: mean over "
                     "seeds%s.",
                     dataset->metrics[0].title, dataset->title, vary,
                     shown_note(&shown, dataset, drawing->arena));
    return true;
}

static bool draw_gradient_lag(const struct section *section, struct drawing *drawing) {
    const struct dataset_results *dataset = section->results;
    struct shown shown = models_with(dataset, CURVE_GRADIENT_TRAINED);
    struct curve_panel panels[] = {
        {.kind = CURVE_GRADIENT_TRAINED, .title = "trained"},
        {.kind = CURVE_GRADIENT_FRESH, .title = "untrained"},
    };
    if (draw_panels(dataset, &shown, panels, 2, "lag k in rows", "norm of the gradient", "lines",
                    drawing) == 0)
        return false;
    drawing->description =
        arena_printf(drawing->arena,
                     "Norm of the gradient of the last output on %s by the input so many rows "
                     "before, divided by "
                     "the largest: mean over seeds%s. A line that falls early forgets early.",
                     dataset->title, shown_note(&shown, dataset, drawing->arena));
    return true;
}

const struct plot_type plot_stream = {"stream", "A stream that changes", "stream", draw_stream};
const struct plot_type plot_ladder = {"ladder", "Score against length", "ladder", draw_ladder};
const struct plot_type plot_gradient_lag = {"gradient_lag", "Gradients by lag", "gradient_lag",
                                            draw_gradient_lag};
