"""QTI results reports: an `assessmentResult` says what a person answered to each item.

Items are called as `verifier export --to qti3` does: `item-<question>_<number>`, numbers from 1.
Of several results of an item, which must have different times, the last one counts. Read of
imsqti_resultv3p0_v1p0.xsd and its forerunners 2.1 and 2.2, whose elements are the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from verifier.check.answers.bank import Attempt, Bank
from verifier.check.answers.collect import Collector
from verifier.check.answers.columns import of_person
from verifier.check.answers.numerals import is_blank
from verifier.errors import Place, ProblemError, shown

ITEM = re.compile(r"(?:item-)?(?P<question>.+)_(?P<number>\d{3,6})")
ROOT, RESPONSE = "assessmentResult", "RESPONSE"
CANDIDATE = re.compile(r"(?:candidate|learner|test[_-]?taker)[_ -]?(?=.)", re.IGNORECASE)
"""What stands before a person's name or number in what a system calls these."""


def add_results(text: str, file: str, collectors: Mapping[str, Collector]) -> None:
    """Take in a results report.

    Errors: ProblemError for what is no XML, or no such report.
    """
    reader = _Reader(text, file)
    reader.read()
    if not reader.found:
        what = "this XML is no results report of QTI: it has no assessmentResult"
        raise ProblemError(what, Place(file, 1, 1), "assessmentResult of QTI 2.1, 2.2 or 3")
    bank = Bank(collectors)
    for result in reader.found:
        _add(result, bank.attempt(result.person))


@dataclass
class _Item:
    """A result of an item: its name, its time, what was answered, and where it stands."""

    name: str
    time: str
    line: Place
    values: list[str] = field(default_factory=list)


@dataclass
class _Result:
    """The results of a person."""

    person: list[tuple[str, str]] = field(default_factory=list)
    items: list[_Item] = field(default_factory=list)


class _Reader:
    """Python's own parser, which knows the line of each element; a document type is refused."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file, self.found = text, file, list[_Result]()
        self.path: list[str] = []
        self.response = ""
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler, self.parser.EndElementHandler = self.start, self.end
        self.parser.CharacterDataHandler = self.data
        self.parser.StartDoctypeDeclHandler = self.refuse

    def read(self) -> None:
        """Read the text."""
        try:
            self.parser.Parse(self.text.encode("utf-8", "replace"), True)
        except expat.ExpatError as error:
            place = Place(self.file, error.lineno, error.offset + 1)
            raise ProblemError(f"this is not XML: {expat.ErrorString(error.code)}", place) from None

    def refuse(self, *_: object) -> None:
        """Refuse a document type: its entities could expand, and no report has one."""
        raise ProblemError("an XML with a document type", self.here, "a results report of QTI")

    @property
    def here(self) -> Place:
        """Where the parser is."""
        return Place(self.file, self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        name = tag.rpartition(" ")[2]
        self.path.append(name)
        if name == ROOT:
            self.found.append(_Result())
        elif self.found:
            self.inside(name, attributes)

    def inside(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element of a person's results begins."""
        result = self.found[-1]
        match name:
            case "context":
                result.person.append(("id", attributes.get("sourcedId", "")))
            case "sessionIdentifier":
                role = _role(attributes.get("sourceID", ""))
                if role is not None:
                    result.person.insert(0, (role, attributes.get("identifier", "")))
            case "itemResult":
                when = attributes.get("datestamp", "")
                result.items.append(_Item(attributes.get("identifier", ""), when, self.here))
            case "responseVariable":
                self.response = attributes.get("identifier", "")
            case "value" if self.asked:
                result.items[-1].values.append("")

    @property
    def asked(self) -> bool:
        """Whether what comes is what was answered to an item."""
        inner = self.path[-4:] == ["itemResult", "responseVariable", "candidateResponse", "value"]
        return inner and self.response == RESPONSE

    def data(self, text: str) -> None:
        """Characters of an element."""
        if self.found and self.asked:
            self.found[-1].items[-1].values[-1] += text

    def end(self, tag: str) -> None:
        """An element ends."""
        self.path.pop()


def _role(source: str) -> str | None:
    """What an identifier of a session says of a person: the last part of its source's name."""
    return of_person(CANDIDATE.sub("", re.split(r"[/:#]", source)[-1]))


def _add(result: _Result, attempt: Attempt) -> None:
    """Take in what was answered to each item the last time."""
    last: dict[str, _Item] = {}
    for item in sorted(result.items, key=lambda item: item.time):
        last[item.name] = item
    for item in result.items:
        if last[item.name] is item:
            _item(item, attempt)


def _item(item: _Item, attempt: Attempt) -> None:
    text, name = " ".join(item.values).strip(), ITEM.fullmatch(item.name)
    if name is not None and name["number"].isascii() and int(name["number"]):
        number = int(name["number"]) - 1
        attempt.take(name["question"], number, text, lambda at: item.line, stored=True)
    elif not is_blank(text):
        what = f"an answer to the item {shown(item.name)}, which no exported question has"
        attempt.into("").complain(what, lambda at: item.line)
