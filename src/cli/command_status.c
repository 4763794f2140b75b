#include "base/json.h"
#include "base/printable.h"
#include "cli/command.h"
#include "experiment/run/progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char help[] =
    "Usage: liquidbench status [OPTION] RESULTS\n"
    "\n"
    "Says how far the sweep in a results folder is: trials done, failed, running and to do,\n"
    "and about when it will be done. Works while runs are at work there, and afterwards.\n"
    "\n"
    "Options:\n"
    "      --json     print one object, with a list of all trials\n"
    "      --help\n"
    "\n"
    "Examples:\n"
    "  liquidbench status results/quickstart\n"
    "  watch liquidbench status results/quickstart\n";

static const double SILENCE = 60; /* seconds without a sign of life that are worth a word */

enum { MOST_LINES = 20 };

static void format_duration(double seconds, char *text, size_t size) {
    if (seconds < 100)
        snprintf(text, size, "%.0f s", seconds);
    else if (seconds < 6000)
        snprintf(text, size, "%.0f min", seconds / 60);
    else
        snprintf(text, size, "%.1f h", seconds / 3600);
}

static void print_trial(const struct trial_standing *trial, struct arena *arena) {
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
    if (trial->silent > SILENCE) {
        format_duration(trial->silent, silence, sizeof silence);
        printf("; no sign of life for %s", silence);
    }
    putchar('\n');
}

static void print_trials(const struct standing *standing, enum trial_state state,
                         const char *title) {
    struct arena arena = {0};
    size_t printed = 0;
    for (size_t i = 0; i < standing->trial_count; i++) {
        if (standing->trials[i].state != state)
            continue;
        if (printed == 0)
            printf("\n%s\n", title);
        if (printed++ < MOST_LINES)
            print_trial(&standing->trials[i], &arena);
    }
    if (printed > MOST_LINES)
        printf("  and %zu more: --json lists them\n", printed - MOST_LINES);
    arena_free(&arena);
}

static void print_standing(const struct standing *standing) {
    const size_t *counts = standing->counts;
    put_printable(stdout, standing->experiment);
    printf(": %zu of %zu trials done, %zu failed, %zu running, %zu to do\n", counts[STATE_DONE],
           standing->trial_count, counts[STATE_FAILED], counts[STATE_RUNNING], counts[STATE_TO_DO]);
    char left[32];
    format_duration(standing->seconds_left, left, sizeof left);
    if (isfinite(standing->seconds_left))
        printf("ETA about %s, with %zu at a time\n", left, counts[STATE_RUNNING]);
    else if (counts[STATE_RUNNING] == 0 && counts[STATE_TO_DO] > 0)
        puts("No run is at work there.");
    print_trials(standing, STATE_RUNNING, "Running");
    print_trials(standing, STATE_FAILED, "Failed");
}

static cJSON *trial_json(const struct trial_standing *trial) {
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
    }
    return json;
}

static void print_json(const struct standing *standing) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "experiment", standing->experiment);
    cJSON_AddNumberToObject(json, "count", (double)standing->trial_count);
    for (int i = 0; i < STATE_COUNT; i++)
        cJSON_AddNumberToObject(json, trial_state_names[i], (double)standing->counts[i]);
    cJSON_AddNumberToObject(json, "eta_seconds", standing->seconds_left);
    cJSON *trials = cJSON_AddArrayToObject(json, "trials");
    for (size_t i = 0; i < standing->trial_count; i++)
        cJSON_AddItemToArray(trials, trial_json(&standing->trials[i]));
    json_print(json, stdout);
    cJSON_Delete(json);
}

static int status(int argc, char **argv) {
    enum { JSON = 256 };
    static const struct option options[] = {
        {"json", no_argument, NULL, JSON}, {"help", no_argument, NULL, OPTION_HELP}, {0}};
    bool as_json = false;
    int option;
    while ((option = option_next(&command_status, argc, argv, ":h", options)) != OPTIONS_END) {
        if (option != JSON)
            return option_exit(option);
        as_json = true;
    }
    if (argc - optind != 1)
        return usage_error(&command_status, "give one results folder");
    struct arena arena = {0};
    struct standing standing;
    struct error error;
    bool is_read = standing_read(&standing, argv[optind], &arena, &error);
    if (is_read && as_json)
        print_json(&standing);
    else if (is_read)
        print_standing(&standing);
    arena_free(&arena);
    return is_read ? EXIT_SUCCESS : fail(&error);
}

const struct command command_status = {
    .name = "status",
    .summary = "how far a sweep is: done, failed, running, to do",
    .help = help,
    .run = status,
};
