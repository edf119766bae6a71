"""Activations that are left out, exchanged, or worked out with the wrong sign."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.language.operations import FUNCTIONS
from verifier.language.tree import Call, Expression, Number, names
from verifier.rewrites.walk import SQUASHED, Found, Pattern, Spot

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


def replaced_by(new: str, *old: str) -> Pattern:
    """The function for another one of its kind, as hard_sigmoid for sigmoid."""

    def rule(node: Expression, spot: Spot) -> Iterator[Found]:
        match node:
            case Call(operation, (argument, *_)) if operation in old:
                yield Call(new, (argument,)), {}

    return rule


SLOPES = ("0.01", "0.1", "0.2", "0.3")
"""The slopes below zero that frameworks and books give a leaky ReLU; the first is the usual one."""


def leaky(slope: str) -> Pattern:
    """A leaky ReLU of this slope for ReLU, or for one of another slope."""

    def rule(node: Expression, spot: Spot) -> Iterator[Found]:
        match node:
            case Call("relu", (argument,)):
                yield Call("leaky_relu", (argument, Number(slope))), {"slope": (slope,)}
            case Call("leaky_relu", (argument, *given)):
                if (given or [Number(SLOPES[0])]) != [Number(slope)]:
                    yield Call("leaky_relu", (argument, Number(slope))), {"slope": (slope,)}

    return rule


def not_clipped(node: Expression, spot: Spot) -> Iterator[Found]:
    """x for clip(x, −c, c)."""
    match node:
        case Call("clip", (argument, *_)):
            yield argument, {}


CLIPS = ("1", "3", "5", "10")
"""Where programs clip, as far as is known."""


def clipped(limit: str) -> Pattern:
    """f(clip(x, −c, c)) for f(x)."""

    def rule(node: Expression, spot: Spot) -> Iterator[Found]:
        match node:
            case Call("sigmoid" | "tanh" as function, (Call("add") as argument,)):
                ends = Call("negate", (Number(limit),)), Number(limit)
                yield Call(function, (Call("clip", (argument, *ends)),)), {"limit": (limit,)}

    return rule


def state_clipped(limit: str) -> Pattern:
    """clip(c, −c, c) for what a state's equation gives, where it may be larger."""

    def rule(node: Expression, spot: Spot) -> Iterator[Found]:
        own = (name.name for name in names(spot.equation.expression) if name.offset)
        if not spot.path and spot.equation.name in own and not is_squashed(node):
            ends = Call("negate", (Number(limit),)), Number(limit)
            yield Call("clip", (node, *ends)), {"limit": (limit,)}

    return rule


def is_squashed(node: Expression) -> bool:
    """Whether a tree ends in a function whose values are between −1 and 1."""
    return isinstance(node, Call) and node.operation in {*SQUASHED, "tanh", "clip"}
