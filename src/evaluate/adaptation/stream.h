/* Streams: rows that change their regime at known times, on which a trained model is scored as it
 * is and while it goes on learning.
 *
 * A regime is a set of generator parameters, or rows or files of the data. Where the generator's
 * parameters can change on the way, a series goes on through every change, and a gradual one moves
 * the parameters along a line. Everywhere else stretches of the regimes' own series are put one
 * behind the other, whole windows (or whole series, where these are what is predicted) at a time,
 * and in a gradual change those of the new regime come with a growing probability. A forecast that
 * reaches over a sudden change or from one stretch into another is not scored: nobody could know. */
#ifndef EVALUATE_ADAPTATION_STREAM_H
#define EVALUATE_ADAPTATION_STREAM_H

#include "data/pipeline/dataset.h"

struct regime_options {
    const char *name;
    const cJSON *parameters; /* of the generator, merged over the training ones */
    struct string_list files;
    struct real_list rows; /* [from, to]: shares of every series */
};

/* How weights go on learning, the same for every model. */
struct online_options {
    int every;             /* rows between updates */
    int steps;             /* rows that an update looks back at */
    int updates;           /* gradient steps each time */
    int delay;             /* rows until a truth is known, beside a forecast's own horizon */
    const char *optimizer; /* each stream starts with a fresh one */
    struct real_list
        learning_rates; /* several: each model has its own best on validation streams */
    double clip_norm;   /* 0: none */
    struct real_list forgetting_factors; /* of linear baselines; several: likewise */
};

/* A config's evaluate.stream; none without regimes. */
struct stream_options {
    struct object_list regimes;  /* struct regime_options */
    struct string_list sequence; /* names, one a visit; empty: each regime once */
    int rows;                    /* 0: 400 a visit, or all that the data has */
    struct int_list changes; /* the first row of each visit but the first; empty: equally spaced */
    int gradual;             /* rows that a change takes */
    int series;              /* 0: 4, or all that the data has */
    int smooth;              /* rows over which the error is smoothed for recovery times */
    double fading;           /* factor of the fading prequential error */
    struct online_options online;
};

extern const struct field stream_fields[];

struct visit {
    int regime;
    int start, end; /* rows */
};

struct stream {
    int rows, visit_count;
    int warm_up; /* the first rows, not scored: the state is built up */
    struct visit *visits;
    struct split split; /* series of `rows` rows; its windows are of no account */
};

/* What the config alone can tell. */
bool stream_check(const struct stream_options *options, const struct dataset_options *dataset,
                  const struct task_options *task, struct error *error);

/* Everything lives in the arena. With `for_validation` other series are drawn of the generator; real
 * data is the validation split as it is, in which nothing changes on purpose. */
bool stream_make(const struct stream_options *options, const struct dataset *dataset,
                 bool for_validation, struct arena *arena, struct stream *stream,
                 struct error *error);

#endif
