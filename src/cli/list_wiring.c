#include "cli/list_wiring.h"

#include "base/choice.h"
#include "base/json.h"
#include "cli/command.h"
#include "config/match.h"
#include "report/plots/plot_wiring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: liquidbench list wiring [OPTION]... CONFIG\n"
    "\n"
    "Prints the wirings of a config's models as the trials draw them from their seed: neurons,\n"
    "synapses, and how many of the possible ones are absent.\n"
    "\n"
    "Options:\n"
    "      --model NAME   this model alone\n"
    "      --seed N       the trial's seed (default: the first of the config)\n"
    "      --set PATH=JSON change a field of the config; may be repeated\n"
    "  -o, --output FILE  draw it, as SVG or, when the name ends in .png, as PNG\n"
    "      --json         print an array of objects; \"wiring\" makes the same wiring in a config\n"
    "      --help\n"
    "\n"
    "Examples:\n"
    "  liquidbench list wiring configs/zoo.json\n"
    "  liquidbench list wiring configs/zoo.json --model ltc-ncp --seed 3 -o wiring.svg\n";

static const struct command command_list_wiring = {.name = "list wiring", .help = help};

struct request {
    const char *config, *model, *output;
    const char **assignments;
    size_t assignment_count;
    int seed; /* -1: the config's first */
    bool json;
};

/* The config with its data, which says how many inputs there are. */
struct wired_config {
    struct experiment experiment;
    struct dataset dataset;
    struct arena arena;
    int seed;
};

static bool load(struct wired_config *subject, const struct request *request, struct error *error) {
    struct experiment *experiment = &subject->experiment;
    if (!experiment_load(experiment, request->config, request->assignments,
                         request->assignment_count, error))
        return false;
    subject->seed = request->seed >= 0 ? request->seed : experiment->seeds.items[0];
    return (dataset_load(&subject->dataset, &experiment->dataset, &experiment->task,
                         &subject->arena, error) ||
            error_prefix(error, "%s", request->config)) &&
           match_models(experiment, &subject->dataset, error);
}

/* The network's wiring, one a layer, is NULL for a model without. */
static bool make_network(struct wired_config *subject, size_t position, struct network *network,
                         struct error *error) {
    const struct dataset *dataset = &subject->dataset;
    return network_create(network, &subject->experiment.models[position].network, dataset->inputs,
                          dataset->flags, dataset->outputs, (uint64_t)subject->seed,
                          &subject->arena, error) ||
           error_prefix(error, "%s: models[%zu]", subject->experiment.config_path, position);
}

static double sparsity(const struct synapse_list *list) {
    return 1 - (double)list->count / ((double)list->sources * list->targets);
}

static int excitatory(const struct synapse_list *list) {
    int count = 0;
    for (size_t i = 0; i < (size_t)list->sources * (size_t)list->targets; i++)
        count += list->adjacency[i] == 1;
    return count;
}

static void add_synapses(cJSON *item, const char *key, const struct synapse_list *list) {
    cJSON *json = cJSON_AddObjectToObject(item, key);
    cJSON_AddNumberToObject(json, "synapses", list->count);
    cJSON_AddNumberToObject(json, "possible", (double)list->sources * list->targets);
    cJSON_AddNumberToObject(json, "excitatory", excitatory(list));
    cJSON_AddNumberToObject(json, "sparsity", sparsity(list));
}

static void add_json(cJSON *list, const char *name, int seed, const struct network *network) {
    const struct wiring *layers[] = {network->cells[0].wiring};
    cJSON *item = cJSON_CreateObject();
    cJSON_AddStringToObject(item, "name", name);
    cJSON_AddNumberToObject(item, "seed", seed);
    cJSON_AddNumberToObject(item, "inputs", layers[0]->sensory.sources);
    cJSON_AddNumberToObject(item, "units", layers[0]->units);
    cJSON_AddNumberToObject(item, "inter", layers[0]->inter);
    cJSON_AddNumberToObject(item, "command", layers[0]->command);
    cJSON_AddNumberToObject(item, "motor", layers[0]->motor);
    add_synapses(item, "from_inputs", &layers[0]->sensory);
    add_synapses(item, "between_neurons", &layers[0]->neurons);
    cJSON_AddNumberToObject(item, "parameters", (double)network->params.size);
    cJSON_AddItemToObject(item, "wiring", wiring_json(layers, 1));
    cJSON_AddItemToArray(list, item);
}

static void print_synapses(const char *where, const struct synapse_list *list) {
    printf("    %-16s %6d of %6.0f synapses (%.0f %% absent), %d excitatory, %d inhibitory\n",
           where, list->count, (double)list->sources * list->targets, 100 * sparsity(list),
           excitatory(list), list->count - excitatory(list));
}

static void print_text(const char *name, int seed, const struct network *network) {
    const struct wiring *wiring = network->cells[0].wiring;
    printf("%s, seed %d: %d inputs, %d neurons", name, seed, wiring->sensory.sources,
           wiring->units);
    if (wiring->command > 0)
        printf(" (%d inter, %d command, %d motor)", wiring->inter, wiring->command, wiring->motor);
    else if (wiring->inter > 0)
        printf(" (%d motor)", wiring->motor);
    printf(", %zu parameters\n", network->params.size);
    print_synapses("from inputs", &wiring->sensory);
    print_synapses("between neurons", &wiring->neurons);
    if (network->layers > 1)
        printf("    and %d more layers\n", network->layers - 1);
}

/* Names of the inputs, with the elapsed time as the last one if the network takes it. */
static const char *const *input_names(struct wired_config *subject, const struct network *network) {
    const struct dataset *dataset = &subject->dataset;
    int values = dataset->inputs - dataset->flags;
    const char **names = ARENA_NEW(&subject->arena, const char *, network->cells[0].inputs);
    for (int i = 0; i < values; i++)
        names[i] = dataset->input_names[i];
    for (int i = 0; i < dataset->flags; i++)
        names[values + i] = arena_printf(&subject->arena, "%s observed", dataset->input_names[i]);
    if (network->time_input)
        names[dataset->inputs] = "elapsed time";
    return names;
}

/* Whether the model is one to show; tells when the name that was asked for is none. */
static bool is_wanted(const struct request *request, const struct model_plan *model) {
    return model->cell != NULL &&
           (request->model == NULL || strcmp(request->model, model->name) == 0);
}

static bool check_model(const struct wired_config *subject, const struct request *request,
                        struct error *error) {
    struct suggestion nearest = {.wanted = request->model};
    for (size_t i = 0; i < subject->experiment.model_count; i++) {
        const struct model_plan *model = &subject->experiment.models[i];
        if (request->model == NULL || is_wanted(request, model))
            return true;
        if (model->cell != NULL)
            suggestion_offer(&nearest, model->name);
    }
    return error_set(error, "%s: has no model \"%s\"%s", request->config, request->model,
                     suggestion_or(&nearest, "%s", "").text);
}

/* Shows every model that has a wiring; draws the first of them. */
static bool show(struct wired_config *subject, const struct request *request, struct error *error) {
    cJSON *list = cJSON_CreateArray();
    bool drawn = request->output == NULL, good = check_model(subject, request, error);
    size_t count = 0;
    for (size_t i = 0; good && i < subject->experiment.model_count; i++) {
        const struct model_plan *model = &subject->experiment.models[i];
        struct network network;
        if (!is_wanted(request, model))
            continue;
        good = make_network(subject, i, &network, error);
        if (!good || network.cells[0].wiring == NULL)
            continue;
        count++;
        if (request->json)
            add_json(list, model->name, subject->seed, &network);
        else
            print_text(model->name, subject->seed, &network);
        if (!drawn)
            good = wiring_plot(network.cells[0].wiring, model->name, input_names(subject, &network),
                               request->output, error);
        drawn = true;
    }
    if (good && count == 0)
        good = error_set(error, "%s: %s%s", request->config,
                         request->model != NULL ? request->model : "no model",
                         request->model != NULL ? " has no wiring" : " has a wiring");
    if (good && request->json)
        json_print(list, stdout);
    cJSON_Delete(list);
    return good;
}

static int run(const struct request *request) {
    struct wired_config subject = {0};
    struct error error;
    bool shown = load(&subject, request, &error) && show(&subject, request, &error);
    experiment_free(&subject.experiment);
    arena_free(&subject.arena);
    return shown ? EXIT_SUCCESS : fail(&error);
}

int list_wiring(int argc, char **argv) {
    enum { MODEL = 256, SEED, SET, JSON };
    static const struct option options[] = {{"model", required_argument, NULL, MODEL},
                                            {"seed", required_argument, NULL, SEED},
                                            {"set", required_argument, NULL, SET},
                                            {"output", required_argument, NULL, 'o'},
                                            {"json", no_argument, NULL, JSON},
                                            {"help", no_argument, NULL, OPTION_HELP},
                                            {0}};
    struct arena arena = {0};
    struct request request = {.seed = -1};
    request.assignments = ARENA_NEW(&arena, const char *, argc);
    int option, code = -1;
    while (code < 0 && (option = option_next(&command_list_wiring, argc, argv, ":ho:", options)) !=
                           OPTIONS_END) {
        if (option == MODEL)
            request.model = optarg;
        else if (option == SEED)
            code = option_int(&command_list_wiring, "--seed", optarg, 0, &request.seed)
                       ? -1
                       : EXIT_BAD_INPUT;
        else if (option == SET)
            request.assignments[request.assignment_count++] = optarg;
        else if (option == 'o')
            request.output = optarg;
        else if (option == JSON)
            request.json = true;
        else
            code = option_exit(option);
    }
    if (code < 0 && argc - optind != 1)
        code = usage_error(&command_list_wiring, "name one config");
    if (code < 0) {
        request.config = argv[optind];
        code = run(&request);
    }
    arena_free(&arena);
    return code;
}
