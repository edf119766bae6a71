"""IPython and Jupyter: `%load_ext verifier` gives `%%problem` and `%solve`."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any

from IPython.core import magic_arguments
from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class

from verifier.api import Part, Problem, Row, Solution, load, own, solve
from verifier.cli.options import changed
from verifier.errors import VerifierError, nearest
from verifier.hosts.namespace import Namespace
from verifier.problem import Problem as PlainProblem
from verifier.problem import filled, from_data, loads
from verifier.problem.settings import DETAILS
from verifier.rounding import MODES, POLICIES

EQUATION = re.compile(r"\s*(?:#.*\n\s*)*[^\W\d][\w\u0300-\u036f\u20d7]*\[t\]\s*=")
"""How a cell begins that holds equations and no problem file."""

Magic = Callable[..., Any]
# IPython leaves these untyped.
argument: Any = magic_arguments.argument
whole: Any = magic_arguments.magic_arguments

OPTIONS = (
    argument("--places", type=int, help="Decimal places."),
    argument("--figures", type=int, help="Significant figures."),
    argument("--mode", choices=MODES, help="Rounding mode."),
    argument("--policy", choices=POLICIES, help="When to round."),
    argument("--detail", choices=DETAILS, help="How much of each chain."),
)


def takes(*own: Any) -> Callable[[Magic], Magic]:
    """The magic with its own arguments and those that change a problem's rounding."""

    def decorate(magic: Magic) -> Magic:
        for option in reversed((*own, *OPTIONS)):
            magic = option(magic)
        return spoken(whole()(magic))

    return decorate


def spoken(magic: Any) -> Magic:
    """The magic with errors of ours as messages: no traceback, and the cells below still run.

    The name that the magic would have set is removed, so that nothing runs on with an old value.
    """

    @wraps(magic)
    def told(self: Any, line: str, *cell: str) -> Any:
        given = magic.parser.parse_argstring(line)
        if not given.name.isidentifier():
            raise UsageError(f"{given.name!r} is no name of a variable")
        try:
            return magic(self, given, *cell)
        except VerifierError as error:
            print(f"verifier: {error}", file=sys.stderr)
            self.shell.user_ns.pop(given.name, None)

    return told


@magics_class
class VerifierMagics(Magics):
    """The magics of the verifier."""

    @cell_magic
    @takes(argument("name", nargs="?", default="problem", help="The variable of the problem."))
    def problem(self, given: Any, cell: str) -> Problem:
        """Read the cell: a problem file (TOML), or equations with numbers from the notebook."""
        space = Namespace(self._names)
        problem = _rounded(_read(cell, given.name, space), given)
        for note in space.notes():
            print(note)
        self._names[given.name] = problem
        return problem

    @line_magic
    @takes(
        argument("source", nargs="?", default="problem", help="A problem's variable or file."),
        argument("--name", default="solution", help="The variable of the solution."),
        argument("--part", help="Show a piece only, such as z@2, s[2][1] or table."),
    )
    def solve(self, given: Any) -> Solution | Part | Row:
        """Solve a problem, show its worked solution or a piece of it."""
        solution = solve(_rounded(self._problem(given.source), given))
        shown = solution.part(given.part) if given.part else solution
        self._names[given.name] = solution
        return shown

    @property
    def _names(self) -> dict[str, Any]:
        names: dict[str, Any] = self.shell.user_ns  # type: ignore[union-attr]
        return names

    def _problem(self, source: str) -> Problem:
        found = self._names.get(source)
        if isinstance(found, PlainProblem):
            return own(found)
        if Path(source).suffix.lower() in (".toml", ".json"):
            return load(source)
        known = [name for name, value in self._names.items() if _is_problem(name, value)]
        what = f"{source!r} is no problem of this notebook{nearest(source, known)}"
        accepted = ", ".join(known) or "a cell with %%problem above"
        raise VerifierError(what, accepted=f"{accepted}, or a problem file")


def _is_problem(name: str, value: Any) -> bool:
    return isinstance(value, PlainProblem) and not name.startswith("_")


def _read(cell: str, stem: str, space: Namespace) -> PlainProblem:
    """The problem of a cell; numbers that it does not give come from the notebook."""
    if not EQUATION.match(cell):
        return loads(cell, "<cell>.toml", stem=stem, lookup=space)
    data, numbers = filled({"equations": cell}, space)
    return replace(from_data(data, Path.cwd(), cell.encode() + numbers), stem=stem)


def _rounded(problem: PlainProblem, given: Any) -> Problem:
    names = ("places", "figures", "mode", "policy", "detail")
    return own(changed(problem, **{name: getattr(given, name) for name in names}))


def register(shell: Any) -> None:
    """Add the magics to an IPython shell, and let our errors be messages there."""
    shell.register_magics(VerifierMagics)
    shell.set_custom_exc((VerifierError,), _message)


def _message(
    shell: Any, kind: type, error: VerifierError, trace: Any, tb_offset: Any = None
) -> None:
    """Print an error of a call such as `verifier.load` without its traceback."""
    print(f"verifier: {error}", file=sys.stderr)
