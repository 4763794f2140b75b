#include "experiment/run/timing.h"

#include "base/json.h"
#include "base/log.h"
#include "experiment/run/estimate.h"
#include "experiment/run/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const double WORTH_TIMING = 1e10; /* floating-point operations: some seconds */
static const double BUDGET = 0.03;       /* seconds a model */

/* One open trial of each network, NULL where there is none. Those with few operations count, too: they take
 * more time for each of them. */
static void find_samples(const struct queue *queue, const struct trial_plan **samples,
                         double *total) {
    for (size_t i = 0; i < queue->count; i++) {
        const struct trial_plan *trial = queue->order[i];
        const struct eta_trial *eta = &queue->eta[trial - queue->plan->trials];
        if (eta->state != ETA_TO_DO || trial->network == NULL)
            continue;
        samples[eta->model] = trial;
        *total += trial->work;
    }
}

struct timed_epoch {
    size_t model;
    double epoch_seconds;
};

/* The sample with the least work left to time; the count of models when there is none. */
static size_t lightest(const struct trial_plan *const *samples, const bool *is_timed,
                       size_t count) {
    size_t found = count;
    for (size_t m = 0; m < count; m++)
        if (samples[m] != NULL && !is_timed[m] &&
            (found == count || samples[m]->work < samples[found]->work))
            found = m;
    return found;
}

/* The light models first: the heavy ones are trained first, and then tell their speed themselves.
 * In a process of its own: what has no memory or takes too long is simply not timed. */
_Noreturn static void time_samples(const struct queue *queue,
                                   const struct trial_plan *const *samples, int pipe, double total,
                                   pid_t parent) {
    enum { PATIENCE = 10 };
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (getppid() != parent)
        _exit(EXIT_FAILURE);
    alarm((unsigned)fmin(1 + total / WORTH_TIMING / 4, PATIENCE));
    struct arena arena = {0};
    size_t count = queue->plan->experiment->model_count, m;
    bool *is_timed = ARENA_NEW(&arena, bool, count);
    while ((m = lightest(samples, is_timed, count)) < count) {
        is_timed[m] = true;
        struct timed_epoch timing = {m, estimate_epoch(queue->plan, samples[m], BUDGET)};
        if (write(pipe, &timing, sizeof timing) != (ssize_t)sizeof timing)
            _exit(EXIT_FAILURE);
    }
    _exit(EXIT_SUCCESS);
}

static void time_models(const struct queue *queue, struct eta_model *models, struct arena *arena) {
    size_t count = queue->plan->experiment->model_count;
    const struct trial_plan **samples = ARENA_NEW(arena, const struct trial_plan *, count);
    double total = 0;
    find_samples(queue, samples, &total);
    int ends[2];
    if (total < WORTH_TIMING || pipe2(ends, O_CLOEXEC) != 0)
        return;
    log_progress("timing the models");
    fflush(NULL);
    pid_t parent = getpid(), process = fork();
    if (process == 0)
        time_samples(queue, samples, ends[1], total, parent);
    close(ends[1]);
    struct timed_epoch timing;
    while (process > 0 && read(ends[0], &timing, sizeof timing) == (ssize_t)sizeof timing)
        models[timing.model].epoch_seconds = timing.epoch_seconds;
    close(ends[0]);
    while (process > 0 && waitpid(process, NULL, 0) < 0 && errno == EINTR)
        continue;
}

/* What cannot be written is not missed: `status` then knows the models' own trials alone. */
static void save(const struct queue *queue, const struct eta_model *models, int workers) {
    const struct experiment *experiment = queue->plan->experiment;
    struct arena arena = {0};
    struct error error;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "jobs", workers);
    cJSON_AddNumberToObject(json, "later_work", queue->options->later_work);
    for (size_t m = 0; m < experiment->model_count; m++) {
        if (models[m].epochs == 0)
            continue;
        cJSON *model =
            cJSON_AddObjectToObject(json, arena_printf(&arena, "%s-%s", queue->plan->dataset_name,
                                                       experiment->models[m].name));
        cJSON_AddNumberToObject(model, "epochs", models[m].epochs);
        cJSON_AddNumberToObject(model, "epoch_seconds", models[m].epoch_seconds);
        cJSON_AddNumberToObject(model, "epoch_work", models[m].epoch_work);
        cJSON_AddNumberToObject(model, "evaluation_epochs", models[m].evaluation_epochs);
    }
    json_save(json, path_join(&arena, queue->options->folder, ESTIMATE_FILE), &error);
    cJSON_Delete(json);
    arena_free(&arena);
}

struct eta_model *timing_of_models(const struct queue *queue, int workers, struct arena *arena) {
    struct eta_model *models = estimate_models(queue->plan, arena);
    if (queue->open > 0) {
        time_models(queue, models, arena);
        save(queue, models, workers);
    }
    return models;
}
