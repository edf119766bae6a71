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
from verifier.check.model import Answers, Checked, Judgement
from verifier.check.scores import points, score
from verifier.formats import load as format_of
from verifier.outcomes.model import Entry, Given
from verifier.problem import Problem, load
from verifier.report.reasons import Reasons
from verifier.report.says import says
from verifier.report.scribe import Scribe
from verifier.report.words import Words
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


def tabled(argument: int) -> Sheet:
    policy = Policy("final", table=(argument, 4))
    found = check_campaign.written(problem(0), problem(0), policy)
    assert found is not None
    return found


TABLE: dict[str, tuple[Sheet, int | Fraction, int | Fraction]] = {
    "all digits right": (right(0), 1, 1),
    "ten digits of each, the last two wrong": (
        {e: Given(n.text + "000000", n.value, 10) for e, n in right(0).items()}, 1, 1),
    "every last digit one up": (moved(right(0), 1), 0, Fraction(1, 4)),
    "every last digit one down": (moved(right(0), -1), 0, Fraction(3, 10)),
    "every last digit two up": (moved(right(0), 2), 0, 0),
    "every last digit two down": (moved(right(0), -2), 0, 0),
    "every last digit three up": (moved(right(0), 3), 0, 0),
    "functions from tables of four places": (tabled(3), 1, 1),
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


CUT = check_campaign.written(problem(1), in_mode(problem(1), "down"), Policy("equation")) or {}
"""Cut off after every equation."""


@pytest.mark.parametrize("entry", sorted(CUT)[::4])
def test_what_follows_earns_or_says_that_it_does_not(entry: Entry) -> None:
    digits = Rounding(4).text(CUT[entry].value + 9 * power(-4))
    found = judged(1, CUT | {entry: number(digits)})
    rows = [row for row in found.rows if row.explanation and row.explanation.kind == "follows"]
    assert {(row.explanation.id, row.share) for row in rows if row.explanation} <= {
        ("own", 1),
        ("unclear", 0),
    }
    earning = sum(row.verdict == "follows" and row.share == 1 for row in found.rows)
    words = Words("en")
    reasons = Reasons(found, Scribe(problem(1), format_of("md"), words))
    expected = "".join(words("check.consequential", earning))
    assert (expected in ["".join(said) for said in says(found, reasons)]) == bool(earning)


@pytest.mark.parametrize("name", TABLE)
def test_what_a_sheet_earns(name: str) -> None:
    sheet, least, most = TABLE[name]
    assert least <= part(0, sheet) <= most
    assert not judged(0, sheet).findings


def row(seed: int, sheet: Sheet, entry: Entry) -> Judgement:
    rows = judged(seed, sheet).rows
    return next(r for r in rows if (r.step, r.name, r.index) == entry)


def excepted(told: Judgement) -> bool:
    """What is as good as the truth: what a habit gives, and what follows from a cause."""
    return told.verdict in ("rounding", "follows") and told.share == 1


def some_sheet(seed: int, kind: int) -> Sheet:
    """The right sheet; rounded on, off to one side, off here and there, with a mistake, or cut."""
    task, sheet, rng = problem(seed), right(seed), Random(kind)
    if kind % 6 == 1:
        return check_campaign.written(task, task, Policy("equation")) or sheet
    if kind % 6 == 2:
        return moved(sheet, rng.choice([-2, -1, 1, 2]))
    if kind % 6 == 3:
        return {e: moved({e: n}, rng.choice([-1, 0, 0, 1]))[e] for e, n in sheet.items()}
    if kind % 6 == 4:
        variant = check_campaign.some_variant(rng, task)
        found = variant and check_campaign.written(task, variant.problem, Policy(), variant.wrap)
        return found or sheet
    return shortened(sheet, rng.choice([3, 4])) if kind % 6 == 5 else sheet


def true(seed: int, entry: Entry) -> Fraction:
    trace = certify(problem(seed), Policy()).trace
    k = [e for e in right(seed) if e[:2] == entry[:2]].index(entry)
    ends = enclosure(trace.entries(*entry[:2])[k])
    assert ends is not None
    return ends[0]


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 12),
    kind=st.integers(0, 59),
    pick=st.integers(0, 10**6),
    places=st.sampled_from([3, 4, 4, 4, 5, 6]),
    near=st.integers(0, 4),
    more=st.integers(1, 40),
    sign=st.sampled_from([-1, 1]),
)
def test_points_never_rise_with_distance(
    seed: int, kind: int, pick: int, places: int, near: int, more: int, sign: int
) -> None:
    """In any sheet, away from the truth on either side, at as many places."""
    sheet = some_sheet(seed, kind)
    entry = sorted(sheet)[pick % len(sheet)]
    start = Rounding(places).round(true(seed, entry))
    ends = [start + sign * units * power(-places) for units in (near, near + more)]
    if abs(ends[1] - true(seed, entry)) < abs(ends[0] - true(seed, entry)):
        ends.reverse()
    numbers = (number(Rounding(places).text(end)) for end in ends)
    closer, farther = (row(seed, {**sheet, entry: n}, entry) for n in numbers)
    assert points(problem(seed), farther) <= points(problem(seed), closer) or excepted(farther)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 12),
    kind=st.integers(0, 59),
    pick=st.integers(0, 10**6),
    places=st.integers(0, 7),
)
def test_points_never_rise_when_a_digit_is_lost(
    seed: int, kind: int, pick: int, places: int
) -> None:
    """From a number that is right to its places."""
    sheet = some_sheet(seed, kind)
    entry = sorted(sheet)[pick % len(sheet)]
    value = true(seed, entry)
    longer, shorter = (
        row(seed, {**sheet, entry: number(Rounding(n).text(value))}, entry)
        for n in (places + 1, places)
    )
    assert points(problem(seed), shorter) <= points(problem(seed), longer) or excepted(shorter)


@pytest.mark.parametrize("text", ["0.538049", "0.538053", "0.53810", "0.53801"])
def test_more_places_that_lie_nearer_earn_no_less(text: str) -> None:
    """0.538051 prints 0.5381; what lies within half a unit of it is right, if it says more."""
    assert row(0, {**right(0), (1, "z", (0,)): number(text)}, (1, "z", (0,))).verdict == "correct"


def test_what_follows_earns_behind_a_slip_and_not_by_luck() -> None:
    """A slip of 10 units in z_1, and s_1 made of it, earn; all numbers off by two do not."""
    numbers = right(0)
    slipped = {**numbers, (1, "z", (0,)): number("0.5391")}
    h = [numbers[1, "h", (k,)].value for k in range(3)]
    made = {(1, "s", (k,)): (1 - Fraction("0.5391")) * h[k] for k in range(3)}
    slipped |= {e: number(Rounding(4).text(value)) for e, value in made.items()}
    earned = {e: row(0, slipped, e) for e in made}
    assert all(map(excepted, earned.values()))
    assert "follows" in {told.verdict for told in earned.values()}
    assert {told.verdict for told in judged(0, moved(numbers, 2)).rows} == {"wrong"}


def test_a_table_rounds_functions_also_where_results_are_carried_in_full() -> None:
    """σ(0.1525) is looked up at 0.152, and 0.5379 is what s_1 is made of."""
    sheet = tabled(3)
    assert sheet[1, "z", (0,)].text == "0.5379"
    assert sheet[1, "s", (1,)].text == f"{(1 - 0.5379) * 0.0828:.4f}"
    told = row(0, sheet, (1, "z", (0,)))
    assert told.explanation is not None
    assert (told.verdict, told.explanation.id, told.share) == ("rounding", "table", 1)


@pytest.mark.parametrize("seed", range(0, 13, 2))
def test_numbers_that_are_all_off_by_two_do_not_follow(seed: int) -> None:
    """Where nothing is right, what fits what stands before is as good as chance."""
    assert {told.verdict for told in judged(seed, moved(right(seed), 2)).rows} == {"wrong"}
