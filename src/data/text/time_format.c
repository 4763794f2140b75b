#include "data/text/time_format.h"

#include "data/text/iso8601.h"

#include <stdbool.h>

static const char *const dates[] = {"%d.%m.%Y",  "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y",
                                    "%Y.%m.%d",  "%Y-%m-%d", "%Y/%m/%d", "%d-%b-%Y", "%d %b %Y",
                                    "%b %d, %Y", "%b %d %Y", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y",
                                    "%d-%b-%y",  "%d/%b/%Y"};
static const char *const clocks[] = {"",          " %H:%M",      " %H:%M:%S",     " %H:%M:%S.%f",
                                     " %H",       "T%H",         " %H:%M:%S UTC", " %I:%M %p",
                                     ":%H:%M:%S", " %I:%M:%S %p"};

enum { DATES = sizeof dates / sizeof dates[0], CLOCKS = sizeof clocks / sizeof clocks[0] };

static const long long YEAR_1000 = -30610224000; /* "%Y" takes "24" for the year 24 */

static bool fits(const char *format, const char *const *texts, size_t count) {
    struct moment moment;
    for (size_t i = 0; i < count; i++)
        if (!formatted_time_parse(texts[i], format, &moment) || moment.seconds < YEAR_1000)
            return false;
    return count > 0;
}

struct time_formats time_formats_find(const char *const *texts, size_t count, struct arena *arena) {
    struct time_formats found = {0};
    for (size_t i = 0; i < DATES * CLOCKS && found.other == NULL; i++) {
        const char *format = arena_printf(arena, "%s%s", dates[i % DATES], clocks[i / DATES]);
        if (!fits(format, texts, count))
            continue;
        if (found.format == NULL)
            found.format = format;
        else
            found.other = format;
    }
    return found;
}

const char *time_formats_name(const struct time_formats *formats, struct arena *arena) {
    return formats->other == NULL
               ? arena_printf(arena, "\"%s\"", formats->format)
               : arena_printf(arena, "\"%s\" or \"%s\"", formats->format, formats->other);
}
