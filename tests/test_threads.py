"""Threads get the digits that one thread gets; libraries' contexts come back as they were."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import flint
import mpmath
import numpy as np
import pytest

import verifier
from tests import random_problems
from tests.conftest import SEED, missing
from verifier import cells, load, solve
from verifier.arithmetic.ball import Ball, enclosure
from verifier.arithmetic.digits import Digits
from verifier.arithmetic.exact import Exact, evaluated
from verifier.arithmetic.floats.enclose import BALLS, enclosed
from verifier.arithmetic.protocol import entries
from verifier.derive.agreement import disagreements
from verifier.derive.general import default_shapes
from verifier.derive.jacobian import jacobian
from verifier.evaluate import evaluate
from verifier.problem import Problem
from verifier.rounding import Rounding
from verifier.solution import solve as plain_solve

THREADS = 8
PROBLEMS = list(random_problems.problems(4, seed=13))


def rows(places: int) -> Any:
    return [plain_solve(p.rounded_by(Rounding(places))).rows for p in PROBLEMS]


def audited() -> Any:
    return solve(load(SEED)).audit("float32", "float64").to_markdown()


def slopes() -> Any:
    cell = cells.load("gru")
    shapes = default_shapes(cell, {"n": 1, "m": 2})
    found = jacobian(cell, shapes)
    return str(found), [one.pair for one in disagreements(cell, shapes, found)]


def digits(count: int) -> Any:
    traces = [evaluate(problem, Digits(count)) for problem in PROBLEMS]
    return [[entry._mpf_ for entry in entries(v)] for t in traces for v in t.values.values()]


def forms() -> Any:
    trace = evaluate(PROBLEMS[0], Exact())
    return [str(evaluated(form, 60)) for v in trace.values.values() for form in entries(v)]


def sharp() -> Any:
    x = np.linspace(-5, 5, 400)
    return [[end.tolist() for end in enclosed(name, x, sharp=True)] for name in ("exp", "tanh")]


def widths(bits: int) -> Any:
    traces = [evaluate(problem, Ball(bits)) for problem in PROBLEMS]
    return [enclosure(entry) for t in traces for v in t.values.values() for entry in entries(v)]


WORK: list[Callable[[], Any]] = [
    lambda: rows(4),
    lambda: rows(150),
    audited,
    slopes,
    lambda: digits(30),
    lambda: digits(400),
    forms,
    sharp,
    lambda: widths(24),
    lambda: widths(600),
]


@pytest.fixture
def often() -> Iterator[None]:
    """Threads take turns after every few instructions."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("often")
def test_threads_get_what_one_thread_gets() -> None:
    """Every thread does half of it, each from another place on, so that precisions meet."""
    alone = [work() for work in WORK]
    before = flint.ctx.prec, mpmath.mp.prec
    start = threading.Barrier(THREADS)

    def half(first: int) -> list[int]:
        start.wait()
        order = [(first + k) % len(WORK) for k in range(len(WORK) // 2)]
        return [k for k in order if WORK[k]() != alone[k]]

    with ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(half, range(THREADS))) == [[]] * THREADS
    assert (flint.ctx.prec, mpmath.mp.prec) == before


@pytest.mark.usefixtures("often")
def test_threads_share_a_solution() -> None:
    """What is made when it is first asked for is asked for by all at once."""
    problem = load(SEED)
    alone = solve(problem)
    expected = alone.to_markdown(digits=80), alone.to_json()
    shared = solve(problem)
    start = threading.Barrier(THREADS)

    def read(_: int) -> tuple[str, str]:
        start.wait()
        return shared.to_markdown(digits=80), shared.to_json()

    with ThreadPoolExecutor(THREADS) as pool:
        assert set(pool.map(read, range(THREADS))) == {expected}


@pytest.mark.parametrize("bits", [2, 30, 2000])
def test_what_the_process_has_set_does_not_matter(bits: int) -> None:
    """Everything is computed at a precision of its own: a caller may have set any."""
    work = [*WORK, lambda: (solve(load(SEED)).to_markdown(digits=60), solve(load(SEED)).to_json())]
    expected = [each() for each in work]
    before = flint.ctx.prec, mpmath.mp.prec
    try:
        flint.ctx.prec = mpmath.mp.prec = bits
        assert [each() for each in work] == expected
        assert (flint.ctx.prec, mpmath.mp.prec) == (bits, bits)
    finally:
        flint.ctx.prec, mpmath.mp.prec = before


@pytest.mark.parametrize("function", BALLS)
def test_sharp_ends_hold_the_truth_at_any_precision(
    function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The radius counts, not the bits that one believes to have."""
    x = np.array([1e-300, 1e-9, 0.1, 0.75, 1.0])
    x = x if function == "log1p" else np.concatenate([x, -x, [30.0, -30.0, -745.0]])
    with flint.ctx.workprec(300):
        truths = [BALLS[function](flint.arb(value)) for value in x.tolist()]
    for bits in (4, 20, 50, 56, 80):
        path = "verifier.arithmetic.floats.enclose.flint_bits"
        monkeypatch.setattr(path, lambda _, bits=bits: flint.ctx.workprec(bits))
        low, high = enclosed(function, x, sharp=True)
        for truth, below, above in zip(truths, low.tolist(), high.tolist(), strict=True):
            assert flint.arb(below) < truth < flint.arb(above)


def test_sessions_nest_and_come_back_after_errors() -> None:
    before = flint.ctx.prec

    def nested() -> None:
        with Ball(500).session(), Digits(9).session():
            with Ball(60).session():
                assert flint.ctx.prec == 60
            assert flint.ctx.prec == 500
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        nested()
    assert flint.ctx.prec == before
    done = threading.Thread(target=rows, args=(4,))  # the lock is free again
    done.start()
    done.join(60)
    assert not done.is_alive()


FORKED = """
import os, threading
from verifier.arithmetic.ball import Ball
inside, end = threading.Event(), threading.Event()
def hold():
    with Ball(70).session():
        inside.set()
        end.wait(0.2)
threading.Thread(target=hold).start()
inside.wait()
child = os.fork()
with Ball(90).session():
    pass
if not child:
    os._exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_child_does_not_wait_for_a_thread_that_it_lacks() -> None:
    if not hasattr(os, "fork"):
        missing("fork", "a POSIX system")
    command = [sys.executable, "-W", "ignore", "-c", FORKED]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("7", "")


# The lock in the source: one place takes it, and it is never held while other code runs.

ROOT = Path(verifier.__file__).parent
HELD = {"session", "alone", "flint_bits"}
GLOBAL = {"ctx": "flint", "mp": "mpmath", "iv": "mpmath", "workprec": "mpmath", "workdps": "mpmath"}


def held_over_a_yield(tree: ast.AST) -> Iterator[int]:
    """The lines of yields in a `with` that holds the lock, but for the making of such a `with`."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        if any(getattr(mark, "id", "") == "contextmanager" for mark in function.decorator_list):
            continue
        if any(_holds(mark) for mark in function.decorator_list):
            yield from (n.lineno for n in ast.walk(function) if isinstance(n, ast.Yield))
        for node in ast.walk(function):
            if isinstance(node, ast.With) and any(_holds(item.context_expr) for item in node.items):
                yield from (
                    n.lineno for n in ast.walk(node) if isinstance(n, ast.Yield | ast.YieldFrom)
                )


def _holds(node: ast.AST) -> bool:
    called = node.func if isinstance(node, ast.Call) else node
    return getattr(called, "attr", getattr(called, "id", "")) in HELD


def takes_a_context(tree: ast.AST) -> Iterator[int]:
    """The lines that import a context of the process, or reach for one."""
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=module, names=names):
                if any(GLOBAL.get(alias.name) == module for alias in names):
                    yield node.lineno
            case ast.Attribute(value=ast.Name(id=module), attr=name):
                if GLOBAL.get(name) == module:
                    yield node.lineno


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_one_place_takes_contexts_and_none_yields_with_one(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert not list(held_over_a_yield(tree))
    if path != ROOT / "arithmetic" / "context.py":
        assert not list(takes_a_context(tree))


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("def f():\n with ball.session():\n  yield 1", 1),
        ("def f():\n with flint_bits(3), x:\n  yield from g()", 1),
        ("@alone()\ndef f():\n yield 1", 1),
        ("@contextmanager\ndef session(self):\n with alone():\n  yield", 0),
        ("def f():\n with ball.session():\n  x = 1\n yield x", 0),
    ],
)
def test_the_search_finds_yields(text: str, faults: int) -> None:
    assert len(list(held_over_a_yield(ast.parse(text)))) == faults


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("from flint import arb, ctx", 1),
        ("import flint\nflint.ctx.prec = 3", 1),
        ("from mpmath import mp", 1),
        ("import mpmath\nmpmath.workdps(4)", 1),
        ("import mpmath\nmpmath.MPContext()", 0),
        ("from flint import arb", 0),
    ],
)
def test_the_search_finds_contexts(text: str, faults: int) -> None:
    assert len(list(takes_a_context(ast.parse(text)))) == faults


def test_one_problem_solved_at_once_by_many() -> None:
    """Given numbers are shared by all who solve them; so is what was made of them."""
    problem: Problem = load(SEED)
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(lambda _: plain_solve(problem).rows, range(THREADS)))
    assert all(each == found[0] for each in found)
