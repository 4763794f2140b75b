#!/usr/bin/env python3
"""Do the reference cells agree with each other, and with the libraries where they overlap?

    python tests/reference/test_cells.py

The fixtures are only as good as the models that make them. Each test states what must hold."""

import math
import sys

import numpy
import pytorch_tcn
import torch

import cells
import library_cells as library
import state_space
from cases import CASES
from reference import Stack


def filled(cell, seed):
    """The cell with drawn parameters."""
    rng = numpy.random.default_rng(seed)
    for name, parameter in sorted(cell.parameters_by_name().items()):
        parameter.data = torch.from_numpy(cell.draw(name, tuple(parameter.shape), rng))
    return cell


def share(source, target):
    """Give target the parameters of source, by name; names and shapes must be the same."""
    own, theirs = target.parameters_by_name(), source.parameters_by_name()
    assert set(own) == set(theirs), set(own) ^ set(theirs)
    for name, parameter in own.items():
        assert parameter.shape == theirs[name].shape, name
        parameter.data = theirs[name].data.clone()


def sequence(cell, inputs, steps=5, batch=4, seed=1):
    rng = numpy.random.default_rng(seed)
    x = torch.from_numpy(cell.draw_inputs(rng, steps, batch, inputs))
    elapsed = torch.from_numpy(rng.uniform(0.1, 2.0, (steps, batch)))
    return x, elapsed, torch.from_numpy(cell.draw_state(rng, batch))


def assert_same_run(a, b, inputs):
    x, elapsed, state = sequence(a, inputs)
    for mine, theirs in zip(a.run(x, elapsed, None, state), b.run(x, elapsed, None, state), strict=True):
        torch.testing.assert_close(mine, theirs)


def own_ltc_with_fused_solver_equals_ncps():
    for softplus in (False, True):
        for output_map in (False, True):
            own = cells.Ltc(3, 7, "fused", 6, output_map, softplus)
            theirs = filled(library.NcpsLtc(3, 7, 6, output_map, softplus), 2)
            share(theirs, own)
            assert_same_run(own, theirs, 3)


def ltc_rk4_and_many_fused_steps_approach_the_same_solution():
    fine = filled(cells.Ltc(3, 7, "rk4", unfolds=10), 3)
    fused = cells.Ltc(3, 7, "fused", unfolds=20000)
    share(fine, fused)
    x, elapsed, state = sequence(fine, 3, steps=1)
    y, _ = fine.run(x, elapsed, None, state)  # 10 steps of 0.1 d cover d
    z, _ = fused.run(x, elapsed, None, state)
    torch.testing.assert_close(y, z, rtol=1e-3, atol=1e-3)


def own_cfc_with_tanh_heads_equals_ncps():
    for mode in ("default", "no_gate", "pure"):
        for layers, activation in [(0, "tanh"), *((2, name) for name in cells.ACTIVATIONS)]:
            own = cells.Cfc(3, 7, mode, 9, layers, activation)
            theirs = filled(library.NcpsCfc(3, 7, mode, 9, layers, activation), 4)
            share(theirs, own)
            assert_same_run(own, theirs, 3)


def peephole_lstm_without_peepholes_equals_torch():
    own = filled(cells.PeepholeLstm(3, 7, 2), 5)
    theirs = library.TorchRecurrent("lstm", 3, 7, 2)
    for name, parameter in own.parameters_by_name().items():
        if "weight_c" in name:
            parameter.data.zero_()
        else:
            theirs.parameters_by_name()[name].data = parameter.data.clone()
    assert_same_run(own, theirs, 3)


def a_torch_stack_equals_a_stack_of_its_layers():
    whole = filled(library.TorchRecurrent("gru", 3, 7, 2), 6)
    layers = [library.TorchRecurrent("gru", 3, 7), library.TorchRecurrent("gru", 7, 7)]
    for number, layer in enumerate(layers):
        for name, parameter in layer.parameters_by_name().items():
            source = name.replace("_l0", f"_l{number}")
            parameter.data = whole.parameters_by_name()[source].data.clone()
    assert_same_run(whole, Stack(layers), 3)


def explicit_solvers_converge_in_their_order():
    x, elapsed, state = sequence(cells.Ctrnn(3, 7), 3, steps=1)
    exact = filled(cells.Ctrnn(3, 7, "rk4", 400), 7)
    reference, _ = exact.run(x, elapsed, None, state)
    for solver, order in (("euler", 1), ("heun", 2), ("rk4", 4)):
        errors = []
        for unfolds in (8, 16):
            coarse = cells.Ctrnn(3, 7, solver, unfolds)
            share(exact, coarse)
            errors.append((coarse.run(x, elapsed, None, state)[0] - reference).abs().max())
        seen = float(torch.log2(errors[0] / errors[1]))
        assert abs(seen - order) < 0.4, (solver, seen)


def grud_with_everything_observed_decays_only_its_state():
    flagged = filled(cells.GruD(6, 7, flags=3), 8)
    x, elapsed, state = sequence(flagged, 6)
    x[..., 3:] = 1
    y, last = flagged.run(x, elapsed, None, state)
    assert (last[:, 10:] == 0).all()
    torch.testing.assert_close(last[:, 7:10], x[-1, :, :3])
    x[..., 3:] = 0
    hidden, _ = flagged.run(x, elapsed, None, state)
    x[..., :3] = 1e6  # unobserved values are never read
    torch.testing.assert_close(hidden, flagged.run(x, elapsed, None, state)[0])
    assert not torch.allclose(hidden, y)


def phased_lstm_moves_from_its_state_towards_an_lstms_by_the_gate():
    phased = filled(cells.PhasedLstm(3, 7), 9)
    x, _, state = sequence(phased, 3, steps=1)
    lstm = torch.nn.LSTMCell(3, 7)
    lstm.weight_ih.data, lstm.weight_hh.data = phased.weight_ih.data, phased.weight_hh.data
    lstm.bias_ih.data, lstm.bias_hh.data = phased.bias.data, torch.zeros(28)
    old = state[:, :14]
    new = torch.cat(lstm(x[0], tuple(old.chunk(2, dim=1))), dim=1)
    softplus = torch.nn.functional.softplus
    raw_period, raw_shift, raw_ratio = torch.tensor([1.0, 0.5, 0.0])
    phased.raw_period.data.fill_(raw_period)
    phased.raw_shift.data.fill_(raw_shift)
    phased.raw_open_ratio.data.fill_(raw_ratio)
    ratio = softplus(raw_ratio)  # 0.69
    for phase, gate in ((0.2, 0.4 / ratio), (0.6, 2 - 1.2 / ratio), (0.8, 0.0008)):
        state[:, 14] = 0
        elapsed = softplus(raw_shift) + (3 + phase) * softplus(raw_period)
        moved = phased.step(x[0], elapsed.expand(4, 1), state)
        torch.testing.assert_close(moved[:, :14], old + gate * (new - old))
        torch.testing.assert_close(moved[:, 14], elapsed.expand(4))


def uncoupled_lstm_and_ctrnn_add_up():
    coupled = filled(cells.LstmCtrnn(3, 7), 14)
    coupled.weight_ih.data[:, 3:] = 0
    coupled.ode.weight_ih.data[:, 3:] = 0
    lstm = torch.nn.LSTMCell(3, 7)
    lstm.weight_ih.data, lstm.weight_hh.data = coupled.weight_ih.data[:, :3], coupled.weight_hh.data
    lstm.bias_ih.data, lstm.bias_hh.data = coupled.bias.data, torch.zeros(28)
    lstm.bias_hh.data[7:14] = 1
    ctrnn = cells.Ctrnn(3, 7, "euler", 4)
    for name, parameter in ctrnn.named_parameters():
        parameter.data = getattr(coupled.ode, name).data
    ctrnn.weight_ih.data = ctrnn.weight_ih.data[:, :3]
    x, elapsed, state = sequence(coupled, 3)
    h, c, v = state.chunk(3, dim=1)
    for step, output in enumerate(coupled.run(x, elapsed, None, state)[0]):
        h, c = lstm(x[step], (h, c))
        v = ctrnn.step(x[step], elapsed[step].unsqueeze(1), v)
        torch.testing.assert_close(output, h + v)


def minimal_cells_equal_the_package():
    for kind in ("mingru", "minlstm"):
        theirs = filled(library.PackageMinimalRnn(kind, 3, 7), 20)
        own = cells.MinimalRnn(kind, 3, 7, bias=False)
        share(theirs, own)
        assert_same_run(own, theirs, 3)


def minlstm_opens_evenly_when_both_gates_are_shut():
    cell = cells.MinimalRnn("minlstm", 1, 1, log=False)
    cell.to_hidden_and_f_i_gate.weight.data.zero_()
    cell.to_hidden_and_f_i_gate.bias.data = torch.tensor([1.0, -30.0, -30.0])
    moved = cell.step(torch.zeros(1, 1), None, torch.zeros(1, 1))
    torch.testing.assert_close(moved, torch.tensor([[0.5]]))


def slstm_equals_xlstm_forward_and_in_the_gradients_of_its_outputs():
    for heads in (1, 2, 4):
        theirs = filled(library.XlstmSlstm(3, 8, heads), 21)
        own = cells.Slstm(3, 8, heads)
        share(theirs, own)
        x, elapsed, state = sequence(own, 3)
        state[0] = state[1]
        for start in (state, torch.zeros_like(state)):
            gradients = []
            for cell in (own, theirs):
                with torch.enable_grad():
                    y, last = cell.run(x, elapsed, None, start)
                    named = sorted(cell.parameters_by_name().items())
                    loss = (y * torch.sin(torch.arange(y.numel())).view(y.shape)).sum()
                    found = torch.autograd.grad(loss, [parameter for _, parameter in named])
                gradients.append([y.detach(), last.detach(), *found])
            for mine, other in zip(*gradients, strict=True):
                torch.testing.assert_close(mine, other)


def slstm_does_not_depend_on_how_m_is_chosen():
    cell = filled(cells.Slstm(3, 8, 2), 22)
    x, elapsed, state = sequence(cell, 3)
    state[0] = state[1]
    y, c, n, m = state.chunk(4, dim=1)
    shifted = torch.cat([y, c * math.exp(-3), n * math.exp(-3), m + 3], dim=1)
    outputs = [cell.run(x, elapsed, None, start)[0] for start in (state, shifted)]
    torch.testing.assert_close(*outputs)


def cornn_equals_torchrecurrent_at_elapsed_1():
    own = filled(cells.Cornn(3, 7, 0.1, 2.0, 3.0), 23)
    theirs = library.TorchrecurrentCornn(3, 7, dt=0.1, gamma=2.0, epsilon=3.0)
    theirs.take(own.i2h.weight.data, own.i2h.bias.data)
    x, elapsed, state = sequence(own, 3)
    elapsed = torch.ones_like(elapsed)
    outputs = own.run(x, elapsed, None, state), theirs.run(x, elapsed, None, state)
    for mine, other in zip(*outputs, strict=True):
        torch.testing.assert_close(mine, other)


def lem_with_elapsed_1_is_lem():
    own = filled(cells.Lem(3, 7, 0.5, use_elapsed=True), 24)
    plain = cells.Lem(3, 7, 0.5)
    share(own, plain)
    x, elapsed, state = sequence(own, 3)
    elapsed = torch.ones_like(elapsed)
    outputs = own.run(x, elapsed, None, state), plain.run(x, elapsed, None, state)
    for mine, other in zip(*outputs, strict=True):
        torch.testing.assert_close(mine, other)


def state_space_layers_equal_discretax():
    """Outputs from zeros at regular times, and the gradients of a sum of them."""
    from jax import config, numpy as jnp, random
    import discretax.sequence_mixers.linoss as linoss
    import discretax.sequence_mixers.lru as lru
    import equinox

    config.update("jax_enable_x64", True)
    key = random.PRNGKey(0)
    kinds = {"im": ("IM", False), "imex": ("IMEX", False), "damped": ("IMEX", True)}
    pairs = [(state_space.Lru(6, 5), lru.LRUSequenceMixer(6, key, state_dim=5))]
    for name, (discretization, damping) in kinds.items():
        options = {"state_dim": 5, "discretization": discretization, "damping": damping}
        pairs.append(
            (state_space.Linoss(6, 5, name), linoss.LinOSSSequenceMixer(6, key, **options))
        )
    for own, theirs in pairs:
        own = filled(own.double(), 30)
        x = torch.from_numpy(numpy.random.default_rng(31).standard_normal((9, 6)))
        weigh = numpy.sin(numpy.arange(54.0)).reshape(9, 6)
        for name, parameter in own.named_parameters():
            value = jnp.array(parameter.detach().numpy())
            theirs = equinox.tree_at(lambda m, name=name: getattr(m, name), theirs, value)
        with torch.enable_grad():
            state, outputs = torch.zeros(1, own.state_size), []
            for row in x:
                v, state = own.layer(row.unsqueeze(0), torch.ones(1, 1), state)
                outputs.append(v)
            y = torch.cat(outputs)
            names, parameters = zip(*own.named_parameters(), strict=True)
            gradients = torch.autograd.grad((y * torch.from_numpy(weigh)).sum(), parameters)
        inputs = jnp.array(x.numpy())
        numpy.testing.assert_allclose(y.detach(), theirs(inputs, key), rtol=1e-9, atol=1e-9)
        found = equinox.filter_grad(lambda m: (m(inputs, key) * weigh).sum())(theirs)
        for name, gradient in zip(names, gradients, strict=True):
            expected = numpy.asarray(getattr(found, name))
            numpy.testing.assert_allclose(gradient, expected, rtol=1e-7, atol=1e-7, err_msg=name)


def damped_linoss_stays_within_its_clamp():
    layer = filled(state_space.Linoss(2, 50, "damped").double(), 32)
    layer.A_diag.data = torch.linspace(-5, 1e4, 50)
    layer.G_diag.data = torch.zeros(50)
    state = torch.ones(1, 200)
    for _ in range(500):
        _, state = layer.layer(torch.zeros(1, 2), torch.ones(1, 1), state)
    assert state.abs().max() < 1e4


def tcn_step_by_step_equals_pytorch_tcn():
    theirs = pytorch_tcn.TCN(
        3, [5, 5, 5], kernel_size=3, dropout=0.0, causal=True, use_norm="weight_norm",
        kernel_initializer="normal", use_skip_connections=False, input_shape="NCL",
    ).double().eval()
    layers = [cells.Tcn(3 if layer == 0 else 5, 5, 3, 2**layer).double() for layer in range(3)]
    for own, block in zip(layers, theirs.network, strict=True):
        for name in ("conv1", "conv2"):
            conv = getattr(block, name)
            weights = conv.parametrizations.weight
            weights.original0.data.uniform_(0.5, 1.5)
            getattr(own, name)["weight_g"].data = weights.original0.data
            getattr(own, name)["weight_v"].data = weights.original1.data
            getattr(own, name)["bias"].data = conv.bias.data
        if block.downsample is not None:
            own.downsample.load_state_dict(block.downsample.state_dict())
    x = torch.from_numpy(numpy.random.default_rng(33).standard_normal((20, 2, 3)))
    stack = Stack(layers)
    y, _ = stack.run(x, torch.ones(20, 2), None, torch.zeros(2, stack.state_size))
    torch.testing.assert_close(y, theirs(x.permute(1, 2, 0)).permute(2, 0, 1))


def ctgru_forgets_at_its_time_scales():
    cell = filled(cells.CtGru(3, 5), 10)
    for parameter in cell.parameters():
        parameter.data.zero_()
    state = torch.ones(1, 40)
    moved = cell.step(torch.zeros(1, 3), torch.full((1, 1), 2.0), state).view(8, 5)
    tau = 10 ** (torch.arange(8) / 2)
    write = torch.softmax(-torch.log(tau) ** 2, 0)
    torch.testing.assert_close(moved[:, 0], (1 - write) * torch.exp(-2 / tau))


def liquid_s4_convolution_equals_recurrence():
    for degree in (2, 3):
        cell = filled(cells.LiquidS4(3, 7, 5, degree), 11)
        x, elapsed, state = sequence(cell, 3, steps=9)
        cell.run(x, torch.ones_like(elapsed), None, state)  # run itself compares them


def liquid_s4_recurrence_is_exact_for_constant_input():
    """Zero-order hold: one step of 2 is two steps of 1 under the same input."""
    cell = filled(cells.LiquidS4(3, 7, 5), 12)
    x, _, state = sequence(cell, 3, steps=1)
    one, two = torch.ones(4, 1), torch.full((4, 1), 2.0)
    twice = cell.step(x[0], one, cell.step(x[0], one, state))
    torch.testing.assert_close(cell.step(x[0], two, state)[:, :70], twice[:, :70])


def absent_steps_change_nothing():
    for case in CASES:
        if case.masked and case.model["cell"] != "bilstm":
            cell = filled(case.build(), 13)
            x, elapsed, state = sequence(cell, case.inputs)
            mask = torch.ones(5, 4)
            mask[2] = 0
            kept = [0, 1, 3, 4]
            y, last = cell.run(x, elapsed, mask, state)
            z, end = cell.run(x[kept], elapsed[kept], None, state)
            torch.testing.assert_close(y[kept], z)
            torch.testing.assert_close(y[2], y[1])
            torch.testing.assert_close(last, end)


TESTS = [
    own_ltc_with_fused_solver_equals_ncps,
    ltc_rk4_and_many_fused_steps_approach_the_same_solution,
    own_cfc_with_tanh_heads_equals_ncps,
    peephole_lstm_without_peepholes_equals_torch,
    a_torch_stack_equals_a_stack_of_its_layers,
    explicit_solvers_converge_in_their_order,
    grud_with_everything_observed_decays_only_its_state,
    phased_lstm_moves_from_its_state_towards_an_lstms_by_the_gate,
    uncoupled_lstm_and_ctrnn_add_up,
    minimal_cells_equal_the_package,
    minlstm_opens_evenly_when_both_gates_are_shut,
    slstm_equals_xlstm_forward_and_in_the_gradients_of_its_outputs,
    slstm_does_not_depend_on_how_m_is_chosen,
    cornn_equals_torchrecurrent_at_elapsed_1,
    lem_with_elapsed_1_is_lem,
    state_space_layers_equal_discretax,
    damped_linoss_stays_within_its_clamp,
    tcn_step_by_step_equals_pytorch_tcn,
    ctgru_forgets_at_its_time_scales,
    liquid_s4_convolution_equals_recurrence,
    liquid_s4_recurrence_is_exact_for_constant_input,
    absent_steps_change_nothing,
]


def main():
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    failed = 0
    for test in TESTS:
        try:
            with torch.no_grad():
                test()
            print("ok  ", test.__name__)
        except AssertionError as error:
            failed += 1
            print("FAIL", test.__name__, error)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
