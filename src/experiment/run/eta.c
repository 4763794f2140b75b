#include "experiment/run/eta.h"

#include "base/arena.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* Sums over a model's trials; seconds are on processors. */
struct pace {
    double seconds, epochs;       /* of training: ended and running trials */
    double now, now_epochs;       /* of these: the running ones */
    double ended, ended_epochs;   /* trials, and the epochs that they trained */
    double evaluated, evaluation; /* ended trials whose evaluation is known, and its seconds */
    double epoch_seconds;         /* of one epoch, in the end */
};

/* Processors that the trial had while it trained; 1 if not known. */
static double processor_share(const struct eta_trial *trial) {
    bool known =
        trial->epoch > 0 && trial->trained > 0 && isfinite(trial->trained) && trial->cpu > 0;
    return known && isfinite(trial->cpu) ? trial->cpu / trial->trained : 1;
}

/* Processors that a trial will have. */
static double usual_share(const struct eta_trial *trials, size_t count) {
    double cpu[2] = {0}, seconds[2] = {0}; /* ended and running trials */
    for (size_t i = 0; i < count; i++) {
        const struct eta_trial *trial = &trials[i];
        if (trial->epoch == 0 || !(trial->trained > 0) || !(trial->cpu > 0))
            continue;
        cpu[trial->state == ETA_RUNNING] += trial->cpu;
        seconds[trial->state == ETA_RUNNING] += trial->trained;
    }
    double all = cpu[0] + cpu[1] > 0 ? (cpu[0] + cpu[1]) / (seconds[0] + seconds[1]) : 1;
    return cpu[1] > 0 ? (all + cpu[1] / seconds[1]) / 2 : all;
}

static void add_trial(struct pace *pace, const struct eta_trial *trial) {
    if (trial->epoch > 0 && isfinite(trial->trained)) {
        double cpu = trial->trained * processor_share(trial);
        pace->seconds += cpu;
        pace->epochs += trial->epoch;
        pace->now += trial->state == ETA_RUNNING ? cpu : 0;
        pace->now_epochs += trial->state == ETA_RUNNING ? trial->epoch : 0;
    }
    if (trial->state != ETA_ENDED || !isfinite(trial->trained))
        return;
    pace->ended++;
    pace->ended_epochs += trial->epoch;
    if (isfinite(trial->seconds)) {
        pace->evaluated++;
        pace->evaluation += fmax(trial->seconds - trial->trained, 0) * processor_share(trial);
    }
}

/* How much slower epochs are than they were timed, with nothing beside them: those of the running trials, which know
 * how busy the machine is now, else of all. */
static double slowdown(const struct eta_model *models, const struct pace *paces, size_t count) {
    double measured = 0, timed = 0, now = 0, timed_now = 0;
    for (size_t m = 0; m < count; m++) {
        if (!isfinite(models[m].epoch_seconds))
            continue;
        measured += paces[m].seconds;
        timed += models[m].epoch_seconds * paces[m].epochs;
        now += paces[m].now;
        timed_now += models[m].epoch_seconds * paces[m].now_epochs;
    }
    return timed_now > 0 ? now / timed_now : timed > 0 ? measured / timed : 1;
}

/* Fills in each model's epoch_seconds, by its operations where nothing is known of it but them, else the mean of
 * the known ones. The timing counts as WEIGHT epochs beside the measured ones: the first epoch of a trial has a
 * process to start. */
static double set_epoch_seconds(const struct eta_model *models, struct pace *paces, size_t count) {
    const double WEIGHT = 2;
    double factor = slowdown(models, paces, count), sum = 0, known = 0;
    double worked = 0, work = 0;
    for (size_t m = 0; m < count; m++) {
        struct pace *pace = &paces[m];
        double timed = factor * models[m].epoch_seconds, weight = isfinite(timed) ? WEIGHT : 0;
        pace->epoch_seconds =
            (pace->seconds + (weight > 0 ? weight * timed : 0)) / (pace->epochs + weight);
        if (isfinite(pace->epoch_seconds)) {
            sum += pace->epoch_seconds;
            known++;
            worked += models[m].epoch_work > 0 ? pace->epoch_seconds : 0;
            work += models[m].epoch_work;
        }
    }
    for (size_t m = 0; m < count; m++)
        if (!isfinite(paces[m].epoch_seconds))
            paces[m].epoch_seconds = work > 0 && models[m].epoch_work > 0
                                         ? models[m].epoch_work * worked / work
                                         : sum / known;
    return known;
}

/* What is known of all models, for those without ended trials of their own. */
struct habits {
    double share;      /* of their epochs that trials train before they stop */
    double evaluation; /* in epochs; NaN: not known */
};

static struct habits habits_of(const struct eta_model *models, const struct pace *paces,
                               size_t count) {
    double epochs = 0, limits = 0, evaluation = 0, evaluated = 0;
    for (size_t m = 0; m < count; m++) {
        if (models[m].epochs == 0)
            continue;
        epochs += paces[m].ended_epochs;
        limits += paces[m].ended * models[m].epochs;
        evaluated += paces[m].evaluated;
        if (paces[m].evaluation > 0)
            evaluation += paces[m].evaluation / paces[m].epoch_seconds;
    }
    return (struct habits){.share = limits > 0 ? epochs / limits : 1,
                           .evaluation = evaluated > 0 ? evaluation / evaluated : NAN};
}

static double seconds_left(const struct eta_trial *trial, const struct eta_model *model,
                           const struct pace *pace, const struct habits *habits, double share) {
    double epochs =
        pace->ended > 0 ? pace->ended_epochs / pace->ended : fmax(habits->share * model->epochs, 1);
    double evaluation =
        isfinite(habits->evaluation) ? habits->evaluation : model->evaluation_epochs;
    evaluation =
        pace->evaluated > 0 ? pace->evaluation / pace->evaluated : evaluation * pace->epoch_seconds;
    if (model->epochs == 0 && pace->ended == 0)
        return 0; /* a baseline */
    if (trial->state == ETA_TO_DO)
        return epochs * pace->epoch_seconds + evaluation;
    /* One that goes on beyond what is usual may stop after any epoch. */
    double more = fmax(epochs - trial->epoch, trial->epoch < model->epochs ? 1 : 0);
    double trained = trial->epoch > 0 ? trial->trained : 0;
    return fmax(more * pace->epoch_seconds + evaluation - share * (trial->seconds - trained), 0);
}

static int compare_descending(const void *a, const void *b) {
    double first = *(const double *)a, second = *(const double *)b;
    return (first < second) - (first > second);
}

/* When the last of so many workers is done, if each takes the longest job left whenever it is free. `jobs`
 * begins with the `running` ones. */
static double makespan(double *jobs, size_t count, size_t running, size_t workers,
                       struct arena *arena) {
    double *busy = ARENA_NEW(arena, double, workers), last = 0;
    qsort(jobs + running, count - running, sizeof *jobs, compare_descending);
    for (size_t i = 0; i < count; i++) {
        size_t free_first = 0;
        for (size_t w = 1; w < workers; w++)
            free_first = busy[w] < busy[free_first] ? w : free_first;
        busy[free_first] += jobs[i];
        last = fmax(last, busy[free_first]);
    }
    return last;
}

double eta_seconds(const struct eta_model *models, size_t model_count,
                   const struct eta_trial *trials, size_t count, size_t workers) {
    struct arena arena = {0};
    struct pace *paces = ARENA_NEW(&arena, struct pace, model_count);
    double *jobs = ARENA_NEW(&arena, double, count), left = NAN;
    for (size_t i = 0; i < count; i++)
        add_trial(&paces[trials[i].model], &trials[i]);
    if (set_epoch_seconds(models, paces, model_count) > 0 && workers > 0) {
        struct habits habits = habits_of(models, paces, model_count);
        double share = usual_share(trials, count);
        size_t jobs_count = 0, running = 0;
        for (int state = ETA_RUNNING; state >= ETA_TO_DO; state--) {
            for (size_t i = 0; i < count; i++)
                if ((int)trials[i].state == state)
                    jobs[jobs_count++] = seconds_left(&trials[i], &models[trials[i].model],
                                                      &paces[trials[i].model], &habits, share);
            running = state == ETA_RUNNING ? jobs_count : running;
        }
        left = makespan(jobs, jobs_count, running, workers, &arena) / share;
    }
    arena_free(&arena);
    return left;
}
