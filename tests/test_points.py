"""Points fall with distance: a table of sheets, and that no number earns more farther away."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import check_campaign, random_problems
from tests.conftest import SEED
from verifier.arithmetic.ball import enclosure
from verifier.certify import certify
from verifier.check.engine import check
from verifier.check.model import Answers, Checked, Entry, Given
from verifier.check.scores import points, score
from verifier.problem import Problem, load
from verifier.rounding import Policy, Rounding, power
from verifier.solution import Solution, in_mode

Sheet = dict[Entry, Given]


@lru_cache(maxsize=64)
def problem(seed: int) -> Problem:
    if not seed:
        return load(SEED)
    rng = Random(seed)
    cell, numbers = random_problems.draw(rng, most=(2, 2, 2))
    return random_problems.problem(cell, numbers, turned=False)


@lru_cache(maxsize=64)
def solved(seed: int) -> Solution:
    return Solution(problem(seed))


@lru_cache(maxsize=64)
def right(seed: int) -> Sheet:
    found = check_campaign.written(problem(seed), problem(seed), Policy())
    assert found is not None
    return found


def number(text: str) -> Given:
    return Given(text, Fraction(text), len(text.partition(".")[2]))


def moved(sheet: Sheet, units: int) -> Sheet:
    return {e: number(Rounding(4).text(n.value + units * power(-4))) for e, n in sheet.items()}


def shortened(sheet: Sheet, places: int) -> Sheet:
    return {e: number(Rounding(places).text(n.value)) for e, n in sheet.items()}


def judged(seed: int, sheet: Sheet) -> Checked:
    return check(solved(seed), Answers("somebody", "sheet", sheet))


def part(seed: int, sheet: Sheet) -> Fraction:
    found = score(problem(seed), judged(seed, sheet))
    return found.points / found.most


def carried(places: int) -> Sheet:
    found = check_campaign.written(problem(0), problem(0), Policy("equation", places=places))
    assert found is not None
    return found


TABLE = {
    "all digits right": (right(0), 1, 1),
    "ten digits of each, the last two wrong": (
        {e: Given(n.text + "000000", n.value, 10) for e, n in right(0).items()}, 1, 1),
    "every last digit one up": (moved(right(0), 1), 0, Fraction(2, 5)),
    "every last digit one down": (moved(right(0), -1), 0, Fraction(2, 5)),
    "every last digit two off": (moved(right(0), 2), 0, Fraction(3, 8)),
    "one place fewer": (shortened(right(0), 3), Fraction(1, 2), Fraction(5, 8)),
    "two places fewer": (shortened(right(0), 2), 0, Fraction(1, 8)),
    "one place": (shortened(right(0), 1), 0, 0),
    "zeros and ones": (shortened(right(0), 0), 0, 0),
    "one place more carried": (carried(5), 1, 1),
    "two places fewer carried": (carried(2), 0, Fraction(1, 4)),
    "cut off": (
        check_campaign.written(
            problem(0), in_mode(problem(0), "down"), Policy()) or {}, Fraction(1, 2), 1),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLE)
def test_what_a_sheet_earns(name: str) -> None:
    sheet, least, most = TABLE[name]
    assert least <= part(0, sheet) <= most
    assert not judged(0, sheet).findings


def row_points(seed: int, sheet: Sheet, entry: Entry) -> Fraction:
    rows = judged(seed, sheet).rows
    return next(points(problem(seed), r) for r in rows if (r.step, r.name, r.index) == entry)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 12),
    pick=st.integers(0, 10**6),
    near=st.integers(0, 4),
    more=st.integers(1, 12),
    sign=st.sampled_from([-1, 1]),
)
def test_points_never_rise_with_distance(
    seed: int, pick: int, near: int, more: int, sign: int
) -> None:
    """Away from the truth on either side; a number that a habit gives is as good as the truth."""
    sheet = right(seed)
    entry = sorted(sheet)[pick % len(sheet)]
    earned = []
    for units in (near, near + more):
        text = Rounding(4).text(sheet[entry].value + sign * units * power(-4))
        changed = {**sheet, entry: number(text)}
        rows = judged(seed, changed).rows
        row = next(r for r in rows if (r.step, r.name, r.index) == entry)
        habit = row.verdict == "rounding" and row.share == 1
        earned.append((points(problem(seed), row), habit))
    assert earned[1][0] <= earned[0][0] or earned[1][1]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 12), pick=st.integers(0, 10**6), places=st.integers(0, 7))
def test_points_never_rise_when_a_digit_is_lost(seed: int, pick: int, places: int) -> None:
    sheet = right(seed)
    entry = sorted(sheet)[pick % len(sheet)]
    trace = certify(problem(seed), Policy()).trace
    k = [e for e in sheet if e[:2] == entry[:2]].index(entry)
    ends = enclosure(trace.entries(*entry[:2])[k])
    assert ends is not None
    longer, shorter = (number(Rounding(n).text(ends[0])) for n in (places + 1, places))
    earned = [row_points(seed, {**sheet, entry: n}, entry) for n in (longer, shorter)]
    assert earned[1] <= earned[0]
