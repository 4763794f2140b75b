#include "report/history/history.h"

#include "base/file.h"
#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: liquidbench history [OPTION]... RESULTS...\n"
    "\n"
    "Reads the results folders of many commits, in the order given, and says which test scores\n"
    "made a step or drift slowly, for each model and metric. At least eight folders.\n"
    "\n"
    "Options:\n"
    "  -o, --output FILE  also draw the changes: SVG (.svg) or PNG (.png)\n"
    "      --alpha P      level of all tests of a history together (default: 0.005)\n"
    "      --help\n"
    "\n"
    "Examples:\n"
    "  liquidbench history results/2026-*\n"
    "  liquidbench history $(git log --reverse --format=results/%h) -o history.svg\n"
    "\n"
    "Exit codes: 0 it could be read, 2 bad input.\n";

static bool is_picture(const char *file) {
    const char *suffix = strrchr(file, '.');
    return suffix != NULL && (strcmp(suffix, ".svg") == 0 || strcmp(suffix, ".png") == 0);
}

static int show(const char *const *folders, size_t count, double level, const char *output) {
    struct arena arena = {0};
    struct error error;
    struct results *results = ARENA_NEW(&arena, struct results, count);
    size_t loaded = 0;
    bool good = true;
    while (good && loaded < count) {
        results[loaded] = (struct results){0};
        good = results_load(&results[loaded], &folders[loaded], 1, &error);
        loaded++;
    }
    if (good) {
        struct history made = history_make(results, folders, count, level, &arena);
        history_print(&made, stdout, stdout_has_colour());
        good = output == NULL || history_plot(&made, output, &error);
    }
    for (size_t f = 0; f < loaded; f++)
        results_free(&results[f]);
    arena_free(&arena);
    return good ? EXIT_SUCCESS : fail(&error);
}

static int history(int argc, char **argv) {
    enum { ALPHA = 256 };
    static const struct option options[] = {{"output", required_argument, NULL, 'o'},
                                            {"alpha", required_argument, NULL, ALPHA},
                                            {"help", no_argument, NULL, OPTION_HELP},
                                            {0}};
    const char *output = NULL;
    double level = HISTORY_LEVEL;
    int option;
    while ((option = option_next(&command_history, argc, argv, ":o:h", options)) != OPTIONS_END) {
        if (option == 'o')
            output = optarg;
        else if (option != ALPHA)
            return option_exit(option);
        else if (!option_real(&command_history, "--alpha", optarg, &level))
            return EXIT_BAD_INPUT;
    }
    if (output != NULL && !is_picture(output))
        return usage_error(&command_history, "-o %s: the name must end in .svg or .png", output);
    if (argc - optind < 2)
        return usage_error(&command_history, "give the results folders of several commits");
    return show((const char *const *)argv + optind, (size_t)(argc - optind), level, output);
}

const struct command command_history = {
    .name = "history",
    .summary = "steps and slow drifts in the results of many commits",
    .help = help,
    .run = history,
};
