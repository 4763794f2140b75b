#include "config/experiment.h"

#include "base/file.h"
#include "config/gate.h"
#include "config/search_space.h"
#include "data/catalogue/card.h"
#include "evaluate/metric.h"
#include "evaluate/perturbation.h"
#include "model/baseline.h"
#include "train/loss.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST_NAME = 80 };

/* The root object of a config, before its models are resolved. */
struct config {
    const char *schema, *name, *reference;
    const cJSON *dataset, *task, *models;
    struct train_options train;
    struct string_list baselines;
    struct evaluate_options evaluate;
    struct match_options match;
    struct published_options published;
    struct gate_options gate;
    struct search_options search;
    struct int_list seeds;
    struct limit_options limits;
};

static const char *units_name(size_t position) {
    static const char *const names[] = {"data", "scaled"};
    return position < sizeof names / sizeof names[0] ? names[position] : NULL;
}

static const char *noise_type_name(size_t position) {
    return position == 0 ? "all" : perturbation_name(position - 1);
}

#define AT(member) .offset = offsetof(struct noise_options, member)
static const struct field noise_fields[] = {
    {"types", FIELD_STRINGS, AT(types), .fallback = "[\"gaussian\", \"dropout\"]",
     .choices = noise_type_name,
     .help = "Perturbations of the test inputs, or \"all\"; `liquidbench list perturbations` names "
             "them."},
    {"severities", FIELD_REALS, AT(severities), .least = 0, .most = 1e6,
     .help = "How strong each perturbation is; when absent, each type's own five."},
    {"snr", FIELD_REALS, AT(snr), .least = -100, .most = 100,
     .help = "Gaussian noise by its signal-to-noise ratio in dB, instead of its severities; the "
             "signal is the input's variance in training."},
    {0},
};
#undef AT

#define AT(member) .offset = offsetof(struct evaluate_options, member)
static const struct field evaluate_fields[] = {
    {"metrics", FIELD_STRINGS, AT(metrics), .choices = metric_name,
     .help = "Scores to compute, the headline first; when absent, all that fit the task."},
    {"units", FIELD_STRING, AT(units), .fallback = "\"data\"", .choices = units_name,
     .help = "Whether errors are in the units of the data or in scaled units."},
    {"noise", FIELD_OBJECT, AT(noise), .fields = noise_fields,
     .help =
         "Robustness: the test inputs are disturbed and the model is scored again; null: they are "
         "not."},
    {"ood", FIELD_OBJECTS, AT(ood), .fields = shift_fields,
     .element_size = sizeof(struct shift_options),
     .help = "Out-of-distribution tests: the same task under other conditions."},
    {"latency_steps", FIELD_INT, AT(latency_steps), .fallback = "2000", .least = 0, .most = 1e7,
     .help = "Streaming steps whose latency is measured; 0: none."},
    {0},
};
#undef AT

#define AT(member) .offset = offsetof(struct limit_options, member)
static const struct field limit_fields[] = {
    {"seconds", FIELD_REAL, AT(seconds), .fallback = "0", .least = 0, .most = 1e9,
     .help = "Longest time of one trial; 0: no limit."},
    {"memory", FIELD_REAL, AT(memory), .fallback = "0", .least = 0, .most = 1e9,
     .help = "MiB that one trial may take beside program and data; 0: no limit."},
    {0},
};
#undef AT

#define AT(member) .offset = offsetof(struct published_score, member)
static const struct field published_score_fields[] = {
    {"model", FIELD_STRING, AT(model), .required = true,
     .help = "Name of the model in this config; one that is not in it is shown as not run."},
    {"mean", FIELD_REAL, AT(mean), .required = true, .least = -1e30, .most = 1e30,
     .help = "Published mean, in the units of our metric (an accuracy of 94 % is 0.94)."},
    {"std", FIELD_REAL, AT(std), .required = true, .most = 1e30,
     .help = "Published standard deviation over seeds."},
    {0},
};
#undef AT

#define AT(member) .offset = offsetof(struct published_options, member)
static const struct field published_fields[] = {
    {"source", FIELD_STRING, AT(source), .help = "Paper and table that the numbers are from."},
    {"metric", FIELD_STRING, AT(metric), .choices = metric_name,
     .help = "Metric of the numbers, one of evaluate.metrics."},
    {"scores", FIELD_OBJECTS, AT(scores), .fields = published_score_fields,
     .element_size = sizeof(struct published_score), .help = "A number for each model."},
    {0},
};
#undef AT

static const char *search_method_name(size_t position) {
    static const char *const names[] = {"grid", "random", "sobol", "halving"};
    return position < sizeof names / sizeof names[0] ? names[position] : NULL;
}

#define AT(member) .offset = offsetof(struct search_options, member)
static const struct field search_fields[] = {
    {"method", FIELD_STRING, AT(method), .choices = search_method_name,
     .help = "How settings are tried: all of a grid, random ones, a Sobol sequence, or successive "
             "halving, which begins many with few epochs and goes on with the best."},
    {"space", FIELD_JSON, AT(space),
     .help = "What is tried: for each field of a model, such as \"hidden\" or "
             "\"train.learning_rate\", a list of values or a range {\"least\", \"most\", "
             "\"scale\", \"integer\", \"points\"}."},
    {"trials", FIELD_INT, AT(trials), .fallback = "0", .least = 0, .most = 10000,
     .help = "Budget of every model in settings tried; 0: the budget is in epochs, or the grid's."},
    {"epochs", FIELD_INT, AT(epochs), .fallback = "0", .least = 0, .most = 1e9,
     .help = "Budget of every model in epochs of training, all its trials together, instead."},
    {"factor", FIELD_INT, AT(factor), .fallback = "3", .least = 2, .most = 100,
     .help = "halving: one trial in so many goes on, with so many times the epochs."},
    {"least_epochs", FIELD_INT, AT(least_epochs), .fallback = "1", .least = 1, .most = 1e6,
     .help = "halving: no trial is trained for fewer epochs than these."},
    {"seed", FIELD_INT, AT(seed), .fallback = "1000000", .least = 0, .most = 2147483647,
     .help = "Of the settings drawn and of the search's trials; not one of \"seeds\", which are "
             "for the final trials."},
    {0},
};
#undef AT

#define AT(member) .offset = offsetof(struct config, member)
static const struct field config_fields[] = {
    {"$schema", FIELD_STRING, AT(schema),
     .help = "Path of configs/experiment.schema.json, for editors; not used otherwise."},
    {"name", FIELD_STRING, AT(name),
     .help = "Name of the experiment and its results folder; default: the file's name."},
    {"dataset", FIELD_JSON, AT(dataset), .required = true, .help = "The data to learn from."},
    {"task", FIELD_JSON, AT(task), .help = "What is to be predicted."},
    {"models", FIELD_JSON, AT(models), .required = true, .help = "The models to compare."},
    {"baselines", FIELD_STRINGS, AT(baselines), .choices = baseline_name,
     .help = "Trivial models to compare with; default: all that apply to the data; []: none."},
    {"train", FIELD_OBJECT, AT(train), .fields = train_fields,
     .help = "How every model is trained; a model's own \"train\" changes it for that model."},
    {"evaluate", FIELD_OBJECT, AT(evaluate), .fields = evaluate_fields,
     .help = "What is measured on every trained model."},
    {"match", FIELD_OBJECT, AT(match), .fields = match_fields,
     .help = "A parameter budget: every model's size becomes the one that comes closest to it."},
    {"search", FIELD_OBJECT, AT(search), .fields = search_fields,
     .help = "A search for the best settings of each model, before the final trials."},
    {"seeds", FIELD_INTS, AT(seeds), .fallback = "[0, 1, 2]", .least = 0, .most = 2147483647,
     .help = "One trial of every model for each seed."},
    {"reference", FIELD_STRING, AT(reference),
     .help = "Name of the model that others are compared with; default: the first."},
    {"published", FIELD_OBJECT, AT(published), .fields = published_fields,
     .help = "Numbers of a paper that reports set ours beside."},
    {"gate", FIELD_OBJECT, AT(gate), .fields = gate_fields,
     .help = "What `liquidbench compare` makes of changes against this experiment's results."},
    {"limits", FIELD_OBJECT, AT(limits), .fields = limit_fields, .help = "Limits of one trial."},
    {0},
};
#undef AT

/* What an entry of "models" says beside the network's fields and the cell's own. */
struct model_entry {
    const char *name;
    const cJSON *train, *search;
};

#define AT(member) .offset = offsetof(struct model_entry, member)
static const struct field model_fields[] = {
    {"name", FIELD_STRING, AT(name),
     .help = "Name in tables and files; default: the name of the cell."},
    {"train", FIELD_JSON, AT(train),
     .help = "Changes to the experiment's \"train\" for this model alone."},
    {"search", FIELD_JSON, AT(search),
     .help = "Changes to the experiment's \"search.space\" for this model alone; null for a field "
             "takes it out."},
    {0},
};
#undef AT

/* --- names ------------------------------------------------------------------------------------ */

/* Names become parts of file names. */
static bool check_name(const char *name, struct error *error) {
    bool safe = name[0] != '\0' && name[0] != '.' && name[0] != '-';
    for (const char *c = name; *c != '\0'; c++)
        safe = safe && (isalnum((unsigned char)*c) || strchr("._+-", *c) != NULL);
    if (!safe)
        return error_set(error,
                         "\"%s\" cannot be part of a file name; use letters, digits, and "
                         "\".\", \"_\", \"+\", \"-\" after the first",
                         name);
    if (strlen(name) > LONGEST_NAME)
        return error_set(error, "is longer than %d characters", LONGEST_NAME);
    return true;
}

static bool check_distinct(const struct string_list *list, const char *path, struct error *error) {
    for (size_t i = 0; i < list->count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(list->items[i], list->items[j]) == 0)
                return error_set(error, "%s: names \"%s\" twice", path, list->items[i]);
    return true;
}

char *name_from_path(struct arena *arena, const char *path) {
    char *name = arena_strdup(arena, path_name(path));
    char *ending = strrchr(name, '.');
    if (ending != NULL && ending != name)
        *ending = '\0';
    for (char *c = name; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) && strchr("._+-", *c) == NULL)
            *c = '_';
    return name;
}

/* --- models ----------------------------------------------------------------------------------- */

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
    cJSON *merged = cJSON_IsObject(shared) ? cJSON_Duplicate(shared, 1) : cJSON_CreateObject();
    if (changes != NULL)
        json_merge(&merged, changes);
    struct arena *arena = &experiment->arena;
    struct field_target target = {train_fields, options};
    cJSON_AddItemToArray(experiment->training, merged); /* some options point into it */
    return fields_read(&target, 1, merged, arena_printf(arena, "%s.train", path), arena, error);
}

static cJSON *resolved_model(const struct model_plan *model) {
    cJSON *config = cJSON_CreateObject();
    cJSON_AddStringToObject(config, "name", model->name);
    fields_write(network_fields, &model->network, config);
    if (model->cell->options != NULL)
        fields_write(model->cell->options, model->network.cell_options, config);
    fields_write(train_fields, &model->train, cJSON_AddObjectToObject(config, "train"));
    return config;
}

static bool read_model(struct experiment *experiment, const cJSON *root, const cJSON *object,
                       size_t position, struct error *error) {
    struct arena *arena = &experiment->arena;
    struct model_plan *model = &experiment->models[position];
    const char *path = arena_printf(arena, "models[%zu]", position);
    model->cell = find_cell(object, path, arena, error);
    if (model->cell == NULL)
        return false;

    struct model_entry entry = {0};
    void *cell_options = arena_alloc(arena, model->cell->options_size + 1);
    struct field_target targets[] = {{model_fields, &entry},
                                     {network_fields, &model->network},
                                     {model->cell->options, cell_options}};
    size_t count = model->cell->options != NULL ? 3 : 2;
    if (!fields_read(targets, count, object, path, arena, error))
        return false;
    model->network.cell_options = cell_options;
    if (strcmp(experiment->task.at, "mean") == 0)
        model->network.readout = READOUT_MEAN;
    for (size_t i = 0; experiment->task.normalize != NULL && normalize_name(i) != NULL; i++)
        if (strcmp(experiment->task.normalize, normalize_name(i)) == 0)
            model->network.normalize = (int)i + 1;
    model->name = entry.name != NULL ? entry.name : model->network.cell;
    model->space = entry.search;
    if (!check_name(model->name, error))
        return error_prefix(error, "%s.name", path);
    return read_model_training(experiment, root, entry.train, path, &model->train, error);
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

static bool read_models(struct experiment *experiment, const cJSON *root,
                        const struct config *config, struct error *error) {
    if (!cJSON_IsArray(config->models))
        return error_set(error, "models: must be a list, as in [{\"cell\": \"lstm\"}]");
    size_t networks = (size_t)cJSON_GetArraySize(config->models), baselines = 0;
    while (baseline_name(baselines) != NULL)
        baselines++;
    experiment->models = ARENA_NEW(&experiment->arena, struct model_plan, networks + baselines + 1);
    experiment->model_count = networks;
    size_t position = 0;
    for (const cJSON *item = config->models->child; item != NULL; item = item->next)
        if (!read_model(experiment, root, item, position++, error))
            return false;

    const cJSON *named = cJSON_GetObjectItemCaseSensitive(root, "baselines");
    experiment->names_baselines = named != NULL && !cJSON_IsNull(named);
    if (!check_distinct(&config->baselines, "baselines", error))
        return false;
    for (size_t i = 0; i < baselines && !experiment->names_baselines; i++)
        add_baseline(experiment, baseline_name(i));
    for (size_t i = 0; i < config->baselines.count; i++)
        add_baseline(experiment, config->baselines.items[i]);
    if (experiment->model_count == 0)
        return error_set(error, "models: is empty; name at least one, as in {\"cell\": \"lstm\"}");
    return check_model_names(experiment, error);
}

/* --- consistency ------------------------------------------------------------------------------ */

static bool is_classification(const struct experiment *experiment) {
    return strcmp(experiment->task.type, "classification") == 0;
}

static bool check_metric(const struct experiment *experiment, const char *name, const char *path,
                         struct error *error) {
    const struct metric_type *metric = name != NULL ? metric_find(name) : NULL;
    if (name == NULL || (metric != NULL && metric->classifies == is_classification(experiment)))
        return true;
    error_set(error, "%s: \"%s\" does not fit task.type \"%s\"; choose from", path, name,
              experiment->task.type);
    const char *comma = "";
    for (size_t i = 0; (metric = metric_at(i)) != NULL; i++) {
        if (metric->classifies != is_classification(experiment))
            continue;
        size_t used = strlen(error->text);
        snprintf(error->text + used, sizeof error->text - used, "%s %s", comma, metric->name);
        comma = ",";
    }
    return false;
}

static bool check_task(const struct experiment *experiment, struct error *error) {
    const struct task_options *task = &experiment->task;
    if (task->horizon > 1 && strcmp(task->type, "forecast") != 0)
        return error_set(error,
                         "task.horizon: %d steps ahead make sense for \"forecast\" alone, not for "
                         "\"%s\"; remove it or change task.type",
                         task->horizon, task->type);
    if (task->class_weights.count > 0 && !is_classification(experiment))
        return error_set(error, "task.class_weights: make sense for \"classification\" alone");
    const struct loss_type *loss = task->loss != NULL ? loss_find(task->loss) : NULL;
    if (loss != NULL && loss->classifies != is_classification(experiment))
        return error_set(error,
                         "task.loss: \"%s\" does not fit task.type \"%s\"; leave it out for the "
                         "usual one",
                         task->loss, task->type);
    return true;
}

/* The statistics of a window would let every step but the last see what comes next. */
static bool check_normalization(const struct experiment *experiment, struct error *error) {
    const struct task_options *task = &experiment->task;
    bool fits = strcmp(task->type, "forecast") == 0 && strcmp(task->at, "every") != 0;
    for (size_t i = 0; i < experiment->model_count && !fits; i++)
        if (experiment->models[i].network.normalize != 0)
            return error_set(error,
                             "task.normalize: is for forecasts at the last step of a window: "
                             "say \"task\": {\"type\": \"forecast\", \"at\": \"last\"} or leave "
                             "it out");
    return true;
}

/* What reads a window backwards too has seen, at every step but the last, what comes next. */
static bool check_foresight(const struct experiment *experiment, struct error *error) {
    const struct task_options *task = &experiment->task;
    if (strcmp(task->type, "forecast") != 0 || strcmp(task->at, "every") != 0)
        return true;
    for (size_t i = 0; i < experiment->model_count; i++) {
        const struct cell_type *cell = experiment->models[i].cell;
        if (cell != NULL && !cell->streams)
            return error_set(
                error,
                "models[%zu].cell: \"%s\" reads each window from its end too and would "
                "see the values it is to forecast; say \"task\": {\"at\": \"last\"} or "
                "leave it out",
                i, cell->name);
    }
    return true;
}

static bool check_shift(const struct experiment *experiment, size_t position, struct error *error) {
    const struct shift_options *shifts = experiment->evaluate.ood.items;
    const struct shift_options *shift = &shifts[position];
    if (!shift_check(shift, error))
        return error_prefix(error, "evaluate.ood[%zu]", position);
    if (shift->parameters != NULL && experiment->dataset.generator == NULL)
        return error_set(error,
                         "evaluate.ood[%zu].parameters: only generated data has parameters; use "
                         "another kind of shift, such as \"resample\" or \"files\"",
                         position);
    for (size_t i = 0; i < position; i++)
        if (strcmp(shifts[i].name, shift->name) == 0)
            return error_set(error,
                             "evaluate.ood[%zu].name: \"%s\" is the name of ood[%zu] already",
                             position, shift->name, i);
    return true;
}

static bool check_training_noise(const struct experiment *experiment, size_t position,
                                 struct error *error) {
    const cJSON *json = experiment->models[position].train.perturb;
    struct perturb_options options;
    struct arena scratch = {0};
    bool good = json == NULL || perturb_read(json, "train.perturb", &options, &scratch, error);
    arena_free(&scratch);
    return good;
}

static bool check_evaluation(const struct experiment *experiment, struct error *error) {
    const struct evaluate_options *evaluate = &experiment->evaluate;
    for (size_t i = 0; i < evaluate->metrics.count; i++)
        if (!check_metric(experiment, evaluate->metrics.items[i], "evaluate.metrics", error))
            return false;
    for (size_t i = 0; i < evaluate->ood.count; i++)
        if (!check_shift(experiment, i, error))
            return false;
    for (size_t i = 0; i < experiment->model_count; i++) {
        const char *select = experiment->models[i].train.select;
        if (!check_metric(experiment, select, "train.select", error) ||
            !check_training_noise(experiment, i, error))
            return false;
    }
    return check_distinct(&evaluate->metrics, "evaluate.metrics", error) &&
           check_distinct(&evaluate->noise.types, "evaluate.noise.types", error);
}

/* After choose_metrics(). */
static bool check_published(const struct experiment *experiment, struct error *error) {
    const struct published_options *published = &experiment->published;
    const struct published_score *scores = published->scores.items;
    const struct string_list *metrics = &experiment->evaluate.metrics;
    bool given = published->source != NULL || published->metric != NULL || published->scores.count;
    if (!given)
        return true;
    if (published->source == NULL || published->metric == NULL)
        return error_set(error, "published: needs \"source\", \"metric\" and \"scores\"");
    bool measured = false;
    for (size_t i = 0; i < metrics->count && !measured; i++)
        measured = strcmp(metrics->items[i], published->metric) == 0;
    if (!measured)
        return error_set(error, "published.metric: \"%s\" is not in evaluate.metrics",
                         published->metric);
    for (size_t i = 0; i < published->scores.count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(scores[i].model, scores[j].model) == 0)
                return error_set(error, "published.scores[%zu].model: names \"%s\" twice", i,
                                 scores[i].model);
    return true;
}

static bool check_reference(const struct experiment *experiment, struct error *error) {
    struct suggestion nearest = {.wanted = experiment->reference};
    for (size_t i = 0; i < experiment->model_count; i++) {
        if (strcmp(experiment->models[i].name, experiment->reference) == 0)
            return true;
        suggestion_offer(&nearest, experiment->models[i].name);
    }
    if (nearest.nearest != NULL)
        return error_set(error, "reference: there is no model \"%s\"; did you mean \"%s\"?",
                         experiment->reference, nearest.nearest);
    return error_set(error,
                     "reference: there is no model \"%s\"; use the name of one in \"models\"",
                     experiment->reference);
}

static bool check_seeds(const struct int_list *seeds, struct error *error) {
    if (seeds->count == 0)
        return error_set(error, "seeds: is empty; give at least one, as in [0]");
    for (size_t i = 0; i < seeds->count; i++)
        for (size_t j = 0; j < i; j++)
            if (seeds->items[i] == seeds->items[j])
                return error_set(error, "seeds: has %d twice", seeds->items[i]);
    return true;
}

static bool check_search(const struct experiment *experiment, struct error *error) {
    const struct search_options *search = &experiment->search;
    if (search->method == NULL && search->space != NULL)
        return error_set(error, "search.method: is missing; choose from grid, random, sobol, "
                                "halving");
    for (size_t i = 0; search->method == NULL && i < experiment->model_count; i++)
        if (experiment->models[i].space != NULL)
            return error_set(error, "models[%zu].search: needs a \"search\" in the config itself",
                             i);
    if (search->method == NULL)
        return true;
    if (experiment->match.model != NULL)
        return error_set(error, "match.model: does not go with \"search\"; give the number, "
                                "match.parameters");
    for (size_t i = 0; i < experiment->seeds.count; i++)
        if (experiment->seeds.items[i] == search->seed)
            return error_set(error,
                             "search.seed: %d is one of \"seeds\", but final scores are to come "
                             "from fresh seeds",
                             search->seed);
    return true;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* "all" stands for every perturbation. */
static bool choose_noise(struct experiment *experiment, struct error *error) {
    struct string_list *types = &experiment->evaluate.noise.types;
    bool all = false, gaussian = false;
    for (size_t i = 0; i < types->count; i++) {
        all = all || strcmp(types->items[i], "all") == 0;
        gaussian = gaussian || strcmp(types->items[i], "gaussian") == 0;
    }
    if (experiment->evaluate.noise.snr.count > 0 && !all && !gaussian)
        return error_set(error, "evaluate.noise.snr: needs \"gaussian\" among the types");
    if (!all)
        return true;
    if (types->count > 1)
        return error_set(error, "evaluate.noise.types: \"all\" stands alone");
    types->count = 0;
    while (perturbation_name(types->count) != NULL)
        types->count++;
    types->items = ARENA_NEW(&experiment->arena, const char *, types->count);
    for (size_t i = 0; i < types->count; i++)
        types->items[i] = perturbation_name(i);
    return true;
}

static void choose_metrics(struct experiment *experiment) {
    struct string_list *metrics = &experiment->evaluate.metrics;
    size_t known = 0;
    while (metric_at(known) != NULL)
        known++;
    if (metrics->count == 0) {
        metrics->items = ARENA_NEW(&experiment->arena, const char *, known);
        for (size_t i = 0; i < known; i++)
            if (metric_at(i)->classifies == is_classification(experiment))
                metrics->items[metrics->count++] = metric_at(i)->name;
    }
    experiment->metric = metrics->items[0];
}

static void write_resolved(struct experiment *experiment, const struct config *config) {
    cJSON *root = cJSON_CreateObject();
    experiment->resolved = root;
    cJSON_AddStringToObject(root, "name", experiment->name);
    fields_write(dataset_fields, &experiment->dataset, cJSON_AddObjectToObject(root, "dataset"));
    fields_write(task_fields, &experiment->task, cJSON_AddObjectToObject(root, "task"));
    cJSON *models = cJSON_AddArrayToObject(root, "models"), *baselines = cJSON_CreateArray();
    for (size_t i = 0; i < experiment->model_count; i++) {
        struct model_plan *model = &experiment->models[i];
        cJSON *resolved =
            model->baseline != NULL ? cJSON_CreateString(model->name) : resolved_model(model);
        cJSON_AddItemToArray(model->baseline != NULL ? baselines : models, resolved);
        model->config = resolved;
    }
    cJSON_AddItemToObject(root, "baselines", baselines);
    fields_write(train_fields, &config->train, cJSON_AddObjectToObject(root, "train"));
    fields_write(evaluate_fields, &experiment->evaluate, cJSON_AddObjectToObject(root, "evaluate"));
    cJSON_AddItemToObject(
        root, "seeds", cJSON_CreateIntArray(experiment->seeds.items, (int)experiment->seeds.count));
    cJSON_AddStringToObject(root, "reference", experiment->reference);
    fields_write(match_fields, &experiment->match, cJSON_AddObjectToObject(root, "match"));
    if (experiment->published.source != NULL)
        fields_write(published_fields, &experiment->published,
                     cJSON_AddObjectToObject(root, "published"));
    fields_write(gate_fields, &config->gate, cJSON_AddObjectToObject(root, "gate"));
    if (experiment->search.method != NULL)
        fields_write(search_fields, &experiment->search, cJSON_AddObjectToObject(root, "search"));
    fields_write(limit_fields, &experiment->limits, cJSON_AddObjectToObject(root, "limits"));
}

/* A built-in data set brings defaults for both objects. */
static bool read_data(struct experiment *experiment, const struct config *config,
                      struct error *error) {
    struct arena *arena = &experiment->arena;
    const char *directory = path_directory(arena, experiment->config_path);
    experiment->dataset_json = dataset_resolve(config->dataset, directory, error);
    struct field_target dataset = {dataset_fields, &experiment->dataset};
    if (experiment->dataset_json == NULL ||
        !fields_read(&dataset, 1, experiment->dataset_json, "dataset", arena, error))
        return false;
    cJSON *resolved = task_resolve(config->task, config->dataset, error);
    struct field_target task = {task_fields, &experiment->task};
    bool read = resolved != NULL && fields_read(&task, 1, resolved, "task", arena, error);
    cJSON_Delete(resolved);
    const char *name = experiment->dataset.name;
    if (!read || name == NULL)
        return read;
    return check_name(name, error) || error_prefix(error, "dataset.name");
}

static bool read_config(struct experiment *experiment, const cJSON *root, struct error *error) {
    struct arena *arena = &experiment->arena;
    struct config config = {0};
    struct field_target target = {config_fields, &config};
    if (!fields_read(&target, 1, root, "", arena, error))
        return false;
    experiment->name =
        config.name != NULL ? config.name : name_from_path(arena, experiment->config_path);
    experiment->evaluate = config.evaluate;
    const cJSON *evaluate = cJSON_GetObjectItemCaseSensitive(root, "evaluate");
    if (cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(evaluate, "noise")))
        experiment->evaluate.noise.types.count = 0; /* "none", where null is "default" elsewhere */
    experiment->seeds = config.seeds;
    experiment->limits = config.limits;
    experiment->match = config.match;
    experiment->published = config.published;
    experiment->search = config.search;
    if (!check_name(experiment->name, error))
        return error_prefix(error, "name");
    if (!choose_noise(experiment, error))
        return false;
    if (!read_data(experiment, &config, error) || !read_models(experiment, root, &config, error))
        return false;
    experiment->reference =
        config.reference != NULL ? config.reference : experiment->models[0].name;
    if (!check_task(experiment, error) || !check_normalization(experiment, error) ||
        !check_foresight(experiment, error) || !check_evaluation(experiment, error) ||
        !check_seeds(&experiment->seeds, error) || !check_reference(experiment, error) ||
        !check_search(experiment, error))
        return false;
    choose_metrics(experiment);
    if (!check_published(experiment, error) || !gate_check(&config.gate, error))
        return false;
    write_resolved(experiment, &config);
    return true;
}

bool experiment_read(struct experiment *experiment, const char *path, cJSON *source,
                     struct error *error) {
    *experiment = (struct experiment){0};
    experiment->training = cJSON_CreateArray();
    experiment->source = source; /* fields of type FIELD_JSON point into it */
    experiment->config_path = arena_strdup(&experiment->arena, path);
    return read_config(experiment, source, error) || error_prefix(error, "%s", path);
}

bool experiment_load(struct experiment *experiment, const char *path,
                     const char *const *assignments, size_t assignment_count, struct error *error) {
    *experiment = (struct experiment){0};
    cJSON *root = json_load_extended(path, error);
    for (size_t i = 0; root != NULL && i < assignment_count; i++)
        if (!json_assign(root, assignments[i], error)) {
            cJSON_Delete(root);
            return false;
        }
    return root != NULL && experiment_read(experiment, path, root, error);
}

void experiment_free(struct experiment *experiment) {
    cJSON_Delete(experiment->resolved);
    cJSON_Delete(experiment->dataset_json);
    cJSON_Delete(experiment->training);
    cJSON_Delete(experiment->source);
    arena_free(&experiment->arena);
    *experiment = (struct experiment){0};
}

/* --- schema ----------------------------------------------------------------------------------- */

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

bool experiment_model_field(const char *name) {
    for (const struct field *field = model_fields; field->name != NULL; field++)
        if (strcmp(field->name, name) == 0)
            return true;
    for (const struct field *field = network_fields; field->name != NULL; field++)
        if (strcmp(field->name, name) == 0)
            return true;
    return false;
}
