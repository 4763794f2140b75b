#include "report/gate/compare.h"

#include "base/file.h"
#include "cli/command.h"
#include "report/gate/compare_output.h"
#include "report/gate/reference_results.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: liquidbench compare [OPTION]... BASE NEW\n"
    "\n"
    "Compares two results folders, or folders of them: exit code 1 when NEW is worse than\n"
    "BASE in a test metric, beyond the tolerance and beyond chance, or beyond the tolerance in\n"
    "parameters or memory, or when a model, a trial or a metric of BASE is missing or its\n"
    "config differs. The \"gate\" of BASE's config and these options say what counts.\n"
    "\n"
    "Options:\n"
    "      --tolerance X  relative change of anything that still passes\n"
    "      --floor X      absolute change that always passes\n"
    "      --alpha P      level of the test over seeds\n"
    "      --speed        compare training time and streaming latency, too\n"
    "      --hypotheses   fail, too, when the verdict on a hypothesis of BASE changes\n"
    "      --require-power  fail, too, where the seeds could not show a change of the\n"
    "                     tolerance with 80 % power\n"
    "      --any-config   pass over configs that differ\n"
    "  -o, --output FILE  also write to FILE: Markdown (.md), JUnit (.xml) or JSON (.json);\n"
    "                     may be repeated\n"
    "      --github       for GitHub Actions: also print annotations, and add the Markdown to\n"
    "                     the job's summary ($GITHUB_STEP_SUMMARY)\n"
    "      --update       compare nothing: make BASE hold the records of NEW\n"
    "      --help\n"
    "\n"
    "Examples:\n"
    "  liquidbench compare results/main results/branch\n"
    "  liquidbench compare baseline results/ci -o comment.md -o junit.xml\n"
    "  liquidbench compare --update baseline results/ci\n"
    "\n"
    "Exit codes: 0 nothing is worse, 1 something is, 2 bad input.\n";

enum { MAX_FILES = 8 };

struct request {
    struct comparison_options options;
    const char *files[MAX_FILES];
    size_t file_count;
    bool github, update;
};

static const struct {
    const char *suffix;
    void (*write)(const struct comparison *comparison, FILE *out);
} formats[] = {
    {".md", comparison_markdown},
    {".xml", comparison_junit},
    {".json", comparison_json},
};
enum { FORMATS = sizeof formats / sizeof formats[0] };

/* Position of the format that the file's name asks for; FORMATS when there is none. */
static size_t format_of(const char *file) {
    const char *suffix = strrchr(file, '.');
    size_t f = 0;
    while (f < FORMATS && (suffix == NULL || strcmp(suffix, formats[f].suffix) != 0))
        f++;
    return f;
}

/* A comparison and the format that it is to be written in. */
struct output {
    const struct comparison *comparison;
    size_t format;
};

static void print_output(FILE *out, const void *data) {
    const struct output *output = data;
    formats[output->format].write(output->comparison, out);
}

static bool write_file(const struct comparison *comparison, const char *file, struct error *error) {
    return file_print(file, print_output, &(struct output){comparison, format_of(file)}, error);
}

/* Other steps of the job add to the same file. */
static bool add_step_summary(const struct comparison *comparison, struct error *error) {
    const char *file = getenv("GITHUB_STEP_SUMMARY");
    if (file == NULL || file[0] == '\0')
        return true;
    FILE *out = fopen(file, "ae");
    if (out != NULL)
        comparison_markdown(comparison, out);
    if (out == NULL || (ferror(out) | fclose(out)) != 0)
        return error_set(error, "GITHUB_STEP_SUMMARY %s: %s", file, strerror(errno));
    return true;
}

static int give_verdict(const struct comparison *comparison, const struct request *request) {
    comparison_print(comparison, stdout, stdout_has_colour());
    if (request->github)
        comparison_github(comparison, stdout);
    struct error error;
    if (request->github && !add_step_summary(comparison, &error))
        return fail(&error);
    for (size_t i = 0; i < request->file_count; i++)
        if (!write_file(comparison, request->files[i], &error))
            return fail(&error);
    return comparison->passed ? EXIT_SUCCESS : EXIT_CHECK_FAILED;
}

static int compare_folders(const char *base_folder, const char *new_folder,
                           const struct request *request) {
    struct arena arena = {0};
    struct results base = {0}, changed = {0};
    struct error error;
    int code;
    if (results_load(&base, &base_folder, 1, &error) &&
        results_load(&changed, &new_folder, 1, &error)) {
        struct comparison comparison = compare_results(&base, &changed, &request->options, &arena);
        code = give_verdict(&comparison, request);
    } else {
        code = fail(&error);
    }
    results_free(&base);
    results_free(&changed);
    arena_free(&arena);
    return code;
}

static int update(const char *base, const char *changed) {
    struct error error;
    size_t count;
    if (!baseline_update(base, changed, &count, &error))
        return fail(&error);
    printf("%s now holds %zu trials of %s\n", base, count, changed);
    return EXIT_SUCCESS;
}

static int add_file(struct request *request, const char *file) {
    if (format_of(file) == FORMATS)
        return usage_error(&command_compare, "-o %s: the name must end in .md, .xml or .json",
                           file);
    if (request->file_count == MAX_FILES)
        return usage_error(&command_compare, "-o: at most %d files", MAX_FILES);
    request->files[request->file_count++] = file;
    return EXIT_SUCCESS;
}

static int compare(int argc, char **argv) {
    enum {
        TOLERANCE = 256,
        FLOOR,
        ALPHA,
        SPEED,
        HYPOTHESES,
        REQUIRE_POWER,
        ANY_CONFIG,
        GITHUB,
        UPDATE
    };
    static const struct option options[] = {{"tolerance", required_argument, NULL, TOLERANCE},
                                            {"floor", required_argument, NULL, FLOOR},
                                            {"alpha", required_argument, NULL, ALPHA},
                                            {"speed", no_argument, NULL, SPEED},
                                            {"hypotheses", no_argument, NULL, HYPOTHESES},
                                            {"require-power", no_argument, NULL, REQUIRE_POWER},
                                            {"any-config", no_argument, NULL, ANY_CONFIG},
                                            {"output", required_argument, NULL, 'o'},
                                            {"github", no_argument, NULL, GITHUB},
                                            {"update", no_argument, NULL, UPDATE},
                                            {"help", no_argument, NULL, OPTION_HELP},
                                            {0}};
    struct request request = {.options = comparison_defaults};
    int option;
    while ((option = option_next(&command_compare, argc, argv, ":o:h", options)) != OPTIONS_END) {
        bool good = true;
        if (option == TOLERANCE)
            good = option_real(&command_compare, "--tolerance", optarg, &request.options.tolerance);
        else if (option == FLOOR)
            good = option_real(&command_compare, "--floor", optarg, &request.options.floor);
        else if (option == ALPHA)
            good = option_real(&command_compare, "--alpha", optarg, &request.options.alpha);
        else if (option == SPEED)
            request.options.speed = true;
        else if (option == HYPOTHESES)
            request.options.hypotheses = true;
        else if (option == REQUIRE_POWER)
            request.options.require_power = true;
        else if (option == ANY_CONFIG)
            request.options.any_config = true;
        else if (option == 'o')
            good = add_file(&request, optarg) == EXIT_SUCCESS;
        else if (option == GITHUB)
            request.github = true;
        else if (option == UPDATE)
            request.update = true;
        else
            return option_exit(option);
        if (!good)
            return EXIT_BAD_INPUT;
    }
    if (argc - optind != 2)
        return usage_error(&command_compare, "give two results folders, BASE and NEW");
    const char *base = argv[optind], *changed = argv[optind + 1];
    return request.update ? update(base, changed) : compare_folders(base, changed, &request);
}

const struct command command_compare = {
    .name = "compare",
    .summary = "exit code 1 when results are worse than reference results: the CI gate",
    .help = help,
    .run = compare,
};
