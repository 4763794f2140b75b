#include "evaluate/fault.h"

#include "math/random.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *each_name(size_t position) {
    static const char *const names[] = {"series", "window"};
    return position < sizeof names / sizeof names[0] ? names[position] : NULL;
}

const char *fault_place_name(size_t position) {
    static const char *const names[] = {"random", "sensitive"};
    return position < sizeof names / sizeof names[0] ? names[position] : NULL;
}

bool channels_read(const cJSON *json, const char *path, struct channel_share *channels,
                   struct error *error) {
    *channels = (struct channel_share){0};
    if (json == NULL || cJSON_IsNull(json))
        return true;
    if (cJSON_IsString(json) && strcmp(json->valuestring, "severity") == 0) {
        channels->reach = REACH_SEVERITY;
        return true;
    }
    channels->reach = REACH_SHARE;
    channels->share = cJSON_IsNumber(json) ? json->valuedouble : 0;
    return (channels->share > 0 && channels->share <= 1) ||
           error_set(error,
                     "%s: must be a share of the inputs above 0 and up to 1, or \"severity\"",
                     path);
}

bool fault_read(const char *name, struct fault *fault) {
    const struct perturbation_type *types[COMPOUND_PARTS + 1] = {0};
    size_t count = 0;
    for (const char *rest = name; rest != NULL; count++) {
        char part[64];
        size_t length = strcspn(rest, "+");
        if (count == COMPOUND_PARTS || length >= sizeof part)
            return false;
        snprintf(part, sizeof part, "%.*s", (int)length, rest);
        types[count] = perturbation_find(part);
        if (types[count] == NULL)
            return false;
        rest = rest[length] == '+' ? rest + length + 1 : NULL;
    }
    fault->type = types[0];
    memcpy(fault->then, types + 1, sizeof fault->then);
    fault->compound = count > 1 ? name : NULL;
    return true;
}

const char *fault_name(const struct fault *fault) {
    return fault->compound != NULL ? fault->compound : fault->type->name;
}

const struct perturbation_type *fault_part(const struct fault *fault, size_t position) {
    if (position == 0)
        return fault->type;
    return position <= COMPOUND_PARTS ? fault->then[position - 1] : NULL;
}

const double *fault_severities(const struct fault *fault) {
    static const double shares[] = {0.2, 0.4, 0.6, 0.8, 1};
    return fault->compound != NULL ? shares : fault->type->severities;
}

static int channels_hit(const struct channel_share *channels, const struct suite_fault *fault,
                        double severity, int inputs) {
    if (severity <= 0)
        return 0;
    if (channels->reach == REACH_SHARE)
        return (int)ceil(channels->share * inputs - 1e-9);
    if (fault != NULL && fault->inputs > 0)
        return (int)fmin(fault->inputs + fault->more * floor(2 * fmin(severity, 1) + 1e-9), inputs);
    int max = (inputs + 1) / 2;
    return 1 + (int)floor(fmin(severity, 1) * (max - 1) + 1e-9);
}

/* The perturbation's own severity. */
static double own_severity(const struct suite_fault *fault, double severity) {
    if (severity <= 0)
        return 0;
    double own = fault->mild + (fault->harsh - fault->mild) * severity;
    return fault->is_inverse ? 1 / own : own;
}

/* `count` of the inputs without replacement, in the order drawn. */
static int *draw_inputs(int count, int inputs, gsl_rng *rng, struct arena *arena) {
    int *order = ARENA_NEW(arena, int, inputs);
    for (int i = 0; i < inputs; i++)
        order[i] = i;
    for (int i = 0; i < count; i++) {
        int j = i + (int)gsl_rng_uniform_int(rng, (unsigned long)(inputs - i));
        int drawn = order[j];
        order[j] = order[i];
        order[i] = drawn;
    }
    return order;
}

static void apply_part(const struct fault *fault, const struct perturbation_type *type,
                       double severity, const double *sensitivity, const struct dataset *dataset,
                       struct series *series, gsl_rng *rng) {
    const struct suite_fault *scenario =
        fault->suite != NULL ? suite_fault_of(fault->suite, type->name) : NULL;
    bool has_range = scenario != NULL && fault->suite->by_window;
    double harshest = fault->compound != NULL ? type->severities[4] : 1;
    struct arena scratch = {0};
    struct disturbance disturbance = {
        .severity = has_range ? own_severity(scenario, severity) : severity * harshest,
        .direction = scenario != NULL ? scenario->direction : DIRECTION_RANDOM,
        .sensitivity = sensitivity,
        .scratch = &scratch,
    };
    int inputs = dataset->inputs - dataset->flags;
    bool all = fault->channels.reach == REACH_OWN || (fault->channels.reach == REACH_SEVERITY &&
                                                      scenario != NULL && scenario->all_inputs);
    if (!all) {
        disturbance.input_count = channels_hit(&fault->channels, scenario, severity, inputs);
        disturbance.inputs = draw_inputs(disturbance.input_count, inputs, rng, &scratch);
    }
    type->apply(&disturbance, dataset, series, rng);
    arena_free(&scratch);
}

void fault_apply(const struct fault *fault, double severity, const double *sensitivity,
                 const struct dataset *dataset, struct series *series, gsl_rng *rng) {
    const struct perturbation_type *type;
    for (size_t i = 0; (type = fault_part(fault, i)) != NULL; i++)
        apply_part(fault, type, severity, sensitivity, dataset, series, rng);
}

struct split fault_split(const struct fault *fault, double severity, uint64_t seed,
                         const struct dataset *dataset, const struct split *split,
                         struct arena *arena) {
    char purpose[128];
    bool is_named = fault->suite != NULL && fault->suite->by_window;
    snprintf(purpose, sizeof purpose, "%s %s %.17g", is_named ? fault->suite->name : "noise",
             fault_name(fault), severity);
    gsl_rng *rng = random_stream(seed, purpose);
    struct split disturbed = fault->each == EACH_WINDOW ? split_cut(split, dataset, arena)
                                                        : split_copy(split, dataset, arena);
    for (int s = 0; s < disturbed.series_count; s++) {
        double own = fault->is_drawn ? gsl_rng_uniform(rng) * severity : severity;
        if (fault->sensitivity == NULL) {
            fault_apply(fault, own, NULL, dataset, &disturbed.series[s], rng);
            continue;
        }
        /* How many numbers are drawn depends on the place, which is the model's: no other window
         * may notice. */
        gsl_rng *stream = random_stream(gsl_rng_get(rng), "fault of one window");
        fault_apply(fault, own, fault->sensitivity[s], dataset, &disturbed.series[s], stream);
        gsl_rng_free(stream);
    }
    gsl_rng_free(rng);
    return disturbed;
}

struct split perturb(const struct perturbation_type *type, double severity, uint64_t seed,
                     const struct dataset *dataset, const struct split *split,
                     struct arena *arena) {
    const struct fault fault = {.type = type, .each = EACH_SERIES};
    return fault_split(&fault, severity, seed, dataset, split, arena);
}
