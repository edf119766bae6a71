"""The search for ranges: a box, its faces, and the smaller boxes that it is split into."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from verifier import effort
from verifier.arithmetic import enclosed as own
from verifier.arithmetic.boxes import Boxes, by_balls, ends
from verifier.arithmetic.dual_lanes import Moving
from verifier.arithmetic.enclosed import Enclosed, Floats
from verifier.arithmetic.protocol import QuantityAt, Value
from verifier.errors import ProblemError
from verifier.evaluate import Trace, evaluate
from verifier.language.tree import Call, nodes
from verifier.problem import Problem
from verifier.ranges.varying import Moved, Varying, varying

TOLERANCE = 2.0**-6
"""Boxes are split until what a range may be too wide is below this share of it."""

AT_ONCE = 128
"""Boxes that are split in one round."""

ROUNDS = 40
"""Rounds of splitting: halves of halves are then a billionth of an interval."""


@dataclass(frozen=True, eq=False)
class Bounds:
    """Ends of all entries, a row a box; slopes by each interval, as large as its box."""

    low: Floats
    high: Floats
    slopes: Enclosed | None = None


@dataclass(frozen=True, eq=False)
class Search:
    """The ranges of some quantities of a problem, over boxes of its intervals."""

    problem: Problem
    wanted: tuple[QuantityAt, ...]

    @cached_property
    def parts(self) -> tuple[Varying, ...]:
        """What varies."""
        return varying(self.problem)

    @cached_property
    def whole(self) -> tuple[Floats, Floats]:
        """The one box of all intervals, as a row of lower and one of upper ends."""
        pairs = [ends(part.numbers.low, part.numbers.high) for part in self.parts]
        rows = [
            np.concatenate(
                [
                    np.zeros(0),
                    *(
                        pair[k].ravel()[list(part.numbers.intervals)]
                        for pair, part in zip(pairs, self.parts, strict=True)
                    ),
                ]
            )
            for k in (0, 1)
        ]
        return rows[0][None], rows[1][None]

    @cached_property
    def most(self) -> int:
        """Into how many boxes the whole is split at most: fewer where each entry is Arb's."""
        calls = {
            node.operation
            for equation in self.problem.cell.equations
            for _, node in nodes(equation.expression)
            if isinstance(node, Call)
        }
        slow = any(by_balls(operation) for operation in calls)
        return effort.BOXES // 8 if slow else effort.BOXES

    @property
    def widest(self) -> int:
        """The entries of the largest quantity."""
        return max(self.problem.size(name) for name in self.problem.cell.equation)

    def plain(self, low: Floats, high: Floats, strict: bool = False) -> Bounds:
        """By whole intervals alone.

        Errors: ProblemError where there may be no value, if `strict`.
        """
        values = {part.origin: own.between(*part.between(low, high)) for part in self.parts}
        known = Boxes(lambda numbers, origin: values.get(origin), strict)
        return self._bounds(evaluate(self.problem, known), len(low))

    def by_slopes(self, low: Floats, high: Floats) -> Bounds:
        """By whole intervals and by slopes."""
        middle = low / 2 + high / 2
        box = own.between(low, high)
        box = Enclosed(
            middle, np.maximum(high - middle, middle - low) * (1 + own.UNIT) + 0 * box.radius
        )
        points = {part.origin: part.at(middle) for part in self.parts}
        centers = evaluate(self.problem, Boxes(lambda numbers, origin: points.get(origin)))
        moving = {part.origin: part.moving(box) for part in self.parts}
        arithmetic = Moved(Boxes(), low.shape[1], moving, dict(centers.values))
        return self._bounds(evaluate(self.problem, arithmetic), len(low))

    def _bounds(self, trace: Trace, lanes: int) -> Bounds:
        values = [trace.values[site] for site in self.wanted]
        plain = [value.value if isinstance(value, Moving) else value for value in values]
        low, high = (
            np.concatenate(
                [np.broadcast_to(end(v), (lanes, *v.shape)).reshape(lanes, -1) for v in plain],
                axis=1,
            )
            for end in (_lower, _upper)
        )
        return Bounds(low, high, self._slopes(values, lanes))

    def _slopes(self, values: list[Value], lanes: int) -> Enclosed | None:
        """The slopes of all entries by each interval; None where none were made."""
        if not isinstance(values[0], Moving):
            return None
        count = self.whole[0].shape[1]
        parts = []
        for value in values:
            zeros = own.exactly(np.zeros((1, *value.shape)))
            slopes = value.slopes or zeros
            shape = (lanes * count, *value.shape)
            parts.append(
                [
                    np.broadcast_to(part, shape).reshape(lanes, count, -1)
                    for part in (slopes.middle, slopes.radius)
                ]
            )
        return Enclosed(*(np.concatenate(side, axis=2) for side in zip(*parts, strict=True)))

    def enclosed(self, low: Floats, high: Floats) -> Bounds:
        """As `by_slopes`, so many boxes at a time as fit."""
        least = low.shape[1] * self.widest
        lanes = max(1, effort.BOX_WORK // max(1, least))
        found = [
            self.by_slopes(low[k : k + lanes], high[k : k + lanes])
            for k in range(0, len(low), lanes)
        ]
        if len(found) == 1:
            return found[0]
        slopes = [part.slopes for part in found if part.slopes is not None]
        joined = Enclosed(
            np.concatenate([s.middle for s in slopes]), np.concatenate([s.radius for s in slopes])
        )
        return Bounds(
            np.concatenate([p.low for p in found]), np.concatenate([p.high for p in found]), joined
        )

    def ranges(self) -> tuple[Floats, Floats, float]:
        """The least and the largest value of each entry, and how much too wide that may be.

        The last is a share of the widest range; 1 where nothing is known of it. Errors:
        ProblemError where a divisor may vanish.
        """
        low, high = self.whole
        if not low.shape[1] or low.shape[1] * self.widest > effort.BOX_WORK:
            found = self.plain(low, high, strict=True)
            return found.low[0], found.high[0], 1.0
        first = self.enclosed(low, high)
        least, most = self._faces(first)
        reached = self._reached(low, high)
        if low.shape[1] <= effort.BRANCHED:
            least, most, reached = self._split(first, least, most, reached)
        self._check(np.isfinite(least) & np.isfinite(most))
        return least, most, _slack(least, most, *reached)

    def _check(self, finite: Any) -> None:
        """Errors: ProblemError for the first entry without a bound."""
        if finite.all():
            return
        sizes = [self.problem.size(name) for _, name in self.wanted]
        first = int(np.argmin(finite))
        step, name = self.wanted[int(np.searchsorted(np.cumsum(sizes), first, side="right"))]
        place = self.problem.place(name)
        try:
            self.plain(*self.whole, strict=True)
        except ProblemError as error:
            if error.place == place:
                raise
        raise ProblemError(
            f"the range of {name} at step {step} has no proven bound: within the intervals it may"
            " have no value, or be too large for float64",
            place,
            "narrower intervals",
        )

    def _reached(self, low: Floats, high: Floats) -> tuple[Floats, Floats]:
        """Values that points of boxes have for certain: the least and the largest of each entry."""
        found = self.plain(low / 2 + high / 2, low / 2 + high / 2)
        return found.high.min(axis=0), found.low.max(axis=0)

    def _faces(self, first: Bounds) -> tuple[Floats, Floats]:
        """The ranges where an end of an interval is the worst one, as far as slopes have a sign."""
        slopes, (low, high) = first.slopes, self.whole
        least, most = first.low[0], first.high[0]
        entries = len(least)
        if slopes is None or entries * slopes.middle.size > effort.BOX_WORK:
            return least, most
        signs = (_lower(slopes)[0] > 0) * 1.0 - (_upper(slopes)[0] < 0)
        boxes = [_faces_of(low, high, side * signs.T) for side in (-1.0, 1.0)]
        found = self.enclosed(*(np.concatenate(pair) for pair in zip(*boxes, strict=True)))
        at = np.arange(entries)
        return (
            np.fmax(least, found.low[at, at]),
            np.fmin(most, found.high[at + entries, at]),
        )

    def _split(
        self, first: Bounds, least: Floats, most: Floats, reached: tuple[Floats, Floats]
    ) -> tuple[Floats, Floats, tuple[Floats, Floats]]:
        """The ranges over smaller boxes, of which those are split that may widen a range."""
        low, high = self.whole
        bounds, corners = first, self._corners()
        reached = np.minimum(reached[0], corners[0]), np.maximum(reached[1], corners[1])
        for _ in range(ROUNDS):
            if len(low) + AT_ONCE > self.most:
                break
            excess = _excess(bounds, least, most, *reached)
            worst = np.argsort(-excess, kind="stable")[:AT_ONCE]
            worst = worst[excess[worst] > 0]
            if not len(worst):
                break
            halves = _halved(low[worst], high[worst], bounds, worst)
            found = self.enclosed(*halves)
            inner = self._reached(*halves)
            reached = np.fmin(reached[0], inner[0]), np.fmax(reached[1], inner[1])
            kept = np.delete(np.arange(len(low)), worst)
            low, high = (
                np.concatenate([o[kept], n]) for o, n in zip((low, high), halves, strict=True)
            )
            bounds = _joined(bounds, kept, found)
        return (
            np.fmax(least, bounds.low.min(axis=0)),
            np.fmin(most, bounds.high.max(axis=0)),
            reached,
        )

    def _corners(self) -> tuple[Floats, Floats]:
        """What the corners of the whole box give."""
        low, high = self.whole
        count = low.shape[1]
        which = (np.arange(2**count)[:, None] >> np.arange(count)) & 1
        at = np.where(which == 1, high, low)
        found = self.plain(at, at)
        return found.high.min(axis=0), found.low.max(axis=0)


def _lower(x: Enclosed) -> Floats:
    return np.where(np.isfinite(x.radius), own.lower(x), -np.inf)


def _upper(x: Enclosed) -> Floats:
    return np.where(np.isfinite(x.radius), own.upper(x), np.inf)


def _faces_of(low: Floats, high: Floats, signs: Floats) -> tuple[Floats, Floats]:
    """For each row of signs, the box with the end that a sign names in place of an interval."""
    return np.where(signs > 0, high, low), np.where(signs < 0, low, high)


def _excess(bounds: Bounds, least: Floats, most: Floats, bottom: Floats, top: Floats) -> Floats:
    """How far each box may go beyond what is reached, as a share of what is reached.

    What other bounds exclude is not looked for.
    """
    span = top - bottom
    room = np.maximum(TOLERANCE * span, 1e-12 * np.maximum(np.abs(top), np.abs(bottom)) + 1e-300)
    below = bottom - np.maximum(bounds.low, least)
    above = np.minimum(bounds.high, most) - top
    over = np.maximum(below, above) / room - 1
    found: Floats = np.nan_to_num(over, nan=0.0, posinf=1e300).max(axis=1)
    return found


def _halved(low: Floats, high: Floats, bounds: Bounds, which: Any) -> tuple[Floats, Floats]:
    """Boxes split where the slopes by an interval move most, over all entries."""
    assert bounds.slopes is not None
    sizes = np.abs(bounds.slopes.middle[which]) + bounds.slopes.radius[which]
    span = np.maximum((bounds.high - bounds.low)[which], 1e-300)[:, None]
    share = np.nan_to_num(sizes / span, nan=1.0, posinf=1.0).max(axis=2)
    share = np.where(high > low, share + 1e-9, -1.0)
    axis = share.argmax(axis=1)
    rows = np.arange(len(low))
    middle = low[rows, axis] / 2 + high[rows, axis] / 2
    first, second = high.copy(), low.copy()
    first[rows, axis] = second[rows, axis] = middle
    return np.concatenate([low, second]), np.concatenate([first, high])


def _joined(bounds: Bounds, kept: Any, found: Bounds) -> Bounds:
    assert bounds.slopes is not None
    assert found.slopes is not None
    slopes = Enclosed(
        np.concatenate([bounds.slopes.middle[kept], found.slopes.middle]),
        np.concatenate([bounds.slopes.radius[kept], found.slopes.radius]),
    )
    low = np.concatenate([bounds.low[kept], found.low])
    return Bounds(low, np.concatenate([bounds.high[kept], found.high]), slopes)


def _slack(least: Floats, most: Floats, bottom: Floats, top: Floats) -> float:
    """The largest share of a range that may be too much; of what hardly varies, none."""
    wide = most - least
    counted = wide > 1e-6 * np.maximum(np.abs(most), np.abs(least)) + 1e-12
    share = np.where(counted, 1 - np.maximum(top - bottom, 0.0) / np.where(counted, wide, 1.0), 0.0)
    return float(np.nan_to_num(share, nan=1.0).max(initial=0.0))
