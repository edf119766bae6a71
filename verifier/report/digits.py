"""Many digits: computed with mpmath, and held against the certified enclosures."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from verifier.arithmetic.ball import enclosure, exact_value
from verifier.arithmetic.digits import Digits
from verifier.certify import certify, cut_off, total_products
from verifier.effort import DIGITS_IN_ALL
from verifier.errors import DocumentError
from verifier.evaluate import evaluate, sites
from verifier.report.scribe import Scribe
from verifier.report.words import Math
from verifier.rounding import Rounding, power
from verifier.solution import Solution

GROUP, LINE = 10, 50


def all_digits(
    solution: Solution, scribe: Scribe, count: int
) -> Iterator[tuple[Math, tuple[str, ...]]]:
    """Each entry's name and its value to `count` figures, in lines of groups of ten.

    Errors: DocumentError for more digits than can be waited for.
    """
    _check(solution, count)
    rule = Rounding(None, "down", count)
    witness = evaluate(solution.problem, Digits(count))
    proven = certify(solution.problem.rounded_by(rounding=rule)).trace
    only = solution.problem.shown
    for step, name in sites(solution.problem):
        chosen = only.chosen(name)
        for k, entry in enumerate(proven.entries(step, name)):
            if only.shows(step, name) and (chosen is None or k in chosen):
                agreed = _agreed(entry, witness.entries(step, name)[k], rule)
                yield scribe.entry(name, step, k), tuple(_lines(agreed or "?"))


def _check(solution: Solution, count: int) -> None:
    problem = solution.problem
    shown = sum(problem.size(name) for _, name in sites(problem))
    most = DIGITS_IN_ALL // (shown + total_products(problem) // 100)
    if count > most:
        accepted = f"at most {most} for this problem" if most else "a smaller problem"
        raise DocumentError(f"{count} digits of each of {shown} entries", accepted=accepted)


def _agreed(entry: Any, value: Any, rule: Rounding) -> str | None:
    """The proven digits, when the witness is that number to nearly as many digits."""
    text, ends = cut_off(entry, rule), enclosure(entry)
    if text is None or ends is None or exact_value(entry) is not None:
        return text
    sign, mantissa, exponent, _ = value._mpf_
    if not mantissa and exponent:  # infinity, or nan for what the witness cannot hold
        return None
    size = Fraction(int(mantissa)) * Fraction(2) ** exponent
    error = abs((-size if sign else size) - ends[0])
    return text if error <= abs(ends[0]) * power(4 - rule.count) + (ends[1] - ends[0]) else None


def _lines(text: str) -> Iterator[str]:
    """The digits in groups of ten, fifty a line, all lines below the first digit."""
    text, e, power = text.partition("e")
    whole, point, places = text.partition(".")
    margin = whole + point
    for start in range(0, max(1, len(places)), LINE):
        part = places[start : start + LINE]
        groups = " ".join(part[k : k + GROUP] for k in range(0, len(part), GROUP))
        last = f"{e}{power}" if start + LINE >= len(places) else ""
        yield f"{margin} {groups}".rstrip() + last
        margin = " " * len(margin)
