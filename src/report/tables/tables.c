#include "report/tables/tables.h"

#include "report/tables/format.h"

#include <math.h>
#include <string.h>

static const char *plain_count(struct arena *arena, size_t count) {
    return arena_printf(arena, "%zu", count);
}

/* "3", or "2/3" when some trials failed. */
static const char *seed_count(const struct model_results *model, struct arena *arena) {
    return model->finished == model->trial_count
               ? plain_count(arena, model->finished)
               : arena_printf(arena, "%zu/%zu", model->finished, model->trial_count);
}

static const char *cost_text(const struct model_results *model, enum cost cost,
                             struct arena *arena) {
    const struct summary *summary = &model->costs[cost].summary;
    return summary->count == 0 ? NO_VALUE
                               : format_cost(arena, cost_infos[cost].unit, summary->mean);
}

/* Seconds of training, and their spread if asked for, on processors; by the clock on the wall in
 * records that say no more. */
static const char *train_text(const struct model_results *model, bool with_spread,
                              struct arena *arena) {
    enum cost cost = model->costs[COST_TRAIN_CPU_SECONDS].summary.count > 0 ? COST_TRAIN_CPU_SECONDS
                                                                            : COST_TRAIN_SECONDS;
    const struct summary *summary = &model->costs[cost].summary;
    const char *mean = cost_text(model, cost, arena);
    if (!with_spread || summary->count < 2 || summary->mean < 0.01)
        return mean;
    return arena_printf(arena, "%s ± %s", mean,
                        format_cost(arena, UNIT_SECONDS, summary->deviation));
}

/* "0.162 to 0.171" */
static const char *interval_text(struct interval interval, struct arena *arena) {
    if (isnan(interval.low) || isnan(interval.high))
        return NO_VALUE;
    return arena_printf(arena, "%s to %s", format_number(arena, interval.low, 4),
                        format_number(arena, interval.high, 4));
}

/* Not a metric that does not exist for this task, such as F1 for more than two classes. */
static bool has_scores(const struct dataset_results *dataset, size_t metric) {
    for (size_t m = 0; m < dataset->model_count; m++) {
        const struct summary *summary =
            &scores_at(dataset, &dataset->models[m], dataset->test, metric)->summary;
        if (summary->count > 0 || summary->not_finite > 0)
            return true;
    }
    return metric == 0;
}

static void fill_scores_row(struct report_cell *row, const struct dataset_results *dataset,
                            const struct model_results *model, bool with_intervals,
                            struct arena *arena) {
    *row++ = model_cell(model);
    row++->text = seed_count(model, arena);
    row++->text = cost_text(model, COST_PARAMETERS, arena);
    for (size_t i = 0; i < dataset->metric_count; i++) {
        if (!has_scores(dataset, i))
            continue;
        const struct scores *scores = scores_at(dataset, model, dataset->test, i);
        *row++ = (struct report_cell){
            .text = format_summary(arena, scores->summary),
            .best = best_model(dataset, i, 0, dataset->network_count) == model,
        };
        if (i > 0)
            continue;
        if (with_intervals) {
            row++->text = format_number(arena, scores->interquartile_mean, 4);
            row++->text = interval_text(scores->interval, arena);
        }
        if (has_condition(dataset, CONDITION_NOISE))
            row++->text = format_ratio(arena, ratio_worst(dataset, model, CONDITION_NOISE, NULL));
        if (has_condition(dataset, CONDITION_OOD))
            row++->text = format_ratio(arena, ratio_mean(dataset, model, CONDITION_OOD));
    }
    row++->text = train_text(model, with_intervals, arena);
    row++->text = cost_text(model, COST_STEP_P50, arena);
}

static const char *scores_note(const struct dataset_results *dataset, bool with_intervals,
                               struct arena *arena) {
    return arena_printf(
        arena, "mean ± standard deviation over seeds; best mean of the networks marked%s%s%s",
        with_intervals ? "; IQM: mean of the middle half of the seeds; interval: of the mean "
                         "(Student's t below 10 seeds, then BCa bootstrap); train s: processor "
                         "time of training, all threads together"
                       : "",
        has_condition(dataset, CONDITION_NOISE)
            ? "; noise: score under the worst noise relative to the clean score"
            : "",
        has_condition(dataset, CONDITION_OOD)
            ? "; OOD: mean score over shifts relative to the clean score"
            : "");
}

struct report_table table_scores(const struct dataset_results *dataset, bool with_intervals,
                                 struct arena *arena) {
    struct report_table table =
        table_new("scores", "Test scores", dataset->model_count, 10 + dataset->metric_count, arena);
    table.note = scores_note(dataset, with_intervals, arena);
    table_add_column(&table, "model", true);
    table_add_column(&table, "seeds", false);
    table_add_column(&table, "params", false);
    for (size_t i = 0; i < dataset->metric_count; i++) {
        if (!has_scores(dataset, i))
            continue;
        const struct metric_info *metric = &dataset->metrics[i];
        const char *arrow = metric->higher_is_better ? "↑" : "↓";
        table_add_column(&table, arena_printf(arena, "%s %s", metric->title, arrow), false);
        if (i > 0)
            continue;
        if (with_intervals) {
            table_add_column(&table, "IQM", false);
            table_add_column(&table, "95 % interval", false);
        }
        if (has_condition(dataset, CONDITION_NOISE))
            table_add_column(&table, "noise", false);
        if (has_condition(dataset, CONDITION_OOD))
            table_add_column(&table, "OOD", false);
    }
    table_add_column(&table, "train s", false);
    table_add_column(&table, "step µs", false);
    const struct model_results **models = models_by_score(dataset, arena);
    for (size_t m = 0; m < dataset->model_count; m++)
        fill_scores_row(table_add_row(&table), dataset, models[m], with_intervals, arena);
    table.baseline_row = dataset->network_count;
    return table;
}

/* Every metric on training, validation and test data. */
struct report_table table_splits(const struct dataset_results *dataset, struct arena *arena) {
    static const char *const splits[] = {"train", "valid", "test"};
    const struct model_results *shown[MAX_MODEL_COLUMNS];
    struct report_table table = table_new("splits", "Scores by split", dataset->metric_count * 3,
                                          MAX_MODEL_COLUMNS + 2, arena);
    table.note = "a test score far from the training score speaks of overfitting or drift";
    table_add_column(&table, "metric", true);
    table_add_column(&table, "split", true);
    size_t count = table_add_models(&table, dataset, shown);
    for (size_t i = 0; i < dataset->metric_count; i++)
        for (size_t s = 0; has_scores(dataset, i) && s < sizeof splits / sizeof splits[0]; s++)
            for (size_t c = 0; c < dataset->condition_count; c++) {
                const struct condition *condition = &dataset->conditions[c];
                if (condition->kind != CONDITION_SPLIT || strcmp(condition->name, splits[s]) != 0)
                    continue;
                struct report_cell *row = table_add_row(&table);
                row[0].text = dataset->metrics[i].title;
                row[1].text = condition->name;
                for (size_t m = 0; m < count; m++)
                    row[m + 2].text =
                        format_summary(arena, scores_at(dataset, shown[m], c, i)->summary);
            }
    return table;
}

struct report_table table_published(const struct published *published, struct arena *arena) {
    struct report_table table =
        table_new("published", "Published and ours", published->row_count, 5, arena);
    table.note =
        arena_printf(arena,
                     "%s, %s; reproduced: our mean is within 2 published standard "
                     "deviations or 5 %% of the published mean, above or below%s",
                     published->source, published->metric,
                     published->better_count > 0
                         ? "; better than published: beyond that, which needs an explanation"
                         : "");
    static const char *const titles[] = {"published", "ours", "n"};
    table_add_column(&table, "model", true);
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
        table_add_column(&table, titles[i], false);
    table_add_column(&table, "outcome", true);
    for (size_t r = 0; r < published->row_count; r++) {
        const struct published_row *score = &published->rows[r];
        struct summary theirs = {.count = 2, .mean = score->mean, .deviation = score->deviation};
        struct report_cell *row = table_add_row(&table);
        row++->text = score->measure[0] == '\0'
                          ? score->model
                          : arena_printf(arena, "%s, %s", score->model, score->measure);
        row++->text = format_summary(arena, theirs);
        row++->text = score->ours != NULL ? format_summary(arena, *score->ours) : NO_VALUE;
        row++->text = plain_count(arena, score->ours != NULL ? score->ours->count : 0);
        row->text = reproduction_name(score->verdict);
    }
    return table;
}

struct report_table table_statistics(const struct dataset_results *dataset, struct arena *arena) {
    struct report_table table = table_new("statistics", "Statistics of the test scores",
                                          dataset->metric_count * dataset->model_count, 9, arena);
    table.note = "over seeds; IQM: interquartile mean; interval: of the mean "
                 "(Student's t below 10 seeds, then BCa bootstrap)";
    table.details = true;
    table_add_column(&table, "model", true);
    table_add_column(&table, "metric", true);
    static const char *const titles[] = {"n", "mean", "std", "IQM", "95 % interval", "min", "max"};
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
        table_add_column(&table, titles[i], false);
    for (size_t i = 0; i < dataset->metric_count; i++)
        for (size_t m = 0; m < dataset->model_count; m++) {
            const struct scores *scores = scores_at(dataset, &dataset->models[m], dataset->test, i);
            const struct summary *summary = &scores->summary;
            struct report_cell *row = table_add_row(&table);
            *row++ = model_cell(&dataset->models[m]);
            row++->text = dataset->metrics[i].title;
            row++->text = plain_count(arena, summary->count);
            row++->text = format_number(arena, summary->mean, 5);
            row++->text =
                summary->count < 2 ? NO_VALUE : format_number(arena, summary->deviation, 3);
            row++->text = format_number(arena, scores->interquartile_mean, 5);
            row++->text = interval_text(scores->interval, arena);
            row++->text = format_number(arena, summary->min, 5);
            row++->text = format_number(arena, summary->max, 5);
        }
    return table;
}

/* A cost that no model has, such as energy where it cannot be read, has no column. */
static bool is_known(const struct dataset_results *dataset, enum cost cost) {
    for (size_t m = 0; m < dataset->model_count; m++)
        if (dataset->models[m].costs[cost].summary.count > 0)
            return true;
    return false;
}

struct report_table table_cost(const struct dataset_results *dataset, struct arena *arena) {
    struct report_table table =
        table_new("cost", "Cost", dataset->model_count, COST_COUNT + 1, arena);
    table.note = "means over seeds; train s: processor time of training, all threads together; "
                 "memory of parameters, gradients, optimizer and activations while "
                 "training, of streaming for one stream; latency of one streaming step";
    table_add_column(&table, "model", true);
    for (size_t c = 0; c < COST_COUNT; c++)
        if (is_known(dataset, c))
            table_add_column(&table, cost_infos[c].title, false);
    const struct model_results **models = models_by_score(dataset, arena);
    for (size_t m = 0; m < dataset->model_count; m++) {
        struct report_cell *row = table_add_row(&table);
        *row++ = model_cell(models[m]);
        for (size_t c = 0; c < COST_COUNT; c++)
            if (is_known(dataset, c))
                row++->text = c == COST_TRAIN_CPU_SECONDS ? train_text(models[m], true, arena)
                                                          : cost_text(models[m], c, arena);
    }
    table.baseline_row = dataset->network_count;
    return table;
}

static size_t count_trials(const struct dataset_results *dataset) {
    size_t count = 0;
    for (size_t m = 0; m < dataset->model_count; m++)
        count += dataset->models[m].trial_count;
    return count;
}

struct report_table table_failures(const struct dataset_results *dataset, struct arena *arena) {
    struct report_table table =
        table_new("failures", "Trials that did not finish", count_trials(dataset), 3, arena);
    table_add_column(&table, "trial", true);
    table_add_column(&table, "status", true);
    table_add_column(&table, "reason", true);
    for (size_t m = 0; m < dataset->model_count; m++)
        for (size_t t = 0; t < dataset->models[m].trial_count; t++) {
            const struct trial *trial = dataset->models[m].trials[t];
            if (trial->ok)
                continue;
            struct report_cell *row = table_add_row(&table);
            row[0].text = trial->stem;
            row[1].text = trial->status;
            row[2].text = trial->error;
        }
    return table;
}

struct report_table table_trials(const struct dataset_results *dataset, struct arena *arena) {
    struct report_table table =
        table_new("trials", "Every trial", count_trials(dataset), 8 + dataset->metric_count, arena);
    table_add_column(&table, "trial file", true);
    table_add_column(&table, "model", true);
    table_add_column(&table, "seed", false);
    table_add_column(&table, "status", true);
    for (size_t i = 0; i < dataset->metric_count; i++)
        table_add_column(&table, dataset->metrics[i].title, false);
    table_add_column(&table, "best epoch", false);
    table_add_column(&table, "train s", false);
    table_add_column(&table, "wall s", false);
    table_add_column(&table, "hash", false);
    table.details = true;
    for (size_t m = 0; m < dataset->model_count; m++) {
        const struct model_results *model = &dataset->models[m];
        for (size_t t = 0; t < model->trial_count; t++) {
            const struct trial *trial = model->trials[t];
            struct report_cell *row = table_add_row(&table);
            row++->text = trial->stem;
            *row++ = model_cell(model);
            row++->text = arena_printf(arena, "%.0f", trial->seed);
            row++->text = trial->status;
            for (size_t i = 0; i < dataset->metric_count; i++)
                row++->text =
                    format_number(arena, scores_at(dataset, model, dataset->test, i)->values[t], 5);
            row++->text = isnan(trial->best_epoch) ? NO_VALUE
                                                   : arena_printf(arena, "%.0f", trial->best_epoch);
            row++->text = format_cost(arena, UNIT_SECONDS, trial->costs[COST_TRAIN_CPU_SECONDS]);
            row++->text = format_cost(arena, UNIT_SECONDS, trial->costs[COST_TRAIN_SECONDS]);
            row++->text = trial->hash;
        }
        if (m + 1 == dataset->network_count)
            table.baseline_row = table.row_count;
    }
    return table;
}
