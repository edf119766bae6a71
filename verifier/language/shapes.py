"""Shapes of all quantities, from the shapes of the parameters and inputs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from heapq import heappop, heappush
from math import prod

from verifier import effort
from verifier.errors import EquationError
from verifier.language.operations import OPERATIONS, Partial, Shape, describe
from verifier.language.tree import (
    Array,
    Call,
    Equation,
    Expression,
    Name,
    Number,
    names,
    nodes,
    operands,
    wholes,
)


def shape_of(node: Expression, known: Mapping[str, Shape]) -> Partial:
    """The shape of a tree, None when it hangs on a name that is not known yet."""
    match node:
        case Name(name):
            return known.get(name)
        case Call(operation):
            shapes = [shape_of(part, known) for part in operands(node)]
            try:
                return _limited(operation, OPERATIONS[operation].shape(shapes, *wholes(node)))
            except EquationError as error:
                used = dict.fromkeys(names(node))
                error.about = tuple(name.name for name in sorted(used, key=_suspect))
                told = (f"{n.name} is {describe(known[n.name])}" for n in used if n.name in known)
                error.what += f" ({'; '.join(dict.fromkeys(told))})"
                raise
        case Array(items):
            return (len(items), *(shape_of(items[0], known) or ()))
    return ()


def _limited(operation: str, shape: Partial) -> Partial:
    """The shape, unless it has more entries than can be held."""
    most = effort.ENTRIES if OPERATIONS[operation].moves else effort.TERM
    if shape is not None and prod(shape) > most:
        what = f"{operation} gives {describe(shape)}, {prod(shape)} numbers"
        raise EquationError(what, accepted=f"at most {most}")
    return shape


def _suspect(name: Name) -> bool:
    """Parameters come first: where shapes do not fit, it is mostly a matrix that is wrong."""
    return name.offset is not None


def infer(equations: Sequence[Equation], given: Mapping[str, Shape]) -> dict[str, Shape]:
    """The shape of every name, when `given` holds those of parameters, inputs and given states.

    A state without an initial value gets the shape that its equation has. Where only entries of
    length 1 speak (hidden size 1), a vector of one entry is taken; where only scalars, a scalar.
    Errors: EquationError where shapes do not fit or cannot be inferred.
    """
    known = dict(given)
    settled = _fixpoint(equations, known)
    while not settled:
        left = [equation for equation in equations if equation.name not in known]
        for equation in left:  # what does not fit whatever the others are
            _shape(equation, known)
        guesses = ((eq.name, shape) for shape in GUESSES for eq in left if _fits(eq, known, shape))
        name, guess = next(guesses, (None, ()))
        if name is None:
            raise _not_inferred(left[0])
        known[name] = guess
        settled = _fixpoint(equations, known)
    for equation in equations:
        _check(equation, known, given)
    return known


GUESSES: tuple[Shape, ...] = ((1,), ())


def _not_inferred(equation: Equation) -> EquationError:
    return EquationError(
        f"the shape of {equation.name!r} cannot be inferred",
        equation.place,
        f"a value for {equation.name} under [initial] or [final]",
    )


def _fixpoint(equations: Sequence[Equation], known: dict[str, Shape]) -> bool:
    """Whether all shapes are known, once each equation was asked again after news of its names.

    The order is that of pass after pass over all equations, which would be work of the square.
    """
    users = _users(equations)
    waiting = [(0, place) for place in range(len(equations))]
    while waiting:
        turn, place = heappop(waiting)
        equation = equations[place]
        shape = None if equation.name in known else _so_far(equation, known)
        if shape is not None:
            known[equation.name] = shape
            for user in users[equation.name]:
                heappush(waiting, (turn + (user <= place), user))
    return all(equation.name in known for equation in equations)


def _so_far(equation: Equation, known: Mapping[str, Shape]) -> Partial:
    """The shape, None while names are missing whose shapes others may tell.

    A name that is not known stands for a vector beside a matrix, which may not fit the rest.
    """
    try:
        return _shape(equation, known)
    except EquationError:
        if all(name.name in known for name in names(equation.expression)):
            raise
        return None


def _users(equations: Sequence[Equation]) -> Mapping[str, list[int]]:
    """The places of the equations in which a name stands, by name."""
    users: dict[str, list[int]] = defaultdict(list)
    for place, equation in enumerate(equations):
        for name in {name.name for name in names(equation.expression)}:
            users[name].append(place)
    return users


def _fits(equation: Equation, known: Mapping[str, Shape], guess: Shape) -> bool:
    """Whether a term has this shape, and the equation too once its unknown names have it."""
    parts = [part for _, part in nodes(equation.expression) if not isinstance(part, Number)]
    unknown = {name.name for name in names(equation.expression)} - set(known)
    assumed = {**known, **dict.fromkeys(unknown, guess)}
    try:
        return shape_of(equation.expression, assumed) == guess and any(
            shape_of(part, known) == guess for part in parts
        )
    except EquationError:
        return False


def _shape(equation: Equation, known: Mapping[str, Shape]) -> Partial:
    try:
        return shape_of(equation.expression, known)
    except EquationError as error:
        unknown = {name.name for name in names(equation.expression)} - set(known)
        if unknown:  # a state beside a matrix was taken for a vector
            states = ", ".join(sorted(unknown))
            error.accepted += f"; or a value for {states} under [initial] or [final]"
        raise _placed(error, equation) from None


def _check(equation: Equation, known: Mapping[str, Shape], given: Mapping[str, Shape]) -> None:
    shape = _shape(equation, known)
    if shape is not None and shape != known[equation.name]:
        if equation.name not in given:
            raise _not_inferred(equation)
        raise EquationError(
            f"{equation.name} is {describe(known[equation.name])} as given, "
            f"but its equation gives {describe(shape)}",
            equation.place,
            f"an initial or final value that is {describe(shape)}",
        )


def _placed(error: EquationError, equation: Equation) -> EquationError:
    error.what = f"in the equation of {equation.name}: {error.what}"
    if equation.place:
        error.at(equation.place)
    return error
