#include "evaluate/memory/ladder.h"

#include "base/choice.h"
#include "base/json.h"
#include "data/generators/generator.h"

#include <string.h>

#define AT(member) .offset = offsetof(struct ladder_options, member)
const struct field ladder_fields[] = {
    {"vary", FIELD_STRING, AT(vary), .fallback = "\"rows\"",
     .help = "What grows from rung to rung: \"rows\" of each series, or a parameter of the "
             "generator."},
    {"values", FIELD_REALS, AT(values), .min = 0, .max = 1e6,
     .help = "Its values, smallest first; every model is trained and tested at each. Absent: no "
             "ladder."},
    {"solved", FIELD_REAL, AT(solved), .min = -1e30, .max = 1e30,
     .help = "Test score of the headline metric at which a rung counts as solved; needed with "
             "values."},
    {0},
};
#undef AT

static bool varies_rows(const struct ladder_options *ladder) {
    return strcmp(ladder->vary, "rows") == 0;
}

static bool check_parameter(const struct generator_type *type, const char *name,
                            struct error *error) {
    struct suggestion nearest = {.wanted = name};
    for (const struct generator_parameter *p = type->parameters; p->name != NULL; p++) {
        if (strcmp(p->name, name) == 0)
            return true;
        suggestion_offer(&nearest, p->name);
    }
    suggestion_offer(&nearest, "rows");
    return error_set(error, "vary: %s has no parameter \"%s\"%s", type->name, name,
                     suggestion_or(&nearest,
                                   "say \"rows\" or one that `liquidbench data describe %s` lists",
                                   type->name)
                         .text);
}

bool ladder_check(const struct ladder_options *ladder, const struct dataset_options *dataset,
                  const struct task_options *task, struct error *error) {
    if (ladder->values.count == 0)
        return true;
    const struct generator_type *type =
        dataset->generator != NULL ? generator_find(dataset->generator) : NULL;
    if (type == NULL)
        return error_set(error, "vary: only generated data can be made at every length; use a "
                                "generator or leave the ladder out");
    if (!varies_rows(ladder) && !check_parameter(type, ladder->vary, error))
        return false;
    if (varies_rows(ladder) && task->window != 0)
        return error_set(error,
                         "vary: windows of %d rows do not grow with \"rows\"; set "
                         "task.window to 0, which takes whole series",
                         task->window);
    for (size_t i = 0; i < ladder->values.count; i++) {
        double value = ladder->values.items[i];
        if (i > 0 && value <= ladder->values.items[i - 1])
            return error_set(error, "values: %g comes after %g; give each once, smallest first",
                             value, ladder->values.items[i - 1]);
        if (varies_rows(ladder) && (value < 2 || value != (int)value))
            return error_set(error, "values: rows must be whole numbers from 2, not %g", value);
    }
    return true;
}

bool ladder_make(const struct ladder_options *ladder, const struct dataset *dataset, cJSON *kept,
                 struct arena *arena, struct dataset *rungs, struct error *error) {
    for (size_t i = 0; i < ladder->values.count; i++) {
        double value = ladder->values.items[i];
        struct dataset_options *options = ARENA_NEW(arena, struct dataset_options, 1);
        *options = *dataset->options;
        if (varies_rows(ladder)) {
            options->rows = (int)value;
        } else {
            cJSON *parameters = options->parameters != NULL
                                    ? cJSON_Duplicate(options->parameters, 1)
                                    : cJSON_CreateObject();
            cJSON_DeleteItemFromObjectCaseSensitive(parameters, ladder->vary);
            cJSON_AddNumberToObject(parameters, ladder->vary, value);
            cJSON_AddItemToArray(kept, parameters);
            options->parameters = parameters;
        }
        if (!dataset_load(&rungs[i], options, dataset->task_options, arena, error))
            return error_prefix(error, "values: %g", value);
        if (rungs[i].inputs != dataset->inputs || rungs[i].outputs != dataset->outputs)
            return error_set(error,
                             "values: %g gives %d inputs and %d outputs, where the data set has %d "
                             "and %d; a ladder keeps the networks' size",
                             value, rungs[i].inputs, rungs[i].outputs, dataset->inputs,
                             dataset->outputs);
    }
    return true;
}
