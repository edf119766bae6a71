"""Saved models as programs: an ONNX model in ONNX Runtime, a .keras file in Keras."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from verifier.arithmetic.floats.binary import BINARY, Format
from verifier.audit.functions import accuracy
from verifier.audit.implementations import keras_parts, onnx_parts
from verifier.audit.implementations.handed import by_quantity, filled, laid, sequence, starts
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
        """What its outputs are made in. Errors: VerifierError for a file that cannot be loaded."""
        if self.onnx:
            own = onnx_parts.format_of(self._loaded().get_inputs()[0].type)
        else:
            own = keras_parts.format_of(self._loaded())
        own, known = own if own in BINARY else "float32", accuracy(self.like).logistic
        if own not in known:
            what = f"{self.path.name} computes in {own}, in which {self.like} is not known"
            raise VerifierError(what, accepted=f"a model in {' or '.join(known)}")
        return (own,)

    def forward(self, problem: Problem, format: Format) -> Mapping[Any, Array]:
        """What the model returns of the problem's input."""
        run = _onnx if self.onnx else _keras
        return run(self._loaded(), self.path, problem, format)

    def functions(self, format: str) -> Mapping[str, Any]:
        """None by name. Errors: VerifierError."""
        raise VerifierError(f"{self.path} has no functions by name", accepted="a program's name")

    def _loaded(self) -> Any:
        if not self.path.is_file():
            raise VerifierError(f"{self.path} is no file", accepted="a model of .onnx or .keras")
        with _extra("onnxruntime" if self.onnx else "keras"):
            return _load(self.path, self.path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _load(path: Path, changed: int) -> Any:
    """The model in a file as it was at that time: a session, or the recurrent part of Keras's."""
    try:
        if path.suffix.lower() == ".onnx":
            return onnx_parts.session(path)
        model = keras_parts.loaded(path)
    except ImportError:
        raise
    except Exception as error:  # whatever a library says of a file
        runs = "ONNX Runtime runs" if path.suffix.lower() == ".onnx" else "Keras saved"
        what = f"{path.name} cannot be loaded: {_said(error)}"
        raise VerifierError(what, accepted=f"a model that {runs}, of its own layers") from None
    return keras_parts.recurrent(model, path.name)


def _said(error: Exception) -> str:
    """What a library says, short."""
    return shown(" ".join(str(error).split()), 300)


@contextmanager
def _runs(path: Path, x: Array) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # whatever a library says of numbers
        what = f"{path.name} does not run on this input: {_said(error)}"
        raise VerifierError(what, accepted=f"a model of a sequence {x.shape}") from None


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


def _keras(part: Any, path: Path, problem: Problem, format: Format) -> Mapping[Any, Array]:
    x = sequence(problem, format.dtype)
    given = filled(laid(x, True), keras_parts.batch(part), 0)
    with _runs(path, x):
        found = part(given)
    ends = keras_parts.gives_ends(part)
    return by_quantity(problem, found, path.name, ends, len(given) if x.ndim == 2 else 1)


def _onnx(session: Any, path: Path, problem: Problem, format: Format) -> Mapping[Any, Array]:
    with _extra("onnxruntime"):
        import onnx

    first, *others = session.get_inputs()
    graph = onnx.load(path, load_external_data=False).graph
    onnx_parts.check_whole(graph, first.name, path.name)
    x = sequence(problem, format.dtype)
    batch_first = _is_batch_first(graph, x, first)
    axis = 0 if batch_first else 1
    size = first.shape[axis] if len(first.shape) == 3 else None
    feeds = _starts(problem, others, format)
    given = filled(laid(x, batch_first), size, axis) if len(first.shape) != 2 else x
    with _runs(path, x):
        found = session.run(None, {first.name: given, **feeds})
    copies = given.shape[axis] if given.ndim > x.ndim else 1
    return by_quantity(problem, found, path.name, copies=copies)


def _is_batch_first(graph: Any, x: Array, first: Any) -> bool:
    """Whether the batch stands before time: as the nodes take it, else as the model declares."""
    fed = [node for node in graph.node if first.name in node.input]
    if any(map(_turns, fed)) or any(node.op_type in onnx_parts.RECURRENT for node in fed):
        return any(map(_turns, fed))
    return len(x) > 1 and len(first.shape) == 3 and first.shape[1] == len(x) != first.shape[0]


def _turns(node: Any) -> bool:
    """Whether a node that takes the sequence puts time first, or has the batch first itself."""
    said = {one.name: one for one in node.attribute}
    if node.op_type == "Transpose":
        return "perm" in said and list(said["perm"].ints[:2]) == [1, 0]
    return "layout" in said and bool(said["layout"].i == 1)


def _starts(problem: Problem, inputs: Any, format: Format) -> Mapping[str, Array]:
    """What stands before the first step, for the model's further inputs: hidden, then cell."""
    states = starts(problem, format.dtype)
    if len(inputs) > len(states):
        names = ", ".join(one.name for one in inputs)
        raise VerifierError(f"the model also needs {shown(names)}", accepted="an input, and states")
    pairs = zip(inputs, states.values(), strict=False)
    return {one.name: _states(values, one) for one, values in pairs}


def _states(values: list[Array], one: Any) -> Array:
    """States, (copies, batch, length), as the model declares its batch."""
    rows = np.stack(values)
    if rows.ndim > 2 or len(one.shape) == 2:
        return rows
    return filled(rows[:, None], one.shape[1] if len(one.shape) == 3 else None, 1)
