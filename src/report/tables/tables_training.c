/* Tables of what training takes, of models of several sizes, and of learning rates. */
#include "evaluate/robustness.h"
#include "report/hypotheses/measures.h"
#include "report/results/families.h"
#include "report/results/target.h"
#include "report/tables/format.h"
#include "report/tables/tables.h"

#include <gsl/gsl_sort_double.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

/* ---- Training ---- */

/* The median of a measure over a model's trials, in a unit; "never" where most have none. */
static const char *median_text(const struct dataset_results *dataset,
                               const struct model_results *model, const char *path, double unit,
                               struct arena *arena) {
    char part[MEASURE_PATH];
    struct measure measure = measure_parse(path, part);
    struct measured measured = measure_values(&measure, dataset, model->name, arena);
    if (measured.reason != NULL)
        return NO_VALUE;
    gsl_sort(measured.values, 1, measured.count);
    double median = measured.values[(measured.count - 1) / 2]; /* of two, the lower */
    return isinf(median) ? "never" : arena_printf(arena, "%.3g", median / unit);
}

static size_t count_reached(const struct target *target, const struct model_results *model) {
    size_t reached = 0;
    for (size_t t = 0; t < model->trial_count; t++)
        reached += target_epoch(target, model->trials[t]) < model->trials[t]->curve_count;
    return reached;
}

struct report_table table_training(const struct dataset_results *dataset, struct arena *arena) {
    enum { MODEL, REACHED, EPOCHS, SECONDS, GFLOP, SPREAD, CLIPPED, EXPLODING, COLUMNS };
    static const char *const titles[COLUMNS] = {"model", "reached", "epochs",  "CPU s",
                                                "GFLOP", "spread",  "clipped", "exploding"};
    struct report_table table =
        table_new("training", "Training", dataset->network_count, COLUMNS, arena);
    struct target target = target_of_curve(dataset, arena);
    if (isnan(target.score))
        return table;
    table.note = arena_printf(
        arena,
        "target: validation score %s; seeds that reach it, and what that takes them; medians over "
        "seeds. Gradients: the longest of the training relative to the median, shares of updates "
        "that are clipped, and that are over 10 times as long as the median",
        format_number(arena, target.score, 4));
    for (size_t c = 0; c < COLUMNS; c++)
        table_add_column(&table, titles[c], c == MODEL);
    for (size_t m = 0; m < dataset->network_count; m++) {
        const struct model_results *model = &dataset->models[m];
        struct report_cell *row = table_add_row(&table);
        row[MODEL] = model_cell(model);
        row[REACHED].text =
            arena_printf(arena, "%zu of %zu", count_reached(&target, model), model->trial_count);
        row[EPOCHS].text = median_text(dataset, model, "training.epochs_to_target", 1, arena);
        row[SECONDS].text = median_text(dataset, model, "training.cpu_seconds_to_target", 1, arena);
        row[GFLOP].text = median_text(dataset, model, "training.operations_to_target", 1e9, arena);
        row[SPREAD].text = median_text(dataset, model, "training.gradient_spread", 1, arena);
        row[CLIPPED].text = median_text(dataset, model, "training.clipped", 1, arena);
        row[EXPLODING].text = median_text(dataset, model, "training.exploding", 1, arena);
    }
    return table;
}

/* ---- Sizes and learning rates ---- */

/* "0.52 ± 0.10" */
static const char *law_text(const struct power_law *law, double sign, struct arena *arena) {
    if (isnan(law->exponent))
        return NO_VALUE;
    double half = (law->high - law->low) / 2;
    return isinf(half) ? arena_printf(arena, "%.2f", sign * law->exponent)
                       : arena_printf(arena, "%.2f ± %.2f", sign * law->exponent, half);
}

/* The smallest model of the family of which most seeds reach the target. */
static const struct model_results *smallest_reaching(const struct dataset_results *dataset,
                                                     const struct family *family,
                                                     const struct target *target) {
    for (size_t m = 0; m < family->count; m++) {
        const struct model_results *model = family->models[m];
        const double *scores = scores_at(dataset, model, dataset->test, 0)->values;
        size_t reached = 0;
        for (size_t t = 0; t < model->trial_count; t++)
            reached += model->trials[t]->ok && target_reached(target, scores[t]);
        if (2 * reached > model->trial_count)
            return model;
    }
    return NULL;
}

struct report_table table_sizes(const struct dataset_results *dataset, struct arena *arena) {
    enum { FAMILY, GAIN, TIME, SMALLEST, RUN, TRAIN, COLUMNS };
    static const char *const titles[COLUMNS] = {"family",   "error falls", "time grows",
                                                "smallest", "runs in",     "trains in"};
    struct families families = families_of(dataset, FAMILY_OF_SIZES, arena);
    struct report_table table = table_new("sizes", "Sizes", families.count, COLUMNS, arena);
    if (families.count == 0)
        return table;
    struct target target = target_on_test(dataset, arena);
    table.note = arena_printf(
        arena,
        "exponents of power laws in the number of parameters ± half of their 95 %% intervals: of "
        "the "
        "test error, and of the processor time of an epoch. %s",
        isnan(target.score)
            ? "No target is stated, or the reference is no better than the best baseline"
            : arena_printf(arena,
                           "Smallest: parameters and bytes of the smallest model of which most "
                           "seeds reach the target, a test score of %s",
                           format_number(arena, target.score, 4)));
    for (size_t c = 0; c < COLUMNS; c++)
        table_add_column(&table, titles[c], c == FAMILY);
    for (size_t f = 0; f < families.count; f++) {
        const struct family *family = &families.items[f];
        struct report_cell *row = table_add_row(&table);
        row[FAMILY].text = family->name;
        row[FAMILY].swatch = family->models[0]->colour;
        struct power_law gain = family_error_law(dataset, family, arena);
        struct power_law time = family_time_law(family, arena);
        row[GAIN].text = law_text(&gain, -1, arena);
        row[TIME].text = law_text(&time, 1, arena);
        const struct model_results *least =
            isnan(target.score) ? NULL : smallest_reaching(dataset, family, &target);
        if (!isnan(target.score) && least == NULL)
            row[SMALLEST].text = "never";
        if (least != NULL) {
            char part[MEASURE_PATH];
            struct measure run = measure_parse("memory.run", part);
            struct measure train = measure_parse("memory.train", part);
            row[SMALLEST].text =
                format_cost(arena, UNIT_COUNT, least->costs[COST_PARAMETERS].summary.mean);
            row[RUN].text = format_cost(
                arena, UNIT_BYTES, measure_values(&run, dataset, least->name, arena).values[0]);
            row[TRAIN].text = format_cost(
                arena, UNIT_BYTES, measure_values(&train, dataset, least->name, arena).values[0]);
        }
    }
    return table;
}

/* Mean validation error of the seeds that finished, and how many did not. */
static const char *valid_text(const struct dataset_results *dataset,
                              const struct model_results *model, struct arena *arena) {
    struct condition valid = {CONDITION_SPLIT, "valid", 0, NULL};
    size_t condition = condition_position(dataset, &valid);
    size_t failed = model->trial_count - model->finished;
    if (condition == dataset->condition_count || dataset->metric_count == 0)
        return NO_VALUE;
    double error = score_error(scores_at(dataset, model, condition, 0)->summary.mean,
                               dataset->metrics[0].higher_is_better);
    const char *text = format_number(arena, error, 3);
    return failed == 0 ? text : arena_printf(arena, "%s (%zu)", text, failed);
}

struct report_table table_rates(const struct dataset_results *dataset, struct arena *arena) {
    struct families families = families_of(dataset, FAMILY_OF_RATES, arena);
    size_t most = 0;
    for (size_t f = 0; f < families.count; f++)
        most = families.items[f].count > most ? families.items[f].count : most;
    struct report_table table =
        table_new("rates", "Learning rates", families.count, most + 2, arena);
    if (families.count == 0)
        return table;
    table.note =
        "mean validation error at each rate, failed seeds in brackets; works: share of the "
        "rates that end within 10 % of the best one, mean over seeds";
    table_add_column(&table, "family", true);
    for (size_t r = 0; r < most; r++)
        table_add_column(&table, arena_printf(arena, "%g", families.items[0].rungs[r]), false);
    table_add_column(&table, "works", false);
    char part[MEASURE_PATH];
    struct measure share = measure_parse("rates.share", part);
    for (size_t f = 0; f < families.count; f++) {
        const struct family *family = &families.items[f];
        struct report_cell *row = table_add_row(&table);
        row[0].text = family->name;
        row[0].swatch = family->models[0]->colour;
        for (size_t r = 0; r < family->count; r++)
            row[1 + r].text = valid_text(dataset, family->models[r], arena);
        struct measured measured = measure_values(&share, dataset, family->name, arena);
        row[1 + most].text = arena_printf(arena, "%.0f %%",
                                          100 * gsl_stats_mean(measured.values, 1, measured.count));
    }
    return table;
}
