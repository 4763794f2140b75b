/* What stretching and compressing time share (SensorFault-Bench; Windmann et al. 2026). */
#ifndef EVALUATE_PERTURBATIONS_WARP_H
#define EVALUATE_PERTURBATIONS_WARP_H

#include "evaluate/perturbations/observed.h"

#include <string.h>

/* Half of the rows, d = ⌈L / 2⌉ from row a on, run at another pace: row a + j shows what was at row
 * a - 1 + (j + 1) / rate, by interpolation, and the last row's value beyond the end. a is one of
 * 1 ... L - d, the same for all inputs. Values stay that are not observed, or next to one that is not. */
static inline void warp(const struct disturbance *disturbance, double rate,
                        const struct dataset *dataset, struct series *series, gsl_rng *rng) {
    size_t inputs = (size_t)dataset->inputs, numbers = (size_t)series->rows * inputs;
    int length = (series->rows + 1) / 2, last = series->rows - 1;
    if (disturbance->severity == 0 || series->rows < 2)
        return;
    struct series original = *series;
    original.x =
        memcpy(ARENA_NEW(disturbance->scratch, real, numbers), series->x, numbers * sizeof(real));
    int first = draw_first(disturbance->sensitivity, 1, series->rows - length, length, rng);
    for (int j = 0; j < length; j++) {
        double from = fmin(first - 1 + (j + 1) / rate, last);
        int before = (int)floor(from), after = before < last ? before + 1 : last;
        double share = from - before;
        for (int k = 0; k < hit_count(dataset, disturbance); k++) {
            int i = hit_input(disturbance, k);
            real *x = observed_value(dataset, series, first + j, i);
            const real *left = observed_value(dataset, &original, before, i);
            const real *right = observed_value(dataset, &original, after, i);
            if (x != NULL && left != NULL && right != NULL)
                *x = (real)((1 - share) * (double)*left + share * (double)*right);
        }
    }
}

#endif
