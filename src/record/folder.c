#include "record/folder.h"

#include "record/record.h"

#include <sys/statvfs.h>

/* Config, curve and scores of one trial, generously. */
enum { RECORD_BYTES = 1 << 15 };

/* Seconds after which nobody is writing a file any more. Those of trials need not wait so long
 * (experiment/run/leftovers.h). */
static const double ABANDONED = 3600;

/* Better to know before hours of training than after. */
static bool check_room(const char *folder, const struct plan *plan, struct error *error) {
    double needed = 0;
    for (size_t i = 0; i < plan->trial_count; i++) {
        const struct network *network = plan->trials[i].network;
        needed += RECORD_BYTES;
        needed += network != NULL ? (double)network->params.size * sizeof(float) : 0;
    }
    struct statvfs disk;
    if (statvfs(folder, &disk) != 0)
        return true;
    double available = (double)disk.f_bavail * (double)disk.f_frsize;
    if (available >= needed)
        return true;
    return error_set(error,
                     "%s: the results need about %.1f MiB, but the disk has %.1f MiB left; make "
                     "room or choose -o DIR",
                     folder, needed / (1 << 20), available / (1 << 20));
}

static bool write_experiment(const char *folder, const struct plan *plan, const cJSON *provenance,
                             struct error *error) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "name", plan->experiment->name);
    /* Not where it lies on this machine: only a place below the folder that `run` stood in. */
    const char *file = plan->experiment->config_path;
    if (file != NULL && path_stays_inside(file))
        cJSON_AddStringToObject(json, "config_file", file);
    cJSON_AddItemToObject(json, "config", cJSON_Duplicate(plan->experiment->resolved, 1));
    cJSON_AddItemToObject(json, "provenance", cJSON_Duplicate(provenance, 1));
    cJSON *trials = cJSON_AddArrayToObject(json, "trials");
    for (size_t i = 0; i < plan->trial_count; i++)
        cJSON_AddItemToArray(trials, cJSON_CreateString(plan->trials[i].stem));
    struct arena arena = {0};
    bool saved = json_save(json, path_join(&arena, folder, "experiment.json"), error);
    arena_free(&arena);
    cJSON_Delete(json);
    return saved;
}

bool folder_open(const char *folder, const struct plan *plan, const cJSON *provenance,
                 struct error *error) {
    static const char *const parts[] = {"", "trials", "models", "claims", "predictions"};
    size_t count = sizeof parts / sizeof parts[0] - !plan->experiment->evaluate.predictions;
    struct arena arena = {0};
    bool opened = true;
    for (size_t i = 0; opened && i < count; i++) {
        const char *part = i > 0 ? path_join(&arena, folder, parts[i]) : folder;
        opened = file_make_directory(part, error);
        if (opened)
            file_remove_temporaries(part, "", ABANDONED);
    }
    arena_free(&arena);
    return opened && check_room(folder, plan, error) &&
           write_experiment(folder, plan, provenance, error);
}
