"""Values in place of computed ones: whole quantities, or some of their entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from verifier.arithmetic.many_policies import Lanes
from verifier.arithmetic.matrices import plain
from verifier.arithmetic.protocol import QuantityAt, Site, Value
from verifier.arithmetic.wrap.wrapped import Wrapped

Put = Mapping[QuantityAt, Value | Mapping[int, Any]]
"""By step and name a value, or scalars by the number of the entry they stand in for."""


@dataclass(frozen=True, eq=False)
class Replaced(Wrapped):
    """An arithmetic in which values are put in place of computed ones.

    What follows is computed from what is put. `computed`, where it is given, is filled with what
    the equations give; without it, an operation whose whole result is replaced is not done.
    """

    put: Put = field(default_factory=dict)
    computed: dict[QuantityAt, Value] | None = None

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Value:
        """The value of an operation; at the end of an equation, what is put there."""
        where = site.step, site.name
        put = None if site.path else self.put.get(where)
        whole = put is not None and not isinstance(put, Mapping)
        if whole and self.computed is None:
            return put
        value = super().apply(operation, arguments, site)
        if self.computed is not None and not site.path:
            self.computed[where] = value
        return put if whole else _mixed(plain(value), put) if put else value


def _mixed(value: Any, put: Mapping[int, Any]) -> Any:
    """A copy of the value with some of its entries put."""
    if isinstance(value, Lanes):
        return value.put(put)
    mixed = value.copy()
    for k, entry in put.items():
        mixed.reshape(-1)[k] = entry
    return mixed
