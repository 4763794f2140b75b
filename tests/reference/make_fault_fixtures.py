#!/usr/bin/env python3
"""Write faults.json: windows before and after the faults of suites, with the draws given.

    python tests/reference/make_fault_fixtures.py OUTFILE

Each fault is written down once more from its definition (Windmann et al., Benchmarking sensor-fault
robustness in forecasting, arXiv 2605.10822, 2026; those of TS-Fault in structural_faults.py), on rows
t = 0 ... L - 1 and channels 1 ... C in scaled units. "draws" are the random numbers in the order in which
liquidbench takes them: [j, n] is the number j of 0 ... n - 1, a number alone is uniform on [0, 1).
"""

import json
import math
import sys

import numpy
import structural_faults


class Draws:
    """Draws, and remembers what it drew."""

    def __init__(self, seed):
        self.rng = numpy.random.default_rng(seed)
        self.drawn = []

    def integer(self, count):
        j = int(self.rng.integers(count))
        self.drawn.append([j, count])
        return j

    def uniform(self):
        u = float(numpy.float32(self.rng.uniform(0.001, 0.999)))
        self.drawn.append(u)
        return u

    def normal(self):
        while True:
            a, b = 2 * self.uniform() - 1, 2 * self.uniform() - 1
            square = a * a + b * b
            if 0 < square <= 1:
                return b * math.sqrt(-2 * math.log(square) / square)


def channels(draws, count, total):
    order = list(range(total))
    for i in range(count):
        j = i + draws.integer(total - i)
        order[i], order[j] = order[j], order[i]
    return order[:count]


def warp(x, hit, rate, draws):
    length = len(x)
    d = math.ceil(length / 2)
    a = 1 + draws.integer(length - d)
    y = x.copy()
    for c in hit:
        for j in range(d):
            y[a + j, c] = numpy.interp(a - 1 + (j + 1) / rate, numpy.arange(length), x[:, c])
    return y


def held(x, hit, n, starts):
    y = x.copy()
    for c, a in zip(hit, starts, strict=True):
        y[a : a + n, c] = x[a - 1, c]
    return y


def burst_loss(x, c, s, draws):
    forced = 1 + draws.integer(len(x) - 1)
    y, lost = x.copy(), False
    for t in range(1, len(x)):
        u = draws.uniform()
        lost = u < s * (0.9 if lost else 0.25) or t == forced
        if lost:
            y[t, c] = y[t - 1, c]
    return y


def disturb(fault, x, hit, s, draws):
    length = len(x)
    u = numpy.arange(length)[:, None] / (length - 1)
    y = x.copy()
    z = x[:, hit]
    if fault == "bias":
        y[:, hit] = z + 0.75 * s
    elif fault == "gain":
        y[:, hit] = z * (1 - 0.75 * s)
    elif fault == "gaussian":
        for t in range(length):
            for c in hit:
                y[t, c] += s * draws.normal()
    elif fault == "spike":
        for c in hit:
            y[1 + draws.integer(length - 1), c] += 7.5 * s
    elif fault == "stretch":
        y = warp(x, hit, 1 + 4 * s, draws)
    elif fault == "compress":
        y = warp(x, hit, 1 - 0.9 * s, draws)
    elif fault == "stuck":
        n = math.ceil(s * (length - 1) - 1e-9)
        y = held(x, hit, n, [1 + draws.integer(length - n) for _ in hit])
    elif fault == "gap":
        n = math.ceil(0.5 * s * (length - 1) - 1e-9)
        a = 1 + draws.integer(length - n)
        everything = range(x.shape[1])
        y = held(x, everything, n, [a for _ in everything])
    elif fault == "linear_drift":
        y[:, hit] = z + s * u
    elif fault == "quadratic_drift":
        y[:, hit] = z + 0.5 * s * (u + u * u)
    elif fault == "gain_scaling":
        y[:, hit] = z * (1 + s)
    elif fault == "gain_drift":
        y[:, hit] = z * (1 + s * u)
    elif fault in ("saturation", "soft_saturation"):
        b = 3 - 2 * s
        kept = 0 if fault == "saturation" else 1 - 0.4 * s
        excess = numpy.maximum(numpy.abs(z) - b, 0)
        y[:, hit] = numpy.sign(z) * (numpy.minimum(numpy.abs(z), b) + kept * excess)
    elif fault == "packet_loss":
        for c in hit:
            y = burst_loss(y, c, s, draws)
    return y


SCORED = ["bias", "gain", "gaussian", "spike", "stretch", "compress", "stuck", "gap"]
TRAINING = [
    "linear_drift",
    "gain_scaling",
    "saturation",
    "packet_loss",
    "quadratic_drift",
    "gain_drift",
    "soft_saturation",
]


def case(suite, fault, s, x, draws, y):
    length, inputs = x.shape
    return {
        "suite": suite,
        "fault": "gain" if fault == "gain_scaling" else fault,
        "severity": s,
        "rows": length,
        "inputs": inputs,
        "x": [round(float(v), 9) for v in x.ravel()],
        "draws": draws.drawn,
        "expected": [round(float(v), 9) for v in y.ravel()],
    }


def make(suite, fault, s, length, inputs, seed):
    draws = Draws(seed)
    x = numpy.float32(2 * draws.rng.standard_normal((length, inputs))).astype(float)
    count = 1 + math.floor(s * (math.ceil(inputs / 2) - 1) + 1e-9)
    hit = [] if fault == "gap" else channels(draws, count, inputs)
    return case(suite, fault, s, x, draws, disturb(fault, x, hit, s, draws))


def make_structural(fault, s, length, inputs, seed):
    draws = Draws(seed)
    waves = 2 * numpy.sin(2 * numpy.pi * numpy.arange(length) / 9)[:, None]
    x = numpy.float32(waves + draws.rng.standard_normal((length, inputs))).astype(float)
    count = structural_faults.count_hit(fault, s, inputs)
    hit = range(inputs) if count is None else channels(draws, count, inputs)
    return case("tsfault-1", fault, s, x, draws, structural_faults.FAULTS[fault](x, hit, s, draws))


def main():
    cases = []
    shapes = [(0.1, 24, 7), (0.5, 17, 7), (0.9, 12, 3), (1.0, 10, 4)]
    for suite, faults in (("sensorfault-1", SCORED), ("sensorfault-training-1", TRAINING)):
        for f, fault in enumerate(faults):
            for n, (s, length, inputs) in enumerate(shapes):
                cases.append(make(suite, fault, s, length, inputs, 100 * f + n))
    shapes = [(0.2, 60, 4), (0.4, 36, 3), (0.6, 24, 7), (0.8, 17, 5), (1.0, 30, 7), (1.0, 12, 2)]
    for f, fault in enumerate(structural_faults.FAULTS):
        for n, (s, length, inputs) in enumerate(shapes):
            cases.append(make_structural(fault, s, length, inputs, 3000 + 100 * f + n))
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        out.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


if __name__ == "__main__":
    main()
