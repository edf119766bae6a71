"""Points for verdicts, by the rule of the problem file."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from verifier.check.model import Checked, Judgement
from verifier.problem import Problem
from verifier.problem.backward import asked
from verifier.rounding import Rounding, decimal_text, exact_places

MOST_PLACES = 2
PRESENTED = ("rounding", "coarse")
"""Verdicts that cost points for presentation alone."""


@dataclass(frozen=True)
class Score:
    """Points earned, and the most that could be."""

    points: Fraction
    most: Fraction


def score(problem: Problem, checked: Checked) -> Score:
    """The points of one person's answers; every entry has its share of its quantity's points.

    `problem` is what was asked of all; a person's own one counts for that person.
    """
    problem = checked.problem or problem
    worth = {name: worth_of(problem, name) for name in problem.cell.equation}
    most = sum((each * _entries(problem, name) for name, each in worth.items()), Fraction(0))
    rows = [row for row in checked.rows if asked(problem, row.step, row.name)]
    won = sum((points(problem, row) for row in rows), Fraction(0))
    if checked.by_hand is not None:
        return Score(checked.by_hand, most)
    shown = [row for row in rows if row.verdict in PRESENTED and row.by_hand is None]
    lost = sum((worth[row.name] - points(problem, row) for row in shown), Fraction(0))
    return Score(won + max(Fraction(0), lost - problem.scoring.presentation * most), most)


def points(problem: Problem, row: Judgement) -> Fraction:
    """What one entry earns, by hand or by the rule before there is an end to what looks cost."""
    if row.by_hand is not None:
        return row.by_hand
    earned = _earned(problem, row)
    if not earned or not row.share:
        return Fraction(0)
    whole = worth_of(problem, row.name)
    return whole if earned == row.share == 1 else whole * row.share * earned


def _earned(problem: Problem, row: Judgement) -> Fraction:
    """The part that a verdict can earn."""
    rule = problem.scoring
    if row.verdict == "correct":
        return Fraction(1)
    if row.verdict in PRESENTED:
        return rule.rounding
    if row.verdict == "wrong" and row.explanation is not None and row.explanation.kind == "slip":
        return rule.slip
    return rule.follows if row.verdict == "follows" else Fraction(0)


def _entries(problem: Problem, name: str) -> int:
    """How many entries of a quantity are judged, over all steps."""
    chosen = problem.only.chosen(name)
    each = problem.size(name) if chosen is None else len(chosen)
    steps = range(1, problem.steps + 1)
    return each * sum(problem.only.shows(k, name) and asked(problem, k, name) for k in steps)


def worth_of(problem: Problem, name: str) -> Fraction:
    """The points of an entry of a quantity at one step."""
    each = problem.scoring.points.get(name, problem.scoring.each)
    return Fraction(1) if each is None else each / problem.size(name)


def points_text(points: Fraction) -> str:
    """Points as a decimal of at most two places; thirds are rounded to the nearest.

    >>> points_text(Fraction(15)), points_text(Fraction(5, 2)), points_text(Fraction(2, 3))
    ('15', '2.5', '0.67')
    """
    places = exact_places(points)
    if places is not None and places <= MOST_PLACES:
        return decimal_text(points, places)
    return Rounding(MOST_PLACES, "half-up").text(points)
