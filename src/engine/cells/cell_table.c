#include "engine/cells/cell_table.h"

#include "engine/isa.h"
#include "engine/linear.h"

/* A new cell is a file in this folder and a line here. The order is that of lists. */
#define CELLS(X)                                                                                   \
    X(rnn)                                                                                         \
    X(gru)                                                                                         \
    X(lstm)                                                                                        \
    X(bilstm)                                                                                      \
    X(mingru)                                                                                      \
    X(minlstm)                                                                                     \
    X(slstm)                                                                                       \
    X(lem)                                                                                         \
    X(cornn)                                                                                       \
    X(tcn)                                                                                         \
    X(ltc)                                                                                         \
    X(lrc)                                                                                         \
    X(cfc)                                                                                         \
    X(ctrnn)                                                                                       \
    X(node)                                                                                        \
    X(liquids4)                                                                                    \
    X(lru)                                                                                         \
    X(linoss)                                                                                      \
    X(lrcssm)                                                                                      \
    X(grud)                                                                                        \
    X(gruode)                                                                                      \
    X(ctgru)                                                                                       \
    X(plstm)                                                                                       \
    X(odelstm)                                                                                     \
    X(lstmctrnn)                                                                                   \
    X(rnndecay)

#define DECLARE(name) extern const struct cell_type ISA_NAME(cell_##name);
CELLS(DECLARE)

#define ENTRY(name) &ISA_NAME(cell_##name),
static const struct cell_type *const types[] = {CELLS(ENTRY) NULL};

static void readout(int n, int reads, int outputs, const real *hidden, const real *weight,
                    const real *bias, real *out) {
    linear(n, reads, outputs, hidden, weight, bias, NULL, out, outputs);
}

const struct cell_table ISA_NAME(cell_table) = {types, readout};
