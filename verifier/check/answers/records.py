"""Rows of tables, and what those say that stand under no head: a step, a name, then numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from verifier.check.answers.collect import Collector
from verifier.check.answers.columns import of_person
from verifier.check.answers.fit import holds_several
from verifier.check.answers.grammar import Items, Leaf, Piece, Tree
from verifier.check.answers.heads import Head
from verifier.check.answers.numerals import is_blank, is_numeral
from verifier.check.answers.prints import PERSON
from verifier.errors import Place


@dataclass(frozen=True)
class Record:
    """The cells of a row, and where it stands."""

    cells: Sequence[str]
    place: Place

    def at(self, at: object) -> Place:
        """The place of the row, whatever of it is meant."""
        return self.place

    @property
    def blank(self) -> bool:
        """Whether nothing stands in it."""
        return not any(cell.strip() for cell in self.cells)


def add_cells(
    row: Record, into: Collector, step: int | None = None, *, unsure: bool = False
) -> bool:
    """Take in a row such as 1, z, 0.5381 or h_1, 0.15, 0.08; whether it names a quantity.

    `step` is said above it. Boxes at the end may have been left blank, unless it is `unsure` what
    the boxes are.
    """
    labels = [into.labels.read(cell.strip()) for cell in row.cells]
    names = [k for k, label in enumerate(labels) if label and label.name]
    if not names:
        return _of_nothing_known(row, into)
    steps = [cell.strip() for cell in row.cells[: names[0]] if cell.strip().isdigit()]
    if not steps and step is not None:
        steps = [f"{step}"]
    for k, end in pairwise([*names, len(row.cells)]):
        boxes = [Leaf(cell.strip()) for cell in row.cells[k + 1 : end]]
        while boxes and is_blank(boxes[-1].text):
            boxes.pop()
        if boxes:
            path = (*steps[:1], row.cells[k].strip())
            value: Tree = boxes[0] if len(boxes) == 1 else Items(tuple(boxes))
            boxed = value if unsure else _boxed(value, path[-1], into)
            into.add(Piece(path, boxed, row.at))
    return True


def _of_nothing_known(row: Record, into: Collector) -> bool:
    """A row of answers that names no quantity of the problem is complained of."""
    cells = row.cells
    numbers = [cell for cell in cells[2:] if re.search(r"\d", cell)]
    if len(cells) > 2 and cells[0].strip().isdigit() and numbers and cells[1].strip():
        into.unknown(cells[1], row.at)
        return True
    return False


def _boxed(value: Tree, name: str, into: Collector) -> Tree:
    """The boxes of a row; those at the end that were left blank are there as well."""
    label = into.labels.read(name)
    if label is None or label.name is None or label.index:
        return value
    size = into.problem.size(label.name)
    parts = value.parts if isinstance(value, Items) else (value,)
    if len(parts) > size or (len(parts) == 1 and (size == 1 or holds_several(parts[0]))):
        return value
    return Items((*parts, *[Leaf("")] * (size - len(parts))))


def person_in(cells: Sequence[str]) -> str:
    """The person of a row such as Name, Ada Lovelace."""
    texts = [cell.strip() for cell in cells if cell.strip()]
    if len(texts) == 2 and of_person(texts[0]) and not is_numeral(texts[1]):
        return texts[1]
    found = PERSON.match(texts[0]) if len(texts) == 1 else None
    return found[1] if found else ""


def joined(cells: Sequence[str], head: Head) -> Sequence[str]:
    """The fields; an unquoted decimal comma in the value is put back."""
    values = head.having("value")
    if len(cells) != len(head.columns) + 1 or not values:
        return cells
    k = values[0]
    whole, rest = cells[k].strip(), cells[k + 1].strip()
    if not (whole.lstrip("+-−").isdigit() and rest.isdigit()):
        return cells
    return [*cells[:k], f"{whole},{rest}", *cells[k + 2 :]]
