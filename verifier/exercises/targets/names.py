"""What files and items of learning systems are called: letters, digits and signs between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from uuid import NAMESPACE_URL, uuid5

from verifier.exercises.model import Exercise
from verifier.letters import plain_name


def distinct(texts: Iterable[str]) -> tuple[str, ...]:
    """A name for each text, no two alike."""
    found: dict[str, None] = {}
    for text in texts:
        name = plain_name(text)
        while name in found:
            name = f"{name}-{len(found)}"
        found[name] = None
    return tuple(found)


def mark(exercise: Exercise) -> str:
    """The same number for the same question, whenever and wherever it is made."""
    return str(uuid5(NAMESPACE_URL, repr(exercise)))


def made_later(bank: Sequence[Exercise], k: int, make: Callable[[Exercise], str]) -> Iterator[str]:
    """The text of a file for question k of a bank, made when it is written."""
    yield make(bank[k])
