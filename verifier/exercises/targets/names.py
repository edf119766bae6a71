"""What files and items of learning systems are called: letters, digits and signs between them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from uuid import NAMESPACE_URL, uuid5

from verifier.exercises.model import Exercise

LONGEST = 60


def distinct(texts: Iterable[str]) -> tuple[str, ...]:
    """A name for each text, no two alike: small letters and digits with hyphens between them."""
    found: dict[str, None] = {}
    for text in texts:
        plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
        name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST] or "question"
        while name in found:
            name = f"{name}-{len(found)}"
        found[name] = None
    return tuple(found)


def mark(exercise: Exercise) -> str:
    """The same number for the same question, whenever and wherever it is made."""
    return str(uuid5(NAMESPACE_URL, repr(exercise)))
