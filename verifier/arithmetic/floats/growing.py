"""Lanes with secant slopes by directions that come along as a walk goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from verifier.arithmetic.dual_lanes import DualLanes, Moving
from verifier.arithmetic.enclosed import Enclosed


@dataclass(frozen=True)
class Growing(DualLanes):
    """Slopes by the directions that there are so far: those of later errors are zero."""

    boxes: int = 1

    def count(self, slopes: Enclosed) -> int:
        """By how many directions there are slopes."""
        return len(slopes.middle) // self.boxes

    def linear(self, operation: str, *arguments: Any) -> Moving:
        """As of any slopes, by as many directions of each argument."""
        most = max(
            (
                self.count(part.slopes)
                for part in arguments
                if isinstance(part, Moving) and part.slopes
            ),
            default=0,
        )
        return super().linear(
            operation,
            *(self._grown(part, most) if isinstance(part, Moving) else part for part in arguments),
        )

    def _grown(self, x: Moving, count: int) -> Moving:
        return x if x.slopes is None else Moving(x.value, self.padded(x.slopes, count))

    def padded(self, slopes: Enclosed, count: int) -> Enclosed:
        """The slopes by so many directions."""
        there = self.count(slopes)
        if there == count:
            return slopes
        zeros = np.zeros((self.boxes, count - there, *slopes.shape))
        parts = (
            np.concatenate([part.reshape(self.boxes, there, *slopes.shape), zeros], axis=1)
            for part in (slopes.middle, slopes.radius)
        )
        return Enclosed(*(part.reshape(-1, *slopes.shape) for part in parts))

    def plus(self, x: Moving, slopes: Enclosed) -> Moving:
        """As of any slopes, by as many directions of both."""
        if x.slopes is None:
            return super().plus(x, slopes)
        most = max(self.count(x.slopes), self.count(slopes))
        return super().plus(self._grown(x, most), self.padded(slopes, most))
