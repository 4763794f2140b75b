/* Tables of the hypotheses. */
#include "report/tables/format.h"
#include "report/tables/tables.h"

#include <math.h>
#include <string.h>

static const char *ratio_text(double logarithm, struct arena *arena) {
    return isinf(logarithm) ? (logarithm > 0 ? "×∞" : "×0") : format_ratio(arena, exp(logarithm));
}

static const char *interval_text(double low, double high, struct arena *arena) {
    if (isnan(low) || (isinf(low) && isinf(high)))
        return NO_VALUE;
    const char *end = ratio_text(high, arena);
    size_t sign = strlen("×"); /* once is enough */
    return arena_printf(arena, "%s to %s", ratio_text(low, arena),
                        strncmp(end, "×", sign) == 0 ? end + sign : end);
}

/* "6 sets" of data, "10 seeds" */
static const char *units_text(const struct effect *effect, struct arena *arena) {
    if (effect->count == 0)
        return NO_VALUE;
    bool seeds = effect->units == EFFECT_OF_SEEDS;
    return arena_printf(arena, "%zu %s%s", effect->count, seeds ? "seed" : "set",
                        effect->count == 1 ? "" : "s");
}

struct report_table table_hypotheses(const struct hypotheses *hypotheses, bool with_rules,
                                     struct arena *arena) {
    enum { NAME, RULE, UNITS, EFFECT, INTERVAL, P, VERDICT, COLUMNS };
    static const char *const titles[COLUMNS] = {"hypothesis", "rule", "tested on", "effect",
                                                "interval",   "p",    "verdict"};
    struct report_table table =
        table_new("hypotheses", "Verdicts", hypotheses->count, COLUMNS, arena);
    table.note = arena_printf(
        arena,
        "tested on seeds or data sets; effect: ratio of the models' values to those they are "
        "compared with; interval and p share "
        "one correction (Holm) for %zu hypothes%s: with 95 %% certainty none of the verdicts is "
        "wrong",
        hypotheses->tested, hypotheses->tested == 1 ? "is" : "es");
    size_t places[COLUMNS];
    for (size_t c = 0; c < COLUMNS; c++) {
        places[c] = table.column_count;
        if (c != RULE || with_rules)
            table_add_column(&table, titles[c], c == NAME || c == RULE || c == VERDICT);
    }
    for (size_t h = 0; h < hypotheses->count; h++) {
        const struct hypothesis *hypothesis = &hypotheses->items[h];
        struct report_cell *row = table_add_row(&table);
        row[places[NAME]].text = hypothesis->options.name;
        if (with_rules)
            row[places[RULE]].text = hypothesis->rule;
        row[places[UNITS]].text = units_text(&hypothesis->effect, arena);
        row[places[EFFECT]].text = format_ratio(arena, exp(hypothesis->effect.mean));
        row[places[INTERVAL]].text = interval_text(hypothesis->low, hypothesis->high, arena);
        row[places[P]].text = isnan(hypothesis->adjusted) ? NO_VALUE
                              : hypothesis->adjusted < 0.001
                                  ? "<0.001"
                                  : format_number(arena, hypothesis->adjusted, 2);
        row[places[VERDICT]].text = with_rules ? decision_name(hypothesis->verdict)
                                               : decision_short_name(hypothesis->verdict);
        row[places[VERDICT]].best = hypothesis->verdict == SUPPORTED;
    }
    return table;
}

struct report_table table_hypothesis_units(const struct hypotheses *hypotheses,
                                           struct arena *arena) {
    enum { NAME, DATASET, SEEDS, EFFECT, INTERVAL, FAILED, NOTE, COLUMNS };
    static const char *const titles[COLUMNS] = {"hypothesis",    "data set", "seeds", "effect",
                                                "95 % interval", "failed",   "note"};
    size_t rows = 0;
    for (size_t h = 0; h < hypotheses->count; h++)
        rows += hypotheses->items[h].unit_count;
    struct report_table table =
        table_new("hypothesis_units", "Effects on each data set", rows, COLUMNS, arena);
    table.details = true;
    table.note = "intervals without correction; failed: trials that count as the worst";
    for (size_t c = 0; c < COLUMNS; c++)
        table_add_column(&table, titles[c], c == NAME || c == DATASET || c == NOTE);
    for (size_t h = 0; h < hypotheses->count; h++)
        for (size_t u = 0; u < hypotheses->items[h].unit_count; u++) {
            const struct hypothesis_unit *unit = &hypotheses->items[h].units[u];
            struct report_cell *row = table_add_row(&table);
            row[NAME].text = hypotheses->items[h].options.name;
            row[DATASET].text = unit->dataset->title;
            row[SEEDS].text = arena_printf(arena, "%zu", unit->effect.count);
            row[EFFECT].text = format_ratio(arena, exp(unit->effect.mean));
            row[INTERVAL].text = interval_text(unit->low, unit->high, arena);
            row[FAILED].text = arena_printf(arena, "%zu", unit->failed);
            row[NOTE].text = unit->reason != NULL ? unit->reason : "";
        }
    return table;
}
