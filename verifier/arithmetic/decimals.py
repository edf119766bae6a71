"""What a person with a calculator gets: decimals, rounded as a policy says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

from verifier import effort
from verifier.arithmetic.context import alone, decimal_figures
from verifier.arithmetic.digits import Digits
from verifier.arithmetic.objects import ScalarArithmetic
from verifier.arithmetic.protocol import Value
from verifier.arithmetic.wrap.rounded import Rounded
from verifier.rounding import Policy, Rounding


@dataclass(frozen=True)
class Decimals(ScalarArithmetic):
    """Decimals of `precision` figures; `by_hand` rounds them as a policy says."""

    precision: int = 60
    name = "by-hand"

    @contextmanager
    def session(self) -> Iterator[None]:
        """Decimals of this precision, in this thread."""
        with decimal_figures(self.precision, effort.DECIMAL_EXPONENT), super().session():
            yield

    def rounded(self, value: Value, rule: Rounding) -> Value:
        """The value with every entry rounded."""
        return self.lift(lambda x: self.number(rule.round(Fraction(x))), value)

    def number(self, value: Fraction) -> Decimal:
        return Decimal(value.numerator) / Decimal(value.denominator)

    def library(self, operation: str) -> Callable[..., Any]:
        """The decimal module's function, else mpmath's to more figures than are carried."""
        own = {"exp": Decimal.exp, "log": Decimal.ln, "sqrt": Decimal.sqrt}.get(operation)
        if own is not None:
            return own
        return partial(self.witnessed, operation)

    @alone()
    def witnessed(self, operation: str, x: Decimal) -> Decimal:
        """mpmath's function, to more figures than are carried."""
        witness = Digits(self.precision)
        return Decimal(witness.text(witness.library(operation)(witness.number(Fraction(x)))))

    @alone()
    def pi(self) -> Decimal:
        witness = Digits(self.precision)
        return Decimal(witness.text(witness.pi()))

    def sigmoid(self, x: Decimal) -> Decimal:
        power = (-abs(x)).exp()
        return (power if x < 0 else 1) / (1 + power)

    def tanh(self, x: Decimal) -> Decimal:
        if abs(x) * 20 < 1:
            return self._small_tanh(x)
        power = (-2 * abs(x)).exp()
        return ((1 - power) / (1 + power)).copy_sign(x)

    def _small_tanh(self, x: Decimal) -> Decimal:
        """sinh/cosh from their series, where (e^2x − 1) would cancel."""
        odd, even, term, k = x, Decimal(1), x, 1
        while term and abs(term) > abs(odd).scaleb(-self.precision - 2):
            k += 1
            term = term * x / k
            if k % 2:
                odd += term
            else:
                even += term
        return odd / even

    def softplus(self, x: Decimal) -> Decimal:
        power = (-abs(x)).exp()
        if 3 * power.adjusted() < -self.precision:  # 1 + power would lose what counts
            return max(x, Decimal(0)) + power * (1 - power / 2 + power * power / 3)
        return max(x, Decimal(0)) + (1 + power).ln()

    def max(self, x: Decimal, y: Decimal) -> Decimal:
        return max(x, y)

    def min(self, x: Decimal, y: Decimal) -> Decimal:
        return min(x, y)


def by_hand(
    policy: Policy, rounding: Rounding, rules: Mapping[str, Rounding] | None = None
) -> Rounded:
    """Decimals in which a policy rounds; `rules` are those of names that have one of their own.

    More figures are carried than any rule asks for.
    """
    own = rules or {}
    asked = [rounding, *own.values()]
    carried = [policy.carried(rule) for rule in asked]
    figures = max(Decimals().precision, *(rule.count + 40 for rule in (*asked, *carried)))
    return Rounded(Decimals(figures), policy, lambda name: own.get(name, rounding))
