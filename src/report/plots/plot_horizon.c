/* The headline metric against the step ahead of a forecast. */
#include "report/plots/plot.h"
#include "report/results/breakdown.h"

#include <math.h>

/* Lines of "step mean deviation". */
static bool put_data(FILE *script, const struct model_results *model, const struct test_part *steps,
                     size_t count, struct range *range) {
    size_t points = 0;
    fprintf(script, "$model%zu << END\n", model->position);
    for (size_t s = 0; s < count; s++) {
        struct summary summary = summarize_part(model, &steps[s]);
        if (!isfinite(summary.mean))
            continue;
        fprintf(script, "%.9g %.9g %.9g\n", steps[s].step, summary.mean, summary.deviation);
        range_include(range, summary.mean);
        points++;
    }
    fputs("END\n", script);
    return points > 0;
}

static bool draw(const struct section *section, struct drawing *drawing) {
    const struct dataset_results *dataset = section->results;
    FILE *script = drawing->script;
    struct test_part *steps = ARENA_NEW(drawing->arena, struct test_part, part_limit(dataset) + 1);
    size_t count = dataset->metric_count > 0 ? list_steps(dataset, steps) : 0;
    if (count == 0)
        return false;
    struct shown shown = models_shown(dataset);
    struct range range = EMPTY_RANGE;
    struct shown drawn = {0};
    for (size_t m = 0; m < shown.count; m++)
        if (put_data(script, shown.models[m], steps, count, &range))
            drawn.models[drawn.count++] = shown.models[m];
    if (drawn.count == 0)
        return false;
    put_score_label(script, dataset);
    fputs("set xlabel 'steps ahead'\n", script);
    fprintf(script, "set xrange [%g:%g]\n", steps[0].step, steps[count - 1].step);
    put_axis_range(script, 'y', &range, wants_logarithm(range.min, range.max));
    fputs("plot ", script);
    put_model_lines(script, count > 20 ? "lines" : "linespoints", &drawn);
    drawing->width = WIDE_PLOT;
    drawing->height += key_height(&drawn, drawing->width);
    drawing->description = arena_printf(
        drawing->arena, "Test %s on %s against the step ahead of the forecast: mean over seeds%s.",
        dataset->metrics[0].title, dataset->title, shown_note(&shown, dataset, drawing->arena));
    return true;
}

const struct plot_type plot_horizon = {"horizon", "Score by step ahead", "horizon", draw};
