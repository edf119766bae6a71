"""States as functions of the inputs: names replaced by their equations, step after step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeGuard

from verifier import effort
from verifier.arithmetic.protocol import QuantityAt
from verifier.cells import Cell
from verifier.derive.general import skeleton
from verifier.errors import VerifierError
from verifier.language.operations import Shape
from verifier.language.tree import Expression, Name, Path, children, names, replace
from verifier.notation.paper import on_paper

Size = tuple[int, int]
"""How many nodes a tree has, and how many levels."""


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
    Errors: VerifierError for more steps than UNROLLED_STEPS, and for formulas of more nodes or
    levels than UNROLLED_NODES and UNROLLED_LEVELS: two steps of a GRU or LSTM, six of a simple
    recurrent network.
    """
    _check_steps(steps)
    equations = _equations(cell, shapes)
    most = max((k for k in range(1, steps) if _fits(cell, equations, k)), default=0)
    hint = f": --unroll {most}" if most else ""
    found = _Unroller(cell, equations, steps)
    return [found.unrolled(step, name, hint) for step, name in _targets(cell, steps)]


def unrolled_at(
    cell: Cell, shapes: Mapping[str, Shape], steps: int, step: int, name: str
) -> Unrolled:
    """One quantity at a step of a sequence of so many steps; else as `unrolled`."""
    last = steps if cell.roles.final else step  # what runs forwards does not see what follows
    _check_steps(last)
    return _Unroller(cell, _equations(cell, shapes), last).unrolled(step, name)


def _equations(cell: Cell, shapes: Mapping[str, Shape]) -> dict[str, Expression]:
    known = skeleton(cell, shapes).shapes
    return {name: on_paper(own.expression, known) for name, own in cell.equation.items()}


def _targets(cell: Cell, steps: int) -> list[QuantityAt]:
    """Where each state is written: those that run forwards at the end, the others at the start."""
    ahead = [(steps, name) for name in cell.roles.initial if name in cell.equation]
    behind = [(1, name) for name in cell.roles.final if name in cell.equation]
    return ahead + behind or [(steps, name) for name in cell.equation]


def _fits(cell: Cell, equations: Mapping[str, Expression], steps: int) -> bool:
    sizes = _Unroller(cell, equations, steps).sizes
    return all(_readable(sizes[site]) for site in _targets(cell, steps))


def _check_steps(steps: int) -> None:
    if not 1 <= steps <= effort.UNROLLED_STEPS:
        raise VerifierError(
            f"unrolled over {steps} steps", accepted=f"from 1 to {effort.UNROLLED_STEPS}"
        )


@dataclass(frozen=True)
class _Unroller:
    cell: Cell
    equations: Mapping[str, Expression]
    steps: int

    @cached_property
    def order(self) -> dict[QuantityAt, int]:
        """When each quantity is worked out."""
        blocks = self.cell.blocks
        listed = [(t, name) for b in blocks for t in b.steps(self.steps) for name in b.names]
        return {site: k for k, site in enumerate(listed)}

    @cached_property
    def sizes(self) -> dict[QuantityAt, Size]:
        """How large each quantity is when it is written out, told before it grows."""
        found: dict[QuantityAt, Size] = {}
        for step, name in self.order:
            found[step, name] = _size(self.equations[name], step, found)
        return found

    def unrolled(self, step: int, name: str, hint: str = "") -> Unrolled:
        """A quantity in all its lines."""
        count, levels = self.sizes[step, name]
        if not _readable((count, levels)):
            what = f"{name} at step {step} is a formula of {count} terms in {levels} levels"
            raise VerifierError(
                what,
                accepted=f"{effort.UNROLLED_NODES} terms in {effort.UNROLLED_LEVELS} levels{hint}",
            )
        return Unrolled(name, step, tuple(self.lines(step, name)))

    def lines(self, step: int, name: str) -> Iterator[Expression]:
        """The right-hand sides from the equation to the inputs."""
        tree = self.equations[name]
        yield tree
        while last := max(self.named(tree, step), key=self.order.__getitem__, default=None):
            while any(site[0] == last[0] for site in self.named(tree, step)):
                tree = self.replaced(tree, step, last[0])
            yield tree

    def named(self, tree: Expression, step: int) -> set[QuantityAt]:
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


def _readable(size: Size) -> bool:
    return size[0] <= effort.UNROLLED_NODES and size[1] <= effort.UNROLLED_LEVELS


def _size(tree: Expression, step: int, known: Mapping[QuantityAt, Size]) -> Size:
    if isinstance(tree, Name):
        return known.get((step + (tree.offset or 0), tree.name), (1, 1)) if timed(tree) else (1, 1)
    parts = [_size(part, step, known) for part in children(tree)]
    return 1 + sum(n for n, _ in parts), 1 + max((d for _, d in parts), default=0)


def timed(node: Expression) -> TypeGuard[Name]:
    """Whether the node is a name with an offset of time."""
    return isinstance(node, Name) and node.offset is not None
