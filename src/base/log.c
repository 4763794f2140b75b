#include "base/log.h"

#include "base/printable.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool is_quiet, is_verbose;
static bool progress_is_shown;

void log_set_quiet(bool quiet) {
    is_quiet = quiet;
}

bool log_is_quiet(void) {
    return is_quiet;
}

static void clear_progress(void) {
    if (progress_is_shown)
        fputs("\r\033[K", stderr);
    progress_is_shown = false;
}

static void say(const char *format, va_list args) {
    char *text = NULL;
    clear_progress();
    if (vasprintf(&text, format, args) >= 0) {
        put_printable(stderr, text);
        free(text);
    }
    fputc('\n', stderr);
}

void log_info(const char *format, ...) {
    va_list args;
    va_start(args, format);
    if (!is_quiet)
        say(format, args);
    va_end(args);
}

void log_set_verbose(bool verbose) {
    is_verbose = verbose;
}

void log_detail(const char *format, ...) {
    va_list args;
    va_start(args, format);
    if (is_verbose)
        say(format, args);
    va_end(args);
}

static void say_as(const char *kind, const char *format, va_list args) {
    clear_progress();
    fprintf(stderr, "liquidbench: %s: ", kind);
    say(format, args);
}

void log_note(const char *format, ...) {
    va_list args;
    va_start(args, format);
    say_as("note", format, args);
    va_end(args);
}

void log_warning(const char *format, ...) {
    va_list args;
    va_start(args, format);
    say_as("warning", format, args);
    va_end(args);
}

void log_error(const char *format, ...) {
    va_list args;
    va_start(args, format);
    say(format, args);
    va_end(args);
}

bool log_shows_progress(void) {
    const char *terminal = getenv("TERM");
    return !is_quiet && isatty(STDERR_FILENO) &&
           (terminal == NULL || strcmp(terminal, "dumb") != 0);
}

static int terminal_width(void) {
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 80;
}

void log_progress(const char *format, ...) {
    if (!log_shows_progress())
        return;
    char line[512];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    clear_progress();
    /* A line that wraps could not be taken back. */
    struct arena arena = {0};
    progress_is_shown = fprintf(stderr, "%.*s", terminal_width() - 1, printable(&arena, line)) > 0;
    arena_free(&arena);
    fflush(stderr);
}
