#include "base/log.h"

#include "base/printable.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool is_quiet, is_verbose;
static int progress_lines; /* shown; 0: none */

void log_set_quiet(bool quiet) {
    is_quiet = quiet;
}

static void clear_progress(void) {
    for (; progress_lines > 0; progress_lines--)
        fputs(progress_lines > 1 ? "\r\033[K\033[A" : "\r\033[K", stderr);
}

static void print_message(const char *format, va_list args) {
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
        print_message(format, args);
    va_end(args);
}

void log_set_verbose(bool verbose) {
    is_verbose = verbose;
}

void log_detail(const char *format, ...) {
    va_list args;
    va_start(args, format);
    if (is_verbose)
        print_message(format, args);
    va_end(args);
}

static void say_as(const char *kind, const char *format, va_list args) {
    clear_progress();
    fprintf(stderr, "liquidbench: %s: ", kind);
    print_message(format, args);
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
    print_message(format, args);
    va_end(args);
}

bool log_shows_progress(void) {
    const char *terminal = getenv("TERM");
    return !is_quiet && isatty(STDERR_FILENO) &&
           (terminal == NULL || strcmp(terminal, "dumb") != 0);
}

/* Of the terminal on stderr, or the usual ones. */
static struct winsize terminal_size(void) {
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 2 || size.ws_row < 2)
        size = (struct winsize){.ws_col = 80, .ws_row = 24};
    return size;
}

void log_progress(const char *format, ...) {
    if (!log_shows_progress())
        return;
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int length = vasprintf(&text, format, args);
    va_end(args);
    if (length < 0)
        return;
    clear_progress();
    /* What wraps or scrolls away could not be taken back. */
    struct winsize size = terminal_size();
    struct arena arena = {0};
    char *rest = text;
    for (char *line = strsep(&rest, "\n");
         line != NULL && line[0] != '\0' && progress_lines < size.ws_row - 1;
         line = strsep(&rest, "\n"))
        fprintf(stderr, "%s%.*s", progress_lines++ > 0 ? "\n" : "", size.ws_col - 1,
                printable(&arena, line));
    arena_free(&arena);
    free(text);
    fflush(stderr);
}
