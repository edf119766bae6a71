"""Responses of a quiz that say no name: columns Response 1, Response 2 …, and boxes of a cloze."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

from verifier.check.answers.collect import Collector
from verifier.check.answers.columns import PART
from verifier.check.answers.grammar import Items, Leaf, Locate, Tree
from verifier.check.answers.labels import Label
from verifier.check.answers.numerals import is_blank
from verifier.check.answers.prints import add_prints
from verifier.problem import Problem


def add_responses(
    responses: Mapping[int, str], asked: Mapping[int, Label], place: Locate, into: Collector
) -> None:
    """Take in a row's responses by their numbers; `asked` says what some questions are about.

    Others are the entries in the order of the table of results, a box each; or the quantities.
    """
    boxes: list[str] = []
    for number, text in sorted(responses.items()):
        parts = [found[2].strip() for found in PART.finditer(text)]
        if number in asked:
            into.take(asked[number], _value(parts or [text]), place)
        elif not parts and "=" in text:
            add_prints(text, place, into)
        else:
            boxes += parts or [text]
    if boxes and not all(map(is_blank, boxes)):
        _in_order(boxes, place, into)


def _value(parts: Sequence[str]) -> Tree:
    leaves = tuple(Leaf(part) for part in parts)
    return leaves[0] if len(leaves) == 1 else Items(leaves)


def _in_order(boxes: Sequence[str], place: Locate, into: Collector) -> None:
    """Boxes without names: one for each entry, or one for each quantity at each step."""
    for labels in (entries(into.problem), quantities(into.problem)):
        if len(labels) == len(boxes):
            for label, text in zip(labels, boxes, strict=True):
                into.take(label, Leaf(text), place)
            return
    every, whole = len(entries(into.problem)), len(quantities(into.problem))
    what = f"{len(boxes)} responses without names; which entries they are is not said"
    into.complain(f"{what} (accepted: {every}, one an entry, or {whole}, one a quantity)", place)


def quantities(problem: Problem) -> list[Label]:
    """Every quantity at every step, in the order of the table of results."""
    names = [name for block in problem.cell.blocks for name in block.names]
    return [Label(step, name) for step in range(1, problem.steps + 1) for name in names]


def entries(problem: Problem) -> list[Label]:
    """Every entry, in the order of the table of results."""
    return [
        Label(label.step, label.name, index)
        for label in quantities(problem)
        for index in product(*map(range, problem.shapes[label.name or ""]))
    ]
