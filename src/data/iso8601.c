#include "data/iso8601.h"

#include <time.h>

/* Exactly `digits` digits as a number from `least` to `most`. */
static bool take_number(const char **text, int digits, int least, int most, int *value) {
    *value = 0;
    for (int i = 0; i < digits; i++, (*text)++) {
        if (**text < '0' || **text > '9')
            return false;
        *value = 10 * *value + (**text - '0');
    }
    return *value >= least && *value <= most;
}

static bool take(const char **text, char wanted) {
    if (**text != wanted)
        return false;
    (*text)++;
    return true;
}

/* hh:mm[:ss[.fraction]]; second 60 is a leap second. */
static bool take_clock(const char **text, struct tm *moment, double *fraction) {
    if (!take_number(text, 2, 0, 23, &moment->tm_hour) || !take(text, ':') ||
        !take_number(text, 2, 0, 59, &moment->tm_min))
        return false;
    if (!take(text, ':'))
        return true;
    if (!take_number(text, 2, 0, 60, &moment->tm_sec))
        return false;
    if (**text == '.' || **text == ',') {
        double unit = 0.1;
        for ((*text)++; **text >= '0' && **text <= '9'; (*text)++, unit /= 10)
            *fraction += unit * (**text - '0');
    }
    return true;
}

/* "Z", "+hh", "+hhmm" or "+hh:mm"; nothing counts as UTC. */
static bool take_zone(const char **text, double *offset) {
    if (take(text, 'Z') || (**text != '+' && **text != '-'))
        return true;
    double sign = *(*text)++ == '-' ? -1 : 1;
    int hours, minutes = 0;
    if (!take_number(text, 2, 0, 23, &hours))
        return false;
    take(text, ':');
    if (**text != '\0' && !take_number(text, 2, 0, 59, &minutes))
        return false;
    *offset = sign * (3600.0 * hours + 60.0 * minutes);
    return true;
}

/* timegm() carries the 31st of a short month over into the next one. */
static bool is_in_calendar(struct tm date) {
    int day = date.tm_mday;
    timegm(&date);
    return date.tm_mday == day;
}

bool iso8601_parse(const char *text, double *seconds) {
    struct tm moment = {.tm_mday = 1};
    int year, month;
    double fraction = 0, offset = 0;
    if (!take_number(&text, 4, 0, 9999, &year) || !take(&text, '-') ||
        !take_number(&text, 2, 1, 12, &month))
        return false;
    moment.tm_year = year - 1900;
    moment.tm_mon = month - 1;
    if (take(&text, '-')) {
        if (!take_number(&text, 2, 1, 31, &moment.tm_mday) || !is_in_calendar(moment))
            return false;
        if (take(&text, 'T') || take(&text, ' ')) {
            if (!take_clock(&text, &moment, &fraction) || !take_zone(&text, &offset))
                return false;
        }
    }
    *seconds = (double)timegm(&moment) + fraction - offset;
    return *text == '\0';
}
