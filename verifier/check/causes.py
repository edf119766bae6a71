"""What explains several quantities at once comes before what explains one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from verifier.arithmetic.protocol import QuantityAt
from verifier.language.tree import Equation
from verifier.outcomes.model import Explanation


@dataclass(frozen=True, eq=False)
class Cause:
    """What was done otherwise in some quantities, and what else gives the same numbers."""

    explanation: Explanation
    used: tuple[Equation, ...] = ()
    also: tuple[Explanation, ...] = ()


def most_first(
    fits: Mapping[int, Sequence[QuantityAt]],
) -> Iterator[tuple[int, list[QuantityAt], list[int]]]:
    """Tries, by the quantities that they explain, that explain all together.

    Each with the quantities for which it stands, and the other tries that explain some of these.
    """
    left = {site for sites in fits.values() for site in sites}
    while left:
        best = max(fits, key=lambda k: (len(left & set(fits[k])), -k))
        sites = sorted(left & set(fits[best]))
        also = [k for k in fits if k != best and set(sites) & set(fits[k])]
        yield best, sites, sorted(also)
        left -= set(sites)
