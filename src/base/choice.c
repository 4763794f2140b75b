#include "base/choice.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct refusal_end suggestion_or(const struct suggestion *suggestion, const char *otherwise, ...) {
    struct refusal_end end = {"; "};
    va_list args;
    va_start(args, otherwise);
    if (suggestion->nearest != NULL)
        snprintf(end.text, sizeof end.text, "; did you mean \"%s\"?", suggestion->nearest);
    else if (vsnprintf(end.text + 2, sizeof end.text - 2, otherwise, args) <= 0)
        end.text[0] = '\0';
    va_end(args);
    return end;
}

bool choice_find(name_list choices, const char *wanted, int *position, struct error *error) {
    struct suggestion nearest = {.wanted = wanted};
    const char *name;
    for (size_t i = 0; (name = choices(i)) != NULL; i++) {
        *position = (int)i;
        if (strcmp(name, wanted) == 0)
            return true;
        suggestion_offer(&nearest, name);
    }
    error_set(error, "\"%s\" is not known%s", wanted,
              suggestion_or(&nearest, "choose one of").text);
    for (size_t i = 0; nearest.nearest == NULL && (name = choices(i)) != NULL; i++) {
        size_t used = strlen(error->text);
        snprintf(error->text + used, sizeof error->text - used, "%s %s", i > 0 ? "," : "", name);
    }
    return false;
}
