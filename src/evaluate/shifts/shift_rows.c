#include "evaluate/shift.h"

/* A later period of every series. */
static bool make(const struct shift_options *options, const struct dataset *dataset,
                 struct arena *arena, struct dataset *shifted, struct error *error) {
    const double *ends = options->rows.items;
    if (options->rows.count != 2 || ends[0] >= ends[1])
        return error_set(error, "must be [from, to] with from < to, as in [0.9, 1]");
    return dataset_load_rest(dataset, NULL, ends[0], ends[1], arena, &shifted->test, error);
}

const struct shift_type shift_rows = {.name = "rows", .make = make};
