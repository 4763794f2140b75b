#!/usr/bin/env python3
"""Compare two models over seeds and test data with NumPy and SciPy, for evaluate/difference.c.

    python tests/reference/make_differences.py > tests/reference/differences.json

The lowest cosines are those of SciPy's discrete cosine transform, orthonormal.
"""

import json
import sys

import numpy
from scipy import fft, stats


def variance(terms, independent):
    terms = numpy.asarray(terms)
    count = len(terms)
    freedom = count - 1
    if not independent:
        freedom = min(8, 2 * int(numpy.cbrt(count) + 1e-9), count - 1)
    weights = fft.dct(terms, norm="ortho")[1 : freedom + 1]
    return count * numpy.mean(weights**2), freedom


def compare(a, b, independent):
    """Losses [seeds][steps] of two models, a block for each step."""
    influences = [(x - x.mean(axis=1, keepdims=True)) / x.shape[1] for x in (a, b)]
    scores = [x.mean(axis=1) for x in (a, b)]
    value = scores[0].mean() - scores[1].mean()
    data, freedom = variance(influences[0].mean(axis=0) - influences[1].mean(axis=0), independent)
    both = 0
    for u in influences:
        n = len(u)
        own = [variance(x, independent)[0] for x in u - u.mean(axis=0)]
        both += sum(own) / (n * (n - 1))
    parts = [(s.var(ddof=1) / len(s), len(s) - 1) for s in scores]
    seeds = parts[0][0] + parts[1][0]
    added = max(0, data - min(both, seeds))
    parts.append((added, freedom))
    total = seeds + added
    joint = total**2 / sum(v**2 / d for v, d in parts)
    alone = (parts[0][0] + parts[1][0]) ** 2 / sum(v**2 / d for v, d in parts[:2])
    sources = [(total, joint), (seeds, alone), (data, freedom)]
    reach = max(stats.t.ppf(0.975, d) * numpy.sqrt(v) for v, d in sources)
    return {
        "value": value,
        "low": value - reach,
        "high": value + reach,
        "p": max(2 * stats.t.sf(abs(value) / numpy.sqrt(v), d) for v, d in sources),
        "seeds_p": stats.ttest_ind(*scores, equal_var=False).pvalue,
        "data_p": 2 * stats.t.sf(abs(value) / numpy.sqrt(data), freedom),
        "seeds_variance": seeds,
        "data_variance": added,
        "freedom": joint,
    }


def case(name, rng, seeds, steps, independent, common):
    losses = []
    for n, level in zip(seeds, (1.0, 1.3), strict=True):
        seed = rng.normal(0, 0.1, (n, 1))
        step = common * rng.normal(0, 1, steps)
        losses.append(numpy.round(level + seed + step + rng.normal(0, 0.5, (n, steps)), 3))
    a, b = losses
    return {
        "name": name,
        "independent": independent,
        "a": a.tolist(),
        "b": b.tolist(),
        **compare(a, b, independent),
    }


def main():
    rng = numpy.random.default_rng(7)
    json.dump(
        [
            case("time", rng, (4, 3), 40, False, 0.6),
            case("short", rng, (3, 3), 9, False, 0.6),
            case("series", rng, (5, 5), 12, True, 0.6),
            case("seeds decide", rng, (5, 5), 30, False, 0),
        ],
        sys.stdout,
        indent=1,
    )


main()
