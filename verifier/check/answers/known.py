"""What was read before, by its text: a class says the same names over and over."""

from __future__ import annotations

from typing import TypeVar

from verifier import effort

T = TypeVar("T")


class Known(dict[str, T]):
    """A table of texts that starts anew when it is full: not all that a class hands in is kept."""

    def __setitem__(self, text: str, meaning: T) -> None:
        if len(self) >= effort.KNOWN:
            self.clear()
        super().__setitem__(text, meaning)
