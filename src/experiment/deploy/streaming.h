/* A whole table fed to a trained network row by row, series after series. */
#ifndef EXPERIMENT_DEPLOY_STREAMING_H
#define EXPERIMENT_DEPLOY_STREAMING_H

#include "data/formats/table.h"
#include "experiment/deploy/library.h"

struct streaming {
    struct liquidbench_stream own;
    const struct table *table;
    size_t *columns;    /* [model->columns] positions in the table */
    size_t time, group; /* likewise, where the model has them */
    size_t *order;      /* [rows] in which rows are fed: series after series; NULL: as they are */
    size_t step;        /* how many rows have been fed */
    size_t row;         /* the one that comes now */
    double *inputs;     /* [columns] of it */
    size_t silent;      /* rows of the series that still come before the end of its first window */
};

/* Finds the model's columns in the table, which must stay. */
bool streaming_start(struct streaming *streaming, const struct saved_model *model,
                     const struct table *table, struct arena *arena, struct error *error);

/* Feeds the next row, and says which one it is: rows of one series follow each other, though they
 * may be mixed with others in the table. values [outputs]: predictions in units of the data, the
 * targets of the first step ahead first; or a probability for each class. NaN before the first
 * observation of a series and, where the series is scaled by its first window, before the last row
 * of that. Call it table->rows times. */
bool streaming_next(struct streaming *streaming, double *values, size_t *row, struct error *error);

#endif
