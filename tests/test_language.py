"""The language: texts and their trees, and what a text that cannot be read is told."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.work import calls, growth
from verifier.errors import EquationError
from verifier.language.parse import parse, parse_expression
from verifier.language.tree import (
    Array,
    Call,
    Expression,
    Name,
    Number,
    Whole,
    names,
    nodes,
    replace,
)


def call(operation: str, *arguments: Expression) -> Call:
    return Call(operation, arguments)


A, B, C = Name("a"), Name("b"), Name("c")
X, S, N = Name("x", 0), Name("s", -1), Name("s", 1)

TREES = [
    ("a", A),
    ("x[t]", X),
    ("s[t-1]", S),
    ("s[ t - 1 ]", S),
    ("s[(t-1)]", S),
    ("s[t+1]", N),
    ("a + b", call("add", A, B)),
    ("a - b - c", call("subtract", call("subtract", A, B), C)),
    ("a - (b - c)", call("subtract", A, call("subtract", B, C))),
    ("a + b * c", call("add", A, call("multiply", B, C))),
    ("(a + b) * c", call("multiply", call("add", A, B), C)),
    ("a / b / c", call("divide", call("divide", A, B), C)),
    ("a @ b", call("matmul", A, B)),
    ("a @ b.T", call("matmul", A, call("transpose", B))),
    ("(a @ b).T", call("transpose", call("matmul", A, B))),
    ("-a * b", call("multiply", call("negate", A), B)),
    ("-(a * b)", call("negate", call("multiply", A, B))),
    ("--a", call("negate", call("negate", A))),
    ("+a", A),
    ("1", Number("1")),
    ("0.10", Number("0.10")),
    (".5", Number(".5")),
    ("5.", Number("5.")),
    ("1e-3", Number("1e-3")),
    ("1_000", Number("1000")),
    ("1_0.0_1", Number("10.01")),
    ("(  0.10)", Number("0.10")),
    ("-0.5", call("negate", Number("0.5"))),
    ("sigmoid(a)", call("sigmoid", A)),
    ("concat(a, b, c)", call("concat", A, B, C)),
    ("clip(a, 0, 1)", call("clip", A, Number("0"), Number("1"))),
    ("leaky_relu(a)", call("leaky_relu", A)),
    ("leaky_relu(a, 0.2)", call("leaky_relu", A, Number("0.2"))),
    ("hard_sigmoid_relu6(a)", call("hard_sigmoid_relu6", A)),
    ("σ_1", Name("σ_1")),
    ("a ** 2", call("power", A, Whole(2))),
    ("-a ** -2", call("negate", call("power", A, Whole(-2)))),
    ("square(a)", call("power", A, Whole(2))),
    ("a[0:2]", call("slice", A, Whole(0), Whole(2))),
    ("a[:, 1:]", call("slice", A, Whole(None), Whole(None), Whole(1), Whole(None))),
    ("s[t][-2:]", call("slice", Name("s", 0), Whole(-2), Whole(None))),
    ("sum(a)", call("sum", A)),
    ("sum(a, 0)", call("sum", A, Whole(0))),
    ("mean(a, axis=1)", call("mean", A, Whole(1))),
    ("fill(a, 2, 3)", call("fill", A, Whole(2), Whole(3))),
    ("sqrt(2 / pi())", call("sqrt", call("divide", Number("2"), call("pi")))),
]


@pytest.mark.parametrize(("text", "tree"), TREES)
def test_text_has_this_tree(text: str, tree: Expression) -> None:
    assert parse_expression(text) == tree


@pytest.mark.parametrize(
    "text",
    [
        "z[t] = a\nh[t] = z[t]",
        "\n\n  # a comment\n  z[t] = a  # another\n\n\n  h[t] = z[t]\n",
        "    z[t] = a\n  h[t] = z[t]",
        "z[t] = a\r\nh[t] = z[t]\r\n",
        "z[t] = a\rh[t] = z[t]",
        "z[t] = a; h[t] = z[t]",
        "z[t] = (\n  a\n)\nh[t] = \\\n  z[t]",
    ],
)
def test_equations_stand_one_a_line(text: str) -> None:
    first, second = parse(text)
    assert (first.name, first.expression) == ("z", A)
    assert (second.name, second.expression) == ("h", Name("z", 0))


def test_an_equation_knows_its_place() -> None:
    first, second = parse("z[t] = a\n\n  händ[t] = z[t]")
    assert first.place is not None
    assert second.place is not None
    assert (first.place.line, first.place.column, first.place.width) == (1, 1, 4)
    assert (second.place.line, second.place.column, second.place.width) == (3, 3, 7)
    assert second.place.text == "  händ[t] = z[t]"


# The text, what is said of it, the line, and the carets below the line.
ERRORS = [
    ("z[t] = (a", "was never closed", 1, "       ^"),
    ("z[t] = a b", "invalid syntax", 1, "         ^"),
    ("é[t] = ?", "cannot be read: invalid syntax", 1, "       ^"),
    (
        "z[t] = ü + sigmiod(a)",
        "'sigmiod' is not known; did you mean 'sigmoid'",
        1,
        " " * 11 + "^" * 7,
    ),
    ("z[t] = a\n   h[t] = foo(a)", "the function 'foo' is not known", 2, " " * 10 + "^^^"),
    ("z[t] = a\nz[t] = b", "'z' is defined twice", 2, "^^^^^^^^"),
    ("z[t] = a\nh[t] = é + z", "'z' stands without a step", 2, "           ^"),
    ("z[t] = x + x[t]", "'x' stands without a step", 1, "       ^"),
    ("z[t] = s[t-2]", "the step [t-2]", 1, "       ^^^^^^"),
    ("z[t] = s[t+2]", "the step [t+2]", 1, "       ^^^^^^"),
    ("z[t] = s[t-1.0]", "the step [t-1.0]", 1, "       ^^^^^^^^"),
    ("z[t] = s[t-True]", "the step [t-True]", 1, "       ^^^^^^^^^"),
    ("z[t] = s[1]", "the step [1]", 1, "       ^^^^"),
    ("z[t] = s[t, 1]", "the step [t, 1]", 1, "       ^^^^^^^"),
    ("z[t] = s[t:]", "'t' where a whole number belongs", 1, "         ^"),
    ("z[t] = s[::2]", "a slice with a stride", 1, "       ^^^^^^"),
    ("z[t] = s[0:1, 0:1, 0:1]", "this slice cannot be read", 1, "       ^^^^^^^^^^^^^^^^"),
    ("z[t] = s[0:1, t]", "this slice cannot be read", 1, "       ^^^^^^^^^"),
    ("z[t] = s[u-1]", "the step [u-1]", 1, "       ^^^^^^"),
    ("z[t] = s[t\n-2]", "the step [t", 1, "       ^^^"),
    ("z[t] = s['t']", "the step [", 1, "       ^^^^^^"),
    ("z[t] = s[t][t]", "only a name can have a step", 1, "       ^^^^^^^"),
    ("z[t-1] = a", "'z' is defined at another step", 1, "^^^^^^"),
    ("z = a", "the left-hand side is no quantity", 1, "^"),
    ("z[t], y[t] = a", "the left-hand side is no quantity", 1, "^^^^^^^^^^"),
    ("z[t] = y[t] = a", "this is no equation", 1, "^" * 15),
    ("z[t] += a", "this is no equation", 1, "^^^^^^^^^"),
    ("z[t]: int = a", "this is no equation", 1, "^" * 13),
    ("a", "this is no equation", 1, "^"),
    ("import os", "this is no equation", 1, "^^^^^^^^^"),
    ("", "there is no equation", 1, ""),
    ("# nothing", "there is no equation", 1, "^"),
    ("z[t] = a.shape", "the attribute .shape", 1, "       ^^^^^^^"),
    ("z[t] = a.t", "the attribute .t", 1, "       ^^^"),
    ("z[t] = tanh(x=a)", "an argument with a keyword", 1, "            ^^^"),
    ("z[t] = clip(a, high=1, low=0)", "an argument with a keyword", 1, " " * 15 + "^" * 6),
    ("z[t] = tanh(*a)", "Starred has no meaning", 1, "            ^^"),
    ("z[t] = tanh()", "tanh with 0 arguments", 1, "       ^^^^^^"),
    ("z[t] = tanh(a, b)", "tanh with 2 arguments", 1, "       ^^^^^^^^^^"),
    ("z[t] = clip(a, b)", "clip with 2 arguments", 1, "       ^^^^^^^^^^"),
    ("z[t] = concat()", "concat with 0 arguments", 1, "       ^^^^^^^^"),
    ("z[t] = a.tanh()", "this call cannot be read", 1, "       ^^^^^^^^"),
    ("z[t] = 1(2)", "this call cannot be read", 1, "       ^^^^"),
    ("z[t] = 'a'", "'a' is no decimal number", 1, "       ^^^"),
    ("z[t] = '\\d'", "is no decimal number", 1, "       ^^^^"),
    ("z[t] = f'{a}'", "JoinedStr has no meaning", 1, "       ^^^^^^"),
    ("z[t] = b'a'", "is no decimal number", 1, "       ^^^^"),
    ("z[t] = True", "True is no decimal number", 1, "       ^^^^"),
    ("z[t] = None", "None is no decimal number", 1, "       ^^^^"),
    ("z[t] = ...", "... is no decimal number", 1, "       ^^^"),
    ("z[t] = 0x10", "0x10 is no decimal number", 1, "       ^^^^"),
    ("z[t] = 0b1", "0b1 is no decimal number", 1, "       ^^^"),
    ("z[t] = 1j", "1j is no decimal number", 1, "       ^^"),
    ("z[t] = 1e9999", "1e9999 is no decimal number", 1, "       ^^^^^^"),
    ("z[t] = 007", "leading zeros", 1, "       ^"),
    ("z[t] = 1if a else 2", "IfExp has no meaning", 1, "       ^^^^^^^^^^^^"),
    ("z[t] = a ** b", "'b' where a whole number belongs", 1, "            ^"),
    ("z[t] = a ** 0.5", "'0.5' where a whole number belongs", 1, "            ^^^"),
    ("z[t] = a ** 101", "'101' where a whole number belongs", 1, "            ^^^"),
    ("z[t] = a // 2", "the operator FloorDiv", 1, "       ^^^^^^"),
    ("z[t] = sum(a, 0.5)", "'0.5' where a whole number belongs", 1, "              ^^^"),
    ("z[t] = tanh(a, axis=0)", "an argument with a keyword", 1, "               ^^^^^^"),
    ("z[t] = in + 1", "'in' is a word of Python", 1, "       ^"),
    ("z[t] = is[t-1]", "'is' is a word of Python", 1, "       ^"),
    ("z[t] = a % 2", "the operator Mod", 1, "       ^^^^^"),
    ("z[t] = ~a", "the operator Invert", 1, "       ^^"),
    ("z[t] = not a", "the operator Not", 1, "       ^^^^^"),
    ("z[t] = a < b", "Compare has no meaning", 1, "       ^^^^^"),
    ("z[t] = [a]", "List has no meaning", 1, "       ^^^"),
    ("z[t] = a[0]", "the step [0]", 1, "       ^^^^"),
    ("z[t] = lambda: a", "Lambda has no meaning", 1, "       ^^^^^^^^^"),
    ("z[t] = (y := a)", "NamedExpr has no meaning", 1, "        ^^^^^^"),
    ("z[t] = __import__('os')", "the function '__import__' is not known", 1, "       ^^^^^^^^^^"),
    ("z[t] = t", "'t' cannot be a name", 1, "       ^"),
    ("tanh[t] = a", "'tanh' cannot be a name", 1, "^^^^"),
    ("z[t] = sigmoid", "'sigmoid' cannot be a name", 1, "       ^^^^^^^"),
    ("z[t] = a\0", "cannot be read", 1, "^"),
    ("z[t] = a + \ud800", "cannot be read", 1, "^"),
    ("z[t] = a\u00a0+ b", "invalid non-printable character", 1, "        ^"),
    ("if a:\n z[t] = 1", "cannot be read", 2, " ^"),
    ("z[t] = " + "n" * 101, "a name of 101 characters", 1, "       " + "^" * 93),
    ("z[t] = 0." + "3" * 1999, "a number of 2001 characters", 1, None),
    ("z[t] = " + "9" * 5000, "too many digits", 1, "^"),
]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("text", "message", "line", "carets"), ERRORS)
def test_error_names_cause_line_and_column(
    text: str, message: str, line: int, carets: str | None
) -> None:
    with pytest.raises(EquationError) as raised:
        parse(text)
    error = raised.value
    assert message in error.what
    assert error.place is not None
    assert error.place.line == line
    assert error.accepted
    picture = error.place.picture()
    if carets is not None:
        assert picture.split("\n")[-1].removeprefix(f"  {' ' * len(str(line))} | ") == carets
        assert not carets or error.place.column == len(carets) - len(carets.lstrip()) + 1
    assert str(error).startswith(f"<equations>:{line}:{error.place.column}: ")


HUGE = [
    "z[t] = " + "(" * 9_990 + "1" + ")" * 9_990,
    "z[t] = " + "+".join(["a"] * 5_000),
    "z[t] = " + "+".join(["x[t]"] * 3_900),
    "z[t] = " + "-" * 19_000 + "1",
    "z[t] = " + "-" * 900 + "1",
    "z[t] = a" + ".T" * 9_000,
    "z[t] = " + "tanh(" * 150 + "a" + ")" * 150,
    "z[t] = " + "tanh(" * 3_000 + "a" + ")" * 3_000,
    "z[t] = " + "lambda:" * 2_800 + "1",
    "z[t] = " + "a if b else " * 1_600 + "c",
    "z[t] = " + "[" * 10_000,
    "z[" + "-" * 1_500 + "t] = 1",
    "z[t-0x" + "f" * 15_000 + "] = 1",
    "z[t] = a[" + "-" * 1_500 + "t]",
    "z[t] = a[t-0x" + "f" * 15_000 + "]",
    "z[t] = " + "a[" * 150 + "t" + "]" * 150,
    "z[t] = '" + "a" * 19_000 + "'",
    "z[t] = " + "f" * 19_000 + "(a)",
    "z[t] = 1" * 3_000,
    "z[t] = 1\n" * 30_000,
    "(" * 10_000_000,
]


@pytest.mark.parametrize("text", HUGE, ids=range(len(HUGE)))
def test_huge_input_is_refused_shortly_and_after_little_work(text: str) -> None:
    with pytest.raises(EquationError) as raised:
        parse(text)
    assert raised.value.place is not None
    assert len(str(raised.value)) < 600
    lines, depth = text.count("\n"), len(text) if len(text) < 1_000 else 0
    assert calls(lambda: parse(text)) < 400 + lines + 20 * depth


def read_concat(count: int) -> None:
    """Read an equation of so many numbers."""
    (equation,) = parse(f"z[t] = concat({', '.join(['0.25'] * count)})")
    assert len(list(nodes(equation.expression))) == count + 1


def test_the_work_of_reading_grows_with_the_numbers() -> None:
    assert growth(read_concat, 1_500) < 2.2


def test_depth_100_is_read() -> None:
    tree = parse_expression("+".join("a" * 100))
    assert max(len(path) for path, _ in nodes(tree)) == 99


@given(st.text("zxst[]-+*@/.=()1 \n\r\t\f0eTanh'\"\\#é{}:;,", max_size=60))
@settings(max_examples=400, deadline=None)
def test_only_equation_errors_escape(text: str) -> None:
    error = None
    try:
        assert parse(text)
    except EquationError as raised:
        error = raised
    if error is not None:
        assert error.place is not None
        assert str(error).count("\n") <= 3


LEAVES = st.sampled_from([A, B, X, S, Number("2"), Number("0.10")])
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(
            lambda op, left, right: call(op, left, right),
            st.sampled_from(["add", "subtract", "multiply", "divide", "matmul"]),
            inner,
            inner,
        ),
        st.builds(
            lambda op, part: call(op, part),
            st.sampled_from(["negate", "transpose", "tanh", "sigmoid"]),
            inner,
        ),
        st.builds(lambda *parts: call("concat", *parts), inner, inner, inner),
    ),
    max_leaves=12,
)
SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "matmul": "@"}


def written(tree: Expression) -> str:
    """The tree with every bracket written."""
    match tree:
        case Name(name, offset):
            return name if offset is None else name + {0: "[t]", -1: "[t-1]", 1: "[t+1]"}[offset]
        case Number(text):
            return text
        case Call("negate", (part,)):
            return f"(-{written(part)})"
        case Call("transpose", (part,)):
            return f"({written(part)}).T"
        case Call(operation, (left, right)) if operation in SIGNS:
            return f"({written(left)} {SIGNS[operation]} {written(right)})"
        case Call(operation, parts):
            return f"{operation}({', '.join(map(written, parts))})"
    raise AssertionError(tree)


@given(EXPRESSIONS)
@settings(deadline=None)
def test_print_and_parse_round_trip(tree: Expression) -> None:
    assert parse_expression(written(tree)) == tree


def test_names_come_in_source_order() -> None:
    tree = parse_expression("b * a + x[t] @ (a - s[t-1])")
    assert list(names(tree)) == [B, A, X, A, S]


def test_replace_stops_at_the_outermost() -> None:
    tree = parse_expression("tanh(tanh(a)) + b")
    rule = lambda node, path: A if isinstance(node, Call) and node.operation == "tanh" else None  # noqa: E731
    assert replace(tree, rule) == call("add", A, B)
    assert replace(Array((A, B)), lambda node, path: B if path == (0,) else None) == Array((B, B))
