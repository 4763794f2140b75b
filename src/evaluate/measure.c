#include "evaluate/measure.h"

#include "evaluate/cost.h"

#include <stdio.h>
#include <string.h>

static const struct measure_type types[] = {
    {"test.error", MEASURE_ERROR,
     .help = "The headline metric on the test split as an error: 1 - accuracy, 1 - R²."},
    {"test.<metric>", MEASURE_METRIC, PART_METRIC, .help = "A score on the test split."},
    {"valid.<metric>", MEASURE_METRIC, PART_METRIC, .help = "A score on the validation split."},
    {"train.<metric>", MEASURE_METRIC, PART_METRIC, .help = "A score on the training split."},
    {"noise.<perturbation>.error", MEASURE_NOISE_ERROR, PART_PERTURBATION,
     .help = "Error under a perturbation of the test inputs, mean over severities; \"all\": mean "
             "over perturbations."},
    {"noise.<perturbation>.growth", MEASURE_NOISE_GROWTH, PART_PERTURBATION,
     .help = "The same relative to the clean error: 1 is unharmed, 2 is twice the error."},
    {"noise.<perturbation>.worst", MEASURE_NOISE_WORST, PART_PERTURBATION,
     .help = "The largest error relative to the clean one at any severity."},
    {"noise.<perturbation>.ce", MEASURE_NOISE_CE, PART_PERTURBATION,
     .help =
         "Corruption error: summed over severities, relative to the reference's mean over seeds; "
         "\"all\": mean over perturbations (mCE)."},
    {"faults.error", MEASURE_RECORD, .null_is_worst = true, .record = "faults.error",
     .help = "Error under all perturbations, mean over severities and perturbations."},
    {"faults.growth", MEASURE_RECORD, .null_is_worst = true, .record = "faults.ratio",
     .help =
         "The same relative to the clean error: mean degradation, D_mean of SensorFault-Bench."},
    {"faults.worst.error", MEASURE_RECORD, .null_is_worst = true, .record = "faults.worst.error",
     .help = "Error under the worst perturbation, mean over its severities."},
    {"faults.worst.growth", MEASURE_RECORD, .null_is_worst = true, .record = "faults.worst.ratio",
     .help = "The same relative to the clean error: worst degradation, D_w of SensorFault-Bench."},
    {"faults.worst.low", MEASURE_RECORD, .record = "faults.worst.low",
     .help = "Lower end of its 95 % interval, by a bootstrap over blocks of the test."},
    {"faults.worst.high", MEASURE_RECORD, .record = "faults.worst.high",
     .help = "Upper end of that interval."},
    {"faults.worst.blocks", MEASURE_RECORD, .record = "faults.worst.blocks",
     .help = "Blocks of the test that the interval is from."},
    {"ood.<shift>.error", MEASURE_SHIFT_ERROR, PART_SHIFT,
     .help = "Error on a shift; \"all\": mean over shifts."},
    {"ood.<shift>.growth", MEASURE_SHIFT_GROWTH, PART_SHIFT,
     .help = "The same relative to the error on the test split."},
    {"ood.<shift>.valid_steps", MEASURE_VALID_STEPS, PART_SHIFT, .higher_is_better = true,
     .help = "Steps for which a closed-loop rollout stays valid."},
    {"cost.<cost>", MEASURE_COST, PART_COST, .help = "What a trial costs, lower is better."},
    {"memory.run", MEASURE_RUN_BYTES, .exact = true,
     .help = "Bytes to run a stream: parameters, state and scratch."},
    {"memory.train", MEASURE_TRAIN_BYTES, .exact = true,
     .help = "Bytes to train: parameters, gradients, optimizer and activations."},
    {"training.best_epoch", MEASURE_RECORD, .record = "best_epoch",
     .help = "Epoch with the best validation score."},
    {"stream.frozen.error", MEASURE_RECORD, .null_is_worst = true, .record = "stream.frozen.error",
     .help = "Prequential error on a stream that changes, the weights as trained."},
    {"stream.frozen.fading", MEASURE_RECORD, .null_is_worst = true,
     .record = "stream.frozen.fading",
     .help = "The same with a fading factor, at the end of the stream."},
    {"stream.frozen.level", MEASURE_RECORD, .null_is_worst = true, .record = "stream.frozen.level",
     .help = "Mean error late in the last visit."},
    {"stream.frozen.excess", MEASURE_RECORD, .null_is_worst = true,
     .record = "stream.frozen.excess",
     .help =
         "Error after a change beyond the level reached late in the visit, summed over its rows."},
    {"stream.frozen.relative_excess", MEASURE_RECORD, .null_is_worst = true,
     .record = "stream.frozen.relative_excess",
     .help = "The same in levels: rows' worth of error that a change cost."},
    {"stream.frozen.recovery", MEASURE_RECORD, .record = "stream.frozen.recovery",
     .help = "Rows after a change until the error is within 1.2 times that level; never counts as "
             "the whole visit."},
    {"stream.frozen.never", MEASURE_RECORD, .record = "stream.frozen.never",
     .help = "Changes from which it did not recover within the visit."},
    {"stream.frozen.forgetting", MEASURE_RECORD, .record = "stream.frozen.forgetting",
     .help = "Error on the return of a regime relative to its first visit."},
    {"stream.online.error", MEASURE_RECORD, .null_is_worst = true, .record = "stream.online.error",
     .help = "Prequential error on a stream that changes, weights that go on learning."},
    {"stream.online.fading", MEASURE_RECORD, .null_is_worst = true,
     .record = "stream.online.fading",
     .help = "The same with a fading factor, at the end of the stream."},
    {"stream.online.level", MEASURE_RECORD, .null_is_worst = true, .record = "stream.online.level",
     .help = "Mean error late in the last visit."},
    {"stream.online.excess", MEASURE_RECORD, .null_is_worst = true,
     .record = "stream.online.excess",
     .help =
         "Error after a change beyond the level reached late in the visit, summed over its rows."},
    {"stream.online.relative_excess", MEASURE_RECORD, .null_is_worst = true,
     .record = "stream.online.relative_excess",
     .help = "The same in levels: rows' worth of error that a change cost."},
    {"stream.online.recovery", MEASURE_RECORD, .record = "stream.online.recovery",
     .help = "Rows after a change until the error is within 1.2 times that level; never counts as "
             "the whole visit."},
    {"stream.online.never", MEASURE_RECORD, .record = "stream.online.never",
     .help = "Changes from which it did not recover within the visit."},
    {"stream.online.forgetting", MEASURE_RECORD, .record = "stream.online.forgetting",
     .help = "Error on the return of a regime relative to its first visit."},
    {"stream.online.gain", MEASURE_RECORD, .higher_is_better = true, .null_is_worst = true,
     .record = "stream.online.gain", .help = "1 - online / frozen error: what learning on gains."},
    {"memory.capacity", MEASURE_RECORD, .higher_is_better = true,
     .record = "metrics.test.memory_capacity",
     .help = "Memory capacity in steps on delay_recall (evaluate.metrics names memory_capacity)."},
    {"memory.longest", MEASURE_RECORD, .higher_is_better = true, .record = "ladder.longest",
     .help = "The largest value of evaluate.ladder that is solved; 0: none."},
    {"memory.longest_per_kib", MEASURE_RECORD, .higher_is_better = true,
     .record = "ladder.longest_per_kib",
     .help = "The same for each KiB that a stream carries from row to row."},
    {"gradient.lag_1pct", MEASURE_RECORD, .higher_is_better = true,
     .record = "gradient_lag.lag_1pct",
     .help = "Lag at which d output / d input has fallen to 1 % of its largest norm, trained."},
    {"gradient.growth", MEASURE_RECORD, .null_is_worst = true, .record = "gradient_lag.growth",
     .help = "Its largest norm over that at lag 0, trained."},
    {"gradient.fresh_lag_1pct", MEASURE_RECORD, .higher_is_better = true,
     .record = "gradient_lag.fresh.lag_1pct", .help = "gradient.lag_1pct before training."},
    {"gradient.fresh_growth", MEASURE_RECORD, .null_is_worst = true,
     .record = "gradient_lag.fresh.growth", .help = "gradient.growth before training."},
    {"training.epochs_to_target", MEASURE_EPOCHS_TO_TARGET,
     .help = "Epochs until the validation score reaches the target of the config."},
    {"training.cpu_seconds_to_target", MEASURE_SECONDS_TO_TARGET,
     .help = "Processor seconds until then, all epochs being taken for equally long."},
    {"training.operations_to_target", MEASURE_OPERATIONS_TO_TARGET,
     .help = "Floating-point operations until then, forward and backward."},
    {"training.gradient_spread", MEASURE_GRADIENT_SPREAD,
     .help = "The longest gradient of the training relative to the median of the epochs' medians."},
    {"training.clipped", MEASURE_CLIPPED, .help = "Share of updates whose gradient is clipped."},
    {"training.exploding", MEASURE_EXPLODING,
     .help = "Share of updates whose gradient is over 10 times as long as the epoch's median."},
    {"sizes.parameters_to_target", MEASURE_SIZES_PARAMETERS,
     .help = "Parameters of the smallest of a family whose test score reaches the target."},
    {"sizes.run_bytes_to_target", MEASURE_SIZES_RUN_BYTES,
     .help = "The same for the bytes to run a stream."},
    {"sizes.train_bytes_to_target", MEASURE_SIZES_TRAIN_BYTES,
     .help = "The same for the bytes to train."},
    {"sizes.gain", MEASURE_SIZES_GAIN, .higher_is_better = true,
     .help = "Exponent g of the family's test error ~ parameters^-g."},
    {"sizes.time_exponent", MEASURE_SIZES_TIME,
     .help = "Exponent t of the processor time of an epoch ~ parameters^t."},
    {"rates.share", MEASURE_RATES_SHARE, .higher_is_better = true,
     .help = "Share of a family's learning rates that end within 10 % of its best validation "
             "error."},
};
enum { TYPES = sizeof types / sizeof types[0] };

const struct measure_type *measure_at(size_t position) {
    return position < TYPES ? &types[position] : NULL;
}

bool measure_has_target(const struct measure_type *type) {
    return (type->kind >= MEASURE_EPOCHS_TO_TARGET && type->kind <= MEASURE_OPERATIONS_TO_TARGET) ||
           (type->kind >= MEASURE_SIZES_PARAMETERS && type->kind <= MEASURE_SIZES_TRAIN_BYTES);
}

bool measure_of_family(const struct measure_type *type) {
    return type->kind >= MEASURE_SIZES_PARAMETERS && type->kind <= MEASURE_RATES_SHARE;
}

size_t measure_position(const struct measure_type *type) {
    return (size_t)(type - types);
}

/* Whether the path fits the type; its part goes to `part`. */
static bool fits(const struct measure_type *type, const char *path, char part[MEASURE_PATH]) {
    part[0] = '\0';
    if (type->part == PART_NONE)
        return strcmp(path, type->path) == 0;
    size_t before = strcspn(type->path, "<"), length = strlen(path);
    const char *rest = strchr(type->path, '>') + 1;
    size_t after = strlen(rest);
    if (length <= before + after || length >= MEASURE_PATH ||
        strncmp(path, type->path, before) != 0 || strcmp(path + length - after, rest) != 0)
        return false;
    snprintf(part, MEASURE_PATH, "%.*s", (int)(length - before - after), path + before);
    return true;
}

struct measure measure_parse(const char *path, char part[MEASURE_PATH]) {
    for (size_t t = 0; t < TYPES; t++)
        if (fits(&types[t], path, part))
            return (struct measure){&types[t], part};
    return (struct measure){NULL, part};
}

void measure_path(const struct measure_type *type, const char *part, char path[MEASURE_PATH]) {
    int before = (int)strcspn(type->path, "<");
    const char *rest = type->part == PART_NONE ? "" : strchr(type->path, '>') + 1;
    snprintf(path, MEASURE_PATH, "%.*s%s%s", before, type->path,
             type->part == PART_NONE ? "" : part, rest);
}
