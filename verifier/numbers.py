"""Exact numbers: decimals and fractions as they were typed, floats as the dyadics they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm, prod
from typing import Any

import numpy as np

from verifier import effort
from verifier.errors import ProblemError, shown
from verifier.language.operations import Shape, describe

NUMBER = re.compile(
    r"""(?P<sign>[+-]?)(?P<body>
        (?:DIGITS\.?(?:DIGITS)?|\.DIGITS)(?:[eE][+-]?\d{1,3})?  # decimal
        | DIGITS/DIGITS                                        # fraction
    )""".replace("DIGITS", r"\d+(?:_\d+)*"),
    re.VERBOSE | re.ASCII,
)
SIGNS = ("±", "+/-", "+-")
MAX_AXES = 3  # a matrix a step
ACCEPTED = 'a decimal such as 0.25, or a fraction in quotes such as "1/3"'
INTERVALS = 'an interval in quotes such as "[-1, 1]" or "0.2 ± 0.1", the lower end first'


def read_number(text: str) -> str:
    """The text of a number without underscores and plus sign, when it is a number.

    Errors: ProblemError for nan, inf, and whatever is no decimal and no fraction.
    """
    stripped = text.strip()
    if len(stripped) > effort.NUMBER:
        raise ProblemError(
            f"a number of {len(stripped)} characters", accepted=f"at most {effort.NUMBER}"
        )
    found = NUMBER.fullmatch(stripped)
    if found is None:
        raise ProblemError(f"{shown(stripped)} is no number", accepted=ACCEPTED)
    body = found["body"].replace("_", "")
    if "/" in body and not int(body.split("/")[1]):
        raise ProblemError(f"{shown(stripped)} divides by zero", accepted=ACCEPTED)
    return found["sign"].replace("+", "") + body


def is_interval(text: str) -> bool:
    """Whether the text is written as an interval: "[-1, 1]", "0.2 ± 0.1", "0.2 +- 0.1"."""
    return text.lstrip().startswith("[") or any(sign in text for sign in SIGNS)


def read_interval(text: str) -> str:
    """The text of an interval in one of two spellings: [low, high], or middle ± tolerance.

    Errors: ProblemError for an end that is no number, for the upper end below the lower one, and
    for a tolerance below zero.

    >>> read_interval("0.2 +- 0.1"), read_interval("[ -1,1 ]")
    ('0.2 ± 0.1', '[-1, 1]')
    """
    stripped = text.strip()
    brackets = stripped.startswith("[")
    sign = "," if brackets else next((sign for sign in SIGNS if sign in text), "±")
    first, _, second = (stripped[1:-1] if brackets else stripped).partition(sign)
    if brackets and not stripped.endswith("]"):
        raise ProblemError(f"{shown(stripped)} is no interval", accepted=INTERVALS)
    try:
        ends = read_number(first), read_number(second)
    except ProblemError as error:
        raise ProblemError(
            f"{shown(stripped)} is no interval: {error.what}", accepted=INTERVALS
        ) from None
    read = "[{}, {}]".format(*ends) if brackets else "{} ± {}".format(*ends)
    low, high = ends_of(read)
    if low > high:
        why = "its upper end is below its lower one" if brackets else "its tolerance is negative"
        raise ProblemError(f"the interval {shown(read)} is empty: {why}", accepted=INTERVALS)
    return read


def ends_of(text: str) -> tuple[Fraction, Fraction]:
    """The ends of an interval that `read_interval` has read; of a number, twice the number.

    >>> ends_of("0.2 ± 0.1")
    (Fraction(1, 10), Fraction(3, 10))
    """
    if text.startswith("["):
        low, high = map(Fraction, text[1:-1].split(", "))
        return low, high
    middle, *off = map(Fraction, text.split(" ± "))
    return (middle - off[0], middle + off[0]) if off else (middle, middle)


def unsigned_zero(text: str) -> str:
    """The text of a number, without the minus sign of a zero: there is one zero.

    >>> unsigned_zero("-0.00"), unsigned_zero("-0.01")
    ('0.00', '-0.01')
    """
    return text.removeprefix("-") if is_zero(text) else text


def is_zero(text: str) -> bool:
    """Whether the text of a number is that of zero: 0, -0.0, 0e5, 0/3."""
    digits = re.split("[eE/]", text)[0]
    return "0" in digits and not digits.strip("-0.")


@dataclass(frozen=True, eq=False)
class Numbers:
    """A scalar, vector or matrix of exact numbers.

    Either `texts` holds the numbers as typed, row by row, or `floats` is an array of a NumPy
    float format, every entry of which is the exact dyadic rational that it is. A text may be an
    interval: then there are `low` and `high`, and whoever asks for numbers is refused.
    """

    shape: Shape
    texts: tuple[str, ...] = ()
    floats: np.ndarray[Any, Any] | None = None

    @classmethod
    def typed(cls, value: Any, intervals: bool = False) -> Numbers:
        """Numbers from nested lists of texts (or of integers and fractions), or of intervals.

        Errors: ProblemError for ragged rows, for more than three levels (a matrix a step), for
        what is no number.
        """
        shape, read = _shape(value), _read if intervals else read_number
        return cls(shape, tuple(read(_text(entry)) for entry in _flat(value, len(shape))))

    @classmethod
    def of_floats(cls, array: np.ndarray[Any, Any]) -> Numbers:
        """Numbers from a float array; nan, infinity and masks are refused."""
        if isinstance(array, np.ma.MaskedArray):
            raise ProblemError("a masked array", accepted="an array without a mask")
        if array.ndim > MAX_AXES:
            raise ProblemError(
                f"an array of {array.ndim} axes", accepted=f"at most {MAX_AXES} axes"
            )
        if not array.size:
            raise ProblemError(f"an empty array of shape {array.shape}", accepted="numbers")
        with np.errstate(invalid="ignore"):  # a signalling nan of bfloat16 warns when it is cast
            finite = np.isfinite(array.astype(np.float64)).all()
        if not finite:
            raise ProblemError("an array with nan or infinity", accepted="finite numbers")
        return cls(array.shape, (), array)

    @classmethod
    def zeros(cls, shape: Shape) -> Numbers:
        """Zeros of a shape."""
        return cls(shape, ("0",) * prod(shape))

    @cached_property
    def intervals(self) -> tuple[int, ...]:
        """The numbers of the entries that are intervals."""
        return tuple(k for k, text in enumerate(self.texts) if "±" in text or "[" in text)

    @cached_property
    def low(self) -> Numbers:
        """The lower ends."""
        return self._ends(0) if self.intervals else self

    @cached_property
    def high(self) -> Numbers:
        """The upper ends."""
        return self._ends(1) if self.intervals else self

    def _ends(self, which: int) -> Numbers:
        return Numbers(self.shape, tuple(str(ends_of(text)[which]) for text in self.texts))

    def _check_numbers(self) -> None:
        if self.intervals:
            what = f"the interval {self.texts[self.intervals[0]]} where a number is needed"
            raise ProblemError(what, accepted=ACCEPTED)

    @cached_property
    def fractions(self) -> tuple[Fraction, ...]:
        """The entries row by row. Errors: ProblemError for an interval."""
        self._check_numbers()
        if self.floats is None:
            return tuple(map(Fraction, self.texts))
        return tuple(map(Fraction, self.floats.astype(np.float64).ravel().tolist()))

    def integers(self) -> tuple[list[int], int]:
        """The entries as integers over one denominator."""
        return self._typed_integers if self.floats is None else dyadic_integers(self.floats)

    @cached_property
    def _typed_integers(self) -> tuple[list[int], int]:
        self._check_numbers()
        return _decimal_integers(self.texts) or self._fraction_integers()

    def _fraction_integers(self) -> tuple[list[int], int]:
        denominator = lcm(*{entry.denominator for entry in self.fractions})
        values = [entry.numerator * (denominator // entry.denominator) for entry in self.fractions]
        return values, denominator

    @cached_property
    def doubles(self) -> np.ndarray[Any, Any]:
        """The entries as the nearest float64 numbers; what is too large is infinite.

        Nobody can write to them: a program under test gets them, and the truth rests on them.
        """
        found = np.asarray(self._doubles())
        found.flags.writeable = False
        return found

    def _doubles(self) -> np.ndarray[Any, Any]:
        if self.floats is not None:
            return self.floats.astype(np.float64)
        values, denominator = self.integers()
        try:  # Python rounds the quotient of integers correctly
            flat = np.array([value / denominator for value in values])
        except OverflowError:
            flat = np.array([_float(entry) for entry in self.fractions])
        return flat.reshape(self.shape)

    @property
    def size(self) -> int:
        """The number of entries."""
        return prod(self.shape)

    def text(self, entry: int) -> str:
        """The entry as it was typed; a float as the shortest decimal that reads back."""
        return self.texts[entry] if self.floats is None else str(self.floats.ravel()[entry])

    @classmethod
    def joined(cls, parts: Sequence[Numbers]) -> Numbers:
        """Sequences one after the other, all typed or all of one float format."""
        shape = (sum(part.shape[0] for part in parts), *parts[0].shape[1:])
        floats = None
        if parts[0].floats is not None:
            floats = np.concatenate([part.floats for part in parts])
        return cls(shape, tuple(text for part in parts for text in part.texts), floats)

    def until(self, steps: int) -> Numbers:
        """The first steps of a sequence."""
        rest, floats = self.shape[1:], self.floats
        part = None if floats is None else floats[:steps]
        return Numbers((steps, *rest), self.texts[: steps * prod(rest)], part)

    def picked(self, indices: Sequence[int]) -> Numbers:
        """A sequence of some of the steps, as often and in the order in which they are named."""
        rows = [self.row(index) for index in indices]
        floats = None if self.floats is None else self.floats[list(indices)]
        texts = tuple(text for row in rows for text in row.texts)
        return Numbers((len(rows), *self.shape[1:]), texts, floats)

    def row(self, index: int) -> Numbers:
        """One step of a sequence: the entry, vector or matrix at `index` of the first axis."""
        width = prod(self.shape[1:])
        part = slice(index * width, (index + 1) * width)
        floats = self.floats
        if floats is not None:
            floats = floats[index : index + 1].reshape(self.shape[1:])
        return Numbers(self.shape[1:], self.texts[part], floats)

    @cached_property
    def transposed(self) -> Numbers:
        """The matrix with rows and columns exchanged."""
        rows, columns = self.shape
        order = [i * columns + j for j in range(columns) for i in range(rows)]
        texts = tuple(self.texts[k] for k in order) if self.texts else ()
        return Numbers((columns, rows), texts, None if self.floats is None else self.floats.T)

    @cached_property
    def objects(self) -> np.ndarray[Any, Any]:
        """The entries as a NumPy object array of fractions."""
        array = np.empty(self.size, dtype=object)
        array[:] = self.fractions
        return array.reshape(self.shape)


def dyadic_scale(floats: np.ndarray[Any, Any]) -> tuple[int, int]:
    """A k for which all floats times 2^k are integers, and the bits of the longest of these."""
    bits = np.finfo(floats.dtype).nmant + 1 if floats.dtype.kind == "f" else 53
    mantissas, exponents = np.frexp(floats.astype(np.float64))
    used = exponents[mantissas != 0]
    shift = max(0, bits - int(used.min(initial=bits)))
    return shift, max(0, int(used.max(initial=-shift)) + shift)


def dyadic_integers(floats: np.ndarray[Any, Any]) -> tuple[list[int], int]:
    """Floats as integers over one power of two, row by row."""
    shift, length = dyadic_scale(floats)
    wide = floats.astype(np.float64).ravel()
    if length < 63:
        return np.ldexp(wide, shift).astype(np.int64).tolist(), 1 << shift
    mantissas, exponents = np.frexp(wide)
    whole = np.ldexp(mantissas, 53).astype(np.int64).tolist()
    lifts = (exponents + (shift - 53)).tolist()
    return [_shifted(m, e) for m, e in zip(whole, lifts, strict=True)], 1 << shift


def _shifted(integer: int, places: int) -> int:
    """An integer times a power of two of which it keeps every bit."""
    return integer << places if places >= 0 else integer >> -places


def _decimal_integers(texts: tuple[str, ...]) -> tuple[list[int], int] | None:
    """Plain decimals as integers over one power of ten; None where there are others."""
    if any("/" in text or "e" in text or "E" in text for text in texts):
        return None
    halves = [text.partition(".") for text in texts]
    most = max(len(places) for _, _, places in halves)
    return [int(whole + places.ljust(most, "0")) for whole, _, places in halves], 10**most


def _read(text: str) -> str:
    """The text of a number or of an interval."""
    return read_interval(text) if is_interval(text) else read_number(text)


def _text(entry: Any) -> str:
    if isinstance(entry, int) and entry.bit_length() > 4 * effort.NUMBER:
        raise ProblemError(f"{shown(entry)}", accepted=f"at most {effort.NUMBER} characters")
    return str(entry)


def _shape(value: Any, depth: int = 0) -> Shape:
    if not isinstance(value, list):
        return ()
    if depth == MAX_AXES:
        raise ProblemError(f"lists nested deeper than {MAX_AXES}", accepted="rows of numbers")
    if not value:
        raise ProblemError("an empty list", accepted="at least one number")
    shapes = [_shape(part, depth + 1) for part in value]
    if len(set(shapes)) > 1:
        odd = next(i for i, shape in enumerate(shapes) if shape != shapes[0])
        raise ProblemError(
            f"ragged rows: row 1 has {_entries(shapes[0])}, "
            f"row {odd + 1} has {_entries(shapes[odd])}",
            accepted="rows of one length",
        )
    return (len(value), *shapes[0])


def _entries(shape: Shape) -> str:
    if len(shape) == 1:
        return f"{shape[0]} {'entry' if shape[0] == 1 else 'entries'}"
    return describe(shape) if shape else "a single number"


def _flat(value: Any, depth: int) -> Iterator[Any]:
    if depth == 0:
        yield value
    else:
        for part in value:
            yield from _flat(part, depth - 1)


def _float(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
