#include "evaluate/shift.h"

/* Data of a generator with other parameters. */
static bool make(const struct shift_options *options, const struct dataset *dataset,
                 struct arena *arena, struct dataset *shifted, struct error *error) {
    return dataset_load_shifted(dataset, options->parameters, NULL, arena, &shifted->test, error);
}

const struct shift_type shift_parameters = {.name = "parameters", .make = make};
