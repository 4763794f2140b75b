#include "engine/cells/table.h"

#include "engine/linear.h"

#define CELL_ADDRESS(name) &ISA_NAME(name##_cell),

static const struct cell_type *const types[] = {CELLS(CELL_ADDRESS) NULL};

static void readout(int n, int reads, int outputs, const real *hidden, const real *weight,
                    const real *bias, real *out) {
    linear(n, reads, outputs, hidden, weight, bias, NULL, out, outputs);
}

const struct cell_table ISA_NAME(cell_table) = {types, readout};
