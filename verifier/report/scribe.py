"""Trees into markup, for one problem and one format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from verifier.derive.chain import Chain, Link
from verifier.derive.figures import given
from verifier.derive.products import Product
from verifier.language.tree import Expression, Name
from verifier.notation.layout import broken
from verifier.notation.printer import Printer, on_paper
from verifier.notation.text import width
from verifier.numbers import Numbers
from verifier.problem import Problem
from verifier.report.style import Style, printer_for
from verifier.report.words import Math, Words


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

    def math(self, tree: Expression, step: int | None = None) -> Math:
        """The markup of a tree, broken at + where it is too wide."""
        limit = self.style.width
        fitting = broken(tree, lambda part: width(part, self.printer, step), limit)
        return Math(self.printer.show(fitting, step))

    def line(self, left: Expression | None, relation: str, right: Expression, step: int | None) -> Line:
        """One line; without a left-hand side it goes on from the line above."""
        head = Math("") if left is None else self.math(left, step)
        return Line(head, Math(self.printer.relation(relation)), self.math(right, step))

    def symbol(self, name: str, step: int | None) -> Math:
        """The name of a quantity at a step."""
        return self.math(Name(name, 0), step)

    def equations(self) -> Iterator[Line]:
        """The cell's equations at the general step."""
        for equation in self.problem.cell.equations:
            tree = on_paper(equation.expression, self.problem.shapes)
            yield self.line(Name(equation.name, 0), "=", tree, None)

    def link(self, link: Link, owner: Chain) -> Line:
        """A link of a chain."""
        first = link.kind == "equation" or link.restart
        left = Name(owner.name, 0) if first else None
        return self.line(left, link.relation, link.tree, owner.step)

    def product(self, product: Product, step: int) -> Line:
        """An entry of a matrix product with its terms and its value in one line."""
        first, second = product.relations
        line = self.line(product.left, first, product.terms, step)
        return self.extended(line, second, product.value)

    def chain(self, worked: Chain) -> Iterator[Line]:
        """The lines of a chain; the rounded value stands behind the value where it fits."""
        links = list(worked.links)
        for k, link in enumerate(links):
            if link.kind == "rounded" and k and self._beside(links[k - 1], link):
                continue
            line = self.link(link, worked)
            if k + 1 < len(links) and self._beside(link, links[k + 1]):
                line = self.extended(line, links[k + 1].relation, links[k + 1].tree)
            yield line

    def _beside(self, value: Link, rounded: Link) -> bool:
        both = width(value.tree, self.printer) + width(rounded.tree, self.printer)
        return value.kind == "value" and rounded.kind == "rounded" and both < self.style.width - 4

    def extended(self, line: Line, relation: str, tree: Expression) -> Line:
        """The line with one more relation and side."""
        sign = self.printer.relation(relation)
        return Line(line.left, line.relation, Math(f"{line.right} {sign} {self.math(tree)}"))

    def numbers(self, given_numbers: Iterable[tuple[Name, Numbers, int | None]]) -> Iterator[Line]:
        """Given quantities with their numbers, as many a line as fit."""
        room = 0
        line: Line | None = None
        for name, numbers, step in given_numbers:
            tree = given(numbers).tree()
            wide = width(tree, self.printer, step) + 8
            own = self.line(name, "=", tree, step)
            if line is not None and wide <= room:
                right = f"{line.right}{self.printer.gap()}{own.left} {own.relation} {own.right}"
                line, room = Line(line.left, line.relation, Math(right)), room - wide
                continue
            if line is not None:
                yield line
            line, room = own, self.style.width - wide - 10
        if line is not None:
            yield line
