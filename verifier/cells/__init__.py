"""The catalogue of cells: one TOML file a cell, with equations, words and their source."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from verifier.errors import ProblemError, nearest
from verifier.language.parse import parse
from verifier.language.schedule import Block, Roles, roles, schedule
from verifier.language.tree import Equation
from verifier.rewrites import optional

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Words:
    """What a quantity is called, and what it does, in one sentence."""

    name: str
    does: str = ""


@dataclass(frozen=True)
class Cell:
    """A system of equations with the words for its quantities."""

    name: str
    equations: tuple[Equation, ...]
    title: str = ""
    summary: str = ""
    source: str = ""
    words: Mapping[str, Words] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()
    sizes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def roles(self) -> Roles:
        """What each name is."""
        return roles(self.equations)

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The order of evaluation."""
        return schedule(self.equations)

    @cached_property
    def equation(self) -> Mapping[str, Equation]:
        """Each quantity's equation."""
        return {equation.name: equation for equation in self.equations}

    def without(self, absent: frozenset[str]) -> Cell:
        """The cell without optional terms that a problem does not give."""
        gone = absent & self.optional
        return replace(self, equations=optional.drop(self.equations, gone)) if gone else self


def from_text(text: str, name: str = "") -> Cell:
    """A cell from a text of equations."""
    return Cell(name, parse(text))


def from_file(text: str, name: str) -> Cell:
    """A cell from the text of its file in the catalogue."""
    data = tomllib.loads(text)
    return Cell(
        name,
        parse(data["equations"]),
        data["title"],
        data["summary"],
        data["source"],
        {key: Words(**words) for key, words in data["words"].items()},
        data.get("names", {}),
        frozenset(data.get("optional", ())),
        {key: tuple(size) for key, size in data.get("sizes", {}).items()},
    )


def catalogue() -> tuple[str, ...]:
    """The names of all cells of the catalogue."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))


def load(name: str) -> Cell:
    """A cell of the catalogue.

    Errors: ProblemError for a name that is not in it; the nearest one is offered.
    """
    known = catalogue()
    if name not in known:
        hint = nearest(str(name).lower(), known)
        raise ProblemError(f"there is no cell {str(name)[:60]!r}{hint}", accepted=", ".join(known))
    return from_file((FOLDER / f"{name}.toml").read_text("utf-8"), name)
