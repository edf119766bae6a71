"""Pages of HTML that learning systems save, and the folders in which they hand them out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import SEED
from tests.test_answers import EVERY, KEY, answers, values
from tests.test_counts import CELLS, ROWS
from verifier.check.answers import read
from verifier.problem import load

PROBLEM = load(SEED)


def each(form: str, sign: str = ", ") -> str:
    return "".join(form.format(n=n, s=s, v=sign.join(texts)) for (s, n), texts in KEY.items())


def table(*rows: list[str]) -> str:
    cells = ("".join(f"<td><p>{cell}</p></td>" for cell in row) for row in rows)
    return f"<table>\n<tbody>{''.join(f'<tr>{row}</tr>' for row in cells)}</tbody></table>"


NAMES = [name if name in "zr" else f"{name}<sub>{k + 1}</sub>" for name, k in CELLS]
PAGES = {
    "paragraphs": each("<p>{n}_{s} = {v}</p>\n"),
    "a document": "<!DOCTYPE html>\n<html><head><title>z_1 = 3</title><style>p {{ x: 1 }}</style>"
    f"</head><body>{each('<div>{n}{s}: [{v}]</div>')}</body></html>",
    "subscripts": each("<li>{n}<sub>{s}</sub> = ({v})</li>"),
    "breaks": "<p dir='ltr'>" + each("{n}<sub>{s}</sub>&nbsp;= [{v}]<br />") + "</p>",
    "spans": each("<p><span class='x'><strong>{n}</strong>_{s}</span> &asymp; <b>{v}</b></p>"),
    "formulas": each(r"<p>\({n}_{{{s}}} = \begin{{bmatrix}} {v} \end{{bmatrix}}\)</p>", " & "),
    "dollars": each("<p>$${n}_{s} = [{v}]$$</p>"),
    "as typed": "<pre><code>" + each("{n}_{s} = [{v}]\n") + "</code></pre>",
    "printed": "<pre>&gt;&gt;&gt; " + each("{n}_{s}\narray([{v}])\n&gt;&gt;&gt; ") + "</pre>",
    "columns": table(["t", *NAMES], ["1", *ROWS[1]], ["2", *ROWS[2]]),
    "rows": table(["", "t = 1", "t = 2"], *map(list, zip(NAMES, ROWS[1], ROWS[2], strict=True))),
    "without ends": each("<p>see<table><tr><td>{n}_{s}<td>{v}</table>"),
    "struck out": each("<p>{n}_{s} = <del>0.9</del> <s>[1, 2]</s> [{v}]</p><!-- {n}_{s} = 7 -->"),
    "formulas that were shown": each(
        '<p><span class="katex"><math><mi>{n}</mi><mo>_</mo><mn>{s}</mn><mo>=</mo>[{v}]<annotation>'
        '{n}_{s} = 0.1</annotation></math><span aria-hidden="true"><span>0</span>{n}9</span></span>'
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("suffix", ["html", "htm"])
def test_a_page_is_read_whole(name: str, suffix: str, tmp_path: Path) -> None:
    found = answers(tmp_path, f"a.{suffix}", PAGES[name])
    assert found.complaints == ()
    assert values(found) == EVERY


TOLD = [
    ("<p>z_1 = 0.5</p>\n<p><img src='x.png'></p>", "a picture is not read", 2),
    ("<p>\n</p><p>z_1 =\nmany</p>", "'many' is no number", 2),
    ("\n" + table(["t", "z"], ["1", "q"]), "'q' is no number", 3),
    ("<!-- z_1 = 0.5", "no answers are in this file", 1),
    ("<script>z_1 = 0.5</script>", "no answers are in this file", 1),
]


@pytest.mark.parametrize(("text", "says", "line"), TOLD)
def test_what_is_not_read_of_a_page_is_told(
    text: str, says: str, line: int, tmp_path: Path
) -> None:
    found = answers(tmp_path, "a.html", text)
    told = [(c.place and c.place.line) for c in found.complaints if says in c.what]
    assert told == [line]


def test_a_submission_to_moodle_is_one_persons(tmp_path: Path) -> None:
    """Text and files of one submission are one sheet; people of one name are told by its number."""
    page = "<p>z<sub>1</sub> = 0.5381</p>"
    for name, text in {
        "Ada Lovelace_11_assignsubmission_onlinetext/onlinetext.html": page,
        "Ada Lovelace_11_assignsubmission_file_/more.txt": "r_1 = 0.5294",
        "Ada Lovelace_12_assignsubmission_onlinetext_/onlinetext.html": page,
        "Bob_13_assignsubmission_file_/scan.pdf": "",
        "Bob_13_assignsubmission_onlinetext_/onlinetext.html": page,
        "Eve_14_assignsubmission_onlinetext_onlinetext.html": page,
        "Eve_14_assignsubmission_file_hw 1.txt": "r_1 = 0.5294",
    }.items():
        path = tmp_path / "class" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found = list(read(PROBLEM, [tmp_path / "class"]))
    told = [(one.person, len(one.given), len(one.complaints)) for one in found]
    assert told == [
        ("Ada Lovelace", 2, 0),
        ("Ada Lovelace", 1, 0),
        ("Bob", 1, 1),
        ("Eve", 2, 0),
    ]
