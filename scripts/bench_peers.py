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
import time
import warnings

import ncps.torch
import onnxruntime
import torch
from minGRU_pytorch.minGRU import minGRU
from xlstm.blocks.slstm.cell import sLSTMCell, sLSTMCellConfig

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "tests" / "reference"))
import cells  # noqa: E402
import state_space  # noqa: E402

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


class Slstm(torch.nn.Module):
    """xlstm's sLSTM cell with weights of its inputs."""

    def __init__(self, hidden):
        super().__init__()
        self.weight = torch.nn.Linear(INPUTS, 4 * hidden, bias=False)
        shapes = {"input_shape": "BSGNH", "output_shape": "BSH", "dtype": "float32"}
        self.cell = sLSTMCell(sLSTMCellConfig(hidden_size=hidden, num_heads=1, backend="vanilla",
                                              enable_automatic_mixed_precision=False, **shapes))

    def forward(self, x, state=None):
        return self.cell(self.weight(x), state)


class StepByStep(torch.nn.Module):
    """A reference model of tests/reference, which takes one step at a time."""

    def __init__(self, model):
        super().__init__()
        self.model = model
        for name, parameter in model.parameters_by_name().items():
            low, high = model.ranges.get(name, (-0.1, 0.1))
            torch.nn.init.uniform_(parameter, low, high)

    def forward(self, x, state=None):
        state = torch.zeros(x.shape[0], self.model.state_size) if state is None else state
        y, state = self.model.run(x.transpose(0, 1), torch.ones(x.shape[1::-1]), None, state)
        return y.transpose(0, 1), state


class MinGru(torch.nn.Module):
    def __init__(self, hidden):
        super().__init__()
        factor = (hidden + 0.5) / INPUTS  # the package rounds down
        self.cell = minGRU(INPUTS, expansion_factor=factor, proj_out=False)

    def forward(self, x, state=None):
        return self.cell(x, state, return_next_prev_hidden=True)


def new_cell(cell, hidden):
    """Of PyTorch, ncps, xlstm or minGRU-pytorch; where there is no package in PyTorch, the model of
    tests/reference."""
    if cell == "lstm":
        return torch.nn.LSTM(INPUTS, hidden, batch_first=True)
    if cell == "gru":
        return torch.nn.GRU(INPUTS, hidden, batch_first=True)
    if cell == "cfc":
        return ncps.torch.CfC(INPUTS, hidden, backbone_units=128, backbone_layers=1,
                              backbone_dropout=0.0)
    if cell == "mingru":
        return MinGru(hidden)
    if cell == "slstm":
        return Slstm(hidden)
    if cell == "lrc":
        return StepByStep(cells.Lrc(INPUTS, hidden))
    if cell == "lru":
        return StepByStep(state_space.Block(INPUTS, hidden, state_space.Lru(hidden, 64), "lru"))
    return ncps.torch.LTC(INPUTS, hidden, ode_unfolds=6)


class Peer(torch.nn.Module):
    """Another program's cell with a linear readout, as liquidbench's networks have."""

    def __init__(self, cell, hidden):
        super().__init__()
        self.cell = new_cell(cell, hidden)
        self.readout = torch.nn.Linear(hidden, INPUTS)

    def forward(self, x, state=None):
        hidden, state = self.cell(x, state)
        return self.readout(hidden), state


def median_time(call, seconds=SECONDS):
    call()
    times, end = [], time.perf_counter() + seconds
    while len(times) < 3 or time.perf_counter() < end:
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def best_over_threads(measure):
    """(time, threads) of the fastest thread count."""
    return min((measure(threads), threads) for threads in range(1, (os.cpu_count() or 1) + 1))


def with_threads(step):
    """What best_over_threads() wants, of a step of PyTorch."""

    def measure(threads):
        torch.set_num_threads(threads)
        return median_time(step)

    return measure


def peer_step(cell, hidden, batch, steps):
    model = Peer(cell, hidden)
    optimizer = torch.optim.Adam(model.parameters())
    x, y = torch.randn(batch, steps, INPUTS), torch.randn(batch, steps, INPUTS)

    def step():
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(x)[0], y).backward()
        optimizer.step()

    return step


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
    model = Peer(cell, hidden).eval()
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
        torch.onnx.export(Step(Peer(cell, hidden).eval()), values, file, dynamo=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    session = onnxruntime.InferenceSession(file.getvalue(), options,
                                           providers=["CPUExecutionProvider"])
    names = [part.name for part in session.get_inputs()]

    def step():
        step.values[1:] = session.run(None, dict(zip(names, step.values, strict=True)))[1:]

    step.values = [value.numpy() for value in values]
    return median_time(step), 1


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
