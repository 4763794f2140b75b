#include "report/results/results.h"

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "report/results/grouping.h"
#include "report/results/read_export.h"
#include "report/results/read_trial.h"
#include "report/results/result_folders.h"

#include <dirent.h>
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

/* ---- Loading: folders -> trials ---- */

static int is_trial_file(const struct dirent *entry) {
    return entry->d_name[0] != '.' && path_ends_with(entry->d_name, ".json");
}

static int by_bytes(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void add_problem(struct results *results, const char *sentence) {
    log_warning("%s", sentence);
    results->problems = arena_grow(&results->arena, results->problems, results->problem_count,
                                   sizeof *results->problems);
    results->problems[results->problem_count++] = arena_strdup(&results->arena, sentence);
}

/* The stems of a folder's trials: those of the plan, else all files in order of their names. */
struct stems {
    const char **items;
    size_t count;
};

static struct stems stems_planned(const cJSON *plan, struct arena *arena) {
    struct stems stems = {0};
    stems.items = ARENA_NEW(arena, const char *, cJSON_GetArraySize(plan) + 1);
    const cJSON *item;
    cJSON_ArrayForEach(item, plan) if (cJSON_IsString(item)) {
        stems.items[stems.count++] = arena_strdup(arena, item->valuestring);
    }
    return stems;
}

static bool stems_found(const char *directory, struct stems *stems, struct arena *arena,
                        struct error *error) {
    struct dirent **entries;
    int count = scandir(directory, &entries, is_trial_file, by_bytes);
    if (count < 0)
        return error_set(error, "%s: %s; a results folder holds a folder \"trials\"", directory,
                         strerror(errno));
    stems->items = ARENA_NEW(arena, const char *, count + 1);
    for (int i = 0; i < count; i++) {
        size_t length = strlen(entries[i]->d_name) - strlen(".json");
        stems->items[stems->count++] = arena_printf(arena, "%.*s", (int)length, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return true;
}

static struct experiment_results *find_experiment(struct results *results, const char *name) {
    for (size_t e = 0; e < results->experiment_count; e++)
        if (strcmp(results->experiments[e].name, name) == 0)
            return &results->experiments[e];
    struct experiment_results *added = &results->experiments[results->experiment_count++];
    *added = (struct experiment_results){
        .name = name, .config = "", .provenance = "", .config_file = ""};
    return added;
}

/* ---- Trials found by what they are, in time that grows as log n (tsearch) ---- */

static int by_stem(const void *a, const void *b) {
    const struct trial *x = a, *y = b;
    int order = strcmp(x->stem, y->stem);
    return order != 0 ? order : strcmp(x->experiment, y->experiment);
}

/* Twins: the same experiment, data set, model and seed. */
static int by_place(const void *a, const void *b) {
    const struct trial *x = a, *y = b;
    int order = strcmp(x->model, y->model);
    order = order != 0 ? order : (x->seed > y->seed) - (x->seed < y->seed);
    order = order != 0 ? order : strcmp(x->dataset, y->dataset);
    return order != 0 ? order : strcmp(x->experiment, y->experiment);
}

struct loading {
    struct results *results;
    void *stems, *places; /* trees of struct trial */
};

static const struct trial *find_trial(void *const *tree, const struct trial *like,
                                      int (*order)(const void *, const void *)) {
    const struct trial *const *node = tfind(like, tree, order);
    return node == NULL ? NULL : *node;
}

static void load_trial(struct loading *loading, const char *experiment, const char *path) {
    struct results *results = loading->results;
    struct error error = {0};
    struct trial *trial = &results->trials[results->trial_count];
    *trial = (struct trial){0};
    if (!trial_load(trial, path, &results->arena, &error)) {
        add_problem(results, error.text);
        return;
    }
    trial->experiment = experiment;
    if (find_trial(&loading->stems, trial, by_stem) != NULL)
        return; /* the same trial, copied into a second folder */
    const struct trial *twin = find_trial(&loading->places, trial, by_place);
    if (twin != NULL) {
        add_problem(results,
                    arena_printf(&results->arena,
                                 "%s: left out: %s holds the same data set, model and seed under "
                                 "another config; delete the one that is out of date",
                                 path, twin->stem));
        return;
    }
    if (tsearch(trial, &loading->stems, by_stem) != NULL &&
        tsearch(trial, &loading->places, by_place) != NULL)
        results->trial_count++;
}

static const char *printed(const cJSON *json, const char *key, struct arena *arena) {
    return json_text(cJSON_GetObjectItemCaseSensitive(json, key), arena);
}

static const char *folder_name(const char *folder, struct arena *arena) {
    char *trimmed = arena_strdup(arena, folder);
    for (size_t end = strlen(trimmed); end > 1 && trimmed[end - 1] == '/'; end--)
        trimmed[end - 1] = '\0';
    return path_name(trimmed);
}

/* A search.json that is left from another config plays no part. */
static void load_search(struct results *results, const char *folder, const cJSON *config,
                        struct experiment_results *experiment) {
    struct error problem = {0};
    if (experiment->search == NULL &&
        cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(config, "search")))
        experiment->search = search_load(folder, &results->arena, &problem);
    if (problem.text[0] != '\0')
        add_problem(results, problem.text);
}

/* Reads experiment.json, if it is there and whole, and finds the trials that belong to it. */
static bool find_trials(struct results *results, const char *folder, const char *directory,
                        struct experiment_results **experiment, struct stems *stems,
                        struct error *error) {
    struct arena *arena = &results->arena;
    const char *path = path_join(arena, folder, "experiment.json");
    struct error problem = {0};
    cJSON *json = file_exists(path) ? json_load(path, &problem) : NULL;
    if (problem.text[0] != '\0')
        add_problem(results, problem.text);
    const char *name = json_string(json, "name", folder_name(folder, arena));
    *experiment = find_experiment(results, arena_strdup(arena, name));
    const cJSON *plan = cJSON_GetObjectItemCaseSensitive(json, "trials");
    bool found = true;
    if (cJSON_IsArray(plan)) {
        *stems = stems_planned(plan, arena);
        (*experiment)->planned = stems->count;
        (*experiment)->config = printed(json, "config", arena);
        (*experiment)->config_file = arena_strdup(arena, json_string(json, "config_file", ""));
        (*experiment)->provenance = printed(json, "provenance", arena);
        load_search(results, folder, cJSON_GetObjectItemCaseSensitive(json, "config"), *experiment);
    } else {
        found = stems_found(directory, stems, arena, error);
    }
    cJSON_Delete(json);
    return found;
}

/* One results folder: what it holds, before the trials are read. */
struct folder_source {
    const char *directory; /* of the trials */
    struct stems stems;
    struct experiment_results *experiment;
};

static bool open_source(struct results *results, const char *folder, struct folder_source *source,
                        struct error *error) {
    if (!file_is_directory(folder))
        return error_set(error, "%s: no such results folder; `liquidbench run` makes one", folder);
    source->directory = path_join(&results->arena, folder, "trials");
    if (!directory_check(source->directory, error))
        return false;
    return find_trials(results, folder, source->directory, &source->experiment, &source->stems,
                       error);
}

static void load_source(struct loading *loading, const struct folder_source *source) {
    struct arena *arena = &loading->results->arena;
    for (size_t s = 0; s < source->stems.count; s++) {
        const char *path = path_join(arena, source->directory,
                                     arena_printf(arena, "%s.json", source->stems.items[s]));
        if (file_exists(path))
            load_trial(loading, source->experiment->name, path);
    }
}

/* What was measured of the folder's models on other machines, or as other types. */
static void load_exports(struct loading *loading, const struct folder_source *source,
                         const char *folder) {
    struct results *results = loading->results;
    struct arena *arena = &results->arena;
    const char *directory = path_join(arena, folder, "measurements");
    struct stems files = {0};
    struct error error = {0};
    if (file_is_directory(directory) && !stems_found(directory, &files, arena, &error))
        add_problem(results, error.text);
    for (size_t f = 0; f < files.count; f++) {
        const char *path =
            path_join(arena, directory, arena_printf(arena, "%s.json", files.items[f]));
        cJSON *json = export_measurement_load(path, &error);
        struct trial like = {.stem = json_string(json, "trial", ""),
                             .experiment = source->experiment->name};
        const struct trial *found =
            json != NULL ? find_trial(&loading->stems, &like, by_stem) : NULL;
        if (found != NULL)
            export_measurement_add(&results->trials[found - results->trials], files.items[f], json,
                                   arena);
        else
            add_problem(results, json == NULL
                                     ? error.text
                                     : arena_printf(arena,
                                                    "%s: left out: its trial, %s, is none of "
                                                    "those of the experiment; remove it, or "
                                                    "measure a model of these",
                                                    path, like.stem));
        cJSON_Delete(json);
    }
}

/* Planned trials of which no folder has the file. */
static void note_missing(const struct loading *loading, const struct folder_source *source) {
    struct experiment_results *experiment = source->experiment;
    const struct stems *stems = &source->stems;
    experiment->missing = ARENA_NEW(&loading->results->arena, const char *, stems->count + 1);
    experiment->missing_count = 0;
    for (size_t s = 0; s < stems->count; s++) {
        struct trial like = {.stem = stems->items[s], .experiment = experiment->name};
        if (find_trial(&loading->stems, &like, by_stem) == NULL)
            experiment->missing[experiment->missing_count++] = stems->items[s];
    }
}

/* Reads all that the folders hold, in their order. */
static bool load_sources(struct results *results, const char *const *folders, size_t count,
                         struct error *error) {
    struct folder_source *sources = ARENA_NEW(&results->arena, struct folder_source, count + 1);
    size_t max = 1;
    for (size_t f = 0; f < count; f++) {
        if (!open_source(results, folders[f], &sources[f], error))
            return false;
        max += sources[f].stems.count;
    }
    struct loading loading = {.results = results};
    results->trials = ARENA_NEW(&results->arena, struct trial, max);
    for (size_t f = 0; f < count; f++)
        load_source(&loading, &sources[f]);
    for (size_t f = 0; f < count; f++)
        load_exports(&loading, &sources[f], folders[f]);
    for (size_t f = 0; f < count; f++)
        if (sources[f].experiment->planned > 0)
            note_missing(&loading, &sources[f]);
    tdestroy(loading.stems, keep_node);
    tdestroy(loading.places, keep_node);
    return true;
}

bool results_load(struct results *results, const char *const *given, size_t given_count,
                  struct error *error) {
    *results = (struct results){0};
    struct arena *arena = &results->arena;
    size_t count;
    const char *const *folders = result_folders(given, given_count, &count, arena);
    results->experiments = ARENA_NEW(arena, struct experiment_results, count + 1);
    if (!load_sources(results, folders, count, error))
        return false;
    if (results->trial_count == 0)
        return error_set(error, "%s: no trial could be read; `liquidbench run` makes them",
                         count > 0 ? folders[0] : "report");
    results_group(results);
    return true;
}

void results_free(struct results *results) {
    arena_free(&results->arena);
    *results = (struct results){0};
}
