"""Everyone's verdicts, most of them in a file without a name, so that memory does not grow.

What a person's verdicts hold is written as a line of JSON and read again when it is asked for.
Equations and problems, which many people share, stay in memory, each once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from fractions import Fraction
from typing import Any

from verifier.check.model import Answers, Checked, Complaint, Finding, Judgement
from verifier.errors import Place
from verifier.outcomes.model import Entry, Explanation, Given
from verifier.spooled import Spooled


class Shared:
    """Things that are told apart by their number."""

    def __init__(self) -> None:
        self.things: list[Any] = []
        self.number: dict[Any, int] = {}

    def put(self, thing: Any) -> int:
        """The number of a thing; things that are equal have the same one."""
        if thing not in self.number:
            self.number[thing] = len(self.things)
            self.things.append(thing)
        return self.number[thing]


HELD = 500
"""So many people's verdicts stay in memory as well: a class of that size is never read again."""


class Kept(Spooled[Checked]):
    """The verdicts on people, in order; those behind the first are read when they are asked for."""

    def __init__(self, found: Iterable[Checked], held: int = HELD) -> None:
        self._used, self._problems = Shared(), Shared()
        super().__init__(found, self._data, self._checked, held)

    def _data(self, checked: Checked) -> list[Any]:
        problem = None if checked.problem is None else self._problems.put(_Same(checked.problem))
        answers, first = checked.answers, checked.first
        return [
            [answers.person, answers.file],
            [[entry, *_given(number)] for entry, number in answers.given.items()],
            [_complaint(complaint) for complaint in answers.complaints],
            [_row(row) for row in checked.rows],
            [self._finding(finding) for finding in checked.findings],
            [first, dict(checked.words), _part(checked.by_hand), problem],
        ]

    def _finding(self, found: Finding) -> list[Any]:
        also = [_why(other) for other in found.also]
        used = self._used.put(found.used)
        return [_why(found.explanation), found.entries, used, also, _part(found.chance)]

    def _checked(self, data: Any) -> Checked:
        (person, file), given, complaints, rows, findings, (first, words, by_hand, problem) = data
        numbers = {_entry(entry): _number(*rest) for entry, *rest in given}
        answers = Answers(person, file, numbers, tuple(map(_complained, complaints)))
        return Checked(
            answers,
            tuple(_told(row) for row in rows),
            tuple(self._found(*finding) for finding in findings),
            None if first is None else _entry(first),
            words,
            _whole(by_hand),
            None if problem is None else self._problems.things[problem].one,
        )

    def _found(self, why: Any, entries: Any, used: int, also: Any, chance: Any) -> Finding:
        others = tuple(_because(other) for other in also)
        explanation, places = _because(why), tuple(map(_entry, entries))
        return Finding(explanation, places, self._used.things[used], others, _whole(chance))


class _Same:
    """A problem, equal to itself alone: to compare problems takes longer than to keep them."""

    def __init__(self, one: Any) -> None:
        self.one = one

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.one is other.one

    def __hash__(self) -> int:
        return id(self.one)


def _part(number: Fraction | None) -> str | None:
    return None if number is None else str(number)


def _whole(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


def _entry(data: Any) -> Entry:
    step, name, index = data
    return step, name, tuple(index)


def _given(number: Given) -> list[Any]:
    return [number.text, str(number.value), number.places, _place(number.place)]


def _number(text: str, value: str, places: int | None, place: Any) -> Given:
    return Given(text, Fraction(value), places, _placed(place))


def _place(place: Place | None) -> list[Any] | None:
    return None if place is None else [getattr(place, field.name) for field in fields(place)]


def _placed(data: Any) -> Place | None:
    return None if data is None else Place(*data)


def _complaint(complaint: Complaint) -> list[Any]:
    return [complaint.what, _place(complaint.place), complaint.entry]


def _complained(data: Any) -> Complaint:
    what, place, entry = data
    return Complaint(what, _placed(place), None if entry is None else _entry(entry))


def _why(explanation: Explanation | None) -> list[Any] | None:
    if explanation is None:
        return None
    return [explanation.kind, explanation.id, explanation.about]


def _because(data: Any) -> Explanation:
    kind, id, about = data
    return Explanation(kind, id, tuple((part, tuple(names)) for part, names in about))


def _row(row: Judgement) -> list[Any]:
    why, shares = _why(row.explanation), [_part(row.share), _part(row.by_hand)]
    plain = [row.step, row.name, row.index, row.given, row.expected, row.verdict]
    return [*plain, why, row.because, *shares]


def _told(data: Any) -> Judgement:
    step, name, index, given, expected, verdict, why, because, share, by_hand = data
    explanation = None if why is None else _because(why)
    parts = Fraction(share), _whole(by_hand)
    return Judgement(
        step, name, tuple(index), given, expected, verdict, explanation, because, *parts
    )
