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
    char sentence[sizeof error->text];
    memcpy(sentence, error->text, sizeof sentence);

    va_list args;
    va_start(args, format);
    int place = vsnprintf(error->text, sizeof error->text, format, args);
    va_end(args);
    if (place >= 0 && (size_t)place < sizeof error->text)
        snprintf(error->text + place, sizeof error->text - (size_t)place, ": %s", sentence);
    utf8_repair(error->text);
    return false;
}
