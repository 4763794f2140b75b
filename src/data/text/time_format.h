/* In which format the times of a column are written, where it is not ISO 8601. */
#ifndef DATA_TEXT_TIME_FORMAT_H
#define DATA_TEXT_TIME_FORMAT_H

#include "base/arena.h"

#include <stddef.h>

/* The formats of strptime(3) that all the texts fit, the usual ones tried: "%d.%m.%Y %H:%M" for
 * 31.01.2024 13:45. `other` is a second one (05/06/2024 has two), or NULL; both are, when there is
 * none. */
struct time_formats {
    const char *format, *other;
};

struct time_formats time_formats_find(const char *const *texts, size_t count, struct arena *arena);

/* In quotes, with "or" between two. */
const char *time_formats_name(const struct time_formats *formats, struct arena *arena);

#endif
