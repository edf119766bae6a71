"""Every limit, in one table: beyond it something is refused or left out with a word."""

from __future__ import annotations

from typing import Final

COMPARED_BITS: Final = 16_384
"""Bits at which two closed forms that could not be told apart are given up."""

EXPONENT: Final = 40_000
"""Arguments of e^x in closed forms: sympy stays for ever over towers of larger ones, and rewrites
e^(n log 2) as the integer 2^n."""

DIGITS: Final = 10_000
"""Digits of one entry that `--digits` shows: many more take minutes."""

DIGITS_IN_ALL: Final = 1_000_000
"""Digits of all entries together; a hundred scalar products count as an entry."""
