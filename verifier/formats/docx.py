"""Word documents, through pandoc: equations arrive as native Word equations."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from verifier.errors import DocumentError, MissingExtraError, extra
from verifier.formats import pandoc
from verifier.notation.latex import Aligned, LatexPrinter


def docx(source: str, language: str) -> bytes:
    """The document of a Markdown source with LaTeX mathematics.

    Errors: MissingExtraError when pandoc is not installed, DocumentError when it fails.
    """
    try:
        import pypandoc
    except ImportError:
        raise _missing() from None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "document.docx"
        try:
            pypandoc.convert_text(
                source,
                "docx",
                format="markdown-raw_tex-raw_html-yaml_metadata_block",
                outputfile=str(path),
                extra_args=["--metadata", f"lang={language}", "--sandbox"],
            )
        except OSError:
            raise _missing() from None
        except RuntimeError as error:
            raise DocumentError(f"pandoc failed: {str(error)[:300]}") from None
        return path.read_bytes()


def _missing() -> MissingExtraError:
    return MissingExtraError("docx needs pandoc", accepted=extra("docx"))


EMPTY = "\\text{\u200b}"
"""An operand that nobody sees: LibreOffice shows a relation without one as an error."""

ALIGNED = Aligned(r"\begin{array}{ll}", EMPTY, "& " + EMPTY, r"\end{array}")
"""A matrix: LibreOffice knows no other alignment of equations."""


class WordPrinter(LatexPrinter):
    """LaTeX for equations of Word, whose spaces LibreOffice shows in a text alone."""

    def gap(self) -> str:
        return "\\text{\N{NO-BREAK SPACE}\N{EM SPACE}\N{EM SPACE}\N{NO-BREAK SPACE}}"


FORMAT = replace(
    pandoc.FORMAT,
    name="docx",
    printer=WordPrinter(aligned=ALIGNED),
    compile=docx,
    wraps={},
    ending="",
)
