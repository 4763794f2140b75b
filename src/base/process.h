/* Running other programs. */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include "base/error.h"

enum { PROCESS_WORDS = 256 };

struct process_result {
    int code;                  /* exit code; 127: no such program; 128 + n: ended by signal n */
    char words[PROCESS_WORDS]; /* the first line it wrote to stderr; "" without one */
};

/* Runs argv[0] from $PATH and waits for its end. Its stdout goes to the file `output`, or with NULL
 * nowhere; it reads nothing. False when it cannot be started for want of resources. */
bool process_run(const char *const argv[], const char *output, struct process_result *result,
                 struct error *error);

#endif
