"""Functions by their definition: what an arithmetic does not know itself, it composes.

A definition is a tree over an operation's arguments. It is turned once into a function of an
arithmetic and of scalars (or arrays, where the arithmetic's methods take those).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from verifier.language.definitions import definition, slopes
from verifier.language.definitions import kinks as kinks_of
from verifier.language.operations import OPERATIONS
from verifier.language.tree import Call, Expression, Name, Number, Whole

Step = Callable[[Any, Mapping[str, Any]], Any]
"""From an arithmetic and arguments by name, a value."""


def composed(arithmetic: Any, operation: str, arguments: Sequence[Any]) -> Any:
    """The value of an operation by its definition. Errors: KeyError for one without."""
    return _definition(operation)(arithmetic, _named(arithmetic, operation, arguments))


def slope(arithmetic: Any, operation: str, k: int, arguments: Sequence[Any], value: Any) -> Any:
    """The derivative of an operation by argument `k`, `value` being the operation's."""
    named = _named(arithmetic, operation, arguments) | {"value": value}
    return _step(slopes(operation)[k])(arithmetic, named)


def kinks(arithmetic: Any, operation: str, arguments: Sequence[Any]) -> list[Any]:
    """What is zero where an operation has a kink."""
    named = _named(arithmetic, operation, arguments)
    return [_step(tree)(arithmetic, named) for tree in kinks_of(operation)]


def has_definition(operation: str) -> bool:
    """Whether the operation follows from others."""
    return bool(OPERATIONS[operation].definition)


def _named(arithmetic: Any, operation: str, arguments: Sequence[Any]) -> dict[str, Any]:
    row = OPERATIONS[operation]
    found = dict(zip(row.arguments, arguments, strict=False))
    left = row.defaults.keys() - found.keys()
    return found | {name: arithmetic.constant(row.defaults[name]) for name in left}


@cache
def _definition(operation: str) -> Step:
    tree = definition(operation)
    if tree is None:
        raise KeyError(f"{operation} has no definition")
    return _step(tree)


@cache
def _step(tree: Expression) -> Step:
    match tree:
        case Name(name):
            return lambda arithmetic, named: named[name]
        case Call("negate", (Number(text),)):
            return lambda arithmetic, named: arithmetic.constant("-" + text)
        case Number(text):
            return lambda arithmetic, named: arithmetic.constant(text)
        case Whole(value):
            return lambda arithmetic, named: value
        case Call(operation, parts):
            steps = tuple(map(_step, parts))
            return lambda arithmetic, named: arithmetic.function(operation)(
                *(step(arithmetic, named) for step in steps)
            )
    raise TypeError(f"{tree} is no part of a definition")
