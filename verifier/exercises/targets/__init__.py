"""Learning systems: a module each, found by its name."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol

from verifier.errors import VerifierError, nearest
from verifier.exercises.model import Exercise


class Target(Protocol):
    """What a module of this package offers."""

    def files(self, bank: Sequence[Exercise]) -> dict[str, str | bytes]:
        """What is written for a bank of questions, by the names of files."""


def targets() -> tuple[str, ...]:
    """The names of all learning systems."""
    found = (module.name.removeprefix("to_") for module in iter_modules(__path__))
    return tuple(sorted(found))


def target(name: str) -> Target:
    """A learning system by its name. Errors: VerifierError."""
    if name not in targets():
        what = f"no target {name[:40]!r}{nearest(name, targets())}"
        raise VerifierError(what, accepted=", ".join(targets()))
    found: Target = import_module(f"{__name__}.to_{name}")
    return found
