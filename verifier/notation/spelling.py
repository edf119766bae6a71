"""How a name is spelled on paper: a base with optional superscript and subscript."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from verifier.notation.accents import LEFTWARDS, NAMED, bare, clusters, composed

_NAMES = """
alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon
phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
"""
_LETTERS = "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ"

GREEK: dict[str, str] = dict(zip(re.findall(r"\w+", _NAMES), _LETTERS, strict=True))
"""Greek letters by name."""

MAX_SPELLING = 100

LETTERS = {letter: name for name, letter in GREEK.items()}

FUNCTIONS = frozenset(
    re.findall(
        r"\w+",
        "arccos arcsin arctan cos cosh cot coth det exp ln log max min sec sin sinh tan tanh",
    )
)
"""Functions that syntaxes of mathematics know by name."""


@dataclass(frozen=True)
class Spelling:
    """A name in parts; `base` may be the name of a Greek letter, or a letter with accents."""

    base: str
    superscript: str = ""
    subscript: str = ""
    bold: bool = False


@lru_cache(maxsize=4096)
def spelled(text: str) -> Spelling:
    """The parts of a spelling such as "U^z", "alpha_1", "W_ih" or "h1".

    >>> spelled("U^z")
    Spelling(base='U', superscript='z', subscript='', bold=False)
    >>> spelled("h1")
    Spelling(base='h', superscript='', subscript='1', bold=False)
    >>> spelled("W_{xi}").subscript, spelled("W_xi").subscript, spelled("h^{(1)}").superscript
    ('xi', 'ξ', '(1)')
    >>> spelled("e_acute")
    Spelling(base='é', superscript='', subscript='', bold=False)
    """
    text = composed(_framework(text))
    braced = {found[1]: found[2] for found in BRACED.finditer(text)}
    text = BRACED.sub(r"\1\2", text)
    pieces = re.split(r"([\^_])", text)
    if not pieces[0]:
        return Spelling(text)
    marks = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    rest = text.split("_", 1)[1] if "_" in text and "^" not in text else marks.get("_", "")
    base = pieces[0]
    digits = re.fullmatch(r"([^\W\d]+?)(\d+)", base)
    if digits and not rest:
        base, rest = digits.groups()
    base, rest = _accented(base, rest.split("_"))
    above = marks.get("^", "")
    return Spelling(
        base,
        above if braced.get("^") == above else _by_name(above),
        rest if braced.get("_") == rest else _by_name(rest),
    )


BRACED = re.compile(r"([_^])\{(\(?\w{1,20}\)?)\}")
"""An index whose letters are these letters: W_{xi} has two, W_xi the Greek one."""

ABOVE = r"\^(?:\w{1,20}|\(\w{1,20}\)|\{\w{1,20}\}|\{\(\w{1,20}\)\})"
BELOW = r"_(?:\w{1,20}|\{\w{1,20}\})"
SPELLING = re.compile(rf"[^\W\d_]\w{{0,30}}?(?:(?:{ABOVE})?(?:{BELOW})?|{BELOW}{ABOVE})")

FRAMEWORK = re.compile(r"(weight|bias)_(ih|hh|hr)_l(\d{1,3})(_reverse)?")
"""A parameter of PyTorch: of the input, the hidden state or the projection, of a layer."""


KERAS = {"kernel": "W", "recurrent_kernel": "U", "bias": "b"}
"""What Keras calls its parameters, as its documentation writes them."""


def _framework(text: str) -> str:
    """The spelling of a framework's parameter: weight_ih_l0 is W^(0)_ih, of →h or ←h."""
    found = FRAMEWORK.fullmatch(text)
    if found is None:
        return text
    letter = "W" if found[1] == "weight" else "b"
    back = LEFTWARDS if found[4] else ""
    return f"{letter}{back}^({found[3]})_{found[2]}"


def _by_name(index: str) -> str:
    """The index; the name of a Greek letter is the letter."""
    return GREEK.get(index, index)


def is_spelling(text: str) -> bool:
    """Whether the text spells a name: a base with an optional superscript and subscript."""
    return len(text) <= MAX_SPELLING and SPELLING.fullmatch(bare(composed(text))) is not None


def _accented(base: str, below: list[str]) -> tuple[str, str]:
    """The base with the accents that the subscript names, and what else the subscript says."""
    letter = GREEK.get(base, base)
    if len(clusters(letter)) > 1:  # an accent over a word would be one of its last letter
        return base, ",".join(below)
    signs = "".join(NAMED[part].sign for part in below if part in NAMED)
    rest = ",".join(part for part in below if part not in NAMED)
    return (composed(letter + signs) if signs else _lettered(base)), rest


def _lettered(base: str) -> str:
    """The base; a Greek letter that has accents by its sign."""
    plain = bare(base)
    return composed(base.replace(plain, GREEK[plain])) if base != plain in GREEK else base
