/* The table of cells. A new cell is a file in this folder and a line here. */
#ifndef ENGINE_CELLS_TABLE_H
#define ENGINE_CELLS_TABLE_H

#include "engine/cell.h"

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

/* What the files of this folder export. */
struct cell_table {
    const struct cell_type *const *types; /* NULL after the last */
    readout_function readout;
};

/* The files of this folder are compiled once for each instruction set, with -DISA=<its name>; their
 * exported names carry it: lstm_cell_avx512. */
#define ISA_JOIN_(name, isa) name##_##isa
#define ISA_JOIN(name, isa)  ISA_JOIN_(name, isa)
#define ISA_NAME(name)       ISA_JOIN(name, ISA)

#ifdef ISA
#define DECLARE_CELL(name) extern const struct cell_type ISA_NAME(name##_cell);
CELLS(DECLARE_CELL)
#undef DECLARE_CELL
extern const struct cell_table ISA_NAME(cell_table);
#endif

#endif
