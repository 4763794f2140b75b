#!/usr/bin/env python3
"""What the training of whole runs would take in PyTorch, beside what it took here.

    python scripts/peer_jobs.py RESULTS...

Reads the trial records of results folders, which say how many time steps each trial was trained on and how
much processor time that took. Times a training step of PyTorch for every shape that occurs (cell, inputs,
units, batch, window), in one thread, because trials run side by side, and multiplies. Evaluation, reading and
the noise suites cost PyTorch nothing here. `make bench-peers` installs the packages.
"""

import argparse
import collections
import json
import pathlib

import ncps.wirings
import torch

from peer_cells import Peer, median_time, training_step

SECONDS = 0.4  # of each measurement


def wiring_of(options):
    """ncps's, of as many neurons: what its cells compute hangs on their number alone."""
    wiring, hidden = options["wiring"], options["hidden"]
    if wiring["type"] == "fully_connected":
        return {}
    return {"wiring": ncps.wirings.AutoNCP(hidden, min(wiring.get("outputs") or 1, hidden - 3))}


class Shape:
    """What a trial's training step costs depends on this alone."""

    def __init__(self, record):
        model, task, options = record["model"], record["task"], record["model"]["options"]
        self.cell, self.hidden = model["cell"], options["hidden"]
        self.inputs = len(task["inputs"]) + bool(options.get("time_input"))
        self.outputs = len(task["targets"])
        self.batch = options["train"]["batch"]
        config = record["config"]
        self.steps = config.get("task", {}).get("window") or config["dataset"]["rows"]
        kept = ("layers", "backbone", "mode", "mixed_memory", "unfolds", "state")
        self.options = {name: options[name] for name in kept if name in options}
        if "wiring" in options:
            self.options |= wiring_of(options)
        self.key = (model["name"], self.hidden, self.inputs, self.outputs, self.batch, self.steps)

    def seconds(self):
        """Of PyTorch, for one time step of one window."""
        peer = Peer(self.cell, self.inputs, self.hidden, self.outputs, self.options)
        return median_time(training_step(peer, self.batch, self.steps), SECONDS) / (self.batch * self.steps)


def jobs(folders):
    """Shape and [time steps trained on, seconds here] by what tells shapes apart."""
    shapes, work = {}, collections.defaultdict(lambda: [0.0, 0.0])
    for folder in folders:
        for path in sorted(pathlib.Path(folder).glob("trials/*.json")):
            record = json.loads(path.read_text(encoding="utf-8"))
            if record["model"]["baseline"] or "train_operations" not in record["cost"]:
                continue
            shape = Shape(record)
            shapes[shape.key] = shape
            cost = record["cost"]
            work[shape.key][0] += cost["train_operations"] / (3 * cost["flops_per_step"])
            work[shape.key][1] += cost["train_cpu_seconds"]
    return shapes, work


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", nargs="+", help="folders that `liquidbench run` wrote")
    torch.set_num_threads(1)
    shapes, work = jobs(parser.parse_args().results)
    sums = collections.defaultdict(lambda: [0.0, 0.0])
    for key, shape in shapes.items():
        steps, seconds = work[key]
        sums[key[0]][0] += steps * shape.seconds()
        sums[key[0]][1] += seconds
    sums["all"] = [sum(column) for column in zip(*sums.values(), strict=True)]
    print(f"{'model':<16} {'PyTorch, s':>12} {'here, s':>10} {'ratio':>6}")
    for name, (theirs, ours) in sums.items():
        print(f"{name:<16} {theirs:12.1f} {ours:10.1f} {theirs / ours:6.1f}")


if __name__ == "__main__":
    main()
