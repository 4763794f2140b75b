#include "experiment/search/search_settings.h"

#include "base/json.h"

#include <stdio.h>
#include <string.h>

void apply_settings(cJSON *model, const cJSON *settings) {
    for (const cJSON *setting = settings->child; setting != NULL; setting = setting->next) {
        cJSON *patch = cJSON_Duplicate(setting, 1);
        const char *path = setting->string, *end = path + strlen(path);
        while (end > path) { /* from the innermost name outwards */
            const char *start = end;
            while (start > path && start[-1] != '.')
                start--;
            char name[128];
            snprintf(name, sizeof name, "%.*s", (int)(end - start), start);
            cJSON *outer = cJSON_CreateObject();
            cJSON_AddItemToObject(outer, name, patch);
            patch = outer;
            end = start > path ? start - 1 : path;
        }
        json_merge(&model, patch);
        cJSON_Delete(patch);
    }
}

cJSON *config_with(const struct search *search, const size_t *choice) {
    cJSON *config = cJSON_Duplicate(search->experiment->source, 1);
    cJSON *model = cJSON_GetObjectItemCaseSensitive(config, "models")->child;
    for (size_t m = 0; m < search->model_count; m++, model = model->next)
        apply_settings(model, search->models[m].candidates[choice[m]].settings);
    return config;
}
