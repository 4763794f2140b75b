/* A table beside the series, with a row for each of them: outcomes of patients, types of machines. */
#ifndef DATA_PIPELINE_OUTCOMES_H
#define DATA_PIPELINE_OUTCOMES_H

#include "data/pipeline/source.h"

/* Reads the table of options->outcomes and adds those of its columns that the options' inputs or
 * targets name to all rows of the series. A series without a row in it is an error. The file counts
 * as one of the data's. */
bool outcomes_add(const struct dataset_options *options, struct arena *arena,
                  struct sources *sources, struct error *error);

#endif
