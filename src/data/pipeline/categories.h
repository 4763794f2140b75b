/* Columns of text as inputs: one 0/1 column "site=north" for each text that the training rows have
 * (one-hot). A text that they do not have is 0 in all of them; a missing one is missing in all. */
#ifndef DATA_PIPELINE_CATEGORIES_H
#define DATA_PIPELINE_CATEGORIES_H

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>

struct table;

struct category {
    const char *column, *text;
};

struct categories {
    struct category *items;
    size_t count;
};

/* Adds the text of rows first .. first+rows-1 of the column that are new. At most MAX_CATEGORIES.
 */
bool categories_collect(struct categories *categories, const struct table *table,
                        const char *column, size_t first, size_t rows, struct arena *arena,
                        struct error *error);

/* Sorts those from position `first` on as text, so that the order of rows does not matter. */
void categories_sort(struct categories *categories, size_t first);

const char *category_name(const struct category *category, struct arena *arena);

/* Adds the 0/1 columns to the table. */
bool categories_expand(const struct categories *categories, struct table *table,
                       struct error *error);

#endif
