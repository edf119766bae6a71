"""`[notation]` of a problem file: how names and products print."""

from __future__ import annotations

from typing import TypeVar

from verifier import effort
from verifier.errors import nearest, shown
from verifier.notation.spelling import is_spelling
from verifier.problem.keyed import KeyedError
from verifier.problem.settings import GRADIENTS, WEIGHTS, Notation
from verifier.problem.source import Data, Literal
from verifier.problem.tables import table_of, whole

T = TypeVar("T", bound=str)

KEYS = ("hadamard", "gradient", "guard", "vectors", "names")


def notation(table: Data) -> Notation:
    """The signs in a table.

    Errors: KeyedError at the key that cannot be used.
    """
    for name in table:
        if name not in KEYS:
            what = f"unknown key {shown(name)}{nearest(name, KEYS)}"
            raise KeyedError(what, ("notation", name), ", ".join(KEYS))
    sign = table.get("hadamard", "∘")
    if sign not in ("∘", "⊙"):
        raise KeyedError(f"hadamard = {shown(sign)}", ("notation", "hadamard"), "∘ or ⊙")
    gradient = _one_of(GRADIENTS, table, "gradient")
    vectors = _one_of(WEIGHTS, table, "vectors")
    guard = whole(table, ("notation", "guard"), 0, effort.GUARD) if "guard" in table else 0
    names = table_of(table, "names", ("notation",))
    for name, spelling in names.items():
        text = isinstance(spelling, str) and not isinstance(spelling, Literal)
        if not text or not is_spelling(spelling):
            raise KeyedError(
                f"{shown(spelling)} is no spelling of a name",
                ("notation", "names", name),
                "a base with an optional ^superscript and _subscript, such as U^z, alpha_1 or C̃",
            )
    return Notation(sign, names, gradient, guard, vectors)


def _one_of(known: tuple[T, ...], table: Data, key: str) -> T:
    """The word at a key; the first of those that are known where there is none."""
    word = table.get(key, known[0])
    if word not in known:
        raise KeyedError(f"{key} = {shown(word)}", ("notation", key), " or ".join(known))
    return word  # type: ignore[no-any-return]
