/* Tables of the test score taken apart: by target, by step ahead, by class. */
#include "report/results/breakdown.h"
#include "report/tables/format.h"
#include "report/tables/tables.h"

#include <math.h>

enum { FOLDED_FROM = 20 }; /* rows of a table that is folded */

static const char *fraction(double value, struct arena *arena) {
    return isnan(value) ? NO_VALUE : arena_printf(arena, "%.3f", value);
}

/* ---- Targets and steps ahead ---- */

/* One way to take the test apart. */
struct breakdown {
    const char *name, *title, *note, *column;
    size_t (*list)(const struct dataset_results *dataset, struct test_part *parts);
};

static struct report_table table_parts(const struct breakdown *breakdown,
                                       const struct dataset_results *dataset, struct arena *arena) {
    struct test_part *parts = ARENA_NEW(arena, struct test_part, part_limit(dataset) + 1);
    size_t count = dataset->metric_count > 0 ? breakdown->list(dataset, parts) : 0;
    struct report_table table =
        table_new(breakdown->name, breakdown->title, count, MAX_MODEL_COLUMNS + 1, arena);
    if (count == 0)
        return table;
    const struct model_results *shown[MAX_MODEL_COLUMNS];
    double means[MAX_MODEL_COLUMNS]; /* of networks */
    table.note = arena_printf(arena, "test %s of %s", dataset->metrics[0].title, breakdown->note);
    table_add_column(&table, breakdown->column, true);
    size_t models = table_add_models(&table, dataset, shown);
    for (size_t p = 0; p < count; p++) {
        struct report_cell *row = table_add_row(&table);
        row->text =
            parts[p].target != NULL ? parts[p].target : arena_printf(arena, "%.0f", parts[p].step);
        for (size_t m = 0; m < models; m++) {
            struct summary summary = summarize_part(shown[m], &parts[p]);
            row[m + 1].text = format_summary(arena, summary);
            means[m] = shown[m]->baseline ? NAN : summary.mean;
        }
        table_mark_best(row + 1, 1, means, models, dataset->metrics[0].higher_is_better);
    }
    table.details = count > FOLDED_FROM;
    return table;
}

struct report_table table_targets(const struct dataset_results *dataset, struct arena *arena) {
    static const struct breakdown by_target = {"targets", "Scores by target",
                                               "each target, all steps ahead together", "target",
                                               list_targets};
    return table_parts(&by_target, dataset, arena);
}

struct report_table table_horizon(const struct dataset_results *dataset, struct arena *arena) {
    static const struct breakdown by_step = {"horizon", "Scores by step ahead",
                                             "each step of the forecast, all targets together",
                                             "steps ahead", list_steps};
    return table_parts(&by_step, dataset, arena);
}

/* ---- Classes ---- */

struct report_table table_classes(const struct dataset_results *dataset, struct arena *arena) {
    const struct trial *trial = trial_with_classes(dataset);
    size_t count = trial != NULL ? trial->class_count : 0;
    struct report_table table =
        table_new("classes", "F1 of each class", count, MAX_MODEL_COLUMNS + 2, arena);
    if (count == 0)
        return table;
    const struct model_results *shown[MAX_MODEL_COLUMNS];
    double means[MAX_MODEL_COLUMNS]; /* of networks */
    table.note =
        "on the test; support: how often the class is true there; F1 does not exist for a class "
        "that is neither true nor predicted";
    table_add_column(&table, "class", true);
    table_add_column(&table, "support", false);
    size_t models = table_add_models(&table, dataset, shown);
    for (size_t c = 0; c < count; c++) {
        struct report_cell *row = table_add_row(&table);
        row[0].text = trial->classes[c].name;
        row[1].text = arena_printf(arena, "%.0f", trial->classes[c].support);
        for (size_t m = 0; m < models; m++) {
            double mean = summarize_class(shown[m], c, CLASS_F1).mean;
            row[m + 2].text = fraction(mean, arena);
            means[m] = shown[m]->baseline ? NAN : mean;
        }
        table_mark_best(row + 2, 1, means, models, true);
    }
    table.details = count > FOLDED_FROM;
    return table;
}

static const struct model_results *shown_network(const struct dataset_results *dataset) {
    const struct model_results *best =
        dataset->metric_count > 0 ? best_model(dataset, 0, 0, dataset->network_count) : NULL;
    return best != NULL ? best : dataset->model_count > 0 ? &dataset->models[0] : NULL;
}

struct report_table table_class_scores(const struct dataset_results *dataset, struct arena *arena) {
    const struct trial *trial = trial_with_classes(dataset);
    size_t count = trial != NULL ? trial->class_count : 0;
    struct report_table table =
        table_new("class_scores", "Classes of the best network", count, 5, arena);
    if (count == 0)
        return table;
    const struct model_results *model = shown_network(dataset);
    static const char *const titles[] = {"support", "precision", "recall", "F1"};
    static const enum class_score scores[] = {CLASS_PRECISION, CLASS_RECALL, CLASS_F1};
    table.note = arena_printf(arena,
                              "%s on the test, mean ± standard deviation over seeds; classes.csv "
                              "has all models",
                              model->name);
    table_add_column(&table, "class", true);
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
        table_add_column(&table, titles[i], false);
    for (size_t c = 0; c < count; c++) {
        struct report_cell *row = table_add_row(&table);
        row[0].text = trial->classes[c].name;
        row[1].text = arena_printf(arena, "%.0f", trial->classes[c].support);
        for (size_t i = 0; i < sizeof scores / sizeof scores[0]; i++)
            row[i + 2].text = format_summary(arena, summarize_class(model, c, scores[i]));
    }
    table.details = count > FOLDED_FROM;
    return table;
}

/* A row for each true class. */
static void fill_matrix(struct report_table *table, const struct trial *trial, const double *shares,
                        struct arena *arena) {
    size_t classes = trial->class_count;
    table_add_column(table, "true \\ predicted", true);
    for (size_t c = 0; c < classes; c++)
        table_add_column(table, trial->classes[c].name, false);
    for (size_t c = 0; c < classes; c++) {
        struct report_cell *row = table_add_row(table);
        row[0].text = trial->classes[c].name;
        for (size_t p = 0; p < classes; p++) {
            double share = shares[c * classes + p];
            row[p + 1].text = isnan(share) ? NO_VALUE : arena_printf(arena, "%.1f", 100 * share);
            row[p + 1].best = c == p;
        }
    }
}

/* The most frequent mistakes, a row each. */
static void fill_mistakes(struct report_table *table, const struct trial *trial, double *shares,
                          size_t most, struct arena *arena) {
    size_t classes = trial->class_count;
    table_add_column(table, "true", true);
    table_add_column(table, "taken for", true);
    table_add_column(table, "% of the class", false);
    for (size_t n = 0; n < most; n++) {
        size_t worst = 0;
        for (size_t i = 1; i < classes * classes; i++)
            if (i % (classes + 1) != 0 && shares[i] > (worst == 0 ? 0 : shares[worst]))
                worst = i; /* i = 0 is on the diagonal, and means none */
        if (worst == 0)
            return;
        struct report_cell *row = table_add_row(table);
        row[0].text = trial->classes[worst / classes].name;
        row[1].text = trial->classes[worst % classes].name;
        row[2].text = arena_printf(arena, "%.1f", 100 * shares[worst]);
        shares[worst] = 0;
    }
}

struct report_table table_confusion(const struct dataset_results *dataset, struct arena *arena) {
    enum { MAX_IN_MATRIX = 12, MAX_MISTAKES = 20 };
    const struct trial *trial = trial_with_classes(dataset);
    size_t classes = trial != NULL ? trial->class_count : 0;
    bool matrix = classes <= MAX_IN_MATRIX;
    struct report_table table =
        table_new("confusion",
                  matrix ? "Confusion matrix of the best network"
                         : "Most frequent confusions of the best network",
                  matrix ? classes : MAX_MISTAKES, matrix ? classes + 1 : 3, arena);
    double *shares = classes > 1 ? confusion_shares(shown_network(dataset), classes, arena) : NULL;
    if (shares == NULL)
        return table;
    table.note =
        arena_printf(arena,
                     "%s on the test: per cent of the steps of each true class, all seeds "
                     "together%s",
                     shown_network(dataset)->name, matrix ? "" : "; confusion.csv has all of it");
    if (matrix)
        fill_matrix(&table, trial, shares, arena);
    else
        fill_mistakes(&table, trial, shares, MAX_MISTAKES, arena);
    return table;
}
