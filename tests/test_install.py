"""How to install is said once, and nothing names a package that no registry has."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.conftest import ROOT
from verifier.errors import extra

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
SUFFIXES = {".md", ".rst", ".py", ".po", ".j2", ".json", ".ipynb", ".toml", ".html", ".js"}
SAID = sorted(
    path
    for folder in ("docs", "examples", "templates", "verifier", "benchmarks")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in SUFFIXES and not {"compiled", "_build"} & {*path.parts}
)
INSTALLING = re.compile(
    r"""(?:pip3?|pipx|uv|conda|poetry|uv\ pip)\ (?:install|add|run|tool\ install)\b[^\n]*
    |\buvx\b[^\n]*""",
    re.VERBOSE,
)
OURS = re.compile(r"(?<![/\w])(?:recurrent[-_])?verifier\b(?=\[|'|\"|`|\s*$)")


def told(text: str) -> list[str]:
    """The lines that say to install the program by a name, as though a registry had it."""
    return [line for line in INSTALLING.findall(text) if OURS.search(line)]


def test_nothing_is_installed_by_a_name_that_no_registry_has() -> None:
    assert len(SAID) > 100
    found = {path: told(path.read_text("utf-8")) for path in [ROOT / "README.md", *SAID]}
    assert {path: lines for path, lines in found.items() if lines} == {}


WRONG = [
    "pip install 'recurrent-verifier[docx]'",
    "`pip install verifier`",
    "pip install -U recurrent-verifier",
    "uv add recurrent-verifier",
    "uvx --from recurrent_verifier",
]


@pytest.mark.parametrize("text", WRONG)
def test_such_a_line_is_found(text: str) -> None:
    assert told(text)


def test_the_page_names_every_extra_and_the_wheel_as_it_is_called() -> None:
    page = (ROOT / "docs" / "install.md").read_text()
    rows = re.findall(r"^\| (`.*?`) \|", page, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == {*PROJECT["optional-dependencies"]}
    wheel = f"{PROJECT['name'].replace('-', '_')}-{PROJECT['version']}-py3-none-any.whl"
    assert wheel in page


def test_a_message_points_to_the_page_and_says_what_the_page_says() -> None:
    command = re.findall(r"clone: (.*) \(other ways: (.*)\)", extra("docx"))[0]
    assert command[0] in (ROOT / command[1]).read_text()
