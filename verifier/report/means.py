"""What a document is written with: the style of its format and the words of its language."""

from __future__ import annotations

from verifier.errors import DocumentError
from verifier.formats import Engine
from verifier.report.style import STYLES, Style
from verifier.report.words import Words


def means(language: str, format: str, engine: Engine = "typst") -> tuple[Style, Words]:
    """The style of a format and the words of a language.

    Errors: DocumentError for a language that the format has no letters for.
    """
    source = {"pdf": {"typst": "typ", "latex": "tex"}[engine]}.get(format, format)
    if source == "tex" and language == "zh":
        raise DocumentError(
            "LaTeX documents in Chinese are not made",
            accepted="another format (pdf through typst has Chinese), or another language",
        )
    return STYLES[source], Words(language)
