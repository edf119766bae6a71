"""Copies of a cell in layers and directions, and changes that are made to all of them at once.

Copies are found by what their equations are, not by their names: two groups of quantities whose
equations differ in names and in the direction of time alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from verifier.language.schedule import circles
from verifier.language.tree import Call, Equation, Expression, Name, Path, children, names
from verifier.language.tree import replace as replaced

Tokens = dict[str, str]


@dataclass(frozen=True, eq=False)
class Copy:
    """The quantities of a copy in the file's order, and a word for each name that all copies use.

    `sign` is −1 where time runs backwards. `trees` has the joined vectors that stand for a name.
    """

    equations: tuple[Equation, ...]
    tokens: Mapping[str, str]
    sign: int
    trees: Mapping[str, Call]

    @cached_property
    def names(self) -> Mapping[str, str]:
        """The names by their words."""
        return {token: name for name, token in self.tokens.items()}

    def holds(self, name: str) -> bool:
        """Whether an equation of this name is one of the copy's."""
        return any(equation.name == name for equation in self.equations)


Kind = tuple[Copy, ...]
"""Copies of one cell."""


def kinds(equations: Sequence[Equation], joined: bool = False) -> tuple[Kind, ...]:
    """The copies of each cell that stands there more than once.

    With `joined` a cell that reads the joined outputs of others is a copy of one that reads a
    vector, as are the layers of a bidirectional stack.
    """
    return _kinds(tuple(equations), joined)


@lru_cache(maxsize=64)
def _kinds(equations: tuple[Equation, ...], joined: bool) -> tuple[Kind, ...]:
    found: dict[object, list[Copy]] = {}
    for part in _parts(equations):
        copy = _copy(part, joined)
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


def _copy(equations: tuple[Equation, ...], joined: bool) -> Copy:
    own = {eq.name for eq in equations}
    trees: dict[str, Call] = {}
    used = [leaf for eq in equations for leaf in (Name(eq.name, 0), *_leaves(eq.expression))]
    kind: dict[str, str] = {}
    for leaf in used:
        if isinstance(leaf, Name):
            kind[leaf.name] = "q" if leaf.name in own else "p" if leaf.offset is None else "x"
        elif joined and not {name.name for name in names(leaf)} & own:
            trees[_key(leaf)] = leaf
            kind[_key(leaf)] = "x"
        else:
            kind |= {n.name: "q" if n.name in own else "x" for n in names(leaf)}
    tokens = {name: f"{own_kind}{k}" for k, (name, own_kind) in enumerate(kind.items())}
    every = [name for eq in equations for name in names(eq.expression)]
    back = any(name.offset == 1 for name in every if name.name in own)
    return Copy(equations, tokens, -1 if back else 1, trees)


def _leaves(tree: Expression) -> Iterator[Name | Call]:
    """The names of a tree, and the vectors of one step that are joined, in source order."""
    if isinstance(tree, Name) or _is_joint(tree):
        yield tree  # type: ignore[misc]
    else:
        for part in children(tree):
            yield from _leaves(part)


def _is_joint(tree: Expression) -> bool:
    """Whether a tree joins quantities or inputs of the same step."""
    parts = tree.arguments if isinstance(tree, Call) and tree.operation == "concat" else ()
    return bool(parts) and all(isinstance(part, Name) and part.offset == 0 for part in parts)


def _key(tree: Expression) -> str:
    """What no name is, for joined vectors."""
    return f"[{', '.join(name.name for name in names(tree))}]"


def _worded(
    tree: Expression, words: Mapping[str, str], sign: int, trees: Mapping[str, Call] | None = None
) -> Expression:
    """The tree with other names, and time running the other way where the sign says so.

    Words of `trees` are put in as these.
    """
    trees = trees or {}

    def rule(node: Expression, path: Path) -> Expression | None:
        if _is_joint(node) and _key(node) in words:
            return _put(words[_key(node)], 0)
        if not isinstance(node, Name):
            return None
        return _put(words.get(node.name, node.name), node.offset and sign * node.offset)

    def _put(word: str, offset: int | None) -> Expression:
        return _at(trees[word], offset or 0) if word in trees else Name(word, offset)

    return replaced(tree, rule)


def _at(tree: Call, offset: int) -> Expression:
    """Joined vectors of another step."""
    return Call("concat", tuple(Name(name.name, offset) for name in names(tree)))


def representatives(equations: Sequence[Equation], found: Sequence[Kind]) -> tuple[Equation, ...]:
    """The equations without those of all but the first copy of each cell."""
    others = {eq.name for kind in found for copy in kind[1:] for eq in copy.equations}
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
        sign, trees = first.sign * other.sign, other.trees
        cases = {
            step if sign > 0 else self.steps + 1 - step: tree and _worded(tree, words, sign, trees)
            for step, tree in equation.cases.items()
        }
        tree = _worded(equation.expression, words, sign, trees)
        return replace(equation, name=words[equation.name], expression=tree, cases=cases)

    def about(self, about: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
        """What a change is about in all copies."""
        return {key: tuple(dict.fromkeys(self._names(of))) for key, of in about.items()}

    def _names(self, own: Sequence[str]) -> Iterator[str]:
        yield from own
        for kind in self.found:
            for copy in kind[1:]:
                tokens = (kind[0].tokens[name] for name in own if name in kind[0].tokens)
                found = (copy.names[token] for token in tokens)
                yield from (name for name in found if name not in copy.trees)
