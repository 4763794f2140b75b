/* Messages for people, on stderr, with what a terminal would act on made visible. Results go to
 * stdout and never pass through here. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

/* With quiet, log_info() says nothing; notes about the data, warnings and errors are always said.
 * log_detail() speaks only when verbose. */
void log_set_quiet(bool quiet);
void log_set_verbose(bool verbose);
void log_detail(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* What ends the command. */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Lines that are rewritten in place, when stderr is a terminal (otherwise nothing is shown);
 * log_info and log_warning clear it first. An empty text removes it. */
void log_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool log_shows_progress(void);

#endif
