"""Sheets as people type them, in several languages and orders; what they say is read or told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import SEED
from tests.test_answers import EVERY, KEY, answers, values
from tests.test_counts import CELLS, ROWS
from tests.test_handed_in import zipped
from verifier.check.answers import read
from verifier.problem import load

COMMAS = {key: [text.replace(".", ",") for text in texts] for key, texts in KEY.items()}


def below(heading: str, line: str = "{n} = ({v})\n", sign: str = ", ", decimal: str = ".") -> str:
    """Lines below a heading for each step."""
    return "".join(
        heading.format(s)
        + "".join(line.format(n=n, v=sign.join(KEY[s, n]).replace(".", decimal)) for n in "zrhs")
        for s in (1, 2)
    )


def entries(form: str, end: str = "\n") -> str:
    """A number a line, entries counted from 1."""
    return "".join(
        form.format(n=n, s=s, k=k + 1, v=v, t="₁₂"[s - 1], i="₁₂₃"[k]) + end
        for s in (1, 2)
        for (n, k), v in zip(CELLS, ROWS[s], strict=True)
    )


def named(form: str) -> str:
    """A table of one person with a question a number."""
    heads = [form.format(n=n, s=s, k=k + 1) for s in (1, 2) for n, k in CELLS]
    plain = [f"{n}_{s}" if n in "zr" else head for head, (s, (n, _)) in zip(
        heads, [(s, cell) for s in (1, 2) for cell in CELLS], strict=True)]  # fmt: skip
    return ",".join(["name", *plain]) + "\n" + ",".join(["Ada", *ROWS[1], *ROWS[2]]) + "\n"


def columns(head: str, first: int, merged: bool = False) -> str:
    """A row an entry, with a column for its number, and a column a step."""
    rows = [
        f"{'' if merged and k else n},{k + first},{a},{b}"
        for (n, k), a, b in zip(CELLS, ROWS[1], ROWS[2], strict=True)
    ]
    return "\n".join([head, *rows]) + "\n"


SHEETS = {
    "heads.txt": below("Step {0}\n", "{n} = {v}\n").replace(
        "z = 0.5381\nr = 0.5294\n", "   z      r\n0.5381 0.5294\n\n"
    ),
    "german.txt": "Name: Jörg\n" + below("Zeitschritt {0}:\n", " {n} = ({v})\n", "; ", ","),
    "french.txt": "".join(
        f"Étape {s} :\nz_{s} = {COMMAS[s, 'z'][0]} ; r_{s} = {COMMAS[s, 'r'][0]}\n"
        + "".join(f"{n}_{s} = ({' ; '.join(COMMAS[s, n])})\n" for n in "hs")
        for s in (1, 2)
    ),
    "etape.txt": below("Étape {0}\n", "{n} = {v}\n", " ; ", ","),
    "russian.txt": below("Шаг {0}\n", sign="; ", decimal=","),
    "spanish.txt": below("Paso {0}: ", "{n} = [{v}]\n"),
    "italian.txt": below("Passo {0}\n", "{n} = {v}\n", "; ", ","),
    "turkish.md": below("\n## Adım {0}\n\n", "- {n} = [{v}]\n"),
    "chinese.txt": below("第{0}步\n", "{n}：{v}\n", "，"),
    "polish.csv": "krok;wielkość;element;wartość\n" + entries("{s};{n};{k};{v}").replace(".", ","),
    "dutch.csv": ";stap 1;stap 2\n"
    + "".join(
        f"{n if n in 'zr' else f'{n}{k + 1}'};{a};{b}\n".replace(".", ",")
        for (n, k), a, b in zip(CELLS, ROWS[1], ROWS[2], strict=True)
    ),
    "a table a step.md": below("\n### t = {0}\n\n| gate | value |\n|---|---|\n", "| {n} | {v} |\n"),
    "a table a step.html": below(
        "<h3>Step {0}</h3>\n<table>", "<tr><td>{n}</td><td>{v}</td></tr>\n"
    ).replace("<h3>Step 2", "</table><h3>Step 2"),
    "a block a step.csv": below("Step {0},,,\n", "{n},{v}\n", ","),
    "rounded.txt": "".join(
        f">>> {n}_{s}.round(4)\narray([{', '.join(v)}])\n" for (s, n), v in KEY.items()
    ),
    "yaml.txt": below("step_{0}:\n", "  {n}: [{v}]\n"),
    "low.txt": entries("{n}{t},{i} = {v}"),
    "high.txt": entries("{n}_{k}^({s}) = {v}"),
    "high first.txt": entries("{n}^({s})_{k} = {v}"),
    "entry first.csv": named("{n}{k}_t{s}"),
    "entry at a time.csv": named("{n}{k} (t={s})"),
    "entry last.csv": named("{n}_t{s}_{k}"),
    "columns.csv": columns("quantity,entry,t=1,t=2", 1),
    "columns 0.csv": columns("quantity,index,step 1,step 2", 0),
    "merged.csv": columns("quantity,entry,t=1,t=2", 1, merged=True),
}


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_is_read_whole(name: str, tmp_path: Path) -> None:
    found = answers(tmp_path, f"a{Path(name).suffix}", SHEETS[name])
    assert found.complaints == ()
    assert values(found) == EVERY


TOLD = [
    ("a.csv", ";foo 1;foo 2\nh1;0,1516;0,4738\n", "what the column 'foo 1' holds is not known", 1),
    ("a.csv", ";foo 1;foo 2\nh1;0,1516;0,4738\n", "a vector of 2 entries stands where", 2),
    ("a.csv", "Name,z_1,t=2\nAda,0.5381,0.5294\n", "the column 't=2' names no quantity", 2),
    ("a.txt", "First step:\nz = 0.5381\n", "at which step z is meant is not said", 2),
    ("a.txt", "step_1:\n  z:\n    - 0.5381\n", "not said which quantity", 3),
]


@pytest.mark.parametrize(("name", "text", "says", "line"), TOLD)
def test_what_is_not_understood_is_told(
    name: str, text: str, says: str, line: int, tmp_path: Path
) -> None:
    found = answers(tmp_path, name, text)
    assert (says, line) in {
        (says, c.place.line) for c in found.complaints if says in c.what and c.place
    }


def test_entries_beside_a_column_of_steps(tmp_path: Path) -> None:
    rows = "".join(
        f"{s},{k + 1},{KEY[s, 'h'][k]},{KEY[s, 's'][k]}\n" for s in (1, 2) for k in range(3)
    )
    found = answers(tmp_path, "a.csv", "step,entry,h,s\n" + rows)
    assert found.complaints == ()
    assert values(found) == {entry: v for entry, v in EVERY.items() if entry[1] in "hs"}


def test_a_table_of_word_below_its_step(tmp_path: Path) -> None:
    def paragraph(text: str) -> str:
        return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"

    def table(step: int) -> str:
        rows = ([n, ", ".join(KEY[step, n])] for n in "zrhs")
        cells = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
        return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"

    body = "".join(paragraph(f"Step {s}:") + paragraph("") + table(s) for s in (1, 2))
    text = f'<w:d xmlns:w="urn:w"><w:body>{body}</w:body></w:d>'
    (tmp_path / "a.docx").write_bytes(zipped({"word/document.xml": text}))
    (found,) = read(load(SEED), [tmp_path / "a.docx"])
    assert found.complaints == ()
    assert values(found) == EVERY
