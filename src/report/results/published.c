#include "report/results/published.h"

#include "base/json.h"
#include "evaluate/measure.h"

#include <math.h>
#include <string.h>

static const double TOLERANCE = 0.05, DEVIATIONS = 2;

const char *reproduction_name(enum reproduction verdict) {
    static const char *const names[] = {[NOT_RUN] = "not run",
                                        [WITHOUT_SCORE] = "no score",
                                        [REPRODUCED] = "reproduced",
                                        [BETTER] = "better than published",
                                        [DIFFERENT] = "not reproduced"};
    return names[verdict];
}

static enum reproduction judge(const struct metric_info *metric, const struct published_row *row,
                               bool was_run) {
    if (row->ours == NULL)
        return was_run ? WITHOUT_SCORE : NOT_RUN;
    double allowed = fmax(DEVIATIONS * row->deviation, TOLERANCE * fabs(row->mean));
    if (fabs(row->ours->mean - row->mean) <= allowed)
        return REPRODUCED;
    return metric_better(metric, row->ours->mean, row->mean) ? BETTER : DIFFERENT;
}

static void count(struct published *published, const struct published_row *row) {
    published->run_count += row->verdict != NOT_RUN;
    published->reproduced_count += row->verdict == REPRODUCED;
    published->better_count += row->verdict == BETTER;
}

/* The position of the test score's metric: the one of "test.<metric>", else the table's. metric_count
 * where the row is about another number, or about a metric that was not measured. */
static size_t metric_of(const struct dataset_results *dataset, const char *measure, size_t table) {
    static const char test[] = "test.";
    if (measure[0] == '\0')
        return table;
    size_t metric = 0;
    while (metric < dataset->metric_count &&
           (strncmp(measure, test, sizeof test - 1) != 0 ||
            strcmp(dataset->metrics[metric].name, measure + sizeof test - 1) != 0))
        metric++;
    return metric;
}

/* A number of the records, not a test score. */
static void judge_measure(struct published *published, struct published_row *row,
                          const struct model_results *model, struct arena *arena) {
    char part[MEASURE_PATH];
    struct measure measure = measure_parse(row->measure, part);
    bool is_known = measure.type != NULL && measure.type->kind == MEASURE_RECORD;
    struct metric_info info = {.higher_is_better = is_known && measure.type->higher_is_better};
    if (is_known && model != NULL) {
        struct summary *ours = ARENA_NEW(arena, struct summary, 1);
        *ours = recorded_summary(model, row->measure, arena);
        row->ours = ours->count > 0 ? ours : NULL;
    }
    row->verdict = judge(&info, row, model != NULL && model->trial_count > 0);
    count(published, row);
}

static void add_row(struct published *published, const struct dataset_results *dataset,
                    size_t metric, const cJSON *score, struct arena *arena) {
    struct published_row *row = &published->rows[published->row_count++];
    row->model = arena_strdup(arena, json_string(score, "model", ""));
    row->mean = json_number(score, "mean", NAN);
    row->deviation = json_number(score, "std", 0);
    row->measure = arena_strdup(arena, json_string(score, "measure", ""));
    const struct model_results *model = find_model_results(dataset, row->model);
    metric = metric_of(dataset, row->measure, metric);
    if (metric == dataset->metric_count) {
        judge_measure(published, row, model, arena);
        return;
    }
    if (model != NULL && scores_at(dataset, model, dataset->test, metric)->summary.count > 0)
        row->ours = &scores_at(dataset, model, dataset->test, metric)->summary;
    row->verdict = judge(&dataset->metrics[metric], row, model != NULL && model->trial_count > 0);
    count(published, row);
}

struct published published_make(const struct dataset_results *dataset, struct arena *arena) {
    struct published published = {.source = "", .metric = ""};
    bool has_trials = dataset->model_count > 0 && dataset->models[0].trial_count > 0;
    cJSON *config = has_trials ? cJSON_Parse(dataset->models[0].trials[0]->config) : NULL;
    const cJSON *given = cJSON_GetObjectItemCaseSensitive(config, "published");
    const cJSON *scores = cJSON_GetObjectItemCaseSensitive(given, "scores");
    size_t metric = 0;
    while (metric < dataset->metric_count &&
           strcmp(dataset->metrics[metric].name, json_string(given, "metric", "")) != 0)
        metric++;
    if (cJSON_IsArray(scores) && metric < dataset->metric_count) {
        published.source = arena_strdup(arena, json_string(given, "source", ""));
        published.metric = dataset->metrics[metric].title;
        published.rows = ARENA_NEW(arena, struct published_row, cJSON_GetArraySize(scores));
        for (const cJSON *score = scores->child; score != NULL; score = score->next)
            add_row(&published, dataset, metric, score, arena);
    }
    cJSON_Delete(config);
    return published;
}
