"""What a document is written with: its format and the words of its language."""

from __future__ import annotations

from verifier.errors import DocumentError
from verifier.formats import Engine, Format, load
from verifier.problem import Problem
from verifier.report.words import Words


def means_for(problem: Problem, format: str, engine: Engine = "typst") -> tuple[Format, Words]:
    """The format of a name and the words for a problem's documents. Errors: see `means`."""
    style, _ = means(problem.texts.language, format, engine)
    return style, words_of(problem)


def words_of(problem: Problem) -> Words:
    """The words for a problem's documents."""
    return Words(problem.texts.language, "" if problem.backward is None else "backward")


def means(language: str, format: str, engine: Engine = "typst") -> tuple[Format, Words]:
    """The format of a name and the words of a language.

    Errors: DocumentError for a language that the format has no letters for.
    """
    found = load(format, engine)
    if language in found.without:
        raise DocumentError(
            "LaTeX documents in Chinese are not made",
            accepted="another format (pdf through typst has Chinese), or another language",
        )
    return found, Words(language)
