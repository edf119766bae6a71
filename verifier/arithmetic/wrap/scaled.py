"""Functions of a multiple of their argument, as another key of a calculator gives them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from verifier.arithmetic.protocol import Site, Value
from verifier.arithmetic.wrap.wrapped import Wrapped, unrounded
from verifier.numbers import Numbers


@dataclass(frozen=True, eq=False)
class Scaled(Wrapped):
    """An arithmetic in which some functions take `factor` times their argument.

    The product is the key's own affair, so a policy never rounds it.
    """

    factor: str
    functions: frozenset[str]

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Value:
        """The value of an operation."""
        if operation in self.functions:
            factor, first, *others = self.given(Numbers.typed(self.factor)), *arguments
            product = unrounded(self.inner).apply("multiply", (factor, first), site)
            arguments = [product, *others]
        return super().apply(operation, arguments, site)
