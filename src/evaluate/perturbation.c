#include "evaluate/perturbation.h"

#include "base/registry.h"

#include <string.h>

/* A new perturbation is a file in perturbations/ and a line here. */
#define PERTURBATIONS(X)                                                                           \
    X(gaussian)                                                                                    \
    X(uniform)                                                                                     \
    X(impulse)                                                                                     \
    X(drift)                                                                                       \
    X(bias)                                                                                        \
    X(gain)                                                                                        \
    X(quantisation)                                                                                \
    X(saturation)                                                                                  \
    X(hum)                                                                                         \
    X(jitter)                                                                                      \
    X(delay)                                                                                       \
    X(stuck)                                                                                       \
    X(sensor_dropout)                                                                              \
    X(dropout)                                                                                     \
    X(spike)                                                                                       \
    X(stretch)                                                                                     \
    X(compress)                                                                                    \
    X(gap)                                                                                         \
    X(linear_drift)                                                                                \
    X(quadratic_drift)                                                                             \
    X(gain_drift)                                                                                  \
    X(soft_saturation)                                                                             \
    X(packet_loss)                                                                                 \
    X(shock)                                                                                       \
    X(fracture)                                                                                    \
    X(regime)                                                                                      \
    X(cascade)

#define DECLARE(name) extern const struct perturbation_type perturbation_##name;
PERTURBATIONS(DECLARE)

#define ENTRY(name) &perturbation_##name,
REGISTRY(perturbation, PERTURBATIONS(ENTRY))
#define AT(member) .offset = offsetof(struct perturb_options, member)
static const struct field perturb_fields[] = {
    {"type", FIELD_STRING, AT(type), .required = true, .choices = perturbation_name,
     .help = "Perturbation; `liquidbench list perturbations` names them."},
    {"severity", FIELD_REAL, AT(severity), .required = true, .min = 0, .max = 1e6,
     .help = "How strong it is."},
    {0}};
#undef AT

bool perturb_read(const cJSON *json, const char *path, struct perturb_options *options,
                  struct arena *arena, struct error *error) {
    *options = (struct perturb_options){0};
    struct field_target target = {perturb_fields, options};
    return fields_read(&target, 1, json, path, arena, error);
}
