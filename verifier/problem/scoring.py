"""`[scoring]` of a problem file: what right answers earn."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from verifier import effort
from verifier.errors import ProblemError, nearest, shown
from verifier.numbers import read_number
from verifier.problem.keyed import KeyedError
from verifier.problem.model import Scoring
from verifier.problem.tables import table_of

KEYS = ("points", "rounding", "follows")


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
        rounding=_whether(table, "rounding"),
        follows=_whether(table, "follows"),
    )


def _whether(table: Mapping[str, Any], key: str) -> bool:
    value = table.get(key, True)
    if not isinstance(value, bool):
        raise KeyedError(f"{key} = {shown(value)}", ("scoring", key), "true or false")
    return value


def _points(value: Any, key: tuple[str, ...]) -> Fraction:
    try:
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise ProblemError("no number")
        number = Fraction(read_number(str(value)))
    except ProblemError:
        number = Fraction(-1)
    if not 0 <= number <= effort.POINTS:
        accepted = f"a number from 0 to {effort.POINTS}, or [scoring.points] with one a quantity"
        raise KeyedError(f"points = {shown(value)}", ("scoring", "points", *key), accepted)
    return number
