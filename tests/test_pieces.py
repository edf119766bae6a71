"""Pieces of a solution: every kind in every format and wrap, their labels, and what is refused."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import random_problems
from tests.conftest import BACKWARD, SEED
from verifier.documents.pieces import label_of, parse, piece_text
from verifier.documents.source import Source
from verifier.errors import DocumentError
from verifier.formats import piece_formats, wraps_of
from verifier.problem import load, loads
from verifier.report.kinds import KINDS
from verifier.report.selection import OF_A_PROBLEM, PIECES, Piece
from verifier.rounding import Policy
from verifier.solution import Solution, solve


@pytest.fixture(scope="module")
def seed() -> Solution:
    return solve(load(SEED))


ANSWERS = {"Ada.csv": "step,z\n1,0.5381\n2,0.6912\n", "Emmy.csv": "step,z\n1,0.5381\n2,0.691\n"}


@pytest.fixture(scope="module")
def source(seed: Solution, tmp_path_factory: pytest.TempPathFactory) -> Source:
    """The seed with the answers of two people, and an audit in one format."""
    folder = tmp_path_factory.mktemp("answers")
    for name, text in ANSWERS.items():
        (folder / name).write_text(text, "utf-8")
    return Source(seed, (folder,), ("float16",))


def of_one(source: Source) -> Source:
    return replace(source, answers=(source.answers[0] / "Ada.csv",))


FORMS = [
    ("z@2", Piece("chain", "z", 2)),
    ("z@2:numbers", Piece("numbers", "z", 2)),
    ("z:equation", Piece("equation", "z")),
    ("s[2][1]", Piece("number", "s", 2, (1,))),
    ("s[2]", Piece("number", "s", 2)),
    ("M[2][0,1]", Piece("number", "M", 2, (0, 1))),
    ("M[2][0][1]", Piece("number", "M", 2, (0, 1))),
    ("s@2[1]", Piece("number", "s", 2, (1,))),
    ("table", Piece("table")),
    ("table@2", Piece("table", step=2)),
    ("step@1", Piece("step", step=1)),
    ("audit:drift", Piece("audit", section="drift")),
    ("slides:step-2", Piece("slides", section="step-2")),
    ("audit:chain", Piece("chain", "audit")),  # a quantity that is called audit
    ("audit[0,1]", Piece("number", "audit", 0, (1,))),
    ("step@1:chain", Piece("chain", "step", 1)),  # a quantity that is called step
    (" solution ", Piece("solution")),
    ("α@1", Piece("chain", "α", 1)),
]


@pytest.mark.parametrize(("text", "piece"), FORMS)
def test_the_text_form(text: str, piece: Piece) -> None:
    assert parse(text) == piece
    assert parse(str(piece)) == piece


R_BY = """\
∂r_{t,1}/∂x_{t,1}   = r_{t,1} (1 − r_{t,1}) U_{1,1}^r
∂r_{t,1}/∂x_{t,2}   = r_{t,1} (1 − r_{t,1}) U_{2,1}^r
∂r_{t,1}/∂s_{t−1,1} = r_{t,1} (1 − r_{t,1}) W_{1,1}^r
∂r_{t,1}/∂s_{t−1,2} = r_{t,1} (1 − r_{t,1}) W_{2,1}^r
∂r_{t,1}/∂s_{t−1,3} = r_{t,1} (1 − r_{t,1}) W_{3,1}^r"""
S_ENTRIES = """\
s_{t,1} = (1 − z_{t,1}) h_{t,1} + z_{t,1} s_{t−1,1}
s_{t,2} = (1 − z_{t,1}) h_{t,2} + z_{t,1} s_{t−1,2}
s_{t,3} = (1 − z_{t,1}) h_{t,3} + z_{t,1} s_{t−1,3}"""
S_UNROLLED = """\
s_1 = (1 − z_1) ∘ h_1 + z_1 ∘ s_0
    = (1 − σ(x_1 U^z + s_0 W^z)) ∘ tanh(x_1 U^h + (s_0 ∘ σ(x_1 U^r + s_0 W^r)) W^h) \
+ σ(x_1 U^z + s_0 W^z) ∘ s_0"""
ONE_LINERS = [
    ("z@1:equation", "z_1 = σ(x_1 U^z + s_0 W^z)"),
    ("z:equation", "z_t = σ(x_t U^z + s_{t−1} W^z)"),
    ("r:partial", R_BY),
    ("s:entries", S_ENTRIES),
    ("s@1:unrolled", S_UNROLLED),
    ("z@1:numbers", "z_1 = σ([0.23 0.12] [0.35; 0.6] + [0 0 0] [0.12; 0.67; 0.34])"),
    ("z@1:products", "z_1 = σ(0.1525 + 0)"),
    ("z@1:preactivation", "z_1 = σ(0.1525)"),
    ("z@1:exact", "z_1 = 1/(1 + e^(−61/400))"),
    ("z@1:value", "z_1 = 0.538051…"),
    ("z@1:rounded", "z_1 ≈ 0.5381"),
    ("z@2:preactivation", "z_2 ≈ σ(0.8048)"),  # printed rounded, used in full
    ("s[1][1]", "0.0383"),
    ("s[1]", "[0.0700 0.0383 0.0434]"),
    ("z[1]", "0.5381"),
    ("z[1][0]", "0.5381"),
    ("x[2][1]", "0.98"),
    ("s[0][2]", "0"),
    ("U_z[1,0]", "0.6"),
    ("U_h", "[0.56 0.1 0.3; 0.2 0.5 0.21]"),
]


@pytest.mark.parametrize(("form", "text"), ONE_LINERS)
def test_links_and_numbers(seed: Solution, form: str, text: str) -> None:
    assert piece_text(seed, form, "txt") == text


def test_a_link_alone_claims_no_more_than_its_chain() -> None:
    """Under `operation`, "=" joins a line to rounded numbers, which the left-hand side is not."""
    problem = load(SEED).rounded_by(policy=Policy("operation"))
    solution = solve(problem)
    for kind in ("products", "preactivation"):
        for line in piece_text(solution, f"h@2:{kind}", "txt").splitlines():
            assert "=" not in line.split("tanh")[0]


@pytest.mark.parametrize("format", piece_formats())
@pytest.mark.parametrize("kind", PIECES)
def test_every_kind_in_every_format(source: Source, kind: str, format: str) -> None:
    name = "" if kind in (*OF_A_PROBLEM, "step") else "s" if kind == "jacobian" else "z"
    made_from = Source(solve(load(BACKWARD))) if kind == "backward" else source
    made_from = of_one(source) if kind == "feedback" else made_from
    text = piece_text(made_from, Piece(kind, name, 1 if name or kind == "step" else None), format)
    assert text.strip()
    assert not text.endswith("\n")
    assert not re.search(r"\n\n\n", text)
    assert "Undefined" not in text


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_is_its_sections(source: Source, kind: str) -> None:
    """What no section holds stands before the first one; each is there by the name that is told."""
    made_from = of_one(source) if kind == "feedback" else source
    whole = piece_text(made_from, kind, "txt")
    with pytest.raises(DocumentError) as caught:
        piece_text(made_from, f"{kind}:nothing", "txt")
    names = (caught.value.accepted or "").split(", ")
    parts = [piece_text(made_from, name, "txt") for name in names]
    assert whole.endswith("\n\n".join(parts))
    assert all(name.startswith(f"{kind}:") for name in names)


def test_sections_have_the_same_names_in_all_languages(seed: Solution) -> None:
    task = replace(seed.problem, texts=replace(seed.problem.texts, language="de"))
    assert piece_text(Solution(task), "audit:printed", "md").startswith("**")
    assert "Toleranz" in piece_text(Solution(task), "fairness:tolerance", "md")


def test_slides_are_frames_for_beamer_and_sections_elsewhere(seed: Solution) -> None:
    frames = piece_text(seed, "slides:step-1", "tex")
    assert frames.startswith(r"\begin{frame}")
    assert frames.count(r"\begin{frame}") == frames.count(r"\end{frame}")
    for format, sign in (("typ", "#pagebreak"), ("html", "<section"), ("md", "\n---")):
        assert sign not in piece_text(seed, "slides:step-1", format)


MATHS = ("z@2", "h@2:terms", "z@1:exact", "cell", "h:equation", "s@2:rounded")


@pytest.mark.parametrize("piece", MATHS)
def test_no_blank_line_ends_a_formula(seed: Solution, piece: str) -> None:
    for format, wraps in ((f, wraps_of(f)) for f in piece_formats()):
        for wrap, width in product(wraps, (None, 24)):
            text = piece_text(seed, piece, format, wrap=wrap, width=width)
            assert "\n\n" not in text
            assert not any(line != line.rstrip() for line in text.splitlines())


@pytest.mark.parametrize("piece", MATHS)
def test_bare_latex_goes_into_dollars_and_tables(seed: Solution, piece: str) -> None:
    tex, md = (piece_text(seed, piece, format) for format in ("tex", "md"))
    for text in (tex, md):
        assert not re.search(r"\\begin\{(align|equation|gather)\*?\}|\$|\\\[|\\tag|\\label", text)
    assert "\n" not in md
    assert "|" not in md


def test_markdown_is_for_pandoc_and_for_github(seed: Solution) -> None:
    """Pandoc reads no \\cr; GitHub eats a backslash before punctuation, but at a line's end."""
    for piece in MATHS:
        assert not re.search(r"\\cr|\\mathstrut", piece_text(seed, piece, "md", wrap="dollars"))
        github = piece_text(seed, piece, "gfm", wrap="dollars")
        assert not re.search(r"\\[!-/:-@\[-`{-~]", github.replace("\\\\\n", "\n"))
        assert not re.search(r"\\[^a-z]|\n", piece_text(seed, piece, "gfm"))


def test_html_is_well_formed(seed: Solution) -> None:
    for piece in (*MATHS, "s[1][1]", "U_z[0,0]", "step@1", "table", "given", "sheet", "derivation"):
        ElementTree.fromstring(f"<div>{piece_text(seed, piece, 'html')}</div>")


def test_passages_open_no_section(seed: Solution) -> None:
    signs = {"tex": r"\\(sub)*section", "md": "^#", "typ": "^=", "html": "<h[1-6]"}
    for kind, (format, sign) in product(
        ("solution", "sheet", "derivation", "step@1"), signs.items()
    ):
        text = piece_text(seed, kind, format)
        assert not re.search(sign, text, re.MULTILINE), (kind, format)
        assert "longtable" not in text
    lines = piece_text(seed, "solution", "md").splitlines()
    bold = [k for k, line in enumerate(lines) if line.startswith("**")]
    assert len(bold) > 10
    assert all(not lines[k - 1] and not lines[k + 1] for k in bold)


LABELS = [
    ("z@2", "eq:hw10-z-2"),
    ("z@2:numbers", "eq:hw10-z-2-numbers"),
    ("s[2][1]", "eq:hw10-s-2-1"),
    ("U_z[0,1]", "eq:hw10-U_z-0-1"),
    ("z:equation", "eq:hw10-z-equation"),
    ("step@1", "eq:hw10-step-1"),
    ("cell", "eq:hw10-cell"),
]


@pytest.mark.parametrize(("form", "label"), LABELS)
def test_labels(form: str, label: str) -> None:
    assert label_of("hw10", parse(form)) == label
    assert label_of("my notes/α β", parse("cell")) == "eq:my-notes-α-β-cell"


def test_labels_of_all_pieces_differ(seed: Solution) -> None:
    pieces = [
        parse(f"{n}@{t}:{kind}") for n in "zrhs" for t in (1, 2) for kind in ("chain", "exact")
    ]
    pieces += [parse(f"s[{t}][{k}]") for t in (1, 2) for k in range(3)] + [Piece("table")]
    assert len({label_of("hw10", piece) for piece in pieces}) == len(pieces)


def test_feedback_is_to_one_person(source: Source) -> None:
    with pytest.raises(DocumentError, match="2 people"):
        piece_text(source, "feedback", "md")
    assert "0.6912" in piece_text(of_one(source), "feedback:verdicts", "md")


def test_what_is_found_out_is_found_out_once(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert piece_text(source, "audit:drift", "md") in piece_text(source, "audit", "md")
    monkeypatch.setattr("verifier.audit.whole.whole", None)
    piece_text(source, "audit:drift", "tex")


def test_wraps(seed: Solution) -> None:
    def made(piece: str, format: str, wrap: Any, label: str | None = None) -> str:
        return piece_text(seed, piece, format, wrap=wrap, label=label)

    stem = "eq:hw10_question2"
    assert made("s[2][1]", "tex", "dollars") == "$0.1878$"
    assert made("s[2][1]", "tex", "brackets") == r"\(0.1878\)"
    assert made("z@1:rounded", "tex", "dollars") == "$$\nz_1 \\approx 0.5381\n$$"
    assert made("z@2", "tex", "brackets").startswith("\\[\n\\begin{aligned}\n")
    equation = made("z@2", "tex", "equation")
    assert equation.startswith(f"\\begin{{equation}} \\label{{{stem}-z-2}}\n\\begin{{aligned}}")
    aligned = made("z@2", "tex", "align")
    lines = aligned.splitlines()[1:-1]
    assert [r"\notag" in line for line in lines] == [True] * (len(lines) - 1) + [False]
    assert aligned.splitlines()[-2].endswith(rf"\label{{{stem}-z-2}}")
    assert r"\label{eq:own}" in made("z@2", "tex", "equation", "eq:own")
    assert made("z@2", "tex", "equation", "").startswith("\\begin{equation*}\n")
    assert made("z@2", "md", "quarto").endswith("$$ {#eq-hw10_question2-z-2}")
    assert made("z@2", "md", "myst").endswith(f"$$ ({stem}-z-2)")
    assert made("z@1:rounded", "gfm", "dollars").startswith("$$\n")
    assert made("z@2", "typ", "equation").endswith(f"<{stem}-z-2>")
    assert f'id="{stem}-z-2"' in made("z@2", "html", "equation")


BAD = [
    ({"piece": "zz@1"}, "z, r, h, s"),
    ({"piece": "z@3"}, "a step from 1 to 2"),
    ({"piece": "z@0"}, "a step from 1 to 2"),
    ({"piece": "s[3][0]"}, "a step from 0 to 2"),
    ({"piece": "s[1][3]"}, "indices from 0 to 2"),
    ({"piece": "s[1][0,0]"}, "indices from 0 to 2"),
    ({"piece": "U_z[2,0]"}, "0 to 1 and 0 to 0"),
    ({"piece": "z@1:numbrs"}, "did you mean 'numbers'"),
    ({"piece": "z@2:exact"}, "equation, numbers, products, preactivation, value, rounded"),
    ({"piece": "s@1:terms"}, "has no matrix product"),
    ({"piece": "z:jacobian"}, "accepted: s"),
    ({"piece": "z:unrolled"}, "a step from 1 to 2"),
    ({"piece": "z:numbers"}, "a step from 1 to 2"),
    ({"piece": "solution@1"}, "solution"),
    ({"piece": "z@2; rm"}, "forms such as"),
    ({"piece": ""}, "forms such as"),
    ({"piece": "q[1][0]"}, "U_h"),
    ({"piece": "z@1", "format": "pdf"}, ", ".join(piece_formats())),
    ({"piece": "z@1", "wrap": "align", "format": "typ"}, "none, dollars, equation"),
    ({"piece": "table", "wrap": "dollars"}, "--wrap none"),
    ({"piece": "s[1][0]", "wrap": "equation"}, "dollars"),
    ({"piece": "z@1", "width": 3}, "a width from 20"),
    ({"piece": "z@1", "wrap": "equation", "label": "a}b"}, "letters, digits"),
    ({"piece": "class"}, "files or folders of answers"),
    ({"piece": "audit:drifts"}, "did you mean 'drift'"),
    ({"piece": "audit:x"}, "audit:summary, audit:deploy, audit:errors, audit:shares"),
    ({"piece": "table:z"}, "the piece of a quantity"),
    ({"piece": Piece("chain")}, "whole problem"),
    ({"piece": Piece("table", "z", 1)}, "chain"),
    ({"piece": Piece("nothing")}, "the kind of a piece"),
]


@pytest.mark.parametrize(("call", "says"), BAD, ids=str)
def test_what_is_refused(seed: Solution, call: dict[str, Any], says: str) -> None:
    call = {"format": "tex", **call}
    with pytest.raises(DocumentError) as caught:
        piece_text(seed, call.pop("piece"), call.pop("format"), **call)
    assert says in str(caught.value)


@given(random_problems.any_problem(rounded=True), st.data())
@settings(max_examples=25)
def test_pieces_of_random_problems(problem: Any, data: Any) -> None:
    solution = solve(problem)
    name = data.draw(st.sampled_from(solution.order))
    step = data.draw(st.integers(1, problem.steps))
    format = data.draw(st.sampled_from(piece_formats()))
    wrap = data.draw(st.sampled_from(wraps_of(format)))
    piece = data.draw(st.sampled_from(["chain", "equation", "rounded"]))
    text = piece_text(solution, Piece(piece, name, step), format, wrap=wrap, width=40)
    assert text
    assert "\n\n" not in text
    digits = solution.digits(problem.policy.kind)[step, name]
    for k, expected in enumerate(digits):
        index = () if problem.shapes[name] == () else (k,)
        number = piece_text(solution, Piece("number", name, step, index), "txt")
        assert number == (expected or "?").replace("-", "−")


def test_chinese_mathematics_goes_into_latex_and_sentences_do_not() -> None:
    solution = solve(loads('language = "zh"\n' + SEED.read_text()))
    assert piece_text(solution, "z@1:rounded", "tex") == r"z_1 \approx 0.5381"
    assert "更新门" in piece_text(solution, "step@1", "md")
    with pytest.raises(DocumentError, match="Chinese"):
        piece_text(solution, "step@1", "tex")


@settings(max_examples=300)
@given(st.text(max_size=12) | st.from_regex(r"[zs@:\[\]\d,a-z]{1,10}", fullmatch=True))
def test_any_text_is_a_piece_or_refused(text: str) -> None:
    try:
        piece = parse(text)
    except DocumentError:
        return
    assert parse(str(piece)) == piece


def test_names_of_both_directions_and_matrices() -> None:
    problem = loads(
        'equations = "M[t] = M[t-1] + A\\nb[t] = tanh(b[t+1] + x[t])"\n'
        "[parameters]\nA = [[1, 2], [3, 4]]\n[inputs]\nx = [0.5, 0.25]\n"
        "[initial]\nM = [[0, 0], [0, 0]]\n[final]\nb = 0.1\n"
    )
    solution = solve(problem)
    assert piece_text(solution, "M[2][1,0]", "txt") == "6.0000"
    assert piece_text(solution, "b[3]", "txt") == "0.1"
    assert "b_1" in piece_text(solution, "step@1", "txt")
    with pytest.raises(DocumentError, match="from 1 to 3"):
        piece_text(solution, "b[0]", "txt")


GRADIENTS = [
    ("d_s@1:equation", "∂L/∂s_1 = s_1 − y_1 + δs⃖_2"),
    ("d_s@2:equation", "∂L/∂s_2 = s_2 − y_2"),
    ("d_W_z@2:equation", "(∂L/∂W^z)[≥2] = s_1 ⊗ δz̄_2"),
    ("d_W_z@1:rounded", "∂L/∂W^z ≈ [0.0014; 0.0007; 0.0008]"),
    ("new_U_r:equation", "U′^r = U^r − η (∂L/∂U^r)"),
    ("d_s[2][0]", "0.1948"),
]


@pytest.mark.parametrize(("piece", "expected"), GRADIENTS)
def test_pieces_of_the_backward_pass_are_of_the_problem_with_the_loss(
    piece: str, expected: str
) -> None:
    assert piece_text(solve(load(BACKWARD)), piece, "txt") == expected


def test_a_step_backwards_has_no_forward_quantity() -> None:
    text = piece_text(solve(load(BACKWARD)), "backward@1", "txt")
    assert "Step 1, backwards" in text
    assert "σ" not in text.split("Step 1, backwards")[0]


@pytest.mark.parametrize("piece", ["backward@3", "new_W_z@2", "d_q@1", "d_s@0"])
def test_what_is_not_there_backwards_is_refused(piece: str) -> None:
    with pytest.raises(DocumentError):
        piece_text(solve(load(BACKWARD)), piece, "txt")
