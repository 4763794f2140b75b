#include "report/findings/sentences.h"
#include "report/tables/format.h"

#include <math.h>

void say_training(struct sentences *sentences, const struct dataset_results *dataset) {
    if (dataset->perturbed[0] != '\0')
        say(sentences,
            "Trained on perturbed inputs (%s); \"clean\" means clean test "
            "inputs.",
            dataset->perturbed);
}

/* "gaussian 0.8", "gaussian 0.8 and 3 other conditions" */
static const char *list_conditions(const struct dataset_results *dataset, const size_t *conditions,
                                   size_t count, struct arena *arena) {
    const struct condition *first = &dataset->conditions[conditions[0]];
    const char *name = conditions[0] == dataset->test
                           ? "on the clean test data"
                           : arena_printf(arena, "under %s", format_condition(arena, first));
    return count == 1 ? name
                      : arena_printf(arena, "%s and %zu other condition%s", name, count - 1,
                                     count == 2 ? "" : "s");
}

/* Which models' predictions blow up, where, and for how many seeds. */
void say_not_finite(struct sentences *sentences, const struct dataset_results *dataset) {
    struct arena *arena = sentences->arena;
    for (size_t m = 0; m < dataset->model_count; m++) {
        const struct model_results *model = &dataset->models[m];
        size_t *conditions = ARENA_NEW(arena, size_t, dataset->condition_count), count = 0;
        for (size_t c = 0; c < dataset->condition_count; c++)
            if ((c == dataset->test || dataset->conditions[c].kind != CONDITION_SPLIT) &&
                scores_at(dataset, model, c, 0)->summary.not_finite > 0)
                conditions[count++] = c;
        if (count == 0)
            continue;
        say(sentences,
            "The predictions of %s are not finite for %zu of %s (%s); that counts as "
            "the worst score.",
            model->name, seeds_not_finite(dataset, model, conditions, count),
            seeds_text(arena, model->finished), list_conditions(dataset, conditions, count, arena));
    }
}

/* Scores that do not exist, which no ranking can use. */
void say_undefined(struct sentences *sentences, const struct dataset_results *dataset) {
    size_t finished = 0, scored = 0;
    for (size_t m = 0; m < dataset->model_count; m++) {
        finished += dataset->models[m].finished;
        scored += test_summary(dataset, &dataset->models[m]).count;
    }
    if (scored < finished)
        say(sentences, "The test %s is undefined for %zu of %zu trials, which are left out.",
            dataset->metrics[0].title, finished - scored, finished);
}

void say_failures(struct sentences *sentences, const struct dataset_results *dataset) {
    for (size_t m = 0; m < dataset->model_count; m++) {
        const struct model_results *model = &dataset->models[m];
        size_t failed = model->trial_count - model->finished;
        if (failed > 0)
            say(sentences, "%zu of %zu trials of %s did not finish%s.", failed, model->trial_count,
                model->name, model->finished > 0 ? "; its scores are those of the others" : "");
    }
}

/* On a machine with other work, or one that swaps, training waits; then no time on the wall and no
 * latency is to be trusted. */
void say_load(struct sentences *sentences, const struct dataset_results *dataset) {
    static const double SHORTEST = 1, TOLERATED = 1.3; /* seconds; wall time over CPU time */
    struct arena *arena = sentences->arena;
    size_t trials = 0, loaded = 0;
    double worst = 0;
    for (size_t m = 0; m < dataset->model_count; m++)
        for (size_t t = 0; t < dataset->models[m].trial_count; t++) {
            const double *costs = dataset->models[m].trials[t]->costs;
            double wall = costs[COST_TRAIN_SECONDS], cpu = costs[COST_TRAIN_CPU_SECONDS];
            if (!(wall >= SHORTEST) || isnan(cpu))
                continue;
            trials++;
            loaded += wall > TOLERATED * cpu;
            worst = fmax(worst, wall / cpu);
        }
    if (loaded > 0)
        say(sentences,
            "%zu of %zu trainings of a second or more waited for a processor, up to %s "
            "their CPU time: the machine was loaded or swapping. Wall times and "
            "latencies cannot be compared.",
            loaded, trials, format_ratio(arena, worst));
}
