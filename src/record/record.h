/* Trial records: the JSON file that says everything about one trial. docs/results.md describes its
 * keys, which scripts and reports rely on. All of them are always there. */
#ifndef RECORD_RECORD_H
#define RECORD_RECORD_H

#include "config/plan.h"
#include "evaluate/cost.h"

enum { RECORD_FORMAT = 1 };

enum trial_status {
    TRIAL_OK,
    TRIAL_DIVERGED, /* the loss was not finite */
    TRIAL_FAILED,
    TRIAL_TIMEOUT,
    TRIAL_OUT_OF_MEMORY,
    TRIAL_UNDEFINED, /* nothing to choose an epoch by: a metric or loss without a value */
};

const char *trial_status_name(enum trial_status status);

/* A record with everything that is known before the trial runs; results are empty or null.
 * cJSON_Delete() it. */
cJSON *record_new(const struct plan *plan, const struct trial_plan *trial, const cJSON *provenance);

/* Gives one of the record's keys its value. */
void record_set(cJSON *record, const char *key, cJSON *value);

/* `why` is a sentence, or NULL. */
void record_set_status(cJSON *record, enum trial_status status, const char *why);

/* Bytes by kind. */
cJSON *memory_json(const struct memory_cost *memory);

char *record_path(struct arena *arena, const char *folder, const struct trial_plan *trial);
char *model_path(struct arena *arena, const char *folder, const struct trial_plan *trial);
char *predictions_path(struct arena *arena, const char *folder, const struct trial_plan *trial);
char *claim_path(struct arena *arena, const char *folder, const char *stem);

/* What a line of progress says about a finished trial. */
struct record_summary {
    enum trial_status status;
    double score; /* the headline metric on the test split, of a search on the validation split;
                     * NaN without one */
    double seconds, cpu_seconds; /* of training, by the clock and on processors; NaN: not known */
    double trial_seconds;        /* of the whole trial; NaN: not known */
    int epochs;                  /* finished */
    char error[256];
};

/* Whether the JSON is a record of a trial, and how the trial ended. */
bool record_is_whole(const cJSON *record, enum trial_status *status);

/* Reads the trial's record back. False when there is none, or when it is not a whole record of
 * this very trial. */
bool record_read(const char *folder, const struct plan *plan, const struct trial_plan *trial,
                 struct record_summary *summary);

#endif
