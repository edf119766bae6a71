"""Sympy's expressions as trees of the language, so that every printer prints them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import sympy

from verifier.arithmetic.context import alone
from verifier.arithmetic.symbols import SYMBOL
from verifier.language.operations import OPERATIONS
from verifier.language.tree import Call, Expression, Name, Number, Whole

MANY = 3
"""Factors with more names than this stand behind the others."""


@alone()
def tree_of(form: Any, order: Mapping[str, int] | None = None) -> Expression:
    """The tree of a sympy expression.

    A sum begins with its numbers; terms and factors follow `order`, which ranks names.
    """
    return _Writer(order or {}).tree(form)


@dataclass(frozen=True)
class _Writer:
    order: Mapping[str, int] = field(default_factory=dict)

    def tree(self, form: Any) -> Expression:
        for kind, write in _WRITERS:
            if isinstance(form, kind):
                return write(self, form)
        kind = type(form).__name__
        return Call(_LANGUAGE.get(kind, kind), tuple(map(self.tree, form.args)))

    def number(self, form: Any) -> Expression:
        return Number(str(form))

    def symbol(self, form: Any) -> Expression:
        found = SYMBOL.fullmatch(form.name)
        if found is None:
            return Name(form.name)
        offset = None if found["offset"] is None else int(found["offset"])
        name = Name(found["name"], offset)
        if found["index"] is None:
            return name
        index = ",".join(str(int(i) + 1) for i in found["index"].split(","))
        return Call("entry", (name, Number(index)))

    def sum(self, form: Any) -> Expression:
        parts = sorted(form.args, key=self.rank)
        if _negative(parts[0]) and not all(map(_negative, parts)):
            parts.sort(key=_negative)
        total = self.tree(parts[0])
        for part in parts[1:]:
            sign = "subtract" if _negative(part) else "add"
            total = Call(sign, (total, self.tree(-part if sign == "subtract" else part)))
        return total

    def product(self, form: Any) -> Expression:
        if _negative(form):
            return Call("negate", (self.tree(-form),))
        above, below = form.as_numer_denom()
        if below != 1:
            return Call("divide", (self.tree(above), self.tree(below)))
        return _joined([self.tree(part) for part in sorted(form.args, key=self.width)])

    def power(self, form: Any) -> Expression:
        base, exponent = form.as_base_exp()
        if exponent.is_Integer and exponent < 0:
            return Call("divide", (Number("1"), self.tree(base**-exponent)))
        if exponent.is_Integer:
            return Call("power", (self.tree(base), Whole(int(exponent))))
        if exponent == sympy.Rational(1, 2):
            return Call("sqrt", (self.tree(base),))
        if isinstance(exponent, sympy.Rational):
            return self.root(base, exponent)
        return self.tree(sympy.exp(exponent * sympy.log(base), evaluate=False))

    def root(self, base: Any, exponent: Any) -> Expression:
        """A power of the square root, or a power whose exponent is a fraction."""
        if exponent < 0:
            return Call("divide", (Number("1"), self.tree(base**-exponent)))
        if exponent.q == 2:
            return Call("power", (Call("sqrt", (self.tree(base),)), Whole(exponent.p)))
        ratio = Call("ratio", (Number(str(exponent.p)), Number(str(exponent.q))))
        return Call("power", (self.tree(base), ratio))

    def exponential(self, form: Any) -> Expression:
        """e to a power whose fraction is written with a slash."""
        (power,) = form.args
        if not (isinstance(power, sympy.Rational) and power.q != 1):
            return Call("exp", (self.tree(power),))
        ratio = Call("ratio", (Number(str(abs(power.p))), Number(str(power.q))))
        return Call("exp", (Call("negate", (ratio,)) if power.p < 0 else ratio,))

    def rank(self, form: Any) -> tuple[Any, ...]:
        """Numbers first, then by the names in a term, then by their entries."""
        names = sorted((self.place(symbol), symbol.name) for symbol in form.free_symbols)
        return (not form.is_number, names, sympy.default_sort_key(form))

    def width(self, form: Any) -> tuple[Any, ...]:
        """Factors that are long sums come last."""
        return (len(form.free_symbols) > MANY, *self.rank(form))

    def place(self, symbol: Any) -> int:
        return self.order.get(re.split(r"[@\[]", symbol.name)[0], len(self.order))

    def step(self, form: Any) -> Expression:
        """The unit step, without the value that sympy gives it at 0."""
        return Call("step", (self.tree(form.args[0]),))

    def sign(self, form: Any) -> Expression:
        """The slope of the absolute value, 2 H(x) − 1."""
        twice = Call("multiply", (Number("2"), self.step(form)))
        return Call("subtract", (twice, Number("1")))

    def extreme(self, form: Any) -> Expression:
        """The largest or smallest of several, two by two."""
        name = "max" if isinstance(form, sympy.Max) else "min"
        parts = [self.tree(part) for part in sorted(form.args, key=self.rank)]
        return reduce(lambda left, right: Call(name, (left, right)), parts)

    def pi(self, form: Any) -> Expression:
        return Call("pi", ())

    def e(self, form: Any) -> Expression:
        return Call("exp", (Number("1"),))


_WRITERS: tuple[tuple[Any, Callable[[_Writer, Any], Expression]], ...] = (
    (sympy.Rational, _Writer.number),
    (sympy.Symbol, _Writer.symbol),
    (sympy.Add, _Writer.sum),
    (sympy.Mul, _Writer.product),
    (sympy.exp, _Writer.exponential),
    (sympy.Pow, _Writer.power),
    (sympy.Heaviside, _Writer.step),
    (sympy.sign, _Writer.sign),
    ((sympy.Max, sympy.Min), _Writer.extreme),
    (type(sympy.pi), _Writer.pi),
    (type(sympy.E), _Writer.e),
)

_LANGUAGE = {
    row.known_as["sympy"]: name for name, row in OPERATIONS.items() if "sympy" in row.known_as
}
_LANGUAGE |= {"Abs": "abs"}
"""The language's names of functions that sympy calls otherwise."""


def _negative(part: Any) -> bool:
    return bool(part.could_extract_minus_sign())


def _joined(parts: Sequence[Expression]) -> Expression:
    return reduce(lambda left, right: Call("multiply", (left, right)), parts)
