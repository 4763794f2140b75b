#include "experiment/run/eta.h"

#include "base/arena.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* Sums over a model's trials; seconds are on processors. */
struct pace {
    double seconds, epochs;     /* of training: ended and running trials */
    double ended, ended_epochs; /* trials, and the epochs that they trained */
    double evaluated,
        evaluation;       /* ended trials of known length, and their seconds beside epochs */
    double epoch_seconds; /* of one epoch, in the end */
};

static bool has_share(const struct eta_trial *trial) {
    return trial->trained > 0 && isfinite(trial->trained) && trial->cpu > 0 && isfinite(trial->cpu);
}

/* Processors that the trial had while it trained; 1 if not known. */
static double processor_share(const struct eta_trial *trial) {
    return has_share(trial) ? trial->cpu / trial->trained : 1;
}

/* Seconds since the middle of the trial's training. */
static double age(const struct eta_trial *trial) {
    double ended = trial->state == ETA_ENDED && isfinite(trial->age) ? trial->age : 0;
    return ended + trial->trained / 2;
}

/* Processors that a trial will have. Running trials alone would be too few to tell, and the machine may have been
 * another one for the first: a share counts half when it is older by a quarter of all the time. */
static double usual_share(const struct eta_trial *trials, size_t count) {
    const double HALVED = 0.25;
    double oldest = 0, cpu = 0, seconds = 0;
    for (size_t i = 0; i < count; i++)
        if (has_share(&trials[i]))
            oldest = fmax(oldest, age(&trials[i]));
    for (size_t i = 0; i < count; i++) {
        if (!has_share(&trials[i]))
            continue;
        double weight = exp2(-age(&trials[i]) / (HALVED * oldest));
        cpu += weight * trials[i].cpu;
        seconds += weight * trials[i].trained;
    }
    return cpu > 0 ? cpu / seconds : 1;
}

static void add_trial(struct pace *pace, const struct eta_trial *trial) {
    bool is_baseline = trial->epoch == 0;
    if (!isfinite(trial->trained))
        return;
    double share = processor_share(trial);
    if (!is_baseline) {
        pace->seconds += share * trial->trained;
        pace->epochs += trial->epoch;
    }
    if (trial->state != ETA_ENDED)
        return;
    pace->ended++;
    pace->ended_epochs += trial->epoch;
    if (isfinite(trial->seconds)) {
        double trained = is_baseline ? 0 : trial->trained;
        pace->evaluated++;
        pace->evaluation += share * fmax(trial->seconds - trained, 0);
    }
}

/* How much slower epochs are than they were timed, with nothing beside them. */
static double slowdown(const struct eta_model *models, const struct pace *paces, size_t count) {
    double measured = 0, timed = 0;
    for (size_t m = 0; m < count; m++) {
        if (!isfinite(models[m].epoch_seconds))
            continue;
        measured += paces[m].seconds;
        timed += models[m].epoch_seconds * paces[m].epochs;
    }
    return timed > 0 ? measured / timed : 1;
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

/* What is known of all networks, for those without ended trials of their own. */
struct habits {
    double share; /* of their epochs that trials train before they stop */
    double
        constant; /* seconds of an evaluation, whatever the model: a process to start, measures, files */
    double epochs; /* and so many epochs of the model; NaN: as many as its windows say */
};

/* The line through the evaluations over their models' epochs. */
static void fit_evaluations(const struct eta_model *models, const struct pace *paces, size_t count,
                            struct habits *habits) {
    double n = 0, x = 0, y = 0, xx = 0, xy = 0;
    for (size_t m = 0; m < count; m++) {
        const struct pace *pace = &paces[m];
        if (models[m].epochs == 0)
            continue;
        n += pace->evaluated;
        x += pace->evaluated * pace->epoch_seconds;
        y += pace->evaluation;
        xx += pace->evaluated * pace->epoch_seconds * pace->epoch_seconds;
        xy += pace->evaluation * pace->epoch_seconds;
    }
    if (!(x > 0))
        return;
    const double ENOUGH =
        0.05; /* of the variance that models have whose epochs differ by a factor */
    double spread = xx - x * x / n, slope = (xy - x * y / n) / spread;
    double constant = (y - slope * x) / n;
    if (spread > ENOUGH * xx && slope >= 0 && constant >= 0) {
        *habits = (struct habits){habits->share, constant, slope};
    } else { /* models that do not tell the two parts apart */
        habits->constant = fmin(habits->constant, y / n);
        habits->epochs = (y - n * habits->constant) / x;
    }
}

static struct habits habits_of(const struct eta_model *models, const struct pace *paces,
                               size_t count) {
    const double USUAL = 0.05; /* seconds, as measured with small models */
    double epochs = 0, limits = 0;
    for (size_t m = 0; m < count; m++) {
        if (models[m].epochs == 0)
            continue;
        epochs += paces[m].ended_epochs;
        limits += paces[m].ended * models[m].epochs;
    }
    struct habits habits = {
        .share = limits > 0 ? epochs / limits : 1, .constant = USUAL, .epochs = NAN};
    fit_evaluations(models, paces, count, &habits);
    return habits;
}

static double evaluation_seconds(const struct eta_model *model, const struct pace *pace,
                                 const struct habits *habits) {
    if (pace->evaluated > 0)
        return pace->evaluation / pace->evaluated;
    if (model->epochs == 0)
        return habits->constant;
    double epochs = isnan(habits->epochs) ? model->evaluation_epochs : habits->epochs;
    return habits->constant + epochs * pace->epoch_seconds;
}

static double seconds_left(const struct eta_trial *trial, const struct eta_model *model,
                           const struct pace *pace, const struct habits *habits, double share) {
    double evaluation = evaluation_seconds(model, pace, habits);
    double epochs = pace->ended > 0     ? pace->ended_epochs / pace->ended
                    : model->epochs > 0 ? fmax(habits->share * model->epochs, 1)
                                        : 0;
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

/* Seconds of one operation, over all trials as planned. */
static double work_seconds(const struct eta_model *models, const struct pace *paces,
                           const struct eta_trial *trials, size_t count) {
    double seconds = 0, work = 0;
    for (size_t i = 0; i < count; i++) {
        const struct eta_model *model = &models[trials[i].model];
        if (model->epoch_work > 0) {
            seconds += model->epochs * paces[trials[i].model].epoch_seconds;
            work += model->epochs * model->epoch_work;
        }
    }
    return work > 0 ? seconds / work : 0;
}

double eta_seconds(const struct eta_model *models, size_t model_count,
                   const struct eta_trial *trials, size_t count, size_t workers,
                   double later_work) {
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
        double later = later_work * habits.share * work_seconds(models, paces, trials, count);
        left = makespan(jobs, jobs_count, running, workers, &arena) + later / (double)workers;
        left /= share;
    }
    arena_free(&arena);
    return left;
}
