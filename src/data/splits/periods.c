#include "data/pipeline/assembly.h"
#include "data/text/iso8601.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Times from `begin` up to, not including, `end`. */
struct period {
    bool is_given;
    double begin, end;
    const char *text;
};

static bool is_date(const char *text, const char *form) {
    for (; *form != '\0'; form++, text++)
        if (*form == '9' ? *text < '0' || *text > '9' : *text != *form)
            return false;
    return *text == '\0';
}

/* Where a year, month, day or moment begins and where the next one does. */
static bool parse_moment(const char *text, double *begin, double *next) {
    char whole[16];
    int year, month;
    if (is_date(text, "9999")) {
        snprintf(whole, sizeof whole, "%s-01", text);
        year = atoi(text) + 1;
        month = 1;
    } else if (is_date(text, "9999-99")) {
        snprintf(whole, sizeof whole, "%s", text);
        year = atoi(text) + (atoi(text + 5) == 12);
        month = atoi(text + 5) % 12 + 1;
    } else {
        if (!iso8601_seconds(text, begin))
            return false;
        *next = is_date(text, "9999-99-99") ? *begin + 86400 : nextafter(*begin, INFINITY);
        return true;
    }
    char after[16];
    snprintf(after, sizeof after, "%04d-%02d", year, month);
    return iso8601_seconds(whole, begin) && iso8601_seconds(after, next);
}

static bool parse_number(const char *text, double *begin, double *next) {
    char *end;
    *begin = strtod(text, &end);
    *next = nextafter(*begin, INFINITY);
    return end != text && *end == '\0' && isfinite(*begin);
}

/* "A..B" with both ends in it; one of them may be left out. */
static bool parse_period(const char *text, bool is_time, struct period *period) {
    char first[64], last[64];
    const char *dots = strstr(text, "..");
    if (strlen(text) >= sizeof first)
        return false;
    snprintf(first, sizeof first, "%.*s", (int)(dots - text), text);
    snprintf(last, sizeof last, "%s", dots + 2);
    bool (*parse)(const char *, double *, double *) = is_time ? parse_moment : parse_number;
    double ignored;
    *period = (struct period){true, -INFINITY, INFINITY, text};
    return (first[0] == '\0' || parse(first, &period->begin, &ignored)) &&
           (last[0] == '\0' || parse(last, &ignored, &period->end)) && period->begin < period->end;
}

static const struct column *time_column(const struct source *source) {
    return &source->table.columns[source->time];
}

static bool read_periods(const struct dataset_options *options, const struct source *source,
                         struct period periods[ROLE_COUNT], struct error *error) {
    if (options->time == NULL)
        return error_set(error, "dataset.split: ranges of times need the column of times; name it "
                                "in dataset.time");
    bool is_time = time_column(source)->type == COLUMN_TIME;
    for (enum role role = ROLE_TRAIN; role < ROLE_COUNT; role++) {
        const cJSON *json = split_part(&options->split, role);
        if (role == ROLE_VALID && !cJSON_IsString(json))
            continue; /* a share of the training rows */
        if (!cJSON_IsString(json))
            return error_set(error,
                             "dataset.split.%s: must be a range of times as the others are, such "
                             "as \"%s\"",
                             role_names[role], is_time ? "..2015-12-31" : "..1000");
        if (!parse_period(json->valuestring, is_time, &periods[role]))
            return error_set(
                error,
                "dataset.split.%s: \"%s\" is no range of the times in \"%s\"; write it "
                "as \"%s\", with the earlier one first",
                role_names[role], json->valuestring, options->time,
                is_time ? "2015-01-01..2015-12-31" : "1..1000");
    }
    return true;
}

static bool check_overlap(const struct period periods[ROLE_COUNT], struct error *error) {
    for (int i = 0; i < ROLE_COUNT; i++)
        for (int k = i + 1; k < ROLE_COUNT; k++)
            if (periods[i].is_given && periods[k].is_given && periods[i].begin < periods[k].end &&
                periods[k].begin < periods[i].end)
                return error_set(
                    error,
                    "dataset.split: \"%s\" (%s) and \"%s\" (%s) overlap; both ends of a "
                    "range belong to it",
                    role_names[i], periods[i].text, role_names[k], periods[k].text);
    return true;
}

/* The first row of a series that is not before a time. */
static int row_from(const struct whole *whole, double time) {
    const double *times = time_column(whole->source)->values + whole->first;
    int row = 0;
    while (row < whole->rows && times[row] < time)
        row++;
    return row;
}

static void time_text(const struct column *column, double time, char text[32]) {
    time_t seconds = (time_t)time;
    struct tm parts;
    if (column->type == COLUMN_TIME && gmtime_r(&seconds, &parts) != NULL)
        strftime(text, 32, "%Y-%m-%d %H:%M:%S", &parts);
    else
        snprintf(text, 32, "%.15g", time);
}

static bool empty_period(const struct wholes *wholes, const char *role, const char *period,
                         struct error *error) {
    double first = INFINITY, last = -INFINITY;
    const struct column *column = time_column(wholes->items[0].source);
    for (int i = 0; i < wholes->count; i++) {
        const struct whole *whole = &wholes->items[i];
        const double *times = time_column(whole->source)->values + whole->first;
        first = fmin(first, times[0]);
        last = fmax(last, times[whole->rows - 1]);
    }
    char from[32], to[32];
    time_text(column, first, from);
    time_text(column, last, to);
    return error_set(error, "dataset.split.%s: no row lies in %s; the times reach from %s to %s",
                     role, period, from, to);
}

bool divide_by_periods(const struct dataset_options *options, double valid_share,
                       const struct wholes *wholes, struct parts parts[ROLE_COUNT],
                       struct error *error) {
    struct period periods[ROLE_COUNT] = {0};
    if (!read_periods(options, wholes->items[0].source, periods, error) ||
        !check_overlap(periods, error))
        return false;
    bool has_own = periods[ROLE_VALID].is_given;
    for (int i = 0; i < wholes->count; i++) {
        struct whole *whole = &wholes->items[i];
        for (enum role role = ROLE_TRAIN; role < ROLE_COUNT; role++) {
            if (!periods[role].is_given)
                continue;
            int first = row_from(whole, periods[role].begin);
            int end = row_from(whole, periods[role].end);
            int valid =
                role == ROLE_TRAIN && !has_own ? (int)lround(valid_share * (end - first)) : 0;
            if (end - valid > first)
                part_add(&parts[role], whole, first, end - valid - first);
            if (valid > 0)
                part_add(&parts[ROLE_VALID], whole, end - valid, valid);
        }
    }
    for (enum role role = ROLE_TRAIN; role < ROLE_COUNT; role++)
        if (periods[role].is_given && parts[role].count == 0)
            return empty_period(wholes, role_names[role], periods[role].text, error);
    return true;
}
