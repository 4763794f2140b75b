/* Test score against the distance of the test inputs from the training data: large points are
 * shifts, small ones perturbations, the leftmost the clean test data. */
#include "report/plots/plot.h"

#include <math.h>

/* Lines of "distance score size". */
static size_t put_data(FILE *script, const struct dataset_results *dataset,
                       const struct model_results *model, struct range *distances,
                       struct range *scores) {
    size_t points = 0;
    fprintf(script, "$model%zu << END\n", model->position);
    for (size_t c = 0; c < dataset->condition_count; c++) {
        double mean = scores_at(dataset, model, c, 0)->summary.mean;
        if (isnan(dataset->distances[c]) || !isfinite(mean))
            continue;
        fprintf(script, "%.9g %.9g %s\n", dataset->distances[c], mean,
                dataset->conditions[c].kind == CONDITION_NOISE ? "0.45" : "1.3");
        range_include(distances, dataset->distances[c]);
        range_include(scores, mean);
        points++;
    }
    fputs("END\n", script);
    return points;
}

static bool draw(const struct section *section, struct drawing *drawing) {
    const struct dataset_results *dataset = section->results;
    FILE *script = drawing->script;
    struct shown shown = models_shown(dataset);
    struct range distances = EMPTY_RANGE, scores = EMPTY_RANGE;
    size_t max = 0;
    for (size_t m = 0; dataset->metric_count > 0 && m < shown.count; m++) {
        size_t points = put_data(script, dataset, shown.models[m], &distances, &scores);
        max = points > max ? points : max;
    }
    if (max < 2)
        return false;
    drawing->width = WIDE_PLOT;
    drawing->height = 420 + key_height(&shown, drawing->width);
    put_score_label(script, dataset);
    fputs("set xlabel 'energy distance from the training data'\n", script);
    put_axis_range(script, 'x', &distances, wants_logarithm(distances.min, distances.max));
    put_axis_range(script, 'y', &scores, wants_logarithm(scores.min, scores.max));
    fputs("plot ", script);
    for (size_t m = 0; m < shown.count; m++) {
        fprintf(script, "$model%zu using 1:2:3", shown.models[m]->position);
        put_style(script, "points", shown.models[m]);
        fputs(" pointsize variable", script);
        put_title(script, shown.models[m]);
        fputs(", ", script);
    }
    fputs("NaN notitle\n", script);
    drawing->description = arena_printf(
        drawing->arena,
        "Test %s on %s against the energy distance of the test inputs from the training data: mean "
        "over seeds%s. Large points: the clean test data and every shift; small points: "
        "perturbations.",
        dataset->metrics[0].title, dataset->title, shown_note(&shown, dataset, drawing->arena));
    return true;
}

const struct plot_type plot_distance = {"distance", "Score against distance from the training data",
                                        "ood", draw};
