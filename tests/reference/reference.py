"""What every reference cell looks like to the fixture writer.

A reference cell is a torch module that carries one flat state per stream, [B][S], from step to
step. It has three methods that matter:

    step(x, elapsed, state) -> state      x [B][I], elapsed [B][1], state [B][S]
    output(state) -> y                    y [B][O]: what the next layer (or the readout) sees
    parameters_by_name() -> dict          trainable tensors under liquidbench's names

Masks and whole sequences are handled once, in `run`, for all cells: at an absent step the state is
held, and the output is the output of the held state.
"""

import numpy
import torch
from torch import nn


class Reference(nn.Module):
    """Base of all reference cells. Subclasses set `state_size` and `uses_time`."""

    uses_time = False  # whether the elapsed time changes the result
    ranges = {}  # parameter name -> (low, high) where the general rule of `draw` does not fit

    def step(self, x, elapsed, state):
        raise NotImplementedError

    def output(self, state):
        raise NotImplementedError

    def parameters_by_name(self):
        return {n: p for n, p in self.named_parameters() if p.requires_grad}

    def draw(self, name, shape, rng):
        """Random values for one parameter: like trained weights in size, so that gates neither
        saturate nor idle."""
        leaf = name if name in self.ranges else name.split(".")[-1]
        if leaf in self.ranges:
            low, high = self.ranges[leaf]
            return rng.uniform(low, high, shape)
        if len(shape) >= 2:
            bound = (3.0 / shape[-1]) ** 0.5
            return rng.uniform(-bound, bound, shape)
        return rng.uniform(-0.5, 0.5, shape)

    def draw_inputs(self, rng, steps, batch, inputs):
        return rng.standard_normal((steps, batch, inputs))

    def draw_state(self, rng, batch):
        return rng.uniform(-0.5, 0.5, (batch, self.state_size))

    def run(self, x, elapsed, mask, state):
        """x [T][B][I], elapsed [T][B], mask [T][B] or None, state [B][S] -> y [T][B][O], state."""
        outputs = []
        for t in range(x.shape[0]):
            moved = self.step(x[t], elapsed[t].unsqueeze(1), state)
            if mask is None:
                state = moved
            else:
                state = torch.where(mask[t].unsqueeze(1) > 0.5, moved, state)
            outputs.append(self.output(state))
        return torch.stack(outputs), state


class Stack(Reference):
    """Layers of cells, one above the other; all see the same elapsed time and mask.

    State: the layers' states, one after the other. Parameter names: layer 0 bare, layer l > 0
    under `layers.<l>.`."""

    def __init__(self, layers):
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.uses_time = layers[0].uses_time
        self.state_size = sum(layer.state_size for layer in layers)

    def _split(self, state):
        return torch.split(state, [layer.state_size for layer in self.layers], dim=1)

    def step(self, x, elapsed, state):
        moved = []
        for layer, part in zip(self.layers, self._split(state), strict=True):
            part = layer.step(x, elapsed, part)
            x = layer.output(part)
            moved.append(part)
        return torch.cat(moved, dim=1)

    def output(self, state):
        return self.layers[-1].output(self._split(state)[-1])

    def parameters_by_name(self):
        named = {}
        for number, layer in enumerate(self.layers):
            prefix = f"layers.{number}." if number > 0 else ""
            for name, parameter in layer.parameters_by_name().items():
                named[prefix + name] = parameter
        return named

    def draw(self, name, shape, rng):
        if name.startswith("layers."):
            _, number, name = name.split(".", 2)
            return self.layers[int(number)].draw(name, shape, rng)
        return self.layers[0].draw(name, shape, rng)

    def draw_state(self, rng, batch):
        return numpy.concatenate([layer.draw_state(rng, batch) for layer in self.layers], axis=1)
