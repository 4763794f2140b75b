#include "experiment/deploy/saved_model.h"

#include "base/version.h"
#include "model/weights.h"

#include <stdio.h>
#include <string.h>

/* --- what the metadata says, described by tables like a config -------------------------------- */

/* The "data" object of the metadata. */
struct description {
    int task, missing; /* as in task_options and dataset_options */
    int order, format;
    const char *time, *group;
    const cJSON *reading;
    bool dates;
    struct string_list category_columns, category_texts;
    const char *variable, *value;
    int horizon, flags;
    bool scales_series;
    int window;
    struct string_list known_names, known_groups;
    struct real_list known_scale, known_offset, known_missing;
    double time_unit;
    struct string_list columns, targets, classes;
    struct real_list scale, offset, mean, target_scale, target_offset;
};

#define FIELD(member, kind)                                                                        \
    .name = #member, .type = kind, .offset = offsetof(struct description, member)
static const struct field description_fields[] = {
    {FIELD(task, FIELD_CHOICE), .required = true, .choices = task_type_name,
     .help = "type of task"},
    {FIELD(missing, FIELD_CHOICE), .required = true, .choices = missing_name,
     .help = "treatment of missing values"},
    {FIELD(time, FIELD_STRING)},
    {FIELD(group, FIELD_STRING)},
    {FIELD(order, FIELD_CHOICE), .choices = dataset_order_name},
    {FIELD(format, FIELD_CHOICE), .choices = dataset_format_name},
    {FIELD(variable, FIELD_STRING)},
    {FIELD(value, FIELD_STRING)},
    {FIELD(reading, FIELD_JSON), .required = true, .help = "how files are read"},
    {FIELD(dates, FIELD_BOOL), .fallback = "false"},
    {FIELD(category_columns, FIELD_STRINGS)},
    {FIELD(category_texts, FIELD_STRINGS)},
    {FIELD(horizon, FIELD_INT), .required = true, .min = 1, .help = "steps ahead"},
    {FIELD(flags, FIELD_INT), .required = true, .help = "number of observed flags"},
    {FIELD(time_unit, FIELD_REAL), .required = true, .help = "unit of time"},
    {FIELD(columns, FIELD_STRINGS), .required = true, .help = "input columns"},
    {FIELD(targets, FIELD_STRINGS), .required = true, .help = "target columns"},
    {FIELD(classes, FIELD_STRINGS), .required = true, .help = "names of classes"},
    {FIELD(scale, FIELD_REALS), .required = true, .help = "scaling of inputs"},
    {FIELD(offset, FIELD_REALS), .required = true, .help = "scaling of inputs"},
    {FIELD(mean, FIELD_REALS), .required = true, .help = "means of inputs"},
    {FIELD(target_scale, FIELD_REALS), .required = true, .help = "scaling of targets"},
    {FIELD(target_offset, FIELD_REALS), .required = true, .help = "scaling of targets"},
    {FIELD(scales_series, FIELD_BOOL)},
    {FIELD(window, FIELD_INT)},
    {FIELD(known_names, FIELD_STRINGS)},
    {FIELD(known_groups, FIELD_STRINGS)},
    {FIELD(known_scale, FIELD_REALS)},
    {FIELD(known_offset, FIELD_REALS)},
    {FIELD(known_missing, FIELD_REALS)},
    {.name = NULL},
};
#undef FIELD

/* The entry of "models" in a config, and what the data adds to it. */
struct model_shape {
    const char *name;
    const cJSON *train;
    int inputs, outputs;
};

#define FIELD(member, kind)                                                                        \
    .name = #member, .type = kind, .offset = offsetof(struct model_shape, member)
static const struct field shape_fields[] = {
    {FIELD(name, FIELD_STRING)},
    {FIELD(train, FIELD_JSON)},
    {FIELD(inputs, FIELD_INT), .required = true, .min = 1, .help = "number of inputs"},
    {FIELD(outputs, FIELD_INT), .required = true, .min = 1, .help = "number of outputs"},
    {.name = NULL},
};
#undef FIELD

/* --- writing ---------------------------------------------------------------------------------- */

/* The scales of the training series, one series after the other. */
static void describe_series(const struct dataset *dataset, struct description *description,
                            struct arena *arena) {
    size_t columns = (size_t)(dataset->inputs - dataset->flags), count = 0;
    size_t series = (size_t)dataset->fit_count;
    description->scales_series = dataset->options->scale == SCALE_SERIES;
    description->window = dataset->task_options->window;
    if (!description->scales_series)
        return;
    const char **names = ARENA_NEW(arena, const char *, series);
    const char **groups = ARENA_NEW(arena, const char *, series);
    double *scale = ARENA_NEW(arena, double, series *columns);
    double *offset = ARENA_NEW(arena, double, series *columns);
    double *missing = ARENA_NEW(arena, double, series *columns);
    for (size_t i = 0; i < series; i++) {
        const struct series_fit *fit = &dataset->fits[i];
        if (fit->name == NULL)
            continue;
        names[count] = fit->name;
        groups[count] = fit->group;
        memcpy(scale + count * columns, fit->scaling->input_scale, columns * sizeof *scale);
        memcpy(offset + count * columns, fit->scaling->input_offset, columns * sizeof *offset);
        memcpy(missing + count * columns, fit->scaling->input_missing, columns * sizeof *missing);
        count++;
    }
    description->known_names = (struct string_list){count, names};
    description->known_groups = (struct string_list){count, groups};
    description->known_scale = (struct real_list){count * columns, scale};
    description->known_offset = (struct real_list){count * columns, offset};
    description->known_missing = (struct real_list){count * columns, missing};
}

/* The options of the data set but for those that say which data it is. */
static cJSON *reading_json(const struct dataset_options *options) {
    static const char *const others[] = {"name",       "csv",       "path",     "split",
                                         "parameters", "generator", "hold_out", "inputs"};
    cJSON *json = cJSON_CreateObject();
    fields_write(dataset_fields, options, json);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        cJSON_DeleteItemFromObjectCaseSensitive(json, others[i]);
    return json;
}

static void describe_categories(const struct dataset *dataset, struct description *description,
                                struct arena *arena) {
    size_t count = dataset->categories.count;
    const char **names = ARENA_NEW(arena, const char *, 2 * count);
    for (size_t i = 0; i < count; i++) {
        names[i] = dataset->categories.items[i].column;
        names[count + i] = dataset->categories.items[i].text;
    }
    description->category_columns = (struct string_list){count, names};
    description->category_texts = (struct string_list){count, names + count};
}

static cJSON *description_json(const struct dataset *dataset) {
    struct arena arena = {0};
    cJSON *reading = reading_json(dataset->options);
    size_t columns = (size_t)(dataset->inputs - dataset->flags);
    size_t targets = (size_t)dataset->targets;
    bool classifies = dataset->task == TASK_CLASSIFICATION;
    struct description description = {
        .task = dataset->task_options->type,
        .missing = dataset->options->missing,
        .time = dataset->options->time,
        .group = dataset->options->group,
        .order = dataset->options->order,
        .format = dataset->options->format,
        .variable = dataset->options->variable,
        .value = dataset->options->value,
        .reading = reading,
        .dates = dataset->has_dates,
        .horizon = dataset->horizon,
        .flags = dataset->flags,
        .time_unit = dataset->time_unit,
        .columns = {columns, dataset->input_names},
        .targets = {targets, dataset->target_names},
        .classes = {classifies ? (size_t)dataset->outputs : 0, dataset->class_names},
        .scale = {columns, dataset->input_scale},
        .offset = {columns, dataset->input_offset},
        .mean = {columns, dataset->input_missing},
        .target_scale = {targets, dataset->target_scale},
        .target_offset = {targets, dataset->target_offset},
    };
    describe_series(dataset, &description, &arena);
    describe_categories(dataset, &description, &arena);
    cJSON *json = cJSON_CreateObject();
    fields_write(description_fields, &description, json);
    cJSON_Delete(reading);
    arena_free(&arena);
    return json;
}

static void add_text(cJSON *metadata, const char *key, cJSON *json) {
    char *text = cJSON_PrintUnformatted(json);
    cJSON_AddStringToObject(metadata, key, text);
    cJSON_free(text);
    cJSON_Delete(json);
}

static cJSON *metadata_json(const struct network *network, const struct dataset *dataset,
                            const cJSON *config, const char *trial) {
    cJSON *metadata = cJSON_CreateObject();
    cJSON_AddStringToObject(metadata, "format", "pt"); /* names and layout are PyTorch's */
    cJSON_AddStringToObject(metadata, "liquidbench", version_number());
    cJSON_AddStringToObject(metadata, "commit", version_commit());
    cJSON_AddStringToObject(metadata, "trial", trial);
    cJSON *model = cJSON_Duplicate(config, 1);
    cJSON_DeleteItemFromObjectCaseSensitive(model, "family");
    cJSON_DeleteItemFromObjectCaseSensitive(model, "parameters");
    network_write_wiring(network, model);
    cJSON_AddNumberToObject(model, "inputs", network->inputs);
    cJSON_AddNumberToObject(model, "outputs", network->outputs);
    add_text(metadata, "model", model);
    add_text(metadata, "data", description_json(dataset));
    return metadata;
}

bool saved_model_write(const char *path, const struct network *network, const real *params,
                       const struct dataset *dataset, const cJSON *config, const char *trial,
                       struct error *error) {
    struct arena arena = {0};
    size_t count;
    const struct tensor *tensors = weights_tensors(&network->params, params, &arena, &count);
    cJSON *metadata = metadata_json(network, dataset, config, trial);
    bool written = safetensors_write(path, tensors, count, metadata, error);
    cJSON_Delete(metadata);
    arena_free(&arena);
    return written;
}

/* --- reading ---------------------------------------------------------------------------------- */

static int position_of(const char *name, const struct string_list *names) {
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], name) == 0)
            return (int)i;
    return -1;
}

static bool read_series(struct saved_model *model, const struct description *description,
                        struct error *error) {
    size_t count = description->known_names.count, numbers = count * description->columns.count;
    if (description->known_groups.count != count || description->known_scale.count != numbers ||
        description->known_offset.count != numbers || description->known_missing.count != numbers)
        return error_set(error, "data: lists of unequal length");
    model->scales_series = description->scales_series;
    model->window = description->window;
    model->known_count = (int)count;
    model->known_names = description->known_names.items;
    model->known_groups = description->known_groups.items;
    model->known_scale = description->known_scale.items;
    model->known_offset = description->known_offset.items;
    model->known_missing = description->known_missing.items;
    model->target_input = ARENA_NEW(&model->arena, int, description->targets.count);
    for (size_t k = 0; k < description->targets.count; k++)
        model->target_input[k] = position_of(description->targets.items[k], &description->columns);
    return true;
}

/* How files are read, and which columns are made of texts. */
static bool read_reading(struct saved_model *model, const struct description *description,
                         struct error *error) {
    size_t count = description->category_columns.count;
    if (description->category_texts.count != count)
        return error_set(error, "data: lists of unequal length");
    model->has_dates = description->dates;
    model->categories.count = count;
    model->categories.items = ARENA_NEW(&model->arena, struct category, count);
    for (size_t i = 0; i < count; i++)
        model->categories.items[i] = (struct category){description->category_columns.items[i],
                                                       description->category_texts.items[i]};
    struct field_target reading = {dataset_fields, &model->reading};
    if (!fields_read(&reading, 1, description->reading, "data.reading", &model->arena, error))
        return false;
    model->reading.time = description->time;
    model->reading.group = description->group;
    return true;
}

static bool read_description(struct saved_model *model, const cJSON *json, struct error *error) {
    struct description description = {0};
    struct field_target target = {description_fields, &description};
    if (!fields_read(&target, 1, json, "data", &model->arena, error))
        return false;
    size_t columns = description.columns.count, targets = description.targets.count;
    if (description.scale.count != columns || description.offset.count != columns ||
        description.mean.count != columns || description.target_scale.count != targets ||
        description.target_offset.count != targets || targets == 0)
        return error_set(error, "data: lists of unequal length");
    model->task = (enum task_type)(description.task - 1);
    model->horizon = description.horizon;
    model->columns = (int)columns;
    model->flags = description.flags;
    model->column_names = description.columns.items;
    model->scale = description.scale.items;
    model->offset = description.offset.items;
    model->mean = description.mean.items;
    model->targets = (int)targets;
    model->target_names = description.targets.items;
    model->target_scale = description.target_scale.items;
    model->target_offset = description.target_offset.items;
    model->classes = (int)description.classes.count;
    model->class_names = description.classes.items;
    model->missing = description.missing;
    model->time = description.time;
    model->time_unit = description.time_unit;
    model->group = description.group;
    model->order = description.order;
    model->format = description.format;
    model->variable = description.variable;
    model->value = description.value;
    return read_reading(model, &description, error) && read_series(model, &description, error);
}

static bool is_of_text(const char *name) {
    static const char *const names[] = {"delimiter",      "decimal",     "thousands",
                                        "header",         "comment",     "skip",
                                        "missing_tokens", "time_format", "keep_na"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

bool saved_model_read_as(struct saved_model *model, const cJSON *settings, struct error *error) {
    const struct dataset_options trained = model->reading;
    cJSON *json = reading_json(&trained);
    const cJSON *setting;
    bool good = true;
    cJSON_ArrayForEach(setting, settings) {
        good = good && (is_of_text(setting->string) ||
                        error_set(error,
                                  "--set %s: is no setting of how text is read, such as decimal "
                                  "and delimiter",
                                  setting->string));
        cJSON_DeleteItemFromObjectCaseSensitive(json, setting->string);
        cJSON_AddItemToObject(json, setting->string, cJSON_Duplicate(setting, true));
    }
    struct field_target target = {dataset_fields, &model->reading};
    model->reading = (struct dataset_options){0};
    good = good && fields_read(&target, 1, json, "--set", &model->arena, error);
    model->reading.time = trained.time;
    model->reading.group = trained.group;
    cJSON_Delete(json);
    return good;
}

/* Whether "hidden" is without effect: neurons that a wiring counts stand in its place. */
static bool wiring_says_units(const cJSON *json) {
    const cJSON *wiring = cJSON_GetObjectItemCaseSensitive(json, "wiring");
    return json_number(wiring, "units", 0) > 0 ||
           strcmp(json_string(wiring, "type", ""), "given") == 0;
}

/* What the metadata says must fit the tensors, which the file's size bounds, before memory is taken
 * for it. */
static bool check_hidden(int hidden, const struct tensor_file *file, struct error *error) {
    int widest = 0;
    for (size_t i = 0; i < file->count; i++)
        for (int d = 0; d < file->tensors[i].dimensions; d++)
            if (file->tensors[i].shape[d] > widest)
                widest = file->tensors[i].shape[d];
    return hidden <= widest ||
           error_set(error, "model.hidden: %d, but the widest tensor of the file has %d", hidden,
                     widest);
}

static bool check_size(size_t params, const struct tensor_file *file, struct error *error) {
    size_t numbers = 0;
    for (size_t i = 0; i < file->count; i++)
        numbers += file->tensors[i].size;
    return params <= numbers ||
           error_set(error, "model: needs %zu parameters, but the file holds %zu numbers", params,
                     numbers);
}

static bool read_network(struct saved_model *model, const cJSON *json,
                         const struct tensor_file *file, struct error *error) {
    const char *name = json_string(json, "cell", "");
    const struct cell_type *cell = cell_type_find(name);
    if (cell == NULL)
        return error_set(error, "model.cell: this version knows no cell \"%s\"", name);
    struct model_shape shape = {0};
    struct network_options *options = ARENA_NEW(&model->arena, struct network_options, 1);
    void *cell_options = arena_alloc(&model->arena, cell->options_size + 1);
    struct field_target targets[] = {
        {shape_fields, &shape}, {network_fields, options}, {cell->options, cell_options}};
    if (!fields_read(targets, cell->options != NULL ? 3 : 2, json, "model", &model->arena, error))
        return false;
    options->cell_options = cell_options;
    int outputs = model->classes > 0 ? model->classes : model->targets * model->horizon;
    if (model->flags < 0 || shape.inputs != model->columns + model->flags ||
        shape.outputs != outputs)
        return error_set(error, "model: its inputs and outputs are not those of its data");
    if (!wiring_says_units(json) && !check_hidden(options->hidden, file, error))
        return false;
    /* A wiring is in the file, so that the seed does not matter. */
    bool made = network_create(&model->network, options, shape.inputs, model->flags, shape.outputs,
                               0, &model->arena, error) &&
                check_size(model->network.params.size, file, error);
    if (made)
        network_set_means(&model->network, model->mean);
    return made;
}

static bool read_params(struct saved_model *model, const struct tensor_file *file,
                        struct error *error) {
    model->params = ARENA_NEW(&model->arena, real, model->network.params.size);
    return weights_read(&model->network.params, file, "", model->params, error);
}

static bool read_file(struct saved_model *model, const struct tensor_file *file,
                      struct error *error) {
    const char *text = json_string(file->metadata, "model", "");
    cJSON *config = cJSON_Parse(text);
    model->config = arena_strdup(&model->arena, text);
    model->trial = arena_strdup(&model->arena, json_string(file->metadata, "trial", ""));
    cJSON *data = cJSON_Parse(json_string(file->metadata, "data", ""));
    bool read = config != NULL && data != NULL;
    if (!read)
        error_set(error, "says nothing about its data; it was not written by `liquidbench run`");
    read = read && read_description(model, data, error) &&
           read_network(model, config, file, error) && read_params(model, file, error);
    cJSON_Delete(config);
    cJSON_Delete(data);
    return read;
}

bool saved_model_read(struct saved_model *model, const char *path, struct error *error) {
    *model = (struct saved_model){0};
    struct tensor_file file;
    if (!safetensors_read(path, &file, error))
        return false;
    bool read = read_file(model, &file, error) || error_prefix(error, "%s", path);
    tensor_file_free(&file);
    return read;
}

void saved_model_output_name(const struct saved_model *model, int k, char name[256]) {
    const char *target = model->target_names[k % model->targets];
    if (model->classes > 0)
        snprintf(name, 256, "%s", model->class_names[k]);
    else if (model->task == TASK_FORECAST)
        snprintf(name, 256, "%s+%d", target, k / model->targets + 1);
    else
        snprintf(name, 256, "%s", target);
}

void saved_model_free(struct saved_model *model) {
    arena_free(&model->arena);
    *model = (struct saved_model){0};
}
