/* Commands: one file each in cli/, one line in the list below.
 *
 * A command parses its options, calls down, prints. Results go to stdout, all else to stderr. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "base/error.h"

#include <getopt.h>
#include <stddef.h>

/* EXIT_SUCCESS, or one of these. */
enum { EXIT_CHECK_FAILED = 1, EXIT_BAD_INPUT = 2 };

struct command {
    const char *name;
    const char *summary; /* one line for the list of commands */
    const char *help;    /* what --help prints */
    /* argv[0] is the command's name. Returns the exit code. */
    int (*run)(int argc, char **argv);
};

/* The order is that of the help. */
#define COMMANDS(X)                                                                                \
    X(run)                                                                                         \
    X(status)                                                                                      \
    X(report)                                                                                      \
    X(compare)                                                                                     \
    X(history)                                                                                     \
    X(predict)                                                                                     \
    X(export)                                                                                      \
    X(data)                                                                                        \
    X(list)                                                                                        \
    X(bench)                                                                                       \
    X(init)                                                                                        \
    X(completion)

#define DECLARE_COMMAND(name) extern const struct command command_##name;
COMMANDS(DECLARE_COMMAND)
#undef DECLARE_COMMAND

const struct command *command_at(size_t position); /* NULL after the last */
const struct command *command_find(const char *name);

/* What option_next() returns beside the letters of options. */
enum { OPTIONS_END = -1, OPTION_HELP = 1, OPTION_BAD = 2 };

/* The next option, as getopt_long() does, with messages that say what to do. --help is known to all
 * commands and has been printed when this returns OPTION_HELP; OPTION_BAD has been reported. */
int option_next(const struct command *command, int argc, char **argv, const char *letters,
                const struct option *options);

/* The exit code after OPTION_HELP or OPTION_BAD. */
int option_exit(int option);

/* Reads a whole number option. False when it has been reported as bad. */
bool option_int(const struct command *command, const char *name, const char *text, int min,
                int *value);

/* The same for a number that is not negative. */
bool option_real(const struct command *command, const char *name, const char *text, double *value);

/* Reports what is wrong with the command line and where help is; returns EXIT_BAD_INPUT. */
int usage_error(const struct command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Reports an error; returns EXIT_BAD_INPUT. */
int fail(const struct error *error);

/* Whether colour is welcome on stdout: a terminal, and no $NO_COLOR. */
bool stdout_has_colour(void);

#endif
