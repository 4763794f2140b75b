#include "evaluate/mixture.h"

#define AT(member) .offset = offsetof(struct mixture_options, member)
const struct field mixture_fields[] = {
    {"suite", FIELD_STRING, AT(suite),
     .help = "Suite whose faults are drawn, such as \"sensorfault-training\"."},
    {"types", FIELD_STRINGS, AT(types), .choices = perturbation_name,
     .help = "Perturbations to draw from; with a suite, those of its faults that are wanted."},
    {"probability", FIELD_REAL, AT(probability), .fallback = "1", .min = 0, .max = 1,
     .help = "Probability that a window is disturbed."},
    {"severity", FIELD_REAL, AT(severity), .fallback = "1", .min = 0, .max = 1,
     .help = "Highest severity, as a share of each fault's harshest; each window draws one below."},
    {"channels", FIELD_JSON, AT(channels),
     .help = "How many inputs are hit, as in evaluate.noise.channels."},
    {"overlap", FIELD_BOOL, AT(overlap), .fallback = "false",
     .help = "Whether faults may be among them that evaluate.noise scores."},
    {0}};
#undef AT

bool is_mixture(const cJSON *json) {
    return cJSON_GetObjectItemCaseSensitive(json, "suite") != NULL ||
           cJSON_GetObjectItemCaseSensitive(json, "types") != NULL;
}

static bool take_suite(struct mixture *mixture, const struct suite_type *suite, const char *path,
                       struct arena *arena, struct error *error) {
    struct string_list *types = &mixture->options.types;
    if (suite == NULL)
        return error_set(error,
                         "%s.suite: \"%s\" is not known; `liquidbench list suites` names all", path,
                         mixture->options.suite);
    size_t count = 0;
    while (suite->faults[count].type != NULL)
        count++;
    bool all = types->count == 0;
    if (all) {
        types->items = ARENA_NEW(arena, const char *, count);
        for (size_t i = 0; i < count; i++)
            types->items[i] = suite->faults[i].type;
        types->count = count;
    }
    for (size_t i = 0; i < types->count; i++)
        if (suite_fault_of(suite, types->items[i]) == NULL)
            return error_set(error, "%s.types: \"%s\" is not a fault of %s", path, types->items[i],
                             suite->name);
    return true;
}

bool mixture_read(const cJSON *json, const char *path, struct mixture *mixture, struct arena *arena,
                  struct error *error) {
    *mixture = (struct mixture){0};
    struct mixture_options *options = &mixture->options;
    struct field_target target = {mixture_fields, options};
    struct channel_share channels;
    if (!fields_read(&target, 1, json, path, arena, error) ||
        !channels_read(options->channels, arena_printf(arena, "%s.channels", path), &channels,
                       error))
        return false;
    const struct suite_type *suite = NULL;
    if (options->suite != NULL) {
        suite = suite_named(options->suite);
        if (!take_suite(mixture, suite, path, arena, error))
            return false;
    }
    if (options->types.count == 0)
        return error_set(error, "%s.types: is empty; name at least one perturbation", path);
    bool by_window = suite != NULL && suite->by_window;
    if (channels.reach == REACH_SEVERITY && !by_window)
        return error_set(error,
                         "%s.channels: \"severity\" needs a suite such as "
                         "\"sensorfault-training\"; name that, or give a share",
                         path);
    if (channels.reach == REACH_OWN && by_window)
        channels.reach = REACH_SEVERITY;
    mixture->count = options->types.count;
    mixture->faults = ARENA_NEW(arena, struct fault, mixture->count);
    for (size_t i = 0; i < mixture->count; i++)
        mixture->faults[i] = (struct fault){.type = perturbation_find(options->types.items[i]),
                                            .suite = suite,
                                            .each = EACH_WINDOW,
                                            .channels = channels};
    return true;
}

enum direction fault_direction(const struct fault *fault) {
    const struct suite_fault *scenario =
        fault->suite != NULL ? suite_fault_of(fault->suite, fault->type->name) : NULL;
    return scenario != NULL ? scenario->direction : DIRECTION_RANDOM;
}

static void disturb(const struct mixture *mixture, const struct dataset *dataset,
                    struct series *series, gsl_rng *rng) {
    if (gsl_rng_uniform(rng) >= mixture->options.probability)
        return;
    const struct fault *fault =
        &mixture->faults[gsl_rng_uniform_int(rng, (unsigned long)mixture->count)];
    double share = gsl_rng_uniform(rng) * mixture->options.severity;
    bool has_range = fault->suite != NULL && fault->suite->by_window;
    fault_apply(fault, has_range ? share : share * fault->type->severities[4], NULL, dataset,
                series, rng);
}

struct split mixture_draw(const struct mixture *mixture, const struct dataset *dataset,
                          const struct split *split, const size_t *order, size_t first, int count,
                          gsl_rng *rng, struct arena *arena) {
    struct split part = *split;
    part.window_count = (size_t)count;
    part.windows = ARENA_NEW(arena, struct window, count);
    for (int i = 0; i < count; i++)
        part.windows[i] = split->windows[order[first + (size_t)i]];
    struct split disturbed = split_cut(&part, dataset, arena);
    for (int i = 0; i < count; i++)
        disturb(mixture, dataset, &disturbed.series[i], rng);
    return disturbed;
}
