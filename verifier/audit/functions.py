"""How accurate exp, tanh and others are taken to be: hypotheses, which bounds rest on.

They stand in `hypotheses.toml` with their source. Nothing proves them: `verifier audit
--check-functions` tries the functions that are installed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from verifier.arithmetic.ieee import Logistic
from verifier.errors import VerifierError, nearest, shown

Hypotheses = Mapping[tuple[str, str], float]
"""The largest error that is assumed, in ulps, by (format, function)."""


@dataclass(frozen=True)
class Accuracy:
    """What is assumed of an implementation's functions, and where it comes from."""

    implementation: str
    source: str
    ulps: Hypotheses
    logistic: Logistic
    least: float
    """Nothing is assumed of arguments smaller in size, but for zero."""


def hypotheses(implementation: str = "numpy") -> Hypotheses:
    """The largest error assumed of each function, in ulps, by (format, function).

    An ulp is the larger of those at the true value of the function and at the result; an argument
    is a number of the format. A sigmoid that follows no formula is assumed to be within so many
    ulps of the numbers from 1/2 to 1. Errors: VerifierError for an implementation without any.
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
    ulps = {
        (format, function): float(most)
        for format, functions in data["ulps"].items()
        for function, most in functions.items()
    }
    least = data.get("least", 0.0)
    return Accuracy(name, data["source"], MappingProxyType(ulps), data["logistic"], least)
