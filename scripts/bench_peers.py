#!/usr/bin/env python3
"""Compares liquidbench's engine with its fastest peers: the same shapes, machine and run.

    python scripts/bench_peers.py [LIQUIDBENCH] [--write docs/performance.md]

Peers in training are PyTorch with the packages of a cell, and JAX (scripts/bench_jax.py); in streaming
PyTorch and ONNX Runtime. All take turns, and the medians of the turns are compared with those of the
fastest peer. All train with every thread count up to the number of processors, and the best one counts; ONNX
Runtime and liquidbench stream in one. A training step is forward, backward and Adam with a mean squared
error at every step. The share is that of the arithmetic limit, as `liquidbench bench` has it: the
operations of the cell's equations in one thread, against what single-precision matrix products reach in the
same run.
Memory is what a training step adds to the peak of a fresh process, and for liquidbench the exact sum. With
--write, the table replaces the one between the markers in that file. `make bench-peers` installs what is
needed and calls this.
"""

import argparse
import datetime
import importlib.metadata
import io
import json
import multiprocessing
import os
import pathlib
import statistics
import subprocess
import sys
import warnings

import onnxruntime
import torch

from peer_cells import Peer, median_time, training_step

INPUTS = 17
TURNS = 3
SECONDS = 0.5  # of each measurement
BEGIN, END = "<!-- bench-peers: begin -->", "<!-- bench-peers: end -->"

# cell, hidden, batch, steps, the share of the arithmetic limit that is the goal (None: no goal)
TRAINING = [
    ("lstm", 32, 16, 32, 80),
    ("lstm", 64, 64, 64, 85),
    ("lstm", 256, 128, 64, 85),
    ("gru", 32, 16, 32, 80),
    ("gru", 64, 64, 64, 85),
    ("gru", 256, 128, 64, 85),
    ("cfc", 32, 16, 32, 80),
    ("cfc", 64, 64, 64, 85),
    ("cfc", 256, 128, 64, 85),
    ("ltc", 32, 16, 32, None),
    ("ltc", 64, 64, 64, None),
    ("mingru", 64, 64, 64, None),
    ("slstm", 64, 64, 64, None),
    ("lru", 64, 64, 64, None),
    ("lrc", 32, 16, 32, None),
]
STREAMING = [("lstm", 32), ("gru", 32), ("cfc", 32), ("ltc", 32)]
MEMORY = [("ltc", 64, 64, 64)]
JAX_CELLS = ("lstm", "gru", "cfc", "ltc", "mingru")  # of scripts/bench_jax.py


def best_over_threads(measure):
    """(time, threads) of the fastest thread count."""
    return min((measure(threads), threads) for threads in range(1, (os.cpu_count() or 1) + 1))


def with_threads(step):
    """What best_over_threads() wants, of a step of PyTorch."""

    def measure(threads):
        torch.set_num_threads(threads)
        return median_time(step, SECONDS)

    return measure


def peer_step(cell, hidden, batch, steps):
    return training_step(Peer(cell, INPUTS, hidden, INPUTS), batch, steps)


def torch_training(*shape):
    return best_over_threads(with_threads(peer_step(*shape)))


def jax_training(*shape):
    script = pathlib.Path(__file__).with_name("bench_jax.py")
    command = [sys.executable, script, *map(str, shape), str(INPUTS), str(SECONDS)]

    def measure(threads):
        return float(subprocess.run(
            command, check=True, capture_output=True,
            preexec_fn=lambda: os.sched_setaffinity(0, range(threads))).stdout)

    return best_over_threads(measure)


def peak_bytes():
    """Of this program: getrusage() would count what ran in the process before it, too."""
    with open("/proc/self/status", encoding="utf-8") as status:
        return 1024 * int(next(line.split()[1] for line in status if line.startswith("VmHWM")))


def peak_growth(*shape):
    """Bytes by which a training step raises the peak of this process."""
    step = peer_step(*shape)
    before = peak_bytes()
    step()
    return peak_bytes() - before


def torch_memory(*shape):
    with multiprocessing.get_context("spawn").Pool(1) as fresh_process:
        return fresh_process.apply(peak_growth, shape)


def torch_streaming(cell, hidden):
    model = Peer(cell, INPUTS, hidden, INPUTS).eval()
    x = torch.randn(1, 1, INPUTS)

    def step():
        step.state = model(x, step.state)[1]

    step.state = None
    with torch.no_grad():
        return best_over_threads(with_threads(step))


class Step(torch.nn.Module):
    """One step of a peer, its state in tensors of their own."""

    def __init__(self, peer):
        super().__init__()
        self.peer = peer

    def forward(self, x, *state):
        y, state = self.peer(x, state if len(state) > 1 else state[0])
        return (y, *state) if isinstance(state, tuple) else (y, state)


def onnx_streaming(cell, hidden):
    state = {"lstm": (torch.zeros(1, 1, hidden),) * 2, "gru": (torch.zeros(1, 1, hidden),)}.get(
        cell, (torch.zeros(1, hidden),))
    values, file = (torch.randn(1, 1, INPUTS), *state), io.BytesIO()
    with torch.no_grad(), warnings.catch_warnings(action="ignore"):
        torch.onnx.export(Step(Peer(cell, INPUTS, hidden, INPUTS).eval()), values, file,
                          dynamo=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    session = onnxruntime.InferenceSession(file.getvalue(), options,
                                           providers=["CPUExecutionProvider"])
    names = [part.name for part in session.get_inputs()]

    def step():
        step.values[1:] = session.run(None, dict(zip(names, step.values, strict=True)))[1:]

    step.values = [value.numpy() for value in values]
    return median_time(step, SECONDS), 1


def bench(program, cell, hidden, batch, steps, threads=1):
    command = [program, "bench", "--json", "--cell", cell, "--shape", f"{hidden}x{batch}x{steps}",
               "--inputs", str(INPUTS), "--seconds", str(SECONDS), "--threads", str(threads)]
    if threads > 1 and batch <= 16:  # which stays whole otherwise, in one thread
        command += ["--set", f"slice={batch // threads}"]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)[0]


def own_training(program, *shape):
    return best_over_threads(
        lambda threads: bench(program, *shape, threads)["training_step_ms"] / 1e3)


def own_share(program, *shape):
    """The best of the turns, in per cent."""
    return max(100 * bench(program, *shape)["share_of_peak"] for _ in range(TURNS))


def own_memory(program, *shape):
    memory = bench(program, *shape)["memory"]
    return sum(memory[kind] for kind in ("parameters", "gradients", "optimizer", "activations"))


def own_streaming(program, cell, hidden):
    return bench(program, cell, hidden, 1, 1)["step_us"]["p50"] / 1e6, 1


def compare(peers, ours):
    """((time, threads), the peer's name) of the fastest peer, and (time, threads) of ours: medians over
    turns, with the thread count that was best most often."""
    measures = peers | {"ours": ours}
    turns = [{name: measure() for name, measure in measures.items()} for _ in range(TURNS)]
    medians = {name: (statistics.median(turn[name][0] for turn in turns),
                      statistics.mode(turn[name][1] for turn in turns)) for name in measures}
    best = min(peers, key=lambda name: medians[name][0])
    return (medians[best], best), medians["ours"]


def row(work, peer, ours, *share):
    """A line of the table. `peer` and `ours`: (number, text); `share`: reached and goal, in per cent."""
    reached, goal = (f"{of:.0f} %" if of is not None else "" for of in share or (None, None))
    line = f"| {work} | {peer[1]} | {ours[1]} | {peer[0] / ours[0]:.1f} | {reached} | {goal} |"
    print(line, flush=True)
    return line


def time_row(work, peers, ours, unit, *share):
    scale = 1e3 if unit == "ms" else 1e6
    ((time_peer, threads), name), (time_ours, own_threads) = compare(peers, ours)
    return row(work, (time_peer, f"{name} {time_peer * scale:.3g} {unit} ({threads})"),
               (time_ours, f"{time_ours * scale:.3g} {unit} ({own_threads})"), *share)


def table(program):
    version = subprocess.run([program, "--version"], check=True, capture_output=True, text=True)
    packages = ", ".join(f"{name} {importlib.metadata.version(package)}" for name, package in (
        ("PyTorch", "torch"), ("ncps", "ncps"), ("JAX", "jax"), ("ONNX Runtime", "onnxruntime"),
        ("minGRU-pytorch", "minGRU-pytorch"), ("xlstm", "xlstm")))
    machine = bench(program, "lstm", 32, 16, 32)
    lines = [
        f"Measured {datetime.date.today()} on {machine['cpu']}, {os.cpu_count()} processors, matrix "
        f"product {machine['peak_gflops']:.0f} GFLOP/s and memory {machine['memory_gbs']:.1f} GB/s in one "
        f"thread, with {version.stdout.splitlines()[0]}, {packages}.",
        "",
        "| work (17 inputs) | fastest peer (threads) | liquidbench (threads) | ratio "
        "| share of the limit, one thread | goal |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for *shape, goal in TRAINING:
        cell, hidden, batch, steps = shape
        peers = {"PyTorch": lambda: torch_training(*shape)}
        if cell in JAX_CELLS:
            peers["JAX"] = lambda: jax_training(*shape)
        lines.append(time_row(f"{cell} {hidden}, batch {batch}, {steps} steps: training step", peers,
                              lambda: own_training(program, *shape), "ms",
                              own_share(program, *shape), goal))
    for cell, hidden in STREAMING:
        peers = {"PyTorch": lambda: torch_streaming(cell, hidden),
                 "ONNX Runtime": lambda: onnx_streaming(cell, hidden)}
        lines.append(time_row(f"{cell} {hidden}: streaming step", peers,
                              lambda: own_streaming(program, cell, hidden), "µs"))
    for shape in MEMORY:
        cell, hidden, batch, steps = shape
        sizes = torch_memory(*shape), own_memory(program, *shape)
        lines.append(row(f"{cell} {hidden}, batch {batch}, {steps} steps: memory of a training step",
                         *((size, f"{name}{size / 2**20:.3g} MiB")
                           for size, name in zip(sizes, ("PyTorch ", ""), strict=True))))
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", default="./liquidbench")
    parser.add_argument("--write", metavar="FILE", help="put the table between the markers of FILE")
    arguments = parser.parse_args()
    text = table(arguments.program)
    if arguments.write:
        with open(arguments.write, encoding="utf-8") as file:
            before, rest = file.read().split(BEGIN)
        after = rest.split(END)[1]
        with open(arguments.write, "w", encoding="utf-8") as file:
            file.write(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")


if __name__ == "__main__":
    main()
