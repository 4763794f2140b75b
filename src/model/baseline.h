/* Trivial baselines that every report shows: a neural model that does not beat them is not worth
 * its parameters. One file each in model/baselines/, one line in the table of baseline.c. */
#ifndef MODEL_BASELINE_H
#define MODEL_BASELINE_H

#include "base/suggest.h"
#include "data/pipeline/batch.h"

struct recursive; /* model/baselines/recursive.h */

struct baseline {
    const struct baseline_type *type;
    const struct dataset *dataset;
    void *fitted;
    size_t parameters; /* fitted numbers */
};

struct baseline_type {
    const char *name, *title;
    bool (*applies)(const struct dataset *dataset);
    /* What it leaves out of this data, in a sentence, or NULL. The function may be NULL. */
    const char *(*note)(const struct dataset *dataset, struct arena *arena);
    bool (*fit)(struct baseline *baseline, struct arena *arena, struct error *error);
    /* out [T][B][O], in scaled units; for classes, a score each. */
    void (*predict)(const struct baseline *baseline, const struct batch *batch, real *out);
    /* The fitted baseline as one that goes on learning; NULL: it has nothing to learn. */
    struct recursive *(*learner)(const struct baseline *baseline, struct arena *arena);
};

const struct baseline_type *baseline_find(const char *name); /* NULL when unknown */
const struct baseline_type *baseline_at(size_t position);
const char *baseline_name(size_t position); /* NULL after the last */

#endif
