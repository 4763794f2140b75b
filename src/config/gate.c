#include "config/gate.h"

#include "base/choice.h"
#include "evaluate/metric.h"

#include <math.h>
#include <string.h>

#define AT(member) .offset = offsetof(struct gate_options, member)
const struct field gate_fields[] = {
    {"tolerance", FIELD_REAL, AT(tolerance), .fallback = "0.05", .max = 1e6,
     .help = "Relative change for the worse that still passes."},
    {"tolerances", FIELD_JSON, AT(tolerances),
     .help =
         "The same for single metrics, \"parameters\", \"memory\" and \"speed\": {\"mse\": 0.1}; "
         "default of \"speed\": at least 0.3."},
    {"noise", FIELD_JSON, AT(noise),
     .help = "Relative growth of the error under each perturbation that still passes; false: these "
             "are not compared; default: twice \"tolerance\"."},
    {"ood", FIELD_JSON, AT(ood), .help = "The same for the error on each shift."},
    {"floor", FIELD_REAL, AT(floor), .fallback = "1e-6", .max = 1e30,
     .help = "Absolute change that always passes."},
    {"alpha", FIELD_REAL, AT(alpha), .fallback = "0.01", .min = 1e-9, .max = 1,
     .help = "Level of the test over seeds that a worsening must pass; with too few seeds for it, "
             "two standard deviations of the base count."},
    {"speed", FIELD_BOOL, AT(speed), .fallback = "false",
     .help = "Compare training time and streaming latency, too: on the same quiet machine only."},
    {"hypotheses", FIELD_BOOL, AT(hypotheses), .fallback = "false",
     .help = "Fail when the verdict on one of the \"hypotheses\" changes."},
    {0},
};
#undef AT

static const char *const costs[] = {"parameters", "memory", "speed"};
enum { COSTS = sizeof costs / sizeof costs[0] };

static bool check_tolerance(const cJSON *item, struct error *error) {
    struct suggestion nearest = {.wanted = item->string};
    bool known = metric_find(item->string) != NULL;
    const char *name;
    for (size_t i = 0; (name = metric_name(i)) != NULL; i++)
        suggestion_offer(&nearest, name);
    for (size_t i = 0; i < COSTS; i++) {
        suggestion_offer(&nearest, costs[i]);
        known |= strcmp(costs[i], item->string) == 0;
    }
    if (!known)
        return error_set(error, "gate.tolerances.%s: is not known%s", item->string,
                         suggestion_or(&nearest, "use a metric, \"parameters\", \"memory\" or "
                                                 "\"speed\"")
                             .text);
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0))
        return error_set(error, "gate.tolerances.%s: must be a number from 0", item->string);
    return true;
}

static bool check_share(const char *name, const cJSON *given, struct error *error) {
    if (given == NULL || cJSON_IsFalse(given) || (cJSON_IsNumber(given) && given->valuedouble >= 0))
        return true;
    return error_set(error, "gate.%s: must be a number from 0, or false to compare nothing", name);
}

bool gate_check(const struct gate_options *gate, struct error *error) {
    if (gate->tolerances != NULL && !cJSON_IsObject(gate->tolerances))
        return error_set(error, "gate.tolerances: must be an object, as in {\"mse\": 0.1}");
    const cJSON *item;
    struct error one = {0};
    bool good = true;
    cJSON_ArrayForEach(item, gate->tolerances) {
        good = check_tolerance(item, &one) && good;
        error_add(error, &one);
    }
    good = check_share("noise", gate->noise, &one) && good;
    error_add(error, &one);
    good = check_share("ood", gate->ood, &one) && good;
    error_add(error, &one);
    return good;
}

static const cJSON *gate_share(const struct gate_options *gate, enum gate_conditions conditions) {
    return conditions == GATE_NOISE ? gate->noise : gate->ood;
}

bool gate_compares(const struct gate_options *gate, enum gate_conditions conditions) {
    return !cJSON_IsFalse(gate_share(gate, conditions));
}

double gate_growth(const struct gate_options *gate, enum gate_conditions conditions) {
    const cJSON *given = gate_share(gate, conditions);
    return cJSON_IsNumber(given) ? given->valuedouble : 2 * gate->tolerance;
}

double gate_tolerance(const struct gate_options *gate, const char *name) {
    const cJSON *own = cJSON_GetObjectItemCaseSensitive(gate->tolerances, name);
    if (own != NULL)
        return own->valuedouble;
    return strcmp(name, "speed") == 0 ? fmax(gate->tolerance, 0.3) : gate->tolerance;
}
