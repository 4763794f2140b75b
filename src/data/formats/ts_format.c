#include "data/formats/ts_format.h"

#include "base/file.h"
#include "base/utf8.h"
#include "data/formats/wide_format.h"
#include "data/text/iso8601.h"
#include "data/text/number.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct ts_reader {
    const char *path;
    size_t line;
    bool has_times, has_class, has_target;
    bool times_are_dates; /* known from the first time on */
    bool has_seen_time;
    struct table *table;
    struct column *columns; /* of the table: series, [time], dimensions, [label] */
    size_t dimensions, series;
    char **classes; /* as @classLabel lists them */
    size_t class_count;
    struct error *error;
};

static bool ts_fail(const struct ts_reader *reader, const char *what, const char *text) {
    return error_set(reader->error, "%s: line %zu: %s%s%.60s%s", reader->path, reader->line, what,
                     text != NULL ? " \"" : "", text != NULL ? text : "", text != NULL ? "\"" : "");
}

static char *trim(char *text) {
    while (*text == ' ' || *text == '\t')
        text++;
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL)
        text[--length] = '\0';
    return text;
}

/* --- header ---------------------------------------------------------------------------------- */

static int compare_texts(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool read_flag(const struct ts_reader *reader, const char *name, const char *value,
                      bool *flag) {
    if (value == NULL || (strcasecmp(value, "true") != 0 && strcasecmp(value, "false") != 0))
        return ts_fail(reader, "must be followed by true or false:", name);
    *flag = strcasecmp(value, "true") == 0;
    return true;
}

static void add_class(struct ts_reader *reader, const char *name) {
    reader->classes = mem_grow(reader->classes, reader->class_count, sizeof *reader->classes);
    reader->classes[reader->class_count++] = arena_strdup(&reader->table->arena, name);
}

/* As labels are: distinct and sorted. */
static void sort_classes(struct ts_reader *reader) {
    size_t count = 0;
    qsort(reader->classes, reader->class_count, sizeof *reader->classes, compare_texts);
    for (size_t i = 0; i < reader->class_count; i++)
        if (count == 0 || strcmp(reader->classes[count - 1], reader->classes[i]) != 0)
            reader->classes[count++] = reader->classes[i];
    reader->class_count = count;
}

/* "@name value value ..." */
static bool read_tag(struct ts_reader *reader, char *line) {
    char *rest = NULL, *name = strtok_r(line, " \t", &rest), *value = strtok_r(NULL, " \t", &rest);
    if (strcasecmp(name, "@timestamps") == 0)
        return read_flag(reader, name, value, &reader->has_times);
    if (strcasecmp(name, "@targetLabel") == 0)
        return read_flag(reader, name, value, &reader->has_target);
    if (strcasecmp(name, "@classLabel") != 0)
        return true; /* @problemName, @univariate, @equalLength, ...: the data says it */
    if (!read_flag(reader, name, value, &reader->has_class))
        return false;
    while ((value = strtok_r(NULL, " \t", &rest)) != NULL)
        add_class(reader, value);
    if (!reader->has_class)
        return true;
    if (reader->class_count == 0)
        return ts_fail(reader, "@classLabel true must be followed by the classes", NULL);
    sort_classes(reader);
    return true;
}

/* --- values ---------------------------------------------------------------------------------- */

static bool parse_value(const struct ts_reader *reader, char *text, double *value) {
    char *end;
    text = trim(text);
    *value = NAN;
    if (strcmp(text, "?") == 0 || strcasecmp(text, "nan") == 0)
        return true;
    *value = strtod(text, &end);
    return (end != text && *end == '\0' && isfinite(*value)) ||
           ts_fail(reader, "is no number:", text);
}

/* A time, and what the double lost. */
struct exact_time {
    double value, rest;
};

static bool parse_time(struct ts_reader *reader, char *text, struct exact_time *time) {
    static const struct number_format plain = {'.', 0};
    struct moment moment;
    text = trim(text);
    size_t length = strlen(text);
    if (length >= 2 && text[0] == '"' && text[length - 1] == '"') {
        text[length - 1] = '\0';
        text++;
    }
    bool is_number = number_parse_exact(text, &plain, &time->value, &time->rest);
    if (is_number ? isinf(time->value) : !iso8601_parse(text, &moment))
        return ts_fail(reader, "is no time:", text);
    if (!is_number)
        moment_split(&moment, &time->value, &time->rest);
    if (reader->has_seen_time && reader->times_are_dates == is_number)
        return ts_fail(reader, "is of another kind than the times before:", text);
    reader->has_seen_time = true;
    reader->times_are_dates = !is_number;
    return true;
}

static struct column *dimension_column(const struct ts_reader *reader, size_t dimension) {
    return &reader->columns[1 + reader->has_times + dimension];
}

static size_t column_count(const struct ts_reader *reader) {
    return 1 + reader->has_times + reader->dimensions + (reader->has_class || reader->has_target);
}

/* One more row, with all its cells missing. */
static void add_row(struct ts_reader *reader) {
    struct table *table = reader->table;
    for (size_t i = 0; i < column_count(reader); i++) {
        struct column *column = &reader->columns[i];
        column->values = mem_grow(column->values, table->rows, sizeof(double));
        column->values[table->rows] = NAN;
    }
    if (reader->has_times) {
        struct column *time = &reader->columns[1];
        time->rest = mem_grow(time->rest, table->rows, sizeof(double));
    }
    reader->columns[0].values[table->rows++] = (double)reader->series;
}

/* The value of a row of the series, counted from its `first`; times of all dimensions agree. */
static bool put_value(struct ts_reader *reader, size_t first, size_t row, size_t dimension,
                      const struct exact_time *time, double value) {
    struct table *table = reader->table;
    if (first + row == table->rows)
        add_row(reader);
    dimension_column(reader, dimension)->values[first + row] = value;
    if (!reader->has_times)
        return true;
    double *value_known = &reader->columns[1].values[first + row];
    double *rest_known = &reader->columns[1].rest[first + row];
    if (!isnan(*value_known) && (*value_known != time->value || *rest_known != time->rest))
        return ts_fail(reader, "dimensions of one series must have the same times", NULL);
    *value_known = time->value;
    *rest_known = time->rest;
    return true;
}

/* "(time,value),(time,value),..." */
static bool read_timed(struct ts_reader *reader, char *text, size_t first, size_t dimension) {
    size_t row = 0;
    for (char *at = trim(text); *at != '\0'; row++) {
        char *close = strchr(at, ')'), *comma = close;
        if (*at != '(' || close == NULL)
            return ts_fail(reader, "with timestamps a value is written as (time,value), not", at);
        *close = '\0';
        while (comma > at && *comma != ',')
            comma--;
        if (comma == at)
            return ts_fail(reader, "has no value after its time:", at + 1);
        *comma = '\0';
        struct exact_time time;
        double value;
        if (!parse_time(reader, at + 1, &time) || !parse_value(reader, comma + 1, &value) ||
            !put_value(reader, first, row, dimension, &time, value))
            return false;
        at = trim(close + 1);
        at += *at == ',';
        at = trim(at);
    }
    return row > 0 || ts_fail(reader, "a dimension has no values", NULL);
}

/* "value,value,..." */
static bool read_values(struct ts_reader *reader, char *text, size_t first, size_t dimension) {
    size_t row = 0;
    char *rest = text, *field;
    while ((field = strsep(&rest, ",")) != NULL) {
        double value;
        if (!parse_value(reader, field, &value) ||
            !put_value(reader, first, row++, dimension, NULL, value))
            return false;
    }
    return true;
}

static bool parse_label(const struct ts_reader *reader, char *text, double *label) {
    text = trim(text);
    if (reader->has_target)
        return parse_value(reader, text, label);
    char **found = bsearch(&text, reader->classes, reader->class_count, sizeof *reader->classes,
                           compare_texts);
    if (found == NULL)
        return ts_fail(reader, "is none of the classes of @classLabel:", text);
    *label = (double)(found - reader->classes);
    return true;
}

/* --- series ---------------------------------------------------------------------------------- */

/* Where a dimension ends: at a ":" that is not within the parentheses of a timestamp. */
static char *dimension_end(const struct ts_reader *reader, char *text) {
    int depth = 0;
    for (; *text != '\0'; text++) {
        depth += (*text == '(') - (*text == ')');
        if (*text == ':' && (depth == 0 || !reader->has_times))
            return text;
    }
    return NULL;
}

static size_t count_fields(const struct ts_reader *reader, char *line) {
    size_t count = 1;
    while ((line = dimension_end(reader, line)) != NULL) {
        line++;
        count++;
    }
    return count;
}

static void make_columns(struct ts_reader *reader, size_t dimensions) {
    struct arena *arena = &reader->table->arena;
    reader->dimensions = dimensions;
    reader->columns = ARENA_NEW(arena, struct column, column_count(reader));
    reader->columns[0].name = SERIES_COLUMN;
    if (reader->has_times)
        reader->columns[1].name = TIME_COLUMN;
    for (size_t k = 0; k < dimensions; k++)
        dimension_column(reader, k)->name =
            dimensions == 1 ? "x" : arena_printf(arena, "x%zu", k + 1);
    if (reader->has_class || reader->has_target) {
        struct column *label = dimension_column(reader, dimensions);
        label->name = LABEL_COLUMN;
        label->is_row_number = true; /* no input, unless it is named */
    }
    reader->table->columns = reader->columns;
    reader->table->column_count = column_count(reader);
}

static bool read_series(struct ts_reader *reader, char *line) {
    bool has_label = reader->has_class || reader->has_target;
    size_t fields = count_fields(reader, line), first = reader->table->rows;
    if (fields < 1 + (size_t)has_label)
        return ts_fail(reader, "has no \":\" and a label after its values", NULL);
    if (reader->columns == NULL)
        make_columns(reader, fields - has_label);
    if (fields - has_label != reader->dimensions) {
        char what[96];
        snprintf(what, sizeof what, "has %zu dimensions, but the series before it have %zu",
                 fields - has_label, reader->dimensions);
        return ts_fail(reader, what, NULL);
    }
    reader->series++;
    for (size_t k = 0; k < reader->dimensions; k++) {
        char *end = dimension_end(reader, line);
        if (end != NULL)
            *end = '\0';
        if (!(reader->has_times ? read_timed : read_values)(reader, line, first, k))
            return false;
        line = end != NULL ? end + 1 : NULL;
    }
    double label = NAN;
    if (has_label && !parse_label(reader, line, &label))
        return false;
    for (size_t row = first; has_label && row < reader->table->rows; row++)
        dimension_column(reader, reader->dimensions)->values[row] = label;
    return true;
}

static bool check_line(const struct ts_reader *reader, const char *line, size_t size) {
    if (strlen(line) != size)
        return ts_fail(reader, "has a zero byte", NULL);
    return utf8_is_valid(line) ||
           ts_fail(reader, "is not UTF-8; convert the file, for example with iconv:", line);
}

static bool begin_data(const struct ts_reader *reader) {
    return !(reader->has_class && reader->has_target) ||
           ts_fail(reader, "the lines before have classes and target numbers; only one can be true",
                   NULL);
}

static bool read_lines(struct ts_reader *reader, FILE *file) {
    char *line = NULL;
    size_t room = 0;
    bool in_data = false, good = true;
    for (ssize_t size; good && (size = getline(&line, &room, file)) >= 0;) {
        reader->line++;
        good = check_line(reader, line, (size_t)size);
        if (!good)
            break;
        char *text = trim(line);
        if (*text == '\0' || *text == '#' || *text == '%')
            continue;
        if (in_data)
            good = read_series(reader, text);
        else if (strcasecmp(text, "@data") == 0)
            in_data = good = begin_data(reader);
        else if (*text == '@')
            good = read_tag(reader, text);
        else
            good = ts_fail(
                reader, "a .ts file begins with lines such as @problemName and @data, not", text);
    }
    free(line);
    if (good && ferror(file))
        return error_set(reader->error, "%s: %s", reader->path, strerror(errno));
    if (good && !in_data)
        return error_set(reader->error, "%s: has no line @data", reader->path);
    if (good && reader->series == 0)
        return error_set(reader->error, "%s: has no series after @data", reader->path);
    return good;
}

static void finish_columns(struct ts_reader *reader) {
    if (reader->has_times && reader->times_are_dates)
        reader->columns[1].type = COLUMN_TIME;
    if (!reader->has_class)
        return;
    struct column *label = dimension_column(reader, reader->dimensions);
    const char **labels = ARENA_NEW(&reader->table->arena, const char *, reader->class_count);
    for (size_t i = 0; i < reader->class_count; i++)
        labels[i] = reader->classes[i];
    label->type = COLUMN_LABEL;
    label->labels = labels;
    label->label_count = reader->class_count;
}

bool ts_read(const char *path, struct table *table, struct error *error) {
    *table = (struct table){0};
    FILE *file = file_open(path, error);
    if (file == NULL)
        return false;
    table->path = arena_strdup(&table->arena, path);
    struct ts_reader reader = {.path = path, .table = table, .error = error};
    bool good = read_lines(&reader, file);
    fclose(file);
    if (good)
        finish_columns(&reader);
    free(reader.classes);
    if (!good)
        table_free(table);
    return good;
}

bool ts_has_times(const char *path) {
    struct error error; /* reading the data says what is wrong */
    FILE *file = file_open(path, &error);
    char *line = NULL;
    size_t room = 0;
    bool has_times = false;
    while (file != NULL && getline(&line, &room, file) >= 0) {
        char *rest = NULL, *name = strtok_r(trim(line), " \t", &rest);
        char *value = strtok_r(NULL, " \t", &rest);
        if (name == NULL || *name == '#' || *name == '%')
            continue;
        if (*name != '@' || strcasecmp(name, "@data") == 0)
            break;
        if (strcasecmp(name, "@timestamps") == 0)
            has_times = value != NULL && strcasecmp(value, "true") == 0;
    }
    free(line);
    if (file != NULL)
        fclose(file);
    return has_times;
}
