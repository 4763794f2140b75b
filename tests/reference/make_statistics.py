#!/usr/bin/env python3
"""Write what SciPy says about some samples, for liquidbench's statistics to be compared with.

    python tests/reference/make_statistics.py > tests/reference/statistics.json
"""

import itertools
import json
import sys

import numpy
import scipy
from scipy import stats

EXHAUSTIVE = numpy.inf  # resamples: every choice of signs


def signed_rank(a, b):
    """Exact, with ties and zeros too, unless that would take too long."""
    d = numpy.subtract(a, b)
    d = d[d != 0]
    if len(d) > 50:
        return stats.wilcoxon(a, b, method="asymptotic")
    if len(set(abs(d))) == len(d):
        return stats.wilcoxon(d, method="exact")
    return stats.wilcoxon(a, b, method=stats.PermutationMethod(n_resamples=EXHAUSTIVE))


def paired(name, a, b):
    a, b = [float(x) for x in a], [float(x) for x in b]
    case = {"name": name, "a": a, "b": b}
    wilcoxon = signed_rank(a, b)
    case["wilcoxon"] = {"statistic": wilcoxon.statistic, "p": wilcoxon.pvalue}
    if len(a) <= 16:
        exact = stats.permutation_test(
            (a, b),
            lambda x, y, axis: numpy.mean(x, axis=axis) - numpy.mean(y, axis=axis),
            permutation_type="samples",
            vectorized=True,
            n_resamples=EXHAUSTIVE,
        )
        case["permutation"] = {"statistic": exact.statistic, "p": exact.pvalue}
    wins = sum((x > y) - (x < y) for x, y in itertools.product(a, b))
    case["welch"] = stats.ttest_ind(a, b[1:], equal_var=False).pvalue
    case["paired_t"] = stats.ttest_rel(a, b).pvalue
    case["cliff"] = wins / (len(a) * len(b))
    return case


def sample(name, values):
    values = [float(x) for x in values]
    interval = stats.bootstrap(
        (values,), numpy.mean, n_resamples=99999, method="BCa", rng=numpy.random.default_rng(1)
    ).confidence_interval
    return {
        "name": name,
        "values": values,
        "mean": numpy.mean(values),
        "deviation": numpy.std(values, ddof=1),
        "interquartile_mean": stats.trim_mean(values, 0.25),
        "interval": [interval.low, interval.high],
    }


def blocks(name, scores):
    scores = numpy.asarray(scores, float)
    result = stats.friedmanchisquare(*scores.T)
    n, k = scores.shape
    f = (n - 1) * result.statistic / (n * (k - 1) - result.statistic)
    return {
        "name": name,
        "scores": scores.tolist(),
        "statistic": result.statistic,
        "p": result.pvalue,
        "f_statistic": f,
        "f_p": stats.f.sf(f, k - 1, (k - 1) * (n - 1)),
        "mean_ranks": stats.rankdata(scores, axis=1).mean(axis=0).tolist(),
    }


def holm(p):
    """SciPy has no Holm; this is the definition, test by test."""
    p = numpy.asarray(p)
    return [
        min(1, max((len(p) - numpy.sum(p < q)) * q for q in p if q <= own)) for own in p
    ]


def main():
    rng = numpy.random.default_rng(20061)
    normal = rng.normal
    pairs = [
        paired("three pairs", [1.5, 2.5, 3.25], [1, 3, 2]),
        paired("six pairs, one way", [2, 3, 4, 5, 6, 7], [1.5, 2.25, 2, 1, 0.5, -4]),
        paired("ten pairs", normal(0.3, 1, 10), normal(0, 1, 10)),
        paired("ties", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [2, 1, 4, 3, 6, 4, 5, 10, 6, 7]),
        paired("zeros", [1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 2.5, 4.75, 5, 5, 7.5, 6]),
        paired("ties and zeros", [3, 3, 3, 3, 3, 3, 3], [3, 2, 4, 1, 1, 3, 1]),
        paired("sixteen pairs with ties", rng.integers(0, 9, 16), rng.integers(0, 9, 16)),
        paired("thirty pairs", normal(0.4, 1, 30), normal(0, 1, 30)),
        paired("fifty pairs", normal(0.2, 1, 50), normal(0, 1, 50)),
        paired("eighty pairs with ties", rng.integers(1, 30, 80), rng.integers(0, 28, 80)),
        paired("tiny numbers", normal(0, 1e-9, 9), normal(1e-9, 1e-9, 9)),
    ]
    samples = [
        sample("five", [0.31, 0.35, 0.29, 0.4, 0.33]),
        sample("ten normal", normal(3, 0.5, 10)),
        sample("skewed", rng.lognormal(0, 1, 20)),
        sample("negative", -rng.lognormal(0, 0.5, 11)),
    ]
    tables = [
        blocks("five data sets, four models", normal(size=(5, 4)) + [0, 0.5, 1, 1.5]),
        blocks("ties", [[1, 2, 2, 3], [2, 2, 2, 1], [1, 3, 2, 4], [1, 1, 2, 3]]),
        blocks("many", normal(size=(20, 7)) + numpy.arange(7) / 4),
    ]
    p_values = [0.01, 0.04, 0.03, 0.005, 0.04, 0.9]
    ranges = [
        {"models": k, "blocks": n, "alpha": alpha,
         "difference": stats.studentized_range.ppf(1 - alpha, k, numpy.inf)
         / numpy.sqrt(2) * numpy.sqrt(k * (k + 1) / (6 * n))}
        for k, n, alpha in [(2, 10, 0.05), (4, 14, 0.05), (5, 30, 0.1), (10, 8, 0.05), (25, 5, 0.01)]
    ]
    x, y = normal(0, 1, 40), normal(0.5, 2, 25)
    json.dump(
        {
            "scipy": scipy.__version__,
            "pairs": pairs,
            "samples": samples,
            "blocks": tables,
            "holm": {"p": p_values, "adjusted": holm(p_values)},
            "nemenyi": ranges,
            "energy": {"x": x.tolist(), "y": y.tolist(), "distance": stats.energy_distance(x, y)},
        },
        sys.stdout,
        indent=1,
    )
    print()


if __name__ == "__main__":
    main()
