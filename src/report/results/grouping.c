#include "report/results/grouping.h"

#include "report/plots/palette.h"

#include <math.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

void keep_node(void *node) {
    (void)node; /* the trees' trials are the arena's */
}

static size_t metric_position(const struct metric_info *metrics, size_t count, const char *name) {
    size_t m = 0;
    while (m < count && strcmp(metrics[m].name, name) != 0)
        m++;
    return m;
}

static int by_dataset(const void *a, const void *b) {
    const struct dataset_results *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order != 0 ? order : strcmp(x->experiment, y->experiment);
}

/* `tree`: of the data sets so far. */
static struct dataset_results *find_dataset(struct results *results, void **tree,
                                            const struct trial *trial) {
    struct dataset_results *added = &results->datasets[results->dataset_count];
    *added = (struct dataset_results){.experiment = trial->experiment,
                                      .name = trial->dataset,
                                      .task = trial->task,
                                      .units = trial->units,
                                      .perturbed = trial->perturbed};
    struct dataset_results *const *node = tsearch(added, tree, by_dataset);
    struct dataset_results *dataset = node == NULL ? added : *node;
    results->dataset_count += dataset == added;
    return dataset;
}

static struct model_results *find_model(struct dataset_results *dataset, const struct trial *trial,
                                        struct arena *arena) {
    struct model_results *found = (struct model_results *)find_model_results(dataset, trial->model);
    if (found != NULL)
        return found;
    dataset->models =
        arena_grow(arena, dataset->models, dataset->model_count, sizeof *dataset->models);
    struct model_results *added = &dataset->models[dataset->model_count++];
    *added = (struct model_results){
        .name = trial->model, .family = trial->family, .baseline = trial->baseline};
    return added;
}

/* Collects the metrics and conditions of the data set's trials in order of first appearance, with
 * room for all of them first. */
static void collect_columns(struct results *results, struct dataset_results *dataset) {
    size_t max_metrics = 0, max_conditions = 1;
    for (size_t m = 0; m < dataset->model_count; m++)
        for (size_t t = 0; t < dataset->models[m].trial_count; t++) {
            max_metrics += dataset->models[m].trials[t]->metric_count;
            max_conditions += dataset->models[m].trials[t]->measurement_count;
        }
    dataset->metrics = ARENA_NEW(&results->arena, struct metric_info, max_metrics + 1);
    dataset->conditions = ARENA_NEW(&results->arena, struct condition, max_conditions);
    dataset->conditions[dataset->condition_count++] =
        (struct condition){CONDITION_SPLIT, "test", 0, NULL};
    for (size_t m = 0; m < dataset->model_count; m++)
        for (size_t t = 0; t < dataset->models[m].trial_count; t++) {
            const struct trial *trial = dataset->models[m].trials[t];
            for (size_t i = 0; i < trial->metric_count; i++)
                if (metric_position(dataset->metrics, dataset->metric_count,
                                    trial->metrics[i].name) == dataset->metric_count)
                    dataset->metrics[dataset->metric_count++] = trial->metrics[i];
            for (size_t i = 0; i < trial->measurement_count; i++)
                if (condition_position(dataset, &trial->measurements[i].condition) ==
                    dataset->condition_count)
                    dataset->conditions[dataset->condition_count++] =
                        trial->measurements[i].condition;
        }
}

static struct scores make_scores(struct arena *arena, size_t count) {
    struct scores scores = {.values = ARENA_NEW(arena, double, count + 1)};
    for (size_t i = 0; i < count; i++)
        scores.values[i] = NAN;
    return scores;
}

static void summarize_scores(struct scores *scores, size_t count, bool with_interval) {
    scores->summary = summarize(scores->values, count);
    scores->interquartile_mean = interquartile_mean(scores->values, count);
    scores->interval = (struct interval){NAN, NAN};
    if (with_interval) /* thousands of samples: not for every severity of every perturbation */
        scores->interval = mean_interval(scores->values, count);
}

static void place_measurement(const struct dataset_results *dataset, struct model_results *model,
                              size_t t, const struct measurement *measurement) {
    const struct trial *trial = model->trials[t];
    size_t c = condition_position(dataset, &measurement->condition);
    for (size_t i = 0; i < trial->metric_count; i++) {
        size_t m = metric_position(dataset->metrics, dataset->metric_count, trial->metrics[i].name);
        model->scores[c * dataset->metric_count + m].values[t] = measurement->values[i];
    }
}

static void fill_scores(struct results *results, const struct dataset_results *dataset,
                        struct model_results *model) {
    struct arena *arena = &results->arena;
    size_t count = dataset->condition_count * dataset->metric_count;
    model->scores = ARENA_NEW(arena, struct scores, count + 1);
    for (size_t s = 0; s < count; s++)
        model->scores[s] = make_scores(arena, model->trial_count);
    for (size_t c = 0; c < COST_COUNT; c++)
        model->costs[c] = make_scores(arena, model->trial_count);
    for (size_t t = 0; t < model->trial_count; t++) {
        const struct trial *trial = model->trials[t];
        for (size_t c = 0; c < COST_COUNT; c++)
            if (trial->ok || cost_infos[c].unit == UNIT_COUNT)
                model->costs[c].values[t] = trial->costs[c];
        model->finished += trial->ok;
        for (size_t i = 0; trial->ok && i < trial->measurement_count; i++)
            place_measurement(dataset, model, t, &trial->measurements[i]);
    }
    for (size_t s = 0; s < count; s++)
        summarize_scores(&model->scores[s], model->trial_count,
                         s / dataset->metric_count == dataset->test);
    for (size_t c = 0; c < COST_COUNT; c++)
        summarize_scores(&model->costs[c], model->trial_count, false);
}

/* Random perturbations differ a little between seeds, and so do their distances. */
static void average_distances(const struct dataset_results *dataset, struct arena *arena) {
    size_t *counts = ARENA_NEW(arena, size_t, dataset->condition_count);
    for (size_t m = 0; m < dataset->model_count; m++)
        for (size_t t = 0; t < dataset->models[m].trial_count; t++) {
            const struct trial *trial = dataset->models[m].trials[t];
            for (size_t i = 0; i < trial->measurement_count; i++) {
                if (isnan(trial->measurements[i].distance))
                    continue;
                size_t c = condition_position(dataset, &trial->measurements[i].condition);
                dataset->distances[c] += trial->measurements[i].distance;
                counts[c]++;
            }
        }
    for (size_t c = 0; c < dataset->condition_count; c++)
        dataset->distances[c] = counts[c] == 0 ? NAN : dataset->distances[c] / (double)counts[c];
}

static void sort_baselines_last(struct dataset_results *dataset, struct arena *arena) {
    struct model_results *sorted = ARENA_NEW(arena, struct model_results, dataset->model_count + 1);
    size_t count = 0;
    for (int baseline = 0; baseline <= 1; baseline++) {
        for (size_t m = 0; m < dataset->model_count; m++)
            if (dataset->models[m].baseline == (bool)baseline)
                sorted[count++] = dataset->models[m];
        if (!baseline)
            dataset->network_count = count;
    }
    dataset->models = sorted;
}

static int by_seed(const void *a, const void *b) {
    double x = (*(const struct trial *const *)a)->seed, y = (*(const struct trial *const *)b)->seed;
    return (x > y) - (x < y);
}

static void make_datasets(struct results *results) {
    struct arena *arena = &results->arena;
    results->datasets = ARENA_NEW(arena, struct dataset_results, results->trial_count + 1);
    void *tree = NULL;
    for (size_t t = 0; t < results->trial_count; t++) {
        const struct trial *trial = &results->trials[t];
        struct dataset_results *dataset = find_dataset(results, &tree, trial);
        struct model_results *model = find_model(dataset, trial, arena);
        model->trials = arena_grow(arena, model->trials, model->trial_count, sizeof *model->trials);
        model->trials[model->trial_count++] = trial;
        results->failed_count += !trial->ok;
    }
    tdestroy(tree, keep_node);
    for (size_t d = 0; d < results->dataset_count; d++) {
        struct dataset_results *dataset = &results->datasets[d];
        sort_baselines_last(dataset, arena);
        collect_columns(results, dataset);
        for (size_t m = 0; m < dataset->model_count; m++) {
            struct model_results *model = &dataset->models[m];
            qsort(model->trials, model->trial_count, sizeof *model->trials, by_seed);
            fill_scores(results, dataset, model);
        }
        dataset->distances = ARENA_NEW(arena, double, dataset->condition_count);
        average_distances(dataset, arena);
        dataset->reference = find_model_results(dataset, dataset->models[0].trials[0]->reference);
    }
}

/* A data set that several experiments share is told apart by the experiment's name. */
static void title_datasets(struct results *results) {
    for (size_t d = 0; d < results->dataset_count; d++) {
        struct dataset_results *dataset = &results->datasets[d];
        dataset->title = dataset->name;
        for (size_t other = 0; other < results->dataset_count; other++)
            if (other != d && strcmp(results->datasets[other].name, dataset->name) == 0)
                dataset->title =
                    arena_printf(&results->arena, "%s (%s)", dataset->name, dataset->experiment);
    }
}

/* A model has one position, and so one colour, in the whole report. */
static void number_models(struct results *results) {
    size_t max = 0;
    for (size_t d = 0; d < results->dataset_count; d++)
        max += results->datasets[d].model_count;
    results->model_names = ARENA_NEW(&results->arena, const char *, max + 1);
    size_t networks = 0;
    for (int baseline = 0; baseline <= 1; baseline++)
        for (size_t d = 0; d < results->dataset_count; d++)
            for (size_t m = 0; m < results->datasets[d].model_count; m++) {
                struct model_results *model = &results->datasets[d].models[m];
                if (model->baseline != (bool)baseline)
                    continue;
                size_t p = 0;
                while (p < results->model_count && strcmp(results->model_names[p], model->name))
                    p++;
                model->position = p;
                if (p == results->model_count)
                    results->model_names[results->model_count++] = model->name;
                if (!baseline)
                    networks = results->model_count;
                model->colour = palette_colour(&results->arena, baseline,
                                               baseline && p >= networks ? p - networks : p);
            }
}

void results_group(struct results *results) {
    make_datasets(results);
    title_datasets(results);
    number_models(results);
}
