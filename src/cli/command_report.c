#include "cli/command_report.h"

#include "base/file.h"
#include "base/log.h"
#include "cli/command.h"
#include "report/report.h"

#include <stdio.h>
#include <stdlib.h>

static const char help[] =
    "Usage: liquidbench report [OPTION]... RESULTS...\n"
    "\n"
    "Prints the tables of results folders and writes report/ with an HTML page, Markdown,\n"
    "LaTeX, JSON, CSV and plots. Several folders, or a folder of them, make one report, which\n"
    "also ranks the models across data sets.\n"
    "\n"
    "Options:\n"
    "  -o, --output DIR  where to write (default: report/ in the only results folder;\n"
    "                    needed with several)\n"
    "  -q, --quiet       warnings alone on stderr\n"
    "      --help\n"
    "\n"
    "Examples:\n"
    "  liquidbench report results/quickstart\n"
    "  liquidbench report results/first results/second -o both\n";

bool report_folders(const char *const *folders, size_t count, const char *directory,
                    struct error *error) {
    struct results results;
    bool loaded = results_load(&results, folders, count, error);
    /* The files first: a reader of stdout that goes away, such as `head`, must not cost them. */
    bool written = loaded && report_write(&results, directory, error);
    if (loaded)
        report_print(&results, stdout, stdout_has_colour());
    if (written)
        printf("\nReport: %s/index.html\n", directory);
    results_free(&results);
    return written;
}

static int report(int argc, char **argv) {
    static const struct option options[] = {{"output", required_argument, NULL, 'o'},
                                            {"quiet", no_argument, NULL, 'q'},
                                            {"help", no_argument, NULL, OPTION_HELP},
                                            {0}};
    const char *output = NULL;
    int option;
    while ((option = option_next(&command_report, argc, argv, ":ho:q", options)) != OPTIONS_END) {
        if (option == 'o')
            output = optarg;
        else if (option == 'q')
            log_set_quiet(true);
        else
            return option_exit(option);
    }
    if (optind == argc)
        return usage_error(&command_report, "no results folder is given");
    if (argc - optind > 1 && output == NULL)
        return usage_error(&command_report, "say with -o where the report of several goes");
    struct arena arena = {0};
    struct error error;
    if (output == NULL)
        output = path_join(&arena, argv[optind], "report");
    const char *const *folders = (const char *const *)argv + optind;
    size_t count = (size_t)(argc - optind);
    bool reported = report_folders(folders, count, output, &error);
    arena_free(&arena);
    return reported ? EXIT_SUCCESS : fail(&error);
}

const struct command command_report = {
    .name = "report",
    .summary = "tables, plots and one HTML page from results",
    .help = help,
    .run = report,
};
