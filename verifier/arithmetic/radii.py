"""Float64 with proven radii: what an arithmetic of lanes knows of operations, and how it rounds.

Functions are `floats.enclose`'s, whose errors are proven; others are FLINT's, a ball a lane.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial, reduce
from typing import Any

import numpy as np

from verifier.arithmetic.composite import composed, has_definition
from verifier.arithmetic.discs import LEAST, ROOM, UNIT, Array, Discs, between, product
from verifier.arithmetic.floats.enclose import between as image
from verifier.arithmetic.floats.enclose import enclosed
from verifier.arithmetic.protocol import LITERAL, Origin, Site, Value
from verifier.numbers import Numbers
from verifier.rounding import Mode, Rounding

Known = Callable[[Numbers], Discs | None]
"""What lanes have in place of given numbers, where they have something."""

WHOLE = 2.0**50
"""Beyond so many units of the last place, float64 does not tell a number's digits."""

STEEPEST = {"tanh": 1.0, "sigmoid": 0.25}
"""No slope of the function is larger."""


@dataclass(frozen=True, eq=False)
class Radii:
    """Middles and radii in lanes; `known` says which numbers differ from lane to lane."""

    known: Known = lambda numbers: None
    name = "radii"

    def session(self) -> Any:
        """What overflows or has no value is nan, of which nothing is claimed."""
        return np.errstate(all="ignore")

    def given(self, numbers: Numbers, origin: Origin = LITERAL) -> Discs:
        """Given numbers: those of the lanes, or the same in all."""
        found = self.known(numbers)
        return shared(numbers) if found is None else found

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Discs:
        """The value of an operation."""
        found: Discs = self.function(operation)(*arguments)
        return found

    def function(self, operation: str) -> Callable[..., Any]:
        """What an operation does: a row of the table, else its definition, else FLINT's."""
        own = OPERATIONS.get(operation)
        if own is not None:
            return own
        if has_definition(operation):
            return lambda *arguments: composed(self, operation, arguments)
        return partial(_by_balls, operation)

    def constant(self, text: str) -> Discs:
        """A number that belongs to a function's definition."""
        return _constant(Fraction(text))

    def rounded(self, value: Discs, rule: Rounding) -> Discs:
        """What the rule gives: decimals where they are decided, else all that it may give.

        Where a value may be a tie, all that modes to the nearest give is in the disc.
        """
        places, scaled, spread = _scaled(value, rule)
        units, decided = _whole(scaled, spread, rule.mode)
        half = 0.5 if rule.mode.startswith("half") else 1.0
        loose = (value.rad + shifted(np.array(half), -places)) * ROOM
        decided |= (zero := (value.mid == 0) & (value.rad == 0))
        mid = np.where(decided, np.where(zero, 0.0, shifted(units, -places)), value.mid)
        return Discs(mid, np.where(decided, np.abs(mid) * (4 * UNIT), loose))


def shared(numbers: Numbers) -> Discs:
    """Given numbers, the same in all lanes; a float is exact."""
    mid = numbers.doubles.reshape(*numbers.shape, 1)
    if numbers.floats is not None:
        return Discs(mid, np.zeros_like(mid))
    return Discs(mid, off(numbers).reshape(mid.shape))


def off(numbers: Numbers) -> Array:
    """How far the nearest float64 numbers may be from given ones: nothing where they are exact."""
    exact = [f == v for f, v in zip(numbers.fractions, numbers.doubles.flat, strict=True)]
    return np.where(exact, 0.0, np.abs(numbers.doubles).ravel() * UNIT + LEAST)


def _constant(value: Fraction) -> Discs:
    near = float(value)
    lost = 0.0 if Fraction(near) == value else abs(near) * UNIT + LEAST
    return Discs(np.array([near]), np.array([lost]))


POWERS = np.array([float(10**k) for k in range(309)])
"""Powers of ten, each the nearest float64 number."""


def shifted(x: Array, places: Array) -> Array:
    """Numbers times powers of ten, two roundings and that of the power away."""
    if places.ndim == 0:
        power = POWERS[min(308, int(abs(places)))]
        return np.asarray(x * power if places >= 0 else x / power)
    exponent = np.minimum(np.abs(np.nan_to_num(places)), 308).astype(int)
    power = np.where(np.isnan(places), np.nan, POWERS[exponent])
    return np.where(places >= 0, x * power, x / power)


def _scaled(value: Discs, rule: Rounding) -> tuple[Array, Array, Array]:
    """The last places, and middles and radii in their units."""
    places = last_places(value, rule)
    scaled, spread = shifted(value.mid, places), shifted(value.rad, places)
    return places, scaled, (spread + np.abs(scaled) * (4 * UNIT)) * ROOM


def last_places(value: Discs, rule: Rounding) -> Array:
    """The places at which values are rounded; nan where figures do not tell them for sure."""
    if rule.places is not None:
        return np.array(float(rule.places))
    size, wide = np.abs(value.mid), value.rad * ROOM
    first = np.floor(np.log10(np.where(size > 0, size, 1.0)))
    lower, upper = (shifted(np.ones(1), first + more) for more in (0, 1))
    sure = (lower * (1 + 4 * UNIT) <= size - wide) & (size + wide < upper * (1 - 4 * UNIT))
    sure |= (size == 0) & (wide == 0)
    return np.where(sure, (rule.figures or 1) - 1 - first, np.nan)


def _whole(scaled: Array, spread: Array, mode: Mode) -> tuple[Array, Array]:
    """The whole numbers to which a mode rounds, and where they are certain."""
    return _nearest(scaled, spread) if mode.startswith("half") else _directed(mode, scaled, spread)


def _nearest(scaled: Array, spread: Array) -> tuple[Array, Array]:
    """The nearest whole numbers, and where they are certain: the same in all modes to nearest."""
    units = np.rint(scaled)
    decided = (0.5 - np.abs(scaled - units) > spread) & (np.abs(scaled) < WHOLE)
    return units, decided


def _directed(mode: Mode, scaled: Array, spread: Array) -> tuple[Array, Array]:
    """The whole numbers beside, and where they are certain."""
    below = np.floor(scaled)
    inside = np.minimum(scaled - below, below + 1 - scaled) > spread
    up = {"floor": 0, "ceiling": 1, "down": below < 0, "up": below >= 0}[mode]
    return below + up, inside & (np.abs(scaled) < WHOLE)


def digits(value: Discs, rule: Rounding) -> tuple[Array, Array]:
    """Values in units of the last place as the rule rounds them, and where they are certain."""
    _, scaled, spread = _scaled(value, rule)
    return _whole(scaled, spread, rule.mode)


def room(value: Discs, rule: Rounding) -> Array:
    """A lower bound of the distance to where digits change, in units of the last place."""
    _, scaled, spread = _scaled(value, rule)
    shift = 0.5 if rule.mode.startswith("half") else 0.0
    found: Array = np.abs(scaled + shift - np.rint(scaled + shift)) - spread
    return np.where(np.abs(scaled) < WHOLE, found, np.nan) * (1 - 2.0**-40)


def _known(function: str, x: Discs) -> Discs:
    """tanh or sigmoid: at the middle, and as far around as the slope allows."""
    at = between(*enclosed(function, x.mid))
    return Discs(at.mid, (at.rad + x.rad * STEEPEST[function]) * ROOM)


def _exp(x: Discs) -> Discs:
    """e^x; for radii up to 1, e^r − 1 ≤ r + r²."""
    low, high = enclosed("exp", x.mid)
    at, small = between(low, high), x.rad + x.rad * x.rad
    return Discs(at.mid, (at.rad + high * np.where(x.rad <= 1, small, np.nan)) * ROOM)


def _by_balls(function: str, *arguments: Discs | int) -> Discs:
    ends = [part if isinstance(part, int) else (part.low, part.high) for part in arguments]
    first, *others = ends
    return between(*image(function, *first, *others))  # type: ignore[misc]


def _larger(x: Discs, y: Discs) -> Discs:
    """The larger one; where that is open, a disc of both."""
    off, wide = x.mid - y.mid, (x.rad + y.rad) * ROOM
    rad = np.where(off > wide, x.rad, np.where(-off > wide, y.rad, np.maximum(x.rad, y.rad)))
    return Discs(np.maximum(x.mid, y.mid), rad)


def _step(x: Discs, at_zero: float = np.nan) -> Discs:
    """One above zero, zero below; what is between where that is open."""
    at = np.where(x.mid > x.rad, 1.0, np.where(-x.mid > x.rad, 0.0, np.nan))
    at = np.where((x.mid == 0) & (x.rad == 0), at_zero, at)
    return Discs(np.where(np.isnan(at), 0.5, at), np.where(np.isnan(at), 0.5, 0.0))


def _power(x: Discs, n: int) -> Discs:
    if n < 0:
        return _constant(Fraction(1)) / _power(x, -n)
    return reduce(Discs.__mul__, [x] * n) if n else _constant(Fraction(1))


def _sum(x: Discs, axis: int | None = None) -> Discs:
    parts = x.flat() if axis is None else x.each(lambda part: np.moveaxis(part, axis, 0))
    return reduce(Discs.__add__, (parts[k] for k in range(len(parts.mid))))


def _mean(x: Discs, axis: int | None = None) -> Discs:
    return _sum(x, axis) / _constant(Fraction(x.size if axis is None else x.shape[axis]))


def _softmax(x: Discs) -> Discs:
    """exp(x_i − m) / Σ exp(x_j − m) along the last axis, whatever m is: the largest middle."""
    highest = x.mid.max(axis=-2, keepdims=True)
    powers = _exp(x - Discs(highest, np.zeros_like(highest)))
    total = _sum(powers, len(x.shape) - 1)
    return powers / total.each(lambda part: part[..., None, :])


def _spread(part: Array, lanes: int) -> Array:
    whole = part if part.ndim > 1 else part[None]
    return np.broadcast_to(whole, (*whole.shape[:-1], lanes))


def _concat(*parts: Discs) -> Discs:
    lanes = max(part.mid.shape[-1] for part in parts)
    sides = ([_spread(end, lanes) for end in ends] for ends in _ends(parts))
    return Discs(*(np.concatenate(side, axis=-2) for side in sides))


def _ends(parts: Sequence[Discs]) -> tuple[list[Array], list[Array]]:
    return [part.mid for part in parts], [part.rad for part in parts]


def _slice(x: Discs, *ends: int | None) -> Discs:
    return x[tuple(slice(*pair) for pair in zip(ends[::2], ends[1::2], strict=True))]


def _fill(x: Discs, *sizes: int) -> Discs:
    return x.each(lambda part: np.broadcast_to(part, (*sizes, *part.shape)))


def _pad(x: Discs, before: int, after: int) -> Discs:
    wide = [(0, 0)] * (len(x.shape) - 1) + [(before, after), (0, 0)]
    return x.each(lambda part: np.pad(part, wide))


def _root(x: Discs) -> Discs:
    """The root of both ends, which IEEE 754 rounds to nearest."""
    return between(*(np.nextafter(np.sqrt(end), to) for end, to in ((x.low, 0), (x.high, np.inf))))


OPERATIONS: dict[str, Callable[..., Discs]] = {
    "add": Discs.__add__,
    "subtract": Discs.__sub__,
    "multiply": Discs.__mul__,
    "divide": Discs.__truediv__,
    "negate": Discs.__neg__,
    "identity": lambda x: x,
    "matmul": product,
    "outer": lambda x, y: x[:, None] * y[None, :],
    "power": _power,
    "transpose": lambda x: x.each(lambda part: part.swapaxes(0, 1)),
    "concat": _concat,
    "slice": _slice,
    "fill": _fill,
    "pad": _pad,
    "sum": _sum,
    "mean": _mean,
    "softmax": _softmax,
    "abs": lambda x: Discs(np.abs(x.mid), x.rad),
    "max": _larger,
    "min": lambda x, y: -_larger(-x, -y),
    "step": _step,
    "positive": partial(_step, at_zero=0.0),
    "exp": _exp,
    "tanh": partial(_known, "tanh"),
    "sigmoid": partial(_known, "sigmoid"),
    "sqrt": _root,
    "pi": lambda: Discs(np.array([np.pi]), np.array([2.0**-50])),
}
