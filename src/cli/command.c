#include "cli/command.h"

#include "base/log.h"
#include "base/suggest.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ENTRY(name) &command_##name,
static const struct command *const commands[] = {COMMANDS(ENTRY)};

const struct command *command_at(size_t position) {
    return position < sizeof commands / sizeof commands[0] ? commands[position] : NULL;
}

const struct command *command_find(const char *name) {
    const struct command *command;
    for (size_t i = 0; (command = command_at(i)) != NULL; i++)
        if (strcmp(command->name, name) == 0)
            return command;
    return NULL;
}

int usage_error(const struct command *command, const char *format, ...) {
    va_list args;
    char *text = NULL;
    va_start(args, format);
    int length = vasprintf(&text, format, args);
    va_end(args);
    log_error("liquidbench %s: %s\nTry `liquidbench %s --help`.", command->name,
              length < 0 ? "" : text, command->name);
    if (length >= 0)
        free(text);
    return EXIT_BAD_INPUT;
}

int fail(const struct error *error) {
    log_error("liquidbench: %s", error->text);
    return EXIT_BAD_INPUT;
}

/* getopt_long() has met something it does not know: argv[optind - 1]. */
static void report_unknown(const struct command *command, char **argv,
                           const struct option *options) {
    if (optopt != 0 && optopt < CHAR_MAX && strncmp(argv[optind - 1], "--", 2) != 0) {
        usage_error(command, "there is no option -%c", optopt);
        return;
    }
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(argv[optind - 1], "="), argv[optind - 1]);
    struct suggestion nearest = {.wanted = name + strspn(name, "-")};
    for (; options->name != NULL; options++)
        suggestion_offer(&nearest, options->name);
    if (optopt != 0)
        usage_error(command, "%s takes no value", name);
    else if (nearest.nearest != NULL)
        usage_error(command, "there is no option %s; did you mean --%s?", name, nearest.nearest);
    else
        usage_error(command, "there is no option %s", name);
}

int option_next(const struct command *command, int argc, char **argv, const char *letters,
                const struct option *options) {
    opterr = 0;
    int option = getopt_long(argc, argv, letters, options, NULL);
    if (option == OPTION_HELP || option == 'h') {
        fputs(command->help, stdout);
        return OPTION_HELP;
    }
    if (option == OPTIONS_END) {
        for (int i = optind; i < argc; i++)
            if (argv[i][0] == '\0') {
                usage_error(command, "an argument is empty");
                return OPTION_BAD;
            }
        return option;
    }
    if (option != '?' && option != ':' && optarg != NULL && optarg[0] == '\0') {
        const char *given = argv[optind - 1][0] != '\0' ? argv[optind - 1] : argv[optind - 2];
        usage_error(command, "%.*s: its value is empty", (int)strcspn(given, "="), given);
        return OPTION_BAD;
    }
    if (option == ':') {
        usage_error(command, "%s needs a value", argv[optind - 1]);
        return OPTION_BAD;
    }
    if (option == '?') {
        report_unknown(command, argv, options);
        return OPTION_BAD;
    }
    return option;
}

int option_exit(int option) {
    return option == OPTION_HELP ? EXIT_SUCCESS : EXIT_BAD_INPUT;
}

bool option_int(const struct command *command, const char *name, const char *text, int min,
                int *value) {
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    bool good = errno == 0 && end != text && *end == '\0' && number >= min && number <= INT_MAX;
    if (good)
        *value = (int)number;
    else
        usage_error(command, "%s %s: must be a whole number of at least %d", name, text, min);
    return good;
}

bool option_real(const struct command *command, const char *name, const char *text, double *value) {
    char *end;
    double number = strtod(text, &end);
    bool good = end != text && *end == '\0' && isfinite(number) && number >= 0;
    if (good)
        *value = number;
    else
        usage_error(command, "%s %s: must be a number of at least 0", name, text);
    return good;
}

bool stdout_has_colour(void) {
    const char *no_colour = getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) && (no_colour == NULL || no_colour[0] == '\0');
}
