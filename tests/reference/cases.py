"""The case table: which cell, which options, which shapes."""

from collections.abc import Callable
from dataclasses import dataclass

from ncps.wirings import NCP, AutoNCP, Random

import cells
import library_cells as library
import state_space
from reference import Stack


@dataclass
class Case:
    name: str  # file name without extension: <cell>-<variant>
    model: dict  # liquidbench's model config
    build: Callable  # -> Reference
    reference: str  # which implementation made it
    inputs: int
    steps: int
    batch: int
    masked: bool = False
    irregular: bool = True  # elapsed times in [0.1, 2] rather than all ones


CASES = []


def add(variant, model, build, reference, inputs=3, steps=5, batch=3, **more):
    name = f"{model['cell']}-{variant}".replace("_", "-")
    if any(case.name == name for case in CASES):
        raise ValueError(f"two cases called {name}")
    CASES.append(Case(name, model, build, reference, inputs, steps, batch, **more))


# The shapes every cell is tried in: variant -> (I, H, T, B, further fields of the case).
# Odd sizes are no multiple of any vector width; 8 is one.
SHAPES = {
    "small": (3, 7, 5, 3, {}),
    "wide": (5, 19, 3, 2, {}),
    "whole-vectors": (4, 8, 4, 4, {}),
    "one-stream": (3, 7, 6, 1, {}),
    "one-step": (3, 7, 1, 4, {}),
    "batch-is-hidden": (2, 7, 3, 7, {}),
    "masked": (3, 7, 6, 4, {"masked": True}),
}
REGULAR = (3, 7, 4, 3, {"irregular": False})


def add_shapes(model, build, reference, **own):
    """One case for every shape; build(inputs, hidden) makes the cell. `own` adds a shape, or
    replaces one where the cell is large (`wide=(...)`)."""
    for variant, shape in {**SHAPES, **own}.items():
        inputs, hidden, steps, batch, more = shape
        add(
            variant,
            {"cell": model["cell"], "hidden": hidden} | model,
            lambda inputs=inputs, hidden=hidden: build(inputs, hidden),
            reference,
            inputs,
            steps,
            batch,
            **more,
        )


# ---- torch.nn: rnn, gru, lstm, bilstm ------------------------------------------------------

TORCH = {"rnn": "torch.nn.RNN", "gru": "torch.nn.GRU", "lstm": "torch.nn.LSTM"}


def add_torch(cell, build, reference):
    wide = (5, {"bilstm": 11, "gru": 13}.get(cell, 19), 3, 2, {})
    add_shapes({"cell": cell, "layers": 1}, build, reference, wide=wide)
    hidden = 5 if cell == "bilstm" else 7
    two_layers = {"cell": cell, "hidden": hidden, "layers": 2}
    add("stacked", two_layers, lambda: build(3, hidden, 2), reference)
    add("stacked-masked", two_layers, lambda: build(3, hidden, 2), reference, masked=True)


def torch_builder(cell):
    return lambda inputs, hidden, layers=1: library.TorchRecurrent(cell, inputs, hidden, layers)


for cell, reference in TORCH.items():
    add_torch(cell, torch_builder(cell), reference)
add_torch("bilstm", library.TorchBilstm, "torch.nn.LSTM(bidirectional=True)")

for variant, layers, masked in [("peephole", 1, False), ("peephole-stacked-masked", 2, True)]:
    add(
        variant,
        {"cell": "lstm", "hidden": 7, "layers": layers, "peephole": True},
        lambda layers=layers: cells.PeepholeLstm(3, 7, layers),
        "cells.PeepholeLstm",
        masked=masked,
    )

# ---- minGRU, minLSTM -----------------------------------------------------------------------


def minimal(cell, form="log", bias=True):
    return {"cell": cell, "form": form, "bias": bias}


for cell in ("mingru", "minlstm"):
    add_shapes(
        minimal(cell),
        lambda i, h, cell=cell: cells.MinimalRnn(cell, i, h),
        "cells.MinimalRnn",
    )
    add(
        "plain-masked",
        minimal(cell, "plain") | {"hidden": 7},
        lambda cell=cell: cells.MinimalRnn(cell, 3, 7, log=False),
        "cells.MinimalRnn",
        masked=True,
    )
    for variant, inputs, hidden, more in [
        ("package", 3, 7, {}),
        ("package-square", 8, 8, {"steps": 9}),
        ("package-masked", 3, 7, {"masked": True}),
    ]:
        add(
            variant,
            minimal(cell, bias=False) | {"hidden": hidden},
            lambda cell=cell, i=inputs, h=hidden: library.PackageMinimalRnn(cell, i, h),
            "minGRU_pytorch",
            inputs=inputs,
            **more,
        )

# ---- sLSTM ---------------------------------------------------------------------------------

add_shapes({"cell": "slstm"}, cells.Slstm, "cells.Slstm", wide=(5, 13, 3, 2, {}))
for variant, hidden, heads, masked in [
    ("two-heads", 6, 2, False),
    ("heads-masked", 9, 3, True),
    ("head-each", 3, 3, False),
]:
    add(
        variant,
        {"cell": "slstm", "hidden": hidden, "heads": heads},
        lambda hidden=hidden, heads=heads: cells.Slstm(3, hidden, heads),
        "cells.Slstm",
        masked=masked,
    )

# ---- lem, cornn ----------------------------------------------------------------------------

add_shapes({"cell": "lem"}, cells.Lem, "cells.Lem", wide=(5, 13, 3, 2, {}))
add("small-dt", {"cell": "lem", "hidden": 7, "dt": 0.25}, lambda: cells.Lem(3, 7, 0.25), "cells.Lem")
add(
    "elapsed-masked",
    {"cell": "lem", "hidden": 7, "dt": 0.75, "use_elapsed": True},
    lambda: cells.Lem(3, 7, 0.75, True),
    "cells.Lem",
    masked=True,
)
add_shapes({"cell": "cornn"}, cells.Cornn, "cells.Cornn", wide=(5, 13, 3, 2, {}))
ADDING = {"dt": 0.06, "gamma": 66, "epsilon": 15}
add("regular", {"cell": "cornn", "hidden": 7} | ADDING, lambda: cells.Cornn(3, 7, **ADDING),
    "cells.Cornn", irregular=False)
LONG_STEPS = {"dt": 0.75, "gamma": 1, "epsilon": 1.5}
add("long-steps", {"cell": "cornn", "hidden": 7} | LONG_STEPS,
    lambda: cells.Cornn(3, 7, **LONG_STEPS), "cells.Cornn")

# ---- tcn -----------------------------------------------------------------------------------

add_shapes({"cell": "tcn"}, cells.Tcn, "cells.Tcn", wide=(5, 11, 3, 2, {}))
add("square", {"cell": "tcn", "hidden": 4, "kernel": 2}, lambda: cells.Tcn(4, 4, 2), "cells.Tcn",
    inputs=4, steps=7)
add("kernel-1", {"cell": "tcn", "hidden": 7, "kernel": 1}, lambda: cells.Tcn(3, 7, 1), "cells.Tcn",
    masked=True)
add("no-weight-norm", {"cell": "tcn", "hidden": 7, "weight_norm": False},
    lambda: cells.Tcn(3, 7, weight_norm=False), "cells.Tcn")
for masked in (False, True):
    add(
        "stacked" + ("-masked" if masked else ""),
        {"cell": "tcn", "hidden": 5, "layers": 3, "kernel": 2},
        lambda: Stack([cells.Tcn(3, 5, 2)] + [cells.Tcn(5, 5, 2, 2**layer) for layer in (1, 2)]),
        "cells.Tcn",
        steps=9,
        masked=masked,
    )

# ---- ltc -----------------------------------------------------------------------------------

NCPS_LTC = "ncps.torch.LTCCell"
NcpsLtc = library.NcpsLtc


def ltc(**options):
    defaults = {"unfolds": 6, "solver": "fused", "init": "ncps", "constraint": "clip"}
    return {"cell": "ltc"} | defaults | options


def add_ltc(variant, options, build, reference=NCPS_LTC, **more):
    add(variant, ltc(hidden=7, **options), build, reference, **more)


add_shapes(ltc(), NcpsLtc, NCPS_LTC, regular=REGULAR)
SOFTPLUS = {"constraint": "softplus"}
LTC2021 = {"init": "ltc2021"}
add_ltc("softplus", SOFTPLUS, lambda: NcpsLtc(3, 7, softplus=True))
add_ltc("ltc2021", LTC2021, lambda: NcpsLtc(3, 7, output_map=False))
add_ltc(
    "ltc2021-softplus",
    LTC2021 | SOFTPLUS,
    lambda: NcpsLtc(3, 7, output_map=False, softplus=True),
)
add_ltc("ltc2021-masked", LTC2021, lambda: NcpsLtc(3, 7, output_map=False), masked=True)
add_ltc("one-unfold", {"unfolds": 1}, lambda: NcpsLtc(3, 7, unfolds=1))
add_ltc("stacked", {"layers": 2}, lambda: Stack([NcpsLtc(3, 7), NcpsLtc(7, 7)]))
add_ltc(
    "stacked-masked",
    {"layers": 2} | SOFTPLUS,
    lambda: Stack([NcpsLtc(3, 7, softplus=True), NcpsLtc(7, 7, softplus=True)]),
    masked=True,
)
for solver in ("euler", "rk4"):
    add_ltc(
        solver,
        {"solver": solver},
        lambda solver=solver: cells.Ltc(3, 7, solver),
        "cells.Ltc",
    )
    add_ltc(
        f"{solver}-ltc2021-masked",
        {"solver": solver} | LTC2021 | SOFTPLUS,
        lambda solver=solver: cells.Ltc(3, 7, solver, output_map=False, softplus=True),
        "cells.Ltc",
        masked=True,
    )
add(
    "hasani2022",
    {"cell": "ltc", "hidden": 7, "variant": "hasani2022", "init": "ncps"},
    lambda: NcpsLtc(3, 7, unfolds=3, delay=1e-3),
    "ncps.torch.LTCCell(ode_unfolds=3) with elapsed + 1e-3",
    masked=True,
)

# ---- cfc -----------------------------------------------------------------------------------

NCPS_CFC = "ncps.torch.CfCCell"
ACTIVATIONS = ("lecun_tanh", "tanh", "relu", "silu", "gelu")


def cfc(mode="default", units=9, depth=1, activation="lecun_tanh", **options):
    backbone = {"units": units, "layers": depth, "activation": activation, "dropout": 0}
    if depth == 0:
        backbone = {"layers": 0}
    return {"cell": "cfc", "mode": mode, "backbone": backbone} | options


def add_cfc(variant, mode="default", depth=1, activation="lecun_tanh", stacked=False, **more):
    def build():
        widths = [3, 7] if stacked else [3]
        return Stack([library.NcpsCfc(i, 7, mode, 9, depth, activation) for i in widths])

    model = cfc(mode, 9, depth, activation, hidden=7) | ({"layers": 2} if stacked else {})
    add(variant, model, build, NCPS_CFC, **more)


add_shapes(
    cfc(),
    lambda inputs, hidden: library.NcpsCfc(inputs, hidden, units=9),
    NCPS_CFC,
    regular=REGULAR,
)
for mode in ("no_gate", "pure"):
    add_cfc(mode, mode)
    add_cfc(f"{mode}-masked", mode, masked=True)
for mode in ("default", "no_gate", "pure"):
    add_cfc(f"{mode}-no-backbone", mode, depth=0)
for activation in ACTIVATIONS:
    add_cfc(f"backbone-{activation}", "no_gate", activation=activation)
    add_cfc(f"two-layer-backbone-{activation}", depth=2, activation=activation)
add_cfc("three-layer-backbone", depth=3, activation="silu")
add_cfc("stacked", stacked=True)
add_cfc("stacked-masked", activation="silu", stacked=True, masked=True)
add(
    "lecun-tanh-heads",
    cfc(activation="silu", hidden=7, head_activation="lecun_tanh"),
    lambda: cells.Cfc(3, 7, "default", 9, 1, "silu", "lecun_tanh"),
    "cells.Cfc",
)
for mode in ("default", "no_gate", "pure"):
    add(
        f"hasani2022-{mode}",
        cfc(mode, activation="silu", hidden=7, variant="hasani2022"),
        lambda mode=mode: cells.Cfc(3, 7, mode, 9, 1, "silu", "lecun_tanh", -1.0),
        "cells.Cfc",
        masked=mode == "default",
    )

# ---- mixed memory --------------------------------------------------------------------------

MIXED = {"mixed_memory": True}
KINDS = {"": {}, "-regular": {"irregular": False}, "-masked": {"masked": True}}
for variant, more in KINDS.items():
    add_ltc(
        "mixed-memory" + variant,
        MIXED,
        lambda: library.mixed_memory_ltc(3, 7),
        "ncps.torch.LTC(mixed_memory=True)",
        **more,
    )
    add(
        "mixed-memory" + variant,
        cfc(hidden=7, **MIXED),
        lambda: library.mixed_memory_cfc(3, 7, "default", 9, 1, "lecun_tanh"),
        "ncps.torch.CfC(mixed_memory=True)",
        **more,
    )
add(
    "mixed-memory-stacked",
    cfc("no_gate", 9, 2, hidden=7, layers=2, **MIXED),
    lambda: Stack(
        [
            library.mixed_memory_cfc(3, 7, "no_gate", 9, 2, "lecun_tanh"),
            library.mixed_memory_cfc(7, 7, "no_gate", 9, 2, "lecun_tanh"),
        ]
    ),
    "ncps.torch.CfC(mixed_memory=True)",
)
for variant, masked in {"": False, "-masked": True}.items():
    add(
        "mixed-memory-hasani2022" + variant,
        cfc("default", 9, 2, hidden=7, variant="hasani2022", **MIXED),
        lambda: cells.MixedMemoryCfc2022(3, 7, "default", 9, 2, "lecun_tanh"),
        "cells.MixedMemoryCfc2022",
        masked=masked,
    )

# ---- wirings -------------------------------------------------------------------------------

GIVEN = {"wiring": {"type": "given"}}
WIRINGS = {
    "auto-ncp": lambda: AutoNCP(11, 3, sparsity_level=0.5, seed=22222),
    "ncp": lambda: NCP(
        inter_neurons=6,
        command_neurons=4,
        motor_neurons=2,
        sensory_fanout=3,
        inter_fanout=2,
        recurrent_command_synapses=3,
        motor_fanin=2,
        seed=7,
    ),
    "random": lambda: Random(9, 4, sparsity_level=0.6, random_seed=5),
}


for variant, wiring in WIRINGS.items():
    add(
        f"wired-{variant}",
        ltc(**GIVEN),
        lambda wiring=wiring: NcpsLtc(4, wiring()),
        NCPS_LTC,
        inputs=4,
    )
add(
    "wired-auto-ncp-softplus-masked",
    ltc(**GIVEN, **SOFTPLUS),
    lambda: NcpsLtc(4, WIRINGS["auto-ncp"](), softplus=True),
    NCPS_LTC,
    inputs=4,
    masked=True,
)
for kind, variant, mode, masked in [
    ("ncp", "", "default", False),
    ("auto-ncp", "", "default", False),
    ("auto-ncp", "-no-gate", "no_gate", False),
    ("auto-ncp", "-pure", "pure", False),
    ("auto-ncp", "-masked", "default", True),
]:
    add(
        f"wired-{kind}{variant}",
        {"cell": "cfc", "mode": mode} | GIVEN,
        lambda kind=kind, mode=mode: library.NcpsWiredCfc(4, WIRINGS[kind](), mode),
        "ncps.torch.WiredCfCCell",
        inputs=4,
        masked=masked,
    )

# ---- lrc -----------------------------------------------------------------------------------


def add_lrc(variant, inputs=3, hidden=7, more=None, **options):
    model = {"cell": "lrc"} | (GIVEN if callable(hidden) else {"hidden": hidden}) | options

    def build():
        return cells.Lrc(inputs, hidden() if callable(hidden) else hidden, **options)

    add(variant, model, build, "cells.Lrc", inputs=inputs, **(more or {}))


add_shapes({"cell": "lrc"}, cells.Lrc, "cells.Lrc", wide=(5, 11, 3, 2, {}))
for elastance in ("symmetric", "asymmetric", "none"):
    add_lrc(f"{elastance}-three-unfolds", elastance=elastance, unfolds=3)
    add_lrc(f"{elastance}-fused", elastance=elastance, solver="fused", unfolds=2)
    add_lrc(f"{elastance}-no-forget", elastance=elastance, forget=False, more={"masked": True})
add_lrc("wired-auto-ncp", inputs=4, hidden=WIRINGS["auto-ncp"])
add_lrc("wired-ncp-fused-masked", inputs=4, hidden=WIRINGS["ncp"], solver="fused",
        unfolds=2, more={"masked": True})
add_lrc("wired-one-stream", inputs=4, hidden=WIRINGS["random"], more={"batch": 1})

# ---- continuous-time cells -----------------------------------------------------------------


def ctrnn(solver="euler", learn_tau=False):
    return {"cell": "ctrnn", "solver": solver, "unfolds": 6, "learn_tau": learn_tau}


add_shapes(ctrnn(), lambda i, h: cells.Ctrnn(i, h), "cells.Ctrnn")
for solver in ("euler", "heun", "rk4"):
    for learn_tau in (False, True):
        if (solver, learn_tau) == ("euler", False):
            continue  # the shapes above
        add(
            solver + ("-learned-tau" if learn_tau else ""),
            ctrnn(solver, learn_tau) | {"hidden": 7},
            lambda solver=solver, learn_tau=learn_tau: cells.Ctrnn(3, 7, solver, 6, learn_tau),
            "cells.Ctrnn",
            masked=learn_tau,
        )


def node(inputs, hidden, unfolds=6):
    return cells.Ctrnn(inputs, hidden, "rk4", unfolds, leak=False)


add_shapes({"cell": "node", "unfolds": 6}, node, "cells.Ctrnn(leak=False)")
add(
    "two-unfolds",
    {"cell": "node", "hidden": 7, "unfolds": 2},
    lambda: node(3, 7, 2),
    "cells.Ctrnn(leak=False)",
)

CTGRU_SHAPES = {  # eight scales make it large
    "small": (3, 5, 5, 3, {}),
    "wide": (4, 9, 3, 2, {}),
    "one-stream": (3, 5, 6, 1, {}),
    "one-step": (3, 5, 1, 4, {}),
    "batch-is-hidden": (2, 5, 3, 5, {}),
    "masked": (3, 5, 6, 4, {"masked": True}),
}
add_shapes({"cell": "ctgru"}, cells.CtGru, "cells.CtGru", **CTGRU_SHAPES)
for variant, more in [("hasani2021", {}), ("hasani2021-masked", {"masked": True})]:
    add(
        variant,
        {"cell": "ctgru", "hidden": 5, "variant": "hasani2021"},
        lambda: cells.CtGru(3, 5, hasani=True),
        "cells.CtGru",
        inputs=3,
        steps=6,
        batch=3,
        **more,
    )

add_shapes({"cell": "grud"}, cells.GruD, "cells.GruD")
for variant, inputs, flags, more in [
    ("flags", 6, 3, {}),
    ("flags-and-plain-inputs", 7, 2, {}),
    ("flags-masked", 6, 3, {"masked": True}),
]:
    add(
        variant,
        {"cell": "grud", "hidden": 7, "flags": flags},
        lambda inputs=inputs, flags=flags: cells.GruD(inputs, 7, flags),
        "cells.GruD",
        inputs=inputs,
        steps=6,
        **more,
    )

add_shapes({"cell": "gruode"}, cells.GruOde, "cells.GruOde")
add_shapes({"cell": "plstm"}, cells.PhasedLstm, "cells.PhasedLstm", wide=(5, 13, 3, 2, {}))
for variant, batch, more in [("lechner2020", 2, {}), ("lechner2020-masked", 3, {"masked": True})]:
    add(
        variant,
        {"cell": "plstm", "hidden": 7, "variant": "lechner2020"},
        lambda: cells.PhasedLstm(4, 7, lechner=True),
        "cells.PhasedLstm",
        inputs=4,
        steps=6,
        batch=batch,
        **more,
    )
add_shapes({"cell": "odelstm"}, cells.OdeLstm, "cells.OdeLstm", wide=(5, 13, 3, 2, {}))
add_shapes({"cell": "lstmctrnn"}, cells.LstmCtrnn, "cells.LstmCtrnn", wide=(5, 13, 3, 2, {}))
add_shapes({"cell": "rnndecay"}, cells.RnnDecay, "cells.RnnDecay")

# ---- liquids4 ------------------------------------------------------------------------------


def liquids4(states=4, degree=2):  # "state": complex states a channel, conjugates not counted
    return {"cell": "liquids4", "state": states, "liquid_degree": degree}


LONGER = (3, 7, 12, 3, {"irregular": False})
add_shapes(liquids4(), cells.LiquidS4, "cells.LiquidS4", regular=LONGER)
for variant, states, degree, more in [
    ("degree-3", 5, 3, {"irregular": False}),
    ("degree-3-masked", 4, 3, {"masked": True}),
    ("one-state", 1, 2, {"irregular": False}),
]:
    add(
        variant,
        liquids4(states, degree) | {"hidden": 7},
        lambda states=states, degree=degree: cells.LiquidS4(3, 7, states, degree),
        "cells.LiquidS4",
        steps=7,
        **more,
    )
for masked in (False, True):
    add(
        "stacked" + ("-masked" if masked else ""),
        liquids4() | {"hidden": 7, "layers": 2},
        lambda: Stack([cells.LiquidS4(3, 7), cells.LiquidS4(7, 7)]),
        "cells.LiquidS4",
        masked=masked,
    )

# ---- state-space layers and their block ----------------------------------------------------


def add_state_space(variant, layer, model, hidden=7, states=5, block="none", layer_options=None,
                    block_options=None, layers=1, **more):
    """`layer` is a class of state_space.py, `model` its cell."""
    own, around = layer_options or {}, block_options or {}

    def build():
        def one(inputs, encodes):
            inside = layer(hidden, states, **own)
            return state_space.Block(inputs, hidden, inside, block, encodes, **around)

        inputs = more.get("inputs", 3)
        stack = [one(inputs, True)] + [one(hidden, False) for _ in range(layers - 1)]
        return stack[0] if layers == 1 else Stack(stack)

    described = {"type": block, **around, "dropout": 0} if block != "none" else block
    config = {"cell": model, "hidden": hidden, "state": states, "layers": layers, "block": described}
    add(variant, config | own, build, f"state_space.{layer.__name__}", **more)


for model, layer in (
    ("lru", state_space.Lru),
    ("linoss", state_space.Linoss),
    ("lrcssm", state_space.Lrcssm),
):
    for variant, (inputs, hidden, steps, batch, more) in SHAPES.items():
        add_state_space(variant, layer, model, hidden, block=model, inputs=inputs, steps=steps,
                        batch=batch, **more)
    add_state_space("no-block", layer, model, states=9)
    add_state_space("stacked-masked", layer, model, hidden=4, states=4, block=model, layers=2,
                    masked=True)
add_state_space("post", state_space.Lru, "lru", block="lru", block_options={"place": "post"},
                masked=True)
BARE = {"norm": "none", "gate": "none", "skip": False}
add_state_space("bare-block", state_space.Lru, "lru", block="linoss", block_options=BARE)
for discretization in ("imex", "damped"):
    kind = {"discretization": discretization}
    add_state_space(discretization, state_space.Linoss, "linoss", layer_options=kind)
    add_state_space(f"{discretization}-masked", state_space.Linoss, "linoss", states=9,
                    block="linoss", layer_options=kind, masked=True)
for options in ({"elastance": "symmetric"}, {"solver": "fused", "dt": 0.5}):
    add_state_space("-".join(str(v) for v in options.values() if isinstance(v, str)),
                    state_space.Lrcssm, "lrcssm", layer_options=options, masked=True)
add_state_space("square", state_space.Lrcssm, "lrcssm", states=7, block="lrcssm")
for variant, masked in (("block", False), ("block-masked", True)):
    add_state_space(variant, state_space.WholeLiquidS4, "liquids4", block="linoss", states=4,
                    layer_options={}, masked=masked)
