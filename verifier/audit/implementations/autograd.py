"""PyTorch's autograd for any cell of the language: its own functions, and what it passes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import torch

from verifier.arithmetic.floats.binary import BINARY, Format
from verifier.arithmetic.ieee import Ieee
from verifier.arithmetic.objects import ScalarArithmetic
from verifier.arithmetic.protocol import LITERAL, Origin, QuantityAt, Site, Value
from verifier.evaluate import evaluate
from verifier.language.adjoint import ADJOINT
from verifier.language.operations import OPERATIONS
from verifier.numbers import Numbers
from verifier.problem import Problem
from verifier.problem.loss import LOSS, RATE

Tensor = Any


@dataclass(frozen=True)
class Tensors(ScalarArithmetic):
    """PyTorch's tensors of a format; `leaves` are the given parameters, by name."""

    float: str
    leaves: dict[str, Tensor] = field(default_factory=dict)
    name = "torch"

    @property
    def format(self) -> Format:
        """The format's numbers."""
        return BINARY[self.float]

    def number(self, value: Fraction) -> Tensor:
        return torch.tensor(float(self.format.nearest(value)), dtype=getattr(torch, self.float))

    def given(self, numbers: Numbers, origin: Origin = LITERAL) -> Tensor:
        wide = Ieee(self.float).given(numbers).astype("float64")
        found = torch.tensor(wide).to(getattr(torch, self.float))
        if origin.kind == "parameter":
            self.leaves[origin.name] = found
        return found if origin.kind == "literal" else found.requires_grad_()

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Tensor:
        layout = _LAYOUTS.get(operation)
        return (layout or self.function(operation))(*arguments)

    def divide(self, x: Tensor, y: Tensor) -> Tensor:
        return x / y

    def library(self, operation: str) -> Callable[..., Tensor]:
        return getattr(torch, OPERATIONS[operation].known_as.get("torch", operation))  # type: ignore[no-any-return]

    def sigmoid(self, x: Tensor) -> Tensor:
        return torch.sigmoid(x)

    def softplus(self, x: Tensor) -> Tensor:
        return torch.logaddexp(x, torch.zeros_like(x))

    def max(self, x: Tensor, y: Tensor) -> Tensor:
        return torch.maximum(x, y)

    def min(self, x: Tensor, y: Tensor) -> Tensor:
        return torch.minimum(x, y)

    def matmul(self, left: Tensor, right: Tensor) -> Tensor:
        return left @ right

    def outer(self, x: Tensor, y: Tensor) -> Tensor:
        return torch.outer(x, y)

    def sum(self, x: Tensor, axis: int | None = None) -> Tensor:
        return x.sum() if axis is None else x.sum(axis)

    def mean(self, x: Tensor, axis: int | None = None) -> Tensor:
        return x.mean() if axis is None else x.mean(axis)

    def pad(self, x: Tensor, before: int, after: int) -> Tensor:
        return torch.nn.functional.pad(x, (before, after))

    def positive(self, x: Tensor) -> Tensor:
        return (x > 0).to(x.dtype)

    def pi(self) -> Tensor:
        return torch.tensor(torch.pi, dtype=getattr(torch, self.float))

    def softmax(self, x: Tensor) -> Tensor:
        return torch.softmax(x, -1)


_LAYOUTS: dict[str, Callable[..., Tensor]] = {
    "concat": lambda *parts: torch.cat([torch.atleast_1d(part) for part in parts], -1),
    "transpose": lambda x: x.T,
    "slice": lambda x, *ends: x[
        tuple(slice(*pair) for pair in zip(ends[::2], ends[1::2], strict=True))
    ],
    "fill": lambda x, *sizes: x.expand(*sizes, *x.shape),
}


def backward(problem: Problem, format: Format) -> Mapping[QuantityAt, Any]:
    """The quantities of a backward pass that autograd has: those of the gradients at step 1.

    Of a parameter that is the whole gradient; autograd shows no part of a sum over steps.
    """
    forward, arithmetic, kept = _forward(problem), Tensors(format.name), {}

    def look(step: int, name: str, value: Tensor) -> None:
        if value.requires_grad:
            value.retain_grad()
        kept[step, name] = value

    evaluate(forward, arithmetic, look=look)
    kept[forward.steps, LOSS].sum().backward()
    found = {site: value.detach() for site, value in kept.items()}
    for (step, name), value in kept.items():
        if name != LOSS and value.requires_grad:  # PyTorch knows nothing of constants
            found[step, ADJOINT + name] = _gradient(value)
    found |= {(1, ADJOINT + name): _gradient(leaf) for name, leaf in arithmetic.leaves.items()}
    return {
        site: value.to(torch.float64).numpy().astype(format.dtype) for site, value in found.items()
    }


def _gradient(value: Tensor) -> Tensor:
    return torch.zeros_like(value) if value.grad is None else value.grad.detach()


def _forward(problem: Problem) -> Problem:
    """The problem with its loss, and without the equations of gradients."""
    assert problem.backward is not None
    count = len(problem.backward.task.cell.equations) + 1
    cell = replace(problem.cell, equations=problem.cell.equations[:count])
    known = {name: shape for name, shape in problem.known.items() if name in cell.equation}
    given = {name: x for name, x in problem.parameters.items() if name != RATE}
    return replace(problem, cell=cell, known=known, parameters=given, backward=None, rules={})
