"""Errors and bounds against the step number: absolute sizes, so that formats can be compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from verifier.audit.model import Audit, Measured, Size

Absolute = float


@dataclass(frozen=True)
class Worst:
    """The largest error of a step in a format, and the largest bounds, over all its entries.

    Where an error that is only bounded may be larger than all that are measured, `error` is its
    bound, and `below` says so.
    """

    step: int
    error: Absolute
    below: bool
    bound: Absolute
    bound_any_order: Absolute


@dataclass(frozen=True)
class Drift:
    """A format's largest errors and bounds, step by step."""

    float: str
    steps: tuple[Worst, ...]


def drift(found: Audit) -> tuple[Drift, ...]:
    """The drift of every format of an audit."""
    return tuple(Drift(model.float, tuple(_steps(found, model.float))) for model in found.models)


def _steps(found: Audit, float: str) -> Iterator[Worst]:
    rows = [row for row in found.measured.values() if row.float == float]
    for step in sorted({row.step for row in rows}):
        own = [row for row in rows if row.step == step]
        error = max(_largest(row, "error") for row in own)
        yield Worst(
            step,
            error,
            error > max(_measured(row) for row in own),
            max(_largest(row, "bound") for row in own),
            max(_largest(row, "bound_any_order") for row in own),
        )


def _largest(row: Measured, size: Size) -> Absolute:
    return float(row.absolute[size].max())


def _measured(row: Measured) -> Absolute:
    """The largest error that is resolved."""
    return float(np.where(row.resolved("error"), row.absolute["error"], 0.0).max())


def useful(row: Measured, bound: Size) -> Any:
    """Where a bound says something: it is below 1, or below the size of what it bounds."""
    size = np.abs(row.computed.astype(np.float64))
    return row.absolute[bound] < np.maximum(1.0, np.where(np.isfinite(size), size, 0.0))
