"""Shapes: what is inferred, and what is said of shapes that do not fit."""

from __future__ import annotations

import pytest

from tests.work import growth
from verifier import cells
from verifier.errors import EquationError
from verifier.language.operations import OPERATIONS, Partial, Shape, describe
from verifier.language.parse import parse
from verifier.language.shapes import infer
from verifier.language.tree import Equation
from verifier.rewrites import column, optional

GRU = cells.load("gru").without(frozenset({"b_z", "b_r", "b_h"})).equations
LSTM = cells.load("lstm").equations
SEED: dict[str, Shape] = {
    "x": (2,),
    **dict.fromkeys(("U_z", "U_r"), (2, 1)),
    **dict.fromkeys(("W_z", "W_r"), (3, 1)),
    "U_h": (2, 3),
    "W_h": (3, 3),
}
HADAMARD_GRU = "z[t] = sigmoid(a*x[t] + b*s[t-1])\nh[t] = tanh(c*x[t] + d*(s[t-1]*z[t]))\n" + (
    "s[t] = (1 - z[t]) * h[t] + z[t] * s[t-1]"
)


def lstm(inputs: int, hidden: int) -> dict[str, Shape]:
    given: dict[str, Shape] = {"x": (inputs,)}
    for gate in "ifog":
        given |= {
            f"U_{gate}": (inputs, hidden),
            f"W_{gate}": (hidden, hidden),
            f"b_{gate}": (hidden,),
        }
    return given


def scalars(names: str) -> dict[str, Shape]:
    return dict.fromkeys(names, ())


INFERRED = [
    ("the seed", GRU, SEED, {"z": (1,), "r": (1,), "h": (3,), "s": (3,)}),
    (
        "hidden size 1",
        GRU,
        {
            **{
                name: ((len(shape) > 1 and shape[0] != 3 and 2) or 1, 1)
                for name, shape in SEED.items()
            }
        }
        | {"x": (2,)},
        dict.fromkeys("zrhs", (1,)),
    ),
    (
        "the seed in columns",
        column.turn(GRU),
        {name: shape[::-1] for name, shape in SEED.items()},
        {"z": (1,), "r": (1,), "h": (3,), "s": (3,)},
    ),
    ("an LSTM", LSTM, lstm(2, 3), dict.fromkeys("ifogch", (3,))),
    ("an LSTM of hidden size 1", LSTM, lstm(2, 1), dict.fromkeys("ifogch", (1,))),
    ("scalars only", parse(HADAMARD_GRU), scalars("abcdx"), dict.fromkeys("zhs", ())),
    (
        "a given state decides",
        parse(HADAMARD_GRU),
        scalars("abcdx") | {"s": (4,)},
        dict.fromkeys("zhs", (4,)),
    ),
    (
        "a scalar input to a vector",
        parse("h[t] = x[t] * U + h[t-1] @ W"),
        {"x": (), "U": (3,), "W": (3, 3)},
        {"h": (3,)},
    ),
    ("matrix inputs", parse("h[t] = x[t] @ U + h[t-1]"), {"x": (5, 2), "U": (2, 3)}, {"h": (5, 3)}),
    ("a given matrix state", parse("S[t] = S[t-1] @ A"), {"A": (3, 3), "S": (2, 3)}, {"S": (2, 3)}),
    (
        "backwards",
        parse("h[t] = tanh(x[t] @ U + h[t+1] @ W)"),
        {"x": (2,), "U": (2, 3), "W": (3, 3)},
        {"h": (3,)},
    ),
    ("concat", parse("y[t] = concat(a, x[t], 1)"), {"a": (2,), "x": (3,)}, {"y": (6,)}),
    (
        "concat of matrices",
        parse("y[t] = concat(x[t], a)"),
        {"a": (2, 1), "x": (2, 3)},
        {"y": (2, 4)},
    ),
    ("a dot product", parse("y[t] = x[t] @ a"), {"a": (2,), "x": (2,)}, {"y": ()}),
    ("transpose", parse("y[t] = a.T @ x[t]"), {"a": (2, 5), "x": (2,)}, {"y": (5,)}),
    ("softmax", parse("y[t] = softmax(x[t])"), {"x": (2,)}, {"y": (2,)}),
    ("clip", parse("y[t] = clip(x[t], 0, a)"), {"x": (2,), "a": ()}, {"y": (2,)}),
    ("a constant", parse("y[t] = 1 + 2"), {}, {"y": ()}),
    ("one entry beside a vector", parse("y[t] = a * x[t]"), {"a": (1,), "x": (3,)}, {"y": (3,)}),
    ("one entry beside a scalar", parse("y[t] = a * x[t]"), {"a": (1,), "x": ()}, {"y": (1,)}),
]


@pytest.mark.parametrize(
    ("equations", "given", "expected"), [row[1:] for row in INFERRED], ids=[r[0] for r in INFERRED]
)
def test_inferred(equations: object, given: dict[str, Shape], expected: dict[str, Shape]) -> None:
    shapes = infer(equations, given)  # type: ignore[arg-type]
    assert shapes == given | expected


MISFITS = [
    (
        "y[t] = x[t] @ U",
        {"x": (2,), "U": (3, 1)},
        "of y: a vector of 2 entries @ a 3×1 matrix: the inner sizes 2 and 3 differ",
        ("U", "x"),
    ),
    (
        "y[t] = a + b",
        {"a": (2,), "b": (3,)},
        "a vector of 3 entries and a vector of 2 entries",
        ("a", "b"),
    ),
    (
        "y[t] = a * b",
        {"a": (2, 2), "b": (2,)},
        "a vector of 2 entries and a 2×2 matrix",
        ("a", "b"),
    ),
    (
        "y[t] = a + b",
        {"a": (1, 2), "b": (3,)},
        "a vector of 3 entries beside a 1×2 matrix",
        ("a", "b"),
    ),
    ("y[t] = a @ b", {"a": (), "b": (3, 3)}, "a scalar cannot stand beside @", ("a", "b")),
    ("y[t] = 2 @ b", {"b": (3, 3)}, "a scalar cannot stand beside @", ("b",)),
    ("y[t] = a.T", {"a": (2,)}, ".T on a vector of 2 entries: a vector has no orientation", ("a",)),
    ("y[t] = a.T", {"a": ()}, ".T on a scalar", ("a",)),
    ("y[t] = softmax(a)", {"a": ()}, "softmax of a scalar", ("a",)),
    (
        "y[t] = clip(a, b, 1)",
        {"a": (2,), "b": (2,)},
        "a setting of the function is a vector of 2",
        ("a", "b"),
    ),
    (
        "y[t] = concat(a, b)",
        {"a": (2, 2), "b": (2,)},
        "concat of a 2×2 matrix, a vector of 2",
        ("a", "b"),
    ),
    ("z[t] = 1\ny[t] = 1 + a @ a", {"a": (2, 3)}, "a 2×3 matrix @ a 2×3 matrix", ("a",)),
    (
        "h[t] = a * h[t-1]",
        {"a": (2,), "h": ()},
        "h is a scalar as given, but its equation gives a vector of 2",
        (),
    ),
]


@pytest.mark.parametrize(("text", "given", "message", "about"), MISFITS)
def test_misfit_names_both_shapes_and_the_equation(
    text: str, given: dict[str, Shape], message: str, about: tuple[str, ...]
) -> None:
    with pytest.raises(EquationError) as raised:
        infer(parse(text), given)
    assert message in raised.value.what
    assert raised.value.about == about
    assert raised.value.accepted
    assert raised.value.place is not None
    assert raised.value.place.line == text.count("\n") + 1


UNINFERABLE = [
    ("s[t] = tanh(s[t-1])", {}, "'s'"),
    ("s[t] = 2 * s[t-1]", {}, "'s'"),
    ("s[t] = a @ s[t-1] + s[t-1]", {"a": (2,)}, "'s'"),
    ("a[t] = b[t-1]\nb[t] = a[t]", {}, "'a'"),
    ("z[t] = x[t]\ns[t] = s[t-1] @ s[t-1]", {"x": (2,)}, "'s'"),
    ("s[t] = s[t-1].T", {}, "'s'"),
    ("s[t] = a * s[t-1].T", {"a": (1,)}, "'s'"),
]


@pytest.mark.parametrize(("text", "given", "name"), UNINFERABLE)
def test_what_cannot_be_inferred_asks_for_a_value(
    text: str, given: dict[str, Shape], name: str
) -> None:
    with pytest.raises(EquationError, match=f"the shape of {name} cannot be inferred") as raised:
        infer(parse(text), given)
    assert "under [initial] or [final]" in raised.value.accepted


def test_matrix_state_without_a_value_is_as_wide_as_what_is_added() -> None:
    found = infer(parse("S[t] = S[t-1] @ A + B"), {"A": (3, 3), "B": (2, 3)})
    assert found["S"] == (2, 3)


def test_matrix_state_without_a_value_asks_for_one() -> None:
    with pytest.raises(EquationError, match="cannot go together") as raised:
        infer(parse("S[t] = (S[t-1] @ A) * B"), {"A": (3, 3), "B": (2, 3)})
    assert "a value for S under [initial]" in raised.value.accepted


RULES: list[tuple[str, list[Partial], Partial]] = [
    ("add", [(3,), None], (3,)),
    ("add", [(1,), None], None),
    ("add", [(), None], None),
    ("add", [(), (1,)], (1,)),
    ("add", [(2, 3), (1,)], (2, 3)),
    ("add", [None, None], None),
    ("matmul", [None, (2, 3)], (3,)),
    ("matmul", [(2, 3), None], (2,)),
    ("matmul", [None, (2,)], None),
    ("matmul", [(2,), None], None),
    ("matmul", [(4, 2), (2, 3)], (4, 3)),
    ("matmul", [(2,), (2, 3)], (3,)),
    ("matmul", [(4, 2), (2,)], (4,)),
    ("transpose", [None], None),
    ("concat", [(), ()], (2,)),
    ("concat", [(2,), None], None),
    ("softmax", [(2, 3)], (2, 3)),
    ("leaky_relu", [(2,), ()], (2,)),
    ("leaky_relu", [None, ()], None),
    ("add", [(2, 3), (3,)], (2, 3)),
    ("subtract", [(3,), (2, 3)], (2, 3)),
    ("add", [(2, 1), (1,)], (2, 1)),
    ("outer", [(2,), (3,)], (2, 3)),
    ("outer", [None, (3,)], None),
    ("sum", [(2, 3)], ()),
    ("sum", [None], ()),
]

WITH_WHOLES: list[tuple[str, Shape, tuple[int | None, ...], Shape]] = [
    ("sum", (2, 3), (0,), (3,)),
    ("mean", (2, 3), (1,), (2,)),
    ("power", (2, 3), (2,), (2, 3)),
    ("slice", (5,), (1, None), (4,)),
    ("slice", (5,), (-2, None), (2,)),
    ("slice", (5, 3), (0, 2), (2, 3)),
    ("slice", (5, 3), (None, None, 1, 3), (5, 2)),
    ("pad", (2, 3), (1, 2), (2, 6)),
    ("fill", (), (2, 3), (2, 3)),
    ("fill", (3,), (2,), (2, 3)),
]


@pytest.mark.parametrize(("operation", "shape", "wholes", "expected"), WITH_WHOLES)
def test_rule_with_whole_numbers(
    operation: str, shape: Shape, wholes: tuple[int | None, ...], expected: Shape
) -> None:
    assert OPERATIONS[operation].shape([shape], *wholes) == expected


REFUSED: list[tuple[str, Shape, tuple[int | None, ...], str]] = [
    ("sum", (2,), (1,), "axis 1 of a vector of 2 entries"),
    ("sum", (), (0,), "axis 0 of a scalar"),
    ("slice", (5,), (3, 3), r"the slice \[3:3\] of 5 entries"),
    ("slice", (5,), (0, 6), r"the slice \[0:6\] of 5 entries"),
    ("slice", (5,), (-6, None), r"the slice \[-6:\] of 5 entries"),
    ("slice", (5,), (0, 1, 0, 1), "2 slices of a vector"),
    ("slice", (), (0, 1), "1 slice of a scalar"),
    ("pad", (), (1, 1), "pad of a scalar"),
    ("pad", (2,), (-1, 1), "pad of a vector of 2 entries by -1 and 1"),
    ("fill", (2, 2), (3,), "fill of a 2×2 matrix"),
    ("fill", (), (0,), "fill of a scalar by 0"),
]


@pytest.mark.parametrize(("operation", "shape", "wholes", "message"), REFUSED)
def test_rule_refuses(
    operation: str, shape: Shape, wholes: tuple[int | None, ...], message: str
) -> None:
    with pytest.raises(EquationError, match=message):
        OPERATIONS[operation].shape([shape], *wholes)


@pytest.mark.parametrize(("operation", "shapes", "expected"), RULES)
def test_rule(operation: str, shapes: list[Partial], expected: Partial) -> None:
    assert OPERATIONS[operation].shape(shapes) == expected


def test_describe() -> None:
    shapes: list[Shape] = [(), (1,), (3,), (2, 3)]
    words = ["a scalar", "a vector of 1 entry", "a vector of 3 entries", "a 2×3 matrix"]
    assert [describe(shape) for shape in shapes] == words


DROPPED = [
    ("y[t] = a + b", "y[t] = a"),
    ("y[t] = b + a", "y[t] = a"),
    ("y[t] = x[t] @ a + s[t-1] @ c + b", "y[t] = x[t] @ a + s[t-1] @ c"),
    ("y[t] = a + b + d", "y[t] = a"),
    ("y[t] = tanh(x[t] @ a + b) + b", "y[t] = tanh(x[t] @ a)"),
    ("y[t] = a * (c + b)", "y[t] = a * c"),
    ("y[t] = (b + d) + a", "y[t] = a"),
    ("y[t] = a + (b + d)", "y[t] = a"),
    ("y[t] = a - b", "y[t] = a"),
    ("y[t] = b - a", "y[t] = -a"),
    ("y[t] = b * a", "y[t] = b * a"),
    ("y[t] = b + d", "y[t] = b + d"),
    ("y[t] = a + c", "y[t] = a + c"),
]


@pytest.mark.parametrize(("text", "left"), DROPPED)
def test_absent_terms_are_dropped(text: str, left: str) -> None:
    (dropped,) = optional.drop(parse(text), frozenset({"b", "d"}))
    assert dropped.expression == parse(left)[0].expression


TURNED = [
    ("y[t] = x[t] @ U + s[t-1] @ W", "y[t] = U @ x[t] + W @ s[t-1]"),
    ("y[t] = tanh((s[t-1] * r) @ W) @ V", "y[t] = V @ tanh(W @ (s[t-1] * r))"),
    ("y[t] = x[t] @ A @ B", "y[t] = B @ (A @ x[t])"),
    ("y[t] = a * b", "y[t] = a * b"),
]


@pytest.mark.parametrize(("text", "turned"), TURNED)
def test_column_convention_turns_products(text: str, turned: str) -> None:
    (equation,) = column.turn(parse(text))
    assert equation.expression == parse(turned)[0].expression


def long_chain(count: int) -> list[Equation]:
    """Equations that each need the next one."""
    lines = [f"a{i}[t] = a{i + 1}[t] * 1" for i in range(count)]
    return list(parse("\n".join([*lines, f"a{count}[t] = x[t]"])))


def test_the_work_of_inferring_grows_with_the_equations_whatever_their_order() -> None:
    assert infer(long_chain(600), {"x": (3,)})["a0"] == (3,)
    for order in (1, -1):
        sizes = {count: long_chain(count)[::order] for count in (300, 600)}
        assert growth(lambda count, sizes=sizes: infer(sizes[count], {"x": (3,)}), 300) < 2.2
