#include "config/config_fields.h"

#include "config/hypothesis.h"
#include "evaluate/fault.h"
#include "evaluate/metric.h"
#include "model/baseline.h"
#include "model/normalization.h"
#include "train/loss.h"

const char *score_units_name(size_t position) {
    static const char *const names[] = {"data", "scaled"};
    return position < sizeof names / sizeof names[0] ? names[position] : NULL;
}

static const char *noise_type_name(size_t position) {
    return position == 0 ? "all" : perturbation_name(position - 1);
}

#define AT(member) .offset = offsetof(struct noise_options, member)
static const struct field noise_fields[] = {
    {"types", FIELD_STRINGS, AT(types), .fallback = "[\"gaussian\", \"dropout\"]",
     .choices = noise_type_name, .joined = true,
     .help = "Perturbations of the test inputs, or \"all\"; `liquidbench list "
             "perturbations` names them. Joined by +, they strike one after the other: "
             "\"regime+cascade\". With a suite: those of its faults that are wanted; all by "
             "default."},
    {"suite", FIELD_STRING, AT(suite),
     .help = "A named suite of faults, such as \"sensorfault\" (the newest) or \"sensorfault-1\"; "
             "`liquidbench list suites` names them all."},
    {"severities", FIELD_REALS, AT(severities), .min = 0, .max = 1e6,
     .help =
         "How strong each perturbation is; when absent, each type's own five. In a suite such as "
         "sensorfault, shares of the harshest, 0 to 1."},
    {"drawn", FIELD_BOOL, AT(drawn), .fallback = "false",
     .help = "Whether each series or window draws its own severity, from 0 to the one given."},
    {"each", FIELD_CHOICE, AT(each), .choices = each_name,
     .help =
         "What is disturbed separately: whole series (the default), or every window, as a suite "
         "such as sensorfault has it."},
    {"place", FIELD_CHOICE, AT(place), .choices = fault_place_name,
     .help =
         "Where a fault begins that strikes at a place: at a random row (the default), or where "
         "each model depends most on its inputs; the latter needs \"each\": \"window\"."},
    {"channels", FIELD_JSON, AT(channels),
     .help =
         "How many inputs a perturbation hits, drawn for each series or window: a share, or "
         "\"severity\" (with a suite): from one at 0 to half of them at 1; absent: as the suite "
         "or each perturbation has it. A share goes for all of a suite's faults."},
    {"snr", FIELD_REALS, AT(snr), .min = -100, .max = 100,
     .help = "Gaussian noise by its signal-to-noise ratio in dB, instead of its severities; the "
             "signal is the input's variance in training."},
    {0},
};
#undef AT

#define AT(member) .offset = offsetof(struct evaluate_options, member)
const struct field evaluate_fields[] = {
    {"metrics", FIELD_STRINGS, AT(metrics), .choices = metric_name,
     .help = "Scores to compute, the headline first; when absent, all that fit the task."},
    {"units", FIELD_CHOICE, AT(units), .fallback = "\"data\"", .choices = score_units_name,
     .help = "Whether errors are in the units of the data or in scaled units."},
    {"noise", FIELD_OBJECT, AT(noise), .fields = noise_fields,
     .help =
         "Robustness: the test inputs are disturbed and the model is scored again; null: they are "
         "not."},
    {"ood", FIELD_OBJECTS, AT(ood), .fields = shift_fields,
     .element_size = sizeof(struct shift_options),
     .help = "Out-of-distribution tests: the same task under other conditions."},
    {"predictions", FIELD_BOOL, AT(predictions), .fallback = "false",
     .help = "Whether each trial also writes its predictions of the test to predictions/*.csv."},
    {"latency_steps", FIELD_INT, AT(latency_steps), .fallback = "2000", .min = 0, .max = 1e7,
     .help = "Streaming steps whose latency is measured; 0: none."},
    {"stream", FIELD_OBJECT, AT(stream), .fields = stream_fields,
     .help = "Adaptation: rows that change their regime at known times, for the trained weights "
             "frozen and learning online."},
    {"ladder", FIELD_OBJECT, AT(ladder), .fields = ladder_fields,
     .help = "Memory: every model is trained and tested once more on data of each length or "
             "difficulty."},
    {"gradient_lags", FIELD_INT, AT(gradient_lags), .fallback = "0", .min = 0, .max = 100000,
     .help = "Memory: lags at which the norm of d output / d input is measured; 0: none."},
    {0},
};
#undef AT

#define AT(member) .offset = offsetof(struct limit_options, member)
const struct field limit_fields[] = {
    {"seconds", FIELD_REAL, AT(seconds), .fallback = "0", .min = 0, .max = 1e9,
     .help = "Longest time of one trial; 0: no limit."},
    {"memory", FIELD_REAL, AT(memory), .fallback = "0", .min = 0, .max = 1e9,
     .help = "MiB that one trial may take on top of program and data; 0: no limit."},
    {0},
};
#undef AT

#define AT(member) .offset = offsetof(struct published_score, member)
static const struct field published_score_fields[] = {
    {"model", FIELD_STRING, AT(model), .required = true,
     .help = "Name of the model in this config; one that is not in it is shown as not run."},
    {"mean", FIELD_REAL, AT(mean), .required = true, .min = -1e30, .max = 1e30,
     .help = "Published mean, in the units of our metric (an accuracy of 94 % is 0.94)."},
    {"std", FIELD_REAL, AT(std), .required = true, .max = 1e30,
     .help = "Published standard deviation over seeds."},
    {"measure", FIELD_STRING, AT(measure),
     .help = "What the number is, when it is not the test score in published.metric: \"test.mae\", "
             "or a measure of the record such as \"faults.worst.growth\"."},
    {"note", FIELD_STRING, AT(note),
     .help = "Why the outcome is what it is, in a few words, for docs/papers.md."},
    {0},
};
#undef AT

#define AT(member) .offset = offsetof(struct published_options, member)
const struct field published_fields[] = {
    {"source", FIELD_STRING, AT(source), .help = "Paper and table that the numbers are from."},
    {"metric", FIELD_STRING, AT(metric), .choices = metric_name,
     .help = "Metric of the numbers, one of evaluate.metrics."},
    {"note", FIELD_STRING, AT(note), .help = "Why scores were not run, in a few words."},
    {"scores", FIELD_OBJECTS, AT(scores), .fields = published_score_fields,
     .element_size = sizeof(struct published_score), .help = "A number for each model."},
    {0},
};
#undef AT

const char *search_method_name(size_t position) {
    static const char *const names[] = {"grid", "random", "sobol", "halving"};
    return position < sizeof names / sizeof names[0] ? names[position] : NULL;
}

#define AT(member) .offset = offsetof(struct search_options, member)
const struct field search_fields[] = {
    {"method", FIELD_CHOICE, AT(method), .choices = search_method_name,
     .help = "How settings are chosen: a whole grid, random ones, a Sobol sequence, or successive "
             "halving, which starts many with few epochs and continues the best."},
    {"space", FIELD_JSON, AT(space),
     .help = "The values to search: for each field of a model, such as \"hidden\" or "
             "\"train.learning_rate\", a list of values or a range {\"min\", \"max\", "
             "\"scale\", \"integer\", \"points\"}."},
    {"trials", FIELD_INT, AT(trials), .fallback = "0", .min = 0, .max = 10000,
     .help = "Budget of every model, in settings; 0: the budget is in epochs, or the whole grid."},
    {"epochs", FIELD_INT, AT(epochs), .fallback = "0", .min = 0, .max = 1e9,
     .help = "Budget of every model in epochs of training, all its trials together, instead."},
    {"factor", FIELD_INT, AT(factor), .fallback = "3", .min = 2, .max = 100,
     .help = "halving: one trial in so many continues, with so many times the epochs."},
    {"min_epochs", FIELD_INT, AT(min_epochs), .former = "least_epochs", .fallback = "1", .min = 1,
     .max = 1e6, .help = "halving: no trial is trained for fewer epochs than these."},
    {"seed", FIELD_INT, AT(seed), .fallback = "1000000", .min = 0, .max = 2147483647,
     .help = "Of the settings drawn and of the search's trials; not one of \"seeds\", which are "
             "for the final trials."},
    {0},
};
#undef AT

#define AT(member) .offset = offsetof(struct variant_options, member)
static const struct field variant_fields[] = {
    {"parameters", FIELD_INTS, AT(parameters), .min = 1, .max = 1e9,
     .help = "Parameter budgets, small to large; models are named after them, \"lstm-p1000\"."},
    {"learning_rates", FIELD_REALS, AT(learning_rates), .min = 1e-12, .max = 1e6,
     .help = "Learning rates, small to large, best half a decade apart: \"lstm-r0.01\"."},
    {0},
};
#undef AT

#define AT(member) .offset = offsetof(struct target_options, member)
const struct field target_fields[] = {
    {"share", FIELD_REAL, AT(share), .fallback = "0", .min = 0, .max = 1,
     .help =
         "The target lies so far on the way from the best trivial baseline to the median of the "
         "reference; 0: none."},
    {"score", FIELD_REAL, AT(score), .fallback = "0", .min = -1e30, .max = 1e30,
     .help = "The target itself, in the headline metric, instead; 0: none."},
    {0},
};
#undef AT

static const char *task_normalize_name(size_t position) {
    return position == 0 ? "none" : normalize_name(position - 1);
}

#define AT(member) .offset = offsetof(struct task_options, member)
const struct field task_fields[] = {
    {"type", FIELD_CHOICE, AT(type), .fallback = "\"forecast\"", .choices = task_type_name,
     .help = "Predict the next values of the targets, their values at the same step, or a class."},
    {"at", FIELD_CHOICE, AT(at), .fallback = "\"every\"", .choices = scored_steps_name,
     .help =
         "Whether every step of a window is predicted and scored, only its last, or its last by "
         "the mean of the readouts of all steps."},
    {"normalize", FIELD_CHOICE, AT(normalize), .choices = task_normalize_name,
     .help =
         "Forecasts at the last step: subtract each window's last value, or its mean and divide "
         "by its deviation (RevIN; revin_fixed without learned scale and shift), and undo it "
         "in the outputs; absent: none."},
    {"window", FIELD_INT, AT(window), .fallback = "32", .min = 0, .max = 1000000,
     .help = "Steps of a window (0: each series is one window)."},
    {"stride", FIELD_INT, AT(stride), .fallback = "1", .min = 1, .max = 100000000,
     .help = "Rows between the starts of training windows."},
    {"test_stride", FIELD_INT, AT(test_stride), .fallback = "0", .min = 0, .max = 100000000,
     .help = "Rows between the starts of validation and test windows (0: as for training)."},
    {"tail", FIELD_INT, AT(tail), .fallback = "0", .min = 0, .max = 1000000,
     .help =
         "Rows at the end of each series that no window reaches; released code often leaves the "
         "last window out."},
    {"horizon", FIELD_INT, AT(horizon), .fallback = "1", .min = 1, .max = 10000,
     .help = "How many steps ahead a forecast reaches; each of them is an output."},
    {"loss", FIELD_CHOICE, AT(loss), .choices = loss_name,
     .help = "What training minimises (default: cross_entropy for classes, else mse)."},
    {"class_weights", FIELD_REALS, AT(class_weights), .min = 0, .max = 1e9,
     .help = "Weight of each class in the cross entropy, in the order of the classes."},
    {"allow_target_input", FIELD_BOOL, AT(allow_target_input), .fallback = "false",
     .help = "Let a regression or classification have its target among its inputs, which it can "
             "then copy."},
    {0},
};
#undef AT

#define AT(member) .offset = offsetof(struct config, member)
const struct field config_fields[] = {
    {"$schema", FIELD_STRING, AT(schema),
     .help = "Path or URL of configs/experiment.schema.json, for editors; not used otherwise."},
    {"name", FIELD_STRING, AT(name),
     .help = "Name of the experiment and its results folder; default: the file's name."},
    {"description", FIELD_STRING, AT(description),
     .help = "What the experiment is for, and how long it takes; not used otherwise."},
    {"dataset", FIELD_JSON, AT(dataset), .required = true, .help = "The data to learn from."},
    {"task", FIELD_JSON, AT(task), .help = "What is to be predicted."},
    {"models", FIELD_JSON, AT(models), .required = true, .help = "The models to compare."},
    {"baselines", FIELD_STRINGS, AT(baselines), .choices = baseline_name,
     .help = "Trivial models to compare with; default: all that apply to the data; []: none."},
    {"train", FIELD_OBJECT, AT(train), .fields = train_fields,
     .help = "How every model is trained; a model's own \"train\" changes it for that model."},
    {"evaluate", FIELD_OBJECT, AT(evaluate), .fields = evaluate_fields,
     .help = "What is measured on every trained model."},
    {"match", FIELD_OBJECT, AT(match), .fields = match_fields,
     .help = "A parameter budget: every model's size becomes the one that comes closest to it."},
    {"variants", FIELD_OBJECT, AT(variants), .fields = variant_fields,
     .help = "Every network at several parameter budgets, or at several learning rates."},
    {"target", FIELD_OBJECT, AT(target), .fields = target_fields,
     .help = "A score to reach, stated beforehand: what reaching it costs is measured."},
    {"search", FIELD_OBJECT, AT(search), .fields = search_fields,
     .help = "A search for the best settings of each model, before the final trials."},
    {"seeds", FIELD_INTS, AT(seeds), .fallback = "[0, 1, 2]", .min = 0, .max = 2147483647,
     .help = "One trial of every model for each seed."},
    {"reference", FIELD_STRING, AT(reference),
     .help = "Name of the model that others are compared with; default: the first."},
    {"published", FIELD_OBJECT, AT(published), .fields = published_fields,
     .help = "Numbers of a paper; reports show ours next to them."},
    {"hypotheses", FIELD_OBJECTS, AT(hypotheses), .fields = hypothesis_fields,
     .element_size = sizeof(struct hypothesis_options),
     .help = "Claims that reports decide on, stated before there are numbers."},
    {"gate", FIELD_OBJECT, AT(gate), .fields = gate_fields,
     .help = "What `liquidbench compare` makes of changes against this experiment's results."},
    {"limits", FIELD_OBJECT, AT(limits), .fields = limit_fields, .help = "Limits of one trial."},
    {0},
};
#undef AT
