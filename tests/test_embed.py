"""`verifier embed`: lists of pieces, notes in LaTeX and through pandoc, rebuilding what changed."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import typst

from tests.conftest import SEED, module, pdflatex, tool
from tests.test_cli import run
from tests.test_documents import compiled
from verifier.documents.pieces import piece_text
from verifier.formats import Wrap
from verifier.problem import load
from verifier.report.templating import templates
from verifier.solution import solve

LIST = """
output = "pieces"
sty = true

[problems]
hw10 = "hw10.toml"

[[piece]]
piece = "cell"
wrap = "equation"

[[piece]]
piece = "z@2"
wrap = "equation"

[[piece]]
piece = "h@2"
wrap = "align"

[[piece]]
piece = "z@1:numbers"

[[piece]]
piece = "s[2][1]"

[[piece]]
piece = "table"

[[piece]]
piece = "step@1"
"""
LARGE = ("given", "notes", "sheet", "solution", "derivation")
PAPER = r"""
\documentclass[10pt,a4paper,%s]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{lmodern}
\usepackage[margin=2cm]{geometry}
\usepackage{verifier}
\raggedbottom \allowdisplaybreaks
\begin{document}
The cell is
\verifierpiece{pieces/hw10-cell}
and \eqref{eq:hw10-z-2} gives the update gate:
\verifierpiece{pieces/hw10-z-2}
In a list:
\begin{itemize}
\item the numbers \[ \input{pieces/hw10-z-1-numbers} \] of the first step,
\item the second entry of $s_2$, which is $\input{pieces/hw10-s-2-1}$.
\end{itemize}
\begin{tabular}{ll}
$s_2$ & $\input{pieces/hw10-s-2-1}$ \\
$z_1$ & $\input{pieces/hw10-z-1-numbers}$
\end{tabular}

Then \eqref{eq:hw10-h-2}:
\verifierpiece{pieces/hw10-h-2}
\verifierpiece{pieces/hw10-table}
\verifierpiece{pieces/hw10-step-1}
\end{document}
"""


@pytest.mark.parametrize(("columns", "width"), [("onecolumn", 84), ("twocolumn", 40)])
def test_large_pieces_compile_without_a_warning(columns: str, width: int, tmp_path: Path) -> None:
    pieces = "".join(f'[[piece]]\npiece = "{kind}"\n' for kind in LARGE)
    text = f'width = {width}\nsty = true\n[problems]\nhw10 = "hw10.toml"\n{pieces}'
    assert run("embed", "--all", listed(tmp_path, text)).exit_code == 0
    begin = PAPER.split("The cell is")[0] % columns
    inputs = "\n\n".join(rf"\input{{hw10-{kind}}}" for kind in LARGE)
    log = compiled(f"{begin}{inputs}\n\\end{{document}}\n", tmp_path)
    assert not re.findall(r"(?i).*(?:warning|overfull|underfull|^!).*", log)


REPORTS = ("audit", "fairness", "feedback", "class:people", "lecture")


def test_pieces_of_audits_and_people_compile_without_a_warning(tmp_path: Path) -> None:
    (tmp_path / "Ada.csv").write_text("step,z\n1,0.5381\n2,0.6912\n", "utf-8")
    pieces = "".join(f'[[piece]]\npiece = "{kind}"\n' for kind in REPORTS)
    options = 'answers = "Ada.csv"\nfloat = ["float16", "bfloat16"]\nsty = true\n'
    assert run(
        "embed", "--all", listed(tmp_path, f'{options}[problems]\nhw10 = "hw10.toml"\n{pieces}')
    )
    begin = PAPER.split("The cell is")[0] % "onecolumn"
    inputs = "\n\n".join(rf"\input{{hw10-{kind.replace(':', '-')}}}" for kind in REPORTS)
    log = compiled(f"{begin}{inputs}\n\\end{{document}}\n", tmp_path)
    assert not re.findall(r"(?i).*(?:warning|overfull|^!).*", log)


def test_slides_go_into_a_deck(tmp_path: Path) -> None:
    done = run("embed", SEED, "--piece", "slides:step-1")
    deck = "\\documentclass{beamer}\n\\usepackage{verifier}\n\\begin{document}\n%s\\end{document}\n"
    style = templates() / "latex" / "verifier.sty"
    (tmp_path / style.name).write_bytes(style.read_bytes())
    assert not re.findall(r"(?i).*(?:overfull|^!).*", compiled(deck % done.stdout, tmp_path))


def test_a_piece_of_people_takes_their_answers(tmp_path: Path) -> None:
    (tmp_path / "Ada.csv").write_text("step,z\n1,0.5381\n2,0.6912\n", "utf-8")
    words = ("embed", SEED, "--format", "md", "--piece", "feedback:verdicts")
    assert "0.6912" in run(*words, "--answers", tmp_path / "Ada.csv").stdout
    refused = run(*words)
    assert refused.exit_code == 2
    assert "files or folders of answers" in refused.output
    refused = run("embed", SEED, "--piece", "audit", "--float", "float31")
    assert refused.exit_code == 2
    assert "float32" in refused.output


def listed(folder: Path, text: str = LIST) -> Path:
    (folder / "hw10.toml").write_text(SEED.read_text())
    notes = folder / "notes.toml"
    notes.write_text(text)
    return notes


def times(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("columns", "width"), [("onecolumn", 84), ("twocolumn", 40)])
def test_a_paper_compiles_without_a_warning(columns: str, width: int, tmp_path: Path) -> None:
    done = run("embed", "--all", listed(tmp_path, f"width = {width}\n{LIST}"))
    assert done.exit_code == 0, done.output
    (tmp_path / "paper.tex").write_text(PAPER % columns)
    command = [pdflatex(), "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    for _ in range(2):  # the second run knows the labels
        log = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert log.returncode == 0, log.stdout[-2000:]
    assert not re.findall(r"(?i).*(?:warning|overfull|underfull|^!).*", log.stdout)
    read = subprocess.run(
        [tool("pdftotext"), "-layout", str(tmp_path / "paper.pdf"), "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for words in ("0.1878", "0.6910", "and (2) gives", "Update gate", "Then (3)"):
        assert words in read


def test_a_second_run_writes_nothing(tmp_path: Path) -> None:
    notes = listed(tmp_path)
    first = run("embed", "--all", notes)
    before = times(tmp_path)
    second = run("embed", "--all", notes)
    assert times(tmp_path) == before
    assert first.output.count("wrote ") == second.output.count("stays ") == 8
    assert "wrote" not in second.output


def test_a_weight_changes_every_place_and_nothing_else(tmp_path: Path) -> None:
    notes = listed(tmp_path)
    run("embed", "--all", notes)
    before = {path: path.read_text() for path in (tmp_path / "pieces").iterdir()}
    problem = tmp_path / "hw10.toml"
    problem.write_text(problem.read_text().replace("[[0.35], [0.6]]", "[[0.35], [0.7]]"))
    done = run("embed", "--all", notes)
    changed = {path.stem for path, text in before.items() if path.read_text() != text}
    assert changed == {
        "hw10-z-2", "hw10-h-2", "hw10-z-1-numbers", "hw10-s-2-1", "hw10-table", "hw10-step-1"
    }  # fmt: skip
    assert done.output.count("wrote ") == len(changed)
    alone = run("embed", problem, "--step", "2", "--name", "s", "--index", "1").stdout
    assert (tmp_path / "pieces" / "hw10-s-2-1.tex").read_text() == alone.strip() + "%\n"


QUARTO = """
output = "_pieces"
format = "md"

[problems]
hw10 = "hw10.toml"

[[piece]]
piece = "z@1"
wrap = "quarto"

[[piece]]
piece = "z@1:rounded"
file = "z.md"

[[piece]]
piece = "solution"
file = "solution.md"
profile = "solutions"

[[piece]]
piece = "table@1"
file = "table.md"
"""


def test_a_document_through_pandoc(tmp_path: Path) -> None:
    pypandoc = module("pypandoc")
    assert run("embed", "--all", listed(tmp_path, QUARTO)).exit_code == 0
    pieces = {p.stem: p.read_text() for p in (tmp_path / "_pieces").iterdir()}
    assert pieces["hw10-z-1"].endswith("$$ {#eq-hw10-z-1}\n")
    source = "\n".join(
        [
            "# Notes\n\nThe gate opens:\n",
            pieces["hw10-z-1"],
            f"- in a list, ${pieces['z'].strip()}$\n",
            f"| a | b |\n|---|---|\n| $z_1$ | ${pieces['z'].strip()}$ |\n",
            pieces["table"],
            pieces["solution"],
        ]
    )
    html = pypandoc.convert_text(source, "html", format="markdown", extra_args=["--mathml"])
    assert '<div class="content-visible" data-when-profile="solutions">' in html
    assert html.count("<table>") == 3
    assert html.count("<h") == 1  # the notes' own heading
    assert html.count("<math") > 30
    assert "$" not in re.sub(r"<annotation.*?</annotation>", "", html, flags=re.DOTALL)
    native = pypandoc.convert_text(source, "latex", format="markdown")
    assert native.count(r"\begin{aligned}") == source.count(r"\begin{aligned}")


PIECES = [
    (("--name", "z", "--step", "2", "--link", "numbers", "--format", "txt"), "z_2 ≈ σ([0.48"),
    (("--name", "s", "--step", "2", "--index", "1"), "0.1878"),
    (("--name", "U_h", "--index", "0,2"), "0.3"),
    (("--name", "z", "--link", "equation", "--format", "txt"), "z_t = σ(x_t U^z + s_{t−1} W^z)"),
    (("--link", "table", "--step", "1", "--format", "md"), "| 1 | $z_1$ | $0.5381$ |"),
    (("--piece", "z@1:rounded", "--places", "6", "--format", "txt"), "z_1 ≈ 0.538051"),
    (("--piece", "s@1:rounded", "--policy", "equation", "--format", "txt"), "0.0382"),
    (("--piece", "z@1", "--wrap", "equation", "--label", "eq:a"), r"\label{eq:a}"),
]


@pytest.mark.parametrize(("options", "text"), PIECES)
def test_one_piece_is_printed(options: tuple[str, ...], text: str) -> None:
    done = run("embed", SEED, *options)
    assert done.exit_code == 0, done.output
    assert text in done.stdout


BAD_CALLS = [
    ((), "PROBLEM, or --all notes.toml"),
    ((SEED,), "--name and --step"),
    ((SEED, "--name", "zz", "--step", "1"), "z, r, h, s"),
    ((SEED, "--name", "z", "--step", "9"), "a step from 1 to 2"),
    ((SEED, "--name", "z", "--step", "1", "--link", "nombers"), "did you mean 'numbers'"),
    ((SEED, "--name", "z", "--step", "1", "--index", "x"), "an index such as"),
    ((SEED, "--name", "z", "--step", "1", "--link", "exact", "--index", "0"), "one of the two"),
    ((SEED, "--piece", "z@1", "--format", "pdf"), "txt"),
    (("--all", "nowhere.toml"), "nowhere.toml"),
    (("--all", SEED, "--step", "1"), "alone"),
]


@pytest.mark.parametrize(("call", "says"), BAD_CALLS, ids=str)
def test_a_bad_call(call: tuple[str, ...], says: str) -> None:
    done = run("embed", *call)
    assert done.exit_code == 2
    assert says in done.output
    assert "Traceback" not in done.output


BAD_LISTS = [
    ('[problems]\nhw10 = "hw10.toml"\n', ":1:1", "[[piece]]"),
    ('[[piece]]\npiece = "z@1"\n', ":1:1", "[problems]"),
    (LIST.replace("z@2", "z@7"), "notes.toml:13:9", "a step from 1 to 2"),
    (LIST.replace("z@2", "q@1"), "notes.toml:13:9", "z, r, h, s"),
    (LIST.replace("z@1:numbers", "z@2:exact"), "notes.toml:21:9", "preactivation"),
    (LIST.replace('wrap = "align"', 'wrap = "algin"'), "notes.toml:18:8", "did you mean 'align'"),
    (LIST.replace('wrap = "align"', "width = 3"), "notes.toml:18:9", "from 20 to 1000"),
    (LIST.replace('wrap = "align"', 'file = "../x.tex"'), "notes.toml:18:8", "below the list"),
    (LIST.replace('wrap = "align"', 'file = "/tmp/x.tex"'), "notes.toml:18:8", "below the list"),
    (LIST.replace('wrap = "align"', 'fil = "x"'), "notes.toml:18:7", "did you mean 'file'"),
    (LIST.replace('wrap = "align"', 'profile = "s"'), "notes.toml:18:11", "md alone"),
    (LIST.replace("h@2", "z@2"), "notes.toml:16:1", "a file of its own"),
    (
        LIST.replace('output = "pieces"', 'output = "."') + 'file = "hw10.toml"\n',
        "",
        "take the place",
    ),
    (LIST.replace("hw10.toml", "hw11.toml"), "notes.toml:6:8", "hw11.toml"),
    (LIST + 'problem = "hw9"\n', "notes.toml:", "did you mean 'hw10'"),
    (LIST.replace("sty = true", "sty = 1"), "notes.toml:3:7", "true or false"),
    (LIST.replace("sty = true", "sty = "), "notes.toml:3", "TOML"),
    (LIST.replace('"table"', '"table"\nwrap = "dollars"'), "notes.toml:28:8", "none"),
    (LIST.replace("[problems]", "problems = 3\n[other]"), "notes.toml", "unknown key"),
]


@pytest.mark.parametrize(("text", "place", "says"), BAD_LISTS, ids=str)
def test_a_bad_list_writes_nothing(text: str, place: str, says: str, tmp_path: Path) -> None:
    notes = listed(tmp_path, text)
    done = run("embed", "--all", notes)
    assert done.exit_code == 2
    assert place in done.output
    assert says in done.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hw10.toml", "notes.toml"]


def test_an_error_in_the_problem_is_placed_there(tmp_path: Path) -> None:
    notes = listed(tmp_path)
    run("embed", "--all", notes)
    before = times(tmp_path / "pieces")
    problem = tmp_path / "hw10.toml"
    problem.write_text(problem.read_text().replace("0.35", "nan"))
    done = run("embed", "--all", notes)
    assert done.exit_code == 2
    assert "hw10.toml:11:9" in done.output
    assert times(tmp_path / "pieces") == before


def test_undecided_entries_end_with_1(tmp_path: Path) -> None:
    (tmp_path / "tie.toml").write_text(
        'equations = "y[t] = (sigmoid(x[t]) + sigmoid(-x[t])) * 0.00005"\n[inputs]\nx = [1]\n'
    )
    notes = tmp_path / "notes.toml"
    notes.write_text('[problems]\ntie = "tie.toml"\n[[piece]]\npiece = "y[1]"\n')
    done = run("embed", "--all", notes)
    assert done.exit_code == 1
    assert "undecided" in done.output
    assert (tmp_path / "tie-y-1.tex").read_text() == "?%\n"


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    notes = listed(tmp_path)
    (tmp_path / "pieces").write_text("a file where the folder should be")
    assert run("embed", "--all", notes).exit_code == 2


def test_pieces_in_a_typst_document(tmp_path: Path) -> None:
    solution = solve(load(SEED))

    def made(piece: str, wrap: Wrap = "none") -> str:
        return piece_text(solution, piece, "typ", wrap=wrap)

    parts = [
        f"See @eq:hw10_question2-z-2, and {made('s[2][1]', 'dollars')} in the text.",
        made("z@2", "equation"),
        f"- in a list $ {made('z@1:numbers')} $",
        f"#table(columns: 2, [a], [${made('z@1')}$])",
        *map(made, ("table", "given", "step@1", "notes", "sheet", "solution", "derivation")),
    ]
    (tmp_path / "notes.typ").write_text("\n\n".join(parts))
    assert typst.compile(str(tmp_path / "notes.typ")).startswith(b"%PDF")


LONG = '"' + "a" * 600 + '"'
VALUES = ("3", "-1", "true", "[]", "{}", "1.5", '"x"', '""', '"\\u0000"', "1979-05-27", LONG)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: value[:12])
def test_any_value_at_any_key_is_taken_or_refused(value: str, tmp_path: Path) -> None:
    lines = listed(tmp_path, LIST).read_text().splitlines()
    extra = ['file = "f.tex"', 'label = "l"', "width = 40", 'format = "tex"', 'problem = "hw10"']
    at = lines.index('piece = "z@2"')
    lines[at + 1 : at + 1] = extra
    for k, line in enumerate(lines):
        if " = " in line:
            changed = [*lines[:k], line.split(" = ")[0] + f" = {value}", *lines[k + 1 :]]
            notes = tmp_path / "notes.toml"
            notes.write_text("\n".join(changed))
            done = run("embed", "--all", notes)
            assert done.exit_code in (0, 2), (line, done.output, done.exception)
            assert done.exit_code == 0 or "notes.toml:" in done.output, (line, done.output)
