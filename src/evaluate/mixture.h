/* Faults to train with: every window of every epoch draws anew whether it is disturbed, by which fault of
 * several, how strongly and in which inputs. */
#ifndef EVALUATE_MIXTURE_H
#define EVALUATE_MIXTURE_H

#include "evaluate/fault.h"

struct mixture_options {
    const char *suite; /* or NULL */
    struct string_list types;
    double probability; /* that a window is disturbed */
    double severity;    /* the highest, as a share of each fault's harshest */
    const cJSON *channels;
    bool overlap; /* faults that are scored may be among them */
};

extern const struct field mixture_fields[];

struct mixture {
    struct mixture_options options;
    size_t count;
    struct fault *faults; /* [count], each as likely as the others */
};

/* Whether the JSON of train.perturb is a mixture: {"suite"} or {"types"}, not {"type", "severity"}. */
bool is_mixture(const cJSON *json);

/* `path` is where the object stands in the config. */
bool mixture_read(const cJSON *json, const char *path, struct mixture *mixture, struct arena *arena,
                  struct error *error);

/* Which way a fault goes where it could go either. */
enum direction fault_direction(const struct fault *fault);

/* `count` windows of the split from order[first] on, each a series of its own, disturbed as drawn. */
struct split mixture_draw(const struct mixture *mixture, const struct dataset *dataset,
                          const struct split *split, const size_t *order, size_t first, int count,
                          gsl_rng *rng, struct arena *arena);

#endif
