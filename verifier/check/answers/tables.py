"""Tables of answers, whatever file they stand in: a row an entry, a person, a step or a quantity.

A row with names of quantities, steps or roles is a head. Without one, a row is read by its
content: a step (unless the name has it), a name, and then numbers, a box an entry or all in one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import takewhile

from verifier import effort
from verifier.check.answers.bank import gathering
from verifier.check.answers.collect import WHOLE, Collector
from verifier.check.answers.columns import QUESTION
from verifier.check.answers.counts import Counted
from verifier.check.answers.edges import Columns, columns_are
from verifier.check.answers.fit import holds_several
from verifier.check.answers.grammar import Leaf
from verifier.check.answers.heads import ASKED, Column, Head, heads_of
from verifier.check.answers.labels import Label
from verifier.check.answers.numerals import is_blank, is_numeral
from verifier.check.answers.people import People, called
from verifier.check.answers.prints import add_prints
from verifier.check.answers.quiz import add_responses
from verifier.check.answers.records import Record, add_cells, joined, person_in
from verifier.check.answers.submitted import add_submitted
from verifier.errors import shown

_DECIMAL = re.compile(r"\d[.,]\d")
"""What stands in rows of answers; below a head, such a row is no other head."""


LONG = 10
"""Digits of a number that counts nothing."""

EITHER = (
    "whether the columns are steps or entries is not said "
    "(accepted: step 1, step 2 or entry 1, entry 2 above them)"
)


def add_table(
    rows: Sequence[Record], collectors: Mapping[str, Collector], heading: str = ""
) -> bool:
    """Take in a table; whether it holds answers. `collectors` makes one for each person.

    `heading` stands above it: a step of which all of it may be.
    """
    step = collectors[""].labels.read(heading) if heading else None
    table = _Table([row for row in rows if not row.blank], collectors, step or Label())
    for k, row in enumerate(table.rows, 1):
        table.row(row, len(table.rows) - k)
    return table.used


class _Table:
    """A table while it is read: its head, and whose the rows are."""

    def __init__(
        self, rows: Sequence[Record], collectors: Mapping[str, Collector], heading: Label
    ) -> None:
        self.rows, self.collectors = rows, collectors
        self.heads = heads_of(collectors[""].labels)
        self.people = People()
        self.head: Head | None = None
        self.told: set[int] = set()
        self.answered: set[tuple[str, str]] = set()
        self.left = self.count = 0
        self.columns: Columns = "steps"
        self.heading, self.last, self.unsure = heading, Label(), False
        self.used = False

    def row(self, row: Record, left: int) -> None:
        """Take in a row; so many are left behind it."""
        numbers = self.head is not None and any(map(_DECIMAL.search, row.cells))
        head = None if numbers else self.heads.head(row.cells)
        if head is not None:
            self.begin(head, left)
            return
        if not numbers and self.heads.of_rows(row.cells):
            self.head = None  # its rows say by themselves what they are
            return
        if self.heads_steps(row):
            return
        if self.head is None:
            self.alone(row)
        elif self.head.by_entry:
            self.entry(row, self.head)
        elif not self.wide(row, self.head):
            self.alone(row)

    def heads_steps(self, row: Record) -> bool:
        """Whether a row has a step alone, as a heading of those below."""
        said = [cell.strip() for cell in row.cells if cell.strip()]
        step = len(said) == 1 and self.heads.is_step(said[0].strip(" :"))
        if step:
            self.heading = self.heads.labels.read(said[0].strip(" :")) or Label()
        return step

    def begin(self, head: Head, left: int) -> None:
        """The rows of a head begin, so many of them."""
        self.columns = "steps"
        if head.crossed:
            count = len(self.rows)
            rows = (self.rows[k].cells for k in range(count - left, count))
            below = list(takewhile(lambda cells: self.heads.head(cells) is None, rows))
            self.columns = columns_are(head, below, self.heads.labels)
        self.head = None if self.columns == "entries" else head
        self.told, self.left, self.count, self.used = set(), left, 0, True

    def alone(self, row: Record) -> None:
        """Take in a row without a head: what it is of stands in it."""
        into = self.collectors[""]
        if who := person_in(row.cells):
            into.named(who)
        elif used := add_cells(row, into, self.heading.step, unsure=self.unsure):
            self.used = self.used or used
        elif unknown := self.heads.unknown(row.cells):
            self.unsure = True
            into.complain(f"what the column {shown(unknown)} holds is not known", row.at)
        elif any(map(is_numeral, row.cells)):
            into.complain("it is not said which quantity this row is", row.at)

    def entry(self, row: Record, head: Head) -> None:
        """Take in a row that says the name and the value of one entry."""
        cells = joined(row.cells, head)
        said = {column.role: cell for column, cell in zip(head.columns, cells, strict=False)}
        into = self.collectors[self.people.name(_said(head.of_people, head, cells), "")]
        if "name" not in said or "value" not in said:
            what = f"a row of {len(cells)} fields, the header has {len(head.columns)}"
            into.complain(what, row.at)
            return
        into.row(said, Leaf(said["value"]), row.at, indexed=not head.by_number)

    def wide(self, row: Record, head: Head) -> bool:
        """Take in a row of columns that are quantities or steps; False for another row."""
        numbers = _numbers(row, head)
        outer, own = self.outer(row, head, numbers)
        if head.crossed and outer.name is None:
            return self.of_nothing(row, head)
        if self.columns == "either":
            self.collectors[""].complain(EITHER, row.at)
            return True
        into = self.asked(row, head) or self.collectors[self.owner(row, head, outer)]
        used = bool(head.of_people)
        for k, (column, cell) in enumerate(zip(head.columns, row.cells, strict=False)):
            label = _within(outer, column.label) if column.role == "label" else Label()
            if label.name is not None and k not in own:
                if numbers and not is_blank(cell):
                    indexed = not head.by_number
                    into.counted(Counted(label, numbers, Leaf(cell.strip()), row.at, indexed))
                elif not numbers:
                    into.take(label, Leaf(cell.strip()), row.at)
                used = True
            elif column.role in ("", "label") and k not in own:
                self.unnamed(k, column, cell, row, into)
        for k in head.having("submitted"):
            add_submitted(row.cells[k] if k < len(row.cells) else "", self.heads, row.at, into)
        responses = {head.columns[k].entry or 0: row.cells[k] for k in head.having("response")}
        add_responses(responses, self.questions(row, head), row.at, into)
        return used or bool(responses)

    def of_nothing(self, row: Record, head: Head) -> bool:
        """A row of a table of quantities by steps that names none; its numbers are told."""
        steps = [row.cells[k] for k in head.having("label") if k < len(row.cells)]
        if any(re.search(r"\d", cell) for cell in steps):
            into = self.collectors[""]
            said = next((cell for cell in row.cells if cell.strip() and cell not in steps), "")
            if said:
                into.unknown(said, row.at)
            else:
                into.complain("it is not said which quantity this row is", row.at)
        return True

    def outer(self, row: Record, head: Head, numbers: Sequence[int]) -> tuple[Label, set[int]]:
        """What a row says of all its cells, a step or a name, and in which of them it says so."""
        labels, said, own = self.heads.labels, Label(), set(head.having("index") if numbers else ())
        for k in head.having("step"):
            found = labels.read(row.cells[k].strip()) if k < len(row.cells) else None
            if found is not None and found.step is not None:
                said = said.then(found)
                own.add(k)
        if said == Label() and not head.of_people:
            for k, cell in enumerate(row.cells[:2]):
                found = labels.read(cell.strip())
                if found is None and head.crossed:
                    found = labels.find(cell.strip())
                column = head.columns[k] if k < len(head.columns) else None
                corner = head.crossed and k == 0
                free = corner or column is None or not column.text or not column.role
                if found is not None and free and k not in own:
                    self.last = found
                    return found.under(self.heading), {k, *own}
            if numbers and head.crossed:
                return self.last, own  # the name stands once for all of its entries
        if not own and self.rows_are_steps(row, head):
            self.count += 1
            said = Label(step=self.count)
        return said.under(self.heading), own

    def rows_are_steps(self, row: Record, head: Head) -> bool:
        """Whether the rows are the steps in order: as many, and no name has a step.

        The number behind the name of a vector is no step where one number stands below it.
        """
        labels = {k: head.columns[k].label for k in head.having("label") if head.columns[k].named}
        if head.of_people or self.left != self.heads.labels.problem.steps:
            return False
        return bool(labels) and all(
            label.step is None or self.is_entry(label, row.cells[k : k + 1])
            for k, label in labels.items()
        )

    def is_entry(self, label: Label, cell: Sequence[str]) -> bool:
        """Whether one number stands in a cell below the name of a vector with a number."""
        several = self.heads.labels.problem.size(label.name or "") > 1
        return several and not label.index and not any(holds_several(Leaf(c)) for c in cell)

    def asked(self, row: Record, head: Head) -> Collector | None:
        """What gathers a row that says which question it answers; another such row is another's."""
        question = "".join(row.cells[k] for k in head.having(ASKED) if k < len(row.cells))
        if not question.strip():
            return None
        said = _said(head.of_people, head, row.cells)
        name, title = self.people.name(said, ""), question.rpartition("/")[2]
        if (name, title) in self.answered:
            name = self.people.apart(name)
        self.answered.add((name, title))
        return gathering(self.collectors, name, title, tuple(text for _, text in said if text))

    def owner(self, row: Record, head: Head, outer: Label) -> str:
        """The name under which a row's answers stand; nobody's in a table of one person."""
        said = _said(head.of_people, head, row.cells)
        if outer != Label():
            return self.people.name(said, "")
        if self.left == 1 and not said:
            return ""
        name = self.people.apart(*self.called(said, row, head))
        self.collectors[name].also = tuple(text for _, text in said if text)
        return name

    def called(self, said: Sequence[tuple[str, str]], row: Record, head: Head) -> tuple[str, str]:
        """The name of a row's person: of the columns of names, else of one with words."""
        if any(not is_blank(text) for _, text in said):
            return called(said)
        words = (row.cells[k] for k in head.having("") if k < len(row.cells))
        name = next((text for text in words if _is_words(text)), "")
        return " ".join(name.split())[: effort.PERSON] or f"row {row.place.line}", ""

    def unnamed(self, k: int, column: Column, cell: str, row: Record, into: Collector) -> None:
        """A cell under a head that names nothing: lines of answers, or numbers nobody can place."""
        if "=" in cell and re.search(r"\d", cell):
            add_prints(cell, row.at, into)
        elif is_numeral(cell) and k not in self.told:
            self.told.add(k)
            what = f"the column {shown(column.text)} names no quantity, its numbers are not read"
            into.complain(what, row.at)

    def questions(self, row: Record, head: Head) -> dict[int, Label]:
        """The quantities that the questions of a row name, by the number of the question."""
        found: dict[int, Label] = {}
        for column, cell in zip(head.columns, row.cells, strict=False):
            number = QUESTION.fullmatch(column.text)
            label = self.heads.question(cell) if number else None
            if number and label is not None:
                found[int(number[1])] = label
        return found


def _numbers(row: Record, head: Head) -> tuple[int, ...]:
    """The numbers of the entry that a row says in columns of its own."""
    cells = [row.cells[k].strip() for k in head.having("index") if k < len(row.cells)]
    numbers = [WHOLE.sub("", cell) for cell in cells]
    plain = all(text.isascii() and text.isdigit() and len(text) < LONG for text in numbers)
    return tuple(map(int, numbers)) if plain else ()


def _within(outer: Label, column: Label) -> Label:
    """What a cell is, by its row and its column."""
    return outer.then(column) if outer.name is None else column.then(outer)


def _said(columns: Sequence[int], head: Head, cells: Sequence[str]) -> list[tuple[str, str]]:
    """What the columns of a person say, in pairs of role and text."""
    return [(head.columns[k].role, cells[k]) for k in columns if k < len(cells)]


def _is_words(text: str) -> bool:
    return any(map(str.isalpha, text)) and not is_numeral(text) and "=" not in text
