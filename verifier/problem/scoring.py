"""`[scoring]` of a problem file: what right answers earn."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from verifier import effort
from verifier.errors import ProblemError, nearest, shown
from verifier.numbers import read_number
from verifier.problem.keyed import KeyedError
from verifier.problem.settings import LEVELS, Level, Scoring
from verifier.problem.tables import table_of

PARTS = ("rounding", "half", "habits", "follows", "slip", "presentation")
"""Parts of a whole, from 0 to 1."""

COUNTS = {"half_within": 1000, "least_places": 20}
"""Units of the last place, and places: up to so many."""

KEYS = ("points", *PARTS, *COUNTS, "feedback")


def scoring(table: Mapping[str, Any]) -> Scoring:
    """The rule in a table.

    Errors: KeyedError at the key that cannot be used.
    """
    for key in table:
        if key not in KEYS:
            what = f"unknown key {shown(key)}{nearest(key, KEYS)}"
            raise KeyedError(what, ("scoring", key), ", ".join(KEYS))
    given = table.get("points")
    own = table_of(table, "points", ("scoring",)) if isinstance(given, dict) else {}
    return Scoring(
        each=None if given is None or isinstance(given, dict) else _points(given, ()),
        points={name: _points(value, (name,)) for name, value in own.items()},
        **{key: _part(table[key], key) for key in PARTS if key in table},
        **{key: _count(table[key], key) for key in COUNTS if key in table},
        feedback=_level(table.get("feedback", "full")),
    )


def _level(value: Any) -> Level:
    """How much feedback tells."""
    found = next((level for level in LEVELS if level == value), None)
    if found is None:
        raise KeyedError(f"feedback = {shown(value)}", ("scoring", "feedback"), ", ".join(LEVELS))
    return found


def _part(value: Any, key: str) -> Fraction:
    """A part of a whole; true and false are all and nothing."""
    number = Fraction(value) if isinstance(value, bool) else _number(value)
    if number is None or not 0 <= number <= 1:
        accepted = "a number from 0 to 1, or true or false"
        raise KeyedError(f"{key} = {shown(value)}", ("scoring", key), accepted)
    return number


def _count(value: Any, key: str) -> Fraction:
    number, most = _number(value), COUNTS[key]
    if number is None or not 0 <= number <= most:
        accepted = f"a number from 0 to {most}"
        raise KeyedError(f"{key} = {shown(value)}", ("scoring", key), accepted)
    return number


def _number(value: Any) -> Fraction | None:
    """The number that is written, None where none is."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    try:
        return Fraction(read_number(str(value)))
    except ProblemError:
        return None


def _points(value: Any, key: tuple[str, ...]) -> Fraction:
    number = _number(value)
    if number is None or not 0 <= number <= effort.POINTS:
        accepted = f"a number from 0 to {effort.POINTS}, or [scoring.points] with one a quantity"
        raise KeyedError(f"points = {shown(value)}", ("scoring", "points", *key), accepted)
    return number
