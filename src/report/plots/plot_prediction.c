/* Predictions over the truth on a piece of test data. */
#include "report/plots/plot.h"
#include "report/results/breakdown.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

enum { MAX_NETWORKS = 4 }; /* more lines than these cannot be told apart */
enum { MAX_NAMED = 16 };   /* classes whose names have room beside each other */

/* The example of the model's first finished trial, or NULL. */
static const struct trial *exemplary_trial(const struct model_results *model) {
    for (size_t t = 0; t < model->trial_count; t++)
        if (model->trials[t]->ok && model->trials[t]->example.count > 0)
            return model->trials[t];
    return NULL;
}

static bool same_piece(const struct example *a, const struct example *b) {
    return a->count == b->count && strcmp(a->name, b->name) == 0 &&
           strcmp(a->target, b->target) == 0;
}

/* Marks the best networks that show the same piece of data as the first, and the best baseline. */
static size_t choose(const struct dataset_results *dataset, const struct example *shown,
                     bool *chosen) {
    size_t count = 0;
    for (int baseline = 0; baseline <= 1; baseline++)
        for (size_t round = 0; round < (baseline ? 1 : MAX_NETWORKS); round++) {
            const struct model_results *best = NULL;
            for (size_t m = 0; m < dataset->model_count; m++) {
                const struct model_results *model = &dataset->models[m];
                const struct trial *trial = exemplary_trial(model);
                if (chosen[m] || model->baseline != (bool)baseline || trial == NULL ||
                    !same_piece(&trial->example, shown))
                    continue;
                if (best == NULL ||
                    metric_better(&dataset->metrics[0],
                                  scores_at(dataset, model, dataset->test, 0)->summary.mean,
                                  scores_at(dataset, best, dataset->test, 0)->summary.mean))
                    best = model;
            }
            if (best != NULL) {
                chosen[best - dataset->models] = true;
                count++;
            }
        }
    return count;
}

/* The usual time between two steps; several times that is a gap between windows. */
static double usual_step(const struct example *example) {
    if (example->count < 2)
        return 0;
    struct arena arena = {0};
    double *steps = ARENA_NEW(&arena, double, example->count);
    for (size_t i = 1; i < example->count; i++)
        steps[i - 1] = example->time[i] - example->time[i - 1];
    double median = gsl_stats_median(steps, 1, example->count - 1);
    arena_free(&arena);
    return median;
}

/* Lines of "time value". An empty line, where the line in the plot breaks, means a value that
 * is missing and between windows that do not follow each other. */
static void put_data(FILE *script, const char *name, const struct example *example,
                     const double *values) {
    enum { GAP = 5 };
    double longest = GAP * usual_step(example);
    fprintf(script, "$%s << END\n", name);
    for (size_t i = 0; i < example->count; i++) {
        double step = i == 0 ? 0 : example->time[i] - example->time[i - 1];
        if (step < 0 || step > longest || isnan(values[i]))
            fputc('\n', script);
        if (!isnan(values[i]) && !isnan(example->time[i]))
            fprintf(script, "%.12g %.9g\n", example->time[i], values[i]);
    }
    fputs("END\n", script);
}

static const struct example *first_example(const struct dataset_results *dataset) {
    for (size_t m = 0; m < dataset->model_count; m++) {
        const struct trial *trial = exemplary_trial(&dataset->models[m]);
        if (trial != NULL)
            return &trial->example;
    }
    return NULL;
}

static bool draw(const struct section *section, struct drawing *drawing) {
    const struct dataset_results *dataset = section->results;
    FILE *script = drawing->script;
    const struct example *shown = first_example(dataset);
    bool *chosen = ARENA_NEW(drawing->arena, bool, dataset->model_count + 1);
    if (shown == NULL || dataset->metric_count == 0 || choose(dataset, shown, chosen) == 0)
        return false;
    put_data(script, "truth", shown, shown->truth);
    for (size_t m = 0; m < dataset->model_count; m++)
        if (chosen[m]) {
            const struct example *example = &exemplary_trial(&dataset->models[m])->example;
            put_data(script, arena_printf(drawing->arena, "model%zu", m), example,
                     example->prediction);
        }
    drawing->width = WIDE_PLOT;
    drawing->height = 420;
    fputs("set xlabel 'time'\nset ylabel ", script);
    put_quoted(script, shown->target[0] == '\0' ? "target" : shown->target);
    const struct trial *trial = trial_with_classes(dataset);
    if (trial != NULL && trial->class_count <= MAX_NAMED) {
        fputc('\n', script);
        put_class_tics(script, 'y', trial);
        fprintf(script, "set yrange [-0.3:%zu.3]", trial->class_count - 1);
    }
    fputs("\nset autoscale xfix\nplot $truth using 1:2 with lines linecolor rgb '#111111' "
          "linewidth 3 title 'truth'",
          script);
    for (size_t m = 0; m < dataset->model_count; m++)
        if (chosen[m]) {
            fprintf(script, ", $model%zu using 1:2", m);
            put_style(script, "lines", &dataset->models[m]);
            put_title(script, &dataset->models[m]);
        }
    fputc('\n', script);
    drawing->description =
        arena_printf(drawing->arena,
                     "Predictions against the truth on test data of %s%s%s: the first seed of %s.",
                     dataset->title,
                     shown->name[0] == '\0' || strcmp(shown->name, dataset->name) == 0 ? "" : ", ",
                     strcmp(shown->name, dataset->name) == 0 ? "" : shown->name,
                     dataset->network_count > MAX_NETWORKS ? "the best models" : "each model");
    return true;
}

const struct plot_type plot_prediction = {"prediction", "Prediction and truth", NULL, draw};
