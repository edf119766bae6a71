"""Every limit, in one table: beyond it something is refused or left out with a word."""

from __future__ import annotations

from typing import Final

LINE: Final = 100_000
"""Characters of a line of answers: a matrix of 100 by 100 fits, and no one types more."""

KEY_PARTS: Final = 30
"""Names joined by dots in one key of TOML: Python's reader takes their square."""

NAMES: Final = 30
"""Attributes and indices behind a name in a notebook's source."""
