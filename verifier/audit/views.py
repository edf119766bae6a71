"""Other ways to show the same values: steps in another order, another quantity, one step for all.

A view says which entries of which quantity stand where an output is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any

import numpy as np

from verifier.arithmetic.protocol import QuantityAt
from verifier.language.tree import Call, Name, nodes
from verifier.problem import Problem
from verifier.rewrites.copies import kinds
from verifier.rewrites.model import About
from verifier.rewrites.walk import is_gate


@dataclass(frozen=True)
class Piece:
    """Entries of a quantity at a step; `given` are its numbers in front of the first step."""

    site: QuantityAt
    start: int = 0
    end: int | None = None
    given: tuple[float, ...] | None = None

    @property
    def entries(self) -> slice:
        """Where they stand among the quantity's."""
        return slice(self.start, self.end)


@dataclass(frozen=True, eq=False)
class View:
    """What is shown: `of` gives what stands in a site's place where that differs."""

    rule: str = ""
    about: About = ()
    of: Mapping[str, Callable[[int], tuple[Piece, ...]]] = field(default_factory=dict)

    def pieces(self, step: int, name: str) -> tuple[Piece, ...]:
        """What stands where an output is."""
        return self.of[name](step) if name in self.of else (Piece((step, name)),)

    def values(self, traced: Mapping[QuantityAt, Any], step: int, name: str) -> Any:
        """The values of all lanes that stand where an output is, each (lanes, entries)."""
        lanes = len(next(iter(traced.values())))
        parts = [
            traced[piece.site].reshape(lanes, -1)[:, piece.entries]
            if piece.given is None
            else np.tile(piece.given, (lanes, 1))
            for piece in self.pieces(step, name)
        ]
        return np.concatenate(parts, axis=1)

    def computed(self, sites: Collection[QuantityAt]) -> set[QuantityAt]:
        """What must be worked to show these outputs."""
        pieces = (piece for site in sites for piece in self.pieces(*site))
        return {piece.site for piece in pieces if piece.given is None}


STRAIGHT = View()
"""Every output is the quantity of its name."""


def views(problem: Problem, shown: Collection[QuantityAt]) -> Iterator[View]:
    """Every other way to show these quantities."""
    names = [n for n in problem.cell.equation if (1, n) in shown or (problem.steps, n) in shown]
    whole = [n for n in names if all((t, n) in shown for t in range(1, problem.steps + 1))]
    for some in dict.fromkeys((*((name,) for name in whole), tuple(whole))):
        if some and problem.steps > 1:
            yield from _of_steps(problem, some)
    for name in whole if problem.steps > 1 else ():
        yield from _of_parts(problem, name)
    yield from _late(problem, [n for n in whole if n in problem.cell.roles.initial])
    yield from (view for n in names if n not in whole for view in _ends(problem, n))
    for name in names:
        yield from _of_others(problem, name, names)
    yield from _of_directions(problem, names)


def _late(problem: Problem, states: Sequence[str]) -> Iterator[View]:
    """Each step shows the state that it begins with: at step 1 the initial one."""
    for some in dict.fromkeys((*((name,) for name in states), tuple(states))):
        if some and problem.steps > 1:
            about = (("quantities", some),)
            yield View("step-before", about, {name: _before(problem, name) for name in some})


def _before(problem: Problem, name: str) -> Callable[[int], tuple[Piece, ...]]:
    given = tuple(np.ravel(problem.end(name, 0).doubles).tolist())
    return lambda step: (Piece((step - 1, name), given=given if step == 1 else None),)


def _ends(problem: Problem, name: str) -> Iterator[View]:
    """In place of the last step of two directions beside each other, what each ends with."""
    match problem.cell.equation[name].expression:
        case Call("concat", (Name(first, 0), Name(second, 0))):
            back = [own in problem.cell.roles.final for own in (first, second)]
            if problem.steps > 1 and any(back):
                last = [1 if own else problem.steps for own in back]
                pieces = tuple(Piece((t, n)) for t, n in zip(last, (first, second), strict=True))
                about, most = (("quantities", (name,)),), problem.steps
                at = lambda t: pieces if t == most else (Piece((t, name)),)  # noqa: E731
                yield View("ends-of-directions", about, {name: at})


def _of_steps(problem: Problem, names: tuple[str, ...]) -> Iterator[View]:
    """The steps in the other order, and one step for all."""
    last, about = problem.steps, (("quantities", names),)
    orders: Mapping[str, Callable[[int], int]] = {
        "steps-reversed": lambda step: last + 1 - step,
        "last-for-all": lambda step: last,
        "first-for-all": lambda step: 1,
    }
    for rule, order in orders.items():
        yield View(rule, about, {name: _at(name, order) for name in names})


def _at(name: str, order: Callable[[int], int]) -> Callable[[int], tuple[Piece, ...]]:
    return lambda step: (Piece((order(step), name)),)


def _of_parts(problem: Problem, name: str) -> Iterator[View]:
    """Of two vectors side by side one with its steps in the other order; entries in turn."""
    match problem.cell.equation[name].expression:
        case Call("concat", (Name(first, 0), Name(second, 0))):
            cut = (problem.shapes[first] or (1,))[-1]
            if len(problem.shapes[name]) == 1:
                for own, turned in ((first, (True, False)), (second, (False, True))):
                    of = {name: _parts_at(problem.steps, name, cut, turned)}
                    yield View("steps-reversed", (("quantities", (own,)),), of)
                if problem.size(name) == 2 * cut > 2:
                    both = {name: _in_turn(name, cut)}
                    yield View("directions-interleaved", (("quantities", (name,)),), both)


def _parts_at(
    last: int, name: str, cut: int, turned: tuple[bool, bool]
) -> Callable[[int], tuple[Piece, ...]]:
    def pieces(step: int) -> tuple[Piece, ...]:
        at = [last + 1 - step if other else step for other in turned]
        return Piece((at[0], name), 0, cut), Piece((at[1], name), cut)

    return pieces


def _in_turn(name: str, width: int) -> Callable[[int], tuple[Piece, ...]]:
    places = [k + part for k in range(width) for part in (0, width)]
    return lambda step: tuple(Piece((step, name), k, k + 1) for k in places)


def _of_others(problem: Problem, name: str, names: Collection[str]) -> Iterator[View]:
    """Another quantity that is no gate, as the cell state for the hidden state."""
    for other in problem.cell.equation:
        same = problem.shapes[other] == problem.shapes[name] and other not in names
        if same and not is_gate(Name(other, 0), problem):
            about = (("quantities", (name,)), ("other", (other,)))
            yield View("other-quantity", about, {name: _at(other, lambda step: step)})
    for parts in _joints(problem):
        if sum(problem.size(own) for own in parts) == problem.size(name) and name not in parts:
            joined: About = (("quantities", (name,)), ("other", parts))
            yield View("other-quantity", joined, {name: _beside(parts)})


def _joints(problem: Problem) -> Iterator[tuple[str, ...]]:
    """Quantities that an equation reads beside each other, as a layer does of two directions."""
    found: dict[tuple[str, ...], None] = {}
    for equation in problem.cell.equations:
        for _, node in nodes(equation.expression):
            if (
                isinstance(node, Call)
                and node.operation == "concat"
                and node != equation.expression
            ):
                own = [part for part in node.arguments if isinstance(part, Name)]
                known = all(n.offset == 0 and n.name in problem.cell.equation for n in own)
                if known and len(own) == len(node.arguments):
                    found[tuple(name.name for name in own)] = None
    yield from (parts for parts in found if all(len(problem.shapes[n]) == 1 for n in parts))


def _beside(names: tuple[str, ...]) -> Callable[[int], tuple[Piece, ...]]:
    return lambda step: tuple(Piece((step, name)) for name in names)


def _of_directions(problem: Problem, names: Collection[str]) -> Iterator[View]:
    """Outputs of two directions, or layers, exchanged."""
    for kind in kinds(problem.cell.equations):
        for one, other in permutations(kind, 2):
            pairs = {
                one.names[token]: name
                for name, token in other.tokens.items()
                if name in names and one.names[token] in names
            }
            pairs = {a: b for a, b in pairs.items() if problem.shapes[a] == problem.shapes[b]}
            if pairs and kind.index(one) < kind.index(other):
                turned = {**pairs, **{b: a for a, b in pairs.items()}}
                of = {name: _at(with_, lambda step: step) for name, with_ in turned.items()}
                yield View("directions-exchanged", (("quantities", tuple(turned)),), of)
