"""What documents can be written in, and how: each format is a file of this folder.

A file holds `FORMAT`: its escape, its printer, what compiles it. Which formats there are is read
from the folder, so that a new one is one file and its templates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from verifier.notation.printer import Printer

NAMES = tuple(sorted(p.stem for p in Path(__file__).parent.glob("*.py") if p.stem[0] != "_"))
"""The formats of documents; json is no format but a contract, which some kinds of document have."""

SOLVED = ("md", "tex", "pdf")
"""What `solve` makes unless it is told otherwise, as far as the machine can."""

STREAMED = ("jsonl", "csv")
"""What the rows of a stream are written as."""

Engine = Literal["typst", "latex"]
ENGINES: tuple[Engine, ...] = get_args(Engine)

Blank = Literal["table", "lines", "none"]
BLANKS: tuple[Blank, ...] = get_args(Blank)

Wrap = Literal["none", "dollars", "brackets", "equation", "align", "quarto", "myst"]
WRAPS: tuple[Wrap, ...] = get_args(Wrap)
"""What stands around a piece of mathematics in notes; the last two number it in the host's way."""

OF_A_NUMBER: tuple[Wrap, ...] = ("none", "dollars", "brackets")
"""What may stand around a single number."""


@dataclass(frozen=True)
class Frame:
    """What stands around a piece: {body}, {spoken} and {label} are filled in.

    `rows` says that the frame itself parts lines; else several are aligned within it.
    """

    shown: str = "{body}"
    numbered: str = ""  # with a label
    inline: str = ""  # around a single number
    rows: bool = False


@dataclass(frozen=True, eq=False)
class Format:
    """A document format; `width` is how many digits fit on a line of mathematics."""

    name: str
    folder: str  # of templates
    extension: str  # of templates
    printer: Printer
    width: int
    escape: Callable[[str], str]
    inline: str = "${}$"
    quote: Callable[[str], str] = str  # escapes text between quotes
    speaks: bool = False  # whether mathematics carries its spoken words
    facts: bool = False  # whether numbers carry what is known of them
    between: str = "\n\n"  # two blocks
    beside: str = "\n\n"  # a sentence and the mathematics that it introduces
    wraps: Mapping[Wrap, Frame] = field(default_factory=dict)  # none: no format of pieces
    without: frozenset[str] = frozenset()  # languages that it has no letters for
    in_line: Callable[[str], str] = str  # mathematics that stands within a line of the host's
    compile: Callable[[str, str], bytes] | None = None  # source and language to a document
    ending: str = ""  # of files, where it is not the name

    @property
    def suffix(self) -> str:
        """What the names of its files end in."""
        return self.ending or self.name


@cache
def load(name: str, engine: Engine = "typst") -> Format:
    """The format of a name; what it needs is imported only now."""
    found: Any = import_module(f"verifier.formats.{name}").FORMAT
    return found if isinstance(found, Format) else found[engine]


@lru_cache(maxsize=64)
def in_width(format: Format, width: int) -> Format:
    """The format with lines of so many digits; one object each, as templates are made ready by."""
    return replace(format, width=width)


def suffix_of(name: str) -> str:
    """What the names of files of a format end in; a contract's or a picture's is its name."""
    return load(name).suffix if name in NAMES else name


PIECES = {name: name for name in NAMES} | {"md": "pandoc", "gfm": "md"}
"""The formats of pieces for notes: `md` is that of pandoc, Quarto, MyST and Jupyter; GitHub needs
another, which these cannot read."""

NOT_IN_NOTES = ("pdf", "docx")


def piece_formats() -> tuple[str, ...]:
    """The names of the formats that pieces can be written in."""
    return tuple(name for name in PIECES if name not in NOT_IN_NOTES)


def wraps_of(name: str) -> tuple[Wrap, ...]:
    """What a format of pieces knows to put around them."""
    return tuple(load(PIECES[name]).wraps)
