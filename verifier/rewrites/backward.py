"""Mistakes in what is passed back: each fits the adjoint equations of a backward pass alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce

from verifier.language.adjoint import ADJOINT, AHEAD, BACK, DELTA, owner, plus
from verifier.language.tree import Call, Equation, Expression, Name, Number, names, nodes
from verifier.rewrites.gates import gated
from verifier.rewrites.model import Change, ChangeKind, Changes, Task
from verifier.rewrites.walk import (
    About,
    Found,
    Pattern,
    Spot,
    at_nodes,
    both,
    factors,
    is_gate,
    is_one,
)

OWN = (ADJOINT, DELTA, BACK, AHEAD)
CROSSING = (BACK, AHEAD)

Made = tuple[str, Expression]
"""The name of an equation and another tree for it."""


def _passed_back(pattern: Pattern) -> Pattern:
    """The pattern in the equations of adjoints alone."""

    def rule(node: Expression, spot: Spot) -> Iterator[Found]:
        behind = getattr(spot.problem, "backward", None)
        if behind is not None and spot.equation.name.startswith(OWN):
            yield from pattern(node, spot)

    return rule


def _root(pattern: Pattern) -> Pattern:
    """The pattern at whole right-hand sides alone."""
    return _passed_back(lambda node, spot: pattern(node, spot) if not spot.path else iter(()))


def other_slope(node: Expression, spot: Spot) -> Iterator[Found]:
    """The slope of tanh for that of sigmoid, and the other way round."""
    match node:
        case Call("multiply", (Name() as v, Call("subtract", (one, w)))) if is_one(one) and v == w:
            yield _one_minus(Call("multiply", (v, v))), {}
        case Call("subtract", (one, Call("multiply", (Name() as v, w)))) if is_one(one) and v == w:
            yield Call("multiply", (v, _one_minus(v))), {}


def square_forgotten(node: Expression, spot: Spot) -> Iterator[Found]:
    """1 − h for 1 − h²."""
    match node:
        case Call("subtract", (one, Call("multiply", (Name() as v, w)))) if is_one(one) and v == w:
            yield _one_minus(v), {}


def function_for_slope(node: Expression, spot: Spot) -> Iterator[Found]:
    """The value of a function where its derivative belongs."""
    match node:
        case Call("multiply", (Name() as v, Call("subtract", (one, w)))) if is_one(one) and v == w:
            yield v, {}
        case Call("subtract", (one, Call("multiply", (Name() as v, w)))) if is_one(one) and v == w:
            yield v, {}


def transpose_forgotten(node: Expression, spot: Spot) -> Iterator[Found]:
    """W for its transpose."""
    match node:
        case Call("transpose", (Name(name, None) as matrix,)):
            yield matrix, {"parameters": (name,)}


def steps_not_summed(node: Expression, spot: Spot) -> Iterator[Found]:
    """A step's own part for the sum over the steps."""
    rest = [part for part in _terms(node) if part != Name(spot.equation.name, 1)]
    if len(rest) < len(_terms(node)) and rest:
        yield total(rest), {}


def ways_left_out(role: str) -> Changes:
    """What is passed back without the way through a quantity of a role, once and everywhere."""

    def changes(problem: Task) -> Iterator[Change]:
        quantities = _forwards(problem)
        for name in (name for name in quantities if _role(name, problem) == role):
            found = dict(_without(problem, name, quantities))
            for some in (*({key: tree} for key, tree in found.items()), found):
                if some is not found or len(found) > 1:
                    yield _change(problem, some, {role: (name,)})

    return changes


def _forwards(problem: Task) -> Sequence[str]:
    """The quantities of the forward pass, where the problem has its backward pass, too."""
    behind = getattr(problem, "backward", None)
    return [] if behind is None else list(behind.task.cell.equation)


def _role(name: str, problem: Task) -> str:
    """What a quantity is to the way back: a gate, a reset gate, or another quantity."""
    if not is_gate(Name(name, 0), problem):
        return "path"
    return "reset" if name in _resets(problem) else "gate"


def _resets(problem: Task) -> set[str]:
    """The gates that multiply a state before a product, or the product."""
    found: set[str] = set()
    for equation in (problem.cell.equation[name] for name in _forwards(problem)):
        for path, node in nodes(equation.expression):
            inside = gated(node, Spot(problem, equation, path))
            pair = (inside[0], inside[1]) if inside else factors(node) or ()
            for k, gate in enumerate(pair):
                if isinstance(gate, Name) and (inside or _multiplied(pair[1 - k])):
                    found.add(gate.name)
    return found


def _multiplied(tree: Expression) -> bool:
    """Whether a state is multiplied by a matrix in it."""
    products = (node for _, node in nodes(tree) if isinstance(node, Call))
    return any(
        node.operation == "matmul" and any(name.offset for name in names(node)) for node in products
    )


def _without(
    problem: Task, name: str, quantities: Sequence[str]
) -> Iterator[tuple[str, Expression]]:
    """The equations of what is passed back in which the way through a quantity is left out."""
    for equation in problem.cell.equations:
        passes = equation.name.startswith(CROSSING) or equation.name[len(ADJOINT) :] in quantities
        if not (passes and equation.name.startswith((ADJOINT, *CROSSING))):
            continue
        parts = _terms(equation.expression)
        rest = [part for part in parts if not _leads(part, name, quantities)]
        if 0 < len(rest) < len(parts):
            yield equation.name, total(rest)


def _leads(part: Expression, name: str, quantities: Sequence[str]) -> bool:
    """Whether a term is a multiple of an adjoint of the quantity at the same step."""
    own = (n.name for n in names(part) if n.name.startswith((ADJOINT, DELTA)))
    return any(owner(one, quantities)[0] == name for one in own)


def target_sign(node: Expression, spot: Spot) -> Iterator[Found]:
    """The target minus the prediction, for the prediction minus the target."""
    targets = spot.problem.backward.loss.inputs  # type: ignore[attr-defined]
    match node:
        case Call("subtract", (left, Name(name, 0) as target)) if name in targets:
            yield Call("subtract", (target, left)), {"input": (name,)}


def half_forgotten(node: Expression, spot: Spot) -> Iterator[Found]:
    """Twice what the loss gives: the half before the square left out."""
    parts = _terms(node)
    own = [not any(map(_is_adjoint, names(part))) for part in parts]
    if any(own) and spot.equation.name.startswith(ADJOINT):
        twice = zip(parts, own, strict=True)
        yield total([Call("multiply", (Number("2"), p)) if mine else p for p, mine in twice]), {}


def truncated(problem: Task) -> Iterator[Change]:
    """Nothing is passed back from one step to another: to one state, to all."""
    found = dict(_at_one_step(problem))
    for some in (*({key: tree} for key, tree in found.items()), found):
        if some is not found or len(found) > 1:
            yield _change(problem, some)


def stopped(problem: Task) -> Iterator[Change]:
    """Nothing is passed on further than one step from the last, or forwards from the first."""
    last, new = getattr(problem, "steps", 0), dict[str, Equation]()
    for name, tree in _at_one_step(problem):
        equation = problem.cell.equation[name]
        ahead = AHEAD + name.removeprefix(ADJOINT) in {n.name for n in names(equation.expression)}
        steps = range(3, last + 1) if ahead else range(1, last - 1)
        new[name] = replace(equation, cases=dict.fromkeys(steps, tree))
    if new and last > 2:
        yield Change({"quantities": tuple(new)}, new)


def _at_one_step(problem: Task) -> Iterator[Made]:
    """The adjoints to which another step passes something, without that."""
    if not _forwards(problem):
        return
    for equation in problem.cell.equations:
        parts = _terms(equation.expression)
        rest = [part for part in parts if not _crosses(part)]
        if equation.name.startswith(ADJOINT) and len(rest) < len(parts):
            zero = Call("multiply", (Number("0"), equation.expression))
            yield equation.name, total(rest) if rest else zero


def _change(problem: Task, trees: Mapping[str, Expression], about: About | None = None) -> Change:
    """The change to equations of these trees."""
    equations = problem.cell.equation
    new = {name: replace(equations[name], expression=tree) for name, tree in trees.items()}
    return Change({"quantities": tuple(new), **(about or {})}, new)


def _terms(node: Expression) -> list[Expression]:
    match node:
        case Call("add", (left, right)):
            return _terms(left) + _terms(right)
        case Call("subtract", (left, right)) if any(map(_is_adjoint, names(right))):
            return [*_terms(left), Call("negate", (right,))]
    return [node]


def total(parts: Sequence[Expression]) -> Expression:
    """The sum of terms, from left to right; a negated one is subtracted."""
    return reduce(plus, parts)


def _is_adjoint(name: Name) -> bool:
    return name.name.startswith(OWN)


def _crosses(part: Expression) -> bool:
    """Whether a term is what another step passes on."""
    return isinstance(part, Name) and part.name.startswith(CROSSING)


def _one_minus(tree: Expression) -> Expression:
    return Call("subtract", (Number("1"), tree))


TREE: ChangeKind = "tree"

ROWS = (
    ("slope-of-other-function", TREE, both(_passed_back(other_slope))),
    ("square-forgotten", TREE, both(_passed_back(square_forgotten))),
    ("function-for-slope", TREE, both(_passed_back(function_for_slope))),
    ("transpose-forgotten", TREE, both(_passed_back(transpose_forgotten))),
    ("steps-not-summed", TREE, both(_root(steps_not_summed))),
    ("truncated", TREE, truncated),
    ("stopped-after-one-step", TREE, stopped),
    ("gate-path-left-out", TREE, ways_left_out("gate")),
    ("reset-path-left-out", TREE, ways_left_out("reset")),
    ("way-back-left-out", TREE, ways_left_out("path")),
    ("target-sign", TREE, both(_passed_back(target_sign))),
    ("half-forgotten", TREE, at_nodes(_root(half_forgotten))),
)
"""Their ids, what they change, and how."""
