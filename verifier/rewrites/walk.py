"""Rules on single nodes, applied where they fit: at one node, in one equation, everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from verifier.language.tree import (
    Call,
    Equation,
    Expression,
    Name,
    Number,
    Path,
    children,
    nodes,
)
from verifier.language.tree import replace as replaced
from verifier.rewrites.model import Change, Changes, Task

About = Mapping[str, Sequence[str]]
Found = tuple[Expression, About]


@dataclass(frozen=True)
class Spot:
    """Where a node stands: the problem, the equation, and the path."""

    problem: Task
    equation: Equation
    path: Path

    @property
    def parent(self) -> Call | None:
        """The operation of which the node is an argument."""
        if not self.path:
            return None
        found = reduce(lambda node, k: children(node)[k], self.path[:-1], self.equation.expression)
        return found if isinstance(found, Call) else None

    def is_term(self) -> bool:
        """Whether the node is a term of a larger sum."""
        return self.parent is not None and self.parent.operation in ("add", "subtract")


Pattern = Callable[[Expression, Spot], Iterator[Found]]


def at_nodes(pattern: Pattern) -> Changes:
    """The pattern at one node at a time."""

    def changes(problem: Task) -> Iterator[Change]:
        for equation in problem.cell.equations:
            for path, found, about in _found(problem, equation, pattern):
                yield _change({equation.name: with_nodes(equation, {path: found})}, about)

    return changes


def everywhere(pattern: Pattern) -> Changes:
    """The pattern at every node at once, where there are several."""

    def changes(problem: Task) -> Iterator[Change]:
        new: dict[str, Equation] = {}
        abouts: list[About] = []
        for equation in problem.cell.equations:
            found = {
                path: (node, about) for path, node, about in _first(problem, equation, pattern)
            }
            if found:
                nodes_at = {path: node for path, (node, _) in found.items()}
                new[equation.name] = with_nodes(equation, nodes_at)
                abouts += [about for _, about in found.values()]
        if len(abouts) > 1:
            yield _change(new, reduce(_joined, abouts))

    return changes


def at_all(pattern: Pattern) -> Changes:
    """The pattern at every node at once, however many there are."""

    def changes(problem: Task) -> Iterator[Change]:
        several = list(everywhere(pattern)(problem))
        yield from several or at_nodes(pattern)(problem)

    return changes


def either(*parts: Changes) -> Changes:
    """The changes of several ways to apply a rule."""

    def changes(problem: Task) -> Iterator[Change]:
        for part in parts:
            yield from part(problem)

    return changes


def both(pattern: Pattern) -> Changes:
    """The pattern at one node at a time, and at all at once."""
    return either(at_nodes(pattern), everywhere(pattern))


def _found(
    problem: Task, equation: Equation, pattern: Pattern
) -> Iterator[tuple[Path, Expression, About]]:
    for path, node in nodes(equation.expression):
        for new, about in pattern(node, Spot(problem, equation, path)):
            yield path, new, about


def _first(
    problem: Task, equation: Equation, pattern: Pattern
) -> Iterator[tuple[Path, Expression, About]]:
    """One result a node, outermost nodes only."""
    done: list[Path] = []
    for path, new, about in _found(problem, equation, pattern):
        if not any(path[: len(other)] == other for other in done):
            done.append(path)
            yield path, new, about


def with_nodes(equation: Equation, found: Mapping[Path, Expression]) -> Equation:
    """The equation with trees in place of the nodes at these paths."""
    tree = replaced(equation.expression, lambda node, path: found.get(path))
    return replace(equation, expression=tree)


def _change(equations: Mapping[str, Equation], about: About) -> Change:
    return Change({"quantities": tuple(equations), **about}, equations)


def _joined(left: About, right: About) -> About:
    keys = dict.fromkeys((*left, *right))
    return {k: tuple(dict.fromkeys((*left.get(k, ()), *right.get(k, ())))) for k in keys}


def is_one(node: Expression) -> bool:
    """Whether the node is the number 1, however it is written."""
    return isinstance(node, Number) and node.text.rstrip("0").rstrip(".") == "1"


def complement_of(node: Expression) -> Expression | None:
    """What is subtracted from one, None for other trees."""
    match node:
        case Call("subtract", (one, gate)) if is_one(one):
            return gate
    return None


def complement(node: Expression) -> Expression:
    """One minus the tree."""
    return Call("subtract", (Number("1"), node))


def terms(node: Expression) -> tuple[Expression, ...]:
    """The terms of a sum of `+`, from left to right; the node itself when it is none."""
    match node:
        case Call("add", (left, right)):
            return terms(left) + terms(right)
    return (node,)


def total(parts: Sequence[Expression]) -> Expression:
    """The sum of terms, from left to right."""
    return reduce(lambda left, right: Call("add", (left, right)), parts)


def signed_terms(node: Expression) -> list[tuple[bool, Expression]]:
    """The terms of a sum of `+` and `-`, from left to right, each with whether it is subtracted."""
    match node:
        case Call("add", (left, right)):
            return [*signed_terms(left), *signed_terms(right)]
        case Call("subtract", (left, right)):
            taken = [(not minus, term) for minus, term in signed_terms(right)]
            return [*signed_terms(left), *taken]
    return [(False, node)]


def signed_total(parts: Sequence[tuple[bool, Expression]]) -> Expression:
    """The sum of terms with their signs, from left to right."""
    (minus, first), *others = parts
    found = Call("negate", (first,)) if minus else first
    for minus, term in others:
        found = Call("subtract" if minus else "add", (found, term))
    return found


def is_parameter(node: Expression) -> bool:
    """Whether the node is a bare parameter."""
    return isinstance(node, Name) and node.offset is None


def is_quantity(node: Expression, problem: Task) -> bool:
    """Whether the node is a quantity that an equation defines at the same step."""
    return isinstance(node, Name) and node.offset == 0 and node.name in problem.cell.equation


SQUASHED = frozenset({"sigmoid", "hard_sigmoid", "hard_sigmoid_relu6"})


def ends_squashed(node: Expression | None) -> bool:
    """Whether a tree ends in a sigmoid."""
    return isinstance(node, Call) and node.operation in SQUASHED


def is_gate(node: Expression, problem: Task) -> bool:
    """Whether the node is a quantity between 0 and 1: its equation ends in a sigmoid.

    Or it is one minus such a quantity.
    """
    if not is_quantity(node, problem):
        return False
    tree = problem.cell.equation[node.name].expression  # type: ignore[union-attr]
    return ends_squashed(tree) or gate_of(node, problem) is not None


def gate_of(node: Expression, problem: Task) -> Expression | None:
    """The gate of which a quantity is the complement, as f = 1 − i is; None for other trees."""
    if not is_quantity(node, problem):
        return None
    gate = complement_of(problem.cell.equation[node.name].expression)  # type: ignore[union-attr]
    if gate is None or not is_quantity(gate, problem):
        return None
    inner = problem.cell.equation[gate.name].expression  # type: ignore[union-attr]
    return gate if ends_squashed(inner) else None


def factors(node: Expression) -> tuple[Expression, Expression] | None:
    """The two factors of an elementwise product, None for other trees."""
    match node:
        case Call("multiply", (left, right)):
            return left, right
    return None


def names_of(*trees: Expression) -> tuple[str, ...]:
    """The names in trees, each once."""
    found = (part.name for tree in trees for _, part in nodes(tree) if isinstance(part, Name))
    return tuple(dict.fromkeys(found))
