#include "evaluate/suite.h"

/* The four faults of TS-Fault, in its order. Where they strike is drawn; the benchmark looks for the rows
 * that a forecast depends on most, and for the inputs that depend on each other most. */
static const struct suite_fault faults[] = {
    {.type = "shock",
     .published = "mode I",
     .group = "observation",
     .harsh = 1,
     .all_inputs = true},
    {.type = "fracture",
     .published = "mode II",
     .group = "observation",
     .harsh = 1,
     .direction = DIRECTION_UP,
     .inputs = 2,
     .more = 1},
    {.type = "regime",
     .published = "mode III",
     .group = "mechanism",
     .harsh = 1,
     .all_inputs = true},
    {.type = "cascade",
     .published = "mode IV",
     .group = "mechanism",
     .harsh = 1,
     .inputs = 3,
     .more = 2},
    {0},
};

const struct suite_type suite_tsfault_1 = {
    .name = "tsfault-1",
    .title = "Each window under 4 structural faults, struck at random places",
    .citation = "Zhao et al., TS-Fault: Benchmarking time series forecasters against structural "
                "faults, arXiv 2606.18539, 2026",
    .by_window = true,
    .severities = {0.2, 0.4, 0.6, 0.8, 1},
    .faults = faults,
};
