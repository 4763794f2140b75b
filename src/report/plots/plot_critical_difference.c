/* The critical-difference diagram of Demšar 2006: models along an axis of mean ranks; bars join
 * those that Nemenyi's test does not tell apart. */
#include "report/plots/plot.h"
#include "report/tables/format.h"

#include <math.h>

enum {
    SIDE = 210, /* pixels left and right of the axis, for names */
    AXIS = 96,  /* from the top */
    ROW = 30,
    BAR = 12
};

struct diagram {
    const struct across *across;
    size_t *order; /* models, best first */
    double width, height;
    FILE *script;
};

static double rank_at(const struct diagram *diagram, size_t place) {
    return diagram->across->mean_ranks[diagram->order[place]];
}

/* Pixels from the left. */
static double x_of(const struct diagram *diagram, double rank) {
    double ranks = (double)diagram->across->model_count - 1;
    return SIDE + (rank - 1) / ranks * (diagram->width - 2 * SIDE);
}

static void put_line(const struct diagram *diagram, double x1, double y1, double x2, double y2,
                     const char *colour, double thickness) {
    fprintf(diagram->script,
            "set arrow from %.1f,%.1f to %.1f,%.1f nohead linecolor rgb '%s' linewidth %.1f\n", x1,
            diagram->height - y1, x2, diagram->height - y2, colour, thickness);
}

static void put_label(const struct diagram *diagram, const char *text, double x, double y,
                      const char *place) {
    fputs("set label ", diagram->script);
    put_quoted(diagram->script, text);
    fprintf(diagram->script, " at %.1f,%.1f %s textcolor rgb '#222222'\n", x, diagram->height - y,
            place);
}

static void put_axis(const struct diagram *diagram, struct arena *arena) {
    size_t count = diagram->across->model_count;
    put_line(diagram, x_of(diagram, 1), AXIS, x_of(diagram, (double)count), AXIS, "#444444", 1.5);
    size_t every = (count + 14) / 15;
    for (size_t rank = 1; rank <= count; rank += every) {
        double x = x_of(diagram, (double)rank);
        put_line(diagram, x, AXIS, x, AXIS - 6, "#444444", 1.5);
        put_label(diagram, arena_printf(arena, "%zu", rank), x, AXIS - 18, "center");
    }
    double critical = diagram->across->friedman.critical_difference;
    if (isnan(critical))
        return;
    double start = x_of(diagram, 1), end = fmin(x_of(diagram, 1 + critical), diagram->width - 8);
    put_line(diagram, start, 40, end, 40, "#444444", 2);
    put_line(diagram, start, 35, start, 45, "#444444", 2);
    put_line(diagram, end, 35, end, 45, "#444444", 2);
    put_label(diagram, arena_printf(arena, "critical difference %.2f", critical), start, 18,
              "left");
}

/* Bars over the longest runs of models that are closer than the critical difference; returns their
 * number. */
static size_t put_bars(const struct diagram *diagram) {
    double critical = diagram->across->friedman.critical_difference;
    size_t count = diagram->across->model_count, bars = 0, reached = 0;
    for (size_t first = 0; first < count && !isnan(critical); first++) {
        size_t last = first;
        while (last + 1 < count && rank_at(diagram, last + 1) - rank_at(diagram, first) < critical)
            last++;
        if (last == first || (bars > 0 && last <= reached))
            continue;
        double y = AXIS + 14 + BAR * (double)bars++;
        put_line(diagram, x_of(diagram, rank_at(diagram, first)) - 5, y,
                 x_of(diagram, rank_at(diagram, last)) + 5, y, "#222222", 5);
        reached = last;
    }
    return bars;
}

/* The better half is named at the left, the others at the right, so that lines do not cross. */
static void put_models(const struct diagram *diagram, double top, struct arena *arena) {
    size_t count = diagram->across->model_count, left = (count + 1) / 2;
    for (size_t place = 0; place < count; place++) {
        const struct model_results *model = diagram->across->models[diagram->order[place]];
        bool is_left = place < left;
        double row = is_left ? (double)place : (double)(count - 1 - place);
        double rank = rank_at(diagram, place);
        double y = top + ROW * row, x = x_of(diagram, rank);
        const char *name = shorten_text(arena, model->name, 18);
        double end = is_left ? SIDE - 12 : diagram->width - SIDE + 12;
        put_line(diagram, x, AXIS, x, y, model->colour, 2);
        put_line(diagram, x, y, end, y, model->colour, 2);
        put_label(diagram,
                  is_left ? arena_printf(arena, "%s  %.2f", name, rank)
                          : arena_printf(arena, "%.2f  %s", rank, name),
                  end + (is_left ? -8 : 8), y, is_left ? "right" : "left");
    }
}

static void sort_by_rank(struct diagram *diagram) {
    for (size_t m = 0; m < diagram->across->model_count; m++) {
        size_t place = m;
        for (; place > 0 && rank_at(diagram, place - 1) > diagram->across->mean_ranks[m]; place--)
            diagram->order[place] = diagram->order[place - 1];
        diagram->order[place] = m;
    }
}

static bool draw(const struct section *section, struct drawing *drawing) {
    const struct across *across = section->across;
    struct diagram diagram = {.across = across, .width = WIDE_PLOT, .script = drawing->script};
    diagram.order = ARENA_NEW(drawing->arena, size_t, across->model_count);
    sort_by_rank(&diagram);
    double rows = (double)((across->model_count + 1) / 2);
    double top = AXIS + 14 + BAR * (double)across->model_count / 2 + ROW / 2.0;
    diagram.height = top + ROW * rows;
    put_axis(&diagram, drawing->arena);
    size_t bars = put_bars(&diagram);
    put_models(&diagram, AXIS + 14 + BAR * (double)bars + ROW / 2.0, drawing->arena);
    fprintf(drawing->script,
            "unset border\nunset tics\nunset key\nunset grid\nset margins 0,0,0,0\n"
            "set xrange [0:%.0f]\nset yrange [0:%.0f]\nplot NaN notitle\n",
            diagram.width, diagram.height);
    drawing->width = (int)diagram.width;
    drawing->height = (int)diagram.height;
    drawing->description = arena_printf(
        drawing->arena,
        "Critical-difference diagram: mean ranks of %zu networks over %zu data sets, 1 is best. "
        "Bars join networks that Nemenyi's test at 5 %% does not tell apart.",
        across->model_count, across->dataset_count);
    return true;
}

const struct plot_type plot_critical_difference = {"critical_difference", "Mean ranks", "ranks",
                                                   draw};
