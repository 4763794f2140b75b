#include "report/findings.h"

#include "evaluate/robustness.h"
#include "evaluate/significance.h"
#include "report/format.h"

#include <math.h>

struct sentences {
    struct arena *arena;
    const char **items;
    size_t count;
    const struct pairs *pairs;
    const struct degradations *degradations;
    const struct published *published;
    const struct search_results *search;
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

/* "a", "a and b", "a, b and c", "a, b and 3 others". */
static const char *list_names(struct arena *arena, const struct model_results *const *models,
                              size_t count) {
    enum { MOST_NAMED = 6 };
    const char *list = "";
    size_t named = count > MOST_NAMED ? MOST_NAMED - 1 : count;
    for (size_t i = 0; i < named; i++)
        list = arena_printf(arena, "%s%s%s", list,
                            i == 0                             ? ""
                            : i + 1 == count && named == count ? " and "
                                                               : ", ",
                            models[i]->name);
    return named == count ? list : arena_printf(arena, "%s and %zu others", list, count - named);
}

/* ---- The best, and who it is better than ---- */

/* Which networks the best one is, and is not, shown to be better than. */
struct rivals {
    const struct model_results **beaten, **open;
    size_t beaten_count, open_count;
    const struct pair *closest; /* with the best mean among those not beaten; NULL without any */
    double largest_p;           /* of the beaten */
    size_t fewest_seeds;        /* of all pairs with the best */
};

static struct rivals find_rivals(const struct sentences *sentences,
                                 const struct dataset_results *dataset,
                                 const struct model_results *best) {
    struct arena *arena = sentences->arena;
    struct rivals rivals = {
        .beaten = ARENA_NEW(arena, const struct model_results *, dataset->network_count),
        .open = ARENA_NEW(arena, const struct model_results *, dataset->network_count),
        .fewest_seeds = (size_t)-1,
    };
    const struct model_results *closest = NULL;
    for (size_t m = 0; m < dataset->network_count; m++) {
        const struct model_results *model = &dataset->models[m];
        if (model == best || headline(dataset, model).count == 0)
            continue;
        const struct pair *pair = pair_at(sentences->pairs, m, (size_t)(best - dataset->models));
        if (pair->seeds < rivals.fewest_seeds)
            rivals.fewest_seeds = pair->seeds;
        if (pair->better == best) {
            rivals.beaten[rivals.beaten_count++] = model;
            rivals.largest_p = fmax(rivals.largest_p, pair->adjusted);
            continue;
        }
        rivals.open[rivals.open_count++] = model;
        if (closest == NULL || metric_better(&dataset->metrics[0], headline(dataset, model).mean,
                                             headline(dataset, closest).mean)) {
            closest = model;
            rivals.closest = pair;
        }
    }
    return rivals;
}

/* "; about 24 seeds would tell, if the difference is as it seems" */
static const char *say_needed(const struct pair *pair, size_t pair_count, struct arena *arena) {
    size_t least = fewest_seeds(pair_count);
    double needed = fmax(pair->needed, (double)least);
    if (isnan(pair->needed) || pair->seeds < 2)
        return arena_printf(arena, "; at least %zu seeds are needed to tell", least);
    if (needed > 1000)
        return "; more than 1000 seeds would be needed to tell";
    return arena_printf(arena, "; about %.0f seeds would tell, if the difference is as it seems",
                        ceil(needed));
}

/* "(p = 0.31, Cliff's δ +0.33, medium, over 5 seeds)" */
static const char *test_text(const struct pair *pair, const struct model_results *best,
                             struct arena *arena) {
    if (isnan(pair->adjusted))
        return "(no common seeds)";
    return arena_printf(arena, "(%s, Cliff's δ %+.2f, %s, over %s)",
                        format_p(arena, pair->adjusted),
                        pair->a == best ? pair->delta : -pair->delta, cliff_magnitude(pair->delta),
                        seeds(arena, pair->seeds));
}

static void say_open(struct sentences *sentences, const struct dataset_results *dataset,
                     const struct model_results *best, const struct rivals *rivals) {
    struct arena *arena = sentences->arena;
    const struct pair *pair = rivals->closest;
    const struct model_results *other = pair->a == best ? pair->b : pair->a;
    say(sentences,
        arena_printf(arena, "That %s is better than %s with %s may be chance %s%s.", best->name,
                     other->name, format_summary(arena, headline(dataset, other)),
                     test_text(pair, best, arena),
                     say_needed(pair, sentences->pairs->count, arena)));
    if (rivals->open_count > 1) {
        const struct model_results **others =
            ARENA_NEW(arena, const struct model_results *, rivals->open_count);
        size_t count = 0;
        for (size_t i = 0; i < rivals->open_count; i++)
            if (rivals->open[i] != other)
                others[count++] = rivals->open[i];
        say(sentences, arena_printf(arena, "Nor is it shown to be better than %s.",
                                    list_names(arena, others, count)));
    }
}

static void say_best(struct sentences *sentences, const struct dataset_results *dataset) {
    const struct model_results *best = best_model(dataset, 0, 0, dataset->network_count);
    if (best == NULL)
        return;
    struct arena *arena = sentences->arena;
    struct summary first = headline(dataset, best);
    const char *score =
        arena_printf(arena, "%s over %s", format_summary(arena, first), seeds(arena, first.count));
    const char *metric = dataset->metrics[0].title;
    struct rivals rivals = {0};
    if (dataset->network_count > 1)
        rivals = find_rivals(sentences, dataset, best);
    if (rivals.beaten_count + rivals.open_count == 0) {
        say(sentences, arena_printf(arena, "%s: test %s %s.", best->name, metric, score));
        return;
    }
    if (rivals.beaten_count > 0)
        say(sentences,
            arena_printf(
                arena,
                "%s (test %s %s) is significantly better than %s%s (paired Wilcoxon test, "
                "Holm-corrected, %s%s).",
                best->name, metric, score,
                rivals.open_count == 0 && rivals.beaten_count > 1 ? "every other network: " : "",
                list_names(arena, rivals.beaten, rivals.beaten_count),
                format_p(arena, rivals.largest_p), rivals.beaten_count > 1 ? " at worst" : ""));
    else
        say(sentences, arena_printf(arena,
                                    "No network is shown to be the best. %s has the best mean test "
                                    "%s: %s.",
                                    best->name, metric, score));
    if (rivals.open_count > 0)
        say_open(sentences, dataset, best, &rivals);
}

/* With few seeds no outcome whatever could be significant: the reader should know. */
static void say_power(struct sentences *sentences, const struct dataset_results *dataset) {
    const struct pairs *pairs = sentences->pairs;
    size_t most = 0, least = fewest_seeds(pairs->count);
    for (size_t p = 0; p < pairs->count; p++)
        most = pairs->items[p].seeds > most ? pairs->items[p].seeds : most;
    (void)dataset;
    if (most == 0 || most >= least)
        return;
    struct arena *arena = sentences->arena;
    say(sentences,
        arena_printf(arena,
                     "With %s no difference can be significant, however large: %zu pair%s "
                     "of networks need%s at least %zu seeds.",
                     seeds(arena, most), pairs->count, pairs->count == 1 ? "" : "s",
                     pairs->count == 1 ? "s" : "", least));
}

/* What the test supports about the model that the config names as reference. */
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
    for (size_t p = 0; p < sentences->pairs->count; p++) {
        const struct pair *pair = &sentences->pairs->items[p];
        if ((pair->a != reference && pair->b != reference) || pair->better == NULL)
            continue;
        if (pair->better == reference)
            worse[worse_count++] = pair->a == reference ? pair->b : pair->a;
        else
            better[better_count++] = pair->better;
    }
    if (better_count > 0)
        say(sentences, arena_printf(arena, "Significantly better than the reference %s: %s.",
                                    reference->name, list_names(arena, better, better_count)));
    else
        say(sentences,
            arena_printf(arena, "No network is shown to be better than the reference %s.",
                         reference->name));
    if (worse_count > 0)
        say(sentences, arena_printf(arena, "Significantly worse than %s: %s.", reference->name,
                                    list_names(arena, worse, worse_count)));
}

/* ---- The others ---- */

/* A network that does not beat the best trivial baseline has learnt nothing worth its cost. */
static void say_baseline(struct sentences *sentences, const struct dataset_results *dataset) {
    const struct model_results *baseline =
        best_model(dataset, 0, dataset->network_count, dataset->model_count);
    if (baseline == NULL)
        return;
    struct arena *arena = sentences->arena;
    struct summary bar = headline(dataset, baseline);
    const struct model_results **losers =
        ARENA_NEW(arena, const struct model_results *, dataset->network_count + 1);
    size_t loser_count = 0, network_count = 0;
    for (size_t m = 0; m < dataset->network_count; m++) {
        struct summary summary = headline(dataset, &dataset->models[m]);
        network_count += summary.count > 0;
        if (summary.count > 0 && !metric_better(&dataset->metrics[0], summary.mean, bar.mean))
            losers[loser_count++] = &dataset->models[m];
    }
    const char *what = arena_printf(arena, "the trivial baseline %s (test %s %s)", baseline->name,
                                    dataset->metrics[0].title, format_summary(arena, bar));
    if (loser_count > 0 && loser_count == network_count)
        say(sentences, arena_printf(arena, "No network beats %s.", what));
    else if (loser_count > 0)
        say(sentences,
            arena_printf(arena, "%s %s not beat %s.", list_names(arena, losers, loser_count),
                         loser_count == 1 ? "does" : "do", what));
    else if (network_count > 0)
        say(sentences, arena_printf(arena, "Every network beats %s.", what));
}

/* ---- Robustness ---- */

/* Each seed's mean error over the conditions of a kind, relative to its clean one. */
static double *growth_of_seeds(const struct dataset_results *dataset,
                               const struct model_results *model, enum condition_kind kind,
                               struct arena *arena) {
    bool higher = dataset->metrics[0].higher_is_better;
    double *growth = ARENA_NEW(arena, double, model->trial_count + 1);
    const double *clean = scores_at(dataset, model, dataset->test, 0)->values;
    for (size_t t = 0; t < model->trial_count; t++) {
        size_t count = 0;
        for (size_t c = 0; c < dataset->condition_count; c++) {
            double changed = scores_at(dataset, model, c, 0)->values[t];
            if (dataset->conditions[c].kind != kind || isnan(changed))
                continue;
            growth[t] += score_error(changed, higher);
            count++;
        }
        growth[t] = count == 0
                        ? NAN
                        : shift_ratio(score_error(clean[t], higher), growth[t] / (double)count);
    }
    return growth;
}

struct growth {
    const struct model_results *model;
    double *seeds; /* [trial_count] */
    double mean;
};

/* The networks' growth of error, least first; returns their number. */
static size_t sort_growths(const struct dataset_results *dataset, enum condition_kind kind,
                           struct growth *growths, struct arena *arena) {
    size_t count = 0;
    for (size_t m = 0; m < dataset->network_count; m++) {
        const struct model_results *model = &dataset->models[m];
        double *values = growth_of_seeds(dataset, model, kind, arena);
        double mean = summarize(values, model->trial_count).mean;
        if (isnan(mean))
            continue;
        size_t place = count++;
        for (; place > 0 && growths[place - 1].mean > mean; place--)
            growths[place] = growths[place - 1];
        growths[place] = (struct growth){model, values, mean};
    }
    return count;
}

/* Paired over the seeds that both have. Bonferroni's correction, because the two were picked among
 * all pairs. */
static double growth_p(const struct growth *a, const struct growth *b, size_t pair_count,
                       struct arena *arena) {
    size_t count = 0;
    double *x = ARENA_NEW(arena, double, a->model->trial_count + 1);
    double *y = ARENA_NEW(arena, double, a->model->trial_count + 1);
    for (size_t i = 0; i < a->model->trial_count; i++)
        for (size_t j = 0; j < b->model->trial_count; j++)
            if (a->model->trials[i]->seed == b->model->trials[j]->seed) {
                x[count] = a->seeds[i];
                y[count++] = b->seeds[j];
            }
    return fmin(1, wilcoxon_signed_rank(x, y, count).p * (double)pair_count);
}

/* Who keeps most of its score, and who loses most, under one kind of condition. */
static void say_robustness(struct sentences *sentences, const struct dataset_results *dataset,
                           enum condition_kind kind, const char *under) {
    struct arena *arena = sentences->arena;
    struct growth *growths = ARENA_NEW(arena, struct growth, dataset->network_count + 1);
    size_t count = sort_growths(dataset, kind, growths, arena);
    if (count < 2)
        return;
    const struct growth *least = &growths[0], *next = &growths[1], *most = &growths[count - 1];
    if (isinf(least->mean))
        return; /* say_not_finite() has it */
    double p = growth_p(least, next, sentences->pairs->count, arena);
    const char *verdict =
        p < SIGNIFICANCE_LEVEL
            ? arena_printf(arena, "significantly less than the next, %s with %s (%s)",
                           next->model->name, format_ratio(arena, next->mean), format_p(arena, p))
            : arena_printf(arena, "but that may be chance: the next is %s with %s%s",
                           next->model->name, format_ratio(arena, next->mean),
                           isnan(p) ? "" : arena_printf(arena, " (%s)", format_p(arena, p)));
    const char *worst = count == 2 ? ""
                                   : arena_printf(arena, "; %s grows most, %s", most->model->name,
                                                  format_ratio(arena, most->mean));
    say(sentences,
        arena_printf(arena, "%s, the error of %s grows least, to %s of its clean error, %s%s.",
                     under, least->model->name, format_ratio(arena, least->mean), verdict, worst));
}

static void say_published(struct sentences *sentences, const struct dataset_results *dataset) {
    const struct published *published = sentences->published;
    (void)dataset;
    if (published->run_count > 0)
        say(sentences,
            arena_printf(sentences->arena,
                         "%zu of %zu published scores that were run are reproduced (%s).",
                         published->reproduced_count, published->run_count, published->source));
}

static void say_training(struct sentences *sentences, const struct dataset_results *dataset) {
    if (dataset->perturbed[0] != '\0')
        say(sentences, arena_printf(sentences->arena,
                                    "Trained on perturbed inputs (%s); \"clean\" means clean test "
                                    "inputs.",
                                    dataset->perturbed));
}

static void say_noise(struct sentences *sentences, const struct dataset_results *dataset) {
    say_robustness(sentences, dataset, CONDITION_NOISE, "Under perturbations");
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
        say(sentences,
            arena_printf(arena,
                         "%s, to which mCE is relative, has the lowest mean corruption error here.",
                         model->name));
    else
        say(sentences,
            arena_printf(arena, "Lowest mean corruption error here: %s, mCE %s relative to %s.",
                         model->name,
                         format_number(arena, degradations->overall[best].corruption, 3),
                         degradations->reference->name));
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
            arena_printf(arena,
                         "The predictions of %s are not finite for %zu of %s (%s); that counts as "
                         "the worst score.",
                         model->name, seeds_not_finite(dataset, model, conditions, count),
                         seeds(arena, model->finished),
                         list_conditions(dataset, conditions, count, arena)));
    }
}

/* Scores that do not exist, which no ranking can use. */
static void say_undefined(struct sentences *sentences, const struct dataset_results *dataset) {
    size_t finished = 0, scored = 0;
    for (size_t m = 0; m < dataset->model_count; m++) {
        finished += dataset->models[m].finished;
        scored += headline(dataset, &dataset->models[m]).count;
    }
    if (scored < finished)
        say(sentences,
            arena_printf(sentences->arena,
                         "The test %s is undefined for %zu of %zu trials, which are left out.",
                         dataset->metrics[0].title, finished - scored, finished));
}

static void say_ood(struct sentences *sentences, const struct dataset_results *dataset) {
    say_robustness(sentences, dataset, CONDITION_OOD, "Out of distribution");
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
    say(sentences,
        arena_printf(arena, "Tuned with the same budget, %s has the best validation %s: %s%s.",
                     last->model, search->metric,
                     format_number(arena, tuning_best_after(last, last->budget), 4), earlier));
}

const char **findings_make(const struct dataset_results *dataset, const struct pairs *pairs,
                           const struct degradations *degradations,
                           const struct published *published, const struct search_results *search,
                           struct arena *arena, size_t *count) {
    static void (*const findings[])(struct sentences *, const struct dataset_results *) = {
        say_published, say_best,     say_power,  say_reference,  say_baseline,
        say_noise,     say_mce,      say_ood,    say_not_finite, say_undefined,
        say_training,  say_failures, say_search,
    };
    enum { FINDINGS = sizeof findings / sizeof findings[0], MOST_EACH = 3 };
    struct sentences sentences = {.arena = arena,
                                  .pairs = pairs,
                                  .degradations = degradations,
                                  .published = published,
                                  .search = search};
    sentences.items =
        ARENA_NEW(arena, const char *, MOST_EACH *FINDINGS + 2 * dataset->model_count);
    for (size_t f = 0; f < FINDINGS; f++)
        if (dataset->metric_count > 0)
            findings[f](&sentences, dataset);
    *count = sentences.count;
    return sentences.items;
}

/* ---- Across data sets ---- */

static size_t by_mean_rank(const struct across *across, size_t place, struct arena *arena) {
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

/* "cfc from lstm and gru; ltc from gru" */
static const char *list_differences(const struct across *across, struct arena *arena) {
    const char *list = "";
    for (size_t i = 0; i < across->model_count; i++) {
        size_t m = by_mean_rank(across, i, arena), count = 0;
        const struct model_results **worse =
            ARENA_NEW(arena, const struct model_results *, across->model_count);
        for (size_t other = 0; other < across->model_count; other++)
            if (across->mean_ranks[other] - across->mean_ranks[m] >=
                across->friedman.critical_difference)
                worse[count++] = across->models[other];
        if (count > 0)
            list = arena_printf(arena, "%s%s%s from %s", list, list[0] == '\0' ? "" : "; ",
                                across->models[m]->name, list_names(arena, worse, count));
    }
    return list;
}

const char **findings_across(const struct across *across, struct arena *arena, size_t *count) {
    enum { FEW_DATASETS = 5 };
    struct sentences sentences = {.arena = arena, .items = ARENA_NEW(arena, const char *, 4)};
    const struct friedman *friedman = &across->friedman;
    size_t best = by_mean_rank(across, 0, arena);
    say(&sentences, arena_printf(arena, "Best mean rank: %s with %.2f, then %s with %.2f.",
                                 across->models[best]->name, across->mean_ranks[best],
                                 across->models[by_mean_rank(across, 1, arena)]->name,
                                 across->mean_ranks[by_mean_rank(across, 1, arena)]));
    bool differ = friedman->p < SIGNIFICANCE_LEVEL;
    if (!isnan(friedman->p))
        say(&sentences, arena_printf(arena, "Friedman's test %s (χ² = %.2f, %s).",
                                     differ ? "finds that the networks differ"
                                            : "does not show that the networks differ at all",
                                     friedman->statistic, format_p(arena, friedman->p)));
    const char *differences = differ ? list_differences(across, arena) : "";
    if (differences[0] != '\0')
        say(&sentences,
            arena_printf(arena, "Nemenyi's test at 5 %% tells apart %s (critical difference %.2f).",
                         differences, friedman->critical_difference));
    else if (differ)
        say(&sentences,
            arena_printf(arena,
                         "Nemenyi's test tells no two of them apart (critical difference %.2f).",
                         friedman->critical_difference));
    if (across->dataset_count < FEW_DATASETS)
        say(&sentences,
            arena_printf(arena,
                         "%zu data sets are few for these tests; they are made for five "
                         "or more.",
                         across->dataset_count));
    *count = sentences.count;
    return sentences.items;
}
