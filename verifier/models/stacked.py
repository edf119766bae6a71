"""Gates beside each other in one array, as frameworks keep them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from verifier.models.model import parameter

Array = Any


def split(array: Array, letter: str, gates: Sequence[str]) -> dict[str, Array]:
    """The parts of the last axis by the names of their gates' parameters."""
    parts = np.split(array, len(gates), axis=-1)
    return {parameter(letter, gate): part for gate, part in zip(gates, parts, strict=True)}


def joined(parameters: Mapping[str, Array], letter: str, gates: Sequence[str]) -> Array | None:
    """The gates' parameters beside each other, zeros where one is missing; None without any."""
    parts = [parameters.get(parameter(letter, gate)) for gate in gates]
    there = [part for part in parts if part is not None]
    if not there:
        return None
    filled = [np.zeros_like(there[0]) if part is None else part for part in parts]
    return np.concatenate(filled, axis=-1)
