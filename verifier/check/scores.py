"""Points for verdicts, by the rule of the problem file."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from verifier.check.model import Checked, Verdict
from verifier.problem import Problem
from verifier.rounding import Rounding, decimal_text, exact_places

MOST_PLACES = 2


@dataclass(frozen=True)
class Score:
    """Points earned, and the most that could be."""

    points: Fraction
    most: Fraction


def score(problem: Problem, checked: Checked) -> Score:
    """The points of one person's answers; every entry has its share of its quantity's points."""
    earning = earns(problem)
    worth = {name: _share(problem, name) for name in problem.cell.equation}
    won = sum((worth[row.name] for row in checked.rows if row.verdict in earning), Fraction(0))
    most = problem.steps * sum(
        (share * problem.size(name) for name, share in worth.items()), Fraction(0)
    )
    return Score(won, most)


def earns(problem: Problem) -> frozenset[Verdict]:
    """The verdicts that earn points."""
    found: list[Verdict] = ["correct"]
    if problem.scoring.rounding:
        found.append("rounding")
    if problem.scoring.follows:
        found.append("follows")
    return frozenset(found)


def _share(problem: Problem, name: str) -> Fraction:
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
