"""The files of variants: each with its problem, its sheet and its key, and who has which."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from verifier.documents.blocks import Leaf, Page
from verifier.documents.printing import Begun, printed
from verifier.documents.sheet import begun_sheet, sheet_page
from verifier.documents.solution import begun_solution, solved_page
from verifier.exercises.book import COLUMNS
from verifier.exercises.filed import beside, variant_problem, variant_text
from verifier.formats import Blank, Engine, suffix_of
from verifier.problem import Problem
from verifier.processes import ahead
from verifier.report.cells import cell
from verifier.report.means import means_for
from verifier.report.sheet import sheet
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
        return list(self.made(batch))

    def made(self, numbered: Iterable[tuple[int, Problem, str]]) -> Iterator[Made]:
        """The files of variants, in order: a compiler sets one while the next is worked."""
        return ahead(self._begun(*one) for one in numbered)

    def _begun(self, number: int, variant: Problem, person: str) -> Callable[[], Made]:
        name = f"{number:0{DIGITS}}"
        text = variant_text(self.base, variant, f"{self._title} · {name}")
        files: dict[str, str | bytes] = {PROBLEM: text, **self._arrays}
        row = person, name, f"{name}/{PROBLEM}", sha256(text.encode()).hexdigest()
        begun = self._documents(text, person)
        return lambda: Made(name, files | {name: make() for name, make in begun.items()}, row)

    @property
    def _title(self) -> str:
        return self.base.title.strip() or self.base.cell.title or self.base.stem

    @cached_property
    def _arrays(self) -> Mapping[str, bytes]:
        return {name: path.read_bytes() for name, path in beside(self.base)}

    def _documents(self, text: str, person: str) -> dict[str, Begun]:
        if not self.formats:
            return {}
        problem = variant_problem(text, self._folder, self.task)
        keys = begun_solution(solve(problem), self.formats, self.engine)
        sheets = {
            f"sheet.{suffix_of(format)}": begun_sheet(
                problem, format, self.blank, self.engine, person
            )
            for format in self.formats
        }
        return sheets | {f"solution.{suffix_of(format)}": made for format, made in keys.items()}

    def together(
        self, texts: Sequence[str], people: Sequence[str], format: str
    ) -> dict[str, str | bytes]:
        """All sheets in one document, and all keys in another; each begins a page."""
        problems = [variant_problem(text, self._folder, self.task) for text in texts]
        style, words = means_for(self.task, format, self.engine)
        pairs = zip(problems, people, strict=True)
        views = ((sheet(problem, style, words, self.blank), who) for problem, who in pairs)
        sheets = [sheet_page(*one) for one in views]
        keys = [solved_page(solve(problem), style, words) for problem in problems]
        ending = suffix_of(format)
        bound = {"sheets": sheets, "keys": keys}
        return {f"{n}.{ending}": printed(_bound(p, self._title), style) for n, p in bound.items()}

    @property
    def _folder(self) -> Path:
        return self.base.files[0].parent if self.base.files else Path()


def _bound(pages: Sequence[Page], title: str) -> Page:
    """One document of several; each keeps what stands at its end."""
    leaves = (
        Leaf(page.title, (*page.blocks, *page.footer), first=k == 0) for k, page in enumerate(pages)
    )
    return replace(pages[0], title=title, blocks=tuple(leaves), footer=())


def table(rows: Iterable[Sequence[str]]) -> str:
    """Who has which variant; no spreadsheet takes a name for a formula."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(COLUMNS)
    out.writerows((cell(person), *rest) for person, *rest in rows)
    return text.getvalue()
