"""Terms and signs: left out, doubled, at the wrong place, or the wrong operation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from verifier.language.tree import Call, Equation, Expression, Name, Number, nodes
from verifier.language.tree import replace as replaced
from verifier.rewrites.model import Change, Task
from verifier.rewrites.walk import Found, Spot, complement_of, is_parameter, names_of, terms, total


def bias_dropped(node: Expression, spot: Spot) -> Iterator[Found]:
    """A sum without one of its bare parameters."""
    for rest, term in _without_one(node, spot):
        if is_parameter(term):
            yield rest, {"parameters": names_of(term)}


def term_dropped(node: Expression, spot: Spot) -> Iterator[Found]:
    """A sum without one of its other terms."""
    for rest, term in _without_one(node, spot):
        if not is_parameter(term):
            yield rest, {"term": names_of(term)}


def terms_dropped_together(problem: Task) -> Iterator[Change]:
    """All terms that weigh one quantity entry by entry left out, as all peepholes."""
    found: dict[str, dict[str, Equation]] = {}
    weights: dict[str, list[str]] = {}
    for equation in problem.cell.equations:
        for path, node in nodes(equation.expression):
            pair = _weighed(node, problem) if Spot(problem, equation, path).is_term() else None
            if pair is not None:
                own, weight = pair
                before = found.setdefault(own, {}).get(equation.name, equation)
                lacking = _lacking(before, node)
                if lacking != before:
                    found[own][equation.name] = lacking
                    weights.setdefault(own, []).append(weight)
    for own, changed in found.items():
        if len(changed) > 1:
            yield Change({"quantities": tuple(changed), "term": (own, *weights[own])}, changed)


def _weighed(node: Expression, problem: Task) -> tuple[str, str] | None:
    """The names of a quantity and of the parameter that multiplies it entry by entry."""
    match node:
        case Call("multiply", (Name(a, i), Name(b, j))) if (i is None) != (j is None):
            own, weight = (a, b) if j is None else (b, a)
            return (own, weight) if own in problem.cell.equation else None
    return None


def _lacking(equation: Equation, term: Expression) -> Equation:
    """The equation without a term, where something is left of the sum."""

    def rule(node: Expression, _: object) -> Expression | None:
        parts = terms(node)
        rest = [part for part in parts if part != term]
        return total(rest) if 0 < len(rest) < len(parts) else None

    return replace(equation, expression=replaced(equation.expression, rule))


def _without_one(node: Expression, spot: Spot) -> Iterator[tuple[Expression, Expression]]:
    match node:
        case Call("add", (left, right)):
            yield left, right
            if not (isinstance(left, Call) and left.operation in ("add", "subtract")):
                yield right, left
        case Call("subtract", (left, right)) if complement_of(node) is None:
            yield left, right
            yield Call("negate", (right,)), left


def bias_doubled(node: Expression, spot: Spot) -> Iterator[Found]:
    """A bare parameter of a sum counted twice."""
    if is_parameter(node) and spot.is_term():
        yield Call("add", (node, node)), {"parameters": names_of(node)}


def bias_outside(node: Expression, spot: Spot) -> Iterator[Found]:
    """f(…) + b for f(… + b)."""
    match node:
        case Call("sigmoid" | "tanh" | "relu" | "softsign" | "softplus" as function, (argument,)):
            parts = terms(argument)
            for k, part in enumerate(parts):
                if is_parameter(part) and len(parts) > 1:
                    inner = total(parts[:k] + parts[k + 1 :])
                    outside = Call("add", (Call(function, (inner,)), part))
                    yield outside, {"parameters": names_of(part)}


def term_outside(node: Expression, spot: Spot) -> Iterator[Found]:
    """f(…) + x U for f(… + x U), as with a peephole that is added behind the function."""
    match node:
        case Call("sigmoid" | "tanh" | "relu" | "softsign" | "softplus" as function, (argument,)):
            parts = terms(argument)
            for k, part in enumerate(parts):
                if not is_parameter(part) and len(parts) > 1:
                    inner = total(parts[:k] + parts[k + 1 :])
                    yield Call("add", (Call(function, (inner,)), part)), {"term": names_of(part)}


def one_added(node: Expression, spot: Spot) -> Iterator[Found]:
    """σ(… + 1) for σ(…), as programs begin with a forget gate that is open."""
    match node:
        case Call("sigmoid", (argument,)):
            yield Call("sigmoid", (Call("add", (argument, Number("1"))),)), {}


def sign_exchanged(node: Expression, spot: Spot) -> Iterator[Found]:
    """− for +, + for −."""
    match node:
        case Call("add", (left, right)):
            yield Call("subtract", (left, right)), {"term": names_of(right)}
        case Call("subtract", (left, right)):
            yield Call("add", (left, right)), {"term": names_of(right)}


def sum_for_product(node: Expression, spot: Spot) -> Iterator[Found]:
    """+ for the elementwise product."""
    match node:
        case Call("multiply", (left, right)):
            yield Call("add", (left, right)), {"term": names_of(left, right)}
