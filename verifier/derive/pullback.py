"""Partial derivatives of an equation in symbols, by its adjoint equations with a seed of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any

import sympy

from verifier.arithmetic.protocol import LITERAL, Origin
from verifier.arithmetic.symbols import Symbols, symbols
from verifier.arithmetic.wrap.replaced import Replaced
from verifier.cells import Cell
from verifier.derive.general import skeleton
from verifier.evaluate import evaluate
from verifier.language.adjoint import ADJOINT, AHEAD, BACK, SEED, adjoint, shapes_of
from verifier.language.operations import Shape
from verifier.language.tree import Equation, Expression, Name, names
from verifier.language.tree import replace as replaced
from verifier.numbers import Numbers

_OWN, _SEED = "q0", SEED + "q0"
_PREFIXES = {-1: BACK, 0: ADJOINT, 1: AHEAD}

Slopes = dict[Any, dict[Any, Any]]
"""Derivatives by (of, by), both sympy symbols; zeros are left out."""


@dataclass(frozen=True, eq=False)
class _Called(Symbols):
    """Symbols for what has a name here, called so; all other numbers are what they are."""

    called: Mapping[str, str] = field(default_factory=dict)

    def given(self, numbers: Numbers, origin: Origin = LITERAL) -> Any:
        """The symbols of a use; the numbers of seeds and of adjoints beyond the ends."""
        name = self.called.get(origin.name)
        return super().given(numbers, LITERAL if name is None else origin._replace(name=name))


def partials(equation: Equation, shapes: Mapping[str, Shape]) -> Slopes:
    """The derivatives of a quantity's entries by those of what its own equation uses at a step.

    Its own value goes by its name: for z = σ(a), ∂z/∂a is z(1 − z).
    """
    own = symbols(equation.name, shapes[equation.name], 0)
    if all(use.offset is None for use in names(equation.expression)):
        return {of: {} for of in own.flat}
    pulled = _Pulled(equation, shapes)
    return {
        of: {by: _in_factors(slope) for by, slope in pulled.back(k) if slope != 0}
        for k, of in enumerate(own.flat)
    }


def _in_factors(slope: Any) -> Any:
    """The slope with what all its terms have in common before them."""
    return sympy.factor_terms(slope, clear=False) if isinstance(slope, sympy.Add) else slope


class _Pulled:
    """An equation by itself, in names that are none of adjoints."""

    def __init__(self, equation: Equation, shapes: Mapping[str, Shape]) -> None:
        uses = tuple(dict.fromkeys(names(equation.expression)))
        every = dict.fromkeys([equation.name, *(use.name for use in uses)])
        short = {name: f"q{k}" for k, name in enumerate(every)}
        self.called = {short[name]: name for name in every}
        self.shapes = {short[name]: shapes[name] for name in every}
        self.uses = [Name(short[use.name], use.offset) for use in uses if use.offset is not None]
        own = Equation(_OWN, _renamed(equation.expression, short))
        wanted = dict.fromkeys(use.name for use in self.uses)
        made = adjoint([own], self.shapes, [_OWN], list(wanted))
        known = {**self.shapes, **shapes_of(made, self.shapes), _SEED: self.shapes[_OWN]}
        self.problem = skeleton(Cell(equation.name, (own, *made)), known)

    def back(self, k: int) -> Iterator[tuple[Any, Any]]:
        """What entry `k` moves with, and its derivative by that."""
        own = symbols(self.called[_OWN], self.shapes[_OWN], 0)
        arithmetic = Replaced(_Called(called=self.called), {(1, _OWN): own})
        inputs = {**self.problem.inputs, _SEED: _unit(self.shapes[_OWN], k)}
        values = evaluate(replace(self.problem, inputs=inputs), arithmetic).values
        for use in self.uses:
            by = symbols(self.called[use.name], self.shapes[use.name], use.offset)
            slopes = values[1, _PREFIXES[use.offset or 0] + use.name]
            yield from zip(by.flat, slopes.flat, strict=True)


def _renamed(tree: Expression, called: Mapping[str, str]) -> Expression:
    return replaced(
        tree,
        lambda node, path: Name(called[node.name], node.offset) if isinstance(node, Name) else None,
    )


def _unit(shape: Shape, k: int) -> Numbers:
    """One in entry `k`, else zeros, for one step."""
    return Numbers((1, *shape), tuple("1" if i == k else "0" for i in range(prod(shape))))
