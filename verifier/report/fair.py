"""The report on a question: what depends on rounding, what goes unseen, which tolerance works."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from verifier.check.fairness import Fairness, Honest, Judged
from verifier.check.model import Answers, Checked
from verifier.formats import Format
from verifier.outcomes.model import Explanation
from verifier.outcomes.ways import ARGUMENTS
from verifier.problem import Problem
from verifier.report.contract import dumped, problem_data, rounding_data
from verifier.report.feedback import entry_tree
from verifier.report.head import footer, rules, titled
from verifier.report.left_out import asked
from verifier.report.reasons import Reasons, rounding_words
from verifier.report.scribe import Scribe
from verifier.report.words import Math, Prose, Words
from verifier.version import __version__

MOST_NAMED = 3


@dataclass(frozen=True)
class Section:
    """A question that is asked of the question; rows without a head are a list."""

    name: str  # for pieces
    heading: str
    text: str
    head: tuple[str, ...] = ()
    rows: tuple[tuple[Prose, ...], ...] = ()


@dataclass(frozen=True)
class Report:
    """The report on a question."""

    title: str
    rule: tuple[Prose, ...]
    sections: tuple[Section, ...]
    footer: Prose
    words: Words


def report(problem: Problem, found: Fairness, style: Format, words: Words) -> Report:
    """The view data of a report in a format."""
    scribe = Scribe(problem, style, words)
    seen = (_policies(found, scribe), _unseen(found, scribe), *_same(found, scribe))
    sections = (*seen, _tolerances(found, scribe), *_tabled(found, scribe))
    return Report(
        words.text("check.fair.title", title=titled(scribe)),
        (*rules(scribe), *asked(scribe, "only.judged")),
        sections,
        footer(scribe),
        words,
    )


def _policies(found: Fairness, scribe: Scribe) -> Section:
    words, split = scribe.words, [judged for judged in found.entries if judged.others]
    heading = words.text("check.fair.policies.heading")
    if not split:
        return Section("policies", heading, words.text("check.fair.policies.none"))
    rows = tuple(_beside(judged, judged.others, scribe) for judged in split)
    return Section("policies", heading, _honest_ways(scribe), _head(BESIDE, words), rows)


def _honest_ways(scribe: Scribe) -> str:
    """Which ways of rounding earn all points."""
    words, carry = scribe.words, scribe.problem.carry
    if carry is None:
        return words.text("check.fair.policies.text")
    return words.text("check.fair.policies.carried", carry)


def _tabled(found: Fairness, scribe: Scribe) -> Iterator[Section]:
    """Digits of function tables; nothing is said where there are none."""
    words, split = scribe.words, [judged for judged in found.entries if judged.tabled]
    if split:
        arguments = [n for n in ARGUMENTS if any(_looked_up(judged, n) for judged in split)]
        head = (words.text("check.fair.tabled.argument", count) for count in arguments)
        yield Section(
            "tables",
            words.text("check.fair.tabled.heading"),
            words.text("check.fair.tabled.text"),
            (*_head(BESIDE[:2], words), *head),
            tuple(_in_tables(judged, arguments, scribe) for judged in split),
        )


def _in_tables(judged: Judged, arguments: Sequence[int], scribe: Scribe) -> tuple[Prose, ...]:
    """An entry, its digits, and those of tables whose arguments have so many places each."""
    told: list[Prose] = []
    for argument in arguments:
        digits: list[Prose] = [(_digits(o.text, scribe),) for o in _looked_up(judged, argument)]
        told.append(scribe.words.join(digits) or ("–",))
    return (_symbol(judged, scribe),), (_digits(judged.asked, scribe),), *told


def _looked_up(judged: Judged, argument: int) -> list[Honest]:
    """The digits of tables whose arguments have so many places."""
    at = str(argument)
    return [o for o in judged.tabled if any(way.named("table")[:1] == (at,) for way in o.ways)]


BESIDE = ("results.quantity", "check.fair.asked", "check.fair.others")


def _beside(judged: Judged, others: Sequence[Honest], scribe: Scribe) -> tuple[Prose, ...]:
    """An entry, its digits, and other digits, each with some of the ways that give them."""
    told = scribe.words.join([_other(other, scribe) for other in others])
    return (_symbol(judged, scribe),), (_digits(judged.asked, scribe),), told


def _other(other: Honest, scribe: Scribe) -> Prose:
    told = [rounding_words(scribe.words, way) for way in other.ways[:MOST_NAMED]]
    number = (_digits(other.text, scribe),)
    return scribe.words("entry.with", entry=number, text=" | ".join(told)) if told else number


def _unseen(found: Fairness, scribe: Scribe) -> Section:
    words = scribe.words
    heading = words.text("check.fair.unseen.heading")
    if not found.unseen:
        return Section("unseen", heading, words.text("check.fair.unseen.none"))
    rows = tuple((_named(mistake, scribe),) for mistake in found.unseen)
    return Section("unseen", heading, words.text("check.fair.unseen.text"), (), rows)


def _same(found: Fairness, scribe: Scribe) -> Iterator[Section]:
    """Mistakes that are none here; nothing is said where there are none."""
    words = scribe.words
    if found.same:
        rows = tuple((_named(mistake, scribe),) for mistake in found.same)
        heading = words.text("check.fair.same.heading")
        yield Section("same", heading, words.text("check.fair.same.text"), (), rows)


def _tolerances(found: Fairness, scribe: Scribe) -> Section:
    words = scribe.words
    keys = (
        "results.quantity",
        "check.fair.asked",
        *(f"check.fair.tolerance.{key}" for key in ("least", "below", "use")),
    )
    return Section(
        "tolerance",
        words.text("check.fair.tolerance.heading"),
        words.text("check.fair.tolerance.text"),
        _head(keys, words),
        tuple(_tolerance(judged, scribe) for judged in found.entries),
    )


def _tolerance(judged: Judged, scribe: Scribe) -> tuple[Prose, ...]:
    numbers = (judged.asked, judged.least, judged.below)
    shown = tuple((_digits(text, scribe),) if text is not None else ("–",) for text in numbers)
    return ((_symbol(judged, scribe),), *shown, _use(judged, scribe))


def _use(judged: Judged, scribe: Scribe) -> Prose:
    if judged.tolerance is not None:
        return (scribe.number(judged.tolerance),)
    words = scribe.words
    none = words.text("check.fair.tolerance.none")
    if not judged.passing:
        return (none,)
    passing = [_named(mistake, scribe) for mistake in judged.passing[:MOST_NAMED]]
    named = tuple(part for mistake in passing for part in ("; ", *mistake))[1:]
    why = words("check.fair.tolerance.why", mistake=named)
    return words("check.because.both", first=none, second=why)


def _head(keys: Iterable[str], words: Words) -> tuple[str, ...]:
    return tuple(words.text(key) for key in keys)


def _symbol(judged: Judged, scribe: Scribe) -> Math:
    step, name, index = judged.entry
    return scribe.shown(entry_tree(scribe.problem, name, index), step)


def _digits(text: str | None, scribe: Scribe) -> Math:
    return scribe.number(text)


def _named(mistake: Explanation, scribe: Scribe) -> Prose:
    return Reasons(Checked(Answers("", "", {}), ()), scribe).named(mistake)


def fairness_json(problem: Problem, found: Fairness) -> str:
    """The report as JSON text, one row an entry."""
    data = {
        "problem": problem_data(problem),
        "rounding": rounding_data(problem),
        "version": __version__,
        "fair": found.fair,
        "unseen": [_plain(mistake) for mistake in found.unseen],
        "same": [_plain(mistake) for mistake in found.same],
        "rows": list(_rows(found)),
    }
    return dumped(data)


def _rows(found: Fairness) -> Iterator[dict[str, Any]]:
    for judged in found.entries:
        step, name, index = judged.entry
        rest = {k: v for k, v in asdict(judged).items() if k not in LISTS}
        passing = [_plain(mistake) for mistake in judged.passing]
        place = {"step": step, "name": name, "index": list(index)}
        lists = {"others": _honest(judged.others), "passing": passing}
        yield {**place, **rest, **lists, "tabled": _honest(judged.tabled)}


LISTS = ("entry", "others", "passing", "tabled")


def _honest(others: Iterable[Honest]) -> list[dict[str, Any]]:
    return [{"text": o.text, "ways": [_plain(way) for way in o.ways]} for o in others]


def _plain(explanation: Explanation) -> dict[str, str]:
    return {"kind": explanation.kind, "id": explanation.id}
