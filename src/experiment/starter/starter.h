/* A first config for a CSV file: it runs unedited within a budget of time, and answers which kind of
 * model is best on the data. What it takes the columns for is in data/pipeline/roles.h. */
#ifndef EXPERIMENT_STARTER_STARTER_H
#define EXPERIMENT_STARTER_STARTER_H

#include "base/arena.h"
#include "base/error.h"
#include "base/fields.h"

#include <cjson/cJSON.h>

enum { STARTER_SECONDS = 120 }; /* the budget where nobody says another */

struct starter_request {
    const char *name;     /* of the experiment */
    const char *csv;      /* the file, as the caller sees it */
    const cJSON *reading; /* how to read it: fields of "dataset", which the config gets; or NULL */
    const char *config_path;    /* where the config will stand: paths in it are relative to that */
    struct string_list targets; /* columns to predict; empty: chosen */
    double seconds;             /* budget of the run on this machine */
};

struct starter {
    cJSON *config;       /* cJSON_Delete() it */
    const char *summary; /* lines that say what was taken for what, and why */
    double seconds;      /* estimate of the run */
};

bool starter_make(const struct starter_request *request, struct starter *starter,
                  struct arena *arena, struct error *error);

#endif
