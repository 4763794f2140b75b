#include "experiment/folder.h"

#include "experiment/record.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Config, curve and scores of one trial, generously. */
enum { RECORD_BYTES = 1 << 15 };

static int lock(const char *folder, struct error *error) {
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
        error_set(error, "%s: %s", folder, strerror(errno));
    } else if (flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        error_set(error, "%s: another run is at work there; wait for it, or choose -o DIR", folder);
        close(descriptor);
        descriptor = -1;
    }
    return descriptor;
}

/* file_write() calls its temporary files "<name>.tmp-<process>". */
static void remove_temporaries(const char *folder) {
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    while (directory != NULL && (entry = readdir(directory)) != NULL)
        if (strstr(entry->d_name, ".tmp-") != NULL)
            unlinkat(dirfd(directory), entry->d_name, 0);
    if (directory != NULL)
        closedir(directory);
}

void folder_clean_after(const char *folder, const struct trial_plan *trial, long pid) {
    struct arena arena = {0};
    unlink(arena_printf(&arena, "%s.tmp-%ld", record_path(&arena, folder, trial), pid));
    unlink(arena_printf(&arena, "%s.tmp-%ld", model_path(&arena, folder, trial), pid));
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

int folder_open(const char *folder, const struct plan *plan, const cJSON *provenance,
                struct error *error) {
    struct arena arena = {0};
    const char *trials = path_join(&arena, folder, "trials");
    const char *models = path_join(&arena, folder, "models");
    int descriptor = -1;
    if (file_make_directory(trials, error) && file_make_directory(models, error))
        descriptor = lock(folder, error);
    if (descriptor >= 0) {
        remove_temporaries(folder);
        remove_temporaries(trials);
        remove_temporaries(models);
        if (!check_room(folder, plan, error) ||
            !write_experiment(folder, plan, provenance, error)) {
            close(descriptor);
            descriptor = -1;
        }
    }
    arena_free(&arena);
    return descriptor;
}
