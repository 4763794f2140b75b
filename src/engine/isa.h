/* The files of engine/cells are compiled once for each instruction set, with -DISA=<its name>; their
 * exported names carry it: cell_lstm_avx512. */
#ifndef ENGINE_ISA_H
#define ENGINE_ISA_H

#define ISA_JOIN_(name, isa) name##_##isa
#define ISA_JOIN(name, isa)  ISA_JOIN_(name, isa)
#define ISA_NAME(name)       ISA_JOIN(name, ISA)

#endif
