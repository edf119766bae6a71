"""Operations on paper: their markup, what a cell's reader is told, chains and forms of all."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy
from click.testing import CliRunner

from tests.test_chains import EXACTLY, distance, value_of
from tests.test_derivation import _check as check_general
from verifier import cells
from verifier.cli import main
from verifier.derive.agreement import disagreements
from verifier.derive.chain import chain
from verifier.derive.forms import tree_of
from verifier.derive.jacobian import jacobian
from verifier.derive.recompute import missed
from verifier.documents.derivation import derivation_documents
from verifier.documents.pieces import piece_text
from verifier.errors import EquationError, ProblemError
from verifier.language.operations import OPERATIONS, Shape
from verifier.language.parse import parse_expression
from verifier.language.tree import Call, Name, Whole, nodes
from verifier.notation.latex import LatexPrinter, MarkdownPrinter
from verifier.notation.mathml import MathmlPrinter
from verifier.notation.paper import on_paper
from verifier.notation.spoken import SpokenPrinter
from verifier.notation.text import TextPrinter
from verifier.notation.typst import TypstPrinter
from verifier.problem import Problem, loads
from verifier.report.derivation import Parts
from verifier.report.legend import legend
from verifier.report.means import means
from verifier.report.scribe import Scribe
from verifier.report.words import Words
from verifier.rounding import Policy
from verifier.solution import solve

SHAPES: dict[str, Shape] = {"x": (3,), "W": (3, 4), "a": (), "c": (), "U_z": (3, 3)}
SPELLED = {"U_z": "U^z"}

# fmt: off
ROWS = [  # source; text, LaTeX, Typst
    ("sqrt(a ** 2 + c)", "√(a^2 + c)", r"\sqrt{a^2 + c}", "sqrt(a^(2) + c)"),
    ("sqrt(a) ** 2", "(√(a))^2", r"\sqrt{a}^2", "sqrt(a)^(2)"),
    ("abs(a - c)", "|a − c|", r"\left\lvert a - c\right\rvert", "abs(a - c)"),
    ("x[t] ** 2", "x_t^∘2", r"x_t^{\circ 2}", "x_(t)^(compose 2)"),
    ("-a ** 2", "−a^2", "-a^2", "-a^(2)"),
    ("(-a) ** 2", "(−a)^2", r"\left(-a\right)^2", "lr((-a))^(2)"),
    ("(a ** 2) ** 3", "(a^2)^3", r"\left(a^2\right)^3", "lr((a^(2)))^(3)"),
    ("(a / c) ** 2", "(a/c)^2", r"\left(\frac{a}{c}\right)^2", "lr((frac(a, c)))^(2)"),
    ("exp(a) ** 2", "(e^(a))^2", r"\left(e^{a}\right)^2", "lr((e^(a)))^(2)"),
    ("1e-3 ** 2", "(1e−3)^2", r"\left(1 \cdot 10^{-3}\right)^2", "lr((1 dot 10^(-3)))^(2)"),
    ("2 * 3 ** 2", "2 · 3^2", r"2 \cdot 3^2", "2 dot 3^(2)"),
    ("U_z ** 2", "(U^z)^∘2", r"\left(U^z\right)^{\circ 2}", "lr((U^(z)))^(compose 2)"),
    ("outer(x[t], x[t] + 1) @ W", "(x_t ⊗ (x_t + 1)) W",
     r"\left(x_t \otimes \left(x_t + 1\right)\right)\,W", "lr((x_(t) ⊗ lr((x_(t) + 1)))) thin W"),
    ("W[0:2]", "W_{1:2,:}", "W_{1:2,:}", "W_(1:2,:)"),
    ("W[:, 1:3]", "W_{:,2:3}", "W_{:,2:3}", "W_(:,2:3)"),
    ("U_z[:, -2:]", "U_{:,2:3}^z", "U_{:,2:3}^z", "U_(:,2:3)^(z)"),
    ("x[t][0:2]", "x_{t,1:2}", "x_{t,1:2}", "x_(t,1:2)"),
    ("x[t][1:]", "x_{t,2:3}", "x_{t,2:3}", "x_(t,2:3)"),
    ("x[t][1:2]", "x_{t,2}", "x_{t,2}", "x_(t,2)"),
    ("(x[t] @ W)[1:3]", "(x_t W)[2:3]", r"\left(x_t\,W\right)_{2:3}", "lr((x_(t) thin W))_(2:3)"),
    ("x[t][0:2][1:2]", "(x_{t,1:2})[2]", r"\left(x_{t,1:2}\right)_2", "lr((x_(t,1:2)))_(2)"),
    ("sum(W, 0)", "colsum(W)", r"\operatorname{colsum}\left(W\right)", 'op("colsum") lr((W))'),
    ("mean(W, axis=1)", "rowmean(W)", r"\operatorname{rowmean}\left(W\right)",
     'op("rowmean") lr((W))'),
    ("sum(x[t], 0)", "sum(x_t)", r"\operatorname{sum}\left(x_t\right)", 'op("sum") lr((x_(t)))'),
    ("max(a, 0) * min(a, c)", "max(a, 0) min(a, c)",
     r"\max\left(a, 0\right)\,\min\left(a, c\right)", "max lr((a, 0)) thin min lr((a, c))"),
    ("2 * pi() * a", "2 π a", r"2\,\pi\,a", "2 thin pi thin a"),
    ("log(a) + step(a)", "ln(a) + H(a)", r"\ln\left(a\right) + H\left(a\right)",
     "ln lr((a)) + H lr((a))"),
    ("elu(a, 0.5)", "ELU(a, 0.5)", r"\operatorname{ELU}\left(a, 0.5\right)",
     'op("ELU") lr((a, 0.5))'),
    ("pad(x[t], 1, 2)", "pad(x_t, 1, 2)", r"\operatorname{pad}\left(x_t, 1, 2\right)",
     'op("pad") lr((x_(t), 1, 2))'),
]
SPOKEN = [
    ("sqrt(a)", "the square root of a"),
    ("abs(a)", "the absolute value of a"),
    ("a ** 3", "a to the power 3"),
    ("x[t] ** 2", "x t to the power 2, entry by entry"),
    ("W[0:2, 1:2]", "rows 1 to 2 of column 2 of W"),
    ("x[t][0:1]", "entry 1 of x t"),
    ("sum(W, 1)", "the sums along the rows of W"),
    ("mean(x[t])", "the mean of the entries of x t"),
    ("leaky_relu(a, 0.1)", "leaky ReLU of a with slope 0.1"),
    ("leaky_relu(a)", "leaky ReLU of a"),
    ("clip(a, 0, 1)", "a clipped between 0 and 1"),
    ("affine(a, 2, 3)", "affine function of a with alpha 2 and beta 3"),
    ("fill(a, 3)", "a repeated 3 times"),
    ("2 * pi()", "2 times pi"),
]
# fmt: on


@pytest.mark.parametrize(("source", "text", "latex", "typst"), ROWS)
def test_markup(source: str, text: str, latex: str, typst: str) -> None:
    tree = on_paper(parse_expression(source), SHAPES)
    kinds = (TextPrinter, LatexPrinter, TypstPrinter)
    assert [kind(SPELLED).show(tree) for kind in kinds] == [text, latex, typst]


@pytest.mark.parametrize(("source", "spoken"), SPOKEN)
def test_spoken(source: str, spoken: str) -> None:
    tree = on_paper(parse_expression(source), SHAPES)
    assert SpokenPrinter(vocabulary=Words("en").phrases("say.")).show(tree) == spoken


def test_roots_and_fences_in_mathml() -> None:
    markup = MathmlPrinter().show(parse_expression("sqrt(abs(W[:, 0:2]))"))
    assert markup.startswith("<msqrt><mrow><mrow><mo fence")
    assert '<mo lspace="0" rspace="0">:</mo>' in markup


def test_a_table_of_markdown_is_not_ended_by_a_fence() -> None:
    assert "|" not in MarkdownPrinter().show(parse_expression("abs(a)"))


@pytest.mark.parametrize("language", ["en", "de", "zh"])
def test_every_operation_can_be_heard(language: str) -> None:
    said = Words(language).phrases("say.")
    names = {name for name, row in OPERATIONS.items() if row.spelling != "brackets"}
    heard = {name for name in names if name in said or f"{name}2" in said}
    assert names - heard == set()


# Every operation in a worked solution.

EVERY = """
a1[t] = sqrt(abs(x[t] - 1)) + log(2 + x[t] ** 2)
a2[t] = max(x[t], 0.5) - min(x[t], v)
a3[t] = outer(x[t], v) + v
a4[t] = sum(a3[t], 0) + mean(a3[t], axis=1)
a5[t] = sin(x[t]) * cos(x[t]) + erf(v)
a6[t] = elu(x[t], 0.5) + silu(x[t]) + gelu(x[t]) + gelu_tanh(x[t])
a7[t] = thresholded_relu(x[t], 0.2) + affine(x[t], 2, 3) + scaled_tanh(x[t], 1.5, 0.7)
a8[t] = pad(x[t][0:2], 1, 0) + fill(s, 3)
a9[t] = step(x[t] - 0.2) + positive(x[t]) * pi()
b1[t] = W[0:2, 1:3] @ x[t][1:]
b2[t] = (x[t] @ W)[0:2] ** 3
b3[t] = sum(x[t]) + mean(W)
b4[t] = x[t] ** -2
b5[t] = sqrt(2) + pi()
b6[t] = pad(x[t], 1, 1)
b7[t] = x[t][0:2]
b8[t] = clip(x[t], -0.5, 0.5) * leaky_relu(x[t], 0.1)
b9[t] = sum(x[t] ** 2)
c1[t] = max(x[t][0:1], s) ** 2
c2[t] = sqrt(b9[t])
c3[t] = -abs(x[t]) ** 2
c4[t] = fill(x[t], 2)
c5[t] = gelu(s)
c6[t] = mean(a3[t])
c7[t] = sum(a3[t] ** 2, 1)
"""


def every(kind: Any = "final") -> Problem:
    numbers = "v = [0.5, -0.25, 0.125]\ns = 0.3\n"
    numbers += "W = [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6], [0.7, -0.8, 0.9]]"
    inputs = "[[0.25, -1.5, 2], [3, 0.1, -0.2]]"
    text = f'equations = """{EVERY}"""\n[parameters]\n{numbers}\n[inputs]\nx = {inputs}'
    return loads(text).rounded_by(policy=Policy(kind))


@cache
def solved(kind: str) -> Any:
    return solve(every(kind))


def test_the_problem_has_every_operation_that_came_with_it() -> None:
    used = {
        node.operation
        for equation in every().cell.equations
        for _, node in nodes(equation.expression)
        if isinstance(node, Call)
    }
    assert {"power", "slice", "pad", "fill", "outer", "sum", "mean", "step", "pi"} <= used


@pytest.mark.parametrize("kind", ["final", "equation", "operation"])
def test_no_line_is_missed_but_what_rounding_explains(kind: str) -> None:
    """Where nothing before is rounded, every line gives the numbers of the next."""
    for miss in missed(solved(kind)):
        assert miss.gives != "?"
        assert abs(float(miss.gives.rstrip("…")) - float(miss.printed.rstrip("…"))) < 2e-3


@pytest.mark.parametrize("name", ["a8", "b1", "b2", "b4", "b7", "c1", "c3", "c4", "b9"])
def test_links_of_exact_numbers_are_equal(name: str) -> None:
    links = [link for link in chain(solved("final"), 1, name).links[1:] if link.relation == "="]
    values = [value_of(link.tree) for link in links if link.kind != "value"]
    assert values
    for value in values[1:]:
        assert distance(value, values[0]) < EXACTLY


def test_what_moves_numbers_shows_them_as_they_were() -> None:
    texts = [TextPrinter().show(link.tree, 1) for link in chain(solved("final"), 1, "a8").links]
    assert texts == [
        "pad(x_{1,1:2}, 1, 0) + fill(s, 3)",
        "pad([0.25 −1.5], 1, 0) + fill(0.3, 3)",
        "[0 0.25 −1.5] + [0.3 0.3 0.3]",
        "[0.3000 0.5500 −1.2000]",
    ]


def test_a_closed_form_has_a_root() -> None:
    texts = [TextPrinter().show(link.tree, 1) for link in chain(solved("final"), 1, "c2").links]
    assert texts[:3] == ["√(b_{9,1})", "√(6.3125)", "√(101)/4"]


X = sympy.Symbol("x", real=True)
FORMS = [
    (sympy.sqrt(X), "√(x)"),
    (1 / sympy.sqrt(X), "1/√(x)"),
    (sympy.sqrt(X) ** 3, "(√(x))^3"),
    (sympy.cbrt(X), "x^(1/3)"),
    (abs(X), "|x|"),
    (sympy.Max(X, 1, 2 * X), "max(max(1, x), 2 x)"),
    (sympy.Max(X, 0).diff(X), "H(x)"),
    (abs(X).diff(X), "2 H(x) − 1"),
    (sympy.erf(X).diff(X), "2/(√(π) e^(x^2))"),
    (sympy.sin(X) * sympy.pi, "π sin(x)"),
    (X**2, "x^2"),
]


@pytest.mark.parametrize(("form", "text"), FORMS)
def test_forms_are_the_languages_own(form: Any, text: str) -> None:
    assert TextPrinter().show(tree_of(form)) == text


# What is said below the equations.


def said(equations: str, numbers: str, language: str = "en") -> str:
    problem = loads(f'language = "{language}"\nequations = """{equations}"""\n{numbers}')
    style, words = means(language, "md", "typst")
    return " ".join("".join(sentence) for sentence in legend(Scribe(problem, style, words)))


BATCH = "[parameters]\nb = [1, 2]\nd = [1, 2]\n[inputs]\nx = [[[1, 2], [3, 4], [5, 6]]]"


def test_a_vector_that_joins_rows_is_said_once() -> None:
    found = said("y[t] = x[t] + b\nz[t] = y[t] + b - d", BATCH)
    assert found.count("b is added to each row") == 1
    assert "In a difference, d stands for a matrix each of whose rows it is." in found
    assert said("y[t] = x[t] + b + d", BATCH).startswith("b and d are each added to every row")
    assert "b wird zu jeder Zeile" in said("y[t] = x[t] + b + d[0:1]", BATCH, "de")
    assert "b 加到" in said("y[t] = b + x[t] + sum(d)", BATCH, "zh")


@pytest.mark.parametrize("cell", ["gru", "lstm", "rnn"])
def test_every_bias_of_a_batch_is_named(cell: str) -> None:
    known = cells.load(cell)
    lengths = {"n": 2, "m": 2}
    sizes = {name: [lengths[letter] for letter in size] for name, size in known.sizes.items()}
    numbers = {name: np.full(sizes[name], "0.5").tolist() for name in known.roles.parameters}
    given = "\n".join(f"{name} = {json.dumps(value)}" for name, value in numbers.items())
    batch = json.dumps(np.full((1, 3, 2), "1").tolist())
    problem = loads(f'cell = "{cell}"\n[parameters]\n{given}\n[inputs]\nx = {batch}')
    style, words = means("en", "md", "typst")
    found = "".join(part for one in legend(Scribe(problem, style, words)) for part in one)
    biases = [name for name in numbers if name.startswith("b")]
    assert found.count("b") - found.count("beside") >= len(biases)
    assert "added to e" in found
    assert all(entry.rounded for entry in solve(problem).rows)


def test_nothing_is_said_of_plain_cells() -> None:
    plain = "[parameters]\nb = [1, 2]\n[inputs]\nx = [[1, 2]]"
    assert said("y[t] = tanh(x[t] + b) + 1", plain) == ""
    assert "unit step" in said("y[t] = step(x[t] + b)", plain)


def test_whole_numbers_are_no_names() -> None:
    assert on_paper(Call("sum", (Name("x"), Whole(0))), {"x": (3,)}) == Call("sum", (Name("x"),))


# Derivations of cells that use them.

NORM = """
a[t] = x[t] @ U + h[t-1] * w
m[t] = mean(a[t])
v[t] = mean(square(a[t] - m[t]))
h[t] = tanh((a[t] - m[t]) / sqrt(v[t] + 0.001))
"""
STACKED = """
p[t] = x[t] @ U
q[t] = h[t-1] @ V
z[t] = sigmoid(p[t][0:2] + q[t][0:2])
c[t] = tanh(p[t][2:] + z[t] * q[t][-2:])
h[t] = (1 - z[t]) * c[t] + z[t] * h[t-1]
"""
KINKED = """
h[t] = max(abs(x[t] + h[t-1]), sqrt(1 + h[t-1] ** 2)) + sum(outer(h[t-1], x[t]), 1) * step(x[t])
g[t] = elu(h[t], 0.5) + relu(h[t]) * x[t][0:1] + cos(h[t]) * positive(h[t-1])
"""
DERIVED: list[tuple[str, dict[str, Shape]]] = [
    (NORM, {"x": (2,), "U": (2, 2), "w": (2,), "h": (2,)}),
    (STACKED, {"x": (2,), "U": (2, 4), "V": (2, 4), "h": (2,)}),
    (KINKED, {"x": (2,), "h": (2,)}),
]


@pytest.mark.parametrize(("equations", "shapes"), DERIVED, ids=["norm", "stacked", "kinked"])
def test_derivations(equations: str, shapes: dict[str, Shape]) -> None:
    cell = cells.from_text(equations)
    check_general(cell, shapes, seed=5)
    found = jacobian(cell, shapes)
    assert found.total
    assert not disagreements(cell, shapes, found)


def test_slopes_at_kinks_are_said_and_nothing_is_left_of_sympy() -> None:
    cell, shapes = cells.from_text(KINKED), {"x": (2,), "h": (2,)}
    parts = Parts(expand=True, unroll=0, jacobian=True)
    found = str(derivation_documents(cell, shapes, ["md"], parts)["md"])
    assert "from one side the slope is that with H = 0, from the other" in found
    assert not re.search(r"Heaviside|Dirac|Abs|Max|\{sign\}", found)


# What has no value.

OUTSIDE = [
    (
        "sqrt(x[t])",
        "of y has sqrt of a number that is not zero or more at step 2, entry [1]",
    ),
    (
        "1 - log(x[t])[0:2]",
        "of y has log of a number that is not positive at step 2, entry [1]",
    ),
    ("1 / sum(x[t] * 0)", "the equation of y divides by zero at step 1"),
    (
        "(x[t] + 0.5) ** -1",
        "the equation of y divides by zero at step 2, entry [1] of the divisor",
    ),
    (
        "x[t] / (x[t] - 3)",
        "the equation of y divides by zero at step 2, entry [0] of the divisor",
    ),
]


@pytest.mark.parametrize("kind", ["final", "equation", "operation"])
@pytest.mark.parametrize(("source", "what"), OUTSIDE)
def test_what_has_no_value_names_quantity_step_and_entry(source: str, what: str, kind: Any) -> None:
    problem = loads(f'equations = "y[t] = {source}"\n[inputs]\nx = [[1, 2], [3, -0.5]]')
    with pytest.raises(ProblemError, match=re.escape(what)):
        solve(problem.rounded_by(policy=Policy(kind)))


@pytest.mark.parametrize("command", ["solve", "audit"])
@pytest.mark.parametrize(("source", "what"), OUTSIDE)
def test_commands_end_with_two_and_no_traceback(
    source: str, what: str, command: str, tmp_path: Path
) -> None:
    file = tmp_path / "task.toml"
    file.write_text(f'equations = "y[t] = {source}"\n[inputs]\nx = [[1, 2], [3, -0.5]]')
    done = CliRunner().invoke(main, [command, str(file), "--output", str(tmp_path / "output")])
    assert done.exit_code == 2
    assert what in done.stderr
    assert not (tmp_path / "output").exists()


HUGE = [
    ("sum(fill(x[t], 100000, 100000))", "fill gives a 100000×100000 matrix, 10000000000 numbers"),
    ("sum(outer(fill(x[t], 90000), fill(x[t], 90000)))", "outer gives a 90000×90000 matrix"),
    ("sum(pad(fill(x[t], 90000, 2), 99999, 99999))", "pad gives a 90000×200000 matrix"),
    ("sum(fill(fill(x[t], 100000), 100000).T)", "fill gives a 100000×100000 matrix"),
    ("sum(fill(x[t], 2, 99999).T @ fill(x[t], 2, 99999))", "matmul gives a 99999×99999 matrix"),
    ("sum(fill(x[t], 99999, 1) * 1 @ fill(x[t], 1, 200))", "matmul gives a 99999×200 matrix"),
]


@pytest.mark.parametrize(("source", "what"), HUGE)
def test_what_is_too_large_to_be_held_is_refused_before_it_is_made(source: str, what: str) -> None:
    with pytest.raises(EquationError, match=f"in the equation of y: {re.escape(what)}"):
        loads(f'equations = "y[t] = {source}"\n[inputs]\nx = [1, 2]')


def test_an_array_does_not_stand_in_a_superscript() -> None:
    """Its numbers would be set too small to be read; a name or a number is read there."""
    problem = loads(
        'equations = "y[t] = exp(x[t] + 1) * exp(b)"\n[parameters]\nb = 0.5\n'
        "[inputs]\nx = [[1, 2]]\n"
    )
    lines = piece_text(solve(problem), "y@1", "txt")
    assert "e^(x_1 + 1) e^b" in lines.replace("(b)", "b")
    assert "exp([1 2] + 1)" in lines
    assert r"\exp\left(\begin{bmatrix}" in piece_text(solve(problem), "y@1:numbers", "tex")
