/* The order of a table's rows: those of one group lie one after the other, in the order of the file
 * or, when asked for, of time. */
#ifndef DATA_SPLITS_ORDERING_H
#define DATA_SPLITS_ORDERING_H

#include "data/formats/table.h"

/* Whether two rows are of one group; rows without a group are of one, too. */
bool same_group(const struct column *group, size_t row, size_t other);

/* What a row's group is called: its text, the number, or "missing". */
const char *group_text(const struct column *group, size_t row, struct arena *arena);

/* Where each row comes from: row i of the ordered table is order[i] of this one. Groups come in the
 * order of their first rows. Columns may be NULL: no groups; rows stay in the order of the file.
 * NULL: the rows are in order as they are. *comes_back, where given, is the first row of a group
 * that comes back after a different group, or the number of rows. */
size_t *table_order(const struct table *table, const struct column *group,
                    const struct column *time, size_t *comes_back, struct arena *arena);

/* Puts the rows into that order. */
void table_reorder(struct table *table, const size_t *order);

#endif
