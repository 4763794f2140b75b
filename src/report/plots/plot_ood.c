/* The clean test score beside that under every shift: bars with their standard deviation; points on
 * a logarithmic axis where bars would differ too much in length. */
#include "report/plots/plot.h"

#include <math.h>

enum { MAX_LEVEL_LABELS = 5 };

static const double GROUP_WIDTH = 0.8;

static bool is_shown(const struct dataset_results *dataset, size_t c) {
    return c == dataset->test || dataset->conditions[c].kind == CONDITION_OOD;
}

/* Lines of "group mean deviation". */
static bool put_data(FILE *script, const struct dataset_results *dataset,
                     const struct model_results *model, size_t m, struct range *range) {
    size_t group = 0, points = 0;
    fprintf(script, "$model%zu << END\n", m);
    for (size_t c = 0; c < dataset->condition_count; c++) {
        if (!is_shown(dataset, c))
            continue;
        struct summary summary = scores_at(dataset, model, c, 0)->summary;
        if (isfinite(summary.mean)) {
            fprintf(script, "%zu %.9g %.9g\n", group, summary.mean, summary.deviation);
            range_include(range, summary.mean);
            points++;
        }
        group++;
    }
    fputs("END\n", script);
    return points > 0;
}

/* The names of the groups; returns their number. */
static size_t put_groups(FILE *script, const struct dataset_results *dataset) {
    size_t group = 0;
    fputs("set xtics scale 0 (", script);
    for (size_t c = 0; c < dataset->condition_count; c++)
        if (is_shown(dataset, c)) {
            fputs(group == 0 ? "" : ", ", script);
            put_tic_label(script, c == dataset->test ? "clean" : dataset->conditions[c].name);
            fprintf(script, " %zu", group++);
        }
    fputs(")\n", script);
    if (group > MAX_LEVEL_LABELS)
        fputs("set xtics rotate by -35 left\n", script);
    return group;
}

/* The deviation is drawn as a line with two heads: gnuplot's own error bars would leave a white
 * spot for their point. */
static void put_bars(FILE *script, const struct model_results *model, size_t m, double offset,
                     double width) {
    /* Bars beside each other can be told apart without colour. Hatching would do that, too, but makes a page of two
     * data sets that is printed from Chromium 17 MB, not 3. */
    static const double densities[] = {1, 0.3, 0.65, 0.1};
    fprintf(script,
            "$model%zu using ($1+%.4f):2:(%.4f) with boxes linecolor rgb '%s' fillstyle solid %g "
            "border",
            m, offset, width, model->colour,
            densities[m % (sizeof densities / sizeof densities[0])]);
    put_title(script, model);
    fprintf(script,
            ", $model%zu using ($1+%.4f):($2-$3):(0):(2*$3) with vectors heads size screen "
            "0.003,90 nofilled linecolor rgb '#222222' linewidth 1 notitle, ",
            m, offset);
}

static void put_points(FILE *script, const struct model_results *model, size_t m, double offset) {
    fprintf(script, "$model%zu using ($1+%.4f):2:3", m, offset);
    put_style(script, "yerrorbars", model);
    put_title(script, model);
    fputs(", ", script);
}

static bool draw(const struct section *section, struct drawing *drawing) {
    const struct dataset_results *dataset = section->results;
    FILE *script = drawing->script;
    if (dataset->metric_count == 0 || !has_condition(dataset, CONDITION_OOD))
        return false;
    struct range range = EMPTY_RANGE;
    struct shown shown = models_shown(dataset);
    bool drawn[sizeof shown.models / sizeof shown.models[0]] = {false};
    size_t count = 0;
    for (size_t m = 0; m < shown.count; m++) {
        drawn[m] = put_data(script, dataset, shown.models[m], m, &range);
        count += drawn[m];
    }
    if (count == 0)
        return false;
    bool bars = !wants_logarithm(range.min, range.max);
    size_t groups = put_groups(script, dataset);
    put_score_label(script, dataset);
    fprintf(script, "set xrange [-0.6:%.1f]\n", (double)groups - 0.4);
    if (!bars)
        fprintf(script, "set logscale y\nset yrange [%.9g:%.9g]\n", range.min / 2, 2 * range.max);
    else if (range.min >= 0)
        fputs("set yrange [0:*]\n", script);
    drawing->width = WIDE_PLOT;
    fputs("plot ", script);
    double width = GROUP_WIDTH / (double)count, offset = -GROUP_WIDTH / 2 + width / 2;
    for (size_t m = 0; m < shown.count; m++) {
        const struct model_results *model = shown.models[m];
        if (!drawn[m])
            continue;
        if (bars)
            put_bars(script, model, m, offset, 0.9 * width);
        else
            put_points(script, model, m, offset);
        offset += width;
    }
    fputs("NaN notitle\n", script);
    drawing->height += key_height(&shown, drawing->width);
    drawing->description = arena_printf(
        drawing->arena,
        "Test %s on %s, clean and under %zu shift%s: mean and standard deviation over seeds%s.",
        dataset->metrics[0].title, dataset->title, groups - 1, groups == 2 ? "" : "s",
        shown_note(&shown, dataset, drawing->arena));
    return true;
}

const struct plot_type plot_ood = {"ood", "Out-of-distribution generalization", "ood", draw};
