#!/usr/bin/env python3
"""Write the errors of PyTorch networks that learn online, for liquidbench's to be compared with.

    python tests/reference/make_online.py > tests/reference/online.json

Written from the definition, without a look at liquidbench's loop: predict row t, note the error,
then, every so many rows, take gradient steps of the mean squared error over the last rows, of which
only those truths count that are known at row t. The hidden state goes on from row to row; an update
begins with the state that the network had before the first of its rows. Float64, of numbers that are
exact in float32.
"""

import json
import sys

import numpy
import torch

ROWS, INPUTS, HIDDEN = 160, 2, 5


def draw(rng, *shape):
    return torch.from_numpy(rng.standard_normal(shape).astype(numpy.float32).astype(numpy.float64))


def stream(rng):
    """Two noisy waves, which change in the middle."""
    t = numpy.arange(ROWS)[:, None]
    speed = numpy.where(t < ROWS // 2, 0.3, 0.8)
    waves = numpy.sin(speed * t + numpy.array([0, 1.3])) * numpy.where(t < ROWS // 2, 1, 0.6)
    noisy = waves + 0.05 * rng.standard_normal(waves.shape)
    return torch.from_numpy(noisy.astype(numpy.float32).astype(numpy.float64))


def truths(case, x):
    """[rows][steps ahead][targets] and how many rows after t each is known; NaN: never."""
    ahead = range(1, case["horizon"] + 1) if case["task"] == "forecast" else [0]
    y = torch.full((ROWS, len(ahead), INPUTS), torch.nan, dtype=torch.float64)
    for i, h in enumerate(ahead):
        if case["task"] == "forecast":
            y[: ROWS - h, i] = x[h:]
        else:  # the sum so far and the product of both columns
            y[:, i, 0] = x.cumsum(0)[:, 0] / 10
            y[:, i, 1] = x[:, 0] * x[:, 1]
    return y, torch.tensor([h + case["delay"] for h in ahead])


def mean_square(out, y, known):
    known = known & ~torch.isnan(y)
    return ((out - torch.nan_to_num(y)) ** 2)[known].sum() / known.sum()


def detach(state):
    if isinstance(state, tuple):
        return tuple(part.detach() for part in state)
    return None if state is None else state.detach()


def run(case, seed):
    rng = numpy.random.default_rng(seed)
    x = stream(rng)
    y, known_after = truths(case, x)
    recurrent = getattr(torch.nn, case["cell"])(INPUTS, HIDDEN).double()
    readout = torch.nn.Linear(HIDDEN, y.shape[1] * INPUTS).double()
    named = list(recurrent.named_parameters())
    named += [("readout." + name, p) for name, p in readout.named_parameters()]
    with torch.no_grad():
        for _, parameter in named:
            parameter.copy_(0.4 * draw(rng, *parameter.shape))
            parameter.copy_(parameter.float().double())
    start = {name: p.detach().flatten().tolist() for name, p in named}
    parameters = [p for _, p in named]
    make = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[case["optimizer"]]
    optimizer = make(parameters, lr=case["learning_rate"])
    states, errors, state = [], [], None
    for t in range(ROWS):
        states.append(state)
        with torch.no_grad():
            hidden, state = recurrent(x[t : t + 1, None], state)
            out = readout(hidden).reshape(y.shape[1], INPUTS)
            scored = ~torch.isnan(y[t])
            errors.append(mean_square(out, y[t], scored).item() if scored.any() else None)
        state = detach(state)
        if t + 1 < case["steps"] or (t + 1) % case["every"] != 0:
            continue
        first = t + 1 - case["steps"]
        rows = torch.arange(first, t + 1)
        known = (rows[:, None] + known_after[None, :] <= t)[:, :, None].expand(-1, -1, INPUTS)
        for _ in range(case["updates"]):
            optimizer.zero_grad()
            hidden, _ = recurrent(x[first : t + 1, None], states[first])
            out = readout(hidden).reshape(len(rows), y.shape[1], INPUTS)
            mean_square(out, y[first : t + 1], known).backward()
            if case["clip_norm"] > 0:
                torch.nn.utils.clip_grad_norm_(parameters, case["clip_norm"])
            optimizer.step()
    return {
        **case,
        "rows": ROWS,
        "hidden": HIDDEN,
        "x": x.flatten().tolist(),
        "params": start,
        "errors": errors,
    }


def case(cell, task, horizon, delay, every, steps, updates, optimizer, learning_rate, clip_norm):
    return {
        "cell": cell,
        "task": task,
        "horizon": horizon,
        "delay": delay,
        "every": every,
        "steps": steps,
        "updates": updates,
        "optimizer": optimizer,
        "learning_rate": learning_rate,
        "clip_norm": clip_norm,
    }


CASES = [
    case("LSTM", "forecast", 3, 0, 4, 8, 1, "adam", 0.01, 1),
    case("LSTM", "forecast", 6, 2, 5, 11, 2, "sgd", 0.05, 0),
    case("GRU", "forecast", 1, 0, 1, 1 + 3, 1, "adam", 0.003, 0.1),
    case("GRU", "regression", 1, 3, 7, 16, 1, "adam", 0.01, 0),
]

json.dump([run(c, seed) for seed, c in enumerate(CASES)], sys.stdout)
print()
