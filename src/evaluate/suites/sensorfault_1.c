#include "evaluate/suite.h"

/* The eight scored faults of SensorFault-Bench, in its order, for continuous channels. */
static const struct suite_fault faults[] = {
    {.type = "bias",
     .published = "drift",
     .group = "value",
     .harsh = 0.75,
     .direction = DIRECTION_UP},
    {.type = "gain",
     .published = "attenuation",
     .group = "value",
     .harsh = 0.75,
     .direction = DIRECTION_DOWN},
    {.type = "gaussian", .published = "noise", .group = "value", .harsh = 1},
    {.type = "spike",
     .published = "spike",
     .group = "value",
     .harsh = 7.5,
     .direction = DIRECTION_UP},
    {.type = "stretch", .published = "time_stretch", .group = "timing", .harsh = 4},
    {.type = "compress", .published = "time_compress", .group = "timing", .harsh = 0.9},
    {.type = "stuck", .published = "stuck_sensor", .group = "availability", .harsh = 1},
    {.type = "gap",
     .published = "missing_data",
     .group = "availability",
     .harsh = 0.5,
     .all_inputs = true},
    {0},
};

const struct suite_type suite_sensorfault_1 = {
    .name = "sensorfault-1",
    .title = "Each window under 8 faults of a growing share of its sensors",
    .citation = "Windmann et al., Benchmarking sensor-fault robustness in forecasting "
                "(SensorFault-Bench), arXiv 2605.10822, 2026",
    .by_window = true,
    .severities = {0.1, 0.3, 0.5, 0.7, 0.9},
    .faults = faults,
};
