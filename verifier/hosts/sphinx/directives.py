"""The directives: whole solutions, pieces, sheets and audits."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.directives.patches import MathDirective
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from verifier.documents.pieces import Piece, label_of, parse, piece_text
from verifier.documents.source import Source
from verifier.errors import DocumentError, VerifierError
from verifier.formats import load
from verifier.hosts.sphinx.nodes import Folded, fault, formula, passage
from verifier.hosts.sphinx.problems import Changes, solution_of, source_of
from verifier.problem.settings import DETAILS
from verifier.report.selection import checked
from verifier.report.words import Words
from verifier.rounding import MODES, POLICIES
from verifier.solution import Solution

logger = logging.getLogger(__name__)

FORMATS = {"html": "html", "latex": "tex", "text": "txt"}
"""The formats of passages by the names that Sphinx's builders have for theirs."""


def _among(*known: str) -> Any:
    return lambda argument: directives.choice(argument, known)


ROUNDING = {
    "places": directives.nonnegative_int,
    "figures": directives.positive_int,
    "mode": _among(*MODES),
    "policy": _among(*POLICIES),
    "detail": _among(*DETAILS),
}
MADE_FROM = {"answers": directives.unchanged_required, "float": directives.unchanged_required}
FOLDING = {"open": directives.flag, "title": directives.unchanged}


class _Directive(SphinxDirective):
    """A directive of one problem; what goes wrong is a warning at its line, and no more."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        try:
            return self.made()
        except VerifierError as error:
            logger.warning("%s", error, location=self.get_location(), type="verifier")
            self.env.note_reread()
            return [fault(getattr(error, "public", error.what))]

    def made(self) -> list[nodes.Node]:
        """The nodes of the directive."""
        raise NotImplementedError

    def solved(self, name: str) -> Solution:
        """The solution of the problem that is named, rounded as the options say."""
        changes: Changes = tuple((k, v) for k, v in self.options.items() if k in ROUNDING)
        return solution_of(self.env, name, changes)

    def source(self, solution: Solution) -> Source:
        """What a piece is made from: with the answers and the formats that the options name."""
        return source_of(self.env, solution, self._listed("answers"), self._listed("float"))

    def _listed(self, option: str) -> list[str]:
        """What an option names, between commas or spaces."""
        return list(filter(None, re.split(r"[\s,]+", self.options.get(option, ""))))

    def passage(self, make: Callable[[str], str]) -> list[nodes.Node]:
        """What is made in each format; one that cannot be made fails where it is wanted only.

        Another builder that takes up the same documents finds the reason in the text.
        """
        texts: dict[str, str] = {}
        for host, format in FORMATS.items():
            try:
                texts[host] = _wide(make(format), format)
            except DocumentError as error:
                if host == self.env.app.builder.format:
                    raise
                texts[host] = load(format).escape(f"[verifier: {error.what}]")
        return passage(texts)

    def folded(self, solution: Solution, inner: list[nodes.Node]) -> list[nodes.Node]:
        """A part of a solution, shown, hidden or folded as the configuration says."""
        switch = self.config.verifier_solutions
        if switch != "collapse":
            return inner if switch == "show" else []
        title = self.options.get("title") or summary(solution)
        return [Folded("", *inner, summary=title, open="open" in self.options)]


class Worked(_Directive):
    """`verifier-solution PROBLEM`: the worked solution, foldable."""

    option_spec: ClassVar[Any] = ROUNDING | FOLDING

    def made(self) -> list[nodes.Node]:
        solution = self.solved(self.arguments[0])
        if not solution.complete:
            what = "some entries are undecided; see the notes on rounding"
            logger.warning(what, location=self.get_location(), type="verifier")
        return self.folded(solution, self.passage(partial(piece_text, solution, Piece("solution"))))


class Sheet(_Directive):
    """`verifier-sheet PROBLEM`: the question, with blanks for the answers."""

    option_spec: ClassVar[Any] = ROUNDING

    def made(self) -> list[nodes.Node]:
        return self.passage(partial(piece_text, self.solved(self.arguments[0]), Piece("sheet")))


class PieceDirective(_Directive, MathDirective):
    """`verifier-piece PROBLEM PIECE`: one piece, such as `hw10 z@2:numbers`.

    With `label`, mathematics is numbered, under the given label or the piece's stable one.
    """

    option_spec: ClassVar[Any] = {
        **ROUNDING,
        **FOLDING,
        **MADE_FROM,
        "label": directives.unchanged,
        "solution": directives.flag,
    }
    required_arguments = 2

    def made(self) -> list[nodes.Node]:
        solution = self.solved(self.arguments[0])
        piece = checked(solution.problem, parse(self.arguments[1]))
        if piece.name or piece.kind == "cell":
            made = self.formula(solution, piece)
        elif "label" in self.options:
            raise DocumentError(f"{piece} is not numbered", accepted="a label for mathematics only")
        elif piece.kind == "slides":
            raise DocumentError("slides in a page", accepted="another piece, such as solution")
        else:
            made = self.passage(partial(piece_text, self.source(solution), piece))
        return self.folded(solution, made) if "solution" in self.options else made

    def formula(self, solution: Solution, piece: Piece) -> list[nodes.Node]:
        """The mathematics, and the target that references to its number go to."""
        node = formula(solution, piece)
        node["docname"] = self.env.docname
        if "label" in self.options:
            node["label"] = self.options["label"] or label_of(self.short(solution), piece)
        node["no-wrap"] = node["nowrap"] = False
        self.set_source_info(node)
        made: list[nodes.Node] = [node]
        self.add_target(made)
        return made

    def short(self, solution: Solution) -> str:
        """The name of the problem in labels: that of the configuration, else that of its file."""
        name: str = self.arguments[0]
        return name if name in self.config.verifier_problems else solution.problem.stem


class Audit(_Directive):
    """`verifier-audit PROBLEM`: how far floating-point formats are from the true values."""

    option_spec: ClassVar[Any] = ROUNDING | {"float": directives.unchanged_required}

    def made(self) -> list[nodes.Node]:
        source = self.source(self.solved(self.arguments[0]))
        return self.passage(partial(piece_text, source, Piece("audit")))


def summary(solution: Solution) -> str:
    """What stands on a solution that is folded."""
    problem = solution.problem
    title = problem.title or problem.cell.title or problem.stem
    return Words(problem.texts.language).text("solution.title", title=title)


def _wide(text: str, format: str) -> str:
    """The text; in HTML in a box of its own, which scrolls where it is too wide."""
    if format != "html":
        return text
    return f'<div class="verifier verifier-wide">\n{text}\n</div>'
