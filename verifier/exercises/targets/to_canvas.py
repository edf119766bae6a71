"""Classic quizzes of Canvas: a package of QTI 1.2 with a quiz for each problem.

Canvas rounds a response to four places when it is typed (`toFixed` in the script of its quizzes),
and any listed answer whose closed interval holds it earns all points
(app/models/quizzes/quiz_question/numerical_question.rb). What is listed are the numbers of four
places that earn all points: one of them with a margin of zero, or a range. The name
of the number stands as plain text, as it heads the column of its responses. The elements are those
that Canvas writes (lib/cc/qti/qti_items.rb) and reads
(gems/plugins/qti_exporter/lib/qti/numeric_interaction.rb).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from html import escape
from math import ceil, floor
from xml.etree.ElementTree import Element

from verifier.exercises.model import Exercise, Field, Parts
from verifier.exercises.targets.names import distinct, mark
from verifier.exercises.targets.tree import child, document, manifest, package
from verifier.rounding import decimal_text

PLACES = 4
QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
CONTENT = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"

Range = tuple[str, str]


def files(bank: Sequence[Exercise]) -> dict[str, Parts]:
    """The package as one file."""
    return {"canvas.zip": package(_contents(bank))}


def _contents(bank: Sequence[Exercise]) -> Iterator[tuple[str, bytes]]:
    names = distinct(exercise.name for exercise in bank)
    yield "imsmanifest.xml", _manifest(names)
    for name, one in zip(names, bank, strict=True):
        yield f"{name}/{name}.xml", _quiz(one)


def _manifest(names: Sequence[str]) -> bytes:
    root, resources = manifest(CONTENT, "IMS Content", "1.1.3")
    for name in names:
        found = child(resources, "resource", identifier=name, type="imsqti_xmlv1p2")
        child(found, "file", href=f"{name}/{name}.xml")
    return document(root)


def _quiz(exercise: Exercise) -> bytes:
    root = Element("questestinterop", xmlns=QTI)
    quiz = child(root, "assessment", ident=f"q{mark(exercise)}", title=exercise.name)
    section = child(quiz, "section", ident="root_section")
    for number, field in enumerate(exercise.fields, 1):
        _item(section, exercise, field, number)
    return document(root)


def _item(section: Element, exercise: Exercise, field: Field, number: int) -> None:
    ident = f"q{mark(exercise)}-{number:03d}"
    item = child(section, "item", ident=ident, title=f"{exercise.name} {field.name}")
    metadata = child(child(item, "itemmetadata"), "qtimetadata")
    for label, entry in (
        ("question_type", "numerical_question"),
        ("points_possible", str(float(field.points))),
    ):
        one = child(metadata, "qtimetadatafield")
        child(one, "fieldlabel", label)
        child(one, "fieldentry", entry)
    _presentation(item, exercise, field)
    processing = child(item, "resprocessing")
    outcomes = child(processing, "outcomes")
    child(outcomes, "decvar", maxvalue="100", minvalue="0", varname="SCORE", vartype="Decimal")
    for low, high in dict.fromkeys(ranges(field)):
        _condition(processing, low, high)


def _presentation(item: Element, exercise: Exercise, field: Field) -> None:
    shown = child(item, "presentation")
    text = f"<div>{exercise.statement}\n<p>{escape(field.plain)} =</p></div>"
    child(child(shown, "material"), "mattext", text, texttype="text/html")
    response = child(shown, "response_str", ident="response1", rcardinality="Single")
    child(child(response, "render_fib", fibtype="Decimal"), "response_label", ident="answer1")


def ranges(field: Field) -> Iterator[Range]:
    """The first and the last number of four places in each window that earns all points."""
    unit = Fraction(1, 10**PLACES)
    for window in field.windows:
        low, high = ceil(window.low / unit), floor(window.high / unit)
        if window.share == 1 and low <= high:
            yield decimal_text(low * unit, PLACES), decimal_text(high * unit, PLACES)


def _condition(processing: Element, low: str, high: str) -> None:
    """An answer: a number with a margin of zero, or a range."""
    found = child(processing, "respcondition", continue_="No")
    condition = child(found, "conditionvar")
    if low == high:
        condition = child(condition, "or")
        child(condition, "varequal", low, respident="response1")
    both = child(condition, "and")
    child(both, "vargte", low, respident="response1")
    child(both, "varlte", high, respident="response1")
    child(found, "setvar", "100", action="Set", varname="SCORE")
