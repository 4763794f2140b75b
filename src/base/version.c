#include "base/version.h"

/* The Makefile defines both when it compiles this file, and compiles it again when they change. */
#ifndef LIQUIDBENCH_VERSION
#define LIQUIDBENCH_VERSION "unknown"
#endif
#ifndef LIQUIDBENCH_COMMIT
#define LIQUIDBENCH_COMMIT "unknown"
#endif

const char *version_number(void) {
    return LIQUIDBENCH_VERSION;
}

const char *version_commit(void) {
    return LIQUIDBENCH_COMMIT;
}

const char *version_compiler(void) {
#ifdef __clang__
    return __VERSION__; /* "Debian Clang 14.0.6" */
#else
    return "gcc " __VERSION__;
#endif
}
