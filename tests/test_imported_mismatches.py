"""Numbers of a framework's file that were read wrongly, for equations as `import` writes them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from verifier.audit.against import against
from verifier.audit.implementations import run
from verifier.numbers import Numbers
from verifier.problem import Problem, loads
from verifier.report.audit.lines import comparison_line
from verifier.solution import Solution

Arrays = dict[str, Any]

GRU = """
z[t] = sigmoid(x[t] @ U_z + h[t-1] @ W_z + b_z + b_hz)
r[t] = sigmoid(x[t] @ U_r + h[t-1] @ W_r + b_r + b_hr)
n[t] = tanh(x[t] @ U_n + b_n + r[t] * (h[t-1] @ W_n + b_hn))
h[t] = (1 - z[t]) * n[t] + z[t] * h[t-1]
"""
UNIT = """
i_{0}[t] = sigmoid({1} @ U_i{0} + h_{0}[t{2}] @ W_i{0})
f_{0}[t] = sigmoid({1} @ U_f{0} + h_{0}[t{2}] @ W_f{0})
c_{0}[t] = f_{0}[t] * c_{0}[t{2}] + i_{0}[t] * tanh({1} @ U_g{0} + h_{0}[t{2}] @ W_g{0})
h_{0}[t] = tanh(c_{0}[t])
"""
JOINED = "concat(h_1f[t], h_1b[t])"
COPIES = {"1f": ("x[t]", "-1"), "1b": ("x[t]", "+1"), "2f": (JOINED, "-1"), "2b": (JOINED, "+1")}
STACK = "".join(UNIT.format(copy, *way) for copy, way in COPIES.items())
STACK += "y[t] = concat(h_2f[t], h_2b[t])"


def gru() -> Arrays:
    draw = np.random.default_rng(5).uniform
    shapes = {"U": (2, 3), "W": (3, 3), "b": (3,), "b_h": (3,)}
    return {
        letter + ("" if letter == "b_h" else "_") + gate: draw(-1, 1, shape).round(2)
        for gate in "zrn"
        for letter, shape in shapes.items()
    } | {"h": np.array([0.5, -0.25, 0.75])}


def stack() -> Arrays:
    draw = np.random.default_rng(7).uniform
    found = {}
    for copy, (read, _) in COPIES.items():
        for gate in "ifg":
            found[f"U_{gate}{copy}"] = draw(-1, 1, (4 if read == JOINED else 2, 2)).round(2)
            found[f"W_{gate}{copy}"] = draw(-1, 1, (2, 2)).round(2)
        found |= {f"{state}_{copy}": draw(-1, 1, 2).round(2) for state in "hc"}
    return found


def problem(equations: str, given: Arrays) -> Problem:
    """The equations with these numbers; what no letter U, W or b begins stands at an end."""
    lines: dict[str, list[str]] = {"parameters": [], "initial": [], "final": []}
    for name, array in given.items():
        end = "final" if name.endswith("b") else "initial"
        lines["parameters" if name[0] in "UWb" else end].append(f"{name} = {array.tolist()}")
    parts = [f"[{part}]\n" + "\n".join(rows) for part, rows in lines.items() if rows]
    rows = "[inputs]\nx = [[0.5, -0.25], [0.75, 1], [-1, 0.25]]"
    return loads("\n".join([f'equations = """{equations}"""', *parts, rows]))


def without(*names: str) -> Callable[[Arrays], Arrays]:
    return lambda p: p | {name: 0 * p[name] for name in names}


def fused(gates: tuple[str, ...], read: Callable[[Any], Any]) -> Callable[[Arrays], Arrays]:
    """All input kernels in one array that is read in another way."""

    def change(p: Arrays) -> Arrays:
        whole = read(np.concatenate([p[f"U_{gate}"] for gate in gates], axis=1))
        parts = np.split(whole, len(gates), axis=1)
        return p | {f"U_{gate}": part for gate, part in zip(gates, parts, strict=True)}

    return change


def each(read: Callable[[Any], Any]) -> Callable[[Arrays], Arrays]:
    return lambda p: p | {name: read(p[name]) for name in p if name[0] == "U"}


def moved(names: dict[str, str]) -> Callable[[Arrays], Arrays]:
    return lambda p: p | {name: p[other] for name, other in names.items()}


def _by_rows(u: Any) -> Any:
    return u.T.reshape(u.shape)


def _by_columns(u: Any) -> Any:
    return u.reshape(u.shape[::-1]).T


FORWARDS = {f"{m}_{g}{k}b": f"{m}_{g}{k}f" for m in "UW" for g in "ifg" for k in "12"}
BY_DIRECTION = {f"{s}_{a}": f"{s}_{b}" for s in "hc" for a, b in (("1b", "2f"), ("2f", "1b"))}
TURNED = {f"{s}_{k}{a}": f"{s}_{k}{b}" for s in "hc" for k in "12" for a, b in ("fb", "bf")}

READ: list[tuple[str, str, Callable[[Arrays], Arrays], str]] = [
    ("no bias_ih", "gru", without("b_z", "b_r", "b_n"), "bias-dropped"),
    ("no bias_hh", "gru", without("b_hz", "b_hr", "b_hn"), "bias-dropped"),
    ("a kernel's rows for columns", "gru", each(_by_rows), "reshaped"),
    ("a kernel's columns for rows", "gru", each(_by_columns), "reshaped"),
    ("a fused kernel's rows", "stack", fused(("i2f", "f2f", "g2f"), _by_rows), "reshaped"),
    ("a fused kernel's columns", "stack", fused(("i2f", "f2f", "g2f"), _by_columns), "reshaped"),
    ("states by direction", "stack", moved(BY_DIRECTION), "initial-exchanged"),
    ("states of the other direction", "stack", moved(TURNED), "initial-exchanged"),
    ("the forward weights in all layers", "stack", moved(FORWARDS), "weights-of-other-layer"),
]


@pytest.mark.parametrize(
    ("cell", "change", "rule"), [r[1:] for r in READ], ids=[r[0] for r in READ]
)
def test_what_was_read_is_named(cell: str, change: Callable[[Arrays], Arrays], rule: str) -> None:
    equations, given = {"gru": (GRU, gru()), "stack": (STACK, stack())}[cell]
    task = problem(equations, given)
    computed = run(problem(equations, change(given)), "numpy")
    shown = {"gru": "h", "stack": "y"}[cell]
    values = {site: value for site, value in computed.values.items() if site[1] == shown}
    found = against(Solution(task), replace(computed, values=values))
    rules = [tuple(c.rule for c in each.conventions) for each in found.explanations]
    assert rules[:1] == [(rule,)], comparison_line(Solution(task), found)


def late_states(task: Problem, values: Any) -> Any:
    start = task.end("h", 0).doubles.astype(np.float32)
    return {(t, "h"): values[t - 1, "h"] if t > 1 else start for t in range(1, task.steps + 1)}


def ends(task: Problem, values: Any) -> Any:
    last = task.steps
    return {(last, "y"): np.concatenate([values[last, "h_2f"], values[1, "h_2b"]])}


def below(task: Problem, values: Any) -> Any:
    return {
        (t, "y"): np.concatenate([values[t, "h_1f"], values[t, "h_1b"]])
        for t in range(1, task.steps + 1)
    }


def test_views_of_states_are_named() -> None:
    known = {"gru": problem(GRU, gru()), "stack": problem(STACK, stack())}
    cases = (
        ("gru", late_states, "step-before"),
        ("stack", ends, "ends-of-directions"),
        ("stack", below, "other-quantity"),
    )
    for cell, change, rule in cases:
        task = known[cell]
        computed = run(task, "numpy")
        found = against(Solution(task), replace(computed, values=change(task, computed.values)))
        assert [c.rule for c in found.explanations[0].conventions] == [rule]


@pytest.mark.parametrize("late", [True, False])
def test_inputs_off_by_one_step_are_named(late: bool) -> None:
    task = problem(GRU, gru())
    rows = np.roll(task.inputs["x"].doubles, 1 if late else -1, axis=0)
    rows[0 if late else -1] = 0
    moved = replace(task, inputs={"x": Numbers(rows.shape, (), rows)})
    found = against(Solution(task), run(moved, "numpy"))
    expected = "inputs-late" if late else "inputs-early"
    assert [c.rule for c in found.explanations[0].conventions] == [expected]


TEXTS: list[tuple[str, str, str]] = [
    (r"sigmoid\(", "tanh(", "tanh-for-sigmoid"),
    (r"(?<!sig)tanh\(", "relu(", "relu-for-tanh"),
    (r"\* tanh\((.*) @ U_g", r"* relu(\1 @ U_g", "relu-for-tanh"),
    (r"= f_(..)\[t\]", r"= (1 - i_\1[t])", "gates-coupled"),
    (r"\+ i_(..)\[t\]", r"+ (1 - f_\1[t])", "gates-coupled"),
]


@pytest.mark.parametrize(("old", "new", "rule"), TEXTS)
def test_other_equations_are_named(old: str, new: str, rule: str) -> None:
    """In all layers and directions of a stack."""
    task = problem(STACK, stack())
    changed = re.sub(old, new, STACK)
    assert changed != STACK
    used = {name: a for name, a in stack().items() if re.search(rf"\b{name}\b", changed)}
    values = run(problem(changed, used), "numpy").values
    last = {site: value for site, value in values.items() if site[1] == "y"}
    found = against(Solution(task), replace(run(task, "numpy"), values=last))
    assert [c.rule for c in found.explanations[0].conventions] == [rule]
