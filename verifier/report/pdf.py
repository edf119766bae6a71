"""PDF from a Typst source: tagged, valid PDF/UA-1, and the same bytes on every run."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import typst

from verifier.errors import DocumentError

STANDARD = "ua-1"


def pdf(source: str) -> bytes:
    """The compiled document. Embedded fonts are used; others only for scripts that they lack.

    Errors: DocumentError when no font on the machine has a letter of the text.
    """
    compiler = _compiler(_needs_more_fonts(source))
    try:
        compiled: bytes = compiler.compile(
            source.encode(), format="pdf", pdf_standards=[STANDARD], timestamp=0
        )
    except typst.TypstError as error:
        raise DocumentError(
            f"the PDF cannot be made: {error.message}", accepted=_advice(error)
        ) from None
    return compiled


@lru_cache
def _compiler(system_fonts: bool) -> Any:
    """A warm compiler; it keeps what documents share, and nothing is read from files."""
    return typst.Compiler(ignore_system_fonts=not system_fonts)


def _needs_more_fonts(source: str) -> bool:
    return re.search(r"[\u0590-\u1cff\u2e80-\U000fffff]", source) is not None


def _advice(error: Any) -> str:
    if "could not be displayed" in error.message:
        return "an installed font that has the letter, such as Debian's fonts-noto-cjk"
    return "a document that Typst can set; please report this one"
