/* Built-in data sets: generators, and cards in datasets/cards/<name>.json.
 *
 * A card says where data comes from and how it is used:
 *   {"title", "source", "licence", "citation", "description", "dataset": {...}, "task": {...}}
 * A config that names it gets its "dataset" and "task" as defaults. Cards are looked for in
 * $LIQUIDBENCH_DATASETS, ./datasets, <folder of the program>/datasets and
 * <folder of the program>/../share/liquidbench/datasets. */
#ifndef DATA_CATALOGUE_CARD_H
#define DATA_CATALOGUE_CARD_H

#include "base/fields.h"

/* Names of all built-in data sets: generators in their order, then cards sorted by name. */
struct string_list dataset_names(struct arena *arena);

/* The card of that name; for a generator one made up from it. cJSON_Delete() it. NULL with an error
 * that suggests the nearest name. */
cJSON *card_load(const char *name, struct error *error);

/* The card's file, or NULL for a generator and what is unknown. */
const char *card_path(const char *name, struct arena *arena);

/* Merges the "dataset" object of a config over that of the card which its "name" refers to (RFC
 * 7396); an object with "csv", "generator" or, under a name that is not built in, lists of files
 * needs no card. The result has a "path" for files: a config's is relative to its folder; files
 * that are not shipped are expected in $LIQUIDBENCH_DATA/<name> or datasets/cache/<name>. NULL on
 * error; cJSON_Delete() it. */
cJSON *dataset_resolve(const cJSON *dataset, const char *config_directory, struct error *error);

/* Merges the "task" object of a config (may be NULL) over that of the card or generator which the
 * config's "dataset" refers to. NULL on error; cJSON_Delete() it. */
cJSON *task_resolve(const cJSON *task, const cJSON *dataset, struct error *error);

#endif
