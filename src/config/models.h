/* The entries of "models" and "baselines" of a config. */
#ifndef CONFIG_MODELS_H
#define CONFIG_MODELS_H

#include "config/config_fields.h"

/* What an entry of "models" says beside the network's fields and the cell's own. */
extern const struct field model_fields[];

/* Reads every entry of `root`'s "models" and the baselines into `experiment`, whose task is read
 * already. Messages name the entry. */
bool models_read(struct experiment *experiment, const cJSON *root, const struct config *config,
                 struct error *error);

/* The entry with every default filled in. cJSON_Delete() it. */
cJSON *model_resolved(const struct model_plan *model);

/* Whether an entry of "models" has this key whatever its cell. */
bool model_has_field(const char *name);

#endif
