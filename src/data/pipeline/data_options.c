#include "data/pipeline/data_options.h"

#include "data/generators/generator.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *split_methods(size_t position) {
    static const char *const names[] = {"chronological", "random", "files", "groups"};
    return position < COUNT(names) ? names[position] : NULL;
}

static const char *delimiter_name(size_t position) {
    static const char *const names[] = {",", ";", "|", "tab", "space"};
    return position < COUNT(names) ? names[position] : NULL;
}

static const char *header_name(size_t position) {
    static const char *const names[] = {"detect", "yes", "no", "units"};
    return position < COUNT(names) ? names[position] : NULL;
}

static const char *decimal_name(size_t position) {
    static const char *const names[] = {".", ","};
    return position < COUNT(names) ? names[position] : NULL;
}

static const char *thousands_name(size_t position) {
    static const char *const names[] = {",", ".", "'", "space"};
    return position < COUNT(names) ? names[position] : NULL;
}

const char *missing_name(size_t position) {
    static const char *const names[] = {"error", "forward",   "mean",        "zero",
                                        "mask",  "mask_zero", "mask_forward"};
    return position < COUNT(names) ? names[position] : NULL;
}

bool split_has_no_validation(const struct split_options *split) {
    return cJSON_IsNumber(split->valid) && split->valid->valuedouble == 0;
}

bool missing_has_flags(int policy) {
    return policy >= MISSING_MASK;
}

bool missing_is_forward(int policy) {
    return policy == MISSING_FORWARD || policy == MISSING_MASK_FORWARD;
}

double missing_value(int policy, double scale, double offset, double mean) {
    if (policy == MISSING_ZERO)
        return -offset / scale;
    return policy == MISSING_MASK_ZERO || policy == MISSING_MASK_FORWARD ? 0 : mean;
}

static const char *repeats_name(size_t position) {
    static const char *const names[] = {"last", "mean"};
    return position < COUNT(names) ? names[position] : NULL;
}

static const char *scales(size_t position) {
    static const char *const names[] = {"standard", "global", "series", "minmax", "none"};
    return position < COUNT(names) ? names[position] : NULL;
}

const char *dataset_format_name(size_t position) {
    static const char *const names[] = {"long", "wide", "ts"};
    return position < COUNT(names) ? names[position] : NULL;
}

const char *dataset_order_name(size_t position) {
    return position == 0 ? "sort" : NULL;
}

const char *task_type_name(size_t position) {
    static const char *const names[] = {"forecast", "regression", "classification"};
    return position < COUNT(names) ? names[position] : NULL;
}

const char *scored_steps_name(size_t position) {
    static const char *const names[] = {"every", "last", "mean"};
    return position < COUNT(names) ? names[position] : NULL;
}

#define FIELD(structure, member, kind)                                                             \
    .name = #member, .type = kind, .offset = offsetof(struct structure, member)

static const struct field split_fields[] = {
    {FIELD(split_options, method, FIELD_CHOICE), .fallback = "\"chronological\"",
     .choices = split_methods,
     .help = "How rows are divided: in order of time within each series, window by window at "
             "random, file by file, or group by group."},
    {FIELD(split_options, train, FIELD_JSON),
     .help = "Share for training (default: what validation and test leave), a range of times such "
             "as \"..2015-12-31\" (chronological), or a list of file patterns (files) or of groups "
             "(groups)."},
    {FIELD(split_options, valid, FIELD_JSON),
     .help = "The same for validation (default: share 0.15). With lists of files a share is drawn "
             "from the training windows, with ranges of times it is the end of the training "
             "rows. 0: there is none; the last epoch counts, and what is reported as validation is "
             "training windows."},
    {FIELD(split_options, test, FIELD_JSON),
     .help = "The same for the test (default: share 0.15)."},
    {FIELD(split_options, seed, FIELD_INT), .fallback = "0", .min = 0, .max = 2147483647,
     .help = "Seed of random splits; the order is that of NumPy's RandomState(seed)."},
    {FIELD(split_options, context, FIELD_BOOL), .fallback = "false",
     .help = "Let validation and test windows look back across the border, so that their first "
             "row is predicted, too; what they predict stays their own."},
    {.name = NULL},
};

static const struct field outcome_fields[] = {
    {FIELD(outcome_options, csv, FIELD_STRING),
     .help = "The file, in the folder of the others. Columns of it that \"inputs\" or "
             "\"targets\" name are added to all rows of the series."},
    {FIELD(outcome_options, key, FIELD_STRING),
     .help = "Its column that says which series: a value of \"group\", or without one the name of "
             "the file without its ending."},
    {.name = NULL},
};

const struct field dataset_fields[] = {
    {FIELD(dataset_options, name, FIELD_STRING),
     .help = "A built-in data set (`liquidbench data list`), or your own name for your files."},
    {FIELD(dataset_options, csv, FIELD_STRINGS),
     .help = "CSV (also .gz), .ts or .npy files, or patterns such as \"run-*.csv\"; each file is a "
             "series."},
    {FIELD(dataset_options, path, FIELD_STRING),
     .help = "Folder of the files; relative to the config."},
    {FIELD(dataset_options, delimiter, FIELD_CHOICE), .choices = delimiter_name,
     .help = "Separator of fields (default: detected)."},
    {FIELD(dataset_options, header, FIELD_CHOICE), .fallback = "\"detect\"", .choices = header_name,
     .help = "Whether the first line holds column names; \"units\": with a row of units below."},
    {FIELD(dataset_options, format, FIELD_CHOICE), .choices = dataset_format_name,
     .help =
         "How a file holds series: one measurement a row (long), one series a row (wide), as .ts "
         "(default: one time a row, or by the file's name)."},
    {FIELD(dataset_options, variable, FIELD_STRING),
     .help = "With \"long\": the column that names what was measured; its values become columns."},
    {FIELD(dataset_options, value, FIELD_STRING),
     .help = "With \"long\": the column of what was measured."},
    {FIELD(dataset_options, repeats, FIELD_CHOICE), .fallback = "\"last\"", .choices = repeats_name,
     .help = "With \"long\": what counts when a variable is measured twice at one time, the last "
             "value or the mean."},
    {FIELD(dataset_options, time_grid, FIELD_REAL), .fallback = "0", .max = 1e30,
     .help = "With \"long\": times are rounded to multiples of this, in units of the time column "
             "or seconds (0: they are not)."},
    {FIELD(dataset_options, outcomes, FIELD_OBJECT), .fields = outcome_fields,
     .help = "A table with a row for each series, such as the outcomes of patients."},
    {FIELD(dataset_options, decimal, FIELD_CHOICE), .choices = decimal_name,
     .help = "Decimal mark of numbers (default: detected)."},
    {FIELD(dataset_options, thousands, FIELD_CHOICE), .choices = thousands_name,
     .help = "Separator of groups of three digits (default: detected)."},
    {FIELD(dataset_options, comment, FIELD_STRING),
     .help = "What comment lines begin with (default: #, % or // where a file begins so); \"\": "
             "there are none."},
    {FIELD(dataset_options, skip, FIELD_INT), .fallback = "0", .min = 0, .max = 1000000,
     .help = "Lines at the top of each file that are not read."},
    {FIELD(dataset_options, missing_tokens, FIELD_STRINGS),
     .help =
         "Fields that mean a missing value, such as \"-9999\" and \"None\", as well as the empty "
         "one, NA, NaN, null and ?."},
    {FIELD(dataset_options, keep_na, FIELD_BOOL), .fallback = "false",
     .help = "In class labels, groups and categories, NA, null, ? and the like are names; only the "
             "empty field and missing_tokens are missing."},
    {.name = "time",
     .type = FIELD_STRINGS,
     .offset = offsetof(struct dataset_options, times),
     .help =
         "Column of times, as numbers or ISO 8601, or several that make one up: date and clock, "
         "or year, month, day and so on (default: rows are equally spaced)."},
    {FIELD(dataset_options, time_format, FIELD_STRING),
     .help = "How times are written, for strptime(3), as \"%d.%m.%Y %H:%M:%S\"; %f stands for the "
             "digits of a fraction of a second."},
    {FIELD(dataset_options, time_unit, FIELD_REAL), .fallback = "0", .max = 1e30,
     .help = "How much time counts as 1 for the models, in units of the time column or seconds "
             "(0: the median step)."},
    {FIELD(dataset_options, inputs, FIELD_STRINGS),
     .help = "Input columns (default: all numbers but time, group and, unless they are forecast, "
             "the targets)."},
    {FIELD(dataset_options, categorical, FIELD_STRINGS),
     .help = "Columns of text that are inputs, too: a 0/1 input for each text in the "
             "training rows; others are 0 in all of them."},
    {FIELD(dataset_options, targets, FIELD_STRINGS),
     .help = "Columns to predict (default: the inputs, for a forecast)."},
    {FIELD(dataset_options, group, FIELD_STRING),
     .help = "Column whose values tell the series apart; rows of one series need not follow each "
             "other."},
    {FIELD(dataset_options, order, FIELD_CHOICE), .choices = dataset_order_name,
     .help = "\"sort\": sort the rows of each series by time (default: the order of the file)."},
    {FIELD(dataset_options, hold_out, FIELD_STRINGS),
     .help = "Groups (values of \"group\"; without one, file names) that are neither trained nor "
             "tested on; \"groups\" of evaluate.ood tests on them."},
    {FIELD(dataset_options, missing, FIELD_CHOICE), .fallback = "\"error\"",
     .choices = missing_name,
     .help = "Missing inputs: an error, the last value, the training mean, 0, or the training mean "
             "and an extra 0/1 input that says whether it was observed; mask_zero: the same with 0 "
             "after scaling, mask_forward: with the last value, and 0 after scaling before the "
             "first."},
    {FIELD(dataset_options, scale, FIELD_CHOICE), .fallback = "\"standard\"", .choices = scales,
     .help = "Scaling of inputs and real-valued targets, fitted on training rows: to mean 0 and "
             "deviation 1, the same with one mean and deviation for all inputs, the same for each "
             "series "
             "with its own, to 0..1, or none."},
    {FIELD(dataset_options, drop, FIELD_REAL), .fallback = "0", .min = 0, .max = 0.99,
     .help = "Share of all rows that are left out at random, which makes regular data irregular; a "
             "forecast still predicts the row that came next."},
    {FIELD(dataset_options, drop_seed, FIELD_INT), .fallback = "0", .min = 0, .max = 2147483647,
     .help = "Seed of \"drop\"; the draws are those of NumPy's RandomState(seed)."},
    {FIELD(dataset_options, period, FIELD_REAL), .fallback = "0", .max = 1e9,
     .help = "Rows in a season, for the seasonal baseline and MASE (0: none)."},
    {FIELD(dataset_options, split, FIELD_OBJECT), .fields = split_fields,
     .help = "What is for training, for validation and for the test."},
    {FIELD(dataset_options, generator, FIELD_STRING), .choices = generator_name,
     .help = "Generate the data instead of reading files."},
    {FIELD(dataset_options, parameters, FIELD_JSON),
     .help = "Parameters of the generator: a number, or a [low, high] range that each series "
             "draws from."},
    {FIELD(dataset_options, series, FIELD_INT), .fallback = "20", .min = 1, .max = 1000000,
     .help = "How many series to generate."},
    {FIELD(dataset_options, rows, FIELD_INT), .fallback = "500", .min = 2, .max = 100000000,
     .help = "Rows of each generated series."},
    {FIELD(dataset_options, seed, FIELD_INT), .fallback = "0", .min = 0, .max = 2147483647,
     .help = "Seed of the generator."},
    {.name = NULL},
};

bool task_check(const struct task_options *task, struct error *error) {
    if (task->horizon > 1 && task_type_of(task) != TASK_FORECAST)
        return error_set(error,
                         "task.horizon: %d steps ahead make sense for \"forecast\" alone, not for "
                         "\"%s\"; remove it or change task.type",
                         task->horizon, task_name(task));
    if (task->class_weights.count > 0 && task_type_of(task) != TASK_CLASSIFICATION)
        return error_set(error,
                         "task.class_weights: make sense for \"classification\" alone; a "
                         "%s has no classes",
                         task_name(task));
    return true;
}

char delimiter_mark(const struct dataset_options *options) {
    return "\0,;|\t "[options->delimiter];
}

char decimal_mark(const struct dataset_options *options) {
    return "\0.,"[options->decimal];
}

char thousands_mark(const struct dataset_options *options) {
    return "\0,.' "[options->thousands];
}
