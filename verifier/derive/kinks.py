"""Kinks that the values of a problem meet, and those of which nobody knows.

Where a ball holds the kink, more bits are asked first. What stays is proven where the difference is
one of a term and itself, or where closed forms give zero: max of two equal irrational numbers.
Closed forms follow full precision, so they prove nothing of what a policy rounds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from verifier import effort
from verifier.arithmetic.ball import Ball
from verifier.arithmetic.composite import kinks
from verifier.arithmetic.protocol import Arithmetic, Site, Value
from verifier.arithmetic.wrap.kinks import Kink, Kinked, Where, scalars
from verifier.arithmetic.wrap.wrapped import Wrapped
from verifier.certify import total_products
from verifier.errors import ProblemError
from verifier.evaluate import evaluate
from verifier.language.definitions import has_kinks
from verifier.language.definitions import kinks as kinks_of
from verifier.language.operations import OPERATIONS
from verifier.language.tree import Call, Expression, Name, nodes, operands
from verifier.problem import Problem


def met(problem: Problem, arithmetic: Arithmetic) -> list[Kink]:
    """The kinks that values meet under an arithmetic; `open` where that could not be decided."""
    if not has_kinks(problem.cell.equations):
        return []
    found = _found(problem, arithmetic)
    if not _open(found):
        return found
    found = _found(problem, _finest(problem, arithmetic))
    left = {at: kink for at, kink in _open(found).items() if not _of_itself(problem, kink)}
    proven = _open(found).keys() - left.keys()
    if isinstance(arithmetic, Ball):
        proven |= _proven(problem, left)
    return [replace(kink, open=()) if kink.where in proven else kink for kink in found]


def _found(problem: Problem, arithmetic: Arithmetic) -> list[Kink]:
    kinked = Kinked(arithmetic)
    evaluate(problem, kinked, forget=True)
    return kinked.found


def _open(found: Sequence[Kink]) -> dict[Where, Kink]:
    return {kink.where: kink for kink in found if kink.open}


def _finest(problem: Problem, arithmetic: Arithmetic) -> Arithmetic:
    """The arithmetic with as many bits as are ever tried."""
    if isinstance(arithmetic, Wrapped):
        return replace(arithmetic, inner=_finest(problem, arithmetic.inner))
    few = total_products(problem) < effort.BITS_PRODUCTS
    bits = effort.BITS if few else effort.BITS // 8
    return replace(arithmetic, precision=bits) if isinstance(arithmetic, Ball) else arithmetic


def term_of(problem: Problem, kink: Kink) -> Call:
    """The term that stands at a kink."""
    tree = problem.cell.equation[kink.site.name].at(kink.site.step)
    node = None if tree is None else dict(nodes(tree))[kink.site.path]
    assert isinstance(node, Call)
    return node


def _of_itself(problem: Problem, kink: Kink) -> bool:
    """Whether all that is open is a term less the same term, which any arithmetic finds zero."""
    row, term = OPERATIONS[kink.operation], term_of(problem, kink)
    named = dict(zip(row.arguments, operands(term), strict=False))
    return all(_vanishes(kinks_of(kink.operation)[k], named) for k in kink.open)


def _vanishes(tree: Expression, named: Mapping[str, Expression]) -> bool:
    """Whether a row's difference is one of equal terms, or its single argument is one."""
    if isinstance(tree, Name):
        tree, named = named[tree.name], {}
    if not isinstance(tree, Call) or tree.operation != "subtract":
        return False
    one, two = (_put(part, named) for part in tree.arguments)
    return one == two


def _put(part: Expression, named: Mapping[str, Expression]) -> Expression:
    return named.get(part.name, part) if isinstance(part, Name) else part


def _proven(problem: Problem, asked: dict[Where, Kink]) -> set[Where]:
    """Those whose closed forms show that they are met."""
    if not asked or total_products(problem) > effort.EXACT_PRODUCTS:
        return set()
    from verifier.arithmetic.exact import Exact, is_zero  # sympy takes long to import

    proving = _Proving(Exact(), asked, is_zero)
    with suppress(ProblemError):
        evaluate(problem, proving, forget=True)
    return proving.proven


@dataclass(frozen=True, eq=False)
class _Proving(Wrapped):
    """Closed forms, which say of the kinks `asked` for which of them are `proven`."""

    asked: dict[Where, Kink]
    zero: Callable[[Any], bool]
    proven: set[Where] = field(default_factory=set)

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Value:
        """The value of an operation."""
        if any(where[0] == site for where in self.asked):
            self.proven.update(
                (site, index)
                for index, parts in scalars(arguments)
                if (site, index) in self.asked
                if self._shows(self.asked[site, index], operation, parts)
            )
        return super().apply(operation, arguments, site)

    def _shows(self, kink: Kink, operation: str, parts: Sequence[Any]) -> bool:
        """Whether all that is open is zero."""
        zeros = kinks(self.inner, operation, parts)
        return all(self.zero(zeros[k]) for k in kink.open)
