/* Test score against the number of trainable parameters; a model without any is a level line. */
#include "report/plot.h"

#include <math.h>

static double parameters_of(const struct model_results *model) {
    const struct summary *summary = &model->costs[COST_PARAMETERS].summary;
    return summary->count == 0 ? 0 : summary->mean;
}

static bool draw(const struct dataset_results *dataset, struct drawing *drawing) {
    FILE *script = drawing->script;
    double least = INFINITY, most = -INFINITY, fewest = INFINITY, largest = 0;
    size_t points = 0;
    for (size_t m = 0; dataset->metric_count > 0 && m < dataset->model_count; m++) {
        const struct model_results *model = &dataset->models[m];
        struct summary summary = scores_at(dataset, model, dataset->test, 0)->summary;
        if (summary.count == 0)
            continue;
        least = fmin(least, summary.least);
        most = fmax(most, summary.most);
        double parameters = parameters_of(model);
        if (parameters > 0) {
            fewest = fmin(fewest, parameters);
            largest = fmax(largest, parameters);
            points++;
        }
        fprintf(script, "$model%zu << END\n%.9g %.9g %.9g\nEND\n", m, parameters, summary.mean,
                summary.deviation);
    }
    if (points == 0)
        return false;
    fputs("set logscale x\nset format x '%.0s%c'\nset xlabel 'trainable parameters'\n", script);
    put_score_label(script, &dataset->metrics[0]);
    if (wants_logarithm(least, most))
        fputs("set logscale y\n", script);
    fprintf(script, "set xrange [%.9g:%.9g]\nset offsets 0, 0, graph 0.06, graph 0.06\nplot ",
            fewest / 1.6, largest * 1.6);
    for (size_t m = 0; m < dataset->model_count; m++) {
        const struct model_results *model = &dataset->models[m];
        struct summary summary = scores_at(dataset, model, dataset->test, 0)->summary;
        if (summary.count == 0)
            continue;
        if (parameters_of(model) > 0) {
            fprintf(script, "$model%zu using 1:2:3", m);
            put_style(script, "yerrorbars", model);
            fputs(" pointsize 1.2", script);
        } else {
            fprintf(script, "%.9g", summary.mean);
            put_style(script, "lines", model);
        }
        put_title(script, model);
        fputs(", ", script);
    }
    fputs("NaN notitle\n", script);
    drawing->height += key_height(dataset, drawing->width);
    drawing->description =
        arena_printf(drawing->arena,
                     "Test %s on %s against the number of trainable parameters: mean and standard "
                     "deviation over seeds. Models without parameters are level lines.",
                     dataset->metrics[0].title, dataset->title);
    return true;
}

const struct plot_type plot_score_parameters = {"score_parameters", "Score and size", draw};
