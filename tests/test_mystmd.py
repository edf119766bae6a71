"""The plugin of mystmd: its answers to calls, and pages that mystmd itself makes of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SEED, node, tool
from verifier.errors import VerifierError
from verifier.hosts.mystmd import directive, main, specification

HOSTILE = "a **b** $c$ [d](e) {math}`x` <script>alert(1)</script> \\\\input"
PAGE = """# Notes

The value is {verifier}`hw10.toml s[1][1]`.

:::{verifier-piece} hw10.toml z@2:numbers
:label: eq-z
:::

:::{verifier-solution} hw10.toml
:places: 3
:::

:::{verifier-sheet} hw10.toml
:::
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    text = SEED.read_text("utf-8").replace("[rounding]", f'statement = "{HOSTILE}"\n[rounding]', 1)
    (tmp_path / "hw10.toml").write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*words: str, data: Any = None) -> subprocess.CompletedProcess[str]:
    program = (sys.executable, "-m", "verifier.hosts.mystmd", *words)
    text = data if isinstance(data, str) else json.dumps(data)
    root = str(Path(__file__).parent.parent)
    environment = {**os.environ, "PYTHONPATH": root}
    return subprocess.run(program, input=text, capture_output=True, text=True, env=environment)


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    for one in tree:
        yield one
        yield from nodes(one.get("children", []))


def test_it_says_what_there_is() -> None:
    told = json.loads(call().stdout)
    assert told == json.loads(json.dumps(specification()))
    names = [one["name"] for one in told["directives"]]
    assert names == ["verifier-solution", "verifier-sheet", "verifier-audit", "verifier-piece"]


def test_the_nodes_of_a_solution(project: Path) -> None:
    done = call("--directive", "verifier-solution", data={"arg": "hw10.toml"})
    tree = json.loads(done.stdout)
    kinds = {one["type"] for one in nodes(tree)}
    assert {"paragraph", "math", "table", "list", "details", "summary", "inlineMath"} <= kinds
    assert "html" not in kinds
    texts = [one["value"] for one in nodes(tree) if one["type"] == "text"]
    assert HOSTILE.replace("\\\\", "\\") in texts


def test_kinds_of_document_are_there_by_their_builders(project: Path) -> None:
    (project / "Ada.csv").write_text("step,z\n1,0.5381\n2,0.6912\n", "utf-8")
    options = {"float": "float16", "answers": "Ada.csv"}
    for piece in ("audit:errors", "class:people", "fairness:tolerance"):
        tree = directive("verifier-piece", {"arg": f"hw10.toml {piece}", "options": options})
        assert [one["type"] for one in tree][-1] == "table"
    outside = {"arg": "hw10.toml class", "options": {"answers": "../Ada.csv"}}
    with pytest.raises(VerifierError, match="outside of the project"):
        directive("verifier-piece", outside)


# the words of a call, its data, and what is said
UNUSABLE = [
    (("--directive", "verifier-piece"), {"arg": "hw10.toml"}, "PROBLEM.toml PIECE"),
    (("--directive", "verifier-piece"), {"arg": "hw10.toml q@2"}, "q"),
    (("--directive", "verifier-piece"), {"arg": "../hw10.toml z@2"}, "outside of the project"),
    (("--directive", "verifier-piece"), {"arg": "no.toml z@2"}, "no.toml"),
    (("--directive", "verifier-sheet"), {"arg": "hw10.toml", "options": {"places": "x"}}, "places"),
    (("--directive", "verifier-sheet"), {"arg": "hw10.toml", "options": {"mode": "x"}}, "mode"),
    (("--directive", "other"), {}, "other"),
    (("--role", "verifier"), {"body": "hw10.toml"}, "PROBLEM.toml PIECE"),
    (("--role", "verifier"), "no json", "no JSON"),
    (("--role", "verifier"), [], "no object"),
    (("--transform", "x"), {}, "--transform x"),
]


@pytest.mark.parametrize(("words", "data", "told"), UNUSABLE)
def test_what_cannot_be_used_is_told(
    words: tuple[str, ...],
    data: Any,
    told: str,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    import io

    text = data if isinstance(data, str) else json.dumps(data)
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    with pytest.raises(SystemExit) as stopped:
        main(list(words))
    assert stopped.value.code == 2
    said = capsys.readouterr()
    assert told in said.err
    assert not said.out


def test_mystmd_makes_pages(project: Path) -> None:
    program = node("mystmd", "dist/myst.cjs")
    plugin = project / "plugin.py"
    root = Path(__file__).parent.parent
    lines = ("import sys", f"sys.path.insert(0, {str(root)!r})")
    lines += ("from verifier.hosts.mystmd import main", "main()", "")
    plugin.write_text("\n".join((f"#!{sys.executable}", *lines)), "utf-8")
    plugin.chmod(0o755)
    (project / "myst.yml").write_text(
        "version: 1\nproject:\n  plugins:\n    - {type: executable, path: plugin.py}\n", "utf-8"
    )
    (project / "index.md").write_text(PAGE, "utf-8")
    command = [tool("node"), str(program), "build", "index.md", "--md"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    made = (project / "_build" / "exports" / "index.md").read_text("utf-8")
    assert ":label: eq-z" in made
    assert "0.0383" in made
    assert "### " not in made  # no section of the host's is opened
    assert "**b**" not in made  # as text, which its writer escapes
