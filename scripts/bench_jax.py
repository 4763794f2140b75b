#!/usr/bin/env python3
"""Times a training step of JAX: one compiled function of forward, mean squared error, gradient and Adam.

    python scripts/bench_jax.py CELL HIDDEN BATCH STEPS INPUTS SECONDS

Prints the median in seconds. The recurrence is a jax.lax.scan over the products of all inputs, which are
one before it. Cells as scripts/bench_peers.py has them of PyTorch: lstm, gru, cfc (a backbone of 128 units),
ltc (6 solver steps), mingru by jax.lax.associative_scan. A process of its own, because XLA
reads its number of threads once: bench_peers.py sets the processors that it may use.
"""

import statistics
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np

UNFOLDS, BACKBONE = 6, 128
random = np.random.default_rng(0)


def draw(*shape):
    bound = 1 / np.sqrt(shape[-1])
    return jnp.asarray(random.uniform(-bound, bound, shape), jnp.float32)


def scan(step, state, x):
    """Outputs [T, B, H] of step(state, x[t]) -> state, whose first part is the output."""

    def body(state, x):
        state = step(state, x)
        return state, state[0] if isinstance(state, tuple) else state

    return jax.lax.scan(body, state, x)[1]


def lstm(inputs, hidden):
    def run(p, x):
        def step(state, gates):
            h, c = state
            i, f, g, o = jnp.split(gates + h @ p["recurrent"].T, 4, axis=-1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            return jax.nn.sigmoid(o) * jnp.tanh(c), c

        zero = jnp.zeros((x.shape[1], hidden))
        return scan(step, (zero, zero), x @ p["input"].T + p["bias"])

    return run, {"input": draw(4 * hidden, inputs), "recurrent": draw(4 * hidden, hidden),
                 "bias": draw(4 * hidden)}


def gru(inputs, hidden):
    def run(p, x):
        def step(h, gates):
            recurrent = h @ p["recurrent"].T + p["recurrent_bias"]
            r = jax.nn.sigmoid(gates[:, :hidden] + recurrent[:, :hidden])
            z = jax.nn.sigmoid(gates[:, hidden:2 * hidden] + recurrent[:, hidden:2 * hidden])
            n = jnp.tanh(gates[:, 2 * hidden:] + r * recurrent[:, 2 * hidden:])
            return n + z * (h - n)

        return scan(step, jnp.zeros((x.shape[1], hidden)), x @ p["input"].T + p["bias"])

    return run, {"input": draw(3 * hidden, inputs), "recurrent": draw(3 * hidden, hidden),
                 "bias": draw(3 * hidden), "recurrent_bias": draw(3 * hidden)}


def cfc(inputs, hidden):
    def run(p, x):
        def step(h, backbone):
            z = 1.7159 * jnp.tanh(0.666 * (backbone + h @ p["recurrent"].T))
            first, second, a, b = jnp.split(z @ p["heads"].T + p["heads_bias"], 4, axis=-1)
            gate = jax.nn.sigmoid(a + b)
            return jnp.tanh(first) * (1 - gate) + gate * jnp.tanh(second)

        return scan(step, jnp.zeros((x.shape[1], hidden)), x @ p["input"].T + p["bias"])

    return run, {"input": draw(BACKBONE, inputs), "recurrent": draw(BACKBONE, hidden),
                 "bias": draw(BACKBONE), "heads": draw(4 * hidden, BACKBONE),
                 "heads_bias": draw(4 * hidden)}


def synapses(p, prefix, v):
    """Numerator and denominator of all synapses of a layer; v [B, sources]."""
    gate = p[prefix + "w"] * jax.nn.sigmoid(p[prefix + "sigma"] * (v[..., None] - p[prefix + "mu"]))
    return (gate * p[prefix + "reversal"]).sum(-2), gate.sum(-2)


def ltc(inputs, hidden):
    def run(p, x):
        sensory = synapses(p, "sensory_", x * p["scale"] + p["shift"])

        def step(v, sensory):
            for _ in range(UNFOLDS):
                numerator, denominator = synapses(p, "", v)
                capacity = p["capacity"] * UNFOLDS
                v = (capacity * v + p["leak"] * p["leak_reversal"] + numerator + sensory[0]) / (
                    capacity + p["leak"] + denominator + sensory[1] + 1e-8)
            return v

        return scan(step, jnp.zeros((x.shape[1], hidden)), sensory)

    parameters = {"scale": jnp.ones(inputs), "shift": jnp.zeros(inputs)}
    for prefix, sources in (("sensory_", inputs), ("", hidden)):
        for name in ("w", "sigma", "mu", "reversal"):
            parameters[prefix + name] = 0.5 + draw(sources, hidden)
    for name in ("capacity", "leak", "leak_reversal"):
        parameters[name] = 0.5 + draw(hidden)
    return run, parameters


def linear_scan(decay, x):
    """h[t] = decay[t] h[t-1] + x[t]."""

    def combine(before, after):
        return before[0] * after[0], before[1] * after[0] + after[1]

    return jax.lax.associative_scan(combine, (decay, x))[1]


def mingru(inputs, hidden):
    def run(p, x):
        candidate, gate = jnp.split(x @ p["input"].T, 2, axis=-1)
        gate = jax.nn.sigmoid(gate)
        return linear_scan(1 - gate, gate * candidate)

    return run, {"input": draw(2 * hidden, inputs)}


CELLS = {"lstm": lstm, "gru": gru, "cfc": cfc, "ltc": ltc, "mingru": mingru}


def training_step(run):
    """Adam with a learning rate of 0.001 on the mean squared error."""

    def loss(p, x, y):
        return jnp.mean((run(p, x) @ p["readout"].T + p["readout_bias"] - y) ** 2)

    def step(state, x, y):
        p, first, second, count = state
        gradient = jax.grad(loss)(p, x, y)
        count = count + 1
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradient)
        rate = 0.001 * jnp.sqrt(1 - 0.999**count) / (1 - 0.9**count)
        p = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-8), p, first, second)
        return p, first, second, count

    return jax.jit(step, donate_argnums=0)


def main():
    cell, (hidden, batch, steps, inputs), budget = (
        sys.argv[1], map(int, sys.argv[2:6]), float(sys.argv[6]))
    run, parameters = CELLS[cell](inputs, hidden)
    parameters |= {"readout": draw(inputs, hidden), "readout_bias": draw(inputs)}
    zeros = jax.tree.map(jnp.zeros_like, parameters)
    state = (parameters, zeros, jax.tree.map(jnp.copy, zeros), jnp.float32(0))
    x, y = draw(steps, batch, inputs), draw(steps, batch, inputs)
    step = training_step(run)
    state = jax.block_until_ready(step(state, x, y))
    times, end = [], time.perf_counter() + budget
    while len(times) < 3 or time.perf_counter() < end:
        begin = time.perf_counter()
        state = jax.block_until_ready(step(state, x, y))
        times.append(time.perf_counter() - begin)
    print(statistics.median(times))


if __name__ == "__main__":
    main()
