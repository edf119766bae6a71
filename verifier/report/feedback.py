"""View data of the feedback to one person: the score, every number's verdict, and what happened.

The problem says how much is told: `hints` where to look and what may help, `verdicts` all but the
right digits, `full` those as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from verifier.arithmetic.protocol import QuantityAt
from verifier.check.hidden import shown
from verifier.check.model import Checked, Complaint, Finding, Judgement, Verdict
from verifier.check.scores import points, points_text, score
from verifier.check.verdicts import counts
from verifier.formats import Format, load
from verifier.language.tree import Call, Equation, Expression, Name, Number
from verifier.notation.paper import on_paper
from verifier.outcomes.model import Entry
from verifier.problem import Problem
from verifier.problem.settings import Level
from verifier.report.head import footer, rules, titled
from verifier.report.left_out import asked
from verifier.report.reasons import Reasons
from verifier.report.says import at, says
from verifier.report.scribe import Line, Scribe
from verifier.report.scribes import scribe_for
from verifier.report.words import Math, Prose, Words
from verifier.rounding import Rounding

MOST_ROWS = 300
MOST_ENTRIES = 6
CERTAIN = Fraction(1, 10**6)
"""What is less likely than this is not said to be chance."""


@dataclass(frozen=True)
class RowView:
    """One entry of the table; `first` marks where things first go wrong."""

    step: int
    symbol: Math
    given: str
    expected: str
    points: str
    verdict: Verdict
    word: str
    because: Prose
    first: bool


@dataclass(frozen=True)
class FindingView:
    """A mistake that was found: what it is, what it explains, and both equations."""

    heading: Prose
    help: tuple[str, ...]
    where: Prose
    used: tuple[Line, ...]
    right: tuple[Line, ...]
    notes: tuple[Prose, ...]


@dataclass(frozen=True)
class Feedback:
    """What one person reads."""

    title: str
    level: Level
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
    checked = shown(problem, checked)
    reasons = Reasons(checked, scribe_for(problem, load("txt"), words))
    rows = tuple(replace(row, because="".join(reasons.because(row))) for row in checked.rows)
    return replace(checked, rows=rows)


def feedback(problem: Problem, checked: Checked, style: Format, words: Words) -> Feedback:
    """The view data for one person in a format."""
    scribe = scribe_for(problem, style, words)
    checked = shown(problem, checked)
    reasons = Reasons(checked, scribe)
    rows, more = _listed(checked)
    level = problem.scoring.feedback
    return Feedback(
        title=words.text("check.title", title=titled(scribe)),
        level=level,
        byline=_byline(checked, words),
        score=_score(problem, checked, scribe),
        counts=tuple(_counts(checked, words)),
        says=(*asked(scribe, "only.judged"), *says(checked, reasons)),
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
    if not checked.marked:
        return scribe.words.text("check.unjudged")
    found = score(problem, checked)
    points, most = (scribe.plain_number(points_text(n)) for n in (found.points, found.most))
    return scribe.words.text("check.score", points=points, most=most)


def _counts(checked: Checked, words: Words) -> Iterator[str]:
    for verdict, count in counts(checked).items():
        if count:
            yield words.text(f"check.count.{verdict}", count)


def _listed(checked: Checked) -> tuple[Sequence[Judgement], str]:
    """The rows that are listed; of very many, those first that are not correct."""
    if len(checked.rows) <= MOST_ROWS:
        return checked.rows, ""
    odd = [row for row in checked.rows if row.verdict not in ("correct", "missing")]
    if len(odd) > MOST_ROWS:
        return odd[:MOST_ROWS], "check.table.cut"
    return odd, "check.table.cut"


def _row(row: Judgement, checked: Checked, reasons: Reasons) -> RowView:
    scribe, words = reasons.scribe, reasons.words
    return RowView(
        row.step,
        scribe.again(entry_tree(scribe.problem, row.name, row.index), row.step),
        row.given or "",
        scribe.plain_number(row.expected or "?"),
        scribe.plain_number(points_text(points(scribe.problem, row))),
        row.verdict,
        words.text(f"check.verdict.{row.verdict}"),
        reasons.because(row),
        at(row) == checked.first,
    )


def entry_tree(problem: Problem, name: str, index: tuple[int, ...]) -> Expression:
    """An entry as it prints in a table: z_1, and h_{1,2} for the second of h at step 1."""
    if problem.shapes[name] in ((), (1,)):
        return Name(name, 0)
    return Call("entry", (Name(name, 0), Number(",".join(str(i + 1) for i in index))))


def _finding(found: Finding, reasons: Reasons) -> FindingView:
    words = reasons.words
    steps, own = found.explanation.named("steps"), reasons.problem.cell.equation
    step = int(steps[0]) if steps else None
    used = tuple(_equation(equation, reasons.scribe, step) for equation in found.used)
    right = [own[equation.name] for equation in found.used if equation.name in own]
    return FindingView(
        reasons.named(found.explanation),
        reasons.help(found.explanation),
        words("check.finding.where", entries=_entries(found, reasons)),
        used,
        tuple(_equation(_paper(eq, reasons.problem), reasons.scribe, step) for eq in right),
        tuple(_finding_notes(found, reasons)),
    )


def _entries(found: Finding, reasons: Reasons) -> Prose:
    """What a mistake explains: quantities, and entries where it does not explain all that is."""
    sites: dict[QuantityAt, list[Entry]] = {}
    for entry in found.entries:
        sites.setdefault(entry[:2], []).append(entry)
    named = [part for own in sites.values() for part in _site(own, reasons)]
    if len(named) > MOST_ENTRIES:
        left = len(named) - MOST_ENTRIES
        named[MOST_ENTRIES:] = [reasons.words("check.finding.more", left)]
    return reasons.words.join(named)


def _site(entries: Sequence[Entry], reasons: Reasons) -> Sequence[Prose]:
    """Entries of a quantity: its name where all that was given is among them."""
    step, name, _ = entries[0]
    given = [entry for entry in reasons.checked.answers.given if entry[:2] == (step, name)]
    if len(entries) == 1 or not set(given) <= set(entries):
        return [reasons.entry(entry) for entry in entries]
    return [(reasons.scribe.symbol(name, step),)]


def _finding_notes(found: Finding, reasons: Reasons) -> Iterator[Prose]:
    words = reasons.words
    own = reasons.named(found.explanation)
    others = [one for one in dict.fromkeys(map(reasons.named, found.also)) if one != own]
    if others:
        yield words("check.finding.also", others=words.join(others[:MOST_ENTRIES]))
    if found.chance:
        yield _chance(found.chance, words)


def _chance(chance: Fraction, words: Words) -> Prose:
    """How far a mistake is only a possibility: nothing is said in powers of ten."""
    if chance < CERTAIN:
        return words("check.finding.certain")
    return words("check.finding.possible", number=about(1 / chance))


def about(number: Fraction) -> str:
    """A positive number to two figures.

    >>> about(Fraction(1234)), about(Fraction(345678))
    ('1200', '340000')
    """
    return Rounding(0, "down").text(Rounding(None, "down", 2).round(number))


def _equation(equation: Equation, scribe: Scribe, step: int | None) -> Line:
    """An equation, at one step where it is told of that alone."""
    return scribe.line_again(Name(equation.name, 0), "=", equation.expression, step)


def _paper(equation: Equation, problem: Problem) -> Equation:
    return replace(equation, expression=on_paper(equation.expression, problem.shapes))


def _unread(complaint: Complaint, words: Words) -> str:
    if complaint.place is None:
        return complaint.what
    place = replace(complaint.place, file=Path(complaint.place.file).name)
    return words.text("check.unread.place", place=str(place), what=complaint.what)
