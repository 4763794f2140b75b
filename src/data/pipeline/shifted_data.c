#include "base/json.h"
#include "data/pipeline/assembly.h"
#include "data/pipeline/outcomes.h"

#include <math.h>

static bool load_shifted_sources(const struct dataset *dataset, const cJSON *parameters,
                                 const struct string_list *files, struct arena *arena,
                                 struct sources *sources, struct error *error) {
    const struct dataset_options *options = dataset->options;
    if (parameters != NULL && options->generator == NULL)
        return error_set(error, "parameters: the data set has no generator");
    if (parameters == NULL && (files == NULL || files->count == 0))
        return error_set(error, "names neither parameters nor files");
    if (parameters == NULL)
        return sources_read(options, files, ROLE_TEST, arena, sources, error) &&
               outcomes_add(options, arena, sources, error);
    cJSON *merged = json_merged(options->parameters, parameters);
    bool generated = sources_generate(options, merged, dataset->test.series_count,
                                      "generate shifted", arena, sources, error);
    cJSON_Delete(merged);
    return generated;
}

/* Rows and windows of the parts, in the data set's scale. */
static bool build_shifted(const struct dataset *dataset, struct wholes *wholes, struct parts *parts,
                          struct arena *arena, struct split *split, struct error *error) {
    *split = (struct split){0};
    rows_draw(dataset, parts, 1, arena);
    parts_look_back(dataset, parts);
    scaling_apply(dataset, wholes, arena);
    series_allocate(dataset, parts, split, arena);
    series_fill_truth(dataset, parts, split);
    series_fill_inputs(dataset, parts, split, arena);
    split_make_windows(split, dataset, dataset->task_options->window, test_stride(dataset), arena);
    return split->window_count > 0 ||
           error_set(error, "has no window: its longest series has %d rows", longest_series(split));
}

/* Of every series the rows from one share to the other. */
static void cut_rows(struct wholes *wholes, double from, double to, struct parts *parts) {
    for (int i = 0; i < wholes->count; i++) {
        struct whole *whole = &wholes->items[i];
        int first = (int)lround(from * whole->rows), end = (int)lround(to * whole->rows);
        part_add(parts, whole, first, end - first);
    }
}

/* The same series again: what is said about them has been said. */
static bool bind_again(const struct dataset *dataset, struct assembly *assembly,
                       struct arena *arena, struct error *error) {
    struct dataset again = *dataset;
    again.notes = (struct notes){0};
    return assembly_bind(assembly, &again, arena, error);
}

/* The whole of all sources, which are new series. */
static bool build_new(const struct dataset *dataset, struct assembly *assembly, struct arena *arena,
                      struct split *split, struct error *error) {
    struct wholes *wholes = &assembly->wholes;
    if (!bind_again(dataset, assembly, arena, error))
        return false;
    for (int i = 0; i < wholes->count; i++)
        wholes->items[i].index = -1;
    cut_rows(wholes, 0, 1, &assembly->parts[ROLE_TEST]);
    return build_shifted(dataset, wholes, &assembly->parts[ROLE_TEST], arena, split, error);
}

bool dataset_load_shifted(const struct dataset *dataset, const cJSON *parameters,
                          const struct string_list *files, struct arena *arena, struct split *split,
                          struct error *error) {
    struct assembly assembly = {0};
    bool loaded =
        load_shifted_sources(dataset, parameters, files, arena, &assembly.sources, error) &&
        build_new(dataset, &assembly, arena, split, error);
    assembly_free(&assembly);
    return loaded;
}

bool dataset_load_drifting(const struct dataset *dataset, const struct generator_drift *drift,
                           int count, const char *purpose, struct arena *arena, struct split *split,
                           struct error *error) {
    struct assembly assembly = {0};
    bool loaded = sources_generate_drifting(dataset->options, drift, count, purpose, arena,
                                            &assembly.sources, error) &&
                  build_new(dataset, &assembly, arena, split, error);
    assembly_free(&assembly);
    return loaded;
}

static bool check_rest(const struct dataset *dataset, double from, struct error *error) {
    double shares[ROLE_COUNT];
    if (dataset->options->split.method != SPLIT_CHRONOLOGICAL ||
        split_has_periods(&dataset->options->split))
        return error_set(error, "needs a chronological dataset.split by shares");
    if (!split_shares(&dataset->options->split, shares, error))
        return false;
    double seen = shares[ROLE_TRAIN] + shares[ROLE_VALID];
    return from >= seen - 1e-9 ||
           error_set(error,
                     "begins at %g, but training and validation reach to %g; begin there or "
                     "later",
                     from, seen);
}

bool dataset_load_rest(const struct dataset *dataset, const struct string_list *groups, double from,
                       double to, struct arena *arena, struct split *split, struct error *error) {
    struct assembly assembly = {0};
    struct wholes *wholes = &assembly.wholes;
    bool loaded = (groups != NULL || check_rest(dataset, from, error)) &&
                  sources_load(dataset->options, arena, &assembly.sources, error) &&
                  bind_again(dataset, &assembly, arena, error);
    if (loaded) {
        wholes_select(wholes, groups != NULL ? groups : &dataset->options->hold_out,
                      groups != NULL);
        cut_rows(wholes, from, to, &assembly.parts[ROLE_TEST]);
        loaded = build_shifted(dataset, wholes, &assembly.parts[ROLE_TEST], arena, split, error);
    }
    assembly_free(&assembly);
    return loaded;
}
