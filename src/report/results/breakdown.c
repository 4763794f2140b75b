#include "report/results/breakdown.h"

#include <math.h>
#include <string.h>

/* ---- Targets and steps ---- */

static const struct trial *trial_with_parts(const struct dataset_results *dataset) {
    for (size_t m = 0; m < dataset->model_count; m++)
        for (size_t t = 0; t < dataset->models[m].trial_count; t++)
            if (dataset->models[m].trials[t]->part_count > 0)
                return dataset->models[m].trials[t];
    return NULL;
}

size_t part_limit(const struct dataset_results *dataset) {
    const struct trial *trial = trial_with_parts(dataset);
    return trial == NULL ? 0 : trial->part_count;
}

static size_t list_parts(const struct dataset_results *dataset, bool targets,
                         struct test_part *parts) {
    const struct trial *trial = trial_with_parts(dataset);
    size_t count = 0;
    for (size_t i = 0; trial != NULL && i < trial->part_count; i++)
        if ((trial->parts[i].target != NULL) == targets)
            parts[count++] = (struct test_part){trial->parts[i].target, trial->parts[i].step};
    return count > 1 ? count : 0; /* a single one is the whole */
}

size_t list_targets(const struct dataset_results *dataset, struct test_part *parts) {
    return list_parts(dataset, true, parts);
}

size_t list_steps(const struct dataset_results *dataset, struct test_part *parts) {
    return list_parts(dataset, false, parts);
}

static double score_of_part(const struct trial *trial, const struct test_part *part) {
    for (size_t i = 0; trial->ok && trial->metric_count > 0 && i < trial->part_count; i++) {
        const struct part_scores *its = &trial->parts[i];
        bool same_target = its->target == NULL || part->target == NULL
                               ? its->target == part->target
                               : strcmp(its->target, part->target) == 0;
        if (same_target && its->step == part->step)
            return its->values[0];
    }
    return NAN;
}

/* Of one number of each trial. */
struct summary summarize_part(const struct model_results *model, const struct test_part *part) {
    struct arena scratch = {0};
    double *values = ARENA_NEW(&scratch, double, model->trial_count + 1);
    for (size_t t = 0; t < model->trial_count; t++)
        values[t] = score_of_part(model->trials[t], part);
    struct summary summary = summarize(values, model->trial_count);
    arena_free(&scratch);
    return summary;
}

/* ---- Classes ---- */

const struct trial *trial_with_classes(const struct dataset_results *dataset) {
    for (size_t m = 0; m < dataset->model_count; m++)
        for (size_t t = 0; t < dataset->models[m].trial_count; t++)
            if (dataset->models[m].trials[t]->class_count > 0)
                return dataset->models[m].trials[t];
    return NULL;
}

static double score_of_class(const struct trial *trial, size_t c, enum class_score which) {
    if (!trial->ok || c >= trial->class_count)
        return NAN;
    const struct class_scores *scores = &trial->classes[c];
    return which == CLASS_SUPPORT     ? scores->support
           : which == CLASS_PRECISION ? scores->precision
           : which == CLASS_RECALL    ? scores->recall
                                      : scores->f1;
}

struct summary summarize_class(const struct model_results *model, size_t c,
                               enum class_score which) {
    struct arena scratch = {0};
    double *values = ARENA_NEW(&scratch, double, model->trial_count + 1);
    for (size_t t = 0; t < model->trial_count; t++)
        values[t] = score_of_class(model->trials[t], c, which);
    struct summary summary = summarize(values, model->trial_count);
    arena_free(&scratch);
    return summary;
}

double *confusion_shares(const struct model_results *model, size_t classes, struct arena *arena) {
    double *shares = ARENA_NEW(arena, double, classes *classes);
    double *support = ARENA_NEW(arena, double, classes);
    bool known = false;
    for (size_t t = 0; t < model->trial_count; t++) {
        const struct trial *trial = model->trials[t];
        if (!trial->ok || trial->confusion == NULL || trial->class_count != classes)
            continue;
        known = true;
        for (size_t c = 0; c < classes; c++)
            support[c] += trial->classes[c].support;
        for (size_t i = 0; i < classes * classes; i++)
            shares[i] += trial->confusion[i];
    }
    for (size_t i = 0; i < classes * classes; i++)
        shares[i] = support[i / classes] > 0 ? shares[i] / support[i / classes] : NAN;
    return known ? shares : NULL;
}
