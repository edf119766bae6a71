"""Feedback for a second attempt holds no right digit, in whatever format it is written."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pypdfium2
import pytest
from click.testing import CliRunner

from tests.conftest import SEED
from verifier.cli import main
from verifier.errors import VerifierError
from verifier.problem import load, loads
from verifier.solution import solve

ROWS = solve(load(SEED)).rows
KEY = {(row.step, row.name, row.index): str(row.rounded) for row in ROWS}


def sheet(**changed: str) -> str:
    """The key's numbers, some of them changed."""
    lines = []
    for (step, name, index), text in KEY.items():
        place = f"{name}_{step}" + (f"[{index[0]}]" if name in "hs" else "")
        lines.append(f"{place} = {changed.get(f'{name}{step}{index[0]}', text)}")
    return "\n".join(lines)


SHEETS = {
    "right": sheet(),
    "signs": sheet(h10="-0.1516", z10="0.5318", r10="0.5295", s11="0.0382"),
    "digits": sheet(z10="0.538069999", r20="0.59", h22="3.563"),
    "unread": "z_1 = 0.5381\nz_1 = 0.5382\nr_1 = 0.5294 oder 0.53\nq_1 = 0.5930\nh_1 = [0.1516]\n",
    "name 0.5381": "Name: 0.5381 0.5294\nz_1 = 0.6\n",
}


def plain(content: bytes, ending: str) -> str:
    """What stands in a file: of archives and PDFs all that is packed in them."""
    if ending == ".pdf":
        pdf = pypdfium2.PdfDocument(content)
        pages = [page.get_textpage().get_text_bounded() for page in pdf]
        return str(pdf.get_metadata_dict()) + "".join(pages)
    if ending in (".docx", ".xlsx"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [archive.read(name) for name in archive.namelist()]
        return b"\n".join(parts).decode("utf-8", "replace")
    return content.decode("utf-8")


def right_digits(text: str) -> set[str]:
    """The numbers of the key that stand in a text, with a point or a comma, or in a name."""
    footer = re.sub(r"[0-9a-f]{16,64}", "", text)
    return {
        number
        for number in KEY.values()
        if re.search(rf"(?<![0-9]){number[0]}[.,_]{number[2:]}", footer)
    }


PAPER = ["pdf", "typ", "tex", "txt", "adoc"]


@pytest.mark.parametrize(
    ("level", "language", "formats"),
    [("verdicts", "en", PAPER), ("hints", "de", []), ("verdicts", "zh", [])],
)
def test_no_right_digit_anywhere(
    level: str, language: str, formats: list[str], tmp_path: Path
) -> None:
    """The problem's own numbers are no key; nothing else of the key's digits is in any byte."""
    task = tmp_path / "hw.toml"
    task.write_text(
        SEED.read_text().replace('cell = "gru"', f'cell = "gru"\nlanguage = "{language}"')
    )
    folder = tmp_path / "class"
    folder.mkdir()
    for name, text in SHEETS.items():
        (folder / f"{name}.txt").write_text(text)
    formats = ["md", "html", "json", "csv", *formats]
    options = [part for name in formats for part in ("--format", name)]
    call = [
        "check",
        str(task),
        str(folder),
        *options,
        "--feedback",
        level,
        "--output",
        str(tmp_path),
    ]
    result = CliRunner().invoke(main, call)
    assert result.exit_code == 1, result.output
    files = [path for path in (tmp_path / "hw").rglob("*") if path.is_file()]
    assert len(files) >= 5 * (len(formats) - 2) + 2
    found = {
        str(path): digits
        for path in files
        if (digits := right_digits(path.name + plain(path.read_bytes(), path.suffix)))
    }
    assert not found
    assert not right_digits(result.output.replace(str(tmp_path), ""))


def test_hiding_is_the_same_as_verdicts_and_hints_say_less(tmp_path: Path) -> None:
    answers = tmp_path / "ada.txt"
    answers.write_text(sheet(z10="0.1513"))
    call = ["check", str(SEED), str(answers), "--stdout"]
    texts = {
        name: CliRunner().invoke(main, [*call, *options]).stdout
        for name, options in {
            "hide": ["--hide-answers"],
            "verdicts": ["--feedback", "verdicts"],
            "hints": ["--feedback", "hints"],
            "full": [],
        }.items()
    }
    assert texts["hide"] == texts["verdicts"]
    assert "0.5381" in texts["full"]
    assert "| mistake" in texts["verdicts"] or "**" in texts["verdicts"]
    assert len(texts["hints"]) < len(texts["verdicts"]) < len(texts["full"])


def test_a_problem_file_may_say_how_much_is_told() -> None:
    text = SEED.read_text()
    assert loads(text).scoring.feedback == "full"
    assert loads(text + '\n[scoring]\nfeedback = "hints"\n').scoring.feedback == "hints"
    with pytest.raises(VerifierError, match="feedback = 'all'"):
        loads(text + '\n[scoring]\nfeedback = "all"\n')


def test_hiding_answers_and_full_feedback_contradict_each_other(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("z_1 = 0.5")
    call = ["check", str(SEED), str(tmp_path / "a.txt"), "--hide-answers", "--feedback", "full"]
    result = CliRunner().invoke(main, call)
    assert result.exit_code == 2
    assert "one of the two" in result.output
