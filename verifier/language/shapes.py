"""Shapes of all quantities, from the shapes of the parameters and inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from verifier.errors import EquationError
from verifier.language.operations import OPERATIONS, Partial, Shape, describe
from verifier.language.tree import Array, Call, Equation, Expression, Name, nodes


def shape_of(node: Expression, known: Mapping[str, Shape]) -> Partial:
    """The shape of a tree, None when it hangs on a name that is not known yet."""
    match node:
        case Name(name):
            return known.get(name)
        case Call(operation, arguments):
            return OPERATIONS[operation].shape([shape_of(part, known) for part in arguments])
        case Array(items):
            return (len(items), *(shape_of(items[0], known) or ()))
    return ()


def infer(equations: Sequence[Equation], given: Mapping[str, Shape]) -> dict[str, Shape]:
    """The shape of every name, when `given` holds those of parameters, inputs and given states.

    A state without an initial value gets the shape that its equation has. Where only entries of
    length 1 speak (hidden size 1), a vector of one entry is taken.
    Errors: EquationError where shapes do not fit or cannot be inferred.
    """
    known = dict(given)
    settled = _fixpoint(equations, known)
    while not settled:
        guess = next((eq for eq in equations if eq.name not in known and _one(eq, known)), None)
        if guess is None:
            unknown = next(eq for eq in equations if eq.name not in known)
            raise EquationError(
                f"the shape of {unknown.name!r} cannot be inferred",
                unknown.place,
                f"a value for {unknown.name} under [initial] or [final]",
            )
        known[guess.name] = (1,)
        settled = _fixpoint(equations, known)
    for equation in equations:
        _check(equation, known)
    return known


def _fixpoint(equations: Sequence[Equation], known: dict[str, Shape]) -> bool:
    changed = True
    while changed:
        changed = False
        for equation in equations:
            shape = None if equation.name in known else _shape(equation, known)
            if shape is not None:
                known[equation.name] = shape
                changed = True
    return all(equation.name in known for equation in equations)


def _one(equation: Equation, known: Mapping[str, Shape]) -> bool:
    """Whether the equation has shape (1,) once its unknown names have it."""
    unknown = {name.name for name in _names(equation.expression)} - set(known)
    sides = [shape_of(part, known) for part in _parts(equation.expression)]
    assumed = {**known, **dict.fromkeys(unknown, (1,))}
    return (1,) in sides and shape_of(equation.expression, assumed) == (1,)


def _names(tree: Expression) -> list[Name]:
    return [node for node in _parts(tree) if isinstance(node, Name)]


def _parts(tree: Expression) -> list[Expression]:
    return [node for _, node in nodes(tree)]


def _shape(equation: Equation, known: Mapping[str, Shape]) -> Partial:
    try:
        return shape_of(equation.expression, known)
    except EquationError as error:
        raise _placed(error, equation) from None


def _check(equation: Equation, known: Mapping[str, Shape]) -> None:
    shape = _shape(equation, known)
    if shape is not None and shape != known[equation.name]:
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
