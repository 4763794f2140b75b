#include "report/results/search_results.h"

#include "base/file.h"
#include "base/json.h"

#include <math.h>
#include <string.h>

static const cJSON *member(const cJSON *object, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static void read_settings(struct tuning *tuning, const cJSON *json, struct arena *arena) {
    tuning->settings = ARENA_NEW(arena, struct setting, cJSON_GetArraySize(json) + 1);
    const cJSON *item;
    cJSON_ArrayForEach(item, json) {
        const char *value = cJSON_IsString(item) ? item->valuestring : json_text(item, arena);
        tuning->settings[tuning->setting_count++] = (struct setting){
            .path = arena_strdup(arena, item->string),
            .value = arena_strdup(arena, value),
        };
    }
}

static void read_tuning(struct tuning *tuning, const cJSON *json, bool higher_is_better,
                        struct arena *arena) {
    const cJSON *trials = member(json, "trials"), *trial;
    *tuning = (struct tuning){
        .model = arena_strdup(arena, json_string(json, "name", "")),
        .budget = json_number(json, "budget", NAN),
        .steps = ARENA_NEW(arena, struct tuning_step, cJSON_GetArraySize(trials) + 1),
    };
    read_settings(tuning, member(json, "settings"), arena);
    struct tuning_step step = {.best = NAN};
    cJSON_ArrayForEach(trial, trials) {
        double valid = json_number(trial, "valid", NAN);
        tuning->failed += isnan(valid);
        step.epochs += json_number(trial, "epochs", 0);
        if (isnan(step.best) || (higher_is_better ? valid > step.best : valid < step.best))
            step.best = valid;
        tuning->steps[tuning->step_count++] = step;
    }
}

const struct search_results *search_load(const char *folder, struct arena *arena,
                                         struct error *error) {
    const char *path = path_join(arena, folder, "search.json");
    cJSON *json = file_exists(path) ? json_load(path, error) : NULL;
    if (json == NULL)
        return NULL;
    const cJSON *models = member(json, "models"), *model;
    struct search_results *search = ARENA_NEW(arena, struct search_results, 1);
    search->method = arena_strdup(arena, json_string(json, "method", ""));
    const cJSON *metric = member(json, "metric");
    search->metric = arena_strdup(arena, json_string(metric, "title", ""));
    search->higher_is_better = cJSON_IsTrue(member(metric, "higher_is_better"));
    search->tunings = ARENA_NEW(arena, struct tuning, cJSON_GetArraySize(models) + 1);
    cJSON_ArrayForEach(model, models) {
        read_tuning(&search->tunings[search->count++], model, search->higher_is_better, arena);
    }
    cJSON_Delete(json);
    return search;
}

const char *tuning_setting(const struct tuning *tuning, const char *path) {
    for (size_t i = 0; i < tuning->setting_count; i++)
        if (strcmp(tuning->settings[i].path, path) == 0)
            return tuning->settings[i].value;
    return NULL;
}

double tuning_best_after(const struct tuning *tuning, double epochs) {
    double best = NAN;
    for (size_t s = 0; s < tuning->step_count && tuning->steps[s].epochs <= epochs; s++)
        best = tuning->steps[s].best;
    return best;
}

const struct tuning *search_leader(const struct search_results *search, double share) {
    const struct tuning *leader = NULL;
    double best = NAN;
    for (size_t i = 0; i < search->count; i++) {
        const struct tuning *tuning = &search->tunings[i];
        double score = tuning_best_after(tuning, share * tuning->budget);
        if (isnan(score) ||
            (leader != NULL && (search->higher_is_better ? score <= best : score >= best)))
            continue;
        leader = tuning;
        best = score;
    }
    return leader;
}
