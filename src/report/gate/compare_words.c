#include "report/gate/compare_output.h"
#include "report/results/sides.h"
#include "report/tables/format.h"

#include <math.h>

const char *comparison_verdict(const struct comparison *comparison, struct arena *arena) {
    const char *text = comparison->passed ? "PASS:" : "FAIL:";
    if (comparison->missing > 0)
        text = arena_printf(arena, "%s %zu missing or changed;", text, comparison->missing);
    if (comparison->compared == 0)
        return arena_printf(arena, "%s nothing could be compared", text);
    text = comparison->worse > 0
               ? arena_printf(arena, "%s %zu of %zu values worse", text, comparison->worse,
                              comparison->compared)
               : arena_printf(arena, "%s none of %zu values worse", text, comparison->compared);
    if (comparison->chance > 0)
        text = arena_printf(arena, "%s, %zu more perhaps by chance", text, comparison->chance);
    if (comparison->without_power > 0)
        text = arena_printf(arena, "%s, %zu without the power to tell", text,
                            comparison->without_power);
    return text;
}

const char *row_subject(const struct comparison_row *row, struct arena *arena) {
    return row->model[0] == '\0' ? row->dataset
                                 : arena_printf(arena, "%s · %s", row->dataset, row->model);
}

bool row_fails(const struct comparison_row *row) {
    return row->verdict == VERDICT_WORSE || row->verdict == VERDICT_MISSING || row->lacks_power;
}

static const char *value_text(const struct comparison_row *row, double value, struct arena *arena) {
    return row->is_cost ? format_cost(arena, row->unit, value) : format_number(arena, value, 4);
}

static const char *percent_text(double share, struct arena *arena) {
    double percent = 100 * share;
    if (percent < 0.05)
        return "< 0.1 %";
    if (percent >= 1000)
        return "> 1000 %";
    return arena_printf(arena, "%.*f %%", percent < 10 ? 1 : 0, percent);
}

/* "12 % worse": the sign alone would not say whether up is good. */
static const char *change_text(const struct comparison_row *row, struct arena *arena) {
    if (row->change == 0)
        return "same";
    return arena_printf(arena, "%s %s", percent_text(fabs(row->change), arena),
                        row->change > 0 ? "worse" : "better");
}

const char *row_failure(const struct comparison_row *row, struct arena *arena) {
    if (row->verdict == VERDICT_MISSING)
        return row->metric[0] == '\0' ? row->reason
                                      : arena_printf(arena, "%s %s", row->metric, row->reason);
    if (row->lacks_power)
        return isnan(row->detectable)
                   ? arena_printf(arena, "%s: too few seeds for a test; run three or more",
                                  row->metric)
                   : arena_printf(arena,
                                  "%s: these seeds show a change of %s, not of the tolerance (%g "
                                  "%%); run more seeds or raise the tolerance",
                                  row->metric, percent_text(row->detectable, arena),
                                  100 * row->tolerance);
    const char *test = isnan(row->p) ? "" : arena_printf(arena, ", %s", format_p(arena, row->p));
    return arena_printf(arena, "%s %s → %s: %s (tolerance %g %%%s)", row->metric,
                        value_text(row, row->base, arena), value_text(row, row->changed, arena),
                        change_text(row, arena), 100 * row->tolerance, test);
}

const char *comparison_power(const struct comparison *comparison, struct arena *arena) {
    const struct comparison_row *finest = NULL, *coarsest = NULL;
    for (size_t r = 0; r < comparison->row_count; r++) {
        const struct comparison_row *row = &comparison->rows[r];
        if (isnan(row->detectable))
            continue;
        if (finest == NULL || row->detectable < finest->detectable)
            finest = row;
        if (coarsest == NULL || row->detectable > coarsest->detectable)
            coarsest = row;
    }
    if (finest == NULL)
        return NULL;
    return arena_printf(
        arena,
        "What these seeds can show: a change of %s (%s, %s) to %s (%s, %s), with %.0f %% power",
        percent_text(finest->detectable, arena), row_subject(finest, arena), finest->metric,
        percent_text(coarsest->detectable, arena), row_subject(coarsest, arena), coarsest->metric,
        100 * DETECTABLE_POWER);
}

static const char *verdict_text(const struct comparison_row *row, struct arena *arena) {
    if (row_fails(row))
        return "✗";
    if (row->verdict != VERDICT_CHANCE)
        return "";
    return isnan(row->p) ? "chance?"
                         : arena_printf(arena, "chance? p %s", format_number(arena, row->p, 2));
}

/* Costs that stayed the same, the usual case, have no line. */
static bool is_shown(const struct comparison_row *row) {
    return row->verdict != VERDICT_MISSING && !(row->is_cost && row->change == 0);
}

struct report_table comparison_changes(const struct comparison *comparison, struct arena *arena) {
    enum { SUBJECT, METRIC, BASE, NEW, CHANGE, VERDICT, DETECTS, COLUMNS };
    static const char *const titles[COLUMNS] = {"data set · model", "metric", "base",   "new",
                                                "change",           "",       "detects"};
    struct report_table table =
        table_new("changes", "Changes", comparison->row_count, COLUMNS, arena);
    for (size_t c = 0; c < COLUMNS; c++)
        table_add_column(&table, titles[c], c == SUBJECT || c == METRIC || c == VERDICT);
    for (size_t r = 0; r < comparison->row_count; r++) {
        const struct comparison_row *row = &comparison->rows[r];
        if (!is_shown(row))
            continue;
        struct report_cell *cells = table_add_row(&table);
        cells[SUBJECT].text = row_subject(row, arena);
        cells[METRIC].text = row->metric;
        cells[BASE].text = value_text(row, row->base, arena);
        cells[NEW].text = value_text(row, row->changed, arena);
        cells[CHANGE].text = change_text(row, arena);
        cells[VERDICT].text = verdict_text(row, arena);
        cells[DETECTS].text = isnan(row->detectable) ? "" : percent_text(row->detectable, arena);
    }
    table.baseline_row = table.row_count;
    return table;
}
