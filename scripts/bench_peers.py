#!/usr/bin/env python3
"""Compares liquidbench's engine with PyTorch and packages for it: the same shapes, machine and run.

    python scripts/bench_peers.py [LIQUIDBENCH] [--write docs/performance.md]

For each row the two take turns, and the medians of the turns are compared. Both train with every
thread count up to the number of processors, and the best one counts; liquidbench streams in one.
A training step is forward, backward and Adam with a mean squared error at every step. Its memory is
what it adds to the peak of a fresh process, and for liquidbench the exact sum. With --write,
the table replaces the one between the markers in that file. `make bench-peers` installs what is
needed and calls this.
"""

import argparse
import datetime
import importlib.metadata
import json
import multiprocessing
import os
import platform
import pathlib
import statistics
import subprocess
import sys
import time

import ncps.torch
import torch
from minGRU_pytorch.minGRU import minGRU
from xlstm.blocks.slstm.cell import sLSTMCell, sLSTMCellConfig

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "tests" / "reference"))
import cells  # noqa: E402
import state_space  # noqa: E402

INPUTS = 17
TURNS = 3
SECONDS = 1.0  # of each measurement
BEGIN, END = "<!-- bench-peers: begin -->", "<!-- bench-peers: end -->"

# cell, hidden, batch, steps, goal of the ratio
TRAINING = [
    ("lstm", 32, 16, 32, 10),
    ("lstm", 64, 64, 64, 4),
    ("lstm", 256, 128, 64, 1.5),
    ("cfc", 32, 16, 32, 12),
    ("cfc", 64, 64, 64, 4),
    ("ltc", 32, 16, 32, 15),
    ("ltc", 64, 64, 64, 15),
    ("mingru", 64, 64, 64, 2),
    ("slstm", 64, 64, 64, 2),
    ("lru", 64, 64, 64, 4),
    ("lrc", 32, 16, 32, 15),
]
STREAMING = [("lstm", 32, 40), ("cfc", 32, 60), ("ltc", 32, 150)]
MEMORY = [("ltc", 64, 64, 64, 20)]


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


def peer_training(*shape):
    return best_over_threads(with_threads(peer_step(*shape)))


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


def peer_memory(*shape):
    with multiprocessing.get_context("spawn").Pool(1) as fresh_process:
        return fresh_process.apply(peak_growth, shape)


def peer_streaming(cell, hidden):
    model = Peer(cell, hidden).eval()
    x = torch.randn(1, 1, INPUTS)

    def step():
        step.state = model(x, step.state)[1]

    step.state = None
    with torch.no_grad():
        return best_over_threads(with_threads(step))


def bench(program, cell, hidden, batch, steps, threads=1):
    command = [program, "bench", "--json", "--cell", cell, "--shape", f"{hidden}x{batch}x{steps}",
               "--inputs", str(INPUTS), "--seconds", str(SECONDS), "--threads", str(threads)]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)[0]


def own_training(program, *shape):
    return best_over_threads(
        lambda threads: bench(program, *shape, threads)["training_step_ms"] / 1e3)


def own_memory(program, *shape):
    memory = bench(program, *shape)["memory"]
    return sum(memory[kind] for kind in ("parameters", "gradients", "optimizer", "activations"))


def own_streaming(program, cell, hidden):
    return bench(program, cell, hidden, 1, 1)["step_us"]["p50"] / 1e6, 1


def median_turn(turns):
    """Median of the times, and the thread count that was best most often."""
    return (statistics.median(time for time, _ in turns),
            statistics.mode(threads for _, threads in turns))


def compare(peer, ours):
    """(time, threads) of both, over turns."""
    turns = [(peer(), ours()) for _ in range(TURNS)]
    return median_turn([turn[0] for turn in turns]), median_turn([turn[1] for turn in turns])


def row(work, peer, ours, goal, peer_text, own_text):
    met = "yes" if peer / ours >= goal else "no"
    line = f"| {work} | {peer_text} | {own_text} | {peer / ours:.1f} | {goal} | {met} |"
    print(line, flush=True)
    return line


def time_row(work, peer, ours, goal, unit):
    scale = 1e3 if unit == "ms" else 1e6
    return row(work, peer[0], ours[0], goal, *(f"{time * scale:.3g} {unit} ({threads})"
                                               for time, threads in (peer, ours)))


def memory_row(work, peer, ours, goal):
    return row(work, peer, ours, goal, *(f"{size / 2**20:.3g} MiB" for size in (peer, ours)))


def cpu_name():
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        names = [line.split(":", 1)[1].strip() for line in info if line.startswith("model name")]
    return names[0] if names else platform.processor()


def table(program):
    version = subprocess.run([program, "--version"], check=True, capture_output=True, text=True)
    lines = [
        f"Measured {datetime.date.today()} on {cpu_name()} ({os.cpu_count()} processors) with "
        f"{version.stdout.splitlines()[0]}, PyTorch {torch.__version__} and ncps "
        f"{importlib.metadata.version('ncps')}.",
        "",
        "| work (17 inputs) | peer (threads) | liquidbench (threads) | ratio | goal | met |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for cell, hidden, batch, steps, goal in TRAINING:
        peer, ours = compare(lambda: peer_training(cell, hidden, batch, steps),
                             lambda: own_training(program, cell, hidden, batch, steps))
        work = f"{cell} {hidden}, batch {batch}, {steps} steps: training step"
        lines.append(time_row(work, peer, ours, goal, "ms"))
    for cell, hidden, goal in STREAMING:
        peer, ours = compare(lambda: peer_streaming(cell, hidden),
                             lambda: own_streaming(program, cell, hidden))
        lines.append(time_row(f"{cell} {hidden}: streaming step", peer, ours, goal, "µs"))
    for *shape, goal in MEMORY:
        cell, hidden, batch, steps = shape
        work = f"{cell} {hidden}, batch {batch}, {steps} steps: memory of a training step"
        lines.append(memory_row(work, peer_memory(*shape), own_memory(program, *shape), goal))
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
