"""Products and sums as one writes them by hand: numbers gathered in front, like terms added up.

2 (s − y) · 0.5 is s − y, and fill(0.5, 3) · v is 0.5 v. Nothing else of a tree is changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce

from verifier.language.operations import Shape
from verifier.language.shapes import shape_of
from verifier.language.tree import Call, Expression, Number, Whole, children, with_children

Shapes = Mapping[str, Shape]


@dataclass(frozen=True)
class Term:
    """A number times factors over divisors, all of them entry by entry."""

    number: Fraction = Fraction(1)
    above: tuple[Expression, ...] = ()
    below: tuple[Expression, ...] = ()

    def times(self, other: Term) -> Term:
        """The product of two terms."""
        return Term(self.number * other.number, self.above + other.above, self.below + other.below)

    def over(self, other: Term) -> Term:
        """The quotient of two terms, the other's number not being zero."""
        return Term(self.number / other.number, self.above + other.below, self.below + other.above)

    def tree(self) -> Expression:
        """The term as an expression."""
        own = self if self.number >= 0 else _turned(self)
        if own.number < 0:
            return Call("negate", (replace(own, number=-own.number).tree(),))
        top, bottom = own.number.numerator, own.number.denominator
        above = [_number(top), *own.above] if top != 1 or not own.above else [*own.above]
        below = [*own.below, *([_number(bottom)] if bottom != 1 else [])]
        found = reduce(_multiplied, above)
        return Call("divide", (found, reduce(_multiplied, below))) if below else found


def _turned(term: Term) -> Term:
    """The term with a − b for −(b − a), where a factor is a difference."""
    for k, part in enumerate(term.above):
        match part:
            case Call("subtract", (left, right)):
                turned = Call("subtract", (right, left))
                above = (*term.above[:k], turned, *term.above[k + 1 :])
                return Term(-term.number, above, term.below)
    return term


def _multiplied(left: Expression, right: Expression) -> Expression:
    return Call("multiply", (left, right))


def _number(value: int) -> Number:
    return Number(str(value))


def tidy(trees: Iterable[Expression], shapes: Shapes) -> list[Expression]:
    """The terms of a sum of trees; those that differ in a number alone are one."""
    found: dict[tuple[tuple[Expression, ...], tuple[Expression, ...]], Fraction] = {}
    for tree in trees:
        term = term_of(tree, shapes)
        key = term.above, term.below
        found[key] = found.get(key, Fraction(0)) + term.number
    return [Term(number, *key).tree() for key, number in found.items() if number]


def term_of(tree: Expression, shapes: Shapes) -> Term:
    """The tree as a number times factors over divisors."""
    match tree:
        case Number(text):
            return Term(Fraction(text))
        case Call("negate", (inner,)):
            term = term_of(inner, shapes)
            return replace(term, number=-term.number)
        case Call("multiply", (left, right)):
            a, b = _beside(left, right, shapes)
            return term_of(a, shapes).times(term_of(b, shapes))
        case Call("divide", (left, right)):
            a, b = _beside(left, right, shapes)
            below = term_of(b, shapes)
            if below.number:
                return term_of(a, shapes).over(below)
        case Call("identity", (inner,)):
            return term_of(inner, shapes)
    parts = (part if isinstance(part, Whole) else _one(part, shapes) for part in children(tree))
    return Term(above=(with_children(tree, tuple(parts)),))


def _one(tree: Expression, shapes: Shapes) -> Expression:
    return term_of(tree, shapes).tree()


def _beside(left: Expression, right: Expression, shapes: Shapes) -> tuple[Expression, Expression]:
    """Two factors; what fills the other's shape is the number or the scalar that it repeats."""
    sizes = shape_of(left, shapes), shape_of(right, shapes)
    if sizes[0] != sizes[1] or not sizes[0]:
        return left, right
    inner = _repeated(left, shapes)
    if inner is not None:
        return inner, right
    inner = _repeated(right, shapes)
    return (left, inner) if inner is not None else (left, right)


def _repeated(tree: Expression, shapes: Shapes) -> Expression | None:
    """The scalar that a tree is filled with, signs and other scalars around it kept."""
    match tree:
        case Call("fill", (inner, *_)) if shape_of(inner, shapes) == ():
            return inner
        case Call("negate", (part,)):
            inside = _repeated(part, shapes)
            return None if inside is None else Call("negate", (inside,))
        case Call("multiply" | "divide" as sign, (part, other)) if shape_of(other, shapes) == ():
            inside = _repeated(part, shapes)
            return None if inside is None else Call(sign, (inside, other))
    return None
