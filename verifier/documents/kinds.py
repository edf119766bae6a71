"""The kinds of document: each has a builder, and exists in every format."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.formats import NAMES


@dataclass(frozen=True)
class Kind:
    """A kind of document: the module that builds it, and what it exists in beside the formats."""

    module: str
    more: tuple[str, ...] = ()

    @property
    def formats(self) -> tuple[str, ...]:
        """All that it can be written in: json where it has a contract, tables, pictures."""
        return (*NAMES, *self.more)


KINDS = {
    "solution": Kind("solution", ("json",)),
    "sheet": Kind("sheet"),
    "problem": Kind("problem"),
    "slides": Kind("slides"),
    "derivation": Kind("derivation"),
    "audit": Kind("audit", ("json", "svg", "png")),
    "feedback": Kind("feedback", ("json", "csv")),
    "class": Kind("classroom", ("json", "csv")),
    "fairness": Kind("fairness", ("json",)),
}
