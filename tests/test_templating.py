"""Templates that are compiled ahead: the same bytes, and never those of other sources."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import jinja2
import pytest
from jinja2 import BaseLoader, Environment, FileSystemLoader, ModuleLoader

from tests.conftest import ROOT, SEED
from verifier.documents.sheet import sheet_documents
from verifier.documents.solution import solution_documents
from verifier.problem import load
from verifier.report import render as rendering
from verifier.report import templating
from verifier.solution import solve

TEXTS = ("md", "tex", "html", "typ")
FOLDERS = sorted(path.name for path in (ROOT / "templates").iterdir())


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the templates that documents are made from, compiled."""
    copy = tmp_path / "top" / "templates"
    shutil.copytree(ROOT / "templates", copy, ignore=shutil.ignore_patterns("compiled"))
    for module in (templating, rendering):
        monkeypatch.setattr(module, "templates", lambda: copy)
    monkeypatch.setattr(rendering, "_environment", rendering._environment.__wrapped__)
    templating.make_ready()
    return copy


def refuse(*_: object) -> None:
    """In place of what compiles a template."""
    raise AssertionError("a template was compiled")


def documents() -> dict[str, str | bytes]:
    problem = load(SEED)
    sheets = {f"sheet.{k}": v for k, v in sheet_documents(problem, TEXTS).items()}
    return {**solution_documents(solve(problem), TEXTS), **sheets}


def markdown() -> str:
    return str(solution_documents(solve(load(SEED)), ["md"])["md"])


def only(copied: Path, kind: type[ModuleLoader] | type[FileSystemLoader]) -> dict[str, str | bytes]:
    """The documents that one of the two ways to find a template gives."""

    def loader(folder: Path) -> BaseLoader:
        return kind(templating.ready(folder) if kind is ModuleLoader else folder)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rendering, "prepared", loader)
        return documents()


def test_compiled_templates_give_the_same_bytes(copied: Path) -> None:
    assert only(copied, ModuleLoader) == only(copied, FileSystemLoader)


def test_nothing_is_compiled_where_all_is_ready(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Environment, "compile", refuse)
    assert set(documents()) == {*TEXTS, *(f"sheet.{k}" for k in TEXTS)}


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_template_is_compiled(copied: Path, folder: str) -> None:
    sources = {path.name for path in (copied / folder).glob("*.j2")}
    (ready,) = (copied / folder / "compiled").iterdir()
    modules = {path.name for path in ready.glob("*.py")}
    assert modules == {ModuleLoader.get_module_filename(name) for name in sources}


@pytest.mark.parametrize("name", ["page.md.j2", "blocks.md.j2", "inline.md.j2"])
def test_a_template_that_was_edited_is_compiled_anew(copied: Path, name: str) -> None:
    source = copied / "markdown" / name
    source.write_text(source.read_text("utf-8") + "((* broken *))", "utf-8")
    with pytest.raises(jinja2.TemplateSyntaxError):
        markdown()


def test_an_edit_that_keeps_size_and_time_counts(copied: Path) -> None:
    source = copied / "markdown" / "page.md.j2"
    stat, text = source.stat(), source.read_text("utf-8")
    source.write_text(text.replace("# ", "@ "), "utf-8")
    os.utime(source, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert source.stat().st_size == stat.st_size
    assert markdown().startswith("@ ")


@pytest.mark.parametrize(
    ("owner", "name", "value"),
    [
        (jinja2, "__version__", "3.99.0"),
        (templating, "SYNTAX", {**templating.SYNTAX, "trim_blocks": False}),
        (templating, "FILTERS", (*templating.FILTERS, "another")),
    ],
)
def test_another_jinja_or_syntax_finds_nothing(
    copied: Path, monkeypatch: pytest.MonkeyPatch, owner: object, name: str, value: object
) -> None:
    folder = copied / "latex"
    assert templating.ready(folder).is_dir()
    monkeypatch.setattr(owner, name, value)
    assert not templating.ready(folder).exists()


def test_what_was_compiled_from_other_sources_is_dropped(copied: Path) -> None:
    folder = copied / "markdown"
    before = templating.ready(folder)
    (folder / "page.md.j2").write_text("a page", "utf-8")
    templating.make_ready()
    assert list((folder / "compiled").iterdir()) == [templating.ready(folder)] != [before]
    assert not list(copied.parent.glob(".templates-*"))


@pytest.mark.parametrize("folder", FOLDERS)
def test_compiled_templates_tell_nothing_of_where_they_were_made(copied: Path, folder: str) -> None:
    for module in templating.ready(copied / folder).iterdir():
        assert str(copied.parent) not in module.read_text("utf-8")
