"""Worked solutions for recurrent neural-network cells in which every printed digit is proven."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from verifier.version import __version__

if TYPE_CHECKING:
    from verifier.api import (
        Audit,
        Part,
        Problem,
        Row,
        Solution,
        load,
        loads,
        solve,
        solve_many,
        solve_stream,
    )

__all__ = [
    "Audit",
    "Part",
    "Problem",
    "Row",
    "Solution",
    "__version__",
    "load",
    "loads",
    "solve",
    "solve_many",
    "solve_stream",
]


def __getattr__(name: str) -> Any:
    """The public names, imported when they are first used: the command line starts faster."""
    if name not in __all__:
        raise AttributeError(f"module 'verifier' has no attribute {name!r}")
    return getattr(importlib.import_module("verifier.api"), name)


def load_ipython_extension(shell: Any) -> None:
    """Add `%%problem` and `%solve` to a notebook: what `%load_ext verifier` calls."""
    importlib.import_module("verifier.hosts.notebook").register(shell)
