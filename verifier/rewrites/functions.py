"""Activations that are left out, exchanged, or worked out with the wrong sign."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.language.operations import FUNCTIONS
from verifier.language.tree import Call, Expression
from verifier.rewrites.walk import Found, Spot

OTHER = {"sigmoid": "tanh", "tanh": "sigmoid"}


def exchanged(node: Expression, spot: Spot) -> Iterator[Found]:
    """σ for tanh, tanh for σ."""
    match node:
        case Call(operation, arguments) if operation in OTHER:
            yield Call(OTHER[operation], arguments), {}


def left_out(node: Expression, spot: Spot) -> Iterator[Found]:
    """The argument of an activation in place of its value."""
    match node:
        case Call(operation, (argument, *_)) if operation in FUNCTIONS and operation != "concat":
            yield argument, {"function": (operation,)}


def exponent_sign(node: Expression, spot: Spot) -> Iterator[Found]:
    """1/(1 + e^x) for 1/(1 + e^(−x)): σ(−x)."""
    match node:
        case Call("sigmoid", (argument,)):
            yield Call("sigmoid", (Call("negate", (argument,)),)), {}


def hard(node: Expression, spot: Spot) -> Iterator[Found]:
    """The piecewise linear function that some programs use for σ."""
    match node:
        case Call("sigmoid", (argument,)):
            yield Call("hard_sigmoid", (argument,)), {}
