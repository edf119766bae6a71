"""A small Sphinx site with the extension: HTML and LaTeX, incremental builds, errors in place."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sphinx.application import Sphinx
from sphinx.testing.util import _clean_up_global_state
from sphinx.util.docutils import docutils_namespace, patch_docutils

from tests.conftest import SEED, pdflatex
from tests.test_cli import run

INDEX = """# Notes

The second entry is {verifier}`hw10:s[2][1]`, the vector {verifier}`hw10:s[2]`.

```{verifier-piece} hw10 z@2
:label:
```

See {eq}`eq:hw10-z-2` and {eq}`mine`.

- in a list:

  ```{verifier-piece} hw10 z@2:numbers
  ```

:::{note}
```{verifier-piece} hw10 table
```
:::

| in | a table |
|---|---|
| x | {verifier}`hw10:s[2][0]` |

```{verifier-solution} hw10
```

```{toctree}
two
alone
```
"""
TWO = """Two
===

.. verifier-sheet:: /problems/question2.toml
   :places: 6

.. verifier-piece:: hw10 z:equation
   :label: mine

.. verifier-solution:: weights.toml
   :open:
   :title: The answer
"""
ALONE = "# Alone\n\nNothing of the program's is here.\n"
WEIGHTS = """equations = "y[t] = tanh(x[t] @ U)"
[parameters]
file = "weights.npz"
[inputs]
x = [[1, 2]]
"""

SETTINGS = {
    "extensions": ["myst_parser", "verifier.hosts.sphinx"],
    "verifier_problems": {"hw10": "problems/question2.toml"},
    "myst_enable_extensions": ["colon_fence"],
    "html_theme": "basic",
    "project": "Notes",
}

Build = Callable[..., tuple[Sphinx, str]]


def sources(folder: Path) -> Path:
    """The sources of a site with three documents and two problems, below a folder."""
    source = folder / "source"
    (source / "problems").mkdir(parents=True)
    (source / "problems" / "question2.toml").write_bytes(SEED.read_bytes())
    texts = {"index.md": INDEX, "two.rst": TWO, "alone.md": ALONE, "weights.toml": WEIGHTS}
    for name, text in texts.items():
        (source / name).write_text(text, "utf-8")
    np.savez(source / "weights.npz", U=np.array([0.25, 0.5]))
    return source


def built(source: Path, builder: str = "html", **settings: Any) -> tuple[Sphinx, str]:
    """The application that built a site in this process, and its warnings."""
    warnings, out = io.StringIO(), source.parent / builder
    with patch_docutils(), docutils_namespace():
        app = Sphinx(
            source, None, out, out / ".doctrees", builder, SETTINGS | settings,
            status=io.StringIO(), warning=warnings,
        )  # fmt: skip
        app.build()
    return app, re.sub(r"\x1b\[[\d;]*m", "", warnings.getvalue())


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The sources of a site."""
    return sources(tmp_path)


@pytest.fixture
def build(site: Path) -> Iterator[Build]:
    """Builds the site."""
    yield partial(built, site)
    _clean_up_global_state()


def page(app: Sphinx, name: str) -> str:
    return Path(app.outdir, f"{name}.html").read_text("utf-8")


def change(file: Path, old: str, new: str) -> None:
    """Put another text in a file, and make the file younger than the last build."""
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
    later(file)


def later(file: Path) -> None:
    stamp = file.stat().st_mtime + 10
    os.utime(file, (stamp, stamp))


def test_html_has_every_piece(build: Build) -> None:
    app, warnings = build()
    assert warnings == ""
    index, two = page(app, "index"), page(app, "two")
    assert r"\(0.1878\)" in index
    assert r"\begin{bmatrix} 0.1948 &amp; 0.1878 &amp; 0.1401 \end{bmatrix}" in index
    assert 'id="equation-eq-hw10-z-2"' in index
    assert re.search(r'href="#equation-eq-hw10-z-2">\(1\)', index)
    assert 'href="two.html#equation-mine"' in index
    assert re.search(r"<details class=.verifier verifier-solution.>\s*<summary>HW 10", index)
    assert re.search(r"<details [^>]* open>\s*<summary>The answer", two)
    assert "Results are rounded to 6 decimal places" in two
    assert Path(app.outdir, "_static", "verifier.css").exists()
    assert "verifier.css" in index


def test_mathml_needs_no_script(build: Build) -> None:
    app, warnings = build(verifier_math="mathml")
    assert warnings == ""
    index = page(app, "index")
    assert '<math alttext="0.1878"><mn>0.1878</mn></math>' in index
    assert 'alttext="z at step 2 equals sigmoid of' in index
    assert '<span class="eqno">(1)' in index
    assert r"\begin" not in index
    assert "mathjax" not in index.lower()


@pytest.mark.parametrize("math", ["host", "mathml"])
def test_equations_are_numbered_by_section_where_the_site_wants_it(
    build: Build, site: Path, math: str
) -> None:
    change(site / "index.md", "```{toctree}\n", "```{toctree}\n:numbered:\n")
    two = "\n.. math:: a = b\n   :label: theirs\n"
    (site / "two.rst").write_text(TWO + two, "utf-8")
    app, warnings = build(numfig=True, verifier_math=math)
    assert warnings == ""
    assert re.findall(r'class="eqno">\((.*?)\)', page(app, "two")) == ["1.1", "1.2"]
    assert re.search(r'href="two.html#equation-mine">\(1\.1\)', page(app, "index"))


@pytest.mark.parametrize(("switch", "seen"), [("show", True), ("hide", False)])
def test_the_switch_shows_and_hides_solutions(build: Build, switch: str, seen: bool) -> None:
    index = page(build(verifier_solutions=switch)[0], "index")
    assert ("Notes on rounding" in index) is seen
    assert "verifier-solution" not in index
    assert "Table of results" in index  # a piece is no solution, unless it says so


def test_a_piece_may_be_part_of_the_solution(build: Build, site: Path) -> None:
    piece = "```{verifier-piece} hw10 h@2:rounded\n:solution:\n```\n"
    (site / "alone.md").write_text(f"# Alone\n\n{piece}", "utf-8")
    assert "0.5223" not in page(build(verifier_solutions="hide")[0], "alone")
    assert "0.5223" in page(build()[0], "alone")


FACTS = [
    ("s[1][1]:lower", "0.038253939915"),
    ("s[1][1]:upper", "0.038253939916"),
    ("s[1][1]:final", "0.0383"),
    ("s[1][1]:equation", "0.0382"),
    ("z[1]:margin", "0.012"),
]


def test_the_role_knows_what_lies_behind_the_digits(build: Build, site: Path) -> None:
    for language in ("en", "de"):
        own = f'language = "{language}"\n{SEED.read_text("utf-8")}'
        (site / f"{language}.toml").write_text(own, "utf-8")
    forms = [f"- {{verifier}}`{own}.toml:{form}`\n" for own in ("en", "de") for form, _ in FACTS]
    (site / "alone.md").write_text(f"# Alone\n\n{''.join(forms)}", "utf-8")
    alone = page(build()[0], "alone")
    for _, text in FACTS:
        assert rf"\({text}\)" in alone
        assert rf"\({text.replace('.', '{,}')}\)" in alone


def test_latex_has_every_piece(build: Build) -> None:
    app, warnings = build("latex")
    assert warnings == ""
    (source,) = Path(app.outdir).glob("*.tex")
    text = source.read_text("utf-8")
    assert r"\usepackage{verifier}" in text
    assert Path(app.outdir, "verifier.sty").exists()
    assert r"\label{equation:index:eq:hw10-z-2}" in text
    assert r"0.690997\ldots \approx 0.6910" in text
    assert "<math" not in text
    assert r"\verifierheading{Update gate \(z_1\)}" in text  # paper does not fold


def test_latex_with_pdflatex(build: Build, site: Path) -> None:
    needed = ("needspace.sty", "tabulary.sty", "tgtermes.sty")  # what Sphinx's own classes load
    (site / "alone.md").write_text("# Alone\n\n```{verifier-audit} hw10\n```\n", "utf-8")
    app, _ = build("latex")
    (source,) = Path(app.outdir).glob("*.tex")
    command = [pdflatex(*needed), "-draftmode", "-interaction=nonstopmode", source.name]
    done = subprocess.run(command, cwd=app.outdir, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    assert b"Overfull" not in done.stdout


def test_other_builders_get_text(build: Build) -> None:
    app, warnings = build("text")
    assert warnings == ""
    assert "z_2 = 0.690997… ≈ 0.6910" in Path(app.outdir, "index.txt").read_text("utf-8")


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The documents that builds read, in order."""
    from sphinx.builders import Builder

    seen: list[str] = []
    plain = Builder.read_doc

    def read(self: Builder, docname: str, **options: Any) -> None:
        seen.append(docname)
        plain(self, docname, **options)

    monkeypatch.setattr(Builder, "read_doc", read)
    return seen


def test_one_weight_changes_every_place_and_no_other(
    build: Build, site: Path, reads: list[str]
) -> None:
    before = page(build()[0], "index")
    assert sorted(reads) == ["alone", "index", "two"]
    reads.clear()
    build()
    assert reads == []  # nothing changed, nothing is read
    change(site / "problems" / "question2.toml", "0.35", "0.36")
    app, _ = build()
    assert sorted(reads) == ["index", "two"]
    after = page(app, "index")
    assert r"\begin{bmatrix} 0.35 \\ 0.6 \end{bmatrix}" in before
    assert r"\begin{bmatrix} 0.36 \\ 0.6 \end{bmatrix}" in after
    assert "0.35<" not in after
    for old in ("0.690997", "0.538051"):
        assert old in before
        assert old not in after


def test_a_new_version_reads_all_again(
    build: Build, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    build()
    monkeypatch.setattr("verifier.hosts.sphinx.__version__", "99")
    reads.clear()
    build()
    assert sorted(reads) == ["alone", "index", "two"]


def test_a_changed_weights_file_is_seen(build: Build, site: Path, reads: list[str]) -> None:
    build()
    reads.clear()
    np.savez(site / "weights.npz", U=np.array([0.25, 0.75]))
    later(site / "weights.npz")
    app, _ = build()
    assert reads == ["two"]
    assert "0.75" in page(app, "two")


FAULTS = [
    ("{verifier}`hw10:s[2][9]`", "s has no entry [9]", "indices from 0 to 2"),
    ("{verifier}`hw11:s[2]`", "there is no problem 'hw11'; did you mean 'hw10'?", "hw10"),
    ("{verifier}`hw10:s[2]:margin`", "is no single result", "s[2][1]"),
    ("{verifier}`hw10:s[2][9]:margin`", "s has no entry [9]", "indices from 0 to 2"),
    ("{verifier}`hw10`", "names no piece of a problem", "hw10:s[2][1]"),
    ("{verifier}`hw10:table`", "does not fit in a line", "verifier-piece"),
    ("```{verifier-piece} hw10 q@2\n```", "'q' is not a quantity", "z, r, h, s"),
    ("```{verifier-piece} hw10 z@3\n```", "there is no step 3", "a step from 1 to 2"),
    ("```{verifier-piece} hw10 z@2:numbrs\n```", "did you mean 'numbers'?", "equation"),
    ("```{verifier-piece} hw10 table\n:label: x\n```", "is not numbered", "mathematics"),
    ("```{verifier-audit} hw10\n:float: float31\n```", "float31", "float32"),
    ("```{verifier-piece} hw10 audit:x\n```", "no section 'x'", "audit:summary"),
    ("```{verifier-piece} hw10 slides\n```", "slides in a page", "solution"),
    ("```{verifier-piece} hw10 class\n:answers: ../x.csv\n```", "outside of the source", "below"),
    ("```{verifier-audit} hw11\n```", "there is no problem 'hw11'", "hw10"),
    ("```{verifier-solution} nofile.toml\n```", "No such file", "a problem file"),
    ("```{verifier-solution} broken.toml\n```", "broken.toml:2", ""),
    ("```{verifier-solution} secret.toml\n```", "secret.toml:1", ""),
    ("```{verifier-solution} token.toml\n```", "token.toml:", "a cell, or equations"),
    ("```{verifier-solution} ../outside.toml\n```", "outside of the source folder", "below"),
    ("```{verifier-solution} /../outside.toml\n```", "outside of the source folder", "below"),
    ("```{verifier-solution} link.toml\n```", "outside of the source folder", "below"),
    ("{verifier}`../outside.toml:s[1]`", "outside of the source folder", "below"),
    ("```{verifier-solution} far.toml\n```", "outside of the source folder", "below"),
    ("```{verifier-solution} hw10\n:places: 1001\n```", "places = 1001", "up to 1000"),
]


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[int, str], str]]:
    """The page with all faults, the warnings by line, and another page of the same site."""
    source = sources(tmp_path_factory.mktemp("faulty"))
    (source / "broken.toml").write_text('cell = "gru"\n[parameters\n', "utf-8")
    (source / "secret.toml").write_text("root:SECRET:0\n", "utf-8")
    (source / "token.toml").write_text('SECRET = "SECRET"\n', "utf-8")
    (source.parent / "outside.toml").write_bytes(SEED.read_bytes())
    (source / "link.toml").symlink_to(source.parent / "outside.toml")
    np.savez(source.parent / "far.npz", U=np.array([0.25, 0.5]))
    (source / "far.toml").write_text(WEIGHTS.replace("weights.npz", "../far.npz"), "utf-8")
    text = "".join(f"{markup}\n\nAfter.\n\n" for markup, _, _ in FAULTS)
    (source / "alone.md").write_text(f"# Alone\n\n{text}", "utf-8")
    app, warnings = built(source)
    parts = re.split(rf"^{re.escape(str(source))}/alone\.md:(\d+): ", warnings, flags=re.MULTILINE)
    assert parts[0] == ""
    yield (
        page(app, "alone"),
        dict(zip(map(int, parts[1::2]), parts[2::2], strict=True)),
        page(app, "index"),
    )
    _clean_up_global_state()


@pytest.mark.parametrize("number", range(len(FAULTS)))
def test_errors_name_document_and_line(
    faulty: tuple[str, dict[int, str], str], number: int
) -> None:
    _, what, accepted = FAULTS[number]
    before = "".join(f"{markup}\n\nAfter.\n\n" for markup, _, _ in FAULTS[:number])
    warning = faulty[1][3 + before.count("\n")]
    assert warning.startswith("WARNING: ")
    assert what in warning
    assert accepted in warning
    assert "Traceback" not in warning


def test_errors_leave_the_rest_alone(faulty: tuple[str, dict[int, str], str]) -> None:
    alone, warnings, index = faulty
    assert len(warnings) == len(FAULTS)
    assert alone.count("[verifier: ") == len(FAULTS)
    assert alone.count("After.") == len(FAULTS)
    assert "SECRET" not in alone + "".join(warnings.values())
    assert r"\(0.1878\)" in index


def test_a_mended_problem_is_read_at_the_next_build(build: Build, site: Path) -> None:
    (site / "alone.md").write_text("# Alone\n\n```{verifier-solution} late.toml\n```\n", "utf-8")
    assert "late.toml" in build()[1]
    (site / "late.toml").write_text(WEIGHTS, "utf-8")
    app, warnings = build()
    assert warnings == ""
    assert "verifier-fault" not in page(app, "alone")


def test_a_solution_with_undecided_entries_says_so(build: Build, site: Path) -> None:
    equations = 'equations = "y[t] = sigmoid(x[t]) + sigmoid(-x[t])"'  # 1, which no ball can tell
    text = f'{equations}\n[rounding]\nmode = "down"\n[inputs]\nx = [1]\n'
    (site / "one.toml").write_text(text, "utf-8")
    (site / "alone.md").write_text("# Alone\n\n```{verifier-solution} one.toml\n```\n", "utf-8")
    app, warnings = build()
    assert warnings.startswith(f"{site / 'alone.md'}:3: WARNING: some entries are undecided")
    assert "?" in page(app, "alone")


def test_an_audit_in_a_page_is_that_of_the_command(build: Build, site: Path) -> None:
    text = "# Alone\n\n```{verifier-audit} hw10\n:float: float16, float32\n```\n"
    (site / "alone.md").write_text(text, "utf-8")
    app, warnings = build()
    assert warnings == ""
    html = page(app, "alone")
    floats = ("--float", "float16", "--float", "float32")
    whole = run("audit", SEED, *floats, "--format", "html", "--stdout").stdout
    rows = re.findall(r"<tr><td.*?</tr>", whole, re.DOTALL)
    assert len(rows) > 40
    for row in rows:
        assert row in html
    assert "float32: products" in html
    assert "bfloat16: products" not in html
    assert html.count("<svg") == whole.count("<svg")
    assert html.count("<h2") == 0  # no section of the page is opened


def test_pieces_of_people_and_of_audits_depend_on_their_files(build: Build, site: Path) -> None:
    (site / "Ada.csv").write_text("step,z\n1,0.5381\n2,0.6912\n", "utf-8")
    pieces = ("audit:drift\n:float: float16", "feedback:verdicts\n:answers: Ada.csv")
    text = "\n".join(f"```{{verifier-piece}} hw10 {piece}\n```" for piece in pieces)
    (site / "alone.md").write_text(f"# Alone\n\n{text}\n", "utf-8")
    app, warnings = build()
    assert warnings == ""
    html = page(app, "alone")
    assert "0.6912" in html
    assert "float16: bound" in html
    assert "float32: bound" not in html
    assert any(str(name).endswith("Ada.csv") for name in app.env.dependencies["alone"])


def test_chinese_is_shown_where_there_are_letters_for_it(build: Build, site: Path) -> None:
    (site / "weights.toml").write_text(f'language = "zh"\n{WEIGHTS}', "utf-8")
    text = "# Alone\n\n```{verifier-solution} weights.toml\n```\n"
    (site / "alone.md").write_text(f"{text}\n```{{verifier-audit}} weights.toml\n```\n", "utf-8")
    app, warnings = build()
    assert warnings == ""
    assert "详细解答" in page(app, "alone")
    assert "LaTeX documents in Chinese are not made" in build("latex")[1]


def test_two_processes_make_the_same_pages(build: Build, site: Path) -> None:
    for k in range(5):  # fewer documents are read by one process
        (site / f"more{k}.md").write_text(
            f"---\norphan: true\n---\n\n# More\n\n{{verifier}}`hw10:s[2][{k % 3}]`\n"
        )
    one, _ = build()
    (site / "conf.py").write_text("\n".join(f"{k} = {v!r}" for k, v in SETTINGS.items()))
    command = [sys.executable, "-m", "sphinx", "-j", "2", "-W", site, site / "out"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for name in ("index", "two", "more1"):
        assert (site / "out" / f"{name}.html").read_text("utf-8") == page(one, name)
