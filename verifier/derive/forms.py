"""Sympy's expressions as trees of the language, so that every printer prints them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import sympy

from verifier.language.tree import Call, Expression, Name, Number

ONE = Number("1")


def tree_of(form: Any) -> Expression:
    """The tree of a sympy expression; a sum begins with its numbers, a product as well."""
    if isinstance(form, sympy.Rational):
        return _number(form)
    if isinstance(form, sympy.Symbol):
        return Name(form.name)
    if isinstance(form, sympy.Add):
        return _sum(form)
    if isinstance(form, sympy.Mul):
        return _product(form)
    if isinstance(form, sympy.Pow):
        return _power(form)
    arguments = [_inline(part) if isinstance(form, sympy.exp) else tree_of(part) for part in form.args]
    return Call(type(form).__name__, tuple(arguments))


def _number(value: sympy.Rational) -> Expression:
    return Number(str(value))


def _inline(form: Any) -> Expression:
    """An exponent: its fraction is written with a slash."""
    if isinstance(form, sympy.Rational) and form.q != 1:
        ratio = Call("ratio", (Number(str(abs(form.p))), Number(str(form.q))))
        return Call("negate", (ratio,)) if form.p < 0 else ratio
    return tree_of(form)


def _sum(form: sympy.Add) -> Expression:
    parts = sorted(form.args, key=lambda part: (not part.is_Number, _negative(part)))
    if _negative(parts[0]) and not _negative(parts[-1]):
        parts.sort(key=_negative)
    total = tree_of(parts[0])
    for part in parts[1:]:
        sign = "subtract" if _negative(part) else "add"
        total = Call(sign, (total, tree_of(-part if sign == "subtract" else part)))
    return total


def _negative(part: Any) -> bool:
    return bool(part.could_extract_minus_sign())


def _product(form: sympy.Mul) -> Expression:
    if _negative(form):
        return Call("negate", (tree_of(-form),))
    above, below = form.as_numer_denom() if not form.is_Atom else (form, sympy.S.One)
    if below != 1:
        return Call("divide", (tree_of(above), tree_of(below)))
    return _joined([tree_of(part) for part in form.as_ordered_factors()])


def _joined(parts: Sequence[Expression]) -> Expression:
    return reduce(lambda left, right: Call("multiply", (left, right)), parts)


def _power(form: sympy.Pow) -> Expression:
    base, exponent = form.as_base_exp()
    if exponent.is_Integer and exponent < 0:
        return Call("divide", (ONE, tree_of(base**-exponent)))
    if exponent.is_Integer:
        return _joined([tree_of(base)] * int(exponent))
    return Call("exp", (Call("multiply", (tree_of(exponent), Call("log", (tree_of(base),)))),))
