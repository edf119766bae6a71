"""One family of errors: what is wrong, where it stands, and what would be accepted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A span of characters in a source text; lines and columns count from 1."""

    file: str
    line: int
    column: int
    text: str = ""
    width: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def picture(self) -> str:
        """The source line with carets under the span; empty when the text is not known."""
        if not self.text.strip():
            return ""
        number = str(self.line)
        start, shown = _window(_harmless(self.text.rstrip("\r\n")), self.column - 1)
        before = self.column - 1 - start
        carets = " " * before + "^" * max(1, min(self.width, len(shown) - before))
        return f"  {number} | {shown}\n  {' ' * len(number)} | {carets}"


def place_at(text: str, file: str, start: int, end: int) -> Place:
    """The place of the characters from `start` to `end` of a text; ends at the line's end."""
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", start)
    line = text[first : last if last >= 0 else len(text)].rstrip("\r")
    width = max(1, min(end - start, first + len(line) - start))
    return Place(file, text.count("\n", 0, first) + 1, start - first + 1, line, width)


def shown(value: object, limit: int = 40) -> str:
    """A value from a file as an error quotes it: short, on one line, whatever the value is."""
    if isinstance(value, dict | list | tuple):
        return "a list" if not isinstance(value, dict) else "a table"
    if isinstance(value, int) and value.bit_length() > 4 * limit:
        return "a number of very many digits"
    text = value if isinstance(value, str) else str(value)
    cut = text[:limit] + ("…" if len(text) > limit else "")
    return repr(cut) if type(value) is str else _harmless(cut)


def _harmless(text: str) -> str:
    """The text with a space for each tab, control character and half of a surrogate pair."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _window(text: str, column: int, width: int = 100) -> tuple[int, str]:
    start = max(0, column - width // 2) if len(text) > width else 0
    return start, text[start : start + width]


class VerifierError(Exception):
    """Input or a call that cannot be used; the command line ends with exit code 2."""

    def __init__(self, what: str, place: Place | None = None, accepted: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.place = place
        self.accepted = accepted

    def at(self, place: Place) -> VerifierError:
        """The same error, placed; an error that already has a place keeps it."""
        self.place = self.place or place
        return self

    def __str__(self) -> str:
        head = f"{self.place}: {self.what}" if self.place else self.what
        picture = self.place.picture() if self.place else ""
        accepted = f"accepted: {self.accepted}" if self.accepted else ""
        return "\n".join(part for part in (head, picture, accepted) if part)


class EquationError(VerifierError):
    """Equations that cannot be read, scheduled or given shapes.

    `about` holds the names in the term that does not fit, when one term is at fault.
    """

    about: tuple[str, ...] = ()


class ProblemError(VerifierError):
    """A problem file or its numbers that cannot be used."""


class OutOfDomainError(ArithmeticError):
    """A function of a number for which it has no value: the operation, and the entry's index.

    Of a range it is not `certain` that such a number is in it.
    """

    def __init__(self, operation: str, index: tuple[int, ...], certain: bool = True) -> None:
        super().__init__(operation)
        self.operation, self.index, self.certain = operation, index, certain


class DivisorError(ZeroDivisionError):
    """A divisor of zero: the entry's index among the divisors; of a range it is not `certain`."""

    def __init__(self, index: tuple[int, ...] = (), certain: bool = True) -> None:
        super().__init__("division by zero")
        self.index, self.certain = index, certain


class DocumentError(VerifierError):
    """A document that cannot be written."""


class LetterWarning(UserWarning):
    """Letters that a document leaves out, or shows as a code in brackets."""


def extra(name: str) -> str:
    """How to install one of the program's extras.

    >>> extra("docx")
    "the extra docx; in a clone: .venv/bin/pip install -e '.[docx]' (other ways: docs/install.md)"
    """
    install = f".venv/bin/pip install -e '.[{name}]'"
    return f"the extra {name}; in a clone: {install} (other ways: docs/install.md)"


def nearest(word: str, known: Iterable[str]) -> str:
    """A phrase that offers the known word nearest to `word`, or an empty text."""
    if len(word) > 100:  # comparing is slow, and nobody means a word of a thousand letters
        return ""
    import difflib  # of use to a mistyped word alone

    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"; did you mean {found[0]!r}?" if found else ""


class MissingExtraError(VerifierError):
    """Something that is not installed; the message says how to install it."""
