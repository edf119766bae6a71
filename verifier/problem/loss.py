"""The loss of a problem: an expression at step t, summed over steps, and what only it needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Literal

from verifier.errors import EquationError, nearest, shown
from verifier.language.adjoint import ADJOINT, AHEAD, BACK, DELTA, SEED, reached
from verifier.language.operations import Shape, describe
from verifier.language.shapes import shape_of
from verifier.language.tree import Call, Equation, Expression, Name, Whole, names, nodes
from verifier.numbers import Numbers
from verifier.problem.keyed import KeyedError

if TYPE_CHECKING:
    from verifier.problem.model import Problem

LOSS, RATE, NEW, STEP_LOSS = "loss", "rate", "new_", "loss/t"
"""The loss, the size of a step against its gradient, a parameter after it, a step's own loss."""

OWN = (ADJOINT, BACK, AHEAD, DELTA, SEED, NEW)
"""What names of a backward pass begin with."""

Given = Mapping[str, Numbers]


def is_own(name: str) -> bool:
    """Whether only a backward pass may have a name."""
    return name.startswith(OWN) or name in (LOSS, RATE)


@dataclass(frozen=True, eq=False)
class Loss:
    """What is to be made small: `expression` summed over the steps of `at`.

    `inputs` (targets) and `parameters` are those that only the loss uses; an input has a row for
    every step, or for every step that counts. `rate` is the size of a step against the gradient;
    `by` are the inputs by which gradients are wanted beside those by quantities and parameters.
    """

    expression: Expression
    at: Literal["all", "last"] | tuple[int, ...] = "all"
    inputs: Given = field(default_factory=dict)
    parameters: Given = field(default_factory=dict)
    rate: Numbers | None = None
    by: tuple[str, ...] = ()

    def steps(self, count: int) -> tuple[int, ...]:
        """The steps that count, of so many, in order."""
        if isinstance(self.at, tuple):
            return tuple(sorted(self.at))
        return tuple(range(1, count + 1)) if self.at == "all" else (count,)

    @cached_property
    def timed(self) -> tuple[str, ...]:
        """The names with a step."""
        return self._names(timed=True)

    @cached_property
    def bare(self) -> tuple[str, ...]:
        """The names without a step."""
        return self._names(timed=False)

    def _names(self, timed: bool) -> tuple[str, ...]:
        used = (n.name for n in names(self.expression) if (n.offset is not None) is timed)
        return tuple(dict.fromkeys(used))

    @property
    def equation(self) -> Equation:
        """What a step adds, as an equation of a name that no text has."""
        return Equation(STEP_LOSS, self.expression)

    @property
    def shapes(self) -> dict[str, Shape]:
        """The shapes of what only the loss uses, and of what a step adds."""
        found = {name: numbers.shape[1:] for name, numbers in self.inputs.items()}
        found |= {name: numbers.shape for name, numbers in self.parameters.items()}
        return found | {STEP_LOSS: ()}

    def rows(self, name: str, count: int) -> Numbers:
        """An input's numbers with a row a step; those of steps that do not count mean nothing."""
        numbers, steps = self.inputs[name], self.steps(count)
        if numbers.shape[0] == count:
            return numbers
        place = {step: k for k, step in enumerate(steps)}
        return numbers.picked([place.get(step, 0) for step in range(1, count + 1)])


def check(problem: Problem, loss: Loss) -> None:
    """Refuse a loss that is none of the problem.

    Errors: KeyedError.
    """
    _check_steps(problem, loss)
    _check_own(problem, loss)
    _check_names(problem, loss)
    _check_rows(problem, loss)
    _check_scalar(problem, loss)
    _check_targets(loss, {**problem.shapes, **loss.shapes})
    system = (*problem.cell.equations, loss.equation)
    if not reached(system, [STEP_LOSS]) & {*problem.cell.roles.parameters, *loss.parameters}:
        accepted = "a loss of quantities that follow from a parameter"
        raise KeyedError("no parameter leads to the loss", (LOSS,), accepted)
    if loss.rate is not None and loss.rate.fractions[0] <= 0:
        raise KeyedError(f"rate = {loss.rate.text(0)}", (RATE,), "a number above zero")


def _check_steps(problem: Problem, loss: Loss) -> None:
    accepted = f'"all", "last", or a list of steps from 1 to {problem.steps}'
    if not loss.steps(problem.steps):
        raise KeyedError("the loss is counted at no step", ("loss_at",), accepted)
    for k, step in enumerate(loss.at if isinstance(loss.at, tuple) else ()):
        if not 1 <= step <= problem.steps:
            raise KeyedError(f"there is no step {step}", ("loss_at", k), accepted)
        if step in loss.at[:k]:
            raise KeyedError(f"step {step} is there twice", ("loss_at", k), "each step once")


def _check_own(problem: Problem, loss: Loss) -> None:
    """Refuse names that gradients and their like have."""
    sections = {
        "parameters": {**problem.parameters, **loss.parameters},
        "inputs": {**problem.inputs, **loss.inputs},
    }
    for name in (*problem.shapes, *loss.parameters, *loss.inputs):
        if not is_own(name):
            continue
        section = next((key for key, given in sections.items() if name in given), None)
        key = ("equations",) if section is None else (section, name)
        what = f"the name {shown(name)} is one that the backward pass needs for its own"
        starts = ", ".join(OWN[:-1])
        accepted = f"another name: none of {LOSS}, {RATE}, and none that begins with {starts}"
        raise KeyedError(what, key, f"{accepted} or {OWN[-1]}")


def _check_names(problem: Problem, loss: Loss) -> None:
    roles = problem.cell.roles
    quantities, parameters = {*roles.defined, *roles.inputs}, {*roles.parameters}
    for name in names(loss.expression):
        if name.offset:
            what = f"{name.name} stands at another step than t"
            raise KeyedError(what, (LOSS,), f"{name.name}[t]: the loss is an expression at step t")
        _check_name(name, quantities | {*loss.inputs}, parameters | {*loss.parameters})


def _check_name(name: Name, timed: set[str], bare: set[str]) -> None:
    known, others = (bare, timed) if name.offset is None else (timed, bare)
    if name.name in known:
        return
    text = name.name if name.offset is None else f"{name.name}[t]"
    if name.name in others:
        right = f"{name.name}[t]" if name.offset is None else name.name
        raise KeyedError(f"the loss has {text}", (LOSS,), right)
    section = "parameters" if name.offset is None else "inputs"
    what = f"{name.name} is missing: the loss uses {text}{nearest(name.name, known)}"
    rows = "a value for it" if name.offset is None else "a row for every step that counts"
    raise KeyedError(what, (section,), f"{rows} under [{section}]")


def _check_rows(problem: Problem, loss: Loss) -> None:
    counted = len(loss.steps(problem.steps))
    for name, numbers in loss.inputs.items():
        have = numbers.shape[0] if numbers.shape else None
        if have not in (problem.steps, counted):
            what = "a single number" if have is None else f"{have} row{'s' * (have != 1)}"
            rows = f"{problem.steps} rows, one a step"
            if counted != problem.steps:
                rows += f", or {counted}, one for every step that counts"
            raise KeyedError(f"{name} has {what}", ("inputs", name), rows)


def _check_scalar(problem: Problem, loss: Loss) -> None:
    try:
        shape = shape_of(loss.expression, {**problem.shapes, **loss.shapes})
    except EquationError as error:
        key = next((("inputs", name) for name in error.about if name in loss.inputs), (LOSS,))
        raise KeyedError(f"in the loss: {error.what}", key, error.accepted) from None
    if shape not in ((), (1,)):
        accepted = "a scalar, such as a sum of squares"
        raise KeyedError(f"the loss is {describe(shape or ())}", (LOSS,), accepted)


def _check_targets(loss: Loss, shapes: Mapping[str, Shape]) -> None:
    """Refuse one number as the target of many, in a usual loss: it may be the number of a class."""
    for one, other in (pair for _, node in nodes(loss.expression) for pair in _facing(node)):
        size = shape_of(other, shapes) or ()
        for name in loss.inputs:
            if one == Name(name, 0) and prod(shapes[name]) < prod(size):
                what = f"{name} is {describe(shapes[name])} a step, beside {describe(size)}"
                rows = "a row of as many numbers for every step that counts"
                raise KeyedError(what, ("inputs", name), rows)


def _facing(node: Expression) -> Iterator[tuple[Expression, Expression]]:
    """What stands beside each other in a squared error or in a cross-entropy."""
    match node:
        case Call("sum", (Call("power", (Call("subtract", (left, right)), Whole(2))),)):
            yield from ((left, right), (right, left))
        case Call("negate", (Call("sum", (Call("add", (part, _)) | part,)),)):
            match part:
                case Call("multiply", (y, Call("log", (p,)))):
                    yield y, p
