/* Ctrl-C and SIGTERM for work that has something to clear away before it ends. */
#ifndef BASE_INTERRUPT_H
#define BASE_INTERRUPT_H

#include "base/error.h"

/* From now on SIGINT, SIGTERM and SIGHUP are noted instead of ending the process; those that it was
 * started to ignore stay ignored. */
void interrupt_watch(void);

/* The signal that has come since then; 0: none. */
int interrupt_signal(void);

/* False and an error when a signal has come. */
bool interrupt_check(struct error *error);

#endif
