"""A bank of questions in a file without a name: one of 10,000 problems fits no memory."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from verifier.exercises.model import Exercise, Field, Window
from verifier.spooled import Spooled


class Bank(Spooled[Exercise]):
    """Questions in order; each is read from the file when it is asked for."""

    def __init__(self, found: Iterable[Exercise]) -> None:
        super().__init__(found, _put, _get)


def _put(one: Exercise) -> list[Any]:
    return [one.name, one.statement, one.markdown, [_field(field) for field in one.fields]]


def _field(field: Field) -> list[Any]:
    windows = [[str(w.low), str(w.high), str(w.share), w.feedback] for w in field.windows]
    plain = [field.name, field.quantity, field.label, field.plain, field.digits, field.places]
    return [*plain, str(field.points), windows]


def _get(data: Any) -> Exercise:
    name, statement, markdown, fields = data
    return Exercise(name, statement, markdown, tuple(_asked(*field) for field in fields))


def _asked(name: str, quantity: str, label: str, plain: str, *data: Any) -> Field:
    digits, places, points, windows = data
    found = tuple(_window(*window) for window in windows)
    return Field(name, quantity, label, plain, digits, places, Fraction(points), found)


def _window(low: str, high: str, share: str, feedback: str) -> Window:
    return Window(Fraction(low), Fraction(high), Fraction(share), feedback)
