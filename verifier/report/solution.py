"""The worked solution as documents."""

from __future__ import annotations

from collections.abc import Iterable

from verifier.derive.chain import Chains, chains
from verifier.errors import DocumentError
from verifier.formats import Engine
from verifier.report.contract import solution_json
from verifier.report.documents import made
from verifier.report.means import means
from verifier.report.view import document
from verifier.solution import Solution


def solution_documents(
    solution: Solution, formats: Iterable[str], digits: int = 0, engine: Engine = "typst"
) -> dict[str, str | bytes]:
    """The worked solution in each of the formats of `verifier.formats`; a PDF is bytes.

    With `digits`, all but json show every entry to so many significant digits as well.
    """
    documents: dict[str, str | bytes] = {}
    worked: Chains = {}
    for format in formats:
        if format == "json":
            documents[format] = solution_json(solution)
            continue
        worked = worked or chains(solution)
        style, words = means(solution.problem.texts.language, format, engine)
        view = document(solution, worked, style, words, digits)
        documents[format] = made("solution", format, style, view)
    return documents


def solution_text(solution: Solution, format: str, digits: int = 0) -> str:
    """The worked solution in one of the text formats.

    Errors: DocumentError for a format that is not text.
    """
    text = solution_documents(solution, [format], digits)[format]
    if isinstance(text, bytes):
        raise DocumentError(f"{format} is no text", accepted="md, tex, html, typ or json")
    return text
