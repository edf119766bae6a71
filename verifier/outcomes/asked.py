"""Given numbers as arrays, and which lanes of computed ones print as they do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from verifier.outcomes.model import Entry

Floats = Any
"""A float64 array."""

NEAR = 1e-6
"""Units of the last place within which an estimate in float64 may be off."""


@dataclass(frozen=True, eq=False)
class Asked:
    """The given numbers as arrays: where they stand, their values and their last places."""

    entries: tuple[Entry, ...]
    where: Floats
    value: Floats
    unit: Floats

    def some(self, keep: Floats) -> Asked:
        """Some of the numbers."""
        chosen = tuple(e for e, wanted in zip(self.entries, keep, strict=True) if wanted)
        return Asked(chosen, self.where[keep], self.value[keep], self.unit[keep])


def matching(values: Floats, asked: Asked, kinds: Any) -> Floats:
    """Which numbers print as the given ones: lanes by given numbers, in float64.

    `kinds` are the modes, as half for all to the nearest.
    """
    off = (values[..., asked.where] - asked.value) / asked.unit
    outward = np.where(asked.value == 0, np.abs(off), off * np.sign(asked.value))
    rules = {
        "half": np.abs(off) <= 0.5 + NEAR,
        "down": (outward > -NEAR) & (outward < 1 + NEAR),
        "up": (outward < NEAR) & (outward > -1 - NEAR),
        "floor": (off > -NEAR) & (off < 1 + NEAR),
        "ceiling": (off < NEAR) & (off > -1 - NEAR),
    }
    found = np.zeros(off.shape, dtype=bool)
    for kind, rule in rules.items():
        found |= rule & (kinds == kind)
    return found
