#!/usr/bin/env python3
"""Score the structural faults on the windows that TS-Fault's published numbers are from.

    python tests/reference/check_tsfault.py ETTh1.csv [REPEATS]

Prints faulted / clean MSE of Naive and SeasonalNaive by mode, mean over five severities, and its deviation
over REPEATS draws of the faults. An implementation with the published random streams and places has, for
ETTh1: Naive 1.009, 1.000, 482, 133 and SeasonalNaive 1.088, 1.032, 720, 201 (clean MSE 1.197 and 0.728).
"""

import csv
import sys

import numpy
import structural_faults

ROWS, PAST, FUTURE = 2000, 336, 96
STARTS = [99, 131, 136, 143, 144, 198, 283, 309, 354, 433, 574, 625, 663, 672, 690, 697, 702, 775, 792, 810]
SEVERITIES = [0.2, 0.4, 0.6, 0.8, 1]
MODELS = {
    "Naive": lambda past: numpy.repeat(past[-1:], FUTURE, axis=0),
    "SeasonalNaive": lambda past: numpy.tile(past[-24:], (FUTURE // 24, 1)),
}


class Draws:
    def __init__(self, seed):
        self.rng = numpy.random.default_rng(seed)

    def integer(self, count):
        return int(self.rng.integers(count))

    def uniform(self):
        return 1 - float(self.rng.uniform())

    def normal(self):
        return float(self.rng.normal())


def read_windows(path):
    with open(path, encoding="utf-8", newline="") as file:
        rows = [[float(field) for field in row[1:]] for row in list(csv.reader(file))[1 : ROWS + 1]]
    x = numpy.array(rows)
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    return [(x[s : s + PAST], x[s + PAST : s + PAST + FUTURE]) for s in STARTS]


def disturb(fault, past, severity, seed):
    draws = Draws(seed)
    inputs = past.shape[1]
    count = structural_faults.count_hit(fault, severity, inputs) or inputs
    return structural_faults.FAULTS[fault](past, list(draws.rng.permutation(inputs)[:count]), severity, draws)


def errors(model, pasts, windows):
    return numpy.mean([(model(past) - truth) ** 2 for past, (_, truth) in zip(pasts, windows, strict=True)])


def main():
    windows = read_windows(sys.argv[1])
    repeats = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    clean = {name: errors(model, [past for past, _ in windows], windows) for name, model in MODELS.items()}
    print("clean", {name: round(float(error), 3) for name, error in clean.items()})
    for f, fault in enumerate(structural_faults.FAULTS):
        ratios = {name: [] for name in MODELS}
        for repeat in range(repeats):
            sums = dict.fromkeys(MODELS, 0)
            for s, severity in enumerate(SEVERITIES):
                seed = [repeat, f, s]
                pasts = [disturb(fault, past, severity, [*seed, w]) for w, (past, _) in enumerate(windows)]
                for name, model in MODELS.items():
                    sums[name] += errors(model, pasts, windows) / clean[name] / len(SEVERITIES)
            for name, total in sums.items():
                ratios[name].append(total)
        words = [f"{name} {numpy.mean(r):.4g} ± {numpy.std(r):.2g}" for name, r in ratios.items()]
        print(fault, ", ".join(words), flush=True)


if __name__ == "__main__":
    main()
