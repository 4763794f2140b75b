/* The steps by which dataset.c puts a data set together, one file each: columns.c, division.c,
 * scaling.c, series.c. Rows stay in the tables they were read into until series.c writes them out
 * scaled. */
#ifndef DATA_ASSEMBLY_H
#define DATA_ASSEMBLY_H

#include "data/source.h"

/* Rows of one series that are for one split. */
struct part {
    const struct source *source;
    const char *name;  /* of the series */
    const char *group; /* value of the group column; without one, the file's name */
    size_t origin;     /* the table's row where the whole series starts */
    size_t first;      /* the table's row where this part starts */
    int rows;
    size_t drawn; /* place in the random order of files; 0 when there is none */
    bool *left;   /* [rows] whether the row is left by dataset.drop; NULL: all are */
};

struct parts {
    struct part *items;
    int count;
};

/* columns.c: which columns are inputs and targets, and what follows from that: names, I, Y, O. Then
 * where these columns stand in each table, and that they hold what they should. */
bool columns_choose(struct dataset *dataset, const struct table *table, struct arena *arena,
                    struct error *error);
bool columns_bind(const struct dataset *dataset, struct sources *sources, struct arena *arena,
                  struct error *error);

/* columns.c: the classes are the distinct values of the target in all files; then each source gets
 * its class numbers, an unknown class being an error. */
bool classes_collect(struct dataset *dataset, const struct sources *sources, struct arena *arena,
                     struct error *error);
bool classes_number(const struct dataset *dataset, struct sources *sources, struct error *error);

/* Values of an input or target column. */
const double *input_column(const struct source *source, int input);
const double *target_column(const struct source *source, int target);

/* division.c: adds whole series, one for each file or group; times must increase. The caller frees
 * the items of all lists of parts, on failure too. */
bool series_find(const struct dataset_options *options, const struct sources *sources,
                 struct arena *arena, struct parts *series, struct error *error);

/* division.c: keeps those of the named groups, or all others. */
void parts_select(struct parts *parts, const struct string_list *groups, bool named);

/* division.c: the shares of training, validation and test; they sum up to at most 1. */
bool split_shares(const struct split_options *split, double shares[ROLE_COUNT],
                  struct error *error);

/* division.c: the parts of each split. With a random split all of them are in training. */
bool parts_divide(const struct split_options *split, const struct parts *series,
                  struct parts parts[ROLE_COUNT], struct arena *arena, struct error *error);

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

/* thinning.c: leaves the drawn rows of series that hold all of them; times and truth stay theirs.
 */
void series_thin(const struct dataset *dataset, const struct parts *parts, struct split *split);

/* scaling.c: fits scale, means and the naive error on the rows of the parts; when `covering` is not
 * NULL, only on those that its windows cover. */
bool scaling_fit(struct dataset *dataset, const struct parts *training,
                 const struct split *covering, struct arena *arena, struct error *error);

#endif
