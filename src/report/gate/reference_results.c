#include "report/gate/reference_results.h"

#include "base/file.h"
#include "report/results/results.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

static bool is_whole(const struct results *results, struct error *error) {
    const struct experiment_results *experiment = &results->experiments[0];
    if (experiment->planned == 0)
        return error_set(error, "%s: has no whole experiment.json; run the experiment again",
                         experiment->name);
    if (results->failed_count > 0 || experiment->missing_count > 0)
        return error_set(error,
                         "%s: %zu trials failed and %zu are missing; only results of a whole run "
                         "can be reference results",
                         experiment->name, results->failed_count, experiment->missing_count);
    return true;
}

static bool is_kept(const struct results *results, const char *file) {
    for (size_t t = 0; t < results->trial_count; t++) {
        size_t length = strlen(results->trials[t].stem);
        if (strncmp(file, results->trials[t].stem, length) == 0 &&
            strcmp(file + length, ".json") == 0)
            return true;
    }
    return false;
}

/* Records that belong to no trial of the new plan. */
static void remove_others(const struct results *results, const char *directory,
                          struct arena *arena) {
    DIR *stream = opendir(directory);
    for (struct dirent *entry; stream != NULL && (entry = readdir(stream)) != NULL;)
        if (entry->d_name[0] != '.' && !is_kept(results, entry->d_name))
            unlink(path_join(arena, directory, entry->d_name));
    if (stream != NULL)
        closedir(stream);
}

static bool copy_results(const struct results *results, const char *base, const char *changed,
                         struct arena *arena, struct error *error) {
    size_t count = results->trial_count + 1;
    struct file_content *copies = ARENA_NEW(arena, struct file_content, count);
    for (size_t i = 0; i < count; i++) {
        const char *name = i < results->trial_count
                               ? arena_printf(arena, "trials/%s.json", results->trials[i].stem)
                               : "experiment.json";
        copies[i].path = path_join(arena, base, name);
        copies[i].bytes = file_read(path_join(arena, changed, name), arena, &copies[i].size, error);
        if (copies[i].bytes == NULL)
            return false;
    }
    const char *trials = path_join(arena, base, "trials");
    if (!file_make_directory(trials, error) || !file_write_all(copies, count, error))
        return false;
    remove_others(results, trials, arena);
    return true;
}

bool baseline_update(const char *base, const char *changed, size_t *count, struct error *error) {
    struct arena arena = {0};
    struct results results = {0};
    bool updated = results_load(&results, &changed, 1, error) && is_whole(&results, error) &&
                   copy_results(&results, base, changed, &arena, error);
    *count = results.trial_count;
    results_free(&results);
    arena_free(&arena);
    return updated;
}
