"""How tightly operations bind on paper, as data.

`LEVEL` is what a printed term has, `NEEDS` what each argument must have at least to stand without
parentheses. The first argument of a chain of one operation (a + b + c) needs none. An operation of
the language has what its row says of its kind and its spelling.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from verifier.language.operations import OPERATIONS, Operation

ATOM = 100
Binding = tuple[int, tuple[int, ...]]

_SIGNS: Mapping[str, Binding] = {
    "sum": (10, (10, 16)),
    "sign": (15, (16,)),
    "product": (20, (31, 31)),
    "matrix product": (30, (31, 31)),
}
"""By kind, what is written with a sign between or before its arguments."""

_SPELLINGS: Mapping[str, Binding] = {
    "superscript": (ATOM - 1, (ATOM, 0)),
    "brackets": (ATOM, (ATOM, 0)),
}
"""By spelling, what has an argument that something is attached to."""

_ON_PAPER: dict[str, Binding] = {
    "stacked": (10, ()),
    "hadamard": (20, (31, 31)),
    "ratio": (20, ()),
    "inner": (30, (31, 31)),
    "factor": (ATOM, (31,)),
    "then_hadamard": (ATOM, (31,)),
    "then_matmul": (ATOM, (31,)),
    "then_multiply": (ATOM, (31,)),
    "hadamard_power": (ATOM - 1, (ATOM, 0)),
    "entry": (ATOM, (ATOM, 0)),
    "exp": (ATOM - 1, ()),
}
"""What only printers know, and e, whose argument is the superscript itself."""


def _of_rows() -> Iterator[tuple[str, Binding]]:
    for name, row in OPERATIONS.items():
        found = _binding(row)
        if found is not None:
            yield name, found


def _binding(row: Operation) -> Binding | None:
    if row.spelling in ("infix", "prefix"):
        return _SIGNS[row.kind]
    return _SPELLINGS.get(row.spelling)


_ALL = dict(_of_rows()) | _ON_PAPER

LEVEL = {name: level for name, (level, _) in _ALL.items()}

NEEDS = {name: needs for name, (_, needs) in _ALL.items() if needs}
"""Products of unlike kinds are parenthesised, since on paper both are written side by side."""
