#include "report/findings/findings.h"

#include "base/text_stream.h"
#include "evaluate/significance.h"
#include "evaluate/worst_fault.h"
#include "report/results/steadiness.h"
#include "report/tables/format.h"

#include <math.h>
#include <stdarg.h>

struct sentences {
    struct arena *arena;
    const char *headline; /* whole sentences; NULL: none yet */
    const char *clauses;  /* of its last sentence; NULL: none yet */
    const char **items;
    size_t count;
    const struct pairs *pairs;
    const struct degradations *degradations;
    const struct published *published;
    const struct search_results *search;
};

__attribute__((format(printf, 2, 0))) static const char *print(struct arena *arena,
                                                               const char *format, va_list args) {
    struct text_stream text;
    vfprintf(text_stream_open(&text), format, args);
    return text_stream_close(&text, arena);
}

__attribute__((format(printf, 2, 3))) static void say(struct sentences *sentences,
                                                      const char *format, ...) {
    va_list args;
    va_start(args, format);
    sentences->items[sentences->count++] = print(sentences->arena, format, args);
    va_end(args);
}

static const char *join(struct arena *arena, const char *first, const char *separator,
                        const char *second) {
    return first == NULL ? second : arena_printf(arena, "%s%s%s", first, separator, second);
}

/* Adds a sentence to the headline, before its clauses. */
__attribute__((format(printf, 2, 3))) static void open_with(struct sentences *sentences,
                                                            const char *format, ...) {
    va_list args;
    va_start(args, format);
    sentences->headline =
        join(sentences->arena, sentences->headline, " ", print(sentences->arena, format, args));
    va_end(args);
}

/* Adds a clause to the headline's last sentence; it begins with a capital or a model's name. */
__attribute__((format(printf, 2, 3))) static void open_with_clause(struct sentences *sentences,
                                                                   const char *format, ...) {
    va_list args;
    va_start(args, format);
    sentences->clauses =
        join(sentences->arena, sentences->clauses, "; ", print(sentences->arena, format, args));
    va_end(args);
}

static struct summary test_score(const struct dataset_results *dataset,
                                 const struct model_results *model) {
    return scores_at(dataset, model, dataset->test, 0)->summary;
}

static double parameters(const struct model_results *model) {
    return model->costs[COST_PARAMETERS].summary.mean;
}

static const char *seeds(struct arena *arena, size_t count) {
    return arena_printf(arena, "%zu seed%s", count, count == 1 ? "" : "s");
}

/* "a", "a and b", "a, b and c", "a, b and 3 others". */
static const char *list_names(struct arena *arena, const struct model_results *const *models,
                              size_t count) {
    enum { MAX_NAMED = 6 };
    const char *list = "";
    size_t named = count > MAX_NAMED ? MAX_NAMED - 1 : count;
    for (size_t i = 0; i < named; i++)
        list = arena_printf(arena, "%s%s%s", list,
                            i == 0                             ? ""
                            : i + 1 == count && named == count ? " and "
                                                               : ", ",
                            models[i]->name);
    return named == count ? list : arena_printf(arena, "%s and %zu others", list, count - named);
}

/* ---- The best, and who it is better than ---- */

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
            test_score(dataset, &dataset->models[m]).count == 0)
            continue;
        if (closest == NULL ||
            metric_better(&dataset->metrics[0], test_score(dataset, &dataset->models[m]).mean,
                          test_score(dataset, opponent(closest->pair, model)).mean))
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
    struct summary first = test_score(dataset, best), second = test_score(dataset, other);
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
                        seeds(arena, versus->pair->seeds), proof, say_needed(versus, arena));
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
        if (model != best && test_score(dataset, model).count > 0 &&
            (second == NULL || metric_better(&dataset->metrics[0], test_score(dataset, model).mean,
                                             test_score(dataset, second).mean)))
            second = model;
    }
    return second;
}

/* What the comparisons rest on. Where a score is infinite, seeds_test() ranks. */
static const char *proof_source(const struct dataset_results *dataset, const struct pairs *pairs) {
    bool infinite = false, sampled = true;
    for (size_t m = 0; m < dataset->network_count; m++)
        infinite = infinite || test_score(dataset, &dataset->models[m]).not_finite > 0;
    for (size_t p = 0; p < pairs->count; p++)
        sampled = sampled && pairs->items[p].sampled;
    return infinite  ? "over seeds alone where a score is not finite"
           : sampled ? "over seeds and test data"
                     : "over seeds alone";
}

static void say_best(struct sentences *sentences, const struct dataset_results *dataset) {
    const struct model_results *best = best_model(dataset, 0, 0, dataset->network_count);
    if (best == NULL)
        return;
    struct arena *arena = sentences->arena;
    struct summary first = test_score(dataset, best);
    const char *metric = dataset->metrics[0].title;
    const char *score = arena_printf(arena, "%s %s over %s", metric, format_summary(arena, first),
                                     seeds(arena, first.count));
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
                  best->name, score, gain_text(first.mean, test_score(dataset, next).mean, arena),
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
static void say_reference(struct sentences *sentences, const struct dataset_results *dataset) {
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

/* ---- The others ---- */

static const struct model_results *best_baseline(const struct dataset_results *dataset) {
    return best_model(dataset, 0, dataset->network_count, dataset->model_count);
}

/* "the trivial baseline ar (test MSE 371.8)" */
static const char *baseline_text(const struct dataset_results *dataset,
                                 const struct model_results *baseline, struct arena *arena) {
    return arena_printf(arena, "the trivial baseline %s (test %s %s)", baseline->name,
                        dataset->metrics[0].title,
                        format_summary(arena, test_score(dataset, baseline)));
}

/* A network that does not beat the best trivial baseline has learnt nothing worth its cost. */
static void say_baseline(struct sentences *sentences, const struct dataset_results *dataset) {
    const struct model_results *baseline = best_baseline(dataset);
    if (baseline == NULL)
        return;
    struct arena *arena = sentences->arena;
    const struct model_results **losers =
        ARENA_NEW(arena, const struct model_results *, dataset->network_count + 1);
    size_t loser_count = 0, network_count = 0;
    for (size_t m = 0; m < dataset->network_count; m++) {
        struct summary summary = test_score(dataset, &dataset->models[m]);
        network_count += summary.count > 0;
        if (summary.count > 0 &&
            !metric_better(&dataset->metrics[0], summary.mean, test_score(dataset, baseline).mean))
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
static void answer_baseline(struct sentences *sentences, const struct dataset_results *dataset) {
    const struct model_results *baseline = best_baseline(dataset);
    const struct model_results *best = best_model(dataset, 0, 0, dataset->network_count);
    if (baseline == NULL)
        return;
    struct arena *arena = sentences->arena;
    const char *what = baseline_text(dataset, baseline, arena);
    if (best == NULL)
        open_with(sentences, "No network has a test score; %s does.", what);
    else if (!metric_better(&dataset->metrics[0], test_score(dataset, best).mean,
                            test_score(dataset, baseline).mean))
        open_with(sentences, "No network beats %s.", what);
    else
        open_with_clause(sentences, "%s beats every trivial baseline", best->name);
}

/* The smallest model that is as good for most purposes. */
static void answer_smallest(struct sentences *sentences, const struct dataset_results *dataset) {
    static const double AS_GOOD = 0.05; /* of the best network's score */
    const struct model_results *best = best_model(dataset, 0, 0, dataset->network_count);
    const struct model_results *smallest = best;
    if (best == NULL || dataset->model_count < 2 || isnan(parameters(best)))
        return;
    double score = test_score(dataset, best).mean;
    for (size_t m = 0; m < dataset->model_count; m++) {
        const struct model_results *model = &dataset->models[m];
        double other = test_score(dataset, model).mean;
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

/* ---- Robustness ---- */

/* "ltc is the steadiest, with ×1.28 of its clean error; cfc with ×1.42 may be as steady (p = 0.37)" */
static const char *steadiest_text(const struct steadiness *found, struct arena *arena) {
    const struct growth *first = &found->growths[0], *next = &found->growths[1];
    const char *test =
        isnan(found->p) ? "" : arena_printf(arena, " (%s)", format_p(arena, found->p));
    const char *rival =
        arena_printf(arena, "%s with %s", next->model->name, format_ratio(arena, next->mean));
    const char *verdict = isinf(next->mean) ? "; no other network stays finite for every seed"
                          : found->p < SIGNIFICANCE_LEVEL
                              ? arena_printf(arena, ", proved against the next, %s%s", rival, test)
                              : arena_printf(arena, "; %s may be as steady%s", rival, test);
    return arena_printf(arena, "%s is the steadiest, with %s of its clean error%s",
                        first->model->name, format_ratio(arena, first->mean), verdict);
}

/* "lstm is the least steady, ×1.45"; "" when it has been named as the next. */
static const char *min_steady_text(const struct steadiness *found, struct arena *arena) {
    const struct growth *last = &found->growths[found->count - 1];
    if (found->count == 2 || isinf(found->growths[1].mean))
        return "";
    if (isinf(last->mean))
        return arena_printf(arena, "%s is the least steady: its score is not always finite",
                            last->model->name);
    return arena_printf(arena, "%s is the least steady, %s", last->model->name,
                        format_ratio(arena, last->mean));
}

/* Who keeps most of its score, and who loses most, under these conditions. */
static void say_robustness(struct sentences *sentences, const struct dataset_results *dataset,
                           const struct selection *selection, const char *under) {
    struct arena *arena = sentences->arena;
    struct steadiness found;
    if (!find_steadiness(dataset, selection, &found, arena))
        return;
    const char *steadiest = arena_printf(arena, "%s: %s", under, steadiest_text(&found, arena));
    const char *last = min_steady_text(&found, arena);
    say(sentences, "%s%s%s.", steadiest, last[0] == '\0' ? "" : "; ", last);
}

/* Under shifts of several kinds a mean would say nothing: the network that wins most often. */
static void answer_shifts(struct sentences *sentences, const struct dataset_results *dataset) {
    struct arena *arena = sentences->arena;
    size_t *wins = ARENA_NEW(arena, size_t, dataset->network_count + 1), shifts = 0, best = 0;
    for (size_t c = 0; c < dataset->condition_count; c++) {
        struct steadiness found;
        if (dataset->conditions[c].kind != CONDITION_OOD ||
            !find_steadiness(dataset, &(struct selection){CONDITION_OOD, c}, &found, arena))
            continue;
        size_t winner = (size_t)(found.growths[0].model - dataset->models);
        shifts++;
        if (++wins[winner] > wins[best])
            best = winner;
    }
    if (shifts == 1)
        open_with_clause(sentences, "%s is the steadiest under the shift",
                         dataset->models[best].name);
    else if (shifts > 1)
        open_with_clause(sentences, "%s is the steadiest under %zu of %zu shifts",
                         dataset->models[best].name, wins[best], shifts);
}

static void answer_steadiest(struct sentences *sentences, const struct dataset_results *dataset) {
    struct arena *arena = sentences->arena;
    struct steadiness found;
    if (has_condition(dataset, CONDITION_NOISE) &&
        find_steadiness(dataset, &(struct selection){CONDITION_NOISE, ALL_CONDITIONS}, &found,
                        arena))
        open_with_clause(sentences,
                         "%s is the steadiest under perturbations (%s of its clean "
                         "error%s)",
                         found.growths[0].model->name, format_ratio(arena, found.growths[0].mean),
                         found.p < SIGNIFICANCE_LEVEL ? "" : ", not proved");
    answer_shifts(sentences, dataset);
}

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

static void say_training(struct sentences *sentences, const struct dataset_results *dataset) {
    if (dataset->perturbed[0] != '\0')
        say(sentences,
            "Trained on perturbed inputs (%s); \"clean\" means clean test "
            "inputs.",
            dataset->perturbed);
}

static void say_noise(struct sentences *sentences, const struct dataset_results *dataset) {
    say_robustness(sentences, dataset, &(struct selection){CONDITION_NOISE, ALL_CONDITIONS},
                   "Perturbations, on average");
}

/* Why the worst fault has no interval. */
static void say_blocks(struct sentences *sentences, const struct dataset_results *dataset) {
    struct arena *arena = sentences->arena;
    struct summary blocks = {0};
    for (size_t m = 0; m < dataset->model_count && blocks.count == 0; m++)
        blocks = recorded_summary(&dataset->models[m], "faults.worst.blocks", arena);
    if (blocks.count > 0 && blocks.mean < MIN_BLOCKS)
        say(sentences,
            "The worst fault has no interval: the test holds %g block%s as long as a window with "
            "its target, and %d are needed.",
            blocks.mean, blocks.mean == 1 ? "" : "s", MIN_BLOCKS);
}

/* The mean corruption error says which network errs least under perturbation, whatever its clean
 * score. */
static void say_mce(struct sentences *sentences, const struct dataset_results *dataset) {
    const struct degradations *degradations = sentences->degradations;
    size_t best = dataset->network_count;
    for (size_t m = 0; degradations->type_count > 0 && m < dataset->network_count; m++) {
        double corruption = degradations->overall[m].corruption;
        if (isfinite(corruption) &&
            (best == dataset->network_count || corruption < degradations->overall[best].corruption))
            best = m;
    }
    if (best == dataset->network_count || dataset->network_count < 2)
        return;
    const struct model_results *model = &dataset->models[best];
    struct arena *arena = sentences->arena;
    if (model == degradations->reference)
        say(sentences, "%s, to which mCE is relative, has the lowest mean corruption error here.",
            model->name);
    else
        say(sentences, "Lowest mean corruption error here: %s, mCE %s relative to %s.", model->name,
            format_number(arena, degradations->overall[best].corruption, 3),
            degradations->reference->name);
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
static void say_not_finite(struct sentences *sentences, const struct dataset_results *dataset) {
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
            seeds(arena, model->finished), list_conditions(dataset, conditions, count, arena));
    }
}

/* Scores that do not exist, which no ranking can use. */
static void say_undefined(struct sentences *sentences, const struct dataset_results *dataset) {
    size_t finished = 0, scored = 0;
    for (size_t m = 0; m < dataset->model_count; m++) {
        finished += dataset->models[m].finished;
        scored += test_score(dataset, &dataset->models[m]).count;
    }
    if (scored < finished)
        say(sentences, "The test %s is undefined for %zu of %zu trials, which are left out.",
            dataset->metrics[0].title, finished - scored, finished);
}

static void say_ood(struct sentences *sentences, const struct dataset_results *dataset) {
    /* Shifts of different kinds have nothing in common that a mean could show. */
    for (size_t c = 0; c < dataset->condition_count; c++)
        if (dataset->conditions[c].kind == CONDITION_OOD)
            say_robustness(
                sentences, dataset, &(struct selection){CONDITION_OOD, c},
                arena_printf(sentences->arena, "Shift %s",
                             format_condition(sentences->arena, &dataset->conditions[c])));
}

static void say_failures(struct sentences *sentences, const struct dataset_results *dataset) {
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
static void say_load(struct sentences *sentences, const struct dataset_results *dataset) {
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

static struct findings finish(const struct sentences *sentences) {
    struct arena *arena = sentences->arena;
    const char *headline = sentences->headline;
    if (sentences->clauses != NULL)
        headline = join(arena, headline, " ", arena_printf(arena, "%s.", sentences->clauses));
    return (struct findings){
        .headline = headline == NULL ? "" : headline,
        .items = sentences->items,
        .count = sentences->count,
    };
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
    return finish(&sentences);
}

/* ---- Across data sets ---- */

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
    return finish(&sentences);
}
