"""Equations on lines: every number finds the name that it belongs to, or is complained of."""

from __future__ import annotations

import io
import zipfile
from collections import defaultdict
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given as inputs
from hypothesis import settings
from hypothesis import strategies as st

from tests.conftest import SEED
from tests.test_handed_in import workbook, zipped
from verifier.check.answers.collect import Collector
from verifier.check.answers.labels import Labels
from verifier.check.answers.markdown import add_markdown
from verifier.check.answers.numerals import given
from verifier.check.answers.office import sheets
from verifier.check.answers.rows import add_csv
from verifier.check.answers.structured import add_json
from verifier.check.answers.tex import add_tex
from verifier.check.answers.texts import add_text
from verifier.check.model import Answers
from verifier.errors import VerifierError
from verifier.problem import load

LABELS = Labels(load(SEED))
READERS = {"txt": add_text, "tex": add_tex, "csv": add_csv, "json": add_json}


def taken(text: str, kind: str = "txt") -> Answers:
    """What is read of a text of one person."""
    made: defaultdict[str, Collector] = defaultdict(lambda: Collector(LABELS))
    if kind == "md":
        add_markdown(text, "a", made[""])
    else:
        READERS[kind](text, "a", made)
    assert set(made) == {""}
    return made[""].answers("a", "a")


def said(found: Answers) -> str:
    """The numbers by quantity, as fractions of one text: z_1=0.5 h_1=0.1,0.2,0.3."""
    texts: dict[str, list[str]] = {}
    for (step, name, _), number in sorted(found.given.items()):
        texts.setdefault(f"{name}_{step}", []).append(f"{float(number.value):.4g}")
    return " ".join(f"{name}={','.join(numbers)}" for name, numbers in texts.items())


BOTH = "r_1=0.5294 z_1=0.5381"
WHOLE = [
    ("z_1 = 0.5381 and r_1 = 0.5294", BOTH),
    ("z_1 = 0,5381 und r_1 = 0,5294", BOTH),
    ("z_1 = 0.5381 so r_1 = 0.5294.", BOTH),
    ("z_1 = 0.5381 (and r_1 = 0.5294)", BOTH),
    ("z_1 = 0.5381 | r_1 = 0.5294", BOTH),
    ("z_1 = 0.5381 => r_1 = 0.5294", BOTH),
    ("z_1 = 0.5381 → r_1 → 0.5294", BOTH),
    ("z_1 = 0.5381 & r_1 = 0.5294", BOTH),
    ("∴ z_1 = 0.5381 ∧ r_1 = 0.5294", BOTH),
    ("z_1 = 0.5381 r_1 = 0.5294", BOTH),
    ("z1 is 0.5381, r1 is about 0.5294", BOTH),
    ("Since z_1 = 0.5381 we get r_1 = 0.5294", BOTH),
    ("Answer: z_1 = 0.5381, reset gate at t = 1: 0.5294", BOTH),
    ("1) z_1 = 0.5381\n2. r_1 = 0.5294", BOTH),
    ("(a) z_1 := 0.5381\n- [x] r_1 ≅ 0.5294", BOTH),
    ("Step 1: z = 0.5381\nStep 1: r = 0.5294", BOTH),
    ("z_t=1: 0.5381\nr (t=1) = 0.5294", BOTH),
    ("z_1 = 0.5381, 1 - z_1 = 0.4619, r_1 = 0.5294", BOTH),
    ("z_1 = 0.5381\n1 - z_1 = 0.4619\nr_1 = 0.5294\n-r_1 = -0.5294", BOTH),
    ("z_1 = 0.5381; q = 3\nr_1 = 0.5294 with a = 0.37", BOTH),
    ("z_1 = σ(0.1525) = 0.53805 ≈ 0.5381\nr_1 = 0.5249 → 0.5294", BOTH),
    ("z_1\n= σ(0.1525)\n= 0.5381\nr_1 = σ(0.1178)\n ≈ 0.5294", BOTH),
    ("z_1 = σ(0.15 + 0.5 r_1)\nz_1 = 0.5381\nr_1 = 0.5294", BOTH),
    ("z_1 = ca. 0.5381\nr_1 = approx. 0.5294 (4 d.p.)", BOTH),
    ("z_1 = 0.5381 [exact: 0.53805]\nr_1 = 0.5294  % 0.3 of it", BOTH),
    ("z_1 = 0.5381 ✅\nr_1 = **0.5294** # good", BOTH),
    ("z_1 = ,5381\nr_1 = ~~0.5249~~ 0.5294", BOTH),
    ("z_1 = 53.81 %\nr_1 = 5.294 x 10^{-1}", BOTH),
    ("z_1 = 5.381 * 10^(-1)\nr_1 = 5.294*10**-1", BOTH),
    (r"z_1 = 5.381 \cdot 10^{-1}" "\n" r"r_1 = 5.294 \times 10^{-1}", BOTH),
    (r"$z_1 = \mathbf{0{,}5381}$ $r_1 = \underline{0.5294}$", BOTH),
    ("z_1 = ０．５３８１\nr_1 = 0．5294", BOTH),
    ("z_1 = 1/2\nr_1 = 3/4 = 0.75", "r_1=0.75 z_1=0.5"),
    ("h_1 = 1.516×10^-1, 8.28×10^-2, 9.39x10^-2", "h_1=0.1516,0.0828,0.0939"),
    ("h_1 = 0,1516 und 0,0828 und 0,0939", "h_1=0.1516,0.0828,0.0939"),
    ("h_1 = about 0.1516, 0.0828 and 0.0939", "h_1=0.1516,0.0828,0.0939"),
    ("h₁ᵀ = **[0.1516, 0.0828, 0.0939]**", "h_1=0.1516,0.0828,0.0939"),
    ("h_{1,1} = 0.1516\nh_{1,2} = 0.0828, h_{1,3} = 0.0939", "h_1=0.1516,0.0828,0.0939"),
    ("h_1_0 = 0.1516\nh_1_1 = 0.0828\nh_1_2 = 0.0939", "h_1=0.1516,0.0828,0.0939"),
    (
        "s_1 = (1 - z_1) h_1 + z_1 s_0 = 0.5 [0.2 0.4 0.6] + 0.5 [0 0 0] = [0.1 0.2 0.3]",
        "s_1=0.1,0.2,0.3",
    ),
    (
        "Step 1: z=0.5381, h=[0.1 0.2 0.3]\nStep 2: z=0.691, h=[0.4 0.5 0.6]",
        "h_1=0.1,0.2,0.3 z_1=0.5381 h_2=0.4,0.5,0.6 z_2=0.691",
    ),
    ("s_0 = [0, 0, 0]\nx_1 = [0.23, 0.12]\nx_1 U^z = 0.1525\nz_1 = 0.5381", "z_1=0.5381"),
]


@pytest.mark.parametrize(("text", "numbers"), WHOLE)
def test_every_equation_of_a_line_is_its_own(text: str, numbers: str) -> None:
    found = taken(text)
    assert (said(found), found.complaints) == (numbers, ())


REFUSED = [
    ("z_1 = 0.5381 or 0.5382", 1),
    ("r_1 = 0.5\nz_1 = 0.5381 (0.5382)", 2),
    ("z_1 = 0.5381 ± 0.0001", 1),
    ("z_1 = 0.5381, 1 - 0.5381 = 0.4619", 1),
    ("z_1 = 0.5381 q_9 = 0.3", 1),
    ("z_1 = 0.5 r_2", 1),
    ("z_1 = 1 - r_1", 1),
    ("z_1 = 1/2/3", 1),
    ("z_1 = 1½", 1),
    ("z_1 = 0.5381²", 1),
    ("z_1 = 0.538₁", 1),
    ("z_1 = 5.381 * 10", 1),
    ("z_1 5.381 * 10", 1),
    ("z_1 is 5.381/2/3", 1),
    ("z_1 = 0·5381", 1),
    ("z_1 = 0’5381", 1),
    ("z_1 = ·5381", 1),
    ("z_1 = #DIV/0!", 1),
    ("z_1 = 0.5381x", 1),
    ("z_1 = (0.5381 + 0)", 1),
    ("1 - z_1 = 0.4619", 1),
    ("-z_1 = -0.5381", 1),
    ("2 z_1 = 1.0762", 1),
    ("tanh(z_1) = 0.3", 1),
    ("z_1 = σ(a) where a = 0.1525", 1),
]


@pytest.mark.parametrize(("text", "line"), REFUSED)
def test_a_number_that_may_be_another_is_refused_with_its_line(text: str, line: int) -> None:
    found = taken(text)
    assert (1, "z", (0,)) not in found.given
    assert [c.place and c.place.line for c in found.complaints] == [line]


@pytest.mark.parametrize(("sign", "space"), [*product("*·×/^+-−±'’{%[(<_", ("", " "))])
def test_nothing_is_cut_out_of_what_goes_on(sign: str, space: str) -> None:
    """Whatever stands between two digits, the first of them alone is never the answer."""
    found = taken(f"z_1 = 0.5{space}{sign}{space}3")
    value = found.given.get((1, "z", (0,)))
    assert value is None or found.complaints == ()
    assert value is None or value.value == Fraction(5, 30) or sign == "%"


JOINTS = [", ", "; ", " and ", " und ", " | ", " => ", "; then ", "\n", ". ", " (so ", " , hence "]
FORMS = [
    lambda k: f"0.{k:04d}",
    lambda k: f"{k / 100:.2f}%",
    lambda k: f"{k / 10:.1f}·10^(-3)",
    lambda k: f"σ(0.15) = 0.{k:04d}",
    lambda k: f"0.9{k:04d} → 0.{k:04d}",
    lambda k: f"(0.{k:04d})",
    lambda k: f"ca. 0.{k:04d} (approx)",
    lambda k: f"**0.{k:04d}**",
]
SIGNS = [" = ", "=", ": ", " ≈ ", " := ", " is "]


@settings(max_examples=60)
@inputs(st.data())
def test_equations_in_any_order_and_form_are_read_back(data: st.DataObject) -> None:
    names = data.draw(st.permutations(["z_1", "r_1", "z_2", "r_2"]))
    wanted, text = {}, ""
    for name in names:
        wanted[name] = number = data.draw(st.integers(1, 9999))
        form = data.draw(st.sampled_from(FORMS))
        text += name + data.draw(st.sampled_from(SIGNS)) + form(number)
        text += data.draw(st.sampled_from(JOINTS))
    found = taken(text.rstrip(" ;,|(") if text.endswith("\n") else text + "end")
    assert found.complaints == (), text
    read = {f"{name}_{step}": number.value for (step, name, _), number in found.given.items()}
    assert read == {name: Fraction(number, 10**4) for name, number in wanted.items()}, text


PROSE = [
    (r"- $s_1 \approx (0.0700, 0.0383, 0.0434)^\top$", "s_1=0.07,0.0383,0.0434"),
    (r"$s_1^T = \left[0.07,\, 0.0383,\; 0.0434\right]^{\top}$", "s_1=0.07,0.0383,0.0434"),
    (r"- **Update gate** $z_1 \approx \mathbf{0.5381}$", "z_1=0.5381"),
    (r"So $z_1 = \boldsymbol{0.5381}$, that is 53.81%.", "z_1=0.5381"),
    ("We get $z_1 = 0.5381$. Then $r_1 = 0.5294$ holds.", BOTH),
    ("z_1 → 0.5381\n\n* [x] r_1 = 0.5294", BOTH),
    ("## Step 1\n\nthe gate is z = 0.5381\n\n**r** = 0.5294", BOTH),
    (r"$$\boxed{z_1 = 0.5381}$$", "z_1=0.5381"),
    (r"$z_1 = \frac{7}{14}$", "z_1=0.5"),
    ("$$\n\\begin{aligned}\nh_1 &= \\tanh(a) \\\\\n&= \\begin{bmatrix} 1 & 2 & 3 \\end{bmatrix}"
     "\n\\end{aligned}\n$$", "h_1=1,2,3"),
    ("$r_1=0{,}5294$\n$h_1 = (0{,}1516; 0{,}0828; 0{,}0939)$",
     "h_1=0.1516,0.0828,0.0939 r_1=0.5294"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "numbers"), PROSE)
@pytest.mark.parametrize("kind", ["md", "tex"])
def test_formulas_of_a_text_are_read(text: str, numbers: str, kind: str) -> None:
    if kind == "tex" and not text.startswith(("$", "- $")):
        return
    found = taken(text, kind)
    assert (said(found), found.complaints) == (numbers, ())


CELLS = [
    ("0.5381 (approx)", "z_1=0.5381"),
    ("σ(0.15)=0.5381", "z_1=0.5381"),
    ("z_1 = 0.5381", "z_1=0.5381"),
    ("53.81%", "z_1=0.5381"),
    ("approx. 0.5381", "z_1=0.5381"),
    (r"$\mathbf{0{,}5381}$", "z_1=0.5381"),
    ("r_1 = 0.5294", ""),
    ("TRUE", ""),
    ("1 - z = 0.4619 = 1 - r", ""),
]


@pytest.mark.parametrize(("cell", "numbers"), CELLS)
@pytest.mark.parametrize("kind", ["csv", "json"])
def test_cells_are_read_as_lines_are(cell: str, numbers: str, kind: str) -> None:
    quoted = cell.replace("\\", "\\\\")
    text = f'z_1,r_2\n"{cell}",0.5\n' if kind == "csv" else f'{{"z_1": "{quoted}", "r_2": 0.5}}'
    found = taken(text, kind)
    assert said(found) == f"{numbers} r_2=0.5".strip()
    assert len(found.complaints) == (not numbers)


CROSSED = [
    ('Quantity,Step 1,Step 2\nz,0.5381,0.691\nState s,"(1, 2, 3)","(4, 5, 6)"', 0),
    ("Größe;Schritt 1;Schritt 2\nz;0,5381;0,691\nZustand s;(1 2 3);(4 5 6)", 0),
    ("quantity,step 1,step 2\nupdate z,0.5381,0.691\nthe state s,[1 2 3],[4 5 6]\nnote,see,", 0),
    ("quantity,step 1,step 2\nz,0.5381,0.691\nq,0.5,0.5\ns,[1 2 3],[4 5 6]", 1),
]


@pytest.mark.parametrize(("text", "complaints"), CROSSED)
def test_the_name_of_a_row_is_no_person(text: str, complaints: int) -> None:
    found = taken(text, "csv")
    assert said(found) == "s_1=1,2,3 z_1=0.5381 s_2=4,5,6 z_2=0.691"
    assert len(found.complaints) == complaints


def test_dates_and_truths_of_a_workbook_are_no_numbers() -> None:
    styles = (
        '<styleSheet><numFmts><numFmt numFmtId="170" formatCode="yyyy\\-mm"/>'
        '<numFmt numFmtId="171" formatCode="0.0000&quot;dm&quot;"/></numFmts><cellXfs>'
        '<xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/><xf numFmtId="171"/></cellXfs>'
        "</styleSheet>"
    )
    cells = "".join(
        f'<c r="{letter}1" {how}><v>{value}</v></c>'
        for letter, how, value in [
            ("A", 't="b"', "1"), ("B", 's="1"', "46143"), ("C", 's="2"', "46143"),
            ("D", 's="3"', "0.5381"), ("E", "", "0.25"),
        ]
    )  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(workbook(f'<row r="1">{cells}</row>'))) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    (sheet,) = sheets(zipped({**parts, "xl/styles.xml": styles}), ".xlsx")
    assert sheet.rows == [(1, ["TRUE", "2026-05-01", "2026-05-01", "0.5381", "0.25"])]


@pytest.mark.parametrize(
    ("text", "value", "places"),
    [
        ("53.81%", "0.5381", 4), ("5 %", "1/20", 2), (r"50\%", "1/2", 2), ("12,5 %", "1/8", 3),
        ("5.381 * 10^(-1)", "0.5381", 4), ("٠٫٥", "0.5", 1), (",5", "0.5", 1),
    ],
)  # fmt: skip
def test_more_numbers_as_people_write_them(text: str, value: str, places: int) -> None:
    number = given(text)
    assert (number.value, number.places) == (Fraction(value), places)


@pytest.mark.parametrize("text", ["1½", "0.5²", "0.5₁", "0.5①", "7/13 %", "5%%"])
def test_marks_at_a_number_make_no_other_digits(text: str) -> None:
    with pytest.raises(VerifierError):
        given(text)
