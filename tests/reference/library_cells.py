"""Reference cells that PyTorch and ncps already have: thin wrappers that call the library."""

from minGRU_pytorch.minGRU import minGRU
from minGRU_pytorch.minLSTM import minLSTM
import torch
import torchrecurrent
from torch import nn
from xlstm.blocks.slstm.cell import sLSTMCell, sLSTMCellConfig
import ncps.torch
import ncps.wirings

from reference import Reference


class TorchRecurrent(Reference):
    """torch.nn.RNN, torch.nn.GRU or torch.nn.LSTM, one direction, any number of layers.

    State: h [H] of each layer for RNN and GRU; [h; c] of each layer for LSTM.
    Parameters: the library's names, `weight_ih_l0` ..."""

    def __init__(self, kind, inputs, hidden, layers=1):
        super().__init__()
        self.module = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[kind](inputs, hidden, layers)
        self.hidden, self.layers, self.has_cell = hidden, layers, kind == "lstm"
        self.state_size = layers * hidden * (2 if self.has_cell else 1)

    def unpack(self, state):
        parts = state.unflatten(1, (self.layers, -1, self.hidden)).permute(1, 2, 0, 3)
        h = parts[:, 0].contiguous()
        return (h, parts[:, 1].contiguous()) if self.has_cell else h

    def pack(self, state):
        parts = torch.stack(state, dim=1) if self.has_cell else state.unsqueeze(1)
        return parts.permute(2, 0, 1, 3).flatten(1)

    def step(self, x, elapsed, state):
        _, moved = self.module(x.unsqueeze(0), self.unpack(state))
        return self.pack(moved)

    def output(self, state):
        h = self.unpack(state)
        return (h[0] if self.has_cell else h)[-1]

    def run(self, x, elapsed, mask, state):
        y, last = super().run(x, elapsed, mask, state)
        if mask is None:  # the library's own walk over the sequence must say the same
            whole, end = self.module(x, self.unpack(state))
            torch.testing.assert_close(y, whole)
            torch.testing.assert_close(last, self.pack(end))
        return y, last

    def parameters_by_name(self):
        return dict(self.module.named_parameters())


class NcpsLtc(Reference):
    """ncps.torch.LTCCell, called directly with the elapsed time as [B][1].

    On a wiring, neurons are numbered as ncps numbers them (an NCP: motor, command, inter) and y
    is the first output_dim of them. Parameters at absent synapses have gradient 0.

    State: v [N]. Parameters: the library's names; the first index of a synapse is its source."""

    uses_time = True
    raw_ranges = {"gleak": (-1.5, 1.5), "cm": (-0.5, 1.0), "w": (-2, 1), "sensory_w": (-2, 1)}
    ranges = {
        "gleak": (0.1, 1.0),
        "vleak": (-0.2, 0.2),
        "cm": (0.4, 0.6),
        "w": (0.01, 1.0),
        "sigma": (3, 8),
        "mu": (0.3, 0.8),
        "sensory_w": (0.01, 1.0),
        "sensory_sigma": (3, 8),
        "sensory_mu": (0.3, 0.8),
        "input_w": (0.7, 1.3),
        "input_b": (-0.3, 0.3),
        "output_w": (0.7, 1.3),
        "output_b": (-0.3, 0.3),
    }

    def __init__(self, inputs, wiring, unfolds=6, output_map=True, softplus=False, delay=0.0):
        super().__init__()
        if isinstance(wiring, int):
            wiring = ncps.wirings.FullyConnected(wiring)
        self.cell = ncps.torch.LTCCell(
            wiring,
            inputs,
            output_mapping="affine" if output_map else None,
            ode_unfolds=unfolds,
            implicit_param_constraints=softplus,
        )
        self.wiring = wiring
        self.delay = delay  # added to every elapsed time
        self.state_size = wiring.units
        if softplus:  # the stored values may then be negative: test that too
            self.ranges = {**self.ranges, **self.raw_ranges}

    def draw(self, name, shape, rng):
        size = rng.uniform(0.7, 1.3, shape)  # of erev: a little off +-1, as after some training
        if name.endswith("sensory_erev"):
            return self.wiring.sensory_adjacency_matrix * size
        if name.endswith("erev"):
            return self.wiring.adjacency_matrix * size
        return super().draw(name, shape, rng)

    def step(self, x, elapsed, state):
        y, moved = self.cell(x, state, elapsed + self.delay)
        torch.testing.assert_close(y, self.output(moved), rtol=0, atol=0)
        return moved

    def output(self, state):
        return self.cell._map_outputs(state)

    def parameters_by_name(self):
        return {n: p for n, p in self.cell.named_parameters() if p.requires_grad}


class NcpsCfc(Reference):
    """ncps.torch.CfCCell, called directly with the elapsed time as [B][1].

    State: h [H]. Parameters: the library's names. The backbone's activations have no parameters
    but count in `backbone.<index>`: its linear maps are 0, 2, 4 ..."""

    uses_time = True
    ranges = {"w_tau": (-0.5, 0.5), "A": (0.5, 1.5)}

    def __init__(self, inputs, hidden, mode="default", units=8, layers=1, activation="lecun_tanh"):
        super().__init__()
        self.cell = ncps.torch.CfCCell(inputs, hidden, mode, activation, units, layers)
        self.state_size = hidden

    def step(self, x, elapsed, state):
        return self.cell(x, state, elapsed)[0]

    def output(self, state):
        return state

    def parameters_by_name(self):
        return {n: p for n, p in self.cell.named_parameters() if p.requires_grad}


class TorchBilstm(Reference):
    """torch.nn.LSTM(bidirectional=True).

    The forward direction reads steps 0 .. T-1, the backward one T-1 .. 0; both hold their state at
    absent steps. y_t = [h_fwd_t; h_bwd_t], and so is the input of the next layer.

    State: [h_fwd; c_fwd; h_bwd; c_bwd] of each layer; the backward half of the initial state is
    what step T-1 starts from, that of the final state what step 0 leaves.
    Parameters: the library's names, `weight_ih_l0`, `weight_ih_l0_reverse` ..."""

    def __init__(self, inputs, hidden, layers=1):
        super().__init__()
        self.module = nn.LSTM(inputs, hidden, layers, bidirectional=True)
        self.hidden, self.layers = hidden, layers
        self.state_size = 4 * hidden * layers

    def _direction(self, x, mask, h, c, suffix, order):
        """One direction of one layer, walked in `order` with torch's LSTM cell."""
        own = {
            name: self.module.get_parameter(f"{name}_{suffix}")
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        }
        cell = nn.LSTMCell(x.shape[2], self.hidden)
        outputs = [None] * len(x)
        for t in order:
            new_h, new_c = torch.func.functional_call(cell, own, (x[t], (h, c)))
            present = torch.ones_like(h) if mask is None else mask[t].unsqueeze(1)
            h = torch.where(present > 0.5, new_h, h)
            c = torch.where(present > 0.5, new_c, c)
            outputs[t] = h
        return torch.stack(outputs), h, c

    def run(self, x, elapsed, mask, state):
        parts = state.split(self.hidden, dim=1)
        forward, backward = range(len(x)), range(len(x) - 1, -1, -1)
        y, ends = x, []
        for layer in range(self.layers):
            h_f, c_f, h_b, c_b = parts[4 * layer : 4 * layer + 4]
            y_f, h_f, c_f = self._direction(y, mask, h_f, c_f, f"l{layer}", forward)
            y_b, h_b, c_b = self._direction(y, mask, h_b, c_b, f"l{layer}_reverse", backward)
            y = torch.cat([y_f, y_b], dim=2)
            ends += [h_f, c_f, h_b, c_b]
        if mask is None:  # the library's own walk over the sequence must say the same
            start = torch.stack(parts[0::2]), torch.stack(parts[1::2])
            whole, (h_n, c_n) = self.module(x, start)
            torch.testing.assert_close(y, whole)
            torch.testing.assert_close(torch.stack(ends[0::2]), h_n)
            torch.testing.assert_close(torch.stack(ends[1::2]), c_n)
        return y, torch.cat(ends, dim=1)

    def parameters_by_name(self):
        return dict(self.module.named_parameters())


class NcpsMixedMemory(Reference):
    """A liquid cell with an LSTM's memory: ncps.torch.LTC or CfC with mixed_memory=True.

        (h~, c') = lstm(x, (h, c))      h' = cell(x, h~, d)       y = the cell's output

    The LSTM's output replaces the recurrent state the liquid cell starts from, and the liquid
    cell's new state is what the LSTM sees as its own next time.

    Parameters: the cell's under their bare names; `lstm.input_map.weight` [4N][I],
    `lstm.input_map.bias` [4N], `lstm.recurrent_map.weight` [4N][N], rows g, i, f, o (not torch's
    order); 1 is added to f in the forward pass and is not part of the bias.
    State: [h; c], h the liquid cell's state."""

    uses_time = True

    def __init__(self, cell, whole):
        """cell: the Reference of the cell; whole: the ncps module it and the LSTM come from."""
        super().__init__()
        self.inner, self.whole = cell, whole
        cell.cell = whole.rnn_cell
        self.ranges = cell.ranges
        self.state_size = 2 * cell.state_size

    def draw(self, name, shape, rng):
        owner = super() if name.startswith("lstm.") else self.inner
        return owner.draw(name, shape, rng)

    def step(self, x, elapsed, state):
        h, c = self.whole.lstm(x, state.chunk(2, dim=1))
        return torch.cat([self.inner.step(x, elapsed, h), c], dim=1)

    def output(self, state):
        return self.inner.output(state.chunk(2, dim=1)[0])

    def run(self, x, elapsed, mask, state):
        y, last = super().run(x, elapsed, mask, state)
        if mask is None and bool((elapsed == 1).all()):  # where ncps's own loop over time is right
            whole, end = self.whole(x, tuple(state.chunk(2, dim=1)))
            torch.testing.assert_close(y, whole)
            torch.testing.assert_close(last, torch.cat(end, dim=1))
        return y, last

    def parameters_by_name(self):
        lstm = {f"lstm.{n}": p for n, p in self.whole.lstm.named_parameters()}
        return {**self.inner.parameters_by_name(), **lstm}


def mixed_memory_ltc(inputs, hidden, **options):
    whole = ncps.torch.LTC(
        inputs,
        hidden,
        batch_first=False,
        mixed_memory=True,
        implicit_param_constraints=options.get("softplus", False),
    )
    return NcpsMixedMemory(NcpsLtc(inputs, hidden, **options), whole)


def mixed_memory_cfc(inputs, hidden, mode, units, layers, activation):
    whole = ncps.torch.CfC(
        inputs,
        hidden,
        batch_first=False,
        mixed_memory=True,
        mode=mode,
        activation=activation,
        backbone_units=units,
        backbone_layers=layers,
    )
    return NcpsMixedMemory(NcpsCfc(inputs, hidden, mode, units, layers, activation), whole)


class NcpsWiredCfc(Reference):
    """ncps.torch.WiredCfCCell on an NCP wiring: three CfC cells without backbone, one above the
    other (inter, command, motor), called directly with the elapsed time as [B][1].

    A layer reads [output of the layer below; own state]. The wiring masks the first part of ff1
    and ff2 and nothing else: a layer's recurrent part is dense, time_a and time_b are dense, and
    the wiring's synapses between command neurons are not used.

    State: [h_inter; h_command; h_motor], so not in the order of the neuron numbers of the
    adjacency matrices, which is motor, command, inter. y = h_motor.
    Parameters: the library's names, `layer_0.ff1.weight` [units of the layer][width] ..., full
    matrices; entries at absent synapses have gradient 0."""

    uses_time = True
    ranges = {"w_tau": (-0.5, 0.5), "A": (0.5, 1.5)}

    def __init__(self, inputs, wiring, mode="default"):
        super().__init__()
        self.cell = ncps.torch.WiredCfCCell(inputs, wiring, mode)
        self.wiring = wiring
        self.state_size = wiring.units

    def step(self, x, elapsed, state):
        y, moved = self.cell(x, state, elapsed)
        torch.testing.assert_close(y, self.output(moved), rtol=0, atol=0)
        return moved

    def output(self, state):
        return state[:, -self.cell.motor_size :]

    def parameters_by_name(self):
        return {n: p for n, p in self.cell.named_parameters() if p.requires_grad}


class PackageMinimalRnn(Reference):
    """minGRU or minLSTM of minGRU-pytorch, step by step: the log form without biases.

    An expansion factor without a map of outputs makes it an I -> H layer. Whole sequences are
    compared with the package's scan in `run`, from zeros: its minLSTM is wrong from another state.

    State: h [H]. Parameters: the library's names."""

    def __init__(self, kind, inputs, hidden):
        super().__init__()
        package = {"mingru": minGRU, "minlstm": minLSTM}[kind]
        self.module = package(inputs, expansion_factor=hidden / inputs, proj_out=False)
        self.state_size = hidden

    def step(self, x, elapsed, h):
        return self.module(x.unsqueeze(1), h.unsqueeze(1)).squeeze(1)

    def output(self, h):
        return h

    def run(self, x, elapsed, mask, state):
        zeros = torch.zeros_like(state)
        whole = self.module(x.transpose(0, 1)).transpose(0, 1)
        torch.testing.assert_close(super().run(x, elapsed, None, zeros)[0], whole)
        return super().run(x, elapsed, mask, state)

    def parameters_by_name(self):
        return dict(self.module.named_parameters())


class TorchrecurrentCornn(Reference):
    """torchrecurrent.coRNNCell: a step of dt, whatever the elapsed time.

    State: [z; y] (its c and h). Parameters: its three weights are the columns x, z, y of `i2h`,
    its three biases add up."""

    def __init__(self, inputs, hidden, **options):
        super().__init__()
        self.cell = torchrecurrent.coRNNCell(inputs, hidden, **options)
        self.state_size = 2 * hidden

    def step(self, x, elapsed, state):
        z, y = state.chunk(2, dim=1)
        y, z = self.cell(x, (y, z))
        return torch.cat([z, y], dim=1)

    def output(self, state):
        return state.chunk(2, dim=1)[1]

    def take(self, weight, bias):
        """The numbers of `i2h`."""
        inputs, hidden = self.cell.weight_ih.shape[1], weight.shape[0]
        parts = weight.split([inputs, hidden, hidden], dim=1)
        for name, part in zip(("ih", "ch", "hh"), parts, strict=True):
            getattr(self.cell, f"weight_{name}").data = part.clone()
            getattr(self.cell, f"bias_{name}").data = bias / 3


def xlstm_cell(hidden, heads, **options):
    """xlstm's sLSTM cell, which is given W x."""
    return sLSTMCell(
        sLSTMCellConfig(
            hidden_size=hidden,
            num_heads=heads,
            backend="vanilla",
            dtype="float32",
            enable_automatic_mixed_precision=False,
            input_shape="SBGNH",
            output_shape="SBH",
            **options,
        )
    )


class XlstmSlstm(Reference):
    """The same with the input's weights. It asks whether n is 0 everywhere, where the paper and
    its CUDA code ask it of each unit: for states that are zero all at once or nowhere.

    State: [y; c; n; m]. Parameters: those of cells.Slstm."""

    def __init__(self, inputs, hidden, heads=1):
        super().__init__()
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden, inputs))
        self.cell = xlstm_cell(hidden, heads)
        self.state_size = 4 * hidden

    def step(self, x, elapsed, state):
        raw = nn.functional.linear(x, self.weight_ih)
        _, moved = self.cell(raw.unsqueeze(0), state.unflatten(1, (4, -1)).transpose(0, 1))
        return moved.transpose(0, 1).flatten(1)

    def output(self, state):
        return state.chunk(4, dim=1)[0]

    def parameters_by_name(self):
        own = dict(self.cell.named_parameters())
        return {"weight_ih": self.weight_ih, **own}
