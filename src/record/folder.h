/* The results folder of an experiment, prepared for a run. */
#ifndef RECORD_FOLDER_H
#define RECORD_FOLDER_H

#include "config/plan.h"

/* Makes the folder, removes what killed runs left half-written long ago, finds out whether there is
 * room on the disk, and writes experiment.json. Other runs may be at work there. */
bool folder_open(const char *folder, const struct plan *plan, const cJSON *provenance,
                 struct error *error);

#endif
