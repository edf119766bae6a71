"""A row of the table of operations: all that is known of an operation, as data.

Formulas are texts of the language itself: an operation's arguments stand in them under the names
that `takes` gives them. `verifier.language.definitions` reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

Shape = tuple[int, ...]
Partial = Shape | None  # None: not known yet
OperationKind = Literal["sum", "product", "matrix product", "sign", "layout", "function"]
Texts = tuple[str, ...]
Domain = Literal["any", "not negative", "positive"]
Spelling = Literal["function", "infix", "prefix", "superscript", "brackets", "radical", "fence"]


def describe(shape: Shape) -> str:
    """A shape in words: "a scalar", "a vector of 3 entries", "a 2×3 matrix"."""
    if len(shape) == 1:
        return f"a vector of {shape[0]} {'entry' if shape[0] == 1 else 'entries'}"
    return "a scalar" if not shape else f"a {'×'.join(map(str, shape))} matrix"


@dataclass(frozen=True)
class Operation:
    """One operation of the language.

    `takes` names the arguments, as a function of Python would: "x", "x, slope=0.01", "*parts".
    Behind them stand whole numbers, `wholes` says how many at least and at most: an exponent, an
    axis, ends of a slice. `shape` gives the result's shape from the arguments' shapes and the whole
    numbers. `spelling` is how it looks on paper, a function by its `sign`.

    `definition` is what it means, in other operations. Without one, an arithmetic knows it, or its
    library does, by the name in `known_as` ("numpy", "sympy", "mpmath", "flint"; else its own).
    `slopes` are the derivatives by each argument, entry by entry, `value` being the result; where
    they hang on the whole numbers, a function of these. `adjoint` is for what does not work entry
    by entry: from shapes and whole numbers, each argument's adjoint, `g` being the result's.
    `range` are the ends that no value is beyond, `kinks` what is zero where the slope or the
    value jumps.
    `domain` says what the first argument must be. `accuracy` is how many ulps a library's function
    is taken to err at most, where no measurement says less; `rational` an argument and its value
    that every library gives; `turns` says that it both rises and falls. `moves` says that it only
    moves or repeats numbers, so that nothing is there to be rounded.
    """

    name: str
    kind: OperationKind
    takes: str
    shape: Callable[..., Partial]
    spelling: Spelling = "function"
    sign: str = ""
    wholes: tuple[int, int] = (0, 0)
    definition: str = ""
    slopes: Texts | Callable[..., Texts] = ()
    adjoint: Callable[..., Texts] | None = None
    range: tuple[float, float] = (float("-inf"), float("inf"))
    kinks: Texts = ()
    domain: Domain = "any"
    accuracy: float | None = None
    turns: bool = False
    rational: tuple[int, int] | None = None
    known_as: Mapping[str, str] = field(default_factory=dict)
    moves: bool = False

    @cached_property
    def arguments(self) -> Texts:
        """The arguments' names; one that takes any number of them is last."""
        return tuple(part.split("=")[0].strip(" *") for part in self.takes.split(",") if part)

    @cached_property
    def defaults(self) -> Mapping[str, str]:
        """The numbers that stand for arguments which are left out."""
        pairs = (part.split("=") for part in self.takes.split(",") if "=" in part)
        return {name.strip(): text.strip() for name, text in pairs}

    @cached_property
    def least(self) -> int:
        """The fewest arguments, whole numbers among them."""
        return len(self.arguments) - len(self.defaults) + self.wholes[0]

    @cached_property
    def most(self) -> int | None:
        """The most arguments, None when any number may follow."""
        return None if "*" in self.takes else len(self.arguments) + self.wholes[1]

    @property
    def called(self) -> str:
        """What a function is called on paper."""
        return self.sign or self.name
