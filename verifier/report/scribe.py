"""Trees into markup, for one problem and one format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from verifier.derive.chain import Chain, Link
from verifier.derive.figures import given
from verifier.derive.products import Product
from verifier.language.tree import Expression, Name
from verifier.notation.layout import fitted
from verifier.notation.printer import Printer, on_paper
from verifier.notation.text import width
from verifier.numbers import Numbers
from verifier.problem import Problem
from verifier.report.style import Style, printer_for
from verifier.report.words import Math, Words

RELATION, GAP = 3.5, 4.0
"""The widths of a relation with its spaces, and of the space between formulas, in digits."""


@dataclass(frozen=True)
class Line:
    """One line of mathematics: left-hand side (often empty), relation, right-hand side."""

    left: Math
    relation: Math
    right: Math


@dataclass(frozen=True, eq=False)
class Scribe:
    """Turns trees into markup for one problem and one format."""

    problem: Problem
    style: Style
    words: Words

    @cached_property
    def printer(self) -> Printer:
        """The printer in the problem's notation."""
        return printer_for(self.problem, self.style)

    def width(self, tree: Expression, step: int | None = None) -> float:
        """How wide a tree prints, in digits."""
        return width(tree, self.printer, step)

    def math(self, tree: Expression, step: int | None = None, taken: float = 0) -> Math:
        """The markup of a tree, made to fit beside what is `taken` of the line."""
        limit = self.style.width - taken
        fitting = fitted(tree, lambda part: self.width(part, step), limit)
        return Math(self.printer.show(fitting, step))

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
        head = Math("") if bare else Math(self.printer.show(left, step))
        taken += self.width(left, step) + RELATION
        return Line(head, Math(self.printer.relation(relation)), self.math(right, step, taken))

    def symbol(self, name: str, step: int | None) -> Math:
        """The name of a quantity at a step."""
        return self.math(Name(name, 0), step)

    def equations(self) -> Iterator[Line]:
        """The cell's equations at the general step."""
        for equation in self.problem.cell.equations:
            tree = on_paper(equation.expression, self.problem.shapes)
            yield self.line(Name(equation.name, 0), "=", tree, None)

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

    def _beside(self, name: Name, value: Link, rounded: Link) -> bool:
        both = self.width(name) + self.width(value.tree) + self.width(rounded.tree)
        fits = both + 2 * RELATION <= self.style.width
        return fits and value.kind == "value" and rounded.kind == "rounded"

    def product(self, product: Product, step: int) -> Line:
        """An entry of a matrix product with its terms and its value."""
        first, second = product.relations
        taken = self.width(product.value) + RELATION
        line = self.line(product.left, first, product.terms, step, taken=taken)
        return self.extended(line, second, product.value)

    def extended(self, line: Line, relation: str, tree: Expression) -> Line:
        """The line with one more relation and side."""
        sign = self.printer.relation(relation)
        return Line(line.left, line.relation, Math(f"{line.right} {sign} {self.math(tree)}"))

    def numbers(self, given_numbers: Iterable[tuple[Name, Numbers, int | None]]) -> Iterator[Line]:
        """Given quantities with their numbers, as many a line as fit."""
        room = 0.0
        line: Line | None = None
        for name, numbers, step in given_numbers:
            tree = given(numbers).tree()
            wide = self.width(name, step) + self.width(tree, step) + RELATION + GAP
            own = self.line(name, "=", tree, step)
            if line is not None and wide <= room:
                right = f"{line.right}{self.printer.gap()}{own.left} {own.relation} {own.right}"
                line, room = Line(line.left, line.relation, Math(right)), room - wide
                continue
            if line is not None:
                yield line
            line, room = own, self.style.width - wide
        if line is not None:
            yield line
