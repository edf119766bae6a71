"""Reverse mode as equations: the adjoints of a system, in the language that it is written in.

The adjoint of a quantity q is the derivative of a sum of seeded quantities by q, named `d_q`. It
is the quantity's own seed, and what each use of q passes back. What crosses a step is a quantity of
its own at that step: `back_q[t]` is what step t passes back to q[t-1] (`ahead_q[t]` to q[t+1]), so
that only adjoints stand at [t+1], and they are zero beyond the ends. A parameter's adjoint sums its
uses: `d_W[t]` is that of the steps t … T, `d_W[1]` the whole. `delta_q` is a gate's adjoint before
its function, where more than one term needs it: the delta of textbooks.
A. Griewank, A. Walther, "Evaluating Derivatives" (2008), chapter 3; P. J. Werbos, "Backpropagation
through time", Proc. IEEE 78 (1990).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

from verifier.errors import EquationError
from verifier.language.definitions import adjoints, definition, slopes
from verifier.language.operations import OPERATIONS, Shape
from verifier.language.shapes import shape_of
from verifier.language.tree import (
    Call,
    Equation,
    Expression,
    Name,
    Number,
    Whole,
    names,
    operands,
    replace,
    wholes,
)

SEED, ADJOINT, BACK, AHEAD, DELTA = "seed_", "d_", "back_", "ahead_", "delta_"
"""What stands before a name: its seed, its adjoint, what is passed back or ahead, a delta."""

_CROSSING = ((-1, BACK), (1, AHEAD))

Use = tuple[str, int | None]
"""A name with the offset at which it is used."""


@dataclass(frozen=True)
class Adjoints:
    """The equations of adjoints; `terms` has the term of an equation that each delta is of."""

    equations: tuple[Equation, ...]
    terms: Mapping[str, Expression]


def adjoint(
    equations: Sequence[Equation],
    shapes: Mapping[str, Shape],
    seeded: Collection[str],
    wanted: Collection[str],
    mark: str = "",
) -> tuple[Equation, ...]:
    """The equations of the adjoints of `wanted` names, and of all that they follow from.

    `shapes` are those of all names. The derivative is that of Σ_t Σ seed_q[t] · q[t] over the
    seeded quantities q; their seeds `seed_q` are inputs of these shapes. A quantity that leads to
    no seeded one has no adjoint.
    `mark` stands before all their names, so that a system of adjoints has adjoints in turn.
    Errors: EquationError where a name of the system is one that adjoints need.
    """
    return reverse(equations, shapes, seeded, wanted, mark).equations


def reverse(
    equations: Sequence[Equation],
    shapes: Mapping[str, Shape],
    seeded: Collection[str],
    wanted: Collection[str],
    mark: str = "",
) -> Adjoints:
    """The adjoints of `adjoint`, with the terms that the deltas belong to."""
    found = _Reverse(equations, shapes, seeded, wanted, mark)
    made = tuple(found.made())
    taken = {name for name in shapes if name in {eq.name for eq in made} | found.seeds}
    if taken:
        what = f"the names {', '.join(sorted(taken))} are those of adjoints"
        raise EquationError(
            what, accepted="names without d_, seed_, back_, ahead_ or delta_ before another"
        )
    return Adjoints(made, found.terms)


def shapes_of(
    made: Sequence[Equation], shapes: Mapping[str, Shape], mark: str = ""
) -> dict[str, Shape]:
    """The shapes of adjoints: those of the quantities that they belong to."""
    prefixes = [mark + prefix for prefix in (ADJOINT, BACK, AHEAD)]
    known = {prefix + name: shape for name, shape in shapes.items() for prefix in prefixes}
    return {equation.name: known[equation.name] for equation in made if equation.name in known}


def reached(equations: Sequence[Equation], of: Collection[str]) -> set[str]:
    """The names that quantities follow from, through all steps; themselves among them."""
    needs = {eq.name: {name.name for name in names(eq.expression)} for eq in equations}
    found, todo = set(of), list(of)
    while todo:
        more = needs.get(todo.pop(), set()) - found
        found |= more
        todo += more
    return found


@dataclass
class _Reverse:
    equations: Sequence[Equation]
    shapes: Mapping[str, Shape]
    seeded: Collection[str]
    wanted: Collection[str]
    mark: str = ""
    parts: dict[Use, list[Expression]] = field(default_factory=dict)
    deltas: dict[str, list[Equation]] = field(default_factory=dict)
    terms: dict[str, Expression] = field(default_factory=dict)

    def __post_init__(self) -> None:
        defined = [eq.name for eq in self.equations]
        before = reached(self.equations, self.seeded)
        after = {n for n in defined if reached(self.equations, [n]) & set(self.wanted)}
        self.active = (before & after) | set(self.wanted)
        self.seeds = {self.mark + SEED + name for name in self.seeded if name in self.active}

    def made(self) -> Iterator[Equation]:
        for equation in self.equations:
            if equation.name in self.active:
                self._pull_equation(equation)
        active = [eq.name for eq in self.equations if eq.name in self.active]
        for name in reversed(active):  # shapes are inferred in this order
            yield self._adjoint(name)
            yield from self.deltas.get(name, ())
        for name in active:
            yield from self._passed(name)
        for name in self.wanted:
            if name not in {eq.name for eq in self.equations}:
                yield from self._given(name)

    def _pull_equation(self, equation: Equation) -> None:
        tree = equation.expression
        own = Name(self.mark + ADJOINT + equation.name, 0)
        start = self._shaped(own, equation.name, self._shape(tree))
        _Pull(self, equation).node(tree, start, root=True)

    def _shaped(self, seed: Expression, name: str, shape: Shape) -> Expression:
        """The adjoint in the shape of the expression: a vector of length 1 may be a scalar's."""
        if self.shapes[name] == shape or shape:
            return seed
        return Call("sum", (seed,))

    def _adjoint(self, name: str) -> Equation:
        """What a quantity's own seed, and its uses at each step, add up to."""
        terms: list[Expression] = [Name(self.mark + SEED + name, 0)] if name in self.seeded else []
        terms += self.parts.get((name, 0), [])
        crossing = [pair for pair in _CROSSING if (name, pair[0]) in self.parts]
        terms += [Name(self.mark + prefix + name, -offset) for offset, prefix in crossing]
        return self._equation(self.mark + ADJOINT + name, terms, name)

    def _passed(self, name: str) -> Iterator[Equation]:
        """What a step passes to the steps beside it."""
        for offset, prefix in _CROSSING:
            if (name, offset) in self.parts:
                yield self._equation(self.mark + prefix + name, self.parts[name, offset], name)

    def _given(self, name: str) -> Iterator[Equation]:
        """A parameter's adjoint over all steps, an input's at its own."""
        parts = self.parts.get((name, None))
        if parts:
            own = self.mark + ADJOINT + name
            yield self._equation(own, [*parts, Name(own, 1)], name)
        elif any(used == name for used, _ in self.parts):
            yield self._adjoint(name)
            yield from self._passed(name)

    def _equation(self, name: str, terms: Sequence[Expression], like: str) -> Equation:
        if not terms:  # nothing that is seeded follows from it at any step
            sizes = tuple(map(Whole, self.shapes[like]))
            terms = [Call("fill", (Number("0"), *sizes)) if sizes else Number("0")]
        return Equation(name, reduce(plus, terms))

    def _shape(self, tree: Expression) -> Shape:
        return shape_of(tree, self.shapes) or ()


@dataclass
class _Pull:
    """One equation, gone through from its result to the names that it is computed from."""

    reverse: _Reverse
    equation: Equation
    count: int = 0

    def node(self, node: Expression, g: Expression, root: bool = False) -> None:
        """Pass an adjoint of the node's shape back to the names in it."""
        if isinstance(node, Name):
            self.reverse.parts.setdefault((node.name, node.offset), []).append(g)
        elif isinstance(node, Call):
            self._call(node, g, Name(self.equation.name, 0) if root else node)

    def _call(self, node: Call, g: Expression, value: Expression) -> None:
        parts, numbers = operands(node), wholes(node)
        shapes = tuple(map(self.reverse._shape, parts))
        moving = [k for k, part in enumerate(parts) if self._moves(part)]
        if not moving:
            return
        row = OPERATIONS[node.operation]
        if not (row.slopes or row.adjoint):
            self.node(_defined(node), g)
            return
        g = self._named(g, node) if sum(map(self._uses, parts)) > 1 else g
        known: dict[str, Expression] = dict(zip(row.arguments, parts, strict=False))
        if "*" in row.takes:
            known = {}
        known |= {name: Number(text) for name, text in row.defaults.items() if name not in known}
        known |= {"g": g, "value": value}
        found = adjoints(node.operation, shapes, *numbers)
        for k in moving:
            if found:
                self.node(parts[k], put_in(found[k], known))
                continue
            slope = put_in(slopes(node.operation, *numbers)[k], known)
            own = self.reverse._shape(node)
            self.node(parts[k], _gathered(_times(g, slope), own, shapes[k]))

    def _moves(self, node: Expression) -> bool:
        return any(name.name in self.reverse.active for name in names(node))

    def _uses(self, node: Expression) -> int:
        return sum(name.name in self.reverse.active for name in names(node))

    def _named(self, g: Expression, node: Call) -> Expression:
        """An adjoint that several terms need, as a quantity of its own."""
        while isinstance(g, Call) and g.operation == "negate":
            return Call("negate", (self._named(g.arguments[0], node),))
        if isinstance(g, Name):
            return g
        own, taken = self.equation.name, {equation.name for equation in self.reverse.equations}
        self.count += 1
        while self.count > 1 and f"{own}_{self.count}" in taken:  # h_2 has deltas of its own
            self.count += 1
        number = f"_{self.count}" if self.count > 1 else ""
        name = self.reverse.mark + DELTA + own + number
        self.reverse.deltas.setdefault(self.equation.name, []).append(Equation(name, g))
        self.reverse.terms[name] = node
        return Name(name, 0)


def owner(name: str, quantities: Collection[str]) -> tuple[str, int]:
    """The quantity that an adjoint or a delta belongs to, and which of its deltas it is."""
    of = name.removeprefix(ADJOINT if name.startswith(ADJOINT) else DELTA)
    if of in quantities:
        return of, 1
    plain, _, number = of.rpartition("_")
    return (plain, int(number)) if plain in quantities and number.isdecimal() else (of, 1)


def put_in(tree: Expression, known: Mapping[str, Expression]) -> Expression:
    """The tree with expressions in place of bare names."""
    return replace(
        tree,
        lambda node, path: (
            known.get(node.name) if isinstance(node, Name) and node.offset is None else None
        ),
    )


def _defined(node: Call) -> Expression:
    """The operation's definition with its arguments put in."""
    row, tree = OPERATIONS[node.operation], definition(node.operation)
    if tree is None:
        raise EquationError(f"{node.operation} has no derivative", accepted="another function")
    known = dict(zip(row.arguments, node.arguments, strict=False))
    left = {n: Number(text) for n, text in row.defaults.items() if n not in known}
    return put_in(tree, {**known, **left})


def _gathered(g: Expression, shape: Shape, wanted: Shape) -> Expression:
    """The adjoint summed over what was spread out."""
    if shape == wanted:
        return g
    if len(wanted) == 1 and len(shape) == 2 and wanted[0] == shape[1] != 1:
        return Call("sum", (g, Whole(0)))
    total = Call("sum", (g,))
    return Call("concat", (total,)) if wanted else total


def plus(left: Expression, right: Expression) -> Expression:
    """The sum of two terms, a difference where the second one is negated."""
    if isinstance(right, Call) and right.operation == "negate":
        return Call("subtract", (left, right.arguments[0]))
    return Call("add", (left, right))


def _times(g: Expression, slope: Expression) -> Expression:
    """g · slope, without factors of one."""
    match slope:
        case Number("1"):
            return g
        case Call("negate", (inner,)):
            return Call("negate", (_times(g, inner),))
        case Call("divide", (Number("1"), below)):
            return Call("divide", (g, below))
    return Call("multiply", (g, slope))
