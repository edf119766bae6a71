"""What a problem says beside its cell and numbers: how names print, texts, and points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, get_args

Detail = Literal["full", "vector", "result"]
DETAILS: tuple[Detail, ...] = get_args(Detail)
Gradient = Literal["partial", "delta"]
Weight = Literal["plain", "bold"]
GRADIENTS: tuple[Gradient, ...] = get_args(Gradient)
WEIGHTS: tuple[Weight, ...] = get_args(Weight)


@dataclass(frozen=True)
class Notation:
    """How names print: the sign of the Hadamard product, and spellings such as "U^z".

    A gradient by W is a fraction, ∂L/∂W, or a "delta": δW. Numbers on the way to a result have
    `guard` places (or figures) more than it has. Names of vectors may be "bold".
    """

    hadamard: str = "∘"
    names: Mapping[str, str] = field(default_factory=dict)
    gradient: Gradient = "partial"
    guard: int = 0
    vectors: Weight = "plain"


@dataclass(frozen=True)
class Texts:
    """What a problem's author says beside its numbers; empty texts are not printed."""

    statement: str = ""
    points: str = ""
    course: str = ""
    author: str = ""
    date: str = ""
    language: str = "en"


Level = Literal["hints", "verdicts", "full"]
"""How much feedback tells: where to look, or all but the right digits, or those as well."""

LEVELS: tuple[Level, ...] = get_args(Level)


@dataclass(frozen=True)
class Scoring:
    """Points of a quantity at each step, in equal parts for its entries.

    `points` names quantities with points of their own; the others get `each`, and where that is
    None a point for each entry. The others say how much of its points a number earns: `rounding`
    where it fits the habit of the sheet, `half` within `half_within` units of the last asked place
    or with at most `least_places` places fewer than asked, `follows` and `slip` with those reasons.
    A habit must fit `habits` of the numbers. What presentation alone may cost ends at
    `presentation` of all points. `feedback` says how much a person is told.
    """

    each: Fraction | None = None
    points: Mapping[str, Fraction] = field(default_factory=dict)
    rounding: Fraction = Fraction(1)
    half: Fraction = Fraction(1, 2)
    half_within: Fraction = Fraction(1)
    least_places: Fraction = Fraction(1)
    habits: Fraction = Fraction(3, 4)
    follows: Fraction = Fraction(1)
    slip: Fraction = Fraction(0)
    presentation: Fraction = Fraction(1)
    feedback: Level = "full"
