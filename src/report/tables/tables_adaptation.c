/* Tables of adaptation and memory: streams that change, ladders of lengths, gradients by lag. */
#include "report/tables/format.h"
#include "report/tables/tables.h"

#include <gsl/gsl_sort_double.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

static const char *mean_text(const struct model_results *model, const char *path, int digits,
                             struct arena *arena) {
    struct summary summary = recorded_summary(model, path, arena);
    return summary.not_finite > 0 ? format_summary(arena, summary)
                                  : format_number(arena, summary.mean, digits);
}

/* The first trial with such a curve, or NULL. */
static const struct trial *trial_with(const struct model_results *model, enum curve_kind kind) {
    for (size_t t = 0; t < model->trial_count; t++)
        if (model->trials[t]->ok && model->trials[t]->curves[kind].count > 0)
            return model->trials[t];
    return NULL;
}

static const struct trial *any_with(const struct dataset_results *dataset, enum curve_kind kind) {
    const struct trial *trial = NULL;
    for (size_t m = 0; trial == NULL && m < dataset->model_count; m++)
        trial = trial_with(&dataset->models[m], kind);
    return trial;
}

/* ---- Streams ---- */

/* "a, b from row 400, a from row 800" */
static const char *describe_visits(const struct trial *trial, struct arena *arena) {
    const struct recorded_details *details = &trial->details;
    const char *text = "";
    for (size_t v = 0; v < details->visit_count; v++)
        text = v == 0 ? details->visits[v].regime
                      : arena_printf(arena, "%s, %s from row %g", text, details->visits[v].regime,
                                     details->visits[v].row);
    return text;
}

/* Mean over the seeds of what each took: a learning rate, or of a baseline its forgetting factor.
 * NaN: it has nothing to learn. */
static double mean_rate(const struct model_results *model) {
    double sum = 0, count = 0;
    for (size_t t = 0; t < model->trial_count; t++)
        if (model->trials[t]->ok) {
            const struct recorded_details *details = &model->trials[t]->details;
            sum += model->baseline ? details->forgetting_factor : details->learning_rate;
            count++;
        }
    return sum / count;
}

/* What the note says of baselines: "; persistence and seasonal have nothing to learn". */
static const char *describe_baselines(const struct dataset_results *dataset, struct arena *arena) {
    const char *idle = NULL;
    size_t count = 0;
    bool learns = false;
    for (size_t m = 0; m < dataset->model_count; m++) {
        const struct model_results *model = &dataset->models[m];
        if (!model->baseline || trial_with(model, CURVE_STREAM_FROZEN) == NULL)
            continue;
        learns = learns || !isnan(mean_rate(model));
        if (!isnan(mean_rate(model)))
            continue;
        idle = count++ == 0 ? model->name : arena_printf(arena, "%s, %s", idle, model->name);
    }
    return arena_printf(
        arena, "%s%s%s%s",
        learns ? "; baselines learn by recursive least squares, whose forgetting factor stands "
                 "under rate"
               : "",
        count > 0 ? "; " : "", count > 0 ? idle : "",
        count == 0  ? ""
        : count > 1 ? " have nothing to learn"
                    : " has nothing to learn");
}

struct report_table table_stream(const struct dataset_results *dataset, struct arena *arena) {
    struct report_table table =
        table_new("stream", "Adaptation: a stream that changes", dataset->model_count, 6, arena);
    const struct trial *first = any_with(dataset, CURVE_STREAM_FROZEN);
    if (first == NULL)
        return table;
    table.note = arena_printf(
        arena,
        "prequential error in scaled units, each row before it is learned from; frozen: the "
        "weights as trained, online: going on learning; gain: 1 - online / frozen; rate: mean of "
        "what the seeds took%s; regimes: %s",
        describe_baselines(dataset, arena), describe_visits(first, arena));
    table_add_column(&table, "model", true);
    table_add_column(&table, "frozen ↓", false);
    table_add_column(&table, "online ↓", false);
    table_add_column(&table, "gain", false);
    table_add_column(&table, "fading", false);
    table_add_column(&table, "rate", false);
    double *frozen_means = ARENA_NEW(arena, double, dataset->model_count);
    double *online_means = ARENA_NEW(arena, double, dataset->model_count);
    size_t networks = 0;
    for (size_t m = 0; m < dataset->model_count; m++) {
        const struct model_results *model = &dataset->models[m];
        if (trial_with(model, CURVE_STREAM_FROZEN) == NULL)
            continue;
        struct summary frozen = recorded_summary(model, "stream.frozen.error", arena);
        struct summary online = recorded_summary(model, "stream.online.error", arena);
        frozen_means[table.row_count] = frozen.mean;
        online_means[table.row_count] = online.mean;
        struct report_cell *row = table_add_row(&table);
        *row++ = model_cell(model);
        row++->text = format_summary(arena, frozen);
        networks += !model->baseline;
        if (isnan(mean_rate(model)))
            continue;
        row++->text = format_summary(arena, online);
        row++->text = arena_printf(arena, "%.0f %%",
                                   100 * recorded_summary(model, "stream.online.gain", arena).mean);
        row++->text = mean_text(model, "stream.online.fading", 3, arena);
        row++->text = format_number(arena, mean_rate(model), model->baseline ? 3 : 2);
    }
    table.baseline_row = networks;
    table_mark_best(&table.cells[1], table.column_count, frozen_means, networks, false);
    table_mark_best(&table.cells[2], table.column_count, online_means, networks, false);
    return table;
}

static void add_policy(struct report_table *table, const struct model_results *model,
                       const char *policy, struct arena *arena) {
    struct report_cell *row = table_add_row(table);
    *row++ = model_cell(model);
    row++->text = policy;
    static const char *const keys[] = {"level",    "excess", "relative_excess",
                                       "recovery", "never",  "forgetting"};
    for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++)
        row++->text =
            mean_text(model, arena_printf(arena, "stream.%s.%s", policy, keys[k]), 3, arena);
}

struct report_table table_changes(const struct dataset_results *dataset, struct arena *arena) {
    struct report_table table =
        table_new("changes", "Adaptation: after a change", 2 * dataset->model_count, 8, arena);
    if (any_with(dataset, CURVE_STREAM_FROZEN) == NULL)
        return table;
    table.note =
        "means over changes and seeds; late: error of the last quarter of the last visit; excess: "
        "error beyond the level that the model itself reaches late in a visit, summed over the "
        "visit's rows, and the same in rows at that level; recovery: rows until the smoothed error "
        "is within 1.2 times that level, where never counts as the whole visit; never: changes "
        "without recovery; return: error when a regime comes back over that of its first visit. A "
        "model that does not get better in a new regime is at its own level at once: read recovery "
        "beside late";
    table_add_column(&table, "model", true);
    table_add_column(&table, "weights", true);
    table_add_column(&table, "late", false);
    table_add_column(&table, "excess", false);
    table_add_column(&table, "in rows", false);
    table_add_column(&table, "recovery", false);
    table_add_column(&table, "never", false);
    table_add_column(&table, "return", false);
    for (size_t m = 0; m < dataset->model_count; m++) {
        const struct model_results *model = &dataset->models[m];
        if (trial_with(model, CURVE_STREAM_FROZEN) == NULL)
            continue;
        if (model->baseline && table.baseline_row > table.row_count)
            table.baseline_row = table.row_count;
        add_policy(&table, model, "frozen", arena);
        if (!isnan(mean_rate(model)))
            add_policy(&table, model, "online", arena);
    }
    return table;
}

/* ---- Ladders ---- */

/* A model's scores at one rung. */
struct rung_scores {
    double median; /* NaN: most trainings failed */
    size_t solved, trials;
};

static struct rung_scores scores_of_rung(const struct dataset_results *dataset,
                                         const struct model_results *model, size_t rung,
                                         struct arena *arena) {
    bool higher = dataset->metrics[0].higher_is_better;
    struct rung_scores scores = {.trials = model->trial_count};
    double *values = ARENA_NEW(arena, double, model->trial_count + 1);
    for (size_t t = 0; t < model->trial_count; t++) {
        const struct recorded_curve *ladder = &model->trials[t]->curves[CURVE_LADDER];
        double solved = model->trials[t]->details.solved;
        double score = rung < ladder->count ? ladder->y[rung] : NAN;
        values[t] = isnan(score) ? worst_score(higher) : score;
        scores.solved += higher ? score >= solved : score <= solved;
    }
    gsl_sort(values, 1, scores.trials);
    scores.median =
        scores.trials == 0 ? NAN : gsl_stats_median_from_sorted_data(values, 1, scores.trials);
    return scores;
}

struct report_table table_ladder(const struct dataset_results *dataset, struct arena *arena) {
    enum { MAX_RUNGS = 64 };
    struct report_table table = table_new("ladder", "Memory: how far each model gets",
                                          dataset->model_count, MAX_RUNGS + 3, arena);
    const struct trial *first = any_with(dataset, CURVE_LADDER);
    if (first == NULL || dataset->metric_count == 0)
        return table;
    const struct recorded_curve *ladder = &first->curves[CURVE_LADDER];
    size_t rungs = ladder->count < MAX_RUNGS ? ladder->count : MAX_RUNGS;
    table.note = arena_printf(
        arena,
        "median test %s of a training at each value of \"%s\"; bold or *: solved (%g or better) by "
        "most seeds; longest: the largest of those, and the same for each KiB that a stream "
        "carries "
        "from row to row",
        dataset->metrics[0].title, first->details.vary, first->details.solved);
    table_add_column(&table, "model", true);
    for (size_t i = 0; i < rungs; i++)
        table_add_column(&table, arena_printf(arena, "%g", ladder->x[i]), false);
    table_add_column(&table, "longest", false);
    table_add_column(&table, "per KiB", false);
    for (size_t m = 0; m < dataset->model_count; m++) {
        const struct model_results *model = &dataset->models[m];
        const struct trial *own = trial_with(model, CURVE_LADDER);
        if (own == NULL)
            continue;
        double longest = 0;
        struct report_cell *row = table_add_row(&table);
        *row++ = model_cell(model);
        for (size_t i = 0; i < rungs; i++) {
            struct rung_scores scores = scores_of_rung(dataset, model, i, arena);
            row->best = 2 * scores.solved > scores.trials;
            longest = row->best ? ladder->x[i] : longest;
            row++->text = format_number(arena, scores.median, 2);
        }
        row++->text = longest > 0 ? arena_printf(arena, "%g", longest) : "none";
        row++->text = format_number(arena, longest / (own->details.state_bytes / 1024), 3);
    }
    return table;
}

/* ---- Gradients by lag ---- */

struct report_table table_gradient_lag(const struct dataset_results *dataset, struct arena *arena) {
    struct report_table table =
        table_new("gradient_lag", "Memory: gradients by lag", dataset->model_count, 5, arena);
    const struct trial *first = any_with(dataset, CURVE_GRADIENT_TRAINED);
    if (first == NULL)
        return table;
    table.note = arena_printf(
        arena,
        "norm of d output / d input so many rows before, over %zu lags; to 1 %%: the lag at which "
        "1 %% of the largest norm is left (%zu: it never is); growth: the largest norm over that "
        "of "
        "lag 0; untrained: of the initial weights",
        first->curves[CURVE_GRADIENT_TRAINED].count, first->curves[CURVE_GRADIENT_TRAINED].count);
    table_add_column(&table, "model", true);
    table_add_column(&table, "to 1 %", false);
    table_add_column(&table, "growth", false);
    table_add_column(&table, "untrained to 1 %", false);
    table_add_column(&table, "growth", false);
    for (size_t m = 0; m < dataset->model_count; m++) {
        const struct model_results *model = &dataset->models[m];
        if (trial_with(model, CURVE_GRADIENT_TRAINED) == NULL)
            continue;
        struct report_cell *row = table_add_row(&table);
        *row++ = model_cell(model);
        row++->text = format_summary(arena, recorded_summary(model, "gradient.lag_1pct", arena));
        row++->text = mean_text(model, "gradient.growth", 3, arena);
        row++->text =
            format_summary(arena, recorded_summary(model, "gradient.fresh_lag_1pct", arena));
        row++->text = mean_text(model, "gradient.fresh_growth", 3, arena);
    }
    return table;
}
