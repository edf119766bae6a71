"""The files of variants: each with its problem, its sheet and its key, and who has which."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from verifier.documents.sheet import sheet_documents
from verifier.documents.solution import solution_documents
from verifier.exercises.book import COLUMNS
from verifier.exercises.filed import beside, variant_problem, variant_text
from verifier.formats import Blank, Engine, suffix_of
from verifier.problem import Problem
from verifier.report.cells import cell
from verifier.solution import solve

PROBLEM = "problem.toml"
DIGITS = 4
"""Digits of the number of a variant, at least."""


@dataclass(frozen=True)
class Made:
    """What is written of a variant into the folder of its id, and its row of the table."""

    id: str
    files: Mapping[str, str | bytes]
    row: Sequence[str]


@dataclass(frozen=True)
class Press:
    """How variants of a problem are printed; `task` is it with the command line's changes."""

    base: Problem
    task: Problem
    formats: Sequence[str] = ()
    blank: Blank = "table"
    engine: Engine = "typst"

    def batch(self, batch: Sequence[tuple[int, Problem, str]]) -> list[Made]:
        """The files of some variants."""
        return [self.made(*one) for one in batch]

    def made(self, number: int, variant: Problem, person: str) -> Made:
        """The files of a variant."""
        name = f"{number:0{DIGITS}}"
        text = variant_text(self.base, variant, f"{self._title} · {name}")
        files = {PROBLEM: text, **self._arrays, **self._documents(text, person)}
        digest = sha256(text.encode()).hexdigest()
        return Made(name, files, (person, name, f"{name}/{PROBLEM}", digest))

    @property
    def _title(self) -> str:
        return self.base.title.strip() or self.base.cell.title or self.base.stem

    @cached_property
    def _arrays(self) -> Mapping[str, bytes]:
        return {name: path.read_bytes() for name, path in beside(self.base)}

    def _documents(self, text: str, person: str) -> dict[str, str | bytes]:
        if not self.formats:
            return {}
        folder = self.base.files[0].parent if self.base.files else Path()
        problem = variant_problem(text, folder, self.task)
        sheets = sheet_documents(problem, self.formats, self.blank, self.engine, person)
        keys = solution_documents(solve(problem), self.formats, engine=self.engine)
        named = {f"sheet.{suffix_of(format)}": made for format, made in sheets.items()}
        return named | {f"solution.{suffix_of(format)}": made for format, made in keys.items()}


def table(rows: Iterable[Sequence[str]]) -> str:
    """Who has which variant; no spreadsheet takes a name for a formula."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(COLUMNS)
    out.writerows((cell(person), *rest) for person, *rest in rows)
    return text.getvalue()
