#include "experiment/run/journal.h"

#include "base/json.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

bool journal_open(struct journal *journal, const char *path, struct error *error) {
    journal->descriptor = -1;
    if (path == NULL)
        return true;
    /* O_NONBLOCK: does not wait for somebody to read from a FIFO. */
    journal->descriptor =
        open(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0666);
    if (journal->descriptor >= 0)
        fcntl(journal->descriptor, F_SETFL, O_WRONLY | O_APPEND);
    return journal->descriptor >= 0 ||
           error_set(error, "%s: cannot write: %s", path, strerror(errno));
}

void journal_close(struct journal *journal) {
    if (journal->descriptor >= 0)
        close(journal->descriptor);
    journal->descriptor = -1;
}

/* With what every event has: when, what, and which run says so. */
static cJSON *event_new(const char *event) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct tm calendar;
    gmtime_r(&now.tv_sec, &calendar);
    char text[64], host[65] = "unknown";
    size_t length = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &calendar);
    snprintf(text + length, sizeof text - length, ".%03ldZ", now.tv_nsec / 1000000);
    gethostname(host, sizeof host - 1);
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "time", text);
    cJSON_AddStringToObject(json, "event", event);
    cJSON_AddStringToObject(json, "host", host);
    cJSON_AddNumberToObject(json, "run", (double)getpid());
    return json;
}

/* A journal that cannot be written is no reason to stop. */
static void append(struct journal *journal, cJSON *json) {
    struct arena arena = {0};
    char *text = cJSON_PrintUnformatted(json);
    const char *line = arena_printf(&arena, "%s\n", text);
    if (write(journal->descriptor, line, strlen(line)) != (ssize_t)strlen(line)) {
        log_warning("--log: cannot write: %s; it ends here", strerror(errno));
        journal_close(journal);
    }
    cJSON_free(text);
    cJSON_Delete(json);
    arena_free(&arena);
}

static void add_counts(cJSON *json, const struct run_result *result) {
    cJSON_AddNumberToObject(json, "trials", (double)result->selected);
    cJSON_AddNumberToObject(json, "done", (double)result->done);
    cJSON_AddNumberToObject(json, "failed", (double)result->failed);
}

static void add_text(cJSON *json, const char *key, const char *text) {
    cJSON_AddItemToObject(
        json, key, text != NULL && text[0] != '\0' ? cJSON_CreateString(text) : cJSON_CreateNull());
}

void journal_run_started(struct journal *journal, const struct plan *plan,
                         const struct run_options *options, const struct run_result *result,
                         int jobs) {
    if (journal->descriptor < 0)
        return;
    cJSON *json = event_new("run_started");
    cJSON_AddStringToObject(json, "experiment", plan->experiment->name);
    cJSON_AddStringToObject(json, "folder", options->folder);
    cJSON_AddNumberToObject(json, "jobs", jobs);
    add_counts(json, result);
    append(journal, json);
}

void journal_trial_started(struct journal *journal, const struct trial_plan *trial, long pid) {
    if (journal->descriptor < 0)
        return;
    cJSON *json = event_new("trial_started");
    cJSON_AddStringToObject(json, "trial", trial->stem);
    cJSON_AddNumberToObject(json, "pid", (double)pid);
    append(journal, json);
}

void journal_trial_finished(struct journal *journal, const struct trial_plan *trial,
                            const struct record_summary *summary) {
    if (journal->descriptor < 0)
        return;
    cJSON *json = event_new("trial_finished");
    cJSON_AddStringToObject(json, "trial", trial->stem);
    cJSON_AddStringToObject(json, "status", trial_status_name(summary->status));
    add_text(json, "error", summary->error);
    cJSON_AddNumberToObject(json, "score", summary->score); /* cJSON writes NaN as null */
    cJSON_AddNumberToObject(json, "train_seconds", summary->seconds);
    append(journal, json);
}

void journal_run_ended(struct journal *journal, const struct run_result *result,
                       const char *problem) {
    if (journal->descriptor < 0)
        return;
    cJSON *json = event_new("run_ended");
    add_counts(json, result);
    cJSON_AddNumberToObject(json, "signal", result->signal);
    add_text(json, "error", problem);
    append(journal, json);
}
