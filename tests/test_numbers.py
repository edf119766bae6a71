"""Numbers: texts are kept, values are exact, and what is no number is refused."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.work import calls
from verifier.errors import ProblemError
from verifier.numbers import Numbers, read_number

READ = [
    ("0.10", "0.10", Fraction(1, 10)),
    (".5", ".5", Fraction(1, 2)),
    ("5.", "5.", Fraction(5)),
    ("-5", "-5", Fraction(-5)),
    ("+5", "5", Fraction(5)),
    ("-.5", "-.5", Fraction(-1, 2)),
    ("1e-3", "1e-3", Fraction(1, 1000)),
    ("1E3", "1E3", Fraction(1000)),
    ("2.50e+2", "2.50e+2", Fraction(250)),
    (".5e1", ".5e1", Fraction(5)),
    ("5.e1", "5.e1", Fraction(50)),
    ("1/3", "1/3", Fraction(1, 3)),
    ("-22/7", "-22/7", Fraction(-22, 7)),
    ("4/6", "4/6", Fraction(2, 3)),
    ("1_000", "1000", Fraction(1000)),
    ("1_0.0_1", "10.01", Fraction(1001, 100)),
    ("1_0/3_0", "10/30", Fraction(1, 3)),
    ("  7 \n", "7", Fraction(7)),
    ("-0", "-0", Fraction(0)),
    ("00.50", "00.50", Fraction(1, 2)),
    ("1e999", "1e999", Fraction(10**999)),
    ("1e-999", "1e-999", Fraction(1, 10**999)),
]


@pytest.mark.parametrize(("text", "kept", "value"), READ)
def test_text_is_kept_and_value_exact(text: str, kept: str, value: Fraction) -> None:
    assert read_number(text) == kept
    numbers = Numbers.typed(text)
    assert numbers.shape == ()
    assert numbers.text(0) == kept
    assert numbers.fractions == (value,)


REFUSED = [
    "nan",
    "NaN",
    "inf",
    "-inf",
    "Infinity",
    "0x10",
    "0b1",
    "1e",
    "1e+",
    "e5",
    ".",
    "-",
    "+",
    "--",
    "--1",
    "1..2",
    "1.2.3",
    "1,5",
    "1/",
    "/3",
    "1/2/3",
    "1/-3",
    "1.5/2",
    "1/2.5",
    "1e3/2",
    "_1",
    "1_",
    "1__0",
    "1_.5",
    "1._5",
    "٣",
    "½",
    "１",
    "1j",
    "1d5",
    "1f",
    "0.5%",
    "$1",
    "a",
    "1a",
    "<b>",
    "\\input",
    "1/0",
    "1/00",
    "0/0",
    "1e9999",
    "1e-99999",
    "1e1000000000",
    "True",
    "None",
]


@pytest.mark.parametrize("text", [*REFUSED, "", " ", "1 2", "1 /3", "1\n2", "1\0", "0" * 2001])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ProblemError) as raised:
        read_number(text)
    assert raised.value.accepted
    assert len(str(raised.value)) < 300


@pytest.mark.parametrize(
    "text",
    [
        "9" * 10**7,
        "1/" + "9" * 10**6,
        "1e" + "9" * 10**6,
        "1_" * 10**6,
        "0." + "_0" * 999,
        "9" * 1999,
    ],
)
def test_long_texts_take_little_work(text: str) -> None:
    said = ""
    try:
        read_number(text)
    except ProblemError as error:
        said = str(error)
    assert len(said) < 300
    assert calls(lambda: read_number(text)) < 50  # the length is looked at first


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=12, min_value=-(10**6), max_value=10**6
    )
)
def test_every_decimal_is_read_exactly(value: Any) -> None:
    assert Numbers.typed(f"{value:f}").fractions == (Fraction(value),)


SHAPES: list[tuple[Any, tuple[int, ...], str]] = [
    ("1", (), "1"),
    (1, (), "1"),
    (Fraction(1, 3), (), "1/3"),
    (["1", "2.0"], (2,), "1 2.0"),
    ([["1", "2"], ["3", "4"], ["5", "6"]], (3, 2), "1 2 3 4 5 6"),
    ([[["1"], ["2"]], [["3"], ["4"]]], (2, 2, 1), "1 2 3 4"),
    ([["1"]], (1, 1), "1"),
]


@pytest.mark.parametrize(("value", "shape", "texts"), SHAPES)
def test_nested_lists_have_a_shape(value: Any, shape: tuple[int, ...], texts: str) -> None:
    numbers = Numbers.typed(value)
    assert numbers.shape == shape
    assert numbers.texts == tuple(texts.split())
    assert numbers.size == len(numbers.fractions) == numbers.objects.size
    assert numbers.objects.shape == shape


def nested(levels: int) -> Any:
    value: Any = "1"
    for _ in range(levels):
        value = [value]
    return value


RAGGED: list[tuple[Any, str]] = [
    ([["1", "2"], ["3"]], "row 1 has 2 entries, row 2 has 1 entry"),
    ([["1"], ["2"], "3"], "row 1 has 1 entry, row 3 has a single number"),
    (["1", ["2"]], "row 1 has a single number, row 2 has 1 entry"),
    ([[["1"], ["2"]], [["1"], ["2", "3"]]], "row 1 has 1 entry, row 2 has 2 entries"),
    ([[["1", "2"]], [["1", "2", "3"]]], "row 1 has a 1×2 matrix, row 2 has a 1×3 matrix"),
    ([], "an empty list"),
    ([[]], "an empty list"),
    (nested(4), "lists nested deeper than 3"),
    (nested(100_000), "lists nested deeper than 3"),
    ([["1", "nan"]], "'nan' is no number"),
    ([True], "'True' is no number"),
    (None, "'None' is no number"),
    (16**6000, "very many digits"),
]


@pytest.mark.parametrize(("value", "message"), RAGGED, ids=range(len(RAGGED)))
def test_bad_lists_are_refused(value: Any, message: str) -> None:
    with pytest.raises(ProblemError) as raised:
        Numbers.typed(value)
    assert message in raised.value.what


def test_rows_and_transpose_keep_texts() -> None:
    matrix = Numbers.typed([["1.0", "2"], ["3", "4"], ["5", "6"]])
    assert matrix.row(1).texts == ("3", "4")
    assert matrix.row(1).shape == (2,)
    assert matrix.transposed.texts == ("1.0", "3", "5", "2", "4", "6")
    assert matrix.transposed.shape == (2, 3)
    assert Numbers.typed(["1", "2"]).row(1).shape == ()
    cube = Numbers.typed([[["1", "2"]], [["3", "4"]]])
    assert (cube.row(1).shape, cube.row(1).texts) == ((1, 2), ("3", "4"))


def test_rows_and_transpose_keep_floats() -> None:
    matrix = Numbers.of_floats(np.array([[0.1, 2], [3, 4], [5, 6]], np.float32))
    assert matrix.row(2).fractions == (5, 6)
    assert matrix.row(0).text(0) == "0.1"
    assert matrix.transposed.fractions == (Fraction(float(np.float32(0.1))), 3, 5, 2, 4, 6)
    assert matrix.transposed.shape == (2, 3)
    assert matrix.transposed.integers()[0][1] == 3 * matrix.integers()[1]


def test_zeros() -> None:
    assert Numbers.zeros((2, 1)).texts == ("0", "0")
    assert Numbers.zeros(()).fractions == (0,)


def test_integers_of_texts() -> None:
    assert Numbers.typed(["1/2", "-1/3", "0.25"]).integers() == ([6, -4, 3], 12)
    assert Numbers.typed(["0", "0"]).integers() == ([0, 0], 1)


@given(
    st.lists(
        st.from_regex(r"-?[0-9]{1,4}(\.[0-9]{0,5})?(e-?[0-9])?|-?[0-9]{1,3}/[1-9]", fullmatch=True)
    )
)
def test_integers_are_the_fractions(texts: list[str]) -> None:
    """Decimals need no fractions on the way; with a quotient or a power among them, all do."""
    numbers = Numbers.typed([*texts, "-0.50", ".5", "3."])
    integers, denominator = numbers.integers()
    assert tuple(Fraction(entry, denominator) for entry in integers) == numbers.fractions


FORMATS = [np.float16, ml_dtypes.bfloat16, np.float32, np.float64, np.dtype(">f4"), np.dtype(">f8")]
INTEGERS = {2: np.uint16, 4: np.uint32, 8: np.uint64}


def exact(array: Any) -> list[Fraction]:
    """Each float as the dyadic rational that its bits say, read from the bits alone."""
    info = ml_dtypes.finfo(
        array.dtype.newbyteorder("=") if array.dtype.kind == "f" else array.dtype
    )
    bits, mantissa, bias = info.bits, info.nmant, 2 ** (info.bits - info.nmant - 2) - 1
    native = array if array.dtype.kind != "f" else array.astype(array.dtype.newbyteorder("="))
    found = []
    for word in native.view(INTEGERS[bits // 8]).ravel().tolist():
        sign, power = (
            -1 if word >> (bits - 1) else 1,
            (word >> mantissa) % 2 ** (bits - mantissa - 1),
        )
        rest = word % 2**mantissa + (2**mantissa if power else 0)
        found.append(sign * rest * Fraction(2) ** (max(power, 1) - bias - mantissa))
    return found


def check(array: Any) -> None:
    numbers = Numbers.of_floats(array)
    expected = exact(array)
    integers, denominator = numbers.integers()
    assert list(numbers.fractions) == expected
    assert all(type(entry) is int for entry in integers)
    assert [Fraction(entry, denominator) for entry in integers] == expected


@pytest.mark.parametrize("dtype", FORMATS, ids=str)
def test_extreme_floats_are_their_dyadics(dtype: Any) -> None:
    info = ml_dtypes.finfo(
        np.dtype(dtype).newbyteorder("=") if np.dtype(dtype).kind == "f" else dtype
    )
    tiny, least = float(info.smallest_subnormal), float(info.smallest_normal)
    largest, eps = float(info.max), float(info.eps)
    rows: list[list[float]] = [
        [0.0, -0.0],
        [1.0, -1.5, 0.25, 3.0],
        [0.1, 0.2, -0.3],
        [tiny],
        [tiny, -tiny * 3, least, 0.0],
        [least, 1.0],
        [largest],
        [largest, tiny, 0.0],
        [-largest, 1.0, eps],
        [1.0 + eps, 1.0 - eps / 2],
        [2.0**9, 2.0**-9],
    ]
    for row in rows:
        check(np.array(row).astype(dtype))


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16], ids=str)
def test_all_floats_of_16_bits(dtype: Any) -> None:
    every = np.arange(2**16, dtype=np.uint16).view(dtype)
    with np.errstate(invalid="ignore"):
        finite = np.isfinite(every.astype(np.float64))
    check(every[finite])
    for index in np.flatnonzero(~finite).tolist():
        with pytest.raises(ProblemError, match="nan or infinity"):
            Numbers.of_floats(every[index : index + 1])


@pytest.mark.parametrize("width", [16, 32, 64])
@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_floats_are_their_dyadics(width: Any, data: st.DataObject) -> None:
    floats = st.floats(width=width, allow_nan=False, allow_infinity=False)
    check(np.array(data.draw(st.lists(floats, min_size=1, max_size=6)), f"f{width // 8}"))


BOTH_PATHS = [
    ([1.5, 0.1], True),
    ([2.0**60, 0.5], False),
    ([1e300, 1e-300], False),
    ([5e-324], False),
]


@pytest.mark.parametrize(("values", "short"), BOTH_PATHS)
def test_short_and_long_integers(values: list[float], short: bool) -> None:
    integers, denominator = Numbers.of_floats(np.array(values)).integers()
    assert [Fraction(entry, denominator) for entry in integers] == [Fraction(v) for v in values]
    assert (max(map(abs, integers)) < 2**63) is short or values == [5e-324]


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.array([1.0, np.nan]), "nan or infinity"),
        (np.array([-np.inf], np.float16), "nan or infinity"),
        (np.array([np.inf], ml_dtypes.bfloat16), "nan or infinity"),
        (np.zeros((0, 3)), "an empty array"),
        (np.zeros((1, 1, 1, 1)), "an array of 4 axes"),
    ],
)
def test_bad_arrays_are_refused(array: Any, message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        Numbers.of_floats(array)


@pytest.mark.parametrize(
    ("dtype", "text"), [("f2", "0.1"), ("f4", "0.1"), ("f8", "0.1"), (ml_dtypes.bfloat16, "0.1")]
)
def test_a_float_prints_as_the_shortest_decimal_that_reads_back(dtype: Any, text: str) -> None:
    assert Numbers.of_floats(np.array([0.1]).astype(dtype)).text(0).startswith(text)


def test_a_single_float_is_a_double_that_nobody_writes_to() -> None:
    found = Numbers((), (), floats=np.float64(0.25)).doubles
    assert found == 0.25
    assert not found.flags.writeable
