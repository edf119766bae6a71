"""Numbers as people write them: 0,5381 and .5381 and ≈ 5.381·10⁻¹ and 7/13 and 53.81 %.

One table of patterns says how; both readers use it, that of cells and that of lines.

Which commas are decimal signs is decided by these rules, in this order:
a point in the same number or list makes every comma a separator; a comma before a space, beside
another comma of its number or at an end separates; a comma inside of one number that stands alone
is the decimal sign; in a list, it is the decimal sign where something else separates (a space, a
semicolon) or every number before a comma is 0.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

from verifier import effort
from verifier.errors import ProblemError, shown
from verifier.numbers import read_number
from verifier.outcomes.model import Given

ACCEPTED = "a number such as 0.5381, 0,5381, 5.381e-1 or 7/13"
MOST_SHOWN = 40
BLANKS = frozenset({"", "-", "?", "...", "none", "null", "n/a", "na"})

ABOUT = (
    r"(?:[≈~≃≅∼]|(?:ca|circa|about|approx|approximately|roughly|around|etwa|rund|ungefähr|environ)"
    r"(?![\w])\.?|大约|约)"
)
"""What says that a number is rounded."""

SIGN = r"[+\-−–‒—﹣－]"
_RAISED_TO = (
    rf"(?:(?:\^|\*\*)\s?(?:\(\s?{SIGN}?\d{{1,4}}\s?\)|\{{\s?{SIGN}?\d{{1,4}}\s?\}}"
    rf"|{SIGN}?\d{{1,4}})|[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{{1,4}})"
)
_TIMES = r"[·×*x⋅∙•]"
POWER = rf"(?:[eE]{SIGN}?\d++|\s?{_TIMES}\s?10\s?{_RAISED_TO})"
"""A power of ten behind a number: e-1, ·10⁻¹, x 10^-1, × 10^{-1}, *10**-1, * 10^(-1)."""

ENDING = (
    rf"{POWER}?(?:\s?[/⁄∕]\s?\d++)?"
    r"(?:\\?%|％|\s\\?[%％](?=[^\S\n]*+(?:[,;)\]\n]|$))|…|\.\.\.?(?![\d.]))?"
)
"""What may stand behind the digits of a number: a power of ten, a denominator, percent, dots."""

LEADING = rf"(?:{ABOUT}\s?)?{SIGN}?\s?"
POINT = re.compile(
    rf"{LEADING}(?:\d[\d_]*+(?:[.．]\d*+(?:[\u2009\u202f]\d++)*)?|[.．]\d++){ENDING}"
)
COMMA = re.compile(rf"{LEADING}(?:\d++(?:[,，]\d++)?|[,，]\d++){ENDING}")
ALONE = re.compile(rf"{LEADING}\d*+[,，]\d++{ENDING}\.?")
"""A number by itself, with a decimal comma."""

PERCENT = re.compile(r"(?<!\s)\s*+[%％]$")
_SIGNS = str.maketrans("−–‒—﹣－⁄∕，．⋅∙•∼٫", "-----" + "-//,.···~.")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_RAISING = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+")
_THIN = re.compile("[\u2009\u202f\u00a0\u2007\u2008\u200a\u2060]")
_TEX = {r"\,": "", r"\!": "", "{,}": ",", "{.}": ".", "{": "", "}": "", r"\left": ""}
_TEX |= {r"\right": "", r"\approx": "≈", r"\cdot": "·", r"\times": "×", r"\ldots": "…"}
_TEX |= {r"\%": "%"}
_POWER = re.compile(rf"(?<!\s)\s*+{_TIMES}\s*10\s*(?:\^|\*\*)\s*\(?\s*([+-]?\d+)\s*\)?$")
_ABOUT = re.compile(rf"^(?:(?:{ABOUT}|[=:])\s*+)+")
_EMPHASIS = re.compile(r"^[*_`\s]++|(?<![*_`;\s])[*_`;\s]++$")
_DIGIT = re.compile(r"(?![0-9])\d")
_FULL = re.compile("[\uff01-\uff5e]")
_FRACTION = re.compile(r"([+-]?)([\u00bc-\u00be\u2150-\u215e])")
_WIDE = 0xFEE0


def is_blank(text: str) -> bool:
    """Whether nothing was written: a dash, dots, a row of underscores."""
    return len(text) <= effort.ANSWER_NUMBER and _plain(text).strip(" _.…").casefold() in BLANKS


def given(text: str) -> Given:
    """The number that a text stands for; its places are None for a fraction.

    Errors: ProblemError for what is no number.
    """
    if len(text) > effort.ANSWER_NUMBER:
        raise ProblemError(f"a number of {len(text)} characters", accepted=ACCEPTED)
    plain = _plain(text)
    number = PERCENT.sub("", plain)
    try:
        digits = _hundredth(read_number(_decimal_point(number)), number != plain)
    except ProblemError as error:
        what = error.what if "characters" in error.what else f"{shown(text.strip())} is no number"
        raise ProblemError(what, accepted=ACCEPTED) from None
    value = Fraction(digits)
    if abs(value) > effort.ANSWER_SIZE:
        raise ProblemError(f"{shown(text.strip())} is too large", accepted="numbers up to 1e100")
    return Given(short(text), value, _places(digits))


def is_numeral(text: str) -> bool:
    """Whether the text stands for one number."""
    if not any(map(str.isnumeric, text)):
        return False
    try:
        given(text)
    except ProblemError:
        return False
    return True


def short(text: str) -> str:
    """What a person wrote, as reports quote it: on one line, cut where it is endless."""
    line = " ".join(text.replace("$", " ").split())
    return line if len(line) <= MOST_SHOWN else line[:MOST_SHOWN] + "…"


def _places(digits: str) -> int | None:
    if "/" in digits:
        return None
    mantissa, _, exponent = digits.lower().partition("e")
    written = len(mantissa.partition(".")[2]) - int(exponent or 0)
    return max(0, written)


def _plain(text: str) -> str:
    """The text with one kind of minus, without TeX, emphasis, words for "about" and end dots."""
    text = text.translate(_SIGNS)
    text = _RAISING.sub(lambda found: "^" + found[0].translate(_RAISED), _THIN.sub("", text))
    for sign, plain in _TEX.items():
        text = text.replace(sign, plain)
    text = _ascii(text).replace("$", " ")
    text = _ABOUT.sub("", _EMPHASIS.sub("", text))
    text = re.sub(r"(?<=\d)\s*(?:…|\.{2,})$", "", text)
    text = _POWER.sub(r"e\1", text)
    return re.sub(r"^([+-])\s+", r"\1", text)


def _ascii(text: str) -> str:
    """The text with one kind of digits; a fraction of one letter only where it stands alone.

    Compatibility forms of Unicode would make 11/2 of 1½, and another digit of a footnote's mark.
    """
    text = _DIGIT.sub(lambda found: str(unicodedata.decimal(found[0])), text)
    text = _FULL.sub(lambda found: chr(ord(found[0]) - _WIDE), text)
    if found := _FRACTION.fullmatch(text.strip()):
        return found[1] + unicodedata.normalize("NFKC", found[2]).replace("\u2044", "/")
    return text


def _hundredth(digits: str, percent: bool) -> str:
    """The digits of a number, or of a hundredth of it.

    Errors: ProblemError for a fraction in percent.
    """
    if not percent:
        return digits
    if "/" in digits:
        raise ProblemError(f"{shown(digits)} percent is no number")
    mantissa, _, exponent = digits.lower().partition("e")
    return f"{mantissa}e{int(exponent or 0) - 2}"


def _decimal_point(text: str) -> str:
    """The number with a decimal point: of two signs the last is the decimal one."""
    if text.endswith(".") and re.search(r"\d[.,]\d", text[:-1]):
        text = text[:-1]  # the full stop of a sentence
    comma, point = text.rfind(","), text.rfind(".")
    if comma < 0:
        return text
    if point < 0:
        return text.replace(",", ".") if text.count(",") == 1 else text
    grouped, sign = (".", ",") if comma > point else (",", ".")
    if not re.fullmatch(rf"[+-]?\d{{1,3}}(?:\{grouped}\d{{3}})+\{sign}\d+(?:e[+-]?\d+)?", text):
        return text
    return text.replace(grouped, "").replace(sign, ".")


_NUMBER = rf"[+-]?\d+,\d+{POWER}?"
_ALL_ZERO = re.compile(r"\s*[+-]?0,\d{2,}(?:\s*[,;]\s*[+-]?0,\d{2,})*\s*")
_OTHERWISE = re.compile(rf"[\s;]*{_NUMBER}(?:(?:\s*;\s*|,?\s+){_NUMBER})+[\s;]*")


def commas_are_decimal(text: str) -> bool:
    """Whether commas inside of the numbers of this list are decimal signs: see the rules above.

    >>> [commas_are_decimal(text) for text in ("0,15 0,08", "0,15, 0,08", "1,2,3", "0.1,0.2")]
    [True, True, False, False]
    """
    plain = re.sub(r"[\[\]()]+", " ", text.translate(_SIGNS))
    if "." in plain or "," not in plain:
        return False
    return bool(_ALL_ZERO.fullmatch(plain) or _OTHERWISE.fullmatch(plain))
