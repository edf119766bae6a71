"""How a name is spelled on paper: a base with optional superscript and subscript."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_NAMES = """
alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon
phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
"""
_LETTERS = "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ"

GREEK: dict[str, str] = dict(zip(re.findall(r"\w+", _NAMES), _LETTERS, strict=True))
"""Greek letters by name."""

LETTERS = {letter: name for name, letter in GREEK.items()}


@dataclass(frozen=True)
class Spelling:
    """A name in parts; `base` may be the name of a Greek letter."""

    base: str
    superscript: str = ""
    subscript: str = ""


@lru_cache(maxsize=4096)
def spelled(text: str) -> Spelling:
    """The parts of a spelling such as "U^z", "alpha_1", "W_ih" or "h1".

    >>> spelled("U^z")
    Spelling(base='U', superscript='z', subscript='')
    >>> spelled("h1")
    Spelling(base='h', superscript='', subscript='1')
    """
    pieces = re.split(r"([\^_])", text)
    if not pieces[0]:
        return Spelling(text)
    marks = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    rest = text.split("_", 1)[1] if "_" in text and "^" not in text else marks.get("_", "")
    base = pieces[0]
    digits = re.fullmatch(r"([^\W\d]+?)(\d+)", base)
    if digits and not rest:
        base, rest = digits.groups()
    return Spelling(base, marks.get("^", ""), rest.replace("_", ","))
