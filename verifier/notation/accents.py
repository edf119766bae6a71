"""Letters with accents: C̃ in every syntax, from one table.

In a spelling an accent is the sign that follows its letter in Unicode, so that C_tilde, \\tilde C
and C̃ are one text; precomposed letters such as é count as their parts.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Form = Literal["NFC", "NFD"]


@dataclass(frozen=True)
class Accent:
    """An accent: its name (as in C_tilde), the sign behind its letter, and its markup."""

    name: str
    sign: str
    latex: str
    typst: str
    mathml: str


def _over(name: str, sign: str, latex: str, typst: str, mathml: str) -> Accent:
    above = f'<mover accent="true">{{}}<mo stretchy="false">{mathml}</mo></mover>'
    return Accent(name, sign, rf"\{latex}{{{{{{}}}}}}", f"{typst}({{}})", above)


ACCENTS = (
    _over("tilde", "\u0303", "tilde", "tilde", "~"),
    _over("hat", "\u0302", "hat", "hat", "^"),
    _over("bar", "\u0304", "bar", "macron", "¯"),
    _over("dot", "\u0307", "dot", "dot", "˙"),
    _over("ddot", "\u0308", "ddot", "dot.double", "¨"),
    _over("check", "\u030c", "check", "caron", "ˇ"),
    _over("breve", "\u0306", "breve", "breve", "˘"),
    _over("acute", "\u0301", "acute", "acute", "´"),
    _over("grave", "\u0300", "grave", "grave", "`"),
    _over("ring", "\u030a", "mathring", "circle", "˚"),
    _over("vec", "\u20d7", "vec", "arrow", "→"),
    _over("leftvec", "\u20d6", "overleftarrow", "arrow.l", "←"),
    Accent("prime", "\u2032", "{}'", "{}'", "<msup>{}<mo>′</mo></msup>"),
)

NAMED = {accent.name: accent for accent in ACCENTS}
SIGNS = {accent.sign: accent for accent in ACCENTS}

_MARKUP = {re.search(r"\w+", a.latex)[0]: a.sign for a in ACCENTS[:-1]}  # type: ignore[index]
_MARKUP |= {
    "overline": "\u0304",
    "overrightarrow": "\u20d7",
    "widetilde": "\u0303",
    "widehat": "\u0302",
}
_LATEX = re.compile(
    rf"\\({'|'.join(_MARKUP)})\s*"
    r"(?:\{\s*(\\?[^\W_]+)\s*((?:[_^](?:[^{}]|\{[^{}]*\})*)?)\}|(\\[^\W\d_]+|(?<=\s)[^\W\d_]))"
)
_PRIME = re.compile(r"(?<=\w)(?:'|\^\{?\\prime\}?)(?![^\W_])")

LEFTWARDS = "\u20d6"
ARROWS = {"→": "\u20d7", "←": LEFTWARDS}
_ARROW = re.compile(r"(?<![^\s$({,;:.|])([→←])\s*([^\W\d_])")
"""The direction of a layer, written in front of its letter."""

_QUOTED = re.compile(r"(?:^|\W)'")
"""Quotation marks stand around a name, primes behind it."""


def composed(text: str) -> str:
    r"""The text with every accent as the sign behind its letter.

    >>> composed(r"\tilde{C}_1") == composed(r"\tilde C_1") == "C\u0303_1"
    True
    """
    if text.startswith(("→", "←")):
        text = directed(text)
    if "\\" in text:
        text = _LATEX.sub(_signed, text)
    if "'" in text and not _QUOTED.search(text):
        text = _PRIME.sub("\u2032", text)
    return unicodedata.normalize("NFC", text)


def directed(text: str) -> str:
    """The text with arrows in front of letters as accents of these."""
    return _ARROW.sub(lambda found: found[2] + ARROWS[found[1]], text)


def _signed(found: re.Match[str]) -> str:
    return (found[2] or found[4]) + _MARKUP[found[1]] + (found[3] or "")


@lru_cache(maxsize=4096)
def clusters(text: str, form: Form = "NFD") -> tuple[tuple[str, tuple[Accent, ...]], ...]:
    r"""The letters of a text with the accents that each one has; NFC leaves é as one letter.

    >>> [(letter, [a.name for a in accents]) for letter, accents in clusters("C\u0303é")]
    [('C', ['tilde']), ('e', ['acute'])]
    """
    found: list[tuple[str, tuple[Accent, ...]]] = []
    for letter in unicodedata.normalize("NFC", text):
        first, *signs = list(unicodedata.normalize(form, letter))
        if any(sign not in SIGNS for sign in signs):
            first, signs = letter, []  # ç: a mark that is no accent of mathematics
        if first in SIGNS and found:
            found[-1] = (found[-1][0], (*found[-1][1], SIGNS[first]))
        else:
            found.append((first, tuple(SIGNS[sign] for sign in signs)))
    return tuple(found)


def bare(text: str) -> str:
    """The text without its accents."""
    return "".join(letter for letter, _ in clusters(text))


def one_letter(text: str) -> tuple[str, tuple[Accent, ...]] | None:
    """The letter and its accents where the text is one letter that has some."""
    found = clusters(text)
    return found[0] if len(found) == 1 and found[0][1] else None


def loses_dot(letter: str, accents: tuple[Accent, ...]) -> bool:
    """Whether an accent stands where the letter has a dot."""
    return letter in "ij" and any(accent.name != "prime" for accent in accents)


def dressed(markup: str, template: str, accents: tuple[Accent, ...]) -> str:
    """The markup of a letter under its accents; `template` is the field of the table."""
    for accent in accents:
        markup = getattr(accent, template).format(markup)
    return markup
