"""Copies of a cell in layers and directions, and changes that are made to all of them at once.

Copies are found by what their equations are, not by their names: two groups of quantities whose
equations differ in names and in the direction of time alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from verifier.language.schedule import circles
from verifier.language.tree import Equation, Expression, Name, Path, names
from verifier.language.tree import replace as replaced

Tokens = dict[str, str]


@dataclass(frozen=True, eq=False)
class Copy:
    """The quantities of a copy in the file's order, and a word for each name that all copies use.

    `sign` is −1 where time runs backwards.
    """

    equations: tuple[Equation, ...]
    tokens: Mapping[str, str]
    sign: int

    @cached_property
    def names(self) -> Mapping[str, str]:
        """The names by their words."""
        return {token: name for name, token in self.tokens.items()}

    def holds(self, name: str) -> bool:
        """Whether an equation of this name is one of the copy's."""
        return any(equation.name == name for equation in self.equations)


Kind = tuple[Copy, ...]
"""Copies of one cell."""


def kinds(equations: Sequence[Equation]) -> tuple[Kind, ...]:
    """The copies of each cell that stands there more than once."""
    return _kinds(tuple(equations))


@lru_cache(maxsize=64)
def _kinds(equations: tuple[Equation, ...]) -> tuple[Kind, ...]:
    found: dict[object, list[Copy]] = {}
    for part in _parts(equations):
        copy = _copy(part)
        form = tuple(
            (copy.tokens[eq.name], _worded(eq.expression, copy.tokens, copy.sign)) for eq in part
        )
        found.setdefault(form, []).append(copy)
    return tuple(tuple(copies) for copies in found.values() if len(copies) > 1)


def _parts(equations: Sequence[Equation]) -> Iterator[tuple[Equation, ...]]:
    """The equations of each recurrence, with those that it alone reads."""
    needs = {eq.name: {n.name for n in names(eq.expression)} for eq in equations}
    groups = circles(equations)
    part = {name: k for k, group in enumerate(groups) for name in group if name in needs[name]}
    part |= {name: k for k, group in enumerate(groups) if len(group) > 1 for name in group}
    for name in (group[0] for group in reversed(groups) if group[0] not in part):
        readers = {part.get(other) for other in needs if name in needs[other]}
        if len(readers) == 1 and None not in readers:
            part[name] = readers.pop()  # type: ignore[assignment]
    for k in dict.fromkeys(part[eq.name] for eq in equations if eq.name in part):
        yield tuple(eq for eq in equations if part.get(eq.name) == k)


def _copy(equations: tuple[Equation, ...]) -> Copy:
    own = {eq.name for eq in equations}
    used = [name for eq in equations for name in (Name(eq.name, 0), *names(eq.expression))]
    kind = {n.name: "q" if n.name in own else "p" if n.offset is None else "x" for n in used}
    order = {name: k for k, name in enumerate(kind)}
    tokens = {name: f"{kind[name]}{k}" for name, k in order.items()}
    back = any(n.offset == 1 for n in used if n.name in own)
    return Copy(equations, tokens, -1 if back else 1)


def _worded(tree: Expression, words: Mapping[str, str], sign: int) -> Expression:
    """The tree with other names, and time running the other way where the sign says so."""

    def rule(node: Expression, path: Path) -> Expression | None:
        if not isinstance(node, Name):
            return None
        return Name(words.get(node.name, node.name), node.offset and sign * node.offset)

    return replaced(tree, rule)


def representatives(equations: Sequence[Equation]) -> tuple[Equation, ...]:
    """The equations without those of all but the first copy of each cell."""
    others = {eq.name for kind in kinds(equations) for copy in kind[1:] for eq in copy.equations}
    return tuple(eq for eq in equations if eq.name not in others)


@dataclass(frozen=True, eq=False)
class Spread:
    """What is done to the first copy of each cell, done to all of its copies."""

    found: tuple[Kind, ...]
    steps: int

    def equations(self, changed: Mapping[str, Equation]) -> dict[str, Equation]:
        """The changed equations of first copies, and those of the others that follow."""
        return {new.name: new for equation in changed.values() for new in self.equation(equation)}

    def equation(self, equation: Equation) -> Iterator[Equation]:
        """A changed equation, and the same of each other copy."""
        yield equation
        for kind in self.found:
            if kind[0].holds(equation.name):
                yield from (self._moved(equation, kind[0], copy) for copy in kind[1:])

    def _moved(self, equation: Equation, first: Copy, other: Copy) -> Equation:
        words = {name: other.names[token] for name, token in first.tokens.items()}
        sign = first.sign * other.sign
        cases = {
            step if sign > 0 else self.steps + 1 - step: tree and _worded(tree, words, sign)
            for step, tree in equation.cases.items()
        }
        tree = _worded(equation.expression, words, sign)
        return replace(equation, name=words[equation.name], expression=tree, cases=cases)

    def about(self, about: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
        """What a change is about in all copies."""
        return {key: tuple(dict.fromkeys(self._names(of))) for key, of in about.items()}

    def _names(self, own: Sequence[str]) -> Iterator[str]:
        yield from own
        for kind in self.found:
            for copy in kind[1:]:
                tokens = (kind[0].tokens[name] for name in own if name in kind[0].tokens)
                yield from (copy.names[token] for token in tokens)
