"""Equations as text of the language: what `parse` reads back as the same trees."""

from __future__ import annotations

from collections.abc import Iterable

from verifier.language.tree import Array, Call, Equation, Expression, Name, Number, Whole

INFIX = {"add": ("+", 1), "subtract": ("-", 1), "multiply": ("*", 2), "divide": ("/", 2)}
INFIX |= {"matmul": ("@", 2)}
"""Signs between two terms, and how tightly they bind; of equals, the left one goes first."""

SIGN, POWER, ATOM = 3, 4, 5
"""How tightly a minus, a power and everything else bind."""


def text_of(equations: Iterable[Equation]) -> str:
    """The equations, one a line."""
    return "\n".join(f"{eq.name}[t] = {written(eq.expression)}" for eq in equations)


def written(node: Expression) -> str:
    """The text of an expression.

    Errors: TypeError for an array, which equations name but do not hold.
    """
    match node:
        case Name(name, None):
            return name
        case Name(name, offset):
            return f"{name}[t{offset:+d}]" if offset else f"{name}[t]"
        case Number(text):
            return text
        case Whole(value):
            return "" if value is None else str(value)
        case Array():
            raise TypeError("an array is no part of an equation")
    return _call(node.operation, node.arguments)


def _call(operation: str, arguments: tuple[Expression, ...]) -> str:
    if operation in INFIX:
        sign, level = INFIX[operation]
        left, right = arguments
        return f"{_within(left, level)} {sign} {_within(right, level + 1)}"
    if operation == "negate":
        return f"-{_within(arguments[0], SIGN)}"
    if operation == "power":
        return f"{_within(arguments[0], ATOM)} ** {written(arguments[1])}"
    if operation == "transpose":
        return f"{_within(arguments[0], ATOM)}.T"
    if operation == "slice":
        ends = [written(end) for end in arguments[1:]]
        pairs = (f"{a}:{b}" for a, b in zip(ends[::2], ends[1::2], strict=True))
        return f"{_within(arguments[0], ATOM)}[{', '.join(pairs)}]"
    return f"{operation}({', '.join(map(written, arguments))})"


def _within(node: Expression, least: int) -> str:
    text = written(node)
    return text if _level(node) >= least else f"({text})"


def _level(node: Expression) -> int:
    match node:
        case Number(text):
            return SIGN if text.startswith("-") else ATOM
        case Call(operation):
            own = {"negate": SIGN, "power": POWER}
            return own.get(operation, INFIX[operation][1] if operation in INFIX else ATOM)
    return ATOM
