"""Branch and bound over a box: float errors where few numbers vary.

Over a small box partial sums keep their binades and slopes their sizes, so that the sum of all that
operations err is nearly what a program can do there. The boxes with the largest bounds are split.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from verifier import effort
from verifier.arithmetic.floats.accuracy import Accuracy
from verifier.arithmetic.floats.affine import Lane
from verifier.arithmetic.floats.erring import Errors
from verifier.arithmetic.protocol import QuantityAt
from verifier.audit.bounds import recurrences
from verifier.evaluate import evaluate
from verifier.problem import Problem
from verifier.ranges.search import Search
from verifier.ranges.varying import Varying, varying

Floats = Any


SHARE, AT_ONCE = 8, (256, 2048)
"""Of so many boxes one is split in a round, and between how many: fewer rounds take less time, and
more of them split the worst boxes alone.
"""


def influence(problem: Problem, wanted: tuple[QuantityAt, ...]) -> Floats:
    """How far each interval moves what is wanted, at most, beside the others."""
    search = Search(problem, wanted)
    slopes = search.enclosed(*search.whole).slopes
    if slopes is None:
        return np.ones(search.whole[0].shape[1])
    moved = (np.abs(slopes.middle) + slopes.radius)[0].max(axis=1)
    return np.where(moved > 0, np.nan_to_num(moved, posinf=1.0), 1e-300)


@dataclass(frozen=True, eq=False)
class Branches:
    """The bounds of some quantities' errors in one order of evaluation, over boxes.

    `influence` is that of each interval: boxes are split where it is largest.
    """

    problem: Problem
    lane: Lane
    accuracy: Accuracy
    wanted: tuple[QuantityAt, ...]
    influence: Floats

    @cached_property
    def parts(self) -> tuple[Varying, ...]:
        """What varies."""
        return varying(self.problem)

    @cached_property
    def directions(self) -> int:
        """How many operations err, entry by entry, in a trial of one box."""
        used = [1]
        self._run(*self.whole, used)
        return used[0]

    @cached_property
    def whole(self) -> tuple[Floats, Floats]:
        """The one box of all intervals."""
        return Search(self.problem, self.wanted).whole

    def bounds(self, low: Floats, high: Floats) -> Floats:
        """The bounds over each box: a row a box, those of each quantity as `Errors.sizes`."""
        size = self.directions * max(self.problem.size(name) for name in self.problem.cell.equation)
        lanes = max(1, effort.BOX_WORK // size)
        return np.concatenate(
            [
                self._run(low[k : k + lanes], high[k : k + lanes], [1])
                for k in range(0, len(low), lanes)
            ]
        )

    def _run(self, low: Floats, high: Floats, used: list[int]) -> Floats:
        boxes = {part.origin: part.between(low, high) for part in self.parts}
        arithmetic = Errors(
            recurrences(self.problem),
            (self.lane,),
            self.accuracy,
            {},
            given_boxes=boxes,
            boxes=len(low),
            used=used,
        )
        trace = evaluate(self.problem, arithmetic)
        with np.errstate(all="ignore"):
            found = [arithmetic.sizes(trace.values[site]) for site in self.wanted]
        return np.concatenate(found, axis=1)

    def searched(self, most: int) -> Mapping[QuantityAt, Floats]:
        """The bounds over the whole box, split into so many smaller ones at most.

        A row for all errors, and one for those that operations make.
        """
        found = self._searched(max(1, most))
        sizes = [2 * self.problem.size(name) for _, name in self.wanted]
        parts = np.split(found, np.cumsum(sizes)[:-1])
        return {site: part.reshape(2, -1) for site, part in zip(self.wanted, parts, strict=True)}

    def _searched(self, most: int) -> Floats:
        low, high = self.whole
        found = self.bounds(low, high)
        weights = self.influence / np.maximum(high - low, 1e-300)
        while (at_once := min(_at_once(len(low)), most - len(low))) > 0:
            score = _scores(found)
            which = np.argsort(-score, kind="stable")[:at_once]
            halves = _halved(low[which], high[which], weights)
            kept = np.delete(np.arange(len(low)), which)
            low, high = (
                np.concatenate([o[kept], n]) for o, n in zip((low, high), halves, strict=True)
            )
            found = np.concatenate([found[kept], self.bounds(*halves)])
        return found.max(axis=0)


def _at_once(boxes: int) -> int:
    return min(boxes, max(AT_ONCE[0], min(AT_ONCE[1], boxes // SHARE)))


@np.errstate(all="ignore")
def _scores(found: Floats) -> Floats:
    """How near the bounds of each box come to the largest ones."""
    worst = found.max(axis=0)
    shares = np.nan_to_num(found / np.where(worst > 0, worst, 1.0), nan=1.0)
    scores: Floats = shares.max(axis=1)
    return scores


def _halved(low: Floats, high: Floats, weights: Floats) -> tuple[Floats, Floats]:
    axis = ((high - low) * weights).argmax(axis=1)
    rows = np.arange(len(low))
    middle = low[rows, axis] / 2 + high[rows, axis] / 2
    first, second = high.copy(), low.copy()
    first[rows, axis] = second[rows, axis] = middle
    return np.concatenate([low, second]), np.concatenate([first, high])
