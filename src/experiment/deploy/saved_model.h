/* Trained networks as files that need no other.
 *
 * The tensors have the names of the reference implementations; the metadata says what network they
 * belong to and how data becomes its inputs and its outputs become data again: columns, scaling,
 * missing values, time, classes. `liquidbench predict` needs nothing else. */
#ifndef EXPERIMENT_DEPLOY_SAVED_MODEL_H
#define EXPERIMENT_DEPLOY_SAVED_MODEL_H

#include "data/pipeline/dataset.h"
#include "model/network.h"

struct saved_model {
    struct network network;
    real *params;
    const char *trial,
        *config; /* where it comes from: names of the run's trial, its config as JSON */
    enum task_type task;
    int horizon;
    /* Columns of the data in the order of the inputs; `flags` more inputs say which of them were
     * observed. data units = scaled * scale + offset; `mean`, scaled, stands in for what is
     * missing: the training mean, or 0 in data units. */
    int columns, flags;
    const char **column_names;
    double *scale, *offset, *mean;
    int targets;
    const char **target_names;
    double *target_scale, *target_offset;
    int classes; /* 0 unless it classifies */
    const char **class_names;
    int missing;      /* enum missing_policy */
    const char *time; /* column of times, or NULL: equally spaced rows */
    double time_unit;
    const char *group; /* column that tells series apart, or NULL */
    int order;         /* 1: rows are taken in the order of their times; as in dataset_options */
    /* With "scale": "series", the series of the training data, each with its own scaling; any other
     * series is scaled by its first `window` rows. */
    bool scales_series;
    int known_count, window;
    const char **known_names, **known_groups;           /* [known_count] */
    double *known_scale, *known_offset, *known_missing; /* [known_count][columns] */
    int *target_input;                                  /* [targets] that is the target, or -1 */
    int format;                                         /* as in dataset_options */
    const char *variable, *value;                       /* likewise */
    struct dataset_options reading;                     /* how its files are read */
    struct categories categories; /* columns that are made of columns of text */
    bool has_dates;               /* the times it was trained on were dates, not numbers */
    struct arena arena;
};

/* Whole or not at all. `config` is the model's resolved config, `trial` names its origin. */
bool saved_model_write(const char *path, const struct network *network, const real *params,
                       const struct dataset *dataset, const cJSON *config, const char *trial,
                       struct error *error);

/* Call saved_model_free() in any case. */
bool saved_model_read(struct saved_model *model, const char *path, struct error *error);

/* The name of output k: "a class", "COLUMN+1" of a forecast's first step ahead, "COLUMN". */
void saved_model_output_name(const struct saved_model *model, int k, char name[256]);

/* Reads data with these fields of "dataset" instead of those of the training: how text is written,
 * as "decimal" and "delimiter"; other fields are refused. */
bool saved_model_read_as(struct saved_model *model, const cJSON *settings, struct error *error);
void saved_model_free(struct saved_model *model);

#endif
