/* The steps by which dataset.c puts a data set together, one file each: columns.c, whole.c,
 * division.c, window.c, scaling.c, series.c. Rows stay in the tables they were read into until series.c
 * writes them out scaled. shifted_data.c takes the same steps with other rows.
 *
 * A series is found whole (whole.c), then divided into parts, one for each split (division.c). What
 * came before a part is known by the part's place in the whole: baselines look back at it, and with
 * split.context windows do. */
#ifndef DATA_PIPELINE_ASSEMBLY_H
#define DATA_PIPELINE_ASSEMBLY_H

#include "data/pipeline/source.h"

/* One whole series, before it is divided. */
struct whole {
    const struct source *source;
    const char *name;  /* of the series */
    const char *group; /* value of the group column; without one, the file's name */
    size_t first;      /* the table's row where it starts */
    int rows;
    int index;         /* its place among the series of the data set; -1: of other data */
    bool has_training; /* some of its rows are for training */
    bool *left;        /* [rows] whether dataset.drop leaves the row; NULL: all are left */
    const struct series_fit *fit;  /* what its training rows say; NULL: it has none */
    const struct scaling *scaling; /* its own; NULL: the data set's */
    /* The rows that are left, as models see them; its parts are stretches of them. */
    double *time;
    real *x, *present;
};

struct wholes {
    struct whole *items;
    int count;
};

/* Rows of one series that are for one split. Rows are counted from the start of the series. */
struct part {
    struct whole *whole;
    int first, rows; /* what is predicted in it lies in these */
    int lookback;    /* rows before them that windows may see as well */
    size_t drawn;    /* place in the random order of files; 0 when there is none */
};

struct parts {
    struct part *items;
    int count;
};

struct assembly {
    struct sources sources;
    struct wholes wholes;
    struct parts parts[ROLE_COUNT];
};

/* dataset.c: finds the data set's columns in the sources, orders their rows and finds whole series. */
bool assembly_bind(struct assembly *assembly, struct dataset *dataset, struct arena *arena,
                   struct error *error);
void assembly_free(struct assembly *assembly);

/* columns.c: which columns are inputs and targets, and what follows from that: names, I, Y, O. Then
 * where these columns stand in each table, and that they hold what they should. */
bool columns_choose(struct dataset *dataset, const struct table *table, struct arena *arena,
                    struct error *error);
bool columns_bind(const struct dataset *dataset, struct sources *sources, struct arena *arena,
                  struct error *error);

/* columns.c: adds the data set's categories to the tables and to the inputs. */
bool columns_add_categories(struct dataset *dataset, struct sources *sources, struct arena *arena,
                            struct error *error);

/* column_notes.c: says which columns the default inputs leave out or take although they look like time, and
 * the setting that mends it. `taken` [columns]: those that have another part. */
void columns_note(struct dataset *dataset, const struct table *table, const bool *taken,
                  struct arena *arena);

/* column_notes.c: dates that nobody asks for matter all the same when the rows are not in their order. */
void columns_note_disorder(struct dataset *dataset, const struct table *table, struct arena *arena);

/* target_classes.c: the classes are the distinct values of the target in all files; then each source gets
 * its class numbers, an unknown class being an error. */
bool classes_collect(struct dataset *dataset, const struct sources *sources, struct arena *arena,
                     struct error *error);
bool classes_number(const struct dataset *dataset, struct sources *sources, struct error *error);

/* Values of an input or target column. */
const double *input_column(const struct source *source, int input);
const double *target_column(const struct source *source, int target);

/* whole.c: adds whole series, one for each file or group; times must increase. The caller frees the
 * items of all lists, on failure too. */
bool wholes_find(const struct dataset_options *options, const struct sources *sources,
                 struct arena *arena, struct wholes *wholes, struct error *error);

/* whole.c: keeps those of the named groups, or all others. */
void wholes_select(struct wholes *wholes, const struct string_list *groups, bool named);

/* whole.c: how many of the rows from `first` up to `end` are left. */
int rows_left(const struct whole *whole, int first, int end);

/* division.c: the shares of training, validation and test; they sum up to at most 1. */
bool split_shares(const struct split_options *split, double shares[ROLE_COUNT],
                  struct error *error);

/* division.c: a part without rows before it that windows may see; parts_look_back() adds those of
 * split.context. */
void part_add(struct parts *parts, struct whole *whole, int first, int rows);
void parts_look_back(const struct dataset *dataset, struct parts *parts);

/* division.c: the parts of each split. With a random split all of them are in training. */
bool parts_divide(const struct dataset_options *options, const struct wholes *wholes,
                  struct parts parts[ROLE_COUNT], struct arena *arena, struct error *error);

/* division.c: how many of `count` things a share is. */
size_t share_of(double share, size_t count);

/* leaks.c: the same bytes in two splits, as two files, are refused. */
bool leaks_check(const struct dataset_options *options, const struct sources *sources,
                 const struct parts parts[ROLE_COUNT], struct arena *arena, struct error *error);

/* periods.c: by ranges of times; without one for validation, that share of each series' training
 * rows, the last of them. */
bool divide_by_periods(const struct dataset_options *options, double valid_share,
                       const struct wholes *wholes, struct parts parts[ROLE_COUNT],
                       struct error *error);

/* groups.c: by whole groups or files, named or drawn. */
bool divide_by_groups(const struct dataset_options *options, const double shares[ROLE_COUNT],
                      const struct wholes *wholes, struct parts parts[ROLE_COUNT],
                      struct arena *arena, struct error *error);

/* groups.c: every name must be that of a group; "did you mean" otherwise. */
bool check_group(const struct wholes *wholes, const char *name, const char *field,
                 struct error *error);

/* series.c: room for the parts' rows in `split`, and the truth (in the data set's scale as it is
 * now; it may be filled again), and the inputs. */
void series_allocate(const struct dataset *dataset, const struct parts *parts, struct split *split,
                     struct arena *arena);
void series_fill_truth(const struct dataset *dataset, const struct parts *parts,
                       struct split *split);
void series_fill_inputs(const struct dataset *dataset, const struct parts *parts,
                        struct split *split, struct arena *arena);

/* thinning.c: draws which rows dataset.drop leaves: for training, validation and test in this
 * order, file by file as they were drawn, one number for each row that has truth. Rows at the end
 * of a part that a forecast has no truth for are left out too. */
void rows_draw(const struct dataset *dataset, struct parts *parts, int lists, struct arena *arena);

/* window.c: the data set's T, and the windows of its splits, of which each must have one. With
 * `drawn_shares` [ROLE_COUNT] they are drawn for all splits from those of training; NULL: each split has
 * its own. Of `series_count` series, those that are too short for a window are noted. */
bool windows_make(struct dataset *dataset, const double *drawn_shares, int series_count,
                  struct arena *arena, struct error *error);

/* window.c: rows of the longest series; 0 without any. */
int longest_series(const struct split *split);

/* scaling.c: fits scale, means and naive errors on the rows of the parts, of all of them together
 * and of each series; when `covering` is not NULL, only on those that its windows cover. `count` is
 * that of the data set's series. */
bool scaling_fit(struct dataset *dataset, const struct parts *training, int count,
                 const struct split *covering, struct arena *arena, struct error *error);

/* scaling.c: how many rows the first window of a series takes. */
int first_window(const struct dataset *dataset, const struct whole *whole);

/* scaling.c: gives every series what its training rows say about it, and with "scale": "series" a
 * scale of its own: that of its training rows or, where it has none, of its first window. */
void scaling_apply(const struct dataset *dataset, struct wholes *wholes, struct arena *arena);

#endif
