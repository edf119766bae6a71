"""Axes and indices of operations as they stand on paper."""

from __future__ import annotations

from collections.abc import Sequence

from verifier.language.operations import OPERATIONS
from verifier.language.tree import Expression, Number, Whole


def axis_of(operation: str, arguments: Sequence[Expression]) -> int | None:
    """The axis along which an operation works, where one is said."""
    row = OPERATIONS.get(operation)
    match arguments:
        case (_, Whole(int(axis))) if row and row.wholes == (0, 1):
            return axis
    return None


def index_of(ends: Sequence[Expression]) -> str:
    """The index of an entry, or of a slice with its ends counted from one.

    >>> index_of([Whole(0), Whole(2)]), index_of([Whole(None), Whole(None), Whole(1), Whole(2)])
    ('1:2', ':,2')
    """
    if isinstance(ends[0], Number):
        return ends[0].text
    values = [end.value for end in ends if isinstance(end, Whole)]
    return ",".join(_range(*pair) for pair in zip(values[::2], values[1::2], strict=True))


def _range(start: int | None, stop: int | None) -> str:
    if start is not None and start >= 0 and stop == start + 1:
        return str(stop)
    low = "" if start is None else str(start + 1 if start >= 0 else start)
    return f"{low}:{'' if stop is None else stop}"
