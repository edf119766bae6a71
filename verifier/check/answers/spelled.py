"""Names as they are compared: without fonts and brackets, Greek letters and accents by name."""

from __future__ import annotations

import re
import unicodedata

from verifier.notation.accents import NAMED, composed, directed, one_letter
from verifier.notation.spelling import LETTERS

_FONTS = re.compile(r"\\(?:math(?:bf|rm|it|sf)|boldsymbol|bm|text(?:bf|it)?)\b")


def bare(text: str) -> str:
    return re.sub(r"[\s$`*\\{}]", "", _FONTS.sub("", composed(directed(text))))


def words_of(text: str) -> str:
    """The text as words with underscores between: `s^{(1)}` is `s_1`; Greek letters by name.

    Accents of a single letter are named behind it: `C̃` is `C_tilde`. An underscore in front is
    part of a name, and no emphasis, where none stands behind it.
    """
    plain = _ACCENTED.sub(_named, composed(directed(_FONTS.sub("", text.strip('"` ')))))
    private = plain.startswith("_") and not plain.endswith("_")
    plain = unicodedata.normalize("NFKD", plain)
    plain = "".join(
        LETTERS.get(letter, letter) for letter in plain if not unicodedata.combining(letter)
    )
    plain = re.sub(r"[\s$`*\\{}()_^=:,.;'\"-]+", "_", plain)
    return "_" * private + re.sub(r"_+", "_", plain).strip("_")


_GLUED = r"(?:t_?\d|[\d\u00b2\u00b3\u00b9\u2070-\u209c])"
_ACCENTED = re.compile(
    r"(?<![^\W_])[^\W\d_][\u0300-\u036f\u20d6\u20d7\u2032]*"
    rf"(?:(?P<glued>(?={_GLUED}))|(?![^\W_]))"
)
"""A letter by itself, or with a step glued behind it: digits, t1, or sub- and superscripts."""


def _named(found: re.Match[str]) -> str:
    letter, accents = one_letter(found[0]) or (found[0], ())
    behind = [""] if accents and found["glued"] is not None else []
    return "_".join([letter, *(accent.name for accent in accents), *behind])


def without_accents(words: str) -> str:
    """The words without the accents that they name; all others stay."""
    first, *others = words.split("_")
    return "_".join([first, *(word for word in others if word not in NAMED)])
