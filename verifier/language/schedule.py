"""The order of evaluation: who needs whom, and in which direction time runs."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from verifier.errors import EquationError, Place
from verifier.language.tree import Equation, names

Needs = Mapping[str, tuple[tuple[str, int], ...]]  # (name, offset), in source order
Node = TypeVar("Node", bound=Hashable)


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


def schedule(equations: Sequence[Equation], backwards: Collection[str] = ()) -> tuple[Block, ...]:
    """The blocks in an order in which every quantity is there when it is needed.

    Names that need each other form one group (a strongly connected component), which runs
    forwards or backwards. Neighbouring groups that can share a direction are one block. A name that
    could run either way runs forwards, the way it is read, unless it is one of `backwards`.
    Errors: EquationError for a circle within a step, and for a group that needs both directions.
    """
    needs = _needs(equations)
    place = {equation.name: equation.place for equation in equations}
    blocks: list[Block] = []
    for group in _groups(needs):
        members = frozenset(group)
        offsets = {offset for name in group for other, offset in needs[name] if other in members}
        if {-1, 1} <= offsets:
            raise EquationError(
                f"{_needy(group)} both forwards and backwards in time",
                place[group[0]],
                "only [t-1] or only [t+1] among names that need each other",
            )
        _check_circle(group, needs, place)
        turned = 1 in offsets or (not offsets and group[0] in backwards)
        _append(blocks, group, -1 if turned else 1, needs)
    return tuple(
        Block(block.direction or 1, _ordered(_within_step(block.names, needs))) for block in blocks
    )


def circles(equations: Sequence[Equation]) -> tuple[tuple[str, ...], ...]:
    """The names that need each other, at whatever step, each group before those that need it."""
    return _groups(_needs(equations))


def _needs(equations: Sequence[Equation]) -> Needs:
    defined = {equation.name for equation in equations}
    return {
        equation.name: tuple(
            dict.fromkeys(
                (name.name, name.offset)
                for name in names(equation.expression)
                if name.name in defined and name.offset is not None
            )
        )
        for equation in equations
    }


def _groups(needs: Needs) -> tuple[tuple[str, ...], ...]:
    """The strongly connected components, each before those that need it, else in source order."""
    graph = {name: tuple(other for other, _ in needs[name]) for name in needs}
    group = {name: members for members in _components(graph) for name in members}
    whole = {
        members: tuple(group[other] for name in members for other in graph[name])
        for members in dict.fromkeys(group[name] for name in needs)
    }
    return _ordered({node: [o for o in others if o != node] for node, others in whole.items()})


def _components(graph: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    """Kosaraju's two sweeps: what reaches a name, in reverse order of leaving, is its component."""
    back: dict[str, list[str]] = {name: [] for name in graph}
    for name, others in graph.items():
        for other in others:
            back[other].append(name)
    source = {name: place for place, name in enumerate(graph)}
    seen: set[str] = set()
    left = [name for start in graph for name in _left(start, graph, seen)]
    seen = set()
    sweeps = (_left(name, back, seen) for name in reversed(left))
    return [tuple(sorted(found, key=source.__getitem__)) for found in sweeps if found]


def _left(start: str, graph: Mapping[str, Sequence[str]], seen: set[str]) -> list[str]:
    """The names reached from `start` that were not seen yet, in the order of leaving them."""
    found: list[str] = []
    stack = [(start, iter(graph[start]))] if start not in seen else []
    seen.add(start)
    while stack:
        fresh = next((other for other in stack[-1][1] if other not in seen), None)
        if fresh is None:
            found.append(stack.pop()[0])
        else:
            seen.add(fresh)
            stack.append((fresh, iter(graph[fresh])))
    return found


def _ordered(needs: Mapping[Node, Sequence[Node]]) -> tuple[Node, ...]:
    """The nodes, each after those that it needs, else in the order in which they are given.

    Nodes on a circle, and those that need them, are left out.
    """
    nodes = list(needs)
    number = {node: place for place, node in enumerate(nodes)}
    waits = {node: len(set(needs[node])) for node in nodes}
    users: dict[Node, list[Node]] = {node: [] for node in nodes}
    for node in nodes:
        for other in set(needs[node]):
            users[other].append(node)
    ready = [number[node] for node in nodes if not waits[node]]
    found: list[Node] = []
    while ready:
        found.append(nodes[heapq.heappop(ready)])
        for user in users[found[-1]]:
            waits[user] -= 1
            if not waits[user]:
                heapq.heappush(ready, number[user])
    return tuple(found)


def _within_step(group: Sequence[str], needs: Needs) -> dict[str, list[str]]:
    """What each name of a group needs of the group at the same step."""
    members = frozenset(group)
    return {name: [o for o, k in needs[name] if k == 0 and o in members] for name in group}


def _check_circle(group: Sequence[str], needs: Needs, place: Mapping[str, Place | None]) -> None:
    """Refuse names that need each other within a step."""
    graph = _within_step(group, needs)
    free = set(_ordered(graph))
    stuck = [name for name in group if name not in free]
    if not stuck:
        return
    path = [stuck[0]]  # whoever is stuck needs someone who is stuck: a walk ends in a circle
    while path[-1] not in path[:-1]:
        path.append(next(other for other in graph[path[-1]] if other not in free))
    circle = path[path.index(path[-1]) : -1]
    first = min(range(len(circle)), key=lambda i: group.index(circle[i]))
    members = circle[first:] + circle[:first]
    raise EquationError(
        f"{_needy(members)} within one step",
        place[members[0]],
        "a circle only through [t-1] or [t+1]",
    )


def _append(blocks: list[Block], group: tuple[str, ...], own: int, needs: Needs) -> None:
    """Merge the group into the last block when one direction serves both."""
    if blocks:
        last = blocks[-1]
        members = frozenset(last.names)
        across = {offset for name in group for other, offset in needs[name] if other in members}
        if own == last.direction and own not in across:  # what lies ahead is not there yet
            blocks[-1] = Block(own, last.names + group)
            return
    blocks.append(Block(own, group))


def _needy(members: Sequence[str]) -> str:
    if len(members) == 1:
        return f"{members[0]} needs itself"
    return f"{', '.join(members[:-1])} and {members[-1]} need each other"
