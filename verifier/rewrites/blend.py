"""Convex blends (1 − z) ∘ h + z ∘ s, however their parts are called and written.

A gate is known by its complement alone: some term of a sum is multiplied by one minus the gate, be
it written so or a quantity of its own, and another term by the gate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations, product

from verifier.language.tree import Call, Expression, Name, nodes
from verifier.rewrites.model import Task
from verifier.rewrites.walk import (
    Found,
    Spot,
    complement_of,
    ends_squashed,
    factors,
    gate_of,
    is_quantity,
    names_of,
    signed_terms,
    signed_total,
)

Signed = Sequence[tuple[bool, Expression]]
New = tuple[dict[int, Expression], Expression]
"""The terms that become others, by their places, and the gate."""

UNNAMED = "unnamed"
"""What is said of a gate that is no quantity of its own: the names are those within it."""


def swapped(node: Expression, spot: Spot) -> Iterator[Found]:
    """z and 1 − z change places; a + z ∘ (b − a) becomes b + z ∘ (a − b)."""
    if not (isinstance(node, Call) and node.operation in ("add", "subtract")) or spot.is_term():
        return
    parts = signed_terms(node)
    pairs = permutations(range(len(parts)), 2)
    found = (new for i, j in pairs for new in _exchanged(parts, i, j, spot.problem))
    for new, gate in (*found, *_multiplied_out(parts)):
        others = [(minus, new.get(k, term)) for k, (minus, term) in enumerate(parts)]
        yield signed_total(others), _called(gate)


def _exchanged(parts: Signed, i: int, j: int, problem: Task) -> Iterator[New]:
    yield from _weights(parts, i, j, problem)
    yield from _moved(parts, i, j)


def _weights(parts: Signed, i: int, j: int, problem: Task) -> Iterator[New]:
    """Of (1 − z) ∘ h and z ∘ s; of the complement of another gate, both weights exchanged."""
    one, two = parts[i][1], parts[j][1]
    for weight, other in product(_factors(one), _factors(two)):
        gate = _complemented(weight, problem)
        if gate is not None and (other == gate or (ends_squashed(gate) and ends_squashed(other))):
            yield {i: _with(one, weight, other), j: _with(two, other, weight)}, gate
            return


def _complemented(weight: Expression, problem: Task) -> Expression | None:
    """The gate of which a factor is the complement: as it stands, or by its own equation."""
    return gate_of(weight, problem) if is_quantity(weight, problem) else complement_of(weight)


def _called(gate: Expression) -> dict[str, tuple[str, ...]]:
    """What a gate is called."""
    named = {"gate": names_of(gate)}
    return named if isinstance(gate, Name) else named | {"form": (UNNAMED,)}


def _factors(term: Expression) -> Iterator[Expression]:
    """The factors of a product entry by entry, however many there are; none of another term."""
    for part in factors(term) or ():
        yield from _factors(part) if factors(part) else (part,)


def _with(term: Expression, old: Expression, new: Expression) -> Expression:
    """The product with another factor, where it has the old one first."""
    pair = factors(term)
    if pair is None:
        return new if term == old else term
    left = _with(pair[0], old, new)
    return Call("multiply", (left, _with(pair[1], old, new) if left == pair[0] else pair[1]))


def _moved(parts: Signed, i: int, j: int) -> Iterator[New]:
    """Of a + z ∘ (b − a): both ends exchanged."""
    (below, base), (minus, step) = parts[i], parts[j]
    pair = factors(step) or ()
    for k, factor in enumerate(pair):
        match factor:
            case Call("subtract", (goal, start)) if start == base and not (below or minus):
                turned = _with(step, factor, Call("subtract", (base, goal)))
                yield {i: goal, j: turned}, pair[1 - k]


def _multiplied_out(parts: Signed) -> Iterator[New]:
    """Of a − z ∘ a + z ∘ b: a and b exchanged."""
    for i, j, k in permutations(range(len(parts)), 3):
        (below, base), (minus, taken), (under, given) = parts[i], parts[j], parts[k]
        gate = _beside(taken, base)
        goal = None if gate is None else _beside(given, gate)
        if gate is not None and goal is not None and minus and not (below or under):
            yield {i: goal, j: _with(taken, base, goal), k: _with(given, goal, base)}, gate


def _beside(product: Expression, factor: Expression) -> Expression | None:
    """The other factor of a product of two."""
    pair = factors(product) or ()
    return pair[1 - pair.index(factor)] if factor in pair else None


def complement_left_out(node: Expression, spot: Spot) -> Iterator[Found]:
    """z where 1 − z belongs, also where that is a quantity of its own."""
    parent = spot.parent
    own = parent is not None and parent.operation == "multiply" and gate_of(node, spot.problem)
    gate = own or complement_of(node)
    if gate is not None:
        yield gate, _called(gate)


def complement_added(node: Expression, spot: Spot) -> Iterator[Found]:
    """1 − z where z belongs, in an equation that has 1 − z elsewhere, by whatever name."""
    parent = spot.parent
    if parent is None or parent.operation != "multiply" or not is_quantity(node, spot.problem):
        return
    for other in _complements(spot.equation.expression, spot.problem):
        if _complemented(other, spot.problem) == node:
            yield other, _called(node)
            return


def _complements(tree: Expression, problem: Task) -> Iterator[Expression]:
    """The nodes that are one minus something, written so or quantities of their own."""
    return (node for _, node in nodes(tree) if _complemented(node, problem) is not None)
