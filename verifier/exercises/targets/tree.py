"""Trees of XML for learning systems."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring


def child(parent: Element, tag: str, text: str | None = None, **attributes: str) -> Element:
    """A new last child; `_` at an attribute's end is left out, within it is a hyphen."""
    named = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    found = SubElement(parent, tag, named)
    found.text = text
    return found


def document(root: Element) -> bytes:
    """The bytes of a file."""
    indent(root)
    made: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return made + b"\n"
