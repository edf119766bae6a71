"""The general derivation against numbers, and sympy's expressions as trees of the language."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tests import random_problems
from tests.test_chains import MP, real, value_of
from verifier import cells
from verifier.arithmetic.ball import Ball, enclosure
from verifier.arithmetic.digits import Digits
from verifier.arithmetic.symbols import positive, sigmoid, step, symbol_name
from verifier.cells import Cell
from verifier.derive.forms import tree_of
from verifier.derive.general import default_shapes, general, skeleton
from verifier.evaluate import evaluate
from verifier.language.operations import Shape
from verifier.language.tree import Call, Expression, Name, Number, Whole
from verifier.notation.text import TextPrinter
from verifier.numbers import Numbers
from verifier.problem import Problem

CLOSE = MP.mpf(10) ** -40
X, Y = sympy.symbols("x y", real=True)
POINT = {X: sympy.Rational(7, 5), Y: sympy.Rational(-3, 4)}


def drawn(cell: Cell, shapes: dict[str, Shape], seed: int) -> Problem:
    """A problem of one step whose numbers are random decimals, its states given too."""
    rng, bare = Random(seed), skeleton(cell, shapes)

    def some(names: Any, sequence: bool = False) -> dict[str, Numbers]:
        found = {}
        for name in names:
            shape = ((1,) if sequence else ()) + bare.shapes[name]
            found[name] = Numbers.typed(random_problems.array(rng, *shape))
        return found

    roles = cell.roles
    return Problem(
        bare.cell,
        some(roles.parameters),
        some(roles.inputs, sequence=True),
        some(roles.initial),
        some(roles.final),
        0 if roles.inputs else 1,
    )


def symbols_of(problem: Problem) -> dict[str, Any]:
    """The value of every symbol by its name, given ones exactly and computed ones to 60 digits."""
    trace = evaluate(problem, Digits(60))
    tables: list[tuple[str, int | None, Any]] = [
        *((name, None, numbers.objects) for name, numbers in problem.parameters.items()),
        *((name, 0, numbers.row(0).objects) for name, numbers in problem.inputs.items()),
        *((name, -1, problem.end(name, 0).objects) for name in problem.cell.roles.initial),
        *((name, 1, problem.end(name, 2).objects) for name in problem.cell.roles.final),
        *((name, 0, trace.values[1, name]) for name in problem.cell.equation),
    ]
    return {
        symbol_name(name, offset, index): real(values[index])
        for name, offset, values in tables
        for index in np.ndindex(*values.shape)
    }


def number_of(form: Any, known: dict[str, Any]) -> Any:
    """The form's value when its symbols have these values."""
    values = {s: sympy.Float(_text(known[s.name]), 75) for s in form.free_symbols}
    spelt = form.replace(sigmoid, lambda x: 1 / (1 + sympy.exp(-x)))
    for jump in (step, positive):
        spelt = spelt.replace(jump, lambda x: (1 + sympy.sign(x)) / 2)
    return MP.mpf(str(spelt.xreplace(values).evalf(60)))


SIZES = [{"n": 1, "m": 1}, {"n": 2, "m": 3}, {"n": 3, "m": 2}]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", random_problems.GATES)
def test_every_entry_of_the_catalogue(name: str, size: dict[str, int]) -> None:
    cell = cells.load(name)
    _check(cell, default_shapes(cell, size), seed=size["n"])


@pytest.mark.parametrize(
    ("equations", "shapes"),
    [
        ("y[t] = U @ x[t] + s[t-1]\ns[t] = tanh(y[t])", {"U": (2, 3), "x": (3,)}),
        ("y[t] = a * x[t] / (1 + exp(-x[t]))", {"a": (), "x": ()}),
        ("b[t] = tanh(x[t] @ U + b[t+1] @ W)", {"U": (2, 2), "W": (2, 2), "x": (2,)}),
        ("y[t] = x[t] - a * x[t-1]", {"a": (), "x": (2,)}),
        ("y[t] = (A.T @ x[t]) * (A.T @ x[t]) - x[t] @ A", {"A": (3, 2), "x": (3,)}),
        ("y[t] = relu(x[t]) + leaky_relu(-x[t]) + softplus(x[t])", {"x": (2,)}),
        ("y[t] = softmax(concat(x[t], a))", {"x": (2,), "a": ()}),
        ("s[t] = 0.5 * s[t-1] + 1", {"s": ()}),
        ("y[t] = clip(x[t], -0.25, 0.5) - hard_tanh(x[t]) * softsign(x[t])", {"x": (2,)}),
        ("y[t] = A @ B[t]", {"A": (2, 2), "B": (2, 2)}),
    ],
)
def test_inline_equations(equations: str, shapes: dict[str, Shape]) -> None:
    _check(cells.from_text(equations), shapes, seed=5)


def _check(cell: Cell, shapes: dict[str, Shape], seed: int) -> None:
    found = list(general(cell, shapes))
    problem = drawn(cell, shapes, seed)
    known, trace = symbols_of(problem), evaluate(problem, Ball(220))
    assert len(found) == sum(len(trace.entries(1, name)) for name in cell.equation)
    counts = dict.fromkeys(cell.equation, 0)
    for entry in found:
        ball = trace.entries(1, entry.name)[counts[entry.name]]
        counts[entry.name] += 1
        ends = enclosure(ball)
        assert ends is not None
        value = number_of(entry.form, known)
        assert real(ends[0]) - CLOSE <= value <= real(ends[1]) + CLOSE
        for tree in (entry.left, entry.right):
            assert abs(_tree_value(tree, known) - value) < CLOSE


def _tree_value(tree: Expression, known: dict[str, Any]) -> Any:
    """The value of a tree whose names are symbols, entries counted from one."""
    match tree:
        case Call("entry", (Name(name, offset), Number(index))):
            places = [int(i) - 1 for i in index.split(",")]
            return known[symbol_name(name, offset, places)]
        case Name(name, offset):
            return known[symbol_name(name, offset, ())]
        case Call(("max" | "min") as which, arguments):
            return (max if which == "max" else min)(_tree_value(p, known) for p in arguments)
        case Call("abs", (inner,)):
            return abs(_tree_value(inner, known))
        case Call(operation, arguments):
            parts = (
                part if isinstance(part, Whole) else Number(_text(_tree_value(part, known)))
                for part in arguments
            )
            return real(value_of(Call(operation, tuple(parts)))[()])
    return real(value_of(tree)[()])


def _text(value: Any) -> str:
    return str(MP.nstr(value, 68, strip_zeros=False))


def test_the_gru_reads_like_its_equations() -> None:
    cell = cells.load("gru").without(frozenset({"b_z", "b_r", "b_h"}))
    shapes = default_shapes(cell, {"n": 1, "m": 2})
    printer = TextPrinter(dict(cell.names))
    found = [
        f"{printer.show(entry.left)} = {printer.show(entry.right)}"
        for entry in general(cell, {name: s for name, s in shapes.items() if name[0] != "b"})
    ]
    assert found[0] == "z_{t,1} = σ(x_{t,1} U_{1,1}^z + s_{t−1,1} W_{1,1}^z + s_{t−1,2} W_{2,1}^z)"
    assert found[-1] == "s_{t,2} = (1 − z_{t,2}) h_{t,2} + z_{t,2} s_{t−1,2}"
    assert len(found) == 8


# Trees of sympy's expressions.


def _raised(base: Any, power: int) -> Any:
    return base**power if base != 0 else base


FORMS = st.recursive(
    st.one_of(
        st.sampled_from([X, Y, sympy.Integer(1), sympy.E]),
        st.fractions(-3, 3, max_denominator=12).map(
            lambda f: sympy.Rational(f.numerator, f.denominator)
        ),
    ),
    lambda parts: st.one_of(
        st.builds(lambda a, b: a + b, parts, parts),
        st.builds(lambda a, b: a - b, parts, parts),
        st.builds(lambda a, b: a * b, parts, parts),
        st.builds(lambda a, b: a / b if b != 0 else a, parts, parts),
        st.builds(_raised, parts, st.integers(-2, 3)),
        st.builds(sympy.tanh, parts),
        st.builds(lambda a: sympy.exp(sympy.tanh(a)), parts),
        st.builds(lambda a: 1 / (1 + sympy.exp(-sympy.tanh(a))), parts),
        st.builds(sympy.Max, parts, parts),
    ),
    max_leaves=8,
)


@settings(max_examples=200)
@given(FORMS)
@example(1 / (1 + sympy.E))
@example(sympy.exp(-1) * X / 3 - 2)
@example(-(X - Y) * (Y - X) ** -2)
@example(sympy.sqrt(2) * X)
@example(sympy.exp(X) ** 2 / sympy.exp(Y))
@example((1 - 1 / (1 + sympy.exp(sympy.Rational(-61, 400)))) * sympy.tanh(X))
def test_the_tree_of_a_form_has_its_value(form: Any) -> None:
    assume(not form.has(sympy.zoo, sympy.nan, sympy.oo, sympy.I))
    value = form.subs(POINT).evalf(60, maxn=400)
    assume(value.is_Float or value.is_Rational)
    assume(value == 0 or 1e-9 < abs(value) < 1e9)
    known = {str(symbol): MP.mpf(int(v.p)) / int(v.q) for symbol, v in POINT.items()}
    try:
        found = _tree_value(tree_of(form), known)
    except ZeroDivisionError:
        assume(False)
    expected = MP.mpf(str(value))
    assert abs(found - expected) <= abs(expected) * MP.mpf(10) ** -30 + MP.mpf(10) ** -40
    assert "Exp1" not in TextPrinter().show(tree_of(form))


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("1/(exp(-61/400) + 1)", "1/(1 + e^(−61/400))"),
        ("tanh(191/1250)", "tanh(191/1250)"),
        ("tanh(-1/2)", "−tanh(1/2)"),
        ("x/3 - 2", "x/3 − 2"),
        ("x + 2", "2 + x"),
        ("-x - y", "−x − y"),
        ("2*x - y", "2 x − y"),
        ("x**2", "x^2"),
        ("x**-2", "1/x^2"),
        ("exp(x)", "e^(x)"),
        ("E", "e^(1)"),
        ("log(x)", "ln(x)"),
        ("-x*y", "−x y"),
    ],
)
def test_forms_on_paper(form: str, text: str) -> None:
    names = {"x": X, "y": Y}
    assert TextPrinter().show(tree_of(sympy.sympify(form, locals=names))) == text


def test_terms_follow_the_order_that_is_asked_for() -> None:
    form = X * Y + X
    assert TextPrinter().show(tree_of(form, {"y": 0, "x": 1})) == "y x + x"
    assert TextPrinter().show(tree_of(Y + X, {"y": 0, "x": 1})) == "y + x"
    assert TextPrinter().show(tree_of(Y + X, {"x": 0, "y": 1})) == "x + y"


@pytest.mark.parametrize(
    ("name", "offset", "index", "text"),
    [
        ("U_z", None, (0, 1), "U_z[0,1]"),
        ("s", -1, (2,), "s@-1[2]"),
        ("a", None, (), "a"),
        ("x", 0, (), "x@0"),
    ],
)
def test_names_of_symbols(name: str, offset: int | None, index: Any, text: str) -> None:
    assert symbol_name(name, offset, index) == text
    tree = tree_of(sympy.Symbol(text, real=True))
    plain = Name(name, offset)
    one = Number(",".join(str(i + 1) for i in index))
    assert tree == (Call("entry", (plain, one)) if index else plain)
