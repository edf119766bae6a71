"""The entries of a problem's sections: numbers and intervals, each fault with its key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from verifier.errors import ProblemError, shown
from verifier.language.operations import Shape
from verifier.numbers import MAX_AXES, Numbers
from verifier.problem.keyed import KeyedError
from verifier.problem.tables import Key


def refuse_intervals(sections: Mapping[str, Mapping[str, Numbers]]) -> None:
    """Errors: KeyedError for an interval, since a number in its place would be a guess."""
    for section, given in sections.items():
        for name, numbers in given.items():
            if numbers.intervals:
                first = numbers.intervals[0]
                index = np.unravel_index(first, numbers.shape) if numbers.shape else ()
                raise KeyedError(
                    f"{name} has the interval {numbers.texts[first]} where a number is needed",
                    (section, name, *map(int, index)),
                    "numbers; `verifier solve` and `verifier audit --ranges` take intervals",
                )


def typed(value: Any, key: Key) -> Numbers:
    """The numbers and intervals at a key. Errors: KeyedError at the entry that is neither."""
    if isinstance(value, Numbers):
        return value
    _check_entries(value, key)
    try:
        return Numbers.typed(value, intervals=True)
    except ProblemError as error:
        raise KeyedError(error.what, _bad_entry(value, key), error.accepted) from None


def _check_entries(value: Any, key: Key) -> None:
    if isinstance(value, list):
        if len(key) == 2 + MAX_AXES:
            what = f"lists nested deeper than {MAX_AXES}"
            raise KeyedError(what, key, "at most a matrix a step")
        for index, part in enumerate(value):
            _check_entries(part, (*key, index))
    elif isinstance(value, float):
        what, accepted = f"{value!r} is a float", 'the text of a number, such as "0.1"'
        raise KeyedError(what, key, accepted)
    elif isinstance(value, bool) or not isinstance(value, str | int):
        raise KeyedError(f"{shown(value)} is no number", key, "a number, or lists of numbers")


def _bad_entry(value: Any, key: Key) -> Key:
    """The key of the entry that is no number; the row that is ragged; else the whole value."""
    if not isinstance(value, list):
        return key
    shapes: set[Shape] = set()
    for index, part in enumerate(value):
        try:
            shapes.add(Numbers.typed(part, intervals=True).shape)
        except ProblemError:
            return _bad_entry(part, (*key, index))
        if len(shapes) > 1:
            return (*key, index)
    return key
