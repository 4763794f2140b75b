#include "evaluate/suite.h"

/* The faults that SensorFault-Bench trains with: none of them is one that it scores. */
static const struct suite_fault faults[] = {
    {.type = "linear_drift",
     .published = "linear_drift",
     .group = "simple",
     .harsh = 1,
     .direction = DIRECTION_UP},
    {.type = "gain",
     .published = "scaling",
     .group = "simple",
     .harsh = 1,
     .direction = DIRECTION_UP},
    {.type = "saturation",
     .published = "trimming_constant",
     .group = "simple",
     .mild = 3,
     .harsh = 1,
     .is_inverse = true},
    {.type = "packet_loss", .published = "packet_loss", .group = "simple, varying", .harsh = 1},
    {.type = "quadratic_drift",
     .published = "nonlinear_drift",
     .group = "varying",
     .harsh = 1,
     .direction = DIRECTION_UP},
    {.type = "gain_drift",
     .published = "time_varying_scaling",
     .group = "varying",
     .harsh = 1,
     .direction = DIRECTION_UP},
    {.type = "soft_saturation", .published = "trimming_varying", .group = "varying", .harsh = 1},
    {0},
};

const struct suite_type suite_sensorfault_training_1 = {
    .name = "sensorfault-training-1",
    .title = "Seven faults to train with, none of which sensorfault-1 scores",
    .citation = "Windmann et al., Benchmarking sensor-fault robustness in forecasting "
                "(SensorFault-Bench), arXiv 2605.10822, 2026",
    .is_for_training = true,
    .by_window = true,
    .severities = {0.1, 0.3, 0.5, 0.7, 0.9},
    .faults = faults,
};
