#include "evaluate/significance.h"
#include "evaluate/worst_fault.h"
#include "report/findings/sentences.h"
#include "report/results/steadiness.h"
#include "report/tables/format.h"

#include <math.h>

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
static const char *least_steady_text(const struct steadiness *found, struct arena *arena) {
    const struct growth *last = &found->growths[found->count - 1];
    if (found->count == 2 || isinf(found->growths[1].mean))
        return "";
    if (isinf(last->mean))
        return arena_printf(arena, "%s is the least steady: its score is not always finite",
                            last->model->name);
    return arena_printf(arena, "%s is the least steady, %s", last->model->name,
                        format_ratio(arena, last->mean));
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

void answer_steadiest(struct sentences *sentences, const struct dataset_results *dataset) {
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

/* Who keeps most of its score, and who loses most, under these conditions. */
static void say_robustness(struct sentences *sentences, const struct dataset_results *dataset,
                           const struct selection *selection, const char *under) {
    struct arena *arena = sentences->arena;
    struct steadiness found;
    if (!find_steadiness(dataset, selection, &found, arena))
        return;
    const char *steadiest = arena_printf(arena, "%s: %s", under, steadiest_text(&found, arena));
    const char *last = least_steady_text(&found, arena);
    say(sentences, "%s%s%s.", steadiest, last[0] == '\0' ? "" : "; ", last);
}

void say_noise(struct sentences *sentences, const struct dataset_results *dataset) {
    say_robustness(sentences, dataset, &(struct selection){CONDITION_NOISE, ALL_CONDITIONS},
                   "Perturbations, on average");
}

void say_ood(struct sentences *sentences, const struct dataset_results *dataset) {
    /* Shifts of different kinds have nothing in common that a mean could show. */
    for (size_t c = 0; c < dataset->condition_count; c++)
        if (dataset->conditions[c].kind == CONDITION_OOD)
            say_robustness(
                sentences, dataset, &(struct selection){CONDITION_OOD, c},
                arena_printf(sentences->arena, "Shift %s",
                             format_condition(sentences->arena, &dataset->conditions[c])));
}

/* Why the worst fault has no interval. */
void say_blocks(struct sentences *sentences, const struct dataset_results *dataset) {
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
void say_mce(struct sentences *sentences, const struct dataset_results *dataset) {
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
