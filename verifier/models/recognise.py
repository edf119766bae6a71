"""A problem's equations as layers of cells that frameworks have, whatever its names are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from verifier.arithmetic.ieee import Ieee
from verifier.language.schedule import schedule
from verifier.language.tree import Call, Equation, Expression, Name, names
from verifier.language.write import written
from verifier.models.gates import Found, NotRecognisedError, is_named, read_gate
from verifier.models.model import USUAL, Direction, Form, Kind, Model
from verifier.models.terms import activation, factors, is_one_minus, terms
from verifier.problem import Problem

Array = Any


def recognise(problem: Problem, float: str = "float32") -> Model:
    """The model that the problem's equations are, its numbers rounded to a format.

    Errors: NotRecognisedError with the first equation that does not fit.
    """
    groups = [group for group in _groups(problem) if group]
    layers: list[list[Found]] = []
    outputs: list[Expression] = [Name(next(iter(problem.inputs), "x"), 0)]
    for group in groups:
        found = _cell(group)
        if found.source == outputs[-1]:
            layers.append([found])
            outputs.append(Name(found.states["h"], 0))
        elif len(outputs) > 1 and found.source == outputs[-2] and len(layers[-1]) == 1:
            layers[-1].append(found)
            outputs[-1] = Call("concat", tuple(Name(f.states["h"], 0) for f in layers[-1]))
        else:
            what = f"{found.states['h']} takes {_told(found.source)}"
            raise NotRecognisedError(f"{what}, not what the layer before it gives")
    _check_rest(problem, groups, outputs[-1])
    numbers = Ieee(float)
    inputs = numbers.given(problem.inputs[next(iter(problem.inputs))])
    ready = tuple(tuple(_direction(problem, one, numbers) for one in layer) for layer in layers)
    return Model(ready, inputs, problem.title or problem.stem, tuple(_rounded(problem, numbers)))


def _told(source: Expression | None) -> str:
    return "no input" if source is None else written(source)


def _rounded(problem: Problem, numbers: Ieee) -> Iterator[str]:
    """A note where the format does not have the problem's numbers."""
    sections = (problem.parameters, problem.inputs, problem.initial, problem.final)
    every = [given for section in sections for given in section.values()]
    rows = ((n.doubles, numbers.given(n).astype(np.float64), n) for n in every)
    changed = sum(int((wide != kept).sum()) for wide, kept, _ in rows)
    if changed:
        yield f"{changed} numbers are rounded to {numbers.float}."


def _groups(problem: Problem) -> Iterator[tuple[Equation, ...]]:
    """The equations that need each other over time, group after group."""
    equations = problem.cell.equation
    states = {*problem.cell.roles.initial, *problem.cell.roles.final}
    for state in _hidden(problem, states):
        reach = _needed(equations, state, states)
        yield tuple(eq for eq in problem.cell.equations if eq.name in reach)


def _hidden(problem: Problem, states: set[str]) -> Iterator[str]:
    """The hidden state of each direction, in the order of evaluation."""
    equations = problem.cell.equation
    order = [name for block in schedule(problem.cell.equations) for name in block.names]
    seen: set[str] = set()
    for name in order:
        if name in states and name not in seen:
            own = _needed(equations, name, states)
            mutual = [
                other
                for other in own
                if other in states and name in _needed(equations, other, states)
            ]
            seen |= {*mutual, name}
            yield _shown({*mutual, name}, equations)


def _shown(group: set[str], equations: Mapping[str, Equation]) -> str:
    """Of two states that need each other, the one that the other enters at the same step."""
    for name in sorted(group):
        used = {n.name for n in names(equations[name].expression) if n.offset == 0}
        if len(group) == 1 or used & (group - {name}):
            return name
    return sorted(group)[0]


def _needed(equations: Mapping[str, Equation], name: str, states: set[str]) -> set[str]:
    """The quantities that a state needs and that need it."""

    def below(start: str) -> set[str]:
        found, waiting = set[str](), [start]
        while waiting:
            for other in names(equations[waiting.pop()].expression):
                if other.name in equations and other.name not in found:
                    found.add(other.name)
                    waiting.append(other.name)
        return found

    return {other for other in below(name) if name in below(other)} | {name}


def _cell(group: tuple[Equation, ...]) -> Found:
    equations = {equation.name: equation for equation in group}
    for reader in (_lstm, _gru, _rnn):
        found = reader(equations)
        if found is not None:
            return found
    raise NotRecognisedError(f"no framework's cell has the equations of {', '.join(equations)}")


def _rnn(equations: Mapping[str, Equation]) -> Found | None:
    if len(equations) != 1:
        return None
    (name,) = equations
    found = _begun("rnn", equations, {"h": name})
    read_gate(found, equations, name, "", 0)
    return found


def _begun(kind: Kind, equations: Mapping[str, Equation], states: dict[str, str]) -> Found:
    offsets = {
        n.offset
        for eq in equations.values()
        for n in names(eq.expression)
        if n.name in states.values()
    }
    return Found(kind, states=states, backwards=1 in offsets)


def _gru(equations: Mapping[str, Equation]) -> Found | None:
    """s = (1 − z) n + z s₋₁, in any order of terms and factors."""
    for name, equation in equations.items():
        parts = [factors(term) for term in terms(equation.expression)]
        if len(parts) != 2 or any(len(part) != 2 for part in parts):
            continue
        kept = [p for p in parts if any(is_named(f, name, (-1, 1)) for f in p)]
        made = [p for p in parts if p not in kept]
        if len(kept) != 1 or len(made) != 1:
            continue
        gate = next((f for f in kept[0] if not is_named(f, name, (-1, 1))), None)
        if isinstance(gate, Call):
            raise NotRecognisedError(f"in {name}, the update gate multiplies the candidate")
        candidate = [f for f in made[0] if not is_one_minus(f, gate)]
        if isinstance(gate, Name) and len(candidate) == 1 and isinstance(candidate[0], Name):
            return _gru_of(equations, name, gate.name, candidate[0].name)
    return None


def _gru_of(equations: Mapping[str, Equation], state: str, z: str, n: str) -> Found | None:
    rest = [name for name in equations if name not in (state, z, n)]
    if len(rest) != 1 or z not in equations or n not in equations:
        return None
    found = _begun("gru", equations, {"h": state})
    read_gate(found, equations, z, "z", 0)
    read_gate(found, equations, rest[0], "r", 0)
    read_gate(found, equations, n, "n", 1, reset=rest[0])
    return found


def _lstm(equations: Mapping[str, Equation]) -> Found | None:
    """c = f c₋₁ + i g and h = o φ(c), perhaps projected, in any order of terms and factors."""
    for cell, equation in equations.items():
        parts = [factors(term) for term in terms(equation.expression)]
        kept = [p for p in parts if len(p) == 2 and any(is_named(f, cell, (-1, 1)) for f in p)]
        made = [p for p in parts if p not in kept]
        if len(parts) == 2 and len(kept) == 1 and len(made[0]) == 2:
            forget = next(f for f in kept[0] if not is_named(f, cell, (-1, 1)))
            hidden = _shows(equations, cell)
            if hidden and isinstance(forget, Name) and all(isinstance(f, Name) for f in made[0]):
                return _lstm_of(equations, cell, forget.name, [f.name for f in made[0]], hidden)  # type: ignore[union-attr]
    return None


def _shows(equations: Mapping[str, Equation], cell: str) -> tuple[str, str, str, str] | None:
    """The hidden state, the output gate, the last activation and the projection, if any."""
    for name, equation in equations.items():
        tree, projection = equation.expression, ""
        match tree:
            case Call("matmul", (inner, Name(weights, None))):
                tree, projection = inner, weights
        parts = factors(tree)
        gate = [p for p in parts if isinstance(p, Name) and p.offset == 0 and p.name != cell]
        shown_ = [p for p in parts if p not in gate]
        if len(gate) == 1 and len(shown_) == 1:
            function = activation(shown_[0], lambda e: is_named(e, cell, (0,)))
            if function is not None:
                return name, gate[0].name, function[0], projection
    return None


def _lstm_of(
    equations: Mapping[str, Equation],
    cell: str,
    forget: str,
    made: list[str],
    hidden: tuple[str, str, str, str],
) -> Found:
    state, output, function, projection = hidden
    found = _begun("lstm", equations, {"h": state, "c": cell})
    found.functions[2] = function
    if projection:
        found.given["W_p"] = (projection, False)
    sum_of = equations[forget].expression
    coupled = [name for name in made if is_one_minus(sum_of, Name(name, 0))]
    found.coupled = bool(coupled)
    gate = coupled[0] if coupled else _gate_of(equations, made, output)
    candidate = made[1] if gate == made[0] else made[0]
    read_gate(found, equations, gate, "i", 0)
    if not coupled:
        read_gate(found, equations, forget, "f", 0)
    read_gate(found, equations, candidate, "g", 1)
    read_gate(found, equations, output, "o", 0)
    return found


def _gate_of(equations: Mapping[str, Equation], made: list[str], output: str) -> str:
    """Of i and g, the one that is activated as the output gate is; the first where both are."""
    outer = [str(_outer(equations[name].expression)) for name in (*made, output)]
    return made[1] if outer[1] == outer[2] != outer[0] else made[0]


def _outer(tree: Expression) -> str:
    return tree.operation if isinstance(tree, Call) else ""


def _check_rest(problem: Problem, groups: list[tuple[Equation, ...]], output: Expression) -> None:
    """What is left may only name the last output."""
    known = {equation.name for group in groups for equation in group}
    for equation in problem.cell.equations:
        if equation.name not in known and equation.expression != output:
            what = f"{equation.name} is no part of a recurrent layer"
            raise NotRecognisedError(what)
    if not groups:
        raise NotRecognisedError("no state is carried over time")


def _direction(problem: Problem, found: Found, numbers: Ieee) -> Direction:
    width = problem.size(found.states.get("c", found.states["h"]))
    read = {
        ours: _wide(numbers.given(problem.parameters[theirs]), ours, turned, width)
        for ours, (theirs, turned) in found.given.items()
    }
    ends = problem.final if found.backwards else problem.initial
    states = {
        n: np.atleast_1d(numbers.given(ends[name]))
        for n, name in found.states.items()
        if name in ends
    }
    functions = tuple(found.functions[k] for k in sorted(found.functions))
    form = _form(found, functions)
    return Direction(form, read, states, found.backwards)


def _wide(array: Array, ours: str, turned: bool, width: int) -> Array:
    """A parameter; that of a scalar gate is repeated for each hidden unit."""
    if ours[0] in "UW":
        matrix = array.T if turned else array
        matrix = matrix[:, None] if matrix.ndim == 1 else matrix
        repeat = width if matrix.shape[-1] == 1 and ours != "W_p" else 1
        return np.repeat(matrix, repeat, axis=1)
    vector = np.atleast_1d(array)
    return np.repeat(vector, width) if vector.size == 1 else vector


def _form(found: Found, functions: tuple[str, ...]) -> Form:
    """The form, with a clip that stands in front of all activations taken out of them."""
    form = Form(found.kind, functions, "", True, found.reset_after, found.coupled)
    limits = [_clip(function) for function in functions]
    inside = limits[:2] if found.kind == "lstm" else limits
    if inside[0] and len({*inside}) == 1:
        bare = tuple(f.replace(_clipped(inside[0]), "{}") for f in functions)
        form = replace(form, activations=bare, clip=inside[0], clips_output=limits[-1] == inside[0])
    return replace(form, activations=()) if form.functions == USUAL[found.kind] else form


def _clipped(limit: str) -> str:
    return f"clip({{}}, -{limit}, {limit})"


def _clip(function: str) -> str:
    """The threshold of a symmetric clip around the hole; empty without one."""
    import re

    found = re.search(r"clip\(\{\}, -([\d.e+-]+), ([\d.e+-]+)\)", function)
    return found[1] if found and found[1] == found[2] else ""
