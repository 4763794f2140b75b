/* What `liquidbench list` knows. */
#ifndef CLI_LIST_TOPICS_H
#define CLI_LIST_TOPICS_H

#include "base/error.h"

#include <cjson/cJSON.h>

/* Each topic makes an array of objects, which is printed as JSON or as lines of text. */
struct list_topic {
    const char *name;
    void (*list)(cJSON *list);
    bool (*read)(cJSON *list, struct error *error); /* in its place, from files */
};

const struct list_topic *list_topic_at(size_t position); /* NULL after the last */

/* list_config.c: a field of a config each, read off its schema: {"name", "cell" of an option that is only
 * its own, "type", "default", "help"}. */
void list_config(cJSON *list);

/* Prints such a list: a line a field, so that grep finds all there is to know; or tables. */
void print_fields(const cJSON *list);
void print_fields_as_markdown(const cJSON *list);

#endif
