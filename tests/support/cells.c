#include "support/cells.h"

#include "base/json.h"
#include "model/network.h"

bool cell_case_create(struct cell_case *test, const char *model, int inputs, int layer,
                      struct error *error) {
    *test = (struct cell_case){.params = {.arena = &test->arena}};
    struct network_options options = {0};
    cJSON *config = cJSON_Parse(model);
    const struct cell_type *type = cell_type_find(json_string(config, "cell", ""));
    if (type == NULL) {
        error_set(error, "%s: unknown cell", model);
        cJSON_Delete(config);
        return false;
    }
    static const struct field no_fields[] = {{0}};
    void *own = arena_alloc(&test->arena, type->options_size);
    int flags = (int)json_number(config, "flags", 0);
    cJSON_DeleteItemFromObject(config, "flags");
    struct field_target targets[] = {
        {network_fields, &options},
        {type->options != NULL ? type->options : no_fields, own},
    };
    bool made = fields_read(targets, 2, config, "", &test->arena, error) &&
                cell_create(&test->cell, type, layer, options.layers, inputs, flags, options.hidden,
                            own, 1, &test->arena, error);
    if (made)
        test->cell.type->declare(&test->cell, &test->params);
    cJSON_Delete(config);
    return made;
}

void cell_case_free(struct cell_case *test) {
    arena_free(&test->arena);
}
