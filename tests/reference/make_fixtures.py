#!/usr/bin/env python3
"""Write the reference fixtures that liquidbench's cells are tested against.

    python tests/reference/make_fixtures.py OUTDIR           write every fixture into OUTDIR
    python tests/reference/make_fixtures.py --check DIR      regenerate, compare with DIR's files
    python tests/reference/make_fixtures.py --list           names of the cases

One safetensors file a case: see README.md beside this script for its tensors. All arithmetic is
done in float64 on inputs and parameters that are exact in float32; only the results are rounded, so
a file holds the right answer rather than one library's float32 rounding of it.
"""

import argparse
import hashlib
import importlib.metadata
import json
import pathlib
import struct
import sys

import numpy
import torch
from safetensors import safe_open

from cases import CASES

TOLERANCE = 1e-6  # of a tensor's largest magnitude


def exact(values):
    """A float64 tensor whose values are all representable in float32."""
    return torch.from_numpy(numpy.asarray(values).astype(numpy.float32).astype(numpy.float64))


def version(package):
    return importlib.metadata.version(package).split("+")[0]


def draw_mask(rng, steps, batch):
    """About a third absent; always the very first and the very last step of some stream."""
    mask = (rng.uniform(size=(steps, batch)) > 0.35).astype(numpy.float64)
    mask[0, 0] = 0
    mask[-1, -1] = 0
    mask[steps // 2, :] = 1
    return exact(mask)


def make(case):
    """Run one case; returns (tensors as float32 arrays, metadata)."""
    seed = int.from_bytes(hashlib.sha256(case.name.encode()).digest()[:8], "little")
    rng = numpy.random.Generator(numpy.random.PCG64(seed))
    cell = case.build().double()

    params = cell.parameters_by_name()
    for name in sorted(params):
        params[name].data = exact(cell.draw(name, tuple(params[name].shape), rng))

    steps, batch = case.steps, case.batch
    x = exact(cell.draw_inputs(rng, steps, batch, case.inputs)).requires_grad_()
    elapsed = numpy.ones((steps, batch))
    if cell.uses_time and case.irregular:
        elapsed = rng.uniform(0.1, 2.0, (steps, batch))
    elapsed = exact(elapsed).requires_grad_()
    mask = draw_mask(rng, steps, batch) if case.masked else None
    state0 = exact(cell.draw_state(rng, batch)).requires_grad_()

    y, state = cell.run(x, elapsed, mask, state0)
    dy = exact(rng.standard_normal(tuple(y.shape)))
    dstate = exact(rng.standard_normal(tuple(state.shape)))
    loss = (y * dy).sum() + (state * dstate).sum()
    leaves = [x, state0, elapsed, *params.values()]
    grads = torch.autograd.grad(loss, leaves, allow_unused=True, materialize_grads=True)

    tensors = {"x": x, "elapsed": elapsed, "state0": state0, "y": y, "state": state}
    tensors.update(dy=dy, dstate=dstate, grad_x=grads[0], grad_state0=grads[1])
    if cell.uses_time:
        tensors["grad_elapsed"] = grads[2]
    if mask is not None:
        tensors["mask"] = mask
    for (name, parameter), grad in zip(params.items(), grads[3:], strict=True):
        tensors[f"param.{name}"] = parameter
        tensors[f"grad.{name}"] = grad
    wiring = cell.wiring if "wiring" in case.model else None
    if wiring:
        tensors["adjacency"] = torch.as_tensor(wiring.adjacency_matrix)
        tensors["sensory_adjacency"] = torch.as_tensor(wiring.sensory_adjacency_matrix)

    arrays = {n: t.detach().numpy().astype(numpy.float32) for n, t in tensors.items()}
    for name, array in arrays.items():
        if not numpy.isfinite(array).all():
            raise ValueError(f"{case.name}: {name} is not finite")
    metadata = {
        "model": json.dumps(case.model, separators=(",", ":")),
        "inputs": str(case.inputs),
        "versions": ", ".join(f"{name} {version(name)}" for name in ("torch", "ncps")),
        "reference": case.reference,
    }
    if wiring:
        kinds = [wiring.get_type_of_neuron(neuron) for neuron in range(wiring.units)]
        metadata["units"] = str(wiring.units)
        metadata.update({kind: str(kinds.count(kind)) for kind in ("inter", "command", "motor")})
    return arrays, metadata


def encode(arrays, metadata):
    """The safetensors bytes, entries sorted by name. (The library's writer orders the metadata
    by hash, differently in every run; fixtures must be the same bytes every time.)"""
    header, offset = {"__metadata__": dict(sorted(metadata.items()))}, 0
    for name in sorted(arrays):
        size = arrays[name].nbytes
        shape = list(arrays[name].shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    data = b"".join(numpy.ascontiguousarray(arrays[name]).tobytes() for name in sorted(arrays))
    return struct.pack("<Q", len(text)) + text + data


def differences(path, arrays, metadata):
    """What in the file at `path` differs from the fixture just made: a list of sentences."""
    if not path.exists():
        return ["no such file"]
    found = []
    with safe_open(path, framework="numpy") as stored:
        names = set(stored.keys())
        found += [f"{name}: missing" for name in sorted(set(arrays) - names)]
        found += [f"{name}: not expected" for name in sorted(names - set(arrays))]
        for name in sorted(names & set(arrays)):
            old, new = stored.get_tensor(name), arrays[name]
            if old.shape != new.shape:
                found.append(f"{name}: shape {old.shape}, expected {new.shape}")
                continue
            scale = max(float(numpy.abs(new).max(initial=0)), 1e-30)
            gap = float(numpy.abs(old.astype(numpy.float64) - new).max(initial=0)) / scale
            if not gap <= TOLERANCE:
                found.append(f"{name}: differs by {gap:.2g} relative")
        old = dict(stored.metadata() or {})
        for key in sorted((set(old) | set(metadata)) - {"versions"}):
            if old.get(key) != metadata.get(key):
                found.append(f"metadata {key}: {old.get(key)!r}, expected {metadata.get(key)!r}")
    return found


def main():
    parser = argparse.ArgumentParser(description="Reference fixtures for liquidbench's cells.")
    parser.add_argument("outdir", nargs="?", type=pathlib.Path, help="folder to write into")
    parser.add_argument("--check", type=pathlib.Path, metavar="DIR", help="compare, write nothing")
    parser.add_argument("--list", action="store_true", help="print the names of the cases")
    options = parser.parse_args()
    if options.list:
        print("\n".join(sorted(case.name for case in CASES)))
        return 0
    if (options.outdir is None) == (options.check is None):
        parser.error("give either OUTDIR or --check DIR")

    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    failed, total = 0, 0
    if options.outdir:
        options.outdir.mkdir(parents=True, exist_ok=True)
    for case in CASES:
        arrays, metadata = make(case)
        if options.outdir:
            contents = encode(arrays, metadata)
            (options.outdir / f"{case.name}.safetensors").write_bytes(contents)
            total += len(contents)
            continue
        found = differences(options.check / f"{case.name}.safetensors", arrays, metadata)
        failed += bool(found)
        for sentence in found:
            print(f"{case.name}.safetensors: {sentence}")
    if options.outdir:
        print(f"{len(CASES)} fixtures, {total} bytes")
        return 0
    expected = {f"{case.name}.safetensors" for case in CASES}
    for path in sorted(options.check.glob("*.safetensors")):
        if path.name not in expected:
            print(f"{path.name}: no case makes this file")
            failed += 1
    print(f"{len(CASES)} cases, {failed} files differ")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
