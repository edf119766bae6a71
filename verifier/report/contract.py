"""The JSON contract of `solve`; its schema is `schemas/solve.schema.json`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import fields
from functools import cache, partial
from typing import Any

from verifier.many import Many
from verifier.problem import Problem
from verifier.ranges import Ranges
from verifier.rounding import Rounding
from verifier.solution import Solution
from verifier.solution.rows import each_quantity, indices, of_quantity
from verifier.version import __version__


def solution_json(solution: Solution) -> str:
    """The solution as JSON text, one row an entry."""
    return "".join(solution_lines(solution))


def solution_lines(solution: Solution) -> Iterator[str]:
    """The solution as JSON text, in parts: no row is kept when the next is made."""
    problem = solution.problem
    head = {
        "problem": problem_data(problem),
        "rounding": rounding_data(problem),
        "version": __version__,
    }
    return _lines(head, row_texts(solution))


def row_texts(solution: Solution, between: str = ",\n    ") -> Iterator[str]:
    """The JSON of all rows, of some quantities many in one text: that of `json`, of which nothing
    but a name needs care."""
    places = cache(partial(_begins, solution))
    for (step, name), there in each_quantity(solution):
        if there is None:
            yield from map(_row_text, of_quantity(solution, step, name))
            continue
        chosen, columns = (
            solution.problem.only.chosen(name),
            [there.texts, *there.ends, there.margins],
        )
        if chosen is not None:
            columns = [[column[k] for k in chosen] for column in columns]
        at = solution.problem.past + step
        yield between.join(
            f'{{"step": {at}, {place}"rounded": "{text}", "lower": "{low}", "upper": "{high}", '
            f'"exact": null, "status": "certified", "margin": "{margin}", '
            f'"policies": {{"final": "{text}"}}}}'
            for place, text, low, high, margin in zip(places(name), *columns, strict=True)
        )


def _begins(solution: Solution, name: str) -> list[str]:
    """How the rows of a quantity begin behind their step."""
    chosen, at = solution.problem.only.chosen(name), indices(solution, name)
    encoded = json.dumps(name, ensure_ascii=False)
    where = range(len(at)) if chosen is None else chosen
    return [f'"name": {encoded}, "index": {list(at[k])}, ' for k in where]


def _row_text(row: tuple[Any, ...]) -> str:
    step, name, index, rounded, lower, upper, exact, status, margin, policies = row
    kinds = ", ".join(f'"{kind}": {_quoted(text)}' for kind, text in policies.items())
    return (
        f'{{"step": {step}, "name": {json.dumps(name, ensure_ascii=False)}, '
        f'"index": {list(index)}, '
        f'"rounded": {_quoted(rounded)}, "lower": {_quoted(lower)}, "upper": {_quoted(upper)}, '
        f'"exact": {_quoted(exact)}, "status": "{status}", "margin": {_quoted(margin)}, '
        f'"policies": {{{kinds}}}}}'
    )


def _quoted(text: str | None) -> str:
    """Digits, or a formula, neither of which has what JSON would escape."""
    return "null" if text is None else f'"{text}"'


def ranges_json(ranges: Ranges) -> str:
    """The ranges as JSON text, one row an entry, in the contract of a solution."""
    problem = ranges.problem
    head = {
        "problem": problem_data(problem),
        "rounding": rounding_data(problem),
        "version": __version__,
    }
    return "".join(_lines(head, (_row_text(tuple(vars(row).values())) for row in ranges.rows)))


def many_lines(many: Many, undecided: list[int]) -> Iterator[str]:
    """The rows of many sequences as JSON text, in parts; `undecided` gets a number a row.

    The schema is `schemas/sequences.schema.json`.
    """
    head = {
        "problem": problem_data(many.problem),
        "rounding": rounding_data(many.problem),
        "version": __version__,
        "sequences": many.count,
    }
    yield from lines(head, _told(many, undecided))


def _told(many: Many, undecided: list[int]) -> Iterator[dict[str, Any]]:
    for row in many.rows():
        if row.rounded is None:
            undecided.append(row.sequence)
        yield {field.name: getattr(row, field.name) for field in fields(row)}


def problem_data(problem: Problem) -> dict[str, Any]:
    """What a problem is, and the digest by which it is known again."""
    return {
        "title": problem.title,
        "cell": problem.cell.name or None,
        "steps": problem.steps,
        "sha256": problem.sha256,
    }


def rounding_data(problem: Problem) -> dict[str, Any]:
    """A problem's rounding: the rule, the policy, and the rules of single quantities."""
    own = {"own": {name: rule_data(rule) for name, rule in problem.rules.items()}}
    return {
        **rule_data(problem.rounding),
        "policy": problem.policy.kind,
        **({} if problem.carry is None else {"carry": problem.carry}),
        **(own if problem.rules else {}),
    }


def rule_data(rule: Rounding) -> dict[str, Any]:
    """A rounding rule as data: places or figures, and the mode."""
    count = {"figures": rule.figures} if rule.places is None else {"places": rule.places}
    return {**count, "mode": rule.mode}


def dumped(data: dict[str, Any]) -> str:
    """JSON with one row a line, so that two documents can be compared line by line."""
    return "".join(
        lines({key: value for key, value in data.items() if key != "rows"}, data["rows"])
    )


def lines(head: dict[str, Any], rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """JSON of a head and of rows behind it, one a line."""
    return _lines(head, map(json.JSONEncoder(ensure_ascii=False).encode, rows))


def _lines(head: dict[str, Any], rows: Iterable[str]) -> Iterator[str]:
    begin, end = json.dumps({**head, "rows": []}, ensure_ascii=False, indent=2).rsplit("[]", 1)
    yield begin + "["
    for k, row in enumerate(rows):
        yield f"{',' if k else ''}\n    {row}"
    yield "\n  ]" + end + "\n"
