"""The order of evaluation: who needs whom, and in which direction time runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from verifier.errors import EquationError
from verifier.language.tree import Equation, Name, names

Needs = Mapping[str, frozenset[tuple[str, int]]]


@dataclass(frozen=True)
class Block:
    """Names evaluated together over the whole sequence; `direction` is 1 (forwards) or -1."""

    direction: int
    names: tuple[str, ...]

    def steps(self, count: int) -> range:
        """The steps 1 … count in the order in which this block takes them."""
        return range(1, count + 1) if self.direction > 0 else range(count, 0, -1)


@dataclass(frozen=True)
class Roles:
    """The names of a system of equations by what they are, each in order of first use."""

    defined: tuple[str, ...]
    parameters: tuple[str, ...]
    inputs: tuple[str, ...]
    initial: tuple[str, ...]  # used at [t-1]
    final: tuple[str, ...]  # used at [t+1]


def roles(equations: Sequence[Equation]) -> Roles:
    """What each name is: nothing is declared, its use tells."""
    used = [(name, eq) for eq in equations for name in names(eq.expression)]
    defined = tuple(eq.name for eq in equations)
    timed = {name.name for name, _ in used if name.offset is not None} | set(defined)
    for name, equation in used:
        if name.offset is None and name.name in timed:
            raise EquationError(
                f"{name.name!r} stands without a step, but has one elsewhere",
                equation.place,
                f"{name.name}[t], {name.name}[t-1] or {name.name}[t+1]",
            )

    def having(offset: int | None) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name.name for name, _ in used if name.offset == offset))

    inputs = dict.fromkeys(name.name for name, _ in used if name.offset is not None)
    return Roles(
        defined,
        having(None),
        tuple(name for name in inputs if name not in defined),
        having(-1),
        having(1),
    )


def schedule(equations: Sequence[Equation]) -> tuple[Block, ...]:
    """The blocks in an order in which every quantity is there when it is needed.

    Names that need each other form one group (a strongly connected component), which runs
    forwards or backwards. Neighbouring groups that can share a direction are one block.
    Errors: EquationError for a circle within a step, and for a group that needs both directions.
    """
    needs = _needs(equations)
    place = {equation.name: equation.place for equation in equations}
    blocks: list[Block] = []
    for group in _groups(needs):
        offsets = {offset for name in group for other, offset in needs[name] if other in group}
        if {-1, 1} <= offsets:
            raise EquationError(
                f"{_circle(group)} need each other both forwards and backwards in time",
                place[group[0]],
                "only [t-1] or only [t+1] among names that need each other",
            )
        _within_step(group, needs, place[group[0]])
        _append(blocks, group, offsets, needs)
    return tuple(
        Block(block.direction or 1, _within_step(block.names, needs, None)) for block in blocks
    )


def _needs(equations: Sequence[Equation]) -> Needs:
    defined = {equation.name for equation in equations}
    return {
        equation.name: frozenset(
            (name.name, name.offset)
            for name in names(equation.expression)
            if name.name in defined and name.offset is not None
        )
        for equation in equations
    }


def _groups(needs: Needs) -> list[tuple[str, ...]]:
    """The strongly connected components, each before those that need it, else in source order."""
    reach = {name: _reachable(name, needs) for name in needs}
    group = {
        name: tuple(o for o in needs if o == name or (o in reach[name] and name in reach[o]))
        for name in needs
    }
    graph = {
        members: {group[other] for name in members for other, _ in needs[name]} - {members}
        for members in dict.fromkeys(group.values())
    }
    return list(TopologicalSorter(graph).static_order())


def _reachable(start: str, needs: Needs) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        fresh = {other for other, _ in needs[waiting.pop()]} - seen
        seen |= fresh
        waiting += fresh
    return seen


def _within_step(group: Sequence[str], needs: Needs, place: object) -> tuple[str, ...]:
    """The names of a block in the order of evaluation within one step, stable in the source."""
    left, ordered = list(group), []
    inside = {name: {o for o, k in needs[name] if k == 0 and o in group} for name in group}
    try:
        TopologicalSorter(inside).prepare()
    except CycleError as error:
        members = error.args[1]
        raise EquationError(
            f"{_circle(members[:-1])} need each other within one step",
            place,  # type: ignore[arg-type]
            "a circle only through [t-1] or [t+1]",
        ) from None
    while left:
        name = next(name for name in left if inside[name] <= set(ordered))
        ordered.append(name)
        left.remove(name)
    return tuple(ordered)


def _append(blocks: list[Block], group: tuple[str, ...], offsets: set[int], needs: Needs) -> None:
    """Merge the group into the last block when one direction serves both."""
    own = -1 if 1 in offsets else 1 if -1 in offsets else 0
    if blocks:
        last = blocks[-1]
        across = {offset for name in group for other, offset in needs[name] if other in last.names}
        wanted = {own, last.direction} - {0} | ({1} if -1 in across else set())
        wanted |= {-1} if 1 in across else set()
        if len(wanted) < 2:
            blocks[-1] = Block(next(iter(wanted), 0), last.names + group)
            return
    blocks.append(Block(own, group))


def _circle(members: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(members[:-1]), members[-1]]))
