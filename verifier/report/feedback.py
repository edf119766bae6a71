"""View data of the feedback to one person: the score, every number's verdict, and what happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import get_args

from verifier.check.model import Checked, Complaint, Finding, Row, Verdict
from verifier.check.scores import points_text, score
from verifier.formats import Format, load
from verifier.language.tree import Call, Equation, Expression, Name, Number
from verifier.notation.paper import on_paper
from verifier.problem import Problem
from verifier.report.head import footer, rules, titled
from verifier.report.reasons import Reasons
from verifier.report.scribe import Line, Scribe
from verifier.report.words import Math, Prose, Words
from verifier.rounding import Rounding, exponent, scaled

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
MOST_ROWS = 300
MOST_ENTRIES = 6
MOST_DIGITS = 5


@dataclass(frozen=True)
class RowView:
    """One entry of the table; `first` marks where things first go wrong."""

    step: int
    symbol: Math
    given: str
    expected: str
    verdict: Verdict
    word: str
    because: str
    first: bool


@dataclass(frozen=True)
class FindingView:
    """A mistake that was found: what it is, what it explains, and both equations."""

    heading: str
    help: tuple[str, ...]
    where: Prose
    used: tuple[Line, ...]
    right: tuple[Line, ...]
    notes: tuple[Prose, ...]


@dataclass(frozen=True)
class Feedback:
    """What one person reads."""

    title: str
    byline: Prose
    score: str
    counts: tuple[str, ...]
    says: tuple[Prose, ...]
    findings: tuple[FindingView, ...]
    rows: tuple[RowView, ...]
    more: str
    unread: tuple[str, ...]
    rule: tuple[Prose, ...]
    footer: Prose
    words: Words


def explained(problem: Problem, checked: Checked, words: Words) -> Checked:
    """The verdicts with their reasons as sentences of a language."""
    reasons = Reasons(checked, Scribe(problem, load("md"), words))
    rows = tuple(replace(row, because=reasons.because(row)) for row in checked.rows)
    return replace(checked, rows=rows)


def feedback(problem: Problem, checked: Checked, style: Format, words: Words) -> Feedback:
    """The view data for one person in a format."""
    scribe = Scribe(problem, style, words)
    reasons = Reasons(checked, scribe)
    rows, more = _listed(checked)
    return Feedback(
        title=words.text("check.title", title=titled(scribe)),
        byline=_byline(checked, words),
        score=_score(problem, checked, scribe),
        counts=tuple(_counts(checked, words)),
        says=tuple(_says(checked, reasons)),
        findings=tuple(_finding(found, reasons) for found in checked.findings),
        rows=tuple(_row(row, checked, reasons) for row in rows),
        more=words.text(more, len(checked.rows) - len(rows)) if more else "",
        unread=tuple(_unread(c, words) for c in checked.answers.complaints),
        rule=rules(scribe),
        footer=footer(scribe),
        words=words,
    )


def _byline(checked: Checked, words: Words) -> Prose:
    file = Path(checked.answers.file).name
    return words("check.person", person=checked.answers.person, file=file)


def _score(problem: Problem, checked: Checked, scribe: Scribe) -> str:
    if not checked.judged:
        return scribe.words.text("check.unjudged")
    found = score(problem, checked)
    points, most = (scribe.plain_number(points_text(n)) for n in (found.points, found.most))
    return scribe.words.text("check.score", points=points, most=most)


def counts(checked: Checked) -> dict[Verdict, int]:
    """How many entries have each verdict."""
    found = Counter(row.verdict for row in checked.rows)
    return {verdict: found[verdict] for verdict in VERDICTS}


def _counts(checked: Checked, words: Words) -> Iterator[str]:
    for verdict, count in counts(checked).items():
        if count:
            yield words.text(f"check.count.{verdict}", count)


def _says(checked: Checked, reasons: Reasons) -> Iterator[Prose]:
    """The sentences that come first: all is well, or where it goes wrong."""
    words, found = reasons.words, counts(checked)
    if not checked.judged:
        return
    if not checked.answers.given:
        yield words("check.none")
    elif checked.first is None and checked.right:
        if found["rounding"]:
            yield words("check.all.rounding")
        else:
            yield words("check.all.given" if found["missing"] else "check.all.correct")
    first = next((row for row in checked.rows if _at(row) == checked.first), None)
    if first is not None:
        yield _where(first, checked, reasons)
        if found["follows"]:
            yield words("check.consequential", found["follows"])


def _where(first: Row, checked: Checked, reasons: Reasons) -> Prose:
    before = checked.rows[: checked.rows.index(first)]
    key = "check.first" if any(row.given is not None for row in before) else "check.first.beginning"
    scribe = reasons.scribe
    expected = scribe.number(first.expected)
    return reasons.words(
        key,
        entry=reasons.entry((first.step, first.name, first.index)),
        given=shown_number(first.given or "", scribe.words),
        expected=(expected,),
    )


def shown_number(text: str, words: Words) -> str:
    """What a person wrote, as they wrote it."""
    return words.text("quoted", text=text)


def _listed(checked: Checked) -> tuple[Sequence[Row], str]:
    """The rows that are listed; of very many, those first that are not correct."""
    if len(checked.rows) <= MOST_ROWS:
        return checked.rows, ""
    odd = [row for row in checked.rows if row.verdict not in ("correct", "missing")]
    if len(odd) > MOST_ROWS:
        return odd[:MOST_ROWS], "check.table.cut"
    return odd, "check.table.cut"


def _at(row: Row) -> tuple[int, str, tuple[int, ...]]:
    return row.step, row.name, row.index


def _row(row: Row, checked: Checked, reasons: Reasons) -> RowView:
    scribe, words = reasons.scribe, reasons.words
    return RowView(
        row.step,
        scribe.shown(entry_tree(scribe.problem, row.name, row.index), row.step),
        row.given or "",
        scribe.plain_number(row.expected or "?"),
        row.verdict,
        words.text(f"check.verdict.{row.verdict}"),
        reasons.because(row),
        _at(row) == checked.first,
    )


def entry_tree(problem: Problem, name: str, index: tuple[int, ...]) -> Expression:
    """An entry as it prints in a table: z_1, and h_{1,2} for the second of h at step 1."""
    if problem.shapes[name] in ((), (1,)):
        return Name(name, 0)
    return Call("entry", (Name(name, 0), Number(",".join(str(i + 1) for i in index))))


def _finding(found: Finding, reasons: Reasons) -> FindingView:
    words = reasons.words
    used = tuple(_equation(equation, reasons.scribe) for equation in found.used)
    own = reasons.problem.cell.equation
    right = [own[equation.name] for equation in found.used if equation.name in own]
    return FindingView(
        reasons.named(found.explanation),
        reasons.help(found.explanation),
        words("check.finding.where", entries=_entries(found, reasons)),
        used,
        tuple(_equation(_paper(eq, reasons.problem), reasons.scribe) for eq in right),
        tuple(_finding_notes(found, reasons)),
    )


def _entries(found: Finding, reasons: Reasons) -> Prose:
    named = [reasons.entry(entry) for entry in found.entries[:MOST_ENTRIES]]
    left = len(found.entries) - len(named)
    if left:
        named.append(reasons.words("check.finding.more", left))
    return reasons.words.join(named)


def _finding_notes(found: Finding, reasons: Reasons) -> Iterator[Prose]:
    words = reasons.words
    if found.also:
        others = words.join([(reasons.named(other),) for other in found.also[:MOST_ENTRIES]])
        yield words("check.finding.also", others=others)
    if found.chance:
        number = reasons.scribe.number(about(1 / found.chance))
        yield words("check.finding.possible", number=(number,))


def about(number: Fraction) -> str:
    """A positive number to two figures, with a power of ten when it is long.

    >>> about(Fraction(1234)), about(Fraction(3456789))
    ('1200', '3.4e6')
    """
    power = exponent(number)
    if power < MOST_DIGITS:
        return Rounding(0, "down").text(Rounding(None, "down", 2).round(number))
    return Rounding(None, "down", 2).text(scaled(number, -power)) + f"e{power}"


def _equation(equation: Equation, scribe: Scribe) -> Line:
    return scribe.line(Name(equation.name, 0), "=", equation.expression, None)


def _paper(equation: Equation, problem: Problem) -> Equation:
    return replace(equation, expression=on_paper(equation.expression, problem.shapes))


def _unread(complaint: Complaint, words: Words) -> str:
    if complaint.place is None:
        return complaint.what
    place = replace(complaint.place, file=Path(complaint.place.file).name)
    return words.text("check.unread.place", place=str(place), what=complaint.what)
