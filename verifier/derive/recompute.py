"""Lines that do not recompute: what a reader gets from the numbers that a chain prints.

A reader goes from line to line: what an operation gives is computed from the numbers of the line
before, and written with as many digits as stand there. Where that is another number than the one
that is printed, because the printed numbers were rounded and the carried ones were not, the entry
is missed. A value that begins with the left-hand side again claims nothing of the line before it;
then the rounded value is held against that line. Lines in which dots stand for numbers, and terms
of which only a name is known, cannot be recomputed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from flint import arb

from verifier.arithmetic.ball import exact_value, rational
from verifier.arithmetic.objects import as_array
from verifier.arithmetic.protocol import Arithmetic, Site, Value
from verifier.arithmetic.wrap.wrapped import unrounded
from verifier.certify import arithmetic, cut_off, rounded
from verifier.derive.chain import Chain, Link, chains
from verifier.language.operations import OPERATIONS
from verifier.language.tree import Array, Call, Expression, Number, Path, Whole, names
from verifier.problem import Problem
from verifier.rounding import Rounding, power
from verifier.solution import Solution

UNKNOWN = as_array(arb("nan"))
"""What dots stand for, and what a function gives that no chain has: whatever follows is unknown."""

INSIDE = Fraction(1, 10**9)
"""How far from its ends, in units of the last place, a number with dots is looked at."""


@dataclass(frozen=True)
class Miss:
    """A printed number that the numbers before it do not give.

    It stands in link `line` of the chain, at `path`; or in its product `line`, where `product`.
    """

    step: int
    name: str
    line: int
    path: Path
    entry: int
    source: Expression
    gives: str
    printed: str
    product: bool = False


def missed(solution: Solution) -> Iterator[Miss]:
    """The misses of all chains of a solution."""
    return (miss for worked in chains(solution).values() for miss in misses(solution, worked))


def misses(solution: Solution, worked: Chain) -> list[Miss]:
    """The printed numbers of a chain that a reader of its lines does not get."""
    reader = Reader(solution.problem, worked, 2 * solution.carried.precisions[-1])
    with reader.arithmetic.session():
        return [*reader.links(), *reader.products()]


@dataclass(frozen=True)
class Reader:
    """Who reads a chain, and computes its lines again at so many bits."""

    problem: Problem
    chain: Chain
    precision: int

    @cached_property
    def arithmetic(self) -> Arithmetic:
        """What operations mean to who follows the problem's policy."""
        return arithmetic(self.problem, self.problem.policy, self.precision)

    @cached_property
    def plain(self) -> Arithmetic:
        """The same, in which nothing is rounded."""
        return unrounded(self.arithmetic)

    @cached_property
    def rule(self) -> Rounding:
        """How the quantity is rounded."""
        return self.problem.rule(self.chain.name)

    def links(self) -> Iterator[Miss]:
        """What is missed from link to link."""
        last = self.chain.links[0]
        for k, (before, link) in enumerate(pairwise(self.chain.links), 1):
            if before.kind == "value":
                yield from self.of_value(k, before, link)
            if not (link.kind == "value" and link.restart):
                source = last if before.kind == "value" and before.restart else before
                if source.kind != "value":
                    yield from self.reduced(k, source, source.tree, link.tree, ())
            last = link if link.kind != "value" else last

    def products(self) -> Iterator[Miss]:
        """What is missed in the products that are written out."""
        for k, product in enumerate(self.chain.products):
            rule = self.problem.line_rule(self.chain.name, product.path)
            sides = product.terms, product.value
            for miss in self.compared(k, *sides, product.path, self.plain, rule):
                yield replace(miss, product=True)

    def reduced(
        self, k: int, link: Link, source: Expression, target: Expression, path: Path
    ) -> Iterator[Miss]:
        """What is missed where the terms of a link stand reduced in the next one."""
        match source, target:
            case Call(one, parts), Call(other, reduced) if (one, len(parts)) == (
                other,
                len(reduced),
            ) and link.kind != "exact":
                for j, (part, after) in enumerate(zip(parts, reduced, strict=True)):
                    yield from self.reduced(k, link, part, after, (*path, j))
            case _ if source != target and not any(names(source)):
                closed = self.plain if link.kind == "exact" else self.arithmetic
                rule = self.problem.line_rule(self.chain.name, path) if path else self.rule
                yield from self.compared(k, source, target, path, closed, rule)

    def compared(
        self,
        k: int,
        source: Expression,
        target: Expression,
        path: Path,
        meaning: Arithmetic,
        rule: Rounding,
    ) -> Iterator[Miss]:
        """The entries of `target` that the numbers of `source` do not give."""
        try:
            found = self.value(source, path, meaning).ravel().tolist()
        except ArithmeticError:  # a divisor that prints as zero
            found = [None] * len(leaves(target))
        wanted = leaves(target)
        if len(found) != len(wanted):
            return  # dots stand for more entries here than there
        for entry, (value, leaf) in enumerate(zip(found, wanted, strict=True)):
            if not isinstance(leaf, Number) or "?" in leaf.text or not _known(value):
                continue
            gives = "?" if value is None else self.written(value, leaf.text, path, rule)
            if not _same(gives, leaf.text):
                where = (self.chain.step, self.chain.name, k, path, entry)
                yield Miss(*where, source, gives, leaf.text)

    def of_value(self, k: int, value: Link, link: Link) -> Iterator[Miss]:
        """What is missed between a value and its rounding; behind dots may stand any digits."""
        for entry, (number, final) in enumerate(
            zip(leaves(value.tree), leaves(link.tree), strict=True)
        ):
            if not (isinstance(number, Number) and isinstance(final, Number)):
                continue
            texts = {self.result(end) for end in _ends(number.text)}
            gives = texts.pop() if len(texts) == 1 else "?"
            if not _same(gives, final.text):
                where = (self.chain.step, self.chain.name, k, (), entry)
                yield Miss(*where, value.tree, gives, final.text)

    def result(self, value: Fraction) -> str:
        """What is written for a result, which the policy rounds first."""
        return self.written(rational(value), "", (), self.rule)

    def written(self, value: Any, like: str, path: Path, rule: Rounding) -> str:
        """What a reader writes for a value where `like` is printed, cut off or rounded as that is.

        Exact numbers are written as they are.
        """
        exact = exact_value(value)
        if exact is not None and like and "…" not in like and exact == Fraction(like):
            return like
        if "…" in like:
            return cut_off(value, _cutting(like)) or "?"
        policy = self.problem.policy
        if not path and policy.kind != "final":
            carried = rounded(value, policy.carried(rule))
            return "?" if carried is None else rule.text(Fraction(carried))
        return rounded(value, rule) or "?"

    def value(self, tree: Expression, path: Path, meaning: Arithmetic) -> Value:
        """The value of a printed term; the result of the whole equation is not rounded yet."""
        match tree:
            case Number(text):
                return as_array(UNKNOWN[()] if "?" in text else rational(Fraction(text)))
            case Array(items):
                parts = [self.value(item, path, meaning) for item in items]
                whole = np.empty((len(parts), *parts[0].shape), dtype=object)
                for i, part in enumerate(parts):
                    whole[i] = part[()] if not part.ndim else part
                return whole
            case Whole(whole):
                return whole
            case Call(operation, arguments):
                parts = [self.value(a, (*path, j), meaning) for j, a in enumerate(arguments)]
                own = meaning if path else self.plain
                return _applied(own, operation, parts, Site(self.chain.step, self.chain.name, path))
        return UNKNOWN


def _applied(own: Arithmetic, operation: str, parts: list[Value], site: Site) -> Value:
    """An operation of the language or of paper on values."""
    name = _MEANT.get(operation, operation)
    if name not in OPERATIONS or (name == "power" and not isinstance(parts[1], int)):
        return UNKNOWN
    if name == "matmul":
        parts = _sides(*parts)
    if name in ("softmax", "slice", "pad"):
        parts[0] = np.atleast_1d(parts[0])
    return own.apply(name, parts, site)


_MEANT = {
    "hadamard": "multiply",
    "hadamard_power": "power",
    "inner": "matmul",
    "ratio": "divide",
}
"""The operations of the language that stand behind those of paper."""


def _sides(left: Value, right: Value) -> list[Value]:
    """The factors of a matrix product: what prints as a scalar is a vector of one entry."""
    if left.ndim and right.ndim:
        return [left, right]
    if not left.ndim:
        return [left.reshape(1), right if right.ndim else right.reshape(1, 1)]
    return [left, right.reshape((1, 1) if left.ndim == 1 else (1,))]


def leaves(tree: Expression) -> Sequence[Expression]:
    """The entries of a printed scalar, vector or matrix, row by row."""
    if isinstance(tree, Array):
        return [leaf for item in tree.items for leaf in leaves(item)]
    return [tree]


def _known(value: Any) -> bool:
    return value is None or not isinstance(value, arb) or bool(value.is_finite())


def _same(gives: str, printed: str) -> bool:
    if "?" in gives or "?" in printed:  # with a sign, where only that is known
        return ("?" in gives) == ("?" in printed)
    return Fraction(gives) == Fraction(printed.replace("…", ""))


def _cutting(text: str) -> Rounding:
    """The rule by which a number with dots was cut off."""
    digits, _, exponent = text.lstrip("-").partition("…")
    if exponent:
        return Rounding(None, "down", len(digits.replace(".", "")))
    return Rounding(len(digits.partition(".")[2]), "down")


def _ends(text: str) -> tuple[Fraction, ...]:
    """The number; of one with dots, points beside the ends of what it may be."""
    digits, dots, exponent = text.partition("…")
    if not dots:
        return () if "?" in text else (Fraction(text),)
    unit = power(-len(digits.partition(".")[2])) * power(int(exponent[1:] or 0))
    size = unit if not text.startswith("-") else -unit
    start = Fraction(digits + exponent)
    return start + size * INSIDE, start + size * (1 - INSIDE)
