"""From a tree of blocks to a document of a format."""

from __future__ import annotations

from verifier.documents.blocks import Page
from verifier.formats import Format
from verifier.report.render import rendered


def printed(page: Page, format: Format) -> str | bytes:
    """The document of a format; a PDF and a Word document are bytes."""
    source = rendered(page, format)
    return format.compile(source, page.language) if format.compile else source
