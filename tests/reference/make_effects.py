#!/usr/bin/env python3
"""Write what SciPy says about some effects, for liquidbench's verdicts to be compared with.

    python tests/reference/make_effects.py > tests/reference/effects.json
"""

import json
import sys

import numpy
import scipy
from scipy import stats


def tests(one_sided, interval, mean, expects_higher, by):
    """p of each verdict, two-sided; `one_sided(bound, alternative)` tests the mean against a bound."""
    margin = numpy.log1p(by)
    claimed, other = ("greater", "less") if expects_higher else ("less", "greater")
    sign = 1 if expects_higher else -1
    return {
        "expects_higher": expects_higher,
        "by": by,
        "mean": mean,
        "low": interval[0],
        "high": interval[1],
        "supported": min(1, 2 * one_sided(sign * margin, claimed)),
        "refuted": min(1, 2 * one_sided(0, other)),
        "no_difference": min(
            1, 2 * max(one_sided(margin, "less"), one_sided(-margin, "greater"))
        ),
    }


def seeds(name, a, b, expects_higher, by):
    x, y = numpy.log(a), numpy.log(b)

    def one_sided(bound, alternative):
        return stats.ttest_ind(x - bound, y, equal_var=False, alternative=alternative).pvalue

    whole = stats.ttest_ind(x, y, equal_var=False)
    case = tests(one_sided, whole.confidence_interval(0.95), x.mean() - y.mean(), expects_higher, by)
    return {"name": name, "a": a.tolist(), "b": b.tolist(), **case}


def datasets(name, means, expects_higher, by):
    def one_sided(bound, alternative):
        return stats.ttest_1samp(means, bound, alternative=alternative).pvalue

    interval = stats.ttest_1samp(means, 0).confidence_interval(0.95)
    case = tests(one_sided, interval, means.mean(), expects_higher, by)
    return {"name": name, "means": means.tolist(), **case}


def main():
    rng = numpy.random.default_rng(20062)
    lognormal, normal = rng.lognormal, rng.normal
    json.dump(
        {
            "scipy": scipy.__version__,
            "seeds": [
                seeds("clearly lower", lognormal(0, 0.1, 10), lognormal(0.5, 0.2, 10), False, 0.05),
                seeds("clearly higher", lognormal(0.5, 0.1, 3), lognormal(0, 0.02, 3), False, 0.05),
                seeds("alike", lognormal(0, 0.01, 8), lognormal(0.001, 0.01, 12), True, 0.05),
                seeds("open", lognormal(0, 0.3, 5), lognormal(0.1, 0.3, 5), True, 0.1),
                seeds("any difference", lognormal(0, 0.1, 20), lognormal(0.2, 0.1, 20), False, 0),
            ],
            "datasets": [
                datasets("lower", normal(-0.3, 0.1, 8), False, 0.05),
                datasets("higher", normal(0.3, 0.1, 6), False, 0.05),
                datasets("alike", normal(0, 0.01, 7), True, 0.05),
                datasets("open", normal(-0.1, 0.3, 6), False, 0.02),
            ],
        },
        sys.stdout,
        indent=1,
    )
    print()


if __name__ == "__main__":
    main()
