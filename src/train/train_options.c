#include "train/train_options.h"

#include "evaluate/metric.h"
#include "train/optimizer.h"
#include "train/schedule.h"

static const struct field schedule_fields[] = {
    {.name = "type",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct schedule_options, type),
     .fallback = "\"constant\"",
     .choices = schedule_name,
     .help = "How the learning rate changes after the warm-up."},
    {.name = "decay",
     .type = FIELD_REAL,
     .offset = offsetof(struct schedule_options, decay),
     .fallback = "0.95",
     .min = 0,
     .max = 1,
     .exclusive_min = true,
     .help = "exponential: factor per epoch, applied continuously; staircase: after each epoch."},
    {.name = "warmup",
     .type = FIELD_INT,
     .offset = offsetof(struct schedule_options, warmup),
     .fallback = "0",
     .min = 0,
     .max = 1e6,
     .help = "Epochs over which the rate first grows from 0."},
    {.name = "floor",
     .type = FIELD_REAL,
     .offset = offsetof(struct schedule_options, floor),
     .fallback = "0",
     .min = 0,
     .max = 1,
     .help = "cosine: final rate as a fraction of the initial one."},
    {0},
};

static const char *keep_name(size_t position) {
    static const char *const names[] = {"best", "last"};
    return position < 2 ? names[position] : NULL;
}

const struct field train_fields[] = {
    {.name = "optimizer",
     .type = FIELD_STRING,
     .offset = offsetof(struct train_options, optimizer),
     .fallback = "\"adam\"",
     .choices = optimizer_name,
     .help = "Optimizer; `liquidbench list optimizers` shows them all."},
    {.name = "learning_rate",
     .type = FIELD_REAL,
     .offset = offsetof(struct train_options, learning_rate),
     .fallback = "0.001",
     .min = 0,
     .exclusive_min = true,
     .help = "Learning rate."},
    {.name = "momentum",
     .type = FIELD_REAL,
     .offset = offsetof(struct train_options, momentum),
     .fallback = "0",
     .min = 0,
     .max = 1,
     .help = "sgd, rmsprop: momentum."},
    {.name = "beta1",
     .type = FIELD_REAL,
     .offset = offsetof(struct train_options, beta1),
     .fallback = "0.9",
     .min = 0,
     .max = 0.999999,
     .help = "adam, adamw: decay of the gradient's mean."},
    {.name = "beta2",
     .type = FIELD_REAL,
     .offset = offsetof(struct train_options, beta2),
     .fallback = "0.999",
     .min = 0,
     .max = 0.999999,
     .help = "adam, adamw: decay of the squared gradient's mean."},
    {.name = "rho",
     .type = FIELD_REAL,
     .offset = offsetof(struct train_options, rho),
     .fallback = "0.9",
     .min = 0,
     .max = 0.999999,
     .help = "rmsprop: decay of the squared gradient's mean."},
    {.name = "epsilon",
     .type = FIELD_REAL,
     .offset = offsetof(struct train_options, epsilon),
     .fallback = "1e-8",
     .min = 0,
     .exclusive_min = true,
     .help = "rmsprop, adam, adamw: added to the denominator."},
    {.name = "weight_decay",
     .type = FIELD_REAL,
     .offset = offsetof(struct train_options, weight_decay),
     .fallback = "0",
     .min = 0,
     .max = 1000,
     .help = "Weight decay of matrices, not of biases and time constants: an L2 gradient, or with "
             "adamw apart from it."},
    {.name = "clip_norm",
     .type = FIELD_REAL,
     .offset = offsetof(struct train_options, clip_norm),
     .fallback = "0",
     .min = 0,
     .max = 1e9,
     .help = "Largest global norm of the gradient; 0: no clipping."},
    {.name = "clip_each",
     .type = FIELD_REAL,
     .offset = offsetof(struct train_options, clip_each),
     .fallback = "0",
     .min = 0,
     .max = 1e9,
     .help = "Largest norm of each tensor's gradient, as Keras' clipnorm; 0: no clipping."},
    {.name = "schedule",
     .type = FIELD_OBJECT,
     .offset = offsetof(struct train_options, schedule),
     .fields = schedule_fields,
     .help = "Learning-rate schedule."},
    {.name = "batch",
     .type = FIELD_INT,
     .offset = offsetof(struct train_options, batch),
     .fallback = "32",
     .min = 1,
     .max = 65536,
     .help = "Windows per update."},
    {.name = "threads",
     .type = FIELD_INT,
     .offset = offsetof(struct train_options, threads),
     .fallback = "1",
     .min = 1,
     .max = 16,
     .help =
         "Threads that share out a batch of more than train.slice windows (of 16: up to 32 windows "
         "2 threads, to 64: 4, to 128: 8, beyond: 16). The results are the same for every number."},
    {.name = "slice",
     .type = FIELD_INT,
     .offset = offsetof(struct train_options, slice),
     .fallback = "16",
     .min = 2,
     .max = 65536,
     .help =
         "Windows that a thread works on at once, at most, while a batch is cut into 16 parts or "
         "fewer. 8 lets two threads share a batch of 16; a change moves the last bits of "
         "results."},
    {.name = "checkpoint",
     .type = FIELD_BOOL,
     .offset = offsetof(struct train_options, checkpoint),
     .fallback = "false",
     .help =
         "Keep the state every sqrt(T) steps of a window alone, and recompute what lies between "
         "in the backward pass: a fraction of the memory, for a third more computing."},
    {.name = "epochs",
     .type = FIELD_INT,
     .offset = offsetof(struct train_options, epochs),
     .fallback = "100",
     .min = 1,
     .max = 1e6,
     .help = "Passes over the training windows, at most."},
    {.name = "patience",
     .type = FIELD_INT,
     .offset = offsetof(struct train_options, patience),
     .fallback = "0",
     .min = 0,
     .max = 1e6,
     .help = "Stop after this many epochs without a better validation score; 0: never."},
    {.name = "keep",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct train_options, keep),
     .choices = keep_name,
     .fallback = "\"best\"",
     .help =
         "Whose weights count in the end: those of the epoch with the best validation score, or "
         "of the last epoch."},
    {.name = "drop_last",
     .type = FIELD_BOOL,
     .offset = offsetof(struct train_options, drop_last),
     .fallback = "false",
     .help = "Leave out an epoch's last, incomplete batch."},
    {.name = "class_weights",
     .type = FIELD_REALS,
     .offset = offsetof(struct train_options, class_weights),
     .min = 0,
     .max = 1e9,
     .help = "Weight of each class in the cross entropy, instead of task.class_weights."},
    {.name = "perturb",
     .type = FIELD_JSON,
     .offset = offsetof(struct train_options, perturb),
     .help = "{\"type\", \"severity\"} of a perturbation of the training and validation inputs, "
             "once for "
             "all; or {\"suite\"} or {\"types\"}, a mixture of faults that every training window "
             "of every "
             "epoch draws anew (\"probability\", \"severity\", \"channels\", \"overlap\"). The "
             "test stays "
             "clean."},
    {.name = "adversarial",
     .type = FIELD_JSON,
     .offset = offsetof(struct train_options, adversarial),
     .help = "{\"epsilon\", \"steps\", \"rate\"}: every update is made where projected gradient "
             "steps have moved the inputs, at most epsilon standard deviations away."},
    {.name = "weight_noise",
     .type = FIELD_REAL,
     .offset = offsetof(struct train_options, weight_noise),
     .fallback = "0",
     .min = 0,
     .max = 1000,
     .help = "Standard deviation of Gaussian noise on every weight while a gradient is computed."},
    {.name = "ensemble",
     .type = FIELD_INT,
     .offset = offsetof(struct train_options, ensemble),
     .fallback = "1",
     .min = 1,
     .max = 1000,
     .help =
         "Networks that a trial trains one after the other, each from initial values of its own; "
         "the mean of their predictions is scored, and they are not saved."},
    {.name = "select",
     .type = FIELD_STRING,
     .offset = offsetof(struct train_options, select),
     .choices = metric_name,
     .help = "Metric on the validation windows that decides the best epoch; by default the loss."},
    {0},
};

void train_options_write(const struct train_options *options, cJSON *json) {
    fields_write(train_fields, options, json);
    if (options->weight_noise == 0)
        cJSON_DeleteItemFromObjectCaseSensitive(json, "weight_noise");
    if (options->ensemble == 1)
        cJSON_DeleteItemFromObjectCaseSensitive(json, "ensemble");
    if (options->clip_each == 0)
        cJSON_DeleteItemFromObjectCaseSensitive(json, "clip_each");
    if (options->keep == KEEP_BEST)
        cJSON_DeleteItemFromObjectCaseSensitive(json, "keep");
    if (options->slice == SLICE_WINDOWS)
        cJSON_DeleteItemFromObjectCaseSensitive(json, "slice");
}
