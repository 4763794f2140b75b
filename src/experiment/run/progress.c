#include "experiment/run/progress.h"

#include "base/file.h"
#include "base/json.h"
#include "experiment/run/eta.h"
#include "record/record.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

const char *const trial_state_names[STATE_COUNT] = {
    [STATE_DONE] = "done",
    [STATE_FAILED] = "failed",
    [STATE_RUNNING] = "running",
    [STATE_TO_DO] = "to_do",
};

void format_duration(double seconds, char *text, size_t size) {
    if (seconds < 100)
        snprintf(text, size, "%.0f s", seconds);
    else if (seconds < 6000)
        snprintf(text, size, "%.0f min", seconds / 60);
    else
        snprintf(text, size, "%.1f h", seconds / 3600);
}

static double seconds_since(time_t moment) {
    return fmax(difftime(time(NULL), moment), 0);
}

/* A trial is running when a claim says so, and its process is not known to be gone. */
static bool read_claim(struct trial_progress *trial, const char *folder,
                       const struct trial_claim *own, struct arena *arena) {
    struct stat status;
    if (!claim_read(claim_path(arena, folder, trial->stem), &trial->holder, &trial->news,
                    &status) ||
        claim_holder(&trial->holder, own) == HOLDER_GONE)
        return false;
    trial->seconds = seconds_since(trial->holder.since);
    trial->silent = seconds_since(status.st_mtim.tv_sec);
    return true;
}

static bool read_record(struct trial_progress *trial, const char *folder, struct arena *arena) {
    struct error error;
    const char *path = arena_printf(arena, "%s/trials/%s.json", folder, trial->stem);
    cJSON *record = file_exists(path) ? json_load(path, &error) : NULL;
    enum trial_status status;
    bool is_whole = record_is_whole(record, &status);
    if (is_whole) {
        const cJSON *cost = cJSON_GetObjectItemCaseSensitive(record, "cost");
        const char *why = json_string(record, "error", NULL);
        trial->status = trial_status_name(status);
        trial->error = why != NULL ? arena_strdup(arena, why) : NULL;
        trial->trained = json_number(cost, "train_seconds", NAN);
        trial->cpu = json_number(cost, "train_cpu_seconds", NAN);
        trial->seconds = json_number(cost, "trial_seconds", NAN);
        trial->age = file_age(path);
        trial->epochs = cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(record, "curve"));
    }
    cJSON_Delete(record);
    return is_whole;
}

/* --- how long it will still take -------------------------------------------------------------- */

static size_t model_prefix(const char *stem) {
    size_t length = strlen(stem);
    for (int dashes = 0; length > 0 && dashes < 2; dashes++)
        while (length > 0 && stem[--length] != '-')
            continue;
    return length;
}

/* The model of "<data set>-<model>-s<seed>-<hash>", as the run's estimate (timing.c) has it; all unknown
 * where it has none. */
static struct eta_model model_of(const char *stem, size_t prefix, const cJSON *estimate,
                                 struct arena *arena) {
    const char *key = arena_printf(arena, "%.*s", (int)prefix, stem);
    const cJSON *model = cJSON_GetObjectItemCaseSensitive(estimate, key);
    double epochs = json_number(model, "epochs", 0);
    return (struct eta_model){
        .epochs = epochs > 0 && epochs < INT_MAX ? (int)epochs : 0,
        .epoch_seconds = json_number(model, "epoch_seconds", NAN),
        .epoch_work = fmax(json_number(model, "epoch_work", 0), 0),
        .evaluation_epochs = fmax(json_number(model, "evaluation_epochs", 0), 0),
    };
}

static struct eta_trial eta_trial(const struct trial_progress *trial, size_t model) {
    if (trial->state == STATE_TO_DO)
        return (struct eta_trial){.model = model, .state = ETA_TO_DO};
    if (trial->state == STATE_RUNNING)
        return (struct eta_trial){.model = model,
                                  .state = ETA_RUNNING,
                                  .epoch = trial->news.epoch,
                                  .trained = trial->news.trained,
                                  .cpu = trial->news.cpu,
                                  .seconds = isfinite(trial->news.seconds) ? trial->news.seconds
                                                                           : trial->seconds};
    return (struct eta_trial){.model = model,
                              .state = ETA_ENDED,
                              .epoch = trial->epochs,
                              .trained = trial->trained,
                              .cpu = trial->cpu,
                              .seconds = trial->seconds,
                              .age = trial->age};
}

/* As many as run; where fewer do, those of the run that began last: between two trials a worker has none. */
static size_t workers_at(const struct progress *progress, double jobs) {
    size_t running = progress->counts[STATE_RUNNING];
    size_t open = running + progress->counts[STATE_TO_DO];
    if (running == 0 || !(jobs > (double)running))
        return running;
    return jobs < (double)open ? (size_t)jobs : open;
}

/* The plan has the trials of a model in a row. */
static double seconds_left(struct progress *progress, const char *folder, struct arena *arena) {
    struct eta_model *models = ARENA_NEW(arena, struct eta_model, progress->trial_count);
    struct eta_trial *trials = ARENA_NEW(arena, struct eta_trial, progress->trial_count);
    struct error error;
    const char *path = path_join(arena, folder, ESTIMATE_FILE);
    cJSON *estimate = file_exists(path) ? json_load(path, &error) : NULL;
    size_t model_count = 0, length = 0;
    const char *stem = NULL;
    for (size_t i = 0; i < progress->trial_count; i++) {
        const struct trial_progress *trial = &progress->trials[i];
        if (stem == NULL || strncmp(stem, trial->stem, length + 1) != 0 ||
            model_prefix(trial->stem) != length) {
            stem = trial->stem;
            length = model_prefix(stem);
            models[model_count++] = model_of(stem, length, estimate, arena);
        }
        if (trial->state == STATE_RUNNING && models[model_count - 1].epochs == 0)
            models[model_count - 1].epochs = trial->news.epochs;
        trials[i] = eta_trial(trial, model_count - 1);
    }
    progress->workers = workers_at(progress, json_number(estimate, "jobs", 0));
    double later_work = fmax(json_number(estimate, "later_work", 0), 0);
    cJSON_Delete(estimate);
    return eta_seconds(models, model_count, trials, progress->trial_count, progress->workers,
                       later_work);
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool read_plan(struct progress *progress, const char *folder, struct arena *arena,
                      struct error *error) {
    const char *path = path_join(arena, folder, "experiment.json");
    if (!directory_check(folder, error))
        return false;
    if (!file_exists(path) && file_exists(path_join(arena, folder, "search/experiment.json")))
        return error_set(error, "%s: its search is not over; see how far it is in %s/search",
                         folder, folder);
    if (!file_exists(path))
        return error_set(error, "%s: is no results folder: it has no experiment.json", folder);
    cJSON *json = NULL;
    if (!directory_check(path_join(arena, folder, "trials"), error) ||
        (json = json_load(path, error)) == NULL)
        return false;
    const cJSON *stems = cJSON_GetObjectItemCaseSensitive(json, "trials");
    progress->experiment = arena_strdup(arena, json_string(json, "name", ""));
    progress->trials = ARENA_NEW(arena, struct trial_progress, cJSON_GetArraySize(stems));
    for (const cJSON *stem = stems != NULL ? stems->child : NULL; stem != NULL; stem = stem->next)
        if (cJSON_IsString(stem))
            progress->trials[progress->trial_count++].stem = arena_strdup(arena, stem->valuestring);
    cJSON_Delete(json);
    return true;
}

/* The search's own folder while it is at work: it is prepared before the final trials' one. */
static const char *folder_at_work(const char *folder, struct arena *arena) {
    const char *search = path_join(arena, folder, "search");
    struct stat begun, searched;
    if (stat(path_join(arena, search, "experiment.json"), &searched) != 0)
        return folder;
    if (stat(path_join(arena, folder, "experiment.json"), &begun) != 0)
        return search;
    double seconds = difftime(searched.st_mtim.tv_sec, begun.st_mtim.tv_sec) +
                     1e-9 * (double)(searched.st_mtim.tv_nsec - begun.st_mtim.tv_nsec);
    return seconds > 0 ? search : folder;
}

bool progress_read(struct progress *progress, const char *folder, struct arena *arena,
                   struct error *error) {
    *progress = (struct progress){0};
    folder = folder_at_work(folder, arena);
    if (!read_plan(progress, folder, arena, error))
        return false;
    struct trial_claim own = claim_of_this_process();
    for (size_t i = 0; i < progress->trial_count; i++) {
        struct trial_progress *trial = &progress->trials[i];
        bool has_record = read_record(trial, folder, arena);
        bool is_ok = has_record && strcmp(trial->status, trial_status_name(TRIAL_OK)) == 0;
        if (is_ok)
            trial->state = STATE_DONE;
        else if (read_claim(trial, folder, &own, arena))
            trial->state = STATE_RUNNING;
        else
            trial->state = has_record ? STATE_FAILED : STATE_TO_DO;
        progress->counts[trial->state]++;
    }
    progress->seconds_left = seconds_left(progress, folder, arena);
    return true;
}
