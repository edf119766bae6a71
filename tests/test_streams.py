"""Streams: rows are those of the whole sequence, whatever the blocks, and bad files say where."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests import random_problems
from tests.random_sequences import recurrent, remembering
from tests.streamed import SAME, Held, streamed
from verifier.along.thin import Thin
from verifier.cells import from_text
from verifier.certify import PLAIN
from verifier.errors import VerifierError
from verifier.numbers import Numbers
from verifier.problem import Problem
from verifier.rounding import MODES, Policy, Rounding
from verifier.solution import Solution
from verifier.streams.walk import Walk

ROOT = Path(__file__).parents[1]
SEED = ROOT / "examples" / "hw10_question2.toml"


def differing(problem: Problem, size: int = 16) -> list[str]:
    """Where the rows of a stream are not those of balls over the whole, or enclose others."""
    wrong = []
    for own, other in zip(
        streamed(problem, size), Solution(problem, False, False, PLAIN).rows, strict=True
    ):
        ends = [Fraction(x or 0) for x in (own.lower, own.upper, other.lower, other.upper)]
        same = all(getattr(own, name) == getattr(other, name) for name in SAME)
        if not same or ends[0] > ends[3] or ends[2] > ends[1]:
            wrong.append(f"{own} is {other}")
    return wrong


CASES = [("gru", None), ("lstm", None), ("rnn", None), ("gru", "6"), ("lstm", "5")]


@pytest.mark.parametrize(("cell", "bias"), CASES)
def test_rows_are_those_of_the_whole(cell: str, bias: str | None) -> None:
    rng = Random(f"{cell} {bias}")
    rule = Rounding(rng.choice([2, 4, 8, 10]), rng.choice(MODES))
    problem = remembering(rng.randrange(1000), cell, bias, 24).rounded_by(rule)
    assert differing(problem, 8) == []


def test_blocks_of_one_step() -> None:
    assert differing(remembering(5, "gru", "3", 8), 1) == []


@pytest.mark.parametrize("kind", ["equation", "operation"])
def test_policies_that_round_by_hand_carry_decimals(kind: Any) -> None:
    problem = remembering(7, "gru", None, 24).rounded_by(policy=Policy(kind))
    assert differing(problem) == []


@pytest.mark.parametrize("seed", range(3))
def test_random_equations(seed: int) -> None:
    assert differing(recurrent(Random(seed), steps=16, zeros=seed == 0), 8) == []


def bent(equations: str, steps: int, **given: str) -> Problem:
    """A problem with an input x of a number a step."""
    parameters = {name: Numbers.typed(text) for name, text in given.items()}
    inputs = {"x": Numbers.typed(random_problems.array(Random(5), steps))}
    initial = {"x": Numbers.typed("0.25")} if "x[t-1]" in equations else {}
    return Problem(from_text(equations), parameters, inputs, initial)


ODD = {
    "pure memory": ("s[t] = s[t-1] + tanh(x[t])", {}),
    "memory of inputs": ("s[t] = tanh(s[t-1] + x[t] - w * x[t-1])", {"w": "0.5"}),
    "no state": ("y[t] = sigmoid(x[t])", {}),
    "rationals": ("s[t] = 0.5 * s[t-1] + x[t]\ny[t] = tanh(s[t])", {}),
    "rational zeros": ("s[t] = relu(x[t] - 0.2) + 0.5 * tanh(s[t-1])", {}),
    "stretches": ("s[t] = sin(w * s[t-1] + x[t])", {"w": "9"}),
    "stretches and forgets": ("s[t] = sin(9 * s[t-1] + x[t]) * positive(x[t] - 0.1)", {}),
    "two states": ("c[t] = 0.9 * c[t-1] + s[t-1]\ns[t] = tanh(c[t] + x[t])", {}),
    "powers of nothing": ("s[t] = (0 / (2 + s[t-1])) ** 3 + tanh(x[t])", {}),
    "a product of states": ("s[t] = 0.8 * s[t-1] * tanh(x[t]) + x[t] ** 3 * s[t-1] ** 3", {}),
}


@pytest.mark.parametrize("case", ODD)
def test_odd_cells(case: str) -> None:
    text, given = ODD[case]
    assert differing(bent(text, 24, **given), 8) == []


def test_figures_and_rules_of_single_quantities() -> None:
    problem = remembering(3, "lstm", None, 18)
    problem = problem.rounded_by(Rounding(None, "half-even", 5))
    assert differing(replace(problem, rules={"h": Rounding(9, "floor")})) == []


@pytest.mark.parametrize("exponent", [15, 24])
def test_near_ties_are_settled_from_blocks_before(
    exponent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry of a state that remembers is a tie but for a hair, a step behind a block's begin."""
    from flint import arb

    from verifier.arithmetic.ball import Ball
    from verifier.arithmetic.context import flint_bits
    from verifier.evaluate import evaluate

    equations = "s[t] = 0.7 * s[t-1] + 0.3 * tanh(x[t] * w)\ny[t] = s[t] + c"
    problem = bent(equations, 90, w="0.3", c="0").rounded_by(Rounding(8))
    value = evaluate(problem, Ball(300)).entries(77, "s")[0]
    tie = Fraction(int(10**8 * Fraction(str(float(value)))) * 2 + 1, 2 * 10**8)
    with flint_bits(300):
        gap = (arb(tie.numerator) / tie.denominator + arb(10) ** -exponent - value).mid()
        c = Numbers.typed(gap.str(60, radius=False))
    begun: list[tuple[int, int]] = []
    found = Thin.found

    def look(self: Thin, t: int, first: int, bits: int) -> Any:
        begun.append((t, first))
        return found(self, t, first, bits)

    monkeypatch.setattr(Thin, "found", look)
    near = replace(problem, parameters={**problem.parameters, "c": c})
    assert differing(near, 25) == []
    assert begun
    assert all(t == 77 for t, _ in begun)
    assert begun[-1][1] < 75  # in a block before


def test_what_stretches_is_walked_by_balls_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each block that floats leave begins where the last one ended, as long as bits suffice."""
    problem = bent("s[t] = sin(w * s[t-1] + x[t])", 60, w="9")
    found = Walk(problem, Held(problem))
    found.__dict__["size"] = 10
    used = [solution.full.precisions for solution in found.solutions()]
    assert used[0] == (53,)
    assert all(len(bits) == 1 or bits[0] < bits[-1] for bits in used)
    assert sum(map(len, used)) < 12
    assert found.balls.bits > 200


def test_bits_end_and_what_follows_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is guessed, nothing takes for ever, and what forgets it all is decided again."""
    monkeypatch.setattr("verifier.streams.balls.top_precision", lambda *_: 100)
    problem = bent("s[t] = sin(9 * s[t-1] + x[t] + 1) * positive(x[t] + 5)", 90)
    rows = [problem.inputs["x"].text(k) for k in range(90)]
    rows[72] = "-9"
    problem = replace(problem, inputs={"x": Numbers.typed(rows)})
    found = {(row.step, row.name): row for row in streamed(problem, 10)}
    truth = {(row.step, row.name): row for row in Solution(problem, False, False, PLAIN).rows}
    states = [row.status for row in found.values()]
    assert {"certified", "undecided", "exact"} == {*states}
    assert states.index("undecided") > 20
    assert "certified" in states[states.index("undecided") :]
    for site, row in found.items():
        assert row.rounded in (None, truth[site].rounded)
        low, high = (Fraction(x or default) for x, default in ((row.lower, -2), (row.upper, 2)))
        assert low <= Fraction(truth[site].upper or 0)
        assert high >= Fraction(truth[site].lower or 0)


def test_ties_beside_states_cost_these_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What no precision decides is left open in each block, and the states are as fine as ever."""
    monkeypatch.setattr("verifier.streams.balls.top_precision", lambda first, _: first + 100)
    tie = "y[t] = 0.00005 * (sin(x[t]) ** 2 + cos(x[t]) ** 2)"
    problem = bent(f"s[t] = 0.9 * s[t-1] + tanh(x[t])\n{tie}", 60)
    found = Walk(problem, Held(problem))
    found.__dict__["size"] = 10
    used = [solution.full for solution in found.solutions()]
    assert len({full.precisions[-1] for full in used}) == 1
    assert all(len(full.precisions) == 1 for full in used[1:])
    assert {(name, k) for full in used for _, name, k in full.undecided} == {("y", 0)}
    assert {row.name for row in streamed(problem, 10) if row.rounded is None} == {"y"}


def test_a_state_that_is_exact_again_is_a_new_beginning() -> None:
    problem = bent("s[t] = sin(9 * s[t-1] + x[t] + 1) * positive(x[t] + 5)", 60)
    rows = [problem.inputs["x"].text(k) for k in range(60)]
    rows[39] = "-9"
    problem = replace(problem, inputs={"x": Numbers.typed(rows)})
    found = Walk(problem, Held(problem))
    found.__dict__["size"] = 20
    _ = list(found.solutions())
    assert found.balls.known.step == 40


def test_errors_count_the_steps_of_the_stream() -> None:
    problem = bent("s[t] = 0.5 * s[t-1] + 1 / (x[t] - 9)", 40)
    rows = [problem.inputs["x"].text(k) for k in range(40)]
    rows[32] = "9"
    problem = replace(problem, inputs={"x": Numbers.typed(rows)})
    with pytest.raises(VerifierError, match="by zero at step 33"):
        streamed(problem, 8)


def test_boxes_of_blocks_do_not_follow_from_each_other() -> None:
    given = {"R": [["0.7", "0.7"], ["-0.7", "0.7"]], "U": [["1", "2"], ["2", "-1"]]}
    parameters = {name: Numbers.typed(value) for name, value in given.items()}
    rows = {"x": Numbers.typed(random_problems.array(Random(5), 200, 2))}
    text = "s[t] = s[t-1] @ R + 0.01 * tanh(x[t] @ U)"
    problem = Problem(from_text(text), parameters, rows)
    found = Walk(problem, Held(problem))
    found.__dict__["size"] = 5
    ends = [solution.full.trace.entries(5, "s") for solution in found.solutions()]
    assert max(float(x.rad()) for entries in ends[20:] for x in entries) < 1e-12
