"""Boxes: lanes whose numbers range over intervals, with functions enclosed by their ends.

Middle and radius lose half of a product of wide intervals, and all of a function's bend: here the
ends decide. A blend (1 − z) ∘ h + z ∘ s lies between h and s, although z stands in it twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from typing import Any

import numpy as np

from verifier.arithmetic import enclosed as own
from verifier.arithmetic.composite import has_definition
from verifier.arithmetic.enclosed import Enclosed, Floats
from verifier.arithmetic.floats.blends import blend
from verifier.arithmetic.floats.enclose import between, enclosed
from verifier.arithmetic.lanes import OWN, Lanes
from verifier.arithmetic.protocol import LITERAL, Origin, Site, Value
from verifier.errors import DivisorError, OutOfDomainError
from verifier.language.definitions import definition
from verifier.language.operations import OPERATIONS
from verifier.language.tree import Call, nodes
from verifier.numbers import Numbers

PAIRS = 2**20
"""Differences of entries that a softmax compares at most; beyond, its own enclosure is taken."""


@dataclass(frozen=True, eq=False, slots=True)
class Box(Enclosed):
    """An enclosure that knows its factors or its parts, where blends are looked for.

    Where it is known not to be negative, what float64 lost outwards below zero does not count.
    """

    factors: tuple[Box, Box] | None = None
    parts: tuple[Box, Box] | None = None
    nonnegative: bool = False

    @classmethod
    def of(cls, value: Enclosed) -> Box:
        """The same enclosure."""
        return value if isinstance(value, Box) else cls(value.middle, value.radius)

    def reshape(self, *shape: Any) -> Box:
        """The value in another shape."""
        return self.like(Enclosed.reshape(self, *shape))

    def __getitem__(self, key: Any) -> Box:
        return self.like(Enclosed.__getitem__(self, key))

    def like(self, value: Enclosed) -> Box:
        """Another enclosure of the same entries, or of some of them."""
        return Box(value.middle, value.radius, nonnegative=self.nonnegative)

    @property
    def as_one(self) -> bool:
        """Whether a blend takes it for its one."""
        return bool(np.all(self.middle == 1) and not self.radius.any())


def by_balls(operation: str) -> bool:
    """Whether the operation, or one that it is made of, is enclosed by Arb, entry by entry."""
    tree = definition(operation) if operation not in BY_ENDS else None
    if tree is not None:
        inner = (node.operation for _, node in nodes(tree) if isinstance(node, Call))
        return any(map(by_balls, inner))
    return not (operation in BY_ENDS or operation in OWN or hasattr(Lanes, operation))


def ends(low: Numbers, high: Numbers) -> tuple[Floats, Floats]:
    """Float64 numbers below and above exact ones: the numbers themselves where they are such."""
    below, above = low.doubles, high.doubles
    exact = [
        np.reshape([f == v for f, v in zip(n.fractions, n.doubles.flat, strict=True)], n.shape)
        for n in (low, high)
    ]
    below = np.where(exact[0], below, np.nextafter(below, -np.inf))
    return below, np.where(exact[1], above, np.nextafter(above, np.inf))


def narrower(x: Enclosed, y: Enclosed) -> Enclosed:
    """The narrower of two enclosures, entry by entry."""
    first = x.radius <= y.radius
    return Enclosed(np.where(first, x.middle, y.middle), np.where(first, x.radius, y.radius))


def common(x: Enclosed, low: Floats, high: Floats) -> Enclosed:
    """What lies in an enclosure and between two numbers."""
    return narrower(x, own.between(np.maximum(own.lower(x), low), np.minimum(own.upper(x), high)))


@dataclass(frozen=True, eq=False)
class Boxes(Lanes):
    """Lanes of boxes; `strict` refuses what has no value somewhere in a box, others say nothing.

    Errors: DivisorError and OutOfDomainError, when `strict`.
    """

    strict: bool = False
    name = "boxes"

    def given(self, numbers: Numbers, origin: Origin = LITERAL) -> Box:
        """What lanes have of their own, else all numbers between the given ends."""
        found = self.known(numbers, origin)
        if found is None and numbers.intervals:
            found = own.between(*(end[None] for end in ends(numbers.low, numbers.high)))
        found = Lanes.given(self, numbers) if found is None else found
        positive = found.middle >= found.radius
        return Box(found.middle, found.radius, nonnegative=bool(positive.all()))

    def constant(self, text: str) -> Box:
        """A number that belongs to a function's definition."""
        found = Lanes.constant(self, text)
        return Box(found.middle, found.radius, nonnegative=not text.startswith("-"))

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Box:
        """The value of an operation in every lane."""
        found: Box = self.function(operation)(*arguments)
        return found

    def function(self, operation: str) -> Callable[..., Any]:
        """An operation, which knows where its results are not negative."""
        return partial(self._known, operation, self._by(operation))

    def _known(self, operation: str, rule: Callable[..., Enclosed], *arguments: Any) -> Box:
        if self.strict:
            _check(operation, arguments)
        found = Box.of(rule(*arguments))
        return replace(found, nonnegative=True) if _nonnegative(operation, arguments) else found

    def _by(self, operation: str) -> Callable[..., Any]:
        """An operation by its ends where that is narrower."""
        if operation in BY_ENDS:
            return BY_ENDS[operation]
        row = OPERATIONS[operation]
        elsewhere = operation in OWN or has_definition(operation) or hasattr(Lanes, operation)
        if not elsewhere and not row.turns:
            return partial(_rising, operation)
        return Lanes.function(self, operation)

    def power(self, x: Enclosed, n: int) -> Box:
        """A whole power, by powers of both ends."""
        found = Box.of(self._power(x, n))
        return replace(found, nonnegative=_nonnegative("power", (x, n)))

    def _power(self, x: Enclosed, n: int) -> Enclosed:
        near = Lanes.power(self, x, n)
        if n < 2:
            return near
        low, high = own.lower(x), own.upper(x)
        if n % 2 == 0:
            low, high = _sizes(low, high)
        below, above = (Lanes.power(self, own.exactly(end), n) for end in (low, high))
        return narrower(near, own.between(own.lower(below), own.upper(above)))

    def softmax(self, x: Enclosed) -> Enclosed:
        """1 / Σ exp(x_j − x_i): least where x_i is least and the others are largest."""
        near = Lanes.softmax(self, x)
        if x.middle.size * x.shape[-1] > PAIRS or not x.radius.any():
            return near
        low, high = own.lower(x), own.upper(x)
        shares = own.between(_share(low, high)[0], _share(high, low)[1])
        lost = np.isinf(x.radius).any(axis=-1, keepdims=True)
        return narrower(near, _no_more(shares, lost))


def _share(own_end: Floats, others: Floats) -> tuple[Floats, Floats]:
    """Bounds of 1 / (1 + Σ_{j ≠ i} exp(y_j − x_i)) along the last axis."""
    count = own_end.shape[-1]
    gaps = others[..., None, :] - own_end[..., :, None]
    slack = own.UNIT * (np.abs(others[..., None, :]) + np.abs(own_end[..., :, None]))
    rest = ~np.eye(count, dtype=bool)
    room = 1 + (count + 8) * own.UNIT
    most = 1 + np.where(rest, enclosed("exp", gaps + slack)[1], 0.0).sum(axis=-1) * room
    least = 1 + np.where(rest, enclosed("exp", gaps - slack)[0], 0.0).sum(axis=-1) / room
    return 1 / (most * (1 + 4 * own.UNIT)), 1 / least * (1 + 4 * own.UNIT)


def _sizes(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """The least and the largest size of numbers between two ends."""
    least = np.where((low <= 0) & (high >= 0), 0.0, np.minimum(np.abs(low), np.abs(high)))
    return least, np.maximum(np.abs(low), np.abs(high))


def _nonnegative(operation: str, arguments: Sequence[Any]) -> bool:
    """Whether no result is negative, as far as that follows from the operation or its arguments."""
    parts = [bool(part.nonnegative) for part in arguments if isinstance(part, Box)]
    match operation:
        case "power":
            return arguments[1] % 2 == 0 or all(parts)
        case "multiply":
            return arguments[0] is arguments[1] or all(parts)
        case "max":
            return any(parts)
        case "subtract" | "negate":
            return False
    row = OPERATIONS[operation]
    kept = row.kind in ("sum", "product", "matrix product", "layout")
    return row.range[0] >= 0 or (
        (kept or operation in ("sum", "mean", "min", "identity")) and all(parts)
    )


def _check(operation: str, arguments: Sequence[Value]) -> None:
    """Errors: DivisorError or OutOfDomainError where numbers of a box may have no value."""
    if operation == "divide" or (operation == "power" and arguments[1] < 0):
        divisor = arguments[1] if operation == "divide" else arguments[0]
        lost = (own.lower(divisor) <= 0) & (own.upper(divisor) >= 0)
        if lost.any():
            raise DivisorError(_first(lost), certain=False)
    domain = OPERATIONS[operation].domain
    if domain != "any":
        low = own.lower(arguments[0])
        lost = low <= 0 if domain == "positive" else low < 0
        if lost.any() and not (domain == "not negative" and Box.of(arguments[0]).nonnegative):
            raise OutOfDomainError(operation, _first(lost), certain=False)


def _first(lost: Any) -> tuple[int, ...]:
    """The index of the first such entry, in any lane."""
    return tuple(int(place[0]) for place in np.nonzero(lost))[1:]


def _rising(function: str, x: Enclosed) -> Enclosed:
    """A function of a library that only rises, by both ends."""
    low, high = own.lower(x), own.upper(x)
    if function in ("exp", "tanh", "sigmoid"):
        below, above = enclosed(function, low)[0], enclosed(function, high)[1]
    else:
        below, above = between(function, low, low)[0], between(function, high, high)[1]
    least, most = OPERATIONS[function].range
    found = own.between(np.maximum(below, least), np.minimum(above, most))
    return _no_more(found, np.isinf(x.radius))


def _no_more(found: Enclosed, lost: Any) -> Enclosed:
    """The enclosure; where there may be no value it says nothing, not even the range."""
    return Enclosed(found.middle, np.where(lost, np.inf, found.radius)) if lost.any() else found


def _narrow(function: str, x: Enclosed) -> Enclosed:
    """As `_rising`, or by the slope at a point."""
    return narrower(OWN[function](x), _rising(function, x))


def _root(x: Enclosed) -> Enclosed:
    low, high = own.lower(x), own.upper(x)
    low = np.maximum(low, 0.0) if Box.of(x).nonnegative else low
    by_ends = own.between(np.sqrt(low) * (1 - own.UNIT), np.sqrt(high) * (1 + own.UNIT))
    return narrower(own.root(x), by_ends)


def _product(x: Enclosed, y: Enclosed) -> Box:
    """x · y by the products of ends; a square is nowhere negative."""
    near = own.product(x, y)
    if x.radius.any() and y.radius.any():
        a, b = own.aligned(x, y)
        pairs = [p * q for p in (own.lower(a), own.upper(a)) for q in (own.lower(b), own.upper(b))]
        low, high = reduce(np.minimum, pairs), reduce(np.maximum, pairs)
        low, high = (
            end + sign * (np.abs(end) * own.UNIT + own.TINY) for end, sign in ((low, -1), (high, 1))
        )
        low = np.maximum(low, 0.0) if x is y else low
        near = narrower(near, own.between(low, high))
    return Box(near.middle, near.radius, factors=(Box.of(x), Box.of(y)))


def _quotient(x: Enclosed, y: Enclosed) -> Enclosed:
    near = own.quotient(x, y)
    low, high = own.lower(y), own.upper(y)
    apart = (low > 1e-270) | (high < -1e-270)
    if not (y.radius.any() and apart.any()):
        return near
    ones = [1 / np.where(apart, end, 1.0) for end in (high, low)]
    inverse = own.between(
        *(one * (1 + s * own.UNIT * np.sign(one)) for one, s in zip(ones, (-1, 1), strict=True))
    )
    by_ends = _product(x, own.sound(inverse.middle, np.where(apart, inverse.radius, np.inf)))
    return narrower(near, by_ends)


def _total(x: Enclosed, y: Enclosed) -> Enclosed:
    """x + y; a blend of h and s lies between them, as far as z lies between 0 and 1."""
    near = own.total(x, y)
    found = blend(Box.of(x), Box.of(y))
    return near if found is None else narrower(near, _blended(*found))


def _blended(z: Enclosed, h: Enclosed, s: Enclosed) -> Enclosed:
    """(1 − z) h + z s is linear in z, and rises with h and s for a z from 0 to 1.

    What z may be beyond moves it by as much of h and of s.
    """
    axes = max(part.ndim for part in (z, h, s))
    z, h, s = (own.grown(part, axes) for part in (z, h, s))
    low, high = own.lower(z), own.upper(z)
    weights = [np.clip(end, 0.0, 1.0) for end in (low, high)]
    beyond = np.maximum(np.maximum(high - 1, -low), 0.0)
    tops = [np.maximum(-own.lower(part), own.upper(part)) for part in (h, s)]
    slack = (tops[0] + tops[1]) * (beyond + 8 * own.UNIT) + own.TINY
    ends_of = [(own.lower(h), own.lower(s)), (own.upper(h), own.upper(s))]
    below, above = ([(1 - w) * a + w * b for w in weights] for a, b in ends_of)
    return own.between(np.minimum(*below) - slack, np.maximum(*above) + slack)


def _difference(x: Enclosed, y: Enclosed) -> Box:
    found = _total(x, own.negative(y))
    return Box(found.middle, found.radius, parts=(Box.of(x), Box.of(y)))


def _larger(x: Enclosed, y: Enclosed) -> Enclosed:
    a, b = own.aligned(x, y)
    low, high = np.maximum(own.lower(a), own.lower(b)), np.maximum(own.upper(a), own.upper(b))
    return narrower(own.larger(x, y), own.between(low, high))


def _size(x: Enclosed) -> Enclosed:
    return narrower(own.sizes(x), own.between(*_sizes(own.lower(x), own.upper(x))))


def _smaller(x: Enclosed, y: Enclosed) -> Enclosed:
    return own.negative(_larger(own.negative(x), own.negative(y)))


BY_ENDS: Mapping[str, Callable[..., Enclosed]] = {
    "add": _total,
    "subtract": _difference,
    "multiply": _product,
    "divide": _quotient,
    "max": _larger,
    "min": _smaller,
    "abs": _size,
    "sqrt": _root,
    "exp": partial(_narrow, "exp"),
    "sigmoid": partial(_narrow, "sigmoid"),
    "tanh": partial(_narrow, "tanh"),
}
"""What is narrower by the ends."""
