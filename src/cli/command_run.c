#include "base/installed.h"
#include "base/json.h"
#include "base/json_place.h"
#include "base/log.h"
#include "base/printable.h"
#include "base/suggest.h"
#include "base/text_stream.h"
#include "cli/command.h"
#include "cli/command_report.h"
#include "config/advice.h"
#include "config/match.h"
#include "experiment/run/estimate.h"
#include "experiment/run/queue.h"
#include "experiment/run/ranks.h"
#include "experiment/run/runner.h"
#include "experiment/search/search.h"
#include "experiment/starter/starter.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: liquidbench run [OPTION]... CONFIG...\n"
    "\n"
    "Trains and evaluates every trial of the experiments (model x seed), then reports.\n"
    "CONFIG is a file, the name of a shipped config such as quickstart, or a CSV file: then a\n"
    "config is written for it first, as `liquidbench init` does.\n"
    "Trials that are done already are skipped, so running again resumes. Runs that share a\n"
    "results folder share out the trials; docs/clusters.md says more.\n"
    "\n"
    "Options:\n"
    "  -o, --output DIR    results folder (default: results/<name>; with several configs:\n"
    "                      DIR/<name>)\n"
    "  -j, --jobs N        trials at once, the longest first; the results do not depend on\n"
    "                      it (default: as many as the processors allow)\n"
    "      --set PATH=JSON change a field of the config; may be repeated\n"
    "      --only GLOB     only trials whose name matches, as in '*-lstm-s0'\n"
    "      --fresh         run trials again that are done\n"
    "      --shard I/N     only share I of N of the plan, from 1/N to N/N\n"
    "      --stale-after S take over a trial whose run, on another machine, has shown no sign\n"
    "                      of life for S seconds (default: 120)\n"
    "      --log FILE      append a line of JSON for each start and end of a run or trial\n"
    "      --dry-run       print the plan with an estimate of its cost, and stop\n"
    "  -q, --quiet         no progress; results and warnings alone\n"
    "  -v, --verbose       say when a trial starts, and what other runs do\n"
    "      --help\n"
    "\n"
    "Examples:\n"
    "  liquidbench run quickstart\n"
    "  liquidbench run plant.csv\n"
    "  liquidbench run first.json --set train.epochs=5 --set 'seeds=[0]' -o /tmp/try\n"
    "  liquidbench run first.json --only '*-ltc-*' --fresh\n"
    "  liquidbench run first.json --shard 2/8 -o results/shard-2\n"
    "\n"
    "Exit codes: 0 all trials are ok, 1 some failed, 2 bad input or no room, 130 Ctrl-C, 143\n"
    "SIGTERM.\n";

struct request {
    const char *output;
    const char **assignments;
    size_t assignment_count;
    struct run_options run;
    bool dry_run;
};

/* One config, ready to run. */
struct run_job {
    struct experiment experiment;
    struct dataset dataset;
    struct plan plan; /* after a search: of `found` */
    struct search search;
    struct experiment found; /* the experiment with the settings that the search has chosen */
    const char *folder;
    struct arena arena;
};

static bool has_search(const struct run_job *job) {
    return job->experiment.search.method != 0;
}

static bool load(struct run_job *job, const char *config, const struct request *request,
                 bool several, struct error *error) {
    struct experiment *experiment = &job->experiment;
    if (!experiment_load(experiment, config, request->assignments, request->assignment_count,
                         error))
        return false;
    if (request->output == NULL)
        job->folder = path_join(&job->arena, "results", experiment->name);
    else if (several)
        job->folder = path_join(&job->arena, request->output, experiment->name);
    else
        job->folder = request->output;
    if (!dataset_load(&job->dataset, &experiment->dataset, &experiment->task, &job->arena, error)) {
        error_prefix(error, "%s", config);
        return json_place_errors(config, request->assignments, request->assignment_count, error);
    }
    advice_add(experiment, &job->dataset, &job->arena);
    if (ranks_number(request->run.ranks) == 0)
        notes_print(&job->dataset.notes);
    bool planned = match_models(experiment, &job->dataset, error) &&
                   plan_make(&job->plan, experiment, &job->dataset, &job->arena, error) &&
                   (!has_search(job) || search_plan(&job->search, experiment, error));
    return planned ||
           json_place_errors(config, request->assignments, request->assignment_count, error);
}

static void unload(struct run_job *job) {
    search_free(&job->search);
    experiment_free(&job->found);
    experiment_free(&job->experiment);
    arena_free(&job->arena);
}

#define TIMING_SECONDS 0.05 /* for each model's estimate */

/* At most. Sizes differ between trials: the config's own means all. */
static void print_search(struct run_job *job, int jobs) {
    const struct search *search = &job->search;
    double total = 0;
    printf("%s: %s search for settings, the same budget for every model\n",
           printable(&job->arena, job->experiment.name),
           search_method_name((size_t)job->experiment.search.method - 1));
    printf("%-24s %4s %7s %7s %9s\n", "model", "rung", "trials", "epochs", "seconds");
    for (size_t m = 0; m < search->model_count; m++) {
        const struct search_model *model = &search->models[m];
        const struct trial_plan *trial = &job->plan.trials[m * job->experiment.seeds.count];
        double epoch = estimate_epoch(&job->plan, trial, TIMING_SECONDS);
        for (size_t r = 0; r < model->rung_count; r++) {
            double seconds = epoch * model->rungs[r].epochs * (double)model->rungs[r].trials;
            printf("%-24s %4zu %7zu %7d %9.1f\n", printable(&job->arena, model->plan->name), r + 1,
                   model->rungs[r].trials, model->rungs[r].epochs, seconds);
            total += seconds;
        }
    }
    printf("At most about %.0f s with %d trial%s at once, with models of the config's own sizes.\n"
           "Then the final trials, shown here with the config's own settings:\n\n",
           total / jobs, jobs, jobs == 1 ? "" : "s");
}

/* Returns the exit code. */
static int print_plan(struct run_job *job, const struct run_options *options) {
    const struct trial_plan **trials;
    size_t count;
    struct error error;
    if (!queue_select(&job->plan, options, &trials, &count, &job->arena, &error))
        return fail(&error);
    int jobs = run_jobs(options, trials, count);
    double *each = ARENA_NEW(&job->arena, double, count);
    double seconds = estimate_trials(&job->plan, trials, count, (size_t)jobs, TIMING_SECONDS, each);
    if (has_search(job))
        print_search(job, jobs);
    printf("%s: %zu trial%s on %s, %zu windows of at most %d steps to train on\n",
           printable(&job->arena, job->experiment.name), count, count == 1 ? "" : "s",
           printable(&job->arena, job->plan.dataset_name), job->dataset.train.window_count,
           job->dataset.window);
    printf("%-40s %6s %11s %9s %9s\n", "trial", "units", "parameters", "GFLOP", "seconds");
    for (size_t i = 0; i < count; i++) {
        const struct trial_plan *trial = trials[i];
        const char *name = printable(&job->arena, trial->name);
        if (trial->network != NULL)
            printf("%-40s %6d %11zu %9.1f %9.1f\n", name, trial->network->cells[0].hidden,
                   trial->network->params.size, trial->work * 1e-9, each[i]);
        else
            printf("%-40s %6s %11s %9s %9s\n", name, "-", "-", "-", "-");
    }
    printf("At most %.0f s with %d trial%s at once, measured on this machine; less when trials\n"
           "stop early. Results go to %s.\n",
           fmax(ceil(seconds), 1), jobs, jobs == 1 ? "" : "s", printable(&job->arena, job->folder));
    return EXIT_SUCCESS;
}

/* As a shell reads it. */
static void put_word(FILE *out, const char *word) {
    size_t plain = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "%+,-./:=@_");
    if (word[0] != '\0' && word[plain] == '\0') {
        fprintf(out, " %s", word);
        return;
    }
    fputs(" '", out);
    for (; *word != '\0'; word++)
        if (*word == '\'')
            fputs("'\\''", out);
        else
            fputc(*word, out);
    fputc('\'', out);
}

static void tell_how_to_resume(const struct run_result *result, int argc, char **argv) {
    struct arena arena = {0};
    struct text_stream command;
    FILE *out = text_stream_open(&command);
    for (int i = 0; i < argc; i++)
        if (strcmp(argv[i], "--fresh") != 0)
            put_word(out, argv[i]);
    log_info("Stopped with %zu of %zu trials done. To go on:\n  liquidbench%s", result->done,
             result->selected, text_stream_close(&command, &arena));
    arena_free(&arena);
}

static int report_job(const struct run_job *job) {
    struct arena arena = {0};
    struct error error;
    bool reported = report_folders(&job->folder, 1, path_join(&arena, job->folder, "report"),
                                   &(struct report_options){0}, &error);
    arena_free(&arena);
    return reported ? EXIT_SUCCESS : fail(&error);
}

/* The exit code of a run that has come to its end; -1: go on. */
static int judge_end(bool ran, const struct run_result *result, const struct error *error, int argc,
                     char **argv) {
    if (result->started > 0 && (result->signal != 0 || !ran))
        tell_how_to_resume(result, argc, argv);
    if (!ran)
        return fail(error);
    return result->signal != 0 ? 128 + result->signal : -1;
}

/* Searches, and plans the final trials with what is found. Returns the exit code, or -1: go on. */
static int search_job(struct run_job *job, const struct run_options *options, int argc,
                      char **argv) {
    struct run_result result = {0};
    struct error error;
    struct run_options inner = *options;
    inner.later_work = estimate_work(&job->plan);
    bool ran = search_run(&job->search, &job->dataset, &inner, &result, &error);
    int code = judge_end(ran, &result, &error, argc, argv);
    if (code >= 0)
        return code;
    if (result.missing > 0) {
        log_info("Shard %d/%d of this rung of the search is done. When all are, run them again to "
                 "go on.",
                 options->shard, options->shards);
        return EXIT_SUCCESS;
    }
    bool planned = experiment_read(&job->found, job->experiment.config_path,
                                   search_outcome(&job->search), &error) &&
                   match_models(&job->found, &job->dataset, &error) &&
                   plan_make(&job->plan, &job->found, &job->dataset, &job->arena, &error);
    return planned ? -1 : fail(&error);
}

/* Returns the exit code. */
static int run_job(struct run_job *job, const struct request *request, int argc, char **argv) {
    struct run_options options = request->run;
    options.folder = job->folder;
    struct run_result result;
    struct error error;
    int code = has_search(job) ? search_job(job, &options, argc, argv) : -1;
    if (code >= 0)
        return code;
    bool ran = run_plan(&job->plan, &options, &result, &error);
    bool reports = ran && result.signal == 0 && ranks_end_plan(options.ranks);
    code = judge_end(ran, &result, &error, argc, argv);
    if (code >= 0)
        return code;
    bool is_part = options.shards > 0 && result.missing > 0;
    if (is_part)
        log_info("Shard %d/%d is done: %zu of %zu trials. When all are, gather them and report:\n"
                 "  liquidbench report %s",
                 options.shard, options.shards, result.done, job->plan.trial_count, job->folder);
    else if (reports)
        code = report_job(job);
    if (!ranks_end_report(options.ranks) && !is_part)
        code = report_job(job);
    if (code > EXIT_SUCCESS)
        return code;
    if (result.failed > 0)
        log_warning("%zu of %zu trials failed; %s/trials says why", result.failed, result.selected,
                    job->folder);
    return result.failed > 0 ? EXIT_CHECK_FAILED : EXIT_SUCCESS;
}

/* What --set says of the data, as a config; NULL on error. cJSON_Delete() it. */
static cJSON *settings_of(const struct request *request, struct error *error) {
    cJSON *settings = cJSON_CreateObject();
    for (size_t i = 0; i < request->assignment_count; i++)
        if (strncmp(request->assignments[i], "dataset", 7) == 0 &&
            !json_assign(settings, request->assignments[i], error)) {
            cJSON_Delete(settings);
            return NULL;
        }
    return settings;
}

/* For a data file: the config of the same name in the working folder, made like `init` does if it is
 * not there, and read as --set says. NULL on error. */
static const char *config_for_data(const char *csv, const struct request *request,
                                   struct arena *arena, struct error *error) {
    const char *name = name_from_path(arena, csv);
    const char *config = arena_printf(arena, "%s.json", name);
    if (file_exists(config)) {
        log_info("%s: running %s, which is there already", csv, config);
        return config;
    }
    cJSON *settings = settings_of(request, error);
    struct starter_request draft = {
        .name = name,
        .csv = csv,
        .reading = cJSON_GetObjectItemCaseSensitive(settings, "dataset"),
        .config_path = config,
        .seconds = STARTER_SECONDS,
    };
    struct starter starter;
    bool made = settings != NULL && starter_make(&draft, &starter, arena, error);
    cJSON_Delete(settings);
    if (!made)
        return NULL;
    bool saved = json_save(starter.config, config, error);
    cJSON_Delete(starter.config);
    if (saved)
        log_info("%sWrote %s.", starter.summary, config);
    return saved ? config : NULL;
}

/* The file for an argument: a config, the name of a shipped one, or a data file. NULL on error. */
static const char *find_config(const char *given, const struct request *request,
                               struct arena *arena, struct error *error) {
    if (path_ends_with(given, ".csv") || path_ends_with(given, ".csv.gz"))
        return config_for_data(given, request, arena, error);
    if (strchr(given, '/') != NULL || file_exists(given) || path_ends_with(given, ".json"))
        return given;
    const char *folders[INSTALLED_FOLDERS];
    installed_folders("configs", folders, arena);
    for (size_t i = 0; i < INSTALLED_FOLDERS; i++) {
        const char *path = arena_printf(arena, "%s/%s.json", folders[i], given);
        if (file_exists(path))
            return path;
    }
    struct suggestion suggestion = {.wanted = given};
    char *names = arena_strdup(arena, installed_configs(arena)), *rest = NULL;
    for (char *name = strtok_r(names, " ", &rest); name != NULL; name = strtok_r(NULL, " ", &rest))
        suggestion_offer(&suggestion, name);
    error_set(error,
              "%s: there is no such file, and no config of this name that comes with the "
              "program%s%s%s",
              given, suggestion.nearest != NULL ? "; did you mean \"" : "",
              suggestion.nearest != NULL ? suggestion.nearest : "",
              suggestion.nearest != NULL ? "\"?" : "");
    return NULL;
}

static bool folders_differ(const struct run_job *jobs, size_t count, struct error *error) {
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(jobs[i].folder, jobs[j].folder) == 0)
                return error_set(error, "%s: has the name \"%s\" of %s; rename one of them",
                                 jobs[i].experiment.config_path, jobs[i].experiment.name,
                                 jobs[j].experiment.config_path);
    return true;
}

/* All configs are checked before the first trial runs. */
static int run_all(const struct request *request, size_t count, char **configs, int argc,
                   char **argv) {
    struct arena arena = {0};
    struct run_job *jobs = ARENA_NEW(&arena, struct run_job, count);
    struct error error = {0};
    bool loaded = true;
    for (size_t i = 0; loaded && i < count; i++) {
        const char *config = find_config(configs[i], request, &arena, &error);
        loaded = config != NULL && load(&jobs[i], config, request, count > 1, &error);
    }
    loaded = loaded && folders_differ(jobs, count, &error);
    int code = loaded ? EXIT_SUCCESS : fail(&error);
    for (size_t i = 0; loaded && i < count; i++) {
        int job_code = EXIT_SUCCESS;
        if (request->dry_run && ranks_number(request->run.ranks) == 0)
            job_code = print_plan(&jobs[i], &request->run);
        else if (!request->dry_run)
            job_code = run_job(&jobs[i], request, argc, argv);
        if (job_code > code)
            code = job_code;
        if (code >= EXIT_BAD_INPUT)
            break;
    }
    for (size_t i = 0; i < count; i++)
        unload(&jobs[i]);
    arena_free(&arena);
    return code;
}

/* "I/N" */
static bool read_shard(const char *text, struct run_options *options) {
    enum { MAX_SHARDS = 1000000 };
    size_t first = strspn(text, "0123456789");
    char *end = NULL;
    long long shard = strtoll(text, &end, 10), shards = 0; /* LLONG_MAX beyond the range */
    bool good = first > 0 && *end == '/' && isdigit((unsigned char)end[1]);
    if (good)
        shards = strtoll(end + 1, &end, 10);
    if (good && *end == '\0' && shard >= 1 && shard <= shards && shards <= MAX_SHARDS) {
        options->shard = (int)shard;
        options->shards = (int)shards;
        return true;
    }
    usage_error(&command_run,
                "--shard %s: must be I/N with I from 1 to N, as in 2/8, and N at most %d", text,
                MAX_SHARDS);
    return false;
}

static int run(int argc, char **argv) {
    enum { SET = 256, ONLY, FRESH, DRY_RUN, SHARD, STALE_AFTER, LOG };
    static const struct option options[] = {{"output", required_argument, NULL, 'o'},
                                            {"jobs", required_argument, NULL, 'j'},
                                            {"set", required_argument, NULL, SET},
                                            {"only", required_argument, NULL, ONLY},
                                            {"fresh", no_argument, NULL, FRESH},
                                            {"dry-run", no_argument, NULL, DRY_RUN},
                                            {"shard", required_argument, NULL, SHARD},
                                            {"stale-after", required_argument, NULL, STALE_AFTER},
                                            {"log", required_argument, NULL, LOG},
                                            {"quiet", no_argument, NULL, 'q'},
                                            {"verbose", no_argument, NULL, 'v'},
                                            {"help", no_argument, NULL, OPTION_HELP},
                                            {0}};
    struct arena arena = {0};
    char **given = ARENA_NEW(&arena, char *, argc + 1); /* getopt_long() reorders argv */
    memcpy(given, argv, (size_t)argc * sizeof *argv);
    struct request request = {.assignments = ARENA_NEW(&arena, const char *, argc),
                              .run = {.patience = 120}};
    int option, code = -1;
    while (code < 0 &&
           (option = option_next(&command_run, argc, argv, ":ho:j:qv", options)) != OPTIONS_END) {
        if (option == 'o')
            request.output = optarg;
        else if (option == 'j')
            code =
                option_int(&command_run, "-j", optarg, 1, &request.run.jobs) ? -1 : EXIT_BAD_INPUT;
        else if (option == SET)
            request.assignments[request.assignment_count++] = optarg;
        else if (option == ONLY)
            request.run.only = optarg;
        else if (option == FRESH)
            request.run.fresh = true;
        else if (option == DRY_RUN)
            request.dry_run = true;
        else if (option == SHARD)
            code = read_shard(optarg, &request.run) ? -1 : EXIT_BAD_INPUT;
        else if (option == STALE_AFTER)
            code = option_real(&command_run, "--stale-after", optarg, &request.run.patience)
                       ? -1
                       : EXIT_BAD_INPUT;
        else if (option == LOG)
            request.run.log = optarg;
        else if (option == 'q')
            log_set_quiet(true);
        else if (option == 'v')
            log_set_verbose(true);
        else
            code = option_exit(option);
    }
    if (code < 0 && optind == argc)
        code = usage_error(&command_run, "no config is given");
    if (code < 0) {
        request.run.ranks = ranks_join(&arena);
        code = run_all(&request, (size_t)(argc - optind), argv + optind, argc, given);
        if (!ranks_part(request.run.ranks))
            log_warning("some ranks of the MPI job are lost");
    }
    arena_free(&arena);
    return code;
}

const struct command command_run = {
    .name = "run",
    .summary = "train and evaluate the trials of an experiment, then report",
    .help = help,
    .run = run,
};
