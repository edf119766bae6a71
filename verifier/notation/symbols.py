"""Symbols of the backward pass: what a name that no text has looks like on paper."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import ClassVar, Literal

from verifier.notation.accents import NAMED, clusters
from verifier.notation.precedence import ATOM
from verifier.notation.spelling import GREEK, Spelling, spelled

SymbolKind = Literal["gradient", "sum", "delta", "back", "ahead", "new"]
"""The derivative of the loss by a quantity; by a parameter, as the sum from a step on; by a term of
a quantity's equation; what is passed back or ahead to a state; a parameter after a step."""

MARKS = {"delta": ("bar", "in"), "back": ("leftvec", "back"), "ahead": ("vec", "ahead")}
MARKS |= {"new": ("prime", "new")}
"""The accent of a letter; above a word, which has none, a superscript says it."""


@dataclass(frozen=True)
class Symbol:
    """A kind of symbol, the name that it is made of, and a number where there are several."""

    kind: SymbolKind
    of: str
    number: int = 1

    def spelled(self, own: Spelling) -> Spelling:
        """The spelling of the name with the mark of the kind."""
        return _marked(self, own)


@lru_cache(maxsize=4096)
def _marked(symbol: Symbol, own: Spelling) -> Spelling:
    accent, word = MARKS.get(symbol.kind, ("", ""))
    above = [own.superscript]
    letter = GREEK.get(own.base, own.base)
    if accent and len(clusters(letter)) == 1:
        own = replace(own, base=letter + NAMED[accent].sign)
    elif word:
        above.append(word)
    if symbol.number > 1:
        above.append(f"({symbol.number})")
    return replace(own, superscript=",".join(filter(None, above)))


class Symbolic(ABC):
    """What printers share that print these symbols."""

    names: Mapping[str, str]
    bold: Set[str]
    delta: bool
    levels: ClassVar[Mapping[str, int]]

    def spelled(self, name: str) -> Spelling:
        """The parts of a name's spelling."""
        found = spelled(self.names.get(name, name))
        return replace(found, bold=True) if name in self.bold else found

    def symbol(self, symbol: Symbol, time: str, index: str = "") -> str:
        """A symbol of the backward pass with its index of time, and that of an entry."""
        spelling, at = (
            symbol.spelled(self.spelled(symbol.of)),
            ",".join(filter(None, [time, index])),
        )
        if symbol.kind == "new":
            return self.name(spelling, index)
        if symbol.kind == "gradient":
            return self.gradient(self.name(spelling, at))
        if symbol.kind != "sum":
            return self.differential(self.name(spelling, at))
        whole = self.gradient(self.name(spelling, index))
        return whole if time in ("", "1") else self.since(whole, time)

    def gradient(self, x: str) -> str:
        """The derivative of the loss by what is printed."""
        if self.delta:
            return self.differential(x)
        return self.derivative(self.name(self.spelled("loss"), ""), x)

    def derivative(self, x: str, y: str) -> str:
        """A derivative as a fraction."""
        return self.show_partial(x, y)

    def differential(self, x: str) -> str:
        """A delta before what is printed."""
        return f"δ{x}"

    def since(self, x: str, time: str) -> str:
        """The part of a sum that the steps from one on give."""
        return self.show_entry(self.parentheses(x), self.at_least(time))

    def at_least(self, time: str) -> str:
        """A step and those behind it."""
        return f"≥{time}"

    def level_of(self, symbol: Symbol) -> int:
        """How tightly a symbol of the backward pass binds."""
        if symbol.kind == "new":
            return ATOM
        fraction = symbol.kind in ("gradient", "sum") and not self.delta
        return self.levels["divide"] if fraction else ATOM - 1

    @abstractmethod
    def name(self, spelling: Spelling, time: str) -> str:
        """A name with its index of time."""

    @abstractmethod
    def parentheses(self, text: str) -> str:
        """The text in parentheses."""

    @abstractmethod
    def show_entry(self, x: str, index: str) -> str:
        """An entry or a slice of a printed term."""

    def show_partial(self, x: str, y: str) -> str:
        """A partial derivative."""
        return f"∂{x}/∂{y}"
