"""A problem as a question of learning systems: what `check` says of a number alone, as windows.

A window holds what a number earns by itself. That other entries follow from a wrong one, or that
a habit of rounding must run through a sheet, no learning system asks: every digit that some habit
gives earns all points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from html import escape
from math import ceil
from typing import Any

from verifier.certify import Ends
from verifier.check.fairness import Judged, Weighed, Wrong, weigh
from verifier.check.model import Answers, Checked
from verifier.check.scores import worth_of
from verifier.documents.pieces import piece_text
from verifier.errors import VerifierError
from verifier.exercises.mistaken import mistaken
from verifier.exercises.model import INSIDE, Exercise, Field, Window
from verifier.formats import Wrap
from verifier.formats.md import escape as markdown_escape
from verifier.many import form
from verifier.markup import Math
from verifier.outcomes.mistakes import mistakes
from verifier.outcomes.model import Entry
from verifier.problem import Problem
from verifier.report.classroom import Said
from verifier.report.feedback import entry_tree
from verifier.report.head import paragraphs, rules, titled
from verifier.report.means import means_for
from verifier.report.reasons import Reasons
from verifier.report.render import framed
from verifier.report.scribe import Scribe
from verifier.report.sheet import carried
from verifier.rounding import Rounding, power
from verifier.solution import Solution, solve


def exercise(problem: Problem, wrong: Wrong | None = None) -> Exercise:
    """The question; `wrong` is what mistakes print, where it is known already.

    Errors: VerifierError where an entry has no certain digits, or is asked for in figures.
    """
    solution = solve(problem)
    weighed, plain = weigh(mistakes(solution), wrong), Scribe(problem, *means_for(problem, "txt"))
    page = Scribe(problem, *means_for(problem, "html"))
    said = Said(Reasons(Checked(Answers("", "", {}), ()), plain))
    fields = tuple(_field(weighed, judged, said, page) for judged in weighed.asked())
    html = "\n".join(_statement(solution, plain, "html", _paragraph))
    markdown = "\n\n".join(_statement(solution, plain, "md", markdown_escape, "dollars"))
    return Exercise(titled(plain), html, markdown, fields)


WORTH = 8
"""So many problems of one form are worth a problem with unknowns."""


def exercises(batch: Sequence[Problem]) -> list[Exercise]:
    """The questions of some problems; of those of one form, mistakes are made side by side."""
    found: dict[int, Wrong] = {}
    for numbers in _alike(batch):
        made = mistaken([batch[k] for k in numbers]) if len(numbers) >= WORTH else None
        found |= dict(zip(numbers, made or (), strict=False))
    return [exercise(problem, found.get(k)) for k, problem in enumerate(batch)]


def _alike(batch: Sequence[Problem]) -> Iterator[list[int]]:
    """The numbers of problems of one form together."""
    forms: list[tuple[Any, list[int]]] = []
    for k, problem in enumerate(batch):
        own = form(problem)
        same = next((numbers for like, numbers in forms if like == own), None)
        if same is None:
            forms.append((own, [k]))
        else:
            same.append(k)
    yield from (numbers for _, numbers in forms)


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _statement(
    solution: Solution, plain: Scribe, format: str, said: Callable[[str], str], wrap: Wrap = "none"
) -> Iterator[str]:
    """What the author says, the cell, what is given, and how results are rounded."""
    yield from map(said, paragraphs(solution.problem))
    yield piece_text(solution, "cell", format, wrap=wrap)
    yield piece_text(solution, "given", format)
    for prose in (*rules(plain), carried(solution.problem, plain.words)):
        if text := "".join(map(str, prose)):
            yield said(text)


def _field(weighed: Weighed, judged: Judged, said: Said, page: Scribe) -> Field:
    entry = judged.entry
    return Field(
        _name(entry),
        f"{entry[1]}[{entry[0]}]",
        framed(page.style, _label(entry, page)),
        str(_label(entry, said.scribe)),
        _certain(judged),
        _places(weighed.question.problem, entry[1]),
        worth_of(weighed.question.problem, entry[1]),
        tuple(_windows(weighed, judged, said)),
    )


def _places(problem: Problem, name: str) -> int:
    """The places of a quantity's digits. Errors: VerifierError for figures."""
    places = problem.rule(name).places
    if places is None:
        raise VerifierError(
            f"{name} in significant figures", accepted="decimal places: places = 4 in [rounding]"
        )
    return places


def _label(entry: Entry, scribe: Scribe) -> Math:
    """The entry as it is written on one line."""
    step, name, index = entry
    return scribe.head(entry_tree(scribe.problem, name, index), step)


def _name(entry: Entry) -> str:
    """The entry as problem files write it: s[2][1]."""
    step, name, index = entry
    return f"{name}[{step}]" + "".join(f"[{k}]" for k in index)


def _certain(judged: Judged) -> str:
    if judged.asked is None:
        what = f"the digits of {_name(judged.entry)} are not certain"
        raise VerifierError(what, accepted="a problem whose digits are all proven")
    return judged.asked


def _windows(weighed: Weighed, judged: Judged, said: Said) -> Iterator[Window]:
    """What is right, its digits first; other honest digits, known mistakes, then what is close."""
    question, entry = weighed.question, judged.entry
    ends = question.ends(question.problem.policy.kind)[entry]
    digits, rule = Fraction(_certain(judged)), question.problem.scoring
    if ends is None:
        return
    unit = power(-question.asked_places(entry))
    yield Window(digits, digits, Fraction(1))
    yield from _right(digits, ends, unit, question.problem.rule(entry[1]))
    honest = [Fraction(other.text) for other in judged.others]
    yield from (Window(value, value, rule.rounding) for value in honest)
    near = _around(ends, rule.half_within * unit, unit)
    yield from _mistaken(weighed, entry, {digits, *honest}, near, rule.half, said)
    if near is not None:
        close = said.scribe.words.text("check.because.units", max(1, ceil(rule.half_within)))
        yield Window(*near, rule.half, close)


def _right(digits: Fraction, ends: Ends, unit: Fraction, rule: Rounding) -> Iterator[Window]:
    """What rounds to the digits, and what lies within half a unit of the true value.

    Where digits are rounded up or down, that goes beyond a neighbour, which is not right itself.
    """
    fine = unit * power(-INSIDE)
    true = _around(ends, unit / 2, unit) or (digits, digits)
    low = min(digits - _reach(digits, -unit, rule), true[0])
    high = max(digits + _reach(digits, unit, rule), true[1])
    below, above = digits - unit, digits + unit
    parts = ((low, below - fine), (max(low, below + fine), min(high, above - fine)))
    for begin, end in (*parts, (above + fine, high)):
        if begin <= end:
            yield Window(begin, end, Fraction(1))


def _reach(digits: Fraction, unit: Fraction, rule: Rounding) -> Fraction:
    """How far from the digits numbers round to them, towards a neighbour a unit away."""
    fine = unit * power(-INSIDE)
    for off in (unit - fine, unit / 2, unit / 2 - fine):
        if rule.round(digits + off) == digits:
            return abs(off)
    return Fraction(0)


def _around(ends: Ends, far: Fraction, unit: Fraction) -> tuple[Fraction, Fraction] | None:
    """The decimals within some distance of the true value wherever it lies; None without any."""
    fine = unit * power(-INSIDE)
    low = -((far - ends[1]) // fine * fine)
    high = (ends[0] + far) // fine * fine
    return (low, high) if low <= high else None


def _mistaken(
    weighed: Weighed,
    entry: Entry,
    taken: set[Fraction],
    near: tuple[Fraction, Fraction] | None,
    half: Fraction,
    said: Said,
) -> Iterator[Window]:
    """The digits that mistakes give, each once, with the names of all that give them."""
    named: dict[Fraction, dict[str, None]] = {}
    for why, shown in weighed.wrong:
        if entry in shown and shown[entry] not in taken:
            named.setdefault(shown[entry], {})["".join(map(str, said.named(why)))] = None
    for value, names in named.items():
        close = near is not None and near[0] <= value <= near[1]
        yield Window(value, value, half if close else Fraction(0), "; ".join(names))
