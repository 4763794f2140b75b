#include "experiment/run/queue.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "experiment/run/leftovers.h"
#include "experiment/run/ranks.h"

#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const double QUEUE_PERIOD = 1;
static const double NEWS_PERIOD = 1; /* seconds between two looks for news to write */

enum ticket_state { TICKET_OPEN, TICKET_RUNNING, TICKET_DONE };

struct ticket {
    enum ticket_state state;
    bool is_selected;
    struct stat replaced; /* the record that was there before and is to be replaced; all 0: none */
    struct claim_watch watch;
    double begun; /* seconds_now() when it started here */
    double ended; /* or when its record was written */
    struct claim_news news;
    bool has_news; /* that others have not been told */
};

static struct ticket *ticket_of(const struct queue *queue, const struct trial_plan *trial) {
    return &queue->tickets[trial - queue->plan->trials];
}

/* --- selection -------------------------------------------------------------------------------- */

/* The longest first; in the plan's order among equals. */
static int compare_work(const void *a, const void *b) {
    const struct trial_plan *first = *(const struct trial_plan *const *)a;
    const struct trial_plan *second = *(const struct trial_plan *const *)b;
    if (first->work != second->work)
        return first->work < second->work ? 1 : -1;
    return (first > second) - (first < second);
}

/* Gives each trial of the plan its shard, from 1: dealt out longest first, forth and back, so that
 * all shards get about the same work. What else is selected plays no part in it. */
static int *deal(const struct plan *plan, int shards, struct arena *arena) {
    const struct trial_plan **sorted =
        ARENA_NEW(arena, const struct trial_plan *, plan->trial_count);
    int *shard = ARENA_NEW(arena, int, plan->trial_count);
    for (size_t i = 0; i < plan->trial_count; i++)
        sorted[i] = &plan->trials[i];
    qsort(sorted, plan->trial_count, sizeof *sorted, compare_work);
    for (size_t i = 0; i < plan->trial_count; i++) {
        int place = (int)(i % (size_t)shards);
        bool is_forth = i / (size_t)shards % 2 == 0;
        shard[sorted[i] - plan->trials] = is_forth ? place + 1 : shards - place;
    }
    return shard;
}

bool queue_select(const struct plan *plan, const struct run_options *options,
                  const struct trial_plan ***selected, size_t *count, struct arena *arena,
                  struct error *error) {
    const int *shard = options->shards > 0 ? deal(plan, options->shards, arena) : NULL;
    const struct trial_plan **order =
        ARENA_NEW(arena, const struct trial_plan *, plan->trial_count);
    bool is_named = options->only == NULL;
    *selected = order;
    *count = 0;
    for (size_t i = 0; i < plan->trial_count; i++) {
        const struct trial_plan *trial = &plan->trials[i];
        if (options->only != NULL && fnmatch(options->only, trial->name, 0) != 0)
            continue;
        is_named = true;
        if (shard == NULL || shard[i] == options->shard)
            order[(*count)++] = trial;
    }
    if (!is_named)
        return error_set(error, "--only %s: no trial has such a name; the first is called %s",
                         options->only, plan->trials[0].name);
    if (ranks_count(options->ranks) > 1 || options->jobs != 1)
        qsort(order, *count, sizeof *order, compare_work);
    return true;
}

static bool is_settled(enum trial_status status) {
    return status == TRIAL_OK || status == TRIAL_DIVERGED || status == TRIAL_UNDEFINED;
}

bool queue_open(struct queue *queue, const struct plan *plan, const struct run_options *options,
                struct run_result *result, struct arena *arena, struct error *error) {
    *queue = (struct queue){.plan = plan, .options = options, .own = claim_of_this_process()};
    queue->tickets = ARENA_NEW(arena, struct ticket, plan->trial_count);
    queue->eta = ARENA_NEW(arena, struct eta_trial, plan->trial_count);
    for (size_t i = 0; i < plan->trial_count; i++)
        queue->eta[i] = (struct eta_trial){
            .model = (size_t)(plan->trials[i].model - plan->experiment->models),
            .state = ETA_ENDED,
            .trained = NAN,
            .cpu = NAN,
            .seconds = NAN,
        };
    if (!queue_select(plan, options, &queue->order, &queue->count, arena, error))
        return false;
    result->selected = queue->count;
    leftovers_remove(options->folder, &queue->own);
    for (size_t i = 0; i < queue->count; i++) {
        const struct trial_plan *trial = queue->order[i];
        const char *record = record_path(arena, options->folder, trial);
        struct ticket *ticket = ticket_of(queue, trial);
        struct record_summary summary;
        if (!options->fresh && access(record, R_OK) != 0 && errno == EACCES)
            return error_set(error, "%s: cannot read: %s", record, strerror(errno));
        ticket->is_selected = true;
        queue->eta[trial - plan->trials].state = ETA_TO_DO;
        if (!options->fresh && record_read(options->folder, plan, trial, &summary) &&
            is_settled(summary.status)) {
            ticket->state = TICKET_DONE;
            queue_note_end(queue, trial, &summary);
            result->done++;
            result->failed += summary.status != TRIAL_OK;
        } else {
            queue->open++;
            if (stat(record, &ticket->replaced) != 0)
                ticket->replaced = (struct stat){0};
        }
    }
    ranks_begin_plan(options->ranks);
    return true;
}

void queue_close(const struct queue *queue) {
    leftovers_remove(queue->options->folder, &queue->own);
}

size_t queue_missing(const struct queue *queue) {
    size_t missing = 0;
    struct arena arena = {0};
    for (size_t i = 0; i < queue->plan->trial_count; i++) {
        const struct trial_plan *trial = &queue->plan->trials[i];
        missing += !ticket_of(queue, trial)->is_selected &&
                   !file_exists(record_path(&arena, queue->options->folder, trial));
    }
    arena_free(&arena);
    return missing;
}

/* --- one trial -------------------------------------------------------------------------------- */

bool queue_has_record(const struct queue *queue, const struct trial_plan *trial) {
    const struct stat *old = &ticket_of(queue, trial)->replaced;
    struct arena arena = {0};
    struct stat now;
    bool is_new = stat(record_path(&arena, queue->options->folder, trial), &now) == 0 &&
                  (now.st_ino != old->st_ino || now.st_mtim.tv_sec != old->st_mtim.tv_sec ||
                   now.st_mtim.tv_nsec != old->st_mtim.tv_nsec);
    arena_free(&arena);
    return is_new;
}

void queue_tell(struct queue *queue, const struct trial_plan *trial,
                const struct claim_news *news) {
    struct ticket *ticket = ticket_of(queue, trial);
    struct eta_trial *eta = &queue->eta[trial - queue->plan->trials];
    ticket->news = *news;
    ticket->has_news = true;
    eta->state = ETA_RUNNING;
    eta->epoch = news->epoch;
    eta->trained = news->trained;
    eta->cpu = news->cpu;
}

void queue_note_end(struct queue *queue, const struct trial_plan *trial,
                    const struct record_summary *summary) {
    struct eta_trial *eta = &queue->eta[trial - queue->plan->trials];
    *eta = (struct eta_trial){.model = eta->model,
                              .state = ETA_ENDED,
                              .epoch = summary->epochs,
                              .trained = summary->seconds,
                              .cpu = summary->cpu_seconds,
                              .seconds = summary->trial_seconds};
    struct arena arena = {0};
    ticket_of(queue, trial)->ended =
        seconds_now() - file_age(record_path(&arena, queue->options->folder, trial));
    arena_free(&arena);
}

/* Claim first, then look for the record: no other run can finish the trial in between. */
static enum queue_offer try_trial(struct queue *queue, const struct trial_plan *trial,
                                  struct error *error) {
    struct ticket *ticket = ticket_of(queue, trial);
    const struct run_options *options = queue->options;
    if (ticket->state != TICKET_OPEN)
        return QUEUE_LATER;
    struct arena arena = {0};
    const char *path = claim_path(&arena, options->folder, trial->stem);
    enum claim_result result =
        claim_take(path, &queue->own, &ticket->watch, options->patience, error);
    enum queue_offer offer = result == CLAIM_FAILED ? QUEUE_BROKEN : QUEUE_LATER;
    if (result == CLAIM_TAKEN || result == CLAIM_TAKEN_OVER) {
        queue->open--;
        bool is_done = queue_has_record(queue, trial);
        ticket->state = is_done ? TICKET_DONE : TICKET_RUNNING;
        ticket->begun = seconds_now();
        offer = is_done ? QUEUE_DONE : QUEUE_TRIAL;
        if (result == CLAIM_TAKEN_OVER)
            log_detail("%s: taken over from a run that is gone", trial->name);
        if (is_done)
            claim_release(path, &queue->own);
    }
    arena_free(&arena);
    return offer;
}

void queue_release(struct queue *queue, const struct trial_plan *trial) {
    struct arena arena = {0};
    ticket_of(queue, trial)->state = TICKET_DONE;
    claim_release(claim_path(&arena, queue->options->folder, trial->stem), &queue->own);
    arena_free(&arena);
}

void queue_put_back(struct queue *queue, const struct trial_plan *trial) {
    queue_release(queue, trial);
    ticket_of(queue, trial)->state = TICKET_OPEN;
    queue->eta[trial - queue->plan->trials].state = ETA_TO_DO;
    queue->open++;
}

/* --- all of them ------------------------------------------------------------------------------ */

/* What was handed out to others, or is held by others. */
static enum queue_offer look_through_rest(struct queue *queue, const struct trial_plan **trial,
                                          struct error *error) {
    if (queue->open == 0)
        return QUEUE_END;
    if (seconds_now() - queue->looked < QUEUE_PERIOD)
        return QUEUE_LATER;
    for (size_t i = 0; i < queue->count; i++) {
        *trial = queue->order[i];
        enum queue_offer offer = try_trial(queue, *trial, error);
        if (offer != QUEUE_LATER)
            return offer;
    }
    queue->looked = seconds_now();
    return QUEUE_LATER;
}

enum queue_offer queue_next(struct queue *queue, const struct trial_plan **trial,
                            struct error *error) {
    while (queue->handed_out < queue->count) {
        *trial = queue->order[queue->handed_out++];
        enum queue_offer offer = try_trial(queue, *trial, error);
        if (offer != QUEUE_LATER)
            return offer;
        if (ticket_of(queue, *trial)->state == TICKET_OPEN)
            log_detail("%s: another run is at work on it", (*trial)->name);
    }
    return look_through_rest(queue, trial, error);
}

void queue_attend(struct queue *queue) {
    double now = seconds_now();
    if (now - queue->told < NEWS_PERIOD)
        return;
    bool beats = now - queue->touched >= CLAIM_BEAT;
    queue->told = now;
    queue->touched = beats ? now : queue->touched;
    struct arena arena = {0};
    for (size_t i = 0; i < queue->count; i++) {
        struct ticket *ticket = ticket_of(queue, queue->order[i]);
        if (ticket->state != TICKET_RUNNING || (!beats && !ticket->has_news))
            continue;
        ticket->news.seconds = now - ticket->begun;
        ticket->has_news = false;
        claim_beat(claim_path(&arena, queue->options->folder, queue->order[i]->stem), &queue->own,
                   &ticket->news);
    }
    arena_free(&arena);
}

double queue_seconds_left(const struct queue *queue, const struct eta_model *models,
                          size_t workers) {
    double now = seconds_now();
    for (size_t i = 0; i < queue->count; i++) {
        const struct ticket *ticket = ticket_of(queue, queue->order[i]);
        struct eta_trial *eta = &queue->eta[queue->order[i] - queue->plan->trials];
        if (ticket->state == TICKET_RUNNING)
            eta->seconds = now - ticket->begun;
        eta->age = now - ticket->ended;
    }
    return eta_seconds(models, queue->plan->experiment->model_count, queue->eta,
                       queue->plan->trial_count, workers, queue->options->later_work);
}
