#include "config/models.h"
#include "config/search_space.h"

static cJSON *object_schema(cJSON **properties) {
    cJSON *schema = cJSON_CreateObject();
    cJSON_AddStringToObject(schema, "type", "object");
    cJSON_AddFalseToObject(schema, "additionalProperties");
    *properties = cJSON_AddObjectToObject(schema, "properties");
    return schema;
}

static void require(cJSON *schema, const char *name) {
    cJSON *required = cJSON_GetObjectItemCaseSensitive(schema, "required");
    if (required == NULL)
        required = cJSON_AddArrayToObject(schema, "required");
    cJSON_AddItemToArray(required, cJSON_CreateString(name));
}

/* One alternative for each cell, because each has options of its own. */
static cJSON *models_schema(void) {
    cJSON *list = cJSON_CreateObject();
    cJSON_AddStringToObject(list, "type", "array");
    cJSON *either = cJSON_AddArrayToObject(cJSON_AddObjectToObject(list, "items"), "anyOf");
    const struct cell_type *cell;
    for (size_t i = 0; (cell = cell_type_at(i)) != NULL; i++) {
        cJSON *properties;
        cJSON *model = object_schema(&properties);
        cJSON_AddStringToObject(model, "title", cell->title);
        fields_schema(model_fields, properties);
        fields_schema(network_fields, properties);
        if (cell->options != NULL)
            fields_schema(cell->options, properties);
        cJSON *name = cJSON_GetObjectItemCaseSensitive(properties, "cell");
        cJSON_DeleteItemFromObjectCaseSensitive(name, "enum");
        cJSON_AddStringToObject(name, "const", cell->name);
        cJSON *changes = cJSON_GetObjectItemCaseSensitive(properties, "train");
        cJSON_AddStringToObject(changes, "$ref", "#/properties/train");
        changes = cJSON_GetObjectItemCaseSensitive(properties, "search");
        cJSON_AddStringToObject(changes, "$ref", "#/properties/search/properties/space");
        require(model, "cell");
        cJSON_AddItemToArray(either, model);
    }
    return list;
}

static void describe(cJSON *schema, cJSON *properties, const char *name) {
    cJSON *old = cJSON_GetObjectItemCaseSensitive(properties, name);
    cJSON *help = cJSON_DetachItemFromObjectCaseSensitive(old, "description");
    cJSON_AddItemToObject(schema, "description", help);
    cJSON_ReplaceItemInObjectCaseSensitive(properties, name, schema);
}

cJSON *experiment_schema(void) {
    cJSON *properties, *nested;
    cJSON *schema = object_schema(&properties);
    cJSON_AddItemToObject(schema, "$schema",
                          cJSON_CreateString("https://json-schema.org/draft/2020-12/schema"));
    cJSON_AddStringToObject(schema, "title", "liquidbench experiment");
    cJSON_AddStringToObject(cJSON_AddObjectToObject(properties, "extends"), "type", "string");
    cJSON_AddStringToObject(cJSON_GetObjectItemCaseSensitive(properties, "extends"), "description",
                            "Another config, relative to this one, that this one changes "
                            "(RFC 7396).");
    fields_schema(config_fields, properties);
    cJSON *dataset = object_schema(&nested);
    fields_schema(dataset_fields, nested);
    describe(dataset, properties, "dataset");
    cJSON *task = object_schema(&nested);
    fields_schema(task_fields, nested);
    describe(task, properties, "task");
    describe(models_schema(), properties, "models");
    const cJSON *search = cJSON_GetObjectItemCaseSensitive(properties, "search");
    space_describe(cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(search, "properties"), "space"));
    for (const struct field *field = config_fields; field->name != NULL; field++)
        if (field->required)
            require(schema, field->name);
    return schema;
}
