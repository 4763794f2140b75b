/* What the comment at the top of an exported file says of the model: where it comes from, its
 * configuration, and from the results folder around it its data and scores. */
#ifndef EXPERIMENT_EXPORT_EXPORT_NOTES_H
#define EXPERIMENT_EXPORT_EXPORT_NOTES_H

#include "experiment/deploy/saved_model.h"

/* The trial's record in the results folder that the model's file is in; NULL: it is in none. cJSON_Delete()
 * it. */
cJSON *export_trial_record(const struct saved_model *model, const char *path, struct arena *arena);

/* RESULTS/models/STEM.safetensors -> RESULTS */
const char *export_results_folder(const char *path, struct arena *arena);

/* Lines of text, in the arena. */
const char *export_notes(const struct saved_model *model, const char *path, struct arena *arena);

#endif
