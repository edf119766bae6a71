"""An arithmetic around another one; what a wrapper does not change is the other's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from verifier.arithmetic.protocol import LITERAL, Arithmetic, Origin, Site, Value
from verifier.numbers import Numbers


@dataclass(frozen=True, eq=False)
class Wrapped:
    """The arithmetic `inner`, as it is."""

    inner: Arithmetic

    @property
    def name(self) -> str:
        """The name of the arithmetic inside."""
        return self.inner.name

    @property
    def unrounded(self) -> Arithmetic:
        """The same, in which no policy rounds."""
        return replace(self, inner=unrounded(self.inner))

    def session(self) -> Any:
        """The session of the arithmetic inside."""
        return self.inner.session()

    def given(self, numbers: Numbers, origin: Origin = LITERAL) -> Value:
        """Given numbers as values of the arithmetic inside."""
        return self.inner.given(numbers, origin)

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Value:
        """The value of an operation."""
        return self.inner.apply(operation, arguments, site)


def unrounded(arithmetic: Arithmetic) -> Arithmetic:
    """The arithmetic without the rounding of a policy; itself where none rounds."""
    found: Arithmetic = getattr(arithmetic, "unrounded", arithmetic)
    return found
