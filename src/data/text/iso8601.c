#include "data/text/iso8601.h"

#include <ctype.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Exactly `digits` digits as a number from `min` to `max`. */
static bool take_number(const char **text, int digits, int min, int max, int *value) {
    *value = 0;
    for (int i = 0; i < digits; i++, (*text)++) {
        if (**text < '0' || **text > '9')
            return false;
        *value = 10 * *value + (**text - '0');
    }
    return *value >= min && *value <= max;
}

static bool take(const char **text, char wanted) {
    if (**text != wanted)
        return false;
    (*text)++;
    return true;
}

/* The digits behind a decimal mark; at least one. */
static bool take_fraction(const char **text, double *fraction) {
    double digits = 0, unit = 1;
    const char *first = *text;
    for (; isdigit((unsigned char)**text); (*text)++) {
        if (*text - first >= 15)
            continue;
        digits = 10 * digits + (**text - '0');
        unit *= 10;
    }
    *fraction = digits / unit;
    return *text > first;
}

/* hh:mm[:ss[.fraction]] or hhmm[ss[.fraction]]; second 60 is a leap second. */
static bool take_clock(const char **text, struct tm *moment, double *fraction) {
    if (!take_number(text, 2, 0, 23, &moment->tm_hour))
        return false;
    bool colons = take(text, ':');
    if (!take_number(text, 2, 0, 59, &moment->tm_min))
        return false;
    if (colons ? !take(text, ':') : !isdigit((unsigned char)**text))
        return true;
    if (!take_number(text, 2, 0, 60, &moment->tm_sec))
        return false;
    return !(take(text, '.') || take(text, ',')) || take_fraction(text, fraction);
}

/* "Z", "+hh", "+hhmm" or "+hh:mm"; nothing counts as UTC. */
static bool take_zone(const char **text, long *offset) {
    if (take(text, 'Z') || (**text != '+' && **text != '-'))
        return true;
    long sign = *(*text)++ == '-' ? -1 : 1;
    int hours, minutes = 0;
    if (!take_number(text, 2, 0, 23, &hours))
        return false;
    take(text, ':');
    if (**text != '\0' && !take_number(text, 2, 0, 59, &minutes))
        return false;
    *offset = sign * (3600L * hours + 60L * minutes);
    return true;
}

/* timegm() carries the 31st of a short month over into the next one. */
static bool is_in_calendar(struct tm date) {
    int day = date.tm_mday;
    timegm(&date);
    return date.tm_mday == day;
}

static bool set_moment(struct moment *moment, struct tm *date, double fraction, long offset) {
    if (!is_in_calendar(*date))
        return false;
    *moment = (struct moment){.seconds = timegm(date) - offset, .fraction = fraction};
    return true;
}

/* The rest of a date behind its year: -mm[-dd] or /mm/dd, or mmdd when a clock follows. */
static bool take_date(const char **text, struct tm *date) {
    int month;
    bool is_basic = isdigit((unsigned char)**text);
    char mark = **text == '/' ? '/' : '-';
    if ((!is_basic && !take(text, mark)) || !take_number(text, 2, 1, 12, &month))
        return false;
    date->tm_mon = month - 1;
    if (is_basic)
        return take_number(text, 2, 1, 31, &date->tm_mday) && (**text == 'T' || **text == ' ');
    if (!take(text, mark))
        return mark == '-' && **text == '\0';
    return take_number(text, 2, 1, 31, &date->tm_mday);
}

bool iso8601_parse(const char *text, struct moment *moment) {
    struct tm date = {.tm_mday = 1};
    int year;
    long offset = 0;
    double fraction = 0;
    if (!take_number(&text, 4, 0, 9999, &year) || !take_date(&text, &date))
        return false;
    date.tm_year = year - 1900;
    if ((take(&text, 'T') || take(&text, ' ')) &&
        (!take_clock(&text, &date, &fraction) || !take_zone(&text, &offset)))
        return false;
    return *text == '\0' && set_moment(moment, &date, fraction, offset);
}

void moment_split(const struct moment *moment, double *value, double *rest) {
    double seconds = (double)moment->seconds;
    *value = seconds + moment->fraction;
    *rest = (seconds - *value) + moment->fraction;
}

bool iso8601_seconds(const char *text, double *seconds) {
    struct moment moment;
    if (!iso8601_parse(text, &moment))
        return false;
    *seconds = (double)moment.seconds + moment.fraction;
    return true;
}

bool compact_time_parse(const char *text, struct moment *moment) {
    struct tm date = {.tm_mday = 1};
    int year, month;
    size_t digits = strspn(text, "0123456789");
    if (text[digits] != '\0' || digits < 8 || digits > 14 || digits % 2 != 0)
        return false;
    if (!take_number(&text, 4, 1900, 2099, &year) || !take_number(&text, 2, 1, 12, &month) ||
        !take_number(&text, 2, 1, 31, &date.tm_mday) ||
        (digits >= 10 && !take_number(&text, 2, 0, 23, &date.tm_hour)) ||
        (digits >= 12 && !take_number(&text, 2, 0, 59, &date.tm_min)) ||
        (digits >= 14 && !take_number(&text, 2, 0, 60, &date.tm_sec)))
        return false;
    date.tm_year = year - 1900;
    date.tm_mon = month - 1;
    return set_moment(moment, &date, 0, 0);
}

static bool is_leap_year(int since_1900) {
    int year = since_1900 + 1900;
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

bool formatted_time_parse(const char *text, const char *format, struct moment *moment) {
    struct tm date = {.tm_mday = 1, .tm_year = 70};
    double fraction = 0;
    char before[128];
    const char *mark = strstr(format, "%f");
    if (mark != NULL) {
        snprintf(before, sizeof before, "%.*s", (int)(mark - format), format);
        text = strptime(text, before, &date);
        if (text == NULL || !take_fraction(&text, &fraction))
            return false;
        format = mark + 2;
    }
    text = strptime(text, format, &date);
    if (text == NULL || *text != '\0' || (date.tm_yday == 365 && !is_leap_year(date.tm_year)))
        return false;
    return set_moment(moment, &date, fraction, date.tm_gmtoff);
}

bool parts_of_time_parse(const char *text, struct moment *moment) {
    double part[6] = {0, 0, 1}; /* year, month, day, hour, minute, second */
    int count = 0;
    for (; *text != '\0' && count < 6; count++) {
        char *end;
        part[count] = strtod(text, &end);
        if (end == text)
            return false;
        text = end + strspn(end, " ");
    }
    bool is_valid = *text == '\0' && count >= 2 && fabs(part[0]) < 10000 && part[1] >= 1 &&
                    part[1] <= 12 && part[2] >= 1 && part[2] <= 31 && part[3] >= 0 &&
                    part[3] <= 24 && part[4] >= 0 && part[4] < 60 && part[5] >= 0 && part[5] < 61;
    for (int i = 0; is_valid && i < 3; i++)
        is_valid = part[i] == floor(part[i]);
    if (!is_valid)
        return false;
    struct tm date = {
        .tm_year = (int)part[0] - 1900, .tm_mon = (int)part[1] - 1, .tm_mday = (int)part[2]};
    if (!set_moment(moment, &date, 0, 0))
        return false;
    double seconds = 3600 * part[3] + 60 * part[4] + part[5];
    moment->seconds += (long long)seconds;
    moment->fraction = seconds - floor(seconds);
    return true;
}
