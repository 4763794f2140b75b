/* What an exported model scores on the test data of the trial that it comes from: the engine computes with
 * its rounded weights. The scores go to a file that a report reads:
 *
 *   RESULTS/measurements/STEM-TYPE.json */
#ifndef EXPERIMENT_EXPORT_EXPORT_SCORE_H
#define EXPERIMENT_EXPORT_EXPORT_SCORE_H

#include "experiment/export/export.h"

/* `path` is that of the model, exported before. Prints the scores beside those of float32, and writes the file.
 * The data must stand where `run` found them. */
bool export_score(const struct saved_model *model, const char *path, enum weight_type type,
                  const struct exported *exported, struct error *error);

#endif
