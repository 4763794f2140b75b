#include "evaluate/significance.h"
#include "report/findings/sentences.h"
#include "report/tables/format.h"

#include <math.h>

/* "cfc from lstm and gru; ltc from gru"; of many models those of the best, for the plot shows them all. */
static const char *list_differences(const struct across *across, struct arena *arena) {
    enum { MAX_LISTED = 4 };
    const char *list = "";
    size_t listed = 0;
    for (size_t i = 0; i < across->model_count; i++) {
        size_t m = across_at_rank(across, i, arena), count = 0;
        const struct model_results **worse =
            ARENA_NEW(arena, const struct model_results *, across->model_count);
        for (size_t other = 0; other < across->model_count; other++)
            if (across->mean_ranks[other] - across->mean_ranks[m] >=
                across->friedman.critical_difference)
                worse[count++] = across->models[other];
        if (count > 0 && listed++ < MAX_LISTED)
            list = arena_printf(arena, "%s%s%s from %s", list, list[0] == '\0' ? "" : "; ",
                                across->models[m]->name, list_names(arena, worse, count));
    }
    return listed <= MAX_LISTED ? list
                                : arena_printf(arena, "%s; and %zu other models from worse ones",
                                               list, listed - MAX_LISTED);
}

struct findings findings_across(const struct across *across, struct arena *arena) {
    enum { FEW_DATASETS = 5 };
    struct sentences sentences = {.arena = arena, .items = ARENA_NEW(arena, const char *, 4)};
    const struct friedman *friedman = &across->friedman;
    size_t best = across_at_rank(across, 0, arena);
    open_with(&sentences, "Best mean rank: %s with %.2f, then %s with %.2f.",
              across->models[best]->name, across->mean_ranks[best],
              across->models[across_at_rank(across, 1, arena)]->name,
              across->mean_ranks[across_at_rank(across, 1, arena)]);
    bool differ = friedman->p < SIGNIFICANCE_LEVEL;
    if (!isnan(friedman->p))
        open_with(&sentences, "Friedman's test %s (χ² = %.2f, %s).",
                  differ ? "finds that the networks differ"
                         : "does not show that the networks differ at all",
                  friedman->statistic, format_p(arena, friedman->p));
    const char *differences = differ ? list_differences(across, arena) : "";
    if (differences[0] != '\0')
        say(&sentences, "Nemenyi's test at 5 %% tells apart %s (critical difference %.2f).",
            differences, friedman->critical_difference);
    else if (differ)
        say(&sentences, "Nemenyi's test tells no two of them apart (critical difference %.2f).",
            friedman->critical_difference);
    if (across->dataset_count < FEW_DATASETS)
        say(&sentences,
            "%zu data sets are few for these tests; they are made for five "
            "or more.",
            across->dataset_count);
    return sentences_end(&sentences);
}
