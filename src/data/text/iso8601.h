/* Dates and times in ISO 8601: "1958-03", "2015-02-02", "2015-02-02 14:19:59.5",
 * "2015-02-02T14:19Z", "2015-02-02T14:19:59+01:00", and in the basic format "20150202T1419"; also
 * with slashes, "2015/02/02 14:19". A time without a zone counts as UTC. */
#ifndef DATA_TEXT_ISO8601_H
#define DATA_TEXT_ISO8601_H

#include <stdbool.h>

/* A time as the exact sum of whole seconds since 1970-01-01T00:00Z and a fraction. */
struct moment {
    long long seconds;
    double fraction; /* 0 <= fraction < 1 */
};

#define ISO8601_FORMATS "2024-01-31, 2024-01-31 13:45:00.5, 2024-01-31T13:45+01:00, 20240131T1345"

/* False when the text is anything else. */
bool iso8601_parse(const char *text, struct moment *moment);

/* The moment as the double nearest to it, in seconds, and what that lost. */
void moment_split(const struct moment *moment, double *value, double *rest);

/* The same, rounded to one number. */
bool iso8601_seconds(const char *text, double *seconds);

/* Digits alone: 20150202, 2015020214, 201502021419 or 20150202141959 of the years 1900 to 2099.
 * They may be numbers as well; only a whole column of them shows that they are dates. */
bool compact_time_parse(const char *text, struct moment *moment);

/* By a format of strptime(3), in which %f means the digits of a fraction of a second; the
 * whole text must fit. */
bool formatted_time_parse(const char *text, const char *format, struct moment *moment);

/* Year, month, day, hour, minute, second as numbers with blanks between; at least the first two.
 * Hours may reach 24, and any of the last three may have a fraction. */
bool parts_of_time_parse(const char *text, struct moment *moment);

#endif
