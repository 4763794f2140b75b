#include "data/pipeline/assembly.h"
#include "data/text/time_format.h"

#include <math.h>
#include <string.h>

static bool are_in_order(const struct column *column, size_t rows) {
    for (size_t row = 1; row < rows; row++)
        if (!(time_between(column, row - 1, row) > 0))
            return false;
    return true;
}

/* What would have to be done before the dates of the rows, taken as one series, can be used. */
static const char *what_dates_need(const struct column *column, size_t rows, struct arena *arena) {
    bool down = rows > 1;
    for (size_t row = 0; row < rows; row++) {
        double step = row > 0 ? time_between(column, row - 1, row) : 1;
        if (isnan(column->values[row]))
            return arena_printf(
                arena, ", and row %zu has no date; give it one, or take it out, and", row + 1);
        if (step == 0)
            return arena_printf(
                arena,
                ", and row %zu has the date of the row before; take one of them out, or "
                "name the column of series in dataset.group, and",
                row + 1);
        down = down && (row == 0 || step < 0);
    }
    return are_in_order(column, rows) ? ";"
           : down ? ", whose newest row comes first; set dataset.order to \"sort\" and"
                  : ", which is not that of the dates; set dataset.order to \"sort\" and";
}

static bool has_equal_steps(const struct column *column, size_t rows) {
    double first = rows > 2 ? column->values[1] - column->values[0] : 0;
    for (size_t row = 2; row < rows && first > 0; row++)
        if (!(fabs(column->values[row] - column->values[row - 1] - first) <= 1e-6 * first))
            return false;
    return first > 0;
}

static bool looks_like_date(const char *text) {
    size_t digits = strspn(text, "0123456789");
    return digits > 0 && digits <= 4 && text[digits] != '\0' &&
           strchr("./-: ", text[digits]) != NULL && strpbrk(text + digits + 1, "./-:") != NULL;
}

/* Dates but for a few fields, such as the "Total" of a last row. */
static void note_odd_dates(struct dataset *dataset, const struct table *table,
                           const struct column *column, struct arena *arena) {
    notes_add(&dataset->notes, arena, table->path,
              "column \"%s\" holds dates but for \"%.40s\" in line %zu and is not used: that row "
              "counts as any other; take it out of the file if it is none, and set dataset.time to "
              "\"%s\"",
              column->name, column->not_time.text, column->not_time.line, column->name);
}

static void note_dates(struct dataset *dataset, const struct table *table, size_t position,
                       struct arena *arena) {
    const struct column *column = &table->columns[position];
    if (dataset->options->time != NULL) {
        notes_add(&dataset->notes, arena, table->path, "column \"%s\" holds dates and is not used",
                  column->name);
        return;
    }
    bool is_one_series = dataset->options->group == NULL;
    notes_add(&dataset->notes, arena, table->path,
              "column \"%s\" holds dates but is not used: the rows are taken as equally spaced, in "
              "the order of the file%s set dataset.time to \"%s\"",
              column->name, is_one_series ? what_dates_need(column, table->rows, arena) : ";",
              column->name);
}

/* "20.4 kg", "$1,500", "(12.5)", "1163,76": digits first, but for a mark, and no number. */
static bool looks_like_quantity(const char *text) {
    const char *marks[] = {"$", "\xE2\x82\xAC", "\xC2\xA3", "\xC2\xA5", "(", "~", "<",
                           ">", "\xE2\x88\x92", "-",        "+"};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (strncmp(text, marks[i], strlen(marks[i])) == 0)
            text += strlen(marks[i]);
    text += strspn(text, " ");
    size_t digits = strspn(text, "0123456789.,'");
    const char *rest = text + digits;
    return digits > 0 && (rest[0] == '\0' || strpbrk(rest, "0123456789:/-_") == NULL);
}

static void note_other_text(struct dataset *dataset, const struct table *table, size_t position,
                            struct arena *arena) {
    const struct column *column = &table->columns[position];
    const char *text = column->label_count > 0 ? column->labels[0] : "";
    struct time_formats formats = time_formats_find(column->labels, column->label_count, arena);
    if (column->mostly_times && column->not_time.text != NULL)
        note_odd_dates(dataset, table, column, arena);
    else if (formats.format != NULL && dataset->options->time == NULL)
        notes_add(&dataset->notes, arena, table->path,
                  "column \"%s\" holds dates such as \"%.40s\" but is not used: the rows are taken "
                  "as equally spaced, in the order of the file; set dataset.time to \"%s\" and "
                  "dataset.time_format to %s",
                  column->name, text, column->name, time_formats_name(&formats, arena));
    else if (looks_like_date(text) && dataset->options->time == NULL)
        notes_add(&dataset->notes, arena, table->path,
                  "column \"%s\" holds text such as \"%.40s\" and is not used; if these are times, "
                  "set dataset.time to it and dataset.time_format to their format",
                  column->name, text);
    else if (looks_like_quantity(text))
        notes_add(
            &dataset->notes, arena, table->path,
            "column \"%s\" holds text such as \"%.40s\" and is not used; to use it as numbers, "
            "write them alike, without units and currencies",
            column->name, text);
    else
        notes_add(&dataset->notes, arena, table->path,
                  "column \"%s\" holds text such as \"%.40s\" and is not used; name it in "
                  "dataset.categorical to use it",
                  column->name, text);
}

void columns_note_disorder(struct dataset *dataset, const struct table *table,
                           struct arena *arena) {
    const struct dataset_options *options = dataset->options;
    for (size_t i = 0; i < table->column_count && options->time == NULL; i++) {
        const struct column *column = &table->columns[i];
        if (column->type == COLUMN_TIME && options->group == NULL && table->rows > 1 &&
            !are_in_order(column, table->rows))
            note_dates(dataset, table, i, arena);
        else if (column->mostly_times && column->not_time.text != NULL)
            note_odd_dates(dataset, table, column, arena);
    }
}

void columns_note(struct dataset *dataset, const struct table *table, const bool *taken,
                  struct arena *arena) {
    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        if (taken[i])
            continue;
        if (column->is_empty)
            notes_add(&dataset->notes, arena, table->path, "column \"%s\" is empty and is not used",
                      column->name);
        else if (column->type == COLUMN_TIME)
            note_dates(dataset, table, i, arena);
        else if (column->type == COLUMN_LABEL)
            note_other_text(dataset, table, i, arena);
        else if (!column->is_row_number && dataset->options->time == NULL &&
                 dataset->options->group == NULL && has_equal_steps(column, table->rows))
            notes_add(&dataset->notes, arena, table->path,
                      "column \"%s\" grows in equal steps, as time does, and is an input%s; set "
                      "dataset.time to \"%s\" if it is time",
                      column->name,
                      dataset->task == TASK_FORECAST && dataset->options->targets.count == 0
                          ? " and a target"
                          : "",
                      column->name);
    }
}
