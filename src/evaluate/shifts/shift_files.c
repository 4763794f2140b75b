#include "evaluate/shift.h"

/* Other files. */
static bool make(const struct shift_options *options, const struct dataset *dataset,
                 struct arena *arena, struct dataset *shifted, struct error *error) {
    return dataset_load_shifted(dataset, NULL, &options->files, arena, &shifted->test, error);
}

const struct shift_type shift_files = {.name = "files", .make = make};
