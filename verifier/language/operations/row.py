"""A row of the table of operations: all that is known of an operation, as data.

Formulas are texts of the language itself: an operation's arguments stand in them under the names
that `takes` gives them. `verifier.language.definitions` reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

Shape = tuple[int, ...]
Partial = Shape | None  # None: not known yet
Kind = Literal["sum", "product", "matrix product", "sign", "layout", "function"]
Spelling = Literal["function", "infix", "prefix", "superscript", "brackets", "radical", "fence"]


def describe(shape: Shape) -> str:
    """A shape in words: "a scalar", "a vector of 3 entries", "a 2×3 matrix"."""
    if len(shape) == 1:
        return f"a vector of {shape[0]} {'entry' if shape[0] == 1 else 'entries'}"
    return "a scalar" if not shape else f"a {'×'.join(map(str, shape))} matrix"


@dataclass(frozen=True)
class Operation:
    """One operation of the language.

    `takes` names the arguments, as a function of Python would: "x", "x, slope=0.01", "*parts";
    `wholes` are those that are whole numbers, typed as such. `shape` gives the result's shape from
    the arguments'. `spelling` is how it looks on paper, a function by its `sign`.

    `definition` is what it means, in other operations; without one, an arithmetic knows it, or its
    library does by the name in `known_as` ("numpy", "sympy", "mpmath", "flint"; else its own).
    `slopes` are the derivatives by each argument, entry by entry, `value` being the result;
    `adjoint` is for what does not work entry by entry, from the result's adjoint `g`. `range` are
    the ends that no value is beyond, `kinks` what is zero where the slope jumps, `domain` what must
    be positive or zero. `accuracy` is how many ulps a library's function is taken to err at most,
    where no measurement says less; `at_zero` the value at 0, if every library gives that one.
    `moves` says that it only moves or repeats numbers, so that nothing is there to be rounded.
    """

    name: str
    kind: Kind
    takes: str
    shape: Callable[[Sequence[Partial]], Partial]
    spelling: Spelling = "function"
    sign: str = ""
    definition: str = ""
    slopes: tuple[str, ...] = ()
    adjoint: tuple[str, ...] = ()
    range: tuple[float, float] = (float("-inf"), float("inf"))
    kinks: tuple[str, ...] = ()
    domain: str = ""
    accuracy: float | None = None
    at_zero: float | None = None
    known_as: Mapping[str, str] = field(default_factory=dict)
    moves: bool = False

    @cached_property
    def arguments(self) -> tuple[str, ...]:
        """The arguments' names; one that takes any number of them is last."""
        return tuple(part.split("=")[0].strip(" *") for part in self.takes.split(",") if part)

    @cached_property
    def defaults(self) -> Mapping[str, str]:
        """The numbers that stand for arguments which are left out."""
        pairs = (part.split("=") for part in self.takes.split(",") if "=" in part)
        return {name.strip(): text.strip() for name, text in pairs}

    @cached_property
    def least(self) -> int:
        """The fewest arguments."""
        return len(self.arguments) - len(self.defaults)

    @cached_property
    def most(self) -> int | None:
        """The most arguments, None when any number may follow."""
        return None if "*" in self.takes else len(self.arguments)

    @property
    def called(self) -> str:
        """What a function is called on paper."""
        return self.sign or self.name
