/* The headline metric against the severity of each kind of noise: mean and standard deviation. */
#include "report/plot.h"

#include <math.h>
#include <string.h>

enum { MOST_COLUMNS = 3, PANEL_HEIGHT = 300, MOST_ERROR_BARS = 10 };

struct panels {
    const char **types; /* kinds of noise in order of first appearance */
    size_t count, columns, rows;
    double least, most; /* over all panels: they all have a linear axis or all a logarithmic one */
};

static struct panels find_panels(const struct dataset_results *dataset, struct arena *arena) {
    struct panels panels = {.least = INFINITY, .most = -INFINITY};
    panels.types = ARENA_NEW(arena, const char *, dataset->condition_count + 1);
    for (size_t c = 0; c < dataset->condition_count; c++) {
        const struct condition *condition = &dataset->conditions[c];
        if (condition->kind != CONDITION_NOISE && c != dataset->test)
            continue;
        for (size_t m = 0; m < dataset->model_count; m++) {
            struct summary summary = scores_at(dataset, &dataset->models[m], c, 0)->summary;
            if (summary.count > 0) {
                panels.least = fmin(panels.least, summary.mean);
                panels.most = fmax(panels.most, summary.mean);
            }
        }
        size_t p = 0;
        while (p < panels.count && strcmp(panels.types[p], condition->name) != 0)
            p++;
        if (p == panels.count && condition->kind == CONDITION_NOISE)
            panels.types[panels.count++] = condition->name;
    }
    panels.columns = panels.count < MOST_COLUMNS ? panels.count : MOST_COLUMNS;
    panels.rows = panels.count == 0 ? 0 : (panels.count + panels.columns - 1) / panels.columns;
    return panels;
}

/* Lines of "severity mean deviation", the clean score at severity 0. */
static bool put_data(FILE *script, const struct dataset_results *dataset, size_t m, size_t panel,
                     const char *type) {
    size_t points = 0;
    fprintf(script, "$panel%zu_model%zu << END\n", panel, m);
    for (size_t c = 0; c < dataset->condition_count; c++) {
        const struct condition *condition = &dataset->conditions[c];
        bool noisy = condition->kind == CONDITION_NOISE && strcmp(condition->name, type) == 0;
        struct summary summary = scores_at(dataset, &dataset->models[m], c, 0)->summary;
        if ((!noisy && c != dataset->test) || summary.count == 0)
            continue;
        fprintf(script, "%.9g %.9g %.9g\n", noisy ? condition->severity : 0, summary.mean,
                summary.deviation);
        points++;
    }
    fputs("END\n", script);
    return points > 0;
}

static double highest_severity(const struct dataset_results *dataset, const char *type) {
    double highest = 0;
    for (size_t c = 0; c < dataset->condition_count; c++)
        if (dataset->conditions[c].kind == CONDITION_NOISE &&
            strcmp(dataset->conditions[c].name, type) == 0)
            highest = fmax(highest, dataset->conditions[c].severity);
    return highest > 0 ? highest : 1;
}

static void put_panel(FILE *script, const struct dataset_results *dataset, size_t panel,
                      const char *type) {
    struct arena arena = {0};
    bool *drawn = ARENA_NEW(&arena, bool, dataset->model_count + 1);
    for (size_t m = 0; m < dataset->model_count; m++)
        drawn[m] = put_data(script, dataset, m, panel, type);
    fputs("set title ", script);
    put_quoted(script, type);
    double harshest = highest_severity(dataset, type);
    fprintf(script, "\nset xrange [%.9g:%.9g]\nplot ", -0.03 * harshest, 1.03 * harshest);
    for (size_t m = 0; m < dataset->model_count; m++) {
        const struct model_results *model = &dataset->models[m];
        if (!drawn[m])
            continue;
        bool bars = dataset->model_count <= MOST_ERROR_BARS && model->finished > 1;
        fprintf(script, "$panel%zu_model%zu using %s", panel, m, bars ? "1:2:3" : "1:2");
        put_style(script, bars ? "yerrorlines" : "linespoints", model);
        put_title(script, model);
        fputs(", ", script);
    }
    fputs("NaN notitle\n", script);
    arena_free(&arena);
}

/* An empty plot across the whole width that holds nothing but the key. */
static void put_key(FILE *script, const struct dataset_results *dataset, double height) {
    fprintf(script,
            "set margins 0,0,0,0\nset lmargin at screen 0.02\nset rmargin at screen 0.98\n"
            "set bmargin at screen 0.005\nset tmargin at screen %.4f\nunset border\nunset tics\n"
            "unset grid\nunset title\nunset xlabel\nunset ylabel\nunset logscale\n"
            "set xrange [0:1]\nset yrange [0:1]\nset key inside center center horizontal\nplot ",
            height);
    for (size_t m = 0; m < dataset->model_count; m++) {
        if (scores_at(dataset, &dataset->models[m], dataset->test, 0)->summary.count == 0)
            continue;
        fputs("NaN", script);
        put_style(script, "linespoints", &dataset->models[m]);
        put_title(script, &dataset->models[m]);
        fputs(", ", script);
    }
    fputs("NaN notitle\n", script);
}

static bool draw(const struct dataset_results *dataset, struct drawing *drawing) {
    FILE *script = drawing->script;
    if (dataset->metric_count == 0)
        return false;
    struct panels panels = find_panels(dataset, drawing->arena);
    if (panels.count == 0 || isinf(panels.least))
        return false;
    drawing->width = panels.count == 1 ? drawing->width : WIDE_PLOT;
    int key = key_height(dataset, drawing->width);
    drawing->height = PANEL_HEIGHT * (int)panels.rows + key + 70;
    fprintf(script,
            "set multiplot layout %zu,%zu margins screen %.4f,%.4f,%.4f,%.4f spacing screen "
            "%.4f,%.4f\n",
            panels.rows, panels.columns, 85.0 / drawing->width, 1 - 20.0 / drawing->width,
            (key + 58.0) / drawing->height, 1 - 40.0 / drawing->height, 60.0 / drawing->width,
            95.0 / drawing->height);
    fputs("unset key\n", script);
    if (wants_logarithm(panels.least, panels.most))
        fputs("set logscale y\n", script);
    fputs("set offsets 0, 0, graph 0.04, graph 0.04\nset xlabel 'severity'\n", script);
    for (size_t p = 0; p < panels.count; p++) {
        if (p % panels.columns == 0)
            put_score_label(script, &dataset->metrics[0]);
        else
            fputs("unset ylabel\n", script);
        put_panel(script, dataset, p, panels.types[p]);
    }
    put_key(script, dataset, (double)key / drawing->height);
    fputs("unset multiplot\n", script);
    drawing->description = arena_printf(
        drawing->arena,
        "Test %s on %s against the severity of %s: mean and standard deviation over seeds; "
        "severity 0 is the clean score.",
        dataset->metrics[0].title, dataset->title,
        panels.count == 1 ? arena_printf(drawing->arena, "%s noise", panels.types[0])
                          : arena_printf(drawing->arena, "%zu kinds of noise", panels.count));
    return true;
}

const struct plot_type plot_noise = {"noise", "Robustness to noise", draw};
