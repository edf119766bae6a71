"""Judging fairly and truly: what follows earns behind a cause, and no reason claims too much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from random import Random
from typing import Any

import numpy as np
import pytest
from flint import arb

from tests import check_campaign, random_problems
from tests.conftest import SEED
from tests.test_check_engine import RIGHT, given, judged, sheet
from verifier.arithmetic.ieee import Ieee
from verifier.arithmetic.wrap.replaced import Replaced
from verifier.check.model import Checked, Judgement
from verifier.evaluate import evaluate
from verifier.formats import load as format_of
from verifier.numbers import Numbers
from verifier.outcomes.beside import unchanged
from verifier.outcomes.honest import Question
from verifier.outcomes.model import Entry, Given
from verifier.outcomes.tried import wrapped
from verifier.problem import Problem, load, loads
from verifier.problem.settings import Scoring
from verifier.report.reasons import Reasons
from verifier.report.scribe import Scribe
from verifier.report.words import Words
from verifier.rewrites.catalogue import CATALOGUE, variants
from verifier.rewrites.model import Variant
from verifier.rounding import Policy, Rounding
from verifier.solution import Solution, in_mode

Sheet = dict[Entry, Given]


@lru_cache(maxsize=16)
def some(seed: int) -> tuple[Problem, Solution]:
    cell, numbers = random_problems.draw(Random(seed), most=(3, 2, 2))
    problem = random_problems.problem(cell, numbers, turned=False)
    return problem, Solution(problem)


def written(problem: Problem, policy: Policy = Policy(), wrap: object = None) -> Sheet:  # noqa: B008
    found = check_campaign.written(problem, problem, policy, *([wrap] if wrap else []))
    assert found is not None
    return found


def slipped(problem: Problem, changes: Mapping[Entry, float]) -> Sheet:
    """The sheet of someone who wrote other numbers somewhere and went on with these."""
    put: dict[tuple[int, str], dict[int, object]] = {}
    places = {entry: (site, k) for site, k, entry in check_campaign.entries(problem)}
    for entry, value in changes.items():
        site, k = places[entry]
        put.setdefault(site, {})[k] = arb(value)
    return written(problem, Policy(), lambda inner: Replaced(inner, put))


def rows(checked: Checked) -> dict[Entry, Judgement]:
    return {(row.step, row.name, row.index): row for row in checked.rows}


@pytest.mark.parametrize(
    "changes",
    [
        {(1, "z", (0,)): 0.4381, (2, "h", (1,)): 0.6020},
        {(1, "z", (0,)): 0.4381, (1, "s", (2,)): -0.3},
        {(1, "h", (0,)): 0.2516, (2, "h", (0,)): 0.1},
        {(1, "z", (0,)): 0.5391},  # ten units off: all that follows lies near the right numbers
        {(1, "z", (0,)): 0.5401},
        {(1, "z", (0,)): 0.5},  # as σ(0): round, but what it is multiplied with is not
    ],
)
def test_who_slips_loses_what_is_wrong_and_nothing_else(changes: Mapping[Entry, float]) -> None:
    found = judged(slipped(load(SEED), changes))
    lost = {entry for entry, row in rows(found).items() if row.share < 1 or row.verdict == "wrong"}
    assert lost == set(changes)


CONSTANT = [
    ("1.0000", "1.0000", "1.0000", "0.0000"),
    ("0.0000", "0.0000", "1.0000", "1.0000"),
    ("0.0000", "0.0000", "0.3000", "0.3000"),
    ("1.0000", "0.5000", "0.7000", "0.0000"),
    ("2.0000", "2.0000", "0.4000", "-0.4000"),
    ("2.0000", "2.0000", "1.0000", "-1.0000"),
    ("0.0000", "1.0000", "-0.2000", "-0.2000"),
]


ROUND = [
    ("0.5000", "0.5000", "0.5000", "0.2500"),
    ("0.2000", "0.3000", "0.4000", "0.3200"),
    ("0.3750", "0.7000", "0.8500", "0.5312"),
    ("0.5123", "0.5123", "0.5123", "0.2498"),
    ("0.5000", "0.5000", "0.1250", "0.0625"),
]
"""The last is (1 − the first) times the third: what follows from a state of zeros."""


@pytest.mark.parametrize("texts", CONSTANT + ROUND, ids=map(" ".join, CONSTANT + ROUND))
def test_what_follows_from_nonsense_without_computing_earns_nothing(texts: tuple[str, ...]) -> None:
    wide = {"z": 1, "r": 1, "h": 3, "s": 3}
    given_texts = {
        f"{name}_{step}": " ".join([text] * wide[name])
        for name, text in zip("zrhs", texts, strict=True)
        for step in (1, 2)
    }
    found = judged(sheet(**given_texts))
    assert {row.verdict for row in found.rows} <= {"wrong", "mistake"}
    assert texts not in ROUND or not found.findings
    whole = {entry for entry, row in rows(found).items() if float(row.given or 0) % 1 == 0}
    assert not whole & {entry for finding in found.findings for entry in finding.entries}


@pytest.mark.parametrize("seed", range(2))
def test_one_mistake_explains_what_lies_near_the_right_number_too(seed: int) -> None:
    """Where a mistake gives the whole sheet, what it moves is explained by it, far or near."""
    problem, solution = some(seed)
    rng = Random(seed)
    made: list[Variant[Problem]] = rng.sample(list(variants(problem, "mistake")), 3)
    for variant in made:
        numbers = check_campaign.written(problem, variant.problem, Policy(), variant.wrap)
        found = judged(numbers, solution) if numbers is not None else None
        if found is None or len(found.findings) != 1 or found.findings[0].chance is None:
            continue
        explained = set(found.findings[0].entries)
        for entry, row in rows(found).items():
            if row.verdict == "rounding" and row.share < 1:
                assert entry in explained
                assert row.explanation == found.findings[0].explanation
            assert row.verdict != "wrong"


@pytest.mark.parametrize(
    ("asked", "mode", "policy"),
    [
        ("half-even", "half-even", Policy("equation", places=3)),
        ("half-even", "half-even", Policy("operation", places=2)),
        ("half-even", "down", Policy()),
        ("down", "half-even", Policy()),
        ("ceiling", "half-up", Policy()),
        ("up", "floor", Policy()),
    ],
)
def test_one_habit_is_told_as_one(asked: str, mode: str, policy: Policy) -> None:
    problem = in_mode(load(SEED), asked)  # type: ignore[arg-type]
    written_so = in_mode(problem, mode)  # type: ignore[arg-type]
    numbers = check_campaign.written(problem, written_so, policy)
    assert numbers is not None
    found = judged(numbers, Solution(problem))
    told = {row.explanation for row in found.rows if row.verdict != "correct"}
    assert len(told) == 1


def test_a_mode_is_named_only_where_it_gives_all_that_is_close() -> None:
    """One number cut off and one rounded up are no mode; both are close."""
    found = judged(
        sheet(**RIGHT) | {(2, "z", (0,)): given("0.6909"), (1, "r", (0,)): given("0.5295")}
    )
    told = [row.explanation for row in found.rows if row.verdict == "rounding"]
    assert [(why.kind, why.id) for why in told if why] == [("units", "1")] * 2


@pytest.mark.parametrize(("units", "said"), [(1, "1"), (2, "2"), (4, "4")])
def test_it_says_within_how_many_units_a_number_lies(units: int, said: str) -> None:
    task = replace(load(SEED), scoring=Scoring(half_within=Fraction(5)))
    number = given(f"0.{5294 + units}")  # 0.52944
    found = judged(sheet(**RIGHT) | {(1, "r", (0,)): number}, Solution(task))
    why = rows(found)[1, "r", (0,)].explanation
    assert why is not None
    assert (why.kind, why.id) in (("units", said), ("mode", "up"), ("mode", "ceiling"))


@pytest.mark.parametrize(
    ("changes", "entry"),
    [
        (sheet(z_1="1", r_1="1", h_1="1 1 1", h_2="1 1 1"), (2, "h", (0,))),
        ({(1, "h", (2,)): Given("3/32", Fraction(3, 32), None)}, (1, "h", (2,))),
        (sheet(h_2="0.4738 0.5227 0.3563"), (2, "h", (1,))),  # four units off
    ],
)
def test_no_slip_is_seen_where_no_digits_tell_it(changes: Sheet, entry: Entry) -> None:
    row = rows(judged(sheet(**RIGHT) | changes))[entry]
    assert (
        row.explanation is None or row.explanation.kind != "slip" or row.explanation.id == "other"
    )


OWN_MODE = "[rounding.z]\nfigures = 3\nmode = 'up'\n"


@pytest.mark.parametrize(
    ("text", "verdict", "share"),
    [("0.539", "correct", 1), ("0.538", "rounding", 0.5), ("0.54", "coarse", 0.5)],
)
def test_a_quantity_is_judged_in_its_own_mode(text: str, verdict: str, share: float) -> None:
    task = loads(f"{SEED.read_text()}\n{OWN_MODE}")
    right = {**RIGHT, "z_1": text, "z_2": "0.691"}
    row = rows(judged(sheet(**right), Solution(task)))[1, "z", (0,)]
    assert row.verdict == verdict
    assert row.share == Fraction(share)


def test_what_earns_is_written_in_the_own_mode_of_a_quantity() -> None:
    """And what is honest of a question is what earns."""
    question = Question(Solution(loads(f"{SEED.read_text()}\n{OWN_MODE}")))
    assert {question.mode(way, "z") for way in question.ways if way.earns} == {"up"}
    cut = {way.mode for way in question.ways if question.mode(way, "z") == "down"}
    assert cut == {"down"}


@pytest.mark.parametrize(("places", "carried"), [(12, 8), (10, 3), (7, 1)])
def test_fewer_places_that_are_carried_are_told(places: int, carried: int) -> None:
    task = load(SEED).ruled(Rounding(places), {})
    numbers = check_campaign.written(task, task, Policy("equation", places=carried))
    assert numbers is not None
    told = {
        row.explanation for row in judged(numbers, Solution(task)).rows if row.verdict != "correct"
    }
    assert [(why.id, why.named("places")) for why in told if why] == [("equation", (str(carried),))]


STARTED = {"s": Numbers((3,), ("0.3", "-0.2", "0.5"))}


def started() -> Problem:
    """The question with a state before its first step."""
    return replace(load(SEED), initial=STARTED)


PEEPHOLES = loads(
    """
    equations = '''
    i[t] = sigmoid(x[t] * u + p * c[t-1])
    c[t] = i[t] * tanh(v * x[t]) + (1 - i[t]) * c[t-1]
    o[t] = sigmoid(x[t] * w + q * c[t] + b)
    '''
    rounding = {places = 4}
    parameters = {u = 0.73, p = -0.4, q = 0.8, b = 0.1, v = 1.2, w = 0.5}
    initial = {c = 0.25}
    inputs = {x = [0.52, -1.5]}
    """
)


@pytest.mark.parametrize(
    ("task", "rule", "about"),
    [
        (started(), "initial-ignored", {"state": ("s",)}),
        (started(), "input-entries-exchanged", {"input": ("x",)}),
        (PEEPHOLES, "term-dropped", {"quantities": ("i", "o"), "term": ("c", "p", "q")}),
    ],
)
def test_one_cause_of_a_whole_sheet_is_told_once(
    task: Problem, rule: str, about: dict[str, tuple[str, ...]]
) -> None:
    (variant,) = (v for v in CATALOGUE[rule].variants(task) if dict(v.about) == about)
    numbers = check_campaign.written(task, variant.problem, Policy(), variant.wrap)
    assert numbers is not None
    found = judged(numbers, Solution(task))
    assert [(f.explanation.id, dict(f.explanation.about)) for f in found.findings] == [
        (rule, about)
    ]
    assert {row.share for row in found.rows if row.verdict == "follows"} <= {1}


@pytest.mark.parametrize("seed", range(2))
def test_a_mistake_beside_another_changes_nothing_beyond_its_reach(seed: int) -> None:
    """What one mistake leaves as it is, the walk for two takes over to the last bit."""
    problem, solution = some(seed)
    rng, question = Random(seed), Question(solution)
    every = list(variants(problem, "mistake"))
    for first in rng.sample(every, min(4, len(every))):
        before = question.trace(first.problem, first.wrap)
        seconds = list(variants(first.problem, "mistake"))
        for second in rng.sample(seconds, min(8, len(seconds))):
            wrap = wrapped((first, second))
            whole = question.trace(second.problem, wrap)
            for site, value in unchanged(before, second).items() if whole else ():
                assert np.array_equal(value.data, whole[site].data, equal_nan=True)
            for site in whole:
                known = unchanged(before, second)
                found = question.until(second.problem, site, wrap, known)
                assert found is not None
                places = [question.number[e] for e in question.entries if e[:2] == site]
                want = np.ravel(whole[site].data)
                assert np.array_equal(found[places], want, equal_nan=True)


def once(task: Problem, rule: str, name: str, at: int) -> Sheet:
    """The sheet of someone who makes a mistake in a quantity at one step, and goes on with it."""
    variant = next(v for v in CATALOGUE[rule].variants(task) if v.touches == {name})
    float64, wrong = Ieee("float64"), dict[Any, Any]()
    usual = evaluate(task, float64).values
    evaluate(variant.problem, Replaced(variant.wrap(float64), usual, wrong))
    numbers = np.ravel(wrong[at, name]).tolist()
    put = {(at, name): {k: arb(value) for k, value in enumerate(numbers)}}
    return written(task, Policy(), lambda inner: Replaced(inner, put))


@pytest.mark.parametrize(
    ("rule", "name", "at"),
    [
        ("function-left-out", "h", 2),
        ("term-dropped", "h", 1),
        ("sign-exchanged", "s", 2),
        ("blend-swapped", "s", 1),
    ],
)
def test_a_mistake_that_another_step_contradicts_is_told_at_its_step(
    rule: str, name: str, at: int
) -> None:
    found = judged(once(started(), rule, name, at), Solution(started()))
    assert rule in check_campaign.names(found)
    for finding in found.findings:
        assert finding.explanation.named("steps") == (str(at),)
        assert {entry[:2] for entry in finding.entries} == {(at, name)}
    reasons = Reasons(found, Scribe(started(), format_of("txt"), Words("en")))
    assert f"at step {at}" in "".join(reasons.named(found.findings[0].explanation))
