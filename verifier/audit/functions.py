"""How accurate exp, tanh and others are taken to be: hypotheses, which bounds rest on.

They stand in `hypotheses.toml` with their source. Nothing proves them: `verifier audit
--check-functions` tries the functions that are installed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from typing import Any

from verifier.arithmetic.floats.accuracy import Accuracy as Allowed
from verifier.arithmetic.floats.accuracy import Units
from verifier.arithmetic.ieee import Logistic
from verifier.errors import VerifierError, nearest, shown
from verifier.language.definitions import definition
from verifier.language.tree import Call, Expression, nodes

Hypotheses = Mapping[tuple[str, str], float]
"""The largest error that is assumed, in ulps, by (format, function)."""


@dataclass(frozen=True)
class Accuracy:
    """What is assumed of an implementation's functions, and where it comes from.

    `logistic` is the formula of sigmoid in each format, where it has no hypothesis of its own.
    `absolute` holds functions whose errors are in ulps of the numbers from 1/2 to 1, however small
    the result; they have no place in `ulps`.
    """

    implementation: str
    source: str
    ulps: Hypotheses
    logistic: Mapping[str, Logistic]
    absolute: Hypotheses

    @cached_property
    def allowed(self) -> Allowed:
        """What bounds are made from."""
        return {**self.ulps, **{key: Units(count) for key, count in self.absolute.items()}}


def used(expressions: Iterable[Expression]) -> frozenset[str]:
    """The operations of expressions, and those of their definitions."""
    found: set[str] = set()
    for expression in expressions:
        calls = {node.operation for _, node in nodes(expression) if isinstance(node, Call)}
        defined = [tree for tree in map(definition, calls - found) if tree is not None]
        found |= calls | used(defined)
    return frozenset(found)


def hypotheses(implementation: str = "numpy") -> Hypotheses:
    """The largest error assumed of each function, in ulps, by (format, function).

    An ulp is the larger of those at the true value of the function and at the result; an argument
    is a number of the format. Errors: VerifierError for an implementation without any.
    """
    return accuracy(implementation).ulps


def accuracy(implementation: str) -> Accuracy:
    """The hypotheses of an implementation with their source."""
    table = _table()
    if implementation not in table:
        raise VerifierError(
            f"no hypotheses for {shown(implementation)}{nearest(implementation, table)}",
            accepted=", ".join(table),
        )
    return table[implementation]


@lru_cache
def _table() -> Mapping[str, Accuracy]:
    text = resources.files("verifier.audit").joinpath("hypotheses.toml").read_text("utf-8")
    return {name: _accuracy(name, data) for name, data in tomllib.loads(text).items()}


def _accuracy(name: str, data: dict[str, Any]) -> Accuracy:
    ulps, absolute = (_pairs(data.get(kind, {})) for kind in ("ulps", "absolute"))
    return Accuracy(name, data["source"], ulps, dict(data["logistic"]), absolute)


def _pairs(data: dict[str, dict[str, float]]) -> Hypotheses:
    return {
        (format, function): float(most)
        for format, functions in data.items()
        for function, most in functions.items()
    }
