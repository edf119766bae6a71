"""A program of one's own: `module:function`, from the folder where the command runs."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from verifier.arithmetic.floats.binary import Format
from verifier.arithmetic.floats.deployed import FORMATS
from verifier.errors import VerifierError, shown
from verifier.problem import Problem

NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")

MODULE = "a module, here or installed"


def is_named(text: str) -> bool:
    """Whether a text names a function of a module."""
    return NAME.fullmatch(text) is not None


def function_of(text: str) -> Any:
    """The function that `module:function` names; its module is imported.

    Errors: VerifierError for what cannot be imported, or is not there.
    """
    module, _, name = text.partition(":")
    with _here():
        try:
            found: Any = importlib.import_module(module)
        except (Exception, SystemExit) as error:  # whatever someone else's module raises
            what = f"{module} cannot be imported: {type(error).__name__}: {shown(str(error), 160)}"
            accepted = f"{module.removesuffix('.py')}:{name}" if module.endswith(".py") else ""
            raise VerifierError(what, accepted=accepted or MODULE) from error
    for part in name.split("."):
        if not hasattr(found, part):
            raise VerifierError(f"{module} has no {name}", accepted="a function of the module")
        found = getattr(found, part)
    if not callable(found):
        raise VerifierError(f"{text} is no function", accepted="a function of problem and type")
    return found


@contextmanager
def _here() -> Iterator[None]:
    """Modules of this folder can be imported, as `python -m` does."""
    folder = str(Path.cwd())
    added = folder not in sys.path
    if added:
        sys.path.insert(0, folder)
    try:
        yield
    finally:
        if added:
            sys.path.remove(folder)


@dataclass(frozen=True)
class Own:
    """Someone's function as a program; it is taken to compute in every format."""

    name: str

    def version(self) -> str:
        """Nothing: a function has no version."""
        return ""

    def formats(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(FORMATS)

    def forward(self, problem: Problem, format: Format) -> Any:
        """What the function returns."""
        return function_of(self.name)(problem, format.dtype)

    def functions(self, format: str) -> Mapping[str, Any]:
        """None by name. Errors: VerifierError."""
        raise VerifierError(f"{self.name} has no functions to try", accepted="numpy, torch")
