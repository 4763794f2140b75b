#include "base/string_list.h"
#include "base/text_stream.h"
#include "experiment/starter/draft.h"

#include <math.h>
#include <stdarg.h>

static const char *step_text(const struct config_draft *draft) {
    const struct roles *roles = &draft->roles;
    static const struct {
        double seconds;
        const char *unit;
    } units[] = {
        {86400 * 7, "week"}, {86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
    if (draft->table.columns[roles->time].type != COLUMN_TIME)
        return arena_printf(draft->arena, "numbers, %g apart", roles->step);
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        double count = roles->step / units[i].seconds;
        if (count >= 1 && count == floor(count))
            return arena_printf(draft->arena, "dates, a row every %g %s%s", count, units[i].unit,
                                count == 1 ? "" : "s");
    }
    return arena_printf(draft->arena, "dates, %g seconds apart", roles->step);
}

static __attribute__((format(printf, 3, 4))) void put_line(FILE *out, const char *title,
                                                           const char *format, ...) {
    va_list arguments;
    fprintf(out, "  %-9s ", title);
    va_start(arguments, format);
    vfprintf(out, format, arguments);
    va_end(arguments);
    putc('\n', out);
}

/* A line on the columns of one use that are left out, if there are any. */
static void put_unused(FILE *out, const struct config_draft *draft, enum column_use use,
                       const char *advice) {
    const char *list = draft_list_unused(draft, use);
    if (list[0] != '\0')
        put_line(out, "left out", "%s%s", list, advice);
}

const char *draft_summary(const struct config_draft *draft, double seconds) {
    const struct column *columns = draft->table.columns;
    const struct roles *roles = &draft->roles;
    const struct knobs *knobs = &draft->knobs;
    struct text_stream text;
    FILE *out = text_stream_open(&text);
    fprintf(out, "%s: %zu rows, %zu columns\n", draft->request->csv, draft->table.rows,
            draft->table.column_count);
    if (roles->time != NO_COLUMN)
        put_line(out, "time", "%s (%s%s)", columns[roles->time].name, step_text(draft),
                 roles->is_sorted ? "" : "; rows get sorted");
    else
        put_line(out, "time", "none: rows are taken as equally spaced");
    if (roles->group != NO_COLUMN)
        put_line(out, "series", "%zu, told apart by %s", roles->series, columns[roles->group].name);
    put_line(out, "inputs", "%s", draft_list_names(draft, &draft->inputs));
    put_line(out, draft->predicts_classes ? "class" : "predict", "%s",
             draft->targets.count > 0 ? string_list_join(&draft->targets, draft->arena)
                                      : "the inputs, one step ahead");
    put_unused(out, draft, USE_NONE, "");
    put_unused(out, draft, USE_CLASS, "; --target NAME classifies by it");
    if (draft->drifts)
        put_line(
            out, "level",
            "drifts: each window is taken relative to its last value (such models cannot stream)");
    if (roles->has_missing)
        put_line(out, "missing", "values are masked: models are told what was observed");
    put_line(out, "models", "lstm, gru, cfc, ltc and ncp of %d parameters, %d seeds each",
             knobs->parameters, knobs->seeds);
    put_line(out, "training", "windows of %d rows, at most %d epochs", knobs->window,
             knobs->epochs);
    put_line(out, "time taken", "at most %.0f s on this machine", ceil(seconds));
    return text_stream_close(&text, draft->arena);
}
