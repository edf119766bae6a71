"""Lines that recompute: a number that its line does not give is marked, and a note says why."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import pytest

from tests.conftest import SEED
from tests.random_problems import problems
from tests.sizes import SIZES, problem_of
from verifier.derive.chain import chains
from verifier.derive.marks import marked
from verifier.derive.recompute import misses
from verifier.documents.solution import solution_text
from verifier.language.tree import Number, nodes
from verifier.problem import Problem, load
from verifier.rounding import Policy
from verifier.solution import solve

SIGN = "†"
PRODUCT = re.compile(r"† (\d[\d.]*) · (\d[\d.]*) gives (-?\d[\d.]*); the unrounded .* give (\S+)\.")


def worked(problem: Problem, format: str = "txt") -> str:
    return solution_text(solve(problem), format)


@pytest.mark.parametrize(
    ("format", "number", "note"),
    [
        ("txt", "0.0383†", "† 0.4619 · 0.0828 gives 0.0382; the unrounded numbers give 0.0383."),
        ("md", r"0.0383^{\dagger}", r"$\dagger$ $0.4619 \cdot 0.0828$ gives $0.0382$; the"),
        ("tex", r"0.0383^{\dagger}", r"\(\dagger\) \(0.4619 \cdot 0.0828\) gives \(0.0382\); the"),
        ("typ", "0.0383^(dagger)", 'alt: "0.4619 times 0.0828"'),
        ("html", "<mn>0.0383</mn></mrow><mrow><mo>†</mo>", "gives"),
        ("adoc", r"0.0383^{\dagger}", r"stem:[\dagger] stem:[0.4619 \cdot 0.0828] gives"),
    ],
)
def test_the_seed_says_why_0_0383_stands_there(format: str, number: str, note: str) -> None:
    made = worked(load(SEED), format)
    assert number in made
    assert note in made


DRAWN = [
    load(SEED),
    load(SEED).rounded_by(policy=Policy("equation")),
    load(SEED).rounded_by(policy=Policy("operation")),
    problem_of("lstm", 3, 3, 3, "column", 4),
    problem_of("gru", 8, 3, 10, "row", 4),
    *(problem_of(*size) for size in SIZES[:4]),
    *problems(12, seed=13),
]


@pytest.mark.parametrize("problem", DRAWN, ids=lambda p: p.title[:30])
def test_what_is_missed_is_marked_and_nothing_else(problem: Problem) -> None:
    solution = solve(problem)
    for chain in chains(solution).values():
        found = misses(solution, chain)
        shown = marked(chain, found)
        places = {(m.product, m.line, () if m.product else m.path, m.entry) for m in found}
        trees = [link.tree for link in shown.links] + [part.value for part in shown.products]
        assert sum(map(count, trees)) == len(places)


def count(tree: Any) -> int:
    """How many numbers bear a mark."""
    return sum(isinstance(node, Number) and node.marked for _, node in nodes(tree))


@pytest.mark.parametrize("problem", DRAWN, ids=lambda p: p.title[:30])
def test_no_mark_without_a_note_and_no_note_without_a_mark(problem: Problem) -> None:
    for part in worked(problem).split("\n\n\n")[0].split("\nStep ")[1:]:
        notes = [line for line in part.splitlines() if line.startswith(SIGN)]
        lines = [line for line in part.splitlines() if SIGN in line and line not in notes]
        assert bool(notes) == bool(lines)
        assert len({*notes}) == len(notes) or problem.steps > 1


@pytest.mark.parametrize("problem", DRAWN, ids=lambda p: p.title[:30])
def test_what_a_note_says_of_a_product_is_so(problem: Problem) -> None:
    """The factors are multiplied again, with no arithmetic of ours."""
    for left, right, gives, printed in PRODUCT.findall(worked(problem)):
        product = Fraction(left) * Fraction(right)
        unit = Fraction(1, 10 ** len(gives.partition(".")[2]))
        assert abs(product - Fraction(gives)) <= unit / 2 + unit / 10**9
        assert abs(product - Fraction(printed)) >= unit / 2
