"""The catalogue: each cell against a witness written from its source, and against frameworks."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest

from tests.cell_witnesses import WITNESSES, Given
from tests.cells_page import page
from tests.conftest import ROOT
from tests.test_cli import run
from tests.test_documents import Golden
from verifier import cells
from verifier.arithmetic.ieee import Ieee
from verifier.audit.functions import accuracy
from verifier.audit.measure import audit
from verifier.derive.agreement import disagreements
from verifier.derive.general import default_shapes
from verifier.derive.jacobian import jacobian
from verifier.documents.derivation import derivation_documents
from verifier.documents.solution import solution_documents
from verifier.errors import VerifierError
from verifier.evaluate import evaluate
from verifier.language.parse import parse_expression
from verifier.numbers import Numbers
from verifier.problem import Problem
from verifier.problem.backward import backward
from verifier.problem.loss import Loss
from verifier.solution import Solution, solve

FLOAT = Ieee("float64")
CELLS = cells.catalogue()
OWN = [name for name in CELLS if not cells.load(name).same_as]


def array(rng: Random, *shape: int, positive: bool = False) -> Numbers:
    """Decimals in [-1, 1], or in (0, 1)."""
    low = 0.05 if positive else -1.0
    flat = [f"{rng.uniform(low, 1 - 0.02 * positive):.3f}" for _ in range(int(np.prod(shape)))]
    return Numbers.typed(np.reshape(flat, shape).tolist() if shape else flat[0])


def drawn(
    name: str, seed: int = 1, n: int = 2, m: int = 3, steps: int = 4, **other: Any
) -> Problem:
    """A problem of a cell with random numbers, initial states among them."""
    rng, cell = Random(seed), cells.load(name)
    shapes = default_shapes(cell, {"n": n, "m": m})
    skip = other.get("without", ())
    parameters = {
        key: array(rng, *shapes[key], positive=key in cell.examples)
        for key in cell.roles.parameters
        if key not in skip
    }
    inputs = {
        key: array(rng, steps, *shapes[key], positive=key in cell.examples)
        for key in cell.roles.inputs
    }
    empty = Problem(cell, parameters, inputs)
    initial = {
        key: array(rng, *empty.shapes[key], positive=key == "n") for key in cell.roles.initial
    }
    return replace(empty, initial=initial)


def nested(numbers: Numbers) -> Any:
    """The texts in their shape."""
    return np.reshape(numbers.texts, numbers.shape)


def values(task: Problem) -> dict[tuple[int, str], Any]:
    """Every quantity in float64."""
    return dict(evaluate(task, FLOAT).values)


def test_every_cell_has_a_witness() -> None:
    assert set(WITNESSES) == set(CELLS)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", CELLS)
def test_a_cell_is_what_its_source_says(name: str, seed: int) -> None:
    task = drawn(name, seed, n=2 + seed, m=5 - seed)
    given = {key: FLOAT.given(numbers) for key, numbers in task.parameters.items()}
    p = Given({key: value.T for key, value in given.items()})
    inputs = {key: FLOAT.given(numbers) for key, numbers in task.inputs.items()}
    state: dict[str, Any] = {key: FLOAT.given(task.end(key, 0)) for key in task.cell.roles.initial}
    found = values(task)
    assert task.cell.output in WITNESSES[name](p, {k: v[0] for k, v in inputs.items()}, state)
    for step in range(1, task.steps + 1):
        state = WITNESSES[name](p, {key: rows[step - 1] for key, rows in inputs.items()}, state)
        for key, expected in state.items():
            np.testing.assert_allclose(found[step, key], expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", OWN)
def test_a_file_says_what_a_reader_asks(name: str) -> None:
    cell = cells.load(name)
    roles = cell.roles
    assert all((cell.title, cell.summary, cell.source, cell.differs))
    assert cell.output == cell.equations[-1].name
    assert {*cell.sizes} == {*roles.parameters, *roles.inputs}
    assert {*cell.words} == {*roles.defined, *roles.inputs}
    assert cell.optional <= {*roles.parameters}
    assert {*cell.names} <= {*roles.parameters, *roles.defined, *roles.inputs}


def test_all_shared_words_are_used() -> None:
    used = {words.id for name in CELLS for words in cells.load(name).words.values()}
    by_stacks = {"joined", "output-layer"}  # see combine
    assert used | by_stacks == set(cells.shared_words())


@pytest.mark.parametrize("name", OWN)
def test_a_batch_is_its_sequences_or_is_refused(name: str) -> None:
    one, two = drawn(name, 1), drawn(name, 2)
    stacked = {
        key: Numbers.typed(np.stack([nested(one.inputs[key]), nested(two.inputs[key])], 1).tolist())
        for key in one.inputs
    }
    if not one.cell.batch:
        with pytest.raises(VerifierError, match="one sequence at a time"):
            replace(one, inputs=stacked, initial={})
        return
    both = values(replace(one, inputs=stacked, initial={}))
    for row, task in enumerate((one, replace(one, inputs=two.inputs))):
        for site, alone in values(replace(task, initial={})).items():
            np.testing.assert_allclose(both[site][row], alone, rtol=1e-12, atol=1e-13)


FORMATS = ("md", "tex", "html", "typ", "txt", "adoc")
"""Those that need no other program."""


def small(name: str, steps: int = 1) -> Problem:
    """A problem of one input and one unit, the least that has everything in it."""
    return replace(drawn(name, n=1, m=1, steps=steps), detail="vector")


@pytest.mark.parametrize("name", OWN)
def test_a_cell_is_printed_in_all_formats(name: str) -> None:
    found = solution_documents(solve(small(name), exact=False, policies=False), FORMATS)
    assert set(found) == set(FORMATS)
    title = cells.load(name).title
    assert all(title[1:9] in str(text) for text in found.values())


@pytest.mark.parametrize("name", OWN)
def test_a_cell_is_derived(name: str) -> None:
    cell = cells.load(name)
    shapes = default_shapes(cell, {"n": 1, "m": 1})
    text = str(derivation_documents(cell, shapes, ["tex"])["tex"])
    assert "\\begin{document}" in text
    assert not [*disagreements(cell, shapes, jacobian(cell, shapes))]


@pytest.mark.parametrize("name", OWN)
def test_gradients_of_a_cell_are_those_of_differences(name: str) -> None:
    task = small(name, steps=2)
    loss = Loss(parse_expression(f"sum({task.cell.output}[t] ** 2)"))
    gradients = evaluate(backward(replace(task, loss=loss)), FLOAT).values
    for key in task.parameters:
        ends = [_loss(task, key, sign * STEP) for sign in (1, -1)]
        slope = (ends[0] - ends[1]) / (2 * STEP)
        found = np.sum(gradients[1, f"d_{key}"])
        assert found == pytest.approx(slope, rel=1e-6, abs=1e-8)


STEP = 2.0**-18


def _loss(task: Problem, key: str, change: float) -> float:
    moved = Numbers.of_floats(FLOAT.given(task.parameters[key]) + np.float64(change))
    changed = values(replace(task, parameters={**task.parameters, key: moved}))
    output = task.cell.output
    return float(sum(np.sum(changed[step, output] ** 2) for step in (1, 2)))


@pytest.mark.parametrize("name", OWN)
def test_errors_of_a_cell_are_inside_their_bounds(name: str) -> None:
    models = [Ieee("bfloat16"), Ieee("float32")]
    found = audit(Solution(drawn(name, steps=2)), models, accuracy("numpy").allowed, ())
    for row in found.measured.values():
        for size in ("bound", "bound_any_order"):
            assert (row.absolute["error"] <= row.absolute[size]).all(), (row.float, row.name)


def test_the_page_shows_the_files(golden: Golden) -> None:
    golden(ROOT / "docs" / "cells.md", page())


COMPARED = [
    ("gru", "gru-pytorch", ["≠", "b^sz", "largest difference: 0.3366"]),
    ("gru-pytorch", "gru-keras", ["The equations are the same"]),
    ("lstm", "lstm-tf1", ["+ 1", "largest difference"]),
    ("lstm", "lstm-pytorch", ["without what may be left out", "these digits do not differ"]),
    ("lru", "gru", ["unlike shapes"]),
]


@pytest.mark.parametrize(("left", "right", "says"), COMPARED)
def test_two_cells_are_compared(left: str, right: str, says: list[str]) -> None:
    shown = run("cells", "--compare", left, right)
    assert shown.exit_code == 0
    assert all(text in shown.output for text in says), shown.output


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (("--compare", "gru", "gru-torch"), "gru-pytorch"),
        (("gru", "--compare", "gru", "lstm"), "one or the other"),
        (("--compare", "gru"), "requires 2 arguments"),
    ],
)
def test_what_cannot_be_compared(call: tuple[str, ...], says: str) -> None:
    shown = run("cells", *call)
    assert shown.exit_code == 2
    assert says in shown.output


@pytest.mark.parametrize("name", CELLS)
def test_the_terminal_shows_a_cell(name: str) -> None:
    shown = " ".join(run("cells", name).output.split())
    assert "source:" in shown
    assert "differs:" in shown
    same = cells.load(name).same_as
    assert (f"the equations of {same}." in shown) == bool(same)
