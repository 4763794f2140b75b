/* The settings that a search draws, put into configs. */
#ifndef EXPERIMENT_SEARCH_SEARCH_SETTINGS_H
#define EXPERIMENT_SEARCH_SEARCH_SETTINGS_H

#include "experiment/search/search.h"

/* {"train.learning_rate": 0.1} over a model: {"train": {"learning_rate": 0.1}}. */
void apply_settings(cJSON *model, const cJSON *settings);

/* The config with the settings of candidate choice[m] in each model m. cJSON_Delete() it. */
cJSON *config_with(const struct search *search, const size_t *choice);

#endif
