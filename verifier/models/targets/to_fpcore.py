"""FPBench's FPCore: an expression for each entry of each quantity, of the entries it is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from verifier.arithmetic.objects import ScalarArithmetic
from verifier.arithmetic.protocol import LITERAL, Origin, QuantityAt, entries
from verifier.arithmetic.wrap.replaced import Replaced
from verifier.errors import VerifierError
from verifier.evaluate import evaluate
from verifier.models.targets import Written
from verifier.numbers import Numbers
from verifier.problem import Problem

PRECISIONS = {"float16": "binary16", "float32": "binary32", "float64": "binary64"}
MOST = 2**20
"""Products of scalars that are written out."""


@dataclass(frozen=True)
class Text:
    """An expression of FPCore, and the variables in it."""

    text: str
    variables: frozenset[str] = frozenset()

    def __add__(self, other: Any) -> Any:
        return _both("+", self, other)

    def __sub__(self, other: Any) -> Any:
        return _both("-", self, other)

    def __mul__(self, other: Any) -> Any:
        return _both("*", self, other)

    def __truediv__(self, other: Any) -> Any:
        return _both("/", self, other)

    def __neg__(self) -> Text:
        return made("-", self)


def _both(operator: str, left: Text, right: Any) -> Any:
    """The operator on two; an array at the right is gone through by NumPy."""
    return made(operator, left, right) if isinstance(right, Text) else NotImplemented


def made(operator: str, *parts: Text) -> Text:
    """An operator of FPCore with its arguments."""
    text = f"({' '.join((operator, *(part.text for part in parts)))})"
    return Text(text, frozenset().union(*(part.variables for part in parts)))


class Texts(ScalarArithmetic):
    """Expressions in place of numbers: parameters are numbers, all else goes by its name."""

    name = "fpcore"

    def number(self, value: Fraction) -> Text:
        return Text(str(value))

    def given(self, numbers: Numbers, origin: Origin = LITERAL) -> Any:
        if origin.kind in ("parameter", "literal"):
            return super().given(numbers, origin)
        if origin.kind == "input":  # a row a step, of which there is one
            return variables(origin.name, numbers.shape[1:])[None]
        return variables(origin.name, numbers.shape, "before" if origin.step == 0 else "after")

    def check_domain(self, operation: str, arguments: Any) -> None:
        """What an expression is of is not known."""

    def divide(self, x: Any, y: Any) -> Any:
        return x / y

    def library(self, operation: str) -> Any:
        return lambda x: made(operation, x)

    def exp(self, x: Text) -> Text:
        return made("exp", x)

    def tanh(self, x: Text) -> Text:
        return made("tanh", x)

    def softplus(self, x: Text) -> Text:
        return made("log1p", made("exp", x))

    def max(self, x: Text, y: Text) -> Text:
        return made("fmax", x, y)

    def min(self, x: Text, y: Text) -> Text:
        return made("fmin", x, y)

    def abs(self, x: Any) -> Any:
        return self.lift(lambda entry: made("fabs", entry), x)

    def positive(self, x: Text) -> Text:
        return Text(f"(if (> {x.text} 0) 1 0)", x.variables)

    def step(self, x: Text) -> Text:
        raise VerifierError("a step has no value at zero", accepted="positive")

    def pi(self) -> Text:
        return Text("PI")


def variables(name: str, shape: tuple[int, ...], when: str = "") -> Any:
    """An array of variables named after entries: h_0, h_before_0 at the step before, W_0_1."""
    array = np.empty(shape, dtype=object)
    for index in product(*map(range, shape)):
        label = "_".join(filter(None, (name, when, *map(str, index))))
        array[index] = Text(label, frozenset({label}))
    return array


def files(problem: Problem, float: str) -> Written:
    """One file of all cores of a step. Errors: VerifierError for what is too large."""
    if float not in PRECISIONS:
        raise VerifierError(f"FPCore has no {float}", accepted=", ".join(PRECISIONS))
    if any(equation.cases for equation in problem.cell.equations):
        raise VerifierError("a backward pass is not exported", accepted="a problem itself")
    count = sum(numbers.size for numbers in problem.parameters.values())
    if count > MOST:
        raise VerifierError(f"{count} parameters", accepted=f"at most {MOST}, written out")
    text = "\n".join(_cores(problem, PRECISIONS[float]))
    return Written({f"{problem.stem}.fpcore": text + "\n"})


def _cores(problem: Problem, precision: str) -> Iterator[str]:
    inputs = {name: numbers.until(1) for name, numbers in problem.inputs.items()}
    one = replace(problem, inputs=inputs, steps=1)
    put = {(1, name): variables(name, problem.shapes[name]) for name in problem.cell.equation}
    computed: dict[QuantityAt, Any] = {}
    evaluate(one, Replaced(Texts(), put=put, computed=computed))
    for (_, name), value in computed.items():
        for label, entry in zip(entries(put[1, name]), entries(value), strict=True):
            arguments = " ".join(sorted(entry.variables))
            head = f'(FPCore ({arguments}) :name "{label.text}" :precision {precision}'
            yield f"{head}\n  {entry.text})"
