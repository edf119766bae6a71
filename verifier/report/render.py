"""A tree of blocks and the templates of a format give a document.

A format has three templates: `page` frames a document, `blocks` has a macro for each kind of
block, `inline` one for each kind of what stands out in a line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Protocol

from jinja2 import Environment
from markupsafe import Markup

from verifier.formats import Format
from verifier.markup import Inline, Math, Svg
from verifier.report.scribe import Line
from verifier.report.templating import FILTERS, environment, prepared, templates


class Block(Protocol):
    """A part of a document, of a kind that templates have a macro for."""

    @property
    def kind(self) -> str:
        """The name of the macro."""

    @property
    def opened(self) -> Sequence[Block]:
        """What stands for it where a format has no such macro."""


class Page(Protocol):
    """A document."""

    @property
    def blocks(self) -> Sequence[Block]:
        """What it is made of."""


def rendered(page: Page, format: Format) -> str:
    """The source of a document in a format."""
    jinja = _environment(format)
    template = jinja.get_template(f"page.{format.extension}.j2")
    return template.render(page=page, body=jinja.filters["blocks"](page.blocks))


def body(blocks: Sequence[Block], format: Format) -> str:
    """Blocks as a part of a page of our own, with what one can act on."""
    return str(_environment(format).filters["blocks"](blocks))


def fragment(blocks: Sequence[Block], format: Format) -> str:
    """Blocks as a part of a host's document, in which no heading opens a section."""
    return str(_environment(format, inner=True).filters["blocks"](blocks))


def formula(macro: str, format: Format, *values: Any) -> str:
    """What a macro of the template `inline` makes of lines of mathematics."""
    return str(getattr(_macros(_environment(format, inner=True), "inline", format), macro)(*values))


def framed(format: Format, part: Math) -> str:
    """Mathematics between the format's signs."""
    frame = format.inline.replace("{spoken}", format.quote(part.spoken))
    return frame.replace("{}", str(part))


def _macros(jinja: Environment, name: str, format: Format) -> Any:
    return jinja.get_template(f"{name}.{format.extension}.j2").module


@lru_cache
def _environment(format: Format, inner: bool = False) -> Environment:
    """Jinja with the format's own escaping."""

    def finalize(value: Any) -> Any:
        if isinstance(value, Math | Svg):
            return Markup(str(value))
        return value if hasattr(value, "__html__") else Markup(format.escape(str(value)))

    def inline(part: Any) -> str:
        return str(getattr(_macros(made, "inline", format), part.kind)(part))

    def blocks(own: Sequence[Block]) -> Markup:
        return _laid(own, format, made)

    filters = _Filters(format, inline, blocks).table()
    made = environment(prepared(templates() / format.folder), finalize, filters)
    made.globals["newline"] = Markup(getattr(format.printer, "newline", "").strip())
    made.globals["aligned"] = [Markup(part) for part in getattr(format.printer, "aligned", ())]
    made.globals["inner"] = inner
    return made


def _laid(blocks: Sequence[Block], format: Format, jinja: Environment) -> Markup:
    """Blocks below each other."""
    macros = _macros(jinja, "blocks", format)
    text, before = "", ""
    for block in _known(blocks, macros):
        own = str(getattr(macros, block.kind)(block)).strip("\n")
        if own:
            text += _between(before, block, format) + own if text else own
            before = block.kind
    return Markup(text)


def _known(blocks: Iterable[Block], macros: Any) -> Iterator[Block]:
    """The blocks that a format has macros for, in place of others what these hold."""
    for block in blocks:
        if hasattr(macros, block.kind):
            yield block
        else:
            yield from _known(block.opened, macros)


def _between(before: str, block: Block, format: Format) -> str:
    """What parts two blocks: a display belongs to the sentences around it."""
    pair = before, block.kind
    leads = pair == ("display", "paragraph") and getattr(block, "lead", False)
    return format.beside if pair == ("paragraph", "display") or leads else format.between


@dataclass(frozen=True)
class _Filters:
    """The filters by name; `shown` is the markup of what stands out in a line."""

    format: Format
    shown: Callable[[Any], str]
    blocks: Callable[..., Markup]

    def table(self) -> dict[str, Callable[..., Any]]:
        """What templates may ask of a piece of view data."""
        return {name: getattr(self, name) for name in FILTERS}

    def quoted(self, text: str) -> Markup:
        """The text as it stands between quotes."""
        return Markup(self.format.quote(text))

    def math(self, part: Math) -> Markup:
        """Mathematics between the format's signs."""
        return Markup(framed(self.format, part))

    def prose(self, parts: Inline) -> Markup:
        """A sentence with its mathematics, and with what stands out in it."""
        return Markup("").join(map(self._inline, parts))

    def _inline(self, part: Any) -> Markup:
        if isinstance(part, str):
            return self.math(part) if isinstance(part, Math) else Markup(self.format.escape(part))
        return Markup(self.shown(part))

    def spoken(self, lines: Iterable[Line]) -> Markup:
        """The alternative text of lines of mathematics."""
        return self.quoted("; ".join(line.spoken for line in lines))

    @staticmethod
    def even(lines: Sequence[Line]) -> list[Line]:
        """Lines of plain text, relations below each other."""
        wide = max(len(line.left) for line in lines)
        return [replace(line, left=Math(line.left.ljust(wide))) for line in lines]

    @staticmethod
    def verbatim(number: float) -> Markup:
        """A number of the layout, which is no text."""
        return Markup(str(number))

    @staticmethod
    def plain(parts: Inline) -> str:
        """A sentence as a label: mathematics as it is spoken."""
        return "".join(p.spoken if isinstance(p, Math) else str(p) for p in parts)
