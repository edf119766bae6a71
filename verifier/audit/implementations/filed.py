"""Saved models as programs: an ONNX model in ONNX Runtime, a .keras file in Keras."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from verifier.arithmetic.floats.binary import Format
from verifier.audit.implementations.handed import by_quantity, laid, sequence
from verifier.errors import MissingExtraError, VerifierError, extra, shown
from verifier.problem import Problem

Array = Any
SUFFIXES = (".onnx", ".keras")


def is_filed(text: str) -> bool:
    """Whether a text names a file of a model."""
    return Path(text).suffix.lower() in SUFFIXES


@dataclass(frozen=True)
class Filed:
    """A saved model; nothing of its file is executed but the operators that it names."""

    path: Path

    @property
    def onnx(self) -> bool:
        """Whether it is an ONNX model."""
        return self.path.suffix.lower() == ".onnx"

    @property
    def like(self) -> str:
        """Whose functions it computes with, as hypotheses name them."""
        return "onnxruntime" if self.onnx else _backend()

    def version(self) -> str:
        """The version of what runs it."""
        name = "onnxruntime" if self.onnx else "keras"
        with _extra(name):
            module = import_module(name)
        return f"{name} {module.__version__}"

    def formats(self) -> tuple[str, ...]:
        """What its outputs are made in."""
        return ("float32",)

    def forward(self, problem: Problem, format: Format) -> Mapping[Any, Array]:
        """What the model returns of the problem's input."""
        if not self.path.is_file():
            raise VerifierError(f"{self.path} is no file", accepted="a model of .onnx or .keras")
        run = _onnx if self.onnx else _keras
        return run(self.path, problem, format)

    def functions(self, format: str) -> Mapping[str, Any]:
        """None by name. Errors: VerifierError."""
        raise VerifierError(f"{self.path} has no functions by name", accepted="a program's name")


@contextmanager
def _extra(name: str) -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        what = f"{name} cannot be imported: {shown(str(error), 120)}"
        if name == "keras":
            accepted = f"{extra('keras_models')}; KERAS_BACKEND says which backend is installed"
            raise MissingExtraError(what, accepted=accepted) from None
        raise MissingExtraError(what, accepted=extra(name)) from None


def _backend() -> str:
    """The library that Keras computes with."""
    with _extra("keras"):
        import keras

    return str(keras.backend.backend())


def _keras(path: Path, problem: Problem, format: Format) -> Mapping[Any, Array]:
    with _extra("keras"):
        import keras

    from verifier.audit.implementations.modules import as_forward

    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # whatever Keras says of a file
        what = f"{path.name} cannot be loaded: {shown(str(error).splitlines()[0], 200)}"
        raise VerifierError(what, accepted="a model that Keras saved, of its own layers") from None
    return as_forward(model)(problem, format.dtype)  # type: ignore[no-any-return]


def _onnx(path: Path, problem: Problem, format: Format) -> Mapping[Any, Array]:
    with _extra("onnxruntime"):
        import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 4, 1
    try:
        session = onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])
    except Exception as error:  # whatever the runtime says of a file
        what = f"{path.name} cannot be loaded: {shown(str(error).splitlines()[0], 200)}"
        raise VerifierError(what, accepted="a model that ONNX Runtime runs") from None
    first, *others = session.get_inputs()
    x, feeds = sequence(problem, format.dtype), _starts(problem, others, format)
    batch_first = _is_batch_first(path, x, first)
    try:
        found = session.run(None, {first.name: laid(x, batch_first), **feeds})
    except Exception as error:  # whatever the runtime says of numbers
        what = f"{path.name} does not run on this input: {shown(str(error).splitlines()[0], 200)}"
        raise VerifierError(what, accepted=f"a model of a sequence {x.shape}") from None
    return by_quantity(problem, found, path.name)


def _is_batch_first(path: Path, x: Array, first: Any) -> bool:
    """Whether the batch stands before time: as the model declares, else as its nodes take it."""
    sizes = first.shape[:2]
    if len(first.shape) == 3 and all(isinstance(size, int) for size in sizes) and len(x) > 1:
        return bool(sizes == [1, len(x)])
    with _extra("onnxruntime"):
        import onnx

    graph = onnx.load(path, load_external_data=False).graph
    return any(_turns(node) for node in graph.node if first.name in node.input)


def _turns(node: Any) -> bool:
    """Whether a node that takes the sequence puts time first, or has the batch first itself."""
    said = {one.name: one for one in node.attribute}
    if node.op_type == "Transpose":
        return "perm" in said and list(said["perm"].ints[:2]) == [1, 0]
    return "layout" in said and bool(said["layout"].i == 1)


def _starts(problem: Problem, inputs: Any, format: Format) -> Mapping[str, Array]:
    """What stands before the first step, for the model's further inputs: hidden, then cell."""
    states: dict[str, list[Array]] = {}
    ends = {*problem.cell.roles.initial, *problem.cell.roles.final}
    for name in (eq.name for eq in reversed(problem.cell.equations) if eq.name in ends):
        step = 0 if name in problem.cell.roles.initial else problem.steps + 1
        value = problem.end(name, step).doubles.astype(format.dtype)
        states.setdefault(name.partition("_")[0], []).insert(0, value)
    if len(inputs) > len(states):
        names = ", ".join(one.name for one in inputs)
        raise VerifierError(f"the model also needs {shown(names)}", accepted="an input, and states")
    pairs = zip(inputs, states.values(), strict=False)
    return {one.name: np.stack(values)[:, None] for one, values in pairs}
