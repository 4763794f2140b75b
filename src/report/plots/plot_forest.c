/* Forest plot: for each hypothesis the effect on each data set and over all of them, as ratios, with
 * the band in which a difference does not matter. */
#include "report/plots/plot.h"

#include <math.h>
#include <string.h>

enum {
    ROW = 20,
    TOP_ROOM = 20,
    BOTTOM_ROOM = 62,
    CHARACTER = 9,
    MIN_LABELS = 200,
    MAX_LABELS = 480
};

/* Ratios beyond 32 are at the edge. */
#define FARTHEST 3.4657359

static double clamp(double value, double limit) {
    return value < -limit ? -limit : value > limit ? limit : value;
}

static const char *verdict_colour(enum decision verdict) {
    static const char *const colours[] = {[UNDECIDED] = "#7a7a7a",
                                          [SUPPORTED] = "#009e73",
                                          [REFUTED] = "#d55e00",
                                          [NO_DIFFERENCE] = "#0072b2"};
    return colours[verdict];
}

/* The farthest that points and intervals of the combined effects reach from 1. */
static double reach_of(const struct hypotheses *hypotheses) {
    double reach = log(1.2);
    for (size_t h = 0; h < hypotheses->count; h++) {
        const struct hypothesis *hypothesis = &hypotheses->items[h];
        const double values[] = {hypothesis->low, hypothesis->high, log1p(hypothesis->options.by)};
        for (size_t i = 0; i < 3; i++)
            if (isfinite(values[i]))
                reach = fmax(reach, fabs(values[i]));
        for (size_t u = 0; u < hypothesis->unit_count; u++)
            if (isfinite(hypothesis->units[u].effect.mean))
                reach = fmax(reach, fabs(hypothesis->units[u].effect.mean));
    }
    return fmin(reach, FARTHEST);
}

/* A label at the left of the axis. */
static void put_row_label(FILE *script, const char *text, double y, const char *colour, bool bold) {
    fputs("set label ", script);
    put_quoted(script, text);
    fprintf(script, " at graph -0.01, first %.1f right font '%s,%d' textcolor rgb '%s'\n", y,
            bold ? "sans-serif:Bold" : "sans-serif", 12, colour);
}

static void put_interval(FILE *script, double mean, double low, double high, double y, double reach,
                         const char *colour, double width) {
    if (isnan(mean))
        return;
    if (!isnan(low) && !(isinf(low) && isinf(high)))
        fprintf(script,
                "set arrow from first %.6g,%.1f to first %.6g,%.1f nohead back linecolor rgb '%s' "
                "linewidth %.1f\n",
                exp(clamp(low, reach)), y, exp(clamp(high, reach)), y, colour, width);
    fprintf(script,
            "set label '' at first %.6g,%.1f point pointtype %d pointsize %.1f linecolor rgb "
            "'%s'\n",
            exp(clamp(mean, reach)), y,
            fabs(mean) > reach ? 12
            : width > 2        ? 13
                               : 7,
            width > 2   ? 1.1
            : width > 1 ? 0.5
                        : 0.8,
            colour);
}

static void put_band(FILE *script, double by, double top, double bottom) {
    if (by > 0)
        fprintf(script,
                "set object rectangle from first %.6g,%.1f to first %.6g,%.1f behind fillcolor rgb "
                "'#eeeeee' fillstyle solid noborder\n",
                1 / (1 + by), bottom, 1 + by, top);
}

/* How the effects on data sets are shown: in rows of their own, or as dots in that of all of them. */
enum forest_style { FOREST_ROWS, FOREST_DOTS };

static void put_unit_dots(FILE *script, const struct hypothesis *hypothesis, double y,
                          double reach) {
    for (size_t u = 0; u < hypothesis->unit_count; u++)
        put_interval(script, hypothesis->units[u].effect.mean, NAN, NAN, y, reach, "#222222", 1);
}

/* The data set's name, with its experiment where two have one name. */
static const char *unit_label(const struct hypothesis *hypothesis, size_t unit) {
    const struct dataset_results *own = hypothesis->units[unit].dataset;
    for (size_t u = 0; u < hypothesis->unit_count; u++)
        if (u != unit && strcmp(hypothesis->units[u].dataset->name, own->name) == 0)
            return own->title;
    return own->name;
}

/* Pixels at the left that the longest label takes. */
static int label_room(const struct hypotheses *hypotheses, enum forest_style style) {
    double longest = 0;
    for (size_t h = 0; h < hypotheses->count; h++) {
        const struct hypothesis *own = &hypotheses->items[h];
        longest = fmax(longest, (double)strlen(own->options.name));
        for (size_t u = 0; style == FOREST_ROWS && u < own->unit_count; u++)
            longest = fmax(longest, (double)strlen(unit_label(own, u)));
    }
    return (int)fmin(fmax(MIN_LABELS, 20 + CHARACTER * longest), MAX_LABELS);
}

static double put_unit_rows(FILE *script, const struct hypothesis *hypothesis, double y,
                            double reach) {
    for (size_t u = 0; u < hypothesis->unit_count; u++) {
        const struct hypothesis_unit *unit = &hypothesis->units[u];
        put_row_label(script, unit_label(hypothesis, u), y, "#666666", false);
        put_interval(script, unit->effect.mean, unit->low, unit->high, y--, reach, "#888888", 1.5);
    }
    return y - 0.6;
}

/* Rows count downwards from 0; returns the next one. */
static double put_hypothesis(FILE *script, const struct hypothesis *hypothesis,
                             enum forest_style style, double y, double reach) {
    const char *colour = verdict_colour(hypothesis->verdict);
    bool with_units = hypothesis->unit_count > 1, in_rows = style == FOREST_ROWS;
    double rows = 1 + (with_units && in_rows ? (double)hypothesis->unit_count : 0);
    put_band(script, hypothesis->options.by, y + 0.5, y - rows + 0.5);
    put_row_label(script, hypothesis->options.name, y, "#222222", in_rows);
    fputs("set label ", script);
    put_quoted(script, decision_short_name(hypothesis->verdict));
    fprintf(script, " at graph 1.01, first %.1f left font ',12' textcolor rgb '%s'\n", y, colour);
    put_interval(script, hypothesis->effect.mean, hypothesis->low, hypothesis->high, y, reach,
                 colour, in_rows ? 4 : 2.2);
    if (with_units && in_rows)
        return put_unit_rows(script, hypothesis, y - 1, reach);
    if (with_units)
        put_unit_dots(script, hypothesis, y, reach);
    return y - (in_rows ? 1.6 : 1);
}

/* Ratios at both sides of 1, as many as there is room for. */
static void put_tics(FILE *script, double reach) {
    static const double ratios[] = {1.01, 1.02, 1.05, 1.1, 1.2, 1.5, 2, 3, 4, 6, 8, 16, 32};
    double last = 0;
    fputs("set xtics (1", script);
    for (size_t r = 0; r < sizeof ratios / sizeof ratios[0]; r++) {
        double place = log(ratios[r]);
        if (place > 1.05 * reach || place - last < reach / 3.2)
            continue;
        fprintf(script, ", %g, '×%.2g' %.9g", ratios[r], 1 / ratios[r], 1 / ratios[r]);
        last = place;
    }
    fputs(")\n", script);
}

static void draw_forest(const struct hypotheses *hypotheses, enum forest_style style,
                        struct drawing *drawing) {
    FILE *script = drawing->script;
    double y = 0, reach = reach_of(hypotheses);
    for (size_t h = 0; h < hypotheses->count; h++)
        y = put_hypothesis(script, &hypotheses->items[h], style, y, reach);
    drawing->width = WIDE_PLOT;
    drawing->height = TOP_ROOM + BOTTOM_ROOM + (int)(ROW * -y);
    put_tics(script, reach);
    fprintf(script,
            "set lmargin at screen %.4f\nset rmargin at screen %.4f\nset tmargin at screen %.5f\n"
            "set bmargin at screen %.5f\nset logscale x 2\nset xrange [%.6g:%.6g]\n"
            "set yrange [%.1f:0.9]\nunset ytics\nset border 1\nunset grid\nunset key\n"
            "set format x '×%%g'\nset xlabel 'ratio to the models compared with'\n"
            "set arrow from first 1,graph 0 to first 1,graph 1 nohead back linecolor rgb '#444444' "
            "linewidth 1\nplot NaN notitle\n",
            (double)label_room(hypotheses, style) / WIDE_PLOT, 0.85,
            1 - (double)TOP_ROOM / drawing->height, (double)BOTTOM_ROOM / drawing->height,
            exp(-1.05 * reach), exp(1.05 * reach), y);
}

static size_t count_rows(const struct hypotheses *hypotheses) {
    size_t rows = 0;
    for (size_t h = 0; h < hypotheses->count; h++)
        rows += 1 + hypotheses->items[h].unit_count;
    return rows;
}

static bool draw_rows(const struct section *section, struct drawing *drawing) {
    draw_forest(section->hypotheses, FOREST_ROWS, drawing);
    drawing->description =
        "Effects on each data set (thin, 95 % intervals) and over all of them (thick, at the level "
        "that the correction leaves). In the grey band a difference does not matter. Effects "
        "beyond "
        "the axis stand at its edge.";
    return true;
}

/* All at a glance, where the rows of the data sets are many. */
static bool draw_dots(const struct section *section, struct drawing *drawing) {
    enum { MANY = 60 };
    if (count_rows(section->hypotheses) < MANY)
        return false;
    draw_forest(section->hypotheses, FOREST_DOTS, drawing);
    drawing->description =
        "Effects over all data sets (thick, at the level that the correction leaves) and on each "
        "(dots). In the grey band a difference does not matter. Effects beyond the axis stand at "
        "its edge.";
    return true;
}

const struct plot_type plot_forest = {"forest", "Effects", "hypotheses", draw_rows};
const struct plot_type plot_forest_overview = {"forest-overview", "Effects at a glance",
                                               "hypotheses", draw_dots};
