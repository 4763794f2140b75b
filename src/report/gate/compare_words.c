#include "report/gate/compare_output.h"
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
    return comparison->chance > 0
               ? arena_printf(arena, "%s, %zu more perhaps by chance", text, comparison->chance)
               : text;
}

const char *row_subject(const struct comparison_row *row, struct arena *arena) {
    return row->model[0] == '\0' ? row->dataset
                                 : arena_printf(arena, "%s · %s", row->dataset, row->model);
}

bool row_fails(const struct comparison_row *row) {
    return row->verdict == VERDICT_WORSE || row->verdict == VERDICT_MISSING;
}

static const char *value_text(const struct comparison_row *row, double value, struct arena *arena) {
    return row->is_cost ? format_cost(arena, row->unit, value) : format_number(arena, value, 4);
}

/* "12 % worse": the sign alone would not say whether up is good. */
static const char *change_text(const struct comparison_row *row, struct arena *arena) {
    if (row->change == 0)
        return "same";
    const char *direction = row->change > 0 ? "worse" : "better";
    double percent = 100 * fabs(row->change);
    if (percent < 0.05)
        return arena_printf(arena, "< 0.1 %% %s", direction);
    if (percent >= 1000)
        return arena_printf(arena, "> 1000 %% %s", direction);
    return arena_printf(arena, "%.*f %% %s", percent < 10 ? 1 : 0, percent, direction);
}

const char *row_failure(const struct comparison_row *row, struct arena *arena) {
    if (row->verdict == VERDICT_MISSING)
        return row->metric[0] == '\0' ? row->reason
                                      : arena_printf(arena, "%s %s", row->metric, row->reason);
    const char *test =
        isnan(row->p) ? "" : arena_printf(arena, ", p = %s", format_number(arena, row->p, 2));
    return arena_printf(arena, "%s %s → %s: %s (tolerance %g %%%s)", row->metric,
                        value_text(row, row->base, arena), value_text(row, row->changed, arena),
                        change_text(row, arena), 100 * row->tolerance, test);
}

static const char *verdict_text(const struct comparison_row *row, struct arena *arena) {
    if (row->verdict == VERDICT_WORSE)
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

struct table comparison_changes(const struct comparison *comparison, struct arena *arena) {
    static const char *const titles[] = {"data set · model", "metric", "base", "new", "change", ""};
    enum { COLUMNS = sizeof titles / sizeof titles[0] };
    struct table table = table_new("changes", "Changes", comparison->row_count, COLUMNS, arena);
    for (size_t c = 0; c < COLUMNS; c++)
        table_add_column(&table, titles[c], c < 2 || c == COLUMNS - 1);
    for (size_t r = 0; r < comparison->row_count; r++) {
        const struct comparison_row *row = &comparison->rows[r];
        if (!is_shown(row))
            continue;
        struct cell *cells = table_add_row(&table);
        cells[0].text = row_subject(row, arena);
        cells[1].text = row->metric;
        cells[2].text = value_text(row, row->base, arena);
        cells[3].text = value_text(row, row->changed, arena);
        cells[4].text = change_text(row, arena);
        cells[5].text = verdict_text(row, arena);
    }
    table.baseline_row = table.row_count;
    return table;
}
