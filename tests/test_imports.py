"""What a command imports: the rooms of other commands cost every start of this one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.conftest import SEED

SCIENCE = ("numpy", "sympy", "mpmath", "flint", "jinja2", "verifier.problem")
HOSTS = ("IPython", "docutils", "sphinx", "matplotlib", "torch", "onnx", "verifier.hosts")
READERS = ("markdown_it", "tree_sitter", "safetensors", "rich")
FEATURES = (
    "verifier.check",
    "verifier.audit",
    "verifier.rewrites.catalogue",
    "verifier.derive.general",
    "verifier.derive.jacobian",
    "verifier.derive.unroll",
    "verifier.derive.agreement",
    "verifier.documents.audit",
    "verifier.documents.classroom",
    "verifier.documents.derivation",
    "verifier.documents.fairness",
    "verifier.documents.feedback",
    "verifier.documents.pieces",
    "verifier.arithmetic.ieee",
    "verifier.arithmetic.dual",
    "verifier.api",
)
OTHERS = (*HOSTS, *READERS, *FEATURES)
LATER = set(FEATURES) - {"verifier.api", "verifier.check", "verifier.documents.pieces"}
"""What Python's interface imports when a method needs it."""

SOLVE = ("solve", str(SEED), "--format", "md", "--format", "tex", "--format", "json")
PRINT = ("solve", str(SEED), "--format", "html", "--format", "pdf")
SHEET = ("sheet", str(SEED), "--format", "md")
COMMAND = "from verifier.cli import main; main({!r}, standalone_mode=False)"

CASES = [
    ("version", COMMAND.format(["--version"]), (*SCIENCE, *OTHERS, "typst")),
    ("help", COMMAND.format(["--help"]), (*OTHERS, "sympy", "jinja2", "typst")),
    ("solve", COMMAND.format(SOLVE), (*OTHERS, "verifier.report.sheet", "typst")),
    ("solve to html and pdf", COMMAND.format(PRINT), (*OTHERS, "verifier.report.sheet")),
    ("sheet", COMMAND.format(SHEET), (*OTHERS, "sympy", "verifier.documents.solution", "typst")),
    ("the package", "import verifier", (*SCIENCE, *OTHERS, "typst", "click")),
    (
        "load",
        f"import verifier; verifier.load({str(SEED)!r})",
        (*HOSTS, *READERS, *LATER, "sympy", "typst", "click"),
    ),
]


def imported(code: str, folder: Path) -> set[str]:
    """Every module that is there after a program has run."""
    report = f"import json, sys\n{code}\nprint(); print(json.dumps(list(sys.modules)))"
    command = [sys.executable, "-c", report]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def inside(modules: Iterable[str], rooms: Iterable[str]) -> set[str]:
    """The rooms that some of the modules are, or are in."""
    return {r for r in rooms if any(m == r or m.startswith(f"{r}.") for m in modules)}


@pytest.mark.parametrize(("code", "rooms"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_nothing_is_imported_that_is_not_needed(
    code: str, rooms: tuple[str, ...], tmp_path: Path
) -> None:
    assert inside(imported(code, tmp_path), rooms) == set()


def test_the_rooms_are_there_to_be_imported() -> None:
    """A room that was renamed would pass unseen."""
    from importlib.util import find_spec

    rooms = [room for room in (*SCIENCE, *FEATURES) if find_spec(room) is None]
    assert not rooms


def test_a_room_is_found_by_what_is_in_it() -> None:
    assert inside({"verifier.check.model", "verifier.checks"}, ["verifier.check"])
    assert not inside({"verifier.checks", "richer"}, ["verifier.check", "rich"])
