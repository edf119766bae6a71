"""Weights from float files: every number is the exact dyadic rational that the float is."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from verifier.errors import ProblemError, nearest, shown
from verifier.numbers import MAX_AXES, Numbers
from verifier.problem.arrays import Arrays, damaged, opened
from verifier.problem.headers import PLAIN, Limits, check_headers
from verifier.problem.tables import normal_forms

SEQUENCES = Limits(MAX_AXES, sides=False)
"""What inputs may be: a matrix a step, over more steps than a matrix has rows."""

PARTS = Limits(MAX_AXES + 1, sides=False)
"""What an array may be of which a part is taken."""


def load_weights(path: Path, limits: Limits = PLAIN) -> tuple[dict[str, Numbers], bytes]:
    """The arrays of a file by name, and the file's bytes; nothing in the file is run.

    Errors: ProblemError for a file that is missing, too large, damaged, or holds objects.
    """
    arrays = opened(path)
    return _loaded(arrays, {name: name for name in arrays.names}, limits), arrays.raw


def load_selected(path: Path, prefix: str, limits: Limits) -> tuple[dict[str, Numbers], bytes]:
    """The arrays whose names begin with a prefix, by what follows it, and bytes that tell them.

    Errors: ProblemError as above, and where no name begins so.
    """
    arrays = opened(path)
    chosen = {name.removeprefix(prefix): name for name in arrays.names if name.startswith(prefix)}
    if not chosen:
        what = f"no array of {arrays.file} begins with {shown(prefix)}"
        raise ProblemError(what, accepted=_some(arrays.names))
    found = _loaded(arrays, chosen, limits)
    return found, _digest(found)


def load_mapped(
    path: Path, prefix: str, wanted: Mapping[str, str]
) -> tuple[dict[str, Numbers], bytes]:
    """Parts of arrays by the names that `wanted` gives them, and bytes that tell them.

    A part is an array's name, behind it what is taken of it, and .T: "w", "w[0:3]", "w[0].T".
    Arrays that are not named may hold anything. Errors: ProblemError as above, MapError for
    parts that are not there.
    """
    arrays = opened(path)
    parts = {name: _part(arrays, prefix, text, name) for name, text in wanted.items()}
    used = {part.array for part in parts.values()}
    with damaged(arrays.file):
        check_headers({name: arrays.header(name) for name in used}, arrays.file, PARTS)
        whole = {name: arrays.array(name) for name in used}
    found = {name: _taken(whole[part.array], part, arrays.file) for name, part in parts.items()}
    return found, _digest(found)


class MapError(ProblemError):
    """A part of an array that is not there; `name` is whose it is."""

    def __init__(self, what: str, name: str, accepted: str) -> None:
        super().__init__(what, accepted=accepted)
        self.name = name


@dataclass(frozen=True)
class Part:
    """What is taken of an array, by an index for each axis; `turned` is a matrix transposed."""

    name: str
    array: str
    index: tuple[int | slice, ...] = ()
    turned: bool = False


PART = re.compile(r"(?P<array>.+?)(?:\[(?P<index>[\d:,\s-]*)\])?(?P<turn>\.T)?")
INDEX = re.compile(r"-?\d{1,9}|(-?\d{1,9})?:(-?\d{1,9})?")
ACCEPTED_PART = "an array's name, and behind it what is taken: w, w[0:3], w[0, :, 2:5].T"


def _part(arrays: Arrays, prefix: str, text: str, name: str) -> Part:
    """A part of the array whose name the text begins with."""
    known = set(arrays.names)
    if prefix + text in known:
        return Part(name, prefix + text)
    found = PART.fullmatch(text)
    if found is None:
        raise MapError(f"{shown(text)} is no part of an array", name, ACCEPTED_PART)
    array = prefix + found["array"]
    if array not in known:
        what = f"{arrays.file} has no array {shown(array)}{nearest(array, known)}"
        raise MapError(what, name, _some(arrays.names))
    pieces = [piece.strip() for piece in found["index"].split(",")] if found["index"] else []
    if not all(map(INDEX.fullmatch, pieces)):
        raise MapError(f"{shown(text)} is no part of an array", name, ACCEPTED_PART)
    return Part(name, array, tuple(map(_index, pieces)), bool(found["turn"]))


def _index(text: str) -> int | slice:
    if ":" not in text:
        return int(text)
    first, last = (int(end) if end else None for end in text.split(":"))
    return slice(first, last)


def _taken(array: np.ndarray[Any, Any], part: Part, file: str) -> Numbers:
    what = f"{shown(part.array)} in {file}"
    try:
        taken = array[part.index]
    except IndexError:
        shape = f"indices within {array.shape}"
        raise MapError(f"{what}: the part is not there", part.name, shape) from None
    if part.turned and taken.ndim != 2:
        turned = f"{what}: .T of an array of {taken.ndim} axes"
        raise MapError(turned, part.name, "a matrix")
    try:
        return numbers_of(np.ascontiguousarray(taken.T if part.turned else taken), what)
    except ProblemError as error:
        raise MapError(error.what, part.name, error.accepted) from None


def _loaded(arrays: Arrays, chosen: Mapping[str, str], limits: Limits) -> dict[str, Numbers]:
    """The arrays by the names that `chosen` gives them, in the form that equations have."""
    with damaged(arrays.file):
        check_headers({n: arrays.header(n) for n in chosen.values()}, arrays.file, limits)
        whole = {name: arrays.array(array) for name, array in chosen.items()}
    names = normal_forms(whole, lambda what, _: ProblemError(f"{arrays.file}: {what}"))
    return {
        name: numbers_of(whole[written], f"{shown(chosen[written])} in {arrays.file}")
        for name, written in names.items()
    }


def numbers_of(array: Any, what: str) -> Numbers:
    """The exact numbers of an array; `what` is how errors call it."""
    try:
        return (
            Numbers.typed(array.tolist()) if array.dtype.kind in "iu" else Numbers.of_floats(array)
        )
    except ProblemError as error:
        raise ProblemError(f"{what}: {error.what}", accepted=error.accepted) from None


def _digest(found: Mapping[str, Numbers]) -> bytes:
    digest = hashlib.sha256()
    for name, numbers in sorted(found.items()):
        digest.update(f"{name} {numbers.shape} {numbers.texts}".encode())
        if numbers.floats is not None:
            digest.update(str(numbers.floats.dtype).encode() + numbers.floats.tobytes())
    return digest.digest()


def _some(names: Iterable[str], most: int = 12) -> str:
    known = sorted(names)
    more = f", and {len(known) - most} others" if len(known) > most else ""
    return ", ".join(name[:80] for name in known[:most]) + more
