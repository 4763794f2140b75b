#include "report/results/results.h"

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "evaluate/measure.h"
#include "report/plots/palette.h"
#include "report/results/read_export.h"
#include "report/results/read_trial.h"
#include "report/results/result_folders.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
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
            add_problem(results, json == NULL ? error.text
                                              : arena_printf(arena,
                                                             "%s: left out: there is no record of "
                                                             "its trial, %s",
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

static void keep_node(void *node) {
    (void)node; /* the trees' trials are the arena's */
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

/* ---- Grouping: trials -> data sets -> models -> scores ---- */

const struct model_results *find_model_results(const struct dataset_results *dataset,
                                               const char *name) {
    for (size_t m = 0; m < dataset->model_count; m++)
        if (strcmp(dataset->models[m].name, name) == 0)
            return &dataset->models[m];
    return NULL;
}

static bool condition_equal(const struct condition *a, const struct condition *b) {
    return a->kind == b->kind && a->severity == b->severity && strcmp(a->name, b->name) == 0;
}

static size_t metric_position(const struct metric_info *metrics, size_t count, const char *name) {
    size_t m = 0;
    while (m < count && strcmp(metrics[m].name, name) != 0)
        m++;
    return m;
}

size_t condition_position(const struct dataset_results *dataset,
                          const struct condition *condition) {
    size_t c = 0;
    while (c < dataset->condition_count && !condition_equal(&dataset->conditions[c], condition))
        c++;
    return c;
}

static int by_dataset(const void *a, const void *b) {
    const struct dataset_results *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order != 0 ? order : strcmp(x->experiment, y->experiment);
}

/* `tree`: of the data sets so far. */
static struct dataset_results *find_dataset(struct results *results, void **tree,
                                            const struct trial *trial) {
    struct dataset_results *added = &results->datasets[results->dataset_count];
    *added = (struct dataset_results){.experiment = trial->experiment,
                                      .name = trial->dataset,
                                      .task = trial->task,
                                      .units = trial->units,
                                      .perturbed = trial->perturbed};
    struct dataset_results *const *node = tsearch(added, tree, by_dataset);
    struct dataset_results *dataset = node == NULL ? added : *node;
    results->dataset_count += dataset == added;
    return dataset;
}

static struct model_results *find_model(struct dataset_results *dataset, const struct trial *trial,
                                        struct arena *arena) {
    struct model_results *found = (struct model_results *)find_model_results(dataset, trial->model);
    if (found != NULL)
        return found;
    dataset->models =
        arena_grow(arena, dataset->models, dataset->model_count, sizeof *dataset->models);
    struct model_results *added = &dataset->models[dataset->model_count++];
    *added = (struct model_results){
        .name = trial->model, .family = trial->family, .baseline = trial->baseline};
    return added;
}

/* Collects the metrics and conditions of the data set's trials in order of first appearance, with
 * room for all of them first. */
static void collect_columns(struct results *results, struct dataset_results *dataset) {
    size_t max_metrics = 0, max_conditions = 1;
    for (size_t m = 0; m < dataset->model_count; m++)
        for (size_t t = 0; t < dataset->models[m].trial_count; t++) {
            max_metrics += dataset->models[m].trials[t]->metric_count;
            max_conditions += dataset->models[m].trials[t]->measurement_count;
        }
    dataset->metrics = ARENA_NEW(&results->arena, struct metric_info, max_metrics + 1);
    dataset->conditions = ARENA_NEW(&results->arena, struct condition, max_conditions);
    dataset->conditions[dataset->condition_count++] =
        (struct condition){CONDITION_SPLIT, "test", 0, NULL};
    for (size_t m = 0; m < dataset->model_count; m++)
        for (size_t t = 0; t < dataset->models[m].trial_count; t++) {
            const struct trial *trial = dataset->models[m].trials[t];
            for (size_t i = 0; i < trial->metric_count; i++)
                if (metric_position(dataset->metrics, dataset->metric_count,
                                    trial->metrics[i].name) == dataset->metric_count)
                    dataset->metrics[dataset->metric_count++] = trial->metrics[i];
            for (size_t i = 0; i < trial->measurement_count; i++)
                if (condition_position(dataset, &trial->measurements[i].condition) ==
                    dataset->condition_count)
                    dataset->conditions[dataset->condition_count++] =
                        trial->measurements[i].condition;
        }
}

static struct scores make_scores(struct arena *arena, size_t count) {
    struct scores scores = {.values = ARENA_NEW(arena, double, count + 1)};
    for (size_t i = 0; i < count; i++)
        scores.values[i] = NAN;
    return scores;
}

static void summarize_scores(struct scores *scores, size_t count, bool with_interval) {
    scores->summary = summarize(scores->values, count);
    scores->interquartile_mean = interquartile_mean(scores->values, count);
    scores->interval = (struct interval){NAN, NAN};
    if (with_interval) /* thousands of samples: not for every severity of every perturbation */
        scores->interval = mean_interval(scores->values, count);
}

static void place_measurement(const struct dataset_results *dataset, struct model_results *model,
                              size_t t, const struct measurement *measurement) {
    const struct trial *trial = model->trials[t];
    size_t c = condition_position(dataset, &measurement->condition);
    for (size_t i = 0; i < trial->metric_count; i++) {
        size_t m = metric_position(dataset->metrics, dataset->metric_count, trial->metrics[i].name);
        model->scores[c * dataset->metric_count + m].values[t] = measurement->values[i];
    }
}

static void fill_scores(struct results *results, const struct dataset_results *dataset,
                        struct model_results *model) {
    struct arena *arena = &results->arena;
    size_t count = dataset->condition_count * dataset->metric_count;
    model->scores = ARENA_NEW(arena, struct scores, count + 1);
    for (size_t s = 0; s < count; s++)
        model->scores[s] = make_scores(arena, model->trial_count);
    for (size_t c = 0; c < COST_COUNT; c++)
        model->costs[c] = make_scores(arena, model->trial_count);
    for (size_t t = 0; t < model->trial_count; t++) {
        const struct trial *trial = model->trials[t];
        for (size_t c = 0; c < COST_COUNT; c++)
            if (trial->ok || cost_infos[c].unit == UNIT_COUNT)
                model->costs[c].values[t] = trial->costs[c];
        model->finished += trial->ok;
        for (size_t i = 0; trial->ok && i < trial->measurement_count; i++)
            place_measurement(dataset, model, t, &trial->measurements[i]);
    }
    for (size_t s = 0; s < count; s++)
        summarize_scores(&model->scores[s], model->trial_count,
                         s / dataset->metric_count == dataset->test);
    for (size_t c = 0; c < COST_COUNT; c++)
        summarize_scores(&model->costs[c], model->trial_count, false);
}

/* Random perturbations differ a little between seeds, and so do their distances. */
static void average_distances(const struct dataset_results *dataset, struct arena *arena) {
    size_t *counts = ARENA_NEW(arena, size_t, dataset->condition_count);
    for (size_t m = 0; m < dataset->model_count; m++)
        for (size_t t = 0; t < dataset->models[m].trial_count; t++) {
            const struct trial *trial = dataset->models[m].trials[t];
            for (size_t i = 0; i < trial->measurement_count; i++) {
                if (isnan(trial->measurements[i].distance))
                    continue;
                size_t c = condition_position(dataset, &trial->measurements[i].condition);
                dataset->distances[c] += trial->measurements[i].distance;
                counts[c]++;
            }
        }
    for (size_t c = 0; c < dataset->condition_count; c++)
        dataset->distances[c] = counts[c] == 0 ? NAN : dataset->distances[c] / (double)counts[c];
}

static void sort_baselines_last(struct dataset_results *dataset, struct arena *arena) {
    struct model_results *sorted = ARENA_NEW(arena, struct model_results, dataset->model_count + 1);
    size_t count = 0;
    for (int baseline = 0; baseline <= 1; baseline++) {
        for (size_t m = 0; m < dataset->model_count; m++)
            if (dataset->models[m].baseline == (bool)baseline)
                sorted[count++] = dataset->models[m];
        if (!baseline)
            dataset->network_count = count;
    }
    dataset->models = sorted;
}

static int by_seed(const void *a, const void *b) {
    double x = (*(const struct trial *const *)a)->seed, y = (*(const struct trial *const *)b)->seed;
    return (x > y) - (x < y);
}

static void make_datasets(struct results *results) {
    struct arena *arena = &results->arena;
    results->datasets = ARENA_NEW(arena, struct dataset_results, results->trial_count + 1);
    void *tree = NULL;
    for (size_t t = 0; t < results->trial_count; t++) {
        const struct trial *trial = &results->trials[t];
        struct dataset_results *dataset = find_dataset(results, &tree, trial);
        struct model_results *model = find_model(dataset, trial, arena);
        model->trials = arena_grow(arena, model->trials, model->trial_count, sizeof *model->trials);
        model->trials[model->trial_count++] = trial;
        results->failed_count += !trial->ok;
    }
    tdestroy(tree, keep_node);
    for (size_t d = 0; d < results->dataset_count; d++) {
        struct dataset_results *dataset = &results->datasets[d];
        sort_baselines_last(dataset, arena);
        collect_columns(results, dataset);
        for (size_t m = 0; m < dataset->model_count; m++) {
            struct model_results *model = &dataset->models[m];
            qsort(model->trials, model->trial_count, sizeof *model->trials, by_seed);
            fill_scores(results, dataset, model);
        }
        dataset->distances = ARENA_NEW(arena, double, dataset->condition_count);
        average_distances(dataset, arena);
        dataset->reference = find_model_results(dataset, dataset->models[0].trials[0]->reference);
    }
}

/* A data set that several experiments share is told apart by the experiment's name. */
static void title_datasets(struct results *results) {
    for (size_t d = 0; d < results->dataset_count; d++) {
        struct dataset_results *dataset = &results->datasets[d];
        dataset->title = dataset->name;
        for (size_t other = 0; other < results->dataset_count; other++)
            if (other != d && strcmp(results->datasets[other].name, dataset->name) == 0)
                dataset->title =
                    arena_printf(&results->arena, "%s (%s)", dataset->name, dataset->experiment);
    }
}

/* A model has one position, and so one colour, in the whole report. */
static void number_models(struct results *results) {
    size_t max = 0;
    for (size_t d = 0; d < results->dataset_count; d++)
        max += results->datasets[d].model_count;
    results->model_names = ARENA_NEW(&results->arena, const char *, max + 1);
    size_t networks = 0;
    for (int baseline = 0; baseline <= 1; baseline++)
        for (size_t d = 0; d < results->dataset_count; d++)
            for (size_t m = 0; m < results->datasets[d].model_count; m++) {
                struct model_results *model = &results->datasets[d].models[m];
                if (model->baseline != (bool)baseline)
                    continue;
                size_t p = 0;
                while (p < results->model_count && strcmp(results->model_names[p], model->name))
                    p++;
                model->position = p;
                if (p == results->model_count)
                    results->model_names[results->model_count++] = model->name;
                if (!baseline)
                    networks = results->model_count;
                model->colour = palette_colour(&results->arena, baseline,
                                               baseline && p >= networks ? p - networks : p);
            }
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
    make_datasets(results);
    title_datasets(results);
    number_models(results);
    return true;
}

void results_free(struct results *results) {
    arena_free(&results->arena);
    *results = (struct results){0};
}

/* ---- Questions ---- */

const struct scores *scores_at(const struct dataset_results *dataset,
                               const struct model_results *model, size_t condition, size_t metric) {
    return &model->scores[condition * dataset->metric_count + metric];
}

bool metric_better(const struct metric_info *metric, double a, double b) {
    return metric->higher_is_better ? a > b : a < b;
}

const struct model_results *best_model(const struct dataset_results *dataset, size_t metric,
                                       size_t first, size_t end) {
    const struct model_results *best = NULL;
    double best_mean = 0;
    for (size_t m = first; metric < dataset->metric_count && m < end; m++) {
        const struct model_results *model = &dataset->models[m];
        struct summary summary = scores_at(dataset, model, dataset->test, metric)->summary;
        if (!isfinite(summary.mean) ||
            (best != NULL && !metric_better(&dataset->metrics[metric], summary.mean, best_mean)))
            continue;
        best = model;
        best_mean = summary.mean;
    }
    return best;
}

double ratio_to_clean(const struct dataset_results *dataset, const struct model_results *model,
                      size_t condition) {
    if (dataset->metric_count == 0)
        return NAN;
    const double *clean = scores_at(dataset, model, dataset->test, 0)->values;
    const double *changed = scores_at(dataset, model, condition, 0)->values;
    double sum = 0, clean_sum = 0;
    size_t count = 0;
    for (size_t t = 0; t < model->trial_count; t++) {
        if (isnan(clean[t]) || isnan(changed[t]))
            continue;
        if (isinf(clean[t]) || isinf(changed[t]))
            return worst_score(dataset->metrics[0].higher_is_better);
        if (clean[t] <= 0)
            return NAN;
        sum += changed[t];
        clean_sum += clean[t];
        count++;
    }
    return count == 0 ? NAN : sum / clean_sum;
}

double ratio_worst(const struct dataset_results *dataset, const struct model_results *model,
                   enum condition_kind kind, const struct condition **worst) {
    double ratio = NAN;
    for (size_t c = 0; c < dataset->condition_count; c++) {
        if (dataset->conditions[c].kind != kind)
            continue;
        double here = ratio_to_clean(dataset, model, c);
        if (isnan(here) || (!isnan(ratio) && !metric_better(&dataset->metrics[0], ratio, here)))
            continue;
        ratio = here;
        if (worst != NULL)
            *worst = &dataset->conditions[c];
    }
    return ratio;
}

double ratio_mean(const struct dataset_results *dataset, const struct model_results *model,
                  enum condition_kind kind) {
    double sum = 0;
    size_t count = 0;
    for (size_t c = 0; c < dataset->condition_count; c++) {
        double here = dataset->conditions[c].kind == kind ? ratio_to_clean(dataset, model, c) : NAN;
        if (!isnan(here)) {
            sum += here;
            count++;
        }
    }
    return count == 0 ? NAN : sum / (double)count;
}

const struct measurement *measurement_under(const struct trial *trial,
                                            const struct condition *condition) {
    for (size_t i = 0; i < trial->measurement_count; i++)
        if (condition_equal(&trial->measurements[i].condition, condition))
            return &trial->measurements[i];
    return NULL;
}

/* How many of the models [first, end) have a better mean test score; those without one come last.
 */
static size_t place_of(const struct dataset_results *dataset, size_t m, size_t first, size_t end) {
    size_t place = 0;
    struct summary mine = scores_at(dataset, &dataset->models[m], dataset->test, 0)->summary;
    for (size_t other = first; other < end; other++) {
        struct summary its = scores_at(dataset, &dataset->models[other], dataset->test, 0)->summary;
        if (other == m)
            continue;
        if (its.count == 0)
            place += mine.count == 0 && other < m;
        else
            place += mine.count == 0 || metric_better(&dataset->metrics[0], its.mean, mine.mean) ||
                     (its.mean == mine.mean && other < m);
    }
    return place;
}

/* The place of a model among the networks, or among the baselines. */
static size_t place_of_its_kind(const struct dataset_results *dataset, size_t m) {
    bool baseline = m >= dataset->network_count;
    return place_of(dataset, m, baseline ? dataset->network_count : 0,
                    baseline ? dataset->model_count : dataset->network_count);
}

size_t select_models(const struct dataset_results *dataset, size_t max, size_t max_baselines,
                     const struct model_results **selected) {
    size_t count = 0;
    const struct model_results *reference = dataset->reference;
    for (size_t m = 0; dataset->metric_count > 0 && m < dataset->model_count; m++) {
        bool baseline = m >= dataset->network_count;
        size_t room = baseline ? max_baselines : max;
        if (reference != NULL && reference->baseline == baseline &&
            place_of_its_kind(dataset, (size_t)(reference - dataset->models)) >= room)
            room--; /* for the reference */
        if (place_of_its_kind(dataset, m) < room || &dataset->models[m] == reference)
            selected[count++] = &dataset->models[m];
    }
    return count;
}

const struct model_results **models_by_score(const struct dataset_results *dataset,
                                             struct arena *arena) {
    const struct model_results **order =
        ARENA_NEW(arena, const struct model_results *, dataset->model_count + 1);
    for (size_t m = 0; m < dataset->model_count; m++) {
        size_t first = m < dataset->network_count ? 0 : dataset->network_count;
        size_t place = dataset->metric_count > 0 ? first + place_of_its_kind(dataset, m) : m;
        order[place] = &dataset->models[m];
    }
    return order;
}

bool has_condition(const struct dataset_results *dataset, enum condition_kind kind) {
    for (size_t c = 0; c < dataset->condition_count; c++)
        if (dataset->conditions[c].kind == kind)
            return true;
    return false;
}

struct summary recorded_summary(const struct model_results *model, const char *path,
                                struct arena *arena) {
    char part[MEASURE_PATH];
    size_t position = measure_position(measure_parse(path, part).type);
    double *values = ARENA_NEW(arena, double, model->trial_count + 1);
    for (size_t t = 0; t < model->trial_count; t++)
        values[t] = model->trials[t]->ok ? model->trials[t]->recorded[position] : NAN;
    return summarize(values, model->trial_count);
}
