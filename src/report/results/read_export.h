/* Measurements of exported models: files that `export --score` and an exported program's --bench write. */
#ifndef REPORT_RESULTS_READ_EXPORT_H
#define REPORT_RESULTS_READ_EXPORT_H

#include "base/json.h"
#include "report/results/results.h"

/* The file, whose "trial" names a record; NULL: the error says why it is no measurement. cJSON_Delete() it. */
cJSON *export_measurement_load(const char *path, struct error *error);

/* Adds it to its trial; `file`: its name without ".json". */
void export_measurement_add(struct trial *trial, const char *file, const cJSON *json,
                            struct arena *arena);

#endif
