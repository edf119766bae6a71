"""Float errors over boxes: bounds that no program breaks, and that say much all the same."""

from __future__ import annotations

import json
from collections import Counter
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from tests import boxes, ranges_campaign
from tests.adversary import ACCURACY, Adversary
from tests.conftest import ROOT, SEED
from verifier import cells
from verifier.arithmetic.floats.affine import Lane
from verifier.arithmetic.floats.binary import BINARY
from verifier.arithmetic.ieee import Ieee
from verifier.audit.branch import Branches, influence
from verifier.audit.over import Exact, Over, decimals, over, quick
from verifier.audit.truth import truths
from verifier.cli import main
from verifier.errors import ProblemError
from verifier.evaluate import evaluate
from verifier.numbers import Numbers
from verifier.problem import Problem, load, loads

HALF = {("float32", function): 0.5 for function in ("exp", "tanh", "sigmoid")}
"""Functions that are rounded correctly."""

SINGLE = Ieee("float32")
UNIT = 2.0**-24


def unit() -> Problem:
    """The example's unit, all of its two inputs and three states from -1 to 1."""
    text = SEED.read_text("utf-8").replace("[0, 0, 0]", str(["[-1, 1]"] * 3))
    text = text.replace("[[0.23, 0.12], [0.48, 0.98]]", str([["[-1, 1]"] * 2]))
    return loads(text, intervals=True)


def bounded(equations: str, x: str, float: str = "float32", **more: Any) -> Over:
    """The bounds of equations in one input."""
    problem = loads(f'equations = """{equations}"""\n[inputs]\nx = ["{x}"]\n', intervals=True)
    (found,) = over(problem, [Ieee(float)], ACCURACY, **more)
    return found


@pytest.mark.parametrize("seed", range(3))
def test_no_program_breaks_its_bound_over_a_box(seed: int) -> None:
    rng, counted = Random(f"box {seed}"), Counter[str]()
    while counted["errors"] < 60:
        assert not ranges_campaign.check_bounds(ranges_campaign.drawn(rng), rng, counted)
    assert counted["errors without a bound"] < counted["errors"] / 2


def test_no_program_breaks_the_bounds_of_a_wide_unit() -> None:
    """Its sums are long, and worked out in pieces."""
    dice, rng, counted = np.random.default_rng(5), Random(5), Counter[str]()

    def drawn(rows: int) -> Numbers:
        return Numbers((rows, 70), tuple(f"{x / 8:.4f}" for x in dice.normal(size=rows * 70)))

    weights = {f"{m}_{gate}": drawn(n) for m, n in (("U", 9), ("W", 70)) for gate in "zrh"}
    x, s = (Numbers(shape, ("[-1, 1]",) * shape[-1]) for shape in ((1, 9), (70,)))
    problem = Problem(cells.load("gru"), weights, {"x": x}, {"s": s})
    assert not ranges_campaign.check_bounds(problem, rng, counted)
    assert counted["errors"] > 5000
    assert not counted["errors without a bound"]


@pytest.mark.parametrize(
    ("equations", "x", "size"),
    [
        ("y[t] = x[t] * x[t]", "[-1, 1]", 1 / 2),
        ("y[t] = x[t] + x[t]", "[-1, 1]", 1),
        ("y[t] = 1 - x[t]", "[0.51, 1.9]", 0),
        ("y[t] = 1 - x[t]", "[0, 1]", 1 / 2),
        ("y[t] = 0.5 * x[t]", "[-2, 3]", 1),
        ("y[t] = max(x[t], 0)", "[-1, 1]", 0),
        ("y[t] = abs(x[t]) + 3", "[-1, 1]", 2),
    ],
)
def test_one_operation_errs_half_an_ulp_of_the_largest(equations: str, x: str, size: float) -> None:
    found = bounded(equations, x, most=64)
    limit = found.arithmetic[1, "y"]
    assert np.all(limit <= size * UNIT * (1 + 1e-6) + 1e-40)
    assert np.all(limit >= size * UNIT * (1 - 1e-6))


def test_rounding_the_numbers_of_an_interval_counts() -> None:
    found = bounded("y[t] = x[t]", "[-1, 1]")
    assert np.all(found.arithmetic[1, "y"] == 0)
    assert np.allclose(found.total[1, "y"], UNIT / 2, rtol=1e-6)


def test_errors_of_given_numbers_keep_their_signs() -> None:
    """0.1 x - 0.1 x has none: both factors are rounded alike."""
    found = bounded("y[t] = 0.1 * x[t] - 0.1 * x[t]", "[1, 2]", most=1)
    rounded = abs(float(Fraction(float(np.float32(0.1))) - Fraction(1, 10)))
    plain = bounded("y[t] = 0.1 * x[t] + 0.1 * x[t]", "[1, 2]", most=1)
    gain = plain.total[1, "y"] - plain.arithmetic[1, "y"]
    assert np.all(gain >= 2 * rounded)
    assert np.all(found.total[1, "y"] - found.arithmetic[1, "y"] < gain)


def test_bounds_of_a_unit_are_sharp() -> None:
    """A grid over sums, and smaller boxes: what slopes and sums are at worst never meets."""
    problem = unit()
    by_grid = quick(problem, SINGLE, HALF, Exact(problem, SINGLE, False))
    assert by_grid[1, "z"][0] <= 0.9e-7
    assert by_grid[1, "s"][0].max() <= 4.7e-7
    wanted = ((1, "s"),)
    search = Branches(problem, Lane(SINGLE, False), HALF, wanted, influence(problem, wanted))
    small = search.searched(4000)
    assert small[1, "s"][1].max() <= 4.1e-7
    assert small[1, "s"][1].max() >= 2.89e-7  # the sum of half ulps at a point


def test_programs_come_near_the_bounds() -> None:
    problem, rng = unit(), Random(7)
    (found,) = over(problem, [SINGLE], ACCURACY, most=32)
    worst = dict.fromkeys(found.arithmetic, 0.0)
    for _ in range(12):
        point = boxes.point(problem, rng)
        exact = truths(point, SINGLE.format, rounded=True)
        for site, value in evaluate(point, Adversary("float32", rng=rng)).values.items():
            off = exact[site].distance(np.ravel(value).astype(np.float64))
            worst[site] = max(worst[site], float(off.max()))
    for site, limit in found.arithmetic.items():
        assert limit[0].max() / 12 < worst[site] <= limit[0].max(), site


def test_many_steps_and_many_inputs_have_bounds_too() -> None:
    text = SEED.read_text("utf-8").replace("[[0.23, 0.12], [0.48, 0.98]]", str([["0 ± 1"] * 2] * 5))
    found = over(loads(text, intervals=True), [SINGLE], ACCURACY)[0]
    sizes = [float(found.total[step, "s"][1].max()) for step in range(1, 6)]
    assert 1e-7 < sizes[0] < sizes[-1] < 1e-4


def test_a_box_that_is_a_point_holds_what_is_computed_there() -> None:
    problem = load(SEED)
    for model, found in zip(
        map(Ieee, BINARY), over(problem, list(map(Ieee, BINARY)), ACCURACY), strict=True
    ):
        exact = truths(problem, model.format, rounded=False)
        for site, value in evaluate(problem, model).values.items():
            off = exact[site].distance(np.ravel(value).astype(np.float64))
            assert np.all(off <= found.total[site][0])
            assert np.all(found.total[site][0] < 2000 * model.format.unit)


@pytest.mark.parametrize(
    ("bound", "count"),
    [
        (0.5, None),
        (0.4999, 0),
        (0.05, 0),
        (0.0499, 1),
        (5e-5, 3),
        (4.9e-5, 4),
        (float("inf"), None),
    ],
)
def test_decimals_are_promised_below_half_a_unit(bound: float, count: int | None) -> None:
    assert decimals(bound) == count
    if count is not None:
        assert Fraction(bound) < Fraction(1, 2 * 10**count)


def test_where_a_bound_is_useless_is_said(tmp_path: Path) -> None:
    path = tmp_path / "boxed.toml"
    path.write_text(
        'equations = "y[t] = exp(x[t])"\n[inputs]\nx = ["[0, 1]", "[0, 20]"]\n', "utf-8"
    )
    arguments = ["audit", str(path), "--ranges", "--float", "float16", "--stdout"]
    found = CliRunner().invoke(main, arguments)
    assert found.exit_code == 0, found.output
    assert "float16: from step 2 on some bound is useless" in found.output
    assert "| 2 | – |" in found.output


def test_json_keeps_its_schema(tmp_path: Path) -> None:
    path = tmp_path / "boxed.toml"
    text = "z[t] = sigmoid(x[t] @ w + s[t-1])\ns[t] = (1 - z[t]) * s[t-1] + z[t]"
    given = '[inputs]\nx = [["0.2 ± 0.1", 1], [0.3, "[-1, 1]"]]\n[parameters]\nw = [0.1, 0.7]\n'
    path.write_text(f'equations = """{text}"""\n{given}', "utf-8")
    found = CliRunner().invoke(
        main, ["audit", str(path), "--ranges", "--float", "float16", "--format", "json", "--stdout"]
    )
    assert found.exit_code == 0, found.output
    data = json.loads(found.output)
    schema = ROOT / "verifier" / "report" / "schemas" / "audit.schema.json"
    Draft202012Validator(json.loads(schema.read_text("utf-8"))).validate(data)
    assert len(data["ranges"]) == 2 * 2
    for row in data["ranges"]:
        assert row["arithmetic_bound"] <= row["arithmetic_bound_any_order"]
        assert row["bound"] <= row["bound_any_order"]
        assert row["decimals"] == decimals(row["bound"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--against", "numpy"], "--ranges with --against"),
        (["--entry", "1:z[0]"], "--ranges with --entry"),
        (["--backward"], "--ranges with --backward"),
        (["--probe", "probe.toml"], "--ranges with --probe"),
        (["--format", "svg"], "--ranges with svg"),
        (["--float", "tf32"], "--ranges with --float tf32"),
    ],
)
def test_ranges_refuse_what_is_of_single_numbers(options: list[str], said: str) -> None:
    found = CliRunner().invoke(main, ["audit", str(SEED), "--ranges", *options])
    assert found.exit_code == 2
    assert said in found.output


def test_a_divisor_that_may_vanish_is_an_error_at_its_place() -> None:
    with pytest.raises(ProblemError, match="y may divide by zero at step 1") as found:
        bounded("y[t] = 1 / x[t]", "[-1, 1]")
    assert found.value.place is not None
