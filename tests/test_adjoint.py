"""Adjoint equations: as one would write them, and held to dual numbers over balls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests import random_cells, random_problems
from verifier import cells
from verifier.arithmetic.ball import Ball, enclosure
from verifier.arithmetic.dual import Dual
from verifier.arithmetic.matrices import plain
from verifier.arithmetic.protocol import Origin
from verifier.errors import EquationError, ProblemError
from verifier.evaluate import evaluate
from verifier.language.adjoint import adjoint
from verifier.language.parse import parse
from verifier.language.shapes import infer
from verifier.language.write import text_of
from verifier.numbers import Numbers
from verifier.problem import Problem, from_data, load

ROOT = Path(__file__).parent.parent


def adjoints_of(
    equations: str, shapes: dict[str, tuple[int, ...]], seeded: str, wanted: str
) -> str:
    """The adjoint equations of a text, as text."""
    system = parse(equations)
    return text_of(adjoint(system, infer(system, shapes), seeded.split(), wanted.split()))


WRITTEN = [
    (  # h_2 has a delta that is called as the second one of h would be
        "h[t] = tanh(tanh(a[t] * w + h_2[t-1]) + h[t-1])\nh_2[t] = tanh(h[t] * w + h_2[t-1])",
        {"a": (), "w": (), "h": (), "h_2": ()},
        "h_2",
        "w",
        """\
d_h_2[t] = seed_h_2[t] + back_h_2[t+1]
delta_h_2[t] = d_h_2[t] * (1 - h_2[t] * h_2[t])
d_h[t] = delta_h_2[t] * w + back_h[t+1]
delta_h[t] = d_h[t] * (1 - h[t] * h[t])
delta_h_3[t] = delta_h[t] * (1 - tanh(a[t] * w + h_2[t-1]) * tanh(a[t] * w + h_2[t-1]))
back_h[t] = delta_h[t]
back_h_2[t] = delta_h_3[t] + delta_h_2[t]
d_w[t] = delta_h_3[t] * a[t] + delta_h_2[t] * h[t] + d_w[t+1]""",
    ),
    (
        "h[t] = tanh(x[t] @ U + h[t-1] @ W)",
        {"x": (2,), "U": (2, 3), "W": (3, 3), "h": (3,)},
        "h",
        "U W h",
        """\
d_h[t] = seed_h[t] + back_h[t+1]
delta_h[t] = d_h[t] * (1 - h[t] * h[t])
back_h[t] = delta_h[t] @ W.T
d_U[t] = outer(x[t], delta_h[t]) + d_U[t+1]
d_W[t] = outer(h[t-1], delta_h[t]) + d_W[t+1]""",
    ),
    (
        "h[t] = W @ x[t] + b * a[t]\ny[t] = x[t] @ x[t]",
        {"x": (2,), "W": (3, 2), "b": (), "a": (3,)},
        "h",
        "W b x",
        """\
d_h[t] = seed_h[t]
d_W[t] = outer(d_h[t], x[t]) + d_W[t+1]
d_b[t] = sum(d_h[t] * a[t]) + d_b[t+1]
d_x[t] = d_h[t] @ W""",
    ),
    (
        "y[t] = concat(x[t], s)[1:]",
        {"x": (2,), "s": ()},
        "y",
        "x s",
        """\
d_y[t] = seed_y[t]
delta_y[t] = pad(d_y[t], 1, 0)
d_x[t] = delta_y[t][0:2]
d_s[t] = sum(delta_y[t][2:3]) + d_s[t+1]""",
    ),
]


@pytest.mark.parametrize(("equations", "shapes", "seeded", "wanted", "expected"), WRITTEN)
def test_equations_are_as_one_would_write_them(
    equations: str, shapes: dict[str, tuple[int, ...]], seeded: str, wanted: str, expected: str
) -> None:
    assert adjoints_of(equations, shapes, seeded, wanted) == expected


def test_only_adjoints_stand_at_the_next_step() -> None:
    """A gate at [t+1] would need a value after the last step, and there is none."""
    for name in random_problems.GATES:
        cell = cells.load(name)
        problem = random_problem_of(cell.name)
        made = adjoint(problem.cell.equations, problem.shapes, ["h"], list(problem.parameters))
        later = set(re.findall(r"(\w+)\[t\+1\]", text_of(made)))
        assert not later & set(problem.cell.equation)


def random_problem_of(cell: str) -> Problem:
    rng = Random(3)
    while True:
        name, numbers = random_problems.draw(rng, most=(3, 2, 2))
        if name == cell:
            return random_problems.problem(name, numbers)


def test_a_name_that_adjoints_need_is_refused() -> None:
    with pytest.raises(EquationError, match="d_W"):
        adjoints_of("h[t] = x[t] @ W + d_W", {"x": (2,), "W": (2, 2), "d_W": (2,)}, "h", "W")


def test_what_leads_nowhere_has_no_adjoint() -> None:
    found = adjoints_of(
        "y[t] = a * x[t]\nq[t] = b * x[t]", {"x": (2,), "a": (), "b": ()}, "y", "a b"
    )
    assert "q" not in found
    assert "d_b" not in found


def test_what_nothing_follows_from_has_an_adjoint_of_zero() -> None:
    text = "y[t] = a * x[t]\nq[t] = b * x[t]"
    for shape, zero in (((), "0"), ((2,), "fill(0, 2)")):
        shapes = {"x": shape, "a": (), "b": ()}
        assert f"d_q[t] = {zero}" in adjoints_of(text, shapes, "y", "a q").split("\n")


# against dual numbers


def with_adjoints(problem: Problem, seeds: Mapping[str, Any], wanted: list[str]) -> Problem:
    """The problem with the adjoint equations of seeded quantities behind its own."""
    made = adjoint(problem.cell.equations, problem.shapes, list(seeds), wanted)
    cell = replace(problem.cell, equations=(*problem.cell.equations, *made))
    used = set(re.findall(r"seed_\w+", text_of(made)))
    inputs = {f"seed_{name}": seed for name, seed in seeds.items() if f"seed_{name}" in used}
    return replace(problem, cell=cell, inputs={**problem.inputs, **inputs})


def seeds_for(problem: Problem, rng: Random) -> dict[str, Numbers]:
    """Random seeds of the last quantity and of one other."""
    names = [*problem.cell.equation][-2:]
    return {
        name: Numbers.typed(random_problems.array(rng, problem.steps, *problem.shapes[name]))
        for name in names
    }


def directional(problem: Problem, seeds: Mapping[str, Numbers], name: str) -> list[Any]:
    """The derivatives of the seeded sum by each entry of a parameter, by dual numbers."""
    trace = evaluate(problem, Dual(300, {Origin("parameter", name): 0}))
    totals = []
    with Ball(300).session():
        ball = Ball(300)
        for k in range(problem.parameters[name].size):
            total = ball.number(Fraction(0))
            for quantity, seed in seeds.items():
                for step in range(1, problem.steps + 1):
                    weights = plain(ball.given(seed.row(step - 1))).ravel()
                    for weight, entry in zip(weights, trace.entries(step, quantity), strict=True):
                        total = total + weight * entry.derivative(k)
            totals.append(total)
    return totals


def agree(problem: Problem, rng: Random) -> int:
    """How many derivatives by parameters lie in both enclosures, which must overlap."""
    seeds, wanted = seeds_for(problem, rng), list(problem.parameters)
    both = with_adjoints(problem, seeds, wanted)
    trace, count = evaluate(both, Ball(300)), 0
    for name in wanted:
        if f"d_{name}" not in both.cell.equation:
            continue
        found = trace.entries(1, f"d_{name}")
        for ours, theirs in zip(found, directional(problem, seeds, name), strict=True):
            a, b = enclosure(ours), enclosure(theirs)
            if a is None or b is None:
                continue
            assert max(a[0], b[0]) <= min(a[1], b[1]), (name, text_of(both.cell.equations))
            count += 1
    return count


@pytest.mark.parametrize("seed", range(8))
def test_adjoints_of_catalogue_cells_agree_with_dual_numbers(seed: int) -> None:
    rng = Random(seed)
    cell, numbers = random_problems.draw(rng, most=(3, 2, 3))
    assert agree(random_problems.problem(cell, numbers, turned=seed % 2 == 0), rng)


@pytest.mark.parametrize("seed", range(40))
def test_adjoints_of_random_cells_agree_with_dual_numbers(seed: int) -> None:
    rng = Random(seed)
    count = 0
    while not count:
        with suppress(ProblemError):  # a division by zero
            count = agree(drawn(rng), rng)


def drawn(rng: Random) -> Problem:
    """A random problem over the whole language, whose parameters come from the draw."""
    while True:
        shapes = random_cells.draw(rng, (3, 2, 2))
        text = random_cells.equations(rng, shapes["initial"]["h"][0])
        sections = {
            section: {
                name: random_problems.array(rng, *shape)
                for name, shape in given.items()
                if re.search(rf"\b{name}\b", text.replace("h[t]", ""))
            }
            for section, given in shapes.items()
        }
        if sections["inputs"] and sections["parameters"]:
            return from_data({"equations": text, **sections}, Path())


def test_both_directions_of_time() -> None:
    text = (
        "f[t] = tanh(x[t] @ U + f[t-1] @ W)\nb[t] = tanh(x[t] @ U + b[t+1] @ V)\ny[t] = f[t] * b[t]"
    )
    numbers = {
        "parameters": {
            "U": [["0.3", "-0.2"]],
            "W": [["0.5", "1"], ["0", "2"]],
            "V": [["1", "0.1"], ["0.2", "-1"]],
        },
        "inputs": {"x": [["0.2"], ["-0.7"], ["1.1"]]},
        "initial": {"f": ["0.1", "0"]},
        "final": {"b": ["0", "0.3"]},
    }
    assert agree(from_data({"equations": text, **numbers}, Path()), Random(1)) == 2 + 4 + 4


def test_the_seed_with_a_scalar_gate() -> None:
    problem = load(ROOT / "examples" / "hw10_question2.toml")
    assert agree(problem, Random(2)) == 2 + 2 + 6 + 3 + 3 + 9
