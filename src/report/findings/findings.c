#include "report/findings/findings.h"

#include "report/findings/sentences.h"
#include "report/tables/format.h"

#include <math.h>

static void say_published(struct sentences *sentences, const struct dataset_results *dataset) {
    const struct published *published = sentences->published;
    struct arena *arena = sentences->arena;
    (void)dataset;
    if (published->run_count == 0)
        return;
    size_t better = published->better_count;
    say(sentences, "%zu of %zu published scores that were run are reproduced%s (%s).",
        published->reproduced_count, published->run_count,
        better == 0 ? ""
                    : arena_printf(arena,
                                   "; %zu %s better than published, which "
                                   "is no reproduction and needs an "
                                   "explanation",
                                   better, better == 1 ? "is" : "are"),
        published->source);
}

/* Whether more or less tuning, the same for all, would have made another model look the best. */
static void say_search(struct sentences *sentences, const struct dataset_results *dataset) {
    (void)dataset;
    struct arena *arena = sentences->arena;
    const struct search_results *search = sentences->search;
    const struct tuning *last = search != NULL ? search_leader(search, 1) : NULL;
    const struct tuning *early = last != NULL ? search_leader(search, 0.25) : NULL;
    if (last == NULL || search->count < 2)
        return;
    const char *earlier = "";
    if (early == last)
        earlier = "; it led after a quarter of the budget, too";
    else if (early != NULL)
        earlier = arena_printf(arena, "; after a quarter of the budget, %s led", early->model);
    say(sentences, "Tuned with the same budget, %s has the best validation %s: %s%s.", last->model,
        search->metric, format_number(arena, tuning_best_after(last, last->budget), 4), earlier);
}

/* The model with the smallest mean of a recorded number among [first, end); NULL without one. */
static const struct model_results *smallest_recorded(const struct dataset_results *dataset,
                                                     const char *path, size_t first, size_t end,
                                                     double *mean, struct arena *arena) {
    const struct model_results *smallest = NULL;
    for (size_t m = first; m < end; m++) {
        double own = recorded_summary(&dataset->models[m], path, arena).mean;
        if (isnan(own) || (smallest != NULL && own >= *mean))
            continue;
        smallest = &dataset->models[m];
        *mean = own;
    }
    return smallest;
}

/* "lstm (0.123)": the network with the smallest mean, and the baseline that is better still. NULL:
 * nothing was measured. */
static const char *smallest_text(const struct dataset_results *dataset, const char *path,
                                 struct arena *arena) {
    double own = NAN, trivial = NAN;
    const struct model_results *network =
        smallest_recorded(dataset, path, 0, dataset->network_count, &own, arena);
    const struct model_results *baseline = smallest_recorded(dataset, path, dataset->network_count,
                                                             dataset->model_count, &trivial, arena);
    if (network == NULL)
        return NULL;
    if (baseline == NULL || trivial >= own)
        return arena_printf(arena, "%s (%s)", network->name, format_number(arena, own, 3));
    return arena_printf(arena, "%s (%s; the baseline %s is better: %s)", network->name,
                        format_number(arena, own, 3), baseline->name,
                        format_number(arena, trivial, 3));
}

/* Means alone, which prove nothing: hypotheses are for that. */
static void say_stream(struct sentences *sentences, const struct dataset_results *dataset) {
    struct arena *arena = sentences->arena;
    const char *frozen = smallest_text(dataset, "stream.frozen.error", arena);
    const char *online = smallest_text(dataset, "stream.online.error", arena);
    if (frozen != NULL && online != NULL)
        say(sentences,
            "On the stream that changes, the network with the smallest mean error is "
            "%s with frozen weights, and %s going on learning.",
            frozen, online);
}

struct findings findings_make(const struct dataset_results *dataset, const struct pairs *pairs,
                              const struct degradations *degradations,
                              const struct published *published,
                              const struct search_results *search, struct arena *arena) {
    /* answer_...() and say_best() make the headline. */
    static void (*const findings[])(struct sentences *, const struct dataset_results *) = {
        answer_baseline, say_best,       answer_smallest, answer_steadiest, say_published,
        say_reference,   say_baseline,   say_noise,       say_blocks,       say_mce,
        say_ood,         say_not_finite, say_undefined,   say_training,     say_failures,
        say_load,        say_search,     say_stream,
    };
    enum { FINDINGS = sizeof findings / sizeof findings[0], MAX_EACH = 3 };
    struct sentences sentences = {.arena = arena,
                                  .pairs = pairs,
                                  .degradations = degradations,
                                  .published = published,
                                  .search = search};
    sentences.items =
        ARENA_NEW(arena, const char *,
                  MAX_EACH *FINDINGS + 2 * dataset->model_count + dataset->condition_count);
    for (size_t f = 0; f < FINDINGS; f++)
        if (dataset->metric_count > 0)
            findings[f](&sentences, dataset);
    return sentences_end(&sentences);
}
