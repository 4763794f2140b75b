#include "base/string_list.h"
#include "evaluate/statistics.h"
#include "experiment/starter/draft.h"

#include <math.h>

const char *draft_list_names(const struct config_draft *draft, const struct string_list *names) {
    enum { MAX_NAMED = 8 };
    if (names->count <= MAX_NAMED)
        return string_list_join(names, draft->arena);
    struct string_list first = {MAX_NAMED, names->items};
    return arena_printf(draft->arena, "%s and %zu more", string_list_join(&first, draft->arena),
                        names->count - MAX_NAMED);
}

const char *draft_list_unused(const struct config_draft *draft, enum column_use use) {
    size_t count = draft->table.column_count;
    struct string_list named = {.items = ARENA_NEW(draft->arena, const char *, count)};
    for (size_t i = 0; i < count; i++) {
        const char *name = draft->table.columns[i].name;
        const struct column_role *role = &draft->roles.columns[i];
        if (role->use == use && !string_list_has(&draft->targets, name) &&
            !string_list_has(&draft->inputs, name))
            named.items[named.count++] = arena_printf(draft->arena, "%s (%s)", name, role->why);
    }
    return draft_list_names(draft, &named);
}

/* --- targets --------------------------------------------------------------------------------- */

/* A target that is asked for, by name or number; a text or one of two numbers is a class. */
static bool take_target(struct config_draft *draft, const char *name, struct error *error) {
    size_t position;
    if (!table_find(&draft->table, name, &position, error))
        return error_prefix(error, "--target");
    enum column_use use = draft->roles.columns[position].use;
    if (use == USE_TIME || use == USE_GROUP)
        return error_set(error, "--target: column \"%s\" of %s %s; choose another", name,
                         draft->request->csv,
                         use == USE_TIME ? "is the time" : "tells series apart");
    if (use == USE_CLASS || draft->table.columns[position].type == COLUMN_LABEL ||
        column_is_flag(&draft->table.columns[position], draft->table.rows))
        draft->predicts_classes = true;
    draft->targets.items[draft->targets.count++] = draft->table.columns[position].name;
    return true;
}

/* The first column of classes that is called as classes are; else NULL. */
static const char *evident_class(const struct config_draft *draft) {
    for (size_t i = 0; i < draft->table.column_count; i++) {
        const char *name = draft->table.columns[i].name;
        if (draft->roles.columns[i].use == USE_CLASS && column_is_called_class(name))
            return name;
    }
    return NULL;
}

/* Those that are asked for, else an evident class; with neither all signals are forecast. */
static bool choose_targets(struct config_draft *draft, struct error *error) {
    const struct string_list *asked_for = &draft->request->targets;
    draft->targets.items = ARENA_NEW(draft->arena, const char *, asked_for->count + 1);
    for (size_t i = 0; i < asked_for->count; i++)
        if (!take_target(draft, asked_for->items[i], error))
            return false;
    const char *class = evident_class(draft);
    if (draft->targets.count == 0 && class != NULL) {
        draft->predicts_classes = true;
        draft->targets.items[draft->targets.count++] = class;
    }
    return true;
}

/* --- inputs ---------------------------------------------------------------------------------- */

/* There is no signal: says of a column of numbers what is wrong in it, else of all why they are none. */
static bool refuse_columns(const struct config_draft *draft, struct error *error) {
    const struct table *table = &draft->table;
    for (size_t i = 0; i < table->column_count; i++)
        if (draft->roles.columns[i].use == USE_NONE && table->columns[i].mostly_numbers)
            return column_refuse_numbers(table, i, error);
    const char *left_out = draft_list_unused(draft, USE_NONE);
    return error_set(error, "%s: no column is a signal that a model could learn from%s%s",
                     draft->request->csv, left_out[0] != '\0' ? "; left out: " : "", left_out);
}

/* All signals, numbers of a class among them, and what is forecast; not a class that is predicted. */
static bool choose_inputs(struct config_draft *draft, struct error *error) {
    const struct table *table = &draft->table;
    draft->inputs.items = ARENA_NEW(draft->arena, const char *, table->column_count);
    for (size_t i = 0; i < table->column_count; i++) {
        bool is_target = string_list_has(&draft->targets, table->columns[i].name);
        enum column_use use = draft->roles.columns[i].use;
        bool is_signal =
            use == USE_SIGNAL || (use == USE_CLASS && table->columns[i].type == COLUMN_NUMBER);
        if (is_target ? !draft->predicts_classes : is_signal)
            draft->inputs.items[draft->inputs.count++] = table->columns[i].name;
    }
    return draft->inputs.count > 0 || refuse_columns(draft, error);
}

/* --- what their values show ------------------------------------------------------------------ */

/* The values of a chosen column. */
static const double *values_of(const struct config_draft *draft, const char *name) {
    size_t position;
    struct error ignored;
    return table_find(&draft->table, name, &position, &ignored)
               ? draft->table.columns[position].values
               : NULL;
}

/* Yes or no, as of holidays. */
static bool is_flag(const struct config_draft *draft, const char *name) {
    const double *values = values_of(draft, name);
    for (size_t r = 0; r < draft->table.rows; r++)
        if (!isnan(values[r]) && values[r] != 0 && values[r] != 1)
            return false;
    return true;
}

/* Without targets all inputs are forecast, except flags beside other signals. */
static void leave_out_flags(struct config_draft *draft) {
    if (draft->targets.count > 0)
        return;
    struct string_list signals = {.items =
                                      ARENA_NEW(draft->arena, const char *, draft->inputs.count)};
    for (size_t i = 0; i < draft->inputs.count; i++)
        if (!is_flag(draft, draft->inputs.items[i]))
            signals.items[signals.count++] = draft->inputs.items[i];
    if (signals.count > 0 && signals.count < draft->inputs.count)
        draft->targets = signals;
}

static bool deviations_differ(const struct config_draft *draft) {
    double smallest = INFINITY, largest = 0;
    const struct string_list *targets = draft->targets.count > 0 ? &draft->targets : &draft->inputs;
    for (size_t i = 0; i < targets->count; i++) {
        const double *values = values_of(draft, targets->items[i]);
        double deviation = summarize(values, draft->table.rows).deviation;
        smallest = fmin(smallest, deviation);
        largest = fmax(largest, deviation);
    }
    return largest > 3 * smallest;
}

/* Whether the last rows of a signal lie outside what the first ones, which are trained on, have shown:
 * their means differ by more than a deviation. Several series do not share a level. */
static bool has_drift(const struct config_draft *draft) {
    if (draft->roles.series > 1)
        return false;
    size_t border = draft->table.rows * 7 / 10;
    for (size_t i = 0; i < draft->inputs.count; i++) {
        const double *values = values_of(draft, draft->inputs.items[i]);
        struct summary early = summarize(values, border);
        struct summary late = summarize(values + border, draft->table.rows - border);
        if (fabs(late.mean - early.mean) > early.deviation)
            return true;
    }
    return false;
}

/* Rows a week of data with a row a day: 5 where there are none at weekends. */
static double days_a_week(const struct config_draft *draft) {
    const struct column *time = &draft->table.columns[draft->roles.time];
    double first = INFINITY, last = -INFINITY, week = 7 * 86400.0;
    for (size_t r = 0; r < draft->table.rows; r++) {
        first = fmin(first, time->values[r]);
        last = fmax(last, time->values[r]);
    }
    double days = week * (double)(draft->roles.rows - 1) / (last - first);
    return draft->roles.series == 1 && days > 4.5 && days < 5.2 ? 5 : 7;
}

/* Rows in a season of data that is dated: a day, a week or a year, whichever is the shortest of
 * more than three rows. */
static int season_of(const struct config_draft *draft) {
    static const double seasons[] = {86400, 7 * 86400.0, 365.2425 * 86400};
    const struct roles *roles = &draft->roles;
    if (roles->time == NO_COLUMN || draft->table.columns[roles->time].type != COLUMN_TIME)
        return 0;
    for (size_t i = 0; i < sizeof seasons / sizeof seasons[0]; i++) {
        double rows = round(seasons[i] / roles->step);
        if (rows == 7 && roles->step == 86400)
            rows = days_a_week(draft);
        if (rows > 3 && 3 * rows < (double)roles->rows && rows < 1000)
            return (int)rows;
    }
    return 0;
}

bool draft_choose_columns(struct config_draft *draft, struct error *error) {
    if (!choose_targets(draft, error) || !choose_inputs(draft, error))
        return false;
    leave_out_flags(draft);
    draft->has_unlike_targets = !draft->predicts_classes && deviations_differ(draft);
    draft->drifts = !draft->predicts_classes && has_drift(draft);
    draft->season = season_of(draft);
    return true;
}
