"""Many problems at once: enclosures hold the truth, and digits are those of one by one."""

from __future__ import annotations

import json
from fractions import Fraction
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from tests.random_problems import any_problem
from verifier import load, loads, solve_many
from verifier.arithmetic.ball import enclosure
from verifier.arithmetic.lanes import Lanes
from verifier.arithmetic.wrap.blurred import Blurred
from verifier.cells import catalogue
from verifier.certify import certify
from verifier.cli import main
from verifier.errors import ProblemError, VerifierError
from verifier.evaluate import Trace, evaluate
from verifier.many import solve_problems
from verifier.problem import Problem
from verifier.problem.starter import starter
from verifier.rounding import POLICIES, Policy
from verifier.solution import Solution, solve

SEED = Path(__file__).parents[1] / "examples" / "hw10_question2.toml"
FUNCTIONS = """
a[t] = softplus(x[t]) * gelu(x[t]) - elu(x[t]) + silu(x[t]) / (1 + abs(x[t]))
b[t] = softmax(a[t]) + clip(sum(x[t]), -1, 1) ** 3 - mean(W, 0) * sqrt(abs(a[t][0:1]))
c[t] = outer(x[t], a[t]) @ x[t] + log(1 + exp(a[t])) + sin(x[t]) * cos(x[t]) + erf(x[t])
d[t] = max(c[t], b[t]) - min(c[t], concat(W[0:1] @ c[t], x[t][1:2])) + hard_sigmoid(x[t])
s[t] = tanh(d[t] + s[t-1] @ W) * relu(x[t] + 1) + 1 / (2 + c[t] ** 2)
"""


def holds(lanes: Trace, balls: Trace, lane: int = 0) -> bool:
    """Whether every enclosure with bounds holds the ball of the same entry."""
    for site, value in balls.values.items():
        flat = lanes.values[site].flat()
        for k, entry in enumerate(np.ravel(value)):
            ends = enclosure(entry)
            at = lane if len(flat.middle) > 1 else 0
            middle, radius = flat.middle[at, k], flat.radius[at, k]
            if ends is not None and np.isfinite(radius):
                off = max(abs(end - Fraction(middle)) for end in ends)
                if off > Fraction(radius):
                    return False
    return True


@settings(max_examples=40)
@given(any_problem())
def test_lanes_hold_what_balls_enclose(problem: Problem) -> None:
    assert holds(evaluate(problem, Lanes()), certify(problem).trace)


@pytest.mark.parametrize("cell", sorted(catalogue()))
def test_cells_one_by_one(cell: str) -> None:
    problem = loads(starter(cell))
    many = solve_problems([problem])
    assert [(r.step, r.name, r.index, r.rounded) for r in many.rows()] == [
        (r.step, r.name, r.index, r.rounded) for r in Solution(problem, False, False).rows
    ]


@settings(max_examples=25)
@given(any_problem())
def test_blurred_lanes_hold_every_policy(problem: Problem) -> None:
    blurred = evaluate(problem, Blurred(Lanes(), problem.rule))
    for kind in POLICIES:
        try:
            balls = certify(problem, Policy(kind)).trace
        except ProblemError:
            continue
        assert holds(blurred, balls)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("rule", ["places = 4", "figures = 3", 'places = 3\nmode = "down"'])
def test_sequences_have_the_digits_of_one_by_one(policy: str, rule: str) -> None:
    text = SEED.read_text("utf-8").replace("places = 4", rule).replace('"final"', f'"{policy}"')
    text = text.replace('mode = "half-even"', "", int("mode" in rule))
    problem = loads(text)
    data = np.random.default_rng(0).choice([0.0, 0.5, 0.25, 0.123, -0.3, 2.0], (12, 3, 2))
    many = solve_many(problem, data)
    rows = list(many.rows())
    digits = list(many.digits())
    for k, lane in enumerate(data):
        own = [row for row in rows if row.sequence == k]
        alone = Solution(many.batches[0].alone(k), False, False).rows
        assert [r.rounded for r in own] == [r.rounded for r in alone] == list(digits[k])
        assert [(r.step, r.name, r.index) for r in own] == [
            (r.step, r.name, r.index) for r in alone
        ]
        for one, other in zip(own, alone, strict=True):
            assert Fraction(one.lower or 0) <= Fraction(other.upper or 0)
            assert Fraction(other.lower or 0) <= Fraction(one.upper or 0)
        assert lane.shape == (3, 2)


def test_what_radii_leave_open_is_solved_alone() -> None:
    problem = loads(
        'equations = "s[t] = x[t] * w"\n[rounding]\nplaces = 2\n[parameters]\nw = 0.5\n'
        "[inputs]\nx = [0.25]\n"
    )
    data = np.array([[0.25], [0.26], [0.75]])
    many = solve_many(problem, data)
    assert many.open == 2
    assert list(many.digits()) == [("0.12",), ("0.13",), ("0.38",)]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"x": np.zeros((3, 2))}, "have shape"),
        ({"x": np.zeros((3, 2, 5))}, "have shape"),
        ({"x": np.full((1, 2, 2), np.nan)}, "not all finite"),
        ({"x": np.zeros((1, 2, 2), dtype=complex)}, "complex128"),
        ({"y": np.zeros((1, 2, 2))}, "no sequences of x"),
        ({"x": np.zeros((1, 2, 2)), "q": np.zeros(3)}, "no input"),
    ],
)
def test_data_that_do_not_fit(data: dict[str, Any], said: str) -> None:
    with pytest.raises(VerifierError, match=said):
        solve_many(load(SEED), data)


def test_problems_of_other_forms_are_refused() -> None:
    with pytest.raises(VerifierError, match="other equations"):
        solve_problems([load(SEED), loads(starter("lstm"))])


def test_json_keeps_the_published_schema(tmp_path: Path) -> None:
    np.save(tmp_path / "data.npy", np.random.default_rng(1).uniform(-1, 1, (5, 4, 2)))
    arguments = ["solve", SEED, "--data", tmp_path / "data.npy", "--only", "s"]
    done = CliRunner().invoke(main, [*map(str, arguments), "--format", "json", "--stdout"])
    assert done.exit_code == 0
    data = json.loads(done.output)
    assert [row["sequence"] for row in data["rows"][::12]] == [0, 1, 2, 3, 4]
    assert {row["name"] for row in data["rows"]} == {"s"}
    folder = resources.files("verifier.report").joinpath("schemas")
    own, other = (
        json.loads(folder.joinpath(f"{name}.schema.json").read_text())
        for name in ("sequences", "solve")
    )
    registry = Registry().with_resource(other["$id"], Resource.from_contents(other))
    validator = Draft202012Validator(own, registry=registry)
    validator.validate(data)
    assert not validator.is_valid({**data, "more": 1})


@pytest.mark.parametrize(
    ("name", "more", "said"),
    [("none.npy", (), "none.npy"), ("data.npy", ("--format", "md"), "--data with --format md")],
)
def test_bad_calls(name: str, more: tuple[str, ...], said: str, tmp_path: Path) -> None:
    np.save(tmp_path / "data.npy", np.zeros((2, 2, 2)))
    done = CliRunner().invoke(main, ["solve", str(SEED), "--data", str(tmp_path / name), *more])
    assert (done.exit_code, said in done.output) == (2, True), done.output


def test_every_operation() -> None:
    text = f'equations = """{FUNCTIONS}"""\n[parameters]\nW = [[0.3, -0.2], [0.5, 0.7]]\n'
    problem = loads(text + "[inputs]\nx = [[0.4, -0.9], [-1.3, 0.6]]\n[initial]\ns = [0.1, 0.2]\n")
    assert holds(evaluate(problem, Lanes()), certify(problem).trace)
    assert [r.rounded for r in solve_problems([problem]).rows()] == [
        r.rounded for r in solve(problem, exact=False, policies=False).rows
    ]
