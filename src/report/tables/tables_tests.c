/* Tables of statistical tests. */
#include "report/tables/format.h"
#include "report/tables/tables.h"

#include <math.h>

static const char *pair_text(const struct pair *pair, bool reversed, struct arena *arena) {
    if (isnan(pair->adjusted))
        return NO_VALUE;
    double delta = reversed ? -pair->delta : pair->delta;
    return arena_printf(arena, "%s, δ %+.2f", format_p(arena, pair->adjusted), delta);
}

/* Networks against networks. */
static void fill_matrix(struct report_table *table, const struct dataset_results *dataset,
                        const struct pairs *pairs, struct arena *arena) {
    table_add_column(table, "", true);
    for (size_t b = 0; b < pairs->networks; b++)
        table_add_model_column(table, &dataset->models[b]);
    for (size_t a = 0; a < pairs->networks; a++) {
        struct report_cell *row = table_add_row(table);
        row[0] = model_cell(&dataset->models[a]);
        for (size_t b = 0; b < pairs->networks; b++) {
            row[b + 1].text = "·";
            if (a == b)
                continue;
            const struct pair *pair = pair_at(pairs, a, b);
            row[b + 1].text = pair_text(pair, a > b, arena);
            row[b + 1].best = pair->better == &dataset->models[a];
        }
    }
}

/* Every network against the best one. */
static void fill_best(struct report_table *table, const struct dataset_results *dataset,
                      const struct pairs *pairs, struct arena *arena) {
    const struct model_results *best = best_model(dataset, 0, 0, pairs->networks);
    if (best == NULL)
        return;
    size_t b = (size_t)(best - dataset->models);
    table_add_column(table, "", true);
    table_add_model_column(table, best);
    for (size_t a = 0; a < pairs->networks; a++) {
        if (a == b)
            continue;
        const struct pair *pair = pair_at(pairs, a, b);
        struct report_cell *row = table_add_row(table);
        row[0] = model_cell(&dataset->models[a]);
        row[1].text = pair_text(pair, a > b, arena);
        row[1].best = pair->better == best;
    }
}

struct report_table table_pairs(const struct dataset_results *dataset, const struct pairs *pairs,
                                struct arena *arena) {
    struct report_table table = table_new("pairs", "Which differences are significant",
                                          pairs->networks, MAX_SIDE_BY_SIDE + 2, arena);
    if (pairs->count == 0)
        return table;
    bool matrix = pairs->networks <= MAX_SIDE_BY_SIDE;
    table.note = arena_printf(
        arena,
        "test %s: p over seeds and, where records tell of them, test data, with Holm's correction "
        "for %zu pair%s; Cliff's "
        "δ: "
        "how often the row beats the column, minus how often it loses, from -1 to +1%s",
        dataset->metrics[0].title, pairs->count, pairs->count == 1 ? "" : "s",
        matrix ? "; significant advantages of the row's model stand out"
               : "; significant advantages of the best model stand out; comparisons.csv has all "
                 "pairs");
    if (matrix)
        fill_matrix(&table, dataset, pairs, arena);
    else
        fill_best(&table, dataset, pairs, arena);
    return table;
}

static const char *p_text(double p, struct arena *arena) {
    return isnan(p) ? NO_VALUE : p < 0.001 ? "<0.001" : format_number(arena, p, 2);
}

/* "0.1 to 0.4": the better model's advantage is positive. */
static void fill_difference(struct report_cell *row, const struct pair *pair, double sign,
                            struct arena *arena) {
    const struct difference *difference = &pair->difference;
    double low = sign * difference->interval.low, high = sign * difference->interval.high;
    double variance = difference->seeds_variance + difference->data_variance;
    row[0].text = format_number(arena, sign * difference->value, 3);
    row[1].text = arena_printf(arena, "%s to %s", format_number(arena, fmin(low, high), 3),
                               format_number(arena, fmax(low, high), 3));
    row[3].text = p_text(pair->seeds_p, arena);
    row[4].text = p_text(difference->data_p, arena);
    row[5].text = arena_printf(arena, "%.0f %%", 100 * difference->data_variance / variance);
}

struct report_table table_differences(const struct dataset_results *dataset,
                                      const struct pairs *pairs, struct arena *arena) {
    struct report_table table = table_new(
        "differences", "How far the others are from the best network", pairs->networks, 7, arena);
    const struct model_results *best =
        pairs->count > 0 ? best_model(dataset, 0, 0, pairs->networks) : NULL;
    if (best == NULL)
        return table;
    table.note = arena_printf(
        arena,
        "test %s less that of %s, with the interval (95 %%) in which it would lie with other seeds "
        "and "
        "other test data; p: of both, with Holm's correction for %zu comparison%s; then p of the "
        "seeds "
        "alone (Welch) and of the test data alone (Diebold and Mariano), and what share of the "
        "variance the test data add",
        dataset->metrics[0].title, best->name, pairs->networks - 1,
        pairs->networks == 2 ? "" : "s");
    table_add_column(&table, "model", true);
    static const char *const titles[] = {"difference", "95 % interval", "p",
                                         "seeds",      "data",          "share"};
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
        table_add_column(&table, titles[i], false);
    const struct versus *others =
        pairs_with(pairs, dataset, (size_t)(best - dataset->models), arena);
    const struct model_results **models = models_by_score(dataset, arena);
    for (size_t m = 0; m < dataset->network_count; m++) {
        const struct versus *versus = &others[models[m] - dataset->models];
        if (versus->pair == NULL || !versus->pair->sampled)
            continue;
        struct report_cell *row = table_add_row(&table);
        row[0] = model_cell(models[m]);
        fill_difference(row + 1, versus->pair, versus->pair->a == models[m] ? 1 : -1, arena);
        row[3].text = p_text(versus->adjusted, arena);
        row[3].best = versus->better == best;
    }
    return table;
}

struct report_table table_ranks(const struct across *across, struct arena *arena) {
    struct report_table table =
        table_new("ranks", "Ranks", across->model_count, across->dataset_count + 2, arena);
    table.note = "by mean test score on each data set, 1 is best; the best rank stands out";
    table_add_column(&table, "model", true);
    table_add_column(&table, "mean rank", false);
    for (size_t d = 0; d < across->dataset_count; d++)
        table_add_column(&table, across->datasets[d]->title, false);
    for (size_t place = 0; place < across->model_count; place++) {
        size_t m = across_at_rank(across, place, arena);
        struct report_cell *row = table_add_row(&table);
        row[0] = model_cell(across->models[m]);
        row[1].text = arena_printf(arena, "%.2f", across->mean_ranks[m]);
        row[1].best = true;
        for (size_t other = 0; other < across->model_count; other++)
            row[1].best = row[1].best && across->mean_ranks[m] <= across->mean_ranks[other];
        for (size_t d = 0; d < across->dataset_count; d++) {
            double rank = across->ranks[d * across->model_count + m];
            row[d + 2].text = arena_printf(arena, "%g", rank);
            row[d + 2].best = rank < 2;
        }
    }
    return table;
}
