"""What a program prints, or a person types: lines such as `z_1 = 0.5381`, under `Step 1` or not.

Of a chain such as `z_1 = σ(0.1525) = 0.5381` the last value counts.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence

from verifier import effort
from verifier.check.answers.collect import Collector, Locate
from verifier.check.answers.grammar import Items, Leaf, Piece, Reader, Table, Tree
from verifier.errors import ProblemError

_AROUND = r"[\s\-=*#>_.:;,|\[\]()$]*+"
_STEP = r"(?:time[\s_]?step|step|zeitschritt|schritt|t)\s*+(?:[=:_]\s*+)?\d{1,9}"
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
LETTER = re.compile(r"[^\W\d]")
SIGN = re.compile(r"(?<!dtype)(?<!device)(?<!grad_fn)(?<!requires_grad)(?<!shape)[=≈]")
"""What stands between the links of a chain; not in tensor(0.5, grad_fn=<TanhBackward0>)."""
PLAIN = re.compile(r"[\s\d.,;…\[\]()eE+\-−$≈~/]*+")
DECIMAL = re.compile(r"\d[.,]\d")
LEADING = re.compile(r"[\s$]*+")
REST = re.compile(r"[ \t$.,;]*+(?:\n|$)")

Bare = Callable[[int, Tree], Sequence[Sequence[str]]]
"""The names of a value that stands without one, by its number: a path, or one for each part."""


def add_prints(text: str, place: Locate, into: Collector, bare: Bare | None = None) -> None:
    """Take in what a text says, line by line; `bare` names the values that stand without a name."""
    _Prints(text, place, into, bare or (lambda count, tree: ())).run()


class _Prints:
    def __init__(self, text: str, place: Locate, into: Collector, bare: Bare) -> None:
        self.text, self.place, self.into, self.bare = text, place, into, bare
        self.reader = Reader(text)
        self.heading: tuple[str, ...] = ()
        self.count = 0
        self.breaks: list[tuple[int, int]] = []
        self.signs: list[int] = []

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
            self.breaks, self.signs = _breaks(self.text, at, end), _signs(self.text, at, end)
            while at <= end:
                at = self.line(at, end)

    def line(self, at: int, end: int) -> int:
        """Take in what stands next on a line; the position to go on at."""
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
            return stepped.end()
        label, begin = self.label(at, end)
        if begin < 0:
            if self.into.strict and DECIMAL.search(self.text, at, end):
                self.into.complain("no quantity is named before this number", self.place, at)
            return end + 1
        known = self.into.labels.read(label) if label else None
        if known is not None and known.name is not None:
            begin, end = self.last(begin, end)
        return self.value(label, known is not None, begin, end)

    def label(self, at: int, end: int) -> tuple[str, int]:
        """The name at a position and where its value begins; -1 where there is no value."""
        for pattern in (LABEL, WORDED):
            found = pattern.match(self.text, at, end)
            label = found["label"].strip() if found else ""
            if found and (pattern is LABEL or self.into.labels.read(label) is not None):
                return label, found.end()
        bare = BARE.match(self.text, at, end)
        return ("", bare.end()) if bare else ("", -1)

    def last(self, begin: int, end: int) -> tuple[int, int]:
        """Where the last value of a chain begins, and where the next name on the line stands."""
        start = begin
        for k in range(bisect_left(self.signs, begin), len(self.signs)):
            sign = self.signs[k]
            cut, name = self.cut(start, sign)
            if name < sign and PLAIN.fullmatch(self.text, start, cut):
                known = self.into.labels.read(self.text[name:sign].strip(" $"))
                if known is not None and known.name is not None:
                    return start, cut
            start = sign + 1
        return start, end

    def cut(self, begin: int, end: int) -> tuple[int, int]:
        """Where what separates the next name from what stands before begins and ends."""
        k = bisect_right(self.breaks, begin, key=lambda found: found[1])
        if k < len(self.breaks) and self.breaks[k][1] < end:
            return max(begin, self.breaks[k][0]), self.breaks[k][1]
        return end, end

    def value(self, label: str, known: bool, begin: int, end: int) -> int:
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
        if label and not known and not isinstance(tree, Table):
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
        if not labels.given(label) and (self.into.strict or labels.nearest(label)):
            self.into.unknown(label, self.place, at)


def _breaks(text: str, begin: int, end: int) -> list[tuple[int, int]]:
    """What separates names from what stands before them on a line, from where to where."""
    found = (found.span() for found in BREAK.finditer(text, begin, end))
    return [span for span in found if span[1] < end and LETTER.match(text, span[1])]


def _signs(text: str, begin: int, end: int) -> list[int]:
    return [found.start() for found in SIGN.finditer(text, begin, end)]
