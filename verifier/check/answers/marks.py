"""Text without the marks that say nothing of a number: bold type, boxes, transposes, ticks.

A line stays a line, so that what is complained of is found where it was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

FONT: Final = re.compile(
    r"\\(?:math(?:bf|rm|it|sf|tt|bb|normal)|boldsymbol|bm|text(?:bf|it|rm|tt)?|emph|underline"
    r"|operatorname|boxed|fbox|framebox|mbox)\*?[ \t]{0,4}\{"
)
"""Commands that print what they are given, in another type or in a box."""

BRACE: Final = re.compile(r"[{}\n]")
TRANSPOSE: Final = (
    r"(?:\^[ \t]{0,4}(?:\{[ \t]{0,4}(?:\\top|\\intercal|\\math(?:sf|rm)\{T\}|T|⊤)[ \t]{0,4}\}"
    r"|\\top\b|\\intercal\b|\(T\)|T\b|⊤)|ᵀ|⊤)"
)
_VECTOR = r"c\((?=[\s\d+\-]*+[.,eE][\s\d.,eE+\-]*+\)"
LISTS: Final = (
    (re.compile(rf"(?:(?<=[=:])|(?<=<-))([ \t]{{0,4}}){_VECTOR})"), r"\1("),
    (re.compile(rf"(?m)^([ \t]{{0,20}}){_VECTOR}[ \t]*+$)"), r"\1("),
)
"""Vectors of R, c(0.1, 0.2), behind a sign or alone on a line; elsewhere c is a name."""

PLAIN: Final = (
    (re.compile("[，、]"), ","), (re.compile("；"), ";"),
    (re.compile(r"~~[^~\n]{0,200}~~|<(?:s|del|strike)>[^<\n]{0,200}</(?:s|del|strike)>"), " "),
    (re.compile(r"(?<=\d)\{([.,])\}(?=\d)"), "."),
    (re.compile(r"(?<=\d)\\,(?=\d{3}(?!\d))"), ""),
    (re.compile(r"\\(?:left|right|[bB]igg?[lr]?)(?![a-zA-Z])\.?"), " "),
    (re.compile(r"(?<!\\)\\[,;:! ]"), " "),
    (re.compile(r"\\[dt]?frac[ \t]{0,4}\{[ \t]{0,4}(\d{1,30})[ \t]{0,4}\}"
                r"[ \t]{0,4}\{[ \t]{0,4}(\d{1,30})[ \t]{0,4}\}"), r"\1/\2"),
    (re.compile(r"\\c?dot(?![a-zA-Z])"), "·"), (re.compile(r"\\times(?![a-zA-Z])"), "×"),
    (re.compile(r"\\(?:approx|simeq|cong|doteq)(?![a-zA-Z])"), "≈"),
    (re.compile(r"\\(?:Rightarrow|implies|rightarrow|to|longrightarrow|Longrightarrow)(?![a-zA-Z])"),
     "→"),
    (re.compile(r"\\(?:q?quad|displaystyle)(?![a-zA-Z])"), "  "),
    (re.compile(rf"(?<=[\])}}\w]){TRANSPOSE}"), ""), (re.compile(r"(?<=[\])])\.T\b"), ""),
    (re.compile(r"(?<=\w)\.T(?=[ \t]{0,4}[=:])"), ""),
    (re.compile(r"(?<![\d)\w])\*\*(?=\S)([^*\n]{1,200})\*\*(?![\d({])"), r"\1"),
    (re.compile(r"(?<![\w*)])\*(?=[^\s*])([^*\n]{0,200}[^\s*])\*(?![\w*({])"), r"\1"),
    (re.compile(r"(?<!\w)__(?=[\d\[(])([^_\n]{1,200})__(?!\w)"), r"\1"),
    (re.compile(r"(?m)^([ \t]{0,20}+[*+\-][ \t]{1,4}+)\[[ xX]\](?=[ \t])"), r"\1"),
    (re.compile(r"(?<!\d)`(?!\d*`\d)|`(?![\d*])"), ""),
)  # fmt: skip
"""What is written otherwise, in this order: struck out text, decimal commas of LaTeX, thin spaces,
large brackets, fractions, signs, transposes, emphasis of Markdown, boxes that are ticked."""


def unmarked(text: str) -> str:
    """The text without such marks, of as many lines."""
    if "\\" in text:
        text = _without_fonts(text)
    for pattern, instead in (*PLAIN, *LISTS):
        text = pattern.sub(instead, text)
    return text


def _without_fonts(text: str) -> str:
    """The text without commands for type and boxes; what they are given stays."""
    closing = dict(_pairs(text))
    opened = {found.end() - 1: found.start() for found in FONT.finditer(text)}
    starts = {brace: start for brace, start in opened.items() if brace in closing}
    parts, at = list[str](), 0
    for k in sorted({*starts, *(closing[brace] for brace in starts)}):
        start = starts.get(k, k)
        inner = (
            text[start - 1 : start] == "{" if k in starts else text[k + 1 : k + 2] in tuple("_^}")
        )
        parts += [text[at:start], "" if inner else " "]
        at = k + 1
    return "".join([*parts, text[at:]])


def _pairs(text: str) -> Iterator[tuple[int, int]]:
    """Where each brace opens and closes; none is closed on another line."""
    waiting: list[int] = []
    for brace in BRACE.finditer(text):
        if brace[0] == "{":
            waiting.append(brace.start())
        elif brace[0] == "\n":
            waiting.clear()
        elif waiting:
            yield waiting.pop(), brace.start()
