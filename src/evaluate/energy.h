/* Energy of the processor packages, from the counters of RAPL (Linux powercap), where the machine
 * lets them be read. It is that of everything the machine does in the meantime. */
#ifndef EVALUATE_ENERGY_H
#define EVALUATE_ENERGY_H

enum { ENERGY_PACKAGES = 16 }; /* at most */

struct energy_meter {
    const char *folder;
    double begin[ENERGY_PACKAGES]; /* microjoules; negative: no such package, or not readable */
};

#define ENERGY_FOLDER "/sys/class/powercap"

/* `folder` is ENERGY_FOLDER but for tests, and must stay. */
struct energy_meter energy_begin(const char *folder);

/* Joules since then, each counter's wrapping around taken into account once; NaN when no package
 * can be read. */
double energy_since(const struct energy_meter *meter);

#endif
