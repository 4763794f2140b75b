/* A trained network as one C99 file and its header, for boards and programs without liquidbench.
 *
 * The files are put together from the texts of device/: the library's definitions that are used, the
 * step of the cell (device/cells/<cell>.c), what stands around it (bare, mixed memory, a residual
 * block), the network and perhaps a main program. They are plain C; what differs between models
 * comes as macros (OPTION_... for each of the cell's options), tables of weights and initialisers
 * that are written here. Struct members have the names of the tensors, so that a cell needs no code
 * of its own here, but for a line in stored.c where a tensor is not stored as it is. */
#ifndef EXPERIMENT_EXPORT_EXPORT_H
#define EXPERIMENT_EXPORT_EXPORT_H

#include "experiment/deploy/saved_model.h"
#include "experiment/export/stored.h"

/* What both files begin with. */
#define EXPORTED_MARK "/* Written by liquidbench "

struct export_options {
    enum weight_type type;
    const char *prefix; /* of the public names: "model" */
    const char *header; /* name of the header as the file includes it */
    bool has_main;
    const char *series; /* whose scaling is used, of a model that scales each series; or NULL */
    const char *notes;  /* further lines of the comment at the top: scores, data, config; or NULL */
};

struct exported {
    char *source, *header; /* texts in the model's arena */
    size_t weight_bytes;   /* of all constants that hold parameters */
    size_t state_bytes;    /* of a stream's state where a double is 8 bytes */
};

/* Whether a cell can be exported; an error says why not. */
bool export_knows(const struct cell_type *cell, struct error *error);

/* Rounds the model's parameters to the type on the way: from then on the engine computes what the
 * exported file does. */
bool export_model(struct saved_model *model, const struct export_options *options,
                  struct exported *exported, struct error *error);

#endif
