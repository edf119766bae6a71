"""States as functions of the inputs: names replaced by their equations, step after step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeGuard

from verifier.cells import Cell
from verifier.derive.general import skeleton
from verifier.errors import VerifierError
from verifier.language.operations import Shape
from verifier.language.tree import Expression, Name, Path, children, names, replace
from verifier.notation.printer import on_paper

MOST_STEPS = 20
MOST_NODES, MOST_LEVELS = 400, 26
"""Longer formulas do not fit on a page, and deeper ones on its lines: nobody reads them."""

Site = tuple[int, str]


@dataclass(frozen=True)
class Unrolled:
    """A state at a step; each of the right-hand sides follows from the one before."""

    name: str
    step: int
    trees: tuple[Expression, ...]


def unrolled(cell: Cell, shapes: Mapping[str, Shape], steps: int) -> list[Unrolled]:
    """Every state after so many steps, written with inputs, parameters and the states at the ends.

    Line by line, all quantities of one step are replaced. A name's offset counts from the state's
    own step. A state that runs backwards is written at step 1; without states, all quantities are.
    Errors: VerifierError for steps beyond MOST_STEPS, and formulas of more than MOST_NODES nodes or
    MOST_LEVELS levels: two steps of a GRU or LSTM, six of a simple recurrent network.
    """
    if not 1 <= steps <= MOST_STEPS:
        raise VerifierError(f"unrolled over {steps} steps", accepted=f"from 1 to {MOST_STEPS}")
    problem = skeleton(cell, shapes)
    equations = {
        name: on_paper(equation.expression, problem.shapes)
        for name, equation in cell.equation.items()
    }
    ahead = [(steps, name) for name in cell.roles.initial if name in equations]
    behind = [(1, name) for name in cell.roles.final if name in equations]
    targets = ahead + behind or [(steps, name) for name in equations]
    _check_size(cell, equations, targets, steps)
    found = _Unroller(cell, equations, steps)
    return [Unrolled(name, step, tuple(found.lines(step, name))) for step, name in targets]


@dataclass(frozen=True)
class _Unroller:
    cell: Cell
    equations: Mapping[str, Expression]
    steps: int

    @cached_property
    def order(self) -> dict[Site, int]:
        """When each quantity is worked out."""
        blocks = self.cell.blocks
        listed = [(t, name) for b in blocks for t in b.steps(self.steps) for name in b.names]
        return {site: k for k, site in enumerate(listed)}

    def lines(self, step: int, name: str) -> Iterator[Expression]:
        """The right-hand sides from the equation to the inputs."""
        tree = self.equations[name]
        yield tree
        while last := max(self.sites(tree, step), key=self.order.__getitem__, default=None):
            while any(site[0] == last[0] for site in self.sites(tree, step)):
                tree = self.replaced(tree, step, last[0])
            yield tree

    def sites(self, tree: Expression, step: int) -> set[Site]:
        """The quantities in a tree that an equation gives."""
        named = {(step + name.offset, name.name) for name in names(tree) if name.offset is not None}
        return named & self.order.keys()

    def replaced(self, tree: Expression, step: int, now: int) -> Expression:
        """The tree with the equations of the quantities of one step in place of their names."""

        def rule(node: Expression, path: Path) -> Expression | None:
            if not timed(node):
                return None
            offset = node.offset or 0
            known = step + offset == now and (now, node.name) in self.order
            return shifted(self.equations[node.name], offset) if known else None

        return replace(tree, rule)


def shifted(tree: Expression, offset: int) -> Expression:
    """The tree as it stands so many steps later."""

    def rule(node: Expression, path: Path) -> Expression | None:
        return Name(node.name, (node.offset or 0) + offset) if timed(node) else None

    return replace(tree, rule)


Size = tuple[int, int]
"""How many nodes a tree has, and how many levels."""


def _check_size(
    cell: Cell, equations: Mapping[str, Expression], targets: list[Site], steps: int
) -> None:
    """Refuse what would grow too long, before it grows."""

    def largest(count: int) -> Size:
        found: dict[Site, Size] = {}
        for step, name in _Unroller(cell, equations, count).order:
            found[step, name] = _size(equations[name], step, found)
        own = [found[count if step == steps else step, name] for step, name in targets]
        return max(count for count, _ in own), max(levels for _, levels in own)

    def fits(size: Size) -> bool:
        return size[0] <= MOST_NODES and size[1] <= MOST_LEVELS

    count, levels = largest(steps)
    if not fits((count, levels)):
        most = max((k for k in range(1, steps) if fits(largest(k))), default=0)
        what = f"a formula of {count} terms in {levels} levels, unrolled over {steps} steps"
        best = f": --unroll {most}" if most else ""
        raise VerifierError(what, accepted=f"{MOST_NODES} terms in {MOST_LEVELS} levels{best}")


def _size(tree: Expression, step: int, known: Mapping[Site, Size]) -> Size:
    if isinstance(tree, Name):
        return known.get((step + (tree.offset or 0), tree.name), (1, 1)) if timed(tree) else (1, 1)
    parts = [_size(part, step, known) for part in children(tree)]
    return 1 + sum(n for n, _ in parts), 1 + max((d for _, d in parts), default=0)


def timed(node: Expression) -> TypeGuard[Name]:
    """Whether the node is a name with an offset of time."""
    return isinstance(node, Name) and node.offset is not None
