/* Tables of robustness and generalization. */
#include "report/tables/format.h"
#include "report/tables/tables.h"

#include <math.h>

/* Says so in the note when not all models fit. */
static size_t add_models(struct report_table *table, const struct dataset_results *dataset,
                         const struct model_results **shown, struct arena *arena) {
    size_t count = table_add_models(table, dataset, shown);
    if (count < dataset->model_count)
        table->note = arena_printf(arena, "%s; the best %zu of %zu models, summary.csv has all",
                                   table->note, count, dataset->model_count);
    return count;
}

static bool any_not_finite(const struct dataset_results *dataset, enum condition_kind kind) {
    for (size_t m = 0; m < dataset->model_count; m++)
        for (size_t c = 0; c < dataset->condition_count; c++)
            if ((c == dataset->test || dataset->conditions[c].kind == kind) &&
                scores_at(dataset, &dataset->models[m], c, 0)->summary.not_finite > 0)
                return true;
    return false;
}

/* Rows: conditions of one kind, the clean score first. Columns: models. */
static struct report_table table_conditions(const struct dataset_results *dataset,
                                            enum condition_kind kind, const char *name,
                                            const char *title, const char *heading,
                                            struct arena *arena) {
    const struct model_results *shown[MAX_MODEL_COLUMNS];
    struct report_table table =
        table_new(name, title, dataset->condition_count + 1, MAX_MODEL_COLUMNS + 2, arena);
    if (dataset->metric_count == 0 || !has_condition(dataset, kind))
        return table;
    table.note =
        arena_printf(arena, "test %s, and its ratio to the clean score", dataset->metrics[0].title);
    if (any_not_finite(dataset, kind))
        table.note = arena_printf(arena,
                                  "%s; ∞ (1/3): not finite for 1 of 3 seeds, which counts "
                                  "as the worst",
                                  table.note);
    table_add_column(&table, heading, true);
    bool distances = !isnan(dataset->distances[dataset->test]);
    if (distances) {
        table_add_column(&table, "distance", false);
        table.note = arena_printf(
            arena, "%s; distance: energy distance of the inputs from the training data",
            table.note);
    }
    double means[MAX_MODEL_COLUMNS]; /* of networks */
    size_t count = add_models(&table, dataset, shown, arena);
    for (size_t c = 0; c < dataset->condition_count; c++) {
        bool clean = c == dataset->test;
        if (!clean && dataset->conditions[c].kind != kind)
            continue;
        struct report_cell *row = table_add_row(&table);
        row++->text = clean ? "clean" : format_condition(arena, &dataset->conditions[c]);
        if (distances)
            row++->text = format_number(arena, dataset->distances[c], 2);
        for (size_t m = 0; m < count; m++) {
            double ratio = clean ? NAN : ratio_to_clean(dataset, shown[m], c);
            struct summary summary = scores_at(dataset, shown[m], c, 0)->summary;
            row[m].text = format_summary(arena, summary);
            if (!isnan(ratio))
                row[m].text =
                    arena_printf(arena, "%s (%s)", row[m].text, format_ratio(arena, ratio));
            means[m] = shown[m]->baseline ? NAN : summary.mean;
        }
        table_mark_best(row, 1, means, count, dataset->metrics[0].higher_is_better);
    }
    return table;
}

struct report_table table_noise(const struct dataset_results *dataset, struct arena *arena) {
    struct report_table table =
        table_conditions(dataset, CONDITION_NOISE, "noise", "Scores under every perturbation",
                         "perturbation", arena);
    table.details = table.row_count > 20;
    return table;
}

struct report_table table_ood(const struct dataset_results *dataset, struct arena *arena) {
    return table_conditions(dataset, CONDITION_OOD, "ood", "Out-of-distribution generalization",
                            "shift", arena);
}

/* "1.23–1.35", the mean of both ends over the seeds. */
static const char *format_interval(const struct model_results *model, struct arena *arena) {
    struct summary low = recorded_summary(model, "faults.worst.low", arena);
    struct summary high = recorded_summary(model, "faults.worst.high", arena);
    return low.count == 0 ? "–"
                          : arena_printf(arena, "%s–%s", format_ratio(arena, low.mean),
                                         format_number(arena, high.mean, 3));
}

/* What records say of the worst fault, or, of earlier versions, what follows from their scores. */
static double worst_growth(const struct model_results *model, const struct degradation *overall,
                           struct arena *arena) {
    struct summary recorded = recorded_summary(model, "faults.worst.growth", arena);
    return recorded.count > 0 ? recorded.mean : 1 + overall->worst_mean;
}

struct report_table table_faults(const struct dataset_results *dataset,
                                 const struct degradations *degradations, struct arena *arena) {
    struct report_table table =
        table_new("faults", "Clean and faulted error", dataset->model_count, 8, arena);
    if (degradations->type_count == 0)
        return table;
    const struct metric_info *metric = &dataset->metrics[0];
    table.note = arena_printf(
        arena,
        "%s%s on the clean test, and under %zu perturbation%s, mean over severities and "
        "perturbations; then under the one that costs the model most, with the 95 %% interval of "
        "its "
        "growth over blocks of the test. Read both columns: a model that ignores its inputs is "
        "wrong, and steady",
        metric->higher_is_better ? "1 − " : "", metric->title, degradations->type_count,
        degradations->type_count == 1 ? "" : "s");
    table_add_column(&table, "model", true);
    table_add_column(&table, "clean", false);
    table_add_column(&table, "faulted", false);
    table_add_column(&table, "growth", false);
    table_add_column(&table, "worst fault", true);
    table_add_column(&table, "error", false);
    table_add_column(&table, "growth", false);
    table_add_column(&table, "95 %", false);
    const struct model_results **models = models_by_score(dataset, arena);
    for (size_t m = 0; m < dataset->model_count; m++) {
        const struct degradation *overall = &degradations->overall[models[m] - dataset->models];
        double worst = worst_growth(models[m], overall, arena);
        struct report_cell *row = table_add_row(&table);
        *row++ = model_cell(models[m]);
        row++->text = format_number(arena, overall->clean, 4);
        row++->text = format_number(arena, overall->faulted, 4);
        row++->text = format_ratio(arena, overall->faulted / overall->clean);
        row++->text = overall->worst_fault;
        row++->text = format_number(arena, worst * overall->clean, 4);
        row++->text = format_ratio(arena, worst);
        row++->text = format_interval(models[m], arena);
    }
    table.baseline_row = dataset->network_count;
    return table;
}

struct report_table table_robustness(const struct dataset_results *dataset,
                                     const struct degradations *degradations, struct arena *arena) {
    struct report_table table =
        table_new("robustness", "Robustness to perturbations", dataset->model_count, 7, arena);
    if (degradations->type_count == 0 || degradations->reference == NULL)
        return table;
    table.note = arena_printf(
        arena,
        "means over %zu perturbation%s; area: mean %s from clean to the "
        "harshest severity; "
        "error: relative to the clean error; mCE: error relative to %s's; relative mCE: what "
        "perturbation adds, relative to what it adds to %s, where it harms that; worst: greatest "
        "error relative to the clean error",
        degradations->type_count, degradations->type_count == 1 ? "" : "s",
        dataset->metrics[0].title, degradations->reference->name, degradations->reference->name);
    if (degradations->without_reference > 0)
        table.note = arena_printf(
            arena, "%s; mCE without %zu perturbation%s under which %s's score is not finite",
            table.note, degradations->without_reference,
            degradations->without_reference == 1 ? "" : "s", degradations->reference->name);
    table_add_column(&table, "model", true);
    table_add_column(&table, "area", false);
    table_add_column(&table, "error", false);
    table_add_column(&table, "mCE", false);
    table_add_column(&table, "rel. mCE", false);
    table_add_column(&table, "worst", false);
    table_add_column(&table, "under", true);
    size_t not_finite = 0;
    for (size_t m = 0; m < dataset->model_count; m++)
        not_finite += degradations->overall[m].not_finite;
    if (not_finite > 0)
        table.note = arena_printf(arena, "%s; ∞: the score of a seed is not finite", table.note);
    const struct model_results **models = models_by_score(dataset, arena);
    for (size_t m = 0; m < dataset->model_count; m++) {
        const struct degradation *overall = &degradations->overall[models[m] - dataset->models];
        struct report_cell *row = table_add_row(&table);
        *row++ = model_cell(models[m]);
        row++->text = format_number(arena, overall->area, 4);
        row++->text = format_ratio(arena, 1 + overall->mean);
        row++->text = format_number(arena, overall->corruption, 3);
        row++->text = format_number(arena, overall->relative, 3);
        row++->text = format_ratio(arena, 1 + overall->worst);
        row++->text = overall->worst_under;
    }
    table.baseline_row = dataset->network_count;
    return table;
}

struct report_table table_corruption(const struct dataset_results *dataset,
                                     const struct degradations *degradations, struct arena *arena) {
    const struct model_results *shown[MAX_MODEL_COLUMNS];
    struct report_table table = table_new("corruption", "Corruption error by perturbation",
                                          degradations->type_count, MAX_MODEL_COLUMNS + 1, arena);
    if (degradations->type_count == 0 || degradations->reference == NULL)
        return table;
    table.note =
        arena_printf(arena,
                     "CE: summed error over the severities relative to %s's, below 1 is "
                     "better than it; in parentheses the error relative to the clean error",
                     degradations->reference->name);
    table_add_column(&table, "perturbation", true);
    double errors[MAX_MODEL_COLUMNS]; /* of networks */
    size_t count = add_models(&table, dataset, shown, arena);
    for (size_t t = 0; t < degradations->type_count; t++) {
        struct report_cell *row = table_add_row(&table);
        row++->text = degradations->types[t];
        for (size_t m = 0; m < count; m++) {
            size_t position = (size_t)(shown[m] - dataset->models);
            const struct degradation *item =
                &degradations->items[position * degradations->type_count + t];
            row[m].text = format_number(arena, item->corruption, 3);
            if (!isnan(item->mean))
                row[m].text = arena_printf(arena, "%s (%s)", row[m].text,
                                           format_ratio(arena, 1 + item->mean));
            bool marks = !shown[m]->baseline && isfinite(item->corruption);
            errors[m] = marks ? item->corruption : NAN;
        }
        table_mark_best(row, 1, errors, count, false);
    }
    return table;
}

/* ---- Rollouts ---- */

enum valid { VALID_STEPS, VALID_TIME, VALID_LYAPUNOV };

static struct summary summarize_valid(const struct model_results *model,
                                      const struct condition *condition, enum valid which,
                                      struct arena *arena) {
    double *values = ARENA_NEW(arena, double, model->trial_count + 1);
    for (size_t t = 0; t < model->trial_count; t++) {
        const struct measurement *measured =
            model->trials[t]->ok ? measurement_under(model->trials[t], condition) : NULL;
        const struct rollout_summary *rollout = measured == NULL ? NULL : measured->rollout;
        values[t] = rollout == NULL        ? NAN
                    : which == VALID_STEPS ? rollout->valid_steps
                    : which == VALID_TIME  ? rollout->valid_time
                                           : rollout->valid_lyapunov;
    }
    return summarize(values, model->trial_count);
}

static const struct rollout_summary *first_rollout(const struct dataset_results *dataset,
                                                   const struct condition *condition) {
    for (size_t m = 0; m < dataset->model_count; m++)
        for (size_t t = 0; t < dataset->models[m].trial_count; t++) {
            const struct measurement *measured =
                measurement_under(dataset->models[m].trials[t], condition);
            if (measured != NULL && measured->rollout != NULL)
                return measured->rollout;
        }
    return NULL;
}

struct report_table table_rollout(const struct dataset_results *dataset, struct arena *arena) {
    struct report_table table =
        table_new("rollout", "Closed-loop forecasts",
                  dataset->condition_count * dataset->model_count, 5, arena);
    table_add_column(&table, "model", true);
    table_add_column(&table, "rollout", true);
    table_add_column(&table, "valid steps", false);
    table_add_column(&table, "valid time", false);
    table_add_column(&table, "Lyapunov times", false);
    for (size_t c = 0; c < dataset->condition_count; c++) {
        const struct condition *condition = &dataset->conditions[c];
        const struct rollout_summary *rollout = first_rollout(dataset, condition);
        if (rollout == NULL)
            continue;
        table.note = arena_printf(arena,
                                  "how long predictions fed back as inputs stay valid: until the "
                                  "normalised error exceeds %g, in up to %g steps",
                                  rollout->threshold, rollout->steps);
        for (size_t m = 0; m < dataset->model_count; m++) {
            const struct model_results *model = &dataset->models[m];
            struct summary steps = summarize_valid(model, condition, VALID_STEPS, arena);
            if (steps.count == 0)
                continue;
            struct report_cell *row = table_add_row(&table);
            *row++ = model_cell(model);
            row++->text = condition->name;
            row++->text = format_summary(arena, steps);
            row++->text =
                format_summary(arena, summarize_valid(model, condition, VALID_TIME, arena));
            row++->text =
                format_summary(arena, summarize_valid(model, condition, VALID_LYAPUNOV, arena));
        }
    }
    return table;
}
