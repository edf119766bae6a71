"""What problems are exported to: a module a target, which is found by its name.

A target has `files(problem, float)`: what it writes, by the names of files, and what it has to say.
Its first line of documentation is what the help says of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol

from verifier.errors import VerifierError, nearest
from verifier.problem import Problem


@dataclass(frozen=True)
class Written:
    """Contents by the names of their files, and notes."""

    files: dict[str, str | bytes]
    notes: tuple[str, ...] = ()


class Target(Protocol):
    """What a module of this package offers."""

    def files(self, problem: Problem, float: str) -> Written:
        """What is written for a problem, its numbers rounded to a format."""


def targets() -> tuple[str, ...]:
    """The names of all targets."""
    found = (module.name.removeprefix("to_") for module in iter_modules(__path__))
    return tuple(sorted(found))


def exported(problem: Problem, name: str, float: str = "float32") -> Written:
    """A problem as the files of a target; their names are letters, digits and signs between them.

    Errors: VerifierError for a target that is not there, or does not have the problem's equations.
    """
    stem = re.sub(r"[^\w-]", "_", problem.stem)[:100] or "problem"
    return target(name).files(replace(problem, stem=stem), float)


def target(name: str) -> Target:
    """A target by its name. Errors: VerifierError."""
    if name not in targets():
        what = f"no target {name[:40]!r}{nearest(name, targets())}"
        raise VerifierError(what, accepted=", ".join(targets()))
    found: Target = import_module(f"{__name__}.to_{name}")
    return found
