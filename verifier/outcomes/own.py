"""What the equations give from a person's own earlier numbers.

One walk puts the person's numbers in place of the computed ones, each with half a unit of its
last place on either side, since what was carried on may have had more digits than what was written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from flint import arb

from verifier.arithmetic.ball import Ball
from verifier.arithmetic.ieee import Ieee
from verifier.arithmetic.matrices import plain
from verifier.arithmetic.protocol import QuantityAt, Value
from verifier.arithmetic.wrap.replaced import Put, Replaced
from verifier.arithmetic.wrap.several import Several
from verifier.errors import ProblemError
from verifier.evaluate import evaluate, needed
from verifier.outcomes.asked import Floats
from verifier.outcomes.honest import Question
from verifier.outcomes.model import Entry, Given
from verifier.problem import Problem
from verifier.rewrites.model import Variant

BITS, FLOAT64 = 64, Ieee("float64")


def put(question: Question, numbers: Sequence[tuple[Entry, Given]], balls: bool) -> Put:
    """Given numbers by quantity and place, as intervals or as float64 numbers."""
    found: dict[QuantityAt, dict[int, Any]] = {}
    for entry, number in numbers:
        shape = question.problem.shapes[entry[1]]
        k = int(np.ravel_multi_index(entry[2], shape)) if shape else 0
        middle, unit = float(number.value), 10.0 ** -question.places(entry, number)
        value: Any = arb(middle, unit / 2) if balls else middle
        found.setdefault(entry[:2], {})[k] = value
    return found


def followed(
    question: Question, numbers: Sequence[tuple[Entry, Given]]
) -> dict[Entry, tuple[float, float]] | None:
    """The ends between which every entry must lie that follows from the person's own numbers."""
    inner = Ball(BITS)
    computed: dict[QuantityAt, Value] = {}
    try:
        evaluate(question.problem, Replaced(inner, put(question, numbers, balls=True), computed))
    except ProblemError:
        return None
    found = {}
    with inner.session():
        for entry, ball in _entries(question, computed):
            wide = arb(ball)
            middle, radius = float(wide.mid()), float(wide.rad())
            found[entry] = (middle - radius, middle + radius)
    return found


@dataclass(frozen=True, eq=False)
class Own:
    """A person's own numbers, as changed problems take them up."""

    question: Question
    numbers: Sequence[tuple[Entry, Given]]

    @cached_property
    def _put(self) -> Put:
        return put(self.question, self.numbers, balls=False)

    @cached_property
    def _known(self) -> Mapping[QuantityAt, Value]:
        return dict(_whole(self.question, self._put))

    def as_changed(
        self, variant: Variant[Problem], sites: Collection[QuantityAt]
    ) -> dict[Entry, float] | None:
        """What a changed problem gives of some quantities from them, in float64."""
        problem, computed = variant.problem, dict[QuantityAt, Value]()
        wanted = needed(problem, sites, self._known)
        try:
            arithmetic = Replaced(variant.wrap(FLOAT64), self._put, computed)
            evaluate(problem, arithmetic, wanted=wanted, known=self._known)
        except ProblemError:
            return None
        return {entry: float(value) for entry, value in _entries(self.question, computed)}


def as_read(
    question: Question, arithmetic: Several, numbers: Sequence[tuple[Entry, Given]]
) -> Floats | None:
    """What each reading of the question gives from the person's own numbers: readings by entries.

    In float64; None where it divides by zero.
    """
    computed: dict[QuantityAt, Value] = {}
    try:
        own = put(question, numbers, balls=False)
        evaluate(question.problem, Replaced(arithmetic, own, computed))
    except ProblemError:
        return None
    return question.flat(computed, len(arithmetic.inner.policies))


def _whole(question: Question, own: Put) -> Iterator[tuple[QuantityAt, Value]]:
    """The quantities of which every entry is given."""
    for site, part in own.items():
        if len(part) == question.problem.size(site[1]):
            values = [value for _, value in sorted(part.items())]
            yield site, np.array(values).reshape(question.problem.shapes[site[1]])


def _entries(question: Question, computed: Mapping[QuantityAt, Value]) -> Any:
    flat: dict[QuantityAt, Floats] = {}
    for entry in question.entries:
        site = entry[:2]
        if site not in computed:
            continue
        if site not in flat:
            flat[site] = iter(np.ravel(plain(computed[site])).tolist())
        yield entry, next(flat[site])
