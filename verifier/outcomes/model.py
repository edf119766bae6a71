"""A number of an entry, and why it is what it is: plain data that all who judge share."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from verifier.errors import Place

Entry = tuple[int, str, tuple[int, ...]]
"""Step (from 1), name and index (from 0) of an entry."""

About = tuple[tuple[str, tuple[str, ...]], ...]

ExplanationKind = Literal[
    "policy", "mode", "places", "digits", "units", "mistake", "slip", "follows", "form"
]


@dataclass(frozen=True)
class Given:
    """One number as a person wrote it; `places` is None where the text is no decimal."""

    text: str
    value: Fraction
    places: int | None
    place: Place | None = None


@dataclass(frozen=True)
class Explanation:
    """Why a number is what it is: the kind, and the id of the policy, mode, mistake or slip.

    `about` fills in the words: by kind of part (quantities, gate, other, state, parameters, input,
    function, term, policy, mode, places, figures, digits, at, steps) the names or words, in order.
    """

    kind: ExplanationKind
    id: str
    about: About = ()

    def named(self, part: str) -> tuple[str, ...]:
        """What `about` says of a part; empty when it says nothing."""
        return dict(self.about).get(part, ())
