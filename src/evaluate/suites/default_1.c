#include "evaluate/suite.h"

/* The battery that liquidbench began with: whole series, each perturbation at its own severities. */
static const struct suite_fault faults[] = {
    {.type = "gaussian", .group = "value"},
    {.type = "uniform", .group = "value"},
    {.type = "impulse", .group = "value"},
    {.type = "drift", .group = "value"},
    {.type = "bias", .group = "value"},
    {.type = "gain", .group = "value"},
    {.type = "quantisation", .group = "value"},
    {.type = "saturation", .group = "value"},
    {.type = "hum", .group = "value"},
    {.type = "jitter", .group = "timing"},
    {.type = "delay", .group = "timing"},
    {.type = "stuck", .group = "availability"},
    {.type = "sensor_dropout", .group = "availability"},
    {.type = "dropout", .group = "availability"},
    {0},
};

const struct suite_type suite_default_1 = {
    .name = "default-1",
    .title = "Whole series under 14 perturbations, each at its own five severities",
    .citation = "liquidbench",
    .faults = faults,
};
