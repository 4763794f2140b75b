#include "experiment/starter/starter.h"

#include "data/pipeline/source.h"
#include "data/text/time_format.h"
#include "experiment/starter/draft.h"

#include <sys/stat.h>

static bool check_rows(const struct config_draft *draft, struct error *error) {
    enum { FEWEST_ROWS = 30 };
    return draft->roles.rows >= FEWEST_ROWS ||
           error_set(error,
                     "%s: %s of %zu row%s %s too short to train, validate and test on; at least %d "
                     "are needed",
                     draft->request->csv, draft->roles.series > 1 ? "series" : "a series",
                     draft->roles.rows, draft->roles.rows == 1 ? "" : "s",
                     draft->roles.series > 1 ? "are" : "is", FEWEST_ROWS);
}

/* The first column of text that is dates in one usual format; NULL: there is none, or better. */
static const struct column *find_formatted_time(struct config_draft *draft) {
    for (size_t i = 0; i < draft->table.column_count; i++)
        if (draft->table.columns[i].type == COLUMN_TIME)
            return NULL;
    for (size_t i = 0; i < draft->table.column_count; i++) {
        const struct column *column = &draft->table.columns[i];
        struct time_formats formats =
            time_formats_find(column->labels, column->label_count, draft->arena);
        if (formats.format != NULL && formats.other == NULL) {
            draft->time_format = formats.format;
            return column;
        }
    }
    return NULL;
}

static bool read_file(struct config_draft *draft, struct error *error) {
    const char *path = draft->request->csv;
    struct dataset_options reading = {0};
    struct field_target target = {dataset_fields, &reading};
    struct stat status;
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
        return error_set(
            error, "%s: cannot be read again when the config is run; save it as a file", path);
    if (draft->request->reading != NULL &&
        !fields_read(&target, 1, draft->request->reading, "dataset", draft->arena, error))
        return false;
    if (!table_read(&reading, path, &draft->table, error))
        return false;
    const struct column *time = find_formatted_time(draft);
    if (time == NULL)
        return true;
    const char *name = arena_strdup(draft->arena, time->name);
    reading.times = (struct string_list){1, &name};
    reading.time = name;
    reading.time_format = draft->time_format;
    table_free(&draft->table);
    return table_read(&reading, path, &draft->table, error);
}

bool starter_make(const struct starter_request *request, struct starter *starter,
                  struct arena *arena, struct error *error) {
    *starter = (struct starter){0};
    struct config_draft draft = {.request = request, .arena = arena};
    if (!read_file(&draft, error))
        return false;
    notes_print(&draft.table.notes);
    draft.roles = roles_find(&draft.table, arena);
    bool made = check_rows(&draft, error) && draft_choose_columns(&draft, error) &&
                draft_fit_budget(&draft, &starter->seconds, error);
    if (made) {
        starter->config = draft_config(&draft);
        starter->summary = draft_summary(&draft, starter->seconds);
    }
    table_free(&draft.table);
    return made;
}
