#include "base/json.h"
#include "base/printable.h"
#include "cli/command.h"
#include "experiment/run/progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char help[] =
    "Usage: liquidbench status [OPTION] RESULTS\n"
    "\n"
    "Says how far the sweep in a results folder is: trials done, failed, running and to do,\n"
    "and about when it will be done. Works while runs are at work there, and afterwards.\n"
    "\n"
    "Options:\n"
    "      --watch    print it every two seconds until all trials have ended\n"
    "      --json     print one object, with a list of all trials\n"
    "      --help\n"
    "\n"
    "Examples:\n"
    "  liquidbench status results/quickstart\n"
    "  liquidbench status --watch results/quickstart\n";

static const double SILENCE = 60; /* seconds without a sign of life that are worth a word */

enum { MAX_LINES = 20, WATCH_PERIOD = 2 /* seconds */ };

static void print_trial(const struct trial_progress *trial, struct arena *arena) {
    const char *stem = printable(arena, trial->stem);
    if (trial->state == STATE_FAILED) {
        const char *reason = trial->error != NULL ? trial->error : "no reason is given";
        printf("  %s  %s: %s\n", stem, printable(arena, trial->status), printable(arena, reason));
        return;
    }
    char duration[32], silence[32];
    format_duration(trial->seconds, duration, sizeof duration);
    printf("  %s  for %s  on %s, process %ld", stem, duration, printable(arena, trial->holder.host),
           trial->holder.pid);
    if (trial->news.epoch > 0)
        printf("\n    epoch %d/%d  valid %.4g, best %.4g", trial->news.epoch, trial->news.epochs,
               trial->news.valid, trial->news.best);
    if (trial->silent > SILENCE) {
        format_duration(trial->silent, silence, sizeof silence);
        printf("; no sign of life for %s", silence);
    }
    putchar('\n');
}

static void print_trials(const struct progress *progress, enum trial_state state,
                         const char *title) {
    struct arena arena = {0};
    size_t printed = 0;
    for (size_t i = 0; i < progress->trial_count; i++) {
        if (progress->trials[i].state != state)
            continue;
        if (printed == 0)
            printf("\n%s\n", title);
        if (printed++ < MAX_LINES)
            print_trial(&progress->trials[i], &arena);
    }
    if (printed > MAX_LINES)
        printf("  and %zu more: --json lists them\n", printed - MAX_LINES);
    arena_free(&arena);
}

static void print_progress(const struct progress *progress) {
    const size_t *counts = progress->counts;
    put_printable(stdout, progress->experiment);
    printf(": %zu of %zu trials done, %zu failed, %zu running, %zu to do\n", counts[STATE_DONE],
           progress->trial_count, counts[STATE_FAILED], counts[STATE_RUNNING], counts[STATE_TO_DO]);
    char left[32];
    format_duration(progress->seconds_left, left, sizeof left);
    if (isfinite(progress->seconds_left))
        printf("ETA about %s, with %zu at a time\n", left, progress->workers);
    else if (counts[STATE_RUNNING] == 0 && counts[STATE_TO_DO] > 0)
        puts("No run is at work there.");
    print_trials(progress, STATE_RUNNING, "Running");
    print_trials(progress, STATE_FAILED, "Failed");
}

static cJSON *trial_json(const struct trial_progress *trial) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "trial", trial->stem);
    cJSON_AddStringToObject(json, "state", trial_state_names[trial->state]);
    if (trial->state != STATE_TO_DO)
        cJSON_AddNumberToObject(json, "seconds", trial->seconds);
    if (trial->state == STATE_FAILED) {
        cJSON_AddStringToObject(json, "status", trial->status);
        cJSON_AddStringToObject(json, "error", trial->error != NULL ? trial->error : "");
    }
    if (trial->state == STATE_RUNNING) {
        cJSON_AddStringToObject(json, "host", trial->holder.host);
        cJSON_AddNumberToObject(json, "pid", (double)trial->holder.pid);
        cJSON_AddNumberToObject(json, "silent_seconds", trial->silent);
        cJSON_AddNumberToObject(json, "epoch", trial->news.epoch);
        cJSON_AddNumberToObject(json, "epochs", trial->news.epochs);
        cJSON_AddNumberToObject(json, "valid", trial->news.valid);
        cJSON_AddNumberToObject(json, "best_valid", trial->news.best);
    }
    return json;
}

static void print_json(const struct progress *progress) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "experiment", progress->experiment);
    cJSON_AddNumberToObject(json, "count", (double)progress->trial_count);
    for (int i = 0; i < STATE_COUNT; i++)
        cJSON_AddNumberToObject(json, trial_state_names[i], (double)progress->counts[i]);
    cJSON_AddNumberToObject(json, "eta_seconds", progress->seconds_left);
    cJSON *trials = cJSON_AddArrayToObject(json, "trials");
    for (size_t i = 0; i < progress->trial_count; i++)
        cJSON_AddItemToArray(trials, trial_json(&progress->trials[i]));
    json_print(json, stdout);
    cJSON_Delete(json);
}

/* One look at the folder. */
static bool look(const char *folder, bool as_json, bool *is_over, struct error *error) {
    struct arena arena = {0};
    struct progress progress;
    bool is_read = progress_read(&progress, folder, &arena, error);
    if (is_read && as_json)
        print_json(&progress);
    else if (is_read)
        print_progress(&progress);
    *is_over = is_read && progress.counts[STATE_RUNNING] + progress.counts[STATE_TO_DO] == 0;
    arena_free(&arena);
    return is_read;
}

/* On a terminal in place, elsewhere one after the other. */
static bool watch(const char *folder, bool as_json, struct error *error) {
    const bool in_place = isatty(STDOUT_FILENO) && !as_json;
    bool is_over = false;
    for (bool is_first = true; !is_over; is_first = false) {
        if (!is_first)
            sleep(WATCH_PERIOD);
        if (in_place)
            fputs("\033[H\033[J", stdout);
        else if (!is_first && !as_json)
            putchar('\n');
        if (!look(folder, as_json, &is_over, error))
            return false;
        fflush(stdout);
    }
    return true;
}

static int status(int argc, char **argv) {
    enum { JSON = 256, WATCH };
    static const struct option options[] = {{"json", no_argument, NULL, JSON},
                                            {"watch", no_argument, NULL, WATCH},
                                            {"help", no_argument, NULL, OPTION_HELP},
                                            {0}};
    bool as_json = false, watches = false, is_over;
    int option;
    while ((option = option_next(&command_status, argc, argv, ":h", options)) != OPTIONS_END) {
        if (option == JSON)
            as_json = true;
        else if (option == WATCH)
            watches = true;
        else
            return option_exit(option);
    }
    if (argc - optind != 1)
        return usage_error(&command_status, "give one results folder");
    struct error error;
    bool is_read = watches ? watch(argv[optind], as_json, &error)
                           : look(argv[optind], as_json, &is_over, &error);
    return is_read ? EXIT_SUCCESS : fail(&error);
}

const struct command command_status = {
    .name = "status",
    .summary = "how far a sweep is: done, failed, running, to do",
    .help = help,
    .run = status,
};
