#include "experiment/folder.h"

#include "experiment/record.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

/* Config, curve and scores of one trial, generously. */
enum { RECORD_BYTES = 1 << 15 };

/* Seconds after which nobody is writing a file any more. A trial that is claimed anew is cleaned up
 * after at once. */
static const double ABANDONED = 3600;

/* file_write() calls its temporary files "<name>.tmp-<process>". Removes those in the folder whose
 * names begin with `stem` and that are older than so many seconds. */
static void remove_temporaries(const char *folder, const char *stem, double age) {
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    struct stat status;
    while (directory != NULL && (entry = readdir(directory)) != NULL)
        if (strncmp(entry->d_name, stem, strlen(stem)) == 0 &&
            strstr(entry->d_name, ".tmp-") != NULL &&
            fstatat(dirfd(directory), entry->d_name, &status, 0) == 0 &&
            difftime(time(NULL), status.st_mtime) >= age)
            unlinkat(dirfd(directory), entry->d_name, 0);
    if (directory != NULL)
        closedir(directory);
}

void folder_clean_after(const char *folder, const struct trial_plan *trial) {
    struct arena arena = {0};
    remove_temporaries(path_join(&arena, folder, "trials"), trial->stem, 0);
    remove_temporaries(path_join(&arena, folder, "models"), trial->stem, 0);
    arena_free(&arena);
}

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
    static const char *const parts[] = {"", "trials", "models", "claims"};
    struct arena arena = {0};
    bool opened = true;
    for (size_t i = 0; opened && i < sizeof parts / sizeof parts[0]; i++) {
        const char *part = i > 0 ? path_join(&arena, folder, parts[i]) : folder;
        opened = file_make_directory(part, error);
        if (opened)
            remove_temporaries(part, "", ABANDONED);
    }
    arena_free(&arena);
    return opened && check_room(folder, plan, error) &&
           write_experiment(folder, plan, provenance, error);
}
