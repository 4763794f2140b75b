#include "experiment/export/export_notes.h"

#include "base/file.h"
#include "base/json.h"
#include "base/text_stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *export_results_folder(const char *path, struct arena *arena) {
    return path_join(arena, path_directory(arena, path), "..");
}

cJSON *export_trial_record(const struct saved_model *model, const char *path, struct arena *arena) {
    struct error error;
    char *file =
        arena_printf(arena, "%s/trials/%s.json", export_results_folder(path, arena), model->trial);
    return path_stays_inside(model->trial) && file_exists(file) ? json_load(file, &error) : NULL;
}

static void write_scores(FILE *out, const cJSON *record) {
    const cJSON *metrics = cJSON_GetObjectItemCaseSensitive(record, "metrics"), *value;
    const cJSON *test = cJSON_GetObjectItemCaseSensitive(metrics, "test");
    const char *between = " ";
    fputs("\nScores on the test data, in float32:", out);
    cJSON_ArrayForEach(value, test) {
        if (cJSON_IsNumber(value))
            fprintf(out, "%s%s %.6g", between, value->string, value->valuedouble);
        between = ", ";
    }
}

const char *export_notes(const struct saved_model *model, const char *path, struct arena *arena) {
    struct text_stream notes;
    FILE *out = text_stream_open(&notes);
    cJSON *record = export_trial_record(model, path, arena);
    fprintf(out, "Model: %s, from %s", model->trial, path_name(path));
    fprintf(out, "\nTrained by `liquidbench run` on: %s",
            record != NULL ? json_string(record, "dataset", "") : "unknown");
    if (record != NULL)
        write_scores(out, record);
    else
        fputs("\nScores: not known; the model stands outside its results folder", out);
    fprintf(out, "\nConfiguration: %s", model->config);
    fputs(
        "\nLicence: the code is liquidbench's, under the MIT licence, (c) 2026 The liquidbench\n"
        "developers; whether weights may be passed on is a matter of the licence of the data that\n"
        "they were trained on",
        out);
    fputs(".", out);
    cJSON_Delete(record);
    return text_stream_close(&notes, arena);
}
