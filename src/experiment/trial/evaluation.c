#include "experiment/trial/evaluation.h"

#include "data/generators/generator.h"
#include "evaluate/distance.h"
#include "evaluate/fault.h"
#include "evaluate/metric.h"
#include "evaluate/rollout.h"
#include "evaluate/score.h"
#include "evaluate/sensitivity.h"
#include "evaluate/worst_fault.h"
#include "experiment/trial/details.h"
#include "experiment/trial/example.h"
#include "record/record.h"

#include <math.h>
#include <string.h>

/* Training scores are computed on so many windows at most, evenly thinned out, so that evaluation
 * stays a small part of a trial's time. */
enum { MAX_TRAIN_WINDOWS = 2048 };
enum { EVALUATION_BATCH = 64, MAX_BATCH_STEPS = 1 << 14 };

/* A trained model under evaluation. */
struct evaluated_model {
    const struct plan *plan;
    int seed;
    struct predictor predictor;
    struct point_sample training; /* inputs that the model was trained on */
    const double *const
        *sensitivity; /* to the test's rows, where faults are put by it; else NULL */
    struct arena *arena;
    cJSON *record;
};

/* --- scores ----------------------------------------------------------------------------------- */

/* Fewer windows at a time, the longer they are. */
int evaluation_batch(int steps) {
    int batch = MAX_BATCH_STEPS / steps;
    return batch < 1 ? 1 : batch > EVALUATION_BATCH ? EVALUATION_BATCH : batch;
}

/* The predictor for windows as long as the data set's, which a shift may have lengthened. */
static struct predictor predictor_for(const struct evaluated_model *subject,
                                      const struct dataset *dataset) {
    struct predictor predictor = subject->predictor;
    predictor.batch = evaluation_batch(dataset->window);
    return predictor;
}

bool evaluation_in_data_units(const struct experiment *experiment) {
    return experiment->evaluate.units == UNITS_DATA;
}

static bool wants_data_units(const struct evaluated_model *subject) {
    return evaluation_in_data_units(subject->plan->experiment);
}

/* The scores; names of metrics that are undefined there are added to a list. */
static cJSON *metrics_json(const struct evaluated_model *subject,
                           const struct predictions *predictions, cJSON *undefined) {
    const struct string_list *names = &subject->plan->experiment->evaluate.metrics;
    struct arena scratch = {0};
    const struct metric_type **metrics =
        ARENA_NEW(&scratch, const struct metric_type *, names->count);
    double *values = ARENA_NEW(&scratch, double, names->count);
    for (size_t i = 0; i < names->count; i++)
        metrics[i] = metric_find(names->items[i]);
    score_predictions(predictions, metrics, names->count, values);
    cJSON *json = cJSON_CreateObject();
    for (size_t i = 0; i < names->count; i++) {
        cJSON_AddNumberToObject(json, metrics[i]->name, values[i]);
        if (score_is_undefined(predictions, values[i]))
            cJSON_AddItemToArray(undefined, cJSON_CreateString(metrics[i]->name));
    }
    arena_free(&scratch);
    return json;
}

/* Of the clean test, the record also gets the details of its predictions. */
static cJSON *scores_json(const struct evaluated_model *subject, const struct dataset *dataset,
                          const struct split *split, cJSON *undefined) {
    if (split->window_count == 0)
        return cJSON_CreateObject();
    struct arena scratch = {0};
    struct predictor predictor = predictor_for(subject, dataset);
    struct predictions predictions =
        predict_split(&predictor, dataset, split, wants_data_units(subject), &scratch);
    cJSON *json = metrics_json(subject, &predictions, undefined);
    if (split == &subject->plan->dataset->test)
        record_details(&predictions, &subject->plan->experiment->evaluate, subject->record);
    arena_free(&scratch);
    return json;
}

/* How far a split's inputs are from those of training. */
static cJSON *distance_json(const struct evaluated_model *subject, const struct dataset *dataset,
                            const struct split *split) {
    struct arena scratch = {0};
    struct point_sample sample = sample_points(dataset, split, &scratch);
    cJSON *json = cJSON_CreateNumber(energy_distance(&subject->training, &sample));
    arena_free(&scratch);
    return json;
}

static struct split thinned(const struct split *split, struct arena *arena) {
    struct split thin = *split;
    if (split->window_count <= MAX_TRAIN_WINDOWS)
        return thin;
    thin.window_count = MAX_TRAIN_WINDOWS;
    thin.windows = ARENA_NEW(arena, struct window, MAX_TRAIN_WINDOWS);
    for (size_t i = 0; i < MAX_TRAIN_WINDOWS; i++)
        thin.windows[i] = split->windows[i * split->window_count / MAX_TRAIN_WINDOWS];
    return thin;
}

static cJSON *metric_info(const struct evaluated_model *subject, const char *name) {
    cJSON *infos = cJSON_GetObjectItemCaseSensitive(subject->record, "metric_info");
    cJSON *info;
    cJSON_ArrayForEach(info, infos) {
        if (strcmp(json_string(info, "name", ""), name) == 0)
            return info;
    }
    return NULL;
}

/* Notes in "metric_info" in which split metrics are undefined. */
static void note_undefined(const struct evaluated_model *subject, const char *split,
                           const cJSON *undefined) {
    const cJSON *name;
    cJSON_ArrayForEach(name, undefined) {
        cJSON *info = metric_info(subject, name->valuestring);
        cJSON_AddItemToArray(cJSON_GetObjectItemCaseSensitive(info, "undefined"),
                             cJSON_CreateString(split));
    }
}

static void score_splits(const struct evaluated_model *subject) {
    const struct dataset *dataset = subject->plan->dataset;
    struct split train = thinned(&dataset->train, subject->arena);
    /* Whoever tunes does not see the test. */
    const struct split none = {0};
    const struct {
        const char *name;
        const struct split *split;
    } splits[] = {{"train", &train},
                  {"valid", &dataset->valid},
                  {"test", subject->plan->experiment->is_searching ? &none : &dataset->test}};
    cJSON *metrics = cJSON_CreateObject();
    for (size_t i = 0; i < sizeof splits / sizeof splits[0]; i++) {
        cJSON *undefined = cJSON_CreateArray();
        cJSON_AddItemToObject(metrics, splits[i].name,
                              scores_json(subject, dataset, splits[i].split, undefined));
        note_undefined(subject, splits[i].name, undefined);
        cJSON_Delete(undefined);
    }
    record_set(subject->record, "metrics", metrics);
}

/* --- noise ------------------------------------------------------------------------------------ */

/* An empty list says nothing. */
static void add_undefined(cJSON *entry, cJSON *undefined) {
    if (cJSON_GetArraySize(undefined) > 0)
        cJSON_AddItemToObject(entry, "undefined", undefined);
    else
        cJSON_Delete(undefined);
}

/* The scores of a test under other conditions, and which of them are undefined there. */
static void add_scores(const struct evaluated_model *subject, const struct dataset *dataset,
                       const struct split *split, cJSON *entry) {
    cJSON *undefined = cJSON_CreateArray();
    cJSON_AddItemToObject(entry, "metrics", scores_json(subject, dataset, split, undefined));
    add_undefined(entry, undefined);
}

/* The errors of the clean test and of each perturbation, mean over its severities, by blocks. */
struct block_errors {
    const struct metric_type *metric;
    struct test_blocks blocks;
    double *clean, **faulted; /* [blocks], [types][blocks] */
};

static cJSON *noisy_scores(const struct evaluated_model *subject, const struct fault *fault,
                           double severity, double share, const struct block_errors *errors,
                           double *sum) {
    const struct dataset *dataset = subject->plan->dataset;
    struct arena scratch = {0};
    struct split noisy =
        fault_split(fault, severity, (uint64_t)subject->seed, dataset, &dataset->test, &scratch);
    struct predictor predictor = predictor_for(subject, dataset);
    struct predictions predictions =
        predict_split(&predictor, dataset, &noisy, wants_data_units(subject), &scratch);
    cJSON *entry = cJSON_CreateObject(), *undefined = cJSON_CreateArray();
    cJSON_AddStringToObject(entry, "type", fault_name(fault));
    if (fault->suite != NULL)
        cJSON_AddStringToObject(entry, "suite", fault->suite->name);
    cJSON_AddNumberToObject(entry, "severity", severity);
    cJSON_AddItemToObject(entry, "metrics", metrics_json(subject, &predictions, undefined));
    add_undefined(entry, undefined);
    cJSON_AddItemToObject(entry, "distance", distance_json(subject, dataset, &noisy));
    add_block_errors(&predictions, &errors->blocks, errors->metric, share, sum);
    arena_free(&scratch);
    return entry;
}

/* NULL unless faults begin where the model is most sensitive. */
static const double *const *test_sensitivity(const struct evaluated_model *subject) {
    const struct dataset *dataset = subject->plan->dataset;
    struct predictor predictor = predictor_for(subject, dataset);
    if (subject->plan->experiment->evaluate.noise.place != PLACE_SENSITIVE)
        return NULL;
    return window_sensitivity(&predictor, dataset, &dataset->test, subject->arena);
}

/* The perturbation as the config asks for it; its severities follow. */
static struct fault fault_of(const struct evaluated_model *subject, const char *type) {
    const struct noise_options *noise = &subject->plan->experiment->evaluate.noise;
    struct error ignored = {0}; /* the config was checked when it was read */
    struct fault fault = {
        .suite = noise->suite != NULL ? suite_find(noise->suite) : NULL,
        .each = noise->each == EACH_WINDOW ? EACH_WINDOW : EACH_SERIES,
        .sensitivity = subject->sensitivity,
        .is_drawn = noise->drawn,
    };
    fault_read(type, &fault);
    channels_read(noise->channels, "evaluate.noise.channels", &fault.channels, &ignored);
    if (fault.channels.reach == REACH_OWN && fault.suite != NULL && fault.suite->by_window)
        fault.channels.reach = REACH_SEVERITY;
    return fault;
}

/* σ of noise = σ of signal * 10^(-SNR / 20) */
static void score_signal_to_noise(const struct evaluated_model *subject, const struct fault *fault,
                                  const struct block_errors *errors, double *sum, cJSON *list) {
    const struct real_list *ratios = &subject->plan->experiment->evaluate.noise.snr;
    for (size_t i = 0; i < ratios->count; i++) {
        cJSON *entry = noisy_scores(subject, fault, pow(10, -ratios->items[i] / 20),
                                    1 / (double)ratios->count, errors, sum);
        cJSON_AddNumberToObject(entry, "snr", ratios->items[i]);
        cJSON_AddItemToArray(list, entry);
    }
}

static void score_fault(const struct evaluated_model *subject, const char *type,
                        const struct block_errors *errors, double *sum, cJSON *list) {
    const struct noise_options *noise = &subject->plan->experiment->evaluate.noise;
    struct fault fault = fault_of(subject, type);
    if (noise->snr.count > 0 && strcmp(type, "gaussian") == 0) {
        score_signal_to_noise(subject, &fault, errors, sum, list);
        return;
    }
    bool own = noise->severities.count == 0;
    const double *severities = own ? fault_severities(&fault) : noise->severities.items;
    size_t count = own ? sizeof fault.type->severities / sizeof fault.type->severities[0]
                       : noise->severities.count;
    for (size_t j = 0; j < count; j++)
        cJSON_AddItemToArray(
            list, noisy_scores(subject, &fault, severities[j], 1 / (double)count, errors, sum));
}

static double mean_of_blocks(const struct test_blocks *blocks, const double *errors) {
    double sum = 0, weight = 0;
    for (size_t b = 0; b < blocks->count; b++)
        if (blocks->weights[b] > 0) {
            sum += blocks->weights[b] * errors[b];
            weight += blocks->weights[b];
        }
    return sum / weight;
}

/* The clean error beside that under the faults, and the worst of them. */
static cJSON *faults_json(const struct evaluated_model *subject,
                          const struct block_errors *errors) {
    const struct noise_options *noise = &subject->plan->experiment->evaluate.noise;
    const struct test_blocks *blocks = &errors->blocks;
    struct worst_fault worst =
        worst_fault_of(blocks, errors->clean, (const double *const *)errors->faulted,
                       noise->types.count, (uint64_t)subject->seed);
    double clean = mean_of_blocks(blocks, errors->clean), sum = 0;
    for (size_t i = 0; i < noise->types.count; i++)
        sum += mean_of_blocks(blocks, errors->faulted[i]) / (double)noise->types.count;
    cJSON *json = cJSON_CreateObject();
    if (noise->suite != NULL)
        cJSON_AddStringToObject(json, "suite", noise->suite);
    if (noise->place == PLACE_SENSITIVE)
        cJSON_AddStringToObject(json, "place", fault_place_name(noise->place - 1));
    cJSON_AddStringToObject(json, "metric", errors->metric->name);
    cJSON_AddNumberToObject(json, "clean", clean);
    cJSON_AddNumberToObject(json, "error", sum);
    cJSON_AddNumberToObject(json, "ratio", clean > 0 ? sum / clean : NAN);
    cJSON *item = cJSON_AddObjectToObject(json, "worst");
    cJSON_AddStringToObject(item, "type", noise->types.items[worst.which]);
    cJSON_AddNumberToObject(item, "error", mean_of_blocks(blocks, errors->faulted[worst.which]));
    cJSON_AddNumberToObject(item, "ratio", worst.ratio);
    cJSON_AddNumberToObject(item, "low", worst.low);
    cJSON_AddNumberToObject(item, "high", worst.high);
    cJSON_AddNumberToObject(item, "blocks", (double)blocks->count);
    return json;
}

static struct block_errors clean_errors(const struct evaluated_model *subject,
                                        struct arena *arena) {
    const struct dataset *dataset = subject->plan->dataset;
    const struct evaluate_options *evaluate = &subject->plan->experiment->evaluate;
    struct arena scratch = {0};
    struct predictor predictor = predictor_for(subject, dataset);
    struct predictions clean =
        predict_split(&predictor, dataset, &dataset->test, wants_data_units(subject), &scratch);
    struct block_errors errors = {.metric = metric_find(evaluate->metrics.items[0])};
    if (errors.metric->is_mean)
        errors.blocks = test_blocks_of(&clean, arena);
    errors.clean = ARENA_NEW(arena, double, errors.blocks.count);
    errors.faulted = ARENA_NEW(arena, double *, evaluate->noise.types.count);
    add_block_errors(&clean, &errors.blocks, errors.metric, 1, errors.clean);
    arena_free(&scratch);
    return errors;
}

static void score_noise(const struct evaluated_model *subject) {
    const struct string_list *types = &subject->plan->experiment->evaluate.noise.types;
    cJSON *list = cJSON_CreateArray();
    if (types->count > 0) {
        struct block_errors errors = clean_errors(subject, subject->arena);
        for (size_t i = 0; i < types->count; i++) {
            errors.faulted[i] = ARENA_NEW(subject->arena, double, errors.blocks.count);
            score_fault(subject, types->items[i], &errors, errors.faulted[i], list);
        }
        if (errors.metric->is_mean)
            record_set(subject->record, "faults", faults_json(subject, &errors));
    }
    record_set(subject->record, "noise", list);
}

/* --- shifts ----------------------------------------------------------------------------------- */

static void add_rollout(const struct evaluated_model *subject, const struct dataset *dataset,
                        int steps, cJSON *entry) {
    struct arena scratch = {0};
    struct predictor predictor = predictor_for(subject, dataset);
    struct rollout rollout =
        rollout_run(&predictor, dataset, steps, wants_data_units(subject), &scratch);
    cJSON *undefined = cJSON_CreateArray();
    cJSON_AddItemToObject(entry, "metrics", metrics_json(subject, &rollout.predictions, undefined));
    add_undefined(entry, undefined);
    cJSON_AddNullToObject(entry, "distance");
    cJSON *json = cJSON_AddObjectToObject(entry, "rollout");
    cJSON_AddNumberToObject(json, "steps", steps);
    cJSON_AddNumberToObject(json, "starts", rollout.starts);
    cJSON *horizon = cJSON_AddArrayToObject(json, "horizon");
    cJSON *time = cJSON_AddArrayToObject(json, "time");
    cJSON *error = cJSON_AddArrayToObject(json, "error");
    for (int k = 1; k <= steps; k = next_horizon(k, steps)) {
        cJSON_AddItemToArray(horizon, cJSON_CreateNumber(k));
        cJSON_AddItemToArray(time, cJSON_CreateNumber(k * rollout.step_time * dataset->time_unit));
        cJSON_AddItemToArray(error, cJSON_CreateNumber(rollout.error[k - 1]));
    }
    const struct dataset_options *options = dataset->options;
    double exponent =
        options->generator == NULL
            ? NAN
            : generator_exponent(generator_find(options->generator), options->parameters);
    cJSON_AddNumberToObject(json, "threshold", ROLLOUT_THRESHOLD);
    cJSON_AddNumberToObject(json, "valid_steps", rollout.valid_steps);
    cJSON_AddNumberToObject(json, "valid_time", rollout.valid_time * dataset->time_unit);
    cJSON_AddNumberToObject(json, "valid_lyapunov", rollout.valid_steps * exponent);
    arena_free(&scratch);
}

static void score_shifts(const struct evaluated_model *subject) {
    const struct object_list *ood = &subject->plan->experiment->evaluate.ood;
    const struct shift_options *shifts = ood->items;
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < ood->count; i++) {
        const struct dataset *shifted = &subject->plan->shifts[i];
        cJSON *entry = cJSON_CreateObject();
        cJSON_AddStringToObject(entry, "name", shifts[i].name);
        cJSON_AddStringToObject(entry, "kind", shift_kind(&shifts[i]));
        if (shifts[i].rollout > 0) {
            add_rollout(subject, shifted, shifts[i].rollout, entry);
        } else {
            add_scores(subject, shifted, &shifted->test, entry);
            cJSON_AddItemToObject(entry, "distance",
                                  distance_json(subject, shifted, &shifted->test));
        }
        cJSON_AddItemToArray(list, entry);
    }
    record_set(subject->record, "ood", list);
}

/* --- everything ------------------------------------------------------------------------------- */

/* All that is measured on the test split beside its scores. */
static void score_test(const struct evaluated_model *subject) {
    const struct dataset *dataset = subject->plan->dataset;
    record_set(subject->record, "test_distance", distance_json(subject, dataset, &dataset->test));
    score_noise(subject);
    score_shifts(subject);
    cJSON *example = example_json(&subject->predictor, dataset);
    if (example != NULL)
        record_set(subject->record, "example", example);
}

void evaluate_model(const struct predictor *predictor, const struct plan *plan, int seed,
                    const struct dataset *training, cJSON *record) {
    struct arena arena = {0};
    struct evaluated_model subject = {
        .plan = plan,
        .seed = seed,
        .predictor = *predictor,
        .training = sample_points(training, &training->train, &arena),
        .arena = &arena,
        .record = record,
    };
    score_splits(&subject);
    if (!plan->experiment->is_searching) {
        subject.sensitivity = test_sensitivity(&subject);
        score_test(&subject);
    }
    arena_free(&arena);
}

cJSON *evaluate_test(const struct predictor *predictor, const struct plan *plan) {
    struct arena arena = {0};
    struct evaluated_model subject = {.plan = plan, .predictor = *predictor};
    struct predictor whole = predictor_for(&subject, plan->dataset);
    struct predictions predictions = predict_split(&whole, plan->dataset, &plan->dataset->test,
                                                   wants_data_units(&subject), &arena);
    cJSON *undefined = cJSON_CreateArray();
    cJSON *scores = metrics_json(&subject, &predictions, undefined);
    cJSON_Delete(undefined);
    arena_free(&arena);
    return scores;
}
