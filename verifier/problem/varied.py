"""`[vary]` of a problem file: which numbers differ from variant to variant, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, get_args

from verifier import effort
from verifier.errors import ProblemError, nearest, shown
from verifier.numbers import read_number
from verifier.problem.keyed import KeyedError
from verifier.problem.source import Literal as Typed
from verifier.problem.tables import table_of, whole

Signs = Literal["keep", "positive", "negative", "any"]
SIGNS: tuple[Signs, ...] = get_args(Signs)

OWN = ("places", "range", "signs")
"""What can be said of all numbers that vary, and of those of a name."""

KEYS = ("carry", "numbers", "steps", "hidden", "inputs", *OWN)
MOST_PLACES = 12
"""Places of a number that is drawn."""


@dataclass(frozen=True)
class Drawing:
    """How numbers are drawn; what is None follows from the numbers that the problem has.

    `range` is that of sizes, unless it begins below zero: then it is that of the numbers. `signs`
    are kept, the same for all, or drawn.
    """

    places: int | None = None
    range: tuple[Fraction, Fraction] | None = None
    signs: Signs | None = None

    def over(self, other: Drawing) -> Drawing:
        """This where it says something, else the other."""
        return Drawing(
            other.places if self.places is None else self.places,
            self.range or other.range,
            self.signs or other.signs,
        )


@dataclass(frozen=True)
class Vary:
    """The table: the places that are carried, the names, steps and sizes that vary, and how.

    Without `carry`, two places more than asked; with "asked", variants are fair to those as well
    who carry no more than the asked places. Without `numbers`, parameters and inputs vary that are
    decimals.
    """

    carry: int | Literal["asked"] | None = None
    numbers: tuple[str, ...] | None = None
    steps: tuple[int, ...] = ()
    hidden: tuple[int, ...] = ()
    inputs: tuple[int, ...] = ()
    drawing: Drawing = Drawing()
    own: Mapping[str, Drawing] = field(default_factory=dict)


def vary(table: Mapping[str, Any]) -> Vary:
    """The table of a problem file.

    Errors: KeyedError at the key that cannot be used.
    """
    own = {name: value for name, value in table.items() if isinstance(value, dict)}
    for key in table:
        if key not in KEYS and key not in own:
            what = f"unknown key {shown(key)}{nearest(key, KEYS)}"
            accepted = f"{', '.join(KEYS)}, or a table for a name: [vary.W_z]"
            raise KeyedError(what, ("vary", key), accepted)
    return Vary(
        carry=_carry(table) if "carry" in table else None,
        numbers=_numbers(table["numbers"]) if "numbers" in table else None,
        steps=_counts(table, "steps", effort.STEPS),
        hidden=_counts(table, "hidden", effort.SIDE),
        inputs=_counts(table, "inputs", effort.SIDE),
        drawing=_drawing(table, ("vary",)),
        own={name: _of_name(table, name) for name in own},
    )


def _of_name(table: Mapping[str, Any], name: str) -> Drawing:
    found = table_of(table, name, ("vary",))
    for key in found:
        if key not in OWN:
            what = f"unknown key {shown(key)}{nearest(key, OWN)}"
            raise KeyedError(what, ("vary", name, key), ", ".join(OWN))
    return _drawing(found, ("vary", name))


def _drawing(table: Mapping[str, Any], key: tuple[str, ...]) -> Drawing:
    return Drawing(
        whole(table, (*key, "places"), 0, MOST_PLACES) if "places" in table else None,
        _range(table["range"], (*key, "range")) if "range" in table else None,
        _signs(table["signs"], (*key, "signs")) if "signs" in table else None,
    )


def _carry(table: Mapping[str, Any]) -> int | Literal["asked"]:
    if table["carry"] == "asked" and not isinstance(table["carry"], Typed):
        return "asked"
    try:
        return whole(table, ("vary", "carry"), 0, effort.PLACES)
    except KeyedError as error:
        raise KeyedError(error.what, ("vary", "carry"), f'{error.accepted}, or "asked"') from None


def _numbers(value: Any) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) and not isinstance(value, Typed) else value
    texts = isinstance(names, list) and all(isinstance(name, str) for name in names)
    if not texts or not names or any(isinstance(name, Typed) for name in names):
        accepted = 'names, or whole sections: ["parameters", "x"]'
        raise KeyedError(f"numbers = {shown(value)}", ("vary", "numbers"), accepted)
    return tuple(dict.fromkeys(names))


def _counts(table: Mapping[str, Any], key: str, most: int) -> tuple[int, ...]:
    """The lengths that variants have in turn; none where nothing is said."""
    value = table.get(key)
    if value is None:
        return ()
    counts = value if isinstance(value, list) else [value]
    found = [whole({key: count}, ("vary", key), 1, most) for count in counts]
    if not found:
        raise KeyedError(f"{key} = []", ("vary", key), "whole numbers: [2, 3]")
    return tuple(dict.fromkeys(found))


def _range(value: Any, key: tuple[str, ...]) -> tuple[Fraction, Fraction]:
    accepted = "two numbers, the smaller first: [0.1, 0.9]"
    if not isinstance(value, list) or len(value) != 2:
        raise KeyedError(f"{key[-1]} = {shown(value)}", key, accepted)
    try:
        low, high = (_number(end) for end in value)
    except ProblemError as error:
        raise KeyedError(error.what, key, accepted) from None
    if low >= high or max(abs(low), abs(high)) > effort.DRAWN:
        raise KeyedError(f"from {value[0]} to {value[1]}", key, f"{accepted}, up to {effort.DRAWN}")
    return low, high


def _number(value: Any) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ProblemError(f"{shown(value)} is no number")
    return Fraction(read_number(str(value)))


def _signs(value: Any, key: tuple[str, ...]) -> Signs:
    found = next((signs for signs in SIGNS if signs == value), None)
    if found is None:
        hint = nearest(value, SIGNS) if isinstance(value, str) else ""
        raise KeyedError(f"signs = {shown(value)}{hint}", key, ", ".join(SIGNS))
    return found
