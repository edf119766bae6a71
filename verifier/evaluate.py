"""The single walk: a problem's equations under an arithmetic give a trace."""

from __future__ import annotations

from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    MutableMapping,
    Sequence,
)
from dataclasses import dataclass, field
from typing import Any

from verifier.arithmetic.protocol import (
    LITERAL,
    Arithmetic,
    Origin,
    QuantityAt,
    Site,
    Value,
    entries,
)
from verifier.errors import DivisorError, OutOfDomainError, ProblemError
from verifier.language.operations import OPERATIONS
from verifier.language.tree import Array, Call, Expression, Name, Number, Path, Whole
from verifier.language.tree import names as names_of
from verifier.numbers import Numbers
from verifier.problem import Problem
from verifier.problem.only import Only

Look = Callable[[int, str, Value], None]


@dataclass(frozen=True, eq=False)
class Trace:
    """Every named quantity of every step, and every sub-term when it was asked for."""

    problem: Problem
    arithmetic: Arithmetic
    values: MutableMapping[QuantityAt, Value] = field(default_factory=dict)
    terms: dict[Site, Value] = field(default_factory=dict)

    def entries(self, step: int, name: str) -> list[Any]:
        """The scalars of a quantity, row by row."""
        return entries(self.values[step, name])


def evaluate(
    problem: Problem,
    arithmetic: Arithmetic,
    *,
    terms: bool = False,
    forget: bool = False,
    look: Look | None = None,
    wanted: Collection[QuantityAt] | None = None,
    known: Mapping[QuantityAt, Value] | None = None,
) -> Trace:
    """The trace of a problem under an arithmetic.

    With `terms`, the value of every sub-term is kept by its site. With `forget`, values are dropped
    once no equation needs them: an arithmetic that keeps its own account of large values then takes
    no more memory for more steps. `look` sees every quantity as it is computed, within the
    arithmetic's session; what it raises ends the walk. `wanted` quantities alone are computed, from
    those that are `known`: see `needed`.
    """
    trace = Trace(problem, arithmetic, dict(known or {}))
    walk, left = _Walk(trace, terms), _left(problem) if forget else {}
    with arithmetic.session():
        for step, names in in_steps(problem):
            for name in names:
                if wanted is not None and (step, name) not in wanted:
                    continue
                value = trace.values[step, name] = walk.quantity(step, name)
                if look is not None:
                    look(step, name, value)
            for name, behind in left.get(names[0], ()):
                trace.values.pop((step - behind, name), None)
    return trace


def needed(
    problem: Problem, sites: Iterable[QuantityAt], known: Collection[QuantityAt] = ()
) -> set[QuantityAt]:
    """The quantities that must be computed for some, where others are known; those too."""
    equation, found = problem.cell.equation, set[QuantityAt]()
    open_sites = [site for site in sites if site[1] in equation]
    while open_sites:
        step, name = site = open_sites.pop()
        if site in found or (tree := equation[name].at(step)) is None:
            continue
        found.add(site)
        parts = (
            (step + part.offset, part.name) for part in names_of(tree) if part.offset is not None
        )
        open_sites += [
            at
            for at in parts
            if at[1] in equation and 1 <= at[0] <= problem.steps and at not in known
        ]
    return found


def _left(problem: Problem) -> Mapping[str, Sequence[tuple[str, int]]]:
    """What no equation needs any more after a step of a block, by each name of the block.

    The names of quantities, and how many steps behind they are: this step, or the one before it.
    """
    cell = problem.cell
    used = [(eq.name, part) for eq in cell.equations for part in names_of(eq.expression)]
    carried = {part.name for _, part in used if part.offset}
    found: dict[str, Sequence[tuple[str, int]]] = {}
    for block in cell.blocks:
        others = {part.name for name, part in used if name not in block.names}
        own = [n for n in block.names if n not in others]
        over = [(n, block.direction if n in carried else 0) for n in own]
        found |= dict.fromkeys(block.names, over)
    return found


def sites(problem: Problem) -> Iterator[QuantityAt]:
    """(step, name) of every quantity in the order of evaluation."""
    return ((step, name) for step, quantities in in_steps(problem) for name in quantities)


def in_steps(problem: Problem) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The steps with their quantities, in the order of evaluation."""
    equation = problem.cell.equation
    for block in problem.cell.blocks:
        for step in block.steps(problem.steps):
            there = tuple(name for name in block.names if equation[name].at(step) is not None)
            if there:
                yield step, there


def shown_steps(problem: Problem, only: Only) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The steps with those of their quantities that are to be shown, in the same order."""
    for step, quantities in in_steps(problem):
        kept = tuple(name for name in quantities if only.shows(step, name))
        if kept:
            yield step, kept


class _Walk:
    def __init__(self, trace: Trace, terms: bool) -> None:
        self.trace, self.terms = trace, terms
        self.problem, self.arithmetic = trace.problem, trace.arithmetic
        self.givens: dict[Any, Value] = {}
        self.rows: dict[str, tuple[int, Value]] = {}

    def quantity(self, step: int, name: str) -> Value:
        equation = self.problem.cell.equation[name]
        tree = equation.at(step)
        assert tree is not None, f"{name} is not there at step {step}"
        at = self.problem.past + step
        try:
            value = self.value(_called(tree), step, name, ())
        except ZeroDivisionError as error:
            index, certain = (
                (error.index, error.certain) if isinstance(error, DivisorError) else ((), True)
            )
            entry = f", entry {list(index)} of the divisor" if index else ""
            divides = "divides" if certain else "may divide"
            what = f"the equation of {name} {divides} by zero at step {at}{entry}"
            raise ProblemError(
                what, self.problem.place(name), "numbers that make no divisor zero"
            ) from None
        except OutOfDomainError as error:
            raise _outside(error, self.problem, name, at) from None
        except ArithmeticError:
            what = f"the equation of {name} gets too large at step {at}"
            arithmetic = f"numbers that the arithmetic {self.arithmetic.name!r} can hold"
            raise ProblemError(what, self.problem.place(name), arithmetic) from None
        if value.shape != self.problem.shapes[name]:
            value = value.reshape(self.problem.shapes[name])
        return value

    def value(self, node: Expression, step: int, name: str, path: Path) -> Value:
        match node:
            case Call(operation, arguments):
                parts = [
                    self.value(part, step, name, (*path, i)) for i, part in enumerate(arguments)
                ]
                value = self.arithmetic.apply(operation, parts, Site(step, name, path))
            case Whole(whole):
                return whole
            case Name():
                value = self.named(node, step)
            case Number(text):
                value = self.literal(text, text)
            case Array():
                value = self.literal(node, texts(node))
        if self.terms:
            self.trace.terms[Site(step, name, path)] = value
        return value

    def named(self, node: Name, step: int) -> Value:
        name = node.name
        if node.offset is None:
            return self.given(Origin("parameter", name))
        at = step + node.offset
        value = self.trace.values.get((at, name))
        if value is not None:
            return value
        if not 1 <= at <= self.problem.steps:
            return self.given(Origin("end", name, at))
        if self.rows.get(name, (0,))[0] != at:
            rows = self.given(Origin("input", name, 1))
            self.rows[name] = at, rows[at - 1, ...]
        return self.rows[name][1]

    def given(self, origin: Origin) -> Value:
        value = self.givens.get(origin)
        if value is None:
            numbers = _numbers(self.problem, origin)
            value = self.givens[origin] = self.arithmetic.given(numbers, origin)
        return value

    def literal(self, key: Any, written: Any) -> Value:
        value = self.givens.get(key)
        if value is None:
            value = self.givens[key] = self.arithmetic.given(Numbers.typed(written), LITERAL)
        return value


def _numbers(problem: Problem, origin: Origin) -> Numbers:
    """What the problem gives there."""
    if origin.kind == "end":
        return problem.end(origin.name, origin.step or 0)
    return (problem.inputs if origin.kind == "input" else problem.parameters)[origin.name]


def _outside(error: OutOfDomainError, problem: Problem, name: str, step: int) -> ProblemError:
    entry = f", entry {list(error.index)}" if error.index else ""
    domain = OPERATIONS[error.operation].domain
    has = "has" if error.certain else "may have"
    what = f"the equation of {name} {has} {error.operation} of a number that is not"
    what += f" {domain.replace('not negative', 'zero or more')} at step {step}{entry}"
    return ProblemError(what, problem.place(name), f"numbers whose {error.operation} exists")


def _called(tree: Expression) -> Expression:
    """The tree; a bare name or number is the identity of it, so that a policy rounds the result."""
    return tree if isinstance(tree, Call) else Call("identity", (tree,))


def texts(node: Expression) -> Any:
    """The texts of a number, or nested lists of those of an array."""
    if isinstance(node, Array):
        return [texts(part) for part in node.items]
    return node.text  # type: ignore[union-attr]
