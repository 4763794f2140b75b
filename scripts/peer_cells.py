"""Networks of other programs, with a linear readout as liquidbench's have: what bench_peers.py and
peer_jobs.py time. A cell is that of PyTorch, ncps, xlstm or minGRU-pytorch, whose layers run over a whole
sequence at once; where there is no package in PyTorch, it is the model of tests/reference, which takes one
step at a time."""

import pathlib
import statistics
import sys
import time

import ncps.torch
import torch
from minGRU_pytorch.minGRU import minGRU
from minGRU_pytorch.minLSTM import minLSTM
from torch import nn
from xlstm.blocks.slstm.cell import sLSTMCell, sLSTMCellConfig

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "tests" / "reference"))
import cells  # noqa: E402
import reference  # noqa: E402
import state_space  # noqa: E402


class Slstm(nn.Module):
    """xlstm's sLSTM cell with weights of its inputs."""

    def __init__(self, inputs, hidden):
        super().__init__()
        self.weight = nn.Linear(inputs, 4 * hidden, bias=False)
        shapes = {"input_shape": "BSGNH", "output_shape": "BSH", "dtype": "float32"}
        self.cell = sLSTMCell(sLSTMCellConfig(hidden_size=hidden, num_heads=1, backend="vanilla",
                                              enable_automatic_mixed_precision=False, **shapes))

    def forward(self, x, state=None):
        return self.cell(self.weight(x), state)


class Minimal(nn.Module):
    """minGRU or minLSTM of minGRU-pytorch."""

    def __init__(self, package, inputs, hidden):
        super().__init__()
        factor = (hidden + 0.5) / inputs  # the package rounds down
        self.cell = package(inputs, expansion_factor=factor, proj_out=False)

    def forward(self, x, state=None):
        return self.cell(x, state, return_next_prev_hidden=True)


class StepByStep(nn.Module):
    """A reference model of tests/reference."""

    def __init__(self, model):
        super().__init__()
        self.model = model
        for name, parameter in model.parameters_by_name().items():
            low, high = model.ranges.get(name, (-0.1, 0.1))
            nn.init.uniform_(parameter, low, high)

    def forward(self, x, state=None):
        state = torch.zeros(x.shape[0], self.model.state_size) if state is None else state
        y, state = self.model.run(x.transpose(0, 1), torch.ones(x.shape[1::-1]), None, state)
        return y.transpose(0, 1), state


class Stack(nn.Module):
    """Layers, one above the other, from the zero state."""

    def __init__(self, layers):
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, x, state=None):
        for layer in self.layers:
            x, state = layer(x)
        return x, state


def cfc(inputs, hidden, options):
    memory = {"mixed_memory": options.get("mixed_memory", False)}
    if "wiring" in options:
        return ncps.torch.CfC(inputs, options["wiring"], **memory)
    backbone = {"units": 128, "layers": 1, "dropout": 0.0, **options.get("backbone", {})}
    return ncps.torch.CfC(inputs, hidden, backbone_units=backbone["units"],
                          backbone_layers=backbone["layers"], backbone_dropout=backbone["dropout"],
                          mode=options.get("mode", "default"), **memory)


def ltc(inputs, hidden, options):
    return ncps.torch.LTC(inputs, options.get("wiring", hidden), ode_unfolds=options.get("unfolds") or 6,
                          mixed_memory=options.get("mixed_memory", False))


def tcn(inputs, hidden, options):
    layers = options.get("layers", 1)
    return reference.Stack([cells.Tcn(inputs if layer == 0 else hidden, hidden, dilation=2**layer)
                            for layer in range(layers)])


def plstm(inputs, hidden, options):
    model = cells.PhasedLstm(inputs, hidden)
    model.refuses_edges = False
    return model


def block(layer, preset):
    """Of a state-space layer of the given class: its states as liquidbench counts them."""
    return lambda inputs, hidden, options: state_space.Block(
        inputs, hidden, layer(hidden, options.get("state", 64)), preset)


# From inputs, hidden units and options. Layers that take [batch, steps, inputs]:
WHOLE = {
    "rnn": lambda inputs, hidden, options: nn.RNN(inputs, hidden, batch_first=True),
    "gru": lambda inputs, hidden, options: nn.GRU(inputs, hidden, batch_first=True),
    "lstm": lambda inputs, hidden, options: nn.LSTM(inputs, hidden, batch_first=True),
    "bilstm": lambda inputs, hidden, options: nn.LSTM(inputs, hidden, batch_first=True, bidirectional=True),
    "mingru": lambda inputs, hidden, options: Minimal(minGRU, inputs, hidden),
    "minlstm": lambda inputs, hidden, options: Minimal(minLSTM, inputs, hidden),
    "slstm": lambda inputs, hidden, options: Slstm(inputs, hidden),
    "cfc": cfc,
    "ltc": ltc,
}
# Models of tests/reference:
STEPS = {
    "ctrnn": lambda inputs, hidden, options: cells.Ctrnn(inputs, hidden, unfolds=options.get("unfolds", 6)),
    "node": lambda inputs, hidden, options: cells.Ctrnn(inputs, hidden, unfolds=options.get("unfolds", 6),
                                                        leak=False),
    "ctgru": lambda inputs, hidden, options: cells.CtGru(inputs, hidden),
    "grud": lambda inputs, hidden, options: cells.GruD(inputs, hidden),
    "gruode": lambda inputs, hidden, options: cells.GruOde(inputs, hidden),
    "plstm": plstm,
    "odelstm": lambda inputs, hidden, options: cells.OdeLstm(inputs, hidden),
    "lstmctrnn": lambda inputs, hidden, options: cells.LstmCtrnn(inputs, hidden),
    "rnndecay": lambda inputs, hidden, options: cells.RnnDecay(inputs, hidden),
    "lem": lambda inputs, hidden, options: cells.Lem(inputs, hidden),
    "cornn": lambda inputs, hidden, options: cells.Cornn(inputs, hidden),
    "lrc": lambda inputs, hidden, options: cells.Lrc(inputs, hidden),
    "tcn": tcn,
    "liquids4": block(state_space.WholeLiquidS4, "lru"),
    "lru": block(state_space.Lru, "lru"),
    "linoss": block(state_space.Linoss, "linoss"),
    "lrcssm": block(state_space.Lrcssm, "lrcssm"),
}


def new_cell(cell, inputs, hidden, options):
    if cell in STEPS:
        return StepByStep(STEPS[cell](inputs, hidden, options))
    layers = options.get("layers", 1)
    if layers == 1:
        return WHOLE[cell](inputs, hidden, options)
    return Stack([WHOLE[cell](inputs if layer == 0 else hidden, hidden, options) for layer in range(layers)])


class Peer(nn.Module):
    """A cell with a readout, which is as wide as the cell's output turns out to be."""

    def __init__(self, cell, inputs, hidden, outputs, options=None):
        super().__init__()
        self.inputs = inputs
        self.cell = new_cell(cell, inputs, hidden, options or {})
        with torch.no_grad():
            width = self.cell(torch.zeros(1, 2, inputs))[0].shape[-1]
        self.readout = nn.Linear(width, outputs)

    def forward(self, x, state=None):
        hidden, state = self.cell(x, state)
        return self.readout(hidden), state


def training_step(peer, batch, steps):
    """A function that takes one: forward, mean squared error at every step, backward, Adam."""
    optimizer = torch.optim.Adam(peer.parameters())
    x = torch.randn(batch, steps, peer.inputs)
    y = torch.randn(batch, steps, peer.readout.out_features)

    def step():
        optimizer.zero_grad()
        nn.functional.mse_loss(peer(x)[0], y).backward()
        optimizer.step()

    return step


def median_time(call, seconds):
    call()
    times, end = [], time.perf_counter() + seconds
    while len(times) < 3 or time.perf_counter() < end:
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)
