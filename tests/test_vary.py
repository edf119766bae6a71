"""Variants: fair, alike for the same seed, never two alike, and refused where there are none."""

from __future__ import annotations

import csv
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import module
from tests.independent_variants import Witness, all_of_it
from verifier.check.fairness import fairness
from verifier.cli import main
from verifier.errors import VerifierError
from verifier.exercises.plan import level, plans
from verifier.exercises.roster import roster, same
from verifier.exercises.search import variants
from verifier.exercises.unknowns import FACTORS, as_sum, unknown
from verifier.problem import Problem, load, loads
from verifier.problem.starter import starter
from verifier.rounding import MODES, Rounding
from verifier.solution import Solution

SEED = Path(__file__).parents[1] / "examples" / "hw10_question2.toml"
TEXT = SEED.read_text("utf-8")
SMALL = """
equations = "s[t] = tanh(x[t] * u + s[t-1] * w)"
[rounding]
places = 3
[parameters]
u = 0.35
w = 0.6
[inputs]
x = [0.5, 0.8]
"""


def run(*arguments: object) -> tuple[int, str]:
    """The exit code of `verifier vary`, and what it says."""
    done = CliRunner().invoke(main, ["vary", *map(str, arguments)])
    return done.exit_code, done.output


@pytest.fixture(scope="module")
def forty() -> list[Problem]:
    """Variants of the example."""
    return [variant.problem for variant in variants(loads(TEXT), 40, 11)]


def test_variants_are_fair_by_the_checker_that_tries_every_habit(forty: list[Problem]) -> None:
    found = fairness(Solution(forty[0]))
    assert found.fair
    assert [why.id for why in found.same] == ["reset-after"]


def test_variants_are_fair_by_a_witness_that_shares_no_code(forty: list[Problem]) -> None:
    assert Witness(forty, 6, np.random.default_rng(1)).unfair(20) == [[]] * 40


def test_the_witness_prints_what_is_proven_and_sees_what_is_unfair(forty: list[Problem]) -> None:
    fair = forty[1]
    witness = Witness([fair, load(SEED)], 6, np.random.default_rng(1))
    printed = witness.texts(witness.run(all_of_it))
    assert printed[0] == [row.rounded for row in Solution(fair).rows]
    assert printed[1] == [row.rounded for row in Solution(load(SEED)).rows]
    witness.x = witness.x[:, :1].repeat(2, axis=0) * [[[0]]]  # no input: nothing shows
    assert set(witness.unfair(5)[0]) >= {"inputs reversed", "another gate's U"}


@pytest.mark.parametrize("carry", ['"asked"', "6", "7"])
def test_levels(carry: str) -> None:
    text = SMALL + f"[vary]\ncarry = {carry}\nplaces = 3\n"
    problem = loads(text)
    (found,) = variants(problem, 1, 2)
    assert found.problem.carry == (None if "asked" in carry else int(carry))
    assert fairness(Solution(found.problem)).fair


def test_the_same_seed_gives_the_same_and_more_people_change_nothing() -> None:
    problem = loads(SMALL + "[vary]\nplaces = 3\n")
    few, many = (variants(problem, count, 3) for count in (5, 40))
    assert [v.units for v in many[:5]] == [v.units for v in few]
    assert len({v.units for v in many}) == 40
    assert [v.units for v in variants(problem, 5, 4)] != [v.units for v in few]


def test_a_policy_that_rounds_on_the_way_leaves_the_same_formula_out() -> None:
    text = 'equations = "s[t] = tanh(x[t] @ U + s[t-1] @ W)"\n[rounding]\nplaces = 2\n'
    text += 'policy = "operation"\n[parameters]\nU = [[0.35], [0.81]]\nW = [[0.62]]\n'
    problem = loads(text + "[inputs]\nx = [[0.52, 0.13], [0.81, 0.47]]\n")
    (found,) = variants(problem, 1, 0)
    weighed = fairness(Solution(found.problem))
    assert weighed.fair
    assert "transposed" in {why.id for why in weighed.same}


def test_steps_may_differ() -> None:
    found = variants(loads(SMALL + "[vary]\nsteps = [2, 3]\nplaces = 3\n"), 4, 0)
    assert [v.problem.steps for v in found] == [2, 3, 2, 3]
    assert all(fairness(Solution(v.problem)).fair for v in found[:2])


def test_sizes_may_differ() -> None:
    found = variants(loads(TEXT + "[vary]\nhidden = [2, 3]\n"), 3, 0)
    shapes = [v.problem.parameters["U_h"].shape for v in found]
    assert shapes == [(2, 2), (2, 3), (2, 2)]
    for variant in found[1:]:
        problem = variant.problem
        hidden = problem.parameters["W_h"].shape[0]
        assert problem.parameters["W_z"].shape == (hidden, 1)  # the gate stays a scalar
        assert problem.shapes["s"] == (hidden,)
        assert fairness(Solution(problem)).fair


def test_sizes_of_files_differ_in_turn(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text(starter("rnn") + "[vary]\nhidden = [1, 2]\ninputs = [1, 2]\n", "utf-8")
    assert run(file, "--count", 4, "--only-problems", "--output", tmp_path / "out")[0] == 0
    made = sorted((tmp_path / "out").glob("*/problem.toml"))
    shapes = [load(path).parameters["U"].shape for path in made]
    assert shapes == [(1, 1), (2, 1), (1, 2), (2, 2)]


@pytest.mark.parametrize(
    ("vary", "said"),
    [
        ("hidden = [2, 3]", "does not say which sides"),
        ("hidden = []", "hidden"),
        ("inputs = [0]", "inputs"),
        ("range = [0.2, 0.1]", "from 0.2 to 0.1"),
        ('signs = "up"', "signs"),
        ("carry = 1", "carry = 1, and 3 are asked for"),
        ("carry = true", "carry"),
        ('numbers = ["q"]', "q"),
        ("numbers = []", "numbers"),
        ("steps = []", "steps"),
        ("places = 40", "places"),
        ("speed = 2", "unknown key"),
        ("[vary.u]\nwide = 2", "unknown key"),
        ("range = [0.0001, 0.0002]\nplaces = 1", "no number of 1 places"),
    ],
)
def test_bad_tables(vary: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text(f"{SMALL}[vary]\n{vary}\n", "utf-8")
    code, text = run(file, "--count", 1, "--output", tmp_path / "out")
    assert (code, said in text, "Traceback" in text) == (2, True, False), text
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("vary", "said"),
    [
        ('numbers = ["u"]\nplaces = 1\nrange = [0.1, 0.3]', "drawn before"),
        ('numbers = ["x"]\nrange = [0.001, 0.002]\nplaces = 4', "smaller than 0.0001"),
    ],
)
def test_no_fair_variant_says_what_fails(
    vary: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("verifier.effort.FRUITLESS", 2)
    monkeypatch.setattr("verifier.exercises.search.LANES", 64)
    text = SMALL.replace("u = 0.35", "u = 0.05") + f"[vary]\n{vary}\n"
    with pytest.raises(VerifierError) as error:
        variants(loads(text), 50, 0)
    assert said in str(error.value)
    assert error.value.accepted


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("name\nAda\nada \n", "stands in line 2"),
        ("name\nAda\n ,x\n", "without a name"),
        ("name\n=1+1\n", "formula"),
        ("name\n-2+3\n", "formula"),
        ("name\n−SUM(A1)\n", "formula"),
        ("", "nobody"),
        ("name\nAda\x07\n", "cannot be seen"),
    ],
)
def test_bad_rosters(rows: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "class.csv"
    file.write_text(rows, "utf-8")
    code, text = run(SEED, "--roster", file, "--output", tmp_path / "out")
    assert (code, said in text) == (2, True), text
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("rows", "people"),
    [
        ("Ada\nBob\n", ["Ada", "Bob"]),
        ("id;First name;Last name\n1;Ada;King\n2;王;小明\n", ["Ada King", "王 小明"]),
        ("email,name\na@x.org,Zoë\n", ["Zoë"]),
        ("mail\tpoints\na@x.org\t3\n", ["a@x.org"]),
        ("\ufeffname\nमीरा\nمحمد علي\n", ["मीरा", "محمد علي"]),
    ],
)
def test_rosters(rows: str, people: list[str], tmp_path: Path) -> None:
    file = tmp_path / "class.csv"
    file.write_text(rows, "utf-8")
    assert roster(file) == people


def test_people_with_marks_on_letters_are_not_the_same() -> None:
    assert same("कि") != same("की")
    assert same("Ada  LOVELACE") == same("ada_lovelace")


def test_what_is_written(tmp_path: Path) -> None:
    (tmp_path / "class.csv").write_text("person\nAda\n王小明\n", "utf-8")
    out = tmp_path / "out"
    options = ("--roster", tmp_path / "class.csv", "--seed", 3, "--output", out)
    assert run(SEED, *options, "--format", "md")[0] == 0
    rows = list(csv.DictReader((out / "variants.csv").read_text("utf-8").splitlines()))
    assert [(row["person"], row["file"]) for row in rows] == [
        ("Ada", "0001/problem.toml"),
        ("王小明", "0002/problem.toml"),
    ]
    sheet = (out / "0001" / "sheet.md").read_text("utf-8")
    assert "Carry at least 6 decimal places in between." in sheet
    assert "Carry full precision" not in sheet
    assert "Carry at least 6" in (out / "0001" / "solution.md").read_text("utf-8")


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(-(FACTORS // 4), FACTORS // 4)), max_size=4)
)
def test_sums_of_unknowns_are_read_back(parts: list[tuple[int, int]]) -> None:
    rest = Fraction(7, 20)
    value = rest + sum(factor * int(unknown(k, 31)) for k, factor in parts)
    wanted: dict[int, int] = {}
    for k, factor in parts:
        wanted[k] = wanted.get(k, 0) + factor
    found = as_sum(value, 31)
    assert found is not None
    assert (found[0], dict(found[1])) == (rest, {k: f for k, f in wanted.items() if f})


@pytest.mark.parametrize("text", ["product", "half", "scaled"])
def test_what_is_no_sum_of_unknowns_is_told(text: str) -> None:
    one, other = Fraction(unknown(0, 3)), Fraction(unknown(2, 3))
    values = {"product": one * other, "half": one / 2 + other, "scaled": other * Fraction("0.35")}
    assert as_sum(values[text], 3) is None


@settings(max_examples=60)
@given(
    st.floats(-1e4, 1e4),
    st.floats(0, 1e-3),
    st.sampled_from(MODES),
    st.integers(0, 8),
    st.booleans(),
)
def test_rounded_lanes_hold_what_the_rule_gives(
    middle: float, radius: float, mode: str, count: int, places: bool
) -> None:
    from verifier.arithmetic.enclosed import Enclosed
    from verifier.arithmetic.lane_digits import digits, rounded

    rule = Rounding(count, mode) if places else Rounding(None, mode, count + 1)  # type: ignore[arg-type]
    near = Enclosed(np.array([middle]), np.array([radius]))
    with np.errstate(all="ignore"):
        made = rounded(near, rule)
        units, sure = digits(near, rule)
    for part in (Fraction(-1), Fraction(0), Fraction(1, 3), Fraction(1)):
        value = Fraction(middle) + part * Fraction(radius)
        exact = rule.round(value)
        if np.isfinite(made.radius[0]):
            assert abs(exact - Fraction(made.middle[0])) <= Fraction(made.radius[0])
        if sure[0] and places:
            assert int(units[0]) == rule.units(value)


def test_levels_that_cannot_be() -> None:
    with pytest.raises(VerifierError, match="beside policy"):
        level(
            loads(
                SMALL.replace("places = 3", 'places = 3\npolicy = "equation"')
                + "[vary]\ncarry = 6\n"
            )
        )
    with pytest.raises(VerifierError, match="no number of the problem varies"):
        plans(loads(SMALL.replace("0.35", "1").replace("0.6", "2").replace("0.5, 0.8", "1, 2")))


def test_as_many_workers_as_you_like_write_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(SMALL + "[vary]\nplaces = 3\n", "utf-8")
    found = []
    for jobs in (1, 2):
        out = tmp_path / str(jobs)
        options = ("--count", 6, "--jobs", jobs, "--output", out, "--format", "md")
        assert run(tmp_path / "p.toml", *options)[0] == 0
        found.append({p.relative_to(out): p.read_bytes() for p in out.rglob("*") if p.is_file()})
    assert found[0] == found[1]
    assert len(found[0]) == 6 * 3 + 1


def test_workers_of_a_scheduler_write_the_same_bytes() -> None:
    distributed = module("distributed")
    problem = loads(SMALL + "[vary]\nplaces = 3\n")
    alone = [variant.units for variant in variants(problem, 8, 5)]
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=None, processes=False
    ) as cluster:
        there = variants(problem, 8, 5, scheduler=cluster.scheduler_address)
    assert [variant.units for variant in there] == alone


def test_variants_of_a_json_file_with_arrays_beside_it(tmp_path: Path) -> None:
    """What is written solves to what was chosen, with the command line's rule and its own."""
    np.savez(tmp_path / "w.npz", w=np.array(0.6))
    data = {
        "equations": "s[t] = tanh(x[t] * u + s[t-1] * w)\ny[t] = 2 * s[t]",
        "rounding": {"places": 3, "y": {"places": 2}},
        "parameters": {"u": 0.351, "w": {"file": "w.npz"}},
        "inputs": {"x": [0.522, 8.14e-1]},
    }
    (tmp_path / "p.json").write_text(json.dumps(data), "utf-8")
    out = tmp_path / "out"
    assert run(tmp_path / "p.json", "--count", 2, "--output", out, "--format", "md")[0] == 0
    first, second = (load(out / name / "problem.toml") for name in ("0001", "0002"))
    assert (first.carry, first.rule("y").places, first.rule("s").places) == (5, 2, 3)
    assert first.parameters["w"].fractions == (Fraction(0.6),)
    assert first.inputs["x"].texts != second.inputs["x"].texts
    assert fairness(Solution(first)).fair
    sheet = (out / "0001" / "sheet.md").read_text("utf-8")
    assert first.inputs["x"].texts[0] in sheet
