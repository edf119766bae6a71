"""The head of a table: what each of its columns holds, and how entries are counted there."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from verifier import effort
from verifier.check.answers.columns import (
    PEOPLE,
    RESPONSE,
    SUBMITTED,
    is_entry,
    of_person,
    of_row,
    passed_over,
    plain,
)
from verifier.check.answers.known import Known
from verifier.check.answers.labels import Label, Labels, asked_last
from verifier.check.answers.numerals import is_blank, is_numeral

KEPT = frozenset((*PEOPLE, "submitted"))
"""What is read of a table with a column of all answers."""

_DECIMAL = re.compile(r"\d[.,]\d")
WORD_AND_NUMBER = re.compile(r"[^\W\d_]{2,20}\s?\d{1,4}")
NOTHING = Label()
ASKED = "asked"
"""The column that says which question of a bank a row answers."""


@dataclass(frozen=True)
class Column:
    """What a column holds: a role, or a quantity, perhaps one entry of it, as it is counted."""

    text: str
    role: str = ""
    label: Label = NOTHING
    entry: int | None = None

    @property
    def named(self) -> bool:
        """Whether it holds a quantity."""
        return self.role == "label" and self.label.name is not None


@dataclass(frozen=True)
class Head:
    """The columns of a table, in order, and what its rows are."""

    columns: tuple[Column, ...]

    def having(self, *roles: str) -> list[int]:
        """The numbers of the columns of some roles."""
        return [k for k, column in enumerate(self.columns) if column.role in roles]

    @property
    def by_entry(self) -> bool:
        """Whether a row says name and value of one entry."""
        return bool(self.having("name") and self.having("value"))

    @property
    def by_number(self) -> bool:
        """Whether it speaks of entries, which people count from 1, and not of indices."""
        return any(is_entry(self.columns[k].text) for k in self.having("index"))

    @property
    def of_people(self) -> list[int]:
        """The columns that say whose a row is."""
        return self.having(*PEOPLE)

    @property
    def crossed(self) -> bool:
        """Whether the columns are steps and the rows quantities."""
        said = [column.label for column in self.columns if column.role == "label"]
        return bool(said) and not self.of_people and all(label.name is None for label in said)


@lru_cache(maxsize=effort.READERS)
def heads_of(labels: Labels) -> Heads:
    """The reader of heads with a reader of names, made once for all tables of a class."""
    return Heads(labels)


class Heads:
    """Reads rows as heads of tables."""

    def __init__(self, labels: Labels) -> None:
        self.labels = labels
        self._known, self._rows = Known[Column](), Known[str | None]()

    def head(self, cells: Sequence[str]) -> Head | None:
        """The head that a row is; None for a row of answers."""
        columns = [self.column(cell.strip()) for cell in cells]
        if any(column.role == "submitted" for column in columns):
            return Head(tuple(map(_kept, columns)))
        long = [replace(c, role=self.row_role(c.text) or c.role) for c in columns]
        if {"name", "value"} <= {column.role for column in long}:
            return Head(tuple(long))
        if not self._is_head(columns):
            return None
        return Head(tuple(self._counted(columns)))

    def of_rows(self, cells: Sequence[str]) -> bool:
        """Whether these are heads of rows that say step and name, and then entries by number."""
        roles = [self.row_role(cell.strip()) for cell in cells]
        rest = [cell for cell, role in zip(cells, roles, strict=True) if role is None]
        return {"step", "name"} <= set(roles) and all(map(is_numeral, rest))

    def row_role(self, text: str) -> str | None:
        """Which part of an entry's row a column of this head holds; see `of_row`."""
        if text not in self._rows:
            self._rows[text] = of_row(text)
        return self._rows[text]

    def unknown(self, cells: Sequence[str]) -> str:
        """The first of several heads that count something unknown, in a row without numbers."""
        found = [cell.strip() for cell in cells[1:] if WORD_AND_NUMBER.fullmatch(cell.strip())]
        heads = [text for text in found if not is_entry(text.rstrip(" 0123456789"))]
        numbers = any(map(is_numeral, cells)) or any(self.column(text).role for text in heads)
        return "" if numbers or len(heads) <= 1 else heads[0]

    def is_step(self, text: str) -> bool:
        """Whether a text says a step, in more than its number."""
        label = None if is_numeral(text) else self.labels.read(text)
        return label is not None and label.name is None and label.step is not None

    def column(self, text: str) -> Column:
        """What the head of a column says."""
        if text not in self._known:
            self._known[text] = self._column(text)
        return self._known[text]

    def question(self, text: str) -> Label | None:
        """The quantity or entry that a question asks for; what it ends in counts first."""
        last = self._last(text)
        if last is None:
            return self.labels.find(text)
        index = () if last.entry is None else (last.entry - 1,)
        return replace(last.label, index=(*last.label.index, *index))

    def _last(self, text: str) -> Column | None:
        """What a question that ends in a name and an equals sign asks for."""
        name = asked_last(text)
        column = None if name is None or name == text else self.column(name)
        return column if column is not None and column.named else None

    def _column(self, text: str) -> Column:
        if last := self._last(text):
            return replace(last, text=text)
        if SUBMITTED.fullmatch(text):
            return Column(text, "submitted")
        if found := RESPONSE.fullmatch(text):
            return Column(text, "response", entry=int(found[1]))
        said = text in self.labels.names  # a quantity may be called state, or score
        if not said and (not any(map(str.isalnum, text)) or passed_over(text) or is_blank(text)):
            return Column(text, "passed")
        label = self.labels.read(text)
        if label is not None and label.name is not None:
            return Column(text, "label", label)
        role = of_person(text) or ("step" if self.row_role(text) == "step" else None)
        if role is not None:
            return Column(text, role)
        return self._asked(text, label)

    def _asked(self, text: str, label: Label | None) -> Column:
        """A column whose head is a step, an entry of a name, a number, or a question."""
        found = self.labels.counted(text)
        if found:
            return Column(text, "label", *found)
        if label is not None:
            return Column(text, "label", label)
        if is_numeral(text):
            return Column(text, "numeral")
        if self.row_role(text) == "index":
            return Column(text, "index")
        asked = None if _DECIMAL.search(text) else self.labels.find(text)
        return Column(text) if asked is None else Column(text, "label", asked)

    def _is_head(self, columns: Sequence[Column]) -> bool:
        """Whether these are heads of columns and no answers."""
        named = [column for column in columns if column.named]
        others = [column for column in columns if column.role in ("", "numeral")]
        people = any(column.role in PEOPLE for column in columns)
        known = [column for column in columns if column.role in (*PEOPLE, "passed") if column.text]
        if people and len(columns) > 1:
            responses = any(column.role == "response" for column in columns)
            return bool(named) or responses or (len(known) > 1 and not _numbers(columns))
        if any(column.role == "response" for column in columns):
            return True
        if named:
            many = len(named) > 1 or len(columns) == 1 or columns[0].role == "step"
            return many and len(others) < len(named) and not _numbers(columns)
        rest = [column for column in columns[1:] if column.role != "index"]
        steps = [column for column in rest if column.role == "label"]
        first = columns[0].role != "numeral" and not columns[0].label.step
        return first and bool(steps) and len(steps) == len(rest)

    def _counted(self, columns: Sequence[Column]) -> Iterator[Column]:
        """The columns with entries counted from 0; where rows are steps, digits count entries."""
        rows_are_steps = any(column.role == "step" for column in columns)
        if rows_are_steps:
            columns = [_entry_for_step(column, self.labels) for column in columns]
        seen: dict[tuple[str | None, int | None], set[int]] = defaultdict(set)
        for column in columns:
            if column.named and column.entry is not None:
                seen[column.label.name, column.label.step].add(column.entry)
        for column in columns:
            if column.named and column.entry is not None:
                first = int(0 not in seen[column.label.name, column.label.step])
                index = (*column.label.index, column.entry - first)
                column = replace(column, label=replace(column.label, index=index), entry=None)
            yield column


def _numbers(columns: Sequence[Column]) -> bool:
    """Whether a number stands among the names, as in a row of answers."""
    return any(column.role == "numeral" for column in columns)


def _entry_for_step(column: Column, labels: Labels) -> Column:
    """A column such as h2 of a table whose rows are steps: the second entry of h."""
    label = column.label
    if not column.named or label.step is None or label.index or column.entry is not None:
        return column
    if labels.problem.size(label.name or "") == 1:
        return replace(column, label=replace(label, step=None))
    return replace(column, label=replace(label, step=None), entry=label.step)


def _kept(column: Column) -> Column:
    """A column of a table with a column of all answers: people, answers, and what was asked."""
    asked = plain(column.text) == "question"
    return column if column.role in KEPT else replace(column, role=ASKED if asked else "passed")
