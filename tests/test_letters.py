"""Letters that no font has cost no document: they are left out or shown by code, and named."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.conftest import SEED, tool
from tests.test_documents import compiled
from tests.test_print import read, spoken
from verifier.cli import main
from verifier.documents.sheet import sheet_documents
from verifier.documents.solution import solution_text
from verifier.errors import DocumentError, LetterWarning
from verifier.formats import typ as printing
from verifier.formats.tex import LATEX_MORE
from verifier.formats.tex import escape as escape_latex
from verifier.formats.typ import pdf
from verifier.letters import SHOWN, named, seen
from verifier.problem import loads
from verifier.solution import solve

SAID = [
    ("HW\ufeff 10", "HW 10", "U+FEFF ZERO WIDTH NO-BREAK SPACE"),
    ("a\u200bb\u2060c\xadd", "abcd", "U+200B ZERO WIDTH SPACE, U+2060 WORD JOINER, U+00AD"),
    ("\u202egnp.\u2066exe\u2069", "gnp.exe", "U+202E RIGHT-TO-LEFT OVERRIDE, U+2066"),
    ("a\x00\x07\x1bb\x7f\x9f", "ab", "U+0000, U+0007, U+001B, U+007F, U+009F"),
    ("Zoe\u200d \ufe0f1\ufe0f", "Zoe 1", "U+200D ZERO WIDTH JOINER, U+FE0F"),
    ("e\u034f\U000e0041\ufff9\u3164", "e", "U+034F COMBINING GRAPHEME JOINER, U+E0041 TAG"),
    ("half \ud83d", "half �", "U+D83D is half a letter"),
]


@pytest.mark.parametrize(("text", "left", "names"), SAID, ids=range(len(SAID)))
def test_what_no_reader_sees_is_left_out_and_named(text: str, left: str, names: str) -> None:
    with pytest.warns(LetterWarning) as told:
        assert seen(text) == left
    assert names in str(told[0].message)
    assert seen(left) == left


KEPT = ["Ü 1 · “x”", "中文 😀", "نمی\u200cخواهم", "क्\u200dष", "👩\u200d👧", "葛\ufe00", "é e\u0301"]


@pytest.mark.parametrize("text", KEPT)
def test_letters_and_what_shapes_them_stay(text: str) -> None:
    assert seen(text) == text


def test_breaks_are_spaces() -> None:
    assert seen("a\r\n\tb\u2028c\x0bd\x85e\x1ef") == "a b c d e f"


def test_a_warning_names_so_many_letters_and_counts_the_rest() -> None:
    told = named("".join(map(chr, range(0x4E00, 0x4E00 + SHOWN + 5))))
    assert told.count("U+") == SHOWN
    assert told.endswith(" and 5 more")
    assert (
        named("\u202e\ue000aa")
        == "U+202E RIGHT-TO-LEFT OVERRIDE, U+E000, U+0061 LATIN SMALL LETTER A a"
    )


RARE = {
    "of two planes": "\U0001e922\U0001e900",
    "private": "\uf8d0",
    "unassigned": "\u0378\U0010ffff",
    "no character": "\ufffe",
    "combining": "b\U0001e944\u1abf",
    "an emoji": "\U0001faea",
    "joined": "\U00016e40\u200d\U00016e41\ufe0f",
}
NOWHERE = '#set document(title: "t")\n'


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without fonts: only those that the compiler carries."""
    import typst

    bare = typst.Compiler(ignore_system_fonts=True)
    monkeypatch.setattr(printing, "_compiler", lambda all_fonts: bare)


@pytest.mark.usefixtures("embedded")
@pytest.mark.parametrize("text", [*RARE.values(), "中文 \u1680 क्ष ก"], ids=repr)
@pytest.mark.parametrize(
    "frame", ['#"a{}";', '= #"{}"', '$ "{}" + x_("{}") $', '#table[#{{raw("{}")}}]'], ids=range(4)
)
def test_letters_without_a_font_are_shown_by_code(text: str, frame: str, tmp_path: Path) -> None:
    frame = frame if "$" not in frame else '#math.equation(alt: "x", block: true, ' + frame + ")"
    source = NOWHERE + frame.replace("{}", text).replace("{{", "{").replace("}}", "}")
    with pytest.warns(LetterWarning, match="no font here has") as told:
        made = pdf(source, "en")
    assert made.startswith(b"%PDF")
    words = read(made, tmp_path)
    for letter in text:
        if f"U+{ord(letter):04X}" in str(told[0].message):
            assert f"[U+{ord(letter):04X}]" in words
    assert "[U+" in words
    assert "[U+200D]" not in words


@pytest.mark.usefixtures("embedded")
def test_a_document_goes_on_without_a_font() -> None:
    problem = spoken("en", statement="a \uf8d0 \U0001e922", author="李 Ω", course="\ufeffC")
    with pytest.warns(LetterWarning) as told:
        made = sheet_documents(problem, ["pdf"])["pdf"]
    assert isinstance(made, bytes)
    said = " ".join(str(one.message) for one in told)
    for code in ("U+FEFF", "U+1E922", "U+F8D0", "U+674E"):
        assert code in said
    assert "-e '.[chinese]'" in said


@pytest.mark.usefixtures("embedded")
def test_a_document_in_chinese_needs_a_font() -> None:
    with pytest.raises(DocumentError, match="no font here has Chinese letters") as raised:
        sheet_documents(spoken("zh"), ["pdf"])
    assert "-e '.[chinese]'" in raised.value.accepted
    assert "fonts-noto-cjk" in raised.value.accepted


def test_chinese_prints_from_the_extra_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    import typst

    with_extra = typst.Compiler(ignore_system_fonts=True, font_paths=printing._font_folders())
    monkeypatch.setattr(printing, "_compiler", lambda all_fonts: with_extra)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = sheet_documents(spoken("zh", course="门控循环单元 · 作业十"), ["pdf"])["pdf"]
    assert b"NotoSansSC" in made


def test_latex_shows_the_code_of_what_it_cannot_set() -> None:
    with pytest.warns(LetterWarning, match=r"U\+4E2D.*中.*U\+1F600 GRINNING FACE") as told:
        assert escape_latex("a中😀") == r"a\texttt{[U+4E2D]}\texttt{[U+1F600]}"
    assert "'a中😀' shows [U+…] instead" in str(told[0].message)
    assert escape_latex("e\u0301 e") == "é e"  # one letter, however it is typed


def test_latex_sets_every_letter_that_is_left(tmp_path: Path) -> None:
    letters = "".join(map(chr, range(0x20, 0x180))) + LATEX_MORE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LetterWarning)
        escaped = [escape_latex(letter) for letter in letters]
    assert sum("U+" in one for one in escaped) == len("ĦħĸĿŀŉŦŧſ")
    tool("pdflatex")
    problem = loads(SEED.read_text())
    source = solution_text(solve(problem), "tex")
    body = "\\begin{document}\n" + "\n\n".join(f"x{one}x" for one in escaped)
    compiled(source.replace("\\begin{document}", body, 1), tmp_path)


@pytest.mark.parametrize("format", ["pdf", "tex", "md", "html", "typ", "docx"])
def test_the_command_names_letters_once_on_stderr(format: str, tmp_path: Path) -> None:
    title = json.dumps("HW \ufeff10 \ue123\U0010fffd", ensure_ascii=False)
    path = tmp_path / "p.toml"
    path.write_text(f"title = {title}\n" + SEED.read_text().split("\n", 2)[2], "utf-8")
    command: list[Any] = ["solve", path, "--format", format, "--output", tmp_path]
    done = CliRunner().invoke(main, [str(part) for part in command])
    assert (done.exit_code, done.exception) == (0, None)
    lines = done.stderr.splitlines()
    assert all(line.startswith("verifier: ") for line in lines)
    assert len(lines) == len({*lines})
    assert "U+FEFF ZERO WIDTH NO-BREAK SPACE" in done.stderr
    assert ("U+10FFFD" in done.stderr) == (format in ("pdf", "tex"))


BOLD = """
equations = "h[t] = tanh(x[t] @ kernel + h[t-1] @ recurrent_kernel + alpha + v_tilde + word)"
[notation]
vectors = "bold"
[parameters]
kernel = [[1, 2], [3, 4]]
recurrent_kernel = [[0.1, 0.2], [0.3, 0.4]]
alpha = [0.5, 0.25]
v_tilde = [1, 2]
word = [1, 2]
[inputs]
x = [[0.5, 0.1]]
"""

# a format, and how a vector prints in it: a letter, a Greek one, one with an accent, a word
WORD = r"\boldsymbol{\mathit{word}}"
TYPST = ("bold(h))_", "bold(α))", "bold(tilde(v)))", 'bold("word"))')
WEIGHTS = [
    ("tex", (r"\mathbf{h}_t", r"\boldsymbol{\alpha}", r"\boldsymbol{\tilde{v}}", WORD)),
    ("md", (r"\mathbf h_t", r"\boldsymbol{\alpha}", r"\boldsymbol{\tilde{v}}")),
    ("typ", tuple(f"upright({text}" for text in TYPST)),
    ("html", ("<mi>\U0001d421</mi>", 'bold">α</mi>', "<mi>\U0001d42f</mi>")),
    ("txt", ("h_t", "α", "word")),
]


@pytest.mark.parametrize(("format", "expected"), WEIGHTS)
def test_vectors_are_bold_where_that_is_wanted(format: str, expected: tuple[str, ...]) -> None:
    bold, plain = (
        solution_text(solve(loads(text)), format) for text in (BOLD, BOLD.replace("bold", "plain"))
    )
    assert [part for part in expected if part not in bold] == []
    assert not any(sign in plain for sign in ("bold(", "mathbf", "boldsymbol", "\U0001d421"))


def test_bold_vectors_compile() -> None:
    assert pdf(solution_text(solve(loads(BOLD)), "typ"), "en").startswith(b"%PDF")


def test_parameters_of_keras_print_as_its_letters() -> None:
    assert "tanh(x_t W + h_{t−1} U + α" in solution_text(solve(loads(BOLD)), "txt")
    taken = BOLD.replace("word", "W")  # whose letter W is
    assert "x_t kernel + h_{t−1} U" in solution_text(solve(loads(taken)), "txt")
    named = BOLD.replace("[parameters]", '[notation.names]\nkernel = "K"\n[parameters]')
    assert "x_t K + h_{t−1} U" in solution_text(solve(loads(named)), "txt")
