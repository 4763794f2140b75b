#include "experiment/deploy/live.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "data/text/csv_cell.h"
#include "data/text/iso8601.h"
#include "data/text/rows.h"
#include "experiment/deploy/live_state.h"

#include <errno.h>
#include <gsl/gsl_sort_double.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_ROOM = 1 << 16, MAX_ROOM = 1 << 24, MAX_LATENCIES = 1 << 20 };
static const double save_every = 1; /* seconds */

/* Where an input comes from: a column of numbers, or whether a column of text says `category`. */
struct live_column {
    size_t field;
    const char *category; /* NULL: a number */
};

struct live {
    const struct live_options *options;
    const struct saved_model *saved;
    struct live_streams streams;
    struct live_summary *summary;
    struct arena arena;
    /* text */
    char *buffer;
    size_t room;
    struct text_cursor cursor;
    struct row_syntax syntax;
    struct cell_rules rules;
    struct row row;
    bool has_ended;
    double arrived; /* when what is in the buffer came */
    /* columns */
    struct live_column *columns; /* [inputs] */
    size_t fields, time, group;  /* fields of a row; positions of the last two, where there are */
    double *inputs, *outputs;
    /* state */
    char checksum[SHA256_TEXT];
    double saved_at;
    bool is_changed;
    double *latencies; /* [MAX_LATENCIES], a sample of all of them where there are more */
};

/* --- text ------------------------------------------------------------------------------------- */

/* Reads more behind the rest of what is there. */
static bool read_more(struct live *live, struct error *error) {
    size_t rest = (size_t)(live->cursor.end - live->cursor.at);
    if (rest >= MAX_ROOM)
        return error_set(error,
                         "standard input: line %zu: the row has no end within %d MB; is a "
                         "quotation mark never closed?",
                         live->cursor.line, MAX_ROOM >> 20);
    memmove(live->buffer, live->cursor.at, rest);
    if (rest + 1 >= live->room) {
        live->room *= 2;
        live->buffer = mem_resize(live->buffer, live->room);
    }
    ssize_t got = read(live->options->input, live->buffer + rest, live->room - rest - 1);
    if (got < 0 && errno != EINTR)
        return error_set(error, "standard input: %s", strerror(errno));
    live->arrived = seconds_now();
    live->has_ended = got == 0;
    live->cursor = (struct text_cursor){
        .at = live->buffer,
        .end = live->buffer + rest + (got > 0 ? (size_t)got : 0),
        .line = live->cursor.line,
        .is_last = live->has_ended,
    };
    return true;
}

static bool save(struct live *live, struct error *error) {
    if (live->options->state == NULL || !live->is_changed)
        return true;
    live->is_changed = false;
    live->saved_at = seconds_now();
    return live_state_write(&live->streams, live->options->state, live->checksum, error);
}

/* Waits until there is something to read, saving the state when that is due. */
static bool wait_for_input(struct live *live, struct error *error) {
    struct pollfd input = {.fd = live->options->input, .events = POLLIN};
    while (interrupt_signal() == 0) {
        double due = live->saved_at + save_every - seconds_now();
        bool saves = live->options->state != NULL && live->is_changed;
        int ready = saves && due <= 0 ? 0 : poll(&input, 1, saves ? (int)(1000 * due) + 1 : 1000);
        if (ready > 0)
            return true;
        if (saves && due <= 0 && !save(live, error))
            return false;
    }
    return true;
}

/* The next row; ROW_END when the input has ended or a signal has come, or with an error and *good
 * false. */
static enum row_status next_row(struct live *live, bool *good, struct error *error) {
    for (;;) {
        enum row_status status = row_take(&live->cursor, &live->syntax, &live->row, error);
        if (status != ROW_CUT_OFF && (status != ROW_END || live->has_ended))
            return status;
        *good = wait_for_input(live, error);
        if (!*good || interrupt_signal() != 0)
            return ROW_END;
        *good = read_more(live, error);
        if (!*good)
            return ROW_END;
    }
}

/* --- the header ------------------------------------------------------------------------------- */

/* The mark that the first line has most of. */
static char detect_delimiter(const struct live *live) {
    static const char marks[] = ",;\t|";
    size_t max = 0;
    char best = ',';
    for (const char *mark = marks; *mark != '\0'; mark++) {
        size_t count = 0;
        for (const char *c = live->cursor.at; c < live->cursor.end && *c != '\n'; c++)
            count += *c == *mark;
        if (count > max)
            best = *mark, max = count;
    }
    return best;
}

static bool prepare_text(struct live *live, struct error *error) {
    const struct dataset_options *reading = &live->saved->reading;
    if (live->saved->format != 0)
        return error_set(error,
                         "the model was trained on files of the format \"%s\"; a live stream "
                         "is a table, one row for each time",
                         dataset_format_name((size_t)live->saved->format - 1));
    if (reading->times.count > 1)
        return error_set(error, "the model's times stand in several columns; a live stream has "
                                "them in one");
    live->room = FIRST_ROOM;
    live->buffer = mem_resize(NULL, live->room);
    live->cursor = (struct text_cursor){.at = live->buffer, .end = live->buffer, .line = 1};
    live->rules.format = (struct number_format){
        .decimal = decimal_mark(reading) != 0 ? decimal_mark(reading) : '.',
        .thousands = thousands_mark(reading),
    };
    live->rules.missing_tokens = reading->missing_tokens;
    live->syntax.comment =
        reading->comment != NULL && reading->comment[0] ? reading->comment : NULL;
    return true;
}

/* Until a whole line is there, by which the delimiter is found; then the lines to be skipped. */
static bool begin_text(struct live *live, struct error *error) {
    const struct dataset_options *reading = &live->saved->reading;
    for (int skipped = 0; skipped <= reading->skip && interrupt_signal() == 0;) {
        struct text_cursor line = live->cursor;
        if (line_skip(&line)) {
            if (skipped++ < reading->skip)
                live->cursor = line;
        } else if (live->has_ended) {
            return true;
        } else if (!wait_for_input(live, error)) {
            return false;
        } else if (interrupt_signal() == 0 && !read_more(live, error)) {
            return false;
        }
    }
    if (reading->skip == 0)
        byte_order_mark_skip(&live->cursor);
    live->syntax.delimiter =
        delimiter_mark(reading) != 0 ? delimiter_mark(reading) : detect_delimiter(live);
    return true;
}

static bool find_field(const struct live *live, const char *name, size_t *field,
                       struct error *error) {
    for (size_t i = 0; i < live->row.count; i++)
        if (strcmp(live->row.fields[i].text, name) == 0) {
            *field = i;
            return true;
        }
    return error_set(error, "standard input: the first line has no column \"%s\"", name);
}

static bool find_input(struct live *live, const char *name, struct live_column *column,
                       struct error *error) {
    const struct categories *categories = &live->saved->categories;
    for (size_t i = 0; i < categories->count; i++) {
        const struct category *category = &categories->items[i];
        if (strcmp(category_name(category, &live->arena), name) != 0)
            continue;
        column->category = category->text;
        return find_field(live, category->column, &column->field, error);
    }
    return find_field(live, name, &column->field, error);
}

/* *has_rows: there is a header. */
static bool read_header(struct live *live, bool *has_rows, struct error *error) {
    const struct saved_model *saved = live->saved;
    bool good = prepare_text(live, error) && begin_text(live, error);
    if (!good)
        return false;
    enum row_status status = next_row(live, &good, error);
    *has_rows = status == ROW_READ;
    if (status == ROW_BROKEN)
        return error_prefix(error, "standard input: line 1");
    if (!good || status == ROW_END)
        return good;
    live->fields = live->row.count;
    for (int i = 0; i < saved->columns; i++)
        if (!find_input(live, saved->column_names[i], &live->columns[i], error))
            return false;
    return (saved->time == NULL || find_field(live, saved->time, &live->time, error)) &&
           (saved->group == NULL || find_field(live, saved->group, &live->group, error));
}

/* --- rows ------------------------------------------------------------------------------------- */

static bool read_number(const struct live *live, const char *text, double *value) {
    if (number_parse(text, &live->rules.format, value)) {
        if (number_is_token(*value, &live->rules))
            *value = NAN;
        return true;
    }
    *value = NAN;
    return cell_is_missing(text, &live->rules, false) ||
           percent_parse(text, &live->rules.format, value) || bool_parse(text, value);
}

static bool read_inputs(struct live *live, struct error *error) {
    for (int i = 0; i < live->saved->columns; i++) {
        const struct live_column *column = &live->columns[i];
        const char *text = live->row.fields[column->field].text;
        if (column->category != NULL)
            live->inputs[i] = cell_is_missing(text, &live->rules, false)
                                  ? NAN
                                  : strcmp(text, column->category) == 0;
        else if (!read_number(live, text, &live->inputs[i]))
            return error_set(error, "column \"%s\": \"%s\" is not a number",
                             live->saved->column_names[i], text);
        else if (fabs(live->inputs[i]) > LARGEST_VALUE)
            return error_set(error, "column \"%s\": %s is too large to compute with",
                             live->saved->column_names[i], text);
    }
    return true;
}

static bool parse_time(const struct live *live, const char *text, double *value, double *rest) {
    struct moment moment;
    const char *format = live->saved->reading.time_format;
    if (!live->saved->has_dates)
        return number_parse_exact(text, &live->rules.format, value, rest);
    if (!(format != NULL ? formatted_time_parse(text, format, &moment)
                         : iso8601_parse(text, &moment) || compact_time_parse(text, &moment)))
        return false;
    moment_split(&moment, value, rest);
    return true;
}

/* Elapsed time since the series' last row. */
static bool read_elapsed(const struct live *live, const struct live_series *series, bool is_first,
                         double *elapsed, double *time, double *rest, struct error *error) {
    *elapsed = 1 + series->waited;
    if (live->saved->time == NULL)
        return true;
    const char *text = live->row.fields[live->time].text;
    if (!parse_time(live, text, time, rest))
        return error_set(error, "column \"%s\": \"%s\" is no time%s", live->saved->time, text,
                         live->saved->has_dates ? " such as 2024-01-31 13:45:00" : "");
    *elapsed = (*time - series->time) + (*rest - series->rest);
    if (is_first || *elapsed > 0)
        return true;
    return error_set(error, "column \"%s\": %s %s the row before it", live->saved->time, text,
                     *elapsed < 0 ? "is earlier than" : "repeats the time of");
}

/* Feeds the row to its series; an error says what is wrong with it, and it does not count. */
static bool feed_row(struct live *live, struct error *error) {
    double elapsed, time = 0, rest = 0;
    if (live->row.count != live->fields)
        return error_set(error, "has %zu fields, but the header %zu", live->row.count,
                         live->fields);
    const char *name = live->saved->group != NULL ? live->row.fields[live->group].text : "";
    struct live_series *series = live_series_of(&live->streams, name, error);
    if (series == NULL)
        return false;
    bool is_first = !series->stream->feed.has_rows;
    if (!read_inputs(live, error) ||
        !read_elapsed(live, series, is_first, &elapsed, &time, &rest, error)) {
        series->waited++;
        return false;
    }
    int status = liquidbench_step(series->stream, live->inputs, elapsed, live->outputs);
    if (status < 0) {
        series->waited++;
        return error_set(error, status == LIQUIDBENCH_MISSING_INPUT
                                    ? "a value is missing, and the model was trained with "
                                      "dataset.missing = \"error\""
                                    : "the time since the row before is too large");
    }
    series->waited = 0;
    series->time = time;
    series->rest = rest;
    return true;
}

static void note_latency(struct live *live) {
    size_t at = live->summary->rows - 1;
    if (!live->options->times)
        return;
    /* Of more rows than there is room for, every row has the same chance to stay. */
    if (at >= MAX_LATENCIES)
        at = (size_t)(((unsigned long long)at * 2654435761u) % (at + 1));
    if (at < MAX_LATENCIES)
        live->latencies[at] = seconds_now() - live->arrived;
    live->summary->max = fmax(live->summary->max, seconds_now() - live->arrived);
}

/* One row, from its line on. */
static bool take_row(struct live *live, enum row_status status, struct error *error) {
    struct live_summary *summary = live->summary;
    live->streams.rows++;
    live->is_changed = true;
    if (status == ROW_BROKEN) { /* what is left of its line is no row */
        live->row.line = live->cursor.line;
        line_skip(&live->cursor);
    }
    if (status == ROW_READ && feed_row(live, error)) {
        summary->rows++;
        if (!live->options->answer(live->options->context, live->streams.rows, live->outputs))
            return error_set(error, "standard output: %s", strerror(errno));
        note_latency(live);
        return true;
    }
    error_prefix(error, "standard input: line %zu", live->row.line);
    if (!live->options->skips)
        return false;
    log_error("liquidbench: %s; skipped", error->text);
    summary->skipped++;
    return true;
}

static bool answer_all(struct live *live, struct error *error) {
    bool good = true, has_rows = false;
    if (!read_header(live, &has_rows, error))
        return false;
    while (good && has_rows) {
        enum row_status status = next_row(live, &good, error);
        if (!good || status == ROW_END)
            break;
        good = take_row(live, status, error);
        if (live->options->state != NULL && seconds_now() - live->saved_at > save_every)
            good = good && save(live, error);
    }
    return good;
}

/* --- the whole -------------------------------------------------------------------------------- */

static void summarise_latencies(struct live *live) {
    size_t count = live->summary->rows < MAX_LATENCIES ? live->summary->rows : MAX_LATENCIES;
    live->summary->p50 = live->summary->p99 = NAN;
    if (!live->options->times || count == 0)
        return;
    gsl_sort(live->latencies, 1, count);
    live->summary->p50 = live->latencies[count / 2];
    live->summary->p99 = live->latencies[count - 1 - count / 100];
}

/* The state is written at once: a place that cannot hold it is refused before a row is answered. */
static bool resume(struct live *live, struct error *error) {
    const char *path = live->options->state;
    if (path == NULL)
        return true;
    if (!file_sha256(live->options->model, live->checksum, error) ||
        !live_state_read(&live->streams, path, live->checksum, error))
        return false;
    if (live->streams.rows > 0)
        log_error("%s: go on after row %zu", path, live->streams.rows);
    return live_state_write(&live->streams, path, live->checksum, error);
}

bool live_run(const liquidbench_model *model, const struct live_options *options,
              struct live_summary *summary, struct error *error) {
    *summary = (struct live_summary){0};
    struct live live = {
        .options = options,
        .saved = &model->saved,
        .streams = {.model = model},
        .summary = summary,
        .saved_at = seconds_now(),
    };
    live.columns = ARENA_NEW(&live.arena, struct live_column, model->saved.columns);
    live.inputs = ARENA_NEW(&live.arena, double, model->saved.columns);
    live.outputs = ARENA_NEW(&live.arena, double, model->saved.network.outputs);
    live.latencies = ARENA_NEW(&live.arena, double, options->times ? MAX_LATENCIES : 1);
    struct error unsaved;
    interrupt_watch();
    bool good = resume(&live, error);
    bool begun = good;
    good = good && answer_all(&live, error);
    if (begun && !save(&live, good ? error : &unsaved))
        good = false;
    summarise_latencies(&live);
    live_streams_free(&live.streams);
    free(live.row.fields);
    free(live.buffer);
    arena_free(&live.arena);
    return good;
}
