"""A single number of the problem that was read wrongly, or left out of its products.

There are hundreds of these for a problem, so their tag is their own: they are tried alone, never
two at once, and their numbers are estimated in one walk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from verifier.language.tree import names
from verifier.numbers import Numbers
from verifier.rewrites.model import Change, Changes, Task
from verifier.rounding import fraction_text

Section = Literal["parameters", "inputs", "initial"]
SECTIONS: tuple[Section, ...] = ("parameters", "inputs", "initial")
PLACES = 12
"""Numbers of more characters are not typed in, and not misread digit by digit."""


@dataclass(frozen=True)
class Reading:
    """One number, where it stands, and the text that was read in its place."""

    section: Section
    name: str
    at: int
    own: str
    text: str


def misread(problem: Task) -> Iterator[Reading]:
    """Every number with a digit wrong, two exchanged, its sign, its point, or as its neighbour."""
    for section, name, numbers in _given(problem):
        for at, own in enumerate(numbers.texts):
            known = {Fraction(own), Fraction(0)}
            for text in (*_written(own), *_beside(numbers, at)):
                if Fraction(text) not in known:
                    known.add(Fraction(text))
                    yield Reading(section, name, at, own, text)


def missed(problem: Task) -> Iterator[Reading]:
    """Every number read as zero: its terms are not there."""
    for section, name, numbers in _given(problem):
        for at, own in enumerate(numbers.texts):
            if Fraction(own):
                yield Reading(section, name, at, own, "0")


def _given(problem: Task) -> Iterator[tuple[Section, str, Numbers]]:
    for section in SECTIONS:
        for name, numbers in getattr(problem, section).items():
            yield section, name, numbers


def _written(own: str) -> Iterator[str]:
    """What a decimal is taken for: a sign, a digit, two neighbours, the point."""
    if len(own) > PLACES or not set(own) <= set("-.0123456789"):
        return
    yield own.removeprefix("-") if own.startswith("-") else f"-{own}"
    for k, sign in enumerate(own):
        if sign.isdigit():
            yield from (own[:k] + digit + own[k + 1 :] for digit in "0123456789" if digit != sign)
    spots = [k for k, sign in enumerate(own) if sign.isdigit()]
    for i, j in pairwise(spots):
        yield own[:i] + own[j] + own[i + 1 : j] + own[i] + own[j + 1 :]
    yield from (fraction_text(Fraction(own) * factor) for factor in (Fraction(1, 10), 10))


def _beside(numbers: Numbers, at: int) -> Iterator[str]:
    """The numbers to the left and right, above and below."""
    wide = numbers.shape[-1] if numbers.shape else 1
    for other in (at - 1, at + 1):
        if other // wide == at // wide and 0 <= other < len(numbers.texts):
            yield numbers.texts[other]
    for other in (at - wide, at + wide):
        if wide > 1 and 0 <= other < len(numbers.texts):
            yield numbers.texts[other]


def put(numbers: Numbers, reading: Reading) -> Numbers:
    """The numbers as they were read."""
    texts = list(numbers.texts)
    texts[reading.at] = reading.text
    return Numbers(numbers.shape, tuple(texts))


def change(problem: Task, reading: Reading) -> Change:
    """The change that a reading makes: the same equations, another number."""
    section, name = reading.section, reading.name
    new = {name: put(getattr(problem, section)[name], reading)}
    readers = tuple(
        eq.name
        for eq in problem.cell.equations
        if any(used.name == name and _reads(used.offset, section) for used in names(eq.expression))
    )
    about = {"quantities": readers, "parameters": (name,), "read": (reading.own, reading.text)}
    if section != "parameters":
        about["at"] = (str(_step(problem, reading)),)
    return Change(about, touches=frozenset(readers), **{section: new})  # type: ignore[arg-type]


def _step(problem: Task, reading: Reading) -> int:
    """The step at which a number of a sequence stands; 0 before the first."""
    if reading.section == "initial":
        return 0
    return 1 + reading.at * problem.steps // problem.inputs[reading.name].size


def _reads(offset: int | None, section: Section) -> bool:
    """Whether a name at this offset reads numbers of a section."""
    return (offset is None) == (section == "parameters") and (section != "initial" or offset == -1)


def changes(rule: str) -> Changes:
    """The changes of one of the two kinds of readings."""

    def found(problem: Task) -> Iterator[Change]:
        yield from (change(problem, reading) for reading in READINGS[rule](problem))

    return found


MISSED = "number-missed"
READINGS = {"number-misread": misread, MISSED: missed}
"""Their rules, by id."""
