#include "experiment/search/search_settings.h"

#include <stdlib.h>
#include <string.h>

static bool is_halving(const struct search_options *options) {
    return options->method == SEARCH_HALVING;
}

static bool is_grid(const struct search_options *options) {
    return options->method == SEARCH_GRID;
}

/* --- budget ----------------------------------------------------------------------------------- */

size_t search_rungs(const struct search_options *options, size_t trials, int epochs,
                    struct rung *rungs) {
    size_t count = 1, rest = trials;
    int first = epochs;
    while (is_halving(options) && count < MAX_RUNGS && rest >= (size_t)options->factor &&
           first / options->factor >= options->min_epochs) {
        rest /= (size_t)options->factor;
        first /= options->factor;
        count++;
    }
    for (size_t r = count; r-- > 0; epochs /= options->factor)
        rungs[r].epochs = epochs;
    for (size_t r = 0; r < count; r++, trials /= (size_t)options->factor)
        rungs[r].trials = trials;
    return count;
}

double rungs_epochs(const struct rung *rungs, size_t count) {
    double epochs = 0;
    for (size_t r = 0; r < count; r++)
        epochs += (double)rungs[r].trials * rungs[r].epochs;
    return epochs;
}

/* The most trials that `budget` epochs are enough for. More of them may take less, with a rung
 * more: so all numbers are checked. */
static size_t affordable_trials(const struct search_options *options, int epochs) {
    struct rung rungs[MAX_RUNGS] = {{0}};
    size_t max = 0;
    for (size_t trials = 1; trials <= MAX_SEARCH_TRIALS; trials++)
        if (rungs_epochs(rungs, search_rungs(options, trials, epochs, rungs)) <= options->epochs)
            max = trials;
    return max;
}

/* All models have the same, in trials and in epochs. */
static bool check_equal_budgets(const struct search *search, struct error *error) {
    const struct search_model *first = &search->models[0];
    for (size_t m = 1; m < search->model_count; m++) {
        const struct search_model *model = &search->models[m];
        if (model->rungs[0].trials != first->rungs[0].trials)
            return error_set(
                error,
                "search: the grid of %s has %zu settings and that of %s %zu, but every "
                "model gets the same budget; use another method, or other \"points\"",
                first->plan->name, first->rungs[0].trials, model->plan->name,
                model->rungs[0].trials);
        if (model->plan->train.epochs != first->plan->train.epochs)
            return error_set(error,
                             "search: %s trains for %d epochs and %s for %d, so that the same "
                             "number of trials is not the same budget; give the budget in "
                             "search.epochs, or all models the same train.epochs",
                             first->plan->name, first->plan->train.epochs, model->plan->name,
                             model->plan->train.epochs);
    }
    return true;
}

static bool check_budget(const struct search_options *options, struct error *error) {
    bool in_trials = options->trials > 0, in_epochs = options->epochs > 0;
    if (is_grid(options) && (in_trials || in_epochs))
        return error_set(error,
                         "search: a grid has no other budget than its size; take \"%s\" away",
                         in_trials ? "trials" : "epochs");
    if (!is_grid(options) && in_trials == in_epochs)
        return error_set(error,
                         "search: give the budget of a model in \"trials\" or in \"epochs\"");
    return true;
}

/* --- plan ------------------------------------------------------------------------------------- */

static cJSON *draw_settings(const struct search_options *options, const struct space *space,
                            size_t trials, struct error *error) {
    if (is_grid(options))
        return space_grid(space, MAX_SEARCH_TRIALS, error);
    return space_draw(space, options->method == SEARCH_SOBOL ? SPACE_SOBOL : SPACE_RANDOM, trials,
                      (uint64_t)options->seed, error);
}

/* The space of all models with the model's own changes. */
static cJSON *merged_space(const struct search *search, const struct model_plan *plan) {
    const cJSON *shared = search->experiment->search.space;
    cJSON *merged = cJSON_IsObject(shared) ? cJSON_Duplicate(shared, 1) : cJSON_CreateObject();
    for (const cJSON *item = plan->space != NULL ? plan->space->child : NULL; item != NULL;
         item = item->next) {
        cJSON_DeleteItemFromObjectCaseSensitive(merged, item->string);
        if (!cJSON_IsNull(item))
            cJSON_AddItemToObject(merged, item->string, cJSON_Duplicate(item, 1));
    }
    return merged;
}

static bool read_space(struct search *search, struct search_model *model, struct error *error) {
    const cJSON *shared = search->experiment->search.space, *own = model->plan->space;
    if ((shared != NULL && !cJSON_IsObject(shared)) || (own != NULL && !cJSON_IsObject(own)))
        return error_set(error,
                         "must be an object, as in {\"train.learning_rate\": [0.001, 0.01]}");
    model->space_json = merged_space(search, model->plan);
    return space_read(&model->space, model->space_json, &search->arena, error);
}

static bool check_space(const struct search *search, const struct search_model *model,
                        struct error *error) {
    static const char *const sizes[] = {"hidden", "wiring.units"};
    enum { SIZES = sizeof sizes / sizeof sizes[0], LONGEST_NAME = 60 };
    if (strlen(model->plan->name) > LONGEST_NAME)
        return error_set(error,
                         "search: the name \"%s\" is longer than %d characters, too long for "
                         "names of trials",
                         model->plan->name, LONGEST_NAME);
    for (size_t d = 0; search->experiment->match.parameters > 0 && d < model->space.count; d++)
        for (size_t i = 0; i < SIZES; i++)
            if (strcmp(model->space.dimensions[d].path, sizes[i]) == 0)
                return error_set(
                    error,
                    "search.space of %s: %s: \"match\" decides it; take one of the two "
                    "away",
                    model->plan->name, sizes[i]);
    return true;
}

static bool plan_model(struct search *search, struct search_model *model, struct error *error) {
    const struct search_options *options = &search->experiment->search;
    struct arena *arena = &search->arena;
    int epochs = model->plan->train.epochs;
    if (!read_space(search, model, error))
        return error_prefix(error, "search.space of %s", model->plan->name);
    if (!check_space(search, model, error))
        return false;
    size_t trials =
        options->epochs > 0 ? affordable_trials(options, epochs) : (size_t)options->trials;
    if (!is_grid(options) && trials == 0)
        return error_set(error, "search.epochs: %d is too few for a trial of %s, which takes %d",
                         options->epochs, model->plan->name, epochs);
    if (is_halving(options) && options->min_epochs > epochs)
        return error_set(error, "search.min_epochs: %d is more than the train.epochs of %s, %d",
                         options->min_epochs, model->plan->name, epochs);
    model->settings = draw_settings(options, &model->space, trials, error);
    if (model->settings == NULL)
        return error_prefix(error, "search.space of %s", model->plan->name);
    trials = (size_t)cJSON_GetArraySize(model->settings);
    model->rungs = ARENA_NEW(arena, struct rung, MAX_RUNGS);
    model->rung_count = search_rungs(options, trials, epochs, model->rungs);
    model->candidates = ARENA_NEW(arena, struct candidate, trials);
    model->alive = ARENA_NEW(arena, size_t, trials);
    const cJSON *settings = model->settings->child;
    for (size_t k = 0; k < trials; k++, settings = settings->next)
        model->candidates[k].settings = settings;
    return true;
}

/* The settings are checked on the config itself, so that errors name places that its author knows. */
static bool check_settings(const struct search *search, struct error *error) {
    size_t max = 0;
    bool good = true;
    for (size_t m = 0; m < search->model_count; m++)
        max = search->models[m].rungs[0].trials > max ? search->models[m].rungs[0].trials : max;
    size_t *choice = mem_resize(NULL, search->model_count * sizeof *choice);
    for (size_t k = 0; good && k < max; k++) {
        for (size_t m = 0; m < search->model_count; m++)
            choice[m] = k < search->models[m].rungs[0].trials ? k : 0;
        struct experiment changed;
        good = experiment_read(&changed, search->experiment->config_path,
                               config_with(search, choice), error);
        experiment_free(&changed);
    }
    free(choice);
    return good;
}

bool search_plan(struct search *search, const struct experiment *experiment, struct error *error) {
    *search = (struct search){.experiment = experiment};
    const struct search_options *options = &experiment->search;
    const char *place = experiment->config_path;
    search->models = ARENA_NEW(&search->arena, struct search_model, experiment->model_count);
    if (!check_budget(options, error))
        return error_prefix(error, "%s", place);
    for (size_t m = 0; m < experiment->model_count && experiment->models[m].cell != NULL; m++) {
        struct search_model *model = &search->models[search->model_count++];
        model->plan = &experiment->models[m];
        if (!plan_model(search, model, error))
            return error_prefix(error, "%s", place);
        search->rung_count =
            model->rung_count > search->rung_count ? model->rung_count : search->rung_count;
    }
    if (search->model_count == 0)
        return error_set(error, "%s: search: there are only baselines", place);
    if (options->epochs == 0 && !check_equal_budgets(search, error))
        return error_prefix(error, "%s", place);
    return check_settings(search, error);
}

void search_free(struct search *search) {
    for (size_t m = 0; m < search->model_count; m++) {
        cJSON_Delete(search->models[m].settings);
        cJSON_Delete(search->models[m].space_json);
        cJSON_Delete(search->models[m].trials);
    }
    arena_free(&search->arena);
    *search = (struct search){0};
}
