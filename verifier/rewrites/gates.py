"""Gates that multiply a state before or after a product, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from verifier.language.tree import Call, Expression, Name, Number, names
from verifier.language.tree import replace as replaced
from verifier.rewrites.walk import (
    Found,
    Spot,
    complement_of,
    factors,
    is_gate,
    is_quantity,
    names_of,
    terms,
    total,
)


def gated(node: Expression, spot: Spot) -> tuple[Expression, Expression, bool] | None:
    """The gate, the product without it, and whether the gate stands first; of `(s * r) @ W`."""
    match node:
        case Call("matmul", arguments):
            for i, argument in enumerate(arguments):
                pair = factors(argument) or ()
                for k, gate in enumerate(pair):
                    if is_quantity(gate, spot.problem):
                        parts = list(arguments)
                        parts[i] = pair[1 - k]
                        return gate, Call("matmul", tuple(parts)), k == 0
    return None


def after(node: Expression, spot: Spot) -> Iterator[Found]:
    """r ∘ (s W) for (r ∘ s) W; what is added to the product stays outside."""
    found = gated(node, spot)
    if found is not None:
        yield _times(*found), {"gate": names_of(found[0])}


def _times(gate: Expression, product: Expression, first: bool) -> Expression:
    return Call("multiply", (gate, product) if first else (product, gate))


def after_with_bias(node: Expression, spot: Spot) -> Iterator[Found]:
    """r ∘ (s W + b) for (r ∘ s) W + b."""
    if spot.is_term():
        return
    parts = terms(node)
    for i, part in enumerate(parts):
        found = gated(part, spot)
        biases = [k for k, b in enumerate(parts) if isinstance(b, Name) and b.offset is None]
        if found is not None and biases:
            gate, product, first = found
            inner = total((product, *(parts[k] for k in biases)))
            rest = [_times(gate, inner, first) if k == i else p for k, p in enumerate(parts)]
            kept = [part for k, part in enumerate(rest) if k not in biases]
            yield total(kept), {"gate": names_of(gate), "parameters": names_of(parts[biases[0]])}


def before(node: Expression, spot: Spot) -> Iterator[Found]:
    """(r ∘ s) W for r ∘ (s W), and (r ∘ s) W + b for r ∘ (s W + b)."""
    pair = factors(node) or ()
    for k, gate in enumerate(pair):
        if not is_quantity(gate, spot.problem):
            continue
        moved = [_inside(term, gate, k == 0) for term in terms(pair[1 - k])]
        products = [new for new, done in moved if done]
        if len(products) == 1:
            yield total([new for new, _ in moved]), {"gate": names_of(gate)}


def _inside(term: Expression, gate: Expression, first: bool) -> tuple[Expression, bool]:
    match term:
        case Call("matmul", arguments):
            for i, part in enumerate(arguments):
                if any(name.offset is not None for name in names(part)):
                    new = list(arguments)
                    new[i] = _times(gate, part, first)
                    return Call("matmul", tuple(new)), True
    return term, False


def left_out(node: Expression, spot: Spot) -> Iterator[Found]:
    """A factor that is a gate, or one minus a gate, is missing."""
    pair = factors(node) or ()
    for k, factor in enumerate(pair):
        inner = complement_of(factor)
        gate = factor if inner is None else inner
        if is_quantity(gate, spot.problem):
            yield pair[1 - k], {"gate": names_of(gate)}


def on_input(node: Expression, spot: Spot) -> Iterator[Found]:
    """The gate that belongs to the state multiplies the other products of the sum too."""
    if spot.is_term():
        return
    parts = terms(node)
    for i, part in enumerate(parts):
        found = gated(part, spot)
        if found is None:
            continue
        gate, product, first = found
        others = [k for k, p in enumerate(parts) if k != i and _is_product(p)]
        if not others:
            continue
        about = {"gate": names_of(gate), "input": _timed(*(parts[k] for k in others))}
        inside = [_inside(p, gate, first)[0] if k in others else p for k, p in enumerate(parts)]
        outside = [_times(gate, p, first) if k in others else p for k, p in enumerate(parts)]
        yield total(inside), about | {"form": ("before",)}
        yield total(outside), about | {"form": ("after",)}
        outside[i] = _times(gate, product, first)
        yield total(outside), about | {"form": ("all",)}


def _timed(*trees: Expression) -> tuple[str, ...]:
    found = (name.name for tree in trees for name in names(tree) if name.offset is not None)
    return tuple(dict.fromkeys(found))


def _is_product(node: Expression) -> bool:
    return isinstance(node, Call) and node.operation == "matmul"


def exchanged(node: Expression, spot: Spot) -> Iterator[Found]:
    """One gate of the cell is used where another belongs."""
    if spot.path:
        return
    own = [Name(name, 0) for name in spot.problem.cell.equation]
    gates = [name for name in own if is_gate(name, spot.problem)]
    used = set(names(node))
    for gate in gates:
        for other in gates:
            both = gate in used and other in used
            if gate in used and gate != other and not (both and other.name < gate.name):
                yield _renamed(node, gate, other), {"gate": (gate.name,), "other": (other.name,)}


def _renamed(node: Expression, one: Name, other: Name) -> Expression:
    turned = {one: other, other: one}
    return replaced(node, lambda part, _: turned.get(part) if isinstance(part, Name) else None)


def coupled(node: Expression, spot: Spot) -> Iterator[Found]:
    """1 − i in the place of f in f ∘ c + i ∘ g, or 1 − f in that of i: two gates that are one."""
    match node:
        case Call("add", (left, right)):
            own = [_own_gate(part, spot) for part in (left, right)]
            if None in own or own[0] == own[1]:
                return
            for k, part in enumerate((left, right)):
                new = _with_complement(part, own[k], own[1 - k])
                sides = (new, right) if k == 0 else (left, new)
                yield Call("add", sides), {"gate": names_of(own[k], own[1 - k])}


def _own_gate(product: Expression, spot: Spot) -> Any:
    """The gate that is a factor of a product; None where it has none, or two."""
    found = [part for part in factors(product) or () if is_gate(part, spot.problem)]
    return found[0] if len(found) == 1 else None


def _with_complement(product: Expression, gate: Expression, other: Expression) -> Expression:
    parts = factors(product) or ()
    one = Call("subtract", (Number("1"), other))
    return Call("multiply", tuple(one if part == gate else part for part in parts))
