#include "config/advice.h"

#include "config/checks.h"
#include "model/baseline.h"

#include <math.h>
#include <string.h>

/* Series whose training rows give no yardstick for the errors of MASE. */
static void note_undefined_mase(struct dataset *dataset, struct arena *arena) {
    enum { MAX_SAID = 5 };
    int said = 0;
    for (int k = 0; k < dataset->targets; k++) {
        int trained = 0, undefined = 0;
        for (int i = 0; i < dataset->fit_count; i++) {
            trained += dataset->fits[i].name != NULL;
            undefined += dataset->fits[i].name != NULL && isnan(dataset->fits[i].naive_error[k]);
        }
        if (undefined == 0 || said++ >= MAX_SAID)
            continue;
        const char *step = dataset->period > 1 ? "season to season" : "row to row";
        if (undefined == trained)
            notes_add(&dataset->notes, arena, NULL,
                      "MASE is undefined: the training rows show no change of \"%s\" from %s, but "
                      "for rounding, to scale its errors by",
                      dataset->target_names[k], step);
        else
            notes_add(&dataset->notes, arena, NULL,
                      "MASE leaves out %d of %d series: their training rows show no change of "
                      "\"%s\" from %s, but for rounding, to scale its errors by",
                      undefined, trained, dataset->target_names[k], step);
    }
    if (said > MAX_SAID)
        notes_add(&dataset->notes, arena, NULL,
                  "MASE is undefined for %d more targets in the same way", said - MAX_SAID);
}

static void note_baselines(const struct experiment *experiment, struct dataset *dataset,
                           struct arena *arena) {
    for (size_t i = 0; i < experiment->model_count; i++) {
        const char *name = experiment->models[i].baseline;
        const struct baseline_type *type = name != NULL ? baseline_find(name) : NULL;
        if (type == NULL || type->note == NULL || !type->applies(dataset))
            continue;
        const char *note = type->note(dataset, arena);
        if (note != NULL)
            notes_add(&dataset->notes, arena, NULL, "%s", note);
    }
}

void advice_add(const struct experiment *experiment, struct dataset *dataset, struct arena *arena) {
    if (has_metric(experiment, "mase"))
        note_undefined_mase(dataset, arena);
    note_baselines(experiment, dataset, arena);
}
