"""Trees of XML for learning systems, and packages of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from tempfile import TemporaryFile
from xml.etree.ElementTree import Element, SubElement, fromstring, indent, tostring
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

PART = 2**20
"""Bytes of a package that are handed on at a time."""

MATHML = "http://www.w3.org/1998/Math/MathML"


def child(parent: Element, tag: str, text: str | None = None, **attributes: str) -> Element:
    """A new last child; `_` at an attribute's end is left out, within it is a hyphen."""
    named = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    found = SubElement(parent, tag, named)
    found.text = text
    return found


def manifest(namespace: str, schema: str, version: str) -> tuple[Element, Element]:
    """The root of a package's manifest, and the place of its resources."""
    root = Element("manifest", identifier="verifier", xmlns=namespace)
    metadata = child(root, "metadata")
    child(metadata, "schema", schema)
    child(metadata, "schemaversion", version)
    child(root, "organizations")
    return root, child(root, "resources")


def document(root: Element) -> bytes:
    """The bytes of a file."""
    indent(root)
    made: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return made + b"\n"


def streamed(name: str, children: Iterable[Element]) -> Iterator[str]:
    """The parts of a file whose root has no attributes: a child each."""
    yield f"<?xml version='1.0' encoding='utf-8'?>\n<{name}>\n"
    for one in children:
        indent(one, level=1)
        yield f"  {tostring(one, encoding='unicode')}\n"
    yield f"</{name}>\n"


def parsed(html: str) -> Element:
    """HTML as a tree, in a `div`; mathematics has a namespace of its own."""
    found = fromstring(f"<div>{html}</div>")
    for math in found.iter("math"):
        math.set("xmlns", MATHML)
    return found


def package(contents: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """The bytes of a zip file, the same for the same contents whatever the clock says."""
    with TemporaryFile() as file:
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            for name, content in contents:
                archive.writestr(ZipInfo(name), content, ZIP_DEFLATED)
        file.seek(0)
        yield from iter(partial(file.read, PART), b"")
