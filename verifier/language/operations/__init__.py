"""The table of operations: what each is called, takes, means, and does to shapes.

An operation is a row of `core` or `activations`; what it has not by itself follows from its
definition. Nothing else of it stands anywhere but where an arithmetic computes it in its own way.
"""

from __future__ import annotations

from verifier.language.operations.activations import ACTIVATIONS
from verifier.language.operations.core import CORE
from verifier.language.operations.row import Operation, Partial, Shape, describe

__all__ = ["FUNCTIONS", "MOVES", "OPERATIONS", "Operation", "Partial", "Shape", "describe"]

OPERATIONS = {row.name: row for row in (*CORE, *ACTIVATIONS)}
"""Every operation by its name."""

MOVES = frozenset(name for name, row in OPERATIONS.items() if row.moves)
"""The operations that only move or repeat numbers."""

FUNCTIONS = {
    name: row
    for name, row in OPERATIONS.items()
    if row.spelling in ("function", "radical", "fence") or name in ("exp", "outer")
}
"""Those that are called by name in a text."""
