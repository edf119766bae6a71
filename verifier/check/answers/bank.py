"""Answers to the questions of an exported bank, as systems report them.

A report says whose an answer is, which question it answers, and which of its numbers: they stand
in the order of the table of results. A collector gathers what one person gave to one question.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from verifier.check.answers.collect import Collector
from verifier.check.answers.grammar import Leaf, Locate
from verifier.check.answers.numerals import is_blank
from verifier.check.answers.people import People, called
from verifier.check.answers.quiz import entries
from verifier.check.answers.submitted import whole
from verifier.check.model import Answers, Complaint
from verifier.errors import shown
from verifier.letters import plain_name

BETWEEN = "\0"
"""What stands between person and question in the key of a collector."""

Said = Sequence[tuple[str, str]]
"""What is said of a person, in pairs of role and text."""


class Bank:
    """Takes in answers to the questions of a bank, attempt after attempt."""

    def __init__(self, collectors: Mapping[str, Collector]) -> None:
        self.collectors, self.people = collectors, People()
        self.entries = entries(collectors[""].problem)

    def attempt(self, said: Said) -> Attempt:
        """An attempt of a person; another one of the same name is told apart by a number."""
        known = [(role, text) for role, text in said if not is_blank(text)]
        name = self.people.apart(*called(known)) if known else ""
        return Attempt(self, name, tuple(dict.fromkeys(text.strip() for _, text in known)))


class Attempt:
    """A person's answers to the questions of a bank."""

    def __init__(self, bank: Bank, person: str, also: tuple[str, ...]) -> None:
        self.bank, self.person, self.also = bank, person, also

    def into(self, question: str) -> Collector:
        """What gathers the answers to a question of this title."""
        return gathering(self.bank.collectors, self.person, question, self.also)

    def take(
        self, question: str, number: int, text: str, place: Locate, *, stored: bool = False
    ) -> None:
        """Take in an answer: the number of a question, counted from 0, and what was typed.

        `stored` says that it is a float, which keeps no zeros at its end.
        """
        into, every = self.into(question), self.bank.entries
        if number < len(every):
            label, text = every[number], text.strip()
            into.take(label, Leaf(whole(text, label, into) if stored else text), place)
            into.placed(label, place)
        elif not is_blank(text):
            what = f"{shown(text)} answers number {number + 1} of a question of {len(every)}"
            into.complain(what, place)


def gathering(
    collectors: Mapping[str, Collector], person: str, question: str, also: tuple[str, ...] = ()
) -> Collector:
    """What gathers the answers of a person to a question of a title, or of a name."""
    name = plain_name(question)
    found = collectors[f"{person}{BETWEEN}{name}"]
    found.person, found.question, found.also = person, name, also
    return found


def owner(key: str) -> str:
    """The person in the key of a collector."""
    return key.partition(BETWEEN)[0]


def by_person(found: Sequence[Answers]) -> Iterator[list[Answers]]:
    """The answers of each person together, where a system reports what question they answer."""
    groups: dict[object, list[Answers]] = {}
    for k, one in enumerate(found):
        groups.setdefault(one.person if one.question else k, []).append(one)
    yield from groups.values()


def of_question(found: Sequence[Answers], name: str) -> Answers:
    """A person's answers to the question of a name; of those to others it is told that they are."""
    own = next((one for one in found if one.question in ("", name)), None)
    base = replace(found[0], given={}, complaints=()) if own is None else own
    told = tuple(_other(one) for one in found if one is not own and tried(one))
    return replace(base, complaints=(*base.complaints, *told), question="")


def tried(one: Answers) -> bool:
    """Whether anything was given, be it unreadable."""
    return bool(one.given or one.complaints)


def _other(one: Answers) -> Complaint:
    places = (given.place for given in one.given.values())
    place = next(places, None) or next((c.place for c in one.complaints), None)
    what = f"{len(one.given) or 'unread'} answers to {shown(one.question)}, another question"
    return Complaint(what, place)
