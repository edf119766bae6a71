"""A problem's equations as the layers of a library, which run on its input."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from verifier.models.gates import NotRecognisedError
from verifier.problem import Problem

Array = Any
Forward = Callable[[Problem, np.dtype[Any]], Array]


def layers(problem: Problem, library: str, float: str) -> Forward:
    """What runs a library's own layers with the problem's numbers, rounded to a format.

    It gives the last layer's outputs, (steps, batch of one, width). Errors: NotRecognisedError for
    equations that the library's layers do not compute.
    """
    if library not in RUNS:
        raise NotRecognisedError(f"equations under names of their own are not run by {library}")
    if [len(numbers.shape) for numbers in problem.inputs.values()] != [2]:
        raise NotRecognisedError("its input is no sequence of vectors")
    return RUNS[library](problem, float)


def _torch(problem: Problem, float: str) -> Forward:
    from verifier.models.targets.to_pytorch import module, tensor

    net, states = module(problem, float)

    def forward(problem: Problem, dtype: np.dtype[Any]) -> Array:
        import torch

        def given(array: Array) -> Any:
            return tensor(array, getattr(torch, dtype.name))

        (numbers,) = problem.inputs.values()
        x = given(numbers.doubles[:, None])
        begun = {name: given(array[:, None]) for name, array in states.items()}
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that oneDNN is not used for projections
            return net(x, *_started(net, begun))[0]

    return forward


def _started(net: Any, states: dict[str, Any]) -> tuple[Any, ...]:
    """The states as the module takes them: of an LSTM both, if there is one."""
    if not states:
        return ()
    if set(states) == {"h0"} and type(net).__name__ != "LSTM":
        return (states["h0"],)
    size = {"h0": net.proj_size or net.hidden_size, "c0": net.hidden_size}
    like = next(iter(states.values()))
    both = (states.get(n, like.new_zeros(*like.shape[:2], size[n])) for n in ("h0", "c0"))
    return (tuple(both),)


def _onnxruntime(problem: Problem, float: str) -> Forward:
    import onnxruntime

    from verifier.models.targets.to_onnx import proto

    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 4, 1
    session = onnxruntime.InferenceSession(proto(problem, float), options, ["CPUExecutionProvider"])

    def forward(problem: Problem, dtype: np.dtype[Any]) -> Array:
        (numbers,) = problem.inputs.values()
        x = numbers.doubles.astype(dtype)[:, None]
        return session.run(None, {session.get_inputs()[0].name: x})[0]

    return forward


RUNS: dict[str, Callable[[Problem, str], Forward]] = {"torch": _torch, "onnxruntime": _onnxruntime}
"""The libraries that have layers, by their names."""
