/* A data set ready for training: series, splits, scaled windows.
 *
 * Everything numeric below is in scaled units (scaling is fitted on training rows alone), and a NaN
 * in y means "not scored here": ends of series, missing targets, padding, all but the last step of
 * a window when the task asks for the last one only. */
#ifndef DATA_PIPELINE_DATASET_H
#define DATA_PIPELINE_DATASET_H

#include "base/file.h"
#include "base/notes.h"
#include "data/pipeline/categories.h"
#include "data/pipeline/data_options.h"
#include "math/real.h"

/* Numbers beyond it are refused: they have to fit into single precision, with room for squares of differences. */
#define LARGEST_VALUE 1e15

/* data units = scaled * scale + offset */
struct scaling {
    double *input_scale, *input_offset;   /* [I] */
    double *input_missing;                /* [I] what replaces a missing value, in scaled units */
    double *target_scale, *target_offset; /* [targets] */
};

/* What the training rows of one series say about it. */
struct series_fit {
    const char *name, *group;
    struct scaling *scaling; /* of this series alone; NULL unless dataset.scale is "series" */
    double *naive_error;     /* [targets] mean |y_t - y_(t-m)|, data units; NaN: not defined */
};

/* The rows of a series that come before those of a split, whatever split they are in. */
struct series_past {
    int rows;
    const double *time;  /* [rows] */
    const real *x;       /* [rows][I] */
    const real *present; /* [rows]; NULL: all present */
};

/* All rows of a series, and which of them a part of it has. */
struct series_rows {
    int count;
    const double *time; /* [count] in time units since the origin */
    const int *place;   /* [rows of the part] */
};

struct series {
    const char *name; /* file, group or number */
    int rows;
    double *time;                  /* [rows] in time units since the origin */
    const struct series_rows *all; /* before dataset.drop left rows out; NULL: none was */
    double origin;                 /* the time column's value there; 0 without such a column */
    real *x;                       /* [rows][I] */
    real *y;                       /* [rows][Y] */
    real *present; /* [rows] 1, or 0 where the whole observation is missing; NULL: all present */
    struct series_past history;
    const struct series_fit *fit;  /* NULL: it has no training rows */
    const struct scaling *scaling; /* of this series alone; NULL: the data set's */
};

struct window {
    int series, start, length; /* rows start .. start+length-1 of the series */
};

/* What is trained on, validated on or tested on. */
struct split {
    struct series *series;
    int series_count;
    struct window *windows;
    size_t window_count;
};

struct data_file {
    const char *path;
    char sha256[SHA256_TEXT];
};

struct dataset {
    const char *name;
    enum task_type task;
    bool has_no_validation; /* `valid` is training windows, and the last epoch's weights count */
    bool last_only;         /* task.at is not "every": only a window's last step is scored */
    int window;             /* T: the longest window */
    int inputs;             /* I, with the observed flags */
    int flags;   /* the last `flags` inputs say 1/0 whether the first `flags` ones were observed */
    int targets; /* target columns */
    int horizon; /* forecast steps; 1 otherwise */
    int width;   /* Y: numbers of truth per step: targets * horizon (horizon-major), or 1 class */
    int outputs; /* O: numbers a model puts out per step: Y, or one score per class */
    const char **input_names;           /* [I] */
    struct categories categories;       /* the last of the I - flags inputs are these */
    const char **target_names;          /* [targets] */
    const char **class_names;           /* [O] for classification, else NULL */
    int *target_input;                  /* [targets] the input column that is this target, or -1 */
    double *input_scale, *input_offset; /* [I]: data units = scaled * scale + offset */
    double *target_scale, *target_offset; /* [targets] likewise; 1 and 0 for classes */
    double *input_mean, *input_std;       /* [I] of training rows, in scaled units */
    double *input_missing;                /* [I] what replaces a missing value, in scaled units */
    size_t *input_gaps;                   /* [I] training rows without a value, before filling */
    size_t gaps, cells;  /* of all splits: values of inputs that are missing, and all of them */
    double *naive_error; /* [targets] mean |y_t - y_(t-m)| in training, data units, for MASE: of all
                            series together; NaN: not defined */
    struct series_fit *fits; /* [fit_count] for each series of the files; name NULL: no training */
    int fit_count;
    int period; /* m: rows in a season, or 1 */
    bool has_period;
    double time_unit;
    bool has_dates; /* times are seconds since 1970, read from dates */
    struct split train, valid, test;
    struct data_file *files;
    size_t file_count;
    char sha256[SHA256_TEXT]; /* of the data as loaded: files, or generated numbers */
    struct notes notes;       /* for the user, from reading to windows; the command prints them */
    const struct dataset_options *options;
    const struct task_options *task_options;
};

/* Loads or generates, splits, imputes, scales and windows. Everything lives in the arena, and so
 * must the options. Each split is sure to have at least one window. */
bool dataset_load(struct dataset *dataset, const struct dataset_options *options,
                  const struct task_options *task, struct arena *arena, struct error *error);

/* A further split of the same shape and scaling from elsewhere: other generator parameters
 * (`parameters` merged over the training ones; as many series as the test has) or other files. For
 * out-of-distribution tests. */
bool dataset_load_shifted(const struct dataset *dataset, const cJSON *parameters,
                          const struct string_list *files, struct arena *arena, struct split *split,
                          struct error *error);

/* The same with the data set's own rows that training does not see: the groups held out (`groups`,
 * all of them in dataset.hold_out), or of every series the rows from share `from` to share `to`
 * (with `groups` NULL; a chronological split, and not before the test). */
bool dataset_load_rest(const struct dataset *dataset, const struct string_list *groups, double from,
                       double to, struct arena *arena, struct split *split, struct error *error);

/* The same with generated series, options->rows long, whose parameters drift; `purpose` separates
 * random streams. */
struct generator_drift;
bool dataset_load_drifting(const struct dataset *dataset, const struct generator_drift *drift,
                           int count, const char *purpose, struct arena *arena, struct split *split,
                           struct error *error);

/* How the numbers of a series are scaled: by its own scale or the data set's. */
struct scaling series_scaling(const struct dataset *dataset, const struct series *series);

/* The time, in time units since the series' origin, so many rows of the file after one of its rows; beyond the
 * last row, times go on as they did there. */
double series_time(const struct series *series, int row, int ahead);

/* How many rows a series has beyond its last window, at least: the horizon of a forecast, but for
 * rows that dataset.drop leaves, which all have their truth; and task.tail. */
int rows_ahead(const struct dataset *dataset);

/* Rows from one window to the next in validation and test. */
int test_stride(const struct dataset *dataset);

/* Windows of `length` rows (0: whole series) every `stride` rows over the split's series; only
 * windows that have something to score. A window starts at 0, stride, 2 stride, ... as long as its
 * rows, and for a forecast the `horizon` rows after them, lie within the series:
 * start + length + horizon <= rows (see rows_ahead). None is longer than the data set's T. */
void split_make_windows(struct split *split, const struct dataset *dataset, int length, int stride,
                        struct arena *arena);

/* Deep copy of the series, so that a perturbation can change them; windows are shared. In the copy
 * `present` is never NULL. */
struct split split_copy(const struct split *split, const struct dataset *dataset,
                        struct arena *arena);

/* Likewise, with every window a series of its own, so that each can be changed by itself. Time and
 * truth are shared with the original; what came before a window is its history. */
struct split split_cut(const struct split *split, const struct dataset *dataset,
                       struct arena *arena);

#endif
