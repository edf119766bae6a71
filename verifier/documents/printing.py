"""From a tree of blocks to a document of a format, or to a part of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from verifier.documents.blocks import Block, Page
from verifier.errors import DocumentError, MissingExtraError, VerifierError
from verifier.formats import Format
from verifier.report.render import fragment, rendered

Begun = Callable[[], str | bytes]
"""A document whose source is written: the call gives it, by a compiler where a format has one."""


def begun(page: Page, format: Format) -> Begun:
    """The document of a format up to what a compiler does."""
    source = rendered(page, format)
    return partial(format.compile, source, page.language) if format.compile else lambda: source


def printed(page: Page, format: Format) -> str | bytes:
    """The document of a format; a PDF and a Word document are bytes."""
    return begun(page, format)()


def in_formats(
    formats: Iterable[str],
    make: Callable[[str], str | bytes],
    lost: dict[str, VerifierError] | None = None,
) -> dict[str, str | bytes]:
    """A document in each of the formats.

    A format that this machine or language cannot make is an error; where there is `lost`, it goes
    there unless no format at all is made.
    """
    documents: dict[str, str | bytes] = {}
    for format in formats:
        try:
            documents[format] = make(format)
        except (DocumentError, MissingExtraError) as error:
            if lost is None:
                raise
            lost[format] = error
    if lost and not documents:
        raise next(iter(lost.values()))
    return documents


def part(blocks: Iterable[Block], format: Format) -> str:
    """A part of a host's document, which opens no section of it."""
    return tidied(fragment(tuple(blocks), format))


def tidied(text: str) -> str:
    """The text without spaces behind its lines, and with at most one blank line at a place."""
    lines = [line.rstrip() for line in text.strip("\n").splitlines()]
    kept = (line for k, line in enumerate(lines) if line or lines[k - 1])
    return "\n".join(kept)
