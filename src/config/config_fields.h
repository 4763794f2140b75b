/* The objects of a config, as tables of fields; what they fill stands in config/experiment.h. */
#ifndef CONFIG_CONFIG_FIELDS_H
#define CONFIG_CONFIG_FIELDS_H

#include "config/experiment.h"
#include "config/gate.h"

/* The root object of a config, before its models are resolved. */
struct config {
    const char *schema, *name, *description, *reference;
    const cJSON *dataset, *task, *models;
    struct train_options train;
    struct string_list baselines;
    struct evaluate_options evaluate;
    struct match_options match;
    struct variant_options variants;
    struct target_options target;
    struct published_options published;
    struct object_list hypotheses; /* struct hypothesis_options */
    struct gate_options gate;
    struct search_options search;
    struct int_list seeds;
    struct limit_options limits;
};

extern const struct field task_fields[], target_fields[], evaluate_fields[], limit_fields[],
    published_fields[], search_fields[], config_fields[];

#endif
