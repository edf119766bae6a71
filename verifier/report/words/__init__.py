"""The words of the documents: message catalogues of gettext, one a language.

`en.po` is the source; installing the package compiles it to `en.mo`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from gettext import GNUTranslations
from pathlib import Path
from string import Formatter
from typing import Any

from verifier.markup import Math, Prose, Svg

__all__ = ["Math", "Prose", "Svg", "Words", "capital"]


@dataclass(frozen=True)
class Words:
    """The messages of a language; of two of a key, that of the document's kind."""

    language: str = "en"
    kind: str = ""

    def __call__(self, key: str, count: int | None = None, **values: Any) -> Prose:
        """The sentence of a key, with values put in; `count` chooses the plural.

        Errors: KeyError for a key that the catalogue does not have.
        """
        catalogue, key = _read(self.language), self._key(key)
        if count is None:
            return tuple(_filled(_known(catalogue.gettext(key), key), values))
        text = _known(catalogue.ngettext(key, key, count), key)
        return tuple(_filled(text, {**values, "count": count}))

    def _key(self, key: str) -> str:
        own = f"{self.kind}.{key}"
        return own if self.kind and self.has(own) else key

    def phrases(self, prefix: str) -> dict[str, str]:
        """The messages whose keys begin with a prefix, by the rest of their keys."""
        keys = _read(self.language)._catalog  # type: ignore[attr-defined]
        return {k[len(prefix) :]: v for k, v in keys.items() if str(k).startswith(prefix)}

    def has(self, key: str) -> bool:
        """Whether the catalogue has a key."""
        known = _read(self.language)._catalog  # type: ignore[attr-defined]
        return key in known or (key, 0) in known

    def text(self, key: str, count: int | None = None, **values: Any) -> str:
        """The sentence as one plain text."""
        return "".join(self(key, count, **values))

    def join(self, parts: list[Prose]) -> Prose:
        """A list in words: a, b and c."""
        if not parts:
            return ()
        joined = parts[0]
        for part in parts[1:-1]:
            joined = self("list.more", left=joined, right=part)
        return self("list.two", left=joined, right=parts[-1]) if len(parts) > 1 else joined


def capital(prose: Prose) -> Prose:
    """The sentence with a capital first letter, unless it begins with mathematics."""
    if not prose or isinstance(prose[0], Math):
        return prose
    return (prose[0][:1].upper() + prose[0][1:], *prose[1:])


def _filled(text: str, values: dict[str, Any]) -> Iterator[str]:
    for literal, name, _, _ in Formatter().parse(text):
        if literal:
            yield literal
        if name is not None:
            value = values[name]
            yield from (
                value
                if isinstance(value, tuple)
                else (value if isinstance(value, str) else str(value),)
            )


def _known(text: str, key: str) -> str:
    if text == key:
        raise KeyError(key)
    return text


@lru_cache
def _read(language: str) -> GNUTranslations:
    with (Path(__file__).parent / f"{language}.mo").open("rb") as file:
        return GNUTranslations(file)
