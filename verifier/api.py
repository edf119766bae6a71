"""The Python interface: `load` a problem, `solve` it, `check` answers, write documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verifier import problem as plain
from verifier.check.model import Answers
from verifier.check.model import Checked as PlainChecked
from verifier.display import Displayed
from verifier.documents.pieces import Piece, parse, piece_text
from verifier.documents.solution import solution_text
from verifier.formats import Wrap
from verifier.report.selection import checked
from verifier.solution import Row as PlainRow
from verifier.solution import Solution as PlainSolution

if TYPE_CHECKING:
    from verifier.audit.findings import Findings
    from verifier.many import Many

__all__ = [
    "Answers",
    "Audit",
    "Checked",
    "Part",
    "Problem",
    "Row",
    "Solution",
    "check",
    "load",
    "loads",
    "own",
    "solve",
    "solve_many",
    "solve_stream",
]


class Problem(Displayed, plain.Problem):
    """A problem that notebooks show as it is posed: its equations, then its numbers."""

    def __repr__(self) -> str:
        return f"<Problem {(self.title or self.cell.title or self.stem)!r}, {self.steps} steps>"

    def to_markdown(self) -> str:
        """The equations and the given numbers as Markdown."""
        equations = piece_text(PlainSolution(self), "cell", "md", wrap="dollars")
        return f"{equations}\n\n{self._given('md')}"

    def html_fragment(self) -> str:
        """The equations and the given numbers as a part of an HTML page."""
        return f"{piece_text(PlainSolution(self), 'cell', 'html')}\n{self._given('html')}"

    def latex_fragment(self) -> str | None:
        """The equations and the given numbers as a part of a LaTeX document."""
        if self.texts.language == "zh":
            return None
        equations = piece_text(PlainSolution(self), "cell", "tex", wrap="brackets")
        return f"{equations}\n{self._given('tex')}"

    def _given(self, format: str) -> str:
        return piece_text(PlainSolution(self), "given", format)


class Shown(Displayed):
    """What a piece of a solution looks like."""

    solution: PlainSolution
    piece: Piece

    def to_markdown(self) -> str:
        """The piece as Markdown, its mathematics between dollar signs."""
        return piece_text(self.solution, self.piece, "md", wrap=self._wrap("dollars"))

    def html_fragment(self) -> str:
        """The piece as a part of an HTML page, with MathML."""
        return piece_text(self.solution, self.piece, "html")

    def latex_fragment(self) -> str | None:
        """The piece as a part of a LaTeX document."""
        if self.solution.problem.texts.language == "zh":
            return None
        return piece_text(self.solution, self.piece, "tex", wrap=self._wrap("brackets"))

    def _wrap(self, wrap: Wrap) -> Wrap:
        return wrap if self.piece.name or self.piece.kind == "cell" else "none"


class Row(Shown, PlainRow):
    """A row of a solution, which notebooks show as its digits."""

    @classmethod
    def of(cls, solution: PlainSolution, row: PlainRow) -> Row:
        """The row of a solution."""
        shown = cls(**{field.name: getattr(row, field.name) for field in fields(row)})
        object.__setattr__(shown, "solution", solution)
        object.__setattr__(shown, "piece", Piece("number", row.name, row.step, row.index))
        return shown

    def __eq__(self, other: object) -> bool:
        """Whether the other is a row of the same contents, of whichever solution."""
        if not isinstance(other, PlainRow):
            return NotImplemented
        return all(
            getattr(self, part.name) == getattr(other, part.name) for part in fields(PlainRow)
        )

    __hash__ = None  # type: ignore[assignment]


class Part(Shown):
    """A piece of a solution, such as a quantity at a step: its rows, and how it looks."""

    def __init__(self, solution: Solution, piece: Piece) -> None:
        self.piece = checked(solution.problem, piece)
        self.solution: Solution = self.piece.of(solution)

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows of the solution that this is about, those of one entry where one is named."""
        piece = self.piece
        return tuple(
            row
            for row in self.solution.rows
            if piece.step in (None, row.step)
            and piece.name in ("", row.name)
            and (piece.index in ((), row.index) or self.solution.problem.size(row.name) == 1)
        )

    @property
    def rounded(self) -> tuple[str | None, ...]:
        """The printed digits, entry by entry."""
        return tuple(row.rounded for row in self.rows)

    def __repr__(self) -> str:
        return piece_text(self.solution, self.piece, "txt")


class Solution(Displayed, PlainSolution):
    """A worked problem that writes itself; notebooks show its worked solution."""

    def __repr__(self) -> str:
        return f"<Solution of {self.problem!r}>"

    def to_markdown(self, digits: int = 0) -> str:
        """The worked solution as Markdown; with `digits`, every entry to so many figures too."""
        return solution_text(self, "md", digits)

    def to_latex(self, digits: int = 0) -> str:
        """The worked solution as a LaTeX document."""
        return solution_text(self, "tex", digits)

    def to_html(self, digits: int = 0) -> str:
        """The worked solution as an HTML page."""
        return solution_text(self, "html", digits)

    def to_json(self) -> str:
        """The rows as in the published schema."""
        return solution_text(self, "json")

    def check(self, answers: str | Path | Answers) -> tuple[Checked, ...]:
        """The verdicts on the answers in a file or folder, or on plain ones: one a person."""
        return check(self, answers)

    def audit(self, *floats: str, programs: Iterable[str] = ()) -> Audit:
        """The floating-point errors in each of the formats, all four when none is named.

        Sums are added in sequence; what `programs` (numpy, torch, onnxruntime) return is held to
        the bound for any order. Errors: VerifierError for an unknown format or program.
        """
        from verifier.arithmetic.ieee import Ieee
        from verifier.audit.whole import whole
        from verifier.models.layers import layers

        models = [Ieee(float) for float in dict.fromkeys(floats)]
        return Audit(whole(self, models, programs, layers=layers))

    def step(self, step: int) -> Part:
        """All quantities of a step; steps count from 1."""
        return Part(self, Piece("step", step=step))

    def quantity(self, name: str, step: int) -> Part:
        """A quantity at a step, shown as its chain."""
        return Part(self, Piece("chain", name, step))

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """One row an entry, step by step, in the order of the equations."""
        return tuple(Row.of(self, row) for row in super().rows)

    def part(self, text: str) -> Part | Row:
        """A piece by its compact form, such as "z@2:numbers" or "table"; of "s[2][1]", the row.

        What is given, such as "U_z[0,1]", has no row and is a part.
        """
        part = Part(self, parse(text))
        one = part.piece.kind == "number" and part.piece.step is not None
        rows = part.rows if one else ()
        return rows[0] if len(rows) == 1 else part

    def html_fragment(self) -> str:
        """The worked solution as a part of an HTML page."""
        return Part(self, Piece("solution")).html_fragment()

    def latex_fragment(self) -> str | None:
        """The worked solution as a part of a LaTeX document."""
        return Part(self, Piece("solution")).latex_fragment()


class Audit(Displayed):
    """The floating-point errors of a problem: `findings`, which notebooks show as a report."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings

    def __repr__(self) -> str:
        from verifier.report.audit.lines import terminal_lines

        return "\n".join(terminal_lines(self.findings))

    def to_markdown(self) -> str:
        """The report as Markdown."""
        return self._text("md")

    def html_fragment(self) -> str:
        """The report as a part of an HTML page, with the figure of drift."""
        return self._text("html")

    def latex_fragment(self) -> str | None:
        """The report as a part of a LaTeX document."""
        if self.findings.audit.solution.problem.texts.language == "zh":
            return None
        return self._text("tex")

    def _text(self, format: str) -> str:
        from verifier.documents.source import Source

        source = Source(self.findings.audit.solution, audited=self.findings)
        return piece_text(source, "audit", format)


class Checked(Displayed, PlainChecked):
    """The verdicts on one person's answers, which notebooks show as feedback."""

    problem: plain.Problem

    @classmethod
    def of(cls, problem: plain.Problem, checked: PlainChecked) -> Checked:
        """The verdicts with their reasons in the problem's language."""
        from verifier.report.feedback import explained
        from verifier.report.words import Words

        told = explained(problem, checked, Words(problem.texts.language))
        found = cls(**{field.name: getattr(told, field.name) for field in fields(told)})
        object.__setattr__(found, "problem", problem)
        return found

    def to_markdown(self) -> str:
        """The feedback as Markdown."""
        from verifier.documents.feedback import feedback_documents

        return str(feedback_documents(self.problem, self, ["md"])["md"])


def own(problem: plain.Problem) -> Problem:
    """The problem as one that shows itself."""
    return Problem(**{field.name: getattr(problem, field.name) for field in fields(problem)})


def load(path: str | Path) -> Problem:
    """The problem in a file; its name ends in .toml or .json.

    Errors: VerifierError that names the file, line and column.
    """
    return own(plain.load(path))


def loads(
    text: str, file: str = "<problem>.toml", folder: Path | None = None, stem: str = "problem"
) -> Problem:
    """The problem in a text; `folder` is where the files that it names are looked for."""
    return own(plain.loads(text, file, folder, stem))


def solve(
    problem: plain.Problem, *, exact: bool | None = None, policies: bool | None = None
) -> Solution:
    """The solution of a problem; `exact` and `policies` ask for what large problems go without."""
    return Solution(problem, exact, policies).computed()


def solve_many(problem: plain.Problem, data: Mapping[str, Any] | Any) -> Many:
    """A problem's cell over many sequences, which stand along the first axis of an array.

    `data` has an array for each input by its name, or is the array of the only one. `rows()` gives
    the rows of each sequence, `digits()` a tuple of digits for each; they are those that `solve`
    gives one by one. Errors: VerifierError for arrays that do not fit.
    """
    from verifier.many import solve_many as solved

    by_name = data if isinstance(data, Mapping) else dict.fromkeys(problem.inputs, data)
    return solved(problem, by_name)


def solve_stream(problem: plain.Problem, file: str | Path) -> Iterator[PlainRow]:
    """The rows of a problem's cell over one long sequence in a file, one after the other.

    The file is an array in .npy, a CSV or JSON Lines; it is read as rows are asked for. Errors:
    VerifierError for a problem that looks ahead; for what is wrong in the file, once it is reached.
    """
    from verifier.streams.files import opened
    from verifier.streams.walk import Walk
    from verifier.streams.walk import check as check_stream

    check_stream(problem)
    walk = Walk(problem, opened(Path(file), problem))
    return (row for solution in walk.solutions() for row in solution.each_row())


def check(
    problem: plain.Problem | PlainSolution, answers: str | Path | Answers
) -> tuple[Checked, ...]:
    """The verdicts on the answers in a file or folder, or on plain ones: one a person.

    `rows` has a row an entry with its reason in the problem's language, `findings` the mistakes,
    `answers.complaints` what could not be read. Errors: VerifierError for a path without answers.
    """
    from verifier.check.answers import read
    from verifier.check.engine import check as verdicts

    solution = problem if isinstance(problem, PlainSolution) else solve(problem)
    given = [answers] if isinstance(answers, Answers) else read(solution.problem, [Path(answers)])
    return tuple(Checked.of(solution.problem, verdicts(solution, one)) for one in given)
