/* A small network and data for it, with irregular times and gaps: for tests of passes. */
#ifndef SUPPORT_TRAINING_CASE_H
#define SUPPORT_TRAINING_CASE_H

#include "data/pipeline/dataset.h"
#include "model/network.h"
#include "train/train_options.h"

struct training_case {
    struct arena arena;
    struct dataset *dataset;
    struct network network;
    real *params;   /* initial ones */
    cJSON *options; /* texts that training options point into */
};

/* From a model config such as {"cell": "ltc", "hidden": 7}, for `windows` windows of T = `window`.
 */
bool training_case_create(struct training_case *test, const char *model, int windows, int window,
                          struct error *error);
void training_case_free(struct training_case *test);

/* Training options from their JSON, which must be right; they last as long as the case. */
struct train_options training_options(struct training_case *test, const char *json);

#endif
