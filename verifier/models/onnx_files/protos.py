"""An ONNX file's graph and its tensors, each checked before it is expanded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from verifier import effort
from verifier.errors import MissingExtraError, ProblemError, extra, shown
from verifier.problem.arrays import damaged, raw_of

OPSETS = range(7, 27)
"""Opsets whose GRU, LSTM and RNN have the attributes of today, with or without layout."""

ACCEPTED = "an ONNX model"


@dataclass(frozen=True, eq=False)
class Source:
    """A model that was read: its graph, the opset, and where its external data may lie."""

    path: Path
    model: Any
    opset: int

    @property
    def graph(self) -> Any:
        """The main graph."""
        return self.model.graph


def onnx_package() -> Any:
    """The package onnx. Errors: MissingExtraError."""
    try:
        import onnx
    except ImportError:
        raise MissingExtraError(
            "reading ONNX models needs the package onnx", accepted=extra("onnx")
        ) from None
    return onnx


def source(path: Path) -> Source:
    """The model of a file; its external data is not read yet.

    Errors: ProblemError for what is no model, and for an opset that is not known.
    """
    onnx, raw = onnx_package(), raw_of(path, ACCEPTED)
    model = onnx.ModelProto()
    with damaged(path.name, ACCEPTED):
        model.ParseFromString(raw)
    if not model.graph.node:
        raise ProblemError(f"{path.name} holds no ONNX graph", accepted=ACCEPTED)
    if model.functions:
        what = f"{path.name} has functions of its own, such as {shown(model.functions[0].name)}"
        raise ProblemError(what, accepted="a model through onnx.inliner.inline_local_functions")
    return Source(path, model, _opset(model, path.name))


def _opset(model: Any, file: str) -> int:
    versions = [entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")]
    accepted = f"one opset of ONNX's own operators, {OPSETS[0]} to {OPSETS[-1]}"
    if len(versions) != 1:
        raise ProblemError(f"{file} names {len(versions)} opsets", accepted=accepted)
    if versions[0] not in OPSETS:
        raise ProblemError(f"{file} is of opset {versions[0]}", accepted=accepted)
    return int(versions[0])


def tensor(source: Source, proto: Any, most: int = effort.ENTRIES) -> np.ndarray[Any, Any]:
    """The array of a tensor, or of external data inside the model's folder.

    Errors: ProblemError for types, sizes and places that are not read.
    """
    what = f"{shown(proto.name)} in {source.path.name}"
    shape, dtype = tuple(proto.dims), _type(proto, what)
    if min(shape, default=1) < 0 or prod(shape) > most:
        raise ProblemError(f"{what} is of shape {str(shape)[:60]}", accepted=f"{most} numbers")
    if proto.data_location:
        raw = _external(source, proto, what, prod(shape) * dtype.itemsize)
        return np.frombuffer(raw, dtype.newbyteorder("<")).reshape(shape).astype(dtype)
    _check_held(proto, what, prod(shape), dtype.itemsize)
    with damaged(what, ACCEPTED):
        array: np.ndarray[Any, Any] = onnx_package().numpy_helper.to_array(proto)
    return array


FIELDS = ("float_data", "int32_data", "int64_data", "double_data", "uint64_data")


def _check_held(proto: Any, what: str, count: int, size: int) -> None:
    """The data is as long as the shape says."""
    held = max(len(getattr(proto, name)) for name in FIELDS)
    if (len(proto.raw_data) != count * size) if proto.raw_data else (held != count):
        found = f"{len(proto.raw_data)} bytes" if proto.raw_data else f"{held} numbers"
        raise ProblemError(f"{what} holds {found}", accepted=f"{count} numbers, as its shape says")


def _type(proto: Any, what: str) -> np.dtype[Any]:
    onnx = onnx_package()
    name = onnx.TensorProto.DataType.Name(proto.data_type) if proto.data_type in TYPES else ""
    if not name:
        accepted = "floats, integers or truth values"
        raise ProblemError(f"{what} is of type {proto.data_type}", accepted=accepted)
    found: np.dtype[Any] = np.dtype(onnx.helper.tensor_dtype_to_np_dtype(proto.data_type))
    return found


TYPES = {1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 16}
"""The numbers of ONNX's plain types: floats, bfloat16, integers, truth values."""


def _external(source: Source, proto: Any, what: str, size: int) -> bytes:
    """The bytes of external data: of a file in the model's folder, no link out of it."""
    entries: Mapping[str, str] = {entry.key: entry.value for entry in proto.external_data}
    folder = source.path.parent.resolve()
    location = entries.get("location", "")
    accepted = "a file in the model's own folder"
    try:
        path = (folder / location).resolve()
        inside = path.is_relative_to(folder) and not Path(location).is_absolute()
    except (OSError, ValueError, RuntimeError):  # a null character, a circle of links
        inside = False
    if not location or not inside:
        raise ProblemError(f"{what} has its data in {shown(location)}", accepted=accepted)
    start, length = (_whole(entries, key, what) for key in ("offset", "length"))
    if length is not None and length != size:
        raise ProblemError(f"{what} has {length} bytes", accepted=f"{size}, as its shape says")
    raw = raw_of(path, accepted)[start or 0 :][:size]
    if len(raw) != size:
        raise ProblemError(f"{what}: {path.name} ends too early", accepted=f"{size} bytes")
    return raw


def _whole(entries: Mapping[str, str], key: str, what: str) -> int | None:
    text = entries.get(key)
    if text is None or (text.isascii() and text.isdigit() and len(text) < 19):
        return None if text is None else int(text)
    raise ProblemError(f"{what}: {key} = {shown(text)}", accepted="a whole number")
