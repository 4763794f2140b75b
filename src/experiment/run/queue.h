/* The trials of a run, one after the other, and the one place that knows of other runs.
 *
 * A run does the trials that its options select (of a shard: its share), but for those that are
 * done. Where several run at once, the longest start first, so that none of them is left over at
 * the end. Other runs may be at work in the same folder: each trial is claimed before it starts
 * (experiment/run/claim.h). Trials that other runs hold come last: each gets done, or its
 * run dies and this one takes it over. The ranks of an MPI job (experiment/run/ranks.h) are such
 * runs, too. */
#ifndef EXPERIMENT_RUN_QUEUE_H
#define EXPERIMENT_RUN_QUEUE_H

#include "experiment/run/claim.h"
#include "experiment/run/eta.h"
#include "experiment/run/runner.h"
#include "record/record.h"

struct queue {
    const struct plan *plan;
    const struct run_options *options;
    const struct trial_plan **order; /* those selected, in the order in which they start */
    size_t count;
    size_t open;            /* of these: neither done nor running here */
    struct ticket *tickets; /* one for each trial of the plan */
    struct eta_trial *eta;  /* likewise; one that is not selected counts as ended */
    size_t handed_out;
    double looked;  /* seconds_now() when the rest was last looked through */
    double touched; /* seconds_now() when our claims were last touched, */
    double told;    /* and when news were last written */
    struct trial_claim own;
};

enum queue_offer {
    QUEUE_TRIAL, /* start this one */
    QUEUE_DONE,  /* another run has done this one: there is a new record */
    QUEUE_LATER, /* other runs hold what is left: ask again in a second */
    QUEUE_END,   /* nothing is left to start */
    QUEUE_BROKEN /* no claim can be written */
};

/* The trials of the plan that the options select, in the order in which they start; `selected`
 * lives in the arena. False when `only` names none. */
bool queue_select(const struct plan *plan, const struct run_options *options,
                  const struct trial_plan ***selected, size_t *count, struct arena *arena,
                  struct error *error);

/* Selects the trials and counts in `result` those that are done already. What killed runs have left is
 * removed here, and again at the end, when runs that were about to die are gone. */
bool queue_open(struct queue *queue, const struct plan *plan, const struct run_options *options,
                struct run_result *result, struct arena *arena, struct error *error);
void queue_close(const struct queue *queue);

/* Trials of the plan that were not selected and have no record. */
size_t queue_missing(const struct queue *queue);

enum queue_offer queue_next(struct queue *queue, const struct trial_plan **trial,
                            struct error *error);

/* How far a trial is that runs here. */
void queue_tell(struct queue *queue, const struct trial_plan *trial, const struct claim_news *news);

/* What a trial has taken that has ended. */
void queue_note_end(struct queue *queue, const struct trial_plan *trial,
                    const struct record_summary *summary);

/* Whether the trial has a record that was not there when this run began. */
bool queue_has_record(const struct queue *queue, const struct trial_plan *trial);

/* The trial has ended, with a record or without, and may be another's. */
void queue_release(struct queue *queue, const struct trial_plan *trial);

/* The trial that was handed out could not be started: it is open again. */
void queue_put_back(struct queue *queue, const struct trial_plan *trial);

/* Shows others that this run is alive, and how far its trials are. To be called every QUEUE_PERIOD seconds,
 * or more often; so often is looked at what others hold, too. */
extern const double QUEUE_PERIOD;
void queue_attend(struct queue *queue);

/* Until what the options select has ended, with so many at a time; `models`: those of the experiment. */
double queue_seconds_left(const struct queue *queue, const struct eta_model *models,
                          size_t workers);

#endif
