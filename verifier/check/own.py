"""What the equations give from a person's own earlier numbers.

One walk puts the person's numbers in place of the computed ones, each as an interval of one unit of
its last place, since what was carried on may have had more digits than what was written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from flint import arb

from verifier.arithmetic.ball import Ball, plain
from verifier.arithmetic.base import Arithmetic, Site, Value
from verifier.arithmetic.ieee import Ieee
from verifier.check.honest import Floats, Question
from verifier.check.model import Entry, Given
from verifier.errors import ProblemError
from verifier.evaluate import evaluate
from verifier.problem import Problem
from verifier.rewrites.model import Variant

BITS = 64


@dataclass(frozen=True, eq=False)
class Own:
    """An arithmetic in which given entries take the place of computed ones; it keeps the latter."""

    inner: Arithmetic
    given: Any
    put: Mapping[tuple[int, str], Mapping[int, Any]]
    computed: dict[tuple[int, str], Value] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the arithmetic inside."""
        return self.inner.name

    def session(self) -> Any:
        """The session of the arithmetic inside."""
        return self.inner.session()

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Value:
        """The value of an operation; at the end of an equation, the person's own entries in it."""
        value = self.inner.apply(operation, arguments, site)
        if site.path:
            return value
        where = site.step, site.name
        value = plain(value)
        self.computed[where] = value
        own = self.put.get(where)
        if not own:
            return value
        mixed = value.copy()
        for k, entry in own.items():
            mixed.reshape(-1)[k] = entry
        return mixed


def put(question: Question, numbers: Sequence[tuple[Entry, Given]], balls: bool) -> Any:
    """Given numbers by quantity and place, as intervals or as float64 numbers."""
    found: dict[tuple[int, str], dict[int, Any]] = {}
    for entry, number in numbers:
        shape = question.problem.shapes[entry[1]]
        k = int(np.ravel_multi_index(entry[2], shape)) if shape else 0
        middle, unit = float(number.value), 10.0 ** -question.places(entry, number)
        value: Any = arb(middle, unit) if balls else middle
        found.setdefault(entry[:2], {})[k] = value
    return found


def followed(
    question: Question, numbers: Sequence[tuple[Entry, Given]]
) -> dict[Entry, tuple[float, float]] | None:
    """The ends between which every entry must lie that follows from the person's own numbers."""
    inner = Ball(BITS)
    arithmetic = Own(inner, inner.given, put(question, numbers, balls=True))
    try:
        evaluate(question.problem, arithmetic)
    except ProblemError:
        return None
    found = {}
    with inner.session():
        for entry, ball in _entries(question, arithmetic.computed):
            wide = arb(ball)
            middle, radius = float(wide.mid()), float(wide.rad())
            found[entry] = (middle - radius, middle + radius)
    return found


def as_changed(
    question: Question, variant: Variant[Problem], numbers: Sequence[tuple[Entry, Given]]
) -> dict[Entry, float] | None:
    """What a changed problem gives from the person's own numbers, in float64."""
    inner = variant.wrap(Ieee("float64"))
    arithmetic = Own(inner, inner.given, put(question, numbers, balls=False))
    try:
        evaluate(variant.problem, arithmetic)
    except ProblemError:
        return None
    return {entry: float(value) for entry, value in _entries(question, arithmetic.computed)}


def _entries(question: Question, computed: Mapping[tuple[int, str], Value]) -> Any:
    flat: dict[tuple[int, str], Floats] = {}
    for entry in question.entries:
        site = entry[:2]
        if site not in flat:
            flat[site] = iter(np.ravel(computed[site]).tolist())
        yield entry, next(flat[site])
