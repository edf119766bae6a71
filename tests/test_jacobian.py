"""Derivatives in symbols against dual numbers; unrolled states against the walk over the steps."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import sympy

from tests.conftest import SEED
from tests.random_problems import GATES
from tests.test_cli import run
from tests.test_documents import compiled
from verifier import cells
from verifier.arithmetic.ball import Ball, enclosure
from verifier.arithmetic.symbols import sigmoid
from verifier.cells import Cell
from verifier.derive.agreement import disagreements, point_of, value_of
from verifier.derive.forms import tree_of
from verifier.derive.general import default_shapes
from verifier.derive.jacobian import Jacobian, in_pairs, jacobian
from verifier.derive.unroll import unrolled
from verifier.errors import VerifierError
from verifier.evaluate import evaluate
from verifier.formats import NAMES, suffix_of
from verifier.language.operations import Shape
from verifier.language.tree import Call, Equation, Expression, Name, names
from verifier.language.tree import Path as TreePath
from verifier.language.tree import replace as replaced
from verifier.notation.latex import LatexPrinter
from verifier.notation.mathml import MathmlPrinter
from verifier.notation.text import TextPrinter
from verifier.notation.typst import TypstPrinter
from verifier.numbers import Numbers
from verifier.problem import Problem, load
from verifier.rewrites import column

SIZES = [{"n": 1, "m": 1}, {"n": 2, "m": 2}, {"n": 1, "m": 3}]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", GATES)
def test_the_catalogue(name: str, size: dict[str, int], seed: int) -> None:
    cell = cells.load(name)
    shapes = default_shapes(cell, size)
    assert not list(disagreements(cell, shapes, jacobian(cell, shapes), seed))


OWN: list[tuple[str, dict[str, Shape]]] = [
    ("s[t] = 0.5 * s[t-1] * s[t-1] + x[t]", {"x": ()}),
    ("a[t] = W @ x[t] + R @ h[t-1]\nh[t] = softsign(a[t])", {"W": (2, 1), "R": (2, 2), "x": (1,)}),
    ("h[t] = relu(x[t] @ U + h[t-1] @ W)", {"U": (1, 2), "W": (2, 2), "x": (1,)}),
    ("h[t] = softplus(x[t] - h[t-1]) / (2 + exp(h[t-1]))", {"x": (2,)}),
    ("b[t] = tanh(x[t] @ U + b[t+1] @ W)", {"U": (1, 2), "W": (2, 2), "x": (1,)}),
    ("h[t] = softmax(x[t] + h[t-1])", {"x": (3,)}),
    ("M[t] = M[t-1] * g[t]\ng[t] = sigmoid(x[t] @ M[t-1] @ x[t])", {"x": (2,), "M": (2, 2)}),
    ("h[t] = clip(x[t] * h[t-1], -0.25, 0.5) - leaky_relu(h[t-1])", {"x": (2,)}),
    ("h[t] = hard_sigmoid(x[t]) * h[t-1] + x[t-1]", {"x": (2,)}),
    ("h[t] = concat(h[t-1] @ P, x[t])", {"P": (3, 2), "x": ()}),
    ("h[t] = A.T @ h[t-1] - (1 - g[t]) * c\ng[t] = tanh(h[t-1])", {"A": (2, 2), "c": ()}),
    (
        "h[t] = tanh(x[t] * h[t-1] + x[t-1])\nd_h[t] = h[t] * d_h[t+1] + q0[t]\n"
        "q0[t] = seed_q0[t] * q0[t-1]",
        {"x": (2,), "seed_q0": (2,)},
    ),
    (
        "h[t] = softmax(concat(h[t-1][0:1], x[t], x[t+1][1:2]))\nc[t] = W @ W",
        {"x": (2,), "W": (2, 2), "h": (4,)},
    ),
]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("text", "shapes"), OWN)
def test_cells_of_ones_own(text: str, shapes: dict[str, Shape], seed: int) -> None:
    cell = cells.from_text(text)
    found = jacobian(cell, shapes)
    assert found.partial
    assert found.total
    assert not list(disagreements(cell, shapes, found, seed))


def test_column_convention_has_its_own_jacobian() -> None:
    cell = cells.load("gru")
    turned = replace(cell, equations=column.turn(cell.equations))
    shapes = {name: shape[::-1] for name, shape in default_shapes(cell, SIZES[1]).items()}
    assert not list(disagreements(turned, shapes, jacobian(turned, shapes)))


def test_scalar_gates() -> None:
    problem = load(SEED)
    found = jacobian(problem.cell, problem.shapes)
    assert len(found.total) == 9
    assert not list(disagreements(problem.cell, problem.shapes, found))


def test_a_wrong_derivative_is_found() -> None:
    cell = cells.load("gru")
    shapes = default_shapes(cell, SIZES[1])
    found = jacobian(cell, shapes)
    for part in ("partial", "total"):
        for k, one in enumerate(getattr(found, part)):
            for wrong in (one.form + sympy.Rational(1, 10**9), -one.form - 1):
                listed = list(getattr(found, part))
                listed[k] = replace(one, form=wrong)
                changed = Jacobian(**{**vars(found), part: tuple(listed)})
                assert [d.of for d in disagreements(cell, shapes, changed)] == [one.of]
            if k > 4:
                break


def shown(cell: Cell, found: Any) -> dict[str, str]:
    printer = TextPrinter(dict(cell.names))
    return {printer.show(one.left): printer.show(one.right) for one in found}


def test_the_gates_names_stand_for_their_values() -> None:
    cell = cells.load("gru")
    found = jacobian(cell, default_shapes(cell, SIZES[1]))
    partial = shown(cell, found.partial)
    assert partial["∂z_{t,1}/∂s_{t−1,2}"] == "z_{t,1} (1 − z_{t,1}) W_{2,1}^z"
    assert partial["∂h_{t,1}/∂r_{t,2}"] == "(1 − h_{t,1}^2) s_{t−1,2} W_{2,1}^h"
    assert partial["∂s_{t,1}/∂z_{t,1}"] == "s_{t−1,1} − h_{t,1}"
    assert "∂s_{t,1}/∂z_{t,2}" not in partial
    total = shown(cell, found.total)
    assert total["ds_{t,1}/ds_{t−1,1}"].startswith("z_{t,1} + (1 − z_{t,1}) (1 − h_{t,1}^2)")
    assert "σ" not in "".join((*partial.values(), *total.values()))


def test_the_rnn_and_the_lstm() -> None:
    rnn, lstm = cells.load("rnn"), cells.load("lstm")
    total = shown(rnn, jacobian(rnn, default_shapes(rnn, SIZES[1])).total)
    assert total["dh_{t,1}/dh_{t−1,2}"] == "(1 − h_{t,1}^2) W_{2,1}"
    total = shown(lstm, jacobian(lstm, default_shapes(lstm, SIZES[1])).total)
    assert total["dc_{t,1}/dc_{t−1,1}"] == "f_{t,1}"
    assert total["dc_{t,1}/dc_{t−1,2}"] == "0"
    assert total["dh_{t,1}/dc_{t−1,1}"] == "f_{t,1} o_{t,1} (1 − tanh(c_{t,1})^2)"
    pairs = [pair for pair, _ in in_pairs(jacobian(lstm, default_shapes(lstm, SIZES[1])).total)]
    assert len(pairs) == len(set(pairs)) == 4


def test_a_power_of_a_name_with_a_superscript_has_parentheses() -> None:
    symbol = sympy.Symbol("U_z[0,1]", real=True)
    assert TextPrinter({"U_z": "U^z"}).show(tree_of(symbol**2)) == "(U_{1,2}^z)^2"
    assert TextPrinter().show(tree_of(sympy.Symbol("x") ** 2)) == "x^2"


def test_sigmoid_knows_its_derivative() -> None:
    x = sympy.Symbol("x", real=True)
    slope = sigmoid(3 * x).diff(x)
    assert slope == 3 * sigmoid(3 * x) * (1 - sigmoid(3 * x))
    power = math.exp(-0.6)
    assert math.isclose(value_of(slope, {"x": Fraction(1, 5)}), 3 * power / (1 + power) ** 2)


@pytest.mark.parametrize(
    ("text", "shapes", "says"),
    [
        ("y[t] = tanh(x[t])", {"x": (2,)}, "no state"),
        ("h[t] = h[t-1] @ W", {"W": (9, 9)}, "at most 64"),
    ],
)
def test_what_has_no_jacobian(text: str, shapes: dict[str, Shape], says: str) -> None:
    with pytest.raises(VerifierError, match=says):
        jacobian(cells.from_text(text), shapes)


# Unrolled states.


def over_steps(cell: Cell, shapes: dict[str, Shape], steps: int) -> Problem:
    """A problem of so many steps with random numbers."""
    single = point_of(cell, shapes, seed=steps).problem
    draws = [point_of(cell, shapes, seed=steps + 10 * k).problem.inputs for k in range(steps)]
    inputs = {
        name: replace(numbers, shape=(steps, *numbers.shape[1:]), texts=sum(
            (draw[name].texts for draw in draws), ()
        ))
        for name, numbers in single.inputs.items()
    }  # fmt: skip
    return Problem(
        single.cell, single.parameters, inputs, single.initial, single.final, 0 if inputs else steps
    )


UNROLLED = [
    *((name, None, steps) for name in GATES for steps in (1, 2)),
    ("rnn", None, 6),
    ("", OWN[1], 3),
    ("", OWN[4], 3),  # backwards: written at step 1
    ("", OWN[8], 3),  # the input of the step before
    ("", ("y[t] = tanh(x[t])", {"x": (2,)}), 2),
]


@pytest.mark.parametrize(("name", "own", "steps"), UNROLLED)
def test_each_line_has_the_value_of_the_state(name: str, own: Any, steps: int) -> None:
    cell = cells.load(name) if name else cells.from_text(own[0])
    shapes = default_shapes(cell, SIZES[1]) if name else own[1]
    problem = over_steps(cell, shapes, steps)
    expected = evaluate(problem, Ball(200))
    for state in unrolled(cell, shapes, steps):
        assert len(state.trees) > 1 or not cell.roles.initial or steps == 1
        for tree in state.trees:
            value = _value(problem, expected, tree, state.step)
            known = expected.values[state.step, state.name]
            for left, right in zip(value.flat, known.flat, strict=True):
                (a, b), (c, d) = enclosure(left), enclosure(right)  # type: ignore[misc]
                assert max(a, c) <= min(b, d)
        left = {n for n in _names(state.trees[-1]) if n[0] in cell.equation}
        assert all(not 1 <= state.step + offset <= steps for _, offset in left)


def _names(tree: Expression) -> set[tuple[str, int]]:
    found: set[tuple[str, int]] = set()

    def rule(node: Expression, path: TreePath) -> None:
        if isinstance(node, Name) and node.offset is not None:
            found.add((node.name, node.offset))

    replaced(tree, rule)
    return found


def _value(problem: Problem, trace: Any, tree: Expression, step: int) -> Any:
    """The tree's value: every name is a parameter that holds the value at its own step."""
    given = dict(problem.parameters)

    def rule(node: Expression, path: TreePath) -> Expression | None:
        if isinstance(node, Call) and node.operation == "hadamard":
            return Call("multiply", tuple(replaced(part, rule) for part in node.arguments))
        if not isinstance(node, Name) or node.offset is None:
            return None
        at, key = step + node.offset, f"q{len(given)}"
        if (at, node.name) in trace.values:
            middle = [sum(enclosure(x)) / 2 for x in trace.entries(at, node.name)]  # type: ignore[arg-type]
            given[key] = _numbers(problem.shapes[node.name], middle)
        elif 1 <= at <= problem.steps:
            given[key] = problem.inputs[node.name].row(at - 1)
        else:
            given[key] = problem.end(node.name, at)
        return Name(key)

    equation = Equation("y", replaced(tree, rule))
    used = {n for n in given if n in {x.name for x in _bare(equation.expression)}}
    single = Problem(Cell("", (equation,)), {name: given[name] for name in used}, {}, steps=1)
    return evaluate(single, Ball(200)).values[1, "y"]


def _numbers(shape: Shape, values: list[Fraction]) -> Any:
    return Numbers(shape, tuple(f"{v.numerator}/{v.denominator}" for v in values))


def _bare(tree: Expression) -> list[Name]:
    return [name for name in names(tree) if name.offset is None]


def test_the_lines_of_two_steps() -> None:
    cell = cells.load("rnn").without(frozenset({"b"}))
    (state,) = unrolled(cell, {"x": (2,), "U": (2, 2), "W": (2, 2)}, 2)
    assert [TextPrinter().show(tree, 2) for tree in state.trees] == [
        "tanh(x_2 U + h_1 W)",
        "tanh(x_2 U + tanh(x_1 U + h_0 W) W)",
    ]


@pytest.mark.parametrize(
    ("name", "steps", "says"),
    [("gru", 3, "--unroll 2"), ("lstm", 20, "--unroll 2"), ("rnn", 7, "--unroll 6"),
     ("rnn", 21, "from 1 to 20")],
)  # fmt: skip
def test_formulas_that_no_page_holds(name: str, steps: int, says: str) -> None:
    cell = cells.load(name)
    with pytest.raises(VerifierError) as caught:
        unrolled(cell, default_shapes(cell, SIZES[1]), steps)
    assert says in str(caught.value)


# The command.


def test_all_parts_in_all_formats(tmp_path: Path) -> None:
    formats = [f"--format={format}" for format in NAMES]
    done = run(
        "derive", "gru", "--expand", "--unroll", "2", "--jacobian", *formats, "--output", tmp_path
    )
    assert done.exit_code == 0, done.output
    made = {path.name for path in (tmp_path / "gru").iterdir()}
    assert made == {f"derivation.{suffix_of(format)}" for format in NAMES}
    text = (tmp_path / "gru" / "derivation.txt").read_text()
    for words in ("Entry by entry", "inputs of 2 steps", "All 38 derivatives were checked"):
        assert words in text


@pytest.mark.parametrize("name", GATES)
def test_latex_has_no_overfull_lines(name: str, tmp_path: Path) -> None:
    options = ("--unroll", "2", "--jacobian", "--format", "tex", "--stdout")
    source = run("derive", name, *options).stdout
    log = compiled(source, tmp_path)
    assert not re.findall(r"(?i).*(?:warning|overfull|underfull|^!).*", log)


def test_labels_in_html_are_plain_text() -> None:
    options = ("--unroll", "2", "--jacobian", "--expand", "--format", "html", "--stdout")
    assert not re.search('(?:aria-label|alttext)="[^"]*[<>]', run("derive", "gru", *options).stdout)


def test_a_line_that_begins_with_a_minus_takes_no_plus() -> None:
    lines = Call("stacked", (Name("a"), Call("negate", (Name("b"),)), Name("c")))
    for printer, plus in (
        (MathmlPrinter(), "<mo>+</mo>"),
        (LatexPrinter(), "+"),
        (TypstPrinter(), "+"),
    ):
        markup = printer.show(lines)
        assert markup.count("+") == 1, markup
        assert plus in markup


def test_options_choose_the_parts() -> None:
    def text(*options: str) -> str:
        return run("derive", SEED, "--format", "txt", "--stdout", *options).stdout

    assert "Entry by entry" in text()
    assert "Derivatives" not in text()
    assert "Entry by entry" not in text("--jacobian")
    assert "unit step" not in text("--jacobian")
    assert "Derivatives" not in text("--unroll", "1")


def test_the_unit_step_is_explained(tmp_path: Path) -> None:
    problem = tmp_path / "relu.toml"
    problem.write_text('equations = "h[t] = relu(x[t] + h[t-1])"\n[inputs]\nx = [1]\n')
    text = run("derive", problem, "--jacobian", "--format", "txt", "--stdout").stdout
    assert "H is the unit step" in text
    assert "= H(x_t + h_{t−1})" in text


@pytest.mark.parametrize("language", ["de", "zh"])
def test_other_languages(language: str, tmp_path: Path) -> None:
    problem = tmp_path / "p.toml"
    problem.write_text(f'language = "{language}"\n' + SEED.read_text())
    options = ("--jacobian", "--unroll", "2", "--format", "md", "--stdout")
    text = run("derive", problem, *options).stdout
    assert {"de": "Ableitungen", "zh": "导数"}[language] in text
