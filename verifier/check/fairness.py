"""Whether a question is fair: what depends on rounding, what goes unseen, which tolerance works."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from verifier.certify import rounded_between
from verifier.check.judge import expected_text
from verifier.numbers import Numbers
from verifier.outcomes.asked import Floats
from verifier.outcomes.honest import Question
from verifier.outcomes.mistakes import Mistakes, mistakes
from verifier.outcomes.model import Entry, Explanation
from verifier.outcomes.tried import Tried
from verifier.outcomes.ways import Way, explained
from verifier.problem import Problem
from verifier.rewrites.catalogue import variants
from verifier.rewrites.model import Variant
from verifier.rounding import Rounding, exact_places, units_text
from verifier.solution import Solution


@dataclass(frozen=True)
class Honest:
    """Digits that an honest person may give, and the policies and modes that give them."""

    text: str
    ways: tuple[Explanation, ...]


@dataclass(frozen=True)
class Judged:
    """One entry of a question, with tolerances as decimals.

    `others` are the honest digits beside those asked for. A checker that accepts asked ± t accepts
    all honest answers when t is at least `least`, and rejects all mistakes that can be seen in this
    entry when t is less than `below` (None: no mistake comes near). `tolerance` is one that does
    both, None when there is none; then `passing` names the mistakes that would pass.
    `tabled` are digits that only function tables give. They earn all points as well, but such
    tables are coarse: tolerances leave them out, and a question is fair without regard to them.
    """

    entry: Entry
    asked: str | None
    others: tuple[Honest, ...] = ()
    least: str | None = None
    below: str | None = None
    tolerance: str | None = None
    passing: tuple[Explanation, ...] = ()
    tabled: tuple[Honest, ...] = ()


@dataclass(frozen=True)
class Fairness:
    """A question weighed: its entries, and the mistakes that give honest numbers everywhere.

    Those that are the `same` formula do so whatever the numbers are, and cost a question nothing.
    """

    entries: tuple[Judged, ...]
    unseen: tuple[Explanation, ...] = ()
    same: tuple[Explanation, ...] = ()

    @property
    def fair(self) -> bool:
        """Whether all who compute agree everywhere, and every mistake shows."""
        return not self.unseen and not any(judged.others for judged in self.entries)


def fairness(solution: Solution) -> Fairness:
    """The question weighed: every entry under all habits, and beside every mistake.

    Honest are exactly the habits that earn all points, see `habits`. A mistake goes unseen where
    its numbers, printed as asked, are those of some habit in every entry.
    """
    weighed = weigh(mistakes(solution))
    unseen = tuple(dict.fromkeys(_unseen(weighed)))
    same = frozenset(same_formula(solution.problem, unseen))
    return Fairness(
        tuple(weighed.entries()),
        tuple(why for why in unseen if why not in same),
        tuple(why for why in unseen if why in same),
    )


Wrong = Sequence[tuple[Explanation, Mapping[Entry, Fraction]]]
"""Mistakes with their numbers as they print."""


@dataclass(frozen=True, eq=False)
class Weighed:
    """A question beside what honest people and mistakes print of it.

    `sheets` are the digits of each habit, `wrong` the mistakes' numbers as they print: estimates in
    float64.
    """

    question: Question
    sheets: Mapping[Way, dict[Entry, str | None]]
    wrong: Wrong

    def entries(self) -> Iterator[Judged]:
        """Every entry with the honest digits and tolerances that it has."""
        looked_up = [way for way in self.question.ways if way.policy.table is not None]
        tabled = {way: _printed(self.question, way) for way in looked_up}
        for entry in self.question.wanted:
            judged = _judged(self.question, entry, self.sheets, self.wrong)
            yield replace(judged, tabled=_others(self.question, entry, tabled, judged))

    def asked(self) -> Iterator[Judged]:
        """Every entry with its digits and the other ones that habits give."""
        for entry in self.question.wanted:
            own = Judged(entry, expected_text(self.question, entry))
            yield replace(own, others=_others(self.question, entry, self.sheets, own))


def weigh(known: Mistakes, wrong: Wrong | None = None) -> Weighed:
    """A question with the digits of all habits, and those of all mistakes where not given."""
    question = known.question
    sheets = {way: _printed(question, way) for way in _to_prove(question)}
    if wrong is None:
        wrong = [(tried.explanation, _shown(question, tried)) for tried in known.singles]
    return Weighed(question, sheets, wrong)


CLOSE = 1e-3
"""Units of the last place from where digits change, within which an estimate proves nothing."""


def _to_prove(question: Question) -> list[Way]:
    """The habits whose digits are certified: one for each thing that can be done.

    Mixed ones only where float64 says that they print other digits than asked, or comes close to
    it. Modes that differ at ties alone carry the same numbers where these are no ties, and are
    tried each.
    """
    differ = differing(question, CLOSE)
    ways = zip(question.ways, differ.tolist(), strict=True)
    return [way for way, other in ways if way.habit and (way.policy.only is None or other)]


def differing(question: Question, close: float) -> Floats:
    """Which ways print other digits than full precision in some entry, or come close to it.

    In float64: one value a way.
    """
    unit = np.array([10.0 ** -question.asked_places(entry) for entry in question.entries])
    modes = (question.problem.rule(name).mode for _, name, _ in question.entries)
    shift = np.array([0.5 if mode.startswith("half") else 0.0 for mode in modes])
    scaled = question.honest / unit + shift
    cells = np.floor(scaled)
    edge = np.abs(scaled - np.round(scaled)) < close
    return ((cells != cells[0]) | edge).any(axis=1)


def same_formula(problem: Problem, found: Sequence[Explanation]) -> Iterator[Explanation]:
    """The mistakes that give the right numbers whatever numbers are given: tried with random ones.

    With a gate that is a scalar, for one, it is the same before and after a product.
    """
    if not found:
        return
    others = [_Elsewhere(_elsewhere(problem, seed)) for seed in range(TRIALS)]
    for why in found:
        if all(other.equal(why) for other in others):
            yield why


TRIALS, EQUAL = 3, 1e-9


def _elsewhere(problem: Problem, seed: int) -> Problem:
    """The problem with other numbers throughout, also at its ends."""
    draw = random.Random(seed)

    def other(given: Mapping[str, Numbers]) -> dict[str, Numbers]:
        return {name: _drawn(numbers, draw) for name, numbers in given.items()}

    roles = problem.cell.roles
    ends = (
        (roles.initial, 0),
        (roles.final, problem.steps + 1),
    )
    initial, final = ({name: problem.end(name, at) for name in names} for names, at in ends)
    return replace(
        problem,
        parameters=other(problem.parameters),
        inputs=other(problem.inputs),
        initial=other(initial),
        final=other(final),
    )


def _drawn(numbers: Numbers, draw: random.Random) -> Numbers:
    return Numbers(
        numbers.shape, tuple(f"{draw.uniform(0.1, 0.9):.6f}" for _ in range(prod(numbers.shape)))
    )


class _Elsewhere:
    """A problem with other numbers, and the mistakes that can be made in it, each made once."""

    def __init__(self, problem: Problem) -> None:
        self.question = Question(Solution(problem))
        self.own = self.question.estimate(problem)
        self.made: dict[tuple[str, Any], Variant[Problem]] = {}
        for variant in variants(problem, "mistake"):
            self.made.setdefault((variant.rule, variant.about), variant)

    def equal(self, why: Explanation) -> bool:
        """Whether a mistake gives the right numbers, in float64."""
        made, own = self.made.get((why.id, why.about)), self.own
        full = None if made is None else self.question.estimate(made.problem, made.wrap)
        return own is not None and full is not None and bool((np.abs(own - full) < EQUAL).all())


def _printed(question: Question, way: Way) -> dict[Entry, str | None]:
    """The certified digits of all entries under a way."""
    ends = question.certified(None, way)
    if ends is None:
        return {}
    found: dict[Entry, str | None] = {}
    for entry in question.wanted:
        pair, rule = ends[entry], question.problem.rule(entry[1])
        shown = Rounding(rule.places, question.mode(way, entry[1]), rule.figures)
        found[entry] = None if pair is None else rounded_between(pair, pair[0], shown)
    return found


def _shown(question: Question, tried: Tried) -> dict[Entry, Fraction]:
    """A mistake's numbers in full precision, as they print: estimates in float64."""
    found = {}
    for entry, value in zip(question.entries, tried.full.tolist(), strict=True):
        if np.isfinite(value):
            found[entry] = question.problem.rule(entry[1]).round(Fraction(value))
    return found


def _unseen(weighed: Weighed) -> Iterator[Explanation]:
    honest = [
        {entry: Fraction(text) for entry, text in sheet.items() if text is not None}
        for sheet in weighed.sheets.values()
    ]
    for explanation, shown in weighed.wrong:
        if any(sheet and all(shown.get(e) == v for e, v in sheet.items()) for sheet in honest):
            yield explanation


def _judged(
    question: Question, entry: Entry, sheets: Mapping[Way, dict[Entry, str | None]], wrong: Any
) -> Judged:
    """One entry: the other honest digits, and the tolerances that tell them from mistakes."""
    text = expected_text(question, entry)
    if text is None:
        return Judged(entry, None)
    others, right = _others(question, entry, sheets, Judged(entry, text)), Fraction(text)
    least = max((abs(Fraction(other.text) - right) for other in others), default=Fraction(0))
    off = [(abs(shown[entry] - right), why) for why, shown in wrong if entry in shown]
    seen = [(far, why) for far, why in off if far]
    below = min((far for far, _ in seen), default=None)
    unit = Fraction(1, 10 ** max(0, question.asked_places(entry)))
    tolerance = _between(least, below, unit)
    passing = () if tolerance is not None else tuple(w for far, w in seen if far <= least)
    return Judged(
        entry,
        text,
        others,
        _decimal(least),
        None if below is None else _decimal(below),
        None if tolerance is None else _decimal(tolerance),
        tuple(dict.fromkeys(passing)),
    )


def _others(
    question: Question, entry: Entry, sheets: Mapping[Way, Mapping[Entry, str | None]], own: Judged
) -> tuple[Honest, ...]:
    """Digits that ways give of an entry, and that it has not yet, with these ways."""
    known, ways = {own.asked, *(o.text for o in own.others)}, dict[str, list[Explanation]]()
    for way, sheet in sheets.items():
        other = sheet.get(entry)
        if own.asked is not None and other is not None and other not in known:
            ways.setdefault(other, []).append(explained(way, question.problem))
    return tuple(Honest(other, tuple(found)) for other, found in sorted(ways.items()))


def _between(least: Fraction, below: Fraction | None, unit: Fraction) -> Fraction | None:
    """A tolerance that is at least one and less than the other; half a unit more where it fits."""
    wanted = least + unit / 2
    if below is None or wanted < below:
        return wanted
    middle = (least + below) / 2
    return middle if least < below else None


def _decimal(value: Fraction) -> str:
    """A decimal fraction with all its places."""
    places = exact_places(value)
    if places is None:  # half of a decimal is a decimal; nothing else comes here
        raise ValueError(f"{value} is no decimal")
    return units_text(int(value * 10**places), places)
