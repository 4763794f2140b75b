#include "evaluate/fault.h"
#include "evaluate/shift.h"

/* Perturbed inputs. */
static bool make(const struct shift_options *options, const struct dataset *dataset,
                 struct arena *arena, struct dataset *shifted, struct error *error) {
    struct perturb_options perturbation;
    if (!perturb_read(options->perturb, "perturb", &perturbation, arena, error))
        return false;
    shifted->test = perturb(perturbation_find(perturbation.type), perturbation.severity, 0, dataset,
                            &dataset->test, arena);
    return true;
}

const struct shift_type shift_perturb = {.name = "perturb", .make = make};
