#include "model/cells/table.h"

#include <stddef.h>

#define CELL_ADDRESS(name) &ISA_NAME(name##_cell),

const struct cell_type *const ISA_NAME(cell_table)[] = {CELLS(CELL_ADDRESS) NULL};
