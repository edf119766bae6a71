"""What is asked for of a model file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Wanted:
    """Arrays by the names that the model has for them, a layer, and a sequence of the batch.

    The array "" is that of the one input that is missing.
    """

    inputs: Mapping[str, Any] = field(default_factory=dict)
    layer: str = ""
    item: int = 0
    assumed: Mapping[str, str] = field(default_factory=dict)  # what the file does not say
