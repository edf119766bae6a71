"""Every limit, in one table: beyond it something is refused or left out with a word."""

from __future__ import annotations

from typing import Final

LINE: Final = 100_000
"""Characters of a line of answers: a matrix of 100 by 100 fits, and no one types more."""

KEY_PARTS: Final = 30
"""Names joined by dots in one key of TOML: Python's reader takes their square."""

NAMES: Final = 30
"""Attributes and indices behind a name in a notebook's source."""

PLACES: Final = 1000
"""Places or figures of a result: pages of digits that nobody reads, computed at every entry."""

SIDE: Final = 4096
"""Rows or columns of a matrix: a product of two such ones takes minutes."""

ENTRIES: Final = 20_000_000
"""Numbers of a problem: all of them are held at once."""

INTEGERS: Final = 2**20
"""Integers of an array file: each becomes a text, thirty times as large as a byte."""

FILE_BYTES: Final = 2**28
"""Bytes of an array file: more than all entries take as float64."""

COMPARED_BITS: Final = 16_384
"""Bits at which two closed forms that could not be told apart are given up."""

EXPONENT: Final = 40_000
"""Arguments of e^x in closed forms: sympy stays for ever over towers of larger ones, and rewrites
e^(n log 2) as the integer 2^n."""

DIGITS: Final = 10_000
"""Digits of one entry that `--digits` shows: many more take minutes."""

DIGITS_IN_ALL: Final = 1_000_000
"""Digits of all entries together; a hundred scalar products count as an entry."""
