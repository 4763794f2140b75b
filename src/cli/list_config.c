#include "base/json.h"
#include "cli/list_topics.h"
#include "config/models.h"

#include <stdio.h>
#include <string.h>

/* "integer", "number", "string", "string or list", "one of a, b", ... */
static char *type_text(const cJSON *schema, struct arena *arena) {
    const cJSON *either = cJSON_GetObjectItemCaseSensitive(schema, "anyOf");
    const cJSON *names = cJSON_GetObjectItemCaseSensitive(either ? either->child : schema, "enum");
    const cJSON *items = cJSON_GetObjectItemCaseSensitive(schema, "items");
    const char *type = json_string(either ? either->child : schema, "type", "any");
    if (items != NULL)
        return arena_printf(arena, "list of %ss", json_string(items, "type", "object"));
    if (either == NULL && names == NULL)
        return arena_strdup(arena, type);
    char *text = arena_printf(arena, "%s%s", type, either != NULL ? " or list" : "");
    const char *before = ": ";
    for (const cJSON *name = names != NULL ? names->child : NULL; name != NULL; name = name->next) {
        text = arena_printf(arena, "%s%s%s", text, before, name->valuestring);
        before = ", ";
    }
    return text;
}

static void add_fields(cJSON *list, const cJSON *properties, const char *path, const char *cell);

static void add_field(cJSON *list, const cJSON *schema, const char *path, const char *cell) {
    struct arena arena = {0};
    cJSON *item = cJSON_CreateObject();
    cJSON_AddStringToObject(item, "name", path);
    if (cell != NULL)
        cJSON_AddStringToObject(item, "cell", cell);
    cJSON_AddStringToObject(item, "type", type_text(schema, &arena));
    const cJSON *fallback = cJSON_GetObjectItemCaseSensitive(schema, "default");
    const char *help = json_string(schema, "description", NULL);
    if (fallback != NULL)
        cJSON_AddItemToObject(item, "default", cJSON_Duplicate(fallback, 1));
    if (help != NULL)
        cJSON_AddStringToObject(item, "help", help);
    cJSON_AddItemToArray(list, item);

    const cJSON *items = cJSON_GetObjectItemCaseSensitive(schema, "items");
    const char *nested = items != NULL ? arena_printf(&arena, "%s[]", path) : path;
    add_fields(list, cJSON_GetObjectItemCaseSensitive(items ? items : schema, "properties"), nested,
               cell);
    arena_free(&arena);
}

static void add_fields(cJSON *list, const cJSON *properties, const char *path, const char *cell) {
    struct arena arena = {0};
    for (const cJSON *schema = properties ? properties->child : NULL; schema != NULL;
         schema = schema->next) {
        const char *dot = path[0] != '\0' ? "." : "";
        add_field(list, schema, arena_printf(&arena, "%s%s%s", path, dot, schema->string), cell);
    }
    arena_free(&arena);
}

/* What all cells share comes once; then each cell's own options. */
static void add_model_fields(cJSON *list, const cJSON *alternatives) {
    const cJSON *first = cJSON_GetObjectItemCaseSensitive(alternatives->child, "properties");
    const cJSON *model;
    cJSON_ArrayForEach(model, alternatives) {
        const cJSON *properties = cJSON_GetObjectItemCaseSensitive(model, "properties");
        const cJSON *name = cJSON_GetObjectItemCaseSensitive(properties, "cell");
        const cJSON *schema;
        cJSON_ArrayForEach(schema, properties) {
            bool shared = model_has_field(schema->string);
            if (shared && properties != first)
                continue;
            char path[128];
            snprintf(path, sizeof path, "models[].%s", schema->string);
            add_field(list, schema, path, shared ? NULL : json_string(name, "const", NULL));
        }
    }
}

void list_config(cJSON *list) {
    cJSON *schema = experiment_schema();
    const cJSON *property;
    cJSON_ArrayForEach(property, cJSON_GetObjectItemCaseSensitive(schema, "properties")) {
        add_field(list, property, property->string, NULL);
        if (strcmp(property->string, "models") == 0)
            add_model_fields(list,
                             cJSON_GetObjectItemCaseSensitive(
                                 cJSON_GetObjectItemCaseSensitive(property, "items"), "anyOf"));
    }
    cJSON_Delete(schema);
}

/* --- printing -------------------------------------------------------------------------------- */

static void print_field(const cJSON *item) {
    char *fallback = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(item, "default"));
    const char *cell = json_string(item, "cell", NULL);
    printf("%s%s%s%s (%s", json_string(item, "name", ""), cell != NULL ? " [" : "",
           cell != NULL ? cell : "", cell != NULL ? "]" : "", json_string(item, "type", ""));
    if (fallback != NULL)
        printf(", default %s", fallback);
    printf("): %s\n", json_string(item, "help", ""));
    cJSON_free(fallback);
}

void print_fields(const cJSON *list) {
    const cJSON *item;
    cJSON_ArrayForEach(item, list) print_field(item);
}

/* Text in a cell of a Markdown table, where "|" ends the cell. */
static void print_markdown_text(const char *text) {
    for (; *text != '\0'; text++) {
        if (*text == '|')
            putchar('\\');
        putchar(*text);
    }
}

/* Length of the section's name in a field's path: that of "train" in "train.schedule.type"; 0 for
 * fields that stand alone. */
static size_t section_length(const cJSON *item) {
    const char *name = json_string(item, "name", "");
    size_t length = strcspn(name, ".[");
    bool is_object = strstr(json_string(item, "type", ""), "object") != NULL;
    return name[length] != '\0' || is_object ? length : 0;
}

static bool same_section(const cJSON *a, const cJSON *b) {
    size_t length = section_length(a);
    return length == section_length(b) &&
           strncmp(json_string(a, "name", ""), json_string(b, "name", ""), length) == 0 &&
           strcmp(json_string(a, "cell", ""), json_string(b, "cell", "")) == 0;
}

static void print_markdown_section(const cJSON *item) {
    const char *name = json_string(item, "name", ""), *cell = json_string(item, "cell", NULL);
    if (cell != NULL)
        printf("\n### `models[]` with `\"cell\": \"%s\"`\n", cell);
    else if (section_length(item) > 0)
        printf("\n### `%.*s`\n", (int)section_length(item), name);
    else
        printf("\n### At the top\n");
    printf("\n| field | type | default | meaning |\n| --- | --- | --- | --- |\n");
}

void print_fields_as_markdown(const cJSON *list) {
    const cJSON *before = NULL, *item;
    cJSON_ArrayForEach(item, list) {
        if (before == NULL || !same_section(before, item))
            print_markdown_section(item);
        before = item;
        char *fallback = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(item, "default"));
        const char *quote = fallback != NULL ? "`" : "";
        printf("| `%s` | ", json_string(item, "name", ""));
        print_markdown_text(json_string(item, "type", ""));
        printf(" | %s%s%s | ", quote, fallback != NULL ? fallback : "", quote);
        print_markdown_text(json_string(item, "help", ""));
        puts(" |");
        cJSON_free(fallback);
    }
}
