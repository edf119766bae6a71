"""The words of the documents: message catalogues, one a language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from gettext import c2py
from importlib import resources
from string import Formatter
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po


class Math(str):
    """Markup of a printer, which templates leave as it is and set as mathematics."""


Prose = tuple[str, ...]
"""A sentence in parts: plain texts, and `Math`."""


@dataclass(frozen=True)
class Words:
    """The messages of a language."""

    language: str = "en"

    @cached_property
    def catalogue(self) -> Catalog:
        """The messages by their keys."""
        return _read(self.language)

    @cached_property
    def plural(self) -> Callable[[int], int]:
        """Which of a message's forms a number takes."""
        rule: Callable[[int], int] = c2py(self.catalogue.plural_expr)
        return rule

    def __call__(self, key: str, count: int | None = None, **values: Any) -> Prose:
        """The sentence of a key, with values put in; `count` chooses the plural."""
        message = self.catalogue.get(key)
        if message is None:
            raise KeyError(key)
        forms = message.string
        text = forms if isinstance(forms, str) else list(forms or ())[self.plural(count or 0)]
        return tuple(_filled(text, values if count is None else {**values, "count": count}))

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


@lru_cache
def _read(language: str) -> Catalog:
    source = resources.files(__name__).joinpath(f"{language}.po")
    with source.open("rb") as file:
        return read_po(file)
