#include "config/match.h"
#include "experiment/run/estimate.h"
#include "experiment/run/queue.h"
#include "experiment/starter/draft.h"

#include <math.h>

enum { MAX_EPOCHS = 150, FEWEST_EPOCHS = 20, FULL_SEEDS = 5, FEWEST_SEEDS = 3 };

/* A window that fits into the smallest split (15 % of a series) and spans a season if it can. A new one
 * starts every quarter of a window: more would hold little else, and the epochs are worth more. With drift
 * a window's last step alone is scored, so one starts at every row. */
static struct knobs first_knobs(const struct config_draft *draft) {
    double rows = (double)draft->roles.rows, room = floor(0.15 * rows) - 2;
    double wanted = fmin(64, fmax(8, rows / 20));
    if (draft->season > 0 && draft->season <= 96)
        wanted = fmax(wanted, draft->season + 1);
    int window = (int)fmax(2, fmin(wanted, room));
    size_t width = draft->inputs.count +
                   (draft->targets.count > 0 ? draft->targets.count : draft->inputs.count);
    return (struct knobs){
        .window = window,
        .stride = draft->drifts || window < 4 ? 1 : window / 4,
        .epochs = MAX_EPOCHS,
        .seeds = FULL_SEEDS,
        .parameters = (int)fmax(1500, 60 * (double)width),
    };
}

/* Seconds that the config's run takes with all processors, and its training windows. */
static bool measure(const struct config_draft *draft, double *seconds, size_t *windows,
                    struct error *error) {
    struct arena arena = {0};
    struct experiment experiment;
    struct dataset dataset;
    struct plan plan;
    const struct run_options usual = {0};
    const struct trial_plan **trials;
    size_t count;
    bool planned =
        experiment_read(&experiment, draft->request->config_path, draft_config(draft), error) &&
        dataset_load(&dataset, &experiment.dataset, &experiment.task, &arena, error) &&
        match_models(&experiment, &dataset, error) &&
        plan_make(&plan, &experiment, &dataset, &arena, error) &&
        queue_select(&plan, &usual, &trials, &count, &arena, error);
    if (planned) {
        enum { START_SECONDS = 4 }; /* reading, and drawing the report */
        size_t jobs = (size_t)run_jobs(&usual, trials, count);
        *seconds = START_SECONDS + estimate_trials(&plan, trials, count, jobs, 0.02, NULL);
        *windows = dataset.train.window_count;
    }
    experiment_free(&experiment);
    arena_free(&arena);
    return planned;
}

/* Turns the knobs by the factor that the estimate is over the budget: fewer epochs, then fewer
 * overlapping windows, then fewer seeds, then smaller models. False when all are at their end. */
static bool turn(struct knobs *knobs, double factor, size_t windows) {
    enum { ENOUGH_WINDOWS = 200, FEWEST_PARAMETERS = 500 };
    if (knobs->epochs > FEWEST_EPOCHS) {
        knobs->epochs = (int)fmax(FEWEST_EPOCHS, knobs->epochs / factor);
    } else if (knobs->stride < knobs->window && windows > ENOUGH_WINDOWS) {
        double stride = fmin(ceil(knobs->stride * factor), knobs->window);
        knobs->stride = (int)fmax(stride, knobs->stride + 1);
    } else if (knobs->seeds > FEWEST_SEEDS) {
        knobs->seeds--;
    } else if (knobs->parameters > FEWEST_PARAMETERS) {
        knobs->parameters = (int)fmax(FEWEST_PARAMETERS, knobs->parameters / factor);
    } else {
        return false;
    }
    return true;
}

bool draft_fit_budget(struct config_draft *draft, double *seconds, struct error *error) {
    draft->knobs = first_knobs(draft);
    for (int round = 0; round < 20; round++) {
        size_t windows;
        if (!measure(draft, seconds, &windows, error))
            return false;
        double factor = *seconds / draft->request->seconds;
        if (factor <= 1 || !turn(&draft->knobs, factor * 1.05, windows))
            break;
    }
    return true;
}
