#include "base/error.h"

#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool error_set(struct error *error, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(error->text, sizeof error->text, format, args);
    va_end(args);
    utf8_repair(error->text); /* errors get into records */
    return false;
}

bool error_prefix(struct error *error, const char *format, ...) {
    char sentences[sizeof error->text], place[sizeof error->text];
    memcpy(sentences, error->text, sizeof sentences);

    va_list args;
    va_start(args, format);
    vsnprintf(place, sizeof place, format, args);
    va_end(args);
    char *rest = sentences;
    size_t used = 0;
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
        bool goes_on = used > 0 && line[0] == ' ';
        int length =
            snprintf(error->text + used, sizeof error->text - used, "%s%s%s%s",
                     used > 0 ? "\n" : "", goes_on ? "" : place, goes_on ? "" : ": ", line);
        used += length > 0 ? (size_t)length : 0;
        used = used < sizeof error->text ? used : sizeof error->text - 1;
    }
    utf8_repair(error->text);
    return false;
}

bool error_add(struct error *all, struct error *one) {
    size_t used = strlen(all->text), more = strlen(one->text);
    if (more > 0 && used + 1 + more < sizeof all->text)
        snprintf(all->text + used, sizeof all->text - used, "%s%s", used > 0 ? "\n" : "",
                 one->text);
    one->text[0] = '\0';
    return false;
}
