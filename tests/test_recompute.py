"""Printed lines that their own numbers do not give: the search, and a reader of the documents."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from tests import random_problems
from tests.conftest import BACKWARD, SEED
from tests.printed import Paper, gives, read
from verifier import cells, load, solve
from verifier.derive.recompute import Miss, missed
from verifier.documents.solution import solution_text
from verifier.notation.text import TextPrinter
from verifier.numbers import Numbers
from verifier.problem import Problem, loads
from verifier.rounding import POLICIES, Policy, Rounding
from verifier.solution import Solution


def short(miss: Miss) -> tuple[Any, ...]:
    return miss.step, miss.name, TextPrinter().show(miss.source), miss.gives, miss.printed


def test_the_lines_of_the_seed() -> None:
    assert [short(miss) for miss in missed(solve(load(SEED)))] == [
        (1, "s", "0.4619 ∘ [0.1516 0.0828 0.0939]", "0.0382", "0.0383"),
        (2, "r", "[0.0700 0.0383 0.0434] [0.21; 0.22; 0.45]", "0.0427", "0.0426"),
        (2, "r", "0.0700 · 0.21 + 0.0383 · 0.22 + 0.0434 · 0.45", "0.0427", "0.0426"),
        (2, "s", "0.6910 ∘ [0.0700 0.0383 0.0434]", "0.0265", "0.0264"),
    ]


@pytest.mark.parametrize("kind", ["equation", "operation"])
def test_lines_of_carried_numbers_recompute(kind: Any) -> None:
    rounded = load(SEED).rounded_by(policy=Policy(kind))
    assert not list(missed(solve(rounded)))


MARK, BROKEN = r"^{\dagger}", "begin{aligned} &"


def by_reader(solution: Solution) -> Counter[Any]:
    """What a reader of the printed Markdown does not get."""
    problem = solution.problem
    text = solution_text(solution, "md").split("## Results")[0]
    plain, places = text.replace(MARK, ""), problem.rounding.count
    paper = Paper(plain, places, problem.policy.kind, problem.notation.guard)
    found = Counter(paper.misses())
    # Each number that the reader does not get is marked, where nothing is broken over lines.
    assert text.count(MARK) == found.total() or BROKEN in text
    return found


def by_search(solution: Solution) -> Counter[Any]:
    """What the search finds, as the reader would say it."""
    return Counter(
        (
            f"{miss.name}_{miss.step}" + (" product" if miss.product else ""),
            miss.gives,
            miss.printed.partition("…")[0],
        )
        for miss in missed(solution)
    )


def agree(solution: Solution) -> int:
    """How much a reader finds, all of which the search finds; and all that it finds, where no line
    is broken."""
    reader, search = by_reader(solution), by_search(solution)
    assert not reader - search
    assert BROKEN in solution_text(solution, "md") or reader == search
    return reader.total()


@pytest.mark.parametrize("kind", POLICIES)
@pytest.mark.parametrize("places", [2, 3, 4, 5])
def test_a_reader_of_the_seed_finds_the_same(places: int, kind: Any) -> None:
    solution = solve(load(SEED).rounded_by(Rounding(places), Policy(kind)))
    assert by_reader(solution) == by_search(solution)


@pytest.mark.parametrize("kind", POLICIES)
def test_a_reader_of_other_problems_finds_the_same(kind: Any) -> None:
    found = 0
    for k, problem in enumerate(random_problems.problems(9, 5, (2, 2, 2))):
        solution = solve(problem.rounded_by(Rounding(2 + k % 3), Policy(kind)))
        found += agree(solution)
    assert found > 10 or kind == "operation"


@pytest.mark.parametrize("kind", POLICIES)
@pytest.mark.parametrize("guard", [1, 2, 4])
def test_guard_digits_keep_results_and_let_them_recompute(guard: int, kind: Any) -> None:
    bare = load(SEED).rounded_by(policy=Policy(kind))
    without, guarded = (
        solve(replace(bare, notation=replace(bare.notation, guard=more))) for more in (0, guard)
    )
    agree(guarded)
    assert guard == 1 or all(miss.path for miss in missed(guarded))  # none is a result
    assert [row.rounded for row in guarded.rows] == [row.rounded for row in without.rows]
    told = [solution_text(s, "txt").partition("Step 1")[0] for s in (without, guarded)]
    assert ("more decimal place" in told[1]) == (kind != "operation")
    assert "more decimal place" not in told[0]


def test_many_guard_digits_are_all_known() -> None:
    bare = load(SEED)
    many = replace(bare, notation=replace(bare.notation, guard=20))
    assert "?" not in solution_text(solve(many), "txt")


@pytest.mark.parametrize("kind", POLICIES)
def test_a_reader_of_guard_digits_finds_the_same(kind: Any) -> None:
    for k, problem in enumerate(random_problems.problems(5, 3, (2, 2, 2))):
        noted = replace(problem.notation, guard=1 + k)
        agree(solve(problem.rounded_by(Rounding(2), Policy(kind), notation=noted)))


# equations, places, policy, numbers: what is missed
CASES: list[tuple[str, int, str, dict[str, Any], list[tuple[str, str]]]] = [
    # three times a third
    ("y[t] = a / 3 * 3", 4, "final", {"a": "1"}, [("0.9999", "1.0000")]),
    # what is exact recomputes
    ("y[t] = a * a + a", 2, "final", {"a": "0.5"}, []),
    # the printed 0.12 and 0.344 would give 0.10
    ("b[t] = a + 0\ny[t] = concat(-b[t], 0.344) @ W", 2, "final",
     {"a": "0.125", "W": [["2"], ["1"]]}, [("0.10", "0.09"), ("0.10", "0.09")]),
    ("b[t] = a + 0\ny[t] = concat(-b[t], 0.344) @ W", 2, "operation",
     {"a": "0.125", "W": [["2"], ["1"]]}, []),
    # a divisor that prints as zero
    ("b[t] = a * a\ny[t] = 1 / b[t] * a", 2, "final", {"a": "0.01"}, [("?", "10000.00")]),
    # a row of a matrix, vectors of one entry, columns
    ("b[t] = tanh(v)\ny[t] = W @ b[t]", 1, "final",
     {"v": ["0.55", "0.25"], "W": [["9", "1"], ["1", "9"]]},
     [("2.3", "2.7"), ("2.3", "2.7")]),
]  # fmt: skip


@pytest.mark.parametrize(("equations", "places", "kind", "numbers", "expected"), CASES)
def test_what_is_missed(
    equations: str, places: int, kind: Any, numbers: dict[str, Any], expected: Any
) -> None:
    given = {name: Numbers.typed(value) for name, value in numbers.items()}
    cell = cells.from_text(equations)
    problem = Problem(cell, given, {}, steps=1, rounding=Rounding(places), policy=Policy(kind))
    found = [(miss.gives, miss.printed) for miss in missed(solve(problem))]
    assert found == expected


def test_long_vectors_and_results_alone_claim_nothing() -> None:
    cell = cells.from_text("y[t] = x[t] @ W * x[t]")
    row = ["0.123456789"] * 9
    given, inputs = {"W": Numbers.typed([row] * 9)}, {"x": Numbers.typed([row])}
    long = solve(Problem(cell, given, inputs))
    assert not [miss for miss in missed(long) if "⋯" not in TextPrinter().show(miss.source)]
    short_one = solve(replace(load(SEED), detail="result"))
    assert not list(missed(short_one))


def test_the_reader_reads() -> None:
    vector, last = r"\begin{bmatrix} 1 & 2 \end{bmatrix}", r"\left(-0.5\right) \cdot 2"
    tree = read(rf"\frac{{1}}{{1 + e^{{-61/400}}}} \circ {vector} - {last}")
    assert tree is not None
    values = gives(tree).ravel()
    assert [round(float(value), 4) for value in values] == [1.5381, 2.0761]
    half = read(r"0.1 \cdot 2 + 0.3")
    assert half is not None
    assert gives(half)[()] == Fraction(1, 2)
    assert read(r"x_1 + 1") is None


PEEPHOLE = """
equations = '''
i[t] = sigmoid(x[t] * u_i + h[t-1] @ W_i + p_i * c[t-1] + b_i)
f[t] = sigmoid(x[t] * u_f + h[t-1] @ W_f + p_f * c[t-1] + b_f)
g[t] = tanh(x[t] * u_g + h[t-1] @ W_g + b_g)
c[t] = f[t] * c[t-1] + i[t] * g[t]
o[t] = sigmoid(x[t] * u_o + h[t-1] @ W_o + p_o * c[t] + b_o)
h[t] = o[t] * tanh(c[t])
'''
loss = "half_squared_error(h[t], y[t])"
rate = 0.1
[parameters]
u_i = [-0.53, -0.79]
u_f = [0.33, 0.41]
u_g = [0.86, -0.47]
u_o = [-0.14, 0.62]
W_i = [[0.12, -0.64], [0.93, 0.35]]
W_f = [[-0.28, 0.71], [0.55, 0.17]]
W_g = [[0.44, 0.96], [-0.83, 0.21]]
W_o = [[0.67, -0.39], [0.15, -0.92]]
p_i = [0.36, -0.58]
p_f = [0.81, 0.24]
p_o = [-0.47, 0.69]
b_i = [0.11, -0.21]
b_f = [0.52, 0.31]
b_g = [-0.13, 0.42]
b_o = [0.23, -0.32]
[initial]
h = [0.3, -0.2]
c = [0.5, -0.6]
[inputs]
x = [1, -0.4]
y = [[0.1, 0.2], [0.3, -0.4]]
"""


@pytest.mark.parametrize("text", [BACKWARD.read_text("utf-8"), PEEPHOLE], ids=["gru", "peephole"])
@pytest.mark.parametrize("kind", POLICIES)
def test_a_reader_of_a_backward_pass_finds_nothing_that_is_not_marked(text: str, kind: Any) -> None:
    """Under rounding of each operation, every line of both passes and of the descent recomputes."""
    solution = solve(loads(text).rounded_by(policy=Policy(kind))).backward
    page = solution_text(solution, "md").split("## Results")[0]
    paper = Paper(page.replace(MARK, ""), 4, kind)
    reader = Counter((gives, printed) for _, gives, printed in paper.misses())
    search = Counter((gives, printed) for _, gives, printed in by_search(solution).elements())
    assert not reader - search
    assert bool(reader) is (kind != "operation")
