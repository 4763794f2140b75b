#include "report/compare.h"

#include "cli/command.h"

#include <math.h>
#include <stdlib.h>

static const char help[] =
    "Usage: liquidbench compare [OPTION]... BASE NEW\n"
    "\n"
    "Compares two results folders: exit code 1 when a model of BASE is missing in NEW or worse\n"
    "there by more than the tolerance, in a test metric, in parameters or in memory. Times are\n"
    "not compared.\n"
    "\n"
    "Options:\n"
    "      --tolerance X  relative change that still passes (default: 0.05)\n"
    "      --floor X      absolute change that always passes (default: 1e-6)\n"
    "      --help\n"
    "\n"
    "Examples:\n"
    "  liquidbench compare results/main results/branch\n"
    "  liquidbench compare baseline results/ci --tolerance 0.1\n";

static int compare_folders(const char *base_folder, const char *new_folder,
                           const struct comparison_options *options) {
    struct arena arena = {0};
    struct results base = {0}, changed = {0};
    struct error error;
    int code;
    if (results_load(&base, &base_folder, 1, &error) &&
        results_load(&changed, &new_folder, 1, &error)) {
        struct comparison comparison = compare_results(&base, &changed, options, &arena);
        comparison_print(&comparison, stdout, stdout_has_colour());
        code = comparison.passed ? EXIT_SUCCESS : EXIT_CHECK_FAILED;
    } else {
        code = fail(&error);
    }
    results_free(&base);
    results_free(&changed);
    arena_free(&arena);
    return code;
}

static int compare(int argc, char **argv) {
    enum { TOLERANCE = 256, FLOOR };
    static const struct option options[] = {{"tolerance", required_argument, NULL, TOLERANCE},
                                            {"floor", required_argument, NULL, FLOOR},
                                            {"help", no_argument, NULL, OPTION_HELP},
                                            {0}};
    struct comparison_options comparison = comparison_defaults;
    int option;
    while ((option = option_next(&command_compare, argc, argv, ":h", options)) != OPTIONS_END) {
        bool good = true;
        if (option == TOLERANCE)
            good = option_real(&command_compare, "--tolerance", optarg, &comparison.tolerance);
        else if (option == FLOOR)
            good = option_real(&command_compare, "--floor", optarg, &comparison.floor);
        else
            return option_exit(option);
        if (!good)
            return EXIT_BAD_INPUT;
    }
    if (argc - optind != 2)
        return usage_error(&command_compare, "give two results folders, BASE and NEW");
    return compare_folders(argv[optind], argv[optind + 1], &comparison);
}

const struct command command_compare = {
    .name = "compare",
    .summary = "exit code 1 when results are worse than a base: the CI gate",
    .help = help,
    .run = compare,
};
