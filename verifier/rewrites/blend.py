"""Convex blends (1 − z) ∘ h + z ∘ s, however their parts are called."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.language.tree import Call, Expression, nodes
from verifier.rewrites.walk import (
    Found,
    Spot,
    complement,
    complement_of,
    factors,
    is_quantity,
    names_of,
)


def swapped(node: Expression, spot: Spot) -> Iterator[Found]:
    """z and 1 − z change places; a + z ∘ (b − a) becomes b + z ∘ (a − b)."""
    match node:
        case Call("add", (left, right)):
            for one, other, turned in ((left, right, False), (right, left, True)):
                found = _blend(one, other) or _moved(one, other)
                if found is not None:
                    new, gate = found
                    pair = new[::-1] if turned else new
                    yield Call("add", pair), {"gate": names_of(gate)}


Pair = tuple[Expression, Expression]


def _blend(complemented: Expression, plain: Expression) -> tuple[Pair, Expression] | None:
    parts, others = factors(complemented), factors(plain)
    if parts is None or others is None:
        return None
    for i, factor in enumerate(parts):
        gate = complement_of(factor)
        if gate is not None and gate in others:
            first = _put(parts, i, gate)
            return (first, _put(others, others.index(gate), complement(gate))), gate
    return None


def _moved(base: Expression, step: Expression) -> tuple[Pair, Expression] | None:
    parts = factors(step)
    for i, factor in enumerate(parts or ()):
        match factor:
            case Call("subtract", (goal, start)) if parts and start == base:
                turned = _put(parts, i, Call("subtract", (base, goal)))
                return (goal, turned), parts[1 - i]
    return None


def _put(parts: Pair, index: int, new: Expression) -> Expression:
    return Call("multiply", (new, parts[1]) if index == 0 else (parts[0], new))


def complement_left_out(node: Expression, spot: Spot) -> Iterator[Found]:
    """z where 1 − z belongs."""
    gate = complement_of(node)
    if gate is not None:
        yield gate, {"gate": names_of(gate)}


def complement_added(node: Expression, spot: Spot) -> Iterator[Found]:
    """1 − z where z belongs, in an equation that has 1 − z elsewhere."""
    parent = spot.parent
    if parent is None or parent.operation != "multiply" or not is_quantity(node, spot.problem):
        return
    if complement(node) in _complements(spot.equation.expression):
        yield complement(node), {"gate": names_of(node)}


def _complements(tree: Expression) -> list[Expression]:
    found = (complement_of(node) for _, node in nodes(tree))
    return [complement(gate) for gate in found if gate is not None]
