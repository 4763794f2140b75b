#include "report/findings.h"

#include "report/format.h"

#include <math.h>
#include <string.h>

struct sentences {
    struct arena *arena;
    const char **items;
    size_t count;
};

static void say(struct sentences *sentences, const char *sentence) {
    sentences->items[sentences->count++] = sentence;
}

static struct summary headline(const struct dataset_results *dataset,
                               const struct model_results *model) {
    return scores_at(dataset, model, dataset->test, 0)->summary;
}

static const char *seeds(struct arena *arena, size_t count) {
    return arena_printf(arena, "%zu seed%s", count, count == 1 ? "" : "s");
}

/* The best network but one. */
static const struct model_results *runner_up(const struct dataset_results *dataset,
                                             const struct model_results *best) {
    const struct model_results *second = NULL;
    for (size_t m = 0; m < dataset->network_count; m++) {
        const struct model_results *model = &dataset->models[m];
        if (model == best || headline(dataset, model).count == 0)
            continue;
        if (second == NULL || metric_better(&dataset->metrics[0], headline(dataset, model).mean,
                                            headline(dataset, second).mean))
            second = model;
    }
    return second;
}

static void say_best(struct sentences *sentences, const struct dataset_results *dataset) {
    const struct model_results *best = best_model(dataset, 0, 0, dataset->network_count);
    if (best == NULL)
        return;
    struct arena *arena = sentences->arena;
    struct summary first = headline(dataset, best);
    const struct model_results *second = runner_up(dataset, best);
    const char *metric = dataset->metrics[0].title;
    if (second == NULL) {
        say(sentences, arena_printf(arena, "%s: test %s %s over %s.", best->name, metric,
                                    format_summary(arena, first), seeds(arena, first.count)));
        return;
    }
    struct summary next = headline(dataset, second);
    bool overlap = first.least <= next.most && next.least <= first.most;
    const char *caution = overlap ? "; their seeds overlap, so the order of the two may be chance"
                          : first.count == 1 || next.count == 1
                              ? "; a single seed does not tell how much is chance"
                              : "; their seeds do not overlap";
    say(sentences,
        arena_printf(arena, "Best mean test %s: %s with %s over %s, then %s with %s%s.", metric,
                     best->name, format_summary(arena, first), seeds(arena, first.count),
                     second->name, format_summary(arena, next), caution));
}

/* A network that does not beat the best trivial baseline has learnt nothing worth its cost. */
static void say_baseline(struct sentences *sentences, const struct dataset_results *dataset) {
    const struct model_results *baseline =
        best_model(dataset, 0, dataset->network_count, dataset->model_count);
    if (baseline == NULL)
        return;
    struct arena *arena = sentences->arena;
    struct summary bar = headline(dataset, baseline);
    const char *losers = "";
    size_t loser_count = 0, network_count = 0;
    for (size_t m = dataset->network_count; m-- > 0;) {
        struct summary summary = headline(dataset, &dataset->models[m]);
        network_count += summary.count > 0;
        if (summary.count == 0 || metric_better(&dataset->metrics[0], summary.mean, bar.mean))
            continue;
        const char *separator = loser_count == 0 ? "" : loser_count == 1 ? " and " : ", ";
        losers = arena_printf(arena, "%s%s%s", dataset->models[m].name, separator, losers);
        loser_count++;
    }
    const char *what = arena_printf(arena, "the trivial baseline %s (test %s %s)", baseline->name,
                                    dataset->metrics[0].title, format_summary(arena, bar));
    if (loser_count > 0 && loser_count == network_count)
        say(sentences, arena_printf(arena, "No network beats %s.", what));
    else if (loser_count > 0)
        say(sentences, arena_printf(arena, "%s %s not beat %s.", losers,
                                    loser_count == 1 ? "does" : "do", what));
    else if (network_count > 0)
        say(sentences, arena_printf(arena, "Every network beats %s.", what));
}

/* Who keeps most of its score, and who loses most, under one kind of condition. */
static void say_robustness(struct sentences *sentences, const struct dataset_results *dataset,
                           enum condition_kind kind, const char *under, const char *which) {
    const struct model_results *most = NULL, *least = NULL;
    double best = NAN, worst = NAN;
    for (size_t m = 0; m < dataset->network_count; m++) {
        const struct model_results *model = &dataset->models[m];
        double ratio = kind == CONDITION_NOISE ? ratio_worst(dataset, model, kind, NULL)
                                               : ratio_mean(dataset, model, kind);
        if (isnan(ratio))
            continue;
        if (most == NULL || metric_better(&dataset->metrics[0], ratio, best)) {
            most = model;
            best = ratio;
        }
        if (least == NULL || metric_better(&dataset->metrics[0], worst, ratio)) {
            least = model;
            worst = ratio;
        }
    }
    if (most == NULL || most == least)
        return;
    struct arena *arena = sentences->arena;
    say(sentences,
        arena_printf(arena, "%s, %s degrades least (%s %s %s of its clean score), %s most (%s).",
                     under, most->name, dataset->metrics[0].title, which, format_ratio(arena, best),
                     least->name, format_ratio(arena, worst)));
}

static void say_noise(struct sentences *sentences, const struct dataset_results *dataset) {
    say_robustness(sentences, dataset, CONDITION_NOISE, "Under noise", "at worst");
}

static void say_ood(struct sentences *sentences, const struct dataset_results *dataset) {
    say_robustness(sentences, dataset, CONDITION_OOD, "Out of distribution", "on average");
}

static void say_failures(struct sentences *sentences, const struct dataset_results *dataset) {
    for (size_t m = 0; m < dataset->model_count; m++) {
        const struct model_results *model = &dataset->models[m];
        size_t failed = model->trial_count - model->finished;
        if (failed > 0)
            say(sentences,
                arena_printf(sentences->arena, "%zu of %zu trials of %s did not finish%s.", failed,
                             model->trial_count, model->name,
                             model->finished > 0 ? "; its scores are those of the others" : ""));
    }
}

const char **findings_make(const struct dataset_results *dataset, struct arena *arena,
                           size_t *count) {
    static void (*const findings[])(struct sentences *, const struct dataset_results *) = {
        say_best, say_baseline, say_noise, say_ood, say_failures,
    };
    enum { FINDINGS = sizeof findings / sizeof findings[0] };
    struct sentences sentences = {.arena = arena};
    sentences.items = ARENA_NEW(arena, const char *, FINDINGS + dataset->model_count);
    for (size_t f = 0; f < FINDINGS; f++)
        if (dataset->metric_count > 0)
            findings[f](&sentences, dataset);
    *count = sentences.count;
    return sentences.items;
}
