#include "base/string_list.h"
#include "evaluate/shift.h"

/* Groups that were held out from training. */
static bool make(const struct shift_options *options, const struct dataset *dataset,
                 struct arena *arena, struct dataset *shifted, struct error *error) {
    for (size_t i = 0; i < options->groups.count; i++)
        if (!string_list_has(&dataset->options->hold_out, options->groups.items[i]))
            return error_set(error,
                             "\"%s\" is not held out from training; add it to dataset.hold_out",
                             options->groups.items[i]);
    return dataset_load_rest(dataset, &options->groups, 0, 1, arena, &shifted->test, error);
}

const struct shift_type shift_groups = {.name = "groups", .make = make};
