/* The one trainer that all models share: same data order, same loss, same stopping rule. */
#ifndef TRAIN_TRAINER_H
#define TRAIN_TRAINER_H

#include "data/dataset.h"
#include "evaluate/cost.h"
#include "evaluate/predictor.h"
#include "model/network.h"
#include "train/options.h"

enum train_status { TRAIN_OK, TRAIN_DIVERGED };

struct epoch_record {
    double loss;          /* training, mean over the epoch */
    double valid;         /* validation score (the one that selects); NaN without validation data */
    double learning_rate; /* at the epoch's end */
};

struct train_result {
    enum train_status status;
    int epochs;     /* run */
    int best_epoch; /* from 1; the last one without validation data; 0 when none was finite */
    struct epoch_record *curve; /* [epochs] */
    real *params;               /* best-validation parameters */
    double seconds;             /* spent in training steps and validation */
    struct memory_cost memory;  /* exact, as allocated */
};

/* Called after each epoch, for progress; may be NULL. */
typedef void (*epoch_observer)(void *context, int epoch, const struct epoch_record *record);

/* Trains from network_init(seed). Everything lives in the arena. */
struct train_result train(const struct network *network, const struct dataset *dataset,
                          const struct train_options *options, uint64_t seed,
                          epoch_observer observer, void *context, struct arena *arena);

/* The trained network as a predictor for evaluation. */
struct network_predictor {
    const struct network *network;
    const real *params;
    real *workspace;
};
struct predictor network_predictor(struct network_predictor *self, int batch);

#endif
