#include "base/json.h"
#include "report/gate/compare_output.h"

static cJSON *row_json(const struct comparison_row *row) {
    static const char *const verdicts[] = {[VERDICT_SAME] = "same",
                                           [VERDICT_CHANCE] = "chance",
                                           [VERDICT_BETTER] = "better",
                                           [VERDICT_WORSE] = "worse",
                                           [VERDICT_MISSING] = "missing"};
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "dataset", row->dataset);
    cJSON_AddStringToObject(object, "model", row->model);
    cJSON_AddStringToObject(object, "metric", row->metric);
    cJSON_AddStringToObject(object, "verdict", verdicts[row->verdict]);
    cJSON_AddNumberToObject(object, "base", row->base);
    cJSON_AddNumberToObject(object, "new", row->changed);
    cJSON_AddNumberToObject(object, "change", row->change);
    cJSON_AddNumberToObject(object, "tolerance", row->tolerance);
    cJSON_AddNumberToObject(object, "p", row->p);
    cJSON_AddNumberToObject(object, "detectable", row->detectable);
    cJSON_AddBoolToObject(object, "lacks_power", row->lacks_power);
    if (row->reason[0] != '\0')
        cJSON_AddStringToObject(object, "reason", row->reason);
    return object;
}

void comparison_json(const struct comparison *comparison, FILE *out) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddBoolToObject(json, "passed", comparison->passed);
    cJSON_AddNumberToObject(json, "compared", (double)comparison->compared);
    cJSON_AddNumberToObject(json, "worse", (double)comparison->worse);
    cJSON_AddNumberToObject(json, "chance", (double)comparison->chance);
    cJSON_AddNumberToObject(json, "without_power", (double)comparison->without_power);
    cJSON_AddNumberToObject(json, "missing", (double)comparison->missing);
    cJSON *rows = cJSON_AddArrayToObject(json, "rows"),
          *notes = cJSON_AddArrayToObject(json, "notes");
    for (size_t r = 0; r < comparison->row_count; r++)
        cJSON_AddItemToArray(rows, row_json(&comparison->rows[r]));
    for (size_t n = 0; n < comparison->note_count; n++)
        cJSON_AddItemToArray(notes, cJSON_CreateString(comparison->notes[n]));
    json_print(json, out);
    cJSON_Delete(json);
}
