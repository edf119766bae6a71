"""Letters that a document cannot show: dropped or replaced so that they are seen, and named."""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Iterable

from verifier.errors import LetterWarning, shown

SHOWN = 12
"""How many letters a warning names; a page of a script without a font has hundreds."""

BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
"""What parts lines or fields, and is a space in a text of one line."""

JOINERS = "\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef"
"""What has no shape but changes that of a letter of many scripts, none of Europe's among them."""

INVISIBLE = (
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
    f"|(?<![\u0590-\ud7ff\uf900-\U0010ffff])[{JOINERS}]+"
)
"""Control characters, marks of direction and what else is no letter that a reader sees."""

HALVES = re.compile("[\ud800-\udfff]")
"""Halves of surrogate pairs, which no encoding can write."""

PLAIN = re.compile(r"[ -~\xa1-\xac\xae-\u02ff\u0370-\u03ff\u2010-\u2027]*")
"""Texts in which nothing is to be looked for: the pattern above is slow to make."""


def seen(text: str) -> str:
    """The text in one line without what no reader sees; a warning names what is left out."""
    if PLAIN.fullmatch(text):
        return text
    line = BREAKS.sub(" ", text)
    left = re.sub(INVISIBLE, "", line)
    if left != line:
        gone = "".join(re.findall(INVISIBLE, line))
        warn(f"no reader sees {named(gone)}, left out of {shown(left)}")
    halves = HALVES.findall(left)
    if halves:
        warn(f"{named(halves)} is half a letter, shown as � in {shown(left)}")
    return HALVES.sub("�", left)


LONGEST, END = 60, 20


def plain_name(text: str) -> str:
    """What files and questions are called: small letters and digits with hyphens between.

    Of a long text its end stays, by which variants are told apart.

    >>> plain_name("HW 10 · Question 2 · 0001"), plain_name("第十题")
    ('hw-10-question-2-0001', 'question')
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if len(name) > LONGEST:
        name = f"{name[: LONGEST - END - 1].rstrip('-')}-{name[-END:].lstrip('-')}"
    return name or "question"


def code(letter: str) -> str:
    """What stands in place of a letter that cannot be set.

    >>> code("中")
    '[U+4E2D]'
    """
    return f"[U+{ord(letter):04X}]"


def warn(message: str) -> None:
    """Say what became of a document's letters; the same is said once."""
    warnings.warn(message, LetterWarning, stacklevel=2)


def named(letters: Iterable[str]) -> str:
    """Letters by code and, as far as they have one, name.

    >>> named("😀\\ufeff")
    'U+1F600 GRINNING FACE 😀, U+FEFF ZERO WIDTH NO-BREAK SPACE'
    """
    each = [*dict.fromkeys(letters)]
    more = f" and {len(each) - SHOWN} more" if len(each) > SHOWN else ""
    return ", ".join(map(_named, each[:SHOWN])) + more


def _named(letter: str) -> str:
    name = unicodedata.name(letter, "")
    sign = letter if unicodedata.category(letter)[0] not in "CMZ" else ""
    return " ".join(filter(None, (f"U+{ord(letter):04X}", name, sign)))
