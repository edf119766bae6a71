"""Notation: a table of markup, printing and reading back, page layout, and what Markdown eats."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from verifier.language.operations import FUNCTIONS, Shape
from verifier.language.parse import parse_expression
from verifier.language.tree import Array, Call, Expression, Name, Number, Whole, nodes
from verifier.notation.accents import ACCENTS, Accent, composed
from verifier.notation.indices import axis_of
from verifier.notation.latex import LatexPrinter, MarkdownPrinter
from verifier.notation.layout import DOTS, fitted, narrowed, shown, terms
from verifier.notation.mathml import MathmlPrinter
from verifier.notation.paper import in_columns, on_paper
from verifier.notation.precedence import ATOM, LEVEL, NEEDS
from verifier.notation.printer import Printer
from verifier.notation.spelling import Spelling, is_spelling, spelled
from verifier.notation.spoken import SpokenPrinter
from verifier.notation.text import TextPrinter, width
from verifier.notation.typst import TypstPrinter
from verifier.report.words import Words

SHAPES: dict[str, Shape] = {
    **dict.fromkeys(
        [
            "a",
            "c",
            "d",
            "z",
            "alpha",
            "α",
            "x_alpha",
            "h1",
            "W_ih",
            "hidden",
            "é",
            "_p",
            "W_a_b",
            "straße",
        ],
        (),
    ),
    **dict.fromkeys(["g", "s", "h", "b"], (3,)),
    **dict.fromkeys(["A", "B", "U", "U_z"], (2, 3)),
    **dict.fromkeys(["W", "W_z"], (3, 3)),
    "x": (2,),
}
SPELLED = {"U_z": "U^z", "W_z": "W^z_1"}

# fmt: off
ROWS = [
    ("a + c", "a + c", "a + c", "a + c"),
    ("a - c - d", "a − c − d", "a - c - d", "a - c - d"),
    ("a - (c - d)", "a − (c − d)", r"a - \left(c - d\right)", r"a - \left(c - d\right)"),
    ("a - (c + d)", "a − (c + d)", r"a - \left(c + d\right)", r"a - \left(c + d\right)"),
    ("a + (c - d)", "a + (c − d)", r"a + \left(c - d\right)", r"a + \left(c - d\right)"),
    ("-a", "−a", "-a", "-a"),
    ("-(-a)", "−(−a)", r"-\left(-a\right)", r"-\left(-a\right)"),
    ("-(a + c)", "−(a + c)", r"-\left(a + c\right)", r"-\left(a + c\right)"),
    ("-a * c", "(−a) c", r"\left(-a\right)\,c", r"\left(-a\right) c"),
    ("-(a * c)", "−a c", r"-a\,c", "-a c"),
    ("a * -c", "a (−c)", r"a\,\left(-c\right)", r"a \left(-c\right)"),
    ("a - -c", "a − (−c)", r"a - \left(-c\right)", r"a - \left(-c\right)"),
    ("a + -c", "a + (−c)", r"a + \left(-c\right)", r"a + \left(-c\right)"),
    ("a * c * d", "a c d", r"a\,c\,d", "a c d"),
    ("a * (c * d)", "a (c d)", r"a\,\left(c\,d\right)", r"a \left(c d\right)"),
    ("a * (c + d)", "a (c + d)", r"a\,\left(c + d\right)", r"a \left(c + d\right)"),
    ("(a + c) * d", "(a + c) d", r"\left(a + c\right)\,d", r"\left(a + c\right) d"),
    ("2 * a", "2 a", r"2\,a", "2 a"),
    ("a * 2", "a · 2", r"a \cdot 2", r"a \cdot 2"),
    ("2 * 3", "2 · 3", r"2 \cdot 3", r"2 \cdot 3"),
    ("2 * (1 / 3)", "2 · (1/3)", r"2 \cdot \frac{1}{3}", r"2 \cdot \frac{1}{3}"),
    ("a / c", "a/c", r"\frac{a}{c}", r"\frac{a}{c}"),
    ("a / c / d", "a/c/d", r"\frac{\frac{a}{c}}{d}", r"\frac{\frac{a}{c}}{d}"),
    ("a / (c / d)", "a/(c/d)", r"\frac{a}{\frac{c}{d}}", r"\frac{a}{\frac{c}{d}}"),
    ("(a + c) / (c - d)", "(a + c)/(c − d)", r"\frac{a + c}{c - d}", r"\frac{a + c}{c - d}"),
    ("a * c / d", "(a c)/d", r"\frac{a\,c}{d}", r"\frac{a c}{d}"),
    ("a / c * d", "(a/c) d", r"\frac{a}{c}\,d", r"\frac{a}{c} d"),
    ("a * (c / d)", "a (c/d)", r"a\,\frac{c}{d}", r"a \frac{c}{d}"),
    ("-a / c", "(−a)/c", r"\frac{-a}{c}", r"\frac{-a}{c}"),
    ("1e-3 * a", "1e−3 a", r"1 \cdot 10^{-3}\,a", r"1 \cdot 10^{-3} a"),
    ("a - 2.50E+2", "a − 2.50e2", r"a - 2.50 \cdot 10^{2}", r"a - 2.50 \cdot 10^{2}"),
    ("x[t] @ U", "x_t U", r"x_t\,U", "x_t U"),
    ("x[t] @ U + s[t-1] @ W", "x_t U + s_{t−1} W", r"x_t\,U + s_{t-1}\,W", "x_t U + s_{t-1} W"),
    ("x[t] @ U @ W", "x_t U W", r"x_t\,U\,W", "x_t U W"),
    ("x[t] @ (U @ W)", "x_t (U W)", r"x_t\,\left(U\,W\right)", r"x_t \left(U W\right)"),
    (
        "(s[t-1] * g[t]) @ W",
        "(s_{t−1} ∘ g_t) W",
        r"\left(s_{t-1} \circ g_t\right)\,W",
        r"\left(s_{t-1} \circ g_t\right) W",
    ),
    (
        "(x[t] @ U) * s[t-1]",
        "(x_t U) ∘ s_{t−1}",
        r"\left(x_t\,U\right) \circ s_{t-1}",
        r"\left(x_t U\right) \circ s_{t-1}",
    ),
    (
        "(1 - z[t]) * h[t] + z[t] * s[t-1]",
        "(1 − z_t) h_t + z_t s_{t−1}",
        r"\left(1 - z_t\right)\,h_t + z_t\,s_{t-1}",
        r"\left(1 - z_t\right) h_t + z_t s_{t-1}",
    ),
    (
        "(1 - g[t]) * h[t] + g[t] * s[t-1]",
        "(1 − g_t) ∘ h_t + g_t ∘ s_{t−1}",
        r"\left(1 - g_t\right) \circ h_t + g_t \circ s_{t-1}",
        r"\left(1 - g_t\right) \circ h_t + g_t \circ s_{t-1}",
    ),
    (
        "g[t] * h[t] * s[t+1]",
        "g_t ∘ h_t ∘ s_{t+1}",
        r"g_t \circ h_t \circ s_{t+1}",
        r"g_t \circ h_t \circ s_{t+1}",
    ),
    ("(A + B).T", "(A + B)ᵀ", r"{\left(A + B\right)}^{\top}", r"{\left(A + B\right)}^{\top}"),
    ("A.T.T", "Aᵀᵀ", r"{{A}^{\top}}^{\top}", r"{{A}^{\top}}^{\top}"),
    ("A.T @ x[t]", "Aᵀ x_t", r"{A}^{\top}\,x_t", r"{A}^{\top} x_t"),
    ("-A.T", "−Aᵀ", r"-{A}^{\top}", r"-{A}^{\top}"),
    ("exp(-a)", "e^(−a)", "e^{-a}", "e^{-a}"),
    ("exp(A).T", "(e^(A))ᵀ", r"{\left(e^{A}\right)}^{\top}", r"{\left(e^{A}\right)}^{\top}"),
    (
        "(A / a).T",
        "(A/a)ᵀ",
        r"{\left(\frac{A}{a}\right)}^{\top}",
        r"{\left(\frac{A}{a}\right)}^{\top}",
    ),
    (
        "sigmoid(x[t] @ U_z + s[t-1] @ W_z + b)",
        "σ(x_t U^z + s_{t−1} W_1^z + b)",
        r"\sigma\left(x_t\,U^z + s_{t-1}\,W_1^z + b\right)",
        r"\sigma\left(x_t U^z + s_{t-1} W_1^z + b\right)",
    ),
    ("tanh(a) * c", "tanh(a) c", r"\tanh\left(a\right)\,c", r"\tanh\left(a\right) c"),
    ("c * tanh(a)", "c tanh(a)", r"c\,\tanh\left(a\right)", r"c \tanh\left(a\right)"),
    (
        "concat(x[t], s[t-1])",
        "concat(x_t, s_{t−1})",
        r"\operatorname{concat}\left(x_t, s_{t-1}\right)",
        r"\operatorname{concat}\left(x_t, s_{t-1}\right)",
    ),
    (
        "leaky_relu(a, 0.1)",
        "LeakyReLU(a, 0.1)",
        r"\operatorname{LeakyReLU}\left(a, 0.1\right)",
        r"\operatorname{LeakyReLU}\left(a, 0.1\right)",
    ),
    (
        "clip(a, -1, 1)",
        "clip(a, −1, 1)",
        r"\operatorname{clip}\left(a, -1, 1\right)",
        r"\operatorname{clip}\left(a, -1, 1\right)",
    ),
    (
        "hard_sigmoid_relu6(a)",
        "hardsigmoid6(a)",
        r"\operatorname{hardsigmoid6}\left(a\right)",
        r"\operatorname{hardsigmoid6}\left(a\right)",
    ),
    (
        "softmax(x[t])",
        "softmax(x_t)",
        r"\operatorname{softmax}\left(x_t\right)",
        r"\operatorname{softmax}\left(x_t\right)",
    ),
    ("alpha + α", "α + α", r"\alpha + \alpha", r"\alpha + \alpha"),
    ("x_alpha", "x_α", r"x_{\alpha}", r"x_{\alpha}"),
    ("h1 + W_ih", "h_1 + W_ih", "h_1 + W_{ih}", "h_1 + W_{ih}"),
    ("hidden[t-1]", "hidden_{t−1}", r"\mathit{hidden}_{t-1}", r"\mathit{hidde}\mathit n_{t-1}"),
    ("é[t]", "é_t", r"\acute{e}_t", r"\acute e_t"),
    ("straße", "straße", r"\mathit{stra\textit{ß}e}", r"\mathit{stra\textit{ß}e}"),
    ("_p[t]", "_p_t", r"\mathit{u005fp}_t", r"\mathit{u005f}\mathit p_t"),
    ("W_a_b", "W_{a,b}", "W_{a,b}", "W_{a,b}"),
]
# fmt: on


@pytest.mark.parametrize(("source", "text", "latex", "markdown"), ROWS, ids=lambda row: None)
def test_markup(source: str, text: str, latex: str, markdown: str) -> None:
    tree = on_paper(parse_expression(source), SHAPES)
    assert TextPrinter(SPELLED).show(tree) == text
    assert LatexPrinter(SPELLED).show(tree) == latex
    assert MarkdownPrinter(SPELLED).show(tree) == markdown


def test_different_trees_print_differently() -> None:
    for column in (1, 2, 3):
        apart = [row for row in ROWS if row[0] != "alpha + α"]
        assert len({row[column] for row in apart}) == len(apart)


@pytest.mark.parametrize(
    ("tree", "text", "latex"),
    [
        (Number("-61/400"), "−61/400", r"-\frac{61}{400}"),
        (Call("multiply", (Number("1/3"), Name("x"))), "(1/3) x", r"\frac{1}{3}\,x"),
        (Call("multiply", (Name("x"), Number("1/3"))), "x · (1/3)", r"x \cdot \frac{1}{3}"),
        (Call("multiply", (Number("2"), Number("-3"))), "2 · (−3)", r"2 \cdot \left(-3\right)"),
        (Call("negate", (Number("-3"),)), "−(−3)", r"-\left(-3\right)"),
        (Call("subtract", (Number("1"), Number("-3"))), "1 − (−3)", r"1 - \left(-3\right)"),
        (Call("divide", (Number("1/3"), Name("x"))), "(1/3)/x", r"\frac{\frac{1}{3}}{x}"),
        (Number("0.538051…", False), "0.538051…", r"0.538051\ldots"),
        (Call("entry", (Name("s", -1), Number("2"))), "s_{t−1,2}", "s_{t-1,2}"),
        (
            Call("entry", (Call("matmul", (Name("x", 0), Name("U"))), Number("2"))),
            "(x_t U)[2]",
            r"\left(x_t\,U\right)_2",
        ),
        (Call("log", (Name("x"),)), "ln(x)", r"\ln\left(x\right)"),
        (
            Call("exp", (Call("negate", (Call("ratio", (Number("61"), Number("400"))),)),)),
            "e^(−61/400)",
            "e^{-61/400}",
        ),
        (
            Array((Array((Number("1"), DOTS)), Array((Number("-2"), Number("3"))))),
            "[1 ⋯; −2 3]",
            r"\begin{bmatrix} 1 & \cdots \\ -2 & 3 \end{bmatrix}",
        ),
    ],
)
def test_markup_of_what_is_not_in_the_language(tree: Expression, text: str, latex: str) -> None:
    assert TextPrinter().show(tree) == text
    assert LatexPrinter().show(tree) == latex


def test_steps_and_columns() -> None:
    name = Call("add", (Name("x", 0), Name("s", -1)))
    assert TextPrinter().show(name, 1) == "x_1 + s_0"
    vector = Array((Number("1"), Number("2")))
    assert TextPrinter().show(vector) == "[1 2]"
    assert TextPrinter(columns=True).show(vector) == "[1; 2]"
    assert LatexPrinter().show(vector) == r"\begin{bmatrix} 1 & 2 \end{bmatrix}"
    column = "\\begin{bmatrix} 1 \\\\\n 2 \\end{bmatrix}"
    assert MarkdownPrinter(columns=True).show(vector) == column
    assert LatexPrinter(hadamard="⊙").show(Call("hadamard", (Name("a"), Name("c")))) == r"a \odot c"
    assert in_columns([parse_expression("W @ s[t-1]")], SHAPES)
    assert not in_columns([parse_expression("s[t-1] @ W")], SHAPES)


# source, in rows, in columns, spoken in columns
INNER = [
    ("x[t] @ s[t-1]", "x_t s_{t−1}ᵀ", "x_tᵀ s_{t−1}", "x t transposed times s t minus one"),
    ("(x[t] + a) @ a", "(x_t + a) aᵀ", "(x_t + a)ᵀ a", "transposed times a"),
    ("tanh(a) @ a * 2", "(tanh(a) aᵀ) · 2", "(tanh(a)ᵀ a) · 2", "transposed times a"),
    ("-a @ a", "(−a) aᵀ", "(−a)ᵀ a", "transposed times a"),
    ("one @ one", "one one", "one one", "one times one"),
    ("W @ a + a @ a * a", "W a + (a aᵀ) a", "W a + (aᵀ a) a", "a transposed"),
]


@pytest.mark.parametrize(("source", "rows", "columns", "spoken"), INNER)
def test_a_product_of_vectors_transposes_one(
    source: str, rows: str, columns: str, spoken: str
) -> None:
    shapes = {"x": (2,), "s": (2,), "a": (2,), "one": (1,), "W": (2, 2)}
    tree = on_paper(parse_expression(source), shapes)
    assert TextPrinter().show(tree) == rows
    assert TextPrinter(columns=True).show(tree) == columns
    for printer in (LatexPrinter, MarkdownPrinter, TypstPrinter, MathmlPrinter):
        sign = {TypstPrinter: "top", MathmlPrinter: "⊤"}.get(printer, r"\top")
        for oriented in (False, True):
            count = printer(columns=oriented).show(tree).count(sign)
            assert count == rows.count("ᵀ") == columns.count("ᵀ")
    phrases = Words("en").phrases("say.")
    assert spoken in SpokenPrinter(columns=True, vocabulary=phrases).show(tree)


def test_a_zero_has_no_minus_sign_on_paper() -> None:
    for source, printed in [("-0 * x", "0 x"), ("x - -0.0", "x − 0.0"), ("-0.5 * x", "(−0.5) x")]:
        assert TextPrinter().show(on_paper(parse_expression(source), {"x": ()})) == printed


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("U^z", Spelling("U", "z")),
        ("alpha_1", Spelling("alpha", "", "1")),
        ("W_ih", Spelling("W", "", "ih")),
        ("W^z_1", Spelling("W", "z", "1")),
        ("W_xi", Spelling("W", "", "ξ")),
        ("W_{xi}", Spelling("W", "", "xi")),
        ("W^{beta}_i", Spelling("W", "beta", "i")),
        ("h^(1)", Spelling("h", "(1)")),
        ("h^{(1)}", Spelling("h", "(1)")),
        ("→h^(2)", Spelling("h\u20d7", "(2)")),
        ("← h", Spelling("h\u20d6")),
        ("\\overleftarrow{h}", Spelling("h\u20d6")),
        ("weight_ih_l0", Spelling("W", "(0)", "ih")),
        ("bias_hh_l1_reverse", Spelling("b\u20d6", "(1)", "hh")),
        ("weight_x", Spelling("weight", "", "x")),
        ("W_1^z", Spelling("W", "z", "1")),
        ("h12", Spelling("h", "", "12")),
        ("W_a_b", Spelling("W", "", "a,b")),
        ("_p", Spelling("_p")),
        ("__", Spelling("__")),
        ("h1_z", Spelling("h1", "", "z")),
    ],
)
def test_spellings(text: str, spelling: Spelling) -> None:
    assert spelled(text) == spelling


LAYERS = [
    ("W_{xi}", r"W_{xi}", 'W_("xi")', "W_xi", "W x i"),
    ("W_xi", r"W_{\xi}", "W_(ξ)", "W_ξ", "W xi"),
    ("h^(1)", "h^{(1)}", 'h^("(1)")', "h^(1)", "h layer 1"),
    ("←h", r"\overleftarrow{h}", "arrow.l(h)", "h\u20d6", "h leftvec"),
    ("weight_hh_l0", "W_{hh}^{(0)}", 'W_("hh")^("(0)")', "W_hh^(0)", "W layer 0 hh"),
]


@pytest.mark.parametrize(("spelling", "latex", "typst", "text", "spoken"), LAYERS)
def test_layers_directions_and_letters_in_every_syntax(
    spelling: str, latex: str, typst: str, text: str, spoken: str
) -> None:
    names, node = {"q": spelling}, Name("q")
    speaker = SpokenPrinter(names, vocabulary={"parentheses": "layer {0}"})
    assert LatexPrinter(names).show(node) == latex
    assert TypstPrinter(names).show(node) == typst
    assert TextPrinter(names).show(node) == text
    assert speaker.show(node) == spoken
    assert is_spelling(spelling)
    # What a name is told from is what is printed.
    assert len({MathmlPrinter({"q": one}).show(node) for one, *_ in LAYERS}) == len(LAYERS)


@pytest.mark.parametrize("text", ["W_{x y}", "W_{", "h^(", "h^()", "h^{{1}}", "W_{}", "→", "→→h"])
def test_what_is_no_spelling(text: str) -> None:
    assert not is_spelling(text)


# Print → parse: a printer of Python's syntax is a few lines, and reads back to the same tree.


@dataclass(frozen=True)
class PythonPrinter(Printer):
    """The language itself."""

    infix: ClassVar[Mapping[str, str]] = {
        "add": " + ",
        "subtract": " - ",
        "multiply": " * ",
        "divide": " / ",
        "matmul": " @ ",
    }
    needs: ClassVar[Mapping[str, tuple[int, ...]]] = NEEDS | {"negate": (31,)}
    levels: ClassVar[Mapping[str, int]] = LEVEL | {"exp": ATOM}

    def name(self, spelling: Spelling, time: str) -> str:
        below = "_" + spelling.subscript.replace(",", "_") if spelling.subscript else ""
        return spelling.base + below + (f"[{time}]" if time else "")

    def minus(self) -> str:
        return "-"

    def times(self) -> str:
        return " * "

    def number(self, text: str) -> str:
        return text

    def called(self, operation: str, before: str = "") -> str:
        return operation

    def sign(self, text: str) -> str:
        return text

    def function(self, sign: str, arguments: list[str]) -> str:
        return f"{sign}({', '.join(arguments)})"

    def radical(self, x: str) -> str:
        return f"sqrt({x})"

    def fence(self, x: str) -> str:
        return f"abs({x})"

    def _part(
        self, operation: str, whole: Expression, ends: Sequence[Expression], step: int | None
    ) -> str:
        values = ["" if end.value is None else str(end.value) for end in ends]  # type: ignore[union-attr]
        index = ", ".join(":".join(pair) for pair in zip(values[::2], values[1::2], strict=True))
        return self.show_entry(self._argument(operation, 0, whole, step), index)

    def show_outer(self, x: str, y: str) -> str:
        return f"outer({x}, {y})"

    def show_pi(self) -> str:
        return "pi()"

    def show_exp(self, x: str) -> str:
        return f"exp({x})"

    def show_power(self, x: str, n: str) -> str:
        return f"{x} ** {n}"

    def show_entry(self, x: str, index: str) -> str:
        return f"{x}[{index}]"

    def parentheses(self, text: str) -> str:
        return f"({text})"

    def show_negate(self, x: str) -> str:
        return "-" + x

    def show_transpose(self, x: str) -> str:
        return (f"({x})" if x[-1] in "0123456789." else x) + ".T"

    def call(self, operation: str, arguments: tuple[Expression, ...], step: int | None) -> str:  # type: ignore[override]
        product = operation in ("multiply", "matmul")
        if axis_of(operation, arguments) is not None:
            return self.function(operation, [self.show(part, step) for part in arguments])
        shown = [self._argument(operation, k, part, step) for k, part in enumerate(arguments)]
        return (
            self.infix[operation].join(shown)
            if product
            else super().call(operation, arguments, step)
        )

    def array(self, rows: list[list[str]], matrix: bool) -> str:
        raise NotImplementedError

    def dots(self, kind: str) -> str:
        raise NotImplementedError


NAMES = st.sampled_from(["x", "U_z", "alpha", "hidden", "W_ih_r", "é", "σ_x"])
STEPPED = st.sampled_from(["s", "h_t", "in_x"])
ATOMS = st.one_of(
    st.builds(Name, NAMES),
    st.builds(Name, STEPPED, st.sampled_from([-1, 0, 1])),
    st.builds(Number, st.sampled_from(["1", "0.10", "2.50", "1e-3", ".5", "3.", "7E+2"])),
)


def calls(parts: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    """One operation over such parts: every operation of the language."""
    two = st.sampled_from(["add", "subtract", "multiply", "divide", "matmul"])
    one = [name for name, row in FUNCTIONS.items() if row.least == 1]
    pairs = [name for name, row in FUNCTIONS.items() if len(row.arguments) == 2]
    three = [name for name, row in FUNCTIONS.items() if len(row.arguments) == 3]
    wholes = st.integers(0, 9).map(Whole)
    return st.one_of(
        st.builds(lambda op, a, b: Call(op, (a, b)), two, parts, parts),
        st.builds(lambda op, a, b: Call(op, (a, b)), two, parts, parts),
        st.builds(
            lambda op, a: Call(op, (a,)), st.sampled_from([*one, "negate", "transpose"]), parts
        ),
        st.builds(lambda op, *abc: Call(op, abc), st.sampled_from(three), parts, parts, parts),
        st.builds(lambda a, b: Call("concat", (a, b)), parts, parts),
        st.builds(lambda op, a, b: Call(op, (a, b)), st.sampled_from(pairs), parts, parts),
        st.builds(lambda a, n: Call("power", (a, n)), parts, st.integers(-3, 9).map(Whole)),
        st.builds(lambda op, a, n: Call(op, (a, n)), st.sampled_from(["sum", "mean"]), parts, AXIS),
        st.builds(lambda a, m, n: Call("pad", (a, m, n)), parts, wholes, wholes),
        st.builds(lambda a, *n: Call("fill", (a, *n)), parts, wholes),
        st.builds(lambda a, *n: Call("fill", (a, *n)), parts, wholes, wholes),
        st.builds(lambda a, m: Call("slice", (a, *m)), parts, SLICES),
        st.just(Call("pi", ())),
    )


AXIS = st.integers(0, 1).map(Whole)
PAIRS = st.tuples(*[st.one_of(st.none(), st.integers(0, 9)).map(Whole)] * 2)
SLICES = st.one_of(PAIRS, st.builds(lambda rows, columns: (*rows, *columns), PAIRS, PAIRS))


TREES = st.recursive(ATOMS, calls, max_leaves=15)


@settings(max_examples=500)
@given(TREES)
@example(parse_expression("-(-x) - (-x - -x) / (x / x) @ x.T"))
def test_what_is_printed_is_read_as_the_same_tree(tree: Expression) -> None:
    assert parse_expression(PythonPrinter().show(tree)) == tree


@settings(max_examples=300)
@given(TREES, TREES)
def test_text_tells_trees_apart(left: Expression, right: Expression) -> None:
    """Text is unambiguous but for the shape of pure products and sums that mean the same."""
    if left != right and _plain(left) == _plain(left):
        texts = TextPrinter().show(left), TextPrinter().show(right)
        assert texts[0] != texts[1] or _juxtaposed(left) == _juxtaposed(right)


def _plain(tree: Expression) -> bool:
    return all(node.operation != "matmul" for _, node in nodes(tree) if isinstance(node, Call))


def _juxtaposed(tree: Expression) -> str:
    """The tree with both products, which look alike on paper, written alike."""
    return PythonPrinter().show(tree).replace("@", "*")


@settings(max_examples=300)
@given(TREES)
def test_latex_braces_and_delimiters_balance(tree: Expression) -> None:
    for printer in (LatexPrinter(), MarkdownPrinter()):
        markup = printer.show(tree)
        assert markup.isascii()
        depth = 0
        for char in markup:
            depth += {"{": 1, "}": -1}.get(char, 0)
            assert depth >= 0
        assert depth == 0
        assert markup.count(r"\left(") == markup.count(r"\right)")
        assert not re.search(r"[\^_](?![\w{])|[\^_]\w[\^_]\w[\^_]", markup)
        assert not _twice(markup), markup


def _twice(markup: str) -> bool:
    """Whether LaTeX would see two scripts of one kind on one base."""
    while re.search(r"\{[^{}]*\}", markup):
        markup = re.sub(r"\{[^{}]*\}", "•", markup)
    return re.search(r"([\^_])\w?•?(?:(?!\1)[\^_][\w•])?\1", markup) is not None


# Layout.

ENTRIES = st.builds(Number, st.sampled_from(["0.5", "-0.1234", "12.3456", "0"]))
VECTORS = st.lists(ENTRIES, min_size=2, max_size=9).map(lambda row: Array(tuple(row)))
MATRICES = st.builds(lambda row, count: Array(tuple([row] * count)), VECTORS, st.integers(2, 4))


def _wide(parts: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    two = st.sampled_from(["add", "subtract", "matmul", "hadamard", "multiply"])
    one = st.sampled_from(["sigmoid", "tanh", "negate"])
    return st.one_of(
        st.builds(lambda op, a, b: Call(op, (a, b)), two, parts, parts),
        st.builds(lambda op, a: Call(op, (a,)), one, parts),
    )


WIDE = st.recursive(st.one_of(VECTORS, MATRICES, ENTRIES), _wide, max_leaves=10)
PRINTER = TextPrinter()
EXTRA = {"sigmoid": 4.0, "tanh": 7.0, "negate": 5.0}


def measure(tree: Expression) -> float:
    return width(tree, PRINTER)


def least(tree: Expression) -> float:
    """A width that breaking and narrowing can surely reach: parentheses and signs counted."""
    parts = terms(tree)
    if len(parts) > 1:
        return max(map(least, parts)) + 9
    match tree:
        case Call(operation, (inner,)):
            return least(inner) + EXTRA[operation]
        case Call(_, (left, right)):
            return max(least(left), least(right)) + 9
    return measure(narrowed(tree, 3))


@settings(max_examples=500)
@given(WIDE, st.integers(10, 100))
def test_what_can_fit_fits_and_no_term_is_lost(tree: Expression, limit: int) -> None:
    found = fitted(tree, measure, limit)
    if measure(tree) <= limit:
        assert found == tree
    if least(tree) <= limit:
        assert measure(found) <= limit
    assert _count(found) == _count(tree)
    assert _frame(found) == _frame(tree)


def _count(tree: Expression) -> int:
    """How many arrays and loose numbers the tree has."""
    inside = {
        path[:k] for path, node in nodes(tree) if isinstance(node, Array) for k in (len(path),)
    }
    return sum(
        not any(path[:k] in inside for k in range(len(path)))
        for path, node in nodes(tree)
        if isinstance(node, Array | Number)
    )


def _frame(tree: Expression) -> list[Expression]:
    """The first and last entries of all outermost arrays, and the loose numbers, in order."""
    if isinstance(tree, Number):
        return [tree]
    if isinstance(tree, Array):
        first, last = tree.items[0], tree.items[-1]
        return [*_frame(first), *_frame(last)]
    return [entry for part in getattr(tree, "arguments", ()) for entry in _frame(part)]


def test_narrowing_keeps_first_and_last() -> None:
    row = Array(tuple(Number(str(k)) for k in range(9)))
    narrow = narrowed(row, 4)
    assert narrow == Array((Number("0"), Number("1"), DOTS, Number("8")))
    assert narrowed(row, 9) == row
    matrix = narrowed(Array((row, row)), 3)
    assert TextPrinter().show(matrix) == "[0 ⋯ 8; 0 ⋯ 8]"


def test_shown_indices() -> None:
    for count in range(1, 12):
        for most in range(3, 12):
            found = shown(count, most)
            assert len(found) == min(count, most)
            assert found[0] == 0
            assert found[-1] == count - 1
            assert (None in found) == (count > most)


def test_a_sum_breaks_at_its_signs() -> None:
    tree = parse_expression("alpha - beta + gamma")
    broken = fitted(tree, measure, 9)
    assert isinstance(broken, Call)
    assert broken.operation == "stacked"
    assert TextPrinter().show(broken) == "α −β + γ"  # the sign is that of its line
    lines = r"\begin{aligned} & \alpha \\ & -\beta \\ & + \gamma \end{aligned}"
    assert LatexPrinter().show(fitted(tree, measure, 4)) == lines


def test_what_takes_parentheses_when_it_breaks_has_less_room() -> None:
    row = Array(tuple(Number("0.12345") for _ in range(5)))
    tree = Call("negate", (Call("hadamard", (row, row)),))
    for limit in range(int(measure(narrowed(row, 3))) + 8, int(measure(tree))):
        assert measure(fitted(tree, measure, limit)) <= limit


def test_a_product_breaks_before_its_sign() -> None:
    row = Array(tuple(Number("0.12345") for _ in range(3)))
    tree = Call("hadamard", (row, row))
    broken = fitted(tree, measure, 30)
    entries = "0.12345 & 0.12345 & 0.12345"
    vector = rf"\begin{{bmatrix}} {entries} \end{{bmatrix}}"
    shown_lines = rf"\begin{{aligned}} & {vector} \\ & \circ {vector} \end{{aligned}}"
    assert LatexPrinter().show(broken) == shown_lines


# Markdown: what a renderer that knows no mathematics would eat.


def _eaten(markup: str) -> str:
    return MarkdownIt("commonmark").render(f"$a$ and ${markup}$, ${markup}$ and ${markup}$")


@settings(max_examples=300)
@given(TREES)
@example(parse_expression("hard_sigmoid_relu6(hidden[t-1]) + é[t] * hidden[t]"))
def test_markdown_leaves_the_markup_alone(tree: Expression) -> None:
    markup = MarkdownPrinter().show(Call("entry", (tree, Number("1"))))
    assert not re.search(r"\\[!-/:-@\[-`{-~]", markup)
    html = _eaten(markup)
    assert "<em>" not in html
    assert "<strong>" not in html
    assert markup.replace("&", "&amp;") in html


@pytest.mark.parametrize("name", ["hidden", "é", "_p", "U^z", "W^z_1", "alpha", "__"])
def test_no_name_opens_an_emphasis(name: str) -> None:
    tree = Call("add", (Name("v", 0), Name("v", -1)))
    markup = MarkdownPrinter({"v": name}).show(tree)
    assert "<em>" not in _eaten(markup)
    assert "<strong>" not in _eaten(markup)


def test_markdown_arrays_and_lines() -> None:
    matrix = Array((Array((Number("1"), Number("2"))), Array((Number("3"), Number("4")))))
    stacked = Call("stacked", (matrix, matrix))
    markup = MarkdownPrinter().show(stacked)
    assert markup.count("\\\\\n") == 3
    markup = markup.replace("\\\\\n", "\n")
    assert not re.search(r"\\[!-/:-@\[-`{-~]", markup)
    assert all(a != b or a != "\\" for a, b in pairwise(markup))


# fmt: off
ACCENTED = [  # spelling; LaTeX, Typst, spoken, text
    ("C_tilde", r"\tilde{C}_1", "tilde(C)_(1)", "C tilde 1", "C\u0303_1"),
    ("C\u0303", r"\tilde{C}_1", "tilde(C)_(1)", "C tilde 1", "C\u0303_1"),
    (r"\tilde C", r"\tilde{C}_1", "tilde(C)_(1)", "C tilde 1", "C\u0303_1"),
    (r"\tilde{C}^z", r"\tilde{C}_1^z", "tilde(C)_(1)^(z)", "C tilde z 1", "C\u0303_1^z"),
    ("W^c\u0303", r"W_1^{\tilde{c}}", "W_(1)^(tilde(c))", "W c tilde 1", "W_1^c\u0303"),
    ("alpha_hat", r"\hat{\alpha}_1", "hat(α)_(1)", "alpha hat 1", "α\u0302_1"),
    ("y_bar_z", r"\bar{y}_{z,1}", "macron(y)_(z,1)", "y bar z 1", "ȳ_{z,1}"),
    ("h_prime", "h'_1", "h'_(1)", "h prime 1", "h′_1"),
    ("h'", "h'_1", "h'_(1)", "h prime 1", "h′_1"),
    ("e\u0301", r"\acute{e}_1", "acute(e)_(1)", "e acute 1", "é_1"),
    ("i_hat", r"\hat{\imath}_1", "hat(i)_(1)", "i hat 1", "î_1"),
    ("größe", r"\mathit{gr\ddot{o}\textit{ß}e}_1", '"größe"_(1)', "größe 1", "größe_1"),
    ("ab_hat", r"\mathit{ab}_{hat,1}", '"ab"_("hat",1)', "ab hat 1", "ab_{hat,1}"),
]
# fmt: on


@pytest.mark.parametrize(("spelling", "latex", "typst", "spoken", "text"), ACCENTED)
def test_accents(spelling: str, latex: str, typst: str, spoken: str, text: str) -> None:
    kinds = (LatexPrinter, TypstPrinter, SpokenPrinter, TextPrinter)
    printed = [kind({"q": spelling}).show(Name("q", 0), 1) for kind in kinds]
    assert printed == [latex, typst, spoken, text]


@pytest.mark.parametrize("accent", ACCENTS, ids=lambda accent: accent.name)
def test_every_accent_has_one_spelling(accent: Accent) -> None:
    letter = spelled(f"C_{accent.name}")
    assert letter == spelled("C" + accent.sign) == Spelling(composed("C" + accent.sign))
    mathml = MathmlPrinter({"q": f"C_{accent.name}"}).show(Name("q"))
    assert "<mi>C</mi><mo" in mathml
    assert is_spelling("C" + accent.sign)
    assert is_spelling(f"C{accent.sign}^z_1")
