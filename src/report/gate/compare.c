#include "report/gate/compare.h"

#include "base/json.h"
#include "config/gate.h"
#include "report/gate/verdict_changes.h"
#include "report/results/degradation.h"
#include "report/results/sides.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

const struct comparison_options comparison_defaults = {
    .tolerance = NAN, .floor = NAN, .alpha = NAN};

/* What is compared beside metrics, and under which name the gate knows its tolerance. */
static const struct {
    enum cost cost;
    const char *name;
    bool exact; /* the same on every machine and for every seed */
} compared_costs[] = {
    {COST_PARAMETERS, "parameters", true},    {COST_PARAMETER_BYTES, "memory", true},
    {COST_GRADIENT_BYTES, "memory", true},    {COST_OPTIMIZER_BYTES, "memory", true},
    {COST_ACTIVATION_BYTES, "memory", true},  {COST_STREAMING_BYTES, "memory", true},
    {COST_TRAIN_CPU_SECONDS, "speed", false}, {COST_STEP_P50, "speed", false},
};
enum { COMPARED_COSTS = sizeof compared_costs / sizeof compared_costs[0] };

/* Everything that comparing one data set needs. */
struct pass {
    struct comparison *comparison;
    const struct dataset_results *base, *changed;
    struct gate_options gate;
    const char *config_file;
    struct arena *arena;
};

/* ---- Matching ---- */

/* The data set of the same name; where several experiments have one, that of the same experiment.
 */
static const struct dataset_results *find_dataset(const struct results *results,
                                                  const struct dataset_results *wanted) {
    const struct dataset_results *found = NULL;
    for (size_t d = 0; d < results->dataset_count; d++) {
        const struct dataset_results *dataset = &results->datasets[d];
        if (strcmp(dataset->name, wanted->name) != 0)
            continue;
        if (strcmp(dataset->experiment, wanted->experiment) == 0)
            return dataset;
        if (found == NULL)
            found = dataset;
    }
    return found;
}

static size_t find_metric(const struct dataset_results *dataset, const char *name) {
    size_t m = 0;
    while (m < dataset->metric_count && strcmp(dataset->metrics[m].name, name) != 0)
        m++;
    return m;
}

/* ---- Judging ---- */

static void judge(struct pass *pass, const struct sides *sides, bool higher_is_better, bool exact,
                  struct comparison_row *row) {
    struct comparison *comparison = pass->comparison;
    row->base = gsl_stats_mean(sides->base, 1, sides->base_count);
    row->changed = gsl_stats_mean(sides->changed, 1, sides->changed_count);
    double worse_by = higher_is_better ? row->base - row->changed : row->changed - row->base;
    row->change = worse_by == 0 ? 0 : worse_by / fabs(row->base); /* infinite from a base of 0 */
    bool matters =
        fabs(worse_by) > pass->gate.floor && fabs(worse_by) > row->tolerance * fabs(row->base);
    row->verdict = !matters                                                     ? VERDICT_SAME
                   : !exact && !sides_support(sides, pass->gate.alpha, &row->p) ? VERDICT_CHANCE
                   : worse_by > 0                                               ? VERDICT_WORSE
                                                                                : VERDICT_BETTER;
    if (!exact)
        row->detectable = sides_detectable(sides, pass->gate.alpha, higher_is_better);
    bool found = row->verdict == VERDICT_WORSE || row->verdict == VERDICT_BETTER;
    double seen = row->detectable * fabs(row->base);
    row->lacks_power = comparison->options.require_power && !exact && !found &&
                       !(row->detectable <= row->tolerance || seen <= pass->gate.floor);
    comparison->without_power += row->lacks_power;
    comparison->compared++;
    comparison->worse += row->verdict == VERDICT_WORSE;
    comparison->chance += row->verdict == VERDICT_CHANCE && worse_by > 0;
}

/* ---- Rows ---- */

static struct comparison_row *add_row(struct pass *pass, const char *model, const char *metric,
                                      double tolerance) {
    struct comparison *comparison = pass->comparison;
    struct comparison_row *row = &comparison->rows[comparison->row_count++];
    double wanted = comparison->options.tolerance;
    *row = (struct comparison_row){
        .dataset = pass->base->title,
        .config_file = pass->config_file,
        .model = model,
        .metric = metric,
        .base = NAN,
        .changed = NAN,
        .change = NAN,
        .p = NAN,
        .detectable = NAN,
        .tolerance = isnan(wanted) ? tolerance : wanted,
        .reason = "",
    };
    return row;
}

static void add_missing(struct pass *pass, const char *model, const char *metric,
                        const char *reason) {
    struct comparison_row *row = add_row(pass, model, metric, pass->gate.tolerance);
    row->verdict = VERDICT_MISSING;
    row->reason = reason;
    pass->comparison->missing++;
}

/* One number that is better high or low: base_values and changed_values are [trial_count]. */
static void compare_values(struct pass *pass, const struct model_results *base,
                           const double *base_values, const struct model_results *changed,
                           const double *changed_values, const char *title, bool higher_is_better,
                           double tolerance) {
    struct sides sides = sides_collect(base, base_values, changed, changed_values, pass->arena);
    if (sides.lost > 0)
        add_missing(pass, base->name, title,
                    arena_printf(pass->arena, "has no finite value in NEW for %zu seed%s%s",
                                 sides.lost, sides.lost == 1 ? "" : "s",
                                 sides.paired ? " that had one" : ""));
    if (sides.base_count == 0 || sides.changed_count == 0)
        return; /* the missing or failed seeds have a row already */
    bool exact = base->baseline && sides.base_count == 1; /* no weights that a seed decides */
    judge(pass, &sides, higher_is_better, exact, add_row(pass, base->name, title, tolerance));
}

static void compare_metric(struct pass *pass, const struct model_results *base, size_t m,
                           const struct model_results *changed) {
    const struct metric_info *metric = &pass->base->metrics[m];
    size_t other = find_metric(pass->changed, metric->name);
    const struct scores *base_scores = scores_at(pass->base, base, pass->base->test, m);
    if (base_scores->summary.count == 0)
        return; /* base promises nothing */
    if (other == pass->changed->metric_count) {
        add_missing(pass, base->name, metric->title, "is not measured in NEW");
        return;
    }
    compare_values(pass, base, base_scores->values, changed,
                   scores_at(pass->changed, changed, pass->changed->test, other)->values,
                   metric->title, metric->higher_is_better,
                   gate_tolerance(&pass->gate, metric->name));
}

/* ---- Noise and shifts ---- */

/* A model's scores, [trial_count], each the mean over conditions: the severities of a perturbation.
 * Of errors it is the geometric mean, in which mild severities count like harsh ones. */
static double *mean_scores(const struct dataset_results *dataset, const struct model_results *model,
                           const size_t *conditions, size_t count, size_t metric,
                           struct arena *arena) {
    bool is_error = !dataset->metrics[metric].higher_is_better;
    double *means = ARENA_NEW(arena, double, model->trial_count);
    for (size_t t = 0; t < model->trial_count; t++) {
        double sum = 0;
        for (size_t i = 0; i < count; i++) {
            double score = scores_at(dataset, model, conditions[i], metric)->values[t];
            sum += is_error ? log(score) : score;
        }
        means[t] = is_error ? exp(sum / (double)count) : sum / (double)count;
    }
    return means;
}

/* The headline metric under a perturbation (all its severities) or on a shift (a single one). */
static void compare_conditions(struct pass *pass, const struct model_results *base,
                               const struct model_results *changed, const size_t *conditions,
                               size_t count, double tolerance) {
    const struct metric_info *metric = &pass->base->metrics[0];
    const struct condition *condition = &pass->base->conditions[conditions[0]];
    const char *title = arena_printf(pass->arena, "%s, %s", metric->title, condition->name);
    size_t other = find_metric(pass->changed, metric->name);
    if (other == pass->changed->metric_count)
        return; /* compare_metric() said so */
    if (base->trial_count < 2 && runs_other_seeds(base, changed))
        return; /* another draw of the noise, and no spread to judge the difference by */
    size_t *others = ARENA_NEW(pass->arena, size_t, count);
    for (size_t i = 0; i < count; i++) {
        if (scores_at(pass->base, base, conditions[i], 0)->summary.count == 0)
            return; /* base promises nothing */
        others[i] = condition_position(pass->changed, &pass->base->conditions[conditions[i]]);
        if (others[i] == pass->changed->condition_count) {
            add_missing(pass, base->name, title,
                        arena_printf(pass->arena, "is not measured in NEW%s",
                                     count > 1 ? " at each severity of BASE" : ""));
            return;
        }
    }
    compare_values(pass, base, mean_scores(pass->base, base, conditions, count, 0, pass->arena),
                   changed, mean_scores(pass->changed, changed, others, count, other, pass->arena),
                   title, metric->higher_is_better, tolerance);
}

static void compare_robustness(struct pass *pass, const struct model_results *base,
                               const struct model_results *changed) {
    size_t room = pass->base->condition_count;
    if (pass->base->metric_count == 0)
        return;
    const char **types = ARENA_NEW(pass->arena, const char *, room + 1);
    size_t *conditions = ARENA_NEW(pass->arena, size_t, room + 1);
    size_t perturbations =
        gate_compares(&pass->gate, GATE_NOISE) ? perturbations_of(pass->base, types) : 0;
    for (size_t p = 0; p < perturbations; p++)
        compare_conditions(pass, base, changed, conditions,
                           severities_of(pass->base, types[p], conditions),
                           gate_growth(&pass->gate, GATE_NOISE));
    for (size_t c = 0; gate_compares(&pass->gate, GATE_OOD) && c < room; c++)
        if (pass->base->conditions[c].kind == CONDITION_OOD)
            compare_conditions(pass, base, changed, &c, 1, gate_growth(&pass->gate, GATE_OOD));
}

static void compare_cost(struct pass *pass, const struct model_results *base,
                         const struct model_results *changed, size_t c) {
    enum cost named = compared_costs[c].cost, cost = named;
    /* Older records know the time on the wall alone. */
    if (named == COST_TRAIN_CPU_SECONDS &&
        (base->costs[cost].summary.count == 0 || changed->costs[cost].summary.count == 0))
        cost = COST_TRAIN_SECONDS;
    if (base->finished == 0 || (!compared_costs[c].exact && !pass->gate.speed))
        return;
    struct sides sides = sides_collect(base, base->costs[cost].values, changed,
                                       changed->costs[cost].values, pass->arena);
    if (sides.base_count == 0 || sides.changed_count == 0)
        return;
    struct comparison_row *row = add_row(pass, base->name, cost_infos[named].title,
                                         gate_tolerance(&pass->gate, compared_costs[c].name));
    row->is_cost = true;
    row->unit = cost_infos[cost].unit;
    judge(pass, &sides, false, compared_costs[c].exact, row);
}

/* Every seed that finished in base must have finished in changed; with other seeds, all of those.
 */
static void compare_trials(struct pass *pass, const struct model_results *base,
                           const struct model_results *changed) {
    bool others = runs_other_seeds(base, changed);
    const struct model_results *expected = others ? changed : base;
    size_t missing = 0, failed = 0;
    const struct trial *failure = NULL;
    for (size_t t = 0; t < expected->trial_count; t++) {
        size_t place = others ? t : seed_position(changed, base->trials[t]->seed);
        if (!others && !base->trials[t]->ok)
            continue;
        if (place == changed->trial_count) {
            missing++;
        } else if (!changed->trials[place]->ok) {
            failed++;
            failure = changed->trials[place];
        }
    }
    if (missing > 0)
        add_missing(pass, base->name, "",
                    arena_printf(pass->arena, "%zu of %zu seeds are missing in NEW", missing,
                                 base->trial_count));
    if (failed > 0)
        add_missing(pass, base->name, "",
                    arena_printf(pass->arena, "%zu of %zu trials failed in NEW (%s%s%s)", failed,
                                 expected->trial_count, failure->status,
                                 failure->error[0] == '\0' ? "" : ": ", failure->error));
}

/* ---- Configs ---- */

/* What of a trial's config decides its test metrics: data set, task and the members of its model.
 * Where data lies is no matter. */
static cJSON *decisive_config(const struct trial *trial) {
    cJSON *config = cJSON_Parse(trial->config), *decisive = cJSON_CreateObject();
    cJSON *dataset = cJSON_DetachItemFromObjectCaseSensitive(config, "dataset");
    cJSON_DeleteItemFromObjectCaseSensitive(dataset, "path");
    cJSON_AddItemToObject(decisive, "dataset", dataset);
    cJSON_AddItemToObject(decisive, "task",
                          cJSON_DetachItemFromObjectCaseSensitive(config, "task"));
    const cJSON *model, *item;
    cJSON_ArrayForEach(model, cJSON_GetObjectItemCaseSensitive(config, "models")) {
        if (strcmp(json_string(model, "name", ""), trial->model) == 0)
            cJSON_ArrayForEach(item, model) {
                cJSON_AddItemToObject(decisive, item->string, cJSON_Duplicate(item, 1));
            }
    }
    cJSON_Delete(config);
    return decisive;
}

static void compare_configs(struct pass *pass, const struct model_results *base,
                            const struct model_results *changed) {
    if (pass->comparison->options.any_config || base->trial_count == 0 || changed->trial_count == 0)
        return;
    cJSON *before = decisive_config(base->trials[0]), *after = decisive_config(changed->trials[0]);
    const char *difference = json_difference(before, after, pass->arena);
    if (difference != NULL)
        add_missing(pass, base->name, "",
                    arena_printf(pass->arena, "the config differs: %s", difference));
    cJSON_Delete(before);
    cJSON_Delete(after);
}

static const struct experiment_results *experiment_named(const struct results *results,
                                                         const char *name) {
    for (size_t e = 0; e < results->experiment_count; e++)
        if (strcmp(results->experiments[e].name, name) == 0)
            return &results->experiments[e];
    return NULL;
}

/* The config that the rows of a data set are about: NEW's, else BASE's; "" when not known. */
static const char *config_file_of(const struct results *changed, const struct results *base,
                                  const struct dataset_results *dataset) {
    const struct experiment_results *now = experiment_named(changed, dataset->experiment);
    const struct experiment_results *before = experiment_named(base, dataset->experiment);
    if (now != NULL && now->config_file[0] != '\0')
        return now->config_file;
    return before != NULL ? before->config_file : "";
}

/* The gate of base's config, and what the caller wants otherwise. *config is what it points into.
 */
static struct gate_options read_gate(const struct results *base,
                                     const struct dataset_results *dataset,
                                     const struct comparison_options *options, cJSON **config,
                                     struct arena *arena) {
    struct gate_options gate = {0};
    const struct experiment_results *experiment = experiment_named(base, dataset->experiment);
    *config = experiment != NULL ? cJSON_Parse(experiment->config) : NULL;
    const cJSON *given = cJSON_GetObjectItemCaseSensitive(*config, "gate");
    cJSON *none = cJSON_CreateObject();
    struct field_target target = {gate_fields, &gate};
    struct error ignored; /* what this program wrote it can read; else the defaults hold */
    if (given == NULL || !fields_read(&target, 1, given, "gate", arena, &ignored))
        fields_read(&target, 1, none, "gate", arena, &ignored);
    cJSON_Delete(none);
    if (!isnan(options->floor))
        gate.floor = options->floor;
    if (!isnan(options->alpha))
        gate.alpha = options->alpha;
    gate.speed |= options->speed;
    gate.hypotheses |= options->hypotheses;
    return gate;
}

/* ---- Everything ---- */

/* Verdicts are about all data sets of an experiment: the rows name none. */
static void compare_verdicts(struct pass *pass, const struct results *base,
                             const struct results *changed) {
    static const struct dataset_results all = {.title = "hypotheses"};
    pass->base = &all;
    struct verdict_changes changes = verdict_changes_find(base, changed, pass->arena);
    pass->comparison->compared += changes.same;
    for (size_t c = 0; c < changes.count; c++)
        add_missing(pass, changes.items[c].name, "", changes.items[c].reason);
}

static void add_note(struct comparison *comparison, const char *note) {
    comparison->notes[comparison->note_count++] = note;
}

static void compare_models(struct pass *pass) {
    bool other_seeds = false;
    for (size_t m = 0; m < pass->base->model_count; m++) {
        const struct model_results *model = &pass->base->models[m];
        const struct model_results *other = find_model_results(pass->changed, model->name);
        if (other == NULL) {
            add_missing(pass, model->name, "", "the model is missing in NEW");
            continue;
        }
        compare_configs(pass, model, other);
        compare_trials(pass, model, other);
        for (size_t i = 0; i < pass->base->metric_count; i++)
            compare_metric(pass, model, i, other);
        compare_robustness(pass, model, other);
        for (size_t c = 0; c < COMPARED_COSTS; c++)
            compare_cost(pass, model, other, c);
        other_seeds |= !model->baseline && runs_other_seeds(model, other);
    }
    if (other_seeds)
        add_note(pass->comparison,
                 arena_printf(pass->arena,
                              "%s was run with other seeds, which are compared unpaired",
                              pass->base->title));
}

static void note_additions(struct comparison *comparison, const struct results *base,
                           const struct results *changed, struct arena *arena) {
    for (size_t d = 0; d < changed->dataset_count; d++) {
        const struct dataset_results *dataset = &changed->datasets[d];
        const struct dataset_results *old = find_dataset(base, dataset);
        if (old == NULL)
            add_note(comparison,
                     arena_printf(arena, "%s is only in NEW and is not compared", dataset->title));
        for (size_t m = 0; old != NULL && m < dataset->model_count; m++)
            if (find_model_results(old, dataset->models[m].name) == NULL)
                add_note(comparison,
                         arena_printf(arena, "%s · %s is only in NEW and is not compared",
                                      dataset->title, dataset->models[m].name));
    }
}

/* Room for the most rows and notes there can be. */
static void make_room(struct comparison *comparison, const struct results *base,
                      const struct results *changed, struct arena *arena) {
    size_t rows = 1, notes = 1;
    for (size_t d = 0; d < base->dataset_count; d++) {
        rows += 1 + base->datasets[d].model_count *
                        (4 + 2 * base->datasets[d].metric_count +
                         2 * base->datasets[d].condition_count + COMPARED_COSTS);
        notes++;
    }
    for (size_t d = 0; d < changed->dataset_count; d++)
        notes += 1 + changed->datasets[d].model_count;
    comparison->rows = ARENA_NEW(arena, struct comparison_row, rows + verdict_changes_max(base));
    comparison->notes = ARENA_NEW(arena, const char *, notes);
}

struct comparison compare_results(const struct results *base, const struct results *changed,
                                  const struct comparison_options *options, struct arena *arena) {
    struct comparison comparison = {.options = *options};
    struct pass about_verdicts = {.comparison = &comparison, .config_file = "", .arena = arena};
    bool gates_verdicts = false;
    make_room(&comparison, base, changed, arena);
    for (size_t d = 0; d < base->dataset_count; d++) {
        struct pass pass = {.comparison = &comparison,
                            .base = &base->datasets[d],
                            .changed = find_dataset(changed, &base->datasets[d]),
                            .config_file = config_file_of(changed, base, &base->datasets[d]),
                            .arena = arena};
        cJSON *config;
        pass.gate = read_gate(base, pass.base, options, &config, arena);
        gates_verdicts |= pass.gate.hypotheses;
        if (pass.changed == NULL)
            add_missing(&pass, "", "", "the data set is missing in NEW");
        else
            compare_models(&pass);
        cJSON_Delete(config);
    }
    if (gates_verdicts)
        compare_verdicts(&about_verdicts, base, changed);
    note_additions(&comparison, base, changed, arena);
    comparison.passed = comparison.compared > 0 && comparison.worse == 0 &&
                        comparison.missing == 0 && comparison.without_power == 0;
    return comparison;
}
