"""A problem in other sizes: arrays of the catalogue's cells, made longer or shorter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from verifier.errors import VerifierError
from verifier.numbers import Numbers
from verifier.problem import Problem
from verifier.problem.varied import Vary

UNITS, INPUTS = "m", "n"
"""The letters of a cell's sizes: hidden units, and entries of an input."""


def in_sizes(problem: Problem, vary: Vary) -> Iterator[Problem]:
    """The problem in each of the sizes that vary; numbers go round, as they are drawn anew.

    Errors: VerifierError where the cell does not say which sides of its arrays are meant.
    """
    if not (vary.hidden or vary.inputs):
        yield problem
        return
    own = _lengths(problem)
    for hidden, inputs in product(vary.hidden or (own[UNITS],), vary.inputs or (own[INPUTS],)):
        yield _sized(problem, own, {UNITS: hidden, INPUTS: inputs})


def _lengths(problem: Problem) -> Mapping[str, int]:
    """How long a side of each letter is; a side of one entry may be that of a scalar gate."""
    known = {UNITS: 1, INPUTS: 1}
    letters = {letter for name in problem.parameters for letter in _letters(problem, name)}
    if problem.loss is not None or not letters or not letters <= {*known}:
        raise VerifierError(
            "[vary] hidden or inputs, and the cell does not say which sides these are",
            accepted="a cell of the catalogue whose arrays have n inputs and m units, and no loss",
        )
    for name, numbers in problem.parameters.items():
        for letter, length in zip(_letters(problem, name), numbers.shape, strict=True):
            known[letter] = max(known[letter], length)
    return known


def _letters(problem: Problem, name: str) -> tuple[str, ...]:
    return problem.cell.sizes.get(name, ("",) * len(problem.parameters[name].shape))


def _sized(problem: Problem, own: Mapping[str, int], new: Mapping[str, int]) -> Problem:
    parameters = {
        name: _resized(numbers, [own[x] for x in letters], [new[x] for x in letters])
        for name, numbers in problem.parameters.items()
        for letters in [_letters(problem, name)]
    }
    ends = {
        section: {name: _ended(x, own, new) for name, x in getattr(problem, section).items()}
        for section in ("initial", "final")
    }
    inputs = {name: _fed(x, own, new) for name, x in problem.inputs.items()}
    return replace(problem, parameters=parameters, inputs=inputs, **ends)  # type: ignore[arg-type]


def _ended(numbers: Numbers, own: Mapping[str, int], new: Mapping[str, int]) -> Numbers:
    """What stands before the first step: a vector of units, or rows of such."""
    if not numbers.shape:
        return numbers
    rest = numbers.shape[:-1]
    return _resized(numbers, (*rest, own[UNITS]), (*rest, new[UNITS]))


def _fed(numbers: Numbers, own: Mapping[str, int], new: Mapping[str, int]) -> Numbers:
    """An input, whose rows stand along the first axis."""
    if len(numbers.shape) < 2:
        return numbers
    rest = numbers.shape[:-1]
    return _resized(numbers, (*rest, own[INPUTS]), (*rest, new[INPUTS]))


def _resized(numbers: Numbers, own: Sequence[int], new: Sequence[int]) -> Numbers:
    """The array with sides of the new lengths, where they had the old ones."""
    sides = zip(numbers.shape, own, new, strict=True)
    shape = tuple(there if side == before else side for side, before, there in sides)
    if shape == numbers.shape:
        return numbers
    order = np.arange(int(np.prod(numbers.shape))).reshape(numbers.shape)
    for axis, side in enumerate(shape):
        order = np.take(order, np.arange(side) % numbers.shape[axis], axis)
    if numbers.floats is not None:
        return Numbers.of_floats(numbers.floats.ravel()[order])
    return Numbers(shape, tuple(numbers.texts[k] for k in order.ravel()))
