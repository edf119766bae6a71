"""Trials of installed functions: their largest errors, against values that are proven.

The reference is Arb's (python-flint), to twice the digits of a float64.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from flint import arb

from verifier.arithmetic.ball import Ball
from verifier.arithmetic.context import flint_bits
from verifier.arithmetic.floats.anyorder import AnyOrder
from verifier.arithmetic.floats.enclose import BALLS
from verifier.arithmetic.floats.floatset import FloatSet, Span
from verifier.arithmetic.ieee import BINARY, Format, Ieee
from verifier.arithmetic.protocol import Site
from verifier.audit.functions import Accuracy, accuracy
from verifier.language.operations import OPERATIONS

Array = Any
Function = Callable[[Array], Array]

Unit = Literal["ulp", "truth", "one"]
"""The ulp that is larger of those at truth and result; that at the truth; that from 1/2 to 1."""

BITS = 128  # beyond the 53 of a float64, so that the reference counts for nothing in an error
NARROW, DEEP, MOST_BITS = 72, 1200, 2**15
"""Bits of a truth beside its size; the place beyond which no format has bits; when to give up."""
COUNT = 1_000_000


@dataclass(frozen=True)
class Trial:
    """The error of a function in a format that is largest beside its hypothesis, both in ulps.

    `count` arguments were tried; `argument` is where that error stands.
    """

    implementation: str
    function: str
    format: str
    count: int
    error: float
    argument: float
    hypothesis: float

    @property
    def holds(self) -> bool:
        """Whether no error was beyond the hypothesis."""
        return self.error <= self.hypothesis


def trials(
    implementation: str, functions: Callable[[str], Mapping[str, Function]], count: int = COUNT
) -> Iterator[Trial]:
    """A trial of every function and format that the implementation has hypotheses on.

    `functions` gives those of a format by their names, whole numbers behind them ("power -2");
    arrays of the format go in and come out. A sigmoid without a hypothesis of its own is tried
    against what its formula may err. What lies within the definition needs no hypothesis.
    """
    assumed = accuracy(implementation)
    for format in filter(BINARY.__contains__, assumed.logistic):
        for name, function in functions(format).items():
            given = arguments(BINARY[format], name, count)
            unit, allowed = _allowed(assumed, format, name.split()[0], given)
            results = function(given)
            found, own = np.zeros(given.shape), ~_defined(assumed, format, name, given, results)
            found[own] = errors(name, BINARY[format], given[own], results[own], unit)
            k = int(np.argmax(found / np.maximum(allowed, 2.0**-60)))
            row = float(found[k]), float(given[k]), float(allowed[k])
            yield Trial(implementation, name, format, len(given), *row)


def _allowed(assumed: Accuracy, format: str, name: str, given: Array) -> tuple[Unit, Array]:
    """The largest errors that are assumed, and their unit."""
    if (format, name) in assumed.absolute:
        return "one", np.full(given.shape, assumed.absolute[format, name])
    if (format, name) in assumed.ulps:
        return "ulp", np.full(given.shape, assumed.ulps[format, name])
    arithmetic = FloatSet(Ieee(format, logistic=assumed.logistic[format]), assumed.ulps)
    with arithmetic.session():
        found = arithmetic.sigmoid(Span(given, given))
    ends = (errors(name, BINARY[format], given, x, "truth") for x in (found.low, found.high))
    return "truth", np.maximum(*ends)


def _defined(assumed: Accuracy, format: str, name: str, given: Array, results: Array) -> Array:
    """Where results are what the definition gives, with operations in any order, or may be all."""
    operation, *wholes = name.split()
    row = OPERATIONS.get(operation)
    composed = row is not None and (wholes or row.definition)
    if not composed or (format, operation) not in assumed.allowed:
        return np.zeros(given.shape, bool)
    others = {key: most for key, most in assumed.allowed.items() if key != (format, operation)}
    arithmetic = AnyOrder(Ieee(format, logistic=assumed.logistic[format]), others)
    with arithmetic.session():
        parts = [Span(given, given), *map(int, wholes)]
        found = arithmetic.apply(operation, parts, Site(1, operation, ()))
        return (found.low <= results) & (results <= found.high) | np.isnan(found.low)


def arguments(format: Format, function: str, count: int) -> Array:
    """Arguments to try: all numbers of a 16-bit format, else both evenly and by magnitude spread.

    Those of log1p lie between 0 and 1, where softplus asks for it, those of sine and cosine go on
    to the largest number. Subnormal numbers are in, and of others what a function is defined for.
    """
    row = OPERATIONS.get(function.split()[0])
    if format.dtype.itemsize == 2:
        found = np.arange(2**16, dtype=np.uint16).view(format.dtype)
    else:
        found = _spread(format, count, format.most if row and row.turns else 10)
    with np.errstate(all="ignore"):
        found = found[np.isfinite(found)]
        if function == "log1p":
            return found[(found >= 0) & (found <= 1)]
        if " -" in function:
            return found[found != 0]
        domain = row.domain if row else "any"
        return found[{"any": found == found, "positive": found > 0}.get(domain, found >= 0)]


def _spread(format: Format, count: int, last: int) -> Array:
    """The same pseudo-random numbers on every run: evenly to ±750, finely near 0, by binades."""
    random = np.random.default_rng(20130)
    most = 750.0 if format.precision == 53 else 110.0  # beyond, exp is 0 or infinite
    third = count // 3
    binades = random.uniform(format.least - format.precision, last, count - 2 * third)
    parts = (
        random.uniform(-most, most, third),
        random.uniform(-1, 1, third) * 20 * random.uniform(0, 1, third),
        np.exp2(binades) * random.choice([-1.0, 1.0], len(binades)),
    )
    return np.concatenate(parts).astype(format.dtype)


def errors(
    function: str, format: Format, given: Array, results: Array, unit: Unit = "ulp"
) -> Array:
    """The errors of results in a unit; infinite where a result is nan.

    Infinity counts as the power of two that ends the format's range, for truth and result alike.
    """
    xs, ys = (np.asarray(part).astype(np.float64) for part in (given, results))
    with flint_bits(BITS):
        end = arb((1, format.most + 1))
        truths = [_capped(_truth(function, x, BITS), end) for x in xs.tolist()]
        scales = _scales(np.array([float(truth) for truth in truths]), ys, format, unit)
        rows = zip(truths, ys.tolist(), scales.tolist(), strict=True)
        found = [float(abs(t - _capped(arb(y), end)) * arb((1, scale))) for t, y, scale in rows]
    return np.nan_to_num(np.array(found), nan=np.inf)


def _truth(function: str, x: float, bits: int) -> Any:
    """A ball that is narrow beside its value, or beside every number of the format."""
    with flint_bits(bits):
        found = _ball(function, bits)(arb(x))
        fine = found.rel_accuracy_bits() >= NARROW or found.rad() < arb((1, -DEEP))
    return found if fine or bits > MOST_BITS else _truth(function, x, 4 * bits)


@lru_cache
def _ball(function: str, bits: int) -> Callable[[Any], Any]:
    """A function of balls; whole numbers stand behind its name."""
    name, *wholes = function.split()
    method, own = BALLS.get(name), Ball(bits)
    return method or (lambda x: arb(own.function(name)(x, *map(int, wholes))))


def _capped(ball: Any, end: Any) -> Any:
    return end if ball > end else -end if ball < -end else ball


def _scales(truths: Array, results: Array, format: Format, unit: Unit) -> Array:
    """The powers of two that turn an error into its unit."""
    # A float64 next to a truth may lie in the binade above it: the float below never does.
    size = np.nextafter(np.abs(truths), 0)
    if unit == "ulp":
        size = np.maximum(size, np.minimum(np.abs(results), np.finfo(float).max))
    if unit == "one":
        size = np.full_like(size, 0.5)
    exponents = np.clip(np.frexp(size)[1] - 1, format.least, format.most)
    return np.asarray(format.precision - 1 - exponents)
