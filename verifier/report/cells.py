"""Texts of strangers as cells of a table that spreadsheets open."""

from __future__ import annotations

import re
import unicodedata

FORMULA = "=+@＝＋－＠﹦﹢﹣﹫-"
"""The signs with which a formula begins; those of full and small width count in some countries."""

_BEGINS = re.compile(rf"(?<![\w'{FORMULA}])(?<!\w (?=[{FORMULA}] \w))(?=[{FORMULA}])")
"""Where a formula would begin if the sign before it, whatever it is, separated cells.

A sign behind a letter or a digit (Ann-Lee, a@b.c, x=1) begins none, nor one alone between words.
"""

_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
"""Letters and marks by their category, and nothing to see: fillers, joiners, variants of emoji."""


def cell(text: str) -> str:
    """A text that is one visible line, and no formula in any part between two separators.

    An apostrophe stands before a sign that would begin one; spreadsheets take it for "text".

    >>> cell("=1+1"), cell("Ann-Lee;=1+1"), cell("HW 1 - Ann\\tLee")
    ("'=1+1", "Ann-Lee;'=1+1", 'HW 1 - Ann Lee')
    """
    seen = "".join(letter for letter in " ".join(text.split()) if _is_seen(letter))
    return _BEGINS.sub("'", " ".join(seen.split()))


def _is_seen(letter: str) -> bool:
    """Whether a letter leaves a mark or a space: no control, format or private character does."""
    return unicodedata.category(letter)[0] != "C" and not _INVISIBLE.match(letter)
