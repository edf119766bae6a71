"""Errors at a key of a problem."""

from __future__ import annotations

from verifier.errors import Place, ProblemError


class KeyedError(ProblemError):
    """An error at a key of the problem, such as ("parameters", "U_z", 1).

    `inside` is a place in the text that stands there, where the error is about a part of it.
    """

    inside: Place | None = None

    def __init__(self, what: str, key: tuple[str | int, ...], accepted: str = "") -> None:
        super().__init__(what, accepted=accepted)
        self.key = key

    def __str__(self) -> str:
        text = super().__str__()
        return text if self.place else f"{key_text(self.key)}: {text}"


def key_text(key: tuple[str | int, ...]) -> str:
    """A key as people write it: parameters.U_z[1]."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part[:100]}" for part in key)
    return "".join(parts).removeprefix(".")
