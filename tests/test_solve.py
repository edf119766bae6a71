"""The rows of a solution: the contract, the enclosures, and the digits under every policy."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict, replace
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache
from typing import Any

import mpmath
import pytest
import sympy
from hypothesis import given, settings

from tests import random_problems
from tests.conftest import SEED
from verifier import cells
from verifier.arithmetic.closed_text import short_text
from verifier.arithmetic.decimals import by_hand
from verifier.documents.solution import solution_text
from verifier.evaluate import evaluate
from verifier.numbers import Numbers
from verifier.problem import Problem, load, loads
from verifier.report.contract import solution_json
from verifier.rounding import MODES, POLICIES, Mode, Policy, Rounding, round_integer
from verifier.solution import Row, Solution, solve, total_products

MP = mpmath.MPContext()
MP.dps = 60


@cache
def seed() -> Problem:
    return load(SEED)


def inline(equations: str, rule: Rounding | None = None, **values: Any) -> Problem:
    """A problem of one step whose names are parameters."""
    numbers = {name: Numbers.typed(value) for name, value in values.items()}
    return Problem(cells.from_text(equations), numbers, {}, steps=1, rounding=rule or Rounding())


def only(equations: str, rule: Rounding | None = None, **values: Any) -> Row:
    (row,) = solve(inline(equations, rule, **values)).rows
    return row


# The seed, worked out here once more without the package.


def witness(number: Callable[[str], Any], keep: Callable[[Any, bool], Any]) -> dict[str, list[Any]]:
    """The seed's two steps in plain Python; `keep` rounds, told whether an equation ends."""
    u = {"z": ["0.35", "0.6"], "r": ["0.45", "0.12"]}
    w = {"z": ["0.12", "0.67", "0.34"], "r": ["0.21", "0.22", "0.45"]}
    uh = [["0.56", "0.1", "0.3"], ["0.2", "0.5", "0.21"]]
    wh = [["0.54", "0.1", "0.2"], ["0.2", "0.66", "0.3"], ["0.9", "0.87", "0.3"]]

    def op(value: Any) -> Any:
        return keep(value, False)

    def dot(left: list[Any], right: list[str]) -> Any:
        return op(sum((a * number(b) for a, b in zip(left, right, strict=True)), number("0")))

    found: dict[str, list[Any]] = {}
    s = [number("0")] * 3
    for step, typed in enumerate([["0.23", "0.12"], ["0.48", "0.98"]], 1):
        x = list(map(number, typed))
        gate = {g: keep(1 / (1 + _exp(-op(dot(x, u[g]) + dot(s, w[g])))), True) for g in ("z", "r")}
        z, r = gate["z"], gate["r"]
        kept = [op(entry * r) for entry in s]
        h = []
        for k in range(3):
            total = op(dot(x, [row[k] for row in uh]) + dot(kept, [row[k] for row in wh]))
            h.append(keep(_tanh(total), True))
        s = [keep(op(op(1 - z) * h[k]) + op(z * s[k]), True) for k in range(3)]
        found |= {f"z{step}": [z], f"r{step}": [r], f"h{step}": h, f"s{step}": s}
    return found


def _exp(x: Any) -> Any:
    return x.exp() if isinstance(x, Decimal) else MP.exp(x)


def _tanh(x: Any) -> Any:
    return MP.tanh(x) if not isinstance(x, Decimal) else 1 - 2 / ((2 * x).exp() + 1)


def half_even(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.0001"))


def as_text(value: Decimal) -> str:
    return f"{half_even(value):f}"


def with_decimals(kind: str) -> dict[str, list[str]]:
    """The seed's digits under a policy, with Python's own decimals."""

    def keep(value: Decimal, ends: bool) -> Decimal:
        rounds = kind == "operation" or (kind == "equation" and ends)
        return half_even(value) if rounds else value

    with localcontext(prec=40):
        found = witness(Decimal, keep)
        return {name: [as_text(value) for value in values] for name, values in found.items()}


def test_the_seed_under_every_policy_is_what_plain_decimals_give() -> None:
    expected = {kind: with_decimals(kind) for kind in POLICIES}
    assert expected["final"]["s1"] == ["0.0700", "0.0383", "0.0434"]
    rows = solve(seed()).rows
    assert len(rows) == 16
    for row in rows:
        name, k = f"{row.name}{row.step}", row.index[0]
        assert row.policies == {kind: expected[kind][name][k] for kind in POLICIES}


def test_the_second_entry_of_s_1_hangs_on_the_policy() -> None:
    (row,) = [r for r in solve(seed()).rows if (r.step, r.name, r.index) == (1, "s", (1,))]
    assert row.policies == {"final": "0.0383", "equation": "0.0382", "operation": "0.0382"}
    assert row.rounded == "0.0383"
    assert row.lower == "0.038253939915"


def test_the_seed_encloses_a_witness_of_60_digits() -> None:
    def number(text: str) -> Any:
        fraction = Fraction(text)
        return MP.mpf(fraction.numerator) / fraction.denominator

    true = witness(number, lambda value, ends: value)
    for row in solve(seed()).rows:
        value = true[f"{row.name}{row.step}"][row.index[0]]
        assert row.lower is not None
        assert row.upper is not None
        assert MP.mpf(row.lower) <= value <= MP.mpf(row.upper)
        assert Fraction(row.upper) - Fraction(row.lower) <= 2 * Fraction(1, 10**12)


def test_the_first_row_of_the_seed_is_the_one_of_the_contract() -> None:
    assert asdict(solve(seed()).rows[0]) == {
        "step": 1,
        "name": "z",
        "index": (0,),
        "rounded": "0.5381",
        "lower": "0.538051284385",
        "upper": "0.538051284386",
        "exact": "1/(exp(-61/400) + 1)",
        "status": "certified",
        "margin": "0.012",
        "policies": {"final": "0.5381", "equation": "0.5381", "operation": "0.5381"},
    }


def test_the_order_and_the_indices_of_rows() -> None:
    sites = [(row.step, row.name, row.index) for row in solve(seed()).rows]
    one = [("z", (0,)), ("r", (0,))] + [(n, (k,)) for n in "hs" for k in range(3)]
    assert sites == [(step, name, index) for step in (1, 2) for name, index in one]


@pytest.mark.parametrize(
    ("value", "indices"),
    [
        ("0.5", [()]),
        (["0.5"], [(0,)]),
        (["1", "2"], [(0,), (1,)]),
        ([["1"], ["2"]], [(0, 0), (1, 0)]),
    ],
)
def test_a_scalar_has_no_index_and_a_short_vector_keeps_its_own(
    value: Any, indices: list[tuple[int, ...]]
) -> None:
    rows = solve(inline("y[t] = tanh(a)", a=value)).rows
    assert [row.index for row in rows] == indices


# Random problems.


@settings(max_examples=40)
@given(random_problems.any_problem(rounded=True))
def test_rows_hold_together(problem: Problem) -> None:
    solution, full = solve(problem, exact=False), solve(problem.rounded_by(policy=Policy()))
    for row, plain in zip(solution.rows, full.rows, strict=True):
        _check_row(row, problem)
        assert row.rounded == row.policies[problem.policy.kind]
        assert plain.rounded == row.policies["final"] == plain.policies["final"]
        same = ("lower", "upper", "status", "policies")
        assert [getattr(row, key) for key in same] == [getattr(plain, key) for key in same]
        # what a by-hand policy carries is a decimal, and an exact one has no margin
        final = problem.policy.kind == "final"
        assert row.margin == (plain.margin if final or row.rounded is None else None)
        assert (plain.status == "exact") == (plain.margin is None)


def _check_row(row: Row, problem: Problem) -> None:
    rule = problem.rule(row.name)
    assert row.lower is not None
    assert row.upper is not None
    ends = Fraction(row.lower), Fraction(row.upper)
    assert ends[0] <= ends[1]
    assert {len(text.partition(".")[2]) for text in (row.lower, row.upper)} == {rule.count + 8}
    assert row.policies["final"] in (rule.text(ends[0]), rule.text(ends[1]))


@settings(max_examples=25)
@given(random_problems.any_problem(rounded=True))
def test_policies_are_what_a_person_gets(problem: Problem) -> None:
    for kind in POLICIES:
        digits = Solution(problem, exact=False).digits(kind)
        hand = evaluate(problem, by_hand(Policy(kind), problem.rounding, problem.rules))
        for (step, name), texts in digits.items():
            rule = problem.rule(name)
            given_up = [t is None for t in texts]
            expected = [rule.text(Fraction(entry)) for entry in hand.entries(step, name)]
            assert not any(given_up)
            assert texts == expected


def test_exact_texts_are_read_by_sympy_and_lie_within() -> None:
    found = 0
    for problem in random_problems.problems(12, seed=3):
        for row in solve(problem, policies=False).rows:
            if row.exact is None:
                continue
            assert len(row.exact) <= 60
            value = sympy.sympify(row.exact, rational=True).evalf(50)
            assert row.lower is not None
            assert row.upper is not None
            slack = sympy.Float("1e-45", 50)
            assert sympy.Float(row.lower, 60) - slack <= value <= sympy.Float(row.upper, 60) + slack
            found += 1
    assert found > 20


# Rounding rules.


def test_a_rule_of_its_own_changes_one_quantity_only() -> None:
    own = replace(seed(), rules={"z": Rounding(6)})
    for row, plain in zip(solve(own).rows, solve(seed()).rows, strict=True):
        if row.name == "z":
            assert row.rounded is not None
            assert len(row.rounded) == 8
            assert row.lower is not None
            assert len(row.lower.partition(".")[2]) == 14
        else:
            assert row.rounded == plain.rounded
            assert row.lower == plain.lower


@pytest.mark.parametrize("kind", ["equation", "operation"])
def test_a_policy_changes_the_digits_alone(kind: str) -> None:
    rounded = seed().rounded_by(policy=Policy(kind))  # type: ignore[arg-type]
    for row, plain in zip(solve(rounded).rows, solve(seed()).rows, strict=True):
        assert row.rounded == plain.policies[kind]
        assert row.margin is None  # what is carried is an exact decimal
        assert replace(row, rounded="", margin=None) == replace(plain, rounded="", margin=None)


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_rounds_the_true_value(mode: Mode) -> None:
    solution = solve(seed().rounded_by(Rounding(4, mode)), policies=False)
    for row in solution.rows:
        assert row.lower is not None
        units = round_integer(Fraction(row.lower) * 10**4, mode)
        assert row.rounded == f"{units // 10**4}.{units % 10**4:04}"
    assert solve(seed()).digits("final", mode) == solution.digits("final")


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (Rounding(None, "half-even", 3), "0.538"),
        (Rounding(None, "half-even", 7), "0.5380513"),
        (Rounding(0), "1"),
        (Rounding(0, "down"), "0"),
        (Rounding(30), "0.538051284385578158834031594767"),
    ],
)
def test_figures_and_places(rule: Rounding, text: str) -> None:
    exact = MP.mpf(1) / (1 + MP.exp(-MP.mpf(61) / 400))
    row = solve(seed().rounded_by(rule)).rows[0]
    if rule.count == 30:
        text = MP.nstr(exact, 30, strip_zeros=False)
    assert row.rounded == text
    assert row.lower is not None
    assert row.upper is not None
    assert MP.mpf(row.lower) <= exact <= MP.mpf(row.upper)


@pytest.mark.parametrize(
    ("text", "rule", "rounded"),
    [
        ("12345.678", Rounding(None, "half-even", 2), "12000"),
        ("-0.00004", Rounding(4), "0.0000"),
        ("9.996", Rounding(None, "half-even", 3), "10.0"),
        ("1/3", Rounding(2, "up"), "0.34"),
        ("0", Rounding(None, "half-even", 3), "0.00"),
    ],
)
def test_exact_entries(text: str, rule: Rounding, rounded: str) -> None:
    row = only("y[t] = identity(a)", rule, a=text)
    assert (row.rounded, row.status, row.margin) == (rounded, "exact", None)
    assert row.exact == str(Fraction(text))


# Other modes, sizes, what is made when.


def test_another_mode_gets_the_precision_that_it_needs() -> None:
    """exp(1e-30) is far from a tie, and so near to 1 that `up` takes more than 100 bits."""
    solution = solve(inline("y[t] = exp(a)", a="1e-60"))
    assert solution.rows[0].rounded == "1.0000"
    assert len(solution.full.precisions) == 1
    assert solution.digits("final", "up") == {(1, "y"): ["1.0001"]}
    assert solution.digits("final", "ceiling") == {(1, "y"): ["1.0001"]}
    assert solution.digits("final", "floor") == {(1, "y"): ["1.0000"]}
    assert solution.differences("final", "up") == [(1, "y", 0)]


def test_differences_name_the_entries_that_a_policy_changes() -> None:
    solution = solve(seed())
    assert (1, "s", 1) in solution.differences("equation")
    assert solution.differences("final") == []
    for step, name, k in solution.differences("operation"):
        row = [r for r in solution.rows if (r.step, r.name) == (step, name)][k]
        assert row.policies["final"] != row.policies["operation"]


def test_large_problems_have_fewer_extras_unless_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    size = total_products(seed())
    assert size == 2 * (2 + 3 + 2 + 3 + 6 + 9)
    monkeypatch.setattr("verifier.effort.EXACT_PRODUCTS", size - 1)
    monkeypatch.setattr("verifier.effort.POLICY_PRODUCTS", size - 1)
    small = solve(seed())
    assert small.closed_forms is None
    assert not small.full.trace.terms
    for row in small.rows:
        assert set(row.policies) == {"final"}
        assert row.exact is None
    asked = solve(seed(), exact=True, policies=True)
    assert asked.rows[0].exact
    assert set(asked.rows[0].policies) == set(POLICIES)
    equation = solve(seed().rounded_by(policy=Policy("equation")))
    assert {row.rounded for row in equation.rows} >= {"0.0382"}


@pytest.mark.parametrize(
    ("equation", "text"),
    [("y[t] = a * a * a * a * a", "1e-999"), ("y[t] = a * a * a * a * a * exp(1)", "1e-999")],
)
def test_closed_forms_beyond_what_python_writes_are_left_out(equation: str, text: str) -> None:
    row = only(equation, a=text)
    assert row.exact is None
    assert row.rounded == "0.0000"


def test_short_texts() -> None:
    assert short_text(None) is None
    assert short_text(sympy.Rational(1, 3)) == "1/3"
    assert short_text(sympy.Symbol("x" * 60))
    assert short_text(sympy.Symbol("x" * 61)) is None


def test_the_json_contract() -> None:
    data = json.loads(solution_json(solve(seed())))
    assert data["rounding"] == {"places": 4, "mode": "half-even", "policy": "final"}
    assert data["problem"]["sha256"] == seed().sha256
    assert data["problem"]["steps"] == 2
    keys = [
        "step",
        "name",
        "index",
        "rounded",
        "lower",
        "upper",
        "exact",
        "status",
        "margin",
        "policies",
    ]
    assert [list(row) for row in data["rows"]] == [keys] * 16
    assert data["rows"][0]["index"] == [0]


def test_the_json_contract_of_figures_rules_and_awkward_titles() -> None:
    problem = replace(
        seed().rounded_by(Rounding(None, "up", 3)), rules={"z": Rounding(6)}, title='"rows": []'
    )
    data = json.loads(solution_json(solve(problem)))
    own = {"z": {"places": 6, "mode": "half-even"}}
    assert data["rounding"] == {"figures": 3, "mode": "up", "policy": "final", "own": own}
    assert data["problem"]["title"] == '"rows": []'
    assert len(data["rows"]) == 16


def test_the_result_of_a_copying_equation_is_rounded_by_a_policy() -> None:
    text = 'equations = """\ny[t] = x[t]\nq[t] = 3 * y[t]\n"""\n[inputs]\nx = ["1/3"]\n'
    problem = loads(text)
    digits = {kind: solve(problem).digits(kind)[1, "q"] for kind in POLICIES}
    assert digits == {"final": ["1.0000"], "equation": ["0.9999"], "operation": ["0.9999"]}


def test_very_large_values_are_decided() -> None:
    problem = loads('equations = "y[t] = exp(x[t])"\n[inputs]\nx = [2000]\n')
    (row,) = solve(problem).rows
    assert row.status == "certified"
    assert (row.rounded or "").startswith("3881180194284368576482322")  # e^2000, known digits


def test_a_mode_of_its_own_is_kept_by_the_digits_and_by_other_policies() -> None:
    text = (
        'equations = """\na[t] = x[t] * 1\nh[t] = a[t] * 1\n"""\n'
        '[rounding]\nplaces = 1\nmode = "half-up"\n[rounding.a]\nplaces = 1\nmode = "down"\n'
        "[inputs]\nx = [0.19]\n"
    )
    solution = solve(loads(text))
    assert [row.rounded for row in solution.rows] == ["0.1", "0.2"]
    assert [row.policies["equation"] for row in solution.rows] == ["0.1", "0.1"]
    assert solution.digits("final", "half-up") == {(1, "a"): ["0.2"], (1, "h"): ["0.2"]}


def test_what_is_undecided_differs_from_nothing() -> None:
    text = 'equations = "y[t] = (sigmoid(x[t]) + sigmoid(-x[t])) * 0.00005"\n[inputs]\nx = [1]\n'
    solution = solve(loads(text))
    assert solution.rows[0].status == "undecided"
    assert solution.differences("equation") == solution.differences("final", "up") == []


def test_a_matrix_is_listed_row_by_row() -> None:
    """A reader of the table sees which numbers belong to which row of a batch."""
    problem = loads(
        'equations = "s[t] = x[t] @ W + s[t-1]"\nparameters.W = [[1, 2], [3, 4]]\n'
        'inputs.x = [[["0.1", "0.2"], ["0.3", "0.4"], ["0.5", "0"]]]\nrounding.places = 1\n'
    )
    text = solution_text(solve(problem), "md")
    assert re.findall(r"^\| 1 \| (.*) \|$", text, re.MULTILINE) == [
        "$s_1$, row 1 | $0.7$, $1.0$",
        "$s_1$, row 2 | $1.5$, $2.2$",
        "$s_1$, row 3 | $0.5$, $1.0$",
    ]
