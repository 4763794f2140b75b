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
    "LaTeX (report.tex, and tables/ for papers), JSON, CSV and plots. Several folders, or a\n"
    "folder of them, make one report, which also ranks the models across data sets.\n"
    "\n"
    "Options:\n"
    "  -o, --output DIR  where to write (default: report/ in the only results folder;\n"
    "                    needed with several)\n"
    "      --columns LIST  columns of the tables of scores, as in model,mse,params,noise\n"
    "      --pdf         draw plots/*.pdf too, for papers; report.tex then takes these\n"
    "  -q, --quiet       warnings alone on stderr\n"
    "      --help\n"
    "\n"
    "Examples:\n"
    "  liquidbench report results/quickstart\n"
    "  liquidbench report results/quickstart --columns model,params,mse --pdf\n"
    "  liquidbench report results/first results/second -o both\n";

bool report_folders(const char *const *folders, size_t count, const char *directory,
                    const struct report_options *options, struct error *error) {
    struct results results;
    bool loaded = results_load(&results, folders, count, error);
    /* The files first: a reader of stdout that goes away, such as `head`, must not cost them. */
    bool written = loaded && report_write(&results, directory, options, error);
    struct error unchosen;
    if (loaded)
        report_print(&results, options, stdout, stdout_has_colour(), &unchosen);
    if (written)
        printf("\nReport: %s/index.html\n", directory);
    results_free(&results);
    return written;
}

static int report(int argc, char **argv) {
    enum { COLUMNS = 256, PDF };
    static const struct option options[] = {
        {"output", required_argument, NULL, 'o'}, {"columns", required_argument, NULL, COLUMNS},
        {"pdf", no_argument, NULL, PDF},          {"quiet", no_argument, NULL, 'q'},
        {"help", no_argument, NULL, OPTION_HELP}, {0}};
    const char *output = NULL;
    struct report_options chosen = {0};
    int option;
    while ((option = option_next(&command_report, argc, argv, ":ho:q", options)) != OPTIONS_END) {
        if (option == 'o')
            output = optarg;
        else if (option == COLUMNS)
            chosen.columns = optarg;
        else if (option == PDF)
            chosen.pdf = true;
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
    bool reported = report_folders(folders, count, output, &chosen, &error);
    arena_free(&arena);
    return reported ? EXIT_SUCCESS : fail(&error);
}

const struct command command_report = {
    .name = "report",
    .summary = "tables, plots and one HTML page from results",
    .help = help,
    .run = report,
};
