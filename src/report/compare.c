#include "report/compare.h"

#include "report/format.h"
#include "report/text_table.h"

#include <math.h>
#include <string.h>

const struct comparison_options comparison_defaults = {.tolerance = 0.05, .floor = 1e-6};

static const enum cost compared_costs[] = {
    COST_PARAMETERS,      COST_PARAMETER_BYTES,  COST_GRADIENT_BYTES,
    COST_OPTIMIZER_BYTES, COST_ACTIVATION_BYTES, COST_STREAMING_BYTES,
};
enum { COMPARED_COSTS = sizeof compared_costs / sizeof compared_costs[0] };

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

static const struct model_results *find_model(const struct dataset_results *dataset,
                                              const char *name) {
    for (size_t m = 0; m < dataset->model_count; m++)
        if (strcmp(dataset->models[m].name, name) == 0)
            return &dataset->models[m];
    return NULL;
}

static size_t find_metric(const struct dataset_results *dataset, const char *name) {
    size_t m = 0;
    while (m < dataset->metric_count && strcmp(dataset->metrics[m].name, name) != 0)
        m++;
    return m;
}

/* Position of a seed among a model's trials; trial_count when it is not there. */
static size_t find_seed(const struct model_results *model, double seed) {
    size_t t = 0;
    while (t < model->trial_count && model->trials[t]->seed != seed)
        t++;
    return t;
}

/* ---- Rows ---- */

static struct comparison_row *add_row(struct comparison *comparison,
                                      const struct dataset_results *dataset, const char *model,
                                      const char *metric) {
    struct comparison_row *row = &comparison->rows[comparison->row_count++];
    *row = (struct comparison_row){.dataset = dataset->title,
                                   .model = model,
                                   .metric = metric,
                                   .base = NAN,
                                   .changed = NAN,
                                   .change = NAN,
                                   .reason = ""};
    return row;
}

static void add_missing(struct comparison *comparison, const struct dataset_results *dataset,
                        const char *model, const char *metric, const char *reason) {
    struct comparison_row *row = add_row(comparison, dataset, model, metric);
    row->verdict = VERDICT_MISSING;
    row->reason = reason;
    comparison->missing++;
}

static void judge(struct comparison *comparison, struct comparison_row *row,
                  bool higher_is_better) {
    const struct comparison_options *options = &comparison->options;
    double worse_by = higher_is_better ? row->base - row->changed : row->changed - row->base;
    row->change = worse_by == 0 ? 0 : worse_by / fabs(row->base); /* infinite from a base of 0 */
    bool matters =
        fabs(worse_by) > options->floor && fabs(worse_by) > options->tolerance * fabs(row->base);
    row->verdict = !matters ? VERDICT_SAME : worse_by > 0 ? VERDICT_WORSE : VERDICT_BETTER;
    comparison->compared++;
    comparison->worse += row->verdict == VERDICT_WORSE;
}

/* Means over the seeds for which both have a value; false when there is none. A seed that has a
 * value in base and a finished trial without one in changed is counted in *lost. */
static bool paired_means(const struct model_results *base, const double *base_values,
                         const struct model_results *changed, const double *changed_values,
                         double *base_mean, double *changed_mean, size_t *lost) {
    size_t count = 0;
    *base_mean = *changed_mean = 0;
    *lost = 0;
    for (size_t t = 0; t < base->trial_count; t++) {
        size_t other = find_seed(changed, base->trials[t]->seed);
        if (other == changed->trial_count || isnan(base_values[t]))
            continue;
        if (isnan(changed_values[other])) {
            *lost += changed->trials[other]->ok;
            continue;
        }
        *base_mean += base_values[t];
        *changed_mean += changed_values[other];
        count++;
    }
    *base_mean /= (double)count;
    *changed_mean /= (double)count;
    return count > 0;
}

static void compare_metric(struct comparison *comparison, const struct dataset_results *base,
                           const struct model_results *base_model, size_t m,
                           const struct dataset_results *changed,
                           const struct model_results *changed_model, struct arena *arena) {
    const struct metric_info *metric = &base->metrics[m];
    size_t other = find_metric(changed, metric->name);
    const struct scores *base_scores = scores_at(base, base_model, base->test, m);
    if (base_scores->summary.count == 0)
        return; /* base promises nothing */
    if (other == changed->metric_count) {
        add_missing(comparison, base, base_model->name, metric->title, "is not measured in NEW");
        return;
    }
    double base_mean, changed_mean;
    size_t lost;
    bool paired = paired_means(base_model, base_scores->values, changed_model,
                               scores_at(changed, changed_model, changed->test, other)->values,
                               &base_mean, &changed_mean, &lost);
    if (lost > 0)
        add_missing(comparison, base, base_model->name, metric->title,
                    arena_printf(arena, "has no value in NEW for %zu seed%s that had one", lost,
                                 lost == 1 ? "" : "s"));
    if (!paired)
        return; /* the missing or failed seeds have a row already */
    struct comparison_row *row = add_row(comparison, base, base_model->name, metric->title);
    row->base = base_mean;
    row->changed = changed_mean;
    judge(comparison, row, metric->higher_is_better);
}

static void compare_cost(struct comparison *comparison, const struct dataset_results *dataset,
                         const struct model_results *base, const struct model_results *changed,
                         enum cost cost) {
    double base_mean, changed_mean;
    size_t lost;
    if (base->finished == 0 ||
        !paired_means(base, base->costs[cost].values, changed, changed->costs[cost].values,
                      &base_mean, &changed_mean, &lost))
        return;
    struct comparison_row *row = add_row(comparison, dataset, base->name, cost_infos[cost].title);
    row->is_cost = true;
    row->unit = cost_infos[cost].unit;
    row->base = base_mean;
    row->changed = changed_mean;
    judge(comparison, row, false);
}

/* Every seed that finished in base must have finished in changed. */
static void compare_trials(struct comparison *comparison, const struct dataset_results *dataset,
                           const struct model_results *base, const struct model_results *changed,
                           struct arena *arena) {
    size_t missing = 0, failed = 0;
    const struct trial *failure = NULL;
    for (size_t t = 0; t < base->trial_count; t++) {
        if (!base->trials[t]->ok)
            continue;
        size_t other = find_seed(changed, base->trials[t]->seed);
        if (other == changed->trial_count) {
            missing++;
        } else if (!changed->trials[other]->ok) {
            failed++;
            failure = changed->trials[other];
        }
    }
    if (missing > 0)
        add_missing(
            comparison, dataset, base->name, "",
            arena_printf(arena, "%zu of %zu seeds are missing in NEW", missing, base->trial_count));
    if (failed > 0)
        add_missing(comparison, dataset, base->name, "",
                    arena_printf(arena, "%zu of %zu trials failed in NEW (%s%s%s)", failed,
                                 base->trial_count, failure->status,
                                 failure->error[0] == '\0' ? "" : ": ", failure->error));
}

static void compare_dataset(struct comparison *comparison, const struct dataset_results *base,
                            const struct dataset_results *changed, struct arena *arena) {
    for (size_t m = 0; m < base->model_count; m++) {
        const struct model_results *model = &base->models[m];
        const struct model_results *other = find_model(changed, model->name);
        if (other == NULL) {
            add_missing(comparison, base, model->name, "", "the model is missing in NEW");
            continue;
        }
        compare_trials(comparison, base, model, other, arena);
        for (size_t i = 0; i < base->metric_count; i++)
            compare_metric(comparison, base, model, i, changed, other, arena);
        for (size_t c = 0; c < COMPARED_COSTS; c++)
            compare_cost(comparison, base, model, other, compared_costs[c]);
    }
}

static void note_additions(struct comparison *comparison, const struct results *base,
                           const struct results *changed, struct arena *arena) {
    size_t most = changed->dataset_count;
    for (size_t d = 0; d < changed->dataset_count; d++)
        most += changed->datasets[d].model_count;
    comparison->notes = ARENA_NEW(arena, const char *, most + 1);
    for (size_t d = 0; d < changed->dataset_count; d++) {
        const struct dataset_results *dataset = &changed->datasets[d];
        const struct dataset_results *old = find_dataset(base, dataset);
        if (old == NULL)
            comparison->notes[comparison->note_count++] =
                arena_printf(arena, "%s is only in NEW and is not compared", dataset->title);
        for (size_t m = 0; old != NULL && m < dataset->model_count; m++)
            if (find_model(old, dataset->models[m].name) == NULL)
                comparison->notes[comparison->note_count++] =
                    arena_printf(arena, "%s · %s is only in NEW and is not compared",
                                 dataset->title, dataset->models[m].name);
    }
}

struct comparison compare_results(const struct results *base, const struct results *changed,
                                  const struct comparison_options *options, struct arena *arena) {
    struct comparison comparison = {.options = *options};
    size_t most = base->dataset_count;
    for (size_t d = 0; d < base->dataset_count; d++)
        most += base->datasets[d].model_count *
                (2 + 2 * base->datasets[d].metric_count + COMPARED_COSTS);
    comparison.rows = ARENA_NEW(arena, struct comparison_row, most + 1);
    for (size_t d = 0; d < base->dataset_count; d++) {
        const struct dataset_results *dataset = find_dataset(changed, &base->datasets[d]);
        if (dataset == NULL)
            add_missing(&comparison, &base->datasets[d], "", "", "the data set is missing in NEW");
        else
            compare_dataset(&comparison, &base->datasets[d], dataset, arena);
    }
    note_additions(&comparison, base, changed, arena);
    comparison.passed = comparison.compared > 0 && comparison.worse == 0 && comparison.missing == 0;
    return comparison;
}

/* ---- Printing ---- */

static const char *subject(const struct comparison_row *row, struct arena *arena) {
    return row->model[0] == '\0' ? row->dataset
                                 : arena_printf(arena, "%s · %s", row->dataset, row->model);
}

static const char *value_text(const struct comparison_row *row, double value, struct arena *arena) {
    return row->is_cost ? format_cost(arena, row->unit, value) : format_number(arena, value, 4);
}

/* "12 % worse": the sign alone would not say whether up is good. */
static const char *change_text(const struct comparison_row *row, struct arena *arena) {
    if (row->change == 0)
        return "same";
    const char *direction = row->change > 0 ? "worse" : "better";
    double percent = 100 * fabs(row->change);
    if (percent >= 1000)
        return arena_printf(arena, "> 1000 %% %s", direction);
    return arena_printf(arena, "%.*f %% %s", percent < 10 ? 1 : 0, percent, direction);
}

/* Costs that stayed the same, the usual case, have no line. */
static bool is_shown(const struct comparison_row *row) {
    return row->verdict != VERDICT_MISSING && !(row->is_cost && row->change == 0);
}

static void print_changes(const struct comparison *comparison, FILE *out, bool colour,
                          struct arena *arena) {
    static const char *const titles[] = {"data set · model", "metric", "base", "new", "change", ""};
    enum { COLUMNS = sizeof titles / sizeof titles[0] };
    struct column columns[COLUMNS];
    for (size_t c = 0; c < COLUMNS; c++)
        columns[c] = (struct column){.title = titles[c], .left = c < 2 || c == COLUMNS - 1};
    struct table table = {.columns = columns, .column_count = COLUMNS};
    table.cells = ARENA_NEW(arena, struct cell, comparison->row_count * COLUMNS + 1);
    for (size_t r = 0; r < comparison->row_count; r++) {
        const struct comparison_row *row = &comparison->rows[r];
        if (!is_shown(row))
            continue;
        struct cell *cells = table.cells + table.row_count++ * COLUMNS;
        cells[0].text = subject(row, arena);
        cells[1].text = row->metric;
        cells[2].text = value_text(row, row->base, arena);
        cells[3].text = value_text(row, row->changed, arena);
        cells[4].text = change_text(row, arena);
        cells[5].text = row->verdict == VERDICT_WORSE ? "✗" : "";
    }
    table.baseline_row = table.row_count;
    if (table.row_count > 0) {
        fputc('\n', out);
        text_table(out, &table, colour);
    }
}

static void print_missing(const struct comparison *comparison, FILE *out, struct arena *arena) {
    bool first = true;
    for (size_t r = 0; r < comparison->row_count; r++) {
        const struct comparison_row *row = &comparison->rows[r];
        if (row->verdict != VERDICT_MISSING)
            continue;
        const char *sentence =
            row->metric[0] == '\0'
                ? arena_printf(arena, "%s: %s", subject(row, arena), row->reason)
                : arena_printf(arena, "%s: %s %s", subject(row, arena), row->metric, row->reason);
        fputs(first ? "\n" : "", out);
        text_paragraph(out, sentence, "  ✗ ");
        first = false;
    }
}

void comparison_print(const struct comparison *comparison, FILE *out, bool colour) {
    struct arena arena = {0};
    double percent = 100 * comparison->options.tolerance;
    const char *code = comparison->passed ? TEXT_GREEN : TEXT_RED;
    fprintf(out, "%s%s%s", paint(code, colour), comparison->passed ? "PASS" : "FAIL",
            paint(TEXT_RESET, colour));
    if (comparison->missing > 0)
        fprintf(out, ": %zu thing%s missing or failed", comparison->missing,
                comparison->missing == 1 ? " is" : "s are");
    const char *separator = comparison->missing > 0 ? ";" : ":";
    if (comparison->compared == 0)
        fprintf(out, "%s nothing could be compared", separator);
    else if (comparison->worse > 0)
        fprintf(out, "%s %zu of %zu values are worse by more than %g %%", separator,
                comparison->worse, comparison->compared, percent);
    else
        fprintf(out, "%s none of %zu values is worse by more than %g %%", separator,
                comparison->compared, percent);
    fputc('\n', out);
    print_missing(comparison, out, &arena);
    print_changes(comparison, out, colour, &arena);
    for (size_t n = 0; n < comparison->note_count; n++) {
        fputs(n == 0 ? "\n" : "", out);
        text_paragraph(out, comparison->notes[n], "  • ");
    }
    arena_free(&arena);
}
