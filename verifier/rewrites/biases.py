"""Biases beside the recurrent product: where they belong, and which of two they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import permutations

from verifier.language.tree import Call, Equation, Expression, Name, names, nodes
from verifier.rewrites import optional
from verifier.rewrites.model import Change, Changes, Task
from verifier.rewrites.walk import Found, Spot, factors, is_parameter, is_quantity, terms, total
from verifier.rewrites.weights import alike, partners, place_of, put

Gated = tuple[Expression, list[Expression], list[Expression], bool]
"""A gate, the products that it multiplies, the biases beside them, and whether it stands first."""


def gated_sum(node: Expression, problem: Task) -> Gated | None:
    """The parts of r ∘ (s W + b), None for other trees."""
    pair = factors(node) or ()
    for k, gate in enumerate(pair):
        if is_quantity(gate, problem):
            parts = terms(pair[1 - k])
            products = [part for part in parts if not is_parameter(part)]
            if products and any(_is_product(part) for part in products):
                return gate, products, [p for p in parts if is_parameter(p)], k == 0
    return None


def _is_product(node: Expression) -> bool:
    return isinstance(node, Call) and node.operation == "matmul"


def _times(gate: Expression, parts: list[Expression], first: bool) -> Expression:
    inner = total(parts)
    return Call("multiply", (gate, inner) if first else (inner, gate))


def outside(node: Expression, spot: Spot) -> Iterator[Found]:
    """r ∘ (s W) + b for r ∘ (s W + b)."""
    found = gated_sum(node, spot.problem)
    if found is not None and found[2]:
        gate, products, biases, first = found
        yield total([_times(gate, products, first), *biases]), {"parameters": _names(biases)}


def inside(node: Expression, spot: Spot) -> Iterator[Found]:
    """r ∘ (s W + b) for r ∘ (s W) + b."""
    parts = terms(node)
    biases = [part for part in parts if is_parameter(part)]
    if spot.is_term() or not biases:
        return
    for k, part in enumerate(parts):
        found = gated_sum(part, spot.problem)
        for bias in biases if found is not None and not found[2] else ():
            new = _times(found[0], [*found[1], bias], found[3])  # type: ignore[index]
            rest = [new if i == k else p for i, p in enumerate(parts) if p != bias]
            yield total(rest), {"parameters": _names([bias])}


def _names(biases: list[Expression]) -> tuple[str, ...]:
    return tuple(part.name for part in biases if isinstance(part, Name))


def _two(problem: Task) -> Iterator[tuple[Equation, str, str]]:
    """The equations with a bias in a gated sum and one of its shape outside, and both names."""
    for equation in problem.cell.equations:
        within = dict.fromkeys(_gated_biases(equation, problem))
        beside = (n.name for n in names(equation.expression) if n.offset is None)
        for inner in within:
            for outer in dict.fromkeys(beside):
                alike = problem.shapes[inner] == problem.shapes[outer]
                if alike and outer not in within and outer not in partners(problem):
                    yield equation, inner, outer


def _gated_biases(equation: Equation, problem: Task) -> Iterator[str]:
    for _, node in nodes(equation.expression):
        found = gated_sum(node, problem)
        if found is not None:
            yield from _names(found[2])


def exchanged(problem: Task) -> Iterator[Change]:
    """The two biases of a candidate exchanged."""
    for equation, inner, outer in _two(problem):
        new = put(equation, {inner: Name(outer), outer: Name(inner)})
        yield _change(equation.name, new, inner, outer)


def copied(problem: Task) -> Iterator[Change]:
    """One of the two biases of a candidate in both places."""
    for equation, inner, outer in _two(problem):
        for old, other in permutations((inner, outer)):
            yield _change(equation.name, put(equation, {old: Name(other)}), old, other)


def _change(quantity: str, new: Equation, *parameters: str) -> Change:
    return Change({"quantities": (quantity,), "parameters": parameters}, {quantity: new})


def at_first_step(there: bool) -> Changes:
    """The bias beside the recurrent product at the first step only, or at all steps but that."""

    def changes(problem: Task) -> Iterator[Change]:
        if problem.steps < 2:
            return
        for equation in problem.cell.equations:
            for bias in dict.fromkeys(_gated_biases(equation, problem)):
                (without,) = optional.drop((equation,), frozenset({bias}))
                first = problem.steps if _backwards(equation) else 1
                usual, other = equation.expression, without.expression
                if there:
                    usual, other = other, usual
                new = replace(equation, expression=usual, cases={first: other})
                yield _change(equation.name, new, bias)

    return changes


def _backwards(equation: Equation) -> bool:
    return any(name.offset == 1 for name in names(equation.expression))


def dropped(problem: Task) -> Iterator[Change]:
    """All biases left out, and all that stand at the same place in like equations."""
    for group in _groups(problem):
        equations = {eq.name: eq for eq in problem.cell.equations if _uses(eq, group)}
        new = optional.drop(tuple(equations.values()), frozenset(group))
        yield Change({"parameters": group}, {eq.name: eq for eq in new})


def doubled(problem: Task) -> Iterator[Change]:
    """The same biases counted twice."""
    for group in _groups(problem):
        twice: Mapping[str, Expression] = {n: Call("add", (Name(n), Name(n))) for n in group}
        using = [eq for eq in problem.cell.equations if _uses(eq, group)]
        yield Change({"parameters": group}, {eq.name: put(eq, twice) for eq in using})


def _uses(equation: Equation, group: tuple[str, ...]) -> bool:
    return any(name.name in group for name in names(equation.expression))


def _groups(problem: Task) -> Iterator[tuple[str, ...]]:
    """All biases, those of like equations place by place, and those that are named alike.

    The last are all that stand beside the state, or the input: those of a candidate, too, whose
    equation is another one. Only where they are several.
    """
    every = _biases(problem)
    found = [every, *_named_alike(problem, every)]
    for group in alike(problem):
        found += [tuple(place) for place in zip(*(own for _, own in group), strict=True)]
    for names_ in dict.fromkeys(found):
        if len(names_) > 1 and set(names_) <= set(every):
            yield names_


def _named_alike(problem: Task, every: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Biases by what their names say beside their gates: b_z and b_n, b_hz and b_hn."""
    found: dict[str, list[str]] = {}
    for equation in problem.cell.equations:
        own = dict.fromkeys(name.name for name in names(equation.expression))
        for name in (name for name in own if name in every):
            found.setdefault(place_of(name, equation.name), []).append(name)
    yield from (tuple(dict.fromkeys(group)) for group in found.values())


def _biases(problem: Task) -> tuple[str, ...]:
    """Parameters that are terms of sums."""
    found: list[str] = []
    for equation in problem.cell.equations:
        for path, node in nodes(equation.expression):
            if is_parameter(node) and Spot(problem, equation, path).is_term():
                found += _names([node])
    return tuple(dict.fromkeys(found))
