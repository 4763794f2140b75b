/* A single cell with its parameters, as tests of cells want it. */
#ifndef TESTS_SUPPORT_CELLS_H
#define TESTS_SUPPORT_CELLS_H

#include "engine/cell.h"

struct cell_case {
    struct cell cell;
    struct param_list params;
    struct arena arena;
};

/* One layer from a model config such as {"cell": "ltc", "hidden": 7, "unfolds": 3}. */
bool cell_case_create(struct cell_case *test, const char *model, int inputs, int layer,
                      struct error *error);
void cell_case_free(struct cell_case *test);

#endif
