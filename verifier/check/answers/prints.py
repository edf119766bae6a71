"""What a program prints, or a person types: lines such as `z_1 = 0.5381`, under `Step 1` or not.

Of a chain such as `z_1 = σ(0.1525) = 0.5381` the last value counts.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import partial

from verifier import effort
from verifier.check.answers.chains import BULLET, ROOM, Claim, Line
from verifier.check.answers.collect import Collector
from verifier.check.answers.counts import Counted
from verifier.check.answers.grammar import AND, Items, Leaf, Locate, Piece, Reader, Table, Tree
from verifier.check.answers.labels import Label
from verifier.check.answers.marks import unmarked
from verifier.check.answers.numerals import ABOUT, is_blank
from verifier.check.answers.words import STEPS
from verifier.errors import Place, ProblemError, shown

_AROUND = r"[\s\-=*#>_.:;,|\[\]()$]*+"
_STEP = rf"(?:time[\s_]?step|step|{STEPS}|t)\s*+(?:[=:_]\s*+)?\d{{1,9}}"
HEADING = re.compile(
    rf"{_AROUND}(?:[^\W\d]\w*+[\s,:]++){{0,3}}?({_STEP}|第\s*+\d{{1,9}}\s*+步){_AROUND}$",
    re.IGNORECASE,
)
NUMBERED = re.compile(r"\s*\[\s*(\d{1,9})\s*\]\s*$")
"""A table of TOML for a step, where the file is not TOML."""

STEPPED = re.compile(rf"[\s*\->•|$(]*+({_STEP})[\s:,;|)]++(?=[^\W\d])", re.IGNORECASE)
"""A step before what is said of it: t=1: z=[0.5381] r=[0.5294]."""

PERSON = re.compile(
    r"[\s*_]*+(?:name|person|student)[\s*_]*+[:：][\s*_]*([^\n*_][^\n]*)", re.IGNORECASE
)
"""The line on which a person writes who they are."""

_BEFORE = r"[\s*\->•,;|$]*+"
_VALUE = r"(?=[≈~$\s]*+(?:[\[({\d.+\-−–?<\\]|[^\W\d]))"
LABEL = re.compile(
    rf"{_BEFORE}(?P<label>\\?[^\W\d](?:[^\n=:≈→|]|=(?=\s*\d+\s*[:)])){{0,80}}?)\$?\s*+"
    rf"(?:=(?!\s*\d+\s*[:)])|:|≈|→|->)\s*+{_VALUE}"
)
WORDED = re.compile(
    rf"{_BEFORE}(?P<label>[^\W\d][\w\[\]^{{}}']{{0,40}}+)\s++(?:is\s|ist\s)?\s*+(?=[\[({{\d.+\-−])"
)
_CALL = r"(?:np\.|jnp\.|numpy\.)?(?:array|tensor|Array|float\d+)\("
BARE = re.compile(rf"\s*+(?=[\[{{\d.+\-−]|\((?:[\[\d]|{_CALL})|{_CALL}|<tf)")
BREAK = re.compile(r"[,;\s]++")
LETTER = re.compile(rf"(?!{AND})[^\W\d]")
DECIMAL = re.compile(r"\d[.,]\d")
LEADING = re.compile(rf"(?:[\s$]|{ABOUT})*+")
GOES_ON = re.compile(r"\n(?=[ \t]{0,80}+(?:[≈≅≃]|=(?![=>]))[ \t]{0,80}+[^\s=])")
"""The end of a line before one that begins with a sign: its chain goes on there."""
FACTORS = re.compile(r"[\s+*·×@]++")
NEWLINE = re.compile("\n")
REST = re.compile(r"[ \t$.,;]*+(?:\n|$)")

Bare = Callable[[int, Tree], Sequence[Sequence[str]]]
"""The names of a value that stands without one, by its number: a path, or one for each part."""


def add_prints(
    text: str, place: Locate, into: Collector, bare: Bare | None = None, *, prose: bool = False
) -> None:
    """Take in what a text says, line by line; `bare` names the values that stand without a name.

    In `prose`, only equations count that name a quantity which nothing else gave.
    """
    plain, where = _unmarked(text, place)
    _Prints(plain, where, into, bare or (lambda count, tree: ()), prose).run()


def _unmarked(text: str, place: Locate) -> tuple[str, Locate]:
    """The text without marks of type, and where it stands, line by line."""
    plain = unmarked(text)
    if plain == text:
        return GOES_ON.sub(" ", text), place
    olds, news = ([0, *(k.end() for k in NEWLINE.finditer(t))] for t in (text, plain))

    def where(at: object) -> Place:
        return place(olds[bisect_right(news, at) - 1] if isinstance(at, int) else at)

    return GOES_ON.sub(" ", plain), where


class _Prints:
    def __init__(self, text: str, place: Locate, into: Collector, bare: Bare, prose: bool) -> None:
        self.text, self.place, self.into, self.bare = text, place, into, bare
        self.prose = prose
        self.reader = Reader(text)
        self.heading: tuple[str, ...] = ()
        self.count = 0
        self.breaks: list[tuple[int, int]] = []

    def run(self) -> None:
        """Take in line after line; what may be looked for again and again is found once a line."""
        at = 0
        while at < len(self.text):
            end = self.text.find("\n", at)
            end = len(self.text) if end < 0 else end
            if end - at > effort.LINE:
                what = f"a line of {end - at} characters was not read (at most {effort.LINE})"
                self.into.complain(what, self.place, at)
                at = end + 1
                continue
            at = self.line(at, end)

    def line(self, at: int, end: int) -> int:
        """Take in a line; the position to go on at."""
        if self.into.strict and (who := PERSON.match(self.text, at, end)):
            self.into.named(who[1])
            return end + 1
        found = HEADING.match(self.text, at, end)
        if found is None and self.into.strict:
            found = NUMBERED.match(self.text, at, end)
        if found:
            self.heading = (f"step {found[1]}" if found[1].isdigit() else found[1],)
            return end + 1
        stepped = STEPPED.match(self.text, at, end)
        if stepped:
            self.heading = (stepped[1],)
            at = stepped.end()
        self.breaks = _breaks(self.text, at, end)
        equations = Line(self.text, at, end, self.into.labels)
        self.working(equations)
        while at <= end:
            at = self.part(at, end, equations)
        return at

    def working(self, equations: Line) -> None:
        """Note an expression with a name in it that stands first on a line: 1 - z_1 = 0.4619."""
        for claim in equations.expressions[:1]:
            begin = equations.at
            if claim.sign == next((s for s in equations.signs), None) and not self.prose:
                said = self.text[begin : claim.sign.begin].strip(" $\t")
                label = self.label_of(claim.text)
                what = f"{shown(said)} is an expression, and no quantity that is asked for"
                self.into.aside(label, what, self.place, begin)

    def part(self, at: int, end: int, equations: Line) -> int:
        """Take in what stands next on a line; the position to go on at."""
        claim = equations.next(at)
        label, begin = self.label(at, end, equations)
        first = claim.begin if claim else end + 1
        if claim and BULLET.fullmatch(self.text, at, first):
            return self.claimed(claim, equations)
        if claim and (begin < 0 or first <= begin or not self.text[begin:first].strip(" $\t(")):
            return self.claimed(claim, equations)
        if self.prose:
            return self.claimed(claim, equations) if claim else end + 1
        if begin < 0:
            said = self.into.strict and not equations.expressions
            if said and DECIMAL.search(self.text, at, end):
                self.into.complain("no quantity is named before this number", self.place, at)
            return end + 1
        known = self.into.labels.read(label) if label else None
        return self.value(label, known is not None, begin, min(first, end), equations)

    def label(self, at: int, end: int, equations: Line) -> tuple[str, int]:
        """The name at a position and where its value begins; -1 where there is no value."""
        for pattern in (LABEL, WORDED):
            found = pattern.match(self.text, at, end)
            label = found["label"].strip() if found else ""
            if found and (pattern is LABEL or self.into.labels.read(label) is not None):
                if equations.working(found.start(), found.end()):
                    return "", -1
                return label, found.end()
        bare = BARE.match(self.text, at, end)
        if bare and equations.working(at):
            return "", -1
        return ("", bare.end()) if bare else ("", -1)

    def claimed(self, claim: Claim, equations: Line) -> int:
        """Take in an equation of a quantity; the position to go on at."""
        end = equations.after(claim.value)
        if self.prose and self.into.has(self.label_of(claim.text)):
            return self.next(claim, equations)
        try:
            begin, stop = equations.last(claim.value)
            begin = self.reader.skip(LEADING, begin)
            if is_blank(self.text[begin:stop].strip(" \t$.,;|()")):
                return self.next(claim, equations)
            tree, at = self.read(begin, stop)
            ends = self.text.find("\n", at) if at > stop else stop
            left = equations.left(at, len(self.text) if ends < 0 else ends)
            if left or _names(tree, equations):
                raise ProblemError(f"{shown(self.text[begin:stop].strip(' $'))} is no number")
        except ProblemError as error:
            self.unread(claim, error, end)
            return self.next(claim, equations)
        self.equation(claim, tree, begin)
        if at > end:
            return self.reader.skip(REST, at)
        self.foreign(stop, end, equations)
        return self.next(claim, equations)

    def foreign(self, at: int, end: int, equations: Line) -> None:
        """Complain of a name behind an equation that is nearly one of the problem's."""
        found = None if self.prose or at >= end else LABEL.match(self.text, at, end)
        label = found["label"].strip() if found else ""
        if label and self.into.labels.nearest(label) and not equations.working(at, end):
            self.unknown(label, at)

    def equation(self, claim: Claim, tree: Tree, at: int) -> None:
        """Take in what a quantity equals, or an entry that is counted behind its step."""
        counted = self.into.labels.counted(claim.text)
        if self.into.labels.read(claim.text) is None and counted is not None:
            label, number = counted
            self.into.counted(Counted(label, (number,), tree, partial(self._there, at)))
        else:
            self.add((claim.text,), tree)

    def _there(self, at: int, position: object) -> Place:
        return self.place(position if isinstance(position, int) and position else at)

    def next(self, claim: Claim, equations: Line) -> int:
        """The position behind an equation: that of the next one on the line, or the next line."""
        later = equations.next(claim.begin + 1)
        return equations.end + 1 if later is None else later.begin

    def unread(self, claim: Claim, error: ProblemError, end: int) -> None:
        """Note what could not be read, if nothing else gives the quantity."""
        if self.prose and not DECIMAL.search(self.text, claim.value, end):
            return  # an equation in symbols
        label = self.label_of(claim.text)
        self.into.aside(label, f"{claim.text}: {error.what}", self.place, claim.begin)

    def label_of(self, text: str) -> Label:
        """What a name means under the heading that stands above it."""
        return self.into.labels.within((*self.heading, text))

    def cut(self, begin: int, end: int) -> tuple[int, int]:
        """Where what separates the next name from what stands before begins and ends."""
        k = bisect_right(self.breaks, begin, key=lambda found: found[1])
        if k < len(self.breaks) and self.breaks[k][1] < end:
            return max(begin, self.breaks[k][0]), self.breaks[k][1]
        return end, end

    def value(self, label: str, known: bool, begin: int, end: int, equations: Line) -> int:
        """Take in the value at a position; the position to go on at."""
        begin = self.reader.skip(LEADING, begin)
        try:
            tree, at = self.read(begin, end)
        except ProblemError as error:
            if known:
                self.add((label,), Leaf(self.text[begin:end].strip(), begin))
            elif self.text[begin : begin + 1] in ("{", "["):
                self.into.complain(error.what, self.place, begin)
            return self.text.find("\n", begin) + 1 or len(self.text)
        if known and equations.left(at, min(self.cut(begin, end)[0], at + ROOM)):
            self.add((label,), Leaf(self.text[begin : min(end, at + ROOM)].strip(), begin))
        elif label and not known and not isinstance(tree, Table):
            if not isinstance(tree, Leaf) or any(map(str.isdigit, tree.text)):
                self.unknown(label, begin)
        elif label:
            self.add((label,), tree)
        else:
            self.nameless(tree)
        return self.reader.skip(REST, at)

    def nameless(self, tree: Tree) -> None:
        """Take in a value without a name, under those that the caller knows for it."""
        paths = self.bare(self.count, tree)
        self.count += 1
        if len(paths) > 1 and isinstance(tree, Items) and len(tree.parts) == len(paths):
            for path, part in zip(paths, tree.parts, strict=True):
                self.add(path, part)
        else:
            self.add(paths[0] if len(paths) == 1 else (), tree)

    def read(self, begin: int, end: int) -> tuple[Tree, int]:
        """The value at a position, and the position behind it."""
        if self.text[begin : begin + 1] in ("{", "[", "("):
            return self.reader.value(begin)
        tree, at = self.reader.values(begin, self.cut(begin, end)[0])
        if tree == Items(()):
            raise ProblemError("no number stands here")
        return tree, at

    def add(self, names: Sequence[str], tree: Tree) -> None:
        """Take in a value under the heading that stands above it."""
        self.into.add(Piece((*self.heading, *names), tree, self.place))

    def unknown(self, label: str, at: int) -> None:
        """Complain of a name; in what programs print, only of one that is nearly right."""
        labels = self.into.labels
        factors = FACTORS.split(label)
        if not all(map(labels.given, factors)) and (self.into.strict or labels.nearest(label)):
            self.into.unknown(label, self.place, at)


def _breaks(text: str, begin: int, end: int) -> list[tuple[int, int]]:
    """What separates names from what stands before them on a line, from where to where."""
    found = (found.span() for found in BREAK.finditer(text, begin, end))
    return [span for span in found if span[1] < end and LETTER.match(text, span[1])]


def _names(tree: Tree, equations: Line) -> bool:
    """Whether a name of the problem stands in a value, as in (1 - z_1): an expression."""
    match tree:
        case Items(parts):
            return any(_names(part, equations) for part in parts)
        case Leaf(text):
            return text[:1].isalpha() and equations.known(text)
    return False
