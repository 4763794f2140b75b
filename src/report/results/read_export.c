#include "report/results/read_export.h"

#include <math.h>
#include <string.h>

cJSON *export_measurement_load(const char *path, struct error *error) {
    cJSON *json = json_load(path, error);
    if (json == NULL)
        return NULL;
    const char *kind = json_string(json, "measurement", "");
    bool is_known = strcmp(kind, "liquidbench score") == 0 || strcmp(kind, "liquidbench step") == 0;
    if (is_known && json_string(json, "trial", "")[0] != '\0')
        return json;
    error_set(
        error,
        "%s: is no measurement; `liquidbench export --score` and an exported program's --bench "
        "write them",
        path);
    cJSON_Delete(json);
    return NULL;
}

/* As a record has scores: null is no finite number. */
static double finite_number(const cJSON *object, const char *key) {
    double value = json_number(object, key, NAN);
    return isfinite(value) ? value : NAN;
}

void export_measurement_add(struct trial *trial, const char *file, const cJSON *json,
                            struct arena *arena) {
    const cJSON *metrics = cJSON_GetObjectItemCaseSensitive(json, "metrics");
    const cJSON *step = cJSON_GetObjectItemCaseSensitive(json, "step_ns");
    trial->exports = arena_grow(arena, trial->exports, trial->export_count, sizeof *trial->exports);
    struct export_measurement *added = &trial->exports[trial->export_count++];
    *added = (struct export_measurement){
        .file = arena_strdup(arena, file),
        .type = arena_strdup(arena, json_string(json, "type", "")),
        .values = ARENA_NEW(arena, double, trial->metric_count + 1),
        .weight_bytes = finite_number(json, "weight_bytes"),
        .state_bytes = finite_number(json, "state_bytes"),
        .step_p50 = finite_number(step, "p50"),
        .step_p99 = finite_number(step, "p99"),
    };
    for (size_t m = 0; m < trial->metric_count; m++)
        added->values[m] = finite_number(metrics, trial->metrics[m].name);
}
