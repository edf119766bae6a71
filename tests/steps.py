"""Steps that a backtracking matcher takes over a pattern: Python's own parse, walked slowly.

Results come from the pattern itself; only what it costs is counted, so no clock is needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

KINDS: dict[Any, Callable[[str], bool]] = {
    op.CATEGORY_DIGIT: str.isdecimal,
    op.CATEGORY_SPACE: str.isspace,
    op.CATEGORY_WORD: lambda letter: letter.isalnum() or letter == "_",
    op.CATEGORY_NOT_DIGIT: lambda letter: not letter.isdecimal(),
    op.CATEGORY_NOT_SPACE: lambda letter: not letter.isspace(),
    op.CATEGORY_NOT_WORD: lambda letter: not (letter.isalnum() or letter == "_"),
}
SINGLE = (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN)
REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)


class Counted:
    """A pattern that counts the steps of its use in `count`, a list that all share."""

    def __init__(self, real: re.Pattern[str], count: list[int]) -> None:
        self.real, self.count = real, count
        self.tree = list(parser.parse(real.pattern, real.flags & ~re.UNICODE))
        self.folded = bool(real.flags & re.IGNORECASE)
        self.known: dict[tuple[Any, int, str], bool] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def match(self, text: str, at: int = 0, end: int | None = None) -> Any:
        self.walk(text, at, end, whole=False)
        return self.real.match(text, at, len(text) if end is None else end)

    def fullmatch(self, text: str, at: int = 0, end: int | None = None) -> Any:
        self.walk(text, at, end, whole=True)
        return self.real.fullmatch(text, at, len(text) if end is None else end)

    def search(self, text: str, at: int = 0, end: int | None = None) -> Any:
        found = self.real.search(text, at, len(text) if end is None else end)
        self.scan(text, at, found.start() + 1 if found else len(text) + 1, end)
        return found

    def finditer(self, text: str, at: int = 0, end: int | None = None) -> Any:
        for found in self.real.finditer(text, at, len(text) if end is None else end):
            self.scan(text, at, found.start() + 1, end)
            at = max(found.end(), found.start() + 1)
            yield found
        self.scan(text, at, len(text) + 1, end)

    def sub(self, new: Any, text: str) -> str:
        list(self.finditer(text))
        return self.real.sub(new, text)

    def scan(self, text: str, at: int, stop: int, end: int | None) -> None:
        for start in range(at, min(stop, len(text) if end is None else end)):
            self.walk(text, start, end, whole=False)

    def walk(self, text: str, at: int, end: int | None, *, whole: bool) -> None:
        self.text, self.end = text, len(text) if end is None else end
        for stop in self.ways(self.tree, 0, at):
            if not whole or stop == self.end:
                return

    def ways(self, nodes: Sequence[Any], k: int, at: int) -> Iterator[int]:
        """Every end that the nodes from k on can reach, in the order in which they are tried."""
        if k == len(nodes):
            yield at
            return
        for stop in self.node(*nodes[k], at):
            yield from self.ways(nodes, k + 1, stop)

    def node(self, kind: Any, what: Any, at: int) -> Iterator[int]:
        self.count[0] += 1
        if kind in SINGLE:
            if at < self.end and self.fits(kind, what, self.text[at]):
                yield at + 1
        elif kind in REPEATS:
            yield from self.repeat(kind, *what, at)
        elif kind in (op.SUBPATTERN, op.BRANCH):
            for branch in what[1] if kind is op.BRANCH else [what[3]]:
                yield from self.ways(branch, 0, at)
        elif kind is op.ATOMIC_GROUP:
            yield from (stop for stop, _ in zip(self.ways(what, 0, at), [0], strict=False))
        elif kind in (op.ASSERT, op.ASSERT_NOT):
            start = at if what[0] > 0 else at - what[1].getwidth()[0]
            seen = start >= 0 and next(self.ways(what[1], 0, start), None) is not None
            if seen == (kind is op.ASSERT):
                yield at
        elif self.stands(kind, what, at):
            yield at

    def stands(self, kind: Any, what: Any, at: int) -> bool:
        """Whether an anchor holds; that of a word's edge is taken to."""
        assert kind is op.AT, kind
        return at == {op.AT_END: self.end, op.AT_BEGINNING: 0}.get(what, at)

    def repeat(self, kind: Any, least: int, most: Any, part: Any, at: int) -> Iterator[int]:
        if len(part) == 1 and part[0][0] in SINGLE and kind is not op.MIN_REPEAT:
            stop = at
            while stop < self.end and stop - at < most and self.fits(*part[0], self.text[stop]):
                stop += 1
                self.count[0] += 1
            if stop - at >= least:
                last = stop if kind is op.POSSESSIVE_REPEAT else at + least
                for back in range(stop, last - 1, -1):
                    self.count[0] += 1
                    yield back
            return
        found = self.repeated(kind, least, most, part, at, 0)
        if kind is op.POSSESSIVE_REPEAT:
            yield from (stop for stop, _ in zip(found, [0], strict=False))
        else:
            yield from found

    def repeated(
        self, kind: Any, least: int, most: Any, part: Any, at: int, k: int
    ) -> Iterator[int]:
        if kind is op.MIN_REPEAT and k >= least:
            yield at
        if k < most:
            for stop in self.ways(part, 0, at):
                if stop > at or k < least:
                    yield from self.repeated(kind, least, most, part, stop, k + 1)
        if kind is not op.MIN_REPEAT and k >= least:
            yield at

    def fits(self, kind: Any, what: Any, letter: str) -> bool:
        key = (kind, what if isinstance(what, int) else id(what), letter)
        if key not in self.known:
            self.known[key] = self.found(kind, what, letter)
        return self.known[key]

    def found(self, kind: Any, what: Any, letter: str) -> bool:
        if kind is op.ANY:
            return letter != "\n"
        if kind is op.IN:
            turned = what[0][0] is op.NEGATE
            return turned != any(self.among(*part, letter) for part in what[turned:])
        return (kind is op.LITERAL) == self.among(op.LITERAL, what, letter)

    def among(self, kind: Any, what: Any, letter: str) -> bool:
        if kind is op.CATEGORY:
            return KINDS[what](letter)
        letters = {letter, letter.lower(), letter.upper()} if self.folded else {letter}
        if kind is op.RANGE:
            return any(len(c) == 1 and what[0] <= ord(c) <= what[1] for c in letters)
        return any(c == chr(what) for c in letters)
