"""QTI 3: a package with an item for each number that is asked, and a section for each problem.

Windows are half-open: `qti-gte` and `qti-lt`, the first that holds the response decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from verifier.exercises.model import Exercise, Field, Parts, Window, decimal
from verifier.exercises.targets.names import distinct
from verifier.exercises.targets.to_moodle import asked
from verifier.exercises.targets.tree import child, document, manifest, package, parsed

QTI = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
CONTENT = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"
ITEM, TEST = "imsqti_item_xmlv3p0", "imsqti_test_xmlv3p0"

Items = Sequence[str]
"""The names of the items of a problem."""


def files(bank: Sequence[Exercise]) -> dict[str, Parts]:
    """The package as one file."""
    return {"qti3.zip": package(_contents(bank))}


def _contents(bank: Sequence[Exercise]) -> Iterator[tuple[str, bytes]]:
    names = distinct(exercise.name for exercise in bank)
    titles = [(one.name, len(one.fields)) for one in bank]
    parts = {name: _items(name, count) for name, (_, count) in zip(names, titles, strict=True)}
    yield "imsmanifest.xml", _manifest([item for items in parts.values() for item in items])
    yield "test.xml", _test([title for title, _ in titles], parts)
    for items, exercise in zip(parts.values(), bank, strict=True):
        for item, field in zip(items, exercise.fields, strict=True):
            yield f"items/{item}.xml", _item(item, exercise, field)


def _items(name: str, count: int) -> Items:
    return [f"{name}_{k:03d}" for k in range(1, count + 1)]


def _manifest(items: Items) -> bytes:
    root, resources = manifest(CONTENT, "QTI Package", "3.0.0")
    test = child(resources, "resource", identifier="test", type=TEST, href="test.xml")
    child(test, "file", href="test.xml")
    for name in items:
        href = f"items/{name}.xml"
        found = child(resources, "resource", identifier=f"item-{name}", type=ITEM, href=href)
        child(found, "file", href=href)
        child(test, "dependency", identifierref=f"item-{name}")
    return document(root)


def _test(titles: Sequence[str], parts: dict[str, Items]) -> bytes:
    """A test of all problems, a section each."""
    title = titles[0] if len(titles) == 1 else f"{len(titles)} problems"
    root = Element("qti-assessment-test", xmlns=QTI, identifier="test", title=title)
    part = child(root, "qti-test-part", identifier="part")
    part.attrib |= {"navigation-mode": "nonlinear", "submission-mode": "individual"}
    for own, (name, items) in zip(titles, parts.items(), strict=True):
        section = child(part, "qti-assessment-section", identifier=f"section-{name}")
        section.attrib |= {"title": own, "visible": "true"}
        for item in items:
            href = f"items/{item}.xml"
            child(section, "qti-assessment-item-ref", identifier=f"item-{item}", href=href)
    return document(root)


def _item(name: str, exercise: Exercise, field: Field) -> bytes:
    root = Element("qti-assessment-item", xmlns=QTI, identifier=f"item-{name}")
    root.attrib |= {"title": f"{exercise.name} {field.name}", "adaptive": "false"}
    root.set("time-dependent", "false")
    response = _declared(root, "response", "RESPONSE", "float")
    child(child(response, "qti-correct-response"), "qti-value", field.digits)
    score = _declared(root, "outcome", "SCORE", "float")
    score.set("normal-maximum", str(float(field.points)))
    child(child(score, "qti-default-value"), "qti-value", "0")
    _declared(root, "outcome", "FEEDBACK", "identifier")
    _body(root, exercise, field)
    _processing(root, field)
    for number, window in enumerate(field.windows, 1):
        if window.feedback:
            _feedback(root, number, window)
    return document(root)


def _declared(root: Element, kind: str, identifier: str, type: str) -> Element:
    found = child(root, f"qti-{kind}-declaration", identifier=identifier, cardinality="single")
    found.set("base-type", type)
    return found


def _body(root: Element, exercise: Exercise, field: Field) -> None:
    body = child(root, "qti-item-body")
    body.append(parsed(asked(exercise, field)))
    entry = child(body[0][-1], "qti-text-entry-interaction", response_identifier="RESPONSE")
    entry.set("expected-length", "12")


def _processing(root: Element, field: Field) -> None:
    """What a response earns: without one nothing, else what its window says."""
    condition = child(child(root, "qti-response-processing"), "qti-response-condition")
    branch = child(condition, "qti-response-if")
    child(child(branch, "qti-is-null"), "qti-variable", identifier="RESPONSE")
    _set(branch, "SCORE", "float", "0")
    for number, window in enumerate(field.windows, 1):
        branch = child(condition, "qti-response-else-if")
        both = child(branch, "qti-and")
        _compared(both, "qti-gte", _low(field, window))
        _compared(both, "qti-lt", field.past(window))
        _set(branch, "SCORE", "float", str(float(window.share * field.points)))
        if window.feedback:
            _set(branch, "FEEDBACK", "identifier", f"window-{number}")


def _low(field: Field, window: Window) -> str:
    return field.centre(window) if window.low == window.high else decimal(window.low)


def _compared(parent: Element, operator: str, value: str) -> None:
    found = child(parent, operator)
    child(found, "qti-variable", identifier="RESPONSE")
    child(found, "qti-base-value", value, base_type="float")


def _set(branch: Element, outcome: str, type: str, value: str) -> None:
    found = child(branch, "qti-set-outcome-value", identifier=outcome)
    child(found, "qti-base-value", value, base_type=type)


def _feedback(root: Element, number: int, window: Window) -> None:
    found = child(root, "qti-modal-feedback", outcome_identifier="FEEDBACK", show_hide="show")
    found.set("identifier", f"window-{number}")
    child(child(found, "qti-content-body"), "p", window.feedback)
