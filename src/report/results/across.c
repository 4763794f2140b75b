#include "report/results/across.h"

#include <string.h>

static const struct model_results *model_on(const struct dataset_results *dataset,
                                            const char *name) {
    for (size_t m = 0; m < dataset->model_count; m++)
        if (strcmp(dataset->models[m].name, name) == 0)
            return &dataset->models[m];
    return NULL;
}

static bool has_score(const struct dataset_results *dataset, const char *name) {
    const struct model_results *model = model_on(dataset, name);
    return model != NULL && dataset->metric_count > 0 &&
           scores_at(dataset, model, dataset->test, 0)->summary.count > 0;
}

/* The networks that every data set has scores of. */
static void find_common_models(struct across *across) {
    const struct dataset_results *first = across->datasets[0];
    for (size_t m = 0; m < first->network_count; m++) {
        size_t d = 0;
        while (d < across->dataset_count && has_score(across->datasets[d], first->models[m].name))
            d++;
        if (d == across->dataset_count)
            across->models[across->model_count++] = &first->models[m];
    }
}

/* Mean test scores, lower being better on every data set. */
static double *collect_scores(const struct across *across, struct arena *arena) {
    double *scores = ARENA_NEW(arena, double, across->dataset_count * across->model_count);
    for (size_t d = 0; d < across->dataset_count; d++)
        for (size_t m = 0; m < across->model_count; m++) {
            const struct dataset_results *dataset = across->datasets[d];
            const struct model_results *model = model_on(dataset, across->models[m]->name);
            double mean = scores_at(dataset, model, dataset->test, 0)->summary.mean;
            scores[d * across->model_count + m] =
                dataset->metrics[0].higher_is_better ? -mean : mean;
        }
    return scores;
}

bool across_make(const struct results *results, struct arena *arena, struct across *across) {
    *across = (struct across){0};
    if (results->dataset_count < 2)
        return false;
    across->datasets = ARENA_NEW(arena, const struct dataset_results *, results->dataset_count);
    for (size_t d = 0; d < results->dataset_count; d++)
        across->datasets[across->dataset_count++] = &results->datasets[d];
    across->models =
        ARENA_NEW(arena, const struct model_results *, results->datasets[0].network_count + 1);
    find_common_models(across);
    if (across->model_count < 2)
        return false;
    double *scores = collect_scores(across, arena);
    across->ranks = ARENA_NEW(arena, double, across->dataset_count * across->model_count);
    across->mean_ranks = ARENA_NEW(arena, double, across->model_count);
    for (size_t d = 0; d < across->dataset_count; d++)
        average_ranks(scores + d * across->model_count, across->model_count,
                      across->ranks + d * across->model_count);
    across->friedman = friedman_test(scores, across->dataset_count, across->model_count, false,
                                     across->mean_ranks);
    return true;
}

size_t across_at_rank(const struct across *across, size_t place, struct arena *arena) {
    double *ranks = ARENA_NEW(arena, double, across->model_count);
    average_ranks(across->mean_ranks, across->model_count, ranks);
    size_t *order = ARENA_NEW(arena, size_t, across->model_count);
    for (size_t m = 0; m < across->model_count; m++) {
        size_t position = 0;
        for (size_t other = 0; other < across->model_count; other++)
            position += ranks[other] < ranks[m] || (ranks[other] == ranks[m] && other < m);
        order[position] = m;
    }
    return order[place];
}
