"""Several sets of given numbers at once: a lane each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from verifier.arithmetic.many_policies import Lanes, ManyPolicies
from verifier.arithmetic.protocol import LITERAL, Origin, Value
from verifier.arithmetic.wrap.wrapped import Wrapped
from verifier.numbers import Numbers


@dataclass(frozen=True, eq=False)
class Several(Wrapped):
    """Lanes in which some numbers differ from lane to lane; `others` has them by kind and name."""

    inner: ManyPolicies
    others: Mapping[tuple[str, str], Any]

    def given(self, numbers: Numbers, origin: Origin = LITERAL) -> Value:
        """Given numbers, of each lane its own."""
        own = self.others.get((origin.kind, origin.name))
        return super().given(numbers, origin) if own is None else Lanes(own)
