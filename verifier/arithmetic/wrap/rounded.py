"""Rounding by a policy, around any arithmetic that knows how to round its values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from verifier.arithmetic.protocol import Arithmetic, Site, Value
from verifier.arithmetic.wrap.wrapped import Wrapped
from verifier.rounding import Policy, Rounding


class Roundable(Arithmetic, Protocol):
    """An arithmetic whose values can be rounded."""

    def rounded(self, value: Value, rule: Rounding) -> Value:
        """The value with every entry rounded."""


@dataclass(frozen=True, eq=False)
class Rounded(Wrapped):
    """An arithmetic in which results are rounded where the policy rounds, by each name's rule.

    `before`, where it is given, is filled with what stood before the rounding.
    """

    inner: Roundable
    policy: Policy
    rules: Callable[[str], Rounding]
    before: dict[Site, Value] | None = None

    @property
    def unrounded(self) -> Arithmetic:
        """The arithmetic inside."""
        return self.inner

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Value:
        """The value of an operation, rounded where the policy says so."""
        rules = self.policy.looked_up(operation, self.rules(site.name))
        if rules is not None:
            return self._after(self._looked_up(operation, arguments, site, *rules), operation, site)
        return self._after(super().apply(operation, arguments, site), operation, site)

    def _looked_up(
        self,
        operation: str,
        arguments: Sequence[Value],
        site: Site,
        argument: Rounding,
        value: Rounding,
    ) -> Value:
        """A function's value from a table: both it and its argument are rounded."""
        rounded = [self.inner.rounded(part, argument) for part in arguments]
        return self.inner.rounded(super().apply(operation, rounded, site), value)

    def _after(self, value: Value, operation: str, site: Site) -> Value:
        if not (self.policy.covers(site.name) and self.policy.rounds(site.path, operation)):
            return value
        if self.before is not None:
            self.before[site] = value
        return self.inner.rounded(value, self.policy.carried(self.rules(site.name)))
