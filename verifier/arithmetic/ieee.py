"""Binary floating point under a stated model of evaluation."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial, reduce
from typing import Any, Literal, get_args
from weakref import WeakKeyDictionary

import numpy as np

from verifier.arithmetic.floats.binary import BINARY, Format, binary_exponent
from verifier.arithmetic.floats.deployed import FORMATS
from verifier.arithmetic.floats.fused import fused
from verifier.arithmetic.floats.summation import WIDE
from verifier.arithmetic.objects import ScalarArithmetic
from verifier.arithmetic.protocol import LITERAL, Origin, Site, Value
from verifier.errors import VerifierError, nearest
from verifier.language.operations import OPERATIONS
from verifier.numbers import Numbers

__all__ = ["BINARY", "FORMATS", "Format", "Ieee", "binary_exponent"]

Order = Literal["sequential", "pairwise", "numpy"]
Logistic = Literal["naive", "stable", "tanh"]
ORDERS: tuple[Order, ...] = get_args(Order)
LOGISTICS: tuple[Logistic, ...] = get_args(Logistic)


_GIVEN: WeakKeyDictionary[Numbers, dict[str, Value]] = WeakKeyDictionary()
"""Given numbers as floats, kept as long as they: many walks round the same ones."""


def _rounded(numbers: Numbers, format: Format) -> Value:
    """The floats nearest to the numbers. The float64 number nearest to one rounds as it does,
    unless it lies half-way between two numbers of the format; given floats are that number."""
    near = numbers.doubles
    found = format.cast(near)
    if numbers.floats is not None:
        return found
    with np.errstate(all="ignore"):
        off = np.abs(near - found.astype(np.float64))
        halfway = (off > 0) & (off == format.ulps(near) / 2)  # half an ulp of 0 is 0 in float64
        unclear = halfway | ~np.isfinite(found)
    for place in zip(*np.nonzero(np.atleast_1d(unclear)), strict=True):
        entry = int(np.ravel_multi_index(place, unclear.shape)) if unclear.shape else 0
        value = float(format.nearest(numbers.fractions[entry]))
        found[place if unclear.shape else ()] = format.cast(value)
    return found


@dataclass(frozen=True)
class Ieee(ScalarArithmetic):
    """Arrays of a float format; every operation rounds to nearest in that format.

    This is the stated model of evaluation. A product of matrices is a sum of rounded products,
    added in `order` in the format `accumulator` (its own format when empty) and then rounded to
    the format; with `fma`, product and addition are rounded once. The order "numpy" leaves the
    product to NumPy's `@`. `logistic` says how sigmoid is computed: naive is 1 / (1 + exp(−x)),
    stable takes exp(x) / (1 + exp(x)) below zero, tanh is 0.5 + 0.5 tanh(0.5 x). exp, tanh and
    log1p are NumPy's, computed in float32 for the two 16-bit formats.

    A deployed model (`floats.deployed`) says itself what it computes in, what it makes of the
    factors of a matrix product, and what it keeps of a result.
    """

    float: str = "float32"
    order: Order = "sequential"
    accumulator: str = ""
    fma: bool = False
    logistic: Logistic = "naive"

    def __post_init__(self) -> None:
        _known("the format", self.float, FORMATS)
        _known("the accumulator", self.accumulator or "float64", BINARY)
        _known("the order of summation", self.order, ORDERS)
        _known("the formula of sigmoid", self.logistic, LOGISTICS)
        if self.sums.precision < self.format.precision:
            what = f"the accumulator {self.accumulator} is narrower than {self.float}"
            raise VerifierError(what, accepted="a format at least as wide")
        if self.format.kind and (self.accumulator or self.fma):
            what = "an accumulator" if self.accumulator else "fma"
            rest = f"its own: {self.float} adds up in {self.format.computed.name}"
            raise VerifierError(f"{self.float} with {what}", accepted=rest)
        if self.fma and self.order != "sequential":
            raise VerifierError("fma with another order", accepted="the order sequential")

    @property
    def name(self) -> str:
        """The name of the format."""
        return self.float

    @property
    def format(self) -> Format:
        """The format's numbers."""
        return FORMATS[self.float]

    @property
    def sums(self) -> Format:
        """The format in which products are added up."""
        return BINARY[self.accumulator] if self.accumulator else self.format.computed

    def constant(self, text: str) -> Any:
        """A number of a function's definition, which functions ask for at every step."""
        return _constant(self.float, text)

    def number(self, value: Fraction) -> Any:
        return np.array(float(self.format.computed.nearest(value)), dtype=self.format.dtype)

    def given(self, numbers: Numbers, origin: Origin = LITERAL) -> Value:
        """Given numbers, each rounded once to the format."""
        made = _GIVEN.setdefault(numbers, {})
        if self.float not in made:
            made[self.float] = np.asarray(_rounded(numbers, self.format.stored))
            made[self.float].flags.writeable = False  # many walks share them
        return made[self.float]

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Value:
        opened = [self.format.opened(part) for part in arguments]
        found = np.asarray(super().apply(operation, opened, site), dtype=self.format.dtype)
        return self.format.kept(operation, arguments, found)

    def lift(self, function: Callable[..., Any], *arguments: Value) -> Value:
        """The function itself: NumPy works entry by entry."""
        return function(*arguments)

    def divide(self, x: Any, y: Any) -> Any:
        return x / y

    def library(self, operation: str) -> Callable[..., Any]:
        """NumPy's function, computed in float32 for the 16-bit formats; the C library's erf."""
        name = OPERATIONS[operation].known_as.get("numpy", operation)
        function = getattr(np, name, None) or np.vectorize(getattr(math, name), otypes=[float])
        return partial(self._through, function)

    def exp(self, x: Any) -> Any:
        return self._through(np.exp, x)

    def tanh(self, x: Any) -> Any:
        return self._through(np.tanh, x)

    def pi(self) -> Any:
        return self.format.cast(np.array(math.pi))

    def positive(self, x: Any) -> Any:
        return np.where(np.isnan(x), x, np.asarray(x) > 0).astype(self.format.dtype)

    def power(self, x: Any, n: int) -> Any:
        """Products from left to right; below zero, the inverse of them."""
        one = self.constant("1")
        found = reduce(np.multiply, [x] * abs(n)) if n else np.broadcast_to(one, np.shape(x))
        return one / found if n < 0 else found

    def sum(self, x: Value, axis: int | None = None) -> Value:
        """The sum in the stated order and accumulator."""
        terms = np.ravel(x) if axis is None else np.moveaxis(x, axis, 0)
        return self.total(terms.astype(self.sums.dtype)).astype(self.format.dtype)

    def pad(self, x: Value, before: int, after: int) -> Value:
        return np.pad(x, [(0, 0)] * (np.ndim(x) - 1) + [(before, after)])

    def check_domain(self, operation: str, arguments: Sequence[Value]) -> None:
        """What a format cannot say is nan, which is an answer."""

    def softplus(self, x: Any) -> Any:
        small = self._through(np.log1p, self.exp(-np.abs(x)))
        return self.max(x, self.constant("0")) + small

    def max(self, x: Any, y: Any) -> Any:
        return np.maximum(x, y)

    def min(self, x: Any, y: Any) -> Any:
        return np.minimum(x, y)

    def _through(self, function: Any, x: Any) -> Any:
        narrow = self.format.computed.precision < BINARY["float32"].precision
        wide = np.asarray(x).astype(np.float32) if narrow else x
        return np.asarray(function(wide)).astype(self.format.dtype)

    def sigmoid(self, x: Any) -> Any:
        return _LOGISTIC[self.logistic](self, x)

    def matmul(self, left: Value, right: Value) -> Value:
        """NumPy's `@` in the stated order, or as NumPy itself has it."""
        left, right = self.format.factors(left, right)
        if self.order == "numpy":
            return np.asarray(left @ right).astype(self.format.dtype)
        rows = np.atleast_2d(left)
        columns = right.reshape(-1, 1) if right.ndim == 1 else right
        total = self._products(rows.T[:, :, None], columns[:, None, :])
        return total.reshape(left.shape[:-1] + right.shape[1:])

    def _products(self, left: Value, right: Value) -> Value:
        """The sum of products along the first axis."""
        wide = self.sums.dtype
        left, right = left.astype(wide, copy=False), right.astype(wide, copy=False)
        if not self.fma:
            return self.total(left * right).astype(self.format.dtype)
        start = np.zeros(np.broadcast_shapes(left.shape, right.shape)[1:], dtype=wide)
        step = partial(_fused_step, format=self.sums)
        return reduce(step, zip(left, right, strict=True), start).astype(self.format.dtype)

    def total(self, terms: Value) -> Value:
        """The sum along the first axis, in the stated order, in the type of the terms."""
        return _SUMS[self.order](terms)

    def softmax(self, x: Value) -> Value:
        """exp(x_i − max x) / Σ exp(x_j − max x) along the last axis."""
        powers = self.exp(x - x.max(axis=-1, keepdims=True))
        total = self.total(np.moveaxis(powers, -1, 0).astype(self.sums.dtype))
        return powers / total.astype(self.format.dtype)[..., None]


@lru_cache
def _constant(format: str, text: str) -> Any:
    found = Ieee(format).number(Fraction(text))
    found.flags.writeable = False
    return found


def _fused_step(total: Any, pair: tuple[Any, Any], format: Format) -> Any:
    return fused(*pair, total, format)


def _sequential(terms: Any) -> Any:
    if terms[0].size < WIDE:
        return np.add.accumulate(terms, axis=0)[-1]
    total = terms[0].copy()
    for row in terms[1:]:
        np.add(total, row, out=total)
    return total


def _pairwise(terms: Any) -> Any:
    if len(terms) < 3:
        return _sequential(terms)
    middle = len(terms) // 2
    return _pairwise(terms[:middle]) + _pairwise(terms[middle:])


def _numpy_sum(terms: Any) -> Any:
    return terms.sum(axis=0)


_SUMS: dict[Order, Callable[[Any], Any]] = {
    "sequential": _sequential,
    "pairwise": _pairwise,
    "numpy": _numpy_sum,
}


def _naive(arithmetic: Ieee, x: Any) -> Any:
    one = arithmetic.constant("1")
    return one / (one + arithmetic.exp(-x))


def _stable(arithmetic: Ieee, x: Any) -> Any:
    one, power = arithmetic.constant("1"), arithmetic.exp(-np.abs(x))
    return np.where(np.asarray(x) < 0, power, one) / (one + power)


def _by_tanh(arithmetic: Ieee, x: Any) -> Any:
    half = arithmetic.constant("1/2")
    return half + half * arithmetic.tanh(half * x)


_LOGISTIC: dict[Logistic, Callable[[Ieee, Any], Any]] = {
    "naive": _naive,
    "stable": _stable,
    "tanh": _by_tanh,
}


def _known(what: str, word: str, known: Any) -> None:
    if word not in known:
        raise VerifierError(f"{what} {word!r}{nearest(word, known)}", accepted=", ".join(known))
