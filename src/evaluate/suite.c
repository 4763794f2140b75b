#include "evaluate/suite.h"

#include "base/registry.h"

/* A new suite is a file in suites/ and a line here; of several with the same name the newest is last. */
#define SUITES(X) X(default_1) X(sensorfault_1) X(sensorfault_training_1) X(tsfault_1)

#define DECLARE(name) extern const struct suite_type suite_##name;
SUITES(DECLARE)

#define ENTRY(name) &suite_##name,
REGISTRY(suite, SUITES(ENTRY))

/* Whether a name is the suite's but for its number. */
static bool is_without_number(const char *name, const struct suite_type *suite) {
    size_t length = strlen(name);
    const char *dash = strrchr(suite->name, '-');
    return (size_t)(dash - suite->name) == length && strncmp(suite->name, name, length) == 0;
}

const struct suite_type *suite_named(const char *name) {
    const struct suite_type *newest = suite_find(name), *type;
    bool is_whole = newest != NULL;
    for (size_t i = 0; !is_whole && (type = suite_at(i)) != NULL; i++)
        if (is_without_number(name, type))
            newest = type;
    return newest;
}

const struct suite_fault *suite_fault_of(const struct suite_type *suite, const char *type) {
    for (const struct suite_fault *fault = suite->faults; fault->type != NULL; fault++)
        if (strcmp(fault->type, type) == 0)
            return fault;
    return NULL;
}
