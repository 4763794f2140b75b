#include "evaluate/energy.h"

#include <math.h>
#include <stdio.h>

/* The number in folder/intel-rapl:<package>/<name>; negative when it cannot be read. AMD's counters
 * go by the same name. */
static double read_counter(const char *folder, int package, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/intel-rapl:%d/%s", folder, package, name);
    FILE *file = fopen(path, "r");
    double value = -1;
    if (file != NULL) {
        if (fscanf(file, "%lf", &value) != 1)
            value = -1;
        fclose(file);
    }
    return value;
}

struct energy_meter energy_begin(const char *folder) {
    struct energy_meter meter = {.folder = folder};
    for (int i = 0; i < ENERGY_PACKAGES; i++)
        meter.begin[i] = read_counter(folder, i, "energy_uj");
    return meter;
}

double energy_since(const struct energy_meter *meter) {
    double total = NAN;
    for (int i = 0; i < ENERGY_PACKAGES; i++) {
        double end = read_counter(meter->folder, i, "energy_uj");
        if (meter->begin[i] < 0 || end < 0)
            continue;
        double range = read_counter(meter->folder, i, "max_energy_range_uj");
        double used = end - meter->begin[i] + (end < meter->begin[i] ? fmax(range, 0) : 0);
        total = (isnan(total) ? 0 : total) + used * 1e-6;
    }
    return total;
}
