#include "config/match.h"

#include "base/choice.h"
#include "base/log.h"

#include <string.h>

enum { LARGEST = WIRING_MAX_UNITS };

#define FAR 0.1 /* of the budget: worth a word */

#define AT(member) .offset = offsetof(struct match_options, member)
const struct field match_fields[] = {
    {"parameters", FIELD_INT, AT(parameters), .fallback = "0", .min = 0, .max = 1e9,
     .help = "Parameters that every model is sized to; 0: as the config sizes them."},
    {"model", FIELD_STRING, AT(model),
     .help = "Name of the model that the others are sized to, instead of a number."},
    {0},
};
#undef AT

/* The wiring of a model that has one, else NULL. */
static struct wiring_options *wiring_of(const struct model_plan *model) {
    const struct field *field = model->cell->options;
    for (; field != NULL && field->name != NULL; field++)
        if (field->fields == wiring_fields)
            return (struct wiring_options *)((char *)model->network.cell_options + field->offset);
    return NULL;
}

static void set_size(struct model_plan *model, int size) {
    struct wiring_options *wiring = wiring_of(model);
    model->network.hidden = size;
    if (wiring != NULL && wiring->units > 0)
        wiring->units = size;
}

/* Parameters of the model as it is sized; 0 and an error when there is no such network. */
static size_t count_parameters(const struct experiment *experiment, const struct model_plan *model,
                               const struct dataset *dataset, struct error *error) {
    struct arena scratch = {0};
    struct network network;
    bool made =
        network_create(&network, &model->network, dataset->inputs, dataset->flags, dataset->outputs,
                       (uint64_t)experiment->seeds.items[0], &scratch, error);
    size_t count = made ? network.params.size : 0;
    arena_free(&scratch);
    return count;
}

enum { SIZES_TRIED = 256 };

/* Sizes the model to `size`, or to the next larger size that can be made (a wiring needs units for
 * its outputs, heads share units equally), and counts. */
static size_t count_at(const struct experiment *experiment, struct model_plan *model,
                       const struct dataset *dataset, int size, int *made, struct error *error) {
    size_t count = 0;
    for (int tried = 0; tried < SIZES_TRIED && count == 0; tried++) {
        *made = size + tried;
        set_size(model, *made);
        count = count_parameters(experiment, model, dataset, error);
    }
    return count;
}

/* Leaves the model at the size whose count is closest to the budget. Counts grow with the size. */
static bool match_model(const struct experiment *experiment, struct model_plan *model,
                        const struct dataset *dataset, size_t budget, struct error *error) {
    int below = 0, size = 1; /* the count at `below` is less than the budget */
    int made_below = 0, made = 1;
    size_t count = 0, count_below = 0;
    while (true) {
        count = count_at(experiment, model, dataset, size, &made, error);
        if (count >= budget || size == LARGEST)
            break;
        below = size;
        made_below = made;
        count_below = count;
        size *= 2;
    }
    if (count == 0)
        return false;
    if (count < budget)
        return error_set(error, "has only %zu parameters with %d units, the most there may be",
                         count, LARGEST);
    while (size - below > 1) {
        int middle = below + (size - below) / 2, made_middle;
        size_t count_middle = count_at(experiment, model, dataset, middle, &made_middle, error);
        if (count_middle >= budget) {
            size = middle;
            made = made_middle;
            count = count_middle;
        } else {
            below = middle;
            made_below = made_middle;
            count_below = count_middle;
        }
    }
    bool is_below = count_below > 0 && budget - count_below < count - budget;
    set_size(model, is_below ? made_below : made);
    return true;
}

/* "match.model", or NULL when the budget is a number. */
static bool find_model(const struct experiment *experiment, const struct model_plan **model,
                       struct error *error) {
    *model = NULL;
    const char *name = experiment->match.model;
    if (name == NULL)
        return true;
    if (experiment->match.parameters > 0)
        return error_set(error, "match: say \"parameters\" or \"model\", not both");
    struct suggestion nearest = {.wanted = name};
    for (size_t i = 0; i < experiment->model_count; i++) {
        const struct model_plan *candidate = &experiment->models[i];
        if (candidate->cell == NULL)
            continue;
        suggestion_offer(&nearest, candidate->name);
        if (strcmp(candidate->name, name) == 0)
            *model = candidate;
    }
    if (*model != NULL)
        return true;
    return error_set(error, "match.model: no network is called \"%s\"%s", name,
                     suggestion_or(&nearest, "use the name of one in \"models\"").text);
}

/* The size in the resolved config, where networks come in the order of the models. */
static void write_size(const struct experiment *experiment, size_t position) {
    const struct model_plan *model = &experiment->models[position];
    const struct wiring_options *wiring = wiring_of(model);
    cJSON *models = cJSON_GetObjectItemCaseSensitive(experiment->resolved, "models");
    cJSON *config = cJSON_GetArrayItem(models, (int)position);
    cJSON_ReplaceItemInObjectCaseSensitive(config, "hidden",
                                           cJSON_CreateNumber(model->network.hidden));
    if (wiring != NULL)
        cJSON_ReplaceItemInObjectCaseSensitive(cJSON_GetObjectItemCaseSensitive(config, "wiring"),
                                               "units", cJSON_CreateNumber(wiring->units));
}

static void warn_if_far(const struct model_plan *model, size_t count, size_t budget) {
    double ratio = (double)count / (double)budget;
    if (ratio < 1 - FAR || ratio > 1 + FAR)
        log_warning("match: %s has %zu parameters, the closest to %zu that it gets; make other "
                    "parts of it larger or smaller",
                    model->name, count, budget);
}

bool match_models(struct experiment *experiment, const struct dataset *dataset,
                  struct error *error) {
    const struct model_plan *like;
    if (!find_model(experiment, &like, error))
        return error_prefix(error, "%s", experiment->config_path);
    size_t budget = (size_t)experiment->match.parameters;
    if (like != NULL)
        budget = count_parameters(experiment, like, dataset, error);
    size_t shared = budget;
    for (size_t i = 0; i < experiment->model_count; i++) {
        struct model_plan *model = &experiment->models[i];
        budget = model->parameters > 0 ? (size_t)model->parameters : shared;
        if (model->cell == NULL || model == like || budget == 0)
            continue;
        const struct wiring_options *wiring = wiring_of(model);
        if (wiring != NULL && (wiring->type == WIRING_NCP || wiring->type == WIRING_GIVEN))
            return error_set(error,
                             "%s: models[%zu].wiring: type \"%s\" has as many neurons as it says "
                             "and cannot be matched; use \"auto_ncp\", or take \"match\" away",
                             experiment->config_path, i,
                             wiring_type_name((size_t)wiring->type - 1));
        if (!match_model(experiment, model, dataset, budget, error))
            return error_prefix(error, "%s: match: models[%zu]", experiment->config_path, i);
        write_size(experiment, i);
        warn_if_far(model, count_parameters(experiment, model, dataset, error), budget);
    }
    return like == NULL || shared > 0 || error_prefix(error, "%s", experiment->config_path);
}
