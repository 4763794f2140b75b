#include "config/hypothesis.h"

#include "base/choice.h"
#include "base/string_list.h"
#include "config/checks.h"
#include "evaluate/cost.h"
#include "evaluate/measure.h"
#include "evaluate/metric.h"
#include "evaluate/shift.h"

#include <string.h>

const char *expectation_name(size_t position) {
    static const char *const names[] = {"lower", "higher"};
    return position < sizeof names / sizeof names[0] ? names[position] : NULL;
}

#define AT(member) .offset = offsetof(struct hypothesis_options, member)
const struct field hypothesis_fields[] = {
    {"name", FIELD_STRING, AT(name), .required = true,
     .help = "Short name; the same hypothesis in several configs is decided on all their data."},
    {"claim", FIELD_STRING, AT(claim), .help = "The claim in words, for reports."},
    {"source", FIELD_STRING, AT(source), .help = "Who claims it."},
    {"measure", FIELD_STRING, AT(measure), .required = true,
     .help = "What it is about: a path that `liquidbench list measures` names."},
    {"models", FIELD_STRINGS, AT(models), .required = true,
     .help = "Models of which it is claimed; several count alike."},
    {"against", FIELD_STRINGS, AT(against), .required = true,
     .help = "Models that they are compared with."},
    {"expect", FIELD_CHOICE, AT(expect), .required = true, .choices = expectation_name,
     .help = "Whether the values of \"models\" are claimed to be lower or higher."},
    {"by", FIELD_REAL, AT(by), .required = true, .min = 0, .max = 1e6,
     .help = "Smallest relative difference that matters, stated beforehand: 0.05 is a ratio of "
             "1.05 or 1/1.05."},
    {0},
};
#undef AT

/* ---- Models ---- */

/* What a hypothesis can be about: models, or families of them. */
static const char *subject_of(const struct model_plan *model, bool of_family) {
    return of_family ? model->family : model->name;
}

static bool check_model(const struct experiment *experiment, const char *name, bool of_family,
                        struct error *error) {
    struct suggestion nearest = {.wanted = name};
    for (size_t i = 0; i < experiment->model_count; i++) {
        const char *subject = subject_of(&experiment->models[i], of_family);
        if (subject == NULL)
            continue;
        if (strcmp(subject, name) == 0)
            return true;
        suggestion_offer(&nearest, subject);
    }
    return error_set(
        error, "there is no %s \"%s\"%s", of_family ? "family" : "model", name,
        suggestion_or(&nearest, of_family
                                    ? "this measure is about the families that \"variants\" makes"
                                    : "use names of \"models\" or \"baselines\"")
            .text);
}

static bool check_side(const struct experiment *experiment, const struct string_list *models,
                       bool of_family, struct error *error) {
    if (models->count == 0)
        return error_set(error, "is empty; name at least one model");
    for (size_t i = 0; i < models->count; i++) {
        if (!check_model(experiment, models->items[i], of_family, error))
            return false;
        for (size_t j = 0; j < i; j++)
            if (strcmp(models->items[i], models->items[j]) == 0)
                return error_set(error, "names \"%s\" twice", models->items[i]);
    }
    return true;
}

static bool check_apart(const struct hypothesis_options *hypothesis, struct error *error) {
    for (size_t i = 0; i < hypothesis->against.count; i++)
        if (string_list_has(&hypothesis->models, hypothesis->against.items[i]))
            return error_set(error, "\"%s\" is one of \"models\" already",
                             hypothesis->against.items[i]);
    return true;
}

/* ---- Measures ---- */

/* What the config measures that a part may mean; NULL after the last. */
static const char *part_at(const struct experiment *experiment, enum measure_part part,
                           size_t position) {
    const struct evaluate_options *evaluate = &experiment->evaluate;
    const struct shift_options *shifts = evaluate->ood.items;
    switch (part) {
    case PART_NONE:
        return position == 0 ? "" : NULL;
    case PART_METRIC:
        return position < evaluate->metrics.count ? evaluate->metrics.items[position] : NULL;
    case PART_PERTURBATION:
        if (evaluate->noise.types.count == 0)
            return NULL;
        return position == 0                             ? "all"
               : position <= evaluate->noise.types.count ? evaluate->noise.types.items[position - 1]
                                                         : NULL;
    case PART_SHIFT:
        if (evaluate->ood.count == 0)
            return NULL;
        return position == 0                     ? "all"
               : position <= evaluate->ood.count ? shifts[position - 1].name
                                                 : NULL;
    case PART_COST:
        return position < COST_COUNT ? cost_infos[position].name : NULL;
    }
    return NULL;
}

/* What a measure needs that the config does not have. */
static const char *part_source(enum measure_part part) {
    static const char *const sources[] = {[PART_NONE] = "the config",
                                          [PART_METRIC] = "evaluate.metrics",
                                          [PART_PERTURBATION] = "evaluate.noise.types",
                                          [PART_SHIFT] = "evaluate.ood",
                                          [PART_COST] = "`liquidbench list measures`"};
    return sources[part];
}

/* A path whose part this config does not have; suggests one that it has. */
static bool refuse_part(const struct experiment *experiment, const char *wanted,
                        const struct measure *measure, struct error *error) {
    struct suggestion nearest = {.wanted = measure->part};
    const char *part;
    for (size_t i = 0; (part = part_at(experiment, measure->type->part, i)) != NULL; i++)
        suggestion_offer(&nearest, part);
    if (nearest.nearest == NULL)
        return error_set(error, "\"%s\" is not measured here: there is no \"%s\" in %s", wanted,
                         measure->part, part_source(measure->type->part));
    char path[MEASURE_PATH];
    measure_path(measure->type, nearest.nearest, path);
    return error_set(error, "\"%s\" is not measured here; did you mean \"%s\"?", wanted, path);
}

/* A path unlike all there are; suggests one of those that this config measures. */
static bool refuse_path(const struct experiment *experiment, const char *wanted,
                        struct error *error) {
    struct arena arena = {0};
    struct suggestion nearest = {.wanted = wanted};
    const struct measure_type *type;
    const char *part;
    for (size_t t = 0; (type = measure_at(t)) != NULL; t++)
        for (size_t i = 0; (part = part_at(experiment, type->part, i)) != NULL; i++) {
            char path[MEASURE_PATH];
            measure_path(type, part, path);
            suggestion_offer(&nearest, arena_strdup(&arena, path));
        }
    error_set(error, "\"%s\" is not known%s", wanted,
              suggestion_or(&nearest, "`liquidbench list measures` names all there are").text);
    arena_free(&arena);
    return false;
}

static bool begins(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool has_return(const struct string_list *sequence) {
    for (size_t v = 0; v < sequence->count; v++)
        for (size_t earlier = 0; earlier < v; earlier++)
            if (strcmp(sequence->items[v], sequence->items[earlier]) == 0)
                return true;
    return false;
}

static bool has_rollout(const struct experiment *experiment, const char *name) {
    const struct shift_options *shifts = experiment->evaluate.ood.items;
    for (size_t i = 0; i < experiment->evaluate.ood.count; i++)
        if (shifts[i].rollout > 0 &&
            (strcmp(name, "all") == 0 || strcmp(name, shifts[i].name) == 0))
            return true;
    return false;
}

/* What the config lacks for a measure to be measured; NULL: nothing. */
static const char *lacks(const struct experiment *experiment, const struct measure *measure) {
    const struct evaluate_options *evaluate = &experiment->evaluate;
    const char *record = measure->type->record != NULL ? measure->type->record : "";
    bool has_target = experiment->target.share > 0 || experiment->target.score != 0;
    if (measure_has_target(measure->type) && !has_target)
        return "a target: say \"target\": {\"share\": 0.8}";
    if (begins(record, "stream.") && evaluate->stream.regimes.count == 0)
        return "evaluate.stream, with regimes to change between";
    if (begins(record, "stream.") && strstr(record, ".forgetting") != NULL &&
        !has_return(&evaluate->stream.sequence))
        return "a regime that comes back: name one twice in evaluate.stream.sequence";
    if (begins(record, "ladder.") && evaluate->ladder.values.count == 0)
        return "evaluate.ladder, with values and \"solved\"";
    if (begins(record, "gradient_lag.") && evaluate->gradient_lags == 0)
        return "evaluate.gradient_lags, as in 100";
    if (begins(record, "metrics.test.memory_capacity") &&
        !has_metric(experiment, "memory_capacity"))
        return "\"memory_capacity\" in evaluate.metrics";
    if (begins(record, "faults.") && evaluate->noise.types.count == 0)
        return "evaluate.noise, with perturbations or a suite";
    if (begins(record, "faults.") && !metric_find(evaluate->metrics.items[0])->is_mean)
        return "a first metric in evaluate.metrics that is a mean over steps, such as mse or "
               "accuracy";
    if (measure->type->kind == MEASURE_VALID_STEPS && !has_rollout(experiment, measure->part))
        return "a shift with \"rollout\" in evaluate.ood";
    if (measure->type->kind == MEASURE_COST && begins(measure->part, "step_us_") &&
        evaluate->latency_steps == 0)
        return "evaluate.latency_steps, as in 2000";
    return NULL;
}

/* Whether only what is trained by gradients, or steps a state, has the measure. */
static bool is_of_networks(const struct measure *measure) {
    enum measure_kind kind = measure->type->kind;
    const char *record = measure->type->record != NULL ? measure->type->record : "";
    return (kind >= MEASURE_EPOCHS_TO_TARGET && kind <= MEASURE_EXPLODING) ||
           begins(record, "gradient_lag.") || begins(record, "ladder.") ||
           begins(record, "best_epoch") ||
           (kind == MEASURE_COST && begins(measure->part, "step_us_"));
}

static bool check_no_baseline(const struct experiment *experiment, const struct string_list *models,
                              const char *measure, struct error *error) {
    for (size_t i = 0; i < experiment->model_count; i++)
        for (size_t j = 0; experiment->models[i].baseline != NULL && j < models->count; j++)
            if (strcmp(experiment->models[i].name, models->items[j]) == 0)
                return error_set(error, "\"%s\" is a baseline; only networks have %s",
                                 models->items[j], measure);
    return true;
}

static bool check_measure(const struct experiment *experiment, const char *wanted,
                          struct error *error) {
    char text[MEASURE_PATH];
    struct measure measure = measure_parse(wanted, text);
    if (measure.type == NULL)
        return refuse_path(experiment, wanted, error);
    const char *part;
    size_t i = 0;
    while ((part = part_at(experiment, measure.type->part, i)) != NULL &&
           strcmp(part, measure.part) != 0)
        i++;
    if (part == NULL)
        return refuse_part(experiment, wanted, &measure, error);
    const char *lacking = lacks(experiment, &measure);
    return lacking == NULL || error_set(error, "\"%s\" needs %s", wanted, lacking);
}

/* ---- All ---- */

static bool check_hypothesis(const struct experiment *experiment, size_t position,
                             struct error *error) {
    const struct hypothesis_options *hypotheses = experiment->hypotheses.items;
    const struct hypothesis_options *hypothesis = &hypotheses[position];
    if (hypothesis->name[0] == '\0')
        return error_set(error, "hypotheses[%zu].name: is empty", position);
    for (size_t i = 0; i < position; i++)
        if (strcmp(hypotheses[i].name, hypothesis->name) == 0)
            return error_set(error,
                             "hypotheses[%zu].name: \"%s\" is the name of hypotheses[%zu] already",
                             position, hypothesis->name, i);
    char part[MEASURE_PATH];
    if (!check_measure(experiment, hypothesis->measure, error))
        return error_prefix(error, "hypotheses[%zu].measure", position);
    struct measure measure = measure_parse(hypothesis->measure, part);
    bool of_family = measure_of_family(measure.type), of_networks = is_of_networks(&measure);
    const struct string_list *sides[] = {&hypothesis->models, &hypothesis->against};
    for (int side = 0; side < 2; side++)
        if (!check_side(experiment, sides[side], of_family, error) ||
            (of_networks &&
             !check_no_baseline(experiment, sides[side], hypothesis->measure, error)) ||
            (side == 1 && !check_apart(hypothesis, error)))
            return error_prefix(error, "hypotheses[%zu].%s", position,
                                side == 0 ? "models" : "against");
    return true;
}

bool check_hypotheses(const struct experiment *experiment, struct error *error) {
    bool good = true;
    for (size_t i = 0; i < experiment->hypotheses.count; i++) {
        struct error one = {0};
        good = check_hypothesis(experiment, i, &one) && good;
        error_add(error, &one);
    }
    return good;
}
