"""The backward pass through time: a problem whose equations are those of a cell and their adjoints.

At every step an adjoint has the terms that are there: those of the loss where it counts, and what
is passed back from the next step if there is one. So nothing is claimed beyond the last step.
P. J. Werbos, "Backpropagation through time: what it does and how to do it", Proc. IEEE 78 (1990).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, reduce

from verifier.errors import VerifierError
from verifier.language.adjoint import (
    ADJOINT,
    AHEAD,
    BACK,
    DELTA,
    Adjoints,
    plus,
    reverse,
    shapes_of,
)
from verifier.language.operations import Shape
from verifier.language.shapes import shape_of
from verifier.language.tidy import tidy
from verifier.language.tree import Call, Equation, Expression, Name, Number, Whole, names
from verifier.language.tree import replace as exchanged
from verifier.numbers import Numbers
from verifier.problem.loss import LOSS, NEW, RATE, STEP_LOSS, Loss, is_own
from verifier.problem.model import Backward, Problem
from verifier.problem.softmax import shortened

COUNTED = "counted"
"""1 at the steps at which the loss counts, 0 at the others."""


@lru_cache(maxsize=8)
def backward(problem: Problem, *, uniform: bool = False, descent: bool = True) -> Problem:
    """The problem of the gradients of a problem's loss, beside all that they follow from.

    `d_W` at step t is the sum over the steps t … T, so that of step 1 is the gradient; `loss` is
    the loss of the steps so far; `new_W` at step 1 is W after a step against the gradient, where
    the problem has a rate, unless `descent` is false. With `uniform`, the equations are the
    same at every step, with zeros for what is not there.
    Errors: VerifierError for a problem without a loss.
    """
    if problem.loss is None:
        accepted = 'loss = "…" in the problem, such as half_squared_error(s[t], y[t])'
        raise VerifierError(f"{problem.stem} has no loss", accepted=accepted)
    loss = problem.loss if descent else replace(problem.loss, rate=None)
    return _Backward(problem, loss, uniform).problem()


@dataclass(frozen=True)
class Part:
    """A term of an adjoint: the adjoints that it is a multiple of; none where it is the loss's."""

    tree: Expression
    needs: tuple[Name, ...]


Parts = Mapping[str, Sequence[Part]]


@dataclass(frozen=True, eq=False)
class _Backward:
    task: Problem
    loss: Loss
    uniform: bool

    @cached_property
    def counted(self) -> frozenset[int]:
        return frozenset(self.loss.steps(self.task.steps))

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        return {**self.task.shapes, **self.loss.shapes}

    @cached_property
    def wanted(self) -> list[str]:
        roles = self.task.cell.roles
        return [*roles.defined, *self.loss.by, *roles.parameters, *self.loss.parameters]

    @cached_property
    def adjoints(self) -> Adjoints:
        system = (*self.task.cell.equations, Equation(STEP_LOSS, self.own))
        return reverse(system, self.shapes, [STEP_LOSS], self.wanted)

    @cached_property
    def own(self) -> Expression:
        """What a step adds to the loss, as a scalar: a vector of one entry is summed."""
        tree = self.loss.expression
        return Call("sum", (tree,)) if shape_of(tree, self.shapes) else tree

    @property
    def made(self) -> tuple[Equation, ...]:
        return self.adjoints.equations

    def problem(self) -> Problem:
        task, equations = self.task, tuple(self._equations())
        defined = {equation.name for equation in equations}
        known = {n: s for n, s in shapes_of(self.made, self.shapes).items() if n in defined}
        rate = {RATE: self.loss.rate} if self.loss.rate is not None else {}
        return replace(
            task,
            cell=replace(task.cell, equations=equations, backwards=frozenset(self.parts)),
            parameters={**task.parameters, **self.loss.parameters, **rate},
            inputs={**task.inputs, **self._inputs()},
            steps=task.steps,
            known={**task.known, **known},
            loss=None,
            backward=Backward(task, self.loss, self.adjoints.terms),
        )

    def _inputs(self) -> dict[str, Numbers]:
        steps = self.task.steps
        found = {name: self.loss.rows(name, steps) for name in self.loss.inputs}
        if self.uniform and len(self.counted) < steps:
            ones = [str(int(step in self.counted)) for step in range(1, steps + 1)]
            found[COUNTED] = Numbers.typed(ones)
        return found

    def _equations(self) -> Iterator[Equation]:
        yield from self.task.cell.equations
        yield self._summed()
        parts = self.parts
        for name in parts:
            yield from self._adjoint(name, parts[name])
        if self.loss.rate is not None:
            yield from self._descent()

    def _summed(self) -> Equation:
        """The loss of the steps so far, from the first that counts to the last."""
        first, *later = sorted(self.counted)
        before, own = Name(LOSS, -1), self.own
        if self.uniform:
            return Equation(LOSS, plus(before, self._weighed(own)))
        if not later:
            return Equation(LOSS, own, cases=self._elsewhere({first}))
        between = set(range(first, later[-1])) - self.counted
        cases = self._elsewhere(set(range(first, later[-1] + 1)))
        cases |= {first: own, **dict.fromkeys(between, before)}
        return Equation(LOSS, plus(before, own), cases=cases)

    def _elsewhere(self, steps: Collection[int]) -> dict[int, Expression | None]:
        """Nothing at all other steps."""
        return dict.fromkeys(step for step in self.steps if step not in steps)

    @property
    def steps(self) -> range:
        return range(1, self.task.steps + 1)

    def _weighed(self, tree: Expression) -> Expression:
        """The tree, where all equations are the same times whether the step counts."""
        if not self.uniform or len(self.counted) == self.task.steps:
            return tree
        return Call("multiply", (Name(COUNTED, 0), tree))

    @cached_property
    def parts(self) -> Parts:
        """The terms of every adjoint but those of a step's own loss, whose adjoint is 1."""
        seeds: dict[str, Expression] = {ADJOINT + STEP_LOSS: Number("1"), STEP_LOSS: self.own}
        found: dict[str, list[Part]] = {}
        for equation in self.made:
            if equation.name.startswith(DELTA + STEP_LOSS):
                seeds[equation.name] = _inlined(equation.expression, seeds)
            elif equation.name not in seeds:
                found[equation.name] = list(self._parts_of(equation, seeds))
        for name in self.wanted:
            found.setdefault(ADJOINT + name, [])
        return found if self.uniform else self._shortened(found)

    def _parts_of(self, equation: Equation, seeds: Mapping[str, Expression]) -> Iterator[Part]:
        own, others = [], []
        adjoints = {made.name for made in self.made}
        for tree in summands(equation.expression):
            needs = tuple(name for name in names(tree) if name.name in adjoints)
            if any(name.name in seeds for name in needs):
                own.append(_inlined(tree, seeds))
            elif needs:  # what has none is zero
                others.append(Part(tree, needs))
        if not self.uniform:
            own = [shortened(tree, {}, self._units, self.shapes) for tree in own]
        yield from (Part(tree, ()) for tree in tidy(own, self.shapes))
        yield from others

    def _shortened(self, parts: Parts) -> Parts:
        """The parts, in which a softmax whose adjoint is that of a cross-entropy takes p − y."""
        alone = {
            name: own[0].tree for name, own in parts.items() if len(own) == 1 and not own[0].needs
        }
        return {
            name: [
                replace(part, tree=shortened(part.tree, alone, self._units, self.shapes))
                for part in own
            ]
            for name, own in parts.items()
        }

    @cached_property
    def _units(self) -> frozenset[str]:
        """The targets that add up to exactly 1 at every step that counts."""
        return frozenset(
            name
            for name in self.loss.inputs
            if all(_is_unit(self.loss.rows(name, self.task.steps).row(k - 1)) for k in self.counted)
        )

    @cached_property
    def alive(self) -> set[tuple[str, int]]:
        """The adjoints that are not zero by the form of the equations, by name and step."""
        users: dict[str, list[tuple[str, int]]] = {}
        for name, parts in self.parts.items():
            for need in {need for part in parts for need in part.needs}:
                users.setdefault(need.name, []).append((name, need.offset or 0))
        begun = [name for name, parts in self.parts.items() if any(not p.needs for p in parts)]
        todo = [(name, step) for name in begun for step in self.counted]
        found = set(todo)
        while todo:
            name, step = todo.pop()
            for user, offset in users.get(name, ()):
                place = user, step - offset
                if place not in found and place[1] in self.steps:
                    found.add(place)
                    todo.append(place)
        return found

    def _there(self, part: Part, step: int) -> bool:
        if not part.needs:
            return step in self.counted
        return any((need.name, step + (need.offset or 0)) in self.alive for need in part.needs)

    def _adjoint(self, name: str, parts: Sequence[Part]) -> Iterator[Equation]:
        """The equation of an adjoint, and what it is at steps at which terms are not there."""
        if self.uniform:
            trees = [part.tree if part.needs else self._weighed(part.tree) for part in parts]
            yield Equation(name, reduce(plus, trees) if trees else self._zero(name))
            return
        there = {
            step: [k for k, p in enumerate(parts) if self._there(p, step)] for step in self.steps
        }
        used = sorted({k for own in there.values() for k in own})
        made: dict[tuple[int, ...], Expression | None]
        made = {(): self._zero(name) if name.startswith(ADJOINT) else None}
        for own in (used, *there.values()):
            if own and tuple(own) not in made:
                made[tuple(own)] = reduce(plus, (parts[k].tree for k in own))
        general = made[tuple(used)]
        if general is not None:
            cases = {step: made[tuple(own)] for step, own in there.items() if own != used}
            yield Equation(name, general, cases=cases)

    def _zero(self, name: str) -> Expression:
        shape = self.shapes[name.removeprefix(ADJOINT)]
        zero = Number("0")
        return Call("fill", (zero, *map(Whole, shape))) if shape else zero

    def _descent(self) -> Iterator[Equation]:
        """A step against the gradient, once the whole of it is there."""
        for name in (*self.task.cell.roles.parameters, *self.loss.parameters):
            step = Call("multiply", (Name(RATE), Name(ADJOINT + name, 0)))
            tree = Call("subtract", (Name(name), step))
            cases = {} if self.uniform else self._elsewhere({1})
            yield Equation(NEW + name, tree, cases=cases)


def summands(tree: Expression) -> list[Expression]:
    """The terms that a tree adds up; a subtracted one is negated."""
    match tree:
        case Call("add", (left, right)):
            return summands(left) + summands(right)
        case Call("subtract", (left, right)):
            return summands(left) + [Call("negate", (part,)) for part in summands(right)]
    return [tree]


def _inlined(tree: Expression, seeds: Mapping[str, Expression]) -> Expression:
    """The tree with a step's own loss, and the adjoints that lead to it, put in."""
    return exchanged(
        tree, lambda node, path: seeds.get(node.name) if isinstance(node, Name) else None
    )


def _is_unit(numbers: Numbers) -> bool:
    """Whether the entries add up to 1, those of each row where there are rows."""
    width = numbers.shape[-1] if numbers.shape else 1
    entries = numbers.fractions
    return all(sum(entries[k : k + width]) == 1 for k in range(0, len(entries), width))


def asked(problem: Problem, step: int, name: str) -> bool:
    """Whether a question asks for a quantity at a step.

    Of a backward pass, for no term on the way, no part of a sum, and nothing that is zero by its
    form.
    """
    if problem.backward is None or not is_own(name):
        return True
    task = problem.backward.task
    equation = backward(task).cell.equation.get(name)
    tree = None if equation is None else equation.at(step)
    if tree is None or is_zero(tree) or name.startswith((DELTA, BACK, AHEAD)):
        return False
    return name == LOSS or step == 1 or is_timed(name.removeprefix(ADJOINT), task)


def is_timed(name: str, task: Problem) -> bool:
    """Whether there is one at every step: a quantity, or an input of a problem."""
    return name in task.cell.equation or name in task.inputs


def is_zero(tree: Expression | None) -> bool:
    """Whether an adjoint is zero by its form: no loss that counts follows from it."""
    match tree:
        case Number("0") | Call("fill", (Number("0"), *_)):
            return True
    return False
