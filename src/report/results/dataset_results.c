/* What is asked of a data set's results. */
#include "evaluate/measure.h"
#include "report/results/results.h"

#include <math.h>
#include <string.h>

const struct model_results *find_model_results(const struct dataset_results *dataset,
                                               const char *name) {
    for (size_t m = 0; m < dataset->model_count; m++)
        if (strcmp(dataset->models[m].name, name) == 0)
            return &dataset->models[m];
    return NULL;
}

static bool condition_equal(const struct condition *a, const struct condition *b) {
    return a->kind == b->kind && a->severity == b->severity && strcmp(a->name, b->name) == 0;
}

size_t condition_position(const struct dataset_results *dataset,
                          const struct condition *condition) {
    size_t c = 0;
    while (c < dataset->condition_count && !condition_equal(&dataset->conditions[c], condition))
        c++;
    return c;
}

const struct scores *scores_at(const struct dataset_results *dataset,
                               const struct model_results *model, size_t condition, size_t metric) {
    return &model->scores[condition * dataset->metric_count + metric];
}

bool metric_better(const struct metric_info *metric, double a, double b) {
    return metric->higher_is_better ? a > b : a < b;
}

const struct model_results *best_model(const struct dataset_results *dataset, size_t metric,
                                       size_t first, size_t end) {
    const struct model_results *best = NULL;
    double best_mean = 0;
    for (size_t m = first; metric < dataset->metric_count && m < end; m++) {
        const struct model_results *model = &dataset->models[m];
        struct summary summary = scores_at(dataset, model, dataset->test, metric)->summary;
        if (!isfinite(summary.mean) ||
            (best != NULL && !metric_better(&dataset->metrics[metric], summary.mean, best_mean)))
            continue;
        best = model;
        best_mean = summary.mean;
    }
    return best;
}

double ratio_to_clean(const struct dataset_results *dataset, const struct model_results *model,
                      size_t condition) {
    if (dataset->metric_count == 0)
        return NAN;
    const double *clean = scores_at(dataset, model, dataset->test, 0)->values;
    const double *changed = scores_at(dataset, model, condition, 0)->values;
    double sum = 0, clean_sum = 0;
    size_t count = 0;
    for (size_t t = 0; t < model->trial_count; t++) {
        if (isnan(clean[t]) || isnan(changed[t]))
            continue;
        if (isinf(clean[t]) || isinf(changed[t]))
            return worst_score(dataset->metrics[0].higher_is_better);
        if (clean[t] <= 0)
            return NAN;
        sum += changed[t];
        clean_sum += clean[t];
        count++;
    }
    return count == 0 ? NAN : sum / clean_sum;
}

double ratio_worst(const struct dataset_results *dataset, const struct model_results *model,
                   enum condition_kind kind, const struct condition **worst) {
    double ratio = NAN;
    for (size_t c = 0; c < dataset->condition_count; c++) {
        if (dataset->conditions[c].kind != kind)
            continue;
        double here = ratio_to_clean(dataset, model, c);
        if (isnan(here) || (!isnan(ratio) && !metric_better(&dataset->metrics[0], ratio, here)))
            continue;
        ratio = here;
        if (worst != NULL)
            *worst = &dataset->conditions[c];
    }
    return ratio;
}

double ratio_mean(const struct dataset_results *dataset, const struct model_results *model,
                  enum condition_kind kind) {
    double sum = 0;
    size_t count = 0;
    for (size_t c = 0; c < dataset->condition_count; c++) {
        double here = dataset->conditions[c].kind == kind ? ratio_to_clean(dataset, model, c) : NAN;
        if (!isnan(here)) {
            sum += here;
            count++;
        }
    }
    return count == 0 ? NAN : sum / (double)count;
}

const struct measurement *measurement_under(const struct trial *trial,
                                            const struct condition *condition) {
    for (size_t i = 0; i < trial->measurement_count; i++)
        if (condition_equal(&trial->measurements[i].condition, condition))
            return &trial->measurements[i];
    return NULL;
}

/* How many of the models [first, end) have a better mean test score; those without one come last.
 */
static size_t place_of(const struct dataset_results *dataset, size_t m, size_t first, size_t end) {
    size_t place = 0;
    struct summary mine = scores_at(dataset, &dataset->models[m], dataset->test, 0)->summary;
    for (size_t other = first; other < end; other++) {
        struct summary its = scores_at(dataset, &dataset->models[other], dataset->test, 0)->summary;
        if (other == m)
            continue;
        if (its.count == 0)
            place += mine.count == 0 && other < m;
        else
            place += mine.count == 0 || metric_better(&dataset->metrics[0], its.mean, mine.mean) ||
                     (its.mean == mine.mean && other < m);
    }
    return place;
}

/* The place of a model among the networks, or among the baselines. */
static size_t place_of_its_kind(const struct dataset_results *dataset, size_t m) {
    bool baseline = m >= dataset->network_count;
    return place_of(dataset, m, baseline ? dataset->network_count : 0,
                    baseline ? dataset->model_count : dataset->network_count);
}

size_t select_models(const struct dataset_results *dataset, size_t max, size_t max_baselines,
                     const struct model_results **selected) {
    size_t count = 0;
    const struct model_results *reference = dataset->reference;
    for (size_t m = 0; dataset->metric_count > 0 && m < dataset->model_count; m++) {
        bool baseline = m >= dataset->network_count;
        size_t room = baseline ? max_baselines : max;
        if (reference != NULL && reference->baseline == baseline &&
            place_of_its_kind(dataset, (size_t)(reference - dataset->models)) >= room)
            room--; /* for the reference */
        if (place_of_its_kind(dataset, m) < room || &dataset->models[m] == reference)
            selected[count++] = &dataset->models[m];
    }
    return count;
}

const struct model_results **models_by_score(const struct dataset_results *dataset,
                                             struct arena *arena) {
    const struct model_results **order =
        ARENA_NEW(arena, const struct model_results *, dataset->model_count + 1);
    for (size_t m = 0; m < dataset->model_count; m++) {
        size_t first = m < dataset->network_count ? 0 : dataset->network_count;
        size_t place = dataset->metric_count > 0 ? first + place_of_its_kind(dataset, m) : m;
        order[place] = &dataset->models[m];
    }
    return order;
}

bool has_condition(const struct dataset_results *dataset, enum condition_kind kind) {
    for (size_t c = 0; c < dataset->condition_count; c++)
        if (dataset->conditions[c].kind == kind)
            return true;
    return false;
}

struct summary recorded_summary(const struct model_results *model, const char *path,
                                struct arena *arena) {
    char part[MEASURE_PATH];
    size_t position = measure_position(measure_parse(path, part).type);
    double *values = ARENA_NEW(arena, double, model->trial_count + 1);
    for (size_t t = 0; t < model->trial_count; t++)
        values[t] = model->trials[t]->ok ? model->trials[t]->recorded[position] : NAN;
    return summarize(values, model->trial_count);
}
