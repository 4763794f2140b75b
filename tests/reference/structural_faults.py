"""The four faults of TS-Fault (Zhao et al., arXiv 2606.18539, 2026), written down once more for
make_fault_fixtures.py. x is [rows][channels] in scaled units (deviation 1, mean 0); `hit` are channels.

What the paper's release leaves open is as liquidbench has it: places are drawn, ten rows end with the row
that they are about, outages begin after the first row.
"""

import math

import numpy
from scipy.signal import find_peaks


def number(value):
    """int() of a number that is a whole one but for rounding."""
    return math.floor(value + 1e-9)


def logistic(z):
    return 1 / (1 + numpy.exp(-z))


def place(length, draws):
    w = min(24, math.ceil(length / 2))
    a = draws.integer(length - w + 1)
    return slice(a, a + w), numpy.arange(w)


def shape(kind, rows, reach, width):
    middle = len(rows) // 2
    if kind == 0:
        return (abs(rows - middle) <= reach).astype(float)
    if kind == 1:
        return numpy.exp(-0.5 * ((rows - middle) / width) ** 2)
    return numpy.ones(len(rows))


def sign(draws):
    return 1 if draws.integer(2) == 0 else -1


def spans(values):
    return numpy.array([numpy.std(values[max(t - 9, 0) : t + 1]) for t in range(len(values))])


def forward_fill(column, first, chance, continues, draws):
    column, t = column.copy(), first
    while t < len(column):
        if draws.uniform() < chance[t]:
            n = 1 + int(math.log(draws.uniform()) / math.log(continues))
            column[t : t + n] = column[t - 1]
            t += n
        else:
            t += 1
    return column


def shock(x, hit, d, draws):
    y = x.copy()
    kind, up, warp = draws.integer(3), sign(draws), draws.integer(3)
    for c in hit:
        rows, i = place(len(x), draws)
        before = x[rows, c]
        height = 2 * (0.3 + 1.7 * d) * numpy.std(before)
        shocked = before + up * height * shape(kind, i, 1, number(6 * (0.5 + d)) / 2)
        if warp == 0:
            seen = i - 5 * d
        elif warp == 1:
            seen = (1 + 0.6 * d) * i
        else:
            seen = i + 5 * d * numpy.sin(2 * numpy.pi * i / len(i))
            seen = seen + [0.3 * d * draws.normal() for _ in i]
        y[rows, c] = numpy.interp(seen, i, shocked)
    return y


def correlation(a, b, lag):
    n = len(a) - abs(lag)
    a, b = a[max(-lag, 0) :][:n], b[max(lag, 0) :][:n]
    if n < 2 or a.std() == 0 or b.std() == 0:
        return 0
    return abs(numpy.corrcoef(a, b)[0, 1])


def fracture(x, hit, d, draws):
    y = x.copy()
    rows, i = place(len(x), draws)
    kind = draws.integer(3)
    root = x[rows, hit[0]]
    if root.std() == 0:
        return y
    u = 2 * (0.3 + 1.7 * d) * numpy.std(root) * shape(kind, i, 0, 2.5)
    y[rows, hit[0]] += u
    off = number(1 + 5 * d)
    for c in hit[1:]:
        ratio = numpy.std(x[rows, c]) / numpy.std(root)
        lag = max(range(-5, 6), key=lambda k: correlation(root, x[rows, c], k))  # noqa: B023
        lag += draws.integer(2 * off + 1) - off
        change = (0.3 + 2.7 * d) * (2 * draws.uniform() - 1)
        gain = ratio + change
        if d > 0.59 and abs(change) > 0.8 * ratio:
            gain = -gain
        y[rows, c] += gain * u[numpy.clip(i - lag, 0, len(i) - 1)]
    return y


def period(column):
    length = len(column)
    z = column - column.mean()
    lags = range(2, length // 2)
    acf = [numpy.dot(z[k:], z[: length - k]) / numpy.dot(z, z) for k in lags]
    peaks, _ = find_peaks(acf, height=0.05, prominence=0.03)
    return 2 + int(peaks[0]) if len(peaks) > 0 else max(4, length // 4)


def decompose(column, p):
    t = numpy.arange(len(column))
    trend = numpy.array([column[max(k - p // 2, 0) : k - p // 2 + p].mean() for k in range(len(column))])
    season = numpy.array([(column - trend)[t % p == k % p].mean() for k in t])
    return trend, season, column - trend - season


def regime(x, hit, d, draws):
    y, t = x.copy(), numpy.arange(len(x))
    margin = min(10, (len(x) - 1) // 2)
    tau = margin + draws.integer(len(x) - 2 * margin)
    for c in hit:
        trend, season, rest = decompose(x[:, c], period(x[:, c]))
        new = trend + 2 * d + 0.15 * d * (t - tau) + (1 + 0.75 * d) * season + (1 + 0.5 * d) * rest
        z = numpy.where(t >= tau, new, x[:, c])
        gate = logistic((t - tau) / (5 - 4.25 * d))
        w = logistic((t - tau) / 5)
        v = spans(z)
        unusual = decompose(z, max(len(x) // 8, 1))[2]
        mad = numpy.median(abs(unusual - numpy.median(unusual)))
        chance = logistic(
            (-3 + 3.5 * d)
            + (1.25 + 3.75 * d) * 4 * w * (1 - w)
            + v / v.max()
            + 0.8 * numpy.tanh(abs(unusual) / mad if mad > 0 else 0)
        )
        blended = (1 - gate) * x[:, c] + gate * z
        y[:, c] = forward_fill(blended, 1, chance, 0.3 + 0.5 * d, draws)
    return y


def cascade(x, hit, d, draws):
    y, length = x.copy(), len(x)
    roots = hit[: max(1, (len(hit) - 1) // 2)]
    rows, _ = place(length, draws)
    far = sum(abs(x[rows, r] - numpy.median(x[:, r])) for r in roots)
    trigger = rows.start + int(numpy.argmax(far))
    after = numpy.arange(length - trigger)
    errors = {}
    for r in roots:
        kind = draws.integer(4)  # 3: clipped to its own range, which changes nothing
        if kind == 0:
            y[trigger:, r] += 0.6 * d + sign(draws) * 0.15 * d * after
        elif kind == 1:
            step = numpy.std(x[:, r]) / 2
            y[trigger:, r] = step * numpy.round(x[trigger:, r] / step)
        elif kind == 2:
            y[trigger:, r] = x[trigger, r]
        errors[r] = (y - x)[:, r]
    for c in hit[len(roots) :]:
        delta, first = numpy.zeros(length), length
        for r in roots:
            gain = (0.2 + 0.4 * d) + (0.4 + 1.4 * d) * draws.uniform()
            delay = 1 + draws.integer(number(2 + 8 * d))
            kernel = numpy.exp(-numpy.arange(5) / (2 + 4 * draws.uniform()))
            late = numpy.convolve(errors[r], kernel / kernel.sum())[:length]
            delta[delay:] += gain * late[: length - delay]
            first = min(first, trigger + delay)
        followed = x[:, c] + delta
        largest = abs(delta).max()
        chance = logistic(
            0.2
            + (0.45 + 2.55 * d) * (abs(delta) / largest if largest > 0 else 0)
            + 0.8 * spans(followed) / numpy.std(followed)
        )
        y[:, c] = forward_fill(followed, first, chance, 0.3 + 0.4 * d, draws)
    return y


FAULTS = {"shock": shock, "fracture": fracture, "regime": regime, "cascade": cascade}


def count_hit(fault, d, inputs):
    """How many channels are hit; None: all."""
    if fault == "fracture":
        return min(2 + number(2 * d), inputs)
    if fault == "cascade":
        return min(3 + 2 * number(2 * d), inputs)
    return None
