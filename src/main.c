/* liquidbench: which sequence model suits this data, and what does the choice cost? */
#include "base/arena.h"
#include "base/choice.h"
#include "base/interrupt.h"
#include "base/json.h"
#include "base/log.h"
#include "base/version.h"
#include "cli/command.h"
#include "engine/cell.h"
#include "experiment/run/ranks.h"
#include "math/denormals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_help(FILE *out) {
    fputs("liquidbench compares sequence models on your data: which one is accurate, small, fast\n"
          "and robust, with a test behind every claim.\n"
          "\n"
          "Usage: liquidbench COMMAND [OPTION]... [ARGUMENT]...\n"
          "\n"
          "Commands:\n",
          out);
    const struct command *command;
    for (size_t i = 0; (command = command_at(i)) != NULL; i++)
        fprintf(out, "  %-10s %s\n", command->name, command->summary);
    fputs("  help       this text, or that of a command: liquidbench help run\n"
          "\n"
          "Options:\n"
          "  --help, --version\n"
          "\n"
          "Examples:\n"
          "  liquidbench init first --csv my.csv   write first.json, a config to start from\n"
          "  liquidbench run first.json            train, evaluate, report\n"
          "  liquidbench list models               what there is to compare\n"
          "\n"
          "Exit codes: 0 success, 1 a check failed (regression, failed trials), 2 bad usage or\n"
          "input, 99 out of memory, 130 stopped by Ctrl-C, 143 by SIGTERM.\n",
          out);
}

static int unknown_command(const char *name) {
    struct suggestion nearest = {.wanted = name};
    const struct command *command;
    for (size_t i = 0; (command = command_at(i)) != NULL; i++)
        suggestion_offer(&nearest, command->name);
    log_error("liquidbench: there is no command \"%s\"%s\nTry `liquidbench --help`.", name,
              suggestion_or(&nearest, "%s", "").text);
    return EXIT_BAD_INPUT;
}

static int help(int argc, char **argv) {
    const struct command *command = argc > 0 ? command_find(argv[0]) : NULL;
    if (argc > 0 && command == NULL)
        return unknown_command(argv[0]);
    if (command != NULL)
        fputs(command->help, stdout);
    else
        print_help(stdout);
    return EXIT_SUCCESS;
}

static int dispatch(int argc, char **argv) {
    if (argc < 2) {
        print_help(stderr);
        return EXIT_BAD_INPUT;
    }
    const char *name = argv[1];
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return help(argc - 2, argv + 2);
    if (strcmp(name, "--version") == 0) {
        printf("liquidbench %s (%s, %s, %s%s)\n", version_number(), version_commit(),
               version_compiler(), cell_isa(), ranks_are_possible() ? ", MPI" : "");
        return EXIT_SUCCESS;
    }
    const struct command *command = command_find(name);
    struct error error;
    if (command == NULL)
        return unknown_command(name);
    return cell_isa_check(&error) ? command->run(argc - 1, argv + 1) : fail(&error);
}

/* A standard descriptor that is closed would be that of the next file which is opened, and messages
 * would go into results. In its place is one that every use of fails. */
static void occupy_standard_descriptors(void) {
    for (int i = 0; i < 3; i++)
        if (fcntl(i, F_GETFD) < 0 && errno == EBADF)
            open("/dev/null", i == 0 ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv) {
    occupy_standard_descriptors();
    signal(SIGXFSZ, SIG_IGN); /* a file too large for `ulimit -f` is a failed write, not a crash */
    signal(SIGCHLD, SIG_DFL); /* whoever started this may have ignored it, and nobody could wait */
    denormals_are_zero();
    json_exit_without_memory();
    setvbuf(stderr, NULL, _IOLBF, 0); /* runs that share a terminal write whole lines */
    int code = dispatch(argc, argv);
    if (interrupt_signal() != 0)
        code = 128 + interrupt_signal();
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "liquidbench: cannot write to standard output: %s\n", strerror(errno));
        code = EXIT_BAD_INPUT;
    }
    return code;
}
