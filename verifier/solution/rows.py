"""Rows of a solution, one an entry: the JSON contract's fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from verifier import effort
from verifier.along.printed import AtStep
from verifier.arithmetic.ends import Ends, decimals_around, margin_in, two_figures_of
from verifier.arithmetic.protocol import QuantityAt
from verifier.certify import MORE_PLACES, margin, two_figures
from verifier.evaluate import sites
from verifier.rounding import POLICIES, Rounding, outwards

if TYPE_CHECKING:
    from verifier.solution import Solution

Fields = tuple[Any, ...]


@dataclass(frozen=True)
class Row:
    """One entry of the solution; the fields of the JSON contract."""

    step: int
    name: str
    index: tuple[int, ...]
    rounded: str | None
    lower: str | None
    upper: str | None
    exact: str | None
    status: str
    margin: str | None
    policies: dict[str, str | None]


def each_fields(solution: Solution) -> Iterator[Fields]:
    """The fields of each row, step by step, in the order of the equations."""
    for site, there in each_quantity(solution):
        if there is None:
            yield from of_quantity(solution, *site)
        else:
            yield from _plain_rows(solution, *site, there)


def each_quantity(solution: Solution) -> Iterator[tuple[QuantityAt, AtStep | None]]:
    """Where rows stand, with their texts where floats alone tell all that is asked for."""
    printed = solution.printed
    alone = solution.with_policies or solution.with_exact or solution.carried is not solution.full
    rule = solution.problem.rule
    for site in _places(solution):
        found = None if alone or printed is None else printed.at(*site, rule(site[1]))
        yield site, found


def indices(solution: Solution, name: str) -> list[tuple[int, ...]]:
    """The index of each entry of a quantity."""
    return list(np.ndindex(solution.problem.shapes[name]))


def _places(solution: Solution) -> Iterator[QuantityAt]:
    """Where rows stand; of many steps that are all alike, without a list of them."""
    problem, shows = solution.problem, solution.problem.only.shows
    if solution.printed is not None:
        steps = range(1, problem.steps + 1)
        return ((t, name) for t in steps for name in solution.order if shows(t, name))
    order = {name: k for k, name in enumerate(solution.order)}
    shown = (site for site in sites(problem) if shows(*site))
    return iter(sorted(shown, key=lambda site: (site[0], order[site[1]])))


def _plain_rows(solution: Solution, step: int, name: str, there: AtStep) -> Iterator[Fields]:
    problem, at = solution.problem, indices(solution, name)
    chosen, counted = problem.only.chosen(name), problem.past + step
    texts, (lower, upper), margins = there.texts, there.ends, there.margins
    for k in range(len(texts)) if chosen is None else chosen:
        text = texts[k]
        place, ends = (counted, name, at[k]), (lower[k], upper[k])
        yield *place, text, *ends, None, "certified", margins[k], {"final": text}


def of_quantity(solution: Solution, step: int, name: str) -> Iterator[Fields]:
    """The fields of the rows of a quantity at a step."""
    kinds, exactly = POLICIES if solution.with_policies else ("final",), solution.with_exact
    digits = {kind: solution.digits(kind)[step, name] for kind in kinds}
    own = solution.digits(solution.problem.policy.kind)[step, name]
    full, carried = solution.full_ends[step, name], solution.carried_ends[step, name]
    rule, chosen = solution.problem.rule(name), solution.problem.only.chosen(name)
    at = indices(solution, name)
    for k in range(len(full)) if chosen is None else chosen:
        ends, _ = full[k]
        exact = ends is not None and ends.exact
        lower, upper = around(ends, rule)
        yield (
            solution.problem.past + step,
            name,
            at[k],
            own[k],
            lower,
            upper,
            solution.exact_text(step, name, k) if exact or exactly else None,
            "exact" if exact else "certified" if digits["final"][k] else "undecided",
            None if own[k] is None else _margin_text(*carried[k], rule),
            {kind: texts[k] for kind, texts in digits.items()},
        )


def _margin_text(ends: Ends | None, entry: Any, rule: Rounding) -> str | None:
    """How close the call was for an entry that is decided, to two figures; None of an exact one."""
    if ends is None or ends.exact:
        return None
    if rule.places is None:
        least = margin(entry, rule)
        return None if least is None else two_figures(least)
    return two_figures_of(*margin_in(ends, rule))


def around(ends: Ends | None, rule: Rounding) -> tuple[str | None, str | None]:
    """Plain decimals that enclose a value, to `MORE_PLACES` places more than asked."""
    if ends is None or rule.places is None:
        return outside(ends and ends.fractions, rule)
    return decimals_around(ends, rule.places + MORE_PLACES)


def outside(
    ends: tuple[Fraction, Fraction] | None, rule: Rounding
) -> tuple[str | None, str | None]:
    """Plain decimals that enclose a value, to `MORE_PLACES` places more than asked."""
    if ends is None:
        return None, None
    places = min(max(0, rule.places_of(ends[1])), max(effort.PLACES, rule.count))
    return outwards(*ends, places + MORE_PLACES)
