/* What a config says about data and task: its "dataset" and "task" objects. */
#ifndef DATA_PIPELINE_DATA_OPTIONS_H
#define DATA_PIPELINE_DATA_OPTIONS_H

#include "base/fields.h"

/* Choices of a config, in the order of their names; they count from 1, as FIELD_CHOICE does. */
enum split_method { SPLIT_CHRONOLOGICAL = 1, SPLIT_RANDOM, SPLIT_FILES, SPLIT_GROUPS };
enum missing_policy {
    MISSING_ERROR = 1,
    MISSING_FORWARD,
    MISSING_MEAN,
    MISSING_ZERO,
    MISSING_MASK,
    MISSING_MASK_ZERO,
    MISSING_MASK_FORWARD
};
enum scale_method { SCALE_STANDARD = 1, SCALE_GLOBAL, SCALE_SERIES, SCALE_MINMAX, SCALE_NONE };
enum dataset_format { FORMAT_LONG = 1, FORMAT_WIDE, FORMAT_TS };
enum scored_steps { SCORE_EVERY = 1, SCORE_LAST, SCORE_MEAN };

enum task_type { TASK_FORECAST, TASK_REGRESSION, TASK_CLASSIFICATION };

struct split_options {
    int method;                        /* enum split_method */
    const cJSON *train, *valid, *test; /* a share, a range of times, a list of patterns or groups */
    int seed;                          /* of "random", and of shares with "files" and "groups" */
    bool context; /* validation and test windows may begin before their split does */
};

/* Choices of "repeats". */
enum repeats { REPEATS_LAST = 1, REPEATS_MEAN };

/* A table of one row for each series, whose columns are added to all rows of the series. */
struct outcome_options {
    const char *csv; /* relative to dataset.path; NULL: there is none */
    const char *key; /* column that names the series: its group, or its file without the ending */
};

struct dataset_options {
    const char *name;       /* a built-in data set or a card, or the user's own name for a CSV */
    struct string_list csv; /* files or glob patterns, relative to `path` */
    const char *path;       /* folder of the files */
    int delimiter;          /* see delimiter_mark() */
    int header;             /* 1 + enum csv_header; 0: detect */
    int format;             /* enum dataset_format; 0: by the file's name, or a table */
    const char *variable;   /* "long": column of the names of variables, */
    const char *value;      /* and that of their values */
    int repeats;      /* "long": enum repeats: what a variable that is measured twice at once is */
    double time_grid; /* "long": times are rounded to multiples of this; 0: they are not */
    struct outcome_options outcomes;
    int decimal;         /* see decimal_mark() */
    int thousands;       /* see thousands_mark() */
    const char *comment; /* what comment lines begin with; NULL: detect; "": there are none */
    int skip;            /* lines at the top of files that are not read */
    struct string_list missing_tokens; /* beside the empty field, NA, NaN, null, ? and the like */
    bool keep_na;                      /* NA and the like are names in columns of text */
    struct string_list times; /* column of times, or several that make one up; empty: equally
                                 spaced rows */
    const char *time; /* the column that is made of them: options_by_format() sets it; or NULL */
    const char *time_format;   /* of strptime(3); NULL: ISO 8601 or numbers */
    double time_unit;          /* in units of the time column; 0: the median step */
    struct string_list inputs; /* column names; empty: all numbers but time, group and, unless it is
                                  a forecast, the targets */
    struct string_list categorical; /* columns of text whose categories are further inputs */
    struct string_list targets;     /* column names; empty: the inputs (forecast only) */
    const char *group; /* column whose values tell the series apart; NULL: one series a file */
    bool has_classes;  /* the targets are classes: options_by_format() sets it */
    struct string_list hold_out; /* groups (files, without `group`) kept for shifts */
    int missing;                 /* enum missing_policy */
    int scale;                   /* enum scale_method; of inputs and real-valued targets */
    int order;     /* 1, "sort": rows are sorted by group and time; 0: as in the file */
    double drop;   /* share of the rows that are left out at random */
    int drop_seed; /* of these draws */
    double period; /* steps in a season, for the seasonal baseline; 0: none */
    struct split_options split;
    const char *generator;   /* name of a generator; NULL: files */
    const cJSON *parameters; /* of the generator: a number or a [low, high] range each */
    int series;              /* generator: how many series */
    int rows;                /* generator: rows of each */
    int seed;                /* generator */
};

struct task_options {
    int type; /* 1 + enum task_type */
    int at; /* enum scored_steps: every step of a window, only its last, or that by the mean of the
               readouts of all its steps */
    int normalize; /* how networks normalise each window by itself: 2 + position in its table; 0, 1: not */
    int window;      /* T: steps of a window; 0: each series is one window */
    int stride;      /* rows between the starts of training windows */
    int test_stride; /* of validation and test windows; 0: as stride */
    int tail;        /* rows at the end of a series that no window reaches */
    int horizon;     /* forecast: how many steps ahead; each is an output */
    int loss;        /* 1 + position in the table of losses; 0: the usual one of the type */
    struct real_list class_weights; /* empty: all 1 */
    bool allow_target_input;        /* a target at the same step may be among the inputs */
};

extern const struct field dataset_fields[];

/* Whether the config says that there is no validation. */
bool split_has_no_validation(const struct split_options *split);

/* The characters that the choices mean; 0: detect. */
char delimiter_mark(const struct dataset_options *options);
char decimal_mark(const struct dataset_options *options);
char thousands_mark(const struct dataset_options *options);

const char *missing_name(size_t position);
const char *dataset_format_name(size_t position);
const char *dataset_order_name(size_t position);

/* Of an enum missing_policy: whether an input says what was observed, whether the last value stands
 * for a missing one, and what else does, in scaled units (`mean` is that of training). */
bool missing_has_flags(int policy);
bool missing_is_forward(int policy);
double missing_value(int policy, double scale, double offset, double mean);
const char *task_type_name(size_t position);
const char *scored_steps_name(size_t position);

static inline enum task_type task_type_of(const struct task_options *task) {
    return (enum task_type)(task->type - 1);
}

/* Its name in a config. */
static inline const char *task_name(const struct task_options *task) {
    return task_type_name((size_t)task_type_of(task));
}

/* Whether what the task says fits its type. */
bool task_check(const struct task_options *task, struct error *error);

#endif
