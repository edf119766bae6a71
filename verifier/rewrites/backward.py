"""Mistakes in what is passed back: each fits the adjoint equations of a backward pass alone."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.language.adjoint import ADJOINT, AHEAD, BACK, DELTA
from verifier.language.tree import Call, Equation, Expression, Name, Number, names
from verifier.rewrites.model import Change, ChangeKind, Task
from verifier.rewrites.walk import Found, Pattern, Spot, at_nodes, both, either, is_one, total

OWN = (ADJOINT, DELTA, BACK, AHEAD)
CROSSING = (BACK, AHEAD)


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


def path_left_out(node: Expression, spot: Spot) -> Iterator[Found]:
    """A derivative without what another step passes back."""
    rest = [part for part in _terms(node) if not _crosses(part)]
    if 0 < len(rest) < len(_terms(node)) and spot.equation.name.startswith(ADJOINT):
        yield total(rest), {}


def gate_path_left_out(node: Expression, spot: Spot) -> Iterator[Found]:
    """What is passed back without the way through one of the quantities."""
    parts = _terms(node)
    found = dict.fromkeys(n.name for part in parts for n in names(part) if _is_adjoint(n))
    if spot.equation.name in found:  # a parameter's sum over the steps
        return
    for name in (name for name in found if not name.startswith(CROSSING)):
        rest = [part for part in parts if name not in {n.name for n in names(part)}]
        if 0 < len(rest) < len(parts):
            yield total(rest), {}


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
    """Nothing at all is passed back from one step to another."""
    if getattr(problem, "backward", None) is None:
        return
    new: dict[str, Equation] = {}
    for equation in problem.cell.equations:
        rest = [part for part in _terms(equation.expression) if not _crosses(part)]
        if equation.name.startswith(ADJOINT) and rest != _terms(equation.expression):
            tree = total(rest) if rest else Call("multiply", (Number("0"), equation.expression))
            new[equation.name] = Equation(equation.name, tree, equation.place)
    if len(new) > 1:
        yield Change({"quantities": tuple(new)}, new)


def _terms(node: Expression) -> list[Expression]:
    match node:
        case Call("add", (left, right)):
            return _terms(left) + _terms(right)
    return [node]


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
    ("truncated", TREE, either(truncated, at_nodes(_root(path_left_out)))),
    ("way-back-left-out", TREE, at_nodes(_root(gate_path_left_out))),
    ("target-sign", TREE, both(_passed_back(target_sign))),
    ("half-forgotten", TREE, at_nodes(_root(half_forgotten))),
)
"""Their ids, what they change, and how."""
