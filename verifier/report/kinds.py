"""The kinds of document: each has a builder, and exists in every format."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.formats import NAMES


@dataclass(frozen=True)
class DocumentKind:
    """A kind of document: the module that builds it, and what it exists in beside the formats."""

    module: str
    more: tuple[str, ...] = ()

    @property
    def formats(self) -> tuple[str, ...]:
        """All that it can be written in: json where it has a contract, tables, pictures."""
        return (*NAMES, *self.more)


KINDS = {
    "solution": DocumentKind("solution", ("json",)),
    "sheet": DocumentKind("sheet"),
    "problem": DocumentKind("problem"),
    "slides": DocumentKind("slides"),
    "derivation": DocumentKind("derivation"),
    "audit": DocumentKind("audit", ("json", "svg", "png")),
    "feedback": DocumentKind("feedback", ("json", "csv", "xlsx")),
    "class": DocumentKind("classroom", ("json", "csv", "xlsx")),
    "lecture": DocumentKind("lecture"),
    "fairness": DocumentKind("fairness", ("json",)),
}
