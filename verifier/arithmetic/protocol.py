"""The protocol of an arithmetic: what is given to it, what it is asked, and where that stands.

An arithmetic gives meaning to the operations of `verifier.language.operations`. It is a frozen
value that owns its precision; `session` sets what its library keeps as global state, and restores
it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np

from verifier.language.tree import Path
from verifier.numbers import Numbers

Value = Any
"""An array of the arithmetic's scalars, or whatever the arithmetic uses for a given matrix."""


QuantityAt = tuple[int, str]
"""A quantity at a step: the step, from 1, and the quantity's name."""


class Site(NamedTuple):
    """Where an operation stands: the step, the quantity, and the path in its equation."""

    step: int
    name: str
    path: Path


Given = Literal["parameter", "input", "end", "quantity", "literal"]


class Origin(NamedTuple):
    """Where numbers come from: what they are, of which name, and at which step.

    The rows of an input stand at the steps from 1 on; what stands at an end has the step before the
    first or after the last one; a quantity's numbers stand in place of computed ones. A parameter,
    and a number that stands in an equation, has no step.
    """

    kind: Given
    name: str = ""
    step: int | None = None


LITERAL = Origin("literal")
"""Numbers that stand in an equation, or that no problem knows."""


class Arithmetic(Protocol):
    """What `verifier.evaluate.evaluate` asks of an arithmetic."""

    @property
    def name(self) -> str:
        """The word that names the arithmetic."""

    def session(self) -> Any:
        """A context manager that holds while values are computed."""

    def given(self, numbers: Numbers, origin: Origin = LITERAL) -> Value:
        """Given numbers as values; most arithmetics do not ask where they come from."""

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Value:
        """The value of an operation."""


def entries(value: Value) -> list[Any]:
    """The scalars of a value, row by row."""
    found: list[Any] = np.ravel(value).tolist()
    return found
