"""Entries in words: the second entry of s_1."""

from __future__ import annotations

import numpy as np

from verifier.language.operations import Shape
from verifier.report.scribe import Scribe
from verifier.report.words import Math, Prose


def entry_of(scribe: Scribe, symbol: Math, shape: Shape, k: int) -> Prose:
    """An entry of anything of a shape in words."""
    words = scribe.words
    if shape in ((), (1,)):
        return words("entry.whole", symbol=symbol)
    if len(shape) == 2:
        row, column = (int(i) + 1 for i in np.unravel_index(k, shape))
        return words("entry.matrix", row=row, column=column, symbol=symbol)
    if words.has(f"ordinal.{k + 1}"):
        return words("entry.vector", ordinal=words.text(f"ordinal.{k + 1}"), symbol=symbol)
    return words("entry.number", number=k + 1, symbol=symbol)
