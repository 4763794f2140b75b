#include "config/models.h"

#include "config/checks.h"
#include "model/baseline.h"

#include <string.h>

struct model_entry {
    const char *name, *family;
    int parameters;
    const cJSON *train, *search;
};

#define AT(member) .offset = offsetof(struct model_entry, member)
const struct field model_fields[] = {
    {"name", FIELD_STRING, AT(name),
     .help = "Name in tables and files; default: the name of the cell."},
    {"family", FIELD_STRING, AT(family),
     .help =
         "Name that models of several sizes or learning rates share, as \"variants\" makes them."},
    {"parameters", FIELD_INT, AT(parameters), .fallback = "0", .min = 0, .max = 1e9,
     .help = "A parameter budget of this model's own, instead of \"match\"; 0: none."},
    {"train", FIELD_JSON, AT(train),
     .help = "Changes to the experiment's \"train\" for this model alone."},
    {"search", FIELD_JSON, AT(search),
     .help = "Changes to the experiment's \"search.space\" for this model alone; null for a field "
             "takes it out."},
    {0},
};
#undef AT

/* Finds the cell type before the object is read, because it decides which keys are known. */
static const struct cell_type *find_cell(const cJSON *object, const char *path, struct arena *arena,
                                         struct error *error) {
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(object, "cell");
    if (!cJSON_IsObject(object)) {
        error_set(error, "%s: must be an object, as in {\"cell\": \"lstm\", \"hidden\": 32}", path);
        return NULL;
    }
    cJSON *alone = cJSON_CreateObject();
    if (name != NULL)
        cJSON_AddItemReferenceToObject(alone, "cell", (cJSON *)name);
    struct network_options options = {0};
    struct field_target target = {network_fields, &options};
    const struct cell_type *type = NULL;
    if (fields_read(&target, 1, alone, path, arena, error)) {
        type = cell_type_find(options.cell);
        if (type == NULL)
            error_set(error, "%s.cell: \"%s\" is not known", path, options.cell);
    }
    cJSON_Delete(alone);
    return type;
}

/* The experiment's "train" object with the model's own changes. */
static bool read_model_training(struct experiment *experiment, const cJSON *root,
                                const cJSON *changes, const char *path,
                                struct train_options *options, struct error *error) {
    const cJSON *shared = cJSON_GetObjectItemCaseSensitive(root, "train");
    cJSON *merged = json_merged(cJSON_IsObject(shared) ? shared : NULL, changes);
    struct arena *arena = &experiment->arena;
    struct field_target target = {train_fields, options};
    cJSON_AddItemToArray(experiment->training, merged); /* some options point into it */
    if (fields_read(&target, 1, merged, arena_printf(arena, "%s.train", path), arena, error))
        return true;
    struct train_options unused = {0};
    struct error known = {0};
    struct field_target shared_target = {train_fields, &unused};
    if (cJSON_IsObject(shared) && !fields_read(&shared_target, 1, shared, "train", arena, &known))
        error->text[0] = '\0'; /* it is said of the shared object, and need not be of every model */
    struct field_target own_target = {train_fields, &unused};
    if (error->text[0] == '\0' && changes != NULL)
        fields_read(&own_target, 1, changes, arena_printf(arena, "%s.train", path), arena, error);
    return false;
}

cJSON *model_resolved(const struct model_plan *model) {
    cJSON *config = cJSON_CreateObject();
    cJSON_AddStringToObject(config, "name", model->name);
    if (model->family != NULL)
        cJSON_AddStringToObject(config, "family", model->family);
    if (model->parameters > 0)
        cJSON_AddNumberToObject(config, "parameters", model->parameters);
    fields_write(network_fields, &model->network, config);
    if (model->cell->options != NULL)
        fields_write(model->cell->options, model->network.cell_options, config);
    train_options_write(&model->train, cJSON_AddObjectToObject(config, "train"));
    return config;
}

/* `entry_position`: of the config's entry that the model is, or is a variant of. */
static bool read_model(struct experiment *experiment, const cJSON *root, const cJSON *object,
                       size_t position, size_t entry_position, struct error *error) {
    struct arena *arena = &experiment->arena;
    struct model_plan *model = &experiment->models[position];
    const char *path = arena_printf(arena, "models[%zu]", entry_position);
    model->cell = find_cell(object, path, arena, error);
    if (model->cell == NULL)
        return false;

    struct model_entry entry = {0};
    void *cell_options = arena_alloc(arena, model->cell->options_size + 1);
    struct field_target targets[] = {{model_fields, &entry},
                                     {network_fields, &model->network},
                                     {model->cell->options, cell_options}};
    size_t count = model->cell->options != NULL ? 3 : 2;
    bool read = fields_read(targets, count, object, path, arena, error);
    struct error one = {0};
    model->network.cell_options = cell_options;
    if (experiment->task.at == SCORE_MEAN)
        model->network.readout = READOUT_MEAN;
    if (experiment->task.normalize > 1)
        model->network.normalize = experiment->task.normalize - 1;
    model->name = entry.name != NULL ? entry.name : model->network.cell;
    model->space = entry.search;
    model->family = entry.family;
    model->parameters = entry.parameters;
    if (!check_name(model->name, &one))
        read = error_prefix(&one, "%s.name", path);
    error_add(error, &one);
    read = read_model_training(experiment, root, entry.train, path, &model->train, &one) && read;
    error_add(error, &one);
    return read;
}

/* ---- Variants ---- */

/* Adds the model once for each rung, named after it. */
static void add_rungs(cJSON *expanded, const cJSON *model, const struct variant_options *variants) {
    bool sizes = variants->parameters.count > 0;
    size_t count = sizes ? variants->parameters.count : variants->learning_rates.count;
    const char *family = json_string(model, "name", json_string(model, "cell", ""));
    for (size_t r = 0; r < count; r++) {
        struct arena scratch = {0};
        cJSON *rung = cJSON_Duplicate(model, 1), *train = cJSON_CreateObject();
        double rate = sizes ? 0 : variants->learning_rates.items[r];
        const char *name =
            sizes ? arena_printf(&scratch, "%s-p%d", family, variants->parameters.items[r])
                  : arena_printf(&scratch, "%s-r%g", family, rate);
        cJSON_DeleteItemFromObjectCaseSensitive(rung, "name");
        cJSON_AddStringToObject(rung, "name", name);
        cJSON_AddStringToObject(rung, "family", family);
        if (sizes)
            cJSON_AddNumberToObject(rung, "parameters", variants->parameters.items[r]);
        else
            cJSON_AddNumberToObject(train, "learning_rate", rate);
        cJSON *changes = cJSON_DetachItemFromObjectCaseSensitive(rung, "train");
        if (changes == NULL || cJSON_IsObject(changes)) /* else it is refused as it is */
            json_merge(&changes, train);
        cJSON_AddItemToObject(rung, "train", changes);
        cJSON_AddItemToArray(expanded, rung);
        cJSON_Delete(train);
        arena_free(&scratch);
    }
}

static bool check_variants(const cJSON *models, const struct variant_options *variants,
                           struct error *error) {
    size_t position = 0;
    if (variants->parameters.count > 0 && variants->learning_rates.count > 0)
        return error_set(error, "variants: say \"parameters\" or \"learning_rates\", not both");
    for (size_t i = 1; i < variants->parameters.count; i++)
        if (variants->parameters.items[i] <= variants->parameters.items[i - 1])
            return error_set(error, "variants.parameters: must grow from each to the next");
    for (size_t i = 1; i < variants->learning_rates.count; i++)
        if (variants->learning_rates.items[i] <= variants->learning_rates.items[i - 1])
            return error_set(error, "variants.learning_rates: must grow from each to the next");
    for (const cJSON *model = models->child; model != NULL; model = model->next, position++) {
        const char *taken[] = {"family", "parameters"};
        for (size_t t = 0; t < 2; t++)
            if (cJSON_GetObjectItemCaseSensitive(model, taken[t]) != NULL)
                return error_set(error, "models[%zu].%s: is what \"variants\" makes; take one away",
                                 position, taken[t]);
    }
    return true;
}

/* The models with their variants; those of the config without any. NULL on error. They live as
 * long as the experiment. */
static const cJSON *make_variants(struct experiment *experiment, const struct config *config,
                                  struct error *error) {
    const struct variant_options *variants = &config->variants;
    if (variants->parameters.count == 0 && variants->learning_rates.count == 0)
        return config->models;
    if (config->search.method != 0) {
        error_set(error, "variants: does not go with \"search\"; take one away");
        return NULL;
    }
    if (!check_variants(config->models, variants, error))
        return NULL;
    cJSON *expanded = cJSON_CreateArray();
    cJSON_AddItemToArray(experiment->training, expanded);
    for (const cJSON *model = config->models->child; model != NULL; model = model->next)
        if (cJSON_IsObject(model))
            add_rungs(expanded, model, variants);
        else
            cJSON_AddItemToArray(expanded, cJSON_Duplicate(model, 1));
    return expanded;
}

static void add_baseline(struct experiment *experiment, const char *name) {
    struct model_plan *model = &experiment->models[experiment->model_count++];
    model->name = name;
    model->baseline = name;
}

static bool check_model_names(const struct experiment *experiment, struct error *error) {
    for (size_t i = 0; i < experiment->model_count; i++) {
        for (size_t j = i + 1; j < experiment->model_count; j++) {
            const struct model_plan *first = &experiment->models[i], *other = first + (j - i);
            if (strcmp(first->name, other->name) != 0)
                continue;
            if (other->baseline != NULL)
                return error_set(error, "models[%zu].name: \"%s\" is the name of a baseline", i,
                                 first->name);
            return error_set(error,
                             "models[%zu].name: \"%s\" is the name of models[%zu] already; give "
                             "each a \"name\" of its own",
                             j, first->name, i);
        }
    }
    return true;
}

bool models_read(struct experiment *experiment, const cJSON *root, const struct config *config,
                 struct error *error) {
    if (!cJSON_IsArray(config->models))
        return error_set(error, "models: must be a list, as in [{\"cell\": \"lstm\"}]");
    const cJSON *models = make_variants(experiment, config, error);
    if (models == NULL)
        return false;
    size_t networks = (size_t)cJSON_GetArraySize(models), baselines = 0;
    while (baseline_name(baselines) != NULL)
        baselines++;
    experiment->models = ARENA_NEW(&experiment->arena, struct model_plan, networks + baselines + 1);
    experiment->model_count = networks;
    size_t position = 0, entries = (size_t)cJSON_GetArraySize(config->models);
    size_t each =
        entries > 0 && networks > entries ? networks / entries : 1; /* variants of an entry */
    bool read = true;
    struct error one = {0};
    for (const cJSON *item = models->child; item != NULL; item = item->next) {
        read = read_model(experiment, root, item, position, position / each, &one) && read;
        if (position++ % each == 0) /* what is wrong with one rung is wrong with all */
            error_add(error, &one);
        one.text[0] = '\0';
    }

    const cJSON *named = cJSON_GetObjectItemCaseSensitive(root, "baselines");
    experiment->names_baselines = named != NULL && !cJSON_IsNull(named);
    read = check_distinct(&config->baselines, "baselines", &one) && read;
    error_add(error, &one);
    if (!read)
        return false;
    for (size_t i = 0; i < baselines && !experiment->names_baselines; i++)
        add_baseline(experiment, baseline_name(i));
    for (size_t i = 0; i < config->baselines.count; i++)
        add_baseline(experiment, config->baselines.items[i]);
    if (experiment->model_count == 0)
        return error_set(error, "models: is empty; name at least one, as in {\"cell\": \"lstm\"}");
    return check_model_names(experiment, error);
}

bool model_has_field(const char *name) {
    for (const struct field *field = model_fields; field->name != NULL; field++)
        if (strcmp(field->name, name) == 0)
            return true;
    for (const struct field *field = network_fields; field->name != NULL; field++)
        if (strcmp(field->name, name) == 0)
            return true;
    return false;
}
