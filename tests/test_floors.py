"""The floors: imports run downwards, and a few things are used nowhere or in one room only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "verifier"

GROUND = {"errors", "effort", "display", "version", "markup", "letters", "processes", "spooled"}
TEXT = GROUND | {"language"}
NUMBERS = TEXT | {"rounding", "numbers"}
PROBLEM = NUMBERS | {"arithmetic", "notation", "rewrites", "cells", "problem"}
SOLVED = PROBLEM | {"evaluate", "certify", "along", "lane_rows", "solution", "many"}
FEATURES = {"audit", "check", "derive", "models"}
PRINTED = SOLVED | FEATURES | {"streams", "outcomes", "ranges", "formats", "report", "exercises"}
MAY = {
    **{room: set() for room in GROUND},
    "letters": {"errors"},
    "processes": {"errors"},
    "language": GROUND,
    "formats": NUMBERS | {"notation"},
    "rounding": TEXT,
    "numbers": TEXT,
    "arithmetic": NUMBERS,
    "notation": NUMBERS,
    "rewrites": NUMBERS | {"arithmetic"},  # another key of the calculator is an arithmetic
    "cells": NUMBERS | {"rewrites"},
    "problem": PROBLEM,
    "evaluate": PROBLEM,
    "certify": PROBLEM | {"evaluate"},
    "along": PROBLEM | {"evaluate", "certify", "lane_rows"},
    "lane_rows": PROBLEM | {"evaluate", "certify"},
    "solution": SOLVED - {"many"},
    "many": SOLVED,
    "streams": SOLVED - {"many"},
    "ranges": SOLVED - {"many", "along"},
    "outcomes": SOLVED,
    **dict.fromkeys(FEATURES, SOLVED | {"outcomes", "ranges"}),  # none imports another
    "exercises": SOLVED | {"outcomes", "check"},  # fair is what check calls fair
    "report": SOLVED | FEATURES | {"outcomes", "ranges", "formats"},
    "documents": PRINTED,
    "api": PRINTED | {"documents"},
    "testing": PRINTED | {"documents"},
    "serve": PRINTED | {"documents"},
    "cli": PRINTED | {"documents", "serve"},
    "hosts": PRINTED | {"documents", "api", "cli", "serve"},
    "__main__": {"cli"},
    "": SOLVED | {"api"},  # the package itself gathers what it offers
}
"""Which rooms a room may import, beside itself."""

ONLY_IN = {"jinja2": "report"}
NOWHERE = {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "joblib", "code"}
RUNNING = {"eval", "exec", "compile", "__import__"}
CONTEXTS = {"mp", "iv", "fp", "ctx"}  # mpmath's and flint's, which are global to the process
SETTINGS = {"dps", "prec", "threads", "cap", "rounding", "pretty", "unicode"}


def room_of(module: str) -> str:
    """The room of a module: verifier.language.parse is in `language`."""
    return [*module.split("."), ""][1]


def imported(tree: ast.AST, module: str, package: bool) -> Iterator[tuple[int, str]]:
    """The line and full name of every module that a module imports, inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = module.split(".")[: len(module.split(".")) - node.level + package]
            base = ".".join([*(parts if node.level else []), *filter(None, [node.module])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def import_faults(tree: ast.AST, module: str, package: bool = False) -> Iterator[str]:
    """What is wrong with a module's imports."""
    room = room_of(module)
    if room not in MAY:
        yield f"{module}: the room {room!r} has no floor"
        return
    for line, name in imported(tree, module, package):
        top, where = name.split(".")[0], f"{module}:{line}"
        if top in NOWHERE:
            yield f"{where} imports {top}"
        if ONLY_IN.get(top, room) != room:
            yield f"{where} imports {top}, which only {ONLY_IN[top]} may"
        if top == "verifier":
            yield from _not_allowed(where, room, room_of(name))


def _not_allowed(where: str, room: str, other: str) -> Iterator[str]:
    # `from verifier import load` takes what the package gathers.
    other = other if other in MAY else ""
    if other not in {room, *MAY[room]}:
        yield f"{where}: {room} may not import {other or 'the package'}"


def use_faults(tree: ast.AST, module: str) -> Iterator[str]:
    """Calls that run text, and settings of contexts that are global to the process."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in RUNNING:
                yield f"{module}:{node.lineno} calls {name}"
            case ast.Call(func=ast.Attribute(value=ast.Name("builtins"), attr=name)):
                yield f"{module}:{node.lineno} calls builtins.{name}"
            case ast.Call(func=ast.Name("setattr"), args=[target, *_]) if _is_context(target):
                yield f"{module}:{node.lineno} sets a global context"
            case ast.Attribute(value=target, attr=name, ctx=ast.Store()):
                if name in SETTINGS and _is_context(target):
                    yield f"{module}:{node.lineno} sets {ast.unparse(node)}"


def _is_context(node: ast.AST) -> bool:
    match node:
        case ast.Name(name) | ast.Attribute(attr=name):
            return name in CONTEXTS
        case ast.Call(func=ast.Name(name) | ast.Attribute(attr=name)):
            return name == "getcontext"
    return False


def sources() -> list[tuple[str, Path]]:
    """Every module of the package by its full name."""
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT.parent).with_suffix("").parts
        found.append((".".join(part for part in parts if part != "__init__"), path))
    return found


@pytest.mark.parametrize(("module", "path"), sources(), ids=[name for name, _ in sources()])
def test_module_keeps_its_floor(module: str, path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    faults = [*import_faults(tree, module, path.name == "__init__.py"), *use_faults(tree, module)]
    assert not faults, "\n".join(faults)


def test_no_room_needs_itself() -> None:
    graph = {room: others - {room} for room, others in MAY.items()}
    assert set(TopologicalSorter(graph).static_order()) == set(MAY)


def test_all_rooms_are_looked_at() -> None:
    rooms = {room_of(module) for module, _ in sources()}
    assert {"errors", "language", "rounding", "problem", "evaluate", "arithmetic"} <= rooms


GOOD = [
    ("verifier.language.parse", "from verifier.errors import EquationError"),
    ("verifier.numbers", "from verifier.language.operations import Shape"),
    ("verifier.evaluate", "from verifier.problem import Problem"),
    ("verifier.cells", "from verifier.rewrites import optional"),
    ("verifier.problem.read", "from verifier import cells"),
    ("verifier.report.page", "import jinja2"),
    ("verifier.report.page", "from jinja2 import Environment"),
    ("verifier.audit.run", "from .bounds import bound"),
    ("verifier", "from verifier.solution import solve"),
    ("verifier.language.parse", "import re\nre.compile('a')"),
    ("verifier.arithmetic.ball", "from flint import ctx\nctx.workprec(3)\nself.prec = ctx.prec"),
]
BAD = [
    ("verifier.language.parse", "from verifier.problem import Problem", "may not import"),
    ("verifier.language.parse", "import verifier.problem.model", "may not import"),
    ("verifier.language.parse", "from verifier import problem", "may not import"),
    ("verifier.language.parse", "from ..cells import load", "may not import"),
    (
        "verifier.language.parse",
        "def f():\n    from verifier.cells import load",
        ":2: language may not",
    ),
    ("verifier.errors", "from verifier.rounding import MODES", "may not import"),
    ("verifier.solution", "from verifier.derive import chain", "may not import"),
    ("verifier.report.page", "from verifier import load", "report may not import the package"),
    ("verifier.audit.run", "from verifier.check import verdict", "audit may not import check"),
    ("verifier.arithmetic.ball", "from verifier.cells import load", "may not import cells"),
    ("verifier.arithmetic.ball", "from verifier.rewrites import column", "may not import rewrites"),
    ("verifier.notation.text", "from verifier.arithmetic.ball import Ball", "may not import arith"),
    ("verifier.cells", "from verifier.notation import text", "may not import notation"),
    ("verifier.hosts.notebook", "from verifier import load", "hosts may not import the package"),
    ("verifier.attic", "import re", "'attic' has no floor"),
    ("verifier.notation.latex", "import jinja2", "imports jinja2, which only report may"),
    ("verifier.notation.latex", "from jinja2.sandbox import X", "imports jinja2"),
    ("verifier.problem.weights", "import pickle", "imports pickle"),
    ("verifier.problem.weights", "from marshal import loads", "imports marshal"),
    ("verifier.solution", "eval('1')", "calls eval"),
    ("verifier.solution", "def f():\n    exec('1')", ":2 calls exec"),
    ("verifier.solution", "compile('1', '', 'eval')", "calls compile"),
    ("verifier.solution", "import builtins\nbuiltins.eval('1')", "calls builtins.eval"),
    ("verifier.solution", "import mpmath\nmpmath.mp.dps = 50", "sets mpmath.mp.dps"),
    ("verifier.solution", "from mpmath import mp\nmp.prec += 5", "sets mp.prec"),
    ("verifier.solution", "from flint import ctx\nctx.prec = 5", "sets ctx.prec"),
    ("verifier.solution", "flint.ctx.dps, x = 5, 6", "sets flint.ctx.dps"),
    ("verifier.solution", "setattr(ctx, 'prec', 5)", "sets a global context"),
    ("verifier.solution", "decimal.getcontext().prec = 5", "sets decimal.getcontext().prec"),
]


@pytest.mark.parametrize(("module", "text"), GOOD)
def test_checker_passes_what_is_right(module: str, text: str) -> None:
    tree = ast.parse(text)
    assert not [*import_faults(tree, module), *use_faults(tree, module)]


@pytest.mark.parametrize(("module", "text", "fault"), BAD)
def test_checker_finds_what_is_wrong(module: str, text: str, fault: str) -> None:
    tree = ast.parse(text)
    faults = [*import_faults(tree, module), *use_faults(tree, module)]
    assert any(fault in found for found in faults), faults
