"""Matrices that are transposed, swapped, or taken from another gate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, permutations
from math import factorial

from verifier.language.tree import Call, Equation, Expression, Name, names, nodes
from verifier.language.tree import replace as replaced
from verifier.numbers import Numbers
from verifier.rewrites.model import Change, Changes, Task, fresh
from verifier.rewrites.walk import Found, Spot, factors, with_nodes

MOST_ORDERS = 24
"""All orders are tried of as many gates as give no more; of more gates, exchanged pairs only."""


def transposed(node: Expression, spot: Spot) -> Iterator[Found]:
    """W transposed where the shapes allow it."""
    match node:
        case Name(name, None) if len(spot.problem.shapes[name]) == 2:
            parent = spot.parent
            if parent is not None and parent.operation == "matmul":
                yield Call("transpose", (node,)), {"parameters": (name,)}
        case Call("transpose", (Name(name, None) as inner,)):
            yield inner, {"parameters": (name,)}


def left_out(node: Expression, spot: Spot) -> Iterator[Found]:
    """x for x W, where the shapes allow it."""
    match node:
        case Call("matmul", (left, right)):
            for weight, other in ((left, right), (right, left)):
                if isinstance(weight, Name) and weight.offset is None:
                    yield other, {"parameters": (weight.name,)}


def left_out_together(problem: Task) -> Iterator[Change]:
    """x for x W in all products with the same name."""
    found = partners(problem)
    for other in dict.fromkeys(other for others in found.values() for other in others):
        group = {name for name in found if other in found[name]}
        new = {eq.name: _without(eq, group) for eq in problem.cell.equations}
        changed = {eq.name: new[eq.name] for eq in problem.cell.equations if new[eq.name] != eq}
        if len(group) > 1:
            about = {"quantities": tuple(changed), "parameters": tuple(sorted(group))}
            yield Change(about, changed)


def _without(equation: Equation, group: set[str]) -> Equation:
    """The equation without these factors of matrix products."""

    def rule(node: Expression, _: object) -> Expression | None:
        match node:
            case Call("matmul", (left, Name(name, None))) if name in group:
                return left
            case Call("matmul", (Name(name, None), right)) if name in group:
                return right
        return None

    return replace(equation, expression=replaced(equation.expression, rule))


def in_other_order(node: Expression, spot: Spot) -> Iterator[Found]:
    """[h, x] for [x, h]."""
    match node:
        case Call("concat", parts) if len(parts) > 1 and parts != parts[::-1]:
            yield Call("concat", parts[::-1]), {}


def transposed_together(problem: Task) -> Iterator[Change]:
    """All matrices that multiply the same name, and all that can be, transposed."""
    found = partners(problem)
    square = {name for name in found if _is_square(problem, name)}
    groups = {
        other: tuple(name for name in found if name in square and other in found[name])
        for other in dict.fromkeys(other for others in found.values() for other in others)
    }
    for group in dict.fromkeys((*groups.values(), tuple(n for n in found if n in square))):
        if len(group) > 1:
            yield _renamed(problem, {n: Call("transpose", (Name(n),)) for n in group}, group)


def _is_square(problem: Task, name: str) -> bool:
    shape = problem.shapes[name]
    return len(shape) == 2 and shape[0] == shape[1] > 1


def partners(problem: Task) -> dict[str, tuple[str, ...]]:
    """Each matrix parameter with the timed names that it multiplies; gates among them are none."""
    found: dict[str, list[str]] = {}
    for equation in problem.cell.equations:
        for _, node in nodes(equation.expression):
            if isinstance(node, Call) and node.operation == "matmul":
                own = [part for part in names(node) if part.offset is None]
                others = [p.name for p in names(node) if p.offset is not None]
                for name in own:
                    found.setdefault(name.name, []).extend(others)
    return {name: tuple(dict.fromkeys(others)) for name, others in found.items()}


def _renamed(
    problem: Task, new: Mapping[str, Expression], about: Sequence[str], key: str = "parameters"
) -> Change:
    equations = {eq.name: put(eq, new) for eq in problem.cell.equations}
    changed = {eq.name: equations[eq.name] for eq in problem.cell.equations if _differs(eq, new)}
    return Change({"quantities": tuple(changed), key: tuple(about)}, changed)


def _differs(equation: Equation, new: Mapping[str, Expression]) -> bool:
    return any(name.offset is None and name.name in new for name in names(equation.expression))


def put(equation: Equation, new: Mapping[str, Expression]) -> Equation:
    """The equation with trees in place of parameters."""

    def rule(node: Expression, _: object) -> Expression | None:
        return new.get(node.name) if isinstance(node, Name) and node.offset is None else None

    return replace(equation, expression=replaced(equation.expression, rule))


def swapped(problem: Task) -> Iterator[Change]:
    """U and W exchanged: in one equation, and in all that have both."""
    found = [(eq, pair) for eq in problem.cell.equations for pair in _pairs(problem, eq)]
    for equation, (one, other) in found:
        new = put(equation, {one: Name(other), other: Name(one)})
        about = {"quantities": (equation.name,), "parameters": (one, other)}
        yield Change(about, {equation.name: new})
    first = {eq.name: (eq, pair) for eq, pair in reversed(found)}
    if len(first) > 1:
        turned = {n: put(eq, {a: Name(b), b: Name(a)}) for n, (eq, (a, b)) in first.items()}
        pairs = tuple(name for _, pair in first.values() for name in pair)
        yield Change({"quantities": tuple(turned), "parameters": pairs}, turned)


def peepholes_exchanged(problem: Task) -> Iterator[Change]:
    """Two vectors that multiply a state in the sums of two gates, each in the other's place."""
    for one, other in combinations(dict.fromkeys(_peepholes(problem)), 2):
        if problem.shapes[one] == problem.shapes[other]:
            turned: dict[str, Expression] = {one: Name(other), other: Name(one)}
            using = [eq for eq in problem.cell.equations if _given_to(eq) & turned.keys()]
            yield Change({"parameters": (one, other)}, {eq.name: put(eq, turned) for eq in using})


def _given_to(equation: Equation) -> set[str]:
    return {name.name for name in names(equation.expression) if name.offset is None}


def _peepholes(problem: Task) -> Iterator[str]:
    for equation in problem.cell.equations:
        for path, node in nodes(equation.expression):
            found = {part for part in factors(node) or () if isinstance(part, Name)}
            own = [part.name for part in found if part.offset is None]
            if len(own) < len(found) and Spot(problem, equation, path).is_term():
                yield from own


def _pairs(problem: Task, equation: Equation) -> Iterator[tuple[str, str]]:
    used = dict.fromkeys(n.name for n in names(equation.expression) if n.offset is None)
    for one, other in combinations(used, 2):
        shape = problem.shapes[one]
        if len(shape) == 2 and shape == problem.shapes[other]:
            yield one, other


Signature = tuple[tuple[tuple[int, ...], tuple[str, ...]], ...]


def alike(problem: Task) -> Iterator[tuple[tuple[Equation, tuple[str, ...]], ...]]:
    """Groups of equations with the same kinds of parameters at the same places."""
    found, groups = partners(problem), dict[Signature, list[tuple[Equation, tuple[str, ...]]]]()
    for equation in problem.cell.equations:
        used = dict.fromkeys(n.name for n in names(equation.expression) if n.offset is None)
        gates = set(problem.cell.equation)
        signature = tuple(
            (problem.shapes[name], tuple(p for p in found.get(name, ()) if _carried(p, problem)))
            for name in used
        )
        if used and gates:
            groups.setdefault(signature, []).append((equation, tuple(used)))
    return (_in_places(group) for group in groups.values() if len(group) > 1)


def _in_places(
    group: Sequence[tuple[Equation, tuple[str, ...]]],
) -> tuple[tuple[Equation, tuple[str, ...]], ...]:
    """The parameters in the order of the first equation's, where their names tell it."""
    places = [place_of(name, group[0][0].name) for name in group[0][1]]
    found = []
    for equation, own in group:
        at = {place_of(name, equation.name): name for name in own}
        known = len(at) == len(own) and set(at) == set(places)
        found.append((equation, tuple(at[place] for place in places) if known else own))
    return tuple(found)


def place_of(name: str, quantity: str) -> str:
    """What a parameter's name says beside its gate: b_sz of z and b_sh of h are both b_s."""
    gate = quantity.partition("_")[0]
    base, mark, rest = name.partition("_")
    return f"{base}{mark}{rest.replace(gate, '', 1)}"


def _carried(name: str, problem: Task) -> bool:
    """Whether a name is an input or a state, not a gate of the same step."""
    states = {n.name for eq in problem.cell.equations for n in names(eq.expression) if n.offset}
    return name not in problem.cell.equation or name in states


def permuted(problem: Task) -> Iterator[Change]:
    """The parameters of like equations in another order of the gates."""
    for group in alike(problem):
        many = factorial(len(group)) > MOST_ORDERS
        orders = _exchanges(len(group)) if many else permutations(range(len(group)))
        moved = (order for order in orders if any(k != to for k, to in enumerate(order)))
        yield from (_ordered(group, order, range(len(group[0][1]))) for order in moved)


def permuted_in_part(matrices: bool) -> Changes:
    """The matrices of two like equations exchanged, without the biases; or biases alone."""

    def changes(problem: Task) -> Iterator[Change]:
        found = partners(problem)
        for group in alike(problem):
            own = group[0][1]
            places = [k for k, name in enumerate(own) if (name in found) == matrices]
            if 0 < len(places) < len(own):
                for order in _exchanges(len(group)):
                    yield _ordered(group, order, places)

    return changes


def _ordered(
    group: Sequence[tuple[Equation, tuple[str, ...]]], order: Sequence[int], places: Sequence[int]
) -> Change:
    """The parameters at some places of like equations in another order of these."""
    moved = [k for k, to in enumerate(order) if k != to]
    changed = {
        group[k][0].name: put(
            group[k][0], {group[k][1][i]: Name(group[order[k]][1][i]) for i in places}
        )
        for k in moved
    }
    other = tuple(group[order[k]][0].name for k in moved)
    return Change({"quantities": tuple(changed), "other": other}, changed)


def _exchanges(count: int) -> Iterator[tuple[int, ...]]:
    for i, j in combinations(range(count), 2):
        order = list(range(count))
        order[i], order[j] = j, i
        yield tuple(order)


def of_other_gate(problem: Task) -> Iterator[Change]:
    """One parameter of an equation is that of a like equation."""
    for group in alike(problem):
        for equation, own in group:
            for other, theirs in group:
                for mine, wrong in zip(own, theirs, strict=True):
                    if other is not equation and mine != wrong:
                        new = {equation.name: put(equation, {mine: Name(wrong)})}
                        about = {"quantities": (equation.name,), "parameters": (mine, wrong)}
                        yield Change(about, new)


def entry_by_entry(problem: Task) -> Iterator[Change]:
    """⊙ for the matrix product: with equal shapes, or with a square matrix's diagonal."""
    for equation in problem.cell.equations:
        for path, node in nodes(equation.expression):
            if not isinstance(node, Call) or node.operation != "matmul":
                continue
            for new, added in _products(problem, node):
                about = {"quantities": (equation.name,), "parameters": _parameters(node)}
                yield Change(about, {equation.name: with_nodes(equation, {path: new})}, added)


def _parameters(node: Expression) -> tuple[str, ...]:
    return tuple(dict.fromkeys(n.name for n in names(node) if n.offset is None))


def _products(problem: Task, node: Call) -> Iterator[tuple[Expression, dict[str, Numbers]]]:
    yield Call("multiply", node.arguments), {}
    for k, part in enumerate(node.arguments):
        if isinstance(part, Name) and part.offset is None and _is_square(problem, part.name):
            name = fresh(problem, f"diag_{part.name}")
            other = list(node.arguments)
            other[k] = Name(name)
            yield Call("multiply", tuple(other)), {name: diagonal(problem.parameters[part.name])}


def diagonal(numbers: Numbers) -> Numbers:
    """The entries on the main diagonal of a square matrix."""
    side = numbers.shape[0]
    if numbers.floats is not None:
        return Numbers((side,), (), numbers.floats.diagonal().copy())
    return Numbers((side,), tuple(numbers.texts[k * side + k] for k in range(side)))
