"""A problem's equations as the layers of a library."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from verifier.models.gates import NotRecognisedError
from verifier.models.targets import to_onnx, to_pytorch
from verifier.problem import Problem

OWN: Mapping[str, Callable[[Problem, str], Any]] = {
    "torch": to_pytorch.layers,
    "onnxruntime": to_onnx.layers,
}
"""What makes the layers of libraries, by these libraries' names."""


def layers(problem: Problem, library: str, float: str) -> Any:
    """A library's own layers with the problem's numbers, rounded to a format: a module of PyTorch,
    or the bytes of an ONNX model.

    They take the sequence, (steps, 1, width), and begin with the problem's states. Errors:
    NotRecognisedError for equations that the library's layers do not compute.
    """
    if library not in OWN:
        raise NotRecognisedError(f"equations under names of their own are not run by {library}")
    if [len(numbers.shape) for numbers in problem.inputs.values()] != [2]:
        raise NotRecognisedError("its input is no sequence of vectors")
    return OWN[library](problem, float)
