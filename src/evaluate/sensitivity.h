/* How much a model's predictions depend on each row of a window: where a fault hurts it most. */
#ifndef EVALUATE_SENSITIVITY_H
#define EVALUATE_SENSITIVITY_H

#include "evaluate/predictor.h"

/* [windows][rows]. Rows are taken in parts of a sixteenth of the longest window (at least one row). Of each part p
 *
 *     sensitivity[t] = Σ_o (ŷ_o(x) - ŷ_o(x without p))² / rows of p        t in p
 *
 * where the median of each input in the window stands in for its observed values in p, and o are the outputs
 * of all steps that are scored, in scaled units. It is the prediction term of TS-Fault's placement (Zhao et al.
 * 2026, arXiv 2606.18539), asked of the model itself in place of an autoregression. Takes up to 17 predictions
 * of the split. */
const double *const *window_sensitivity(const struct predictor *predictor,
                                        const struct dataset *dataset, const struct split *split,
                                        struct arena *arena);

#endif
