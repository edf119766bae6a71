"""Half ulps of sizes that are bounds: none doubles because a bound is just above a power of two."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from verifier.arithmetic.floats.binary import Floats, Formats, powers_of


@dataclass(frozen=True)
class SharpFormats(Formats):
    """The same, for sizes that are often powers of two but for how bounds are rounded.

    To nearest, a result x just above a power of two p errs by x − p at most, since p is a number of
    the format, and one below p by half an ulp of that binade.
    """

    def half_ulps(self, sizes: Floats) -> Floats:
        """As `Format.half_ulps`, row by row, and no more than just above a power of two is lost."""
        near, powers = powers_of(sizes)
        least, scale, largest = self._binades("half", sizes)
        found = np.maximum(powers, least)
        found *= scale
        beyond = near - powers
        if (beyond >= found).all() and not (near.view(np.int64) > largest).any():
            return found  # as most are: none is zero, nan, lost or just above a power of two
        return self._sharp(self._half_ulps(sizes, near, powers), powers, beyond)

    def _sharp(self, whole: Floats, powers: Floats, beyond: Floats) -> Floats:
        least, _, _ = self._binades("whole", powers)
        above = (beyond < whole) & (powers > least) & np.isfinite(whole)
        if above.any():
            near = np.broadcast_to(beyond, whole.shape)[above]
            whole[above] = np.maximum(whole[above] / 2, near)
        return whole
