/* Where rows come from: the files that a config names, or the series that a generator makes. */
#ifndef DATA_PIPELINE_SOURCE_H
#define DATA_PIPELINE_SOURCE_H

#include "data/formats/table.h"
#include "data/generators/generator.h"
#include "data/pipeline/dataset.h"
#include "data/splits/ordering.h"

/* What the rows are for; the order is that of the splits in this folder's arrays. */
enum role { ROLE_TRAIN, ROLE_VALID, ROLE_TEST, ROLE_COUNT, ROLE_ANY = ROLE_COUNT };

struct source {
    const char *name; /* file name, or "series 1" */
    enum role role;   /* ROLE_ANY: still to be divided */
    struct table table;
    size_t *inputs, *targets; /* positions of these columns in the table */
    size_t time, group;       /* likewise, where the data set has them */
    const size_t *order;      /* [rows] each row's place in the file; NULL: the same */
    double *classes;          /* [rows] class numbers of the target; malloc'd; NULL: not classes */
};

struct sources {
    struct source *items;
    size_t count;
    struct data_file *files;
    size_t file_count;
    char sha256[SHA256_TEXT]; /* of everything in them, in order */
};

/* Reads the files or generates the series of the options. Free with sources_free(); names live in
 * the arena. */
bool sources_load(const struct dataset_options *options, struct arena *arena,
                  struct sources *sources, struct error *error);

/* The same for one list of file patterns, sorted by name, or for `count` series with these
 * parameters. `purpose` separates random streams. */
bool sources_read(const struct dataset_options *options, const struct string_list *patterns,
                  enum role role, struct arena *arena, struct sources *sources,
                  struct error *error);
bool sources_generate(const struct dataset_options *options, const cJSON *parameters, int count,
                      const char *purpose, struct arena *arena, struct sources *sources,
                      struct error *error);

/* Adds a file to the data's; its name lives as long as the caller keeps it. */
bool sources_add_file(struct sources *sources, const char *path, struct error *error);

/* `count` series of options->rows rows whose parameters drift. */
bool sources_generate_drifting(const struct dataset_options *options,
                               const struct generator_drift *drift, int count, const char *purpose,
                               struct arena *arena, struct sources *sources, struct error *error);

/* The options with the name of the column of times, whether the targets are classes (`task` is its
 * type), and what a format of one series a row implies: its columns of series and labels. */
const struct dataset_options *options_by_format(const struct dataset_options *options,
                                                const char *task, struct arena *arena);

/* Reads one CSV (also with gzip), .ts, .npy, .npz or IDX file with the options' dialect and "format",
 * as a table with one time of one series a row. */
bool table_read(const struct dataset_options *options, const char *path, struct table *table,
                struct error *error);

/* The place in the file of a row of the source's table. */
size_t source_row(const struct source *source, size_t row);

void sources_free(struct sources *sources);

/* What a config says about one role: a share, a list or a range; NULL: nothing. */
const cJSON *split_part(const struct split_options *split, enum role role);

extern const char *const role_names[ROLE_COUNT]; /* "train", "valid", "test" */

/* Whether splits are file patterns, or ranges of times, rather than shares. */
bool split_has_patterns(const struct split_options *split);
bool split_has_periods(const struct split_options *split);

#endif
