/* Where a number comes from: program, machine, libraries and data. */
#ifndef EXPERIMENT_TRIAL_PROVENANCE_H
#define EXPERIMENT_TRIAL_PROVENANCE_H

#include "data/pipeline/dataset.h"

#include <cjson/cJSON.h>

/* {"version", "commit", "compiler", "isa", "cpu", "system", "libraries": {...},
 *  "data": [{"path", "sha256"}], "data_sha256"}. cJSON_Delete() it. */
cJSON *provenance(const struct dataset *dataset);

/* The processor's name as the system has it, with family and model on x86, or "unknown". */
void cpu_model(char *model, size_t size);

#endif
