"""The catalogue of cells: one TOML file a cell, with equations, words and their source."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
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
    id: str = ""  # where several cells share them


@dataclass(frozen=True)
class Cell:
    """A system of equations with the words for its quantities.

    `differs` says what is other than in neighbours, `output` which quantity a layer shows. The
    equations may be those of `same_as`. `examples` are what stands for a number that cannot be
    any: a number's text, or "positive". Without `batch`, a step is one vector and no matrix.
    `backwards` are those that go from the last step to the first where either way would do.
    """

    name: str
    equations: tuple[Equation, ...]
    title: str = ""
    summary: str = ""
    source: str = ""
    words: Mapping[str, Words] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()
    sizes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    differs: str = ""
    output: str = ""
    same_as: str = ""
    examples: Mapping[str, str] = field(default_factory=dict)
    batch: bool = True
    backwards: frozenset[str] = frozenset()

    @cached_property
    def roles(self) -> Roles:
        """What each name is."""
        return roles(self.equations)

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The order of evaluation."""
        return schedule(self.equations, self.backwards)

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
    said = {key: data[key] for key in ("title", "summary", "source", "differs") if key in data}
    if "same_as" in data:
        return replace(load(data["same_as"]), name=name, same_as=data["same_as"], **said)
    return Cell(
        name,
        parse(data["equations"]),
        words={key: _words(words) for key, words in data["words"].items()},
        names=data.get("names", {}),
        optional=frozenset(data.get("optional", ())),
        sizes={key: tuple(size) for key, size in data.get("sizes", {}).items()},
        output=data.get("output", ""),
        examples=data.get("examples", {}),
        batch=data.get("batch", True),
        **said,
    )


def _words(given: str | Mapping[str, str]) -> Words:
    """Words as a cell's file gives them: their own, or the name of those in `words.toml`."""
    return shared_words()[given] if isinstance(given, str) else Words(**given)


@lru_cache
def shared_words() -> Mapping[str, Words]:
    """The words that several cells share, by their names."""
    data = tomllib.loads((FOLDER / "words" / "words.toml").read_text("utf-8"))
    return {key: Words(**words, id=key) for key, words in data.items()}


def lengths(inputs: int, hidden: int) -> Mapping[str, int]:
    """The lengths that letters of `sizes` stand for: inputs n, hidden m, fewer p, 2m twice m."""
    plain = {"n": inputs, "m": hidden, "p": max(1, hidden - 1)}
    return {**plain, **{f"2{letter}": 2 * length for letter, length in plain.items()}}


def catalogue() -> tuple[str, ...]:
    """The names of all cells of the catalogue."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))


@lru_cache(maxsize=256)
def load(name: str) -> Cell:
    """A cell of the catalogue.

    Errors: ProblemError for a name that is not in it; the nearest one is offered.
    """
    known = catalogue()
    if name not in known:
        hint = nearest(str(name).lower(), known)
        raise ProblemError(f"there is no cell {str(name)[:60]!r}{hint}", accepted=", ".join(known))
    return from_file((FOLDER / f"{name}.toml").read_text("utf-8"), name)
