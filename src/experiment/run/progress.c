#include "experiment/run/progress.h"

#include "base/file.h"
#include "base/json.h"
#include "record/record.h"

#include <math.h>
#include <string.h>
#include <sys/stat.h>

const char *const trial_state_names[STATE_COUNT] = {
    [STATE_DONE] = "done",
    [STATE_FAILED] = "failed",
    [STATE_RUNNING] = "running",
    [STATE_TO_DO] = "to_do",
};

static double seconds_since(time_t moment) {
    return fmax(difftime(time(NULL), moment), 0);
}

/* A trial is running when a claim says so, and its process is not known to be gone. */
static bool read_claim(struct trial_standing *trial, const char *folder,
                       const struct trial_claim *own, struct arena *arena) {
    struct stat status;
    if (!claim_read(claim_path(arena, folder, trial->stem), &trial->holder, &status) ||
        claim_holder(&trial->holder, own) == HOLDER_GONE)
        return false;
    trial->seconds = seconds_since(trial->holder.since);
    trial->silent = seconds_since(status.st_mtim.tv_sec);
    return true;
}

static bool read_record(struct trial_standing *trial, const char *folder, struct arena *arena) {
    struct error error;
    const char *path = arena_printf(arena, "%s/trials/%s.json", folder, trial->stem);
    cJSON *record = file_exists(path) ? json_load(path, &error) : NULL;
    const char *status = json_string(record, "status", NULL);
    if (status != NULL) {
        const cJSON *cost = cJSON_GetObjectItemCaseSensitive(record, "cost");
        const char *why = json_string(record, "error", NULL);
        trial->status = arena_strdup(arena, status);
        trial->error = why != NULL ? arena_strdup(arena, why) : NULL;
        trial->seconds = json_number(cost, "train_seconds", NAN);
    }
    cJSON_Delete(record);
    return status != NULL;
}

/* The part of a stem before "-s<seed>-<hash>". */
static size_t model_length(const char *stem) {
    size_t length = strlen(stem);
    for (int dashes = 0; length > 0 && dashes < 2; dashes++)
        while (length > 0 && stem[--length] != '-')
            continue;
    return length;
}

/* Mean training time of the done trials with the first `length` letters of `stem`; NaN: none. */
static double mean_seconds(const struct standing *standing, const char *stem, size_t length) {
    double sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < standing->trial_count; i++) {
        const struct trial_standing *trial = &standing->trials[i];
        if (trial->state == STATE_DONE && isfinite(trial->seconds) &&
            strncmp(trial->stem, stem, length) == 0 && model_length(trial->stem) >= length) {
            sum += trial->seconds;
            count++;
        }
    }
    return sum / (double)count;
}

/* The plan has the trials of a model in a row, so each mean is computed once. */
static double seconds_left(const struct standing *standing) {
    const char *stem = NULL;
    double mean = NAN, sum = 0, any = mean_seconds(standing, "", 0);
    for (size_t i = 0; i < standing->trial_count; i++) {
        const struct trial_standing *trial = &standing->trials[i];
        size_t length = model_length(trial->stem);
        if (stem == NULL || strncmp(stem, trial->stem, length + 1) != 0) {
            stem = trial->stem;
            mean = mean_seconds(standing, stem, length);
        }
        double expected = isfinite(mean) ? mean : any;
        if (trial->state == STATE_TO_DO)
            sum += expected;
        else if (trial->state == STATE_RUNNING)
            sum += fmax(expected - trial->seconds, 0);
    }
    return standing->counts[STATE_RUNNING] > 0 ? sum / (double)standing->counts[STATE_RUNNING]
                                               : NAN;
}

static bool read_plan(struct standing *standing, const char *folder, struct arena *arena,
                      struct error *error) {
    const char *path = path_join(arena, folder, "experiment.json");
    if (!file_exists(path) && file_exists(path_join(arena, folder, "search/experiment.json")))
        return error_set(error, "%s: its search is not over; see how far it is in %s/search",
                         folder, folder);
    if (!file_exists(path))
        return error_set(error, "%s: is no results folder: it has no experiment.json", folder);
    cJSON *json = json_load(path, error);
    if (json == NULL)
        return false;
    const cJSON *stems = cJSON_GetObjectItemCaseSensitive(json, "trials");
    standing->experiment = arena_strdup(arena, json_string(json, "name", ""));
    standing->trials = ARENA_NEW(arena, struct trial_standing, cJSON_GetArraySize(stems));
    for (const cJSON *stem = stems != NULL ? stems->child : NULL; stem != NULL; stem = stem->next)
        if (cJSON_IsString(stem))
            standing->trials[standing->trial_count++].stem = arena_strdup(arena, stem->valuestring);
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

bool standing_read(struct standing *standing, const char *folder, struct arena *arena,
                   struct error *error) {
    *standing = (struct standing){0};
    folder = folder_at_work(folder, arena);
    if (!read_plan(standing, folder, arena, error))
        return false;
    struct trial_claim own = claim_of_this_process();
    for (size_t i = 0; i < standing->trial_count; i++) {
        struct trial_standing *trial = &standing->trials[i];
        bool has_record = read_record(trial, folder, arena);
        bool is_ok = has_record && strcmp(trial->status, trial_status_name(TRIAL_OK)) == 0;
        if (is_ok)
            trial->state = STATE_DONE;
        else if (read_claim(trial, folder, &own, arena))
            trial->state = STATE_RUNNING;
        else
            trial->state = has_record ? STATE_FAILED : STATE_TO_DO;
        standing->counts[trial->state]++;
    }
    standing->seconds_left = seconds_left(standing);
    return true;
}
