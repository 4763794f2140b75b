/* predictions.csv: what all trials that keep their predictions (`evaluate.predictions`) predicted, side
 * by side: one row a scored step, step ahead and target, one column a model and seed.
 *
 * It is put together from predictions/<trial>.csv. Trials of a data set share their rows, unless each seed
 * divides the data anew: then each has rows of its own, in which the other columns are empty. */
#include "base/csv_text.h"
#include "base/file.h"
#include "report/export/exporter.h"

#include <string.h>

/* A trial's file while it is read line by line. */
struct prediction_source {
    const struct trial *trial;
    size_t column;
    const char *rows, *at; /* behind the header; the next row */
    size_t keys;           /* fields before the prediction: 5 with step and target, or 3 */
    bool is_done;
};

struct prediction_table {
    struct prediction_source *sources;
    size_t source_count;
    const char **columns; /* "lstm-s0" */
    size_t column_count;
};

/* The length of so many fields with the commas between them; a quoted one may hold commas and lines. */
static size_t fields_length(const char *text, size_t count) {
    const char *end = text;
    for (size_t i = 0; i < count; i++) {
        end += i > 0 && *end == ',';
        for (bool quoted = false; *end != '\0' && (quoted || strchr(",\r\n", *end) == NULL); end++)
            quoted = *end == '"' ? !quoted : quoted;
    }
    return (size_t)(end - text);
}

static const char *next_row(const char *row) {
    for (bool quoted = false; *row != '\0'; row++) {
        quoted = *row == '"' ? !quoted : quoted;
        if (*row == '\n' && !quoted)
            return row + 1;
    }
    return row;
}

/* False when the trial has kept no predictions. */
static bool open_source(struct prediction_source *source, const struct trial *trial,
                        struct arena *arena) {
    static const char numbers[] = "series,time,step,target,truth,prediction";
    static const char classes[] = "series,time,truth,prediction";
    struct error error;
    size_t size;
    const char *text = trial->predictions != NULL && file_exists(trial->predictions)
                           ? file_read(trial->predictions, arena, &size, &error)
                           : NULL;
    if (text == NULL)
        return false;
    bool has_steps = strncmp(text, numbers, strlen(numbers)) == 0;
    if (!has_steps && strncmp(text, classes, strlen(classes)) != 0)
        return false;
    *source = (struct prediction_source){
        .trial = trial, .rows = next_row(text), .keys = has_steps ? 5 : 3};
    return true;
}

static size_t add_prediction_column(struct prediction_table *table, const struct trial *trial,
                                    struct arena *arena) {
    const char *name = arena_printf(arena, "%s-s%.0f", trial->model, trial->seed);
    for (size_t c = 0; c < table->column_count; c++)
        if (strcmp(table->columns[c], name) == 0)
            return c;
    table->columns[table->column_count] = name;
    return table->column_count++;
}

static bool have_same_rows(const struct prediction_source *a, const struct prediction_source *b) {
    const char *first = a->rows, *second = b->rows;
    if (a->keys != b->keys || strcmp(a->trial->dataset, b->trial->dataset) != 0)
        return false;
    for (; *first != '\0' && *second != '\0'; first = next_row(first), second = next_row(second)) {
        size_t length = fields_length(first, a->keys);
        if (length != fields_length(second, a->keys) || strncmp(first, second, length) != 0)
            return false;
    }
    return *first == *second;
}

static void put_row(FILE *out, const struct prediction_table *table,
                    struct prediction_source *const *beside, const struct prediction_source *key) {
    csv_write_text(out, key->trial->dataset);
    if (key->keys == 5) {
        fprintf(out, ",%.*s", (int)fields_length(key->at, key->keys), key->at);
    } else {
        size_t place = fields_length(key->at, 2);
        size_t length = fields_length(key->at, key->keys);
        fprintf(out, ",%.*s,,,%.*s", (int)place, key->at, (int)(length - place - 1),
                key->at + place + 1);
    }
    for (size_t c = 0; c < table->column_count; c++) {
        fputc(',', out);
        if (beside[c] == NULL)
            continue;
        const char *value = beside[c]->at + fields_length(beside[c]->at, key->keys) + 1;
        fprintf(out, "%.*s", (int)fields_length(value, 1), value);
    }
    fputc('\n', out);
}

/* The rows of the first source that is not done, and of all that share them. */
static void put_rows(FILE *out, const struct prediction_table *table,
                     struct prediction_source *first, struct arena *arena) {
    struct prediction_source **beside =
        ARENA_NEW(arena, struct prediction_source *, table->column_count);
    for (size_t s = 0; s < table->source_count; s++) {
        struct prediction_source *source = &table->sources[s];
        if (source->is_done || beside[source->column] != NULL || !have_same_rows(first, source))
            continue;
        beside[source->column] = source;
        source->is_done = true;
        source->at = source->rows;
    }
    while (*first->at != '\0') {
        put_row(out, table, beside, first);
        for (size_t c = 0; c < table->column_count; c++)
            if (beside[c] != NULL)
                beside[c]->at = next_row(beside[c]->at);
    }
}

static void add_sources(struct prediction_table *table, const struct dataset_results *dataset,
                        struct arena *arena) {
    for (size_t m = 0; m < dataset->model_count; m++)
        for (size_t t = 0; t < dataset->models[m].trial_count; t++) {
            struct prediction_source *source = &table->sources[table->source_count];
            const struct trial *trial = dataset->models[m].trials[t];
            if (!open_source(source, trial, arena))
                continue;
            source->column = add_prediction_column(table, trial, arena);
            table->source_count++;
        }
}

static void write_predictions(const struct contents *contents, FILE *out) {
    const struct results *results = contents->results;
    struct arena arena = {0};
    size_t trials = 0;
    for (size_t d = 0; d < results->dataset_count; d++)
        for (size_t m = 0; m < results->datasets[d].model_count; m++)
            trials += results->datasets[d].models[m].trial_count;
    struct prediction_table table = {
        .sources = ARENA_NEW(&arena, struct prediction_source, trials + 1),
        .columns = ARENA_NEW(&arena, const char *, trials + 1),
    };
    for (size_t d = 0; d < results->dataset_count; d++)
        add_sources(&table, &results->datasets[d], &arena);
    fputs("dataset,series,time,step,target,truth", out);
    for (size_t c = 0; c < table.column_count; c++) {
        fputc(',', out);
        csv_write_text(out, table.columns[c]);
    }
    fputc('\n', out);
    for (size_t s = 0; s < table.source_count; s++)
        if (!table.sources[s].is_done)
            put_rows(out, &table, &table.sources[s], &arena);
    arena_free(&arena);
}

const struct exporter exporter_predictions = {.file = "predictions.csv",
                                              .write = write_predictions};
