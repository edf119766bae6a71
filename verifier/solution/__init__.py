"""Problem → Solution: every entry with its digits, its enclosure and its closed form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from functools import cached_property, partial
from typing import Any, Self

from verifier import effort
from verifier.along import CHOSEN
from verifier.along.held import Held
from verifier.along.printed import AsAsked, Printed
from verifier.arithmetic.ball import exact_value
from verifier.arithmetic.closed_text import short_text
from verifier.arithmetic.ends import Ends, ends_of
from verifier.arithmetic.protocol import QuantityAt
from verifier.certify import (
    Certified,
    Certifier,
    Terms,
    margin,
    rounded_in,
    total_products,
    undecided,
)
from verifier.errors import ProblemError
from verifier.evaluate import Trace, evaluate, sites
from verifier.problem import Problem
from verifier.problem.backward import backward
from verifier.rounding import Mode, Policy
from verifier.solution.rows import Row, around, each_fields, outside

__all__ = ["Row", "Solution", "in_mode", "outside", "solve"]


@dataclass(frozen=True, eq=False)
class Solution:
    """The worked problem. Traces, digits and closed forms are made when they are first asked for.

    `exact` and `policies` say whether closed forms and the digits under other policies are wanted;
    None leaves it to the problem's size. `certifier` proves the digits.
    """

    problem: Problem
    exact: bool | None = None
    policies: bool | None = None
    certifier: Certifier = CHOSEN

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled: the problem and finished digits; enclosures are made again when needed.

        They are FLINT's, which cannot be pickled, and come out the same again.
        """
        kept = {*(field.name for field in fields(self)), "rows", "_made"}
        return {name: value for name, value in vars(self).items() if name in kept}

    @cached_property
    def backward(self) -> Self:
        """The solution of the backward pass; of one, the solution itself.

        Errors: VerifierError for a problem without a loss.
        """
        if self.problem.backward is not None:
            return self
        return type(self)(backward(self.problem), self.exact, self.policies, self.certifier)

    @cached_property
    def full(self) -> Certified:
        """The enclosures of the true values."""
        return self.certifier.certified(self.problem, Policy())

    @cached_property
    def carried(self) -> Certified:
        """The enclosures of what the problem's policy carries on."""
        if self.problem.policy.kind == "final":
            return self.full
        return self.certifier.certified(self.problem, self.problem.policy)

    @cached_property
    def terms(self) -> Terms:
        """The carried values of all sub-terms, at the precision that was found."""
        return self.certifier.terms(self.carried)

    def computed(self) -> Self:
        """The solution itself, once its enclosures are there."""
        _ = self.carried
        return self

    @property
    def with_terms(self) -> bool:
        """Whether chains are worked out: not at sizes where sub-terms would fill the memory."""
        return total_products(self.problem) <= effort.POLICY_PRODUCTS

    @property
    def with_policies(self) -> bool:
        """Whether the digits under every policy are made."""
        wanted = total_products(self.problem) <= effort.POLICY_PRODUCTS
        return wanted if self.policies is None else self.policies

    @property
    def with_exact(self) -> bool:
        """Whether closed forms are made."""
        wanted = total_products(self.problem) <= effort.EXACT_PRODUCTS
        return wanted if self.exact is None else self.exact

    @cached_property
    def undecided(self) -> frozenset[tuple[int, str, int]]:
        """(step, name, entry) of what cannot be rounded, in full precision or as carried."""
        found = undecided(self.full.trace, self.problem)
        if self.carried is self.full:
            return found
        return found | frozenset(
            (*site, k)
            for site, texts in self.digits(self.problem.policy.kind).items()
            for k, text in enumerate(texts)
            if text is None
        )

    @property
    def complete(self) -> bool:
        """Whether every entry is decided."""
        return not self.undecided

    @cached_property
    def closed_forms(self) -> Trace | None:
        """The sympy forms of all entries that have short ones; None when they are not made.

        Of a backward pass, those of the forward pass alone: none of a gradient is short.
        """
        if not self.with_exact:
            return None
        from verifier.arithmetic.exact import Exact

        behind = self.problem.backward
        return evaluate(self.problem if behind is None else behind.task, Exact(closed=True))

    def digits(self, kind: str, mode: Mode | None = None) -> Digits:
        """The digits of every entry under a policy; `mode` takes the place of all modes."""
        if (kind, mode) not in self._made:
            self._made[kind, mode] = self._digits(kind, mode)
        return self._made[kind, mode]

    def breaks(self, kind: str) -> bool:
        """Whether nothing can be computed under a policy, since it divides by zero."""
        return all(text is None for texts in self.digits(kind).values() for text in texts)

    def _digits(self, kind: str, mode: Mode | None) -> Digits:
        problem = self.problem if mode is None else in_mode(self.problem, mode)
        try:
            trace = self._trace(problem, kind)
        except ProblemError:
            if kind == self.problem.policy.kind:
                raise
            # What the problem does not ask for may break, as 1/h does where h rounds to zero.
            return {(step, name): [None] * problem.size(name) for step, name in sites(problem)}
        found = self.full_ends if trace is self.full.trace else _ends(trace)
        if isinstance(found, AsAsked):
            return AsAsked(found.sites, partial(_texts, self.printed, problem, found))
        return {
            site: [rounded_in(*pair, problem.rule(site[1])) for pair in pairs]
            for site, pairs in found.items()
        }

    @cached_property
    def printed(self) -> Printed | None:
        """What is printed of floats, where they are held."""
        values = self.full.trace.values
        return Printed(values, self.problem) if isinstance(values, Held) else None

    @cached_property
    def full_ends(self) -> Enclosed:
        """The enclosures in full precision, which all modes round again."""
        return _ends(self.full.trace)

    @property
    def carried_ends(self) -> Enclosed:
        """The enclosures of what the problem's policy carries on."""
        return self.full_ends if self.carried is self.full else self._policy_ends

    @cached_property
    def _policy_ends(self) -> Enclosed:
        return _ends(self.carried.trace)

    @cached_property
    def _made(self) -> dict[tuple[str, Mode | None], Digits]:
        return {}

    def _trace(self, problem: Problem, kind: str) -> Trace:
        """The enclosures under a policy, good enough for the modes of `problem`."""
        own = problem is self.problem
        if kind == "final" and (own or not undecided(self.full.trace, problem)):
            return self.full.trace
        if own and kind == self.problem.policy.kind:
            return self.carried.trace
        return self.certifier.certified(problem, Policy(kind)).trace  # type: ignore[arg-type]

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """One row an entry that is asked for, step by step, in the order of the equations."""
        return tuple(self.each_row())

    def each_row(self) -> Iterator[Row]:
        """The rows one after the other, for those who do not keep them all."""
        return (Row(*fields) for fields in each_fields(self))

    @property
    def order(self) -> tuple[str, ...]:
        """The quantities of one step in the order in which they are worked out."""
        return tuple(name for block in self.problem.cell.blocks for name in block.names)

    def ends(self, step: int, name: str) -> list[tuple[str | None, str | None]]:
        """The decimals that enclose each entry of a quantity."""
        rule = self.problem.rule(name)
        return [around(ends, rule) for ends, _ in self.full_ends[step, name]]

    def margin(self, step: int, name: str, k: int) -> Fraction | None:
        """How close the call was: see `certify.margin`, of the value that the own digits round.

        Under a by-hand policy that is the carried number, which is exact and has no margin.
        """
        place = step, name, k
        if place not in self._margins:
            entry = self.carried.trace.entries(step, name)[k]
            self._margins[place] = margin(entry, self.problem.rule(name))
        return self._margins[place]

    @cached_property
    def _margins(self) -> dict[tuple[int, str, int], Fraction | None]:
        return {}

    def exact_text(self, step: int, name: str, k: int) -> str | None:
        """The closed form as text that sympy reads, None when it is long or not made."""
        known = exact_value(self.full_ends[step, name][k][1])
        return short_text(self.closed_form(step, name, k) if known is None else known)

    def closed_form(self, step: int, name: str, k: int) -> Any:
        """The sympy form of an entry in which no other entry is named, else None."""
        from verifier.arithmetic.exact import closed

        if self.closed_forms is None or (step, name) not in self.closed_forms.values:
            return None
        form = self.closed_forms.entries(step, name)[k]
        return form if closed(form) else None

    def differences(self, kind: str, mode: Mode | None = None) -> list[tuple[int, str, int]]:
        """(step, name, entry) of the digits that another policy or mode changes.

        Of what is undecided here or there, no one can say so.
        """
        own, other = self.digits(self.problem.policy.kind), self.digits(kind, mode)
        return [
            (step, name, k)
            for (step, name), texts in own.items()
            for k, text in enumerate(texts)
            if text != other[step, name][k] and None not in (text, other[step, name][k])
        ]


Enclosed = Mapping[QuantityAt, list[tuple[Ends | None, Any]]]
"""The entries of each quantity, each behind the ends of its enclosure."""


def _ends(trace: Trace) -> Enclosed:
    """Every entry with the ends of its enclosure."""
    values = trace.values
    if isinstance(values, Held):
        sites_of = partial(sites, trace.problem)
        return AsAsked(sites_of, lambda at: [(ends_of(x), x) for x in values.coarse(at).flat])
    return {site: [(ends_of(x), x) for x in trace.entries(*site)] for site in values}


Digits = Mapping[QuantityAt, list[str | None]]


def _texts(
    printed: Printed | None, problem: Problem, found: Enclosed, site: QuantityAt
) -> list[str | None]:
    """The digits of a quantity of which floats are held."""
    rule = problem.rule(site[1])
    there = printed and printed.at(*site, rule)
    if there:
        return list(there.texts)
    return [rounded_in(*pair, rule) for pair in found[site]]


def solve(problem: Problem, *, exact: bool | None = None, policies: bool | None = None) -> Solution:
    """The solution of a problem, its enclosures computed."""
    return Solution(problem, exact, policies).computed()


def in_mode(problem: Problem, mode: Mode) -> Problem:
    """The problem with every rule in another mode."""
    rules = {name: replace(rule, mode=mode) for name, rule in problem.rules.items()}
    return problem.ruled(replace(problem.rounding, mode=mode), rules)
