"""Equations on a line: where each names a quantity, and where its last value stands.

A name of the problem before a sign begins an equation, and ends the one before it. A name in an
expression, as in 1 - z_1 = 0.4619, begins none. Of a chain the last link counts; where nobody can
tell whether a chain goes on or another equation begins, nothing is taken.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from verifier.check.answers.grammar import REMARK, remarked
from verifier.check.answers.labels import Label, Labels
from verifier.check.answers.numerals import ABOUT
from verifier.check.answers.words import STEPS
from verifier.errors import ProblemError, shown

JOINING: Final = (
    "and und et y so then therefore thus hence also dann daher damit folglich where with mit for "
    "für at while but aber donc alors avec because since weil we wir this gives"
)
"""Words between two equations."""

_OTHERS = (
    "or oder ou not nicht instead statt versus vs bzw resp maybe perhaps to bis until between "
    "plus minus times mal durch over divided by"
)
OTHERS: Final = frozenset(_OTHERS.split())
"""Words after which a number takes part in what stands before."""

_FUNCTIONS = "sigmoid sigma σ tanh softmax relu exp log ln sin cos max min sum mean sqrt abs clip"
FUNCTIONS: Final = frozenset(_FUNCTIONS.split())
_NUMBER = r"(?=[≈~≃≅]?\s?[+\-−–]?\s?(?:[\d.\[({]|\\frac|[^\W\d]{1,10}\())"
_STEP_WORD = rf"(?:t|time|step|time[\s_]?step|{STEPS})"
SIGN: Final = re.compile(
    r"(?P<arrow>=>|->|[⇒⟹→⟶↦➔])"
    r"|(?P<equal><-(?=\s*+[\d.\[({c])|:=|≔|[≈≅≃≐]|[~∼](?=\s*+[\d.\[({+\-−])"
    r"|(?<![<>!~:=])(?<!dtype)(?<!device)(?<!grad_fn)(?<!requires_grad)(?<!shape)(?<!numpy)==?(?!>))"
    r"|(?P<colon>[:：](?!=))"
    rf"|(?<=\s)(?P<word>(?:is|ist|equals|beträgt|est)\s++(?=(?:{ABOUT}\s++)?{_NUMBER}))"
)
"""What stands between a name and its value, or between the links of a chain."""

STEP: Final = re.compile(rf"(?:^|.*[\s({{\[,]){_STEP_WORD}\s*+$", re.IGNORECASE | re.DOTALL)
NUMBER_OF_STEP: Final = re.compile(r"\s{0,4}+\d{1,9}\s{0,4}+[:)]")
START: Final = re.compile(r"(?<![^\s,;|:($\[{*>\"'.=+\-−–/·×⋅∘⊙@])(?=[^\W\d]|[\\(\[→←∂\"'])")
BRACKET: Final = re.compile(r"[\[\](){}]")
CLOSED: Final = {")": "(", "]": "[", "}": "{"}
PLAIN: Final = re.compile(r"[\s\d.,;…\[\]()eE+\-−$≈~/%*·×^{}⁻⁰¹²³⁴⁵⁶⁷⁸⁹x]*+")
"""Values: what is nothing else."""

BULLET: Final = re.compile(
    r"[\s>•|$(#\"']*+(?:[*+\-–—•]\s++)?[\s*_$(]*+(?:[\[(]?\w{1,3}[\])]\s*+|\w{1,2}\.\s++)?[\s*_$(]*+"
)
"""What may stand before the first name of a line: bullets, marks of emphasis, a), (2), [3], 4."""

SPLIT: Final = re.compile(
    rf"[,;|](?=[\s$]|[^\W\d])|\.\s(?=[\s$]*+[^\W\d])|\s(?:{'|'.join(JOINING.split())})(?=\s)|\$\s",
    re.IGNORECASE,
)
"""Where a link may end and another equation begin."""

LETTERS: Final = re.compile(r"[^\W\d_]++")
OPERATOR: Final = re.compile(r"[+*·×⋅∙•∘⊙⊗/^@−\-]|\\(?:odot|circ|cdot|times)")
COMMENT: Final = re.compile(r"(?<![\s$])[\s$]++(?:#|%|//|\\\\|<!--)|\\\\")
SOFT: Final = re.compile(
    r"(?:[^\w*·×⋅∙•/^+\-−–—±∓'’‘′<>≤≥%‰°@∘⊙⊗\\\[({#~`=÷]++|=>|<-++)*(?:\((?=[\s$]*+(?:[^\W\d]|$)))?[\s$]*+"
)
"""What may stand behind a value without being of it: spaces, stops, brackets, ticks, arrows."""

WORDS: Final = re.compile(r"(?:[-–—]\s++)?(?P<word>[^\W\d_][\w'.]*+)")
DECIMAL: Final = re.compile(r"\d[.,]\d|[.,]\d")
SEPARATED: Final = re.compile(r"[\s$]*+[,;.|)]")
BLANK: Final = re.compile(r"\D{0,80}+")
"""What stands behind an arrow without being a value."""

SHARED: Final = 4
"""Names in a row that are said to be equal, as in y_1 = s_1 = 0.07; more are no answer."""

ROOM: Final = 80
"""Characters before a sign in which its name is looked for."""


@dataclass(frozen=True)
class Sign:
    """A sign on a line: where it begins and ends, and its kind."""

    begin: int
    end: int
    kind: str


@dataclass(frozen=True)
class Claim:
    """A name of the problem before a sign; in an expression, `begins` is no equation of it."""

    text: str
    begin: int
    sign: Sign
    begins: bool
    shares: bool = False

    @property
    def value(self) -> int:
        """Where what it equals begins."""
        return self.sign.end


class Line:
    """The equations of a line of a text, from `at` to `end`."""

    def __init__(self, text: str, at: int, end: int, labels: Labels) -> None:
        self.text, self.at, self.end, self.labels = text, at, end, labels
        self.quiet, self.braces = _quiet(text, at, end)
        self.signs = [sign for sign in _signs(text, at, end) if self._active(sign)]
        found = list(self._claims())
        self.claims = [claim for claim in found if claim.begins]
        self.expressions = [claim for claim in found if not claim.begins]
        names = {claim.sign.begin for claim in self.claims if not claim.shares}
        self.links = [s for s in self.signs if s.kind != "colon" and s.begin not in names]
        self.begins = [claim.begin for claim in self.claims if not claim.shares]

    def _active(self, sign: Sign) -> bool:
        """Whether a sign stands between equals: not in brackets of a call or list, nor in t = 1."""
        k = bisect_right(self.quiet, (sign.begin, self.end)) - 1
        if k >= 0 and sign.begin < self.quiet[k][1]:
            return False
        before = self.text[max(self.at, sign.begin - 16) : sign.begin]
        if NUMBER_OF_STEP.match(self.text, sign.end, self.end):
            before = before.replace("_", " ")
        return sign.kind == "arrow" or STEP.fullmatch(before) is None

    def _claims(self) -> Iterator[Claim]:
        low, shared = self.at, 0
        before: Sign | None = None
        for sign in self.signs:
            begin = self._name(low, sign.begin)
            if begin is not None:
                name = self.text[begin : sign.begin].strip(" \t$*`\"'")
                shared = shared + 1 if self._shares(low, begin, before) else 0
                begins = shared < SHARED and (shared or self._begins(low, begin, before))
                yield Claim(name, begin, sign, bool(begins), bool(begins and shared))
            low, before = sign.end, sign

    def _name(self, low: int, end: int) -> int | None:
        """Where the longest name of the problem before a sign begins."""
        low = max(low, end - ROOM)
        starts = [low, *(found.start() for found in START.finditer(self.text, low, end))]
        for begin in dict.fromkeys(starts[-8:]):
            text = self.text[begin:end].strip(" \t$*`\"'")
            if text[:1] not in tuple("-−–+*=/") and self.labels.names_one(text):
                return begin + len(self.text[begin:end]) - len(self.text[begin:end].lstrip())
        return None

    def _shares(self, low: int, begin: int, before: Sign | None) -> bool:
        """Whether two names are said to be equal, as in y_1 = s_1 = 0.07."""
        equal = before is not None and before.kind == "equal"
        return equal and not self.text[low:begin].strip(" \t$")

    def _begins(self, low: int, begin: int, before: Sign | None) -> bool:
        """Whether a name begins an equation, by what stands before it."""
        part = self.text[low:begin]
        plain = part.rstrip(" \t$")
        if before is None and BULLET.fullmatch(part):
            return True
        last = plain[-1:]
        if last == "(":
            return not plain[-2:-1].isalnum()
        if last.isalpha():
            return self._is_word(plain)
        if not last or not (last.isalnum() or last in "([{}])^_\\'\"" or OPERATOR.match(last)):
            return True  # a separator, whatever it is
        rest = _without_remarks(plain)
        values = before is not None and PLAIN.fullmatch(rest) and any(map(str.isdigit, rest))
        return bool(values) and OPERATOR.match(last) is None

    def _is_word(self, before: str) -> bool:
        """Whether what stands before a name ends in a word, and in no factor or function."""
        word = re.split(r"[\s,;|($]", before)[-1]
        return word.isalpha() and word.casefold() not in FUNCTIONS and not self.known(word)

    def known(self, word: str) -> bool:
        """Whether a word is a name of the problem, of what is asked or of what is given."""
        return self.labels.names_one(word) or self.labels.given(word)

    def after(self, at: int) -> int:
        """The position at which the next equation of the line begins behind one, or the end."""
        k = bisect_left(self.begins, at)
        return self.begins[k] if k < len(self.begins) else self.end

    def next(self, at: int) -> Claim | None:
        """The equation of a quantity that begins next at a position, or behind it."""
        k = bisect_left(self.claims, at, key=lambda claim: claim.begin)
        return self.claims[k] if k < len(self.claims) else None

    def working(self, at: int, end: int | None = None) -> bool:
        """Whether an expression with a name of the problem in it begins here, or before `end`."""
        k = bisect_left(self.expressions, at, key=lambda claim: claim.begin)
        found = self.expressions[k : k + 1]
        return bool(found) and (end is None or found[0].begin < end)

    def last(self, begin: int) -> tuple[int, int]:
        """Where the last value of the chain behind a sign stands.

        Errors: ProblemError where nobody can tell which it is.
        """
        end = self.after(begin)
        start = begin
        first = bisect_left(self.links, begin, key=lambda sign: sign.begin)
        for sign in islice(self.links, first, None):
            if sign.begin >= end:
                break
            stop = self._stops(start, sign.begin)
            if stop is not None:
                return start, stop
            if sign.kind != "arrow" or not BLANK.fullmatch(self.text, sign.end, end):
                start = sign.end
        return start, end

    def _stops(self, start: int, end: int) -> int | None:
        """Where a link ends because another equation begins behind it; None where it is a link."""
        found = [s for s in SPLIT.finditer(self.text, start, end) if not self._inside(s.start())]
        if found:
            head = self.text[start : found[-1].start()]
            tail = _without_remarks(self.text[found[-1].end() : end])
            words = {word for word in LETTERS.findall(tail) if word not in ("x", "e", "E")}
            if words - FUNCTIONS:
                return found[-1].start()
            if PLAIN.fullmatch(head) and not PLAIN.fullmatch(tail.replace("*", "?")):
                raise ProblemError(f"{shown(self.text[start:end].strip())} is more than one value")
            if PLAIN.fullmatch(head) and head.strip() and OPERATOR.search(tail.strip(" -+")):
                raise ProblemError(f"{shown(self.text[start:end].strip())} is more than one value")
            return None
        return self._worded(start, end)

    def _worded(self, start: int, end: int) -> int | None:
        """None for a link that is no value with words behind it.

        Errors: ProblemError for such a one, since the words may be the name of another number.
        """
        value = PLAIN.match(self.text, start, end)
        rest = self.text[value.end() : end] if value else ""
        word = WORDS.match(rest)
        head = self.text[start : value.end()] if value else ""
        if not rest or not any(map(str.isdigit, head)):
            return None
        if word is None and (rest[0] in "([{\\'" or OPERATOR.match(rest)):
            return None
        factor = word and head[-1:] not in tuple(" \t$")
        if factor or (word and (OPERATOR.search(rest) or self.known(word["word"]))):
            return None
        raise ProblemError(f"{shown(self.text[start:end].strip())} is no number")

    def _inside(self, at: int) -> bool:
        """Whether a position stands in brackets."""
        k = bisect_right(self.braces, (at, self.end)) - 1
        return k >= 0 and at < self.braces[k][1]

    def left(self, at: int, end: int) -> str:
        """What behind a value may belong to it: a power that was not read, another number."""
        text = self.text[at:end]
        text = text[: found.start()] if (found := COMMENT.search(text)) else text
        bare = _without_remarks(text)
        soft = SOFT.match(bare)
        rest = bare[soft.end() :] if soft else bare
        if not rest:
            return ""
        word = WORDS.match(rest)
        attached = soft is None or not soft.end()
        free = SEPARATED.match(text) is not None
        if word is None or attached or (not free and self.known(word["word"].rstrip("."))):
            return text.strip()
        decimal = DECIMAL.search(rest)
        words = {w.casefold() for w in LETTERS.findall(rest[: decimal.start()])} if decimal else ()
        free = free and not OTHERS.intersection(words)
        dash = rest[0] in "-–—" and len(word["word"]) < 3
        return text.strip() if dash or (decimal and not free) else ""


def single(text: str, labels: Labels, label: Label) -> str:
    """The last value of what was written for one quantity: σ(0.15) = 0.5381 (approx).

    Errors: ProblemError where it names another quantity, or several, or nobody can tell.
    """
    line = Line(text, 0, len(text), labels)
    for claim in line.claims:
        said = labels.read(claim.text) or Label()
        if said.name not in (None, label.name) or said.step not in (None, label.step):
            raise ProblemError(f"{shown(claim.text)} stands where {label.name} belongs")
    claims = [claim for claim in line.claims if not claim.shares]
    if len(claims) > 1:
        raise ProblemError(f"{shown(text.strip())} is more than one value")
    start, stop = line.last(claims[0].value if claims else 0)
    if not claims and not text[:start].strip(" =≈"):
        start = 0  # a formula of a spreadsheet is quoted whole
    return _without_remarks(text[start:stop]).strip()


def _without_remarks(text: str) -> str:
    """The text without what stands in parentheses and has words in it."""
    return REMARK.sub(lambda found: " " if remarked(found[0]) else found[0], text)


def _signs(text: str, at: int, end: int) -> Iterator[Sign]:
    for found in SIGN.finditer(text, at, end):
        yield Sign(found.start(), found.end(), found.lastgroup or "")


def _quiet(
    text: str, at: int, end: int
) -> tuple[Sequence[tuple[int, int]], Sequence[tuple[int, int]]]:
    """Outermost brackets in which signs are no equations, calls and lists; and all outermost ones.

    Each from where to where.
    """
    waiting: list[tuple[int, str, bool]] = []
    pairs: list[tuple[int, int, bool]] = []
    for found in BRACKET.finditer(text, at, end):
        if found[0] in "([{":
            before = text[found.start() - 1 : found.start()] if found.start() > at else ""
            call = found[0] == "(" and (before.isalnum() or before in tuple("^_)]}"))
            listed = found[0] == "[" or (found[0] == "{" and before != "$")
            waiting.append((found.start(), found[0], call or listed))
        elif waiting and waiting[-1][1] == CLOSED[found[0]]:
            begin, _, quiet = waiting.pop()
            pairs.append((begin, found.start(), quiet))
    open_ones = (at for at, bracket, _ in waiting if bracket == "{")
    pairs += [(at, end, True) for at in open_ones]  # a dict of several lines
    return _outermost((b, e) for b, e, quiet in pairs if quiet), _outermost(
        (b, e) for b, e, _ in pairs
    )


def _outermost(pairs: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for pair in sorted(pairs):
        if not found or pair[0] > found[-1][1]:
            found.append(pair)
    return found
