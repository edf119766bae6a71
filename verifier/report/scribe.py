"""Trees into markup, for one problem and one format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from verifier.cells import Words as CellWords
from verifier.derive.chain import Chain, Link, all_exact
from verifier.derive.figures import given
from verifier.derive.products import Product
from verifier.formats import Format
from verifier.language.tree import Call, Expression, Name, Number
from verifier.notation.layout import fitted
from verifier.notation.paper import in_columns, on_paper
from verifier.notation.printer import Printer
from verifier.notation.spelling import KERAS, spelled
from verifier.notation.spoken import SpokenPrinter
from verifier.notation.text import ruler
from verifier.numbers import Numbers
from verifier.problem import Problem
from verifier.report.alike import told_apart
from verifier.report.gradients import spellings, symbols
from verifier.report.words import Math, Words

RELATION, GAP = 3.5, 4.0
"""The widths of a relation with its spaces, and of the space between formulas, in digits."""

MOST_KEPT = 1024
"""Pieces that a scribe keeps for the next document."""


@dataclass(frozen=True)
class Line:
    """One line of mathematics: left-hand side (often empty), relation, right-hand side."""

    left: Math
    relation: Math
    right: Math

    @property
    def spoken(self) -> str:
        """The line in words."""
        return " ".join(part.spoken for part in (self.left, self.relation, self.right)).strip()


WORDS = ("name", "does")


@dataclass(frozen=True, eq=False)
class Scribe:
    """Turns trees into markup for one problem and one format."""

    problem: Problem
    style: Format
    words: Words

    @cached_property
    def printer(self) -> Printer:
        """The printer in the problem's notation."""
        return printer_for(self.problem, self.style, self.words.text("decimal"))

    def cell_text(self, key: str, own: str) -> str:
        """A text of the cell in the document's language; its own words where there is none."""
        return self.known_text(f"cell.{self.problem.cell.name}.{key}", own)

    def known_text(self, known: str, own: str) -> str:
        """The text of a key; `own` where the language has none."""
        return self.words.text(known) if self.words.has(known) else own

    def called(self, name: str) -> CellWords | None:
        """What a quantity is called and does, when the cell has words for it."""
        own = self.problem.cell.words.get(name)
        if own is None:
            return None
        base = f"word.{own.id}" if own.id else f"cell.{self.problem.cell.name}.{name}"
        texts = {key: self.known_text(f"{base}.{key}", getattr(own, key)) for key in WORDS}
        return CellWords(**texts)

    def plain_number(self, text: str) -> str:
        """Digits in a plain text."""
        return text.replace(".", self.words.text("decimal")).replace("-", "−")

    @cached_property
    def speaker(self) -> SpokenPrinter | None:
        """The printer of spoken words, for formats that carry them."""
        if not self.style.speaks:
            return None
        return SpokenPrinter(
            self.printer.names,
            columns=self.printer.columns,
            decimal=self.printer.decimal,
            symbols=self.printer.symbols,
            delta=self.printer.delta,
            vocabulary=self.words.phrases("say."),
        )

    @cached_property
    def again(self) -> Callable[[Expression, int | None], Math]:
        """What `shown` gives, of what stands in one document after the other; it is made once."""
        return lru_cache(MOST_KEPT)(self.shown)

    @cached_property
    def line_again(self) -> Callable[[Expression, str, Expression, int | None], Line]:
        """What `line` gives, made once."""
        return lru_cache(MOST_KEPT)(self.line)

    def shown(self, tree: Expression, step: int | None = None) -> Math:
        """The markup of a tree as it is, with its spoken words."""
        spoken = self.speaker.show(tree, step) if self.speaker else ""
        return Math(self.printer.show(tree, step), spoken)

    def number(self, text: str | None) -> Math:
        """The markup of digits; "?" stands for what is undecided."""
        return self.shown(Number(text or "?"))

    def sign(self, relation: str) -> Math:
        """The markup of a relation."""
        spoken = self.speaker.relation(relation) if self.speaker else ""
        return Math(self.printer.relation(relation), spoken)

    @cached_property
    def _ruler(self) -> Callable[[Expression, int | None], float]:
        return ruler(self.printer)

    def width(self, tree: Expression, step: int | None = None) -> float:
        """How wide a tree prints, in digits."""
        return self._ruler(tree, step)

    def math(self, tree: Expression, step: int | None = None, taken: float = 0) -> Math:
        """The markup of a tree, made to fit beside what is `taken` of the line."""
        limit = self.style.width - taken
        fitting = fitted(tree, lambda part: self.width(part, step), limit)
        return self.shown(fitting, step)

    def line(
        self,
        left: Expression,
        relation: str,
        right: Expression,
        step: int | None,
        *,
        bare: bool = False,
        taken: float = 0,
    ) -> Line:
        """One line; a `bare` one goes on from the line above, without its left-hand side."""
        head = Math("") if bare else self.head(left, step)
        taken += self.width(left, step) + RELATION
        return Line(head, self.sign(relation), self.math(right, step, taken))

    def head(self, left: Expression, step: int | None) -> Math:
        """A left-hand side; a quantity is spoken of as "z at step 1"."""
        shown = self.shown(left, step)
        if (
            self.speaker is None
            or step is None
            or not isinstance(left, Name)
            or left.offset is None
            or left.name in self.printer.symbols
        ):
            return shown
        plain = self.speaker.show(Name(left.name))
        return Math(shown, self.speaker.say("at step", plain, str(step)))

    def symbol(self, name: str, step: int | None) -> Math:
        """The name of a quantity at a step."""
        return self.math(Name(name, 0), step)

    def entry(self, name: str, step: int | None, k: int) -> Math:
        """The name of an entry of a quantity at a step."""
        shape, tree = self.problem.shapes[name], Name(name, 0)
        if shape in ((), (1,)):
            return self.shown(tree, step)
        index = ",".join(str(int(i) + 1) for i in np.unravel_index(k, shape))
        return self.shown(Call("entry", (tree, Number(index))), step)

    def bare(self, name: str) -> Math:
        """The name of what is given, or of a quantity at no step in particular."""
        return self._bare(name)

    @cached_property
    def _bare(self) -> Callable[[str], Math]:
        return lru_cache(MOST_KEPT)(lambda name: self.math(Name(name), None))

    def equations(self) -> Iterator[Line]:
        """The cell's equations at the general step."""
        for equation in self.problem.cell.equations:
            tree = on_paper(equation.expression, self.problem.shapes)
            symbol = self.printer.symbols.get(equation.name)
            step = 1 if symbol and symbol.kind == "new" else None  # once the gradient is whole
            yield self.line(Name(equation.name, 0), "=", tree, step)

    def chain(self, worked: Chain) -> Iterator[Line]:
        """The lines of a chain; the rounded value stands behind the value where it fits."""
        name, step, links = Name(worked.name, 0), worked.step, worked.links
        for k, link in enumerate(links):
            bare = not (link.kind == "equation" or link.restart)
            if link.kind == "rounded" and self._beside(name, links[k - 1], link):
                continue
            line = self.line(name, link.relation, link.tree, step, bare=bare)
            if k + 1 < len(links) and self._beside(name, link, links[k + 1]):
                line = self.extended(line, links[k + 1].relation, links[k + 1].tree)
            yield line

    def result(self, worked: Chain) -> Line:
        """What the chain ends with, behind its left-hand side."""
        last = worked.links[-1]
        return self.line(Name(worked.name, 0), last.relation, last.tree, worked.step)

    def _beside(self, name: Name, value: Link, rounded: Link) -> bool:
        both = self.width(name) + self.width(value.tree) + self.width(rounded.tree)
        fits = both + 2 * RELATION <= self.style.width
        return fits and value.kind == "value" and rounded.kind == "rounded"

    def product(self, product: Product, step: int) -> Iterator[Line]:
        """An entry of a matrix product with its terms and its value, behind them where it fits."""
        first, second = product.relations
        parts = (product.left, product.terms, product.value)
        wide = sum(self.width(part, step) for part in parts) + 2 * RELATION
        line = self.line(product.left, first, product.terms, step)
        if wide <= self.style.width:
            yield self.extended(line, second, product.value)
            return
        yield line
        yield self.line(product.left, second, product.value, step, bare=True)

    def extended(self, line: Line, relation: str, tree: Expression) -> Line:
        """The line with one more relation and side."""
        return replace(line, right=joined(line.right, self.sign(relation), self.math(tree)))

    def numbers(self, given_numbers: Iterable[tuple[Name, Numbers, int | None]]) -> Iterator[Line]:
        """Given quantities with their numbers, as many a line as fit."""
        room = 0.0
        line: Line | None = None
        for name, numbers, step in given_numbers:
            tree = given(numbers).tree()
            wide = self.width(name, step) + self.width(tree, step) + RELATION + GAP
            own = self.line(name, "=" if all_exact(tree) else "≈", tree, step)
            if line is not None and wide <= room:
                gap = Math(self.printer.gap(), ";")
                right = joined(line.right, gap, own.left, own.relation, own.right)
                line, room = replace(line, right=right), room - wide
                continue
            if line is not None:
                yield line
            line, room = own, self.style.width - wide
        if line is not None:
            yield line


def joined(*parts: Math) -> Math:
    """Pieces of mathematics side by side."""
    return Math(" ".join(map(str.strip, parts)), " ".join(part.spoken for part in parts).strip())


def printer_for(problem: Problem, style: Format, decimal: str) -> Printer:
    """The format's printer in the problem's notation and orientation of vectors."""
    trees = [equation.expression for equation in problem.cell.equations]
    given = {**spellings(problem), **problem.cell.names, **problem.notation.names}
    known = {**_keras(problem, given), **given}
    made = symbols(problem)
    told_apart(problem, known, made)
    return replace(
        style.printer,
        names=known,
        symbols=made,
        delta=problem.notation.gradient == "delta",
        bold=_vectors(problem) if problem.notation.vectors == "bold" else frozenset(),
        hadamard=problem.notation.hadamard,
        columns=in_columns(trees, problem.shapes),
        decimal=decimal,
    )


def _keras(problem: Problem, given: Mapping[str, str]) -> dict[str, str]:
    """Letters for parameters of Keras, as far as no other name prints so."""
    others = {spelled(given.get(name, name)).base for name in problem.shapes}
    return {
        name: letter
        for name, letter in KERAS.items()
        if name in problem.parameters and letter not in others
    }


def _vectors(problem: Problem) -> frozenset[str]:
    """The names of vectors; one of a single entry prints as a scalar."""
    return frozenset(name for name, shape in problem.shapes.items() if len(shape) == 1 < shape[0])
