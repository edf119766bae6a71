"""Functions of a multiple of their argument, or multiples of them, as another key gives them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from verifier.arithmetic.protocol import Site, Value
from verifier.arithmetic.wrap.wrapped import Wrapped, unrounded
from verifier.numbers import Numbers


@dataclass(frozen=True, eq=False)
class Scaled(Wrapped):
    """An arithmetic in which some functions take `factor` times their argument.

    Or give `factor` times their value, where that is `outside`. What the key does by itself a
    policy never rounds: the product of the argument, or the value before it is multiplied.
    """

    factor: str
    functions: frozenset[str]
    outside: bool = False

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Value:
        """The value of an operation."""
        if operation not in self.functions:
            return super().apply(operation, arguments, site)
        factor, bare = self.given(Numbers.typed(self.factor)), unrounded(self.inner)
        if self.outside:
            value = bare.apply(operation, arguments, site)
            return super().apply("multiply", (factor, value), site)
        first, *others = arguments
        product = bare.apply("multiply", (factor, first), site)
        return super().apply(operation, [product, *others], site)
