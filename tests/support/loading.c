#include "support/loading.h"

#include "config/config_fields.h"

#include "data/catalogue/card.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

void load(struct loaded *loaded, const char *dataset, const char *task, const char *folder) {
    *loaded = (struct loaded){0};
    cJSON *given = cJSON_Parse(dataset), *given_task = cJSON_Parse(task);
    assert_non_null(given);
    assert_non_null(given_task);
    loaded->json[0] = dataset_resolve(given, folder, &loaded->error);
    loaded->json[1] = task_resolve(given_task, given, &loaded->error);
    cJSON_Delete(given);
    cJSON_Delete(given_task);
    struct field_target options = {dataset_fields, &loaded->options};
    struct field_target task_options = {task_fields, &loaded->task};
    loaded->good =
        loaded->json[0] != NULL && loaded->json[1] != NULL &&
        fields_read(&options, 1, loaded->json[0], "dataset", &loaded->arena, &loaded->error) &&
        fields_read(&task_options, 1, loaded->json[1], "task", &loaded->arena, &loaded->error) &&
        dataset_load(&loaded->dataset, &loaded->options, &loaded->task, &loaded->arena,
                     &loaded->error);
}

void load_good(struct loaded *loaded, const char *dataset, const char *task, const char *folder) {
    load(loaded, dataset, task, folder);
    if (!loaded->good)
        fail_msg("%s", loaded->error.text);
}

void unload(struct loaded *loaded) {
    cJSON_Delete(loaded->json[0]);
    cJSON_Delete(loaded->json[1]);
    arena_free(&loaded->arena);
}

void assert_load_fails(const char *dataset, const char *task, const char *folder, ...) {
    struct loaded loaded;
    load(&loaded, dataset, task, folder);
    assert_false(loaded.good);
    va_list texts;
    va_start(texts, folder);
    for (const char *text; (text = va_arg(texts, const char *)) != NULL;)
        if (strstr(loaded.error.text, text) == NULL)
            fail_msg("\"%s\" does not mention \"%s\"", loaded.error.text, text);
    va_end(texts);
    unload(&loaded);
}
