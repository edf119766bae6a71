"""Values in place of given numbers: a walk that begins elsewhere than the problem does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from verifier.arithmetic.protocol import LITERAL, Origin, Value
from verifier.arithmetic.wrap.wrapped import Wrapped
from verifier.numbers import Numbers


@dataclass(frozen=True, eq=False)
class Begun(Wrapped):
    """An arithmetic that has values of its own where numbers are given."""

    values: Mapping[Origin, Value] = field(default_factory=dict)

    def given(self, numbers: Numbers, origin: Origin = LITERAL) -> Value:
        """The value that stands there, else the given numbers."""
        found = self.values.get(origin)
        return super().given(numbers, origin) if found is None else found
