#include "report/contents.h"

#include "report/findings.h"
#include "report/format.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* ---- Building tables ---- */

static struct table new_table(const char *title, size_t most_rows, size_t most_columns,
                              struct arena *arena) {
    return (struct table){
        .title = title,
        .note = "",
        .columns = ARENA_NEW(arena, struct column, most_columns + 1),
        .cells = ARENA_NEW(arena, struct cell, most_rows * most_columns + 1),
    };
}

static void add_column(struct table *table, const char *title, bool left) {
    table->columns[table->column_count++] = (struct column){.title = title, .left = left};
}

static void add_model_columns(struct table *table, const struct dataset_results *dataset) {
    for (size_t m = 0; m < dataset->model_count; m++)
        table->columns[table->column_count++] =
            (struct column){.title = dataset->models[m].name, .swatch = dataset->models[m].colour};
}

static struct cell model_cell(const struct model_results *model) {
    return (struct cell){.text = model->name, .swatch = model->colour};
}

/* All columns must be there before the first row. */
static struct cell *add_row(struct table *table) {
    struct cell *row = table->cells + table->row_count++ * table->column_count;
    for (size_t c = 0; c < table->column_count; c++)
        row[c] = (struct cell){.text = NO_VALUE};
    return row;
}

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

static void fill_scores_row(struct cell *row, const struct dataset_results *dataset,
                            const struct model_results *model, size_t first, size_t end,
                            bool with_costs, struct arena *arena) {
    *row++ = model_cell(model);
    row++->text = seed_count(model, arena);
    row++->text = cost_text(model, COST_PARAMETERS, arena);
    for (size_t i = first; i < end; i++)
        *row++ = (struct cell){
            .text = format_summary(arena, scores_at(dataset, model, dataset->test, i)->summary),
            .best = best_model(dataset, i, 0, dataset->network_count) == model,
        };
    if (!with_costs)
        return;
    if (has_condition(dataset, CONDITION_NOISE))
        row++->text = format_ratio(arena, ratio_worst(dataset, model, CONDITION_NOISE, NULL));
    if (has_condition(dataset, CONDITION_OOD))
        row++->text = format_ratio(arena, ratio_mean(dataset, model, CONDITION_OOD));
    row++->text = cost_text(model, COST_TRAIN_SECONDS, arena);
    row++->text = cost_text(model, COST_STEP_P50, arena);
}

struct table table_scores(const struct dataset_results *dataset, size_t first, size_t end,
                          bool with_costs, struct arena *arena) {
    struct table table = new_table("Test scores", dataset->model_count, 7 + end - first, arena);
    table.note = "mean ± standard deviation over seeds; best mean of the networks marked";
    add_column(&table, "model", true);
    add_column(&table, "seeds", false);
    add_column(&table, "params", false);
    for (size_t i = first; i < end; i++)
        add_column(&table,
                   arena_printf(arena, "%s %s", dataset->metrics[i].title,
                                dataset->metrics[i].higher_is_better ? "↑" : "↓"),
                   false);
    if (with_costs) {
        if (has_condition(dataset, CONDITION_NOISE))
            add_column(&table, "noise", false);
        if (has_condition(dataset, CONDITION_OOD))
            add_column(&table, "OOD", false);
        add_column(&table, "train s", false);
        add_column(&table, "step µs", false);
        if (has_condition(dataset, CONDITION_NOISE))
            table.note = arena_printf(arena,
                                      "%s; noise: score under the worst noise relative to the "
                                      "clean score",
                                      table.note);
        if (has_condition(dataset, CONDITION_OOD))
            table.note = arena_printf(
                arena, "%s; OOD: mean score over shifts relative to the clean score", table.note);
    }
    for (size_t m = 0; m < dataset->model_count; m++)
        fill_scores_row(add_row(&table), dataset, &dataset->models[m], first, end, with_costs,
                        arena);
    table.baseline_row = dataset->network_count;
    return table;
}

/* Rows: conditions of one kind, the clean score first. Columns: models. */
static struct table table_conditions(const struct dataset_results *dataset,
                                     enum condition_kind kind, const char *title,
                                     const char *heading, struct arena *arena) {
    struct table table =
        new_table(title, dataset->condition_count + 1, dataset->model_count + 1, arena);
    if (dataset->metric_count == 0 || !has_condition(dataset, kind))
        return table;
    table.note =
        arena_printf(arena, "test %s, and its ratio to the clean score", dataset->metrics[0].title);
    add_column(&table, heading, true);
    add_model_columns(&table, dataset);
    for (size_t c = 0; c < dataset->condition_count; c++) {
        bool clean = c == dataset->test;
        if (!clean && dataset->conditions[c].kind != kind)
            continue;
        struct cell *row = add_row(&table);
        row[0].text = clean ? "clean" : format_condition(arena, &dataset->conditions[c]);
        const struct model_results *best = NULL;
        for (size_t m = 0; m < dataset->model_count; m++) {
            const struct model_results *model = &dataset->models[m];
            struct summary summary = scores_at(dataset, model, c, 0)->summary;
            double ratio = clean ? NAN : ratio_to_clean(dataset, model, c);
            row[m + 1].text = format_summary(arena, summary);
            if (!isnan(ratio))
                row[m + 1].text =
                    arena_printf(arena, "%s (%s)", row[m + 1].text, format_ratio(arena, ratio));
            bool better =
                m < dataset->network_count && summary.count > 0 &&
                (best == NULL || metric_better(&dataset->metrics[0], summary.mean,
                                               scores_at(dataset, best, c, 0)->summary.mean));
            if (better)
                best = model;
        }
        if (best != NULL)
            row[best - dataset->models + 1].best = true;
    }
    table.baseline_row = table.row_count;
    return table;
}

/* Every metric on training, validation and test data. */
static struct table table_splits(const struct dataset_results *dataset, struct arena *arena) {
    size_t rows = dataset->metric_count * dataset->condition_count;
    struct table table = new_table("Scores by split", rows, dataset->model_count + 2, arena);
    table.note = "a test score far from the training score speaks of overfitting or drift";
    add_column(&table, "metric", true);
    add_column(&table, "split", true);
    add_model_columns(&table, dataset);
    static const char *const splits[] = {"train", "valid", "test"};
    for (size_t i = 0; i < dataset->metric_count; i++)
        for (size_t s = 0; s < sizeof splits / sizeof splits[0]; s++)
            for (size_t c = 0; c < dataset->condition_count; c++) {
                const struct condition *condition = &dataset->conditions[c];
                if (condition->kind != CONDITION_SPLIT || strcmp(condition->name, splits[s]) != 0)
                    continue;
                struct cell *row = add_row(&table);
                row[0].text = dataset->metrics[i].title;
                row[1].text = condition->name;
                for (size_t m = 0; m < dataset->model_count; m++)
                    row[m + 2].text = format_summary(
                        arena, scores_at(dataset, &dataset->models[m], c, i)->summary);
            }
    table.baseline_row = table.row_count;
    return table;
}

static struct table table_cost(const struct dataset_results *dataset, struct arena *arena) {
    struct table table = new_table("Cost", dataset->model_count, COST_COUNT + 1, arena);
    table.note =
        "means over seeds; memory of parameters, gradients, optimizer and activations while "
        "training, of streaming for one stream; latency of one streaming step";
    add_column(&table, "model", true);
    for (size_t c = 0; c < COST_COUNT; c++)
        add_column(&table, cost_infos[c].title, false);
    for (size_t m = 0; m < dataset->model_count; m++) {
        struct cell *row = add_row(&table);
        row[0] = model_cell(&dataset->models[m]);
        for (size_t c = 0; c < COST_COUNT; c++)
            row[c + 1].text = cost_text(&dataset->models[m], c, arena);
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

static struct table table_failures(const struct dataset_results *dataset, struct arena *arena) {
    struct table table = new_table("Trials that did not finish", count_trials(dataset), 3, arena);
    add_column(&table, "trial", true);
    add_column(&table, "status", true);
    add_column(&table, "reason", true);
    for (size_t m = 0; m < dataset->model_count; m++)
        for (size_t t = 0; t < dataset->models[m].trial_count; t++) {
            const struct trial *trial = dataset->models[m].trials[t];
            if (trial->ok)
                continue;
            struct cell *row = add_row(&table);
            row[0].text = trial->stem;
            row[1].text = trial->status;
            row[2].text = trial->error;
        }
    table.baseline_row = table.row_count;
    return table;
}

static struct table table_trials(const struct dataset_results *dataset, struct arena *arena) {
    struct table table =
        new_table("Every trial", count_trials(dataset), 6 + dataset->metric_count, arena);
    add_column(&table, "trial file", true);
    add_column(&table, "model", true);
    add_column(&table, "seed", false);
    add_column(&table, "status", true);
    for (size_t i = 0; i < dataset->metric_count; i++)
        add_column(&table, dataset->metrics[i].title, false);
    add_column(&table, "best epoch", false);
    add_column(&table, "train s", false);
    for (size_t m = 0; m < dataset->model_count; m++) {
        const struct model_results *model = &dataset->models[m];
        for (size_t t = 0; t < model->trial_count; t++) {
            const struct trial *trial = model->trials[t];
            struct cell *row = add_row(&table);
            row++->text = trial->stem;
            *row++ = model_cell(model);
            row++->text = arena_printf(arena, "%.0f", trial->seed);
            row++->text = trial->status;
            for (size_t i = 0; i < dataset->metric_count; i++)
                row++->text =
                    format_number(arena, scores_at(dataset, model, dataset->test, i)->values[t], 5);
            row++->text = isnan(trial->best_epoch) ? NO_VALUE
                                                   : arena_printf(arena, "%.0f", trial->best_epoch);
            row++->text = format_cost(arena, UNIT_SECONDS, trial->costs[COST_TRAIN_SECONDS]);
        }
        if (m + 1 == dataset->network_count)
            table.baseline_row = table.row_count;
    }
    return table;
}

/* ---- Putting it together ---- */

/* Letters, digits, '-', '_' and '.' stay; a number makes the name unique where that is not enough.
 */
static const char *make_anchor(const struct contents *contents, const char *title,
                               struct arena *arena) {
    char *anchor = arena_strdup(arena, title[0] == '\0' ? "data" : title);
    for (char *c = anchor; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) && (c == anchor || strchr("-_.", *c) == NULL))
            *c = '_';
    if (strlen(anchor) > 100)
        anchor[100] = '\0';
    for (size_t s = 0; s < contents->section_count; s++)
        if (strcmp(contents->sections[s].anchor, anchor) == 0)
            return arena_printf(arena, "%s-%zu", anchor, contents->section_count + 1);
    return anchor;
}

static const char *make_subtitle(const struct dataset_results *dataset, struct arena *arena) {
    size_t least = (size_t)-1, most = 0;
    for (size_t m = 0; m < dataset->network_count; m++) {
        size_t count = dataset->models[m].trial_count;
        least = count < least ? count : least;
        most = count > most ? count : most;
    }
    const char *separator = dataset->task[0] == '\0' ? "" : " · ";
    if (most == 0)
        return dataset->task;
    if (least == most)
        return arena_printf(arena, "%s%s%zu seed%s", dataset->task, separator, most,
                            most == 1 ? "" : "s");
    return arena_printf(arena, "%s%s%zu to %zu seeds", dataset->task, separator, least, most);
}

static struct section make_section(const struct contents *contents,
                                   const struct dataset_results *dataset, struct arena *arena) {
    struct section section = {
        .results = dataset,
        .anchor = make_anchor(contents, dataset->title, arena),
        .subtitle = make_subtitle(dataset, arena),
        .scores = table_scores(dataset, 0, dataset->metric_count, true, arena),
        .splits = table_splits(dataset, arena),
        .noise = table_conditions(dataset, CONDITION_NOISE, "Robustness to noise", "noise", arena),
        .ood = table_conditions(dataset, CONDITION_OOD, "Out-of-distribution generalization",
                                "shift", arena),
        .cost = table_cost(dataset, arena),
        .failures = table_failures(dataset, arena),
        .trials = table_trials(dataset, arena),
    };
    section.findings = findings_make(dataset, arena, &section.finding_count);
    return section;
}

static void make_notes(struct contents *contents, struct arena *arena) {
    const struct results *results = contents->results;
    contents->notes =
        ARENA_NEW(arena, const char *, results->experiment_count + results->problem_count + 1);
    for (size_t e = 0; e < results->experiment_count; e++) {
        const struct experiment_results *experiment = &results->experiments[e];
        if (experiment->missing_count > 0)
            contents->notes[contents->note_count++] = arena_printf(
                arena,
                "%s: %zu of %zu planned trials have no result yet (the first: %s); `liquidbench "
                "run` goes on with them.",
                experiment->name, experiment->missing_count, experiment->planned,
                experiment->missing[0]);
    }
    for (size_t p = 0; p < results->problem_count; p++)
        contents->notes[contents->note_count++] = results->problems[p];
}

struct contents contents_make(const struct results *results, struct arena *arena) {
    struct contents contents = {.results = results, .title = ""};
    for (size_t e = 0; e < results->experiment_count; e++)
        contents.title = arena_printf(arena, "%s%s%s", contents.title, e == 0 ? "" : ", ",
                                      results->experiments[e].name);
    contents.sections = ARENA_NEW(arena, struct section, results->dataset_count + 1);
    for (size_t d = 0; d < results->dataset_count; d++) {
        contents.sections[contents.section_count] =
            make_section(&contents, &results->datasets[d], arena);
        contents.section_count++;
    }
    make_notes(&contents, arena);
    return contents;
}
