/* What engine/cells exports for one instruction set. */
#ifndef ENGINE_CELLS_CELL_TABLE_H
#define ENGINE_CELLS_CELL_TABLE_H

#include "engine/cell.h"

struct cell_table {
    const struct cell_type *const *types; /* NULL after the last */
    readout_function readout;
};

#endif
