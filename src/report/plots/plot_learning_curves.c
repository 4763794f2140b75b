/* Validation score by epoch: the median over seeds, and a band between the quartiles. */
#include "report/plots/plot.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

enum { MAX_BANDS = 8 }; /* more of them hide each other */

static size_t longest_curve(const struct model_results *model) {
    size_t longest = 0;
    for (size_t t = 0; t < model->trial_count; t++)
        if (model->trials[t]->ok && model->trials[t]->curve_count > longest)
            longest = model->trials[t]->curve_count;
    return longest;
}

/* Sorted scores of the trials that trained for at least e + 1 epochs. */
static size_t scores_of_epoch(const struct model_results *model, size_t e, double *sorted) {
    size_t count = 0;
    for (size_t t = 0; t < model->trial_count; t++) {
        const struct trial *trial = model->trials[t];
        if (trial->ok && e < trial->curve_count && !isnan(trial->curve[e].valid))
            sorted[count++] = trial->curve[e].valid;
    }
    gsl_sort(sorted, 1, count);
    return count;
}

/* Lines of "epoch median lower upper". Where fewer than half of the trials still train, a median
 * would speak of the slow ones only, so the curve ends. */
static bool put_data(const struct model_results *model, struct drawing *drawing,
                     struct range *range) {
    double *sorted = ARENA_NEW(drawing->arena, double, model->trial_count + 1);
    size_t points = 0, epochs = longest_curve(model);
    fprintf(drawing->script, "$model%zu << END\n", model->position);
    for (size_t e = 0; e < epochs; e++) {
        size_t count = scores_of_epoch(model, e, sorted);
        if (count == 0 || 2 * count < model->finished)
            continue;
        double median = gsl_stats_median_from_sorted_data(sorted, 1, count);
        double lower = gsl_stats_quantile_from_sorted_data(sorted, 1, count, 0.25);
        double upper = gsl_stats_quantile_from_sorted_data(sorted, 1, count, 0.75);
        fprintf(drawing->script, "%zu %.9g %.9g %.9g\n", e + 1, median, lower, upper);
        range_include(range, median);
        points++;
    }
    fputs("END\n", drawing->script);
    return points > 0;
}

static bool draw(const struct section *section, struct drawing *drawing) {
    const struct dataset_results *dataset = section->results;
    FILE *script = drawing->script;
    struct range range = EMPTY_RANGE;
    struct shown shown = models_shown(dataset);
    struct shown drawn = {0};
    size_t max_trials = 0;
    for (size_t m = 0; m < shown.count; m++)
        if (put_data(shown.models[m], drawing, &range)) {
            drawn.models[drawn.count++] = shown.models[m];
            if (shown.models[m]->finished > max_trials)
                max_trials = shown.models[m]->finished;
        }
    if (drawn.count == 0)
        return false;
    bool bands = max_trials > 1 && drawn.count <= MAX_BANDS;
    if (wants_logarithm(range.min, range.max))
        fputs("set logscale y\n", script);
    fputs("set xlabel 'epoch'\nset ylabel 'validation score that selects the epoch'\nset xrange "
          "[1:*]\nplot ",
          script);
    for (size_t m = 0; bands && m < drawn.count; m++)
        fprintf(script,
                "$model%zu using 1:3:4 with filledcurves fillcolor rgb '%s' fillstyle transparent "
                "solid 0.16 noborder notitle, ",
                drawn.models[m]->position, drawn.models[m]->colour);
    put_model_lines(script, "lines", &drawn);
    drawing->width = WIDE_PLOT;
    drawing->height += key_height(&drawn, drawing->width);
    drawing->description =
        arena_printf(drawing->arena, "Validation score by epoch on %s: %s%s%s.", dataset->title,
                     max_trials > 1 ? "the median over seeds" : "one seed each",
                     bands ? ", and a band between the quartiles" : "",
                     shown_note(&shown, dataset, drawing->arena));
    return true;
}

const struct plot_type plot_learning_curves = {"learning_curves", "Learning curves", NULL, draw};
