"""Keras' .keras files: a configuration in JSON and weights in HDF5, both read as data."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from verifier import effort
from verifier.errors import ProblemError, nearest, shown
from verifier.models.hdf5 import Weights
from verifier.models.keras_cells import Cell, cells_of
from verifier.models.layout import layout
from verifier.models.model import Direction, Model
from verifier.models.sequences import sequence
from verifier.models.wanted import Wanted
from verifier.problem.arrays import damaged, raw_of

ACCEPTED = "a .keras file of Keras 3"
Config = Mapping[str, Any]


@dataclass(frozen=True)
class Layer:
    """A layer of the configuration, and the path of its weights."""

    kind: str
    name: str
    config: Config
    path: str
    source: str  # the layer whose output it takes; empty where the file does not say


def read_keras(path: Path, wanted: Wanted) -> Model:
    """The recurrent layers of a .keras file, from the first to the one that is asked for.

    Errors: ProblemError for layers and settings that are not understood.
    """
    config, raw = _members(path)
    layers = _chain(list(_layers(config, path.name)), wanted.layer, path.name)
    weights = Weights(raw, path.name)
    notes = [*_aside(layers)]
    stack = [cells for layer in layers if layer.kind in RECURRENT for cells in cells_of(layer)]
    found = tuple(tuple(_direction(cell, weights) for cell in cells) for cells in stack)
    _check_backwards(stack, found, notes)
    first = found[0][0]
    x = _first(first)
    inputs = sequence(wanted, x.shape[0], x.dtype, True, notes)
    notes.append("The states begin with zeros.")
    return Model(found, inputs, f"{layers[-1].name} of {path.name}", tuple(notes))


RECURRENT = ("SimpleRNN", "GRU", "LSTM", "Bidirectional", "RNN")


def _members(path: Path) -> tuple[Config, bytes]:
    raw = raw_of(path, ACCEPTED)
    with damaged(path.name, ACCEPTED):
        if not raw.startswith(b"PK"):
            raise ProblemError(f"{path.name} is no zip file", accepted=ACCEPTED)
        archive = zipfile.ZipFile(io.BytesIO(raw))
        config = json.loads(_member(archive, "config.json", effort.CONFIGURATION, path.name))
        weights = _member(archive, "model.weights.h5", effort.FILE_BYTES, path.name)
    if not isinstance(config, dict):
        raise ProblemError(f"{path.name}: config.json is no object", accepted=ACCEPTED)
    return config, weights


def _member(archive: zipfile.ZipFile, name: str, most: int, file: str) -> bytes:
    """The bytes of a member: no more than are allowed, whatever its header says."""
    if name not in archive.namelist():
        raise ProblemError(f"{file} has no {name}", accepted=ACCEPTED)
    with archive.open(name) as member:
        raw = member.read(most + 1)
    if len(raw) > most:
        raise ProblemError(f"{name} in {file} expands beyond {most} bytes", accepted=ACCEPTED)
    return raw


def _layers(config: Config, file: str) -> Iterator[Layer]:
    """The layers in the file's order; weights stand under class names with counters."""
    kind = config.get("class_name")
    if kind not in ("Sequential", "Functional"):
        what = f"{file} is of the class {shown(str(kind))}"
        raise ProblemError(what, accepted="Sequential or Functional")
    counts: dict[str, int] = {}
    for entry in _dict(config, "config").get("layers", []):
        if not isinstance(entry, dict) or not isinstance(entry.get("class_name"), str):
            raise ProblemError(f"{file}: a layer without a class", accepted=ACCEPTED)
        own, called = _dict(entry, "config"), snake(entry["class_name"])
        number = counts[called] = counts.get(called, -1) + 1
        path = f"layers/{called}" + (f"_{number}" if number else "")
        yield Layer(entry["class_name"], str(own.get("name", "")), own, path, _source(entry))


def _dict(data: Config, key: str) -> Config:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def snake(name: str) -> str:
    """A class name as Keras writes it in paths: simple_rnn, lstm, bidirectional.

    >>> snake("SimpleRNN"), snake("GRU"), snake("Bidirectional"), snake("InputLayer")
    ('simple_rnn', 'gru', 'bidirectional', 'input_layer')
    """
    import re

    text = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", name[:100])
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", text).lower()


def _source(entry: Config) -> str:
    """The layer whose output this one takes, of a functional model."""
    try:
        history = entry["inbound_nodes"][0]["args"][0]["config"]["keras_history"]
        return str(history[0])
    except (KeyError, IndexError, TypeError):
        return ""


def _chain(layers: list[Layer], wanted: str, file: str) -> list[Layer]:
    """The layers from the input to the last recurrent one, or to the one that is asked for."""
    recurrent = [layer for layer in layers if layer.kind in RECURRENT]
    named = [layer for layer in recurrent if wanted in ("", layer.name)]
    if not named:
        names = ", ".join(layer.name for layer in recurrent) or "a model with GRU, LSTM, SimpleRNN"
        what = f"{file} has no recurrent layer {shown(wanted) if wanted else ''}".rstrip()
        raise ProblemError(what + nearest(wanted, [one.name for one in recurrent]), accepted=names)
    chain = [named[-1]]
    while (before := _before(layers, chain[0])) is not None:
        chain.insert(0, before)
        if len(chain) > len(layers):
            raise ProblemError(f"{file}: layers in a circle", accepted=ACCEPTED)
    for layer in chain:
        _check_passing(layer, file)
    return chain


def _before(layers: list[Layer], layer: Layer) -> Layer | None:
    if layer.source:
        return next((one for one in layers if one.name == layer.source), None)
    place = next(k for k, one in enumerate(layers) if one is layer)
    functional = any(one.source for one in layers)
    return layers[place - 1] if place and not functional else None


def _check_passing(layer: Layer, file: str) -> None:
    known = layout("keras")["common"]["passing"]
    if layer.kind not in (*RECURRENT, *known):
        what = f"{file}: the layer {shown(layer.name)} is {shown(layer.kind)}, which is not read"
        raise ProblemError(what, accepted=", ".join((*RECURRENT, *known)))


def _aside(layers: list[Layer]) -> Iterator[str]:
    for layer in layers:
        if layer.kind not in (*RECURRENT, "InputLayer"):
            yield f"{layer.name} ({layer.kind}) passes on what it takes, as in inference."
    for layer in [one for one in layers if one.kind in RECURRENT][:-1]:
        inner = _dict(_dict(layer.config, "layer"), "config") or layer.config
        if inner.get("return_sequences") is not True:
            what = f"{shown(layer.name)} gives its last step only"
            raise ProblemError(what, accepted="return_sequences in front of another layer")


def _direction(cell: Cell, weights: Weights) -> Direction:
    return Direction(cell.form, cell.parameters(weights), {}, cell.backwards)


def _check_backwards(
    stack: list[tuple[Cell, ...]], found: tuple[tuple[Direction, ...], ...], notes: list[str]
) -> None:
    for number, cells in enumerate(stack):
        if len(cells) == 1 and cells[0].backwards:
            if number + 1 < len(found):
                what = f"{shown(cells[0].name)} goes backwards in front of another layer"
                raise ProblemError(what, accepted="Bidirectional, or the last layer")
            told = (
                "runs backwards: Keras returns its steps in reversed order, the problem does not."
            )
            notes.append(f"{cells[0].name} {told}")


def _first(direction: Direction) -> Any:
    return next(array for name, array in direction.parameters.items() if name[0] == "U")
