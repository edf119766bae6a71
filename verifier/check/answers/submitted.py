"""A cell of JSON with all answers of a question, as PrairieLearn exports them: {"s_1_0": 0.538}."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal

from verifier.check.answers.collect import Collector
from verifier.check.answers.grammar import Leaf, Locate
from verifier.check.answers.heads import Heads
from verifier.check.answers.labels import Label
from verifier.errors import shown


def add_submitted(cell: str, heads: Heads, place: Locate, into: Collector) -> None:
    """Take in the answers of a cell; entries are counted from 0."""
    try:
        found = json.loads(cell, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        into.complain("submitted answers that are not JSON", place)
        return
    for name, value in found.items():
        if not isinstance(value, str | None):
            into.complain(f"{shown(name)} is submitted as more than a number", place)
        else:
            add_named(name, value or "", heads, place, into, stored=True)


def add_named(
    name: str, text: str, heads: Heads, place: Locate, into: Collector, *, stored: bool = False
) -> None:
    """Take in an answer by the name that an export gave it: s_1_0; `stored` says it is a float."""
    label = _label(name, heads)
    if label is None:
        into.unknown(name, place)
    elif text:
        into.take(label, Leaf(whole(text, label, into) if stored else text), place)


def _label(name: str, heads: Heads) -> Label | None:
    column = heads.column(name)
    if not column.named:
        return None
    index = () if column.entry is None else (column.entry,)
    return replace(column.label, index=(*column.label.index, *index))


FLOAT = re.compile(r"(-?\d{1,30})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,2}))?")


def whole(text: str, label: Label, into: Collector) -> str:
    """A float's text without exponent, with the zeros that it does not keep, up to asked places."""
    places, found = into.problem.rule(label.name or "").places, FLOAT.fullmatch(text)
    if found is None or not places:
        return text
    units, _, rest = format(Decimal(text), "f").partition(".")
    return f"{units}.{rest.ljust(places, '0')}"
