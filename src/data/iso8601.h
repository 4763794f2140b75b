/* Dates and times in ISO 8601: "1958-03", "2015-02-02", "2015-02-02 14:19:59.5",
 * "2015-02-02T14:19Z", "2015-02-02T14:19:59+01:00". A time without a zone counts as UTC. */
#ifndef DATA_ISO8601_H
#define DATA_ISO8601_H

#include <stdbool.h>

/* Seconds since 1970-01-01T00:00Z; false when the text is anything else. */
bool iso8601_parse(const char *text, double *seconds);

#endif
