"""Trees of XML for learning systems, and packages of them."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from xml.etree.ElementTree import Element, SubElement, fromstring, indent, tostring
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

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


def parsed(html: str) -> Element:
    """HTML as a tree, in a `div`; mathematics has a namespace of its own."""
    found = fromstring(f"<div>{html}</div>")
    for math in found.iter("math"):
        math.set("xmlns", MATHML)
    return found


def package(contents: Mapping[str, bytes]) -> bytes:
    """The bytes of a zip file, the same for the same contents whatever the clock says."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(ZipInfo(name), content, ZIP_DEFLATED)
    return out.getvalue()
