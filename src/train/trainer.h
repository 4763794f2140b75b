/* The one trainer that all models share: same data order, same loss, same stopping rule. */
#ifndef TRAIN_TRAINER_H
#define TRAIN_TRAINER_H

#include "data/pipeline/dataset.h"
#include "evaluate/cost.h"
#include "model/network.h"
#include "train/train_options.h"

enum train_status {
    TRAIN_OK,
    TRAIN_DIVERGED, /* a loss or predictions that are not finite ended the training */
    TRAIN_UNDEFINED /* no epoch had a score by which it could be chosen */
};

/* An update whose gradient is so many times as long as its epoch's median counts as exploding. */
enum { EXPLODING_GRADIENT = 10 };

/* Global norms of an epoch's gradients, before clipping. */
struct gradient_norms {
    double median, max;
    double clipped, exploding; /* shares of the updates */
};

struct epoch_record {
    double loss; /* training, mean over the epoch */
    double
        valid; /* score of the validation windows: the loss, or the metric that selects; NaN where
                     that is undefined */
    double learning_rate; /* at the epoch's end */
    struct gradient_norms gradient;
};

struct train_result {
    enum train_status status;
    bool by_validation;         /* diverged: not the loss, but the metric that selects */
    int epochs;                 /* finished */
    int best_epoch;             /* from 1; 0 when none was finished */
    struct epoch_record *curve; /* [epochs] */
    real *params;               /* those of the best epoch */
    double seconds;             /* of training and validation */
    double cpu_seconds;         /* likewise, spent on processors by all threads together */
    double best_seconds;        /* likewise, to the end of the best epoch */
    struct memory_cost memory;  /* exact, as allocated; without streaming */
};

/* Called after each epoch; may be NULL. */
typedef void (*epoch_observer)(void *context, int epoch, const struct epoch_record *record);

/* Trains from the initial parameters of the seed, and keeps those with the best validation score
 * (the first of equal ones), or the last ones (`keep`). Epochs whose score is undefined are passed over; where none can have
 * one, nothing is trained. Initial parameters, order of the windows and dropout are drawn from
 * streams of their own. Everything lives in the arena. */
struct train_result train(const struct network *network, const struct dataset *dataset,
                          const struct train_options *options, uint64_t seed,
                          epoch_observer observer, void *context, struct arena *arena);

#endif
