#include "evaluate/significance.h"
#include "report/findings/sentences.h"
#include "report/tables/format.h"

#include <math.h>

/* "15 % better", by scores rather than errors; "better" where a ratio would mean nothing. */
static const char *gain_text(double better, double worse, struct arena *arena) {
    double gain = fabs(better - worse) / fabs(worse);
    if (!isfinite(gain) || better * worse < 0)
        return "better";
    if (gain < 0.0005)
        return "less than 0.1 % better";
    return arena_printf(arena, "%.*f %% better", gain < 0.0995 ? 1 : 0, 100 * gain);
}

static const struct model_results *opponent(const struct pair *pair,
                                            const struct model_results *model) {
    return pair->a == model ? pair->b : pair->a;
}

/* The best of the networks that the model is not proved better than; NULL: there is none. */
static const struct versus *closest_open(const struct dataset_results *dataset,
                                         const struct versus *others, size_t count,
                                         const struct model_results *model) {
    const struct versus *closest = NULL;
    for (size_t m = 0; m < count; m++) {
        const struct versus *versus = &others[m];
        if (versus->pair == NULL || versus->better == model ||
            test_summary(dataset, &dataset->models[m]).count == 0)
            continue;
        if (closest == NULL ||
            metric_better(&dataset->metrics[0], test_summary(dataset, &dataset->models[m]).mean,
                          test_summary(dataset, opponent(closest->pair, model)).mean))
            closest = versus;
    }
    return closest;
}

/* Whether the seeds would prove what the test data leave open. */
static bool is_for_want_of_data(const struct versus *versus) {
    return versus->pair->sampled && versus->seeds_adjusted < SIGNIFICANCE_LEVEL;
}

/* "12 seeds could." */
static const char *say_needed(const struct versus *versus, struct arena *arena) {
    enum { FAR_TOO_MUCH = 100 };
    const struct pair *pair = versus->pair;
    if (pair->seeds < 2)
        return " Run at least 3 seeds.";
    if (isnan(pair->needed))
        return "";
    if (pair->needed <= 1000)
        return arena_printf(arena, " %.0f seeds could.",
                            fmax(pair->needed, (double)pair->seeds + 1));
    if (!(pair->longer > 1))
        return " More than 1000 seeds would be needed: take them as equal.";
    if (pair->longer > FAR_TOO_MUCH)
        return " Neither more seeds nor 100 times as much test data could: take them as equal.";
    return arena_printf(arena, " That takes %sat least %s as much test data.",
                        is_for_want_of_data(versus) ? "" : "more seeds and ",
                        pair->longer <= 2 ? "twice"
                                          : arena_printf(arena, "%.0f times", ceil(pair->longer)));
}

/* What a comparison leaves open: "gru scores 8 % better than lstm (506 ± 23), but 5 seeds cannot
 * prove it (p = 0.2). 12 seeds could." Or, "on this test, whatever the seed (p = 0.003), but the test is
 * too short to prove it of other data (p = 0.2)." */
static const char *open_text(const struct dataset_results *dataset, const struct versus *versus,
                             const struct model_results *best, struct arena *arena) {
    const struct model_results *other = opponent(versus->pair, best);
    struct summary first = test_summary(dataset, best), second = test_summary(dataset, other);
    const char *proof = isnan(versus->adjusted)
                            ? ""
                            : arena_printf(arena, " (%s)", format_p(arena, versus->adjusted));
    const char *leads = arena_printf(arena, "%s scores %s than %s (%s)", best->name,
                                     gain_text(first.mean, second.mean, arena), other->name,
                                     format_summary(arena, second));
    if (is_for_want_of_data(versus))
        return arena_printf(arena,
                            "%s on this test, whatever the seed (%s), but the test is too short to "
                            "prove it of other data%s.%s",
                            leads, format_p(arena, versus->seeds_adjusted), proof,
                            say_needed(versus, arena));
    return arena_printf(arena, "%s, but %s cannot prove it%s.%s", leads,
                        seeds_text(arena, versus->pair->seeds), proof, say_needed(versus, arena));
}

/* The networks that the test calls worse (with `wins`) or not, but for one; with the largest p. */
static const char *list_versus(const struct versus *others, size_t count,
                               const struct model_results *model, bool wins,
                               const struct versus *without, double *largest_p, size_t *listed,
                               struct arena *arena) {
    const struct model_results **names = ARENA_NEW(arena, const struct model_results *, count);
    *listed = 0;
    *largest_p = 0;
    for (size_t m = 0; m < count; m++) {
        const struct versus *versus = &others[m];
        if (versus == without || versus->pair == NULL || (versus->better == model) != wins ||
            versus->pair->seeds == 0)
            continue;
        names[(*listed)++] = opponent(versus->pair, model);
        *largest_p = fmax(*largest_p, versus->adjusted);
    }
    return list_names(arena, names, *listed);
}

static const struct model_results *second_best(const struct dataset_results *dataset,
                                               const struct model_results *best) {
    const struct model_results *second = NULL;
    for (size_t m = 0; m < dataset->network_count; m++) {
        const struct model_results *model = &dataset->models[m];
        if (model != best && test_summary(dataset, model).count > 0 &&
            (second == NULL ||
             metric_better(&dataset->metrics[0], test_summary(dataset, model).mean,
                           test_summary(dataset, second).mean)))
            second = model;
    }
    return second;
}

/* What the comparisons rest on. Where a score is infinite, seeds_test() ranks. */
static const char *proof_source(const struct dataset_results *dataset, const struct pairs *pairs) {
    bool infinite = false, sampled = true;
    for (size_t m = 0; m < dataset->network_count; m++)
        infinite = infinite || test_summary(dataset, &dataset->models[m]).not_finite > 0;
    for (size_t p = 0; p < pairs->count; p++)
        sampled = sampled && pairs->items[p].sampled;
    return infinite  ? "over seeds alone where a score is not finite"
           : sampled ? "over seeds and test data"
                     : "over seeds alone";
}

void say_best(struct sentences *sentences, const struct dataset_results *dataset) {
    const struct model_results *best = best_model(dataset, 0, 0, dataset->network_count);
    if (best == NULL)
        return;
    struct arena *arena = sentences->arena;
    struct summary first = test_summary(dataset, best);
    const char *metric = dataset->metrics[0].title;
    const char *score = arena_printf(arena, "%s %s over %s", metric, format_summary(arena, first),
                                     seeds_text(arena, first.count));
    if (sentences->pairs->count == 0) {
        open_with(sentences, "%s: test %s.", best->name, score);
        return;
    }
    size_t count = sentences->pairs->networks, beaten, rest;
    double p, ignored;
    struct versus *others =
        pairs_with(sentences->pairs, dataset, (size_t)(best - dataset->models), arena);
    const struct versus *open = closest_open(dataset, others, count, best);
    const char *losers = list_versus(others, count, best, true, NULL, &p, &beaten, arena);
    const char *proof =
        arena_printf(arena, "%s%s, %s", format_p(arena, p), beaten > 1 ? " at most" : "",
                     proof_source(dataset, sentences->pairs));
    if (beaten > 0 && open == NULL) {
        const struct model_results *next = second_best(dataset, best);
        open_with(sentences,
                  "%s is the best network: test %s, %s than %s%s. That is proved "
                  "against %s (%s).",
                  best->name, score, gain_text(first.mean, test_summary(dataset, next).mean, arena),
                  beaten > 1 ? "the next, " : "", next->name, beaten > 1 ? "every other" : losers,
                  proof);
    } else {
        open_with(sentences, "%s leads, but is not proved the best: test %s.", best->name, score);
    }
    if (beaten > 0 && open != NULL)
        say(sentences, "%s is proved better than %s (%s).", best->name, losers, proof);
    if (open == NULL)
        return;
    open_with(sentences, "%s", open_text(dataset, open, best, arena));
    const char *same = list_versus(others, count, best, false, open, &ignored, &rest, arena);
    if (rest > 0)
        say(sentences, "%s is not proved better than %s either.", best->name, same);
}

/* What the tests say about the model that the config names as reference. */
void say_reference(struct sentences *sentences, const struct dataset_results *dataset) {
    const struct model_results *reference = dataset->reference;
    if (reference == NULL || reference->baseline || sentences->pairs->count == 0 ||
        reference == best_model(dataset, 0, 0, dataset->network_count))
        return;
    struct arena *arena = sentences->arena;
    const struct model_results **better =
        ARENA_NEW(arena, const struct model_results *, dataset->network_count);
    const struct model_results **worse =
        ARENA_NEW(arena, const struct model_results *, dataset->network_count);
    size_t better_count = 0, worse_count = 0;
    struct versus *others =
        pairs_with(sentences->pairs, dataset, (size_t)(reference - dataset->models), arena);
    for (size_t m = 0; m < sentences->pairs->networks; m++) {
        if (others[m].better == NULL)
            continue;
        if (others[m].better == reference)
            worse[worse_count++] = &dataset->models[m];
        else
            better[better_count++] = others[m].better;
    }
    bool said = better_count == 1 && better[0] == best_model(dataset, 0, 0, dataset->network_count);
    if (better_count > 0 && !said)
        say(sentences, "Better than the reference %s, proved: %s.", reference->name,
            list_names(arena, better, better_count));
    else if (better_count == 0)
        say(sentences, "No network is proved better than the reference %s.", reference->name);
    if (worse_count > 0)
        say(sentences, "Worse than %s, proved: %s.", reference->name,
            list_names(arena, worse, worse_count));
}
