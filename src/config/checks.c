#include "config/checks.h"

#include "base/choice.h"
#include "base/string_list.h"
#include "evaluate/measure.h"
#include "evaluate/metric.h"
#include "evaluate/mixture.h"
#include "train/adversary.h"
#include "train/loss.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST_NAME = 80 };

bool check_name(const char *name, struct error *error) {
    bool safe = name[0] != '\0' && name[0] != '.' && name[0] != '-';
    for (const char *c = name; *c != '\0'; c++)
        safe = safe && (isalnum((unsigned char)*c) || strchr("._+-", *c) != NULL);
    if (!safe)
        return error_set(error,
                         "\"%s\" cannot be part of a file name; use letters, digits, and "
                         "\".\", \"_\", \"+\", \"-\" after the first",
                         name);
    if (strlen(name) > LONGEST_NAME)
        return error_set(error, "is longer than %d characters", LONGEST_NAME);
    return true;
}

bool check_distinct(const struct string_list *list, const char *path, struct error *error) {
    for (size_t i = 0; i < list->count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(list->items[i], list->items[j]) == 0)
                return error_set(error, "%s: names \"%s\" twice", path, list->items[i]);
    return true;
}

bool has_metric(const struct experiment *experiment, const char *name) {
    return string_list_has(&experiment->evaluate.metrics, name);
}

bool is_classification(const struct experiment *experiment) {
    return task_type_of(&experiment->task) == TASK_CLASSIFICATION;
}

static bool check_metric(const struct experiment *experiment, const char *name, const char *path,
                         struct error *error) {
    const struct metric_type *metric = name != NULL ? metric_find(name) : NULL;
    if (name == NULL || (metric != NULL && metric->classifies == is_classification(experiment)))
        return true;
    error_set(error, "%s: \"%s\" does not fit task.type \"%s\"; choose from", path, name,
              task_name(&experiment->task));
    const char *comma = "";
    for (size_t i = 0; (metric = metric_at(i)) != NULL; i++) {
        if (metric->classifies != is_classification(experiment))
            continue;
        size_t used = strlen(error->text);
        snprintf(error->text + used, sizeof error->text - used, "%s %s", comma, metric->name);
        comma = ",";
    }
    return false;
}

static bool check_task(const struct experiment *experiment, struct error *error) {
    const struct task_options *task = &experiment->task;
    const struct loss_type *loss = task->loss != 0 ? loss_at((size_t)task->loss - 1) : NULL;
    struct error one = {0};
    bool good = loss == NULL || loss->classifies == is_classification(experiment);
    if (!good)
        error_set(error,
                  "task.loss: \"%s\" does not fit task.type \"%s\"; leave it out for the usual one",
                  loss->name, task_name(task));
    good = task_check(task, &one) && good;
    error_add(error, &one);
    return good;
}

/* The statistics of a window would let every step but the last see what comes next. */
static bool check_normalization(const struct experiment *experiment, struct error *error) {
    const struct task_options *task = &experiment->task;
    bool fits = task_type_of(task) == TASK_FORECAST && task->at != SCORE_EVERY;
    for (size_t i = 0; i < experiment->model_count && !fits; i++)
        if (experiment->models[i].network.normalize != 0)
            return error_set(error,
                             "task.normalize: is for forecasts at the last step of a window: "
                             "say \"task\": {\"type\": \"forecast\", \"at\": \"last\"} or leave "
                             "it out");
    return true;
}

/* What reads a window backwards too has seen, at every step but the last, what comes next. */
static bool check_foresight(const struct experiment *experiment, struct error *error) {
    const struct task_options *task = &experiment->task;
    if (task_type_of(task) != TASK_FORECAST || task->at != SCORE_EVERY)
        return true;
    for (size_t i = 0; i < experiment->model_count; i++) {
        const struct cell_type *cell = experiment->models[i].cell;
        if (cell != NULL && !cell->streams)
            return error_set(
                error,
                "models[%zu].cell: \"%s\" reads each window from its end too and would "
                "see the values it is to forecast; say \"task\": {\"at\": \"last\"} or "
                "leave it out",
                i, cell->name);
    }
    return true;
}

static bool check_shift(const struct experiment *experiment, size_t position, struct error *error) {
    const struct shift_options *shifts = experiment->evaluate.ood.items;
    const struct shift_options *shift = &shifts[position];
    if (!shift_check(shift, error))
        return error_prefix(error, "evaluate.ood[%zu]", position);
    if (shift->parameters != NULL && experiment->dataset.generator == NULL)
        return error_set(error,
                         "evaluate.ood[%zu].parameters: only generated data has parameters; use "
                         "another kind of shift, such as \"resample\" or \"files\"",
                         position);
    for (size_t i = 0; i < position; i++)
        if (strcmp(shifts[i].name, shift->name) == 0)
            return error_set(error,
                             "evaluate.ood[%zu].name: \"%s\" is the name of ood[%zu] already",
                             position, shift->name, i);
    return true;
}

/* Whether a fault to train with is the one that is scored, or part of it. */
static bool is_scored(const struct fault *trained, const char *name, const char *suite) {
    struct fault scored = {0};
    fault_read(name, &scored);
    for (size_t i = 0; fault_part(&scored, i) != NULL; i++) {
        const struct fault part = {.type = fault_part(&scored, i),
                                   .suite = suite != NULL ? suite_find(suite) : NULL};
        enum direction ours = fault_direction(trained), theirs = fault_direction(&part);
        bool is_opposite = ours != theirs && ours != DIRECTION_RANDOM && theirs != DIRECTION_RANDOM;
        if (part.type == trained->type && !is_opposite)
            return true;
    }
    return false;
}

/* A fault that is trained with says nothing about faults that nobody foresaw. */
static bool check_overlap(const struct experiment *experiment, const struct mixture *mixture,
                          struct error *error) {
    const struct noise_options *noise = &experiment->evaluate.noise;
    for (size_t i = 0; i < mixture->count && !mixture->options.overlap; i++)
        for (size_t j = 0; j < noise->types.count; j++)
            if (is_scored(&mixture->faults[i], noise->types.items[j], noise->suite))
                return error_set(error,
                                 "train.perturb: \"%s\" is scored by evaluate.noise, too; train "
                                 "with others, or say \"overlap\": true",
                                 mixture->faults[i].type->name);
    return true;
}

static bool check_training_noise(const struct experiment *experiment, size_t position,
                                 struct error *error) {
    const cJSON *json = experiment->models[position].train.perturb;
    struct perturb_options options;
    struct mixture mixture;
    struct arena scratch = {0};
    bool good = json == NULL || is_mixture(json) ||
                perturb_read(json, "train.perturb", &options, &scratch, error);
    if (is_mixture(json))
        good = mixture_read(json, "train.perturb", &mixture, &scratch, error) &&
               check_overlap(experiment, &mixture, error);
    arena_free(&scratch);
    return good;
}

/* Gradients of the inputs are there of whole windows as the network sees them. */
static bool check_adversary(const struct experiment *experiment, size_t position,
                            struct error *error) {
    const struct model_plan *model = &experiment->models[position];
    struct adversary adversary;
    struct arena scratch = {0};
    bool good =
        adversary_read(model->train.adversarial, "train.adversarial", &adversary, &scratch, error);
    arena_free(&scratch);
    if (!good || model->train.adversarial == NULL || model->baseline != NULL)
        return good;
    if (model->train.checkpoint)
        return error_set(error,
                         "train.adversarial: does not go with train.checkpoint, which has no "
                         "gradients of whole windows; leave one of them out");
    if (model->network.normalize != 0)
        return error_set(error,
                         "train.adversarial: does not go with normalize (model %s), which has "
                         "no gradients of inputs; leave one of them out",
                         model->name);
    return true;
}

/* What is about the weights of one network. */
static bool check_ensemble(const struct experiment *experiment, size_t position,
                           struct error *error) {
    const struct model_plan *model = &experiment->models[position];
    const struct evaluate_options *evaluate = &experiment->evaluate;
    const char *other = evaluate->stream.regimes.count > 0  ? "stream"
                        : evaluate->ladder.values.count > 0 ? "ladder"
                        : evaluate->gradient_lags > 0       ? "gradient_lags"
                                                            : NULL;
    return model->baseline != NULL || model->train.ensemble == 1 || other == NULL ||
           error_set(error,
                     "train.ensemble: does not go with evaluate.%s (model %s), which is about one "
                     "network; leave one of them out",
                     other, model->name);
}

static bool check_stream(const struct experiment *experiment, struct error *error) {
    const struct stream_options *stream = &experiment->evaluate.stream;
    const cJSON *given = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(experiment->source, "evaluate"), "stream");
    if (cJSON_IsObject(given) && stream->regimes.count == 0)
        return error_set(error,
                         "evaluate.stream: needs \"regimes\", two or more to change between");
    return stream_check(stream, &experiment->dataset, &experiment->task, error) ||
           error_prefix(error, "evaluate.stream");
}

static bool check_ladder(const struct experiment *experiment, struct error *error) {
    const struct ladder_options *ladder = &experiment->evaluate.ladder;
    const cJSON *given = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(experiment->source, "evaluate"), "ladder");
    if (cJSON_IsObject(given) && ladder->values.count == 0)
        return error_set(error, "evaluate.ladder: needs \"values\", as in [10, 20, 50]");
    if (ladder->values.count > 0 &&
        !cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(given, "solved")))
        return error_set(error, "evaluate.ladder: needs \"solved\", the score at which a rung "
                                "counts as solved; it is stated before any score is seen");
    return ladder_check(ladder, &experiment->dataset, &experiment->task, error) ||
           error_prefix(error, "evaluate.ladder");
}

/* Without validation nothing can be chosen by it. */
static bool check_validation(const struct experiment *experiment, struct error *error) {
    const char *what = experiment->search.method != 0 ? "search" : NULL;
    for (size_t i = 0; i < experiment->model_count && what == NULL; i++) {
        const struct train_options *train = &experiment->models[i].train;
        what = train->patience > 0     ? "train.patience"
               : train->select != NULL ? "train.select"
                                       : NULL;
    }
    return what == NULL || !split_has_no_validation(&experiment->dataset.split) ||
           error_set(error, "%s: chooses by the validation score, but dataset.split.valid is 0",
                     what);
}

static bool check_kept(const struct train_options *train, struct error *error) {
    return train->keep != KEEP_LAST || train->patience == 0 ||
           error_set(error, "train.patience: stops by the best epoch, but train.keep is \"last\"; "
                            "leave one of them out");
}

/* Of the models' training; the first that is wrong, for it is most often what all share. */
static bool check_selections(const struct experiment *experiment, struct error *error) {
    for (size_t i = 0; i < experiment->model_count; i++)
        if (!check_metric(experiment, experiment->models[i].train.select, "train.select", error) ||
            !check_training_noise(experiment, i, error) || !check_adversary(experiment, i, error) ||
            !check_ensemble(experiment, i, error) ||
            !check_kept(&experiment->models[i].train, error))
            return false;
    return true;
}

static bool check_evaluation(const struct experiment *experiment, struct error *error) {
    const struct evaluate_options *evaluate = &experiment->evaluate;
    struct error one = {0};
    bool good = true;
    for (size_t i = 0; i < evaluate->metrics.count; i++) {
        good =
            check_metric(experiment, evaluate->metrics.items[i], "evaluate.metrics", &one) && good;
        error_add(error, &one);
    }
    for (size_t i = 0; i < evaluate->ood.count; i++) {
        good = check_shift(experiment, i, &one) && good;
        error_add(error, &one);
    }
    good = check_distinct(&evaluate->metrics, "evaluate.metrics", &one) && good;
    error_add(error, &one);
    good = check_distinct(&evaluate->noise.types, "evaluate.noise.types", &one) && good;
    error_add(error, &one);
    good = check_stream(experiment, &one) && good;
    error_add(error, &one);
    good = check_ladder(experiment, &one) && good;
    error_add(error, &one);
    good = check_validation(experiment, &one) && good;
    error_add(error, &one);
    return check_selections(experiment, &one) && good ? true : error_add(error, &one);
}

/* A test score, or a number that is in the records as it is. */
static bool can_be_published(const struct experiment *experiment, const char *path) {
    char part[MEASURE_PATH];
    struct measure measure = measure_parse(path, part);
    if (measure.type == NULL)
        return false;
    return measure.type->kind == MEASURE_RECORD ||
           (measure.type->kind == MEASURE_METRIC && strncmp(path, "test.", 5) == 0 &&
            has_metric(experiment, part));
}

bool check_published(const struct experiment *experiment, struct error *error) {
    const struct published_options *published = &experiment->published;
    const struct published_score *scores = published->scores.items;
    bool given = published->source != NULL || published->metric != NULL || published->scores.count;
    if (!given)
        return true;
    if (published->source == NULL || published->metric == NULL)
        return error_set(error, "published: needs \"source\", \"metric\" and \"scores\"");
    if (!has_metric(experiment, published->metric))
        return error_set(error, "published.metric: \"%s\" is not in evaluate.metrics",
                         published->metric);
    for (size_t i = 0; i < published->scores.count; i++) {
        if (scores[i].measure != NULL && !can_be_published(experiment, scores[i].measure))
            return error_set(
                error,
                "published.scores[%zu].measure: \"%s\" cannot be compared; name \"test.\" "
                "and one of evaluate.metrics, or a measure of records such as "
                "\"faults.worst.growth\"",
                i, scores[i].measure);
        for (size_t j = 0; j < i; j++)
            if (strcmp(scores[i].model, scores[j].model) == 0 &&
                strcmp(scores[i].measure != NULL ? scores[i].measure : "",
                       scores[j].measure != NULL ? scores[j].measure : "") == 0)
                return error_set(error, "published.scores[%zu].model: names \"%s\" twice", i,
                                 scores[i].model);
    }
    return true;
}

static bool check_reference(const struct experiment *experiment, struct error *error) {
    struct suggestion nearest = {.wanted = experiment->reference};
    for (size_t i = 0; i < experiment->model_count; i++) {
        if (strcmp(experiment->models[i].name, experiment->reference) == 0)
            return true;
        suggestion_offer(&nearest, experiment->models[i].name);
    }
    return error_set(error, "reference: there is no model \"%s\"%s", experiment->reference,
                     suggestion_or(&nearest, "use the name of one in \"models\"").text);
}

static bool check_seeds(const struct experiment *experiment, struct error *error) {
    const struct int_list *seeds = &experiment->seeds;
    if (seeds->count == 0)
        return error_set(error, "seeds: is empty; give at least one, as in [0]");
    for (size_t i = 0; i < seeds->count; i++)
        for (size_t j = 0; j < i; j++)
            if (seeds->items[i] == seeds->items[j])
                return error_set(error, "seeds: has %d twice", seeds->items[i]);
    return true;
}

static bool check_search(const struct experiment *experiment, struct error *error) {
    const struct search_options *search = &experiment->search;
    if (search->method == 0 && search->space != NULL)
        return error_set(error, "search.method: is missing; choose from grid, random, sobol, "
                                "halving");
    for (size_t i = 0; search->method == 0 && i < experiment->model_count; i++)
        if (experiment->models[i].space != NULL)
            return error_set(error, "models[%zu].search: needs a \"search\" in the config itself",
                             i);
    if (search->method == 0)
        return true;
    if (experiment->match.model != NULL)
        return error_set(error, "match.model: does not go with \"search\"; give the number, "
                                "match.parameters");
    for (size_t i = 0; i < experiment->seeds.count; i++)
        if (experiment->seeds.items[i] == search->seed)
            return error_set(error,
                             "search.seed: %d is one of \"seeds\", but final scores are to come "
                             "from fresh seeds",
                             search->seed);
    return true;
}

/* The curve holds the score that selects, and a baseline has no loss. */
static bool check_target(const struct experiment *experiment, struct error *error) {
    const struct target_options *target = &experiment->target;
    size_t baselines = 0;
    if (target->share <= 0 && target->score == 0)
        return !cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(experiment->source, "target")) ||
               error_set(error, "target: needs \"share\", as in 0.8, or \"score\"; neither is 0");
    const struct metric_type *metric = metric_find(experiment->metric);
    if (metric != NULL && !metric->higher_is_better && target->score < 0)
        return error_set(error, "target.score: no model can reach %g, because %s is never below 0",
                         target->score, metric->title);
    if (target->share > 0 && target->score != 0)
        return error_set(error, "target: say \"share\" or \"score\", not both");
    for (size_t i = 0; i < experiment->model_count; i++) {
        const struct model_plan *model = &experiment->models[i];
        baselines += model->baseline != NULL;
        if (model->baseline == NULL && model->train.select == NULL)
            return error_set(error, "target: needs \"train\": {\"select\": METRIC}, the score that "
                                    "reaches it during training");
    }
    if (target->share > 0 && baselines == 0)
        return error_set(error,
                         "target.share: no model can state it: there is no baseline; name one "
                         "in \"baselines\", or say target.score");
    if (experiment->evaluate.units != UNITS_DATA)
        return error_set(error, "target: goes with evaluate.units \"data\", which training has");
    return true;
}

static bool check_variant_lists(const struct experiment *experiment, struct error *error) {
    const cJSON *variants = cJSON_GetObjectItemCaseSensitive(experiment->source, "variants");
    return !cJSON_IsObject(variants) ||
           cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(variants, "parameters")) > 0 ||
           cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(variants, "learning_rates")) > 0 ||
           error_set(error, "variants: needs \"parameters\" or \"learning_rates\", a list of them");
}

bool check_experiment(const struct experiment *experiment, struct error *error) {
    bool (*const checks[])(const struct experiment *, struct error *) = {
        check_task,      check_normalization, check_foresight, check_evaluation,   check_seeds,
        check_reference, check_search,        check_target,    check_variant_lists};
    bool good = true;
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        struct error one = {0};
        good = checks[i](experiment, &one) && good;
        error_add(error, &one);
    }
    return good;
}
