"""The suite itself: no test reads a clock, and what a bare machine leaves out is named."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from tests.conftest import PROGRAMS, ROOT, TEX, missing, module, tool

TESTS = [
    path for path in sorted((ROOT / "tests").rglob("*.py")) if not path.stem.endswith("campaign")
]
CLOCKS = {
    "time", "timeit", "perf_counter", "perf_counter_ns", "monotonic", "monotonic_ns", "time_ns",
    "process_time", "thread_time", "clock_gettime", "getrusage", "now", "utcnow", "today",
    "elapsed", "times", "timeout",
}  # fmt: skip
SKIPS = {"skip", "skipif", "importorskip", "skipTest", "SkipTest", "xfail"}
IN = {"timeout": {"test_notebook.py"}, "skip": {"conftest.py"}}
"""Where a word is used otherwise: a time limit that is switched off, and the one way to skip."""


def clocks(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The lines of a module that read a clock or set a limit of seconds, and what they use."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names) if found := {name.name for name in names} & CLOCKS:
                yield node.lineno, min(found)
            case ast.ImportFrom(module=name, names=names):
                if found := ({name} | {one.name for one in names}) & CLOCKS:
                    yield node.lineno, min(found)
            case ast.Call(func=ast.Attribute(value=of, attr=name)) if name in CLOCKS:
                if name != "times" or ast.unparse(of) == "os":
                    yield node.lineno, name
            case ast.Attribute(attr="timeout" | "elapsed" as name):
                yield node.lineno, name
            case ast.keyword(arg="timeout" as name):
                yield node.lineno, name


def skips(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The lines of a module that leave a test out, and what they use."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in SKIPS:
            yield node.lineno, node.attr


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_no_test_reads_a_clock_and_all_skip_in_one_way(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    found = [*clocks(tree), *skips(tree)]
    assert [(line, word) for line, word in found if path.name not in IN.get(word, ())] == []


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_no_file_of_tests_is_left_out_for_a_name_that_is_gone(path: Path) -> None:
    """Collecting doctests passes over a file that cannot be imported, and all its tests with it."""
    gone = ""
    try:
        import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    except ModuleNotFoundError as error:  # of an optional package
        gone = str(error.name)
    assert gone.split(".")[0] not in ("verifier", "tests")


def test_a_limit_of_seconds_is_only_ever_switched_off() -> None:
    for name in IN["timeout"]:
        assert re.findall(r"\btimeout=(\w+)", (ROOT / "tests" / name).read_text()) == ["None"]


READING = [
    "import time",
    "import time as t",
    "from time import perf_counter",
    "from time import sleep as rest",
    "from timeit import default_timer",
    "datetime.datetime.now()",
    "os.times()",
    "resource.getrusage(resource.RUSAGE_SELF)",
    "subprocess.run(command, timeout=5)",
    "@pytest.mark.timeout(5)\ndef f(): ...",
]


@pytest.mark.parametrize("text", READING)
def test_clocks_are_found(text: str) -> None:
    assert [*clocks(ast.parse(text))]


LEAVING = [
    "pytest.skip('x')",
    "@pytest.mark.skipif(True)\ndef f(): ...",
    "pytest.importorskip('x')",
]


@pytest.mark.parametrize("text", LEAVING)
def test_skips_are_found(text: str) -> None:
    assert [*skips(ast.parse(text))]


def test_a_skip_names_the_package_and_is_a_failure_where_all_must_be_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.delenv("VERIFIER_REQUIRE_TOOLS", raising=False)
    for name, package in PROGRAMS.items():
        with pytest.raises(BaseException, match=f"{name} is missing; Debian's {package} has it"):
            tool(name)
    with pytest.raises(BaseException, match=r"torc\.nn is missing; torc from PyPI has it") as left:
        module("torc.nn")
    assert type(left.value).__name__ == "Skipped"
    monkeypatch.setenv("VERIFIER_REQUIRE_TOOLS", "1")
    with pytest.raises(BaseException, match="x is missing; y has it") as failed:
        missing("x", "y")
    assert type(failed.value).__name__ == "Failed"


def test_continuous_integration_installs_what_skips_name() -> None:
    packages = re.findall(r"\bpackages\+?=\((.*?)\)", (ROOT / ".ci" / "run").read_text(), re.S)
    assert {*PROGRAMS.values(), *TEX.values()} <= {*" ".join(packages).split()}


FRAMEWORKS = {"torch", "jax", "keras_models"}
"""Large, and never required: continuous integration installs them beside the extra for tests."""


def test_the_extra_for_tests_has_every_other_extra_but_frameworks() -> None:
    """What is not in it would be skipped on every machine that follows README."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    taken = re.findall(r"^recurrent-verifier\[(.*)\]$", "\n".join(extras["test"]), re.M)
    assert {*taken[0].split(",")} == {*extras} - {"test", *FRAMEWORKS}
