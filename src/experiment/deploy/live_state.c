#include "experiment/deploy/live_state.h"

#include "base/file.h"
#include "base/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct live_series *add_series(struct live_streams *streams, const char *name) {
    streams->items = mem_grow(streams->items, streams->count, sizeof *streams->items);
    struct live_series *series = &streams->items[streams->count++];
    *series = (struct live_series){.name = mem_resize(NULL, strlen(name) + 1),
                                   .stream = liquidbench_begin(streams->model)};
    strcpy(series->name, name);
    return series;
}

struct live_series *live_series_of(struct live_streams *streams, const char *name,
                                   struct error *error) {
    const struct saved_model *saved = &streams->model->saved;
    if (streams->latest != NULL && strcmp(streams->latest->name, name) == 0)
        return streams->latest;
    streams->latest = NULL;
    for (size_t i = 0; i < streams->count; i++)
        if (strcmp(streams->items[i].name, name) == 0)
            return streams->latest = &streams->items[i];
    struct live_series *series = add_series(streams, name);
    if (saved->scales_series && liquidbench_scale_as(series->stream, name) != 0 &&
        saved->known_count != 1) {
        liquidbench_end(series->stream);
        free(series->name);
        streams->count--;
        error_set(error,
                  "\"%s\" is no series of the training data, and the model scales each "
                  "series by its first window, which a live stream does not know",
                  name);
        return NULL;
    }
    return streams->latest = series;
}

bool live_state_write(const struct live_streams *streams, const char *path, const char *checksum,
                      struct error *error) {
    size_t size = liquidbench_state_size(streams->model);
    double *numbers = mem_resize(NULL, size * sizeof *numbers);
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "format", "liquidbench state");
    cJSON_AddStringToObject(json, "model", checksum);
    cJSON_AddNumberToObject(json, "rows", (double)streams->rows);
    cJSON *list = cJSON_AddArrayToObject(json, "series");
    for (size_t i = 0; i < streams->count; i++) {
        const struct live_series *series = &streams->items[i];
        cJSON *entry = cJSON_CreateObject();
        cJSON_AddStringToObject(entry, "name", series->name);
        cJSON_AddNumberToObject(entry, "time", series->time);
        cJSON_AddNumberToObject(entry, "rest", series->rest);
        cJSON_AddNumberToObject(entry, "waited", series->waited);
        liquidbench_get_state(series->stream, numbers);
        cJSON_AddItemToObject(entry, "state", cJSON_CreateDoubleArray(numbers, (int)size));
        cJSON_AddItemToArray(list, entry);
    }
    bool good = json_save(json, path, error);
    cJSON_Delete(json);
    free(numbers);
    return good;
}

static bool read_series(struct live_streams *streams, const cJSON *entry, struct error *error) {
    size_t size = liquidbench_state_size(streams->model), count = 0;
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(entry, "state"), *number;
    if ((size_t)cJSON_GetArraySize(list) != size)
        return error_set(error, "a series has %d numbers of state, but the model needs %zu",
                         cJSON_GetArraySize(list), size);
    struct live_series *series = live_series_of(streams, json_string(entry, "name", ""), error);
    if (series == NULL)
        return false;
    double *numbers = mem_resize(NULL, size * sizeof *numbers);
    cJSON_ArrayForEach(number, list) {
        numbers[count++] = cJSON_IsNumber(number) ? number->valuedouble : NAN;
    }
    liquidbench_set_state(series->stream, numbers);
    series->time = json_number(entry, "time", NAN);
    series->rest = json_number(entry, "rest", 0);
    series->waited = json_number(entry, "waited", 0);
    free(numbers);
    return true;
}

static bool read_json(struct live_streams *streams, const cJSON *json, const char *checksum,
                      struct error *error) {
    const cJSON *entry;
    if (strcmp(json_string(json, "format", ""), "liquidbench state") != 0)
        return error_set(error, "is no state that `predict --state` wrote");
    if (strcmp(json_string(json, "model", ""), checksum) != 0)
        return error_set(error,
                         "is the state of a different model; name a different file, or remove it "
                         "to start afresh");
    streams->rows = (size_t)json_number(json, "rows", 0);
    cJSON_ArrayForEach(entry, cJSON_GetObjectItemCaseSensitive(json, "series")) {
        if (!read_series(streams, entry, error))
            return false;
    }
    return true;
}

bool live_state_read(struct live_streams *streams, const char *path, const char *checksum,
                     struct error *error) {
    if (!file_exists(path))
        return true;
    cJSON *json = json_load(path, error);
    if (json == NULL)
        return false;
    bool good = read_json(streams, json, checksum, error) || error_prefix(error, "%s", path);
    cJSON_Delete(json);
    return good;
}

void live_streams_free(struct live_streams *streams) {
    for (size_t i = 0; i < streams->count; i++) {
        liquidbench_end(streams->items[i].stream);
        free(streams->items[i].name);
    }
    free(streams->items);
    *streams = (struct live_streams){0};
}
