"""Reference models of the cells that neither PyTorch nor ncps has, written from their papers.

Written for reading, not for speed: liquidbench's C cells follow these classes. Conventions:

- x [B][I] is a step's input, d [B][1] its elapsed time, h [B][H] the hidden state.
- A linear map of the input and one of the state are separate weights, `weight_ih` [G*H][I] and
  `weight_hh` [G*H][H] with one `bias` [G*H], so that the input products of all steps can be one
  matrix product. G blocks of H rows; each docstring names them in order.
- "State" says how one stream's state of S numbers is laid out.
"""

import math

import numpy
import torch
import torch.nn.functional as F
from torch import nn

from reference import Reference


def tensor(*shape):
    """An uninitialised parameter; the fixture writer draws its values."""
    return nn.Parameter(torch.empty(*shape))


def integrate(derivative, h, step, count, solver):
    """`count` explicit steps of length `step` [B][1] from h along dh/dt = derivative(h)."""
    for _ in range(count):
        k1 = derivative(h)
        if solver == "euler":
            h = h + step * k1
        elif solver == "heun":
            k2 = derivative(h + step * k1)
            h = h + step / 2 * (k1 + k2)
        elif solver == "rk4":
            k2 = derivative(h + step / 2 * k1)
            k3 = derivative(h + step / 2 * k2)
            k4 = derivative(h + step * k3)
            h = h + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        else:
            raise ValueError(f"unknown solver {solver}")
    return h


class PeepholeLstm(Reference):
    """LSTM whose gates see the cell (Gers & Schmidhuber 2000), L layers.

        i = sigma(W_i x + U_i h + p_i * c)      f = sigma(W_f x + U_f h + p_f * c)
        g = tanh(W_g x + U_g h)                 c' = f * c + i * g
        o = sigma(W_o x + U_o h + p_o * c')     h' = o * tanh(c')         y = h'

    i and f see the old cell, o the new one.

    Parameters: torch.nn.LSTM's (`weight_ih_l0` [4H][I], `weight_hh_l0` [4H][H], `bias_ih_l0`,
    `bias_hh_l0` [4H]; order i, f, g, o) and `weight_ci_l0`, `weight_cf_l0`, `weight_co_l0` [H].
    State: [h; c] of each layer."""

    def __init__(self, inputs, hidden, layers=1):
        super().__init__()
        self.hidden, self.layers = hidden, layers
        self.state_size = 2 * hidden * layers
        for layer in range(layers):
            width = inputs if layer == 0 else hidden
            self.register_parameter(f"weight_ih_l{layer}", tensor(4 * hidden, width))
            self.register_parameter(f"weight_hh_l{layer}", tensor(4 * hidden, hidden))
            self.register_parameter(f"bias_ih_l{layer}", tensor(4 * hidden))
            self.register_parameter(f"bias_hh_l{layer}", tensor(4 * hidden))
            for gate in "ifo":
                self.register_parameter(f"weight_c{gate}_l{layer}", tensor(hidden))

    def step(self, x, elapsed, state):
        own = dict(self.named_parameters())
        moved = []
        parts = state.split(self.hidden, dim=1)
        for layer in range(self.layers):
            h, c = parts[2 * layer], parts[2 * layer + 1]
            z = F.linear(x, own[f"weight_ih_l{layer}"], own[f"bias_ih_l{layer}"])
            z = z + F.linear(h, own[f"weight_hh_l{layer}"], own[f"bias_hh_l{layer}"])
            zi, zf, zg, zo = z.chunk(4, dim=1)
            i = torch.sigmoid(zi + own[f"weight_ci_l{layer}"] * c)
            f = torch.sigmoid(zf + own[f"weight_cf_l{layer}"] * c)
            c = f * c + i * torch.tanh(zg)
            o = torch.sigmoid(zo + own[f"weight_co_l{layer}"] * c)
            h = o * torch.tanh(c)
            moved += [h, c]
            x = h
        return torch.cat(moved, dim=1)

    def output(self, state):
        return state.split(self.hidden, dim=1)[-2]


class Ctrnn(Reference):
    """Continuous-time RNN (Funahashi & Nakamura 1993).

        dh/dt = -h / tau + s * tanh(W x + U h + b)                        y = h

    `unfolds` steps of d / unfolds, by Euler's, Heun's or the classical Runge-Kutta method; x stays
    constant over the step. tau = 1, or exp(log_tau) for each unit when learned. With leak=False
    the term -h / tau is absent: the `node` cell (Chen et al. 2018; ODE-RNN, Rubanova et al. 2019).

    Parameters: `weight_ih` [H][I], `weight_hh` [H][H], `bias` [H], `scale` [H] (s; starts at 1),
    and with learn_tau `log_tau` [H] (starts at 0).
    State: h [H]."""

    uses_time = True
    ranges = {"scale": (0.6, 1.4), "log_tau": (-0.7, 0.7)}

    def __init__(self, inputs, hidden, solver="euler", unfolds=6, learn_tau=False, leak=True):
        super().__init__()
        self.solver, self.unfolds, self.leak = solver, unfolds, leak
        self.weight_ih = tensor(hidden, inputs)
        self.weight_hh = tensor(hidden, hidden)
        self.bias = tensor(hidden)
        self.scale = tensor(hidden)
        if learn_tau:
            self.log_tau = tensor(hidden)
        self.learn_tau = learn_tau
        self.state_size = hidden

    def step(self, x, elapsed, h):
        drive = F.linear(x, self.weight_ih, self.bias)
        rate = torch.exp(-self.log_tau) if self.learn_tau else 1.0  # 1 / tau

        def derivative(h):
            push = self.scale * torch.tanh(drive + F.linear(h, self.weight_hh))
            return push - rate * h if self.leak else push

        return integrate(derivative, h, elapsed / self.unfolds, self.unfolds, self.solver)

    def output(self, h):
        return h


class CtGru(Reference):
    """Continuous-time GRU (Mozer et al. 2017): each unit is stored at M time scales.

        tau_k = 10^(k/2), k = 0 .. M-1             h = sum_k hhat_k
        r_k = softmax over k of -(R_k x + S_k h + b_k - ln tau_k)^2     which scales to read
        q   = tanh(W_q x + U_q (sum_k r_k * hhat_k) + b_q)              what was found
        s_k = likewise from its own maps                                 which scales to write
        hhat_k <- ((1 - s_k) * hhat_k + s_k * q) * exp(-d / tau_k)      y = sum_k hhat_k (new)

    The scale maps have an output for every unit and scale, as in the LTC and ODE-LSTM authors'
    releases. (Mozer's text has one for each unit, shared by the scales.) hasani: the decay of the LTC
    authors' release, exp(-d / ln tau_k), of which nothing is left for tau_0 = 1.

    Parameters: `weight_ih` [(2M+1)H][I] and `bias` [(2M+1)H], rows r (M blocks of H, scale by
    scale), s (M blocks of H), q (H); `weight_hh` [2M*H][H], rows r then s, acting on h;
    `weight_hq` [H][H], acting on sum_k r_k * hhat_k.
    State: hhat as [M][H], scale by scale."""

    uses_time = True

    def __init__(self, inputs, hidden, scales=8, hasani=False):
        super().__init__()
        self.hidden, self.scales, self.hasani = hidden, scales, hasani
        self.weight_ih = tensor((2 * scales + 1) * hidden, inputs)
        self.weight_hh = tensor(2 * scales * hidden, hidden)
        self.weight_hq = tensor(hidden, hidden)
        self.bias = tensor((2 * scales + 1) * hidden)
        self.state_size = scales * hidden

    def _stored(self, state):
        return state.unflatten(1, (self.scales, self.hidden))

    def step(self, x, elapsed, state):
        log_tau = torch.arange(self.scales, dtype=x.dtype) * (math.log(10) / 2)
        log_tau = log_tau.view(1, -1, 1)
        stored = self._stored(state)  # [B][M][H]
        width = self.scales * self.hidden
        drive_r, drive_s, drive_q = F.linear(x, self.weight_ih, self.bias).split(
            [width, width, self.hidden], dim=1
        )
        from_h_r, from_h_s = F.linear(stored.sum(1), self.weight_hh).chunk(2, dim=1)

        def choose(log_scale):
            return torch.softmax(-((self._stored(log_scale) - log_tau) ** 2), dim=1)

        read = choose(drive_r + from_h_r)
        found = torch.tanh(drive_q + F.linear((read * stored).sum(1), self.weight_hq))
        write = choose(drive_s + from_h_s)
        stored = (1 - write) * stored + write * found.unsqueeze(1)
        tau = log_tau.clamp(min=1e-30) if self.hasani else torch.exp(log_tau)
        stored = stored * torch.exp(-elapsed.unsqueeze(2) / tau)
        return stored.flatten(1)

    def output(self, state):
        return self._stored(state).sum(1)


class GruD(Reference):
    """GRU with decay (Che et al. 2018).

    Without flags:

        gamma = exp(-relu(w_g * d + b_g))      hhat = gamma * h
        r = sigma(W_r x + U_r hhat + b_r)      z = sigma(W_z x + U_z hhat + b_z)
        n = tanh(W_n x + U_n (r * hhat) + b_n)
        h' = z * hhat + (1 - z) * n                                       y = h'

    With K flags: the last K of the I inputs are 0/1, and flag k says whether input k (k < K) was
    observed. Two more things are remembered for each such input: its last observed value x_last
    and how long it had been unobserved at the end of the previous step, `age`.

        since = age + d                        [K]  time since input k was last observed
        xhat_k = x_k where observed, else exp(-relu(w_x since_k + b_x)) x_last_k
                 (decays towards 0, the mean of standardised data)
        gamma = exp(-relu(W_g since + b_g))    W_g is now [H][K]
        r, z, n as above on the input vector with x_k replaced by xhat_k; the flags stay in it
        age' = 0 where observed, else since;   x_last' = x_k where observed, else x_last_k

    A value whose flag is 0 is never read. The flags are choices, not numbers, in xhat, age and
    x_last: no gradient flows to them there, only through W.

    Parameters: `weight_ih` [3H][I], `weight_hh` [3H][H], `bias` [3H], rows r, z, n;
    `hidden_decay.weight` [H][1] ([H][K] with flags), `hidden_decay.bias` [H]; with flags also
    `input_decay.weight`, `input_decay.bias` [K].
    State: h [H]; with flags then x_last [K], then age [K]."""

    uses_time = True
    ranges = {
        "hidden_decay.weight": (-0.3, 1.0),
        "hidden_decay.bias": (-0.4, 0.4),
        "input_decay.weight": (-0.3, 1.0),
        "input_decay.bias": (-0.4, 0.4),
    }

    def __init__(self, inputs, hidden, flags=0):
        super().__init__()
        self.hidden, self.flags = hidden, flags
        self.weight_ih = tensor(3 * hidden, inputs)
        self.weight_hh = tensor(3 * hidden, hidden)
        self.bias = tensor(3 * hidden)
        self.hidden_decay = nn.Module()
        self.hidden_decay.weight = tensor(hidden, max(flags, 1))
        self.hidden_decay.bias = tensor(hidden)
        if flags:
            self.input_decay = nn.Module()
            self.input_decay.weight = tensor(flags)
            self.input_decay.bias = tensor(flags)
        self.state_size = hidden + 2 * flags

    def draw_inputs(self, rng, steps, batch, inputs):
        x = super().draw_inputs(rng, steps, batch, inputs)
        if self.flags:
            x[..., -self.flags :] = rng.uniform(size=(steps, batch, self.flags)) > 0.4
        return x

    def draw_state(self, rng, batch):
        state = super().draw_state(rng, batch)
        if self.flags:  # an age is never negative
            state[:, -self.flags :] = rng.uniform(0, 1.5, (batch, self.flags))
        return state

    def step(self, x, elapsed, state):
        h, since = state[:, : self.hidden], elapsed
        if self.flags:
            last, age = state[:, self.hidden :].chunk(2, dim=1)
            observed = x[:, -self.flags :] > 0.5
            since = age + elapsed
            fade = torch.exp(-F.relu(self.input_decay.weight * since + self.input_decay.bias))
            value = torch.where(observed, x[:, : self.flags], fade * last)
            last = torch.where(observed, x[:, : self.flags], last)
            age = torch.where(observed, torch.zeros_like(since), since)
            x = torch.cat([value, x[:, self.flags :]], dim=1)
        decay = F.relu(F.linear(since, self.hidden_decay.weight, self.hidden_decay.bias))
        h = torch.exp(-decay) * h
        zr, zz, zn = F.linear(x, self.weight_ih, self.bias).chunk(3, dim=1)
        u_r, u_z, u_n = self.weight_hh.chunk(3, dim=0)
        r = torch.sigmoid(zr + F.linear(h, u_r))
        z = torch.sigmoid(zz + F.linear(h, u_z))
        n = torch.tanh(zn + F.linear(r * h, u_n))
        h = z * h + (1 - z) * n
        return torch.cat([h, last, age], dim=1) if self.flags else h

    def output(self, state):
        return state[:, : self.hidden]


class GruOde(Reference):
    """GRU as an ODE (De Brouwer et al. 2019).

        dh/dt = (1 - z) * (n - h)                                         y = h
        r = sigma(W_r x + U_r h + b_r)     z = sigma(W_z x + U_z h + b_z)
        n = tanh(W_n x + U_n (r * h) + b_n)

    `unfolds` Euler steps of d / unfolds; the gates are computed anew in each.

    Parameters: `weight_ih` [3H][I], `weight_hh` [3H][H], `bias` [3H], rows r, z, n (the r part of
    the bias starts at 1).
    State: h [H]."""

    uses_time = True

    def __init__(self, inputs, hidden, unfolds=4):
        super().__init__()
        self.unfolds = unfolds
        self.weight_ih = tensor(3 * hidden, inputs)
        self.weight_hh = tensor(3 * hidden, hidden)
        self.bias = tensor(3 * hidden)
        self.state_size = hidden

    def step(self, x, elapsed, h):
        zr, zz, zn = F.linear(x, self.weight_ih, self.bias).chunk(3, dim=1)
        u_r, u_z, u_n = self.weight_hh.chunk(3, dim=0)

        def derivative(h):
            r = torch.sigmoid(zr + F.linear(h, u_r))
            z = torch.sigmoid(zz + F.linear(h, u_z))
            return (1 - z) * (torch.tanh(zn + F.linear(r * h, u_n)) - h)

        return integrate(derivative, h, elapsed / self.unfolds, self.unfolds, "euler")

    def output(self, h):
        return h


class PhasedLstm(Reference):
    """Phased LSTM (Neil et al. 2016): a rhythmic gate k decides when a unit may change.

        t <- t + d                              absolute time since the stream began
        phase = (t - s) / tau - floor((t - s) / tau)
        k = 2 phase / r            where phase < r / 2            opening
            2 - 2 phase / r        where r / 2 <= phase < r       closing
            0.001 phase            otherwise                      closed, leaking
        c~ = f * c + i * g         c' = k c~ + (1 - k) c
        h~ = o * tanh(c~)          h' = k h~ + (1 - k) h                   y = h'

    i, f, g, o as in an LSTM without peepholes. Period tau, shift s and open ratio r are softplus
    of the stored values, one for each unit. floor has no gradient.

    Parameters: `weight_ih` [4H][I], `weight_hh` [4H][H], `bias` [4H], rows i, f, g, o;
    `raw_period`, `raw_shift`, `raw_open_ratio` [H].
    State: [h; c; t], t one number: 2H + 1.

    lechner: as the ODE-LSTM authors' release has it: one tau, s and r for the layer, d in place of
    t, and 2 phase r while it opens."""

    uses_time = True
    leak = 0.001
    refuses_edges = True  # a fixture would hang on the last digit there
    ranges = {"raw_period": (0.5, 2.5), "raw_shift": (-1, 1), "raw_open_ratio": (-0.8, 0.5)}

    def __init__(self, inputs, hidden, lechner=False):
        super().__init__()
        self.hidden = hidden
        self.lechner = lechner
        rhythms = 1 if lechner else hidden
        self.weight_ih = tensor(4 * hidden, inputs)
        self.weight_hh = tensor(4 * hidden, hidden)
        self.bias = tensor(4 * hidden)
        self.raw_period = tensor(rhythms)
        self.raw_shift = tensor(rhythms)
        self.raw_open_ratio = tensor(rhythms)
        self.state_size = 2 * hidden + 1

    def draw_state(self, rng, batch):
        state = super().draw_state(rng, batch)
        state[:, -1] = rng.uniform(0, 3, batch)
        return state

    def step(self, x, elapsed, state):
        h, c, t = state.split([self.hidden, self.hidden, 1], dim=1)
        t = t + elapsed
        ratio = F.softplus(self.raw_open_ratio)
        now = elapsed if self.lechner else t
        cycles = (now - F.softplus(self.raw_shift)) / F.softplus(self.raw_period)
        phase = cycles - torch.floor(cycles).detach()
        k = torch.where(
            phase < ratio / 2,
            2 * phase * ratio if self.lechner else 2 * phase / ratio,
            torch.where(phase < ratio, 2 - 2 * phase / ratio, self.leak * phase),
        )
        # A float32 program must not end up on the other side of a jump or a kink.
        for edge in (torch.zeros_like(phase), ratio / 2, ratio, torch.ones_like(phase)):
            if self.refuses_edges and (phase - edge).abs().min() < 1e-5:
                raise ValueError("a phase lies on an edge of the time gate: rename the case")

        z = F.linear(x, self.weight_ih, self.bias) + F.linear(h, self.weight_hh)
        i, f, g, o = z.chunk(4, dim=1)
        candidate = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        shown = torch.sigmoid(o) * torch.tanh(candidate)
        return torch.cat([k * shown + (1 - k) * h, k * candidate + (1 - k) * c, t], dim=1)

    def output(self, state):
        return state[:, : self.hidden]


class OdeLstm(Reference):
    """ODE-LSTM (Lechner & Hasani 2020): the cell is an LSTM's, the hidden state an ODE's.

        i, f, g, o from W x + U h + b           f = sigma(z_f + 3), the others as in an LSTM
        c' = f * c + i * g                      u = o * tanh(c')
        h' = the state at the end of d of  dv/dt = -v + s * tanh(W_o u + U_o v + b_o),  v(0) = h
                                                                            y = h'

    `unfolds` Euler steps of d / unfolds. As in the authors' TensorFlow release, u drives the ODE
    as its input while the ODE starts from the old hidden state h.

    Parameters: `weight_ih` [4H][I], `weight_hh` [4H][H], `bias` [4H], rows i, f, g, o;
    `ode.weight_ih`, `ode.weight_hh` [H][H], `ode.bias`, `ode.scale` [H]. The 3 is a constant and
    not part of the bias.
    State: [h; c]."""

    uses_time = True
    forget_bias = 3.0
    ranges = {"ode.scale": (0.6, 1.4)}

    def __init__(self, inputs, hidden, unfolds=4):
        super().__init__()
        self.weight_ih = tensor(4 * hidden, inputs)
        self.weight_hh = tensor(4 * hidden, hidden)
        self.bias = tensor(4 * hidden)
        self.ode = Ctrnn(hidden, hidden, "euler", unfolds)
        self.state_size = 2 * hidden

    def step(self, x, elapsed, state):
        h, c = state.chunk(2, dim=1)
        z = F.linear(x, self.weight_ih, self.bias) + F.linear(h, self.weight_hh)
        i, f, g, o = z.chunk(4, dim=1)
        c = torch.sigmoid(f + self.forget_bias) * c + torch.sigmoid(i) * torch.tanh(g)
        h = self.ode.step(torch.sigmoid(o) * torch.tanh(c), elapsed, h)
        return torch.cat([h, c], dim=1)

    def output(self, state):
        return state.chunk(2, dim=1)[0]


class LstmCtrnn(Reference):
    """A coupled LSTM and CT-RNN, the "bidirectional RNN" of Lechner & Hasani 2020.

        i, f, g, o from W [x; v; d] + U h + b   f = sigma(z_f + 1), the others as in an LSTM
        c' = f * c + i * g                      h' = o * tanh(c')
        v' = the state at the end of d of  dv/dt = -v + s * tanh(W_o [x; h] + U_o v + b_o)
                                                                            y = h' + v'

    `unfolds` Euler steps of d / unfolds, from v. Each network reads the other's state before the
    step, and the LSTM the elapsed time too, as in the authors' TensorFlow release.

    Parameters: `weight_ih` [4H][I+H+1], `weight_hh` [4H][H], `bias` [4H], rows i, f, g, o;
    `ode.weight_ih` [H][I+H], `ode.weight_hh` [H][H], `ode.bias`, `ode.scale` [H]. The 1 is a
    constant and not part of the bias.
    State: [h; c; v]."""

    uses_time = True
    forget_bias = 1.0
    ranges = {"ode.scale": (0.6, 1.4)}

    def __init__(self, inputs, hidden, unfolds=4):
        super().__init__()
        self.weight_ih = tensor(4 * hidden, inputs + hidden + 1)
        self.weight_hh = tensor(4 * hidden, hidden)
        self.bias = tensor(4 * hidden)
        self.ode = Ctrnn(inputs + hidden, hidden, "euler", unfolds)
        self.state_size = 3 * hidden

    def step(self, x, elapsed, state):
        h, c, v = state.chunk(3, dim=1)
        read = torch.cat([x, v, elapsed], dim=1)
        z = F.linear(read, self.weight_ih, self.bias) + F.linear(h, self.weight_hh)
        i, f, g, o = z.chunk(4, dim=1)
        v = self.ode.step(torch.cat([x, h], dim=1), elapsed, v)
        c = torch.sigmoid(f + self.forget_bias) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        return torch.cat([h, c, v], dim=1)

    def output(self, state):
        h, _, v = state.chunk(3, dim=1)
        return h + v


class RnnDecay(Reference):
    """RNN with decay, a baseline of Lechner & Hasani 2020.

        h' = W_o tanh(W x + U h + b) + b_o - d * a                         y = h'

    Parameters: `weight_ih` [H][I], `weight_hh` [H][H], `bias` [H]; `weight_out` [H][H],
    `bias_out` [H]; `decay` [H] (a; starts at 0.1).
    State: h [H]."""

    uses_time = True
    ranges = {"decay": (-0.1, 0.3)}

    def __init__(self, inputs, hidden):
        super().__init__()
        self.weight_ih = tensor(hidden, inputs)
        self.weight_hh = tensor(hidden, hidden)
        self.bias = tensor(hidden)
        self.weight_out = tensor(hidden, hidden)
        self.bias_out = tensor(hidden)
        self.decay = tensor(hidden)
        self.state_size = hidden

    def step(self, x, elapsed, h):
        inner = torch.tanh(F.linear(x, self.weight_ih, self.bias) + F.linear(h, self.weight_hh))
        return F.linear(inner, self.weight_out, self.bias_out) - elapsed * self.decay

    def output(self, h):
        return h


class Ltc(Reference):
    """Liquid time-constant cell (Hasani et al. 2021), fully connected, with the explicit solvers
    that ncps lacks.

        u = input_w * x + input_b
        a_ji = w_ji sigma(sigma_ji (v_j - mu_ji)) for every neuron j, and likewise from every input
        dv_i/dt = (gleak_i (vleak_i - v_i) + sum_j a_ji (erev_ji - v_i)) / cm_i
        y = output_w * v + output_b, or v without an output map

    euler, rk4: `unfolds` steps of length 0.1 d each (so d covers 0.6 d with 6 unfolds, as in the
    authors' release, where d = 1). fused is here only to be compared with ncps.
    softplus: w, sensory_w, gleak and cm are the softplus of the stored values.

    Parameters: ncps's names and shapes (`w`, `mu`, `sigma`, `erev` [H][H], source first;
    `sensory_...` [I][H]; `gleak`, `vleak`, `cm` [H]; `input_w`, `input_b` [I]; `output_w`,
    `output_b` [H]).
    State: v [H]."""

    uses_time = True
    ranges = {
        "gleak": (0.1, 1.0),
        "vleak": (-0.2, 0.2),
        "cm": (0.5, 1.0),  # synapses weak and capacities large enough for explicit steps
        "w": (0.01, 0.3),
        "sigma": (3, 8),
        "mu": (0.3, 0.8),
        "sensory_w": (0.01, 0.3),
        "sensory_sigma": (3, 8),
        "sensory_mu": (0.3, 0.8),
        "input_w": (0.7, 1.3),
        "input_b": (-0.3, 0.3),
        "output_w": (0.7, 1.3),
        "output_b": (-0.3, 0.3),
    }
    raw_ranges = {"gleak": (-1.5, 1), "cm": (0, 1), "w": (-3, -1), "sensory_w": (-3, -1)}

    def __init__(self, inputs, hidden, solver, unfolds=6, output_map=True, softplus=False):
        super().__init__()
        self.solver, self.unfolds, self.output_map = solver, unfolds, output_map
        self.positive = F.softplus if softplus else (lambda values: values)
        for name in ("gleak", "vleak", "cm"):
            self.register_parameter(name, tensor(hidden))
        for name in ("w", "mu", "sigma", "erev"):
            self.register_parameter(name, tensor(hidden, hidden))
            self.register_parameter("sensory_" + name, tensor(inputs, hidden))
        self.input_w, self.input_b = tensor(inputs), tensor(inputs)
        if output_map:
            self.output_w, self.output_b = tensor(hidden), tensor(hidden)
        self.state_size = hidden
        if softplus:
            self.ranges = {**self.ranges, **self.raw_ranges}

    def draw(self, name, shape, rng):
        if name.endswith("erev"):
            return rng.choice([-1.0, 1.0], shape) * rng.uniform(0.7, 1.3, shape)
        return super().draw(name, shape, rng)

    def step(self, x, elapsed, v):
        def currents(source, w, mu, sigma, erev):  # sum_j a_ji erev_ji and sum_j a_ji
            a = self.positive(w) * torch.sigmoid(sigma * (source.unsqueeze(2) - mu))
            return (a * erev).sum(1), a.sum(1)

        u = x * self.input_w + self.input_b
        sensed = (self.sensory_w, self.sensory_mu, self.sensory_sigma, self.sensory_erev)
        push_in, leak_in = currents(u, *sensed)
        gleak, cm = self.positive(self.gleak), self.positive(self.cm)

        def totals(v):
            push, leak = currents(v, self.w, self.mu, self.sigma, self.erev)
            return gleak * self.vleak + push + push_in, gleak + leak + leak_in

        if self.solver == "fused":
            capacity = cm * self.unfolds / elapsed
            for _ in range(self.unfolds):
                push, leak = totals(v)
                v = (capacity * v + push) / (capacity + leak + 1e-8)
            return v

        def derivative(v):
            push, leak = totals(v)
            return (push - leak * v) / cm

        return integrate(derivative, v, 0.1 * elapsed, self.unfolds, self.solver)

    def output(self, v):
        return v * self.output_w + self.output_b if self.output_map else v


def lecun_tanh(x):
    return 1.7159 * torch.tanh(0.666 * x)


ACTIVATIONS = {
    "lecun_tanh": lecun_tanh,
    "tanh": torch.tanh,
    "relu": F.relu,
    "silu": F.silu,
    "gelu": F.gelu,
}


class Cfc(Reference):
    """Closed-form continuous-time cell (Hasani et al. 2022) with the options ncps lacks.

        z = backbone([x; h])       layers of Linear and activation; z = [x; h] without a backbone
        s = sigma(+-time_a(z) d + time_b(z))     minus in the authors' release
        default:  h' = a(ff1 z) * (1 - s) + s * a(ff2 z)
        no_gate:  h' = a(ff1 z) + s * a(ff2 z)
        pure:     h' = A - A * exp(-d (|w_tau| + |ff1 z|)) * ff1 z         y = h'

    a is the head activation: tanh, or lecun_tanh (1.7159 tanh(0.666 x)) in the authors' release.
    variant "hasani2022" = heads lecun_tanh and the minus sign; pure is the same in both.

    Parameters: ncps's names. Linear maps have `.weight` [out][in], `.bias` [out]; the columns of
    a map that reads [x; h] are I then H. `w_tau`, `A` [1][H].
    State: h [H]."""

    uses_time = True
    ranges = {"w_tau": (-0.5, 0.5), "A": (0.5, 1.5)}

    def __init__(
        self, inputs, hidden, mode, units, layers, activation, head="tanh", time_sign=1.0
    ):
        super().__init__()
        self.mode, self.time_sign = mode, time_sign
        self.activation, self.head = ACTIVATIONS[activation], ACTIVATIONS[head]
        width = inputs + hidden
        self.backbone = nn.ModuleDict()
        for layer in range(layers):
            self.backbone[str(2 * layer)] = nn.Linear(width, units)
            width = units
        self.ff1 = nn.Linear(width, hidden)
        if mode == "pure":
            self.w_tau, self.A = tensor(1, hidden), tensor(1, hidden)
        else:
            self.ff2 = nn.Linear(width, hidden)
            self.time_a = nn.Linear(width, hidden)
            self.time_b = nn.Linear(width, hidden)
        self.state_size = hidden

    def step(self, x, elapsed, h):
        z = torch.cat([x, h], dim=1)
        for layer in self.backbone.values():
            z = self.activation(layer(z))
        if self.mode == "pure":
            f = self.ff1(z)
            return self.A - self.A * torch.exp(-elapsed * (self.w_tau.abs() + f.abs())) * f
        s = torch.sigmoid(self.time_sign * self.time_a(z) * elapsed + self.time_b(z))
        first, second = self.head(self.ff1(z)), self.head(self.ff2(z))
        return first * (1 - s if self.mode == "default" else 1) + s * second

    def output(self, h):
        return h


class MixedMemoryCfc2022(Reference):
    """CfC with an LSTM's memory as in the CfC authors' release (CfC-mmRNN); unlike ncps's.

        z = W x + V h + b               h is the CfC's state, not the LSTM's output
        g, i, f, o = tanh(z_g), sigma(z_i), sigma(z_f + 2.1), sigma(z_o)
        c' = f * c + i * g              u = o * tanh(c')
        h' = cfc(u, h, d)               the CfC reads u instead of x          y = h'

    Parameters: `lstm.input_map.weight` [4H][I], `lstm.input_map.bias` [4H],
    `lstm.recurrent_map.weight` [4H][H], rows g, i, f, o as in ncps; the CfC's own under their bare
    names, with H inputs. The 2.1 is a constant and not part of the bias.
    State: [h; c]."""

    uses_time = True
    forget_bias = 2.1
    ranges = Cfc.ranges

    def __init__(self, inputs, hidden, mode, units, layers, activation):
        super().__init__()
        self.cfc = Cfc(hidden, hidden, mode, units, layers, activation, "lecun_tanh", -1.0)
        self.lstm = nn.Module()
        self.lstm.input_map = nn.Linear(inputs, 4 * hidden)
        self.lstm.recurrent_map = nn.Linear(hidden, 4 * hidden, bias=False)
        self.state_size = 2 * hidden

    def step(self, x, elapsed, state):
        h, c = state.chunk(2, dim=1)
        g, i, f, o = (self.lstm.input_map(x) + self.lstm.recurrent_map(h)).chunk(4, dim=1)
        c = torch.sigmoid(f + self.forget_bias) * c + torch.sigmoid(i) * torch.tanh(g)
        h = self.cfc.step(torch.sigmoid(o) * torch.tanh(c), elapsed, h)
        return torch.cat([h, c], dim=1)

    def output(self, state):
        return state.chunk(2, dim=1)[0]

    def parameters_by_name(self):
        return {n.removeprefix("cfc."): p for n, p in self.named_parameters()}


class LiquidS4(Reference):
    """Liquid-S4 (Hasani et al., ICLR 2023), diagonal, with the PB liquid kernel of degree p.

    Each of the H channels is a linear system with N complex states; the conjugate half is implied,
    hence 2 Re. All products are elementwise over channels and states.

        u = input_map(x)                                     [H]
        A = -exp(log_A_real) + i A_imag                      [H][N]
        delta = exp(log_dt) d                                [H], d the step's elapsed time
        Abar = exp(delta A)       Bbar = (Abar - 1) / A * B  zero-order hold
        s <- Abar s + Bbar u_t
        v_t = 2 Re(sum_n C s) + D u_t
              + sum_{q=2..p} 2 Re(sum_n C Bbar^q) u_t u_{t-1} .. u_{t-q+1}     the liquid terms
        y_t = output_map(gelu(v_t))                          gelu exact (erf)

    The liquid terms: unrolling x_t = (Abar + Bbar u_t) x_{t-1} + Bbar u_t and keeping only products
    of neighbouring inputs gives C Abar^j Bbar^q for each; the PB kernel drops Abar ("powers of B").
    Bbar is the present step's. Inputs before the stream began are those of the state, 0 at first.
    (The authors' release cannot serve as a reference: it reverses these terms in time, so an output
    depends on later inputs, and has no recurrent form of them.)

    Convolution form, when every d = 1: 2 Re(sum_n C s) over all steps is the causal convolution of
    u with K_j = 2 Re(sum_n C Abar^j Bbar), plus 2 Re(sum_n C Abar^(t+1) s_0) from the initial
    state; D u and the liquid terms are pointwise in time. `run` checks that both agree.

    S4D-Lin initial values: A = -1/2 + i pi n, n = 0 .. N-1; B = 1; C complex standard normal;
    log_dt uniform in ln 0.001 .. ln 0.1; D standard normal.

    Parameters: `input_map.weight` [H][I], `input_map.bias` [H]; `log_dt`, `D` [H]; `C` [H][2N], real
    and imaginary part in turn; `log_A_real`, `A_imag` [HN], `B` [2HN], as vectors, because weight
    decay is for matrices and must not slow a system down; `output_map.weight` [H][H],
    `output_map.bias` [H].
    State: Re s [H][N], Im s [H][N], the last inputs u_{t}, u_{t-1} .. u_{t-p+2} as [p-1][H],
    newest first, and v_t [H], from which a held step's output is computed: H (2N + p)."""

    uses_time = True
    ranges = {
        "log_dt": (-3.0, -1.0),
        "log_A_real": (-1.0, -0.3),
        "B": (-1.2, 1.2),
        "C": (-1.0, 1.0),
        "D": (-1.0, 1.0),
    }

    def __init__(self, inputs, hidden, states=4, degree=2):
        super().__init__()
        self.hidden, self.states, self.degree = hidden, states, degree
        self.input_map = nn.Linear(inputs, hidden)
        self.log_dt = tensor(hidden)
        self.log_A_real = tensor(hidden * states)
        self.A_imag = tensor(hidden * states)
        self.B = tensor(hidden * states * 2)
        self.C = tensor(hidden, states * 2)
        self.D = tensor(hidden)
        self.output_map = nn.Linear(hidden, hidden)
        self.state_size = hidden * (2 * states + degree)

    def draw(self, name, shape, rng):
        if name.endswith("A_imag"):
            n = numpy.tile(numpy.arange(self.states), self.hidden)
            return math.pi * n * rng.uniform(0.8, 1.2, shape) + 0.1
        return super().draw(name, shape, rng)

    def _complex(self, pairs):
        """Real and imaginary parts in turn -> [H][N]"""
        return torch.view_as_complex(pairs.view(self.hidden, self.states, 2))

    def _discretise(self, elapsed):
        """elapsed [B][1] -> Abar, Bbar [B][H][N]"""
        A = torch.complex(-torch.exp(self.log_A_real), self.A_imag).view(self.hidden, self.states)
        delta = (torch.exp(self.log_dt) * elapsed).unsqueeze(2)
        Abar = torch.exp(delta * A)
        return Abar, (Abar - 1) / A * self._complex(self.B)

    def _split(self, state):
        width = self.hidden * self.states
        re, im, past, v = state.split(
            [width, width, (self.degree - 1) * self.hidden, self.hidden], dim=1
        )
        s = torch.complex(re, im).unflatten(1, (self.hidden, self.states))
        return s, past.unflatten(1, (self.degree - 1, self.hidden)), v

    def _read(self, s):
        """2 Re(sum_n C s), s [..][H][N] -> [..][H]"""
        return 2 * (self._complex(self.C) * s).sum(-1).real

    def _liquid(self, u, past, Bbar):
        """The liquid terms of one step: u [B][H], past [B][p-1][H] newest first."""
        product, total = u, 0
        for q in range(2, self.degree + 1):
            product = product * past[:, q - 2]
            total = total + self._read(Bbar**q) * product
        return total

    def step(self, x, elapsed, state):
        s, past, _ = self._split(state)
        u = self.input_map(x)
        Abar, Bbar = self._discretise(elapsed)
        s = Abar * s + Bbar * u.unsqueeze(2)
        v = self._read(s) + self.D * u + self._liquid(u, past, Bbar)
        past = torch.cat([u.unsqueeze(1), past], dim=1)[:, : self.degree - 1]
        return torch.cat([s.real.flatten(1), s.imag.flatten(1), past.flatten(1), v], dim=1)

    def output(self, state):
        return self.output_map(F.gelu(self._split(state)[2]))

    def convolve(self, x, state):
        """The outputs of a whole sequence with elapsed time 1, by FFT: x [T][B][I]."""
        steps = x.shape[0]
        s0, past, _ = self._split(state)
        u = self.input_map(x)
        Abar, Bbar = self._discretise(torch.ones(1, 1, dtype=x.dtype))
        powers = Abar ** torch.arange(steps).view(-1, 1, 1)  # [T][H][N]
        kernel = self._read(powers * Bbar)  # [T][H]
        length = 2 * steps
        spectrum = torch.fft.rfft(kernel, length, dim=0).unsqueeze(1)
        v = torch.fft.irfft(spectrum * torch.fft.rfft(u, length, dim=0), length, dim=0)[:steps]
        v = v + self._read((powers * Abar).unsqueeze(1) * s0) + self.D * u
        history = torch.cat([past.transpose(0, 1).flip(0), u])  # oldest first
        product = u
        for q in range(2, self.degree + 1):
            start = self.degree - q
            product = product * history[start : start + steps]
            v = v + self._read(Bbar**q) * product
        return self.output_map(F.gelu(v))

    def run(self, x, elapsed, mask, state):
        y, last = super().run(x, elapsed, mask, state)
        if mask is None and bool((elapsed == 1).all()):
            torch.testing.assert_close(y, self.convolve(x, state))
        return y, last


class MinimalRnn(Reference):
    """minGRU and minLSTM (Feng et al. 2024, appendix B), computed by their recurrence.

        h' = (1 - z) * h + z * c              c = W_h x + b_h, in the log form g of it
        minGRU:  z = sigma(W_z x + b_z)
        minLSTM: z = sigma(i) / (sigma(f) + sigma(i))        f = W_f x + b_f, i = W_i x + b_i

    Parameters: those of minGRU-pytorch, `to_hidden_and_gate.weight` [2H][I] (rows W_h, W_z) or
    `to_hidden_and_f_i_gate.weight` [3H][I] (rows W_h, W_f, W_i), and their biases.
    State: h [H]."""

    def __init__(self, kind, inputs, hidden, log=True, bias=True):
        super().__init__()
        self.is_lstm, self.log = kind == "minlstm", log
        self.name = "to_hidden_and_f_i_gate" if self.is_lstm else "to_hidden_and_gate"
        blocks = 3 if self.is_lstm else 2
        self.add_module(self.name, nn.Linear(inputs, blocks * hidden, bias=bias))
        self.blocks, self.state_size = blocks, hidden

    def step(self, x, elapsed, h):
        c, *gates = getattr(self, self.name)(x).chunk(self.blocks, dim=1)
        if self.log:
            c = torch.where(c >= 0, c + 0.5, torch.sigmoid(c))
        z = [torch.sigmoid(gate) for gate in gates]
        z = z[1] / (z[0] + z[1]) if self.is_lstm else z[0]
        return (1 - z) * h + z * c

    def output(self, h):
        return h


class Slstm(Reference):
    """sLSTM, the scalar memory of xLSTM (Beck et al. 2024, eqs. 8-17), K heads of D = H/K units.

        [i f z o] = W x + R y + b                    R joins units of a head only
        l = m + ln sigma(f)                          m' = i where n = 0, else max(i, l)
        i' = exp(i - m')                             f' = min(exp(l - m'), 1)
        c' = f' * c + i' * tanh(z)                   n' = f' * n + i'
        y' = sigma(o) * c' / n'

    Gradients follow m: a loss may depend on the final c, n and m. Of y alone they are those of
    xlstm, which test_cells.py checks.

    Parameters: `weight_ih` [4H][I] (rows i, f, z, o); xlstm's `_recurrent_kernel_` [K][4D][D] (rows
    gate by gate) and `_bias_` [4H].
    State: [y; c; n; m]."""

    def __init__(self, inputs, hidden, heads=1):
        super().__init__()
        size = hidden // heads
        self.heads, self.hidden, self.state_size = heads, hidden, 4 * hidden
        self.weight_ih = tensor(4 * hidden, inputs)
        self._recurrent_kernel_ = tensor(heads, 4 * size, size)
        self._bias_ = tensor(4 * hidden)

    def draw_state(self, rng, batch):
        state = super().draw_state(rng, batch)
        n = slice(2 * self.hidden, 3 * self.hidden)
        state[:, n] = rng.uniform(1, 2, (batch, self.hidden))
        state[0] = 0  # one stream begins as a sequence does
        return state

    def step(self, x, elapsed, state):
        y, c, n, m = state.chunk(4, dim=1)
        of_heads = y.unflatten(1, (self.heads, -1))
        recurrent = torch.einsum("bkd,kgd->bkg", of_heads, self._recurrent_kernel_)
        recurrent = recurrent.unflatten(2, (4, -1)).transpose(1, 2).flatten(1)
        i, f, z, o = (F.linear(x, self.weight_ih, self._bias_) + recurrent).chunk(4, dim=1)
        kept = m + F.logsigmoid(f)
        moved = torch.where((n == 0) | (i > kept), i, kept)
        i, f = torch.exp(i - moved), torch.exp(torch.where(kept > moved, moved, kept) - moved)
        c = f * c + i * torch.tanh(z)
        n = f * n + i
        return torch.cat([torch.sigmoid(o) * c / n, c, n, moved], dim=1)

    def output(self, state):
        return state[:, : self.hidden]


class Lem(Reference):
    """Long expressive memory (Rusch, Mishra, Erichson & Mahoney 2022, eq. 3).

        [a_y; a_z; b_y; b_z] = W_i x + b_i           [c_y; c_z; d_z] = W_h y + b_h
        z' = (1 - s_z) z + s_z tanh(b_z + d_z)       s_z = dt sigma(a_z + c_z)
        y' = (1 - s_y) y + s_y tanh(W_z z' + b + b_y)      s_y = dt sigma(a_y + c_y)

    With use_elapsed, min(1, dt d) in the place of dt.

    Parameters: those of the authors' cell. State: [y; z]."""

    def __init__(self, inputs, hidden, dt=1.0, use_elapsed=False):
        super().__init__()
        self.dt, self.uses_time, self.hidden = dt, use_elapsed, hidden
        self.inp2hid = nn.Linear(inputs, 4 * hidden)
        self.hid2hid = nn.Linear(hidden, 3 * hidden)
        self.transform_z = nn.Linear(hidden, hidden)
        self.state_size = 2 * hidden

    def step(self, x, elapsed, state):
        y, z = state.chunk(2, dim=1)
        dt = torch.clamp(self.dt * elapsed, max=1) if self.uses_time else self.dt
        a_y, a_z, b_y, b_z = self.inp2hid(x).chunk(4, dim=1)
        c_y, c_z, d_z = self.hid2hid(y).chunk(3, dim=1)
        s_y, s_z = dt * torch.sigmoid(a_y + c_y), dt * torch.sigmoid(a_z + c_z)
        z = (1 - s_z) * z + s_z * torch.tanh(b_z + d_z)
        y = (1 - s_y) * y + s_y * torch.tanh(self.transform_z(z) + b_y)
        return torch.cat([y, z], dim=1)

    def output(self, state):
        return state.chunk(2, dim=1)[0]


class Cornn(Reference):
    """Coupled oscillatory RNN (Rusch & Mishra 2021).

        z' = z + s (tanh(W [x; z; y] + b) - gamma y - epsilon z)             y' = y + s z'

    s = dt d, at most the longest stable step, 4 / (epsilon + sqrt(epsilon^2 + 4 gamma)).

    Parameters: those of the authors' cell, one layer `i2h` [H][I + 2H]. State: [z; y]."""

    uses_time = True

    def __init__(self, inputs, hidden, dt=0.1, gamma=0.2, epsilon=6.4):
        super().__init__()
        self.dt, self.gamma, self.epsilon = dt, gamma, epsilon
        self.longest = 4 / (epsilon + math.sqrt(epsilon**2 + 4 * gamma))
        self.i2h = nn.Linear(inputs + 2 * hidden, hidden)
        self.state_size = 2 * hidden

    def step(self, x, elapsed, state):
        z, y = state.chunk(2, dim=1)
        dt = torch.clamp(self.dt * elapsed, max=self.longest)
        drive = torch.tanh(self.i2h(torch.cat([x, z, y], dim=1)))
        z = z + dt * (drive - self.gamma * y - self.epsilon * z)
        return torch.cat([z, y + dt * z], dim=1)

    def output(self, state):
        return state.chunk(2, dim=1)[1]


class Lrc(Reference):
    """Liquid-resistance liquid-capacitance network (Farsang, Neubauer & Grosu 2024).

        u = input_w x + input_b                      s = [u; v]
        f_i = g_i + sum_j w_ji a_ji                  a_ji = sigma(sigma_ji (s_j - mu_ji))
        q_i = g_i + sum_j h_ji a_ji                  z = W_e [u; v] + b_e
        eps = sigma(z + k) - sigma(z - k), sigma(z), or 1
        euler: v' = v + t eps (E tanh(q) - sigma(f) v)            t = d / unfolds
        fused: v' = (v + t eps E tanh(q)) / (1 + t eps sigma(f))
        y = output_w v + output_b

    With forget=False tau in the place of sigma(f), and no w. On a wiring of ncps, synapses that it
    has not are masked.

    Parameters: the authors' names; the first index of a synapse is its source. State: v."""

    uses_time = True
    ranges = {
        "gleak": (0.1, 1),
        "vleak": (-1, 1),
        "tau": (0.3, 1),
        "sigma": (3, 8),
        "mu": (0.3, 0.8),
        "w": (0.01, 1),
        "sensory_sigma": (3, 8),
        "sensory_mu": (0.3, 0.8),
        "sensory_w": (0.01, 1),
        "distr_shift": (0.5, 1.5),
        "input_w": (0.7, 1.3),
        "input_b": (-0.3, 0.3),
        "output_w": (0.7, 1.3),
        "output_b": (-0.3, 0.3),
    }

    def __init__(
        self, inputs, hidden, elastance="symmetric", solver="euler", unfolds=1, forget=True
    ):
        super().__init__()
        self.wiring, self.masks, self.outputs = None, (1, 1), hidden
        if not isinstance(hidden, int):
            self.wiring = hidden
            self.wiring.build(inputs)
            hidden, self.outputs = self.wiring.units, self.wiring.output_dim
            matrices = self.wiring.sensory_adjacency_matrix, self.wiring.adjacency_matrix
            self.masks = tuple(torch.tensor(abs(matrix), dtype=torch.float64) for matrix in matrices)
        self.elastance, self.solver, self.unfolds = elastance, solver, unfolds
        self.gleak, self.vleak = tensor(hidden), tensor(hidden)
        self.tau = None if forget else tensor(hidden)
        for prefix, sources in (("sensory_", inputs), ("", hidden)):
            for name in ("sigma", "mu", "h") + (("w",) if forget else ()):
                self.register_parameter(prefix + name, tensor(sources, hidden))
        if elastance != "none":
            self.elastance_mapping = nn.Linear(inputs + hidden, hidden)
        if elastance == "symmetric":
            self.distr_shift = tensor(hidden)
        self.input_w, self.input_b = tensor(inputs), tensor(inputs)
        self.output_w, self.output_b = tensor(self.outputs), tensor(self.outputs)
        self.state_size = hidden

    def sums(self, prefix, sources, mask):
        own = {n: getattr(self, prefix + n) for n in ("sigma", "mu", "h")}
        a = torch.sigmoid(own["sigma"] * (sources.unsqueeze(2) - own["mu"])) * mask
        f = (getattr(self, prefix + "w") * a).sum(1) if self.tau is None else 0
        return f, (own["h"] * a).sum(1)

    def step(self, x, elapsed, v):
        u = self.input_w * x + self.input_b
        sensory = self.sums("sensory_", u, self.masks[0])
        for _ in range(self.unfolds):
            f, q = (a + b for a, b in zip(sensory, self.sums("", v, self.masks[1]), strict=True))
            leak = torch.sigmoid(self.gleak + f) if self.tau is None else self.tau
            length = elapsed / self.unfolds * self.elastances(torch.cat([u, v], dim=1))
            drive = self.vleak * torch.tanh(self.gleak + q)
            if self.solver == "euler":
                v = v + length * (drive - leak * v)
            else:
                v = (v + length * drive) / (1 + length * leak)
        return v

    def elastances(self, sources):
        if self.elastance == "none":
            return 1
        z = self.elastance_mapping(sources)
        if self.elastance == "asymmetric":
            return torch.sigmoid(z)
        return torch.sigmoid(z + self.distr_shift) - torch.sigmoid(z - self.distr_shift)

    def output(self, v):
        return self.output_w * v[:, : self.outputs] + self.output_b


class Tcn(Reference):
    """One residual block of a TCN (Bai, Kolter & Koltun 2018), step by step; dilation d.

        conv(x)_t = sum_j W_j x_(t - (k-1-j) d) + b       W = g v / |v|, each output channel's own
        y = relu(r + relu(conv2(relu(conv1(x)))))         r = x, or a map of it where I != H

    Parameters: `conv1.weight_g` [H][1][1], `conv1.weight_v` [H][I][k], `conv1.bias` (without
    weight norm `conv1.weight`), `conv2`, `downsample.weight` [H][I][1], `downsample.bias`.
    State: [the last (k-1) d x; as many outputs of conv1; y]."""

    ranges = {"weight_g": (0.5, 1.5)}

    def __init__(self, inputs, hidden, kernel=3, dilation=1, weight_norm=True):
        super().__init__()
        self.kernel, self.dilation, self.hidden = kernel, dilation, hidden
        self.reach = (kernel - 1) * dilation
        for name, channels in (("conv1", inputs), ("conv2", hidden)):
            parts = {"bias": tensor(hidden)}
            if weight_norm:
                parts["weight_g"] = tensor(hidden, 1, 1)
                parts["weight_v"] = tensor(hidden, channels, kernel)
            else:
                parts["weight"] = tensor(hidden, channels, kernel)
            self.add_module(name, nn.ParameterDict(parts))
        self.downsample = nn.Conv1d(inputs, hidden, 1) if inputs != hidden else nn.Identity()
        self.sizes = [self.reach * inputs, self.reach * hidden, hidden]
        self.state_size = sum(self.sizes)

    def convolve(self, name, history):
        """history [B][reach + 1][C] ends with the current step."""
        own = getattr(self, name)
        if "weight" in own:
            weight = own["weight"]
        else:
            weight = own["weight_v"] / own["weight_v"].norm(dim=(1, 2), keepdim=True)
            weight = own["weight_g"] * weight
        taps = history[:, :: self.dilation]
        return torch.einsum("bkc,hck->bh", taps, weight) + own["bias"]

    def step(self, x, elapsed, state):
        before, between, _ = state.split(self.sizes, dim=1)
        first = torch.cat([before, x], dim=1).unflatten(1, (self.reach + 1, -1))
        middle = torch.relu(self.convolve("conv1", first))
        second = torch.cat([between, middle], dim=1).unflatten(1, (self.reach + 1, -1))
        residual = self.downsample(x.unsqueeze(2)).squeeze(2)
        y = torch.relu(residual + torch.relu(self.convolve("conv2", second)))
        return torch.cat([first[:, 1:].flatten(1), second[:, 1:].flatten(1), y], dim=1)

    def output(self, state):
        return state[:, -self.hidden :]
