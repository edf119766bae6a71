"""What the derivation of one quantity works on: its tree, and the values of the sub-terms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from verifier.arithmetic.ball import exact_value
from verifier.arithmetic.matrices import plain
from verifier.arithmetic.protocol import Site
from verifier.arithmetic.wrap.wrapped import unrounded
from verifier.derive.figures import Figures, computed, given, moved
from verifier.language.operations import MOVES, OPERATIONS
from verifier.language.tree import Call, Expression, Name, Number, Path, Whole, children
from verifier.notation.paper import on_paper
from verifier.numbers import Numbers
from verifier.problem import Problem
from verifier.rounding import Rounding
from verifier.solution import Solution


@dataclass(frozen=True, eq=False)
class Work:
    """One quantity at one step of a solution."""

    solution: Solution
    step: int
    name: str

    @property
    def problem(self) -> Problem:
        """The problem that is solved."""
        return self.solution.problem

    @property
    def rule(self) -> Rounding:
        """How the quantity is rounded."""
        return self.problem.rule(self.name)

    def site(self, path: Path) -> Site:
        """Where a sub-term stands."""
        return Site(self.step, self.name, path)

    @cached_property
    def written(self) -> Expression:
        """The right-hand side of the equation at the step."""
        tree = self.problem.cell.equation[self.name].at(self.step)
        assert tree is not None, f"{self.name} is not there at step {self.step}"
        return tree

    @cached_property
    def tree(self) -> Expression:
        """The right-hand side of the equation as it stands on paper."""
        return on_paper(self.written, self.problem.shapes)

    @cached_property
    def depths(self) -> dict[Path, int]:
        """How many levels of operations stand above each node; a sum in a sum is one level."""
        return dict(_depths(self.tree, 0, ()))

    def value(self, path: Path) -> Any:
        """The carried value of a sub-term."""
        return plain(self.solution.terms.values[self.site(path)])

    def argument(self, path: Path, part: Expression) -> Any:
        """What an operation is given: a whole number itself, else a carried value."""
        return part.value if isinstance(part, Whole) else self.value(path)

    def unrounded(self, path: Path, line: bool = False) -> Any:
        """What an operation gives on carried values, before the policy rounds it.

        With `line`, a sum of sums is one operation, as on the line on which it stands.
        """
        node = at(self.written, path)
        if not (line and isinstance(node, Call) and self._sums(node)):
            return plain(self.solution.terms.unrounded(self.site(path)))
        parts = [
            self.unrounded((*path, k), line=True)
            if _kind(part) == "sum"
            else self.argument((*path, k), part)
            for k, part in enumerate(node.arguments)
        ]
        meant = unrounded(self.solution.carried.trace.arithmetic)
        with meant.session():
            return plain(meant.apply(node.operation, parts, self.site(path)))

    def _sums(self, node: Call) -> bool:
        """Whether it is a sum of sums of which the policy rounds each."""
        rounded = self.problem.policy.kind == "operation"
        return rounded and _kind(node) == "sum" and "sum" in map(_kind, node.arguments)

    def figures(self, path: Path, carried: bool = False) -> Figures:
        """A sub-term's numbers as they stand on paper.

        With `carried`, they count as exact when they are what is carried on, rounded or not.
        """
        node = at(self.tree, path)
        typed = self.typed(node)
        if typed is not None:
            return typed
        if isinstance(node, Call) and node.operation == "alone":
            return moved("concat", [self.figures((*path, 0), True)], [])
        if isinstance(node, Call) and node.operation in MOVES:
            terms, wholes = parted(node.arguments)
            return moved(node.operation, [self.figures((*path, k), True) for k in terms], wholes)
        if not isinstance(node, Name):
            before = None if carried else self.unrounded(path, line=True)
            return computed(self.value(path), self.problem.line_rule(self.name, path), before)
        values = self.solution.carried.trace.values[self.step + (node.offset or 0), node.name]
        return computed(plain(values), self.problem.line_rule(node.name))

    @cached_property
    def _shown(self) -> dict[tuple[Path, bool], Expression]:
        return {}

    def shown(self, path: Path, carried: bool = False) -> Expression:
        """The tree of a sub-term's numbers, which stands in line after line."""
        if (path, carried) not in self._shown:
            self._shown[path, carried] = self.figures(path, carried).tree()
        return self._shown[path, carried]

    def typed(self, node: Expression) -> Figures | None:
        """Given numbers as they were typed, also transposed or with another sign; else None."""
        match node:
            case Call("negate", (inner,)):
                found = self.typed(inner)
                return None if found is None else moved("negate", [found])
            case Call("transpose", (Name(name, None),)):
                return given(self.problem.parameters[name].transposed)
            case Number(text):
                return given(Numbers.typed(text))
            case Name(name, None):
                return given(self.problem.parameters[name])
            case Name(name, offset):
                step = self.step + (offset or 0)
                if not 1 <= step <= self.problem.steps:
                    return given(self.problem.end(name, step))
                if name in self.problem.inputs:
                    return given(self.problem.inputs[name].row(step - 1))
        return None

    def closed_forms(self) -> list[Any]:
        """The sympy forms of the last operation's entries, where its arguments are rational."""
        from verifier.arithmetic.exact import Exact

        if not isinstance(self.tree, Call):
            return []
        node = self.written
        terms, wholes = parted(children(node))
        arguments = [self.value((k,)) for k in terms]
        values = [[exact_value(entry) for entry in part.flat] for part in arguments]
        if any(None in part for part in values):
            return []
        exact = Exact(limit=10**9)
        site = Site(self.step, self.name, ())
        with exact.session():
            parts = [
                exact.lift(exact.number, np.array(entries, dtype=object).reshape(part.shape))
                for part, entries in zip(arguments, values, strict=True)
            ]
            operation = node.operation  # type: ignore[union-attr]
            return list(exact.apply(operation, [*parts, *wholes], site).flat)


def parted(arguments: Sequence[Expression]) -> tuple[list[int], list[int | None]]:
    """The places of the arguments that are terms, and the whole numbers behind them."""
    terms = [k for k, part in enumerate(arguments) if not isinstance(part, Whole)]
    return terms, [part.value for part in arguments if isinstance(part, Whole)]


def at(tree: Expression, path: Path) -> Expression:
    """The node at a path."""
    for k in path:
        tree = children(tree)[k]
    return tree


def _depths(tree: Expression, depth: int, path: Path) -> Iterator[tuple[Path, int]]:
    yield path, depth
    for k, part in enumerate(children(tree)):
        flat = _kind(tree) == "sum" == _kind(part)
        yield from _depths(part, depth if flat else depth + 1, (*path, k))


def _kind(node: Expression) -> str:
    operation = OPERATIONS.get(node.operation) if isinstance(node, Call) else None
    return operation.kind if operation else ""
