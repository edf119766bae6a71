"""Printed values: arrays as NumPy, PyTorch and JAX print them, nested dicts, lists, numbers.

A small grammar reads them; nothing is evaluated. Commas and spaces both separate entries.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from verifier import effort
from verifier.check.answers.numerals import ALONE, COMMA, POINT, commas_are_decimal
from verifier.errors import Place, ProblemError, shown


@dataclass(frozen=True, slots=True)
class Leaf:
    """A text where a number is meant; `at` says where it stands, in the reader's own terms."""

    text: str
    at: Any = 0


@dataclass(frozen=True, slots=True)
class Items:
    """A list of values."""

    parts: tuple[Tree, ...]
    at: Any = 0


@dataclass(frozen=True, slots=True)
class Table:
    """Values with keys, in order; a key may stand twice."""

    pairs: tuple[tuple[str, Tree], ...]
    at: Any = 0


Tree = Leaf | Items | Table
Locate = Callable[[Any], Place]
"""Says where a part of a value stands."""


class Pairs(list[tuple[str, Any]]):
    """The pairs of an object of JSON, in order and with repetitions."""


@dataclass(frozen=True)
class Piece:
    """A value with what it is called, from the outside in; `place` tells where a part of it is."""

    labels: tuple[str, ...]
    value: Tree
    place: Locate


WORD = re.compile(r"[^\W\d][\w.]*")
STRING = re.compile(r"'((?:[^'\\\n]|\\.)*)'|\"((?:[^\"\\\n]|\\.)*)\"")
WRAPPER = re.compile(r"(?:\w+\.)*(?:array|asarray|tensor|Tensor|Array|matrix|float\d*|Decimal|mpf)")
CALLED = re.compile(rf"{WRAPPER.pattern}\(")
KEY = re.compile(r"[^:{}\[\]\n]{1,80}")
SPACE = re.compile(r"[\s\u2028\u2029]*")
AND = r"(?:and|und|et|y|e)\s++(?=[+\-−–]?[\d.])"
"""A word between the last two numbers of a list."""
LAST = re.compile(rf"(?<=[\s,;]){AND}")
SEPARATOR = re.compile(rf"(?:[\s,;&]++|(?<=[\s,;]){AND})*")
ELLIPSIS = re.compile(r"\.\.\.|…|⋯")
DASH = re.compile(r"[-–—?](?=[\s,;\])}&]|$)")
OPENING = re.compile(rf"[\[({{]\s*(?:[\[({{\d.+\-−–?≈'\"]|{CALLED.pattern})")
TENSOR = re.compile(r"<tf\.[^>\n]{0,300}?numpy=")
REMARK = re.compile(r"\([^()=+*/^·×]{0,80}\)|\[[^\[\]=+*/^·×]{0,80}\]")
LETTERS = re.compile(r"[^\W\d_]++")
BRACKET = re.compile(r"[\[\]()]")
NUMERIC = re.compile(
    r"(?:[\s\d.,;…+\-−–‒—﹣－∕，．\[\]()≈~/⁄·×⋅*^⁻⁰¹²³⁴⁵⁶⁷⁸⁹{}%％]|(?<=\d)[eE](?=[+\-−]?\d)"
    r"|(?<=[\d\s])x(?=\s?10))*"
)
CLOSING = {"[": "]", "(": ")", "{": "}"}


def parsed(text: str) -> Tree:
    """The value that a text is, as a whole; numbers beside each other are a list.

    Errors: ProblemError for what does not belong to it.
    """
    reader = Reader(text)
    tree, end = reader.values(0, len(text))
    if reader.skip(SEPARATOR, end) < len(text):
        raise ProblemError(f"{shown(text[end:].strip(), 20)} is no number")
    return tree


def remarked(text: str) -> bool:
    """Whether what stands in parentheses is a remark: it has a word of two letters in it."""
    return any(len(word) > 1 or word in "dfp" for word in LETTERS.findall(text))


class Reader:
    """Reads values from a text at given positions."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.number = POINT
        self.bracketed = False
        self.count = 0

    def skip(self, pattern: re.Pattern[str], at: int) -> int:
        """The position behind what the pattern matches."""
        found = pattern.match(self.text, at)
        return found.end() if found else at

    def values(self, at: int, end: int) -> tuple[Tree, int]:
        """The numbers beside each other up to `end`; a single one is no list."""
        self.number = COMMA if self._lone(at, end) else POINT
        parts: list[Tree] = []
        first = self.skip(SPACE, at)
        while True:
            begin = self.skip(SEPARATOR, at) if parts else first
            if begin >= end or (parts and (self.remark(begin) or not self.begins(begin))):
                break
            part, at = self.value(begin)
            parts.append(part)
        if len(parts) == 1:
            return parts[0], at
        return Items(tuple(parts), first), at

    def _lone(self, at: int, end: int) -> bool:
        """Whether commas are decimal signs where no bracket stands around the numbers."""
        numbers = NUMERIC.match(self.text, at, end)
        if numbers is None or (numbers.end() < end and not LAST.match(self.text, numbers.end())):
            return False
        plain = LAST.sub("; ", self.text[at:end]).strip().rstrip(" \t;,")
        if NUMERIC.fullmatch(plain) is None:
            return False
        return ALONE.fullmatch(plain) is not None or commas_are_decimal(plain)

    def remark(self, at: int) -> bool:
        """Whether a remark begins here, and no value."""
        found = REMARK.match(self.text, at)
        return found is not None and remarked(found[0])

    def begins(self, at: int) -> bool:
        """Whether a value begins here that is no word."""
        text = self.text
        return bool(
            OPENING.match(text, at)
            or self.number.match(text, at)
            or DASH.match(text, at)
            or CALLED.match(text, at)
        )

    def value(self, at: int, depth: int = 0) -> tuple[Tree, int]:
        """The value at a position, and the position behind it.

        Errors: ProblemError when none begins here, or it does not end.
        """
        self._counted()
        if depth > effort.ANSWER_LEVELS:
            raise ProblemError("values nested too deeply")
        at = self.skip(SPACE, at)
        first = self.text[at : at + 1]
        if first == "{":
            return self.table(at, depth) if self.keyed(at + 1) else self.braced(at, depth)
        if first and first in "[(":
            return self.items(at, depth)
        return self.scalar(at, depth)

    def _counted(self) -> None:
        """Bound the work on a text, whatever stands in it."""
        self.count += 1
        if self.count > effort.ANSWER_WORK:
            raise ProblemError("so many values are not read")

    def scalar(self, at: int, depth: int) -> tuple[Tree, int]:
        """A number, a quoted text, a dash, a word, or a call such as array(…)."""
        if found := STRING.match(self.text, at):
            return Leaf(found[1] if found[1] is not None else found[2], at), found.end()
        if found := self.number.match(self.text, at) or ELLIPSIS.match(self.text, at):
            return Leaf(found[0], at), found.end()
        if found := DASH.match(self.text, at):
            return Leaf(found[0], at), found.end()
        if found := TENSOR.match(self.text, at):
            tree, end = self.value(found.end(), depth + 1)
            close = self.text.find(">", end, end + 300)
            return tree, close + 1 if close >= 0 else end
        if found := WORD.match(self.text, at):
            called = self.text[found.end() : found.end() + 1] == "("
            if called and WRAPPER.fullmatch(found[0]):
                return self.call(found.end(), depth)
            if called:
                raise ProblemError(f"{shown(found[0])} of something is no number")
            return Leaf(found[0], at), found.end()
        said = self.text[at : at + 20].strip().partition("\n")[0]
        raise ProblemError(f"{shown(said)} is no number")

    def call(self, at: int, depth: int) -> tuple[Tree, int]:
        """The first argument of array(…), float64(…), tensor(…); the others are passed over."""
        tree, end = self.value(at + 1, depth + 1)
        return tree, self._closed(end)

    def _closed(self, at: int) -> int:
        """The position behind the parenthesis that closes the one before `at`."""
        open_ones = 1
        for k in range(at, min(len(self.text), at + 1000)):
            open_ones += {"(": 1, ")": -1}.get(self.text[k], 0)
            if not open_ones:
                return k + 1
        raise ProblemError("a parenthesis is never closed")

    def items(self, at: int, depth: int) -> tuple[Tree, int]:
        """A list or tuple; its numbers may have decimal commas."""
        close, begin, outermost = CLOSING[self.text[at]], at, not self.bracketed
        before = self.number
        if outermost:
            self.number = COMMA if commas_are_decimal(self._inside(at)) else POINT
        self.bracketed = True
        parts = []
        at = self.skip(SEPARATOR, at + 1)
        while self.text[at : at + 1] != close:
            if at >= len(self.text):
                raise ProblemError(f"a list is never closed with {close!r}")
            part, at = self.value(at, depth + 1)
            parts.append(part)
            at = self.skip(SEPARATOR, at)
        if outermost:
            self.number, self.bracketed = before, False
        if close == ")" and len(parts) == 1:
            return parts[0], at + 1
        return Items(tuple(parts), begin), at + 1

    def _inside(self, at: int) -> str:
        """What stands up to the bracket that closes the one at `at`; nothing where none does."""
        return self.text[at : self._closing.get(at, at)]

    @cached_property
    def _closing(self) -> dict[int, int]:
        """Where each bracket of the text is closed, whatever its kind; found once."""
        found: dict[int, int] = {}
        waiting: list[int] = []
        for bracket in BRACKET.finditer(self.text):
            if bracket[0] in "[(":
                waiting.append(bracket.start())
            elif waiting:
                found[waiting.pop()] = bracket.start()
        return found

    def table(self, at: int, depth: int) -> tuple[Tree, int]:
        """A dict: keys are texts or numbers."""
        pairs, begin = [], at
        at = self.skip(SEPARATOR, at + 1)
        while self.text[at : at + 1] != "}":
            if at >= len(self.text):
                raise ProblemError("a dict is never closed with '}'")
            key, at = self.key(at)
            value, at = self.value(at, depth + 1)
            pairs.append((key, value))
            at = self.skip(SEPARATOR, at)
        return Table(tuple(pairs), begin), at + 1

    def keyed(self, at: int) -> bool:
        """Whether a key and a colon stand here, or the end of a dict, and no value of a list."""
        at = self.skip(SPACE, at)
        found = STRING.match(self.text, at)
        if found or self.text[at : at + 1] in ("", "}"):
            return True
        found = KEY.match(self.text, at)
        return (
            found is not None and self.text[(end := self.skip(SPACE, found.end())) : end + 1] == ":"
        )

    def braced(self, at: int, depth: int) -> tuple[Tree, int]:
        """A list in braces, as Mathematica writes it: commas stand between its parts."""
        parts, begin = [], at
        while True:
            part, at = self.value(at + 1, depth + 1)
            parts.append(part)
            at = self.skip(SPACE, at)
            if self.text[at : at + 1] == "}":
                return Items(tuple(parts), begin), at + 1
            if self.text[at : at + 1] != ",":
                raise ProblemError("a dict without a key and a colon, or a list without commas")

    def key(self, at: int) -> tuple[str, int]:
        """A key and the position behind its colon."""
        string = STRING.match(self.text, at)
        found = string or KEY.match(self.text, at)
        colon = self.skip(SPACE, found.end()) if found else at
        if found is None or self.text[colon : colon + 1] != ":":
            raise ProblemError("a dict without a key and a colon")
        name = (string[1] if string[1] is not None else string[2]) if string else found[0]
        return name.strip(), colon + 1
