#!/usr/bin/env python3
"""Do weights move between liquidbench and PyTorch, ncps or another package, both ways?

    scripts/check_interchange.py [PROGRAM]        (default: ./liquidbench)

Trains one small network of each kind with `liquidbench run`, loads its file into the modules of
torch.nn, ncps, minGRU-pytorch, xlstm, torchrecurrent, pytorch-tcn or discretax, and compares their
outputs with those of `liquidbench predict` on the same CSV file, whose rows are irregular in time
(regular for discretax, which knows no time). Then the other way: a fresh module's weights, and for wired
cells a wiring that ncps drew, are saved with the file's metadata and given to `predict`.

Prints the largest differences, relative to the largest output in units of the network; exit 1 when
one of them is above 1e-4. Needs the packages of tests/reference/requirements.txt."""

import argparse
import csv
import itertools
import json
import math
import pathlib
import random
import subprocess
import sys
import tempfile

import discretax.sequence_mixers.linoss
import discretax.sequence_mixers.lru
import equinox
import jax
from minGRU_pytorch.minGRU import minGRU
from minGRU_pytorch.minLSTM import minLSTM
import ncps.torch
import ncps.wirings
import numpy
import pytorch_tcn
import torch
import torchrecurrent
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn
from xlstm.blocks.slstm.cell import sLSTMCell, sLSTMCellConfig

TOLERANCE = 1e-4
INPUTS, HIDDEN, ROWS = 2, 9, 200
COLUMNS = ["current", "angle"]
WIRED = {"type": "auto_ncp", "units": 13, "outputs": 3}


class GivenWiring(ncps.wirings.Wiring):
    """The synapses in a model file's metadata, as ncps wants them: neurons are numbered motor,
    command, inter; a CfC's layers are inter, command, motor."""

    def __init__(self, described):
        sizes = [described[kind] for kind in ("motor", "command", "inter")]
        super().__init__(sum(sizes))
        self.described = described
        self.set_output_dim(sizes[0])
        ends = [sum(sizes[: i + 1]) for i in range(3)]
        self.layers = [list(range(end - size, end)) for end, size in zip(ends, sizes, strict=True)][::-1]
        for synapse in described["synapses"][0]["neurons"]:
            self.add_synapse(*synapse)

    def build(self, inputs):
        super().build(inputs)
        for synapse in self.described["synapses"][0]["sensory"]:
            self.add_sensory_synapse(*synapse)

    @property
    def num_layers(self):
        return 3

    def get_neurons_of_layer(self, layer):
        return self.layers[layer]


def describe(wiring):
    """The reverse: a wiring of ncps as a config's "wiring"."""
    kinds = [wiring.get_type_of_neuron(neuron) for neuron in range(wiring.units)]

    def synapses(matrix):
        rows, columns = matrix.nonzero()
        return [[int(i), int(j), int(matrix[i, j])] for i, j in zip(rows, columns, strict=True)]

    return {
        "type": "given",
        **{kind: kinds.count(kind) for kind in ("motor", "command", "inter")},
        "synapses": [
            {
                "sensory": synapses(wiring.sensory_adjacency_matrix),
                "neurons": synapses(wiring.adjacency_matrix),
            }
        ],
    }


def take(tensors, prefix):
    """The tensors whose names begin with the prefix, without it; and the others."""
    own = {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}
    return own, {n: t for n, t in tensors.items() if not n.startswith(prefix)}


def with_prefix(prefix, module):
    return {prefix + name: tensor for name, tensor in module.state_dict().items()}


class TorchModel(nn.Module):
    """torch.nn.RNN, GRU or LSTM, and a readout."""

    def __init__(self, module, config, wiring):
        super().__init__()
        self.cell = module(INPUTS, HIDDEN, config.get("layers", 1))
        self.readout = nn.Linear(HIDDEN, INPUTS)

    def forward(self, x, elapsed):
        return self.readout(self.cell(x)[0])

    def load_tensors(self, tensors):
        readout, cell = take(tensors, "readout.")
        self.readout.load_state_dict(readout)
        self.cell.load_state_dict(cell)

    def tensors(self):
        return {**self.cell.state_dict(), **with_prefix("readout.", self.readout)}


class LiquidModel(TorchModel):
    """A cell of ncps and a readout. The cell is called step by step with the elapsed time as
    [1][1]: the sequence modules of ncps mishandle a batch of elapsed times."""

    def __init__(self, cell, config, wiring):
        nn.Module.__init__(self)
        self.cell, self.state_size = cell
        self.readout = nn.Linear(wiring.output_dim if wiring else HIDDEN, INPUTS)

    def forward(self, x, elapsed):
        state, outputs = torch.zeros(1, self.state_size), []
        for t in range(len(x)):
            y, state = self.cell(x[t : t + 1], state, elapsed[t].view(1, 1))
            outputs.append(self.readout(y))
        return torch.cat(outputs)


class MixedMemoryModel(LiquidModel):
    """The same with an LSTM's memory: ncps.torch.CfC or LTC with mixed_memory=True."""

    def __init__(self, whole, config, wiring):
        super().__init__((whole.rnn_cell, HIDDEN), config, wiring)
        self.lstm = whole.lstm

    def forward(self, x, elapsed):
        state, outputs = (torch.zeros(1, HIDDEN), torch.zeros(1, HIDDEN)), []
        for t in range(len(x)):
            h, c = self.lstm(x[t : t + 1], state)
            y, h = self.cell(x[t : t + 1], h, elapsed[t].view(1, 1))
            state = h, c
            outputs.append(self.readout(y))
        return torch.cat(outputs)

    def load_tensors(self, tensors):
        lstm, others = take(tensors, "lstm.")
        self.lstm.load_state_dict(lstm)
        super().load_tensors(others)

    def tensors(self):
        return {**super().tensors(), **with_prefix("lstm.", self.lstm)}


class MinimalModel(TorchModel):
    """minGRU or minLSTM of minGRU-pytorch, and a readout."""

    def __init__(self, package, config, wiring):
        nn.Module.__init__(self)
        self.cell = package(INPUTS, expansion_factor=HIDDEN / INPUTS, proj_out=False)
        self.readout = nn.Linear(HIDDEN, INPUTS)

    def forward(self, x, elapsed):
        return self.readout(self.cell(x.unsqueeze(0)).squeeze(0))


class SlstmModel(TorchModel):
    """xlstm's sLSTM cell with weights of inputs and a readout."""

    def __init__(self, config, wiring):
        nn.Module.__init__(self)
        self.weight_ih = nn.Parameter(torch.randn(4 * HIDDEN, INPUTS))
        self.cell = sLSTMCell(
            sLSTMCellConfig(
                hidden_size=HIDDEN,
                num_heads=config["heads"],
                backend="vanilla",
                dtype="float32",
                enable_automatic_mixed_precision=False,
                input_shape="SBGNH",
                output_shape="SBH",
                recurrent_weight_init="standard",
            )
        )
        self.readout = nn.Linear(HIDDEN, INPUTS)

    def forward(self, x, elapsed):
        y, _ = self.cell(nn.functional.linear(x, self.weight_ih).unsqueeze(1))
        return self.readout(y.squeeze(1))

    def load_tensors(self, tensors):
        self.weight_ih.data = tensors.pop("weight_ih")
        super().load_tensors(tensors)

    def tensors(self):
        return {**super().tensors(), "weight_ih": self.weight_ih.data}


class CornnModel(TorchModel):
    """torchrecurrent's coRNN cell, whose time step follows the elapsed time, and a readout. Its
    three weights are columns of ours, its three biases add up to ours."""

    COLUMNS = {"ih": INPUTS, "ch": HIDDEN, "hh": HIDDEN}

    def __init__(self, config, wiring):
        nn.Module.__init__(self)
        self.dt = config["dt"]
        options = {name: config[name] for name in ("gamma", "epsilon")}
        self.cell = torchrecurrent.coRNNCell(INPUTS, HIDDEN, **options)
        self.readout = nn.Linear(HIDDEN, INPUTS)

    def forward(self, x, elapsed):
        state, outputs = (torch.zeros(1, HIDDEN), torch.zeros(1, HIDDEN)), []
        for t in range(len(x)):
            self.cell.dt = self.dt * float(elapsed[t])
            state = self.cell(x[t : t + 1], state)
            outputs.append(self.readout(state[0]))
        return torch.cat(outputs)

    def load_tensors(self, tensors):
        readout, own = take(tensors, "readout.")
        self.readout.load_state_dict(readout)
        parts = own["i2h.weight"].split(list(self.COLUMNS.values()), dim=1)
        for name, part in zip(self.COLUMNS, parts, strict=True):
            getattr(self.cell, f"weight_{name}").data = part
            getattr(self.cell, f"bias_{name}").data = own["i2h.bias"] / 3

    def tensors(self):
        parts = {kind: [getattr(self.cell, f"{kind}_{n}") for n in self.COLUMNS] for kind in
                 ("weight", "bias")}
        return {
            "i2h.weight": torch.cat(parts["weight"], dim=1),
            "i2h.bias": sum(parts["bias"]),
            **with_prefix("readout.", self.readout),
        }


class TcnModel(TorchModel):
    """pytorch-tcn's network and a readout. Its weight norm calls the length and the direction of
    the weights original0 and original1."""

    NAMES = {"parametrizations.weight.original0": "weight_g",
             "parametrizations.weight.original1": "weight_v"}

    def __init__(self, config, wiring):
        nn.Module.__init__(self)
        self.cell = pytorch_tcn.TCN(
            INPUTS,
            [HIDDEN] * config["layers"],
            kernel_size=config["kernel"],
            dropout=0.0,
            causal=True,
            use_norm="weight_norm",
            kernel_initializer="normal",
            use_skip_connections=False,
            input_shape="NCL",
        ).eval()
        self.readout = nn.Linear(HIDDEN, INPUTS)

    def forward(self, x, elapsed):
        return self.readout(self.cell(x.T.unsqueeze(0)).squeeze(0).T)

    def own_names(self):
        """Ours of each tensor of the package that holds numbers of its own."""
        names = {}
        for name in self.cell.state_dict():
            layer, _, tensor = name.removeprefix("network.").partition(".")
            for theirs, ours in self.NAMES.items():
                tensor = tensor.replace(theirs, ours)
            if tensor.startswith(("conv1.", "conv2.", "downsample.")) and "padder" not in tensor:
                names[name] = tensor if layer == "0" else f"layers.{layer}.{tensor}"
        return names

    def load_tensors(self, tensors):
        readout, own = take(tensors, "readout.")
        self.readout.load_state_dict(readout)
        kept = self.cell.state_dict()
        self.cell.load_state_dict(kept | {name: own[ours] for name, ours in self.own_names().items()})

    def tensors(self):
        kept = self.cell.state_dict()
        own = {ours: kept[name] for name, ours in self.own_names().items()}
        return {**own, **with_prefix("readout.", self.readout)}


class DiscretaxModel(TorchModel):
    """A sequence mixer of discretax behind our encoder, and a readout."""

    DATA = "regular.csv"

    def __init__(self, mixer):
        nn.Module.__init__(self)
        self.mixer = mixer
        self.names = [name for name, value in vars(mixer).items() if equinox.is_array(value)]
        self.linear_encoder = nn.Linear(INPUTS, HIDDEN)
        self.readout = nn.Linear(HIDDEN, INPUTS)

    def forward(self, x, elapsed):
        u = jax.numpy.asarray(self.linear_encoder(x).numpy())
        v = self.mixer(u, jax.random.PRNGKey(0))
        return self.readout(torch.from_numpy(numpy.array(v, dtype=numpy.float32)))

    def load_tensors(self, tensors):
        for name in ("linear_encoder", "readout"):
            part, tensors = take(tensors, name + ".")
            getattr(self, name).load_state_dict(part)
        if set(tensors) != set(self.names):
            raise ValueError(f"{sorted(tensors)} are not {sorted(self.names)}")
        for name, tensor in tensors.items():
            value = jax.numpy.asarray(tensor.numpy())
            self.mixer = equinox.tree_at(lambda m, name=name: getattr(m, name), self.mixer, value)

    def tensors(self):
        own = {name: torch.from_numpy(numpy.array(getattr(self.mixer, name))) for name in self.names}
        for name in ("linear_encoder", "readout"):
            own |= with_prefix(name + ".", getattr(self, name))
        return own


def lru(config, wiring):
    key, state = jax.random.PRNGKey(5), config["state"]
    mixer = discretax.sequence_mixers.lru.LRUSequenceMixer(HIDDEN, key, state_dim=state)
    return DiscretaxModel(mixer)


def linoss(config, wiring):
    kind = config["discretization"]
    mixer = discretax.sequence_mixers.linoss.LinOSSSequenceMixer(
        HIDDEN,
        jax.random.PRNGKey(6),
        state_dim=config["state"],
        discretization="IM" if kind == "im" else "IMEX",
        damping=kind == "damped",
    )
    return DiscretaxModel(mixer)


def minimal_model(package):
    return lambda config, wiring: MinimalModel(package, config, wiring)


def torch_model(module):
    return lambda config, wiring: TorchModel(module, config, wiring)


def ltc(config, wiring):
    """ncps's cell clips its parameters by default, as ours does."""
    cell = ncps.torch.LTCCell(
        wiring or ncps.wirings.FullyConnected(HIDDEN),
        INPUTS,
        implicit_param_constraints=config["constraint"] == "softplus",
    )
    return LiquidModel((cell, cell.state_size), config, wiring)


def cfc(config, wiring):
    backbone = config["backbone"]
    cell = ncps.torch.CfCCell(
        INPUTS,
        HIDDEN,
        config.get("mode", "default"),
        backbone["activation"],
        backbone["units"],
        backbone["layers"],
    )
    return LiquidModel((cell, HIDDEN), config, wiring)


def wired_cfc(config, wiring):
    cell = ncps.torch.WiredCfCCell(INPUTS, wiring, config.get("mode", "default"))
    return LiquidModel((cell, wiring.units), config, wiring)


def mixed_memory_ltc(config, wiring):
    """ncps's sequence module has softplus constraints by default."""
    return MixedMemoryModel(ncps.torch.LTC(INPUTS, HIDDEN, mixed_memory=True), config, wiring)


def mixed_memory_cfc(config, wiring):
    units = config["backbone"]["units"]
    whole = ncps.torch.CfC(INPUTS, HIDDEN, mixed_memory=True, backbone_units=units)
    return MixedMemoryModel(whole, config, wiring)


ONE_LAYER = {"units": 12, "layers": 1, "activation": "lecun_tanh"}
TWO_LAYERS = {"units": 12, "layers": 2, "activation": "silu"}
LTC_SOFTPLUS = {"cell": "ltc", "hidden": HIDDEN, "constraint": "softplus"}
CFC = {"cell": "cfc", "hidden": HIDDEN, "backbone": ONE_LAYER}
BARE = {"hidden": HIDDEN, "state": 7, "block": "none"}
MODELS = [
    ({"cell": "rnn", "hidden": HIDDEN}, torch_model(nn.RNN)),
    ({"cell": "lstm", "hidden": HIDDEN}, torch_model(nn.LSTM)),
    ({"name": "lstm-stacked", "cell": "lstm", "hidden": HIDDEN, "layers": 2}, torch_model(nn.LSTM)),
    ({"cell": "gru", "hidden": HIDDEN}, torch_model(nn.GRU)),
    ({"cell": "mingru", "hidden": HIDDEN, "bias": False}, minimal_model(minGRU)),
    ({"cell": "minlstm", "hidden": HIDDEN, "bias": False}, minimal_model(minLSTM)),
    ({"cell": "slstm", "hidden": HIDDEN, "recurrent_init": "standard"}, SlstmModel),
    ({"name": "slstm-heads", "cell": "slstm", "hidden": HIDDEN, "heads": 3}, SlstmModel),
    ({"cell": "cornn", "hidden": HIDDEN}, CornnModel),
    ({"cell": "tcn", "hidden": HIDDEN, "layers": 2}, TcnModel),
    ({"cell": "lru", **BARE}, lru),
    ({"cell": "linoss", **BARE}, linoss),
    ({"name": "linoss-imex", "cell": "linoss", **BARE, "discretization": "imex"}, linoss),
    ({"name": "linoss-damped", "cell": "linoss", **BARE, "discretization": "damped"}, linoss),
    ({"cell": "ltc", "hidden": HIDDEN}, ltc),
    ({**LTC_SOFTPLUS, "name": "ltc-softplus"}, ltc),
    (CFC, cfc),
    ({**CFC, "name": "cfc-deep", "backbone": TWO_LAYERS}, cfc),
    ({**CFC, "name": "cfc-no-gate", "mode": "no_gate"}, cfc),
    ({**CFC, "name": "cfc-pure", "mode": "pure"}, cfc),
    ({"name": "ltc-ncp", "cell": "ltc", "wiring": WIRED}, ltc),
    ({"name": "cfc-ncp", "cell": "cfc", "wiring": WIRED}, wired_cfc),
    ({**LTC_SOFTPLUS, "name": "ltc-memory", "mixed_memory": True}, mixed_memory_ltc),
    ({**CFC, "name": "cfc-memory", "mixed_memory": True}, mixed_memory_cfc),
]


def write_data(path, steps):
    """Two signals whose times are steps apart that are drawn from `steps`."""
    rng, time = random.Random(1), 0.0
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["time", *COLUMNS])
        for _ in range(ROWS):
            time += rng.choice(steps)
            current = math.sin(time / 5) + 0.1 * rng.random()
            writer.writerow([f"{time:.1f}", f"{current:.5f}", f"{3 * math.cos(time / 7) + 10:.5f}"])


def train(program, folder):
    """Model files by the models' names."""
    config = {
        "name": "interchange",
        "dataset": {"csv": "data.csv", "time": "time"},
        "task": {"type": "forecast", "window": 16, "stride": 4, "horizon": 1},
        "models": [model for model, _ in MODELS],
        "train": {"epochs": 3, "learning_rate": 0.01},
        "evaluate": {"noise": {"types": []}, "latency_steps": 0},
        "baselines": [],
        "seeds": [0],
    }
    (folder / "config.json").write_text(json.dumps(config))
    command = [program, "run", "config.json", "-q", "-o", "results"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    found = {}
    for path in folder.glob("results/**/*.safetensors"):
        with safe_open(path, "pt") as file:
            found[json.loads(file.metadata()["model"])["name"]] = path
    return found


def read_model(path):
    with safe_open(path, "pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata()


def network_data(path, data):
    """x [T][I] and elapsed [T] as the network sees them."""
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    values = torch.tensor([[float(row[c]) for c in data["columns"]] for row in rows])
    times = [float(row["time"]) for row in rows]
    elapsed = [1.0] + [(b - a) / data["time_unit"] for a, b in itertools.pairwise(times)]
    scaled = (values.double() - torch.tensor(data["offset"])) / torch.tensor(data["scale"])
    return scaled.float(), torch.tensor(elapsed, dtype=torch.float32)


def predict(program, model, data_path, data):
    """What liquidbench predicts [T][O], back in units of the network."""
    command = [program, "predict", str(model), str(data_path)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    rows = list(csv.reader(printed.splitlines()))[1:]
    values = torch.tensor([[float(value) for value in row[1:]] for row in rows]).double()
    return (values - torch.tensor(data["target_offset"])) / torch.tensor(data["target_scale"])


def difference(ours, theirs):
    return float((ours - theirs).abs().max() / theirs.abs().max())


def fresh_wiring():
    wiring = ncps.wirings.AutoNCP(WIRED["units"], WIRED["outputs"], seed=4)
    wiring.build(INPUTS)
    return wiring


def check(program, path, build, folder):
    """Differences of a trained model in PyTorch, and of a fresh one in liquidbench."""
    tensors, metadata = read_model(path)
    config, data = json.loads(metadata["model"]), json.loads(metadata["data"])
    is_wired = config.get("wiring", {}).get("type") == "given"

    trained = build(config, GivenWiring(config["wiring"]) if is_wired else None)
    trained.load_tensors(tensors)
    rows = folder / getattr(trained, "DATA", "data.csv")
    x, elapsed = network_data(rows, data)
    there = difference(predict(program, path, rows, data), trained(x, elapsed))

    wiring = fresh_wiring() if is_wired else None
    fresh = build(config, wiring)
    if is_wired:
        config["wiring"] = describe(wiring)
        metadata["model"] = json.dumps(config)
    copy = folder / "fresh.safetensors"
    save_file({n: t.clone().contiguous() for n, t in fresh.tensors().items()}, copy, metadata)
    back = difference(predict(program, copy, rows, data), fresh(x, elapsed))
    return there, back


def main():
    parser = argparse.ArgumentParser(description="Weights to other packages, and back.")
    parser.add_argument("program", nargs="?", default="./liquidbench", type=pathlib.Path)
    program = parser.parse_args().program.resolve()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    failed = 0
    with tempfile.TemporaryDirectory() as name, torch.no_grad():
        folder = pathlib.Path(name)
        write_data(folder / "data.csv", [0.5, 1, 1, 2.5])
        write_data(folder / "regular.csv", [1])
        paths = train(program, folder)
        print("model          liquidbench -> package  package -> liquidbench")
        for model, build in MODELS:
            name = model.get("name", model["cell"])
            there, back = check(program, paths[name], build, folder)
            good = max(there, back) <= TOLERANCE  # false for NaN
            failed += not good
            print(f"{name:<14} {there:22.1e}  {back:22.1e}  {'' if good else 'DIFFERENT'}".rstrip())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
