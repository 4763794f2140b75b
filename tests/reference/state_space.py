"""Reference models of the state-space layers and of what stands around them, written from their papers.

Conventions as in cells.py. The layers read H channels u and have `width` outputs."""

import torch
import torch.nn.functional as F
from torch import nn

from cells import LiquidS4, tensor
from reference import Reference


def as_complex(real, imaginary):
    return torch.complex(real, imaginary)


class Lru(Reference):
    """Linear Recurrent Unit (Orvieto et al. 2023).

        s' = lambda^d * s + exp(gamma_log) * (B u)    lambda = exp(-exp(nu_log) + i exp(theta_log))
        v = Re(C s') + D * u

    Parameters: `nu_log`, `theta_log`, `gamma_log` [N], `B_re`, `B_im` [N][H], `C_re`, `C_im`
    [H][N], `D` [H]. State: [Re s; Im s]."""

    ranges = {"nu_log": (-2, 0), "theta_log": (-2, 1), "gamma_log": (-1, 0)}

    def __init__(self, hidden, states):
        super().__init__()
        self.nu_log, self.theta_log, self.gamma_log = (tensor(states) for _ in range(3))
        self.B_re, self.B_im = tensor(states, hidden), tensor(states, hidden)
        self.C_re, self.C_im = tensor(hidden, states), tensor(hidden, states)
        self.D = tensor(hidden)
        self.state_size, self.width = 2 * states, hidden

    def layer(self, u, elapsed, state):
        s = as_complex(*state.chunk(2, dim=1))
        power = torch.exp(as_complex(-torch.exp(self.nu_log), torch.exp(self.theta_log)) * elapsed)
        s = power * s + torch.exp(self.gamma_log) * as_complex(u @ self.B_re.T, u @ self.B_im.T)
        v = (s @ as_complex(self.C_re, self.C_im).T).real + self.D * u
        return v, torch.cat([s.real, s.imag], dim=1)


class Linoss(Reference):
    """Oscillatory state-space layer (Rusch & Rus 2025; damped: Boyer, Rusch & Rus 2025).

        t = sigma(steps) d               A = relu(A_diag)             G = relu(G_diag)
        S = 1 / (1 + t^2 A)  im;      1  imex;      1 / (1 + t G)  damped
        z' = S * (z + t (B u - A y))     y' = y + t z'
        v = Re(C y') + D * u

    damped: A_diag clamped to [(2 + t G -+ 2 sqrt(1 + t G)) / t^2] in the place of A.

    Parameters: `A_diag`, `steps` (and `G_diag`) [N], `B` [N][H][2], `C` [H][N][2], `D` [H].
    State: [Re y; Im y; Re z; Im z]."""

    ranges = {
        "A_diag": (0.1, 1),
        "G_diag": (0.1, 0.5),
        "steps": (-1, 1),
        "B": (-0.5, 0.5),
        "C": (-0.5, 0.5),
    }

    def __init__(self, hidden, states, discretization="im"):
        super().__init__()
        self.discretization = discretization
        self.A_diag, self.steps = tensor(states), tensor(states)
        if discretization == "damped":
            self.G_diag = tensor(states)
            self.ranges = {**self.ranges, "A_diag": (-0.5, 8)}  # beyond both ends of the clamp
        self.B, self.C = tensor(states, hidden, 2), tensor(hidden, states, 2)
        self.D = tensor(hidden)
        self.state_size, self.width = 4 * states, hidden

    def layer(self, u, elapsed, state):
        y_re, y_im, z_re, z_im = state.chunk(4, dim=1)
        y, z = as_complex(y_re, y_im), as_complex(z_re, z_im)
        t = torch.sigmoid(self.steps) * elapsed
        a, shrink = torch.relu(self.A_diag), 1
        if self.discretization == "im":
            shrink = 1 / (1 + t**2 * a)
        elif self.discretization == "damped":
            g = torch.relu(self.G_diag)
            low, high = ((2 + t * g + s * torch.sqrt(1 + t * g)) / t**2 for s in (-2, 2))
            a = torch.minimum(torch.maximum(self.A_diag.expand_as(t), low), high)
            shrink = 1 / (1 + t * g)
        drive = as_complex(u @ self.B[..., 0].T, u @ self.B[..., 1].T)
        z = shrink * (z + t * (drive - a * y))
        y = y + t * z
        v = (y @ as_complex(self.C[..., 0], self.C[..., 1]).T).real + self.D * u
        return v, torch.cat([y.real, y.imag, z.real, z.imag], dim=1)


class Lrcssm(Reference):
    """LrcSSM (Farsang, Hasani, Rus & Grosu 2025, eqs. 8-14).

        a = sigma(sigma_s * (u - mu_s))               n = sigma(sigma * (v - mu))
        f = g + W_s a + w * n                         q = g + H_s a + h * n
        eps = sigma(k v + b), or sigma(k v + b + s) - sigma(k v + b - s)
        euler: v' = v + t eps (E tanh(q) - sigma(f) v)            t = dt d
        fused: v' = (v + t eps E tanh(q)) / (1 + t eps sigma(f))

    Parameters: the release's names. State: v."""

    def __init__(self, hidden, states, elastance="asymmetric", solver="euler", dt=1.0):
        super().__init__()
        self.elastance, self.solver, self.dt = elastance, solver, dt
        self.weight_sensory_mu, self.weight_sensory_sigma = tensor(hidden), tensor(hidden)
        self.weight_sensory_w, self.weight_sensory_h = tensor(states, hidden), tensor(states, hidden)
        names = ["mu", "sigma", "w", "h", "gleak", "vleak", "elastance_kernel", "elastance_bias"]
        for name in names + (["elastance_shift"] if elastance == "symmetric" else []):
            self.register_parameter(f"weight_{name}", tensor(states))
        self.state_size = self.width = states

    def layer(self, u, elapsed, v):
        own = {name.removeprefix("weight_"): value for name, value in self.named_parameters()}
        a = torch.sigmoid(own["sensory_sigma"] * (u - own["sensory_mu"]))
        n = torch.sigmoid(own["sigma"] * (v - own["mu"]))
        f = torch.sigmoid(own["gleak"] + a @ own["sensory_w"].T + own["w"] * n)
        q = torch.tanh(own["gleak"] + a @ own["sensory_h"].T + own["h"] * n)
        z = own["elastance_kernel"] * v + own["elastance_bias"]
        if self.elastance == "symmetric":
            shift = own["elastance_shift"]
            epsilon = torch.sigmoid(z + shift) - torch.sigmoid(z - shift)
        else:
            epsilon = torch.sigmoid(z)
        length, drive = self.dt * elapsed * epsilon, own["vleak"] * q
        if self.solver == "euler":
            moved = v + length * (drive - f * v)
        else:
            moved = (v + length * drive) / (1 + length * f)
        return moved, moved


class WholeLiquidS4(LiquidS4):
    """Liquid-S4 with its own two maps, as a layer inside a block."""

    def __init__(self, hidden, states, degree=2):
        super().__init__(hidden, hidden, states, degree)
        self.width = hidden

    def layer(self, u, elapsed, state):
        moved = self.step(u, elapsed, state)
        return self.output(moved), moved


PRESETS = {
    "linoss": {"norm": "layer", "place": "pre", "gate": "glu"},
    "lru": {"norm": "layer_affine", "place": "pre", "gate": "glu"},
    "lrcssm": {"norm": "layer", "place": "both", "gate": "mlp"},
}


class Block(Reference):
    """A layer with an encoder before it and a residual block around it; x after the encoder.

        none:       y = v(x)
        glu, pre:   y = x + GLU(gelu(v(norm(x))))         GLU(a) = (W1 a + b1) * sigma(W2 a + b2)
        glu, post:  y = norm(x + GLU(gelu(v(x))))
        mlp:        r = norm(x)     y = norm(v(r) + r)    y + M(y) where the layer is H wide,
                    y = norm(M(v(r)) + r) where not       M(a) = W2 relu(W1 a + b1) + b2

    Parameters: `linear_encoder`, the layer's, `glu.w1`, `glu.w2` or `mlps.0`, `mlps.1`, `norm`.
    State: [the layer's; y]."""

    uses_time = True

    def __init__(self, inputs, hidden, layer, preset="none", encodes=True, **options):
        super().__init__()
        self.hidden, self.inside = hidden, layer
        self.options = {**PRESETS[preset], "skip": True, **options} if preset != "none" else None
        self.outputs = hidden if self.options else layer.width
        self.linear_encoder = nn.Linear(inputs, hidden) if encodes else nn.Identity()
        self.norm = nn.ParameterDict()
        if self.options:
            gate, width = self.options["gate"], layer.width
            if gate == "glu":
                maps = {"w1": nn.Linear(width, hidden), "w2": nn.Linear(width, hidden)}
                self.glu = nn.ModuleDict(maps)
            elif gate == "mlp":
                self.mlps = nn.ModuleList([nn.Linear(width, hidden), nn.Linear(hidden, hidden)])
            if self.options["norm"] == "layer_affine":
                self.norm = nn.ParameterDict({"weight": tensor(hidden), "bias": tensor(hidden)})
        self.state_size = layer.state_size + self.outputs

    def normed(self, x):
        if self.options["norm"] == "layer":
            return F.layer_norm(x, (self.hidden,), eps=1e-5)
        if self.options["norm"] == "layer_affine":
            return F.layer_norm(x, (self.hidden,), self.norm["weight"], self.norm["bias"], 1e-6)
        return x

    def mlp(self, a):
        return self.mlps[1](torch.relu(self.mlps[0](a)))

    def step(self, x, elapsed, state):
        x = self.linear_encoder(x)
        inner = state[:, : self.inside.state_size]
        if self.options is None:
            y, inner = self.inside.layer(x, elapsed, inner)
            return torch.cat([inner, y], dim=1)
        r = x if self.options["place"] == "post" else self.normed(x)
        v, inner = self.inside.layer(r, elapsed, inner)
        if self.options["gate"] == "mlp":
            if self.inside.width == self.hidden:
                y = self.normed(v + r)
                y = y + self.mlp(y)
            else:
                y = self.normed(self.mlp(v) + r)
        else:
            y = F.gelu(v, approximate="tanh")
            if self.options["gate"] == "glu":
                y = self.glu["w1"](y) * torch.sigmoid(self.glu["w2"](y))
            y = y + x if self.options["skip"] else y
            y = self.normed(y) if self.options["place"] == "post" else y
        return torch.cat([inner, y], dim=1)

    def output(self, state):
        return state[:, self.inside.state_size :]

    def parameters_by_name(self):
        named = {n: p for n, p in self.named_parameters() if not n.startswith("inside.")}
        return {**named, **self.inside.parameters_by_name()}

    def draw(self, name, shape, rng):
        if name in self.inside.parameters_by_name():
            return self.inside.draw(name, shape, rng)
        return super().draw(name, shape, rng)

    def draw_state(self, rng, batch):
        inner, held = self.inside.draw_state(rng, batch), super().draw_state(rng, batch)
        inner_size = self.inside.state_size
        held[:, :inner_size] = inner
        return held
