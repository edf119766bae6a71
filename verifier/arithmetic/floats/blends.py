"""Blends of gates: sums (1 − z) ∘ h + z ∘ s, which programs may compute as h + z ∘ (s − h).

PyTorch does. So where a sum is a blend, every order of summation has the roundings of both.
"""

from __future__ import annotations

from typing import Protocol, Self, TypeVar


class Part(Protocol):
    """A factor: `parts` are those of a single difference."""

    @property
    def parts(self) -> tuple[Self, Self] | None:
        """x and y of x − y."""

    @property
    def as_one(self) -> bool:
        """Whether 1 − z may start with it; to say so of what is not one only widens a bound."""


P = TypeVar("P", bound=Part)
F = TypeVar("F", bound=Part, covariant=True)


class Term(Protocol[F]):
    """A term of a sum: `factors` are those of a single product."""

    @property
    def factors(self) -> tuple[F, F] | None:
        """x and y of x ∘ y."""


def blend(x: Term[P], y: Term[P]) -> tuple[P, P, P] | None:
    """z, h and s where x + y is (1 − z) ∘ h + z ∘ s, in this order or the other."""
    return _blend(x, y) or _blend(y, x)


def _blend(x: Term[P], y: Term[P]) -> tuple[P, P, P] | None:
    """z, h and s where x = (1 − z) ∘ h and y = z ∘ s, the z being the same value."""
    for kept, h in _both(x):
        if kept.parts is not None and kept.parts[0].as_one:
            for z, s in _both(y):
                if z is kept.parts[1]:
                    return z, h, s
    return None


def _both(term: Term[P]) -> tuple[tuple[P, P], ...]:
    """The factors in either order, where the term is a product."""
    return (term.factors, term.factors[::-1]) if term.factors else ()
