"""Documents: view data, templates, and the files they become."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from verifier.cells import Cell
from verifier.check.fair import Fairness
from verifier.check.model import Checked
from verifier.derive.chain import Chains, chains
from verifier.errors import DocumentError
from verifier.formats import Blank, Engine
from verifier.language.operations import Shape
from verifier.problem import Problem
from verifier.report.classroom import classroom
from verifier.report.contract import solution_json
from verifier.report.derivation import PLAIN, Derivation, Parts, derivation
from verifier.report.fair import Report, fairness_json, report
from verifier.report.feedback import Feedback, feedback
from verifier.report.means import means
from verifier.report.render import render
from verifier.report.sheet import Sheet, sheet
from verifier.report.style import STYLES, Style
from verifier.report.view import Document, document
from verifier.report.words import Words
from verifier.solution import Solution


def solution_documents(
    solution: Solution, formats: Iterable[str], digits: int = 0, engine: Engine = "typst"
) -> dict[str, str | bytes]:
    """The worked solution in each of the formats of `verifier.formats`; a PDF is bytes.

    With `digits`, all but json show every entry to so many significant digits as well.
    """
    made: dict[str, str | bytes] = {}
    worked: Chains = {}
    for format in formats:
        if format == "json":
            made[format] = solution_json(solution)
            continue
        worked = worked or chains(solution)
        style, words = means(solution.problem.texts.language, format, engine)
        view = document(solution, worked, style, words, digits)
        made[format] = _made("solution", format, style, view)
    return made


def sheet_documents(
    problem: Problem,
    formats: Iterable[str],
    blank: Blank = "table",
    engine: Engine = "typst",
) -> dict[str, str | bytes]:
    """The question sheet in each of the formats but json, with blanks to fill in."""
    made: dict[str, str | bytes] = {}
    for format in formats:
        style, words = means(problem.texts.language, format, engine)
        made[format] = _made("sheet", format, style, sheet(problem, style, words, blank))
    return made


def _made(
    template: str,
    format: str,
    style: Style,
    view: Document | Sheet | Derivation | Feedback | Report,
) -> str | bytes:
    return compiled(render(template, style, **vars(view)), format, style, view.words)


def compiled(source: str, format: str, style: Style, words: Words) -> str | bytes:
    """The document that a source gives; what compiles it is imported only when it is wanted."""
    if format == "docx":
        from verifier.report.docx import docx

        return docx(source, words.language)
    if format != "pdf":
        return source
    if style is STYLES["tex"]:
        from verifier.report.latex import latex_pdf

        return latex_pdf(source)
    from verifier.report.pdf import pdf

    return pdf(source, words.language)


def feedback_documents(
    problem: Problem, checked: Checked, formats: Iterable[str], engine: Engine = "typst"
) -> dict[str, str | bytes]:
    """The feedback to one person in each of the formats; not json, which is of all people."""
    made: dict[str, str | bytes] = {}
    for format in formats:
        style, words = means(problem.texts.language, format, engine)
        made[format] = _made("feedback", format, style, feedback(problem, checked, style, words))
    return made


def fairness_documents(
    problem: Problem, found: Fairness, formats: Iterable[str], engine: Engine = "typst"
) -> dict[str, str | bytes]:
    """The report on a question in each of the formats of `FAIRNESS_FORMATS`; a PDF is bytes."""
    made: dict[str, str | bytes] = {}
    for format in formats:
        if format == "json":
            made[format] = fairness_json(problem, found)
            continue
        style, words = means(problem.texts.language, format, engine)
        made[format] = _made("fairness", format, style, report(problem, found, style, words))
    return made


def class_page(problem: Problem, everyone: Sequence[Checked], links: Sequence[str] = ()) -> str:
    """The table of a class as a page; `links` are the people's own pages."""
    style, words = means(problem.texts.language, "html", "typst")
    return render("class", style, **vars(classroom(problem, everyone, style, words, links)))


def solution_text(solution: Solution, format: str, digits: int = 0) -> str:
    """The worked solution in one of the text formats.

    Errors: DocumentError for a format that is not text.
    """
    text = solution_documents(solution, [format], digits)[format]
    if isinstance(text, bytes):
        raise DocumentError(f"{format} is no text", accepted="md, tex, html, typ or json")
    return text


def derivation_documents(
    cell: Cell,
    shapes: Mapping[str, Shape],
    formats: Iterable[str],
    parts: Parts = PLAIN,
    language: str = "en",
    engine: Engine = "typst",
) -> dict[str, str | bytes]:
    """The general derivation of a cell in each of the formats of DERIVED; a PDF is bytes.

    Errors: VerifierError where a part would be too long, or a format has no letters for a language.
    """
    made: dict[str, str | bytes] = {}
    for format in formats:
        style, words = means(language, format, engine)
        view = derivation(cell, shapes, style, words, parts)
        made[format] = _made("derivation", format, style, view)
    return made


def derivation_text(cell: Cell, shapes: Mapping[str, Shape], format: str) -> str:
    """The general derivation of a cell, entry by entry, in a text format."""
    text = derivation_documents(cell, shapes, [format])[format]
    assert isinstance(text, str)
    return text
