#include "report/findings/sentences.h"
#include "report/tables/format.h"

#include <math.h>

static const struct model_results *best_baseline(const struct dataset_results *dataset) {
    return best_model(dataset, 0, dataset->network_count, dataset->model_count);
}

/* "the trivial baseline ar (test MSE 371.8)" */
static const char *baseline_text(const struct dataset_results *dataset,
                                 const struct model_results *baseline, struct arena *arena) {
    return arena_printf(arena, "the trivial baseline %s (test %s %s)", baseline->name,
                        dataset->metrics[0].title,
                        format_summary(arena, test_summary(dataset, baseline)));
}

/* A network that does not beat the best trivial baseline has learnt nothing worth its cost. */
void say_baseline(struct sentences *sentences, const struct dataset_results *dataset) {
    const struct model_results *baseline = best_baseline(dataset);
    if (baseline == NULL)
        return;
    struct arena *arena = sentences->arena;
    const struct model_results **losers =
        ARENA_NEW(arena, const struct model_results *, dataset->network_count + 1);
    size_t loser_count = 0, network_count = 0;
    for (size_t m = 0; m < dataset->network_count; m++) {
        struct summary summary = test_summary(dataset, &dataset->models[m]);
        network_count += summary.count > 0;
        if (summary.count > 0 && !metric_better(&dataset->metrics[0], summary.mean,
                                                test_summary(dataset, baseline).mean))
            losers[loser_count++] = &dataset->models[m];
    }
    const char *what = baseline_text(dataset, baseline, arena);
    if (loser_count > 0 && loser_count < network_count) /* otherwise the headline has it */
        say(sentences, "%s %s not beat %s.", list_names(arena, losers, loser_count),
            loser_count == 1 ? "does" : "do", what);
    else if (loser_count == 0 && network_count > 0)
        say(sentences, "Every network beats %s.", what);
}

/* Whether a trivial baseline wins comes first when it does. */
void answer_baseline(struct sentences *sentences, const struct dataset_results *dataset) {
    const struct model_results *baseline = best_baseline(dataset);
    const struct model_results *best = best_model(dataset, 0, 0, dataset->network_count);
    if (baseline == NULL)
        return;
    struct arena *arena = sentences->arena;
    const char *what = baseline_text(dataset, baseline, arena);
    if (best == NULL)
        open_with(sentences, "No network has a test score; %s does.", what);
    else if (!metric_better(&dataset->metrics[0], test_summary(dataset, best).mean,
                            test_summary(dataset, baseline).mean))
        open_with(sentences, "No network beats %s.", what);
    else
        open_with_clause(sentences, "%s beats every trivial baseline", best->name);
}

static double parameters(const struct model_results *model) {
    return model->costs[COST_PARAMETERS].summary.mean;
}

/* The smallest model that is as good for most purposes. */
void answer_smallest(struct sentences *sentences, const struct dataset_results *dataset) {
    static const double AS_GOOD = 0.05; /* of the best network's score */
    const struct model_results *best = best_model(dataset, 0, 0, dataset->network_count);
    const struct model_results *smallest = best;
    if (best == NULL || dataset->model_count < 2 || isnan(parameters(best)))
        return;
    double score = test_summary(dataset, best).mean;
    for (size_t m = 0; m < dataset->model_count; m++) {
        const struct model_results *model = &dataset->models[m];
        double other = test_summary(dataset, model).mean;
        bool as_good = metric_better(&dataset->metrics[0], other, score) ||
                       fabs(other - score) <= AS_GOOD * fabs(score);
        if (as_good && parameters(model) < parameters(smallest))
            smallest = model;
    }
    struct arena *arena = sentences->arena;
    if (smallest == best)
        open_with_clause(sentences, "%s is also the smallest within 5 %%", best->name);
    else
        open_with_clause(sentences,
                         "%s is the smallest model within 5 %% of it (%s parameters, not %s)",
                         smallest->name, format_cost(arena, UNIT_COUNT, parameters(smallest)),
                         format_cost(arena, UNIT_COUNT, parameters(best)));
}
