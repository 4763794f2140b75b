/* The headline metric against the severity of each kind of noise: mean and standard deviation. */
#include "report/plot.h"

#include <math.h>
#include <string.h>

enum { MOST_COLUMNS = 3, PANEL_WIDTH = 340, PANEL_HEIGHT = 300, MOST_ERROR_BARS = 10 };

struct panels {
    const char **types; /* kinds of noise in order of first appearance */
    size_t count, columns, rows;
    double least, most; /* over all panels, which share their scale */
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

static void put_panel(FILE *script, const struct dataset_results *dataset, size_t panel,
                      const char *type) {
    struct arena arena = {0};
    bool *drawn = ARENA_NEW(&arena, bool, dataset->model_count + 1);
    for (size_t m = 0; m < dataset->model_count; m++)
        drawn[m] = put_data(script, dataset, m, panel, type);
    fputs("set title ", script);
    put_quoted(script, type);
    fputs("\nplot ", script);
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

/* One key for all panels, below them. */
static int key_rows(const struct dataset_results *dataset, int width) {
    size_t longest = 1;
    for (size_t m = 0; m < dataset->model_count; m++) {
        size_t length = strlen(dataset->models[m].name);
        longest = length > longest ? length : longest;
    }
    int column = 9 * (int)(longest > 40 ? 40 : longest) + 50;
    int columns = width / column < 1 ? 1 : width / column;
    return ((int)dataset->model_count + columns - 1) / columns;
}

static bool draw(const struct dataset_results *dataset, struct drawing *drawing) {
    FILE *script = drawing->script;
    if (dataset->metric_count == 0)
        return false;
    struct panels panels = find_panels(dataset, drawing->arena);
    if (panels.count == 0 || isinf(panels.least))
        return false;
    drawing->width = panels.count == 1 ? drawing->width : PANEL_WIDTH * (int)panels.columns + 60;
    int rows = key_rows(dataset, drawing->width - 100);
    int key_height = 30 + 22 * rows;
    drawing->height = PANEL_HEIGHT * (int)panels.rows + key_height + 60;
    fprintf(script,
            "set multiplot layout %zu,%zu margins screen %.4f,%.4f,%.4f,%.4f spacing screen "
            "%.4f,%.4f\n",
            panels.rows, panels.columns, 85.0 / drawing->width, 1 - 20.0 / drawing->width,
            (key_height + 45.0) / drawing->height, 1 - 40.0 / drawing->height,
            60.0 / drawing->width, 85.0 / drawing->height);
    fprintf(script, "set key at screen 0.5, screen %.4f center bottom horizontal maxrows %d\n",
            8.0 / drawing->height, rows);
    if (wants_logarithm(panels.least, panels.most))
        fputs("set logscale y\n", script);
    fputs("set offsets graph 0.03, graph 0.03, graph 0.04, graph 0.04\nset xlabel 'severity'\n",
          script);
    for (size_t p = 0; p < panels.count; p++) {
        if (p % panels.columns == 0)
            put_score_label(script, &dataset->metrics[0]);
        else
            fputs("unset ylabel\n", script);
        if (p == 1)
            fputs("unset key\n", script);
        put_panel(script, dataset, p, panels.types[p]);
    }
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
