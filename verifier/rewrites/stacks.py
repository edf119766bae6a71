"""Weights of layers and directions that are taken for each other's."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from verifier.language.tree import Equation, Name
from verifier.rewrites.copies import Copy, kinds
from verifier.rewrites.model import Change, Task
from verifier.rewrites.weights import put


def exchanged(problem: Task) -> Iterator[Change]:
    """The weights of two layers exchanged, and of two directions, in one layer and in all."""
    turned: dict[str, Equation] = {}
    for one, other in _pairs(problem):
        new = {**_with(one, other), **_with(other, one)}
        turned |= new if one.sign != other.sign else {}
        yield _change(new, one, other)
    if turned:
        yield Change({"quantities": tuple(turned)}, turned)


def shared(problem: Task) -> Iterator[Change]:
    """The weights of one layer, or direction, in another one too; of a direction in all layers."""
    every: dict[bool, dict[str, Equation]] = {True: {}, False: {}}
    for pair in _pairs(problem):
        for one, other in (pair, pair[::-1]):
            yield _change(_with(one, other), one, other)
            if one.sign != other.sign:
                every[other.sign > 0] |= _with(one, other)
    for turned in filter(None, every.values()):
        yield Change({"quantities": tuple(turned)}, turned)


def _pairs(problem: Task) -> Iterator[tuple[Copy, Copy]]:
    """Two copies with weights of the same shapes: of layers, or of a layer's directions."""
    for kind in kinds(problem.cell.equations):
        for one, other in combinations(kind, 2):
            shapes = [[problem.shapes[n] for n in _parameters(copy)] for copy in (one, other)]
            beside = one.sign == other.sign or _source(one) == _source(other)
            if shapes[0] and shapes[0] == shapes[1] and beside:
                yield one, other


def _source(copy: Copy) -> set[str]:
    """What a copy reads of others."""
    return {name for name, token in copy.tokens.items() if token.startswith("x")}


def _parameters(copy: Copy) -> list[str]:
    """The parameters of a copy, in the order of their words."""
    return [name for token, name in copy.names.items() if token.startswith("p")]


def _with(copy: Copy, other: Copy) -> dict[str, Equation]:
    """The equations of a copy with another's parameters."""
    new = {
        name: Name(other.names[token])
        for token, name in copy.names.items()
        if token.startswith("p")
    }
    return {eq.name: put(eq, new) for eq in copy.equations}


def _change(new: dict[str, Equation], one: Copy, other: Copy) -> Change:
    about = (*_parameters(one)[:1], *_parameters(other)[:1])
    return Change({"quantities": tuple(new), "parameters": about}, new)
